/* SPDX-License-Identifier: MIT */
/*
 * What is kept of sessions after the table has forgotten them: how far each had come, so that a
 * recorded datagram of it is known when somebody sends it again. Part of the table (table.h), which
 * locks for it; times are those that the table is given.
 */
#ifndef PLUG_FORGOTTEN_H
#define PLUG_FORGOTTEN_H

#include "collectd-plugin/map.h"

/* How long a session is kept at least. A datagram that was recorded is good for PLUG_CLOCK_S by its
   sender's clock, which may be ahead by as much. */
#define PLUG_CLOCK_S     86400
#define PLUG_FORGOTTEN_S (2 * PLUG_CLOCK_S)

/* Two generations: when the younger is that old, or full, it takes the place of the older. */
struct plug_forgotten {
    struct plug_map younger, older;
    uint64_t began; /* the younger */
    size_t max;     /* of a generation */
};

/* Of a session that is over no sequence is new any more. */
#define PLUG_FORGOTTEN_ALL UINT64_MAX

/* Keeps that the session with this key of plug_hash had come as far as `highest`. If memory is out,
   it is not kept. */
void plug_forgotten_add(struct plug_forgotten *f, uint64_t key, uint64_t highest, uint64_t now)
    __attribute__((nonnull));

/* Whether a datagram with this sequence can have come before. */
bool plug_forgotten_has(const struct plug_forgotten *f, uint64_t key, uint64_t sequence)
    __attribute__((nonnull, warn_unused_result));

void plug_forgotten_fini(struct plug_forgotten *f) __attribute__((nonnull));

#endif
