/* SPDX-License-Identifier: MIT */
/*
 * Owns the console's sockets and its thread. Collectd's write threads put value lists into one
 * outbox under the lock; this thread lets a burst gather for a moment, takes the whole outbox in
 * exchange for an empty one, and sends from it without the lock.
 */
#include "collectd-plugin/console.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collectd-plugin/log.h"
#include "collectd-plugin/subscribers.h"
#include "collectd-plugin/ticks.h"

#define SOCKETS_MAX 16
/* How long a burst gathers: nobody sees it on a screen, and a datagram fills. */
#define GATHER_MS 50
/* When a monitor that could not be resolved is asked for again. */
#define RESOLVE_AGAIN_S 60
/* How often lost value lists are complained of. */
#define COMPLAINT_S 600

struct monitor {
    const struct plug_endpoint *endpoint;
    union plug_address address;
    int fd; /* -1: not resolved */
    uint64_t asked;
};

struct plug_console {
    pthread_mutex_t lock; /* guards `filling` and `dropped` */
    struct plug_outbox filling;
    uint64_t dropped;
    atomic_bool wanted; /* somebody looks: the rest of the lists need not be copied */
    atomic_bool stopping;
    int wake; /* eventfd: there is something in the outbox, or an end to come */
    pthread_t thread;
    bool runs;
    /* The thread's own, once it runs: */
    struct plug_outbox sending;
    struct plug_subscribers subscribers;
    struct pollfd polled[SOCKETS_MAX + 1]; /* the Console sockets, then `wake` */
    size_t sockets;
    struct monitor *monitors;
    size_t monitors_count;
    uint64_t complained;
};

/* --- sending --- */

struct target {
    int fd;
    const union plug_address *address;
};

static void send_to(void *context, const uint8_t *bytes, size_t length)
{
    const struct target *t = context;

    /* What does not go out at once is lost, as any datagram may be. */
    (void)!sendto(t->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL, &t->address->any,
                  plug_address_length(t->address));
}

static void send_all(struct plug_console *c)
{
    for (size_t i = 0; i < c->monitors_count; i++) {
        struct target t = {c->monitors[i].fd, &c->monitors[i].address};

        if (t.fd >= 0)
            plug_outbox_pack(&c->sending, send_to, &t);
    }
    for (size_t i = 0; i < c->subscribers.count; i++) {
        const struct plug_subscriber *s = &c->subscribers.list[i];
        struct target t = {s->fd, &s->address};

        if (s->is_plain)
            plug_outbox_pack_singly(&c->sending, send_to, &t);
        else
            plug_outbox_pack(&c->sending, send_to, &t);
    }
}

static void take_outbox(struct plug_console *c)
{
    struct plug_outbox full;
    uint64_t dropped;

    (void)pthread_mutex_lock(&c->lock);
    full = c->filling;
    c->filling = c->sending;
    c->filling.used = 0;
    dropped = c->dropped;
    c->dropped = 0;
    (void)pthread_mutex_unlock(&c->lock);
    c->sending = full;
    if (dropped > 0 && (c->complained == 0 ||
                        plug_elapsed(c->complained, plug_now()) > plug_seconds(RESOLVE_AGAIN_S))) {
        c->complained = plug_now();
        plug_log(PLUG_WARNING, "consoles missed %llu value lists, which came too fast to be sent",
                 (unsigned long long)dropped);
    }
}

void plug_console_put(struct plug_console *c, const struct plug_outgoing *out)
{
    bool was_empty, was_put;

    if (!atomic_load_explicit(&c->wanted, memory_order_relaxed))
        return;
    (void)pthread_mutex_lock(&c->lock);
    was_empty = c->filling.used == 0;
    was_put = plug_outbox_put(&c->filling, out);
    c->dropped += !was_put;
    (void)pthread_mutex_unlock(&c->lock);
    if (was_empty)
        (void)eventfd_write(c->wake, 1);
}

/* --- the thread --- */

