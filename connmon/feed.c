/* SPDX-License-Identifier: MIT */
/* Owns the sockets, the subscription, and what is said when nothing comes. */
#include "connmon/feed.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "protocol/subscription.h"

/* A burst of a large fleet waits in the kernel while the screen is drawn; it may allow less. */
#define RECEIVE_BUFFER_BYTES (4 * 1024 * 1024)
/* How many datagrams are taken before keys are looked at again. */
#define DATAGRAMS_AT_ONCE 1024
/* An answer that is not there by then makes the plain HELO worth trying. */
#define ANSWER_S 1
/* So long without any datagram, and all addresses are tried again. */
#define LOST_S 20
/* Figures come every interval of their collectd, which is seldom more than a minute. */
#define STOPPED_S 60

struct mon_feed {
    bool listens;
    char host[256];
    char port[16];
    int sockets[MON_FEED_SOCKETS];
    size_t count;
    size_t chosen; /* the socket that answered; `count`: none yet */
    uint64_t cookie;
    double began;
    double helo;     /* when it was said last */
    double answered; /* when a collectd said that we are served; 0: never */
    double flowed;   /* when figures came last */
    bool full, refused;
    bool plain; /* also say HELO as sqlalchemy-collectd's console does */
    char advice[512];
};

struct mon_feed *mon_feed_new(const char *host, const char *port)
{
    struct mon_feed *feed = calloc(1, sizeof(*feed));

    if (feed == NULL)
        return NULL;
    (void)snprintf(feed->host, sizeof(feed->host), "%s", host);
    (void)snprintf(feed->port, sizeof(feed->port), "%s", port);
    return feed;
}

void mon_feed_free(struct mon_feed **feed)
{
    if (*feed == NULL)
        return;
    for (size_t i = 0; i < (*feed)->count; i++)
        (void)close((*feed)->sockets[i]);
    free(*feed);
    *feed = NULL;
}

static int open_socket(const struct addrinfo *address, bool listens)
{
    int fd = socket(address->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int size = RECEIVE_BUFFER_BYTES;
    int error;

    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
    if ((listens ? bind : connect)(fd, address->ai_addr, address->ai_addrlen) == 0)
        return fd;
    error = errno;
    (void)close(fd);
    errno = error;
    return -1;
}

static struct mon_feed *open_feed(const char *host, const char *port, bool listens, char *error,
                                  size_t error_bytes)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_DGRAM,
                             .ai_flags = AI_NUMERICSERV | (listens ? AI_PASSIVE : 0)};
    struct addrinfo *addresses;
    struct mon_feed *feed = mon_feed_new(host, port);
    int status = getaddrinfo(host, port, &hints, &addresses);
    const char *trouble = strerror(ENOMEM);

    if (status != 0) {
        (void)snprintf(error, error_bytes, "host %s, port %s: %s", host, port,
                       status == EAI_SYSTEM ? strerror(errno) : gai_strerror(status));
        mon_feed_free(&feed);
        return NULL;
    }
    for (const struct addrinfo *a = addresses;
         feed != NULL && a != NULL && feed->count < MON_FEED_SOCKETS; a = a->ai_next) {
        int fd = open_socket(a, listens);

        if (fd < 0)
            trouble = strerror(errno);
        else
            feed->sockets[feed->count++] = fd;
    }
    freeaddrinfo(addresses);
    if (feed == NULL || feed->count == 0) {
        (void)snprintf(error, error_bytes, "cannot %s host %s, port %s: %s",
                       listens ? "listen on" : "reach", host, port, trouble);
        mon_feed_free(&feed);
        return NULL;
    }
    feed->listens = listens;
    feed->chosen = feed->count;
    return feed;
}

struct mon_feed *mon_feed_connect(const char *host, const char *port, char *error,
                                  size_t error_bytes)
{
    return open_feed(host, port, false, error, error_bytes);
}

