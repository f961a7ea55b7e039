/* SPDX-License-Identifier: MIT */
/* Owns how the figures of a program on many hosts make one. */
#include "connmon/fleet.h"

#include <stdlib.h>

#include "protocol/metrics.h"

static void begin(struct mon_row *sum)
{
    sum->hosts = 0;
    for (size_t m = 0; m < CDP_METRICS; m++)
        if (sum->series[m] != NULL) {
            sum->series[m]->total = sum->series[m]->increase = 0;
            sum->series[m]->rose = sum->series[m]->sum = 0;
            sum->series[m]->parts = 0;
        }
}

static int64_t add(int64_t a, int64_t b)
{
    int64_t sum;

    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

static void join_series(struct mon_series *sum, const struct mon_series *s, bool reports,
                        enum cdp_merge merge)
{
    /* What went wrong stays counted while its row is shown, though that reports no more. */
    sum->total = add(sum->total, s->total);
    sum->increase = add(sum->increase, s->increase);
    sum->rose = s->rose > sum->rose ? s->rose : sum->rose;
    if (!reports)
        return;
    sum->parts++;
    if (merge == CDP_SUM)
        sum->sum += s->value;
    else
        sum->sum = s->value > sum->sum ? s->value : sum->sum;
}

static void join(struct mon_row *sum, const struct mon_row *row, double now)
{
    bool reports = !mon_row_is_silent(row, now);

    if (sum->hosts++ == 0)
        sum->interval = sum->heard = 0;
    sum->interval = row->interval > sum->interval ? row->interval : sum->interval;
    sum->heard = row->heard > sum->heard ? row->heard : sum->heard;
    for (size_t m = 0; m < CDP_METRICS; m++) {
        const struct mon_series *s = row->series[m];

        /* The reuse is not a sum: mon_row_reuse makes it of those that are. */
        if (s == NULL || m == CDP_REUSE)
            continue;
        if (sum->series[m] == NULL)
            sum->series[m] = calloc(1, sizeof(*sum->series[m]));
        if (sum->series[m] != NULL)
            join_series(sum->series[m], s,
                        reports && mon_row_series(row, (enum cdp_metric)m) != NULL,
                        cdp_metrics[m].merge);
    }
}

void mon_fleet_update(struct mon_model *model, double now)
{
    size_t count;
    struct mon_row *const *rows = mon_model_rows(model, &count);

    for (size_t i = 0; i < count; i++)
        if (rows[i]->kind == MON_FLEET)
            begin(rows[i]);
    for (size_t i = 0; i < count; i++) { /* those that are made meanwhile are behind the count */
        struct mon_row *sum = rows[i]->kind == MON_PROGRAM
                                  ? mon_model_row(model, rows[i]->source, "", rows[i]->program)
                                  : NULL;

        if (sum != NULL)
            join(sum, rows[i], now);
    }
    rows = mon_model_rows(model, &count);
    for (size_t i = 0; i < count; i++)
        for (size_t m = 0; rows[i]->kind == MON_FLEET && m < CDP_METRICS; m++)
            if (rows[i]->series[m] != NULL && rows[i]->series[m]->parts > 0)
                mon_series_add(rows[i]->series[m], rows[i]->series[m]->sum, rows[i]->heard);
}
