/* SPDX-License-Identifier: MIT */
/*
 * The price of a report to the aggregator: reading and adding up alone, and with the kernel's part
 * over loopback. The processes report in an order drawn once, each a checkout more every time.
 *
 *     aggregate table ROWS PROGRAMS COUNT      prints ns a datagram, ns a new one, bytes a row, and
 *                                              the milliseconds of the read callback over it all
 *     aggregate loopback ROWS PROGRAMS COUNT   sends as fast as it can; prints how many were
 *                                              received and lost, the time by the wall until the
 *                                              last was received, and the receiver's own
 *     aggregate queued ROWS PROGRAMS COUNT     the same, but the receiver always finds a queue
 */
#include <arpa/inet.h>
#include <errno.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/clock.h"
#include "collectd-plugin/dispatch.h"
#include "collectd-plugin/intake.h"
#include "collectd-plugin/receiver.h"
#include "collectd-plugin/ticks.h"
#include "protocol/encode.h"

/* As many as the receiver reads at a time, so that they are as warm here as there. */
#define BATCH 64
#define HOSTS 100
/* What a socket holds of them without losing any, in batches. */
#define QUEUE (4 * BATCH)

struct datagram {
    size_t length;
    uint8_t bytes[CDP_DATAGRAM_MAX];
};

static size_t rows, programs;
static uint32_t *order;     /* in which the processes report */
static uint64_t *sequences; /* of each */
static struct datagram batch[BATCH];
static char loopback[] = "127.0.0.1";

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    perror(what);
    exit(1);
}

static void prepare(void)
{
    uint64_t state = 1;

    order = calloc(rows, sizeof(*order));
    sequences = calloc(rows, sizeof(*sequences));
    must(order != NULL && sequences != NULL, "calloc");
    for (size_t i = 0; i < rows; i++)
        order[i] = (uint32_t)i;
    for (size_t i = rows; i > 1; i--) {
        size_t k;
        uint32_t other;

        state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
        k = (size_t)((state >> 33) % i);
        other = order[k];
        order[k] = order[i - 1];
        order[i - 1] = other;
    }
}

static void keep(void *context, const uint8_t *bytes, size_t length)
{
    struct datagram *d = context;

    memcpy(d->bytes, bytes, length);
    d->length = length;
}

/* The next report of the n-th process. */
static void encode(struct datagram *d, size_t n)
{
    char host[32], token[32], name[32];
    struct cdp_program program = {.name = name};
    struct cdp_sender sender = {.host = host, .token = token};
    struct cdp_report report = {.interval = cdp_time_from_seconds(2),
                                .time = cdp_time_from_seconds(1.7e9),
                                .programs = &program,
                                .count = 1};
    int64_t reports = (int64_t)sequences[n] + 1;

    /* All of one length: see send_batch. */
    snprintf(host, sizeof(host), "host-%02zu.example", n % programs % HOSTS);
    snprintf(token, sizeof(token), "%05zu:%06zx", n % 32768, n);
    snprintf(name, sizeof(name), "program-%04zu", n % programs);
    sender.session = (n + 1) * UINT64_C(0x9e3779b97f4a7c15);
    sender.sequence = sequences[n];
    program.values[CDP_CONNECTIONS].gauge = 10;
    program.values[CDP_CHECKEDOUT].gauge = (double)(reports % 3);
    program.values[CDP_CHECKEDIN].gauge = (double)(10 - reports % 3);
    program.values[CDP_CHECKOUTS].derive = reports;
    program.values[CDP_CHECKINS].derive = reports;
    program.values[CDP_STATEMENTS].derive = 3 * reports;
    cdp_encode_report(&sender, &report, CDP_DATAGRAM_MAX, keep, d);
    sequences[n]++;
}

/* ---- reading and adding up ------------------------------------------------------------------ */

static struct plug_report reports[PLUG_AHEAD + 1];
static uint64_t now; /* past the time in which a new table shows nothing */

static void take(struct plug_table *table, const struct plug_report *report)
{
    must(plug_table_take(table, report, now) == PLUG_TAKEN, "refused");
}

