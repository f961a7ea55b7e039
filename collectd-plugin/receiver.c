/* SPDX-License-Identifier: MIT */
/*
 * Owns the thread, the lock, and what is counted of the datagrams. A batch is read and unsealed
 * without the lock, and then taken into the table under it.
 */
#define _GNU_SOURCE 1 /* recvmmsg */
#include "collectd-plugin/receiver.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collectd-plugin/auth.h"
#include "collectd-plugin/gate.h"
#include "collectd-plugin/intake.h"
#include "collectd-plugin/subscribers.h"
#include "collectd-plugin/ticks.h"
#include "protocol/encode.h"

/* How many datagrams are read at a time. */
#define BATCH 64
/* The largest that is read; ours are at most CDP_DATAGRAM_MAX, a longer one counts as malformed. */
#define DATAGRAM_BYTES 2048
_Static_assert(DATAGRAM_BYTES > CDP_DATAGRAM_MAX, "a datagram that was cut is noticed");

struct datagram {
    struct iovec vector;
    union plug_address from;
    struct plug_opened opened;
    _Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(uint32_t))];
    uint8_t bytes[DATAGRAM_BYTES];
    uint8_t scratch[DATAGRAM_BYTES];
};

struct plug_receiver {
    pthread_mutex_t lock; /* guards table, counters and the sockets' drops */
    struct plug_table *table;
    int64_t counters[PLUG_COUNTERS];
    struct plug_sockets sockets;
    struct pollfd *polled; /* the sockets, then `stop` */
    int stop;              /* eventfd: readable when the thread is to end */
    pthread_t thread;
    bool runs;
    /* The thread's own: */
    struct plug_gate gate;
    struct mmsghdr messages[BATCH];
    struct datagram datagrams[BATCH];
    struct plug_report reports[PLUG_AHEAD + 1];
};

/* Makes the message headers ready for the next batch; the kernel changes their lengths. */
static void reset_messages(struct plug_receiver *r)
{
    for (size_t i = 0; i < BATCH; i++) {
        struct datagram *d = &r->datagrams[i];

        d->vector = (struct iovec){.iov_base = d->bytes, .iov_len = sizeof(d->bytes)};
        r->messages[i].msg_hdr = (struct msghdr){.msg_name = &d->from,
                                                 .msg_namelen = sizeof(d->from),
                                                 .msg_iov = &d->vector,
                                                 .msg_iovlen = 1,
                                                 .msg_control = d->control,
                                                 .msg_controllen = sizeof(d->control)};
    }
}

static void open_datagram(struct plug_receiver *r, const struct plug_socket *s,
                          const struct mmsghdr *message, struct datagram *d, uint64_t now)
{
    if (message->msg_hdr.msg_flags & MSG_TRUNC)
        d->opened = (struct plug_opened){.counted = PLUG_COUNT_MALFORMED};
    else
        plug_gate_open(&r->gate, s, d->bytes, message->msg_len, d->scratch, now, &d->opened);
}

static void log_report(const struct plug_report *report, enum plug_taken taken)
{
    static const char *const results[] = {
        [PLUG_TAKEN] = "taken",
        [PLUG_REFUSED_REPLAY] = "refused: it has come before, or too late",
        [PLUG_REFUSED_FULL] = "refused: the table is full",
    };

    plug_log(PLUG_DEBUG, "report of %s on %s, number %llu, %zu programs, first \"%s\"%s: %s",
             report->token, report->host, (unsigned long long)report->sequence, report->count,
             report->count > 0 ? report->programs[0].name : "",
             report->farewell ? ", farewell" : "", results[taken]);
}

/* Whether the sender's clock says about the same as this host's. Who records a signed datagram can
   send it again only for so long; see forgotten.h. */
static bool is_of_today(const struct plug_report *report)
{
    struct timespec t;
    uint64_t now, time = report->time;

    (void)clock_gettime(CLOCK_REALTIME, &t);
    now = plug_seconds((uint64_t)t.tv_sec);
    return (time < now ? now - time : time - now) < plug_seconds(PLUG_CLOCK_S);
}

/* What speaks against a datagram that has passed the gate; PLUG_COUNT_RECEIVED: nothing, and there
   is a report in it. */
static enum plug_counter read_report(const struct plug_opened *opened, struct plug_report *report)
{
    switch (plug_intake(opened->payload, opened->length, report)) {
    case PLUG_INTAKE_MALFORMED:
        return PLUG_COUNT_MALFORMED;
    case PLUG_INTAKE_FOREIGN:
        return PLUG_COUNT_FOREIGN;
    case PLUG_REPORT:
        break;
    }
    if (!opened->is_guarded)
        return PLUG_COUNT_RECEIVED;
    /* Other collectds encrypt without signing; reports are not taken on such. */
    if (!opened->is_signed)
        return PLUG_COUNT_REFUSED_LEVEL;
    report->is_proven = true;
    return is_of_today(report) ? PLUG_COUNT_RECEIVED : PLUG_COUNT_REFUSED_CLOCK;
}

