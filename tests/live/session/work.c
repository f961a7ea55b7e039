/* SPDX-License-Identifier: MIT */
/*
 * Errors of every class, transactions, statements that are cancelled, and handles.
 */
#include "tests/live/session/sections.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* What the server says to a client differs with nothing: the tables are set up anew. */
void section_setup(void)
{
    SQLHSTMT stmt = statement_new();
    for (size_t i = 0; session.dialect->setup[i]; i++)
        STMT_TEXT(SQLExecDirect, stmt, text(session.dialect->setup[i]), SQL_NTS);
    statement_free(stmt);
}

/* ---- errors --------------------------------------------------------------------------------- */

static const char *const wrong[] = {
    "select",
    "select * from no_such_table",
    "select no_such_column from session_parent",
    "insert into session_parent (id) values (1)",
    "insert into session_child (id, parent) values (99, 4711)",
    "insert into session_child (id, parent) values (99, null)",
    "create table session_parent (id integer)",
    "select 1/0",
    "select cast('x' as integer)",
    "insert into session_parent (id, amount) values (50, 123456789012345.678)",
    "insert into session_child values (50, 1, 'far too long a word for twenty')",
    "select 'zw\xc3\xb6lf' from \xe6\xbc\xa2\xe5\xad\x97",
    "drop table no_such_table",
    "{call no_such_procedure(1)}",
    "{d 'no date'}",
    "",
};

static void errors_in_order(SQLHSTMT stmt)
{
    struct out o;
    SQLLEN length = 0;
    out_clear(&o);
    STMT(SQLFetch, stmt);
    STMT(SQLExecute, stmt);
    STMT(SQLGetData, stmt, 1, SQL_C_SLONG, o.bytes, 0, &length);
    STMT(SQLCloseCursor, stmt);
    STMT(SQLMoreResults, stmt);
    STMT(SQLFreeStmt, stmt, 4711);
    STMT(SQLBindCol, stmt, 1, 4711, o.bytes, 0, &length);
    STMT(SQLBindCol, stmt, 9999, SQL_C_SLONG, o.bytes, 0, &length);
    STMT(SQLBindParameter, stmt, 0, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, o.bytes, 0,
         NULL);
    STMT(SQLBindParameter, stmt, 1, 4711, SQL_C_SLONG, SQL_INTEGER, 0, 0, o.bytes, 0, NULL);
    STMT_TEXT(SQLExecDirect, stmt, NULL, SQL_NTS);
    STMT_TEXT(SQLExecDirect, stmt, text("select 1"), -7);
    STMT_TEXT(SQLPrepare, stmt, text("select 1"), 0);
    STMT_TEXT(SQLExecDirect, stmt, text("select name, id from session_parent where id = 1"),
              SQL_NTS);
    STMT_TEXT(SQLExecDirect, stmt, text("select 2"), SQL_NTS); /* the cursor is open */
    STMT_TEXT(SQLSetCursorName, stmt, text("late"), SQL_NTS);
    STMT(SQLGetData, stmt, 1, SQL_C_SLONG, o.bytes, 0, &length); /* before the fetch */
    STMT(SQLFetch, stmt);
    STMT(SQLGetData, stmt, 1, SQL_C_SLONG, o.bytes, 0, &length); /* no number */
    STMT(SQLGetData, stmt, 1, SQL_C_TYPE_DATE, o.bytes, 0, &length);
    if (!session.dialect->unsafe) {
        STMT(SQLGetData, stmt, 9, SQL_C_SLONG, o.bytes, 0, &length);
        STMT(SQLGetData, stmt, 2, SQL_C_CHAR, o.bytes, 1, &length);
        STMT(SQLGetData, stmt, 2, SQL_C_STINYINT, NULL, 0, &length);
    }
    STMT(SQLFetchScroll, stmt, SQL_FETCH_PRIOR, 0);
    STMT(SQLSetPos, stmt, 1, SQL_DELETE, 0);
    STMT(SQLFetch, stmt);
    STMT(SQLFetch, stmt);
    STMT(SQLFreeStmt, stmt, SQL_CLOSE);
}

/* Nothing is consumed by looking, and a call on one handle keeps what another has. */
static void twice(SQLHSTMT stmt)
{
    SQLHSTMT other = statement_new();
    STMT_TEXT(SQLExecDirect, stmt, text("select from where"), SQL_NTS);
    STMT_TEXT(SQLExecDirect, other, text("select 1"), SQL_NTS);
    puts("  again");
    say_diagnostics(SQL_HANDLE_STMT, stmt);
    puts("  of the connection");
    say_diagnostics(SQL_HANDLE_DBC, session.dbc);
    puts("  of the environment");
    say_diagnostics(SQL_HANDLE_ENV, session.env);
    statement_free(other);
    STMT_TEXT(SQLPrepare, stmt, text("select 1"), SQL_NTS);
    puts("  after a success");
    say_diagnostics(SQL_HANDLE_STMT, stmt);
}

void section_errors(void)
{
    SQLHSTMT stmt = statement_new();
    for (size_t i = 0; i < COUNT(wrong); i++) {
        SQLRETURN r = STMT_TEXT(SQLExecDirect, stmt, text(wrong[i]), SQL_NTS);
        if (SQL_SUCCEEDED(r))
            show_result(stmt, 3);
        STMT(SQLFreeStmt, stmt, SQL_CLOSE);
        r = STMT_TEXT(SQLPrepare, stmt, text(wrong[i]), SQL_NTS);
        if (SQL_SUCCEEDED(r))
            STMT(SQLExecute, stmt);
        STMT(SQLFreeStmt, stmt, SQL_CLOSE);
    }
    statement_free(stmt);
    run_quietly("delete from session_parent where id = 50");
    run_quietly("delete from session_child where id in (50, 99)");
    stmt = statement_new();
    errors_in_order(stmt);
    statement_free(stmt);
    stmt = statement_new();
    twice(stmt);
    statement_free(stmt);
}

