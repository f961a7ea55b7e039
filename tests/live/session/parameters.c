/* SPDX-License-Identifier: MIT */
/*
 * Parameters in and out, arrays of them, data at execution, and long data in pieces.
 */
#include "tests/live/session/sections.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- texts there and back ------------------------------------------------------------------- */

static const char *const words[] = {
    "plain",
    "",
    "zw\xc3\xb6lf \xc3\xa9\xc3\x9f",
    "\xe6\xbc\xa2\xe5\xad\x97 \xd0\x96",
    "\xf0\x9f\x90\x98 and \xf0\x9d\x84\x9e",
    "quote ' and \" and \\ and %",
};

static void text_there_and_back(SQLHSTMT stmt, const char *word, bool counted)
{
    struct out o;
    SQLINTEGER id = 100;
    SQLLEN length = counted ? units(word) * unit_bytes() : SQL_NTS;
    SQLLEN got = -7;
    SQLSMALLINT c_type = session.wide ? SQL_C_WCHAR : SQL_C_CHAR;
    SQLSMALLINT sql_type = session.wide ? SQL_WVARCHAR : SQL_VARCHAR;
    STMT(SQLBindParameter, stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &id, 0, NULL);
    STMT(SQLBindParameter, stmt, 2, SQL_PARAM_INPUT, c_type, sql_type, 60, 0, text(word), 0,
         &length);
    STMT_TEXT(SQLExecDirect, stmt, text("insert into session_parent (id, name) values (?, ?)"),
              SQL_NTS);
    STMT(SQLFreeStmt, stmt, SQL_RESET_PARAMS);
    STMT_TEXT(SQLExecDirect, stmt, text("select name from session_parent where id = 100"), SQL_NTS);
    STMT(SQLFetch, stmt);
    out_clear(&o);
    STMT(SQLGetData, stmt, 1, SQL_C_WCHAR, o.bytes, 400, &got);
    out_wide("wide", &o);
    say_number("length", got);
    STMT(SQLFreeStmt, stmt, SQL_CLOSE);
    STMT_TEXT(SQLExecDirect, stmt, text("select name from session_parent where id = 100"), SQL_NTS);
    STMT(SQLFetch, stmt);
    out_clear(&o);
    STMT(SQLGetData, stmt, 1, SQL_C_CHAR, o.bytes, 400, &got);
    out_narrow("narrow", &o);
    say_number("length", got);
    STMT(SQLFreeStmt, stmt, SQL_CLOSE);
    STMT_TEXT(SQLExecDirect, stmt, text("delete from session_parent where id = 100"), SQL_NTS);
}

/* ---- one parameter of each type ------------------------------------------------------------- */

struct typed {
    SQLSMALLINT c_type, sql_type;
    SQLULEN size;
    SQLSMALLINT digits;
    const char *column;
    union {
        SQLINTEGER number;
        SQLBIGINT big;
        SQLDOUBLE real;
        SQL_DATE_STRUCT day;
        SQL_TIME_STRUCT hour;
        SQL_TIMESTAMP_STRUCT stamp;
        SQL_NUMERIC_STRUCT numeric;
        unsigned char bytes[8];
    } value;
    SQLLEN length;
};

static const struct typed typed[] = {
    {SQL_C_SLONG, SQL_INTEGER, 0, 0, "amount", {.number = -42}, 0},
    {SQL_C_SBIGINT, SQL_BIGINT, 0, 0, "ratio", {.big = 1234567890123}, 0},
    {SQL_C_DOUBLE, SQL_DOUBLE, 0, 0, "ratio", {.real = 0.125}, 0},
    {SQL_C_NUMERIC,
     SQL_NUMERIC,
     12,
     3,
     "amount",
     {.numeric = {.precision = 12, .scale = 3, .sign = 1, .val = {0x39, 0x30}}},
     sizeof(SQL_NUMERIC_STRUCT)},
    {SQL_C_TYPE_DATE, SQL_TYPE_DATE, 10, 0, "day", {.day = {2024, 2, 29}}, 0},
    {SQL_C_TYPE_TIME, SQL_TYPE_TIME, 8, 0, "hour", {.hour = {23, 59, 58}}, 0},
    {SQL_C_TYPE_TIMESTAMP,
     SQL_TYPE_TIMESTAMP,
     23,
     3,
     "stamp",
     {.stamp = {2001, 2, 3, 4, 5, 6, 123000000}},
     0},
    {SQL_C_DATE, SQL_DATE, 10, 0, "day", {.day = {1977, 7, 7}}, 0},
    {SQL_C_BINARY, SQL_LONGVARBINARY, 8, 0, "data", {.bytes = {0, 1, 2, 0xFF, 4, 5, 0, 7}}, 8},
    {SQL_C_BIT, SQL_BIT, 1, 0, "flag", {.bytes = {1}}, 0},
    {SQL_C_SLONG, SQL_INTEGER, 0, 0, "amount", {.number = 0}, SQL_NULL_DATA},
    {SQL_C_DEFAULT, SQL_INTEGER, 0, 0, "amount", {.number = 77}, 0},
    {4711, SQL_INTEGER, 0, 0, "amount", {.number = 1}, 0},
    {SQL_C_SLONG, 4711, 0, 0, "amount", {.number = 1}, 0},
};

