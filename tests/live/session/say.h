/* SPDX-License-Identifier: MIT */
/*
 * What the session programs print: every call with its result, every buffer as it was left, and
 * all diagnostics, in a form that is the same in every run that got the same answers. Pointers are
 * never printed.
 */
#ifndef SESSION_SAY_H
#define SESSION_SAY_H

#include "tests/live/session/dialect.h"

#include <stdbool.h>
#include <stddef.h>

#include <sql.h>
#include <sqlext.h>
#include <sqlucode.h>

/* What the command line asked for, and the handles that most calls go to. */
struct session {
    bool wide;          /* call the W forms */
    SQLINTEGER version; /* SQL_ATTR_ODBC_VERSION */
    const char *way;    /* connect, driver or browse */
    const char *dsn, *user, *password;
    const char *string;  /* for driver and browse */
    const char *failing; /* a connection string that cannot connect */
    const char *directory;
    const struct dialect *dialect;
    SQLHENV env;
    SQLHDBC dbc;
};

extern struct session session;

/* A buffer that tells what was written into it: filled first, and shown to the last byte that
   differs from the filling. */
#define OUT_BYTES 8192
struct out {
    _Alignas(16) unsigned char bytes[OUT_BYTES];
};

void out_clear(struct out *o) __attribute__((nonnull));

/* Prints what was written, as text of the session's width. */
void out_text(const char *name, const struct out *o) __attribute__((nonnull));

/* The same where there is a text: the call succeeded and told its length. Else what stands in the
   buffer may be a piece of the driver manager's memory. */
void out_told(const char *name, const struct out *o, SQLRETURN r, long length)
    __attribute__((nonnull));

/* A length that no call has told. */
#define UNTOLD (-7)

/* The same in the narrow and in the wide form, whatever the session's width. */
void out_narrow(const char *name, const struct out *o) __attribute__((nonnull));
void out_wide(const char *name, const struct out *o) __attribute__((nonnull));

/* Prints so many bytes, or those that were written. */
void out_first_bytes(const char *name, const struct out *o, size_t n) __attribute__((nonnull));
void out_bytes(const char *name, const struct out *o) __attribute__((nonnull));

void say_title(const char *title) __attribute__((nonnull));
void say_number(const char *name, long long value) __attribute__((nonnull));
void say_text(const char *name, const char *text) __attribute__((nonnull));
const char *result_name(SQLRETURN r);

/* Prints the call and its result, and unless that is SQL_SUCCESS all diagnostics of the handle.
   Returns the result. */
SQLRETURN report(const char *call, SQLSMALLINT type, SQLHANDLE handle, SQLRETURN r);

/* Prints all records and all fields of the handle's diagnostics. */
void say_diagnostics(SQLSMALLINT type, SQLHANDLE handle);

/* A UTF-8 text in the session's width, terminated, in one of some rotating buffers. */
void *text(const char *utf8) __attribute__((nonnull));

/* How many units that text has. */
SQLSMALLINT units(const char *utf8) __attribute__((nonnull));

/* One byte or two. */
SQLSMALLINT unit_bytes(void);

/* The call in the session's width; pointers to text are `void *`. */
#define EITHER(function, ...) (session.wide ? function##W(__VA_ARGS__) : function(__VA_ARGS__))

/* A call that has no W form, or one that has; on a statement, a connection, an environment, a
   descriptor. The call is printed as it is written here. */
#define ON(type, handle, function, ...)                                                            \
    report(#function "(" #__VA_ARGS__ ")", type, handle, function(__VA_ARGS__))
#define ON_EITHER(type, handle, function, ...)                                                     \
    report(#function "(" #__VA_ARGS__ ")", type, handle, EITHER(function, __VA_ARGS__))
#define STMT(function, stmt, ...)                                                                  \
    ON(SQL_HANDLE_STMT, stmt, function, stmt __VA_OPT__(, ) __VA_ARGS__)
#define STMT_TEXT(function, stmt, ...)                                                             \
    ON_EITHER(SQL_HANDLE_STMT, stmt, function, stmt __VA_OPT__(, ) __VA_ARGS__)
#define DBC(function, ...)                                                                         \
    ON(SQL_HANDLE_DBC, session.dbc, function, session.dbc __VA_OPT__(, ) __VA_ARGS__)
#define DBC_TEXT(function, ...)                                                                    \
    ON_EITHER(SQL_HANDLE_DBC, session.dbc, function, session.dbc __VA_OPT__(, ) __VA_ARGS__)
#define DESC(function, desc, ...)                                                                  \
    ON(SQL_HANDLE_DESC, desc, function, desc __VA_OPT__(, ) __VA_ARGS__)
#define DESC_TEXT(function, desc, ...)                                                             \
    ON_EITHER(SQL_HANDLE_DESC, desc, function, desc __VA_OPT__(, ) __VA_ARGS__)

/* An integer as the pointer that attributes are given by. */
#define VALUE(number) ((SQLPOINTER)(SQLULEN)(number))

#endif
