/* SPDX-License-Identifier: MIT */
/*
 * Where a connect leads, by the ini files alone: to which sections, and to which library. Nothing
 * is loaded. Any thread.
 */
#ifndef SHIM_LOOKUP_H
#define SHIM_LOOKUP_H

#include "odbcshim/settings.h"

/* The longest path of a library, with its NUL. */
#define SHIM_LIBRARY_MAX 4096

/* The data source name by which the driver manager came to a driver; NULL if it was a driver's
   name. `dsn` is that of SQLConnect, `string` what SQLDriverConnect and SQLBrowseConnect got; one
   of the two is NULL. */
const char *shim_lookup_dsn(const char *dsn, const struct shim_connection_string *string)
    __attribute__((warn_unused_result));

/* The settings of a connect, as shim_settings_new, from the sections that the driver manager came
   by. */
struct shim_settings *shim_lookup_settings(const char *dsn, struct shim_connection_string *string,
                                           struct shim_error *error)
    __attribute__((nonnull(3), warn_unused_result));

/* The path of the library of a driver: `driver` itself where it is a path, else Driver64 or Driver
   of its section in odbcinst.ini. False with *error set (IM003) if there is none. `setting` names
   what the application should look at, as "Target=SQLite3". */
bool shim_lookup_library(const char *driver, const char *setting, char library[SHIM_LIBRARY_MAX],
                         struct shim_error *error) __attribute__((nonnull, warn_unused_result));

/* The path of the target's library, and by which setting it is known. False with *error set (IM003,
   HY000) if there is none, or there are two. */
bool shim_lookup_target(const struct shim_settings *s, char *setting, size_t setting_size,
                        char library[SHIM_LIBRARY_MAX], struct shim_error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
