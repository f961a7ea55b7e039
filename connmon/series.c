/* SPDX-License-Identifier: MIT */
/* Owns the rules by which figures become series, and totals rates. */
#include "connmon/series.h"

#include <math.h>

/* What a figure can at most be: beyond, a double no longer counts in ones. */
#define VALUE_MAX 9007199254740992.0

void mon_series_add(struct mon_series *s, double value, double now)
{
    s->value = value;
    if (!s->known || value > s->peak)
        s->peak = value;
    s->known = true;
    s->heard = now;
    s->history[s->samples++ % MON_HISTORY] = (float)value;
}

void mon_series_take_gauge(struct mon_series *s, double value, double time, double now)
{
    if (!isfinite(value) || value < 0 || value > VALUE_MAX)
        return;
    s->time = time;
    mon_series_add(s, value, now);
}

void mon_series_take_total(struct mon_series *s, int64_t total, double time, double now)
{
    bool first = s->heard == 0;
    double elapsed = time - s->time;

    if (total < 0 || (double)total > VALUE_MAX)
        return;
    if (!first && time == s->time)
        return; /* a second copy, or two within a whole second: the next one tells both */
    s->heard = now;
    /* A total that falls is another one under the same name: a collectd that began anew. */
    if (!first && elapsed > 0 && total >= s->total) {
        if (total > s->total) {
            if (__builtin_add_overflow(s->increase, total - s->total, &s->increase))
                s->increase = INT64_MAX;
            s->rose = now;
        }
        mon_series_add(s, (double)(total - s->total) / elapsed, now);
    }
    s->total = total;
    s->time = time;
}

bool mon_series_sample(const struct mon_series *s, size_t n, double *value)
{
    if (n >= MON_HISTORY || n >= s->samples)
        return false;
    *value = (double)s->history[(s->samples - 1 - n) % MON_HISTORY];
    return true;
}

void mon_series_reset(struct mon_series *s)
{
    s->peak = s->value;
    s->increase = 0;
    s->rose = 0;
}
