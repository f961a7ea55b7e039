/* SPDX-License-Identifier: MIT */
/*
 * What each database wants to hear for the same thing.
 */
#ifndef SESSION_DIALECT_H
#define SESSION_DIALECT_H

#include <stdbool.h>

/* Texts of SQL; NULL where the database has no such thing. */
struct dialect {
    const char *name;
    const char *setup[16];      /* up to the first NULL; what fails among them is no matter */
    const char *long_statement; /* runs until it is cancelled */
    const char *slow_statement; /* runs for some seconds, and says so by an error if it is cut */
    const char *call;           /* one parameter in, one out */
    const char *call_in_out;    /* one parameter in and out */
    const char *many_results;
    bool unsafe; /* its driver reads columns that are not there, and memory that is not its own
                    when a value is asked for again in another way; and tells odd lengths of what
                    it cut */
};

/* NULL if there is none of that name. */
const struct dialect *dialect_find(const char *name) __attribute__((nonnull));

#endif
