/* SPDX-License-Identifier: MIT */
/* Owns the senders: who is who, who is remembered and how long, and what they have lost. */
#include "collectd-plugin/senders.h"

#include <stdlib.h>
#include <string.h>

#include "collectd-plugin/ticks.h"

#define CACHE_LINE 64

static void count_lost(struct plug_table *t, struct sender *s)
{
    int64_t lost = (int64_t)plug_window_lost(&s->window);
    struct row *named = s->first;

    if (lost > 0) {
        if (named != NULL && named->program == NULL)
            named = named->next;
        if (named != NULL)
            plug_aggregate_lose(named->program, lost);
        plug_aggregate_lose(s->host, lost);
        t->counts.lost += lost;
    }
}

/* From now on the sender's gaps have PLUG_LATE_S to fill. */
static void await_gaps(struct plug_table *t, struct sender *s, uint64_t now)
{
    if (plug_window_open(&s->window) == 0 || plug_link_is_in(&s->gaps))
        return;
    plug_window_mark(&s->window);
    s->gaps_since = now;
    plug_list_append(&t->gaps, &s->gaps);
}

/* Counts as lost what has not come since. */
static void give_up(struct plug_table *t, struct sender *s)
{
    plug_link_remove(&s->gaps);
    plug_window_give_up(&s->window);
    count_lost(t, s);
}

void plug_sender_count_lost(struct plug_table *t, struct sender *s, uint64_t now)
{
    count_lost(t, s);
    await_gaps(t, s, now);
}

void plug_give_up_gaps(struct plug_table *t, uint64_t now)
{
    while (!plug_list_is_empty(&t->gaps)) {
        struct sender *s = PLUG_OF(t->gaps.next, struct sender, gaps);

        if (plug_elapsed(s->gaps_since, now) <= plug_seconds(PLUG_LATE_S))
            break;
        give_up(t, s);
        await_gaps(t, s, now);
    }
}

void plug_sender_free(struct plug_table *t, struct sender *s)
{
    struct row *next;

    if (plug_link_is_in(&s->gaps)) {
        plug_window_mark(&s->window);
        give_up(t, s);
    }
    plug_link_remove(&s->remembered);
    plug_map_remove(&t->senders, s->key, s);
    for (struct row *row = s->first; row != NULL; row = next) {
        next = row->next;
        plug_row_free(t, row);
    }
    plug_aggregate_drop(&t->aggregates, s->host);
    t->counts.senders--;
    free(s);
}

void plug_sender_forget(struct plug_table *t, struct sender *s, uint64_t now)
{
    if (s->is_proven && s->sequenced)
        plug_forgotten_add(&t->forgotten, s->key,
                           s->departed ? PLUG_FORGOTTEN_ALL : s->window.replay.highest, now);
    plug_sender_free(t, s);
}

void plug_sender_leave(struct plug_table *t, struct sender *s, uint64_t now)
{
    for (struct row *row = s->first; row != NULL; row = row->next)
        if (row->live)
            plug_row_leave(t, row, now);
}

void plug_sender_remember(struct plug_table *t, struct sender *s, uint64_t now)
{
    plug_list_append(s->departed ? &t->departed : &t->silent, &s->remembered);
    s->remembered_since = now;
}

bool plug_make_room(struct plug_table *t, uint64_t now)
{
    while (t->counts.rows >= t->rows_max) {
        struct plug_link *oldest = t->departed.next;

        if (oldest == &t->departed)
            oldest = t->silent.next;
        if (oldest == &t->silent)
            return false;
        plug_sender_forget(t, PLUG_OF(oldest, struct sender, remembered), now);
    }
    return true;
}

static bool is_sender(const void *item, const void *wanted)
{
    const struct sender *s = item;
    const struct plug_report *report = wanted;

    return s->session == report->session && s->source == report->source &&
           s->sequenced == report->sequenced && strcmp(s->token, report->token) == 0 &&
           strcmp(s->host->name, report->host) == 0;
}

uint64_t plug_sender_key(const struct plug_table *t, const struct plug_report *report)
{
    char bytes[sizeof(report->session) + 2 * CDP_NAME_MAX];
    size_t token = strlen(report->token) + 1, host = strlen(report->host);
    size_t n = sizeof(report->session);

    if (report->key != 0)
        return report->key;
    memcpy(bytes, &report->session, n);
    memcpy(bytes + n, report->token, token);
    memcpy(bytes + n + token, report->host, host);
    return plug_hash(&t->secret, bytes, n + token + host);
}

struct sender *plug_sender_find(struct plug_table *t, const struct plug_report *report)
{
    return plug_map_find(&t->senders, plug_sender_key(t, report), is_sender, report);
}

static void fetch(const void *p, size_t n)
{
    for (size_t at = 0; p != NULL && at < n; at += CACHE_LINE)
        __builtin_prefetch((const char *)p + at, 1);
}

/* Two may have one key, but hardly ever: then the wrong one is fetched. */
void plug_sender_fetch(const struct plug_table *t, const struct plug_report *report, bool beyond)
{
    const struct sender *s = plug_map_find(&t->senders, plug_sender_key(t, report), NULL, NULL);

    if (s == NULL)
        return;
    if (!beyond) {
        fetch(s, sizeof(*s));
        return;
    }
    fetch(s->host, sizeof(*s->host));
    if (s->first != NULL)
        fetch(s->first->program, sizeof(*s->first->program));
}

/* Whether a sender that is heard of for the first time began after the table did. Its sequence
   rises at least once an interval, so it is at most so old. One that is far in its sequence may
   have been with another collectd, or be forgotten here. */
static bool is_young(const struct plug_table *t, const struct plug_report *report, uint64_t now)
{
    uint64_t intervals = PLUG_INTERVALS_TO_LEAVE;

    if (report->sequenced) {
        if (report->sequence >= CDP_REPLAY_WINDOW)
            return false;
        intervals = report->sequence == 0 ? 0 : report->sequence + 1;
    }
    return intervals == 0 ||
           plug_elapsed(t->started, now) > intervals * plug_report_interval(report);
}

struct sender *plug_sender_new(struct plug_table *t, const struct plug_report *report, uint64_t now)
{
    size_t token_bytes = strlen(report->token) + 1;
    struct plug_aggregate *host;
    struct sender *s;

    if (!plug_make_room(t, now))
        return NULL;
    host = plug_aggregate_get(&t->aggregates, report->source, NULL, report->host, now);
    if (host == NULL || (s = calloc(1, sizeof(*s) + token_bytes)) == NULL)
        return NULL;
    s->host = host;
    s->key = plug_sender_key(t, report);
    s->session = report->session;
    s->source = report->source;
    s->sequenced = report->sequenced;
    memcpy(s->token, report->token, token_bytes);
    s->inherits = !is_young(t, report, now);
    if (s->inherits && plug_report_interval(report) > t->longest_interval)
        t->longest_interval = plug_report_interval(report);
    if (!plug_map_put(&t->senders, s->key, s)) {
        free(s);
        return NULL;
    }
    plug_aggregate_hold(host);
    t->counts.senders++;
    return s;
}
