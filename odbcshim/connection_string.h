/* SPDX-License-Identifier: MIT */
/*
 * ODBC connection strings (ODBC Programmer's Reference, SQLDriverConnect, "Connection String"):
 * KEY=value;KEY={value with ; and }} for }}. Held as 16-bit units, so that one piece of code
 * serves both widths and every unit that is not looked at comes out as it went in: a narrow
 * string's byte becomes one unit, a wide string's unit stays itself.
 *
 * Pure; no ODBC calls. A string belongs to one thread.
 */
#ifndef SHIM_CONNECTION_STRING_H
#define SHIM_CONNECTION_STRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Text of either width as an ODBC function was given it. */
struct shim_text {
    const void *units; /* SQLCHAR or SQLWCHAR; may be NULL: then it is empty */
    size_t length;     /* in units of its width, without a terminator */
    bool wide;
};

/* A parsed string: its attributes in their order, each with the exact units it was written in. */
struct shim_connection_string;

/* Parses. NULL only when memory is out: what is not KEY=value is kept as it stands. */
struct shim_connection_string *shim_connection_string_new(struct shim_text text)
    __attribute__((warn_unused_result));
void shim_connection_string_free(struct shim_connection_string **s) __attribute__((nonnull));

/* The value of a key, braces taken off, otherwise as it stands, as UTF-8 (a narrow string's bytes
   unchanged); NULL where the key is not there. Keys are compared without regard to ASCII case and
   to white space around them; the first counts. The pointer lives until the string is freed or
   that attribute is changed. */
const char *shim_connection_string_get(const struct shim_connection_string *s, const char *key)
    __attribute__((nonnull));

/* The key of the n-th attribute, from 0, as it is written but without white space around it; NULL
   behind the last. Lives as long as a value. */
const char *shim_connection_string_key(const struct shim_connection_string *s, size_t n)
    __attribute__((nonnull));

/* Which of DSN, FILEDSN and DRIVER stands first, as the driver manager reads the string; NULL if
   none does. A literal. */
const char *shim_connection_string_source(const struct shim_connection_string *s)
    __attribute__((nonnull));

/* The value by which the driver manager came here: that of shim_connection_string_source's key, of
   several the last, for so unixODBC takes it. NULL if there is no source. Lives as a value does. */
const char *shim_connection_string_source_value(const struct shim_connection_string *s)
    __attribute__((nonnull));

/* Removes every attribute with that key; returns how many there were. Needs no memory. */
size_t shim_connection_string_remove(struct shim_connection_string *s, const char *key)
    __attribute__((nonnull));

/* Puts `new_key=value` (value UTF-8, braced where the grammar needs it) in the place of the first
   attribute with key `old_key`, and removes further ones; appends where there is none. Where the
   two keys are the same, its spelling, the white space before it and braces around the value stay.
   What is appended stands before an unfinished end (no KEY=value, a brace that is never closed, a
   NUL), where it would be read as part of that. False when memory is out: then nothing has changed.
 */
bool shim_connection_string_replace(struct shim_connection_string *s, const char *old_key,
                                    const char *new_key, const char *value)
    __attribute__((nonnull, warn_unused_result));

/* Appends to `to` the exact units of every attribute of `from` with that key; the values alone
   where the widths differ. False when memory is out: then nothing has changed. */
bool shim_connection_string_copy(struct shim_connection_string *to,
                                 const struct shim_connection_string *from, const char *key)
    __attribute__((nonnull, warn_unused_result));

/* The string written out in its own width, NUL-terminated, in memory that the caller frees;
   *length is in units, without the terminator. An unchanged string comes out unit for unit.
   NULL when memory is out. */
void *shim_connection_string_write(const struct shim_connection_string *s, size_t *length)
    __attribute__((nonnull, warn_unused_result));

#endif
