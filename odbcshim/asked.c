/* SPDX-License-Identifier: MIT */
/*
 * Owns telling the application's question from the pool's. Both reach the driver through the
 * manager with the same arguments; but an application's comes out of the manager's
 * SQLGetConnectAttr (or SQLGetConnectOption, of either width), and the pool's from inside a
 * connect.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* dladdr */
#endif
#include "odbcshim/asked.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

/* The places that asked last: a manager has one for its pool and four for applications. */
static _Atomic(const void *) pools, applications;

bool shim_asked_by_application(const void *caller)
{
    static const char prefix[] = "SQLGetConnect";
    Dl_info info;
    bool application;

    if (caller == NULL || caller == atomic_load_explicit(&pools, memory_order_relaxed))
        return false;
    if (caller == atomic_load_explicit(&applications, memory_order_relaxed))
        return true;
    application = dladdr(caller, &info) != 0 && info.dli_sname != NULL &&
                  strncmp(info.dli_sname, prefix, sizeof(prefix) - 1) == 0;
    atomic_store_explicit(application ? &applications : &pools, caller, memory_order_relaxed);
    return application;
}
