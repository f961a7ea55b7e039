/* SPDX-License-Identifier: MIT */
/*
 * An ODBC application that does one thing over and over through the driver manager, in some threads
 * with an environment and a connection each. Prints the wall and the processor time in seconds.
 *
 *     work STRING prepare   N THREADS   prepare, bind, execute, fetch, close, on one statement
 *     work STRING execute   N THREADS   the same, on a statement that is made and freed each time
 *     work STRING statement N THREADS   execute and fetch "select 1", on one statement
 *     work STRING connect   N THREADS   connect and disconnect
 *
 * With a fifth argument it has an idle thread besides, as most programs of some size do.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sql.h>
#include <sqlext.h>

#include "bench/clock.h"

static SQLCHAR *string;
static long count;
static SQLCHAR add_one[] = "select ? + 1", select_1[] = "select 1";

static void must(SQLRETURN r, SQLSMALLINT type, SQLHANDLE handle, const char *what)
{
    SQLCHAR state[6] = "", text[512] = "";

    if (SQL_SUCCEEDED(r))
        return;
    SQLGetDiagRec(type, handle, 1, state, NULL, text, sizeof(text), NULL);
    fprintf(stderr, "work: %s: %s %s\n", what, (char *)state, (char *)text);
    exit(1);
}

static SQLHANDLE make(SQLSMALLINT type, SQLHANDLE parent)
{
    SQLHANDLE handle = SQL_NULL_HANDLE;

    must(SQLAllocHandle(type, parent, &handle), (SQLSMALLINT)(type - 1), parent, "SQLAllocHandle");
    return handle;
}

static SQLHDBC connected(SQLHENV env)
{
    SQLHDBC dbc = make(SQL_HANDLE_DBC, env);

    must(SQLDriverConnect(dbc, NULL, string, SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT),
         SQL_HANDLE_DBC, dbc, "connect");
    return dbc;
}

static void disconnect(SQLHDBC dbc)
{
    must(SQLDisconnect(dbc), SQL_HANDLE_DBC, dbc, "disconnect");
    SQLFreeHandle(SQL_HANDLE_DBC, dbc);
}

#define DO(stmt, call) must(call, SQL_HANDLE_STMT, stmt, #call)

static void execute_once(SQLHSTMT stmt, long i)
{
    SQLINTEGER value = (SQLINTEGER)i;
    SQLLEN length = 0;

    DO(stmt, SQLPrepare(stmt, add_one, SQL_NTS));
    DO(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_LONG, SQL_INTEGER, 0, 0, &value, 0,
                              &length));
    DO(stmt, SQLExecute(stmt));
    DO(stmt, SQLFetch(stmt));
}

static void execute(SQLHENV env, SQLHDBC dbc)
{
    (void)env;
    for (long i = 0; i < count; i++) {
        SQLHSTMT stmt = make(SQL_HANDLE_STMT, dbc);

        execute_once(stmt, i);
        SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    }
}

static void prepare(SQLHENV env, SQLHDBC dbc)
{
    SQLHSTMT stmt = make(SQL_HANDLE_STMT, dbc);

    (void)env;
    for (long i = 0; i < count; i++) {
        execute_once(stmt, i);
        DO(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    }
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
}

static void statement(SQLHENV env, SQLHDBC dbc)
{
    SQLHSTMT stmt = make(SQL_HANDLE_STMT, dbc);

    (void)env;
    for (long i = 0; i < count; i++) {
        DO(stmt, SQLExecDirect(stmt, select_1, SQL_NTS));
        DO(stmt, SQLFetch(stmt));
        DO(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    }
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
}

static void reconnect(SQLHENV env, SQLHDBC dbc)
{
    (void)dbc;
    for (long i = 0; i < count; i++)
        disconnect(connected(env));
}

static const struct {
    const char *name;
    void (*run)(SQLHENV env, SQLHDBC dbc);
} kinds[] = {
    {"prepare", prepare}, {"execute", execute}, {"statement", statement}, {"connect", reconnect}};

static void (*kind)(SQLHENV env, SQLHDBC dbc);
static pthread_barrier_t ready, go, done;

static void *work(void *unused)
{
    SQLHENV env = make(SQL_HANDLE_ENV, SQL_NULL_HANDLE);
    SQLHDBC dbc;

    SQLSetEnvAttr(env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0);
    dbc = connected(env);
    pthread_barrier_wait(&ready);
    pthread_barrier_wait(&go);
    kind(env, dbc);
    pthread_barrier_wait(&done);
    disconnect(dbc);
    SQLFreeHandle(SQL_HANDLE_ENV, env);
    return unused;
}

static void *idle(void *unused)
{
    pause();
    return unused;
}

/* In the calling thread: a program of one thread has no other, which the C library makes use of. */
static void work_alone(void)
{
    SQLHENV env = make(SQL_HANDLE_ENV, SQL_NULL_HANDLE);
    SQLHDBC dbc;
    double wall, process;

    SQLSetEnvAttr(env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0);
    dbc = connected(env);
    wall = BENCH_WALL;
    process = BENCH_PROCESS;
    kind(env, dbc);
    printf("%.9f %.9f\n", BENCH_WALL - wall, BENCH_PROCESS - process);
    disconnect(dbc);
    SQLFreeHandle(SQL_HANDLE_ENV, env);
}

static void work_in_threads(unsigned threads)
{
    pthread_t *ids = calloc(threads, sizeof(*ids));
    double wall, process;

    pthread_barrier_init(&ready, NULL, threads + 1);
    pthread_barrier_init(&go, NULL, threads + 1);
    pthread_barrier_init(&done, NULL, threads + 1);
    for (unsigned i = 0; i < threads; i++)
        if (ids == NULL || pthread_create(&ids[i], NULL, work, NULL) != 0)
            exit(1);
    pthread_barrier_wait(&ready);
    wall = BENCH_WALL;
    process = BENCH_PROCESS;
    pthread_barrier_wait(&go);
    pthread_barrier_wait(&done);
    printf("%.9f %.9f\n", BENCH_WALL - wall, BENCH_PROCESS - process);
    for (unsigned i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    free(ids);
}

int main(int argc, char **argv)
{
    pthread_t second;
    long threads;

    if (argc < 5) {
        fprintf(stderr, "usage: work STRING prepare|execute|statement|connect N THREADS [idle]\n");
        return 2;
    }
    string = (SQLCHAR *)argv[1];
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(argv[2], kinds[i].name) == 0)
            kind = kinds[i].run;
    count = atol(argv[3]);
    threads = atol(argv[4]);
    if (kind == NULL || threads < 1)
        return 2;
    if (argc > 5 && pthread_create(&second, NULL, idle, NULL) != 0)
        return 1;
    if (threads == 1)
        work_alone();
    else
        work_in_threads((unsigned)threads);
    return 0;
}
