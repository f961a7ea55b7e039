/* SPDX-License-Identifier: MIT */
/*
 * Owns how a report gets out: which address, on which socket. The socket lives for one report. An
 * application may close every descriptor it finds, and the number of one that we kept would by then
 * be somebody else's.
 */
#include "odbcshim/sender.h"
#include "odbcshim/units.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void set_port(struct sockaddr_storage *address, int port)
{
    if (address->ss_family == AF_INET6)
        ((struct sockaddr_in6 *)address)->sin6_port = htons((uint16_t)port);
    else
        ((struct sockaddr_in *)address)->sin_port = htons((uint16_t)port);
}

static bool look_up(struct shim_addresses *a, const char *host, int port, int flags)
{
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = flags};
    struct addrinfo *all = NULL;
    struct shim_addresses found = {.count = 0};

    if (getaddrinfo(host, NULL, &hints, &all) != 0)
        return false;
    for (struct addrinfo *i = all; i != NULL && found.count < SHIM_ADDRESSES_MAX; i = i->ai_next) {
        if ((i->ai_family != AF_INET && i->ai_family != AF_INET6) ||
            i->ai_addrlen > sizeof(found.address[0]))
            continue;
        memcpy(&found.address[found.count], i->ai_addr, i->ai_addrlen);
        set_port(&found.address[found.count], port);
        found.length[found.count++] = i->ai_addrlen;
    }
    freeaddrinfo(all);
    if (found.count == 0)
        return false;
    *a = found;
    return true;
}

bool shim_addresses_known(struct shim_addresses *a, const char *host, int port)
{
    struct shim_addresses six = {.count = 0};

    memset(a, 0, sizeof(*a));
    if (!shim_same_key(host, "localhost"))
        return look_up(a, host, port, AI_NUMERICHOST);
    if (look_up(a, "127.0.0.1", port, AI_NUMERICHOST) &&
        look_up(&six, "::1", port, AI_NUMERICHOST)) {
        a->address[a->count] = six.address[0];
        a->length[a->count++] = six.length[0];
    }
    return a->count > 0;
}

bool shim_addresses_resolve(struct shim_addresses *a, const char *host, int port)
{
    return look_up(a, host, port, 0);
}

/* A report on its way. */
struct way {
    struct shim_destination *destination;
    int fd; /* -1: none open */
    bool lost;
};

static void close_socket(struct way *w)
{
    if (w->fd >= 0)
        close(w->fd);
    w->fd = -1;
}

/* Opens a socket to the present address. Not on 0, 1 or 2, were they free: what others take for
   their standard output must not be it, not even for a moment longer than it must. */
static bool open_socket(struct way *w)
{
    const struct shim_addresses *a = &w->destination->addresses;
    const struct sockaddr_storage *to = &a->address[a->current];
    int fd = socket(to->ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd >= 0 && fd <= STDERR_FILENO) {
        int higher = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

        close(fd);
        fd = higher;
    }
    w->fd = fd;
    if (fd >= 0 && connect(fd, (const struct sockaddr *)to, a->length[a->current]) != 0)
        close_socket(w);
    return w->fd >= 0;
}

/* A host of our own says at once that nobody listens there; another one later or never. */
static bool refused(int fd)
{
    int error = 0;
    socklen_t length = sizeof(error);

    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == ECONNREFUSED;
}

/* Sends a datagram to the first address, from the present one on, that does not refuse it. */
static bool send_datagram(struct way *w, const uint8_t *datagram, size_t length)
{
    struct shim_addresses *a = &w->destination->addresses;

    for (size_t tries = 0; tries <= a->count; tries++) {
        if (w->fd >= 0 || open_socket(w)) {
            ssize_t n = send(w->fd, datagram, length, MSG_DONTWAIT | MSG_NOSIGNAL);

            if (n >= 0 && (a->count == 1 || !refused(w->fd)))
                return true;
            if (n < 0 && (errno == EAGAIN || errno == ENOBUFS))
                return true; /* the network is busy: one datagram less, as it happens with UDP */
            close_socket(w);
        }
        a->current = (a->current + 1) % a->count;
    }
    return false;
}

static void emit(void *context, const uint8_t *datagram, size_t length)
{
    struct way *w = context;
    const struct shim_destination *d = w->destination;
    uint8_t sealed[CDP_DATAGRAM_MAX];

    if (d->security != CDP_SECURITY_NONE) {
        length = cdp_seal(d->security, &d->credentials, datagram, length, sealed, sizeof(sealed));
        datagram = sealed;
        if (length == 0) { /* rather nothing than in the open */
            w->lost = true;
            return;
        }
    }
    if (!send_datagram(w, datagram, length))
        w->lost = true;
}

bool shim_send_report(struct shim_destination *d, const struct cdp_program *programs, size_t count,
                      bool farewell)
{
    struct way way = {.destination = d, .fd = -1};
    struct timespec t;
    struct cdp_report report = {
        .interval = cdp_time_from_seconds(d->interval),
        .farewell = farewell,
        .programs = programs,
        .count = count,
    };
    size_t limit = CDP_DATAGRAM_MAX;

    if (d->addresses.count == 0)
        return false;
    if (d->token[0] == '\0')
        shim_token(d->token);
    clock_gettime(CLOCK_REALTIME, &t);
    report.time = cdp_time_from_seconds((double)t.tv_sec + (double)t.tv_nsec / 1e9);
    if (d->plugin == SHIM_PLUGIN_SQLALCHEMY) {
        cdp_encode_sqlalchemy(&d->sender, &report, emit, &way);
    } else {
        if (d->security != CDP_SECURITY_NONE)
            limit -= CDP_SEAL_OVERHEAD(strlen(d->credentials.user));
        cdp_encode_report(&d->sender, &report, limit, emit, &way);
    }
    close_socket(&way);
    return !way.lost;
}
