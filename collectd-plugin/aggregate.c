/* SPDX-License-Identifier: MIT */
/*
 * Owns the sums per program and per host: how long they live, how they merge, and what of them is
 * dispatched. A total is the sum of every rise that was ever seen; it needs no base of its own when
 * a process leaves, for nothing is ever subtracted from it.
 */
#include "collectd-plugin/aggregate.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "collectd-plugin/ticks.h"

static const int maximum_of[CDP_WIRE_METRICS] = {
#define PLUG_MAXIMUM_OF_SUM(ID)
#define PLUG_MAXIMUM_OF_MAX(ID)                                   [CDP_##ID] = PLUG_MAXIMUM_##ID,
#define CDP_METRIC(ID, GROUP, name, KIND, MERGE, type, unit, ...) PLUG_MAXIMUM_OF_##MERGE(ID)
#include "protocol/metrics.def"
};
static_assert(PLUG_MAXIMA > 0, "the arrays of maxima have elements");

void plug_aggregates_init(struct plug_aggregates *all, const struct plug_secret *secret,
                          size_t count_max)
{
    *all = (struct plug_aggregates){.secret = *secret, .count_max = count_max};
    plug_list_init(&all->shown);
    plug_list_init(&all->idle);
    all->next = &all->shown;
}

static uint64_t key_of(const struct plug_aggregates *all, const void *owner, unsigned char kind,
                       const char *name)
{
    char bytes[sizeof(owner) + 1 + CDP_NAME_MAX];
    size_t n = strnlen(name, CDP_NAME_MAX);

    memcpy(bytes, &owner, sizeof(owner));
    bytes[sizeof(owner)] = (char)kind;
    memcpy(bytes + sizeof(owner) + 1, name, n);
    return plug_hash(&all->secret, bytes, sizeof(owner) + 1 + n);
}

struct wanted {
    enum plug_source source;
    const struct plug_aggregate *host;
    const char *name;
};

static bool is_wanted(const void *item, const void *wanted)
{
    const struct plug_aggregate *a = item;
    const struct wanted *w = wanted;

    return a->host == w->host && a->source == w->source && strcmp(a->name, w->name) == 0;
}

static struct plug_aggregate *find(const struct plug_aggregates *all, uint64_t key,
                                   enum plug_source source, const struct plug_aggregate *host,
                                   const char *name)
{
    struct wanted wanted = {.source = source, .host = host, .name = name};

    return plug_map_find(&all->map, key, is_wanted, &wanted);
}

struct plug_aggregate *plug_aggregate_find(const struct plug_aggregates *all,
                                           enum plug_source source,
                                           const struct plug_aggregate *host, const char *name)
{
    return find(all, key_of(all, host, (unsigned char)source, name), source, host, name);
}

static void show(struct plug_aggregates *all, struct plug_aggregate *a, uint64_t now)
{
    plug_list_append(&all->shown, &a->shown);
    plug_list_append(&all->idle, &a->idle);
    a->idle_since = now;
}

struct plug_aggregate *plug_aggregate_get(struct plug_aggregates *all, enum plug_source source,
                                          struct plug_aggregate *host, const char *name,
                                          uint64_t now)
{
    uint64_t key = key_of(all, host, (unsigned char)source, name);
    struct plug_aggregate *a = find(all, key, source, host, name);
    size_t name_bytes = strlen(name) + 1;

    if (a != NULL || all->count >= all->count_max)
        return a;
    a = calloc(1, sizeof(*a) + name_bytes);
    if (a == NULL)
        return NULL;
    a->key = key;
    a->source = source;
    a->host = host;
    memcpy(a->name, name, name_bytes);
    if (!plug_map_put(&all->map, key, a)) {
        free(a);
        return NULL;
    }
    all->count++;
    if (host != NULL)
        plug_aggregate_hold(host);
    show(all, a, now);
    return a;
}

void plug_aggregate_hold(struct plug_aggregate *a)
{
    a->references++;
}

static void forget(struct plug_aggregates *all, struct plug_aggregate *a)
{
    struct plug_aggregate *host = a->host;

    plug_map_remove(&all->map, a->key, a);
    all->count--;
    for (size_t i = 0; i < PLUG_MAXIMA; i++)
        plug_maximum_fini(&a->maxima[i]);
    free(a->inherited);
    free(a);
    if (host != NULL)
        plug_aggregate_drop(all, host);
}

void plug_aggregate_drop(struct plug_aggregates *all, struct plug_aggregate *a)
{
    if (--a->references == 0 && !plug_link_is_in(&a->shown))
        forget(all, a);
}

static void hide(struct plug_aggregates *all, struct plug_aggregate *a)
{
    if (all->next == &a->shown)
        all->next = a->shown.next;
    plug_link_remove(&a->shown);
    plug_link_remove(&a->idle);
    if (a->references == 0)
        forget(all, a);
}

void plug_aggregates_expire(struct plug_aggregates *all, uint64_t now)
{
    while (!plug_list_is_empty(&all->idle)) {
        struct plug_aggregate *a = PLUG_OF(all->idle.next, struct plug_aggregate, idle);

        if (plug_elapsed(a->idle_since, now) < plug_seconds(PLUG_ZEROS_S))
            break;
        hide(all, a);
    }
}

