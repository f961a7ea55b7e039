/* SPDX-License-Identifier: MIT */
/*
 * The insides of the table (table.h): senders and their rows, and what is done with rows. Shared by
 * the modules that keep them; nothing else includes this. The caller locks.
 */
#ifndef PLUG_ROWS_H
#define PLUG_ROWS_H

#include "collectd-plugin/table.h"
#include "collectd-plugin/window.h"

/* How many intervals without a report a process may miss. */
#define PLUG_INTERVALS_TO_LEAVE 3

/* Lanes are steps of 1/16 of a power of two, in units of 2^-8 s: 0.1 s is 25 units, an hour 921600,
   just under 2^20. A row leaves late by at most that step. */
#define PLUG_LANE_STEP_BITS 4
#define PLUG_LANES          ((20 - PLUG_LANE_STEP_BITS + 1) << PLUG_LANE_STEP_BITS)

struct row {
    struct sender *sender;
    struct plug_aggregate *program; /* NULL: of a process that has yet to name one */
    struct row *next;               /* of the sender */
    struct plug_link lane;          /* while live */
    uint64_t heard;
    uint64_t sequence; /* that the gauges are of */
    struct plug_places in_program, in_host;
    bool live;
    int64_t values[CDP_WIRE_METRICS];
};

struct sender {
    struct plug_aggregate *host;
    struct row *first, *last; /* its rows; the first is `own`, and in no map */
    struct row *hint;         /* likely the next that is reported; NULL: the first */
    uint64_t key;
    uint64_t session;
    struct plug_window window;
    struct plug_link gaps; /* in the list of those with gaps, since: */
    uint64_t gaps_since;
    struct plug_link remembered; /* in the list of the departed or the silent, since: */
    uint64_t remembered_since;
    uint64_t time; /* of the newest report, by its own clock */
    size_t live;   /* its live rows */
    enum plug_source source;
    bool sequenced;
    bool departed;
    bool is_proven; /* by its reports */
    bool inherits;  /* had counted before it was first heard of */
    struct row own; /* most have one: found together, they are fetched from memory together */
    char token[];
};

struct plug_table {
    struct plug_secret secret;
    struct plug_aggregates aggregates;
    struct plug_map senders;
    struct plug_map rows; /* but the first of each sender */
    struct plug_link lanes[PLUG_LANES];
    struct plug_link gaps;
    struct plug_link departed, silent;
    struct plug_forgotten forgotten; /* of proven senders */
    size_t rows_max;
    struct plug_counts counts;
    uint64_t started;
    uint64_t expired;          /* when expiry last ran */
    uint64_t longest_interval; /* of the senders that were there before the table */
};

/* The interval of a report, bounded: outside of 0.1 s to an hour it is taken as the nearest of
   these, and one that is not given as collectd's own. */
uint64_t plug_report_interval(const struct plug_report *report) __attribute__((nonnull));

/* The row of the program, or with NULL that of a process which has yet to name one; NULL if there
   is none. */
struct row *plug_row_find(struct plug_table *t, struct sender *s, const char *program)
    __attribute__((nonnull(1, 2)));
/* Makes one, dead. The caller has seen that there is room. NULL if memory is out, or there are too
   many programs. */
struct row *plug_row_new(struct plug_table *t, struct sender *s, const char *program, uint64_t now)
    __attribute__((nonnull(1, 2)));
/* For the last of a sender's life. */
void plug_row_free(struct plug_table *t, struct row *row) __attribute__((nonnull));

/* The row becomes live. False if memory is out. */
bool plug_row_join(struct plug_table *t, struct row *row)
    __attribute__((nonnull, warn_unused_result));
/* The gauges leave; the totals stay, to tell what is new if the process comes back. */
void plug_row_leave(struct plug_table *t, struct row *row, uint64_t now) __attribute__((nonnull));

/* Takes the values that a report has of the row's program: totals as far as they rise, gauges if
   they are the newest. `inherited`: what of the totals is more had been counted before. */
void plug_row_take(struct row *row, const struct plug_program *program, bool gauges, bool inherited)
    __attribute__((nonnull));
/* To be called before that for a process without sequence: if its totals fell, it began anew under
   the same token. */
void plug_row_begin_anew(struct row *row, const struct plug_program *program)
    __attribute__((nonnull));

#endif
