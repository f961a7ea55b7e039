/* SPDX-License-Identifier: MIT */
/*
 * The receiver on loopback: datagrams in, counters and figures out; levels of security, probes,
 * several sockets, the kernel's drops, and a clean end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "collectd-plugin/dispatch.h"
#include "collectd-plugin/sockets.h"
#include "collectd-plugin/ticks.h"
#include "protocol/encode.h"
#include "protocol/probe.h"

static char auth_path[] = "/tmp/test_receiver.XXXXXX";
static char log_text[4096];
static char loopback[] = "127.0.0.1", loopback6[] = "::1";

static const struct cdp_credentials ada = {.user = "ada", .password = "one"};
static const struct cdp_credentials ada_new = {.user = "ada", .password = "two"};
static const struct cdp_credentials ada_wrong = {.user = "ada", .password = "three"};
static const struct cdp_credentials bob = {.user = "bob", .password = "one"};

static void keep(enum plug_log_level level, const char *message)
{
    if (level == PLUG_ERROR)
        (void)snprintf(log_text, sizeof(log_text), "%s", message);
}

/* Its socket takes datagrams, which nobody reads yet. */
static struct plug_receiver *listening(char *address, enum cdp_security level, char *auth_file)
{
    struct plug_listen listen = {
        .address = address, .port = "0", .level = level, .auth_file = auth_file};
    struct plug_config config = {.listens = &listen, .count = 1, .rows_max = 100};

    return plug_receiver_new(&config);
}

static struct plug_receiver *start(char *address, enum cdp_security level, char *auth_file)
{
    struct plug_receiver *receiver = listening(address, level, auth_file);

    if (receiver != NULL)
        assert_true(plug_receiver_start(receiver));
    return receiver;
}

static int connect_to(const struct plug_receiver *receiver, int family)
{
    int fd = socket(family, SOCK_DGRAM, 0);
    in_port_t port = htons((in_port_t)plug_receiver_port(receiver, 0));
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = port};
    struct sockaddr_in6 v6 = {
        .sin6_family = AF_INET6, .sin6_port = port, .sin6_addr = IN6ADDR_LOOPBACK_INIT};

    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    assert_int_equal(family == AF_INET ? connect(fd, (struct sockaddr *)&v4, sizeof(v4))
                                       : connect(fd, (struct sockaddr *)&v6, sizeof(v6)),
                     0);
    return fd;
}

static const int families[] = {AF_INET, AF_INET6};

/* A receiver on the loopback address of that family, and a socket that sends to it. False where
   there is no IPv6, which is said. */
static bool start_by(int family, enum cdp_security level, char *auth_file,
                     struct plug_receiver **receiver, int *fd)
{
    *receiver = start(family == AF_INET ? loopback : loopback6, level, auth_file);
    if (*receiver == NULL && family == AF_INET6) {
        print_message("no IPv6 here\n");
        return false;
    }
    assert_non_null(*receiver);
    *fd = connect_to(*receiver, family);
    return true;
}

/* --- a sender --- */

struct post {
    int fd;
    enum cdp_security level;
    const struct cdp_credentials *who;
};

static void post_one(void *context, const uint8_t *datagram, size_t length)
{
    const struct post *post = context;
    uint8_t sealed[CDP_DATAGRAM_MAX];
    size_t n = cdp_seal(post->level, post->who, datagram, length, sealed, sizeof(sealed));

    assert_true(n > 0);
    assert_int_equal(send(post->fd, sealed, n, 0), (ssize_t)n);
}

static uint64_t clock_now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_REALTIME, &t);
    return plug_seconds((uint64_t)t.tv_sec);
}

static void post_at(uint64_t time, int fd, enum cdp_security level,
                    const struct cdp_credentials *who, uint64_t session, uint64_t sequence,
                    int64_t checkouts)
{
    struct post to = {.fd = fd, .level = level, .who = who};
    struct cdp_program program = {.name = "p"};
    struct cdp_sender sender = {
        .host = "h", .token = "1:a", .session = session, .sequence = sequence};
    struct cdp_report report = {
        .time = time, .interval = plug_seconds(100), .programs = &program, .count = 1};

    program.values[CDP_CHECKOUTS].derive = checkouts;
    cdp_encode_report(&sender, &report, CDP_DATAGRAM_MAX - CDP_SEAL_OVERHEAD(3), post_one, &to);
}

