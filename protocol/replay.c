/* SPDX-License-Identifier: MIT */
/*
 * Owns the arithmetic of the replay window. Counts are compared as differences from `first` and
 * `highest`, so that no sequence number, however hostile, overflows.
 */
#include "protocol/replay.h"

enum cdp_replay_verdict cdp_replay_check(struct cdp_replay *r, uint64_t sequence)
{
    if (!r->any) {
        *r = (struct cdp_replay){
            .highest = sequence, .seen = 1, .received = 1, .first = sequence, .any = true};
        return CDP_REPLAY_NEWEST;
    }
    if (sequence > r->highest) {
        uint64_t ahead = sequence - r->highest;

        r->seen = ahead < CDP_REPLAY_WINDOW ? r->seen << ahead | 1 : 1;
        r->highest = sequence;
        r->received++;
        return CDP_REPLAY_NEWEST;
    }

    uint64_t behind = r->highest - sequence;

    if (behind >= CDP_REPLAY_WINDOW)
        return CDP_REPLAY_OLD;
    if (r->seen >> behind & 1)
        return CDP_REPLAY_SEEN;
    r->seen |= UINT64_C(1) << behind;
    r->received++;
    if (sequence < r->first)
        r->first = sequence;
    return CDP_REPLAY_LATE;
}

uint64_t cdp_replay_lost(const struct cdp_replay *r)
{
    return r->any ? r->highest - r->first - (r->received - 1) : 0;
}