/* Frees what is shown; hold nothing any more. */
void plug_aggregates_fini(struct plug_aggregates *all)
{
    /* Programs first: they hold their hosts, which therefore are not freed under our feet. */
    for (struct plug_link *l = all->shown.next, *next; l != &all->shown; l = next) {
        struct plug_aggregate *a = PLUG_OF(l, struct plug_aggregate, shown);

        next = l->next;
        if (a->host != NULL)
            hide(all, a);
    }
    while (!plug_list_is_empty(&all->shown))
        hide(all, PLUG_OF(all->shown.next, struct plug_aggregate, shown));
    plug_map_fini(&all->map);
    plug_map_fini(&all->presence);
}

bool plug_aggregate_join(struct plug_aggregates *all, struct plug_aggregate *a, const char *token)
{
    size_t sessions = plug_map_count_up(&all->presence, key_of(all, a, 0, token));

    if (sessions == 0)
        return false;
    if (sessions == 1)
        a->processes++;
    a->live++;
    plug_link_remove(&a->idle);
    if (!plug_link_is_in(&a->shown))
        plug_list_append(&all->shown, &a->shown);
    return true;
}

void plug_aggregate_leave(struct plug_aggregates *all, struct plug_aggregate *a, const char *token,
                          uint64_t now)
{
    if (plug_map_count_down(&all->presence, key_of(all, a, 0, token)) == 0)
        a->processes--;
    if (--a->live == 0) {
        plug_list_append(&all->idle, &a->idle);
        a->idle_since = now;
    }
}

static void add(int64_t *sum, int64_t n)
{
    if (__builtin_add_overflow(*sum, n, sum))
        *sum = INT64_MAX;
}

void plug_aggregate_change(struct plug_aggregate *a, enum cdp_metric metric, int64_t before,
                           int64_t now, struct plug_places *places)
{
    if (cdp_metrics[metric].merge == CDP_MAX)
        plug_maximum_set(&a->maxima[maximum_of[metric]], &places->of[maximum_of[metric]], now);
    else
        add(&a->values[metric], now - before);
}

void plug_aggregate_withdraw(struct plug_aggregate *a, struct plug_places *places)
{
    for (size_t i = 0; i < PLUG_MAXIMA; i++)
        plug_maximum_remove(&a->maxima[i], &places->of[i]);
}

void plug_aggregate_inherit(struct plug_aggregate *a, enum cdp_metric metric, int64_t total)
{
    if (a->dispatched || total == 0)
        return;
    if (a->inherited == NULL)
        a->inherited = calloc(CDP_WIRE_METRICS, sizeof(*a->inherited));
    if (a->inherited != NULL) /* else it shows as a rise: the total matters more than the rate */
        add(&a->inherited[metric], total);
}

void plug_aggregate_lose(struct plug_aggregate *a, int64_t datagrams)
{
    add(&a->lost, datagrams);
}

void plug_aggregates_rewind(struct plug_aggregates *all)
{
    all->next = all->shown.next;
}

static union cdp_number number_of(const struct plug_aggregate *a, enum cdp_metric metric)
{
    bool first = !a->dispatched;

    if (cdp_metrics[metric].kind == CDP_DERIVE) {
        if (first)
            return (union cdp_number){.derive = a->inherited ? a->inherited[metric] : 0};
        return (union cdp_number){.derive = a->values[metric]};
    }
    if (cdp_metrics[metric].merge == CDP_MAX)
        return (union cdp_number){
            .gauge = (double)plug_maximum_get(&a->maxima[maximum_of[metric]]) / PLUG_GAUGE_UNIT};
    return (union cdp_number){.gauge = (double)a->values[metric] / PLUG_GAUGE_UNIT};
}

/* The share of the checkouts since the dispatch before that needed no new connection. */
static bool reuse_of(struct plug_aggregate *a, const union cdp_number *values, double *percent)
{
    int64_t checkouts = values[CDP_CHECKOUTS].derive - a->checkouts_before;
    int64_t connects = values[CDP_CONNECTS].derive - a->connects_before;
    bool first = !a->dispatched;

    a->checkouts_before = values[CDP_CHECKOUTS].derive;
    a->connects_before = values[CDP_CONNECTS].derive;
    if (first || checkouts <= 0)
        return false;
    *percent = 100 * (1 - (double)connects / (double)checkouts);
    if (*percent < 0) /* connections made ahead of their checkout */
        *percent = 0;
    return true;
}

static void fill(struct plug_figures *out, struct plug_aggregate *a)
{
    bool is_odbc = a->source == PLUG_ODBC;

    memset(out, 0, sizeof(*out));
    out->source = a->source;
    out->is_host = a->host == NULL;
    strncpy(out->host, out->is_host ? a->name : a->host->name, sizeof(out->host) - 1);
    if (!out->is_host)
        strncpy(out->program, a->name, sizeof(out->program) - 1);
    for (size_t m = 0; m < CDP_WIRE_METRICS; m++) {
        out->present[m] = a->groups >> cdp_metrics[m].group & 1;
        out->values[m] = number_of(a, (enum cdp_metric)m);
    }
    out->present[CDP_NUMPROCS] = true;
    out->values[CDP_NUMPROCS].gauge = (double)a->processes;
    out->present[CDP_REUSE] = reuse_of(a, out->values, &out->values[CDP_REUSE].gauge) && is_odbc;
    out->present[CDP_LOST] = is_odbc;
    out->values[CDP_LOST].derive = a->dispatched ? a->lost : 0;
    a->dispatched = true;
    free(a->inherited);
    a->inherited = NULL;
}

size_t plug_aggregates_read(struct plug_aggregates *all, struct plug_figures *out, size_t max)
{
    size_t n = 0;

    for (; n < max && all->next != &all->shown; all->next = all->next->next)
        fill(&out[n++], PLUG_OF(all->next, struct plug_aggregate, shown));
    return n;
}