static void post(int fd, enum cdp_security level, const struct cdp_credentials *who,
                 uint64_t session, uint64_t sequence, int64_t checkouts)
{
    post_at(clock_now(), fd, level, who, session, sequence, checkouts);
}

/* Waits until so many have been received. */
static void await(struct plug_receiver *receiver, int64_t received, int64_t counters[PLUG_COUNTERS])
{
    uint64_t deadline = plug_now() + plug_seconds(20);

    for (;;) {
        plug_receiver_counters(receiver, counters);
        if (counters[PLUG_COUNT_RECEIVED] >= received)
            break;
        if (plug_now() > deadline)
            fail_msg("received %lld of %lld", (long long)counters[PLUG_COUNT_RECEIVED],
                     (long long)received);
        (void)nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    assert_int_equal(counters[PLUG_COUNT_RECEIVED], received);
}

static int64_t emitted;

static void emit(void *context, const struct plug_value *v)
{
    const char *wanted = context;

    if (strcmp(v->plugin_instance, "host") == 0 && strcmp(v->type_instance, wanted) == 0)
        emitted = v->is_derive ? v->number.derive : (int64_t)v->number.gauge;
}

static char checkouts_name[] = "checkouts";

static void test_counts(void **state)
{
    static const uint8_t nonsense[] = "nonsense", foreign[] = {0, 0, 0, 6, 'h', 0};
    uint8_t large[4000] = {0};
    int64_t counters[PLUG_COUNTERS];

    (void)state;
    /* Well-formed wherever a multiple of 16 is cut off. */
    for (size_t i = 0; i < sizeof(large); i += 16) {
        large[i] = 0x7f;
        large[i + 3] = 16;
    }

    for (int i = 0; i < 2; i++) {
        struct plug_receiver *receiver;
        int fd;

        if (!start_by(families[i], CDP_SECURITY_NONE, NULL, &receiver, &fd))
            break;
        post(fd, CDP_SECURITY_NONE, &ada, 1, 0, 5);
        post(fd, CDP_SECURITY_NONE, &ada, 1, 1, 7);
        post(fd, CDP_SECURITY_NONE, &ada, 1, 1, 9);
        assert_int_equal(send(fd, nonsense, sizeof(nonsense), 0), sizeof(nonsense));
        assert_int_equal(send(fd, nonsense, 0, 0), 0);
        assert_int_equal(send(fd, large, sizeof(large), 0), sizeof(large));
        assert_int_equal(send(fd, foreign, sizeof(foreign), 0), sizeof(foreign));
        post(fd, CDP_SECURITY_SIGN, &ada, 1, 2, 100); /* nobody is known here */
        await(receiver, 8, counters);
        assert_int_equal(counters[PLUG_COUNT_MALFORMED], 3);
        assert_int_equal(counters[PLUG_COUNT_FOREIGN], 1);
        assert_int_equal(counters[PLUG_COUNT_REFUSED_REPLAY], 1);
        assert_int_equal(counters[PLUG_COUNT_REFUSED_SIGNATURE], 1);
        assert_int_equal(counters[PLUG_COUNT_ROWS], 1);
        /* Later than any time of receipt, and soon enough for the interval of 100 s. */
        plug_dispatch(receiver, plug_now() + plug_seconds(70), emit, checkouts_name);
        assert_int_equal(emitted, 0);
        plug_dispatch(receiver, plug_now() + plug_seconds(70), emit, checkouts_name);
        assert_int_equal(emitted, 7);
        (void)close(fd);
        plug_receiver_free(&receiver);
        assert_null(receiver);
    }
}

/* Reports that are read together, with what is none between them in every way. */
static void test_batch(void **state)
{
    enum { AT_A_TIME = 4, REPORTS = AT_A_TIME << (AT_A_TIME - 1) };
    struct plug_receiver *receiver = listening(loopback, CDP_SECURITY_NONE, NULL);
    int64_t counters[PLUG_COUNTERS], posted = 0;
    int fd;

    (void)state;
    assert_non_null(receiver);
    fd = connect_to(receiver, AF_INET);
    for (unsigned which = 0; which < 1u << AT_A_TIME; which++)
        for (unsigned i = 0; i < AT_A_TIME; i++) {
            if (which >> i & 1) {
                post(fd, CDP_SECURITY_NONE, &ada, 1, (uint64_t)posted, posted + 1);
                posted++;
            } else {
                assert_int_equal(send(fd, "nonsense", 8, 0), 8);
            }
        }
    assert_int_equal(posted, REPORTS);
    assert_true(plug_receiver_start(receiver));
    await(receiver, 2 * REPORTS, counters);
    assert_int_equal(counters[PLUG_COUNT_MALFORMED], REPORTS);
    assert_int_equal(counters[PLUG_COUNT_REFUSED_REPLAY], 0);
    assert_int_equal(counters[PLUG_COUNT_ROWS], 1);
    plug_dispatch(receiver, plug_now() + plug_seconds(70), emit, checkouts_name);
    plug_dispatch(receiver, plug_now() + plug_seconds(70), emit, checkouts_name);
    assert_int_equal(emitted, REPORTS);
    (void)close(fd);
    plug_receiver_free(&receiver);
}

#define N CDP_SECURITY_NONE
#define S CDP_SECURITY_SIGN
#define E CDP_SECURITY_ENCRYPT

static void test_security(void **state)
{
    static const struct {
        enum cdp_security demanded, sent;
        const struct cdp_credentials *who;
        enum plug_counter expected; /* PLUG_COUNT_RECEIVED: taken */
    } cases[] = {
        {N, N, &ada, PLUG_COUNT_RECEIVED},
        {N, S, &ada, PLUG_COUNT_RECEIVED},
        {N, S, &ada_wrong, PLUG_COUNT_REFUSED_SIGNATURE},
        {S, N, &ada, PLUG_COUNT_REFUSED_LEVEL},
        {S, S, &ada, PLUG_COUNT_RECEIVED},
        {S, S, &ada_new, PLUG_COUNT_RECEIVED},
        {S, S, &bob, PLUG_COUNT_REFUSED_SIGNATURE},
        {S, E, &ada, PLUG_COUNT_RECEIVED},
        {E, S, &ada, PLUG_COUNT_REFUSED_LEVEL},
        {E, E, &ada, PLUG_COUNT_RECEIVED},
        {E, E, &ada_new, PLUG_COUNT_RECEIVED},
        {E, E, &ada_wrong, PLUG_COUNT_REFUSED_SIGNATURE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t counters[PLUG_COUNTERS];
        struct plug_receiver *receiver = start(loopback, cases[i].demanded, auth_path);
        int fd;

        assert_non_null(receiver);
        fd = connect_to(receiver, AF_INET);
        post(fd, cases[i].sent, cases[i].who, 1, 0, 5);
        await(receiver, 1, counters);
        if (counters[cases[i].expected] != 1 ||
            counters[PLUG_COUNT_ROWS] != (cases[i].expected == PLUG_COUNT_RECEIVED))
            fail_msg("case %zu", i);
        (void)close(fd);
        plug_receiver_free(&receiver);
    }
}

/* What was recorded is good for a day, and so is a clock that is wrong by less; where no signature
   is demanded, whatever the clock says. */
static void test_clock(void **state)
{
    const uint64_t now = clock_now(), hour = plug_seconds(3600);
    const struct {
        uint64_t time;
        bool is_good;
    } cases[] = {
        {now, true},
        {now - hour, true},
        {now + hour, true},
        {now - 23 * hour, true},
        {now + 23 * hour, true},
        {now - 25 * hour, false},
        {now + 25 * hour, false},
        {0, false},
        {1, false},
        {UINT64_C(1) << 63, false},
        {UINT64_MAX, false},
    };

    (void)state;
    for (enum cdp_security level = N; level <= E; level++) {
        struct plug_receiver *receiver = start(loopback, level, auth_path);
        int64_t counters[PLUG_COUNTERS], refused = 0;
        int fd;

        assert_non_null(receiver);
        fd = connect_to(receiver, AF_INET);
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
            post_at(cases[i].time, fd, level, &ada, 1, i, 5);
            refused += level > N && !cases[i].is_good;
            await(receiver, (int64_t)i + 1, counters);
            if (counters[PLUG_COUNT_REFUSED_CLOCK] != refused)
                fail_msg("level %d, case %zu", (int)level, i);
        }
        assert_int_equal(counters[PLUG_COUNT_REFUSED_REPLAY], 0);
        (void)close(fd);
        plug_receiver_free(&receiver);
    }
}

/* What is recorded of a session and sent again when that is forgotten. */
static void test_recorded(void **state)
{
    (void)state;
    for (enum cdp_security level = N; level <= E; level++) {
        struct plug_receiver *receiver = start(loopback, level, auth_path);
        int64_t counters[PLUG_COUNTERS];
        int fd;

        assert_non_null(receiver);
        fd = connect_to(receiver, AF_INET);
        post(fd, level, &ada, 1, 7, 5);
        await(receiver, 1, counters);
        assert_int_equal(counters[PLUG_COUNT_ROWS], 1);
        for (uint64_t weeks = 1; weeks <= 3; weeks += 2) { /* silent, then forgotten */
            plug_table_expire(plug_receiver_lock(receiver),
                              plug_now() + plug_seconds(weeks * 7 * 86400));
            plug_receiver_unlock(receiver);
        }
        post(fd, level, &ada, 1, 7, 5);
        await(receiver, 2, counters);
        assert_int_equal(counters[PLUG_COUNT_REFUSED_REPLAY], level > N);
        assert_int_equal(counters[PLUG_COUNT_ROWS], level == N);
        post(fd, level, &ada, 1, 8, 6);
        await(receiver, 3, counters);
        assert_int_equal(counters[PLUG_COUNT_ROWS], 1);
        (void)close(fd);
        plug_receiver_free(&receiver);
    }
}

static void post_unsigned(void *context, const uint8_t *datagram, size_t length)
{
    const struct post *post = context;
    uint8_t sealed[CDP_DATAGRAM_MAX];
    size_t signature = 36 + strlen(post->who->user);
    size_t n = cdp_seal(E, post->who, datagram, length, sealed, sizeof(sealed));

    assert_true(n > signature);
    assert_int_equal(send(post->fd, sealed + signature, n - signature, 0), n - signature);
}

/* Encryption alone says nothing of who sent it: no report, but well-formed for collectd's own. */
static void test_encrypted_unsigned(void **state)
{
    static const uint8_t foreign[] = {0, 0, 0, 6, 'h', 0};
    int64_t counters[PLUG_COUNTERS];
    struct plug_receiver *receiver = start(loopback, E, auth_path);
    struct cdp_program program = {.name = "p"};
    struct cdp_sender sender = {.host = "h", .token = "1:a"};
    struct cdp_report report = {.programs = &program, .count = 1};
    struct post to = {.who = &ada};

    (void)state;
    assert_non_null(receiver);
    to.fd = connect_to(receiver, AF_INET);
    cdp_encode_report(&sender, &report, CDP_DATAGRAM_MAX - CDP_SEAL_OVERHEAD(3), post_unsigned,
                      &to);
    post_unsigned(&to, foreign, sizeof(foreign));
    await(receiver, 2, counters);
    assert_int_equal(counters[PLUG_COUNT_REFUSED_LEVEL], 1);
    assert_int_equal(counters[PLUG_COUNT_FOREIGN], 1);
    assert_int_equal(counters[PLUG_COUNT_ROWS], 0);
    (void)close(to.fd);
    plug_receiver_free(&receiver);
}

/* A probe is answered to where it came from, and leaves nothing in the table. */
static void test_probe(void **state)
{
    static const uint8_t nonce[CDP_PROBE_NONCE_BYTES] = "0123456789abcde";
    const struct timeval deadline = {.tv_sec = 20};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct plug_receiver *receiver;
        uint8_t question[CDP_PROBE_QUESTION_MAX], answer[CDP_PROBE_BYTES + 1];
        struct cdp_probe_answer says;
        int64_t counters[PLUG_COUNTERS];
        ssize_t got;
        size_t n;
        int fd;

        if (!start_by(families[i], S, auth_path, &receiver, &fd))
            break;
        assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof(deadline)), 0);
        for (int wrong = 0; wrong < 2; wrong++) {
            n = cdp_probe_ask(S, wrong ? &ada_wrong : &ada, nonce, question, sizeof(question));
            assert_int_equal(send(fd, question, n, 0), (ssize_t)n);
            got = recv(fd, answer, sizeof(answer), 0);
            assert_true(got > 0 && cdp_probe_read(answer, (size_t)got, nonce, &says));
            assert_int_equal(says.verdict, wrong ? CDP_PROBE_CREDENTIALS : CDP_PROBE_WELCOME);
            assert_int_equal(says.demanded, S);
        }
        await(receiver, 2, counters);
        assert_int_equal(counters[PLUG_COUNT_PROBES], 1);
        assert_int_equal(counters[PLUG_COUNT_REFUSED_SIGNATURE], 1);
        assert_int_equal(counters[PLUG_COUNT_ROWS], 0);
        (void)close(fd);
        plug_receiver_free(&receiver);
    }
}

