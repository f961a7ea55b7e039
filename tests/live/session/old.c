/* SPDX-License-Identifier: MIT */
/*
 * The functions of ODBC 2.
 */
#include "tests/live/session/sections.h"

#include <stdio.h>
#include <string.h>

#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

/* SQLError takes each record off its handle. */
static void say_errors(SQLHENV env, SQLHDBC dbc, SQLHSTMT stmt)
{
    for (int i = 0; i < 5; i++) {
        struct out state, message;
        SQLINTEGER native = -4711;
        SQLSMALLINT length = -7;
        out_clear(&state);
        out_clear(&message);
        SQLRETURN r = EITHER(SQLError, env, dbc, stmt, (void *)state.bytes, &native,
                             (void *)message.bytes, i == 0 ? 20 : 1000, &length);
        printf("    SQLError: %s, native %d, length %d\n", result_name(r), (int)native, length);
        out_text("state", &state);
        out_text("message", &message);
        if (!SQL_SUCCEEDED(r))
            return;
    }
}

static void column_attributes(SQLHSTMT stmt)
{
    for (SQLUSMALLINT column = 0; column <= 2; column++)
        for (SQLUSMALLINT field = 0; field <= 20; field++) {
            struct out o;
            SQLSMALLINT length = -7;
            SQLLEN number = -4711;
            char call[80];
            out_clear(&o);
            snprintf(call, sizeof call, "SQLColAttributes(%d, %d)", column, field);
            SQLRETURN r = report(
                call, SQL_HANDLE_STMT, stmt,
                EITHER(SQLColAttributes, stmt, column, field, o.bytes, 200, &length, &number));
            out_told("text", &o, r, length);
            say_number("length", length);
            say_number("number", number);
        }
}

static void options(SQLHSTMT stmt)
{
    struct out o;
    for (SQLUSMALLINT option = 0; option <= 14; option++) {
        out_clear(&o);
        STMT(SQLGetStmtOption, stmt, option, o.bytes);
        out_bytes("bytes", &o);
    }
    STMT(SQLSetStmtOption, stmt, SQL_MAX_ROWS, 2);
    STMT(SQLSetStmtOption, stmt, SQL_CURSOR_TYPE, SQL_CURSOR_STATIC);
    STMT(SQLSetStmtOption, stmt, 4711, 1);
    for (SQLUSMALLINT option = 101; option <= 112; option++) {
        if (option == SQL_OPT_TRACE || option == SQL_OPT_TRACEFILE || option == SQL_QUIET_MODE ||
            option == SQL_TRANSLATE_DLL)
            continue;
        out_clear(&o);
        if (option ==
            SQL_CURRENT_QUALIFIER) /* of what the driver leaves the manager makes a text */
            memset(o.bytes, 0, sizeof(SQLWCHAR));
        DBC_TEXT(SQLGetConnectOption, option, o.bytes);
        out_bytes("bytes", &o);
    }
    DBC_TEXT(SQLSetConnectOption, SQL_AUTOCOMMIT, SQL_AUTOCOMMIT_OFF);
    DBC_TEXT(SQLSetConnectOption, SQL_AUTOCOMMIT, SQL_AUTOCOMMIT_ON);
    DBC_TEXT(SQLSetConnectOption, SQL_CURRENT_QUALIFIER, (SQLULEN)text("no such catalogue"));
    DBC_TEXT(SQLSetConnectOption, 4711, 1);
}

