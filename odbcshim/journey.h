/* SPDX-License-Identifier: MIT */
/*
 * A connection string on its way to the target, and the completed one on its way back. Where the
 * target can be given what the application gave, it is given just that, buffers included; a string
 * that names the shim or its settings is translated both ways.
 */
#ifndef SHIM_JOURNEY_H
#define SHIM_JOURNEY_H

#include "odbcshim/handles.h"

/* Where a completed string is wanted: the last parameters of SQLDriverConnect. */
struct shim_completed {
    void *units;
    SQLSMALLINT size; /* in units */
    SQLSMALLINT *length;
};

struct shim_journey {
    struct shim_dbc *dbc;
    struct shim_text given;       /* by the application */
    struct shim_completed wanted; /* by the application */
    /* What the target is to be called with, once the journey has begun. */
    void *string;
    SQLSMALLINT string_length;
    struct shim_completed asked;
    /* The journey's own. */
    void *outward, *buffer;
    size_t outward_length; /* in units */
    SQLSMALLINT told;
};

/* Routes by the string, unless a browse goes on, and translates it. What the target is to be called
   with is in `string`, `string_length` and `asked`, which the caller has set to what the
   application gave. */
SQLRETURN shim_journey_begin(struct shim_journey *j) __attribute__((nonnull, warn_unused_result));

/* The target has answered `r`, or was not called and `r` is why: translates its completed string,
   and lets go of everything. Returns what the application is to get. */
SQLRETURN shim_journey_end(struct shim_journey *j, SQLRETURN r) __attribute__((nonnull));

#endif
