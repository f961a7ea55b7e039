/* SPDX-License-Identifier: MIT */
/*
 * The sums of each program over all its hosts, as rows of the model. One thread.
 */
#ifndef MON_FLEET_H
#define MON_FLEET_H

#include "connmon/model.h"

/* Brings them up to date; after mon_model_tick, as often. Programs of a host that no longer reports
   count no more. */
void mon_fleet_update(struct mon_model *model, double now) __attribute__((nonnull));

#endif