static void value_there_and_back(SQLHSTMT stmt, const struct typed *t)
{
    struct typed copy = *t;
    struct out o;
    char sql[120], call[80];
    SQLLEN got = -7;
    printf("  type %d as %d in %s\n", t->sql_type, t->c_type, t->column);
    snprintf(sql, sizeof sql, "update session_parent set %s = ? where id = 4", t->column);
    STMT_TEXT(SQLPrepare, stmt, text(sql), SQL_NTS);
    STMT(SQLBindParameter, stmt, 1, SQL_PARAM_INPUT, copy.c_type, copy.sql_type, copy.size,
         copy.digits, &copy.value, 8, &copy.length);
    STMT(SQLExecute, stmt);
    STMT(SQLFreeStmt, stmt, SQL_RESET_PARAMS);
    STMT(SQLFreeStmt, stmt, SQL_CLOSE);
    snprintf(sql, sizeof sql, "select %s from session_parent where id = 4", t->column);
    SQLSMALLINT types[] = {SQL_C_CHAR, t->c_type, SQL_C_DEFAULT};
    for (size_t i = 0; i < COUNT(types); i++) {
        STMT_TEXT(SQLExecDirect, stmt, text(sql), SQL_NTS);
        STMT(SQLFetch, stmt);
        out_clear(&o);
        snprintf(call, sizeof call, "SQLGetData(as %d)", types[i]);
        report(call, SQL_HANDLE_STMT, stmt, SQLGetData(stmt, 1, types[i], o.bytes, 100, &got));
        out_bytes("value", &o);
        say_number("length", got);
        STMT(SQLFreeStmt, stmt, SQL_CLOSE);
    }
}

/* ---- parameters out ------------------------------------------------------------------------- */

static void parameters_out(SQLHSTMT stmt)
{
    SQLINTEGER in = 21, out = -4711;
    SQLLEN in_length = 0, out_length = -7;
    if (!session.dialect->call)
        return;
    STMT(SQLBindParameter, stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &in, 0,
         &in_length);
    STMT(SQLBindParameter, stmt, 2, SQL_PARAM_OUTPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &out, 0,
         &out_length);
    STMT_TEXT(SQLExecDirect, stmt, text(session.dialect->call), SQL_NTS);
    show_result(stmt, 5);
    STMT(SQLMoreResults, stmt);
    STMT(SQLMoreResults, stmt);
    printf("    out %d, length %ld\n", (int)out, (long)out_length);
    STMT(SQLFreeStmt, stmt, SQL_CLOSE);
    STMT(SQLFreeStmt, stmt, SQL_RESET_PARAMS);
    STMT(SQLBindParameter, stmt, 1, SQL_PARAM_INPUT_OUTPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &in, 0,
         &in_length);
    STMT_TEXT(SQLExecDirect, stmt, text(session.dialect->call_in_out), SQL_NTS);
    for (int i = 0; i < 5; i++) {
        show_result(stmt, 5);
        if (!SQL_SUCCEEDED(STMT(SQLMoreResults, stmt)))
            break;
    }
    printf("    in and out %d, length %ld\n", (int)in, (long)in_length);
    STMT(SQLFreeStmt, stmt, SQL_CLOSE);
    STMT(SQLFreeStmt, stmt, SQL_RESET_PARAMS);
}

static void describe_parameters(SQLHSTMT stmt)
{
    SQLSMALLINT n = -7, type = -7, digits = -7, nullable = -7;
    SQLULEN size = 4711;
    STMT(SQLNumParams, stmt, &n);
    STMT_TEXT(SQLPrepare, stmt,
              text("select name, id from session_parent where id = ? and name = ?"), SQL_NTS);
    STMT(SQLNumParams, stmt, &n);
    say_number("parameters", n);
    for (SQLUSMALLINT i = 0; i <= 3; i++) {
        STMT(SQLDescribeParam, stmt, i, &type, &size, &digits, &nullable);
        printf("    type %d, size %lu, digits %d, nullable %d\n", type, (unsigned long)size, digits,
               nullable);
    }
    STMT(SQLExecute, stmt); /* with nothing bound */
    STMT(SQLFreeStmt, stmt, SQL_CLOSE);
}

void section_parameters(void)
{
    SQLHSTMT stmt = statement_new();
    describe_parameters(stmt);
    for (size_t i = 0; i < COUNT(words); i++) {
        text_there_and_back(stmt, words[i], false);
        text_there_and_back(stmt, words[i], true);
    }
    statement_free(stmt);
    for (size_t i = 0; i < COUNT(typed); i++) {
        stmt = statement_new();
        value_there_and_back(stmt, &typed[i]);
        statement_free(stmt);
    }
    stmt = statement_new();
    parameters_out(stmt);
    statement_free(stmt);
}

