/* SPDX-License-Identifier: MIT */
/*
 * Connecting: the three ways, every form of string and buffer, what is set before, what fails.
 */
#include "tests/live/session/sections.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define STRING_MAX   4000
#define STRING_SHORT 50 /* completed strings are longer */

/* ---- the way that was asked for -------------------------------------------------------------- */

/* Never NULL: the driver manager's pool compares the names unseen. */
static void *text_or_empty(const char *utf8)
{
    return text(utf8 ? utf8 : "");
}

static SQLRETURN by_name(void)
{
    return DBC_TEXT(SQLConnect, text(session.dsn), SQL_NTS, text_or_empty(session.user), SQL_NTS,
                    text_or_empty(session.password), SQL_NTS);
}

static SQLRETURN by_string(void)
{
    struct out o;
    SQLSMALLINT length = -7;
    out_clear(&o);
    SQLRETURN r = DBC_TEXT(SQLDriverConnect, NULL, text(session.string), SQL_NTS, (void *)o.bytes,
                           1000, &length, SQL_DRIVER_NOPROMPT);
    out_text("completed", &o);
    say_number("length", length);
    return r;
}

/* Round by round: the data source first, then the rest of the string, one key at a time. */
static SQLRETURN by_browsing(void)
{
    char string[STRING_MAX], *rest = string;
    snprintf(string, sizeof string, "%s", session.string);
    SQLRETURN r = SQL_NEED_DATA;
    for (int i = 0; r == SQL_NEED_DATA && *rest && i < 20; i++) {
        struct out o;
        SQLSMALLINT length = -7;
        char *end = strchr(rest, ';');
        if (end)
            *end = 0;
        out_clear(&o);
        r = DBC_TEXT(SQLBrowseConnect, text(rest), SQL_NTS, (void *)o.bytes, 1000, &length);
        out_told("browse", &o, r, length);
        if (r != SQL_ERROR) /* else the driver manager tells what it had in mind for itself */
            say_number("length", length);
        rest = end ? end + 1 : rest + strlen(rest);
    }
    return r;
}

bool section_connect(void)
{
    SQLRETURN r = strcmp(session.way, "connect") == 0  ? by_name()
                  : strcmp(session.way, "browse") == 0 ? by_browsing()
                                                       : by_string();
    if (r == SQL_NEED_DATA) {
        DBC(SQLDisconnect); /* gives the browsing up */
        return false;
    }
    return SQL_SUCCEEDED(r);
}

/* ---- strings --------------------------------------------------------------------------------- */

/* A connection by this string on a handle of its own. */
static void try_string(const char *string, SQLSMALLINT size, SQLUSMALLINT completion, bool counted)
{
    struct out o;
    SQLSMALLINT length = -7;
    SQLHDBC first = session.dbc;
    if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_DBC, session.env, &session.dbc))) {
        session.dbc = first;
        return;
    }
    out_clear(&o);
    SQLRETURN r = DBC_TEXT(SQLDriverConnect, NULL, text(string), counted ? units(string) : SQL_NTS,
                           size ? (void *)o.bytes : NULL, size, &length, completion);
    out_text("completed", &o);
    if (!session.dialect->unsafe || size > STRING_SHORT)
        say_number("length", length);
    if (SQL_SUCCEEDED(r))
        DBC(SQLDisconnect);
    SQLFreeHandle(SQL_HANDLE_DBC, session.dbc);
    session.dbc = first;
}

/* What comes before and after the string that connects. */
static const struct {
    const char *before, *after;
} frames[] = {
    {"", ";"},
    {"", ";UnknownKey=1;Another={a;b}}c}"},
    {" ", " ; Spaced = a value ;"},
    {"", ";Empty=;"},
    {"", ";DSN=no such name;UID=nobody at all"},
    {"", ";DRIVER={no such driver}"},
    {";;", ";;"},
    {"Nonsense;", ""},
    {"Key\xc3\xa4=\xe6\xbc\xa2\xe5\xad\x97\xf0\x9f\x90\x98;", ""},
};