/* In the receiver's order. */
static void take_batch(struct plug_table *table, size_t n)
{
    struct plug_report *read[PLUG_AHEAD + 1] = {NULL};

    for (size_t i = 0; i < n + PLUG_AHEAD; i++) {
        memmove(&read[1], &read[0], sizeof(read) - sizeof(read[0]));
        read[0] = i < n ? &reports[i % (PLUG_AHEAD + 1)] : NULL;
        if (i < n)
            must(plug_intake(batch[i].bytes, batch[i].length, read[0]) == PLUG_REPORT, "no report");
        for (int step = 0; step < PLUG_AHEAD; step++)
            if (read[step] != NULL)
                plug_table_expect(table, read[step], step);
        if (read[PLUG_AHEAD] != NULL)
            take(table, read[PLUG_AHEAD]);
    }
}

/* Takes so many; returns the seconds that it took, without making them. */
static double feed(struct plug_table *table, size_t from, size_t count)
{
    double seconds = 0;

    for (size_t done = 0; done < count;) {
        size_t n = count - done < BATCH ? count - done : BATCH;
        double start;

        for (size_t i = 0; i < n; i++)
            encode(&batch[i], order[(from + done + i) % rows]);
        start = BENCH_THREAD;
        take_batch(table, n);
        seconds += BENCH_THREAD - start;
        done += n;
    }
    return seconds;
}

static size_t allocated(void)
{
    struct mallinfo2 m = mallinfo2();

    return m.uordblks + m.hblkhd;
}

static void count_value(void *context, const struct plug_value *value)
{
    (void)value;
    ++*(size_t *)context;
}

static struct plug_receiver *receiver_new(void)
{
    struct plug_listen listen = {.address = loopback, .port = "0"};
    struct plug_config config = {.listens = &listen, .count = 1, .rows_max = rows};
    struct plug_receiver *receiver = plug_receiver_new(&config);

    must(receiver != NULL, "no receiver");
    return receiver;
}

/* The receiver's table, its thread not running. */
static int bench_table(size_t count)
{
    struct plug_receiver *receiver = receiver_new();
    struct plug_table *table = plug_receiver_lock(receiver);
    size_t before = allocated(), values = 0, bytes;
    double first, seconds, start;

    plug_receiver_unlock(receiver);
    now = plug_now() + plug_seconds(PLUG_HOLD_MAX_S);
    first = feed(table, 0, rows);
    bytes = allocated() - before;
    seconds = feed(table, 0, count);
    plug_dispatch(receiver, now, count_value, &values);
    values = 0;
    start = BENCH_THREAD;
    plug_dispatch(receiver, now + plug_seconds(1), count_value, &values);
    start = BENCH_THREAD - start;
    printf("%.2f %.2f %.1f %.4f %zu\n", seconds * 1e9 / (double)count, first * 1e9 / (double)rows,
           (double)bytes / (double)rows, start * 1e3, values);
    return 0;
}

/* ---- over loopback -------------------------------------------------------------------------- */

static int sender_to(const struct plug_receiver *receiver)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((in_port_t)plug_receiver_port(receiver, 0)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), segment;
    struct datagram one;

    must(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0, "socket");
    encode(&one, 0);
    segment = (int)one.length;
    must(setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof(segment)) == 0, "UDP_SEGMENT");
    return fd;
}

/* One call sends a batch, which the kernel cuts into its datagrams: elsewhere many hosts would have
   sent them. */
static void send_batch(int fd, struct datagram *datagrams)
{
    struct iovec vectors[BATCH];
    struct msghdr message = {.msg_iov = vectors, .msg_iovlen = BATCH};
    ssize_t sent;

    for (size_t i = 0; i < BATCH; i++) {
        must(datagrams[i].length == datagrams[0].length, "datagrams of one length");
        vectors[i] = (struct iovec){datagrams[i].bytes, datagrams[i].length};
    }
    do
        sent = sendmsg(fd, &message, 0);
    while (sent < 0 && (errno == EINTR || errno == ENOBUFS));
    must(sent == (ssize_t)(BATCH * datagrams[0].length), "sendmsg");
}

