/* SPDX-License-Identifier: MIT */
/*
 * One figure over time: its newest value, its peak, how it went lately. Pure; times are readings in
 * seconds of one steady clock. One thread.
 */
#ifndef MON_SERIES_H
#define MON_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* At collectd's standard interval of 10 s these are half an hour, at 2 s six minutes. */
#define MON_HISTORY 180
/* One metric of one row. A derive is kept as its rate. */
struct mon_series {
    bool known; /* `value` is one: of a derive not before the second total */
    double value;
    double peak;
    int64_t total;    /* of a derive, as it came */
    int64_t increase; /* of it since watching began, or mon_series_reset */
    double rose;      /* when it rose last; 0: never */
    double time;      /* the sender's, of the newest figure */
    double heard;
    double sum;     /* of a row of the fleet, while it is added up: so far, */
    size_t parts;   /* of so many */
    size_t samples; /* that history has had */
    float history[MON_HISTORY];
};

/* A sample of what is a level, or a rate. */
void mon_series_add(struct mon_series *s, double value, double now) __attribute__((nonnull));

/* Takes a gauge as it came; one that cannot be is left out. `time` is the sender's. */
void mon_series_take_gauge(struct mon_series *s, double value, double time, double now)
    __attribute__((nonnull));

/* Takes a total as it came, of which the second makes a rate. */
void mon_series_take_total(struct mon_series *s, int64_t total, double time, double now)
    __attribute__((nonnull));

/* Its peak and its increase begin anew. */
void mon_series_reset(struct mon_series *s) __attribute__((nonnull));

/* The n-th newest sample of a series, n from 0; false if there is none so old. */
bool mon_series_sample(const struct mon_series *series, size_t n, double *value)
    __attribute__((nonnull, warn_unused_result));

#endif
