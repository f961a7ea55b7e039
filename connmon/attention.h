/* SPDX-License-Identifier: MIT */
/*
 * What of a row needs attention, as a level, a mark and words. Pure. One thread.
 */
#ifndef MON_ATTENTION_H
#define MON_ATTENTION_H

#include "connmon/text.h"
#include "connmon/view.h"

/* A figure that has risen so lately is an alarm, before that it is to be watched. */
#define MON_LATELY_S 60
/* Below this share of checkouts that needed no new connection, a pool does little. */
#define MON_REUSE_LOW 50.0

enum mon_level { MON_FINE, MON_WATCH, MON_ALARM };

/* How much attention a row, or one figure of it, asks for. */
enum mon_level mon_row_level(const struct mon_view *view, const struct mon_row *row, double now)
    __attribute__((nonnull));
enum mon_level mon_cell_level(const struct mon_view *view, const struct mon_row *row,
                              enum mon_column column, double now) __attribute__((nonnull));

/* The mark of a row: '!' alarm, '*' to be watched, '?' no longer reports, ' ' fine. */
char mon_row_mark(const struct mon_view *view, const struct mon_row *row, double now)
    __attribute__((nonnull));

/* Appends what is wrong with a row, in words. */
void mon_row_attention(struct mon_text *text, const struct mon_view *view,
                       const struct mon_row *row, size_t columns, double now)
    __attribute__((nonnull));

#endif
