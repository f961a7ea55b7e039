/* SPDX-License-Identifier: MIT */
/*
 * What a connection says of itself: SQLGetInfo, SQLGetFunctions, SQLGetTypeInfo, SQLNativeSql, and
 * the attributes of connections and statements.
 */
#include "tests/live/session/sections.h"

#include <stdio.h>
#include <string.h>

/* The driver manager reads so much out of a buffer that is as long as the text. */
#define INFO_BYTES   ((SQLSMALLINT)(session.wide ? 600 : 4000))
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- SQLGetInfo --------------------------------------------------------------------------- */

static bool is_pointer(SQLUSMALLINT id)
{
    return id == SQL_DRIVER_HDBC || id == SQL_DRIVER_HENV || id == SQL_DRIVER_HSTMT ||
           id == SQL_DRIVER_HLIB || id == SQL_DRIVER_HDESC;
}

static void show_info(SQLHSTMT stmt, SQLUSMALLINT id, SQLSMALLINT size)
{
    struct out o;
    SQLSMALLINT length = -7;
    char call[60];
    out_clear(&o);
    if (is_pointer(id))
        memcpy(o.bytes, &stmt, sizeof stmt); /* in and out: the statement that is asked of */
    snprintf(call, sizeof call, "SQLGetInfo(%d, size %d)", id, size);
    SQLRETURN r = EITHER(SQLGetInfo, session.dbc, id, o.bytes, size, &length);
    report(call, SQL_HANDLE_DBC, session.dbc, r);
    say_number("length", length);
    if (is_pointer(id))
        return;
    /* Some answer with a number, some with a text. */
    if (SQL_SUCCEEDED(r) && length > 4)
        out_text("text", &o);
    else if (SQL_SUCCEEDED(r))
        out_first_bytes("bytes", &o, length > 0 ? (size_t)length : sizeof(SQLUINTEGER));
}

/* Text, for short buffers and none at all. */
static const SQLUSMALLINT texts[] = {
    SQL_DRIVER_NAME,           SQL_DRIVER_VER, SQL_DBMS_NAME, SQL_DBMS_VER, SQL_DATA_SOURCE_NAME,
    SQL_IDENTIFIER_QUOTE_CHAR, SQL_KEYWORDS,   SQL_USER_NAME};

void section_information(void)
{
    SQLHSTMT stmt = statement_new();
    for (SQLUSMALLINT id = 0; id <= 200; id++)
        show_info(stmt, id, INFO_BYTES);
    for (SQLUSMALLINT id = 10000; id <= 10200; id++)
        show_info(stmt, id, INFO_BYTES);
    for (SQLUSMALLINT id = 1000; id <= 1010; id++)
        show_info(stmt, id, INFO_BYTES);
    for (SQLUSMALLINT id = 20000; id <= 20005; id++)
        show_info(stmt, id, INFO_BYTES);
    for (size_t i = 0; i < COUNT(texts); i++) {
        SQLSMALLINT length = -7;
        show_info(stmt, texts[i], (SQLSMALLINT)(4 * unit_bytes()));
        if (!session.wide) /* half a character fits nowhere */
            show_info(stmt, texts[i], 1);
        DBC_TEXT(SQLGetInfo, texts[i], NULL, 0, &length);
        say_number("length", length);
        DBC_TEXT(SQLGetInfo, texts[i], NULL, 0, NULL);
    }
    statement_free(stmt);

    stmt = statement_new();
    STMT_TEXT(SQLGetTypeInfo, stmt, SQL_ALL_TYPES);
    show_result_fully(stmt, 100);
    static const SQLSMALLINT types[] = {SQL_INTEGER, SQL_VARCHAR, SQL_WVARCHAR,      SQL_TYPE_DATE,
                                        SQL_DATE,    SQL_BIT,     SQL_LONGVARBINARY, 4711};
    for (size_t i = 0; i < COUNT(types); i++) {
        STMT(SQLFreeStmt, stmt, SQL_CLOSE);
        STMT_TEXT(SQLGetTypeInfo, stmt, types[i]);
        show_result(stmt, 10);
    }
    statement_free(stmt);
}

/* ---- SQLGetFunctions ---------------------------------------------------------------------- */

static void show_functions(SQLUSMALLINT id)
{
    struct out o;
    char call[60];
    out_clear(&o);
    snprintf(call, sizeof call, "SQLGetFunctions(%d)", id);
    report(call, SQL_HANDLE_DBC, session.dbc,
           SQLGetFunctions(session.dbc, id, (SQLUSMALLINT *)(void *)o.bytes));
    out_bytes("bytes", &o);
}

/* The driver manager translates into a buffer as long as the statement, whatever is asked for. */
static SQLINTEGER native_max(const char *statement)
{
    return session.wide ? units(statement) / 2 : 100;
}

