/* SPDX-License-Identifier: MIT */
/* Owns the rows: what a process last said of one program, and what of a report is news. */
#include "collectd-plugin/rows.h"

#include <stdlib.h>
#include <string.h>

bool plug_row_join(struct plug_table *t, struct row *row)
{
    struct sender *s = row->sender;

    if (row->program != NULL && !plug_aggregate_join(&t->aggregates, row->program, s->token))
        return false;
    if (!plug_aggregate_join(&t->aggregates, s->host, s->token)) {
        if (row->program != NULL)
            plug_aggregate_leave(&t->aggregates, row->program, s->token, row->heard);
        return false;
    }
    row->live = true;
    s->live++;
    t->counts.live++;
    return true;
}

static void row_set(struct row *row, enum cdp_metric metric, int64_t value)
{
    int64_t before = row->values[metric];

    row->values[metric] = value;
    if (row->program != NULL)
        plug_aggregate_change(row->program, metric, before, value, &row->in_program);
    plug_aggregate_change(row->sender->host, metric, before, value, &row->in_host);
}

/* Most of what a report says is as it was. */
static inline void row_change(struct row *row, enum cdp_metric metric, int64_t value)
{
    if (value != row->values[metric])
        row_set(row, metric, value);
}

void plug_row_leave(struct plug_table *t, struct row *row, uint64_t now)
{
    struct sender *s = row->sender;

    for (size_t m = 0; m < CDP_WIRE_METRICS; m++)
        if (cdp_metrics[m].kind == CDP_GAUGE)
            row_change(row, (enum cdp_metric)m, 0);
    plug_aggregate_withdraw(s->host, &row->in_host);
    plug_aggregate_leave(&t->aggregates, s->host, s->token, now);
    if (row->program != NULL) {
        plug_aggregate_withdraw(row->program, &row->in_program);
        plug_aggregate_leave(&t->aggregates, row->program, s->token, now);
    }
    plug_link_remove(&row->lane);
    row->live = false;
    s->live--;
    t->counts.live--;
}

struct row_key {
    const struct sender *sender;
    const struct plug_aggregate *program;
};

static bool is_row(const void *item, const void *wanted)
{
    const struct row *row = item;
    const struct row_key *key = wanted;

    return row->sender == key->sender && row->program == key->program;
}

static uint64_t row_hash(const struct plug_table *t, const struct row_key *key)
{
    return plug_hash(&t->secret, key, sizeof(*key));
}

static bool row_is_of(const struct row *row, const char *program)
{
    return row->program != NULL && strcmp(row->program->name, program) == 0;
}

struct row *plug_row_find(struct plug_table *t, struct sender *s, const char *program)
{
    struct row_key key = {.sender = s};
    struct row *row = s->hint != NULL ? s->hint : s->first;

    if (row == NULL)
        return NULL;
    if (program != NULL) {
        if (row_is_of(row, program) || row_is_of(row = s->first, program)) {
            s->hint = row->next;
            return row;
        }
        key.program = plug_aggregate_find(&t->aggregates, s->source, s->host, program);
        if (key.program == NULL)
            return NULL;
    } else if (s->first->program == NULL) {
        return s->first;
    }
    row = plug_map_find(&t->rows, row_hash(t, &key), is_row, &key);
    if (row != NULL)
        s->hint = row->next;
    return row;
}

/* Whether it is a part of its sender. */
static bool is_own(const struct row *row)
{
    return row == &row->sender->own;
}

void plug_row_free(struct plug_table *t, struct row *row)
{
    struct row_key key = {.sender = row->sender, .program = row->program};

    if (row->program != NULL)
        plug_aggregate_drop(&t->aggregates, row->program);
    t->counts.rows--;
    if (is_own(row))
        return;
    plug_map_remove(&t->rows, row_hash(t, &key), row);
    free(row);
}