/* The thread is kept from reading, so that the kernel must drop; every datagram is accounted for.
 */
static void test_drops(void **state)
{
    enum { SENT = 200000 };
    struct plug_receiver *receiver = start(loopback, CDP_SECURITY_NONE, NULL);
    int64_t counters[PLUG_COUNTERS];
    int64_t lost;
    uint64_t deadline = plug_now() + plug_seconds(60);
    int fd;

    (void)state;
    assert_non_null(receiver);
    fd = connect_to(receiver, AF_INET);
    (void)plug_receiver_lock(receiver);
    for (uint64_t i = 0; i < SENT / 2; i++)
        post(fd, CDP_SECURITY_NONE, &ada, 1, i, 1);
    plug_receiver_unlock(receiver);
    do {
        assert_true(plug_now() < deadline);
        plug_receiver_counters(receiver, counters);
    } while (counters[PLUG_COUNT_RECEIVED] + counters[PLUG_COUNT_DROPPED] < SENT / 2);
    assert_true(counters[PLUG_COUNT_DROPPED] > 0);
    assert_int_equal(counters[PLUG_COUNT_RECEIVED] + counters[PLUG_COUNT_DROPPED], SENT / 2);
    /* One more, which ends the gap. */
    post(fd, CDP_SECURITY_NONE, &ada, 1, SENT / 2, 1);
    await(receiver, counters[PLUG_COUNT_RECEIVED] + 1, counters);
    plug_table_expire(plug_receiver_lock(receiver), plug_now() + plug_seconds(60));
    plug_receiver_unlock(receiver);
    lost = counters[PLUG_COUNT_DROPPED];
    plug_receiver_counters(receiver, counters);
    assert_int_equal(counters[PLUG_COUNT_LOST], lost);
    (void)close(fd);
    plug_receiver_free(&receiver);
}

