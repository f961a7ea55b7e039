/* SPDX-License-Identifier: MIT */
/* Owns the rows, when they go, and the sums over all hosts. */
#include "connmon/model.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/metrics.h"

#define BUCKETS 4096

struct mon_model {
    uint64_t seed;
    struct mon_row *buckets[BUCKETS];
    struct mon_row *rows[MON_ROWS_MAX];
    size_t count;
    struct mon_row *last; /* the row of the list before, most often also of the next */
    size_t ids;
    size_t refused;
    struct mon_series overall[MON_ALL];
};

static const char *const plugins[] = {
    [MON_ODBC] = "odbc",
    [MON_SQLALCHEMY] = "sqlalchemy",
};

/* Names that the plugin gives to what is no program. */
#define HOST_SUM "host"
#define RECEIVER "receiver"

struct mon_model *mon_model_new(uint64_t seed)
{
    struct mon_model *model = calloc(1, sizeof(*model));

    if (model != NULL)
        model->seed = seed;
    return model;
}

static void free_row(struct mon_row *row)
{
    for (size_t m = 0; m < CDP_METRICS; m++)
        free(row->series[m]);
    free(row);
}

void mon_model_free(struct mon_model **model)
{
    if (*model == NULL)
        return;
    for (size_t i = 0; i < (*model)->count; i++)
        free_row((*model)->rows[i]);
    free(*model);
    *model = NULL;
}

/* --- rows --- */

static size_t bucket_of(const struct mon_model *model, const char *host, const char *program)
{
    uint64_t hash = model->seed;

    /* Multiplication by an odd secret and folding, a byte at a time; the NUL parts the names. */
    for (const char *s = host; *s != '\0'; s++)
        hash = (hash ^ (unsigned char)*s) * ((model->seed << 1) | 1) + (hash >> 29);
    hash = (hash ^ 0x100) * ((model->seed << 1) | 1) + (hash >> 29);
    for (const char *s = program; *s != '\0'; s++)
        hash = (hash ^ (unsigned char)*s) * ((model->seed << 1) | 1) + (hash >> 29);
    return (hash ^ hash >> 32) % BUCKETS;
}

static bool is_row(const struct mon_row *row, enum mon_source source, const char *host,
                   const char *program)
{
    return row->source == source && strcmp(row->program, program) == 0 &&
           strcmp(row->host, host) == 0;
}

static struct mon_row *find_row(const struct mon_model *model, enum mon_source source,
                                const char *host, const char *program)
{
    struct mon_row *row = model->buckets[bucket_of(model, host, program)];

    while (row != NULL && !is_row(row, source, host, program))
        row = row->next;
    return row;
}

static struct mon_row *add_row(struct mon_model *model, enum mon_source source, const char *host,
                               const char *program)
{
    size_t bucket = bucket_of(model, host, program);
    struct mon_row *row = model->count < MON_ROWS_MAX ? calloc(1, sizeof(*row)) : NULL;

    if (row == NULL)
        return NULL;
    row->source = source;
    row->kind = host[0] == '\0'                  ? MON_FLEET
                : strcmp(program, HOST_SUM) == 0 ? MON_HOST
                                                 : MON_PROGRAM;
    strcpy(row->host, host);
    strcpy(row->program, program);
    row->id = ++model->ids;
    row->next = model->buckets[bucket];
    model->buckets[bucket] = row;
    model->rows[model->count++] = row;
    return row;
}

static void remove_row(struct mon_model *model, size_t i)
{
    struct mon_row *row = model->rows[i];
    struct mon_row **at = &model->buckets[bucket_of(model, row->host, row->program)];

    while (*at != row)
        at = &(*at)->next;
    *at = row->next;
    model->rows[i] = model->rows[--model->count];
    free_row(row);
}

/* --- figures --- */

/* The metric that a value list is of; CDP_METRICS: none. */
static enum cdp_metric metric_of(const struct cdp_value_list *list)
{
    for (size_t m = 0; m < CDP_METRICS; m++) {
        const struct cdp_metric_info *info = &cdp_metrics[m];

        if (strcmp(list->type_instance, info->name) != 0)
            continue;
        if (strcmp(list->type, info->type) != 0 || list->count != 1)
            break;
        if (list->values[0].kind != (info->kind == CDP_GAUGE ? CDP_VALUE_GAUGE : CDP_VALUE_DERIVE))
            break;
        return (enum cdp_metric)m;
    }
    return CDP_METRICS;
}

static enum mon_source source_of(const char *plugin)
{
    size_t i = 0;

