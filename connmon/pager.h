/* SPDX-License-Identifier: MIT */
/*
 * Pages of text that scroll, a line after the other, onto the terminal. One thread.
 */
#ifndef MON_PAGER_H
#define MON_PAGER_H

#include "connmon/terminal.h"
#include "connmon/text.h"

struct mon_pager {
    size_t first, height; /* on the screen */
    size_t skip;
    size_t columns;
    size_t count;
};

void mon_pager_line(struct mon_pager *pager, const struct mon_text *text, enum mon_style style)
    __attribute__((nonnull));
/* More on the line that came last, from that column on. */
void mon_pager_more(struct mon_pager *pager, size_t column, const struct mon_text *text,
                    enum mon_style style) __attribute__((nonnull));
/* A text of our own, broken into lines that are indented. */
void mon_pager_wrap(struct mon_pager *pager, const char *text, size_t indent, enum mon_style style)
    __attribute__((nonnull));

void mon_pager_blank(struct mon_pager *pager) __attribute__((nonnull));

#endif