/* ---- arrays --------------------------------------------------------------------------------- */

#define ROWS 6

struct row {
    SQLINTEGER id;
    SQLLEN id_length;
    char word[24];
    SQLLEN word_length;
};

static void show_status(SQLULEN processed, const SQLUSMALLINT *status)
{
    printf("    processed %lu, status", (unsigned long)processed);
    for (size_t i = 0; i < ROWS; i++)
        printf(" %d", status[i]);
    puts("");
}

static void array_by_row(SQLHSTMT stmt)
{
    static const char *const names[ROWS] = {"a", "b", NULL, "d", "a duplicate", "f"};
    struct row rows[ROWS];
    SQLUSMALLINT status[ROWS] = {77, 77, 77, 77, 77, 77}, operation[ROWS] = {0, 1, 0, 0, 0, 0};
    SQLULEN processed = 4711;
    SQLLEN count = -7;
    memset(rows, 0, sizeof rows);
    for (int i = 0; i < ROWS; i++) {
        rows[i].id = i == 4 ? 1 : i + 1;
        rows[i].word_length = names[i] ? SQL_NTS : SQL_NULL_DATA;
        strcpy(rows[i].word, names[i] ? names[i] : "");
    }
    STMT_TEXT(SQLSetStmtAttr, stmt, SQL_ATTR_PARAM_BIND_TYPE, VALUE(sizeof *rows), 0);
    STMT_TEXT(SQLSetStmtAttr, stmt, SQL_ATTR_PARAMSET_SIZE, VALUE(ROWS), 0);
    STMT_TEXT(SQLSetStmtAttr, stmt, SQL_ATTR_PARAM_STATUS_PTR, status, 0);
    STMT_TEXT(SQLSetStmtAttr, stmt, SQL_ATTR_PARAMS_PROCESSED_PTR, &processed, 0);
    STMT_TEXT(SQLSetStmtAttr, stmt, SQL_ATTR_PARAM_OPERATION_PTR, operation, 0);
    STMT(SQLBindParameter, stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &rows->id, 0,
         &rows->id_length);
    STMT(SQLBindParameter, stmt, 2, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 20, 0, rows->word,
         sizeof rows->word, &rows->word_length);
    STMT_TEXT(SQLExecDirect, stmt, text("insert into session_array (id, word) values (?, ?)"),
              SQL_NTS);
    STMT(SQLRowCount, stmt, &count);
    say_number("rows", count);
    show_status(processed, status);
    for (int i = 0; i < ROWS; i++) {
        if (!SQL_SUCCEEDED(STMT(SQLMoreResults, stmt)))
            break;
        STMT(SQLRowCount, stmt, &count);
        say_number("rows", count);
    }
    show_status(processed, status);
}

static void array_by_column(SQLHSTMT stmt)
{
    SQLINTEGER ids[ROWS] = {11, 12, 13, 14, 15, 16}, sizes[ROWS] = {1, 2, 3, 4, 5, 6};
    SQLLEN lengths[ROWS] = {0, 0, SQL_NULL_DATA, 0, 0, 0};
    SQLUSMALLINT status[ROWS] = {77, 77, 77, 77, 77, 77};
    SQLULEN processed = 4711, offset = 0;
    STMT_TEXT(SQLPrepare, stmt, text("insert into session_array (id, size) values (?, ?)"),
              SQL_NTS);
    STMT_TEXT(SQLSetStmtAttr, stmt, SQL_ATTR_PARAM_BIND_TYPE, SQL_PARAM_BIND_BY_COLUMN, 0);
    STMT_TEXT(SQLSetStmtAttr, stmt, SQL_ATTR_PARAMSET_SIZE, VALUE(ROWS), 0);
    STMT_TEXT(SQLSetStmtAttr, stmt, SQL_ATTR_PARAM_STATUS_PTR, status, 0);
    STMT_TEXT(SQLSetStmtAttr, stmt, SQL_ATTR_PARAMS_PROCESSED_PTR, &processed, 0);
    STMT_TEXT(SQLSetStmtAttr, stmt, SQL_ATTR_PARAM_BIND_OFFSET_PTR, &offset, 0);
    STMT(SQLBindParameter, stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, ids, 0, NULL);
    STMT(SQLBindParameter, stmt, 2, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, sizes, 0,
         lengths);
    STMT(SQLExecute, stmt);
    show_status(processed, status);
    while (SQL_SUCCEEDED(STMT(SQLMoreResults, stmt)))
        show_status(processed, status);
}

void section_arrays(void)
{
    SQLHSTMT stmt = statement_new();
    run_quietly("delete from session_array");
    array_by_row(stmt);
    statement_free(stmt);
    stmt = statement_new();
    array_by_column(stmt);
    statement_free(stmt);
    stmt = statement_new();
    STMT_TEXT(SQLExecDirect, stmt, text("select * from session_array order by id"), SQL_NTS);
    show_result(stmt, 20);
    statement_free(stmt);
}
