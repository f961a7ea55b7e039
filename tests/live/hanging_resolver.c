/* SPDX-License-Identifier: MIT */
/*
 * A name service that never answers: preloaded, it stands in for the C library's. Addresses written
 * in numbers need no service, and are left to the C library.
 */
#define _GNU_SOURCE 1 /* RTLD_NEXT */
#include <dlfcn.h>
#include <netdb.h>
#include <unistd.h>

typedef int resolver(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **found)
{
    while (!hints || !(hints->ai_flags & AI_NUMERICHOST))
        pause();
    union {
        void *object;
        resolver *function;
    } next = {.object = dlsym(RTLD_NEXT, "getaddrinfo")};
    return next.function ? next.function(node, service, hints, found) : EAI_FAIL;
}
