/* SPDX-License-Identifier: MIT */
/*
 * Addresses of UDP: from names, compared, bound, sent to. Any thread.
 */
#ifndef PLUG_ADDRESS_H
#define PLUG_ADDRESS_H

#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A name and a port, as the configuration has them. */
struct plug_endpoint {
    char *address;
    char port[6];
};

struct plug_endpoints {
    struct plug_endpoint *list;
    size_t count;
};

union plug_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* The length that the system's calls want. */
socklen_t plug_address_length(const union plug_address *address) __attribute__((nonnull));

bool plug_address_is_loopback(const union plug_address *address) __attribute__((nonnull));

/* Whether they are the same, the port included. */
bool plug_address_is_same(const union plug_address *a, const union plug_address *b)
    __attribute__((nonnull));

/* All addresses of a name and a port, to be bound if `passive`; the caller frees them with
   freeaddrinfo. NULL, or what was wrong, which lives until the next call of strerror. May wait for
   the name service. */
const char *plug_address_find(const char *name, const char *port, bool passive,
                              struct addrinfo **found) __attribute__((nonnull, warn_unused_result));

/* A socket that is bound to an address and never waits; -1 with errno. */
int plug_address_bind(const struct addrinfo *address) __attribute__((nonnull, warn_unused_result));

/* Where a datagram goes: from this socket, to that address. */
struct plug_target {
    int fd;
    union plug_address address;
};

/* What does not go out at once is lost, as any datagram may be. */
void plug_target_send(const struct plug_target *target, const uint8_t *bytes, size_t length)
    __attribute__((nonnull));

#endif