static void resolve(struct monitor *m)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_DGRAM,
                             .ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG};
    struct addrinfo *found;
    int status = getaddrinfo(m->endpoint->address, m->endpoint->port, &hints, &found);

    m->asked = plug_now();
    if (status != 0) {
        plug_log(PLUG_WARNING, "Monitor \"%s\" \"%s\": %s; trying again every %d s",
                 m->endpoint->address, m->endpoint->port,
                 status == EAI_SYSTEM ? strerror(errno) : gai_strerror(status), RESOLVE_AGAIN_S);
        return;
    }
    if (found->ai_addrlen <= sizeof(m->address)) {
        memcpy(&m->address, found->ai_addr, found->ai_addrlen);
        m->fd = socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    }
    freeaddrinfo(found);
}

static void receive(struct plug_console *c, int fd)
{
    /* So that no flood keeps the thread from sending. */
    for (int n = 0; n < PLUG_SUBSCRIBERS_MAX; n++) {
        uint8_t bytes[CDP_SUBSCRIPTION_BYTES + 1]; /* a longer one is none */
        uint8_t answer[CDP_SUBSCRIPTION_BYTES];
        union plug_address from;
        socklen_t from_bytes = sizeof(from);
        ssize_t got = recvfrom(fd, bytes, sizeof(bytes), MSG_DONTWAIT, &from.any, &from_bytes);
        size_t length;

        if (got < 0)
            return;
        length = plug_subscribers_take(&c->subscribers, fd, &from, bytes, (size_t)got, plug_now(),
                                       answer);
        if (length > 0)
            send_to(&(struct target){fd, &from}, answer, length);
    }
}

/* What is to be done from time to time. Returns whether anybody wants figures. */
static bool keep(struct plug_console *c)
{
    uint64_t now = plug_now();
    bool wanted;

    plug_subscribers_expire(&c->subscribers, now);
    wanted = c->subscribers.count > 0;
    for (size_t i = 0; i < c->monitors_count; i++) {
        struct monitor *m = &c->monitors[i];

        if (m->fd < 0 && plug_elapsed(m->asked, now) > plug_seconds(RESOLVE_AGAIN_S))
            resolve(m);
        wanted = wanted || m->fd >= 0;
    }
    return wanted;
}

static void *run(void *context)
{
    struct plug_console *c = context;
    struct pollfd *wake = &c->polled[c->sockets];

    while (!atomic_load(&c->stopping)) {
        eventfd_t unused;

        (void)poll(c->polled, c->sockets + 1, 1000);
        for (size_t i = 0; i < c->sockets; i++)
            if (c->polled[i].revents != 0)
                receive(c, c->polled[i].fd);
        atomic_store_explicit(&c->wanted, keep(c), memory_order_relaxed);
        if ((wake->revents & POLLIN) == 0 || atomic_load(&c->stopping))
            continue;
        (void)poll(NULL, 0, GATHER_MS);
        (void)eventfd_read(c->wake, &unused);
        take_outbox(c);
        send_all(c);
    }
    return NULL;
}

/* --- life --- */

