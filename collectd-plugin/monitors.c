/* SPDX-License-Identifier: MIT */
/* Owns the sockets to push from, and in which form each monitor takes its figures. */
#include "collectd-plugin/monitors.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collectd-plugin/log.h"
#include "collectd-plugin/ticks.h"
#include "protocol/subscription.h"

/* When a monitor that could not be resolved is asked for again. */
#define RESOLVE_AGAIN_S 60
/* So that no flood keeps the thread from sending. */
#define ANSWERS_AT_ONCE 64

static void resolve(struct plug_monitor *m)
{
    struct addrinfo *found;
    const char *trouble = plug_address_find(m->endpoint->address, m->endpoint->port, false, &found);

    m->asked = plug_now();
    if (trouble != NULL) {
        plug_log(PLUG_WARNING, "Monitor \"%s\" \"%s\": %s; trying again every %d s",
                 m->endpoint->address, m->endpoint->port, trouble, RESOLVE_AGAIN_S);
        return;
    }
    if (found->ai_addrlen <= sizeof(m->target.address)) {
        memcpy(&m->target.address, found->ai_addr, found->ai_addrlen);
        m->target.fd = socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    }
    freeaddrinfo(found);
}

bool plug_monitors_open(struct plug_monitors *monitors, const struct plug_endpoints *endpoints)
{
    if (endpoints->count == 0)
        return true;
    monitors->list = calloc(endpoints->count, sizeof(*monitors->list));
    if (monitors->list == NULL)
        return false;
    monitors->count = endpoints->count;
    for (size_t i = 0; i < endpoints->count; i++) {
        monitors->list[i] = (struct plug_monitor){.endpoint = &endpoints->list[i], .target.fd = -1};
        resolve(&monitors->list[i]);
    }
    return true;
}

void plug_monitors_close(struct plug_monitors *monitors)
{
    for (size_t i = 0; i < monitors->count; i++)
        if (monitors->list[i].target.fd >= 0)
            (void)close(monitors->list[i].target.fd);
    free(monitors->list);
    *monitors = (struct plug_monitors){0};
}

static void hear(struct plug_monitor *m, uint64_t now)
{
    for (int n = 0; n < ANSWERS_AT_ONCE; n++) {
        uint8_t bytes[CDP_SUBSCRIPTION_BYTES + 1]; /* a longer one is none */
        union plug_address from;
        socklen_t from_bytes = sizeof(from);
        ssize_t got =
            recvfrom(m->target.fd, bytes, sizeof(bytes), MSG_DONTWAIT, &from.any, &from_bytes);
        uint64_t unused;

        if (got < 0)
            break;
        if (plug_address_is_same(&from, &m->target.address) &&
            cdp_subscription_get(bytes, (size_t)got, CDP_HELO, &unused))
            m->heard = now;
    }
    if (plug_elapsed(m->heard, now) > plug_seconds(CDP_SUBSCRIPTION_S))
        m->heard = 0; /* another one may look there by now */
}

bool plug_monitors_keep(struct plug_monitors *monitors, uint64_t now)
{
    bool any = false;

    for (size_t i = 0; i < monitors->count; i++) {
        struct plug_monitor *m = &monitors->list[i];

        if (m->target.fd < 0 && plug_elapsed(m->asked, now) > plug_seconds(RESOLVE_AGAIN_S))
            resolve(m);
        if (m->target.fd >= 0)
            hear(m, now);
        any = any || m->target.fd >= 0;
    }
    return any;
}

size_t plug_monitors_targets(const struct plug_monitors *monitors, bool plain,
                             struct plug_target *targets)
{
    size_t count = 0;

    for (size_t i = 0; i < monitors->count; i++) {
        const struct plug_monitor *m = &monitors->list[i];

        if (m->target.fd >= 0 && (m->heard == 0) == plain)
            targets[count++] = m->target;
    }
    return count;
}
