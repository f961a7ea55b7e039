/* SPDX-License-Identifier: MIT */
/* The plugin's console side: who may subscribe, what they get, and the whole of it on loopback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>
#include <cmocka.h>

#include "collectd-plugin/console.h"
#include "collectd-plugin/monitors.h"
#include "collectd-plugin/subscribers.h"
#include "collectd-plugin/ticks.h"
#include "tests/unit/datagrams.h"

#define DEADLINE_MS 60000

static const struct plug_secret secret = {1, 2};

static union plug_address address_of(const char *text, unsigned port)
{
    union plug_address a = {.any.sa_family = AF_UNSPEC};

    if (inet_pton(AF_INET, text, &a.v4.sin_addr) == 1) {
        a.v4.sin_family = AF_INET;
        a.v4.sin_port = htons((uint16_t)port);
    } else {
        assert_int_equal(inet_pton(AF_INET6, text, &a.v6.sin6_addr), 1);
        a.v6.sin6_family = AF_INET6;
        a.v6.sin6_port = htons((uint16_t)port);
    }
    return a;
}

struct asked {
    size_t length; /* of the answer */
    char word[5];
    uint64_t cookie;
};

static struct asked ask_bytes(struct plug_subscribers *all, const char *from, unsigned port,
                              const void *bytes, size_t length, uint64_t now)
{
    union plug_address address = address_of(from, port);
    struct datagram d = datagram_copy(bytes, length);
    uint8_t answer[CDP_SUBSCRIPTION_BYTES];
    struct asked asked = {.word = ""};

    asked.length = plug_subscribers_take(all, 9, &address, d.bytes, length, now, answer);
    assert_true(asked.length <= length); /* nothing is amplified */
    if (asked.length > 0) {
        memcpy(asked.word, answer, 4);
        assert_true(cdp_subscription_get(answer, asked.length, asked.word, &asked.cookie));
    }
    datagram_free(&d);
    return asked;
}

static struct asked ask(struct plug_subscribers *all, const char *from, unsigned port,
                        uint64_t cookie, uint64_t now)
{
    uint8_t bytes[CDP_SUBSCRIPTION_BYTES];

    cdp_subscription_put(bytes, CDP_HELO, cookie);
    return ask_bytes(all, from, port, bytes, sizeof(bytes), now);
}

/* --- subscribers --- */

static void test_cookie(void **state)
{
    static const struct {
        const char *title, *from, *again;
        unsigned port, again_port;
        unsigned after_s;
        uint64_t change; /* of the cookie */
        size_t subscribed;
    } cases[] = {
        {"fine", "192.0.2.1", "192.0.2.1", 5000, 5000, 0, 0, 1},
        {"IPv6", "2001:db8::1", "2001:db8::1", 5000, 5000, 0, 0, 1},
        {"the next window", "192.0.2.1", "192.0.2.1", 5000, 5000, 60, 0, 1},
        {"too late", "192.0.2.1", "192.0.2.1", 5000, 5000, 121, 0, 0},
        {"another address", "192.0.2.1", "192.0.2.2", 5000, 5000, 0, 0, 0},
        {"another port", "192.0.2.1", "192.0.2.1", 5000, 5001, 0, 0, 0},
        {"another IPv6 address", "2001:db8::1", "2001:db8::2", 5000, 5000, 0, 0, 0},
        {"a bit is wrong", "192.0.2.1", "192.0.2.1", 5000, 5000, 0, 1, 0},
        {"another bit", "192.0.2.1", "192.0.2.1", 5000, 5000, 0, UINT64_C(1) << 63, 0},
    };
    uint64_t now = plug_seconds(600);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct plug_subscribers all;
        struct asked first, second;

        print_message("%s\n", cases[i].title);
        plug_subscribers_init(&all, &secret);
        first = ask(&all, cases[i].from, cases[i].port, 0, now);
        assert_string_equal(first.word, CDP_COOK);
        assert_int_equal(all.count, 0);
        second = ask(&all, cases[i].again, cases[i].again_port, first.cookie ^ cases[i].change,
                     now + plug_seconds(cases[i].after_s));
        assert_string_equal(second.word, CDP_COOK);
        assert_int_equal(all.count, cases[i].subscribed);
        if (all.count == 1)
            assert_false(all.list[0].is_plain);
    }
}

