/* SPDX-License-Identifier: MIT */
/* Owns the names under which figures are reported, and when. */
#include "collectd-plugin/dispatch.h"

#include "collectd-plugin/ticks.h"

/* How many aggregates are read under one lock. */
#define PORTION 64

const struct plug_counter_info plug_counters[PLUG_COUNTERS] = {
#define PLUG_COUNTER(ID, KIND, name, complaint, sentence) {CDP_##KIND, name, complaint, sentence},
#include "collectd-plugin/counters.def"
};

static const char *const plugin_names[] = {
    [PLUG_ODBC] = "odbc",
    [PLUG_SQLALCHEMY] = "sqlalchemy",
};

void plug_dispatch_figures(const struct plug_figures *figures, plug_emit *emit, void *context)
{
    struct plug_value value = {
        .host = figures->host,
        .plugin = plugin_names[figures->source],
        .plugin_instance = figures->is_host ? "host" : figures->program,
    };

    for (size_t m = 0; m < CDP_METRICS; m++) {
        if (!figures->present[m])
            continue;
        value.type = cdp_metrics[m].type;
        value.type_instance = cdp_metrics[m].name;
        value.is_derive = cdp_metrics[m].kind == CDP_DERIVE;
        value.number = figures->values[m];
        emit(context, &value);
    }
}

void plug_dispatch_counters(const int64_t counters[PLUG_COUNTERS], plug_emit *emit, void *context)
{
    struct plug_value value = {.plugin = plugin_names[PLUG_ODBC], .plugin_instance = PLUG_SELF};

    for (size_t c = 0; c < PLUG_COUNTERS; c++) {
        value.is_derive = plug_counters[c].kind == CDP_DERIVE;
        value.type = value.is_derive ? "derive" : "count";
        value.type_instance = plug_counters[c].name;
        if (value.is_derive)
            value.number.derive = counters[c];
        else
            value.number.gauge = (double)counters[c];
        emit(context, &value);
    }
}

/* False if nothing is to be read yet. */
static bool begin(struct plug_receiver *receiver, uint64_t now)
{
    struct plug_table *table = plug_receiver_lock(receiver);
    bool is_ready = plug_table_is_ready(table, now);

    plug_table_expire(table, now);
    plug_aggregates_rewind(plug_table_aggregates(table));
    plug_receiver_unlock(receiver);
    return is_ready;
}

static size_t read_portion(struct plug_receiver *receiver, struct plug_figures *figures)
{
    struct plug_table *table = plug_receiver_lock(receiver);
    size_t n = plug_aggregates_read(plug_table_aggregates(table), figures, PORTION);

    plug_receiver_unlock(receiver);
    return n;
}

void plug_dispatch(struct plug_receiver *receiver, uint64_t now, plug_emit *emit, void *context)
{
    struct plug_figures figures[PORTION];
    int64_t counters[PLUG_COUNTERS];
    bool is_ready = begin(receiver, now);
    size_t n;

    while (is_ready && (n = read_portion(receiver, figures)) > 0)
        for (size_t i = 0; i < n; i++)
            plug_dispatch_figures(&figures[i], emit, context);
    plug_receiver_counters(receiver, counters);
    plug_dispatch_counters(counters, emit, context);
}

void plug_complain(struct plug_complaints *complaints, const int64_t counters[PLUG_COUNTERS],
                   uint64_t now)
{
    for (size_t c = 0; c < PLUG_COUNTERS; c++) {
        int64_t more = counters[c] - complaints->counted[c];

        if (plug_counters[c].complaint == NULL || more <= 0)
            continue;
        if (complaints->at[c] != 0 &&
            plug_elapsed(complaints->at[c], now) < plug_seconds(PLUG_COMPLAINT_S))
            continue;
        plug_log(PLUG_WARNING, "%lld datagrams %s", (long long)more, plug_counters[c].complaint);
        complaints->counted[c] = counters[c];
        complaints->at[c] = now;
    }
}