/* NULL if there is no report in it to be taken. */
static struct plug_report *read_locked(struct plug_receiver *r, const struct datagram *d,
                                       struct plug_report *report)
{
    enum plug_counter refused = d->opened.counted;

    r->counters[PLUG_COUNT_RECEIVED]++;
    if (refused == PLUG_COUNT_RECEIVED)
        refused = read_report(&d->opened, report);
    if (refused != PLUG_COUNT_RECEIVED) {
        r->counters[refused]++;
        return NULL;
    }
    return report;
}

static void take_locked(struct plug_receiver *r, const struct plug_report *report, uint64_t now)
{
    enum plug_taken taken = plug_table_take(r->table, report, now);

    if (taken == PLUG_REFUSED_REPLAY)
        r->counters[PLUG_COUNT_REFUSED_REPLAY]++;
    else if (taken == PLUG_REFUSED_FULL)
        r->counters[PLUG_COUNT_REFUSED_FULL]++;
    if (plug_log_wants(PLUG_DEBUG))
        log_report(report, taken);
}

static void note_drops_locked(struct plug_receiver *r, struct plug_socket *s, uint32_t reading)
{
    r->counters[PLUG_COUNT_DROPPED] += plug_socket_drops(s, reading);
}

/* The kernel says with each datagram how many it had dropped before. */
static void read_control_locked(struct plug_receiver *r, struct plug_socket *s,
                                struct msghdr *message)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
        uint32_t reading;

        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_RXQ_OVFL)
            continue;
        memcpy(&reading, CMSG_DATA(c), sizeof(reading));
        note_drops_locked(r, s, reading);
    }
}

static void answer(const struct plug_receiver *r, const struct plug_socket *s, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct datagram *d = &r->datagrams[i];

        /* What does not go out at once is lost, as any datagram may be: who asks asks again. */
        if (d->opened.is_answered)
            (void)!sendto(s->fd, d->opened.answer, sizeof(d->opened.answer),
                          MSG_DONTWAIT | MSG_NOSIGNAL, &d->from.any,
                          r->messages[i].msg_hdr.msg_namelen);
    }
}

/* Reports are taken in the order of their datagrams, each PLUG_AHEAD datagrams later than it is
   read: what it needs comes from memory meanwhile. */
static void take_batch_locked(struct plug_receiver *r, struct plug_socket *s, int n, uint64_t now)
{
    struct plug_report *read[PLUG_AHEAD + 1] = {NULL}; /* the last of them first */

    for (int i = 0; i < n + PLUG_AHEAD; i++) {
        memmove(&read[1], &read[0], sizeof(read) - sizeof(read[0]));
        read[0] = NULL;
        if (i < n) {
            read_control_locked(r, s, &r->messages[i].msg_hdr);
            read[0] = read_locked(r, &r->datagrams[i], &r->reports[i % (PLUG_AHEAD + 1)]);
        }
        for (int step = 0; step < PLUG_AHEAD; step++)
            if (read[step] != NULL)
                plug_table_expect(r->table, read[step], step);
        if (read[PLUG_AHEAD] != NULL)
            take_locked(r, read[PLUG_AHEAD], now);
    }
}

static void receive(struct plug_receiver *r, struct plug_socket *s)
{
    uint64_t now;
    int n;

    reset_messages(r);
    n = recvmmsg(s->fd, r->messages, BATCH, MSG_DONTWAIT, NULL);
    if (n <= 0) /* nothing any more, or an error of the network that concerns one datagram */
        return;
    now = plug_now();
    if (s->auth != NULL)
        plug_auth_refresh(s->auth, now);
    for (int i = 0; i < n; i++)
        open_datagram(r, s, &r->messages[i], &r->datagrams[i], now);
    (void)pthread_mutex_lock(&r->lock);
    take_batch_locked(r, s, n, now);
    (void)pthread_mutex_unlock(&r->lock);
    answer(r, s, (size_t)n);
}

static void *run(void *argument)
{
    struct plug_receiver *r = argument;
    size_t count = r->sockets.count;

    for (;;) {
        if (poll(r->polled, count + 1, -1) < 0) {
            if (errno == EINTR || errno == EAGAIN)
                continue;
            plug_log(PLUG_ERROR, "receiving ends: poll: %s", strerror(errno));
            return NULL;
        }
        if (r->polled[count].revents != 0)
            return NULL;
        for (size_t i = 0; i < count; i++)
            if (r->polled[i].revents != 0)
                receive(r, &r->sockets.list[i]);
    }
}

