/* SPDX-License-Identifier: MIT */
/*
 * Owns the order of events: what a report does to its sender and rows, and what the passing of time
 * does. Rows wait for their expiry in lanes, one per length of interval; in a lane the row that was
 * heard longest ago is first, so that expiring looks at nothing else.
 */
#include "collectd-plugin/table.h"

#include <stdlib.h>
#include <string.h>

#include "collectd-plugin/senders.h"
#include "collectd-plugin/ticks.h"

/* Intervals outside are taken as the nearest of these; one that is not given as collectd's own. */
#define INTERVAL_MIN     (plug_seconds(1) / 10)
#define INTERVAL_MAX     plug_seconds(3600)
#define INTERVAL_UNKNOWN plug_seconds(10)

/* How many forgotten sessions a generation holds: those of processes that are as many as there may
   be, and all restart three times in PLUG_FORGOTTEN_S. A map takes 21 to 43 bytes for each. */
#define FORGOTTEN_PER_ROW 3

/* The unit of the lanes, 2^-8 s in units of 2^-30 s. */
#define UNIT_SHIFT 22

/* The lane of an interval, and how long a row in it stays. */
static size_t lane_of(uint64_t interval)
{
    uint64_t units = (interval + (UINT64_C(1) << UNIT_SHIFT) - 1) >> UNIT_SHIFT;
    unsigned shift = 63 - (unsigned)__builtin_clzll(units) - PLUG_LANE_STEP_BITS;
    size_t steps = (units + (UINT64_C(1) << shift) - 1) >> shift; /* 16 to 32 */

    return ((size_t)shift << PLUG_LANE_STEP_BITS) + steps - (1u << PLUG_LANE_STEP_BITS);
}

static uint64_t lane_time(size_t lane)
{
    uint64_t steps = (1u << PLUG_LANE_STEP_BITS) + (lane & ((1u << PLUG_LANE_STEP_BITS) - 1));

    return PLUG_INTERVALS_TO_LEAVE * (steps << (lane >> PLUG_LANE_STEP_BITS) << UNIT_SHIFT);
}

uint64_t plug_report_interval(const struct plug_report *report)
{
    if (report->interval == 0)
        return INTERVAL_UNKNOWN;
    if (report->interval < INTERVAL_MIN)
        return INTERVAL_MIN;
    return report->interval < INTERVAL_MAX ? report->interval : INTERVAL_MAX;
}

struct plug_table *plug_table_new(size_t rows_max, const struct plug_secret *secret, uint64_t now)
{
    struct plug_table *t = calloc(1, sizeof(*t));

    if (t == NULL)
        return NULL;
    t->secret = *secret;
    t->rows_max = rows_max;
    t->started = t->expired = now;
    /* Each row can be of a program and a host of its own. */
    plug_aggregates_init(&t->aggregates, secret, 2 * rows_max);
    for (size_t i = 0; i < PLUG_LANES; i++)
        plug_list_init(&t->lanes[i]);
    plug_list_init(&t->gaps);
    plug_list_init(&t->departed);
    plug_list_init(&t->silent);
    t->forgotten = (struct plug_forgotten){.began = now, .max = FORGOTTEN_PER_ROW * rows_max};
    return t;
}

static void expire_rows(struct plug_table *t, uint64_t now)
{
    for (size_t lane = 0; lane < PLUG_LANES; lane++) {
        struct plug_link *head = &t->lanes[lane];

        while (!plug_list_is_empty(head)) {
            struct row *row = PLUG_OF(head->next, struct row, lane);

            if (plug_elapsed(row->heard, now) <= lane_time(lane))
                break;
            plug_row_leave(t, row, now);
            if (row->sender->live == 0)
                plug_sender_remember(t, row->sender, now);
        }
    }
}

static void forget(struct plug_table *t, struct plug_link *head, uint64_t after, uint64_t now)
{
    while (!plug_list_is_empty(head)) {
        struct sender *s = PLUG_OF(head->next, struct sender, remembered);

        if (plug_elapsed(s->remembered_since, now) < after)
            break;
        plug_sender_forget(t, s, now);
    }
}

/* All but the aggregates: they are for the reader alone to take away, between two readings, so that
   what it has shown does not begin anew unseen. */
static void expire_senders(struct plug_table *t, uint64_t now)
{
    t->expired = now;
    expire_rows(t, now);
    plug_give_up_gaps(t, now);
    forget(t, &t->departed, plug_seconds(PLUG_DEPARTED_S), now);
    forget(t, &t->silent, plug_seconds(PLUG_SILENT_S), now);
}

void plug_table_expire(struct plug_table *t, uint64_t now)
{
    expire_senders(t, now);
    plug_aggregates_expire(&t->aggregates, now);
}

