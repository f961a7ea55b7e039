/* SPDX-License-Identifier: MIT */
/*
 * odbc.ini and odbcinst.ini as the driver manager finds them: libodbcinst looks where ODBCINI,
 * ODBCSYSINI and ODBCINSTINI say, the user's file before the system's, and remembers answers for
 * some seconds. Lines of those files end for it at 1,000 bytes. Any thread.
 */
#ifndef SHIM_PROFILE_H
#define SHIM_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

/* The value of `key` in `section` of `file`, "odbc.ini" or "odbcinst.ini"; false where it is not
   there, which is not the same as an empty one. White space around it is gone. */
bool shim_profile_get(const char *file, const char *section, const char *key, char *value,
                      size_t size) __attribute__((nonnull, warn_unused_result));

/*
 * The section of odbc.ini that the driver manager takes for a DSN: the DSN's own, or DEFAULT where
 * that names no Driver; NULL if neither does. `driver` gets what it names: a section of
 * odbcinst.ini, or a path. The result is `dsn` or a literal.
 *
 * Having found a DSN in the user's odbc.ini, the driver manager leaves libodbcinst seeing that file
 * alone. Where the section is not in sight, both files are brought back into sight, and stay so:
 * the driver of a wrapped DSN looks there too.
 */
const char *shim_profile_section(const char *dsn, char *driver, size_t size)
    __attribute__((nonnull, warn_unused_result));

/* Whether a yes/no text of an ini file means yes, as the driver manager reads it. */
bool shim_profile_yes(const char *value) __attribute__((nonnull));

#endif