/* Fills in whose row it is. False if it cannot be found by that later. */
static bool row_begin(struct plug_table *t, struct row *row, const char *program, uint64_t now)
{
    struct row_key key = {.sender = row->sender};

    memset(&row->in_program, 0xff, sizeof(row->in_program)); /* PLUG_NO_PLACE */
    memset(&row->in_host, 0xff, sizeof(row->in_host));
    if (program != NULL) {
        row->program = plug_aggregate_get(&t->aggregates, row->sender->source, row->sender->host,
                                          program, now);
        if (row->program == NULL)
            return false;
    }
    key.program = row->program;
    return is_own(row) || plug_map_put(&t->rows, row_hash(t, &key), row);
}

struct row *plug_row_new(struct plug_table *t, struct sender *s, const char *program, uint64_t now)
{
    bool is_first = s->first == NULL;
    struct row *row = is_first ? &s->own : calloc(1, sizeof(*row));

    if (row == NULL)
        return NULL;
    row->sender = s;
    if (!row_begin(t, row, program, now)) {
        if (!is_first)
            free(row);
        return NULL;
    }
    if (is_first)
        s->first = row;
    else
        s->last->next = row;
    s->last = row;
    if (row->program != NULL)
        plug_aggregate_hold(row->program);
    t->counts.rows++;
    return row;
}

/* As the sums have it, within the bounds that they need. */
static int64_t value_of(const struct plug_program *program, enum cdp_metric metric)
{
    if (cdp_metrics[metric].kind == CDP_DERIVE) {
        int64_t total = program->values[metric].derive;

        if (total < 0)
            total = 0;
        return total < PLUG_TOTAL_MAX ? total : PLUG_TOTAL_MAX;
    }

    double gauge = program->values[metric].gauge;

    if (!(gauge > 0))
        gauge = 0;
    if (gauge > (double)PLUG_GAUGE_MAX)
        gauge = (double)PLUG_GAUGE_MAX;
    return (int64_t)(gauge * PLUG_GAUGE_UNIT + 0.5);
}

static void group_begin_anew(struct row *row, const struct plug_program *program, size_t group)
{
    size_t first = cdp_groups[group].first, end = first + cdp_groups[group].count;
    bool fell = false;

    for (size_t m = first; m < end; m++)
        fell |= cdp_metrics[m].kind == CDP_DERIVE &&
                value_of(program, (enum cdp_metric)m) < row->values[m];
    for (size_t m = first; fell && m < end; m++)
        if (cdp_metrics[m].kind == CDP_DERIVE)
            row->values[m] = 0; /* the sums keep what it was */
}

void plug_row_begin_anew(struct row *row, const struct plug_program *program)
{
    for (size_t g = 0; g < CDP_WIRE_GROUPS; g++)
        if (program->groups >> g & 1)
            group_begin_anew(row, program, g);
}

static void take_metric(struct row *row, enum cdp_metric metric, int64_t value, bool gauges,
                        bool inherited)
{
    bool is_gauge = cdp_metrics[metric].kind == CDP_GAUGE;

    if (is_gauge ? !gauges : value <= row->values[metric])
        return;
    row_change(row, metric, value);
    if (!is_gauge && inherited) {
        plug_aggregate_inherit(row->program, metric, value);
        plug_aggregate_inherit(row->sender->host, metric, value);
    }
}

static void take_group(struct row *row, const struct plug_program *program, size_t group,
                       bool gauges, bool inherited)
{
    size_t first = cdp_groups[group].first, end = first + cdp_groups[group].count;

    for (size_t m = first; m < end; m++)
        take_metric(row, (enum cdp_metric)m, value_of(program, (enum cdp_metric)m), gauges,
                    inherited);
}

void plug_row_take(struct row *row, const struct plug_program *program, bool gauges, bool inherited)
{
    for (size_t g = 0; g < CDP_WIRE_GROUPS; g++)
        if (program->groups >> g & 1)
            take_group(row, program, g, gauges, inherited);
    row->program->groups |= program->groups;
    row->sender->host->groups |= program->groups;
}
