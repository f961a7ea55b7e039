/* SPDX-License-Identifier: MIT */
/*
 * The table of reporting processes: takes reports, keeps the sums per program and per host.
 *
 *      report --> sender (host, token, session) --> row (sender, program) --> program --> host
 *                  the replay window                 the last values           the sums
 *
 *      a row      live, while its reports come: its gauges are in the sums, its process is counted
 *                 dead, after three intervals without one, or its sender's farewell
 *      a sender   with a live row; or remembered:
 *                 departed (said farewell), for PLUG_DEPARTED_S, then forgotten
 *                 silent (nothing came), for PLUG_SILENT_S, then forgotten
 *
 * Totals only rise: the sums get what is more than the largest value that a row has had. While a
 * sender is remembered nothing of it is counted twice: a late or repeated datagram, or a process
 * that comes back when the network does. A sender who comes back after it was forgotten is taken as
 * a new one, and its totals count whole. Datagrams that somebody recorded do not bring it back:
 * those of proven reports are refused for PLUG_FORGOTTEN_S more.
 *
 * Pure: no sockets, no clock, no collectd. Times are readings of one steady clock, in 2^-30 s, and
 * never those of the sender. The caller locks.
 */
#ifndef PLUG_TABLE_H
#define PLUG_TABLE_H

#include "collectd-plugin/aggregate.h"
#include "collectd-plugin/forgotten.h"

/* Late datagrams trail a farewell by seconds; a copy of one may be sent again later. */
#define PLUG_DEPARTED_S 3600
/* A host that was cut off comes back after a long weekend with all that it counted before. */
#define PLUG_SILENT_S (7 * 86400)
/* A datagram that was overtaken and has not come for so long counts as lost, and is refused. */
#define PLUG_LATE_S 5
/* A jump in a sender's sequence counts as at most so many lost: more is no loss but nonsense. */
#define PLUG_GAP_MAX (UINT64_C(1) << 20)

/* What a datagram may hold: no datagram of CDP_DATAGRAM_MAX has room for more. */
#define PLUG_PROGRAMS_MAX 64

struct plug_program {
    char name[CDP_NAME_MAX]; /* clean */
    unsigned groups;         /* bit n: the values of wire group n are there */
    union cdp_number values[CDP_WIRE_METRICS];
};

/* One decoded datagram. */
struct plug_report {
    enum plug_source source;
    char host[CDP_NAME_MAX]; /* clean, not empty */
    char token[CDP_NAME_MAX];
    bool sequenced; /* session, sequence and farewell are known: an odbc_process part was there */
    bool farewell;
    bool is_proven; /* its listener demands that a signature says who sent it, and one did */
    uint64_t session;
    uint64_t sequence; /* a session's first is 0 */
    uint64_t time;     /* by the sender's clock, 0 if it did not say */
    uint64_t interval; /* likewise */
    uint64_t key;      /* by plug_table_expect; 0: none yet */
    size_t count;
    struct plug_program programs[PLUG_PROGRAMS_MAX];
};

enum plug_taken {
    PLUG_TAKEN,
    PLUG_REFUSED_REPLAY, /* seen before, or too late to tell: nothing has changed */
    PLUG_REFUSED_FULL,   /* there was no room for a row; what had one was taken */
};

/* How the table stands. */
struct plug_counts {
    size_t rows; /* live and remembered */
    size_t live;
    size_t senders;
    size_t aggregates;
    int64_t lost; /* datagrams, of all senders */
};

struct plug_table;

/* An empty table of at most `rows_max` rows; NULL if memory is out. `secret` keys the hashes.
   plug_table_free takes NULL, and sets the pointer to NULL. */
struct plug_table *plug_table_new(size_t rows_max, const struct plug_secret *secret, uint64_t now)
    __attribute__((nonnull, warn_unused_result));
void plug_table_free(struct plug_table **table) __attribute__((nonnull));

/* A report that is taken after others begins to fetch from memory what taking it needs. That lies
   behind pointers, a step for each: to be called with 0 when it has been read, after which it may
   not be changed any more, and with 1 up to PLUG_AHEAD - 1 while those before it are taken. Without
   this taking is only slower. */
#define PLUG_AHEAD 3
void plug_table_expect(const struct plug_table *table, struct plug_report *report, int step)
    __attribute__((nonnull));

/* Takes a report. Costs the same however many rows there are. A report without programs makes its
   process count for its host. A sender without sequence is taken by its values alone: a total that
   falls is a process that began anew, unless the sender's clock says that the report is late. */
enum plug_taken plug_table_take(struct plug_table *table, const struct plug_report *report,
                                uint64_t now) __attribute__((nonnull, warn_unused_result));

/* Lets go of what is over: to be called before reading. Looks at nothing that is not. */
void plug_table_expire(struct plug_table *table, uint64_t now) __attribute__((nonnull));

/* Whether figures can be dispatched already. A collectd that starts among running processes hears
   of them one by one; a sum of half of them would later seem to jump. So: not before two of their
   intervals, at least PLUG_HOLD_MIN_S and at most PLUG_HOLD_MAX_S, are over. */
#define PLUG_HOLD_MIN_S 4
#define PLUG_HOLD_MAX_S 60
bool plug_table_is_ready(const struct plug_table *table, uint64_t now) __attribute__((nonnull));

/* The aggregates, to be read as aggregate.h says. Lives as long as the table. */
struct plug_aggregates *plug_table_aggregates(struct plug_table *table) __attribute__((nonnull));

struct plug_counts plug_table_counts(const struct plug_table *table) __attribute__((nonnull));

#endif
