/* SPDX-License-Identifier: MIT */
/*
 * What the console knows of programs and hosts: the newest figure of each metric, its peak, how it
 * went lately. Pure: no sockets, no terminal, no clock; times are readings in seconds of one steady
 * clock. One thread.
 */
#ifndef MON_MODEL_H
#define MON_MODEL_H

#include "connmon/series.h"
#include "protocol/decode.h"
#include "protocol/name.h"

/* Rows of any kind. At most 18 KiB each, so 150 MB if somebody makes names up. */
#define MON_ROWS_MAX 8192
/* A row is silent after so many intervals without a figure. */
#define MON_SILENT_INTERVALS 3
/* A silent host is shown so long, and then forgotten. */
#define MON_FORGET_S 600
/* Of a row that has not said its interval: collectd's own. */
#define MON_INTERVAL_DEFAULT_S 10

enum mon_source { MON_ODBC, MON_SQLALCHEMY };

/* What a row is of. */
enum mon_kind {
    MON_PROGRAM, /* on one host */
    MON_HOST,
    MON_FLEET, /* a program, all its hosts together: fleet.h */
};

struct mon_row {
    enum mon_source source;
    enum mon_kind kind;
    size_t hosts;            /* of MON_FLEET, how many */
    char host[CDP_NAME_MAX]; /* clean as name.h says, not yet fit for a terminal; of MON_FLEET "" */
    char program[CDP_NAME_MAX];
    double interval;
    double heard;
    size_t id;                              /* no other row ever has it */
    struct mon_row *sum;                    /* the row of its host; NULL: there is none */
    struct mon_series *series[CDP_METRICS]; /* NULL: never came */
    struct mon_row *next;                   /* in its bucket */
};

/* The overview: figures over all hosts that report. */
enum mon_overall {
    MON_ALL_HOSTS,
    MON_ALL_PROCESSES,
    MON_ALL_OPEN,
    MON_ALL_IN_USE,
    MON_ALL_CHECKOUTS,
    MON_ALL_REUSE, /* its `peak` is the lowest */
    MON_ALL
};

struct mon_model;

/* `seed` is random, so that nobody can choose names that all collide. NULL if memory is out. */
struct mon_model *mon_model_new(uint64_t seed) __attribute__((warn_unused_result));
void mon_model_free(struct mon_model **model) __attribute__((nonnull));

/* Takes a value list as it came; one that is no figure of ours changes nothing. */
void mon_model_take(struct mon_model *model, const struct cdp_value_list *list, double now)
    __attribute__((nonnull));

/* Forgets what is over, and brings the overview up to date. Rows that were got before are invalid
   then. */
void mon_model_tick(struct mon_model *model, double now) __attribute__((nonnull));

/* Peaks and increases begin anew. */
void mon_model_reset(struct mon_model *model) __attribute__((nonnull));

/* The row of a program on a host, of its host by the program "host", of the fleet by the host "";
   made if there is none. NULL if there is no room. Rows that were got before stay valid. */
struct mon_row *mon_model_row(struct mon_model *model, enum mon_source source, const char *host,
                              const char *program) __attribute__((nonnull));

/* All rows, in no order; valid until the next take or tick. */
struct mon_row *const *mon_model_rows(const struct mon_model *model, size_t *count)
    __attribute__((nonnull));

/* The row with this id, or NULL. */
const struct mon_row *mon_model_find(const struct mon_model *model, size_t id)
    __attribute__((nonnull));

/* Each with value, peak and history; not known before figures have come. */
const struct mon_series *mon_model_overall(const struct mon_model *model, enum mon_overall which)
    __attribute__((nonnull));

/* Whether every figure that has come once can be shown: rates need a second one. */
bool mon_model_is_complete(const struct mon_model *model) __attribute__((nonnull));

/* How many value lists found no room. */
size_t mon_model_refused(const struct mon_model *model) __attribute__((nonnull));

/* Whether the row's figures have stopped coming. */
bool mon_row_is_silent(const struct mon_row *row, double now) __attribute__((nonnull));

/* The metric if it is known and still comes, or NULL. */
const struct mon_series *mon_row_series(const struct mon_row *row, enum cdp_metric metric)
    __attribute__((nonnull));

/* The reuse in percent, as reported or else from the rates; false if there were no checkouts. */
bool mon_row_reuse(const struct mon_row *row, double *percent)
    __attribute__((nonnull, warn_unused_result));

#endif
