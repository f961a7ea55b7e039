/* SPDX-License-Identifier: MIT */
/* What to check when no figures come, in words. */
#ifndef MON_ADVICE_H
#define MON_ADVICE_H

#include "connmon/feed.h"

#define MON_ADVICE_BYTES 512

/* Writes the n-th line of the advice for that state; `listens`: we wait for a collectd that pushes.
   False if there is none. */
bool mon_advice(enum mon_feed_state state, bool listens, const char *host, const char *port,
                size_t n, char line[MON_ADVICE_BYTES]) __attribute__((nonnull, warn_unused_result));

#endif
