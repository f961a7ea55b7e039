/* SPDX-License-Identifier: MIT */
#ifndef SHIM_ASKED_H
#define SHIM_ASKED_H

#include <stdbool.h>

/*
 * Whether it was the application that asked for an attribute of a connection or for diagnostics,
 * and not the driver manager for a reason of its own: told by the code that called, which in the
 * first case lies in the manager's function of that purpose. `caller` is the return address of the
 * entry point: __builtin_return_address(0) in the exported function itself. False if nothing can be
 * told. Any thread; after the first call from each place it takes two comparisons.
 */
bool shim_asked_by_application(const void *caller);

#endif