/* The reading that came with the last datagram at a socket; drains it. */
static uint32_t last_reading(int fd)
{
    _Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(uint32_t))];
    uint32_t reading = 0;
    uint8_t bytes[64];
    struct iovec vector = {bytes, sizeof(bytes)};

    for (;;) {
        struct msghdr message = {.msg_iov = &vector,
                                 .msg_iovlen = 1,
                                 .msg_control = control,
                                 .msg_controllen = sizeof(control)};
        const struct cmsghdr *c;

        if (recvmsg(fd, &message, MSG_DONTWAIT) < 0)
            return reading;
        c = CMSG_FIRSTHDR(&message);
        if (c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL)
            memcpy(&reading, CMSG_DATA(c), sizeof(reading));
    }
}

/* The kernel tells of its drops with the datagrams, where it does not when it is asked. */
static void test_overflow_is_told(void **state)
{
    struct plug_listen listen = {.address = loopback, .port = "0"};
    struct plug_sockets sockets = {0};
    struct sockaddr_in address;
    socklen_t bytes = sizeof(address);
    uint32_t asked;
    int fd = socket(AF_INET, SOCK_DGRAM, 0), small = 4096;

    (void)state;
    assert_true(plug_sockets_open(&sockets, &listen));
    assert_int_equal(setsockopt(sockets.list[0].fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)),
                     0);
    assert_int_equal(getsockname(sockets.list[0].fd, (struct sockaddr *)&address, &bytes), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, bytes), 0);
    for (int i = 0; i < 100; i++)
        assert_int_equal(send(fd, "x", 1, 0), 1);
    assert_int_equal(last_reading(sockets.list[0].fd), 0); /* those came before the first drop */
    assert_int_equal(send(fd, "x", 1, 0), 1);
    assert_true(plug_socket_read_drops(&sockets.list[0], &asked));
    assert_in_range(asked, 1, 99);
    assert_int_equal(last_reading(sockets.list[0].fd), asked);
    (void)close(fd);
    plug_sockets_close(&sockets);
}

