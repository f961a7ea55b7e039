/* SPDX-License-Identifier: MIT */
/*
 * The pages that are text: one row with all its figures, and the legend. Each draws what is in
 * sight.
 */
#ifndef MON_PAGES_H
#define MON_PAGES_H

#include "connmon/pager.h"
#include "connmon/screen.h"

void mon_page_row(struct mon_pager *pager, const struct mon_screen *screen,
                  const struct mon_row *row, double now) __attribute__((nonnull));
void mon_page_legend(struct mon_pager *pager) __attribute__((nonnull));

#endif
