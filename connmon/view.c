/* SPDX-License-Identifier: MIT */
/* Owns which rows are shown, and their order. */
#include "connmon/view.h"

#include <stdlib.h>
#include <string.h>

#include "connmon/attention.h"

void mon_view_init(struct mon_view *view)
{
    *view = (struct mon_view){.sort = MON_COLUMN_IN_USE, .oldest_limit = 60};
}

size_t mon_view_troubled(const struct mon_view *view, const struct mon_model *model, double now)
{
    size_t count, troubled = 0;
    struct mon_row *const *rows = mon_model_rows(model, &count);

    for (size_t i = 0; i < count; i++)
        if (rows[i]->kind == view->kind)
            troubled += mon_row_level(view, rows[i], now) > MON_FINE;
    return troubled;
}

static bool contains(const char *text, const char *wanted)
{
    return strcasestr(text, wanted) != NULL;
}

static bool is_wanted(const struct mon_view *view, const struct mon_row *row)
{
    if (row->kind != view->kind || (row->kind == MON_FLEET && row->hosts == 0))
        return false;
    return view->filter[0] == '\0' || contains(row->host, view->filter) ||
           (row->kind != MON_HOST && contains(row->program, view->filter));
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
    case MON_FORM_BAR:
    case MON_FORM_TREND:
        return 0;
    default:
        break;
    }
    has_x = mon_column_number(view->sort, a, view->peaks, &x);
    has_y = mon_column_number(view->sort, b, view->peaks, &y);
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
    } while (mon_columns[layout->cells[at].column].form >= MON_FORM_BAR);
    view->sort = layout->cells[at].column;
}