    while (i < sizeof(plugins) / sizeof(plugins[0]) && strcmp(plugin, plugins[i]) != 0)
        i++;
    return (enum mon_source)i;
}

struct mon_row *mon_model_row(struct mon_model *model, enum mon_source source, const char *host,
                              const char *program)
{
    struct mon_row *row = find_row(model, source, host, program);

    return row != NULL ? row : add_row(model, source, host, program);
}

static struct mon_row *row_of(struct mon_model *model, const struct cdp_value_list *list)
{
    enum mon_source source = source_of(list->plugin);
    char host[CDP_NAME_MAX], program[CDP_NAME_MAX];
    struct mon_row *row = model->last;

    if (source >= sizeof(plugins) / sizeof(plugins[0]) || cdp_name_clean(host, list->host) == 0 ||
        cdp_name_clean(program, list->plugin_instance) == 0 || strcmp(program, RECEIVER) == 0)
        return NULL;
    if (row == NULL || !is_row(row, source, host, program))
        row = mon_model_row(model, source, host, program);
    model->refused += row == NULL;
    model->last = row;
    return row;
}

void mon_model_take(struct mon_model *model, const struct cdp_value_list *list, double now)
{
    enum cdp_metric metric = metric_of(list);
    double time = list->time != 0 ? cdp_time_to_seconds(list->time) : now;
    double interval = cdp_time_to_seconds(list->interval);
    struct mon_series *series;
    struct mon_row *row;

    if (metric == CDP_METRICS || (row = row_of(model, list)) == NULL)
        return;
    if (row->series[metric] == NULL)
        row->series[metric] = calloc(1, sizeof(*series));
    series = row->series[metric];
    if (series == NULL)
        return;
    row->interval = interval >= 0.1 && interval <= 3600 ? interval : MON_INTERVAL_DEFAULT_S;
    row->heard = now;
    if (cdp_metrics[metric].kind == CDP_GAUGE)
        mon_series_take_gauge(series, list->values[0].gauge, time, now);
    else
        mon_series_take_total(series, list->values[0].derive, time, now);
}

/* --- reading --- */

bool mon_row_is_silent(const struct mon_row *row, double now)
{
    /* A second of grace, for whole seconds and busy hosts. */
    return now - row->heard > MON_SILENT_INTERVALS * row->interval + 1;
}

const struct mon_series *mon_row_series(const struct mon_row *row, enum cdp_metric metric)
{
    const struct mon_series *s = row->series[metric];

    /* One that was left out while the others came is over; a lost datagram is not yet that. */
    if (s == NULL || !s->known || row->heard - s->heard > 2.5 * row->interval)
        return NULL;
    return s;
}

bool mon_row_reuse(const struct mon_row *row, double *percent)
{
    const struct mon_series *reuse = mon_row_series(row, CDP_REUSE);
    const struct mon_series *checkouts = mon_row_series(row, CDP_CHECKOUTS);
    const struct mon_series *connects = mon_row_series(row, CDP_CONNECTS);

    if (checkouts != NULL && checkouts->value <= 0)
        return false;
    if (reuse != NULL) {
        *percent = reuse->value;
        return true;
    }
    if (checkouts == NULL || connects == NULL)
        return false;
    *percent =
        connects->value < checkouts->value ? 100 * (1 - connects->value / checkouts->value) : 0;
    return true;
}

struct mon_row *const *mon_model_rows(const struct mon_model *model, size_t *count)
{
    *count = model->count;
    return model->rows;
}

const struct mon_row *mon_model_find(const struct mon_model *model, size_t id)
{
    for (size_t i = 0; i < model->count; i++)
        if (model->rows[i]->id == id)
            return model->rows[i];
    return NULL;
}

const struct mon_series *mon_model_overall(const struct mon_model *model, enum mon_overall which)
{
    return &model->overall[which];
}

size_t mon_model_refused(const struct mon_model *model)
{
    return model->refused;
}

bool mon_model_is_complete(const struct mon_model *model)
{
    bool any_rate = false;

    for (size_t i = 0; i < model->count; i++)
        for (size_t m = 0; m < CDP_METRICS; m++) {
            const struct mon_series *s = model->rows[i]->series[m];

            if (s != NULL && !s->known)
                return false;
            any_rate = any_rate || (s != NULL && cdp_metrics[m].kind == CDP_DERIVE);
        }
    return any_rate;
}

/* --- time passes --- */

