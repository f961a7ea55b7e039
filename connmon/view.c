/* SPDX-License-Identifier: MIT */
/* Owns the column table, the order of rows, and the text of a cell. */
#include "connmon/view.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/metrics.h"

const struct mon_column_info mon_columns[MON_COLUMNS] = {
#define MON_COLUMN(ID, heading, METRIC, FORM, CONCERN, width, rank, sentence)                      \
    {heading, CDP_##METRIC, MON_FORM_##FORM, MON_##CONCERN, width, rank, sentence},
#include "connmon/columns.def"
};

/* How wide a name and the words of attention get where there is room. */
#define NAME_COLUMNS_MAX      28
#define NAME_COLUMNS_FAIR     16 /* before other columns have theirs */
#define ATTENTION_COLUMNS_MAX 32
#define TREND_COLUMNS_MAX     60

void mon_view_init(struct mon_view *view)
{
    *view = (struct mon_view){.sort = MON_COLUMN_IN_USE, .oldest_limit = 60};
}

static bool is_number(enum mon_column column)
{
    return mon_columns[column].form < MON_FORM_PROGRAM;
}

/* --- figures --- */

/* The number of a cell; false if it is not known. */
static bool number_of(const struct mon_view *view, const struct mon_row *row,
                      enum mon_column column, double *value)
{
    const struct mon_column_info *info = &mon_columns[column];
    const struct mon_series *s;

    if (info->form == MON_FORM_SHARE)
        return mon_row_reuse(row, value);
    s = mon_row_series(row, info->metric);
    if (s == NULL)
        return false;
    switch (info->form) {
    case MON_FORM_SINCE:
        *value = (double)s->increase;
        break;
    case MON_FORM_PEAK:
        *value = s->peak;
        break;
    default:
        *value = view->peaks ? s->peak : s->value;
    }
    return true;
}

static enum mon_level level_above_0(const struct mon_row *row, enum cdp_metric metric, double now)
{
    const struct mon_series *s = mon_row_series(row, metric);

    if (s == NULL || s->increase <= 0)
        return MON_FINE;
    return now - s->rose <= MON_LATELY_S ? MON_ALARM : MON_WATCH;
}

enum mon_level mon_cell_level(const struct mon_view *view, const struct mon_row *row,
                              enum mon_column column, double now)
{
    const struct mon_column_info *info = &mon_columns[column];
    const struct mon_series *s;
    double percent;

    switch (info->concern) {
    case MON_ABOVE_0:
        return level_above_0(row, info->metric, now);
    case MON_BELOW_HALF:
        return mon_row_reuse(row, &percent) && percent < MON_REUSE_LOW ? MON_WATCH : MON_FINE;
    case MON_TOO_OLD:
        s = mon_row_series(row, info->metric);
        return s != NULL && s->value > view->oldest_limit ? MON_WATCH : MON_FINE;
    case MON_NONE:
        break;
    }
    return MON_FINE;
}

enum mon_level mon_row_level(const struct mon_view *view, const struct mon_row *row, double now)
{
    enum mon_level worst = MON_FINE;

    if (mon_row_is_silent(row, now))
        return MON_ALARM;
    for (size_t c = 0; c < MON_COLUMNS; c++) {
        enum mon_level level = mon_cell_level(view, row, (enum mon_column)c, now);

        worst = level > worst ? level : worst;
    }
    return worst;
}

char mon_row_mark(const struct mon_view *view, const struct mon_row *row, double now)
{
    static const char marks[] = {[MON_FINE] = ' ', [MON_WATCH] = '*', [MON_ALARM] = '!'};

    return mon_row_is_silent(row, now) ? '?' : marks[mon_row_level(view, row, now)];
}

size_t mon_view_troubled(const struct mon_view *view, const struct mon_model *model, double now)
{
    size_t count, troubled = 0;
    struct mon_row *const *rows = mon_model_rows(model, &count);

    for (size_t i = 0; i < count; i++)
        if (rows[i]->is_host == view->hosts)
            troubled += mon_row_level(view, rows[i], now) > MON_FINE;
    return troubled;
}

/* --- rows --- */

static bool contains(const char *text, const char *wanted)
{
    return strcasestr(text, wanted) != NULL;
}

static bool is_wanted(const struct mon_view *view, const struct mon_row *row)
{
    if (row->is_host != view->hosts)
        return false;
    return view->filter[0] == '\0' || contains(row->host, view->filter) ||
           (!row->is_host && contains(row->program, view->filter));
}

/* qsort has no room for it. */
static struct {
    const struct mon_view *view;
    double now;
} sorting;

static int compare_names(const struct mon_row *a, const struct mon_row *b)
{
    int order = strcmp(a->program, b->program);

    if (order == 0)
        order = strcmp(a->host, b->host);
    return order != 0 ? order : (int)a->source - (int)b->source;
}

static int compare_sort_column(const struct mon_row *a, const struct mon_row *b)
{
    const struct mon_view *view = sorting.view;
    double x, y;
    bool has_x, has_y;

    switch (mon_columns[view->sort].form) {
    case MON_FORM_HOST:
        return strcmp(a->host, b->host);
    case MON_FORM_PLUGIN:
        return (int)a->source - (int)b->source;
    case MON_FORM_PROGRAM:
    case MON_FORM_ATTENTION:
    case MON_FORM_TREND:
        return 0;
    default:
        break;
    }
    has_x = number_of(view, a, view->sort, &x);
    has_y = number_of(view, b, view->sort, &y);
    if (!has_x || !has_y)
        return has_y - has_x;
    return (x < y) - (x > y); /* the largest first */
}

static int compare_rows(const void *left, const void *right)
{
    const struct mon_row *a = *(const struct mon_row *const *)left;
    const struct mon_row *b = *(const struct mon_row *const *)right;
    int order = 0;

    if (sorting.view->trouble_first || sorting.view->sort == MON_COLUMN_ATTENTION)
        order = (int)mon_row_level(sorting.view, b, sorting.now) -
                (int)mon_row_level(sorting.view, a, sorting.now);
    if (order == 0)
        order = compare_sort_column(a, b);
    if (order == 0)
        order = compare_names(a, b);
    return sorting.view->reversed ? -order : order;
}

size_t mon_view_rows(const struct mon_view *view, const struct mon_model *model, double now,
                     const struct mon_row **rows, size_t max)
{
    size_t count, wanted = 0;
    struct mon_row *const *all = mon_model_rows(model, &count);

    for (size_t i = 0; i < count && wanted < max; i++)
        if (is_wanted(view, all[i]))
            rows[wanted++] = all[i];
    sorting.view = view;
    sorting.now = now;
    qsort(rows, wanted, sizeof(*rows), compare_rows);
    return wanted;
}

/* --- columns --- */

static bool is_shown(const struct mon_view *view, enum mon_column column)
{
    return !(view->hosts && column == MON_COLUMN_PROGRAM);
}

static size_t rank_of(const struct mon_view *view, enum mon_column column)
{
    return view->hosts && column == MON_COLUMN_HOST ? 0 : mon_columns[column].rank;
}

/* How wide the names of a column are; of others, the column's own width. */
static size_t name_columns(const struct mon_row *const *rows, size_t count, enum mon_column column)
{
    struct mon_text text;
    size_t widest = mon_columns[column].width;

    if (column != MON_COLUMN_PROGRAM && column != MON_COLUMN_HOST)
        return widest;
    for (size_t i = 0; i < count; i++) {
        mon_text_clear(&text);
        mon_text_add(&text, column == MON_COLUMN_HOST ? rows[i]->host : rows[i]->program,
                     NAME_COLUMNS_MAX);
        widest = text.columns > widest ? text.columns : widest;
    }
    return widest;
}

static void grow(struct mon_layout *layout, enum mon_column column, size_t to, size_t *room)
{
    for (size_t i = 0; i < layout->count; i++) {
        size_t *width = &layout->cells[i].width;
        size_t more = to > *width ? to - *width : 0;

        if (layout->cells[i].column != column)
            continue;
        more = more < *room ? more : *room;
        *width += more;
        *room -= more;
    }
}

void mon_view_layout(const struct mon_view *view, const struct mon_row *const *rows, size_t count,
                     size_t width, struct mon_layout *layout)
{
    size_t widths[MON_COLUMNS] = {0}; /* 0: not chosen */
    size_t room = width + 1;          /* each has a blank before it, but the first */
    size_t names[] = {name_columns(rows, count, MON_COLUMN_PROGRAM),
                      name_columns(rows, count, MON_COLUMN_HOST)};

    /* By rank, as far as they fit; those of a higher rank may fill what a wide one leaves. */
    for (size_t rank = 0; rank < MON_COLUMNS; rank++)
        for (size_t c = 0; c < MON_COLUMNS; c++) {
            size_t wanted = mon_columns[c].width;

            if (!is_shown(view, (enum mon_column)c) || rank_of(view, (enum mon_column)c) != rank)
                continue;
            if (c == MON_COLUMN_PROGRAM || c == MON_COLUMN_HOST) {
                wanted = names[c == MON_COLUMN_HOST];
                wanted = wanted < NAME_COLUMNS_FAIR ? wanted : NAME_COLUMNS_FAIR;
            }
            if (wanted + 1 > room)
                continue;
            widths[c] = wanted;
            room -= wanted + 1;
        }
    layout->count = 0;
    for (size_t c = 0; c < MON_COLUMNS; c++)
        if (widths[c] > 0) {
            layout->cells[layout->count].column = (enum mon_column)c;
            layout->cells[layout->count++].width = widths[c];
        }
    grow(layout, MON_COLUMN_PROGRAM, names[0], &room);
    grow(layout, MON_COLUMN_HOST, names[1], &room);
    grow(layout, MON_COLUMN_ATTENTION, ATTENTION_COLUMNS_MAX, &room);
    grow(layout, MON_COLUMN_TREND, TREND_COLUMNS_MAX, &room);
}

void mon_view_sort_by_next(struct mon_view *view, const struct mon_layout *layout, int direction)
{
    size_t at = 0;

    if (layout->count == 0)
        return;
    while (at < layout->count && layout->cells[at].column != view->sort)
        at++;
    if (at == layout->count)
        at = 0;
    do {
        at = (at + layout->count + (size_t)(direction > 0 ? 1 : -1)) % layout->count;
    } while (layout->cells[at].column == MON_COLUMN_TREND);
    view->sort = layout->cells[at].column;
}

/* --- cells --- */

static const char *plugin_of(const struct mon_row *row)
{
    return row->source == MON_ODBC ? "odbc" : "sqlalchemy";
}

/* What is drawn lowest and highest. The line is to show changes, but small ones as small: the two
   are apart by a quarter of the value at least. */
static void choose_scale(const double *values, size_t count, double *low, double *high)
{
    double least = INFINITY, most = 0, apart;

    for (size_t i = 0; i < count; i++)
        if (values[i] >= 0) {
            least = fmin(least, values[i]);
            most = fmax(most, values[i]);
        }
    least = fmin(least, most);
    apart = fmax(most - least, most / 4);
    *low = fmax(0, (least + most - apart) / 2);
    *high = *low + apart;
}

void mon_view_spark(struct mon_text *text, const struct mon_series *series, size_t width, bool fine)
{
    double values[2 * MON_HISTORY];
    double low, high;
    size_t count = width * (fine ? 2 : 1);

    if (count > sizeof(values) / sizeof(values[0]))
        count = sizeof(values) / sizeof(values[0]);
    for (size_t i = 0; i < count; i++)
        if (!mon_series_sample(series, i, &values[count - 1 - i]))
            values[count - 1 - i] = -1;
    choose_scale(values, count, &low, &high);
    if (fine)
        mon_text_braille(text, values, count, low, high);
    else
        mon_text_spark(text, values, count, low, high);
}

static void add_trend(struct mon_text *text, const struct mon_view *view, const struct mon_row *row,
                      size_t width)
{
    enum cdp_metric metric =
        is_number(view->sort) ? mon_columns[view->sort].metric : CDP_CHECKEDOUT;

    if (row->series[metric] != NULL)
        mon_view_spark(text, row->series[metric], width, false);
}

/* Appends a word for what a column finds wrong. */
static void add_concern(struct mon_text *text, const struct mon_view *view,
                        const struct mon_row *row, enum mon_column column)
{
    const struct mon_column_info *info = &mon_columns[column];
    char number[MON_NUMBER_BYTES];
    char word[16];
    double value;

    if (!number_of(view, row, column, &value))
        return;
    (void)strncpy(word, info->heading, sizeof(word) - 1);
    word[sizeof(word) - 1] = '\0';
    word[0] = (char)tolower((unsigned char)word[0]);
    if (info->form == MON_FORM_AGE)
        mon_duration(number, row->series[info->metric]->value);
    else if (info->form == MON_FORM_SHARE)
        mon_percent(number, value);
    else
        mon_number(number, value);
    mon_text_format(text, "%s%s %s", text->length > 0 ? ", " : "", word, number);
}

void mon_view_attention(struct mon_text *text, const struct mon_view *view,
                        const struct mon_row *row, size_t columns, double now)
{
    struct mon_text words;
    char number[MON_NUMBER_BYTES];

    mon_text_clear(&words);
    if (mon_row_is_silent(row, now))
        mon_text_format(&words, "silent %s", mon_duration(number, now - row->heard));
    for (int level = MON_ALARM; level > MON_FINE; level--)
        for (size_t c = 0; c < MON_COLUMNS; c++)
            if ((int)mon_cell_level(view, row, (enum mon_column)c, now) == level)
                add_concern(&words, view, row, (enum mon_column)c);
    mon_text_add(text, words.bytes, columns);
}

static void add_number(struct mon_text *text, const struct mon_view *view,
                       const struct mon_row *row, enum mon_column column, size_t width)
{
    char number[MON_NUMBER_BYTES] = "-";
    size_t start = text->columns;
    double value;

    if (number_of(view, row, column, &value)) {
        if (mon_columns[column].form == MON_FORM_AGE)
            mon_duration(number, value);
        else if (mon_columns[column].form == MON_FORM_SHARE)
            mon_percent(number, value);
        else
            mon_number(number, value);
    }
    if (strlen(number) < width)
        mon_text_pad(text, start + width - strlen(number));
    mon_text_add(text, number, width);
}

void mon_view_cell(struct mon_text *text, const struct mon_view *view, const struct mon_row *row,
                   enum mon_column column, size_t width, double now)
{
    size_t start = text->columns;

    switch (mon_columns[column].form) {
    case MON_FORM_PROGRAM:
        mon_text_add(text, row->program, width);
        break;
    case MON_FORM_HOST:
        mon_text_add(text, row->host, width);
        break;
    case MON_FORM_PLUGIN:
        mon_text_add(text, plugin_of(row), width);
        break;
    case MON_FORM_ATTENTION:
        mon_view_attention(text, view, row, width, now);
        break;
    case MON_FORM_TREND:
        add_trend(text, view, row, width);
        break;
    default:
        add_number(text, view, row, column, width);
    }
    mon_text_pad(text, start + width);
}

void mon_view_heading(struct mon_text *text, const struct mon_view *view, enum mon_column column,
                      size_t width)
{
    const char *heading = mon_columns[column].heading;
    size_t start = text->columns;

    if (column == MON_COLUMN_TREND && is_number(view->sort) &&
        strlen(mon_columns[view->sort].heading) + sizeof("trend") <= width)
        mon_text_format(text, "%s trend", mon_columns[view->sort].heading);
    else {
        if (is_number(column) && strlen(heading) < width)
            mon_text_pad(text, start + width - strlen(heading));
        mon_text_add(text, heading, width);
    }
    mon_text_pad(text, start + width);
}
