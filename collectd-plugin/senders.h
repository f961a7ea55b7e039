/* SPDX-License-Identifier: MIT */
/*
 * The senders of the table, whose insides rows.h has. Nothing but the table's modules includes
 * this. The caller locks.
 */
#ifndef PLUG_SENDERS_H
#define PLUG_SENDERS_H

#include "collectd-plugin/rows.h"

/* The key that a report's sender has in the map. */
uint64_t plug_sender_key(const struct plug_table *t, const struct plug_report *report)
    __attribute__((nonnull));
struct sender *plug_sender_find(struct plug_table *t, const struct plug_report *report)
    __attribute__((nonnull));
/* Begins to fetch it from memory, or what it points to. */
void plug_sender_fetch(const struct plug_table *t, const struct plug_report *report, bool beyond)
    __attribute__((nonnull));
/* Makes one, without rows. NULL if there is no room or no memory. */
struct sender *plug_sender_new(struct plug_table *t, const struct plug_report *report, uint64_t now)
    __attribute__((nonnull));
/* Its rows too, none of which is live. */
void plug_sender_free(struct plug_table *t, struct sender *s) __attribute__((nonnull));
/* The same for one that had been taken, and whose datagrams must not bring it back. */
void plug_sender_forget(struct plug_table *t, struct sender *s, uint64_t now)
    __attribute__((nonnull));

/* All its rows leave. */
void plug_sender_leave(struct plug_table *t, struct sender *s, uint64_t now)
    __attribute__((nonnull));
/* One without a live row is remembered from now on. */
void plug_sender_remember(struct plug_table *t, struct sender *s, uint64_t now)
    __attribute__((nonnull));

/* Whether there is room for one more row; makes it at the cost of what is only remembered. */
bool plug_make_room(struct plug_table *t, uint64_t now)
    __attribute__((nonnull, warn_unused_result));

/* Counts what the sender has lost by now, and gives its new gaps PLUG_LATE_S to fill. */
void plug_sender_count_lost(struct plug_table *t, struct sender *s, uint64_t now)
    __attribute__((nonnull));
/* Gives up the gaps whose time is over, of all senders. */
void plug_give_up_gaps(struct plug_table *t, uint64_t now) __attribute__((nonnull));

#endif
