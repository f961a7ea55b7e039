/* SPDX-License-Identifier: MIT */
/* Owns the list of subscribers, and what a cookie is made of. */
#include "collectd-plugin/subscribers.h"

#include "collectd-plugin/ticks.h"

/* A cookie is good in the window in which it was made and in the next. */
#define WINDOW_S 60

void plug_subscribers_init(struct plug_subscribers *all, const struct plug_secret *secret)
{
    *all = (struct plug_subscribers){.secret = *secret};
}

static uint64_t cookie_of(const struct plug_subscribers *all, const union plug_address *address,
                          uint64_t window)
{
    uint8_t bytes[40];
    struct cdp_buffer b;

    cdp_buffer_init(&b, bytes, sizeof(bytes));
    cdp_buffer_put_u64(&b, window);
    cdp_buffer_put_u16(&b, address->any.sa_family);
    if (address->any.sa_family == AF_INET6) {
        cdp_buffer_put_bytes(&b, &address->v6.sin6_addr, sizeof(address->v6.sin6_addr));
        cdp_buffer_put_u16(&b, address->v6.sin6_port);
        cdp_buffer_put_u64(&b, address->v6.sin6_scope_id);
    } else {
        cdp_buffer_put_bytes(&b, &address->v4.sin_addr, sizeof(address->v4.sin_addr));
        cdp_buffer_put_u16(&b, address->v4.sin_port);
    }
    return plug_hash(&all->secret, bytes, b.used);
}

static uint64_t window_of(uint64_t now)
{
    return now / plug_seconds(WINDOW_S) + 1; /* so that there is one before it */
}

static bool is_good(const struct plug_subscribers *all, const union plug_address *address,
                    uint64_t cookie, uint64_t now)
{
    return cookie == cookie_of(all, address, window_of(now)) ||
           cookie == cookie_of(all, address, window_of(now) - 1);
}

/* False if there is no room. */
static bool add(struct plug_subscribers *all, const struct plug_subscriber *subscriber)
{
    size_t i = 0;

    while (i < all->count &&
           !plug_address_is_same(&all->list[i].target.address, &subscriber->target.address))
        i++;
    if (i == PLUG_SUBSCRIBERS_MAX)
        return false;
    all->list[i] = *subscriber;
    if (i == all->count)
        all->count++;
    return true;
}

size_t plug_subscribers_take(struct plug_subscribers *all, int fd, const union plug_address *from,
                             const uint8_t *bytes, size_t length, uint64_t now,
                             uint8_t answer[CDP_SUBSCRIPTION_BYTES])
{
    struct plug_subscriber subscriber = {.target = {fd, *from}, .heard = now};
    const char *word = CDP_COOK;
    uint64_t cookie;

    plug_subscribers_expire(all, now);
    if (length == 4 && memcmp(bytes, CDP_HELO, 4) == 0) {
        subscriber.is_plain = true;
        if (plug_address_is_loopback(from))
            (void)add(all, &subscriber);
        return 0;
    }
    if (!cdp_subscription_get(bytes, length, CDP_HELO, &cookie))
        return 0;
    if ((plug_address_is_loopback(from) || is_good(all, from, cookie, now)) &&
        !add(all, &subscriber))
        word = CDP_FULL;
    cdp_subscription_put(answer, word, cookie_of(all, from, window_of(now)));
    return CDP_SUBSCRIPTION_BYTES;
}

size_t plug_subscribers_targets(const struct plug_subscribers *all, bool plain,
                                struct plug_target targets[PLUG_SUBSCRIBERS_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < all->count; i++)
        if (all->list[i].is_plain == plain)
            targets[count++] = all->list[i].target;
    return count;
}

void plug_subscribers_expire(struct plug_subscribers *all, uint64_t now)
{
    for (size_t i = 0; i < all->count;) {
        if (plug_elapsed(all->list[i].heard, now) > plug_seconds(CDP_SUBSCRIPTION_S))
            all->list[i] = all->list[--all->count];
        else
            i++;
    }
}
