/* SPDX-License-Identifier: MIT */
/* Owns what differs between the families of addresses, and the flags of their sockets. */
#include "collectd-plugin/address.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

socklen_t plug_address_length(const union plug_address *address)
{
    return address->any.sa_family == AF_INET6 ? sizeof(address->v6) : sizeof(address->v4);
}

bool plug_address_is_loopback(const union plug_address *address)
{
    if (address->any.sa_family == AF_INET6)
        return IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr);
    return address->any.sa_family == AF_INET &&
           ntohl(address->v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

bool plug_address_is_same(const union plug_address *a, const union plug_address *b)
{
    if (a->any.sa_family != b->any.sa_family)
        return false;
    if (a->any.sa_family == AF_INET6)
        return a->v6.sin6_port == b->v6.sin6_port && a->v6.sin6_scope_id == b->v6.sin6_scope_id &&
               memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof(a->v6.sin6_addr)) == 0;
    return a->v4.sin_port == b->v4.sin_port && a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
}

const char *plug_address_find(const char *name, const char *port, bool passive,
                              struct addrinfo **found)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_DGRAM,
                             .ai_flags = AI_NUMERICSERV | (passive ? AI_PASSIVE : AI_ADDRCONFIG)};
    int status = getaddrinfo(name, port, &hints, found);

    if (status == 0)
        return NULL;
    return status == EAI_SYSTEM ? strerror(errno) : gai_strerror(status);
}

int plug_address_bind(const struct addrinfo *address)
{
    int fd = socket(address->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int on = 1;
    int error;

    if (fd < 0)
        return -1;
    /* Or an IPv6 socket would take the port of the IPv4 one too. */
    if ((address->ai_family != AF_INET6 ||
         setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) == 0) &&
        bind(fd, address->ai_addr, address->ai_addrlen) == 0)
        return fd;
    error = errno;
    (void)close(fd);
    errno = error;
    return -1;
}

void plug_target_send(const struct plug_target *t, const uint8_t *bytes, size_t length)
{
    (void)!sendto(t->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL, &t->address.any,
                  plug_address_length(&t->address));
}
