/* SPDX-License-Identifier: MIT */
/*
 * Sends reports to a port on loopback: one process's, each with a total one higher, the first
 * alone, and when a line comes on standard input the others as fast as they can be handed to the
 * kernel, within a number of seconds; or each of a process of its own, only as fast as the port
 * takes them, so that none is dropped. Says how many it sent; then, once standard input ends, the
 * one process says farewell, and the program the new count.
 */
#define _GNU_SOURCE 1 /* sendmmsg */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "protocol/encode.h"

#define BATCH 64
/* A batch is sent when less than this waits at the port. With it, and with what the kernel gives
   back late, the buffer is not full that a system allows by default, twice 208 KiB. */
#define WAITING_BYTES (192 * 1024)

struct datagram {
    size_t length;
    uint8_t bytes[CDP_DATAGRAM_MAX];
};

static struct {
    const char *program;
    long port, count, seconds, first;
    bool tokens;    /* each datagram of a process of its own */
    bool farewells; /* which says farewell with it */
} options = {.program = "flood", .count = 1000000, .seconds = 20};

static struct cdp_sender sender = {.host = "flood.example"};
static char token[32];
static struct cdp_program program;
static struct datagram datagrams[BATCH];
static long sent;

static void keep(void *context, const uint8_t *bytes, size_t length)
{
    struct datagram *d = context;

    memcpy(d->bytes, bytes, length);
    d->length = length;
}

static void die(const char *what)
{
    perror(what);
    exit(1);
}

/* The report after `done` others. */
static void build(struct datagram *d, long done, bool farewell)
{
    struct timespec t;
    struct cdp_report report = {.interval = cdp_time_from_seconds(0.2),
                                .farewell = farewell,
                                .programs = &program,
                                .count = 1};

    clock_gettime(CLOCK_REALTIME, &t);
    report.time = cdp_time_from_seconds((double)t.tv_sec + (double)t.tv_nsec * 1e-9);
    program.values[CDP_STATEMENTS].derive = options.tokens ? 1 : done + 1;
    program.values[CDP_CHECKEDOUT].gauge = farewell ? 0 : 1;
    if (options.tokens) {
        long number = options.first + done;

        report.farewell = options.farewells;
        snprintf(token, sizeof(token), "%ld:%06lx", number % 32768, (unsigned long)number);
        sender.session += 0x9e3779b97f4a7c15u;
        sender.sequence = 0;
    }
    cdp_encode_report(&sender, &report, CDP_DATAGRAM_MAX, keep, d);
}

/* Sends all of a batch: what the kernel would not take at once it is given again. */
static void send_batch(int fd, unsigned count)
{
    struct mmsghdr messages[BATCH];
    struct iovec vectors[BATCH];

    for (unsigned i = 0; i < count; i++) {
        vectors[i] = (struct iovec){datagrams[i].bytes, datagrams[i].length};
        messages[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &vectors[i], .msg_iovlen = 1}};
    }
    for (unsigned done = 0; done < count;) {
        int n = sendmmsg(fd, messages + done, count - done, 0);

        if (n > 0)
            done += (unsigned)n;
        else if (errno != EINTR && errno != ENOBUFS && errno != EAGAIN)
            die("sendmmsg");
    }
    sent += count;
}

/* How much waits at the port on loopback; -1: nobody listens. */
static long waiting_bytes(void)
{
    FILE *f = fopen("/proc/net/udp", "r");
    char line[512];
    long waiting = -1;

    if (f == NULL)
        die("/proc/net/udp");
    while (waiting < 0 && fgets(line, sizeof(line), f) != NULL) {
        unsigned port, bytes;

        if (sscanf(line, " %*d: %*x:%x %*x:%*x %*x %*x:%x", &port, &bytes) == 2 &&
            port == (unsigned)options.port)
            waiting = (long)bytes;
    }
    fclose(f);
    return waiting;
}

static void wait_for_room(void)
{
    static const struct timespec nap = {.tv_nsec = 50000};
    time_t end = time(NULL) + options.seconds;

    while (waiting_bytes() >= WAITING_BYTES) {
        if (time(NULL) > end) {
            fprintf(stderr, "flood: the port takes nothing\n");
            exit(1);
        }
        nanosleep(&nap, NULL);
    }
}

/* So that the session is known before reports of it are dropped. */
static void send_first(int fd)
{
    char byte;

    build(&datagrams[0], 0, false);
    send_batch(fd, 1);
    while (read(STDIN_FILENO, &byte, 1) > 0 && byte != '\n')
        ;
}

static void flood(int fd)
{
    time_t end = time(NULL) + options.seconds;

    while (sent < options.count && (options.tokens || time(NULL) <= end)) {
        unsigned count = 0;

        if (options.tokens)
            wait_for_room();
        for (; count < BATCH && sent + count < options.count; count++)
            build(&datagrams[count], sent + count, false);
        send_batch(fd, count);
    }
}

static void say_farewell(int fd)
{
    char byte;

    while (read(STDIN_FILENO, &byte, 1) > 0)
        ;
    if (options.tokens)
        return;
    build(&datagrams[0], sent, true);
    send_batch(fd, 1);
    printf("%ld\n", sent);
}

static int open_socket(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)options.port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
        die("socket");
    return fd;
}

static bool read_options(int argc, char **argv)
{
    static const struct option names[] = {{"port", required_argument, NULL, 'p'},
                                          {"count", required_argument, NULL, 'c'},
                                          {"seconds", required_argument, NULL, 's'},
                                          {"program", required_argument, NULL, 'n'},
                                          {"tokens", required_argument, NULL, 't'},
                                          {"farewells", no_argument, NULL, 'f'},
                                          {NULL, 0, NULL, 0}};
    int c;

    while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
        switch (c) {
        case 'p':
            options.port = atol(optarg);
            break;
        case 'c':
            options.count = atol(optarg);
            break;
        case 's':
            options.seconds = atol(optarg);
            break;
        case 'n':
            options.program = optarg;
            break;
        case 't':
            options.tokens = true;
            options.first = atol(optarg);
            break;
        case 'f':
            options.farewells = true;
            break;
        default:
            return false;
        }
    }
    return options.port > 0 && optind == argc;
}

int main(int argc, char **argv)
{
    int fd;

    if (!read_options(argc, argv)) {
        fprintf(stderr, "usage: flood --port N [--count N] [--seconds N] [--program NAME] "
                        "[--tokens FIRST [--farewells]]\n");
        return 2;
    }
    program.name = options.program;
    sender.token = token;
    snprintf(token, sizeof(token), "%ld:%06x", (long)getpid(), 0xf100d);
    if (getrandom(&sender.session, sizeof(sender.session), 0) != (ssize_t)sizeof(sender.session))
        die("getrandom");
    fd = open_socket();
    if (!options.tokens)
        send_first(fd);
    flood(fd);
    printf("%ld\n", sent);
    fflush(stdout);
    say_farewell(fd);
    return 0;
}
