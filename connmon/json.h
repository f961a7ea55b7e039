/* SPDX-License-Identifier: MIT */
/* The model as one JSON object, for scripts. */
#ifndef MON_JSON_H
#define MON_JSON_H

#include <stdio.h>

#include "connmon/attention.h"

/* Writes all programs and hosts that the filter lets through, with a line end. What is not known is
   null. `wall` is the time of day, in seconds since 1970. */
void mon_json_write(FILE *out, const struct mon_model *model, const struct mon_view *view,
                    double now, double wall) __attribute__((nonnull));

#endif
