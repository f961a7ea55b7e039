/* SPDX-License-Identifier: MIT */
/*
 * What is reported to collectd, under which names.
 *
 *     HOST / odbc-PROGRAM  / TYPE-METRIC     of a program on a host
 *     HOST / odbc-host     / TYPE-METRIC     of all its programs
 *     SELF / odbc-receiver / TYPE-COUNTER    of the plugin; SELF is collectd's own host name
 *
 * TYPE and METRIC are those of protocol/metrics.def, and of counters.def for the plugin itself.
 * What sqlalchemy-collectd's clients report has the plugin name `sqlalchemy` in the place of
 * `odbc`.
 */
#ifndef PLUG_DISPATCH_H
#define PLUG_DISPATCH_H

#include "collectd-plugin/receiver.h"

struct plug_value {
    const char *host; /* NULL: collectd's own */
    const char *plugin;
    const char *plugin_instance;
    const char *type;
    const char *type_instance;
    bool is_derive; /* which member of number holds */
    union cdp_number number;
};

/* Takes a value; the strings live during the call. */
typedef void plug_emit(void *context, const struct plug_value *value);

/* Passes on what is present of one aggregate. */
void plug_dispatch_figures(const struct plug_figures *figures, plug_emit *emit, void *context)
    __attribute__((nonnull(1, 2)));

/* Passes on the plugin's own counters. */
void plug_dispatch_counters(const int64_t counters[PLUG_COUNTERS], plug_emit *emit, void *context)
    __attribute__((nonnull(1, 2)));

/* Expires what is over, and passes on all there is to report now. No lock is held while `emit`
   runs. One thread at a time. */
void plug_dispatch(struct plug_receiver *receiver, uint64_t now, plug_emit *emit, void *context)
    __attribute__((nonnull(1, 3)));

/* When which counter was complained of last. All zero at first. */
struct plug_complaints {
    int64_t counted[PLUG_COUNTERS];
    uint64_t at[PLUG_COUNTERS];
};

/* Says in the log which counters have risen that an administrator should know of: each at once, and
   then at most once in PLUG_COMPLAINT_S. */
#define PLUG_COMPLAINT_S 600
void plug_complain(struct plug_complaints *complaints, const int64_t counters[PLUG_COUNTERS],
                   uint64_t now) __attribute__((nonnull));

#endif