static void test_drop_readings(void **state)
{
    struct plug_socket s = {.drops = UINT32_MAX - 2};

    (void)state;
    assert_int_equal(plug_socket_drops(&s, UINT32_MAX), 2);
    assert_int_equal(plug_socket_drops(&s, 3), 4);
    assert_int_equal(plug_socket_drops(&s, UINT32_MAX), 0); /* an older reading */
    assert_int_equal(plug_socket_drops(&s, 3), 0);
}

static void test_errors(void **state)
{
    static char nowhere[] = "no.such.name.invalid", other[] = "192.0.2.1", no_file[] = "/nowhere";
    static char everywhere[] = "0.0.0.0", everywhere6[] = "::";
    struct plug_receiver *second;
    struct plug_receiver *first = start(loopback, CDP_SECURITY_NONE, NULL);
    struct plug_listen listen = {.address = loopback};
    struct plug_config config = {.listens = &listen, .count = 1, .rows_max = 100};
    struct plug_config none = {.rows_max = 100};

    (void)state;
    assert_non_null(first);
    (void)snprintf(listen.port, sizeof(listen.port), "%hu",
                   (unsigned short)plug_receiver_port(first, 0));
    assert_null(plug_receiver_new(&config));
    assert_non_null(strstr(log_text, strerror(EADDRINUSE)));
    assert_non_null(strstr(log_text, listen.port));
    assert_int_equal(plug_receiver_port(first, 1), 0);
    plug_receiver_free(&first);

    /* The same port for both families, as it is by default. */
    first = start(everywhere, CDP_SECURITY_NONE, NULL);
    assert_non_null(first);
    (void)snprintf(listen.port, sizeof(listen.port), "%hu",
                   (unsigned short)plug_receiver_port(first, 0));
    listen.address = everywhere6;
    listen.is_default = true; /* where there is no IPv6 it is no error, but no listener either */
    log_text[0] = '\0';
    second = plug_receiver_new(&config);
    assert_true(second != NULL || strstr(log_text, "no address") != NULL);
    plug_receiver_free(&second);
    plug_receiver_free(&first);

    assert_null(start(other, CDP_SECURITY_NONE, NULL));
    assert_non_null(strstr(log_text, "192.0.2.1"));
    assert_null(start(nowhere, CDP_SECURITY_NONE, NULL));
    assert_non_null(strstr(log_text, nowhere));
    assert_null(start(loopback, CDP_SECURITY_SIGN, no_file));
    assert_non_null(strstr(log_text, no_file));
    assert_null(plug_receiver_new(&none));
}

static int set_up(void **state)
{
    static const char text[] = "ada: one\nada: two\n";
    int fd = mkstemp(auth_path);

    (void)state;
    plug_log_to(keep, PLUG_INFO);
    if (fd < 0 || write(fd, text, sizeof(text) - 1) != (ssize_t)sizeof(text) - 1)
        return -1;
    return !cdp_seal_init() || close(fd) != 0;
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(auth_path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_batch),
        cmocka_unit_test(test_security),
        cmocka_unit_test(test_clock),
        cmocka_unit_test(test_recorded),
        cmocka_unit_test(test_encrypted_unsigned),
        cmocka_unit_test(test_probe),
        cmocka_unit_test(test_drops),
        cmocka_unit_test(test_overflow_is_told),
        cmocka_unit_test(test_drop_readings),
        cmocka_unit_test(test_errors),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