static void try_files(void)
{
    char string[STRING_MAX], line[200];
    snprintf(string, sizeof string, "%s;SAVEFILE=%s/saved.dsn;", session.string, session.directory);
    try_string(string, 1000, SQL_DRIVER_NOPROMPT, false);
    snprintf(string, sizeof string, "%s/saved.dsn", session.directory);
    FILE *f = fopen(string, "r");
    while (f && fgets(line, sizeof line, f))
        printf("    saved: %s", line);
    if (f)
        fclose(f);
    snprintf(string, sizeof string, "FILEDSN=%s/saved.dsn;", session.directory);
    try_string(string, 1000, SQL_DRIVER_NOPROMPT, false);
    snprintf(string, sizeof string, "FILEDSN=%s/no such file.dsn;", session.directory);
    try_string(string, 1000, SQL_DRIVER_NOPROMPT, false);
}

void section_ways_to_connect(void)
{
    static const SQLSMALLINT sizes[] = {0, 1, 2, 10, 20, 41, 300};
    char string[STRING_MAX];
    for (size_t i = 0; i < COUNT(frames); i++) {
        snprintf(string, sizeof string, "%s%s%s", frames[i].before, session.string,
                 frames[i].after);
        try_string(string, 1000, SQL_DRIVER_NOPROMPT, false);
        try_string(string, 1000, SQL_DRIVER_COMPLETE, true);
    }
    for (size_t i = 0; i < COUNT(sizes); i++)
        try_string(session.string, sizes[i], SQL_DRIVER_NOPROMPT, i & 1);
    try_string(session.string, 1000, SQL_DRIVER_COMPLETE_REQUIRED, false);
    try_string(session.string, 1000, SQL_DRIVER_PROMPT, false);
    try_string(session.string, 1000, 4711, false);
    try_files();
}

/* ---- attributes before ----------------------------------------------------------------------- */

static void get_before(SQLINTEGER id, SQLINTEGER size)
{
    struct out o;
    SQLINTEGER length = -7;
    char call[60];
    out_clear(&o);
    snprintf(call, sizeof call, "SQLGetConnectAttr(%d, size %d)", (int)id, (int)size);
    report(call, SQL_HANDLE_DBC, session.dbc,
           EITHER(SQLGetConnectAttr, session.dbc, id, o.bytes, size, &length));
    say_number("length", length);
    if (id == SQL_ATTR_CURRENT_CATALOG || id == 70001)
        out_text("text", &o);
    else
        out_bytes("bytes", &o);
}

static void set_before(void)
{
    static const unsigned char binary[] = {1, 0, 2, 0xFF};
    void *bytes = (void *)(SQLULEN)binary;
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_AUTOCOMMIT, VALUE(SQL_AUTOCOMMIT_OFF), SQL_IS_UINTEGER);
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_LOGIN_TIMEOUT, VALUE(20), SQL_IS_INTEGER);
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_CONNECTION_TIMEOUT, VALUE(21), 0);
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_ACCESS_MODE, VALUE(SQL_MODE_READ_ONLY), SQL_IS_USMALLINT);
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_TXN_ISOLATION, VALUE(SQL_TXN_SERIALIZABLE), 0);
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_PACKET_SIZE, VALUE(8192), 0);
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_METADATA_ID, VALUE(SQL_TRUE), 0);
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_QUIET_MODE, NULL, SQL_IS_POINTER);
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_CURRENT_CATALOG, text("counted"), 4 * unit_bytes());
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_CURRENT_CATALOG, text("catalogue"), SQL_NTS);
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_TRANSLATE_OPTION, VALUE(3), 0);
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_QUERY_TIMEOUT, VALUE(33), 0);
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_AUTOCOMMIT, VALUE(4711), 0);
    DBC_TEXT(SQLSetConnectAttr, 65540, VALUE(7), SQL_IS_INTEGER);
    DBC_TEXT(SQLSetConnectAttr, 70001, text("vendor text"), SQL_NTS);
    DBC_TEXT(SQLSetConnectAttr, 70002, text("vendor text"), 6 * unit_bytes());
    DBC_TEXT(SQLSetConnectAttr, 70003, bytes, SQL_LEN_BINARY_ATTR(4));
    DBC_TEXT(SQLSetConnectAttr, 70004, bytes, SQL_IS_POINTER);
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_CONNECTION_DEAD, VALUE(1), 0);
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_AUTO_IPD, VALUE(1), 0);
}

