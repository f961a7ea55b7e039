/* SPDX-License-Identifier: MIT */
/*
 * The live screen: what its pages look like, and what a key does. Draws through terminal.h what
 * view.h says.
 */
#ifndef MON_SCREEN_H
#define MON_SCREEN_H

#include "connmon/feed.h"
#include "connmon/terminal.h"
#include "connmon/view.h"

enum mon_page { MON_PAGE_TABLE, MON_PAGE_ROW, MON_PAGE_LEGEND };

struct mon_screen {
    struct mon_view view;
    const char *where; /* HOST:PORT, for the title */
    enum mon_page page;
    struct mon_layout layout; /* as drawn last */
    size_t selected;          /* the row's id; 0: none */
    bool follows;             /* it was chosen: it stays selected wherever it goes */
    size_t selected_at;       /* where it was in the list */
    size_t top;               /* the first row in sight */
    size_t rows_in_sight;
    size_t opened;                 /* the id of the row on MON_PAGE_ROW */
    size_t scrolled;               /* the first line in sight, of a page that is text */
    size_t scrollable;             /* and how many more there are */
    bool editing;                  /* the filter */
    bool anew;                     /* draw every character again */
    char before[MON_FILTER_BYTES]; /* the filter, if editing is given up */
};

void mon_screen_init(struct mon_screen *screen, const struct mon_view *view, const char *where)
    __attribute__((nonnull));

/* Draws all of it. */
void mon_screen_draw(struct mon_screen *screen, const struct mon_model *model,
                     struct mon_feed *feed, double now) __attribute__((nonnull));

/* Does what a key asks for. False: quit. */
bool mon_screen_key(struct mon_screen *screen, struct mon_model *model, const struct mon_key *key,
                    double now) __attribute__((nonnull, warn_unused_result));

/* Lines of text that scroll, for the pages that are such: begun, then a line after the other. */
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

/* The pages that are text; each draws what is in sight. pages.c */
void mon_page_row(struct mon_pager *pager, const struct mon_screen *screen,
                  const struct mon_row *row, double now) __attribute__((nonnull));
void mon_page_legend(struct mon_pager *pager) __attribute__((nonnull));

/* The overview in three lines, or in one: returns how many it took. overview.c */
size_t mon_draw_overview(const struct mon_model *model, size_t line, size_t columns, bool tall)
    __attribute__((nonnull));

#endif
