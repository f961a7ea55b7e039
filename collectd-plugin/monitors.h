/* SPDX-License-Identifier: MIT */
/*
 * The consoles that are pushed to (Monitor). One that says HELO back, as a subscriber does
 * (protocol/subscription.h), gets full datagrams; one that says nothing may be
 * sqlalchemy-collectd's and gets a value list per datagram, in that program's form. One thread.
 */
#ifndef PLUG_MONITORS_H
#define PLUG_MONITORS_H

#include "collectd-plugin/address.h"

struct plug_monitor {
    const struct plug_endpoint *endpoint;
    struct plug_target target; /* its fd is -1: not resolved */
    uint64_t asked;
    uint64_t heard; /* when it said HELO last; 0: it takes one value list per datagram */
};

struct plug_monitors {
    struct plug_monitor *list;
    size_t count;
};

/* Resolves each name; one that cannot be is complained of, and asked for again later. False if
   memory is out. The endpoints' strings must live as long. */
bool plug_monitors_open(struct plug_monitors *monitors, const struct plug_endpoints *endpoints)
    __attribute__((nonnull, warn_unused_result));
void plug_monitors_close(struct plug_monitors *monitors) __attribute__((nonnull));

/* What is to be done from time to time, and before sending: hears what they say, asks again for
   names. Returns whether there is anybody to send to. May wait for the name service. */
bool plug_monitors_keep(struct plug_monitors *monitors, uint64_t now) __attribute__((nonnull));

/* Those that take full datagrams, or those that take the plain form. Returns how many; there is
   room for all. */
size_t plug_monitors_targets(const struct plug_monitors *monitors, bool plain,
                             struct plug_target *targets) __attribute__((nonnull));

#endif
