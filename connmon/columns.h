/* SPDX-License-Identifier: MIT */
/*
 * The columns of the tables: columns.def. Pure. Any thread.
 */
#ifndef MON_COLUMNS_H
#define MON_COLUMNS_H

#include "connmon/model.h"

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
    MON_FORM_BAR, /* and from here on nothing to sort by */
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

/* Whether it shows a number, not text. */
bool mon_column_is_number(enum mon_column column);

/* The number of a row in that column, its highest if `peaks` and the column has no time of its own;
   false if it is not known. */
bool mon_column_number(enum mon_column column, const struct mon_row *row, bool peaks, double *value)
    __attribute__((nonnull, warn_unused_result));

struct mon_layout {
    double longest; /* bar: so many connections open */
    size_t count;
    struct {
        enum mon_column column;
        size_t width;
    } cells[MON_COLUMNS];
};

/* Which columns of the table of these rows go into `width` columns of a terminal, a blank between
   each two. Names get what they need of these rows where there is room. */
void mon_layout_choose(enum mon_kind kind, const struct mon_row *const *rows, size_t count,
                       size_t width, struct mon_layout *layout) __attribute__((nonnull(5)));

#endif