void section_functions(void)
{
    static const char *const statements[] = {
        "select 1",          "select {fn ucase('a')}, {d '2024-02-29'}",
        "{call nothing(?)}", "select * from {oj a left outer join b on a.i = b.i}",
        "select {fn",        ""};
    for (SQLUSMALLINT id = 0; id <= 130; id++)
        show_functions(id);
    for (SQLUSMALLINT id = 990; id <= 1080; id++)
        show_functions(id);
    for (size_t i = 0; i < COUNT(statements); i++)
        for (SQLINTEGER size = 0; size <= native_max(statements[i]); size += 9) {
            struct out o;
            SQLINTEGER length = -7;
            out_clear(&o);
            DBC_TEXT(SQLNativeSql, text(statements[i]), SQL_NTS, (void *)o.bytes, size, &length);
            out_text("native", &o);
            say_number("length", length);
            out_clear(&o);
            DBC_TEXT(SQLNativeSql, text(statements[i]), units(statements[i]), (void *)o.bytes, size,
                     NULL);
            out_text("native", &o);
        }
}

/* ---- attributes --------------------------------------------------------------------------- */

static void show_connection_attribute(SQLINTEGER id, SQLINTEGER size)
{
    struct out o;
    SQLINTEGER length = -7;
    char call[60];
    out_clear(&o);
    snprintf(call, sizeof call, "SQLGetConnectAttr(%d, size %d)", (int)id, (int)size);
    report(call, SQL_HANDLE_DBC, session.dbc,
           EITHER(SQLGetConnectAttr, session.dbc, id, o.bytes, size, &length));
    say_number("length", length);
    if (id == SQL_ATTR_CURRENT_CATALOG)
        out_text("text", &o);
    else if (id != SQL_ATTR_QUIET_MODE && id != SQL_ATTR_TRACEFILE && id != SQL_ATTR_TRANSLATE_LIB)
        out_bytes("bytes", &o);
}

static void show_connection_attributes(void)
{
    for (SQLINTEGER id = 100; id <= 120; id++)
        if (id != SQL_ATTR_TRACE)
            show_connection_attribute(id, 200);
    static const SQLINTEGER others[] = {0,
                                        1,
                                        7,
                                        SQL_ATTR_ASYNC_ENABLE,
                                        SQL_ATTR_AUTO_IPD,
                                        SQL_ATTR_CONNECTION_DEAD,
                                        SQL_ATTR_METADATA_ID,
                                        SQL_ATTR_ODBC_CURSORS,
                                        1208,
                                        1210,
                                        4711,
                                        65536,
                                        65540,
                                        1048576};
    for (size_t i = 0; i < COUNT(others); i++)
        show_connection_attribute(others[i], 200);
    show_connection_attribute(SQL_ATTR_CURRENT_CATALOG, 3);
    show_connection_attribute(SQL_ATTR_AUTOCOMMIT, SQL_IS_UINTEGER);
    show_connection_attribute(SQL_ATTR_AUTOCOMMIT, SQL_IS_POINTER);
}

void section_connection_attributes(void)
{
    SQLINTEGER number = -7;
    show_connection_attributes();
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_ACCESS_MODE, VALUE(SQL_MODE_READ_WRITE), SQL_IS_UINTEGER);
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_CONNECTION_TIMEOUT, VALUE(30), 0);
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_LOGIN_TIMEOUT, VALUE(30), 0);
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_TXN_ISOLATION, VALUE(SQL_TXN_SERIALIZABLE), 0);
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_TXN_ISOLATION, VALUE(4711), 0);
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_TXN_ISOLATION, VALUE(SQL_TXN_READ_COMMITTED), 0);
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_CURRENT_CATALOG, text("no such catalogue"), SQL_NTS);
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_CURRENT_CATALOG, text("other"), 5 * unit_bytes());
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_METADATA_ID, VALUE(SQL_TRUE), 0);
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_METADATA_ID, VALUE(SQL_FALSE), 0);
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_ASYNC_ENABLE, VALUE(SQL_ASYNC_ENABLE_ON), 0);
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_ASYNC_ENABLE, VALUE(SQL_ASYNC_ENABLE_OFF), 0);
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_PACKET_SIZE, VALUE(4096), 0);
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_ODBC_CURSORS, VALUE(SQL_CUR_USE_DRIVER), 0);
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_QUIET_MODE, NULL, SQL_IS_POINTER);
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_AUTOCOMMIT, VALUE(4711), 0);
    DBC_TEXT(SQLSetConnectAttr, 4711, VALUE(1), SQL_IS_INTEGER);
    DBC_TEXT(SQLSetConnectAttr, 65536, VALUE(1), SQL_IS_INTEGER);
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_QUERY_TIMEOUT, VALUE(30), 0);
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_QUERY_TIMEOUT, VALUE(0), 0);
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_MAX_ROWS, VALUE(2), 0);
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_MAX_ROWS, VALUE(0), 0);
    show_connection_attributes();
    for (SQLINTEGER id = SQL_ATTR_ODBC_VERSION; id <= 203; id++) {
        ON(SQL_HANDLE_ENV, session.env, SQLGetEnvAttr, session.env, id, &number, sizeof number,
           NULL);
        say_number("number", number);
    }
    ON(SQL_HANDLE_ENV, session.env, SQLSetEnvAttr, session.env, SQL_ATTR_OUTPUT_NTS,
       VALUE(SQL_TRUE), 0);
    ON(SQL_HANDLE_ENV, session.env, SQLSetEnvAttr, session.env, SQL_ATTR_CP_MATCH,
       VALUE(SQL_CP_RELAXED_MATCH), 0);
}

