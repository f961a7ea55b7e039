/* SPDX-License-Identifier: MIT */
/*
 * The window over the sequence numbers of one session: which datagrams have come, how many never
 * came. Pure arithmetic; the caller locks.
 */
#ifndef CDP_REPLAY_H
#define CDP_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

/* Datagrams that come out of order by less than this are still taken. */
#define CDP_REPLAY_WINDOW 64

struct cdp_replay {
    uint64_t highest;  /* the highest sequence seen */
    uint64_t seen;     /* bit n: highest - n has come */
    uint64_t received; /* distinct sequences taken */
    uint64_t first;    /* the first sequence seen, or lower if a late one came */
    bool any;
};

enum cdp_replay_verdict {
    CDP_REPLAY_NEWEST, /* higher than all before: its gauges are the present ones */
    CDP_REPLAY_LATE,   /* inside the window, not seen yet: its totals count, its gauges do not */
    CDP_REPLAY_SEEN,   /* a replay or a duplicate: refuse it */
    CDP_REPLAY_OLD,    /* older than the window, cannot be told from a replay: refuse it */
};

enum cdp_replay_verdict cdp_replay_check(struct cdp_replay *r, uint64_t sequence)
    __attribute__((nonnull, warn_unused_result));

/* How many datagrams between the first and the highest sequence have not come. Falls again when a
   late one comes. */
uint64_t cdp_replay_lost(const struct cdp_replay *r) __attribute__((nonnull));

#endif
