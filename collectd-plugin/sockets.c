/* SPDX-License-Identifier: MIT */
/* Owns the sockets and their options. */
#include "collectd-plugin/sockets.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collectd-plugin/address.h"
#include "collectd-plugin/auth.h"

/* Room for what arrives while the table is being read: 8 MiB hold some 3500 full datagrams of
   100,000 processes that all report within 2 s at 50,000 a second, for 70 ms. */
#define RECEIVE_BUFFER_BYTES (8 * 1024 * 1024)

static void set(int fd, int level, int option, int value, const char *name)
{
    if (setsockopt(fd, level, option, &value, sizeof(value)) != 0)
        plug_log(PLUG_WARNING, "socket option %s: %s", name, strerror(errno));
}

static void set_options(int fd)
{
    int size = RECEIVE_BUFFER_BYTES;

    /* Beyond the system's limit, if this process may; else up to it. */
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) != 0)
        set(fd, SOL_SOCKET, SO_RCVBUF, size, "SO_RCVBUF");
    set(fd, SOL_SOCKET, SO_RXQ_OVFL, 1, "SO_RXQ_OVFL");
}

static int open_socket(const struct addrinfo *address)
{
    int fd = plug_address_bind(address);

    if (fd >= 0)
        set_options(fd);
    return fd;
}

static const char *advice_for(int error)
{
    switch (error) {
    case EADDRINUSE:
        return "; another program listens there: another collectd, or a <Listen> of its network "
               "plugin. Stop it, or choose another port";
    case EADDRNOTAVAIL:
        return "; this host has no such address";
    case EACCES:
        return "; ports below 1024 need privileges";
    default:
        return "";
    }
}

static bool add_socket(struct plug_sockets *sockets, int fd)
{
    struct plug_socket *more =
        realloc(sockets->list, (sockets->count + 1) * sizeof(*sockets->list));

    if (more == NULL)
        return false;
    sockets->list = more;
    more[sockets->count++] = (struct plug_socket){.fd = fd};
    return true;
}

static bool open_addresses(struct plug_sockets *sockets, const struct plug_listen *listen,
                           const struct addrinfo *addresses)
{
    for (const struct addrinfo *a = addresses; a != NULL; a = a->ai_next) {
        int fd = open_socket(a);

        if (fd < 0 && listen->is_default && (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL)) {
            plug_log(PLUG_INFO, "not listening on \"%s\": %s", listen->address, strerror(errno));
            continue;
        }
        if (fd < 0) {
            plug_log(PLUG_ERROR, "Listen \"%s\" \"%s\": %s%s", listen->address, listen->port,
                     strerror(errno), advice_for(errno));
            return false;
        }
        if (!add_socket(sockets, fd)) {
            (void)close(fd);
            plug_log(PLUG_ERROR, "Listen: out of memory");
            return false;
        }
    }
    return true;
}

/* The sockets from `first` on are the listener's. */
static bool set_security(struct plug_sockets *sockets, size_t first,
                         const struct plug_listen *listen)
{
    struct plug_auth *auth = NULL;
    char error[512];

    if (listen->auth_file != NULL && first < sockets->count) {
        auth = plug_auth_new(listen->auth_file, error, sizeof(error));
        if (auth == NULL) {
            plug_log(PLUG_ERROR, "%s", error);
            return false;
        }
    }
    for (size_t i = first; i < sockets->count; i++) {
        sockets->list[i].level = listen->level;
        sockets->list[i].auth = auth;
        sockets->list[i].owns_auth = i == first;
    }
    return true;
}

bool plug_sockets_open(struct plug_sockets *sockets, const struct plug_listen *listen)
{
    struct addrinfo *addresses;
    size_t first = sockets->count;
    const char *trouble = plug_address_find(listen->address, listen->port, true, &addresses);
    bool ok;

    if (trouble != NULL) {
        plug_log(PLUG_ERROR, "Listen \"%s\" \"%s\": %s", listen->address, listen->port, trouble);
        return false;
    }
    ok = open_addresses(sockets, listen, addresses);
    freeaddrinfo(addresses);
    return ok && set_security(sockets, first, listen);
}

void plug_sockets_close(struct plug_sockets *sockets)
{
    for (size_t i = 0; i < sockets->count; i++) {
        (void)close(sockets->list[i].fd);
        if (sockets->list[i].owns_auth)
            plug_auth_free(&sockets->list[i].auth);
    }
    free(sockets->list);
    *sockets = (struct plug_sockets){0};
}

uint32_t plug_socket_drops(struct plug_socket *s, uint32_t reading)
{
    uint32_t more = reading - s->drops;

    if (more > UINT32_MAX / 2) /* older than the last */
        return 0;
    s->drops = reading;
    return more;
}

bool plug_socket_read_drops(const struct plug_socket *s, uint32_t *reading)
{
    uint32_t info[SK_MEMINFO_VARS];
    socklen_t bytes = sizeof(info);

    if (getsockopt(s->fd, SOL_SOCKET, SO_MEMINFO, info, &bytes) != 0 ||
        bytes < (SK_MEMINFO_DROPS + 1) * sizeof(info[0]))
        return false;
    *reading = info[SK_MEMINFO_DROPS];
    return true;
}
