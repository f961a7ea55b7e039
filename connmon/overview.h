/* SPDX-License-Identifier: MIT */
/*
 * The lines at the top of the screen.
 */
#ifndef MON_OVERVIEW_H
#define MON_OVERVIEW_H

#include "connmon/model.h"

/* The overview in three lines, or in one: returns how many it took. overview.c */
size_t mon_draw_overview(const struct mon_model *model, size_t line, size_t columns, bool tall)
    __attribute__((nonnull));

#endif