/* ---- transactions --------------------------------------------------------------------------- */

static void count_rows(void)
{
    SQLHSTMT stmt = statement_new();
    STMT_TEXT(SQLExecDirect, stmt, text("select count(*) from session_array"), SQL_NTS);
    show_result(stmt, 2);
    statement_free(stmt);
}

static void end_on(SQLSMALLINT type, SQLHANDLE handle, SQLSMALLINT completion)
{
    char call[60];
    run_quietly("delete from session_array");
    snprintf(call, sizeof call, "SQLEndTran(%d, %d)", type, completion);
    report(call, type, handle, SQLEndTran(type, handle, completion));
    count_rows();
}

void section_transactions(void)
{
    run_quietly("delete from session_array");
    run_quietly("insert into session_array (id, word) values (1, 'one'), (2, 'two')");
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_AUTOCOMMIT, VALUE(SQL_AUTOCOMMIT_OFF), 0);
    end_on(SQL_HANDLE_DBC, session.dbc, SQL_ROLLBACK);
    end_on(SQL_HANDLE_ENV, session.env, SQL_ROLLBACK);
    end_on(SQL_HANDLE_DBC, session.dbc, 4711);
    end_on(SQL_HANDLE_STMT, session.dbc, SQL_COMMIT);
    run_quietly("update session_parent set name = 'in a transaction' where id = 1");
    /* Refused, for a transaction is open; unless there is a pool, which takes it as it is. */
    if (SQL_SUCCEEDED(DBC(SQLDisconnect)) && !section_connect())
        return;
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_TXN_ISOLATION, VALUE(SQL_TXN_SERIALIZABLE), 0);
    end_on(SQL_HANDLE_ENV, session.env, SQL_COMMIT);
    run_quietly("insert into session_array (id, word) values (1, 'one')");
    SQLHSTMT stmt = statement_new();
    STMT_TEXT(SQLExecDirect, stmt, text("select broken from"), SQL_NTS);
    STMT_TEXT(SQLExecDirect, stmt, text("select 1"), SQL_NTS); /* where an error aborts it all */
    statement_free(stmt);
    DBC_TEXT(SQLSetConnectAttr, SQL_ATTR_AUTOCOMMIT, VALUE(SQL_AUTOCOMMIT_ON), 0);
    count_rows();
    end_on(SQL_HANDLE_DBC, session.dbc, SQL_COMMIT);
}

/* ---- cancelling ----------------------------------------------------------------------------- */

struct busy {
    SQLHSTMT stmt;
    bool by_handle;
    atomic_bool done;
    SQLRETURN cancelled;
};

/* Cancels until the other thread is through, seldom enough that no request hits a later call. */
static void *cancel(void *context)
{
    struct busy *b = context;
    for (int tenths = 0; !b->done; tenths++) {
        usleep(100000);
        if (tenths % 30 == 4 && !b->done)
            b->cancelled =
                b->by_handle ? SQLCancelHandle(SQL_HANDLE_STMT, b->stmt) : SQLCancel(b->stmt);
    }
    return NULL;
}

static void cancel_busy(bool by_handle)
{
    struct busy b = {.stmt = statement_new(), .by_handle = by_handle, .cancelled = -7};
    pthread_t thread;
    if (pthread_create(&thread, NULL, cancel, &b) != 0)
        return;
    SQLRETURN r = EITHER(SQLExecDirect, b.stmt, text(session.dialect->long_statement), SQL_NTS);
    if (SQL_SUCCEEDED(r))
        r = SQLFetch(b.stmt);
    b.done = true;
    pthread_join(thread, NULL);
    report("a cancelled statement", SQL_HANDLE_STMT, b.stmt, r);
    printf("    %s: %s\n", by_handle ? "SQLCancelHandle" : "SQLCancel", result_name(b.cancelled));
    SQLFreeStmt(b.stmt, SQL_CLOSE);
    STMT_TEXT(SQLExecDirect, b.stmt, text("select 'usable'"), SQL_NTS);
    show_result(b.stmt, 2);
    statement_free(b.stmt);
}

void section_cancel(void)
{
    SQLHSTMT stmt = statement_new();
    STMT(SQLCancel, stmt); /* nothing runs */
    report("SQLCancelHandle(an idle statement)", SQL_HANDLE_STMT, stmt,
           SQLCancelHandle(SQL_HANDLE_STMT, stmt));
    report("SQLCancelHandle(an idle connection)", SQL_HANDLE_DBC, session.dbc,
           SQLCancelHandle(SQL_HANDLE_DBC, session.dbc));
    if (session.dialect->slow_statement) {
        STMT_TEXT(SQLSetStmtAttr, stmt, SQL_ATTR_QUERY_TIMEOUT, VALUE(1), 0);
        if (SQL_SUCCEEDED(
                STMT_TEXT(SQLExecDirect, stmt, text(session.dialect->slow_statement), SQL_NTS)))
            show_result(stmt, 3);
    }
    statement_free(stmt);
    if (!session.dialect->long_statement)
        return;
    cancel_busy(false);
    if (session.version == SQL_OV_ODBC3_80)
        cancel_busy(true);
}
