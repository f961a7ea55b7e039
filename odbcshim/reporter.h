/* SPDX-License-Identifier: MIT */
/*
 * The reporter: one thread per library, which sends every destination's report when it is due, and
 * at the end of the process the farewell. While a name is looked up there is a second one.
 */
#ifndef SHIM_REPORTER_H
#define SHIM_REPORTER_H

#include <stdbool.h>

#include "odbcshim/destination.h"

/* Makes sure that the thread runs, and if `changed` that it looks at its destinations again. The
   caller holds shim_registry_lock. If no thread can be made the next call tries again; the farewell
   is sent all the same. */
void shim_reporter_start_locked(bool changed);

/* In a child of fork, before anything else: the thread has stayed behind. Only assigns. */
void shim_reporter_forked(void);

#endif
