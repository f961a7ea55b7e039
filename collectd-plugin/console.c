/* SPDX-License-Identifier: MIT */
/*
 * Owns the console's sockets and its thread. Collectd's write threads put value lists into one
 * outbox under the lock; this thread lets a burst gather for a moment, takes the whole outbox in
 * exchange for an empty one, and sends from it without the lock.
 */
#include "collectd-plugin/console.h"

#include <errno.h>
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
#include "collectd-plugin/monitors.h"
#include "collectd-plugin/subscribers.h"
#include "collectd-plugin/ticks.h"

#define SOCKETS_MAX 16
/* How long a burst gathers: nobody sees it on a screen, and a datagram fills. */
#define GATHER_MS 50
/* How often lost value lists are complained of. */
#define COMPLAINT_S 600
/* sqlalchemy-collectd's console reads one value list at a time into a socket that holds some 270.
   So many are sent before it gets time to read them: 20,000 a second, as fast as it can. */
#define PLAIN_AT_ONCE  64
#define PLAIN_PAUSE_MS 3

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
    struct plug_monitors monitors;
    struct plug_target *targets; /* room for all subscribers and monitors */
    size_t targets_count;
    size_t sent; /* datagrams in the plain form, since the outbox was taken */
    uint64_t complained;
};

/* --- the outbox --- */

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
                        plug_elapsed(c->complained, plug_now()) > plug_seconds(COMPLAINT_S))) {
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
            plug_target_send(&(struct plug_target){fd, from}, answer, length);
    }
}

static void receive_all(struct plug_console *c)
{
    for (size_t i = 0; i < c->sockets; i++)
        if (c->polled[i].revents != 0)
            receive(c, c->polled[i].fd);
}

/* A cdp_emit: to all that take this form. */
static void send_to_targets(void *context, const uint8_t *bytes, size_t length)
{
    const struct plug_console *c = context;

    for (size_t i = 0; i < c->targets_count; i++)
        plug_target_send(&c->targets[i], bytes, length);
}

/* The same in the plain form, which takes its time; subscriptions are answered meanwhile. */
static void send_plain_to_targets(void *context, const uint8_t *bytes, size_t length)
{
    struct plug_console *c = context;

    send_to_targets(c, bytes, length);
    if (++c->sent % PLAIN_AT_ONCE != 0 || atomic_load(&c->stopping))
        return;
    if (poll(c->polled, c->sockets, PLAIN_PAUSE_MS) > 0)
        receive_all(c);
}

static void find_targets(struct plug_console *c, bool plain)
{
    c->targets_count = plug_subscribers_targets(&c->subscribers, plain, c->targets);
    c->targets_count += plug_monitors_targets(&c->monitors, plain, c->targets + c->targets_count);
}

static void send_all(struct plug_console *c)
{
    find_targets(c, false);
    if (c->targets_count > 0)
        plug_outbox_pack(&c->sending, send_to_targets, c);
    find_targets(c, true);
    c->sent = 0;
    if (c->targets_count > 0)
        plug_outbox_pack_singly(&c->sending, send_plain_to_targets, c);
}

/* What is to be done from time to time. Returns whether anybody wants figures. */
static bool keep(struct plug_console *c)
{
    uint64_t now = plug_now();
    bool any_monitor = plug_monitors_keep(&c->monitors, now);

    plug_subscribers_expire(&c->subscribers, now);
    return any_monitor || c->subscribers.count > 0;
}

static void *run(void *context)
{
    struct plug_console *c = context;
    struct pollfd *wake = &c->polled[c->sockets];

    while (!atomic_load(&c->stopping)) {
        eventfd_t unused;

        (void)poll(c->polled, c->sockets + 1, 1000);
        receive_all(c);
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

/* One socket for each address that the name has. */
static bool open_endpoint(struct plug_console *c, const struct plug_endpoint *endpoint)
{
    struct addrinfo *addresses;
    size_t before = c->sockets;
    const char *trouble = plug_address_find(endpoint->address, endpoint->port, true, &addresses);

    if (trouble != NULL) {
        plug_log(PLUG_ERROR, "Console \"%s\" \"%s\": %s", endpoint->address, endpoint->port,
                 trouble);
        return false;
    }
    trouble = "it has no address";
    for (const struct addrinfo *a = addresses; a != NULL && c->sockets < SOCKETS_MAX;
         a = a->ai_next) {
        int fd = plug_address_bind(a);

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
         plug_monitors_open(&c->monitors, monitors) &&
         (c->targets = calloc(PLUG_SUBSCRIBERS_MAX + monitors->count, sizeof(*c->targets))) != NULL;
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
    plug_monitors_close(&c->monitors);
    if (c->wake >= 0)
        (void)close(c->wake);
    free(c->targets);
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
