/* SPDX-License-Identifier: MIT */
/*
 * Owns how result sets are shown: their columns, their rows.
 */
#include "tests/live/session/sections.h"

#include <stdio.h>
#include <string.h>

SQLHSTMT statement_new(void)
{
    SQLHSTMT stmt = SQL_NULL_HSTMT;
    SQLRETURN r = SQLAllocHandle(SQL_HANDLE_STMT, session.dbc, &stmt);
    if (!SQL_SUCCEEDED(r))
        report("a statement", SQL_HANDLE_DBC, session.dbc, r);
    return SQL_SUCCEEDED(r) ? stmt : SQL_NULL_HSTMT;
}

void statement_free(SQLHSTMT stmt)
{
    if (stmt && SQLFreeHandle(SQL_HANDLE_STMT, stmt) != SQL_SUCCESS)
        puts("    the statement was not freed");
}

void run_quietly(const char *sql)
{
    SQLHSTMT stmt = statement_new();
    SQLRETURN r = EITHER(SQLExecDirect, stmt, text(sql), SQL_NTS);
    if (r != SQL_SUCCESS)
        report(sql, SQL_HANDLE_STMT, stmt, r);
    statement_free(stmt);
}

static const SQLUSMALLINT column_fields[] = {
    SQL_DESC_AUTO_UNIQUE_VALUE,
    SQL_DESC_BASE_COLUMN_NAME,
    SQL_DESC_BASE_TABLE_NAME,
    SQL_DESC_CASE_SENSITIVE,
    SQL_DESC_CATALOG_NAME,
    SQL_DESC_CONCISE_TYPE,
    SQL_DESC_COUNT,
    SQL_DESC_DISPLAY_SIZE,
    SQL_DESC_FIXED_PREC_SCALE,
    SQL_DESC_LABEL,
    SQL_DESC_LENGTH,
    SQL_DESC_LITERAL_PREFIX,
    SQL_DESC_LITERAL_SUFFIX,
    SQL_DESC_LOCAL_TYPE_NAME,
    SQL_DESC_NAME,
    SQL_DESC_NULLABLE,
    SQL_DESC_NUM_PREC_RADIX,
    SQL_DESC_OCTET_LENGTH,
    SQL_DESC_PRECISION,
    SQL_DESC_SCALE,
    SQL_DESC_SCHEMA_NAME,
    SQL_DESC_SEARCHABLE,
    SQL_DESC_TABLE_NAME,
    SQL_DESC_TYPE,
    SQL_DESC_TYPE_NAME,
    SQL_DESC_UNNAMED,
    SQL_DESC_UNSIGNED,
    SQL_DESC_UPDATABLE,
    SQL_COLUMN_COUNT,
    SQL_COLUMN_NAME,
    SQL_COLUMN_LENGTH,
    SQL_COLUMN_PRECISION,
    SQL_COLUMN_SCALE,
    SQL_COLUMN_NULLABLE,
    1200,
    4711,
};

static void show_attributes(SQLHSTMT stmt, SQLUSMALLINT column)
{
    for (size_t i = 0; i < sizeof column_fields / sizeof *column_fields; i++) {
        struct out o;
        SQLSMALLINT length = UNTOLD;
        SQLLEN number = -4711;
        char call[80];
        out_clear(&o);
        snprintf(call, sizeof call, "SQLColAttribute(column %d, field %d)", column,
                 column_fields[i]);
        SQLRETURN r = report(call, SQL_HANDLE_STMT, stmt,
                             EITHER(SQLColAttribute, stmt, column, column_fields[i], o.bytes, 200,
                                    &length, &number));
        out_told("text", &o, r, length);
        say_number("length", length);
        say_number("number", number);
    }
}

/* Says whether the values of the column differ between servers and runs. */
static bool is_volatile(const struct out *name)
{
    static const char *const volatiles[] = {"TABLE OID", "CARDINALITY", "PAGES"};
    char narrow[40];
    for (size_t i = 0; i < sizeof narrow; i++)
        narrow[i] = (char)name->bytes[session.wide ? 2 * i : i];
    narrow[sizeof narrow - 1] = 0;
    for (size_t i = 0; i < sizeof volatiles / sizeof *volatiles; i++)
        if (strcmp(narrow, volatiles[i]) == 0)
            return true;
    return false;
}

static void describe(SQLHSTMT stmt, SQLUSMALLINT column, bool fully, bool *is_hidden)
{
    struct out name;
    SQLSMALLINT length = -7, type = -7, digits = -7, nullable = -7;
    SQLULEN size = 4711;
    out_clear(&name);
    STMT_TEXT(SQLDescribeCol, stmt, column, (void *)name.bytes, 100, &length, &type, &size, &digits,
              &nullable);
    printf("    column %d: type %d, size %lu, digits %d, nullable %d, length %d", column, type,
           (unsigned long)size, digits, nullable, length);
    out_text("", &name);
    *is_hidden = is_volatile(&name);
    if (!fully)
        return;
    out_clear(&name);
    STMT_TEXT(SQLDescribeCol, stmt, column, (void *)name.bytes, 3, &length, &type, &size, &digits,
              &nullable);
    out_text("short name", &name);
    say_number("length", length);
    show_attributes(stmt, column);
}

static void show_value(SQLHSTMT stmt, SQLUSMALLINT column, bool is_hidden)
{
    struct out o;
    SQLLEN length = -7;
    char call[60];
    SQLSMALLINT type = session.wide ? SQL_C_WCHAR : SQL_C_CHAR;
    out_clear(&o);
    SQLRETURN r = SQLGetData(stmt, column, type, o.bytes, 300, &length);
    snprintf(call, sizeof call, "SQLGetData(column %d)", column);
    report(call, SQL_HANDLE_STMT, stmt, r);
    if (is_hidden)
        return;
    say_number("length", length);
    out_text("value", &o);
}

#define COLUMNS_MAX 64

static void show(SQLHSTMT stmt, int limit, bool fully)
{
    bool hidden[COLUMNS_MAX] = {false};
    SQLSMALLINT columns = -7;
    SQLLEN rows = -7;
    STMT(SQLNumResultCols, stmt, &columns);
    STMT(SQLRowCount, stmt, &rows);
    printf("    columns %d, rows %ld\n", columns, (long)rows);
    for (SQLUSMALLINT c = 1; c <= columns && c < COLUMNS_MAX; c++)
        describe(stmt, c, fully, &hidden[c]);
    while (columns > 0 && limit-- > 0) {
        if (!SQL_SUCCEEDED(STMT(SQLFetch, stmt)))
            break;
        for (SQLUSMALLINT c = 1; c <= columns && c < COLUMNS_MAX; c++)
            show_value(stmt, c, hidden[c]);
    }
}

void show_result(SQLHSTMT stmt, int limit)
{
    show(stmt, limit, false);
}

void show_result_fully(SQLHSTMT stmt, int limit)
{
    show(stmt, limit, true);
}