static void test_cookie_is_secret(void **state)
{
    static const struct plug_secret other = {1, 3};
    struct plug_subscribers a, b;

    (void)state;
    plug_subscribers_init(&a, &secret);
    plug_subscribers_init(&b, &other);
    assert_true(ask(&a, "192.0.2.1", 1, 0, 0).cookie != ask(&b, "192.0.2.1", 1, 0, 0).cookie);
}

static void test_loopback(void **state)
{
    static const struct {
        const char *from;
        bool plain;
        size_t subscribed, answered;
    } cases[] = {
        {"127.0.0.1", false, 1, CDP_SUBSCRIPTION_BYTES},
        {"127.1.2.3", false, 1, CDP_SUBSCRIPTION_BYTES},
        {"::1", false, 1, CDP_SUBSCRIPTION_BYTES},
        {"127.0.0.1", true, 1, 0},
        {"::1", true, 1, 0},
        {"192.0.2.1", true, 0, 0},
        {"2001:db8::1", true, 0, 0},
        {"128.0.0.1", true, 0, 0},
        {"::ffff:127.0.0.1", true, 0, 0}, /* never on a socket of ours */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct plug_subscribers all;
        struct asked asked;

        plug_subscribers_init(&all, &secret);
        asked = cases[i].plain ? ask_bytes(&all, cases[i].from, 1, CDP_HELO, 4, 0)
                               : ask(&all, cases[i].from, 1, 0, 0);
        assert_int_equal(asked.length, cases[i].answered);
        assert_int_equal(all.count, cases[i].subscribed);
        if (all.count == 1)
            assert_int_equal(all.list[0].is_plain, cases[i].plain);
    }
}

static void test_what_is_no_request(void **state)
{
    static const struct {
        const char *title, *bytes;
        size_t length;
    } cases[] = {
        {"nothing", "", 0},
        {"short", "HEL", 3},
        {"five", "HELO\1", 5},
        {"another word", "COOK\1\0\0\0\0\0\0\0\0\0\0\0", 16},
        {"another version", "HELO\2\0\0\0\0\0\0\0\0\0\0\0", 16},
        {"flags", "HELO\1\0\0\1\0\0\0\0\0\0\0\0", 16},
        {"one too few", "HELO\1\0\0\0\0\0\0\0\0\0\0", 15},
        {"one too many", "HELO\1\0\0\0\0\0\0\0\0\0\0\0\0", 17},
        {"lower case", "helo", 4},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct plug_subscribers all;

        print_message("%s\n", cases[i].title);
        plug_subscribers_init(&all, &secret);
        assert_int_equal(ask_bytes(&all, "127.0.0.1", 1, cases[i].bytes, cases[i].length, 0).length,
                         0);
        assert_int_equal(all.count, 0);
    }
}

static void test_bounded_and_forgotten(void **state)
{
    struct plug_subscribers all;
    uint64_t now = plug_seconds(1000);

    (void)state;
    plug_subscribers_init(&all, &secret);
    for (unsigned i = 0; i < PLUG_SUBSCRIBERS_MAX; i++)
        assert_string_equal(ask(&all, "127.0.0.1", 1000 + i, 0, now).word, CDP_COOK);
    assert_string_equal(ask(&all, "127.0.0.1", 999, 0, now).word, CDP_FULL);
    assert_int_equal(all.count, PLUG_SUBSCRIBERS_MAX);
    /* One that is there already always has room; half of them go on. */
    now += plug_seconds(20);
    for (unsigned i = 0; i < PLUG_SUBSCRIBERS_MAX; i += 2)
        assert_string_equal(ask(&all, "127.0.0.1", 1000 + i, 0, now).word, CDP_COOK);
    now += plug_seconds(11);
    assert_string_equal(ask(&all, "127.0.0.1", 999, 0, now).word, CDP_COOK);
    assert_int_equal(all.count, PLUG_SUBSCRIBERS_MAX / 2 + 1);
    plug_subscribers_expire(&all, now + plug_seconds(31));
    assert_int_equal(all.count, 0);
}

