/* SPDX-License-Identifier: MIT */
/*
 * Handles freed out of order, many statements, connections in many threads, and the end.
 */
#include "tests/live/session/sections.h"

#include <pthread.h>
#include <stdio.h>

#define MANY    1000
#define THREADS 4
#define ROUNDS  20

/* ---- handles -------------------------------------------------------------------------------- */

static void many_statements(void)
{
    static SQLHSTMT stmts[MANY];
    size_t made = 0, freed = 0;
    for (size_t i = 0; i < MANY; i++)
        made += SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, session.dbc, &stmts[i]));
    for (size_t i = 0; i < MANY; i += 2)
        freed += SQL_SUCCEEDED(SQLFreeHandle(SQL_HANDLE_STMT, stmts[i]));
    for (size_t i = MANY - 1; i < MANY; i -= 2)
        freed += SQL_SUCCEEDED(SQLFreeHandle(SQL_HANDLE_STMT, stmts[i]));
    printf("    statements: made %zu, freed %zu\n", made, freed);
}

void section_handles(void)
{
    SQLHANDLE nothing = SQL_NULL_HANDLE;
    SQLHSTMT stmt = statement_new();
    many_statements();
    ON(SQL_HANDLE_DBC, session.dbc, SQLFreeHandle, SQL_HANDLE_DBC, session.dbc);
    ON(SQL_HANDLE_ENV, session.env, SQLFreeHandle, SQL_HANDLE_ENV, session.env);
    ON(SQL_HANDLE_STMT, stmt, SQLFreeHandle, SQL_HANDLE_DBC, stmt);
    ON(SQL_HANDLE_STMT, stmt, SQLFreeHandle, SQL_HANDLE_STMT, SQL_NULL_HANDLE);
    ON(SQL_HANDLE_DBC, session.dbc, SQLAllocHandle, 4711, session.dbc, &nothing);
    ON(SQL_HANDLE_DBC, session.dbc, SQLAllocHandle, SQL_HANDLE_STMT, session.dbc, NULL);
    ON(SQL_HANDLE_DBC, session.dbc, SQLAllocHandle, SQL_HANDLE_STMT, SQL_NULL_HANDLE, &nothing);
    ON(SQL_HANDLE_STMT, stmt, SQLAllocHandle, SQL_HANDLE_STMT, stmt, &nothing);
    statement_free(stmt);
}

/* ---- threads -------------------------------------------------------------------------------- */

struct worker {
    pthread_t thread;
    SQLHDBC dbc;
    long sum;
};

static bool connect_quietly(SQLHDBC dbc)
{
    SQLCHAR *string = (SQLCHAR *)(void *)(SQLULEN)session.string;
    return SQL_SUCCEEDED(
        SQLDriverConnect(dbc, NULL, string, SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT));
}

static void *work(void *context)
{
    struct worker *w = context;
    static char select[] = "select id from session_parent where id <= 5";
    for (int i = 0; i < ROUNDS; i++) {
        SQLHSTMT stmt;
        SQLINTEGER id;
        SQLLEN length;
        if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, w->dbc, &stmt)))
            continue;
        SQLExecDirect(stmt, (SQLCHAR *)select, SQL_NTS);
        while (SQL_SUCCEEDED(SQLFetch(stmt)))
            if (SQL_SUCCEEDED(SQLGetData(stmt, 1, SQL_C_SLONG, &id, 0, &length)))
                w->sum += id;
        SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    }
    return NULL;
}

/* Each thread on a connection of its own; then one connection handed from thread to thread. */
void section_threads(void)
{
    SQLHDBC connections[THREADS];
    struct worker workers[THREADS] = {{.sum = 0}};
    for (int i = 0; i < THREADS; i++) {
        SQLAllocHandle(SQL_HANDLE_DBC, session.env, &connections[i]);
        workers[i].dbc = connections[i];
        if (!connect_quietly(connections[i]))
            puts("    not connected");
    }
    for (int i = 0; i < THREADS; i++)
        pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    for (int i = 0; i < THREADS; i++)
        pthread_join(workers[i].thread, NULL);
    for (int i = 1; i < THREADS; i++) {
        workers[i].dbc = connections[0];
        pthread_create(&workers[i].thread, NULL, work, &workers[i]);
        pthread_join(workers[i].thread, NULL);
    }
    for (int i = 0; i < THREADS; i++) {
        say_number("sum", workers[i].sum);
        report("SQLDisconnect", SQL_HANDLE_DBC, connections[i], SQLDisconnect(connections[i]));
        SQLFreeHandle(SQL_HANDLE_DBC, connections[i]);
    }
}

/* ---- the end --------------------------------------------------------------------------------- */

void section_disconnect(void)
{
    SQLHSTMT stmt = statement_new();
    STMT_TEXT(SQLExecDirect, stmt, text("select 1"), SQL_NTS);
    DBC(SQLDisconnect); /* the statement goes with it */
    DBC(SQLDisconnect);
    ON(SQL_HANDLE_DBC, session.dbc, SQLAllocHandle, SQL_HANDLE_STMT, session.dbc, &stmt);
}
