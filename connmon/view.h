/* SPDX-License-Identifier: MIT */
/*
 * What is shown of the model: which rows, and in which order. For the screen and for --once alike;
 * knows no terminal. One thread.
 */
#ifndef MON_VIEW_H
#define MON_VIEW_H

#include "connmon/columns.h"

#define MON_FILTER_BYTES 64

struct mon_view {
    enum mon_kind kind; /* of the rows */
    bool trouble_first;
    bool peaks;
    bool reversed;
    enum mon_column sort;
    double oldest_limit; /* seconds; an older checkout asks for attention */
    char filter[MON_FILTER_BYTES];
};

/* Programs by connections in use. */
void mon_view_init(struct mon_view *view) __attribute__((nonnull));

/* The rows to show, in order, at most `max`. They live until the model changes. */
size_t mon_view_rows(const struct mon_view *view, const struct mon_model *model, double now,
                     const struct mon_row **rows, size_t max)
    __attribute__((nonnull, warn_unused_result));

/* The next column to sort by in that direction (-1, +1), of those that a layout shows. */
void mon_view_sort_by_next(struct mon_view *view, const struct mon_layout *layout, int direction)
    __attribute__((nonnull));

/* How many rows of that kind need attention. */
size_t mon_view_troubled(const struct mon_view *view, const struct mon_model *model, double now)
    __attribute__((nonnull));

#endif