static bool draw_secret(struct plug_secret *secret)
{
    if (getrandom(secret, sizeof(*secret), 0) == (ssize_t)sizeof(*secret))
        return true;
    plug_log(PLUG_ERROR, "no random numbers: %s", strerror(errno));
    return false;
}

/* What the thread waits for. */
static bool prepare_poll(struct plug_receiver *r)
{
    size_t count = r->sockets.count;

    r->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    r->polled = calloc(count + 1, sizeof(*r->polled));
    if (r->stop < 0 || r->polled == NULL) {
        plug_log(PLUG_ERROR, "cannot receive: %s", strerror(errno));
        return false;
    }
    for (size_t i = 0; i < count; i++)
        r->polled[i] = (struct pollfd){.fd = r->sockets.list[i].fd, .events = POLLIN};
    r->polled[count] = (struct pollfd){.fd = r->stop, .events = POLLIN};
    return true;
}

struct plug_receiver *plug_receiver_new(const struct plug_config *config)
{
    struct plug_receiver *r = calloc(1, sizeof(*r));
    struct plug_secret secret;
    bool ok = r != NULL;

    if (!ok) {
        plug_log(PLUG_ERROR, "out of memory");
        return NULL;
    }
    r->stop = -1;
    (void)pthread_mutex_init(&r->lock, NULL);
    ok = draw_secret(&secret);
    for (size_t i = 0; ok && i < config->count; i++) {
        ok = plug_sockets_open(&r->sockets, &config->listens[i]);
        if (ok && config->listens[i].auth_file != NULL && !cdp_seal_init()) {
            plug_log(PLUG_ERROR, "the installed libgcrypt is too old to verify signatures");
            ok = false;
        }
    }
    if (ok && r->sockets.count == 0) {
        plug_log(PLUG_ERROR, "there is no address to listen on");
        ok = false;
    }
    if (ok && (r->table = plug_table_new(config->rows_max, &secret, plug_now())) == NULL) {
        plug_log(PLUG_ERROR, "out of memory");
        ok = false;
    }
    if (!ok || !prepare_poll(r))
        plug_receiver_free(&r);
    return r;
}

bool plug_receiver_start(struct plug_receiver *r)
{
    sigset_t all, before;
    int error;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&r->thread, NULL, run, r);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0) {
        plug_log(PLUG_ERROR, "cannot start a thread: %s", strerror(error));
        return false;
    }
    (void)pthread_setname_np(r->thread, "odbc receiver");
    r->runs = true;
    return true;
}

void plug_receiver_free(struct plug_receiver **receiver)
{
    struct plug_receiver *r = *receiver;

    if (r == NULL)
        return;
    if (r->runs) {
        (void)eventfd_write(r->stop, 1);
        (void)pthread_join(r->thread, NULL);
    }
    if (r->stop >= 0)
        (void)close(r->stop);
    plug_sockets_close(&r->sockets);
    plug_table_free(&r->table);
    (void)pthread_mutex_destroy(&r->lock);
    free(r->polled);
    free(r);
    *receiver = NULL;
}

unsigned plug_receiver_port(const struct plug_receiver *r, size_t n)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address;
    socklen_t bytes = sizeof(address);

    if (n >= r->sockets.count || getsockname(r->sockets.list[n].fd, &address.any, &bytes) != 0)
        return 0;
    return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}

struct plug_table *plug_receiver_lock(struct plug_receiver *r)
{
    (void)pthread_mutex_lock(&r->lock);
    return r->table;
}

void plug_receiver_unlock(struct plug_receiver *r)
{
    (void)pthread_mutex_unlock(&r->lock);
}

void plug_receiver_counters(struct plug_receiver *r, int64_t counters[PLUG_COUNTERS])
{
    struct plug_counts table;

    (void)pthread_mutex_lock(&r->lock);
    for (size_t i = 0; i < r->sockets.count; i++) {
        uint32_t reading;

        if (plug_socket_read_drops(&r->sockets.list[i], &reading))
            note_drops_locked(r, &r->sockets.list[i], reading);
    }
    table = plug_table_counts(r->table);
    memcpy(counters, r->counters, sizeof(r->counters));
    (void)pthread_mutex_unlock(&r->lock);
    counters[PLUG_COUNT_LOST] = table.lost;
    counters[PLUG_COUNT_ROWS] = (int64_t)table.rows;
    counters[PLUG_COUNT_ROWS_LIVE] = (int64_t)table.live;
}
