/* SPDX-License-Identifier: MIT */
#ifndef PLUG_COUNTERS_H
#define PLUG_COUNTERS_H

#include "protocol/metrics.h"

/* The plugin instance of the plugin's figures on itself; no program is reported under it. */
#define PLUG_SELF "receiver"

enum plug_counter {
#define PLUG_COUNTER(ID, KIND, name, complaint, sentence) PLUG_COUNT_##ID,
#include "collectd-plugin/counters.def"
    PLUG_COUNTERS
};

struct plug_counter_info {
    enum cdp_kind kind;
    const char *name;
    const char *complaint;
    const char *sentence;
};

/* One row per counter, indexed by enum plug_counter. Static, immutable; any thread. */
extern const struct plug_counter_info plug_counters[PLUG_COUNTERS];

#endif