static void test_newest_form_counts(void **state)
{
    struct plug_subscribers all;

    (void)state;
    plug_subscribers_init(&all, &secret);
    (void)ask_bytes(&all, "127.0.0.1", 1, CDP_HELO, 4, 0);
    (void)ask(&all, "127.0.0.1", 1, 0, 0);
    assert_int_equal(all.count, 1);
    assert_false(all.list[0].is_plain);
}

/* --- datagrams --- */

static struct plug_outgoing figure(const char *host, const char *program, const char *name,
                                   double value)
{
    return (struct plug_outgoing){.host = host,
                                  .plugin = "odbc",
                                  .plugin_instance = program,
                                  .type = "count",
                                  .type_instance = name,
                                  .time = (UINT64_C(1700000000) << 30) + 12345,
                                  .interval = UINT64_C(5) << 29,
                                  .value = {.kind = CDP_VALUE_GAUGE, .gauge = value}};
}

struct caught {
    struct kept_lists lists;
    size_t datagrams;
    size_t longest;
};

static void catch_datagram(void *context, const uint8_t *bytes, size_t length)
{
    struct caught *caught = context;
    struct datagram d = datagram_copy(bytes, length);

    assert_true(length > 0 && length <= CDP_DATAGRAM_MAX);
    caught->datagrams++;
    caught->longest = length > caught->longest ? length : caught->longest;
    assert_int_equal(cdp_decode(d.bytes, length, keep_list, &caught->lists), CDP_DECODED);
    datagram_free(&d);
}

static void fill(struct plug_outbox *box, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char host[32], program[32];
        struct plug_outgoing out;

        (void)snprintf(host, sizeof(host), "host-%zu", i / 40);
        (void)snprintf(program, sizeof(program), "program-%zu", i / 4 % 10);
        out = figure(host, program, i % 2 ? "checkedout" : "", (double)i);
        assert_true(plug_outbox_put(box, &out));
    }
}

static void test_pack(void **state)
{
    static const size_t counts[] = {0, 1, 2, 40, 1000};

    (void)state;
    for (size_t k = 0; k < sizeof(counts) / sizeof(counts[0]); k++) {
        struct plug_outbox box;
        struct caught caught = {0};
        struct plug_outgoing out;
        size_t at = 0;

        assert_true(plug_outbox_init(&box));
        fill(&box, counts[k]);
        plug_outbox_pack(&box, catch_datagram, &caught);
        assert_int_equal(caught.lists.count, counts[k]);
        /* 25 bytes at least are a name and a value: so many fit, and nearly so many must. */
        assert_true(caught.datagrams <= counts[k] / 25 + 1);
        for (size_t i = 0; i < counts[k]; i++) {
            const struct cdp_value_list *list = kept_at(&caught.lists, i);

            assert_true(plug_outbox_next(&box, &at, &out));
            assert_string_equal(list->host, out.host);
            assert_string_equal(list->plugin, "odbc");
            assert_string_equal(list->plugin_instance, out.plugin_instance);
            assert_string_equal(list->type_instance, i % 2 ? "checkedout" : "");
            assert_true(list->time == out.time && list->interval == out.interval);
            assert_float_equal(list->values[0].gauge, (double)i, 0);
        }
        assert_false(plug_outbox_next(&box, &at, &out));
        kept_free(&caught.lists);
        plug_outbox_fini(&box);
    }
}