static void extended_fetch(void)
{
    SQLINTEGER id[3] = {-1, -1, -1};
    SQLLEN length[3] = {-7, -7, -7};
    SQLUSMALLINT status[3] = {77, 77, 77};
    SQLULEN rows = 4711;
    SQLHSTMT stmt = statement_new();
    STMT(SQLSetScrollOptions, stmt, SQL_CONCUR_READ_ONLY, SQL_SCROLL_STATIC, 3);
    STMT(SQLSetStmtOption, stmt, SQL_ROWSET_SIZE, 3);
    STMT(SQLBindCol, stmt, 1, SQL_C_SLONG, id, 0, length);
    STMT_TEXT(SQLExecDirect, stmt, text("select id from session_parent order by id"), SQL_NTS);
    for (int i = 0; i < 4; i++) {
        STMT(SQLExtendedFetch, stmt, SQL_FETCH_NEXT, 0, &rows, status);
        printf("    rows %lu: %d %d %d, status %d %d %d\n", (unsigned long)rows, (int)id[0],
               (int)id[1], (int)id[2], status[0], status[1], status[2]);
    }
    STMT(SQLExtendedFetch, stmt, SQL_FETCH_FIRST, 0, &rows, status);
    STMT(SQLExtendedFetch, stmt, SQL_FETCH_ABSOLUTE, 2, &rows, status);
    STMT(SQLFetch, stmt);
    STMT(SQLFreeStmt, stmt, SQL_CLOSE);
    statement_free(stmt);
}

static void parameter_options(void)
{
    SQLINTEGER id[2] = {201, 202};
    SQLULEN row = 4711;
    SQLLEN length = 0;
    SQLHSTMT stmt = statement_new();
    STMT(SQLSetParam, stmt, 1, SQL_C_SLONG, SQL_INTEGER, 0, 0, id, &length);
    STMT_TEXT(SQLExecDirect, stmt, text("select name from session_parent where id < ? - 200"),
              SQL_NTS);
    show_result(stmt, 5);
    STMT(SQLFreeStmt, stmt, SQL_CLOSE);
    STMT(SQLBindParam, stmt, 1, SQL_C_SLONG, SQL_INTEGER, 0, 0, id, &length);
    STMT(SQLParamOptions, stmt, 2, &row);
    STMT_TEXT(SQLExecDirect, stmt, text("insert into session_array (id) values (?)"), SQL_NTS);
    say_number("row", (long)row);
    STMT(SQLFreeStmt, stmt, SQL_DROP);
    run_quietly("delete from session_array");
}

void section_old_functions(void)
{
    SQLHSTMT stmt = SQL_NULL_HSTMT;
    DBC(SQLAllocStmt, &stmt);
    if (!stmt)
        return;
    EITHER(SQLExecDirect, stmt, text("select * from no_such_table"), SQL_NTS);
    say_errors(session.env, session.dbc, stmt);
    EITHER(SQLExecDirect, stmt, text("select broken from"), SQL_NTS);
    say_errors(SQL_NULL_HENV, SQL_NULL_HDBC, stmt);
    say_errors(session.env, session.dbc, SQL_NULL_HSTMT);
    say_errors(session.env, SQL_NULL_HDBC, SQL_NULL_HSTMT);
    STMT_TEXT(SQLExecDirect, stmt, text("select id, name from session_parent"), SQL_NTS);
    column_attributes(stmt);
    STMT(SQLFreeStmt, stmt, SQL_CLOSE);
    options(stmt);
    STMT(SQLFreeStmt, stmt, SQL_DROP);
    extended_fetch();
    parameter_options();
    ON(SQL_HANDLE_DBC, session.dbc, SQLTransact, session.env, session.dbc, SQL_COMMIT);
    ON(SQL_HANDLE_ENV, session.env, SQLTransact, session.env, SQL_NULL_HDBC, SQL_ROLLBACK);
    ON(SQL_HANDLE_DBC, session.dbc, SQLTransact, SQL_NULL_HENV, session.dbc, 4711);

    SQLHENV env = SQL_NULL_HENV;
    SQLHDBC dbc = SQL_NULL_HDBC;
    ON(SQL_HANDLE_ENV, env, SQLAllocEnv, &env);
    ON(SQL_HANDLE_ENV, env, SQLAllocConnect, env, &dbc);
    SQLHDBC first = session.dbc;
    session.dbc = dbc;
    if (section_connect()) {
        SQLHSTMT other = SQL_NULL_HSTMT;
        DBC(SQLAllocStmt, &other);
        STMT_TEXT(SQLExecDirect, other, text("select broken from"), SQL_NTS);
        DBC(SQLDisconnect);
    }
    session.dbc = first;
    ON(SQL_HANDLE_DBC, dbc, SQLFreeConnect, dbc);
    ON(SQL_HANDLE_ENV, env, SQLFreeEnv, env);
}
