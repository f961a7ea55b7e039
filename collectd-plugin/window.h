/* SPDX-License-Identifier: MIT */
/*
 * Which datagrams of a session have come, and which never will: the replay window, and when a gap
 * in it is given up. What is given up counts as lost, once, and is refused if it comes after all:
 * so `lost` never falls, and a datagram is never both taken and lost. Pure; the caller locks.
 */
#ifndef PLUG_WINDOW_H
#define PLUG_WINDOW_H

#include "protocol/replay.h"

/* All zero is a session of which nothing has come. */
struct plug_window {
    struct cdp_replay replay;
    uint64_t given_up; /* sequences below are refused */
    uint64_t mark;     /* the next plug_window_give_up goes so far */
    uint64_t skipped;  /* of the gaps, what was too large to be believed */
    uint64_t counted;  /* what plug_window_lost has told */
};

/* Judges a sequence and notes it. SEEN and OLD are to be refused. A gap counts as at most `gap_max`
   datagrams. */
enum cdp_replay_verdict plug_window_take(struct plug_window *w, uint64_t sequence, uint64_t gap_max)
    __attribute__((nonnull, warn_unused_result));

/* The session is known to have begun at sequence 0, though another came first. */
void plug_window_began_at_zero(struct plug_window *w) __attribute__((nonnull));

/* How many more have been lost for good since it was last asked. */
uint64_t plug_window_lost(struct plug_window *w) __attribute__((nonnull, warn_unused_result));

/* How many gaps may still be filled. */
unsigned plug_window_open(const struct plug_window *w) __attribute__((nonnull));

/* plug_window_give_up gives up the gaps that were there at the last plug_window_mark. */
void plug_window_mark(struct plug_window *w) __attribute__((nonnull));
void plug_window_give_up(struct plug_window *w) __attribute__((nonnull));

#endif
