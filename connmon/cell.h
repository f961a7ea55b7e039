/* SPDX-License-Identifier: MIT */
/*
 * The cells of the tables as text. Pure. One thread.
 */
#ifndef MON_CELL_H
#define MON_CELL_H

#include "connmon/text.h"
#include "connmon/view.h"

/* Appends the i-th cell of a row, exactly as wide as the layout says; "-" stands for what is not
   known. */
void mon_cell_add(struct mon_text *text, const struct mon_view *view, const struct mon_row *row,
                  const struct mon_layout *layout, size_t i, double now) __attribute__((nonnull));
void mon_cell_heading(struct mon_text *text, const struct mon_view *view, enum mon_column column,
                      size_t width) __attribute__((nonnull));

/* Appends a sparkline of a series between its lowest and its highest, its newest sample at the
   right. One that hardly changes is drawn half way up. `fine` has two samples in a column. */
void mon_cell_spark(struct mon_text *text, const struct mon_series *series, size_t width, bool fine)
    __attribute__((nonnull));

#endif