/* Takes what a report says of one program, or with NULL that it says of none. */
static bool take_program(struct plug_table *t, struct sender *s, const struct plug_program *program,
                         const struct plug_report *report, bool is_late, uint64_t now)
{
    const char *name = program != NULL ? program->name : NULL;
    struct row *row = plug_row_find(t, s, name);
    bool is_new = row == NULL;
    bool is_newest;

    if (is_new && (!plug_make_room(t, now) || (row = plug_row_new(t, s, name, now)) == NULL))
        return false;
    is_newest = s->sequenced ? is_new || report->sequence > row->sequence : !is_late;
    if (is_newest && !s->departed) {
        row->heard = now;
        row->sequence = report->sequence;
        if (!row->live && !plug_row_join(t, row))
            return false;
        plug_list_append(&t->lanes[lane_of(plug_report_interval(report))], &row->lane);
    }
    if (program == NULL)
        return true;
    if (!s->sequenced && !is_late)
        plug_row_begin_anew(row, program);
    plug_row_take(row, program, is_newest && row->live, is_new && s->inherits);
    return true;
}

/* Whether it is an earlier report than one that has come, by the sender's clock, unless that was
   set back. */
static bool note_time(struct sender *s, const struct plug_report *report)
{
    if (report->time != 0 && report->time < s->time &&
        s->time - report->time < PLUG_INTERVALS_TO_LEAVE * plug_report_interval(report))
        return true;
    s->time = report->time;
    return false;
}

static bool take_programs(struct plug_table *t, struct sender *s, const struct plug_report *report,
                          uint64_t now)
{
    bool is_late = !s->sequenced && note_time(s, report);
    bool had_room = true;

    if (report->count == 0)
        return take_program(t, s, NULL, report, is_late, now);
    for (size_t i = 0; i < report->count; i++)
        had_room &= take_program(t, s, &report->programs[i], report, is_late, now);
    return had_room;
}

void plug_table_expect(const struct plug_table *t, struct plug_report *report, int step)
{
    if (step == 0) {
        report->key = plug_sender_key(t, report);
        plug_map_fetch(&t->senders, report->key);
    } else {
        plug_sender_fetch(t, report, step > 1);
    }
}

/* Whether it is of a session that has been forgotten, and was sent before. */
static bool was_recorded(struct plug_table *t, const struct plug_report *report)
{
    return report->is_proven && report->sequenced &&
           plug_forgotten_has(&t->forgotten, plug_sender_key(t, report), report->sequence);
}

enum plug_taken plug_table_take(struct plug_table *t, const struct plug_report *report,
                                uint64_t now)
{
    struct sender *s;
    bool is_new, had_room;

    /* Now, for later it could take away what is at work here. */
    if (t->counts.rows >= t->rows_max && plug_elapsed(t->expired, now) >= plug_seconds(1))
        expire_senders(t, now);
    s = plug_sender_find(t, report);
    is_new = s == NULL;
    if (is_new && was_recorded(t, report))
        return PLUG_REFUSED_REPLAY;
    if (is_new && (s = plug_sender_new(t, report, now)) == NULL)
        return PLUG_REFUSED_FULL;
    if (s->sequenced) {
        enum cdp_replay_verdict verdict =
            plug_window_take(&s->window, report->sequence, PLUG_GAP_MAX);

        if (verdict == CDP_REPLAY_SEEN || verdict == CDP_REPLAY_OLD)
            return PLUG_REFUSED_REPLAY;
        if (is_new && !s->inherits)
            plug_window_began_at_zero(&s->window);
        s->departed |= report->farewell;
        s->is_proven |= report->is_proven;
    }
    plug_link_remove(&s->remembered); /* so that making room does not take this very sender */
    had_room = take_programs(t, s, report, now);
    if (s->departed && s->live > 0)
        plug_sender_leave(t, s, now);
    if (s->first == NULL) {
        plug_sender_free(t, s);
        return PLUG_REFUSED_FULL;
    }
    if (s->sequenced)
        plug_sender_count_lost(t, s, now);
    if (s->live == 0)
        plug_sender_remember(t, s, now);
    return had_room ? PLUG_TAKEN : PLUG_REFUSED_FULL;
}

bool plug_table_is_ready(const struct plug_table *t, uint64_t now)
{
    uint64_t hold = 2 * t->longest_interval;

    if (hold < plug_seconds(PLUG_HOLD_MIN_S))
        hold = plug_seconds(PLUG_HOLD_MIN_S);
    if (hold > plug_seconds(PLUG_HOLD_MAX_S))
        hold = plug_seconds(PLUG_HOLD_MAX_S);
    return plug_elapsed(t->started, now) >= hold;
}

struct plug_aggregates *plug_table_aggregates(struct plug_table *t)
{
    return &t->aggregates;
}

struct plug_counts plug_table_counts(const struct plug_table *t)
{
    struct plug_counts counts = t->counts;

    counts.aggregates = t->aggregates.count;
    return counts;
}

void plug_table_free(struct plug_table **table)
{
    struct plug_table *t = *table;

    if (t == NULL)
        return;
    for (size_t lane = 0; lane < PLUG_LANES; lane++)
        while (!plug_list_is_empty(&t->lanes[lane])) {
            struct row *row = PLUG_OF(t->lanes[lane].next, struct row, lane);

            plug_row_leave(t, row, t->expired);
            if (row->sender->live == 0)
                plug_sender_remember(t, row->sender, t->expired);
        }
    forget(t, &t->departed, 0, t->expired);
    forget(t, &t->silent, 0, t->expired);
    plug_aggregates_fini(&t->aggregates);
    plug_forgotten_fini(&t->forgotten);
    plug_map_fini(&t->senders);
    plug_map_fini(&t->rows);
    free(t);
    *table = NULL;
}