struct mon_feed *mon_feed_listen(const char *host, const char *port, char *error,
                                 size_t error_bytes)
{
    return open_feed(host, port, true, error, error_bytes);
}

size_t mon_feed_poll(const struct mon_feed *feed, struct pollfd polled[MON_FEED_SOCKETS])
{
    for (size_t i = 0; i < feed->count; i++)
        polled[i] = (struct pollfd){.fd = feed->sockets[i], .events = POLLIN};
    return feed->count;
}

/* --- what comes --- */

struct taking {
    struct mon_model *model;
    double now;
    bool any;
};

static void take_list(void *context, const struct cdp_value_list *list)
{
    struct taking *t = context;

    t->any = true;
    mon_model_take(t->model, list, t->now);
}

void mon_feed_take(struct mon_feed *feed, struct mon_model *model, const uint8_t *bytes,
                   size_t length, double now)
{
    struct taking t = {.model = model, .now = now};
    uint64_t cookie;

    if (!feed->listens && cdp_subscription_get(bytes, length, CDP_COOK, &cookie)) {
        if (feed->answered == 0)
            feed->helo = 0; /* say it again with the cookie, now; later ones have their time */
        feed->cookie = cookie;
        feed->answered = now;
        feed->full = feed->refused = feed->plain = false;
        return;
    }
    if (!feed->listens && cdp_subscription_get(bytes, length, CDP_FULL, &cookie)) {
        feed->answered = now;
        feed->full = true;
        return;
    }
    (void)!cdp_decode(bytes, length, take_list, &t);
    if (t.any) {
        feed->flowed = now;
        feed->refused = false;
    }
}

static void receive(struct mon_feed *feed, size_t i, struct mon_model *model, double now)
{
    for (int n = 0; n < DATAGRAMS_AT_ONCE; n++) {
        uint8_t bytes[2048]; /* of a longer one the rest is nothing of ours */
        ssize_t got = recv(feed->sockets[i], bytes, sizeof(bytes), MSG_DONTWAIT);

        if (got < 0) {
            if (errno == ECONNREFUSED)
                feed->refused = true;
            if (errno == EINTR || errno == ECONNREFUSED)
                continue;
            return;
        }
        mon_feed_take(feed, model, bytes, (size_t)got, now);
        if (!feed->listens)
            feed->chosen = i;
    }
}

/* --- the subscription --- */

