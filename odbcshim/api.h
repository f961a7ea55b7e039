/* SPDX-License-Identifier: MIT */
/*
 * The table of a target's entry points and the names in it, all from odbc_api.def. Built twice:
 * SHIM_WIDE 1 for libodbcshim.so, whose functions come in both widths, 0 for libodbcshima.so.
 */
#ifndef SHIM_API_H
#define SHIM_API_H

#include <stdbool.h>
#include <stddef.h>

/* What the libraries export is what these headers declare. */
#pragma GCC visibility push(default)
#include <sql.h>
#include <sqlext.h>
#include <sqlucode.h>
#pragma GCC visibility pop

#ifndef SHIM_WIDE
#error "SHIM_WIDE says which library this is: 1 wide, 0 ANSI"
#endif

/* Picks the rows that have a wide form, in the library that offers it. */
#if SHIM_WIDE
#define SHIM_WIDE_TWIN(...) __VA_ARGS__
#else
#define SHIM_WIDE_TWIN(...)
#endif
#define SHIM_WIDE_SINGLE(...)

/* The entry points of one target, each of the type that the ODBC headers declare. None is NULL:
   what the target lacks is filled with a function that says so (shim_api_absent). */
struct shim_api {
#define SHIM_ANY(name, twin, ...)                                                                  \
    __typeof__(&name) name;                                                                        \
    SHIM_WIDE_##twin(__typeof__(&name##W) name##W;)
#include "odbcshim/odbc_api.def"
};

/* The entries of the table, in its order. */
enum shim_function {
#define SHIM_ANY(name, twin, ...) SHIM_FN_##name, SHIM_WIDE_##twin(SHIM_FN_##name##W, )
#include "odbcshim/odbc_api.def"
    SHIM_FUNCTIONS
};

struct shim_function_info {
    const char *name;
    SQLUSMALLINT id; /* in SQLGetFunctions */
    bool wide;       /* the W form of a twin */
    bool twin;       /* exists in both widths */
};

/* One row per entry, indexed by enum shim_function. Static, immutable. */
extern const struct shim_function_info shim_functions[SHIM_FUNCTIONS];

/* The table of a handle without target: each function puts a diagnostic on the handle that it is
   given, IM001 if the handle has a target that lacks the function and 08003 if it has none, and
   returns SQL_ERROR. */
extern const struct shim_api shim_api_absent;

/* The table of a statement with a diagnostic of the shim's, while that stands: a plain function
   takes it off and then does what it is for. Such a statement is its own target meanwhile. */
extern const struct shim_api shim_api_noted;

#endif
