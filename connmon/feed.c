/* SPDX-License-Identifier: MIT */
/* Owns the sockets, the subscription, and what is said to those who push. */
#include "connmon/feed.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "connmon/advice.h"
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
/* Who pushes is answered for so long after the last figure: collectd may have a long interval. */
#define SOURCE_S 600

/* A fleet's collectds may push to one console. Of more than these, some get no answer, and then
   send a datagram for each figure. */
#define SOURCES_MAX 64

/* A collectd that pushes. */
struct source {
    size_t socket;
    struct sockaddr_storage address;
    socklen_t address_bytes;
    double heard, helo; /* when it was heard of, and HELO said to it, last; 0: never */
};

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
    struct source sources[SOURCES_MAX];
    bool plain; /* also say HELO as sqlalchemy-collectd's console does */
    char advice[MON_ADVICE_BYTES];
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

bool mon_feed_take(struct mon_feed *feed, struct mon_model *model, const uint8_t *bytes,
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
        return false;
    }
    if (!feed->listens && cdp_subscription_get(bytes, length, CDP_FULL, &cookie)) {
        feed->answered = now;
        feed->full = true;
        return false;
    }
    (void)!cdp_decode(bytes, length, take_list, &t);
    if (t.any) {
        feed->flowed = now;
        feed->refused = false;
    }
    return t.any;
}

/* Remembers who pushes, in the place of who has been quiet for longest. */
static void note_source(struct mon_feed *feed, const struct source *from, double now)
{
    struct source *place = &feed->sources[0];

    for (size_t i = 0; i < SOURCES_MAX; i++) {
        struct source *s = &feed->sources[i];

        if (s->address_bytes == from->address_bytes && s->socket == from->socket &&
            memcmp(&s->address, &from->address, s->address_bytes) == 0) {
            s->heard = now;
            return;
        }
        place = s->heard < place->heard ? s : place;
    }
    *place = *from;
    place->heard = now;
}

static void receive(struct mon_feed *feed, size_t i, struct mon_model *model, double now)
{
    for (int n = 0; n < DATAGRAMS_AT_ONCE; n++) {
        uint8_t bytes[2048]; /* of a longer one the rest is nothing of ours */
        struct source from = {.socket = i, .address_bytes = sizeof(from.address)};
        ssize_t got = recvfrom(feed->sockets[i], bytes, sizeof(bytes), MSG_DONTWAIT,
                               (struct sockaddr *)&from.address, &from.address_bytes);

        if (got < 0) {
            if (errno == ECONNREFUSED)
                feed->refused = true;
            if (errno == EINTR || errno == ECONNREFUSED)
                continue;
            return;
        }
        if (mon_feed_take(feed, model, bytes, (size_t)got, now) && feed->listens)
            note_source(feed, &from, now);
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

/* Says HELO to those who push, who then send full datagrams. Nobody has to answer. */
static void answer_sources(struct mon_feed *feed, double now)
{
    uint8_t bytes[CDP_SUBSCRIPTION_BYTES];

    cdp_subscription_put(bytes, CDP_HELO, 0);
    for (size_t i = 0; i < SOURCES_MAX; i++) {
        struct source *s = &feed->sources[i];

        if (s->heard == 0 || now - s->heard > SOURCE_S || now - s->helo < CDP_SUBSCRIPTION_REPEAT_S)
            continue;
        s->helo = now;
        (void)!sendto(feed->sockets[s->socket], bytes, sizeof(bytes), MSG_DONTWAIT | MSG_NOSIGNAL,
                      (struct sockaddr *)&s->address, s->address_bytes);
    }
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
    if (feed->listens)
        answer_sources(feed, now);
    else
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

const char *mon_feed_advice(struct mon_feed *feed, double now, size_t n)
{
    bool any = mon_advice(mon_feed_state(feed, now), feed->listens, feed->host, feed->port, n,
                          feed->advice);

    return any ? feed->advice : NULL;
}