/* The values of these are handles. */
static bool is_handle(SQLINTEGER id)
{
    return id >= SQL_ATTR_APP_ROW_DESC && id <= SQL_ATTR_IMP_PARAM_DESC;
}

static void show_statement_attribute(SQLHSTMT stmt, SQLINTEGER id)
{
    struct out o;
    SQLINTEGER length = -7;
    char call[60];
    out_clear(&o);
    snprintf(call, sizeof call, "SQLGetStmtAttr(%d)", (int)id);
    report(call, SQL_HANDLE_STMT, stmt, EITHER(SQLGetStmtAttr, stmt, id, o.bytes, 100, &length));
    say_number("length", length);
    if (!is_handle(id))
        out_bytes("bytes", &o);
}

struct setting {
    SQLINTEGER id;
    SQLULEN value;
};

static const struct setting settings[] = {
    {SQL_ATTR_QUERY_TIMEOUT, 30},
    {SQL_ATTR_MAX_ROWS, 3},
    {SQL_ATTR_NOSCAN, SQL_NOSCAN_ON},
    {SQL_ATTR_MAX_LENGTH, 20},
    {SQL_ATTR_ASYNC_ENABLE, SQL_ASYNC_ENABLE_ON},
    {SQL_ATTR_ASYNC_ENABLE, SQL_ASYNC_ENABLE_OFF},
    {SQL_ATTR_ROW_BIND_TYPE, 64},
    {SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_KEYSET_DRIVEN},
    {SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_DYNAMIC},
    {SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_STATIC},
    {SQL_ATTR_CONCURRENCY, SQL_CONCUR_LOCK},
    {SQL_ATTR_CONCURRENCY, SQL_CONCUR_ROWVER},
    {SQL_ATTR_CONCURRENCY, SQL_CONCUR_VALUES},
    {SQL_ATTR_KEYSET_SIZE, 10},
    {SQL_ROWSET_SIZE, 3},
    {SQL_ATTR_SIMULATE_CURSOR, SQL_SC_UNIQUE},
    {SQL_ATTR_RETRIEVE_DATA, SQL_RD_OFF},
    {SQL_ATTR_USE_BOOKMARKS, SQL_UB_VARIABLE},
    {SQL_ATTR_ENABLE_AUTO_IPD, SQL_TRUE},
    {SQL_ATTR_ROW_ARRAY_SIZE, 5},
    {SQL_ATTR_PARAMSET_SIZE, 7},
    {SQL_ATTR_PARAM_BIND_TYPE, 16},
    {SQL_ATTR_CURSOR_SCROLLABLE, SQL_SCROLLABLE},
    {SQL_ATTR_CURSOR_SENSITIVITY, SQL_SENSITIVE},
    {SQL_ATTR_METADATA_ID, SQL_TRUE},
    {SQL_ATTR_IMP_ROW_DESC, 0},
    {SQL_ATTR_ROW_NUMBER, 1},
    {4711, 1},
};

void section_statement_attributes(void)
{
    char call[60];
    SQLHSTMT stmt = statement_new();
    for (SQLINTEGER id = -3; id <= 32; id++)
        show_statement_attribute(stmt, id);
    for (size_t i = 0; i < COUNT(settings); i++) {
        snprintf(call, sizeof call, "SQLSetStmtAttr(%d, %lu)", (int)settings[i].id,
                 (unsigned long)settings[i].value);
        report(call, SQL_HANDLE_STMT, stmt,
               EITHER(SQLSetStmtAttr, stmt, settings[i].id, VALUE(settings[i].value), 0));
    }
    for (SQLINTEGER id = -3; id <= 32; id++)
        show_statement_attribute(stmt, id);
    for (SQLINTEGER id = SQL_ATTR_APP_ROW_DESC; id < 10020; id++)
        show_statement_attribute(stmt, id);
    show_statement_attribute(stmt, 4711);
    statement_free(stmt);
}