/* A program that ends leaves while its host goes on reporting; a host that falls silent is worth
   seeing for longer, and its programs with it. */
static bool is_over(const struct mon_row *row, double now)
{
    if (row->kind == MON_FLEET)
        return row->hosts == 0;
    if (!mon_row_is_silent(row, now))
        return false;
    if (row->sum != NULL && row->sum != row && !mon_row_is_silent(row->sum, now))
        return true;
    return now - row->heard > MON_FORGET_S;
}

static void find_sums(struct mon_model *model)
{
    for (size_t i = 0; i < model->count; i++) {
        struct mon_row *row = model->rows[i];

        row->sum = row->kind == MON_HOST ? row : find_row(model, row->source, row->host, HOST_SUM);
    }
}

static bool shares_host(const struct mon_model *model, const struct mon_row *row, double now)
{
    /* A host may report under both plugins; it is one all the same. */
    struct mon_row *other = find_row(model, MON_ODBC, row->host, HOST_SUM);

    return row->source != MON_ODBC && other != NULL && !mon_row_is_silent(other, now);
}

static void add_up(const struct mon_model *model, double now, double sums[MON_ALL],
                   double *connects)
{
    static const struct {
        enum mon_overall which;
        enum cdp_metric metric;
    } summed[] = {{MON_ALL_PROCESSES, CDP_NUMPROCS},
                  {MON_ALL_OPEN, CDP_CONNECTIONS},
                  {MON_ALL_IN_USE, CDP_CHECKEDOUT},
                  {MON_ALL_CHECKOUTS, CDP_CHECKOUTS}};

    for (size_t i = 0; i < model->count; i++) {
        const struct mon_row *row = model->rows[i];
        const struct mon_series *s;

        if (row->kind != MON_HOST || mon_row_is_silent(row, now))
            continue;
        if (!shares_host(model, row, now))
            sums[MON_ALL_HOSTS]++;
        for (size_t k = 0; k < sizeof(summed) / sizeof(summed[0]); k++)
            if ((s = mon_row_series(row, summed[k].metric)) != NULL)
                sums[summed[k].which] += s->value;
        if ((s = mon_row_series(row, CDP_CONNECTS)) != NULL)
            *connects += s->value;
    }
}

static bool any_known(const struct mon_model *model, enum cdp_metric metric)
{
    for (size_t i = 0; i < model->count; i++)
        if (model->rows[i]->kind == MON_HOST && mon_row_series(model->rows[i], metric) != NULL)
            return true;
    return false;
}

static void update_overall(struct mon_model *model, double now)
{
    double sums[MON_ALL] = {0};
    double connects = 0;
    bool have_rates = any_known(model, CDP_CHECKOUTS);
    struct mon_series *reuse = &model->overall[MON_ALL_REUSE];

    add_up(model, now, sums, &connects);
    for (size_t k = 0; k < MON_ALL_REUSE; k++)
        if (k != MON_ALL_CHECKOUTS || have_rates)
            mon_series_add(&model->overall[k], sums[k], now);
    if (!have_rates || sums[MON_ALL_CHECKOUTS] <= 0) {
        reuse->heard = 0; /* not now */
        return;
    }
    sums[MON_ALL_REUSE] =
        connects < sums[MON_ALL_CHECKOUTS] ? 100 * (1 - connects / sums[MON_ALL_CHECKOUTS]) : 0;

    double lowest =
        reuse->known && reuse->peak < sums[MON_ALL_REUSE] ? reuse->peak : sums[MON_ALL_REUSE];

    mon_series_add(reuse, sums[MON_ALL_REUSE], now);
    reuse->peak = lowest;
}

void mon_model_tick(struct mon_model *model, double now)
{
    find_sums(model);
    for (size_t i = model->count; i-- > 0;)
        if (model->rows[i]->kind != MON_HOST && is_over(model->rows[i], now))
            remove_row(model, i);
    for (size_t i = model->count; i-- > 0;)
        if (model->rows[i]->kind == MON_HOST && is_over(model->rows[i], now))
            remove_row(model, i);
    model->last = NULL;
    find_sums(model);
    if (model->count > 0)
        update_overall(model, now);
}

void mon_model_reset(struct mon_model *model)
{
    for (size_t i = 0; i < model->count; i++)
        for (size_t m = 0; m < CDP_METRICS; m++)
            if (model->rows[i]->series[m] != NULL)
                mon_series_reset(model->rows[i]->series[m]);
    for (size_t k = 0; k < MON_ALL; k++)
        mon_series_reset(&model->overall[k]);
}