static int64_t counted(struct plug_receiver *receiver, enum plug_counter counter)
{
    int64_t counters[PLUG_COUNTERS];

    plug_receiver_counters(receiver, counters);
    return counters[counter];
}

/* Until nothing has come for a while. */
static double await_the_last(struct plug_receiver *receiver)
{
    int64_t received, before = -1;
    double when = BENCH_WALL;

    while ((received = counted(receiver, PLUG_COUNT_RECEIVED)) != before) {
        when = BENCH_WALL;
        before = received;
        usleep(20000);
    }
    return when;
}

/* As fast as the receiver takes them: no more are on their way than its socket holds. */
static void send_all(struct plug_receiver *receiver, int fd, struct datagram *all, size_t count)
{
    int64_t before = counted(receiver, PLUG_COUNT_RECEIVED), taken = 0;

    for (size_t done = 0; done < count; done += BATCH) {
        while ((int64_t)(done + BATCH) - taken > QUEUE) {
            taken = counted(receiver, PLUG_COUNT_RECEIVED) - before;
            if ((int64_t)(done + BATCH) - taken > QUEUE)
                usleep(10);
        }
        send_batch(fd, all + done);
    }
}

/* A receiver that waits for its sender reads few at a time, and wakes up for them. Kept from
   reading until there is a queue, it does what it would do if there were always more. */
static void send_queued(struct plug_receiver *receiver, int fd, struct datagram *all, size_t count)
{
    int64_t before = counted(receiver, PLUG_COUNT_RECEIVED);

    for (size_t done = 0; done < count; done += QUEUE) {
        size_t n = count - done < QUEUE ? count - done : QUEUE;

        (void)plug_receiver_lock(receiver);
        for (size_t i = 0; i < n; i += BATCH)
            send_batch(fd, all + done + i);
        plug_receiver_unlock(receiver);
        while (counted(receiver, PLUG_COUNT_RECEIVED) < before + (int64_t)(done + n))
            usleep(50);
    }
}

static size_t whole_batches(size_t n)
{
    return (n + BATCH - 1) / BATCH * BATCH;
}

static int bench_loopback(size_t count, bool is_queued)
{
    struct plug_receiver *receiver = receiver_new();
    int fd = sender_to(receiver);
    size_t first = whole_batches(rows);
    struct datagram *all;
    double start, end, own;
    int64_t received;

    count = whole_batches(count);
    must(plug_receiver_start(receiver), "no thread");
    /* Made beforehand, so that the sender has time to press. */
    all = calloc(first + count, sizeof(*all));
    must(all != NULL, "calloc");
    for (size_t i = 0; i < first + count; i++)
        encode(&all[i], order[i % rows]);
    send_queued(receiver, fd, all, first); /* everybody's first report */
    own = BENCH_PROCESS - BENCH_THREAD;
    start = BENCH_WALL;
    if (is_queued)
        send_queued(receiver, fd, all + first, count);
    else
        send_all(receiver, fd, all + first, count);
    end = await_the_last(receiver) - start;
    own = BENCH_PROCESS - BENCH_THREAD - own;
    received = counted(receiver, PLUG_COUNT_RECEIVED) - (int64_t)first;
    printf("%lld %lld %.6f %.6f\n", (long long)received, (long long)((int64_t)count - received),
           end, own);
    free(all);
    close(fd);
    plug_receiver_free(&receiver);
    return 0;
}

int main(int argc, char **argv)
{
    size_t count;

    if (argc < 5) {
        fprintf(stderr, "usage: see the head of aggregate.c\n");
        return 2;
    }
    rows = (size_t)atol(argv[2]);
    programs = (size_t)atol(argv[3]);
    count = (size_t)atol(argv[4]);
    must(rows > 0 && programs > 0 && count > 0, "numbers above 0 are wanted");
    prepare();
    if (strcmp(argv[1], "table") == 0)
        return bench_table(count);
    return bench_loopback(count, strcmp(argv[1], "queued") == 0);
}