static const SQLINTEGER asked_before[] = {
    SQL_ATTR_AUTOCOMMIT,
    SQL_ATTR_LOGIN_TIMEOUT,
    SQL_ATTR_CONNECTION_TIMEOUT,
    SQL_ATTR_ACCESS_MODE,
    SQL_ATTR_TXN_ISOLATION,
    SQL_ATTR_PACKET_SIZE,
    SQL_ATTR_METADATA_ID,
    SQL_ATTR_CURRENT_CATALOG,
    SQL_ATTR_ODBC_CURSORS,
    SQL_ATTR_CONNECTION_DEAD,
    65540,
    70001,
};

void section_attributes_before(void)
{
    SQLHDBC first = session.dbc;
    if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_DBC, session.env, &session.dbc)))
        return;
    for (size_t i = 0; i < COUNT(asked_before); i++)
        get_before(asked_before[i], 100);
    set_before();
    for (size_t i = 0; i < COUNT(asked_before); i++)
        get_before(asked_before[i], 100);
    get_before(SQL_ATTR_CURRENT_CATALOG, 3);
    bool open = section_connect();
    for (size_t i = 0; i < COUNT(asked_before); i++)
        get_before(asked_before[i], 100);
    if (open) {
        DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_ODBC_CURSORS, VALUE(SQL_CUR_USE_DRIVER), 0);
        DBC(SQLDisconnect);
        open = section_connect(); /* again, on the same handle */
    }
    for (size_t i = 0; i < COUNT(asked_before); i++)
        get_before(asked_before[i], 100);
    if (open)
        DBC(SQLDisconnect);
    SQLFreeHandle(SQL_HANDLE_DBC, session.dbc);
    session.dbc = first;
}

/* ---- what fails ------------------------------------------------------------------------------ */

static void try_name(void *dsn, SQLSMALLINT dsn_length, void *user, SQLSMALLINT user_length)
{
    SQLHDBC first = session.dbc;
    if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_DBC, session.env, &session.dbc))) {
        session.dbc = first;
        return;
    }
    if (SQL_SUCCEEDED(
            DBC_TEXT(SQLConnect, dsn, dsn_length, user, user_length, text(""), SQL_NTS))) {
        DBC_TEXT(SQLConnect, dsn, dsn_length, user, user_length, text(""), SQL_NTS); /* twice */
        DBC(SQLDisconnect);
    }
    puts("  of the connection, afterwards");
    say_diagnostics(SQL_HANDLE_DBC, session.dbc);
    DBC(SQLDisconnect);
    SQLFreeHandle(SQL_HANDLE_DBC, session.dbc);
    session.dbc = first;
}

void section_failing_connects(void)
{
    char longer[200];
    try_name(text("no such data source"), SQL_NTS, text(""), 0);
    try_name(text(session.dsn), SQL_NTS, text("nobody \xc3\xa4t all"), SQL_NTS);
    snprintf(longer, sizeof longer, "%smore", session.dsn);
    try_name(text(longer), units(session.dsn), text_or_empty(session.user), SQL_NTS);
    try_name(text("failing"), SQL_NTS, text(""), 0);
    try_name(text(""), 0, text(""), 0);
    try_name(text(session.dsn), -7, text(""), 0);
    try_string(session.failing, 1000, SQL_DRIVER_NOPROMPT, false);
    try_string(session.failing, 1000, SQL_DRIVER_NOPROMPT, true);
    try_string("DSN=no such data source", 1000, SQL_DRIVER_NOPROMPT, false);
    try_string("", 1000, SQL_DRIVER_NOPROMPT, false);
    try_string("DRIVER={no such driver};", 1000, SQL_DRIVER_NOPROMPT, false);
}
