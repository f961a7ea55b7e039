/* SPDX-License-Identifier: MIT */
/*
 * Diagnostics: those of the target are passed on as they are asked for, and looked at on their way
 * (a state is never asked for by the shim itself, so that no record is consumed, split or
 * reordered by it); the shim's own exist where no target could speak, and come first.
 */
#ifndef SHIM_DIAGNOSTICS_H
#define SHIM_DIAGNOSTICS_H

#include "odbcshim/handles.h"

/* Puts a diagnostic of the shim's on the handle, in place of an earlier one. Returns SQL_ERROR. */
SQLRETURN shim_diagnose(struct shim_handle *h, const char *state, const char *format, ...)
    __attribute__((nonnull, format(printf, 3, 4)));

/* The same from an error that settings or target told of. */
SQLRETURN shim_diagnose_error(struct shim_handle *h, const struct shim_error *error)
    __attribute__((nonnull));

/* Puts on the handle, beside what the target has, a warning (01000) in the driver manager's words.
 */
void shim_diagnose_for_manager(struct shim_handle *h, const char *message) __attribute__((nonnull));

/* The call that the shim's diagnostic is of reached the target, which has records of it as well:
   they follow. Of any other call the target has none, and is not asked. */
void shim_diagnostic_is_beside(struct shim_handle *h) __attribute__((nonnull));

/* Counts an SQL_ERROR for the handle's connection; for shim_returned alone. */
void shim_error_count(struct shim_handle *h) __attribute__((nonnull));

/* Every hooked call that reaches a target ends with this: an SQL_ERROR is counted. Returns `r`. */
static inline SQLRETURN shim_returned(struct shim_handle *h, SQLRETURN r)
{
    h->error_counted = r == SQL_ERROR;
    if (h->error_counted)
        shim_error_count(h);
    return r;
}

/* The answer of a function that the target of this handle lacks; `target` is the target's handle,
   or the shim's where there is no target. */
SQLRETURN shim_absent(SQLSMALLINT type, SQLHANDLE target);

/* Likewise, where the handle is known. */
SQLRETURN shim_absent_on(struct shim_handle *h) __attribute__((nonnull));

/* The target's SQLError answered `r` and put this state, of units of so many bytes. Returns `r`. */
SQLRETURN shim_error_read(struct shim_handle *h, SQLRETURN r, const void *state, size_t unit)
    __attribute__((nonnull(1)));

/* SQLError by way of SQLGetDiagRec, for a target that has no SQLError: the next record. */
SQLRETURN shim_next_record(struct shim_handle *h, SQLCHAR *state, SQLINTEGER *native, SQLCHAR *text,
                           SQLSMALLINT size, SQLSMALLINT *length) __attribute__((nonnull(1)));
#if SHIM_WIDE
SQLRETURN shim_next_record_wide(struct shim_handle *h, SQLWCHAR *state, SQLINTEGER *native,
                                SQLWCHAR *text, SQLSMALLINT size, SQLSMALLINT *length)
    __attribute__((nonnull(1)));
#endif

#endif