static void say_helo(struct mon_feed *feed, double now)
{
    uint8_t bytes[CDP_SUBSCRIPTION_BYTES];

    cdp_subscription_put(bytes, CDP_HELO, feed->cookie);
    for (size_t i = 0; i < feed->count; i++) {
        if (feed->chosen < feed->count && i != feed->chosen)
            continue;
        /* Errors of a connected socket are those of earlier datagrams: receive() hears of them. */
        (void)!send(feed->sockets[i], bytes, sizeof(bytes), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (feed->plain)
            (void)!send(feed->sockets[i], CDP_HELO, 4, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    feed->helo = now;
}

static double last_heard(const struct mon_feed *feed)
{
    return feed->answered > feed->flowed ? feed->answered : feed->flowed;
}

static void subscribe(struct mon_feed *feed, double now)
{
    /* The collectd may be another one by now, or have moved to the other address. */
    if (feed->chosen < feed->count && now - last_heard(feed) > LOST_S) {
        feed->chosen = feed->count;
        feed->answered = 0;
    }
    if (feed->answered == 0 && !feed->plain && now - feed->began > ANSWER_S) {
        feed->plain = true;
        feed->helo = 0;
    }
    if (feed->helo == 0 || now - feed->helo >= CDP_SUBSCRIPTION_REPEAT_S)
        say_helo(feed, now);
}

bool mon_feed_run(struct mon_feed *feed, struct mon_model *model, double now)
{
    double before = feed->flowed;

    if (feed->began == 0)
        feed->began = now;
    for (size_t i = 0; i < feed->count; i++)
        receive(feed, i, model, now);
    if (!feed->listens)
        subscribe(feed, now);
    return feed->flowed != before;
}

enum mon_feed_state mon_feed_state(const struct mon_feed *feed, double now)
{
    if (feed->flowed > 0)
        return now - feed->flowed > STOPPED_S ? MON_FEED_STOPPED : MON_FEED_FLOWING;
    if (feed->full)
        return MON_FEED_FULL;
    if (feed->answered > 0)
        return MON_FEED_ANSWERED;
    return feed->refused ? MON_FEED_REFUSED : MON_FEED_WAITING;
}

/* --- advice --- */

/* HOST and PORT stand for where we look. */
static const char *const advice_silence[] = {
    "Nothing answers at HOST, port PORT. Check that",
    "- collectd runs there: systemctl status collectd",
    "- its configuration has, within <Plugin odbc>:  Console \"HOST\" \"PORT\"",
    "- from another host: the Console address is one that this host can reach, and a",
    "  firewall lets UDP through to port PORT and back",
    NULL,
};
static const char *const advice_refused[] = {
    "Nobody listens at HOST, port PORT. Check that",
    "- collectd runs there: systemctl status collectd",
    "- its configuration has, within <Plugin odbc>:  Console \"HOST\" \"PORT\"",
    "- its log says nothing of a Console that could not be opened",
    NULL,
};
static const char *const advice_full[] = {
    "The collectd at HOST, port PORT serves as many consoles as it can.",
    "Close some; one that was killed is forgotten after half a minute.",
    NULL,
};
static const char *const advice_no_figures[] = {
    "The collectd at HOST, port PORT answers, but has no figures yet. They come once",
    "in each of its intervals (10 s, if it does not say otherwise). If none come, check that",
    "- programs use a DSN of the shim: odbcshim list",
    "- they report to this collectd: CollectdHost and CollectdPort in odbcshim.ini",
    "- on an aggregating collectd: the other hosts' network plugin sends here",
    NULL,
};
static const char *const advice_listening[] = {
    "Listening on HOST, port PORT, and nothing has come. Check that",
    "- collectd runs, and its configuration has, within <Plugin odbc>:",
    "  Monitor \"this host\" \"PORT\"",
    "- a firewall lets UDP in to port PORT",
    NULL,
};
static const char *const advice_stopped[] = {
    "Figures came from HOST, port PORT, and have stopped. Check that collectd still runs.",
    NULL,
};

static const char *const *advice_for(const struct mon_feed *feed, double now)
{
    switch (mon_feed_state(feed, now)) {
    case MON_FEED_WAITING:
        return feed->listens ? advice_listening : advice_silence;
    case MON_FEED_REFUSED:
        return advice_refused;
    case MON_FEED_FULL:
        return advice_full;
    case MON_FEED_ANSWERED:
        return advice_no_figures;
    case MON_FEED_STOPPED:
        return advice_stopped;
    case MON_FEED_FLOWING:
        break;
    }
    return NULL;
}

const char *mon_feed_advice(struct mon_feed *feed, double now, size_t n)
{
    const char *const *lines = advice_for(feed, now);
    size_t used = 0;

    for (size_t i = 0; lines != NULL && i < n; i++)
        if (lines[i] == NULL)
            return NULL;
    if (lines == NULL || lines[n] == NULL)
        return NULL;
    for (const char *s = lines[n]; *s != '\0' && used + 1 < sizeof(feed->advice);) {
        bool host = strncmp(s, "HOST", 4) == 0, port = strncmp(s, "PORT", 4) == 0;
        char one[2] = {*s, '\0'};
        const char *piece = host ? feed->host : port ? feed->port : one;

        used += (size_t)snprintf(feed->advice + used, sizeof(feed->advice) - used, "%s", piece);
        if (used >= sizeof(feed->advice))
            used = sizeof(feed->advice) - 1;
        s += host || port ? 4 : 1;
    }
    return feed->advice;
}
