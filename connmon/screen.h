/* SPDX-License-Identifier: MIT */
/*
 * The live screen: its state, and how it is drawn. What a key does is in input.h.
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

/* The rows to show, in order; the caller frees the array, which is NULL if memory is out. They live
   until the model changes. */
const struct mon_row **mon_screen_rows(const struct mon_screen *screen,
                                       const struct mon_model *model, double now, size_t *count)
    __attribute__((nonnull, warn_unused_result));

/* Keeps a row that was chosen selected wherever it has gone, and in sight. Who has chosen none, or
   has gone back to the top, stays at the top. */
void mon_screen_select(struct mon_screen *screen, const struct mon_row **rows, size_t count)
    __attribute__((nonnull(1)));

#endif