static void test_pack_singly(void **state)
{
    struct plug_outbox box;
    struct caught caught = {0};
    const struct cdp_value_list *list;
    struct plug_outgoing out = figure("K\xc3\xb6ln", "shop", "checkedout", 3);
    struct plug_outgoing total = figure("h", "shop", "checkouts", 0);
    struct plug_outgoing age = figure("h", "shop", "oldest", 3);
    struct plug_outgoing self = figure("h", "receiver", "rows", 3);

    (void)state;
    assert_true(plug_outbox_init(&box));
    total.type = "derive";
    total.value.kind = CDP_VALUE_DERIVE;
    total.value.derive = -1;
    total.interval = 1;
    age.type = "duration";
    assert_true(plug_outbox_put(&box, &out) && plug_outbox_put(&box, &age) &&
                plug_outbox_put(&box, &self) && plug_outbox_put(&box, &total));
    plug_outbox_pack_singly(&box, catch_datagram, &caught);
    assert_int_equal(caught.datagrams, 2);
    assert_true(caught.longest < 1024); /* what its reader takes */
    list = kept_at(&caught.lists, 0);
    assert_string_equal(list->host, "K_ln");
    assert_true(list->time == UINT64_C(1700000000) << 30);
    assert_true(list->interval == UINT64_C(2) << 30);
    list = kept_at(&caught.lists, 1);
    assert_string_equal(list->type, "derive");
    assert_true(list->interval == UINT64_C(1) << 30);
    assert_int_equal(list->values[0].derive, -1);
    kept_free(&caught.lists);
    plug_outbox_fini(&box);
}

struct parts {
    size_t count;
    uint16_t types[16];
};

static void list_parts(void *context, const uint8_t *bytes, size_t length)
{
    struct parts *parts = context;
    struct cdp_cursor c = {bytes, length};
    const uint8_t *content;

    parts->count = 0;
    while (c.left > 0) {
        uint16_t type = 0, part_length = 0;

        assert_true(cdp_cursor_u16(&c, &type));
        assert_true(cdp_cursor_u16(&c, &part_length) && part_length >= 4);
        assert_true(cdp_cursor_bytes(&c, part_length - 4u, &content));
        assert_true(parts->count < 16);
        parts->types[parts->count++] = type;
    }
}

/* The plain form has the very parts of sqlalchemy-collectd's own writer, in its order. */
static void test_plain_form(void **state)
{
    struct datagram golden = datagram_golden("sqlalchemy-collectd/pool.bin");
    struct plug_outgoing out = figure("h", "shop", "checkedout", 3);
    struct plug_outbox box;
    struct parts ours, theirs;

    (void)state;
    assert_true(plug_outbox_init(&box));
    assert_true(plug_outbox_put(&box, &out));
    plug_outbox_pack_singly(&box, list_parts, &ours);
    list_parts(&theirs, golden.bytes, golden.length);
    assert_int_equal(ours.count, theirs.count);
    assert_memory_equal(ours.types, theirs.types, ours.count * sizeof(ours.types[0]));
    plug_outbox_fini(&box);
    datagram_free(&golden);
}

static void test_outbox_is_bounded(void **state)
{
    char long_name[400];
    struct plug_outbox box;
    struct plug_outgoing out, read;
    size_t put = 0, got = 0, at = 0;
    struct caught caught = {0};

    (void)state;
    memset(long_name, 'x', sizeof(long_name));
    long_name[sizeof(long_name) - 1] = '\0';
    assert_true(plug_outbox_init(&box));
    out = figure(long_name, long_name, long_name, 1);
    while (plug_outbox_put(&box, &out))
        put++;
    assert_true(put > 3000);
    while (plug_outbox_next(&box, &at, &read)) {
        assert_int_equal(strlen(read.host), CDP_NAME_MAX - 1);
        got++;
    }
    assert_int_equal(got, put);
    box.used = 0;
    assert_true(plug_outbox_put(&box, &out));
    plug_outbox_pack(&box, catch_datagram, &caught);
    assert_int_equal(caught.lists.count, 1);
    kept_free(&caught.lists);
    plug_outbox_fini(&box);
}

