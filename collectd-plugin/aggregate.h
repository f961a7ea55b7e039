/* SPDX-License-Identifier: MIT */
/*
 * The sums over the processes of one program on one host, and over one host: what is dispatched.
 * Kept by adding what changes; reading one walks nothing. Part of the table (table.h), which locks
 * for it; times are those that the table is given.
 */
#ifndef PLUG_AGGREGATE_H
#define PLUG_AGGREGATE_H

#include "collectd-plugin/list.h"
#include "collectd-plugin/map.h"
#include "collectd-plugin/maximum.h"
#include "protocol/metrics.h"
#include "protocol/name.h"

/* Whose wire types a report came in, and so the collectd plugin name that it goes out under. */
enum plug_source { PLUG_ODBC, PLUG_SQLALCHEMY };

/* Gauges are kept as thousandths, so that what was added is taken away exactly, whatever was added;
   and below a limit that no process reaches, so that no sum overflows. Totals stay where a double
   still holds every integer, as many writers use one. */
#define PLUG_GAUGE_UNIT 1000
#define PLUG_GAUGE_MAX  (INT64_C(1) << 31)
#define PLUG_TOTAL_MAX  (INT64_C(1) << 53)

/* One index per metric that merges by maximum. */
enum plug_maximum_index {
#define PLUG_INDEX_SUM(ID)
#define PLUG_INDEX_MAX(ID)                                        PLUG_MAXIMUM_##ID,
#define CDP_METRIC(ID, GROUP, name, KIND, MERGE, type, unit, ...) PLUG_INDEX_##MERGE(ID)
#include "protocol/metrics.def"
    PLUG_MAXIMA
};

/* Where a process's numbers stand in the maxima of one aggregate. */
struct plug_places {
    uint32_t of[PLUG_MAXIMA];
};

struct plug_aggregate {
    struct plug_aggregate *host; /* of a program; NULL for the sum over a host */
    uint64_t key;
    struct plug_link shown; /* in the list of those that are dispatched */
    struct plug_link idle;  /* in the list of those that are, but have no process */
    uint64_t idle_since;
    size_t references; /* rows, and for a host its programs and senders */
    size_t live;       /* rows that report at present */
    size_t processes;  /* distinct tokens among them */
    int64_t values[CDP_WIRE_METRICS];
    int64_t lost;
    struct plug_maximum maxima[PLUG_MAXIMA];
    int64_t *inherited; /* until the first dispatch: see plug_aggregate_inherit; or NULL */
    int64_t checkouts_before;
    int64_t connects_before; /* at the dispatch before, for the reuse */
    unsigned groups;         /* bit n: wire group n has been reported */
    enum plug_source source;
    bool dispatched;
    char name[]; /* the program's, or the host's */
};

/* All aggregates of a table. */
struct plug_aggregates {
    struct plug_secret secret;
    struct plug_map map;
    struct plug_map presence; /* counts of live rows by aggregate and token */
    struct plug_link shown;
    struct plug_link idle;
    struct plug_link *next; /* to be read next */
    size_t count, count_max;
};

/* What is to be dispatched of one aggregate. */
struct plug_figures {
    enum plug_source source;
    bool is_host; /* the sum over the host: `program` is "" */
    char host[CDP_NAME_MAX];
    char program[CDP_NAME_MAX];
    bool present[CDP_METRICS];
    union cdp_number values[CDP_METRICS];
};

void plug_aggregates_init(struct plug_aggregates *all, const struct plug_secret *secret,
                          size_t count_max) __attribute__((nonnull));
void plug_aggregates_fini(struct plug_aggregates *all) __attribute__((nonnull));

/* The aggregate of a program on `host`, or with `host` NULL that of a host; NULL if there is none.
 */
struct plug_aggregate *plug_aggregate_find(const struct plug_aggregates *all,
                                           enum plug_source source,
                                           const struct plug_aggregate *host, const char *name)
    __attribute__((nonnull(1, 4)));
/* The same, made if need be; NULL if there are too many or memory is out. */
struct plug_aggregate *plug_aggregate_get(struct plug_aggregates *all, enum plug_source source,
                                          struct plug_aggregate *host, const char *name,
                                          uint64_t now) __attribute__((nonnull(1, 4)));

/* Whoever points to an aggregate holds it. One that nobody holds goes when it is no longer shown.
 */
void plug_aggregate_hold(struct plug_aggregate *a) __attribute__((nonnull));
void plug_aggregate_drop(struct plug_aggregates *all, struct plug_aggregate *a)
    __attribute__((nonnull));

/* A process with this token begins to report. False if memory is out: nothing has changed then. */
bool plug_aggregate_join(struct plug_aggregates *all, struct plug_aggregate *a, const char *token)
    __attribute__((nonnull, warn_unused_result));
/* And ceases to. */
void plug_aggregate_leave(struct plug_aggregates *all, struct plug_aggregate *a, const char *token,
                          uint64_t now) __attribute__((nonnull));

/* A process's number of this metric changed. A metric that merges by maximum takes its new value,
   any other is summed by the difference. Sums of totals stop at the largest int64. */
void plug_aggregate_change(struct plug_aggregate *a, enum cdp_metric metric, int64_t before,
                           int64_t now, struct plug_places *places) __attribute__((nonnull));
/* Takes a process out of the maxima. */
void plug_aggregate_withdraw(struct plug_aggregate *a, struct plug_places *places)
    __attribute__((nonnull));

/* So much of a total was counted before its process was first heard of here. The first values
   dispatched are the sum of this alone, so that the rate that collectd makes of the first two is
   what happened in between, and a program that lives for less than an interval has one. */
void plug_aggregate_inherit(struct plug_aggregate *a, enum cdp_metric metric, int64_t total)
    __attribute__((nonnull));

void plug_aggregate_lose(struct plug_aggregate *a, int64_t datagrams) __attribute__((nonnull));

/* Stops showing those without a process for PLUG_ZEROS_S, and frees what nobody holds. */
#define PLUG_ZEROS_S 600
void plug_aggregates_expire(struct plug_aggregates *all, uint64_t now) __attribute__((nonnull));

/* Reads what is shown in portions, so that the lock can be released in between: rewind, then read
   until 0 comes back. Returns how many figures were written, at most `max`. One reader. */
void plug_aggregates_rewind(struct plug_aggregates *all) __attribute__((nonnull));
size_t plug_aggregates_read(struct plug_aggregates *all, struct plug_figures *out, size_t max)
    __attribute__((nonnull, warn_unused_result));

#endif
