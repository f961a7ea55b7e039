/* SPDX-License-Identifier: MIT */
/*
 * Owns telling the application's question from the pool's. Both reach the driver through the
 * manager with the same arguments; but an application's comes out of the manager's
 * SQLGetConnectAttr (or SQLGetConnectOption, of either width), and the pool's from inside a
 * connect. In the same way diagnostics are read by the application out of the manager's
 * SQLGetDiagRec or SQLGetDiagField, and by the manager from wherever a call has failed.
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

static bool begins_with(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

bool shim_asked_by_application(const void *caller)
{
    Dl_info info;
    bool application;

    if (caller == NULL || caller == atomic_load_explicit(&pools, memory_order_relaxed))
        return false;
    if (caller == atomic_load_explicit(&applications, memory_order_relaxed))
        return true;
    application =
        dladdr(caller, &info) != 0 && info.dli_sname != NULL &&
        (begins_with(info.dli_sname, "SQLGetConnect") || begins_with(info.dli_sname, "SQLGetDiag"));
    atomic_store_explicit(application ? &applications : &pools, caller, memory_order_relaxed);
    return application;
}