/* --- on loopback --- */

static int open_client(const char *host, unsigned port)
{
    union plug_address to = address_of(host, port);
    int fd = socket(to.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(connect(fd, &to.any, plug_address_length(&to)), 0);
    return fd;
}

static size_t receive(int fd, uint8_t bytes[2048])
{
    struct pollfd polled = {.fd = fd, .events = POLLIN};
    ssize_t got;

    assert_int_equal(poll(&polled, 1, DEADLINE_MS), 1);
    got = recv(fd, bytes, 2048, 0);
    assert_true(got > 0);
    return (size_t)got;
}

static void expect_figure(int fd, const char *name, double value)
{
    struct kept_lists lists = {0};
    uint8_t bytes[2048];
    size_t length = receive(fd, bytes);

    assert_int_equal(cdp_decode(bytes, length, keep_list, &lists), CDP_DECODED);
    assert_string_equal(kept_at(&lists, 0)->type_instance, name);
    assert_float_equal(kept_at(&lists, 0)->values[0].gauge, value, 0);
    kept_free(&lists);
}

static void test_on_loopback(void **state)
{
    char address[] = "127.0.0.1", other[] = "::1";
    struct plug_endpoint consoles[] = {{address, "0"}, {other, "0"}};
    struct plug_endpoint monitor = {address, ""};
    struct plug_endpoints all = {consoles, 2}, none = {0}, one = {&monitor, 1};
    struct plug_console *console;
    union plug_address to = address_of("127.0.0.1", 0);
    socklen_t to_bytes = sizeof(to);
    int pushed = socket(AF_INET, SOCK_DGRAM, 0);
    int ours, plain;
    uint8_t bytes[2048];
    uint64_t cookie;
    struct plug_outgoing out = figure("h", "p", "checkedout", 7);

    (void)state;
    assert_int_equal(bind(pushed, &to.any, sizeof(to.v4)), 0);
    assert_int_equal(getsockname(pushed, &to.any, &to_bytes), 0);
    (void)snprintf(monitor.port, sizeof(monitor.port), "%u", ntohs(to.v4.sin_port) & 0xffffu);

    console = plug_console_new(&all, &one);
    assert_non_null(console);
    ours = open_client("::1", plug_console_port(console, 1));
    plain = open_client("127.0.0.1", plug_console_port(console, 0));
    cdp_subscription_put(bytes, CDP_HELO, 0);
    assert_int_equal(send(plain, CDP_HELO, 4, 0), 4);
    assert_int_equal(send(ours, bytes, CDP_SUBSCRIPTION_BYTES, 0), CDP_SUBSCRIPTION_BYTES);
    assert_true(cdp_subscription_get(bytes, receive(ours, bytes), CDP_COOK, &cookie));

    plug_console_put(console, &out);
    expect_figure(ours, "checkedout", 7);
    expect_figure(pushed, "checkedout", 7);
    /* The plain one may have been a moment too late for the first. */
    for (struct pollfd polled = {.fd = plain, .events = POLLIN}; poll(&polled, 1, 100) == 0;)
        plug_console_put(console, &out);
    expect_figure(plain, "checkedout", 7);
    plug_console_free(&console);
    assert_null(console);

    console = plug_console_new(&none, &one); /* one without the other */
    assert_non_null(console);
    while (recv(pushed, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
        ;
    out.value.gauge = 8;
    plug_console_put(console, &out);
    expect_figure(pushed, "checkedout", 8);
    plug_console_free(&console);
    (void)close(ours);
    (void)close(plain);
    (void)close(pushed);
}

static void expect_plain(const struct plug_monitors *monitors, bool plain)
{
    struct plug_target targets[1];

    assert_int_equal(plug_monitors_targets(monitors, plain, targets), 1);
    assert_int_equal(plug_monitors_targets(monitors, !plain, targets), 0);
}

/* Who is pushed to gets the plain form, until it says HELO back; another's HELO is not its. */
static void test_monitor(void **state)
{
    char address[] = "127.0.0.1";
    struct plug_endpoint endpoint = {address, ""};
    struct plug_endpoints one = {&endpoint, 1};
    struct plug_monitors monitors = {0};
    struct plug_target target;
    union plug_address to = address_of("127.0.0.1", 0), from;
    socklen_t bytes = sizeof(to);
    int pushed = socket(AF_INET, SOCK_DGRAM, 0), other = socket(AF_INET, SOCK_DGRAM, 0);
    uint8_t helo[CDP_SUBSCRIPTION_BYTES];
    uint64_t now = plug_now();

    (void)state;
    assert_int_equal(bind(pushed, &to.any, sizeof(to.v4)), 0);
    assert_int_equal(getsockname(pushed, &to.any, &bytes), 0);
    (void)snprintf(endpoint.port, sizeof(endpoint.port), "%u", ntohs(to.v4.sin_port) & 0xffffu);
    assert_true(plug_monitors_open(&monitors, &one));
    assert_true(plug_monitors_keep(&monitors, now));
    expect_plain(&monitors, true);
    assert_int_equal(plug_monitors_targets(&monitors, true, &target), 1);
    plug_target_send(&target, (const uint8_t *)"x", 1);
    bytes = sizeof(from);
    assert_int_equal(recvfrom(pushed, helo, sizeof(helo), 0, &from.any, &bytes), 1);

    cdp_subscription_put(helo, CDP_HELO, 0);
    assert_int_equal(sendto(other, helo, sizeof(helo), 0, &from.any, bytes), sizeof(helo));
    assert_int_equal(sendto(pushed, CDP_HELO, 4, 0, &from.any, bytes), 4);
    (void)plug_monitors_keep(&monitors, now);
    expect_plain(&monitors, true);
    assert_int_equal(sendto(pushed, helo, sizeof(helo), 0, &from.any, bytes), sizeof(helo));
    (void)plug_monitors_keep(&monitors, now);
    expect_plain(&monitors, false);
    (void)plug_monitors_keep(&monitors, now + plug_seconds(CDP_SUBSCRIPTION_S));
    expect_plain(&monitors, false);
    (void)plug_monitors_keep(&monitors, now + plug_seconds(CDP_SUBSCRIPTION_S) + 1);
    expect_plain(&monitors, true);
    plug_monitors_close(&monitors);
    (void)close(pushed);
    (void)close(other);
}

static void test_port_in_use(void **state)
{
    char address[] = "127.0.0.1";
    struct plug_endpoint first = {address, "0"}, second = {address, ""};
    struct plug_endpoints one = {&first, 1}, two = {&second, 1}, none = {0};
    struct plug_console *console = plug_console_new(&one, &none);

    (void)state;
    assert_non_null(console);
    (void)snprintf(second.port, sizeof(second.port), "%u", plug_console_port(console, 0) & 0xffffu);
    assert_null(plug_console_new(&two, &none));
    plug_console_free(&console);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cookie),
        cmocka_unit_test(test_cookie_is_secret),
        cmocka_unit_test(test_loopback),
        cmocka_unit_test(test_what_is_no_request),
        cmocka_unit_test(test_bounded_and_forgotten),
        cmocka_unit_test(test_newest_form_counts),
        cmocka_unit_test(test_pack),
        cmocka_unit_test(test_pack_singly),
        cmocka_unit_test(test_plain_form),
        cmocka_unit_test(test_outbox_is_bounded),
        cmocka_unit_test(test_on_loopback),
        cmocka_unit_test(test_monitor),
        cmocka_unit_test(test_port_in_use),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