static int open_socket(const struct addrinfo *address)
{
    int fd = socket(address->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int on = 1;
    int error;

    if (fd < 0)
        return -1;
    if (address->ai_family == AF_INET6) /* or it would take the port of the IPv4 one too */
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    if (bind(fd, address->ai_addr, address->ai_addrlen) == 0)
        return fd;
    error = errno;
    (void)close(fd);
    errno = error;
    return -1;
}

/* One socket for each address that the name has. */
static bool open_endpoint(struct plug_console *c, const struct plug_endpoint *endpoint)
{
    struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *addresses;
    size_t before = c->sockets;
    int status = getaddrinfo(endpoint->address, endpoint->port, &hints, &addresses);
    const char *trouble = "it has no address";

    if (status != 0) {
        plug_log(PLUG_ERROR, "Console \"%s\" \"%s\": %s", endpoint->address, endpoint->port,
                 status == EAI_SYSTEM ? strerror(errno) : gai_strerror(status));
        return false;
    }
    for (const struct addrinfo *a = addresses; a != NULL && c->sockets < SOCKETS_MAX;
         a = a->ai_next) {
        int fd = open_socket(a);

        if (fd >= 0)
            c->polled[c->sockets++] = (struct pollfd){.fd = fd, .events = POLLIN};
        else
            trouble = strerror(errno);
    }
    freeaddrinfo(addresses);
    /* `localhost` may stand for an address family that this host lacks. */
    if (c->sockets > before)
        return true;
    plug_log(PLUG_ERROR, "Console \"%s\" \"%s\": %s", endpoint->address, endpoint->port,
             c->sockets == SOCKETS_MAX ? "there are too many" : trouble);
    return false;
}

static bool start(struct plug_console *c)
{
    sigset_t all, before;
    int error;

    c->polled[c->sockets] = (struct pollfd){.fd = c->wake, .events = POLLIN};
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&c->thread, NULL, run, c);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    c->runs = error == 0;
    if (!c->runs)
        plug_log(PLUG_ERROR, "cannot start the thread for consoles: %s", strerror(error));
    return c->runs;
}

static bool open_monitors(struct plug_console *c, const struct plug_endpoints *monitors)
{
    if (monitors->count == 0)
        return true;
    c->monitors = calloc(monitors->count, sizeof(*c->monitors));
    if (c->monitors == NULL)
        return false;
    c->monitors_count = monitors->count;
    for (size_t i = 0; i < monitors->count; i++) {
        c->monitors[i] = (struct monitor){.endpoint = &monitors->list[i], .fd = -1};
        resolve(&c->monitors[i]);
    }
    return true;
}

struct plug_console *plug_console_new(const struct plug_endpoints *consoles,
                                      const struct plug_endpoints *monitors)
{
    struct plug_console *c = calloc(1, sizeof(*c));
    struct plug_secret secret;
    bool ok;

    if (c == NULL || getrandom(&secret, sizeof(secret), 0) != sizeof(secret)) {
        plug_log(PLUG_ERROR, "no memory or no random numbers for consoles");
        free(c);
        return NULL;
    }
    (void)pthread_mutex_init(&c->lock, NULL);
    plug_subscribers_init(&c->subscribers, &secret);
    c->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    ok = c->wake >= 0 && plug_outbox_init(&c->filling) && plug_outbox_init(&c->sending) &&
         open_monitors(c, monitors);
    if (!ok)
        plug_log(PLUG_ERROR, "no memory for consoles");
    for (size_t i = 0; ok && i < consoles->count; i++)
        ok = open_endpoint(c, &consoles->list[i]);
    atomic_init(&c->wanted, ok && keep(c));
    if (!ok || !start(c))
        plug_console_free(&c);
    return c;
}

void plug_console_free(struct plug_console **console)
{
    struct plug_console *c = *console;

    *console = NULL;
    if (c == NULL)
        return;
    if (c->runs) {
        atomic_store(&c->stopping, true);
        (void)eventfd_write(c->wake, 1);
        (void)pthread_join(c->thread, NULL);
    }
    for (size_t i = 0; i < c->sockets; i++)
        (void)close(c->polled[i].fd);
    for (size_t i = 0; i < c->monitors_count; i++)
        if (c->monitors[i].fd >= 0)
            (void)close(c->monitors[i].fd);
    if (c->wake >= 0)
        (void)close(c->wake);
    free(c->monitors);
    plug_outbox_fini(&c->filling);
    plug_outbox_fini(&c->sending);
    (void)pthread_mutex_destroy(&c->lock);
    free(c);
}

unsigned plug_console_port(const struct plug_console *c, size_t n)
{
    union plug_address address;
    socklen_t bytes = sizeof(address);

    if (n >= c->sockets || getsockname(c->polled[n].fd, &address.any, &bytes) != 0)
        return 0;
    return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}
