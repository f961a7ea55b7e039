/* SPDX-License-Identifier: MIT */
/* Owns the sending of probes and the waiting for answers. */
#include "tools/ask.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "tools/child.h"

#define RESOLVE_MS 20000
#define TRIES      4
#define TRY_MS     500
#define OTHERS_MAX 100

struct question {
    const char *host;
    int port;
};

static void resolve(const void *order, void *result)
{
    const struct question *q = order;
    struct tool_addresses *a = result;
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM}, *found;
    int status;

    if (shim_addresses_known(&a->found, q->host, q->port) ||
        shim_addresses_resolve(&a->found, q->host, q->port))
        return;
    status = getaddrinfo(q->host, NULL, &hints, &found); /* for the reason */
    if (status == 0)
        freeaddrinfo(found);
    (void)snprintf(a->reason, sizeof(a->reason), "%s",
                   status == 0            ? "it has no address of IPv4 or IPv6"
                   : status == EAI_SYSTEM ? strerror(errno)
                                          : gai_strerror(status));
}

void tool_resolve(const char *host, int port, struct tool_addresses *addresses)
{
    const struct question question = {host, port};

    switch (tool_child_do(resolve, &question, addresses, sizeof(*addresses), RESOLVE_MS)) {
    case TOOL_CHILD_DONE:
        break;
    case TOOL_CHILD_LATE:
        (void)snprintf(addresses->reason, sizeof(addresses->reason),
                       "the name service does not answer within %d seconds", RESOLVE_MS / 1000);
        break;
    case TOOL_CHILD_ENDED:
    case TOOL_CHILD_NONE:
        (void)snprintf(addresses->reason, sizeof(addresses->reason),
                       "the name service cannot be asked");
        break;
    }
}

void tool_address_show(const struct sockaddr_storage *address, socklen_t length, char text[64])
{
    if (getnameinfo((const struct sockaddr *)address, length, text, 64, NULL, 0, NI_NUMERICHOST) !=
        0)
        strcpy(text, "?");
}

/* A socket that is not connected takes the answer of a host with several addresses from whichever
   it comes; by this option it also hears of errors on the way. */
static int open_socket(int family)
{
    int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int on = 1;

    if (fd >= 0 && family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on));
    else if (fd >= 0)
        (void)setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on));
    return fd;
}

static void note_error(struct tool_heard *heard, int error)
{
    heard->what = error == ECONNREFUSED ? TOOL_HEARD_REFUSAL : TOOL_HEARD_TROUBLE;
    heard->error = error;
}

/* Reads until there is an answer, an error, or nothing for so long; of other datagrams only so
   many, for they may come without end. True: that is all. */
static bool wait_for_answer(int fd, const uint8_t nonce[CDP_PROBE_NONCE_BYTES],
                            struct tool_heard *heard)
{
    struct pollfd polled = {.fd = fd, .events = POLLIN};

    for (int others = 0; others < OTHERS_MAX; others++) {
        uint8_t bytes[CDP_PROBE_BYTES + 1]; /* a longer one is none */
        int ready = poll(&polled, 1, TRY_MS);
        ssize_t n = ready > 0 ? recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) : 0;

        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return false;
        if (n >= 0 && cdp_probe_read(bytes, (size_t)n, nonce, &heard->answer)) {
            heard->what = TOOL_HEARD_ANSWER;
            return true;
        }
        if (n < 0 && errno != EAGAIN && errno != EINTR) {
            note_error(heard, errno);
            return true;
        }
    }
    return false;
}

void tool_ask(const struct sockaddr_storage *address, socklen_t length, enum cdp_security level,
              const struct cdp_credentials *who, struct tool_heard *heard)
{
    uint8_t nonce[CDP_PROBE_NONCE_BYTES], question[CDP_PROBE_QUESTION_MAX];
    int fd = open_socket(address->ss_family);
    size_t n = 0;

    *heard = (struct tool_heard){.what = TOOL_HEARD_NOTHING};
    if (fd >= 0 && cdp_seal_init() && getrandom(nonce, sizeof(nonce), 0) == sizeof(nonce))
        n = cdp_probe_ask(level, who, nonce, question, sizeof(question));
    if (n == 0)
        note_error(heard, fd < 0 ? errno : EPROTO);
    for (int try = 0; n > 0 && try < TRIES; try++) {
        if (sendto(fd, question, n, MSG_NOSIGNAL, (const struct sockaddr *)address, length) < 0) {
            note_error(heard, errno);
            break;
        }
        if (wait_for_answer(fd, nonce, heard))
            break;
    }
    if (fd >= 0)
        (void)close(fd);
}
