/* SPDX-License-Identifier: MIT */
/*
 * Real drivers: found, loaded, their entry points taken. A target is loaded once per process and
 * stays loaded, for its connections may outlive everything else.
 */
#ifndef SHIM_TARGET_H
#define SHIM_TARGET_H

#include "odbcshim/api.h"
#include "odbcshim/settings.h"

struct shim_target {
    struct shim_api api;         /* first: a handle's api leads back to its target */
    bool has[SHIM_FUNCTIONS];    /* which of them are the library's own */
    bool offers[SHIM_FUNCTIONS]; /* which have a number that one of its own functions has */
    char *library;               /* as it was given to dlopen */
    struct shim_target *next;
};

/* The target of a table of entry points; NULL for shim_api_absent. */
const struct shim_target *shim_target_of(const struct shim_api *api) __attribute__((nonnull));

/* Whether the table's function is the target's own. */
bool shim_target_has(const struct shim_api *api, enum shim_function fn) __attribute__((nonnull));

/* Loads the library, or finds it loaded. NULL with *error set (IM003) if it is not there, is no
   library, is no ODBC driver, is odbcshim itself, or has the other width; `setting` names what the
   application should look at, as "Target=SQLite3". Any thread; lives as long as the process. */
const struct shim_target *shim_target_load(const char *library, const char *setting,
                                           struct shim_error *error)
    __attribute__((nonnull, warn_unused_result));

/* SQLAllocHandle and SQLFreeHandle of the target, or what a target of ODBC 2 has instead. */
SQLRETURN shim_target_alloc(const struct shim_api *api, SQLSMALLINT type, SQLHANDLE input,
                            SQLHANDLE *output) __attribute__((nonnull(1, 4)));
SQLRETURN shim_target_free(const struct shim_api *api, SQLSMALLINT type, SQLHANDLE handle)
    __attribute__((nonnull(1)));

#endif
