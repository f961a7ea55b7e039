/* SPDX-License-Identifier: MIT */
/* connmon's feed: what comes from a collectd, what is said to it, and what is said of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "connmon/feed.h"
#include "protocol/encode.h"
#include "protocol/subscription.h"

#define DEADLINE_MS 60000
#define NOW         1000.0

static struct mon_model *new_model(void)
{
    struct mon_model *model = mon_model_new(42);

    assert_non_null(model);
    return model;
}

/* A value list, in full datagrams' parts or in the plain form's. */
static size_t figure(uint8_t bytes[CDP_DATAGRAM_MAX], bool plain, double value)
{
    struct cdp_value one = {.kind = CDP_VALUE_GAUGE, .gauge = value};
    struct cdp_buffer b;

    cdp_buffer_init(&b, bytes, CDP_DATAGRAM_MAX);
    cdp_put_string(&b, CDP_PART_HOST, "h");
    cdp_put_number(&b, plain ? CDP_PART_TIME : CDP_PART_TIME_HR, plain ? 1000 : 1000ull << 30);
    cdp_put_string(&b, CDP_PART_PLUGIN, "odbc");
    cdp_put_string(&b, CDP_PART_PLUGIN_INSTANCE, "p");
    cdp_put_string(&b, CDP_PART_TYPE, "count");
    cdp_put_number(&b, plain ? CDP_PART_INTERVAL : CDP_PART_INTERVAL_HR, plain ? 2 : 2ull << 30);
    cdp_put_string(&b, CDP_PART_TYPE_INSTANCE, "checkedout");
    cdp_put_values(&b, &one, 1);
    assert_false(b.failed);
    return b.used;
}

static void expect_checkedout(const struct mon_model *model, double value)
{
    size_t count;
    struct mon_row *const *rows = mon_model_rows(model, &count);
    const struct mon_series *s;

    assert_int_equal(count, 1);
    s = mon_row_series(rows[0], CDP_CHECKEDOUT);
    assert_non_null(s);
    assert_float_equal(s->value, value, 0);
    assert_float_equal(rows[0]->interval, 2, 0);
}

/* --- what comes --- */

static void test_forms(void **state)
{
    struct mon_feed *feed = mon_feed_new("h", "1");
    struct mon_model *model = new_model();
    uint8_t bytes[CDP_DATAGRAM_MAX];

    (void)state;
    assert_non_null(feed);
    assert_false(mon_feed_take(feed, model, (const uint8_t *)"nonsense", 8, NOW));
    assert_int_equal(mon_feed_state(feed, NOW), MON_FEED_WAITING);
    assert_true(mon_feed_take(feed, model, bytes, figure(bytes, true, 3), NOW));
    expect_checkedout(model, 3);
    assert_true(mon_feed_take(feed, model, bytes, figure(bytes, false, 4), NOW));
    expect_checkedout(model, 4);
    assert_int_equal(mon_feed_state(feed, NOW), MON_FEED_FLOWING);
    assert_int_equal(mon_feed_state(feed, NOW + 61), MON_FEED_STOPPED);
    mon_feed_free(&feed);
    assert_null(feed);
    mon_model_free(&model);
}

static void test_answers(void **state)
{
    static const struct {
        const char *word;
        enum mon_feed_state state;
        const char *advice;
    } cases[] = {
        {NULL, MON_FEED_WAITING, "Nothing answers at there, port 7. Check that"},
        {CDP_COOK, MON_FEED_ANSWERED,
         "The collectd at there, port 7 answers, but has no figures yet. They come once"},
        {CDP_FULL, MON_FEED_FULL,
         "The collectd at there, port 7 serves as many consoles as it can."},
        {CDP_HELO, MON_FEED_WAITING, "Nothing answers at there, port 7. Check that"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mon_feed *feed = mon_feed_new("there", "7");
        struct mon_model *model = new_model();
        uint8_t bytes[CDP_SUBSCRIPTION_BYTES];
        size_t lines = 0;

        assert_non_null(feed);
        if (cases[i].word != NULL) {
            cdp_subscription_put(bytes, cases[i].word, 9);
            assert_false(mon_feed_take(feed, model, bytes, sizeof(bytes), NOW));
        }
        assert_int_equal(mon_feed_state(feed, NOW), cases[i].state);
        assert_string_equal(mon_feed_advice(feed, NOW, 0), cases[i].advice);
        while (mon_feed_advice(feed, NOW, lines) != NULL)
            lines++;
        assert_true(lines >= 2 && lines < 10);
        assert_null(mon_feed_advice(feed, NOW, lines + 1));
        mon_feed_free(&feed);
        mon_model_free(&model);
    }
}

/* --- listening --- */

static int open_pusher(unsigned port)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    return fd;
}

