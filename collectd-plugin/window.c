/* SPDX-License-Identifier: MIT */
/* Owns the account of lost datagrams of one session. */
#include "collectd-plugin/window.h"

enum cdp_replay_verdict plug_window_take(struct plug_window *w, uint64_t sequence, uint64_t gap_max)
{
    bool any = w->replay.any;
    uint64_t highest = w->replay.highest;

    if (any && sequence < w->given_up)
        return CDP_REPLAY_OLD;

    enum cdp_replay_verdict verdict = cdp_replay_check(&w->replay, sequence);

    if (any && verdict == CDP_REPLAY_NEWEST && sequence - highest - 1 > gap_max)
        w->skipped += sequence - highest - 1 - gap_max;
    return verdict;
}

void plug_window_began_at_zero(struct plug_window *w)
{
    w->replay.first = 0;
}

unsigned plug_window_open(const struct plug_window *w)
{
    const struct cdp_replay *r = &w->replay;

    if (!r->any)
        return 0;

    uint64_t lowest = r->first > w->given_up ? r->first : w->given_up;
    uint64_t width = r->highest - lowest + 1;
    uint64_t mask =
        width >= CDP_REPLAY_WINDOW || width == 0 ? UINT64_MAX : (UINT64_C(1) << width) - 1;

    return (unsigned)__builtin_popcountll(~r->seen & mask);
}

uint64_t plug_window_lost(struct plug_window *w)
{
    uint64_t lost = cdp_replay_lost(&w->replay) - w->skipped - plug_window_open(w);
    uint64_t more = lost - w->counted;

    w->counted = lost;
    return more;
}

void plug_window_mark(struct plug_window *w)
{
    w->mark = w->replay.highest;
}

void plug_window_give_up(struct plug_window *w)
{
    w->given_up = w->mark;
}
