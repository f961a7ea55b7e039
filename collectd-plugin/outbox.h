/* SPDX-License-Identifier: MIT */
/*
 * Value lists that wait to be sent to consoles, and their two shapes as datagrams of collectd's
 * binary protocol. Pure; the caller locks.
 */
#ifndef PLUG_OUTBOX_H
#define PLUG_OUTBOX_H

#include "protocol/encode.h"

/* A value list of one value. */
struct plug_outgoing {
    const char *host, *plugin, *plugin_instance, *type, *type_instance;
    uint64_t time, interval; /* 2^-30 seconds */
    struct cdp_value value;
};

/* What a collectd's write threads deliver while the console's thread gathers it: of 100 bytes each,
   some 20,000. More are dropped. */
#define PLUG_OUTBOX_BYTES (2 * 1024 * 1024)

struct plug_outbox {
    uint8_t *bytes;
    size_t used;
};

/* Allocates its memory; false if there is none. */
bool plug_outbox_init(struct plug_outbox *box) __attribute__((nonnull, warn_unused_result));
void plug_outbox_fini(struct plug_outbox *box) __attribute__((nonnull));

/* Copies a value list in, its strings cut to CDP_NAME_MAX. False if it is full. */
bool plug_outbox_put(struct plug_outbox *box, const struct plug_outgoing *out)
    __attribute__((nonnull, warn_unused_result));

/* The next value list from *at on, which is 0 at first; false at the end. The strings live until
   the outbox changes. */
bool plug_outbox_next(const struct plug_outbox *box, size_t *at, struct plug_outgoing *out)
    __attribute__((nonnull, warn_unused_result));

/* Passes on all in as few datagrams as hold them. What is the same as in the list before is not
   repeated within a datagram. */
void plug_outbox_pack(const struct plug_outbox *box, cdp_emit *emit, void *context)
    __attribute__((nonnull(1, 2)));

/* Passes on each list as a datagram of its own, for sqlalchemy-collectd's console: whole seconds,
   ASCII, the types `count` and `derive` alone, and not what the plugin says of itself. */
void plug_outbox_pack_singly(const struct plug_outbox *box, cdp_emit *emit, void *context)
    __attribute__((nonnull(1, 2)));

#endif
