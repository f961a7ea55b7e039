/* SPDX-License-Identifier: MIT */
/*
 * Who has subscribed to the figures, and who may: protocol/subscription.h. Pure; the caller locks,
 * and reads the clock.
 */
#ifndef PLUG_SUBSCRIBERS_H
#define PLUG_SUBSCRIBERS_H

#include "collectd-plugin/address.h"
#include "collectd-plugin/map.h"
#include "protocol/subscription.h"

/* A console is somebody who looks. More than these are refused. */
#define PLUG_SUBSCRIBERS_MAX 64

struct plug_subscriber {
    struct plug_target target; /* its socket is where it asked */
    bool is_plain;             /* said HELO alone: gets one value list per datagram */
    uint64_t heard;
};

struct plug_subscribers {
    struct plug_secret secret;
    size_t count;
    struct plug_subscriber list[PLUG_SUBSCRIBERS_MAX];
};

/* Nobody; the secret keys the cookies. */
void plug_subscribers_init(struct plug_subscribers *all, const struct plug_secret *secret)
    __attribute__((nonnull));

/* Takes a datagram that came at `fd`. Returns the length of the answer: 0, or
   CDP_SUBSCRIPTION_BYTES. */
size_t plug_subscribers_take(struct plug_subscribers *all, int fd, const union plug_address *from,
                             const uint8_t *bytes, size_t length, uint64_t now,
                             uint8_t answer[CDP_SUBSCRIPTION_BYTES])
    __attribute__((nonnull, warn_unused_result));

/* Those that take full datagrams, or those that take the plain form. Returns how many. */
size_t plug_subscribers_targets(const struct plug_subscribers *all, bool plain,
                                struct plug_target targets[PLUG_SUBSCRIBERS_MAX])
    __attribute__((nonnull));

/* Forgets those who have not been heard of. */
void plug_subscribers_expire(struct plug_subscribers *all, uint64_t now) __attribute__((nonnull));

#endif