/* A feed that listens, at a port of the system's choice. */
static struct mon_feed *listen_anywhere(unsigned *port)
{
    struct sockaddr_in address;
    socklen_t bytes = sizeof(address);
    struct pollfd polled[MON_FEED_SOCKETS];
    char error[256];
    struct mon_feed *feed = mon_feed_listen("127.0.0.1", "0", error, sizeof(error));

    assert_non_null(feed);
    assert_int_equal(mon_feed_poll(feed, polled), 1);
    assert_int_equal(getsockname(polled[0].fd, (struct sockaddr *)&address, &bytes), 0);
    *port = ntohs(address.sin_port);
    return feed;
}

/* Runs the feed once what was sent has arrived. */
static void run_when_there(struct mon_feed *feed, struct mon_model *model, double now)
{
    struct pollfd polled[MON_FEED_SOCKETS];
    size_t n = mon_feed_poll(feed, polled);

    assert_int_equal(n, 1);
    assert_int_equal(poll(polled, n, DEADLINE_MS), 1);
    (void)mon_feed_run(feed, model, now);
}

/* How many HELOs have come; nothing else may have. On loopback they are there once sent. */
static size_t helos(int fd)
{
    uint8_t bytes[64];
    uint64_t cookie;
    size_t count = 0;
    ssize_t got;

    while ((got = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT)) >= 0) {
        assert_true(cdp_subscription_get(bytes, (size_t)got, CDP_HELO, &cookie));
        count++;
    }
    return count;
}

/* Each that pushes figures is told, at once and then every five seconds, that we take full
   datagrams; nobody else is told anything. */
static void test_listen(void **state)
{
    static const struct {
        double now;
        size_t first, second, stranger;
    } cases[] = {
        {NOW + 1, 0, 0, 0},  {NOW + 5, 1, 1, 0},   {NOW + 6, 0, 0, 0},
        {NOW + 60, 1, 1, 0}, {NOW + 599, 1, 1, 0}, {NOW + 605, 0, 0, 0},
    };
    struct mon_model *model = new_model();
    unsigned port;
    struct mon_feed *feed = listen_anywhere(&port);
    int first = open_pusher(port), second = open_pusher(port), stranger = open_pusher(port);
    uint8_t bytes[CDP_DATAGRAM_MAX];
    size_t length = figure(bytes, true, 3);
    char text[8], error[256];

    (void)state;
    assert_int_equal(send(stranger, "nonsense", 8, 0), 8);
    run_when_there(feed, model, NOW);
    assert_int_equal(send(first, bytes, length, 0), length);
    run_when_there(feed, model, NOW);
    assert_int_equal(send(second, bytes, length, 0), length);
    run_when_there(feed, model, NOW);
    assert_int_equal(send(second, bytes, length, 0), length);
    run_when_there(feed, model, NOW);
    expect_checkedout(model, 3);
    assert_int_equal(helos(first), 1);
    assert_int_equal(helos(second), 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void)mon_feed_run(feed, model, cases[i].now);
        print_message("after %g s\n", cases[i].now - NOW);
        assert_int_equal(helos(first), cases[i].first);
        assert_int_equal(helos(second), cases[i].second);
        assert_int_equal(helos(stranger), cases[i].stranger);
    }
    (void)snprintf(text, sizeof(text), "%u", port);
    assert_null(mon_feed_listen("127.0.0.1", text, error, sizeof(error)));
    assert_non_null(strstr(error, "cannot listen on host 127.0.0.1"));
    mon_feed_free(&feed);
    mon_model_free(&model);
    (void)close(first);
    (void)close(second);
    (void)close(stranger);
}

/* Many more than are remembered do no harm. */
static void test_many_sources(void **state)
{
    struct mon_model *model = new_model();
    unsigned port;
    struct mon_feed *feed = listen_anywhere(&port);
    uint8_t bytes[CDP_DATAGRAM_MAX];
    size_t length = figure(bytes, true, 3);
    int pushers[200];

    (void)state;
    for (int i = 0; i < 200; i++) {
        pushers[i] = open_pusher(port);
        assert_int_equal(send(pushers[i], bytes, length, 0), length);
        run_when_there(feed, model, NOW + i);
        assert_int_equal(helos(pushers[i]), 1);
    }
    for (int i = 0; i < 200; i++)
        (void)close(pushers[i]);
    mon_feed_free(&feed);
    mon_model_free(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_listen),
        cmocka_unit_test(test_many_sources),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
