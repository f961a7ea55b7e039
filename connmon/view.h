/* SPDX-License-Identifier: MIT */
/*
 * What is shown of the model: which rows, in which order, in which columns, as which text, and what
 * of it needs attention. For the screen and for --once alike; knows no terminal. One thread.
 */
#ifndef MON_VIEW_H
#define MON_VIEW_H

#include "connmon/model.h"
#include "connmon/text.h"

enum mon_column {
#define MON_COLUMN(ID, heading, METRIC, FORM, CONCERN, width, rank, sentence) MON_COLUMN_##ID,
#include "connmon/columns.def"
    MON_COLUMNS
};

enum mon_form {
    MON_FORM_NOW,
    MON_FORM_PEAK,
    MON_FORM_SINCE,
    MON_FORM_SHARE,
    MON_FORM_AGE,
    MON_FORM_PROGRAM, /* from here on no numbers */
    MON_FORM_HOST,
    MON_FORM_PLUGIN,
    MON_FORM_ATTENTION,
    MON_FORM_TREND,
};

enum mon_concern { MON_NONE, MON_ABOVE_0, MON_BELOW_HALF, MON_TOO_OLD };

struct mon_column_info {
    const char *heading;
    enum cdp_metric metric;
    enum mon_form form;
    enum mon_concern concern;
    size_t width, rank;
    const char *sentence;
};

/* One row per column. Static, immutable. */
extern const struct mon_column_info mon_columns[MON_COLUMNS];

/* A figure that has risen so lately is an alarm, before that it is to be watched. */
#define MON_LATELY_S 60
/* Below this share of checkouts that needed no new connection, a pool does little. */
#define MON_REUSE_LOW 50.0

#define MON_FILTER_BYTES 64

struct mon_view {
    bool hosts; /* a row per host, not per program */
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

struct mon_layout {
    size_t count;
    struct {
        enum mon_column column;
        size_t width;
    } cells[MON_COLUMNS];
};

/* Which columns go into `width` columns of a terminal, a blank between each two. Names get what
   they need of these rows where there is room. */
void mon_view_layout(const struct mon_view *view, const struct mon_row *const *rows, size_t count,
                     size_t width, struct mon_layout *layout) __attribute__((nonnull(1, 5)));

/* The next column to sort by in that direction (-1, +1), of those that a layout shows. */
void mon_view_sort_by_next(struct mon_view *view, const struct mon_layout *layout, int direction)
    __attribute__((nonnull));

enum mon_level { MON_FINE, MON_WATCH, MON_ALARM };

/* How much attention a row, or one figure of it, asks for. */
enum mon_level mon_row_level(const struct mon_view *view, const struct mon_row *row, double now)
    __attribute__((nonnull));
enum mon_level mon_cell_level(const struct mon_view *view, const struct mon_row *row,
                              enum mon_column column, double now) __attribute__((nonnull));
/* How many rows of the whole model do. */
size_t mon_view_troubled(const struct mon_view *view, const struct mon_model *model, double now)
    __attribute__((nonnull));

/* The mark of a row: '!' alarm, '*' to be watched, '?' no longer reports, ' ' fine. */
char mon_row_mark(const struct mon_view *view, const struct mon_row *row, double now)
    __attribute__((nonnull));

/* Appends a cell, exactly `width` columns wide; "-" stands for what is not known. */
void mon_view_cell(struct mon_text *text, const struct mon_view *view, const struct mon_row *row,
                   enum mon_column column, size_t width, double now) __attribute__((nonnull));
void mon_view_heading(struct mon_text *text, const struct mon_view *view, enum mon_column column,
                      size_t width) __attribute__((nonnull));

/* Appends a sparkline of a series between its lowest and its highest, its newest sample at the
   right. One that hardly changes is drawn half way up. `fine` has two samples in a column. */
void mon_view_spark(struct mon_text *text, const struct mon_series *series, size_t width, bool fine)
    __attribute__((nonnull));

/* Appends what is wrong with a row, in words. */
void mon_view_attention(struct mon_text *text, const struct mon_view *view,
                        const struct mon_row *row, size_t columns, double now)
    __attribute__((nonnull));

#endif
