/* SPDX-License-Identifier: MIT */
/*
 * Opening the UDP sockets that a listener's name stands for, and what the kernel says of them.
 */
#ifndef PLUG_SOCKETS_H
#define PLUG_SOCKETS_H

#include <stdint.h>

#include "collectd-plugin/config.h"

struct plug_socket {
    int fd;
    enum cdp_security level;
    struct plug_auth *auth; /* of the listener; its first socket owns it */
    bool owns_auth;
    uint32_t drops; /* as the kernel counted them last */
};

struct plug_sockets {
    struct plug_socket *list;
    size_t count;
};

/* Opens one socket for each address that the listener's name has. False after a message in the log;
   what was opened is in `sockets` all the same. */
bool plug_sockets_open(struct plug_sockets *sockets, const struct plug_listen *listen)
    __attribute__((nonnull, warn_unused_result));
void plug_sockets_close(struct plug_sockets *sockets) __attribute__((nonnull));

/* How many more datagrams the kernel has dropped, by a reading of its counter. The counter wraps
   around, and an older reading may come after a newer one. */
uint32_t plug_socket_drops(struct plug_socket *s, uint32_t reading) __attribute__((nonnull));

/* Reads the counter now; false if this kernel does not tell. */
bool plug_socket_read_drops(const struct plug_socket *s, uint32_t *reading)
    __attribute__((nonnull, warn_unused_result));

#endif
