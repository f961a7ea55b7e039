/* SPDX-License-Identifier: MIT */
/*
 * The price of the shim's functions, called as the driver manager calls them: by pointers that
 * dlsym gave. The same calls go to the fake driver directly and to the shim before that very
 * driver, in turns.
 *
 *     forward FAKE SHIM FUNCTION COUNT ROUNDS    times both, in ns a call, a line for each round
 *     forward FAKE SHIM FUNCTION COUNT direct    calls one side alone, to be counted by a tool
 *     forward FAKE SHIM FUNCTION COUNT shim
 *     forward FAKE SHIM hold CONNECTIONS SECONDS holds them open, and prints the processor time in
 *                                                ns of all threads but its own meanwhile
 *     forward load LIBRARY                       prints what dlopen takes, in seconds
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/clock.h"
#include "tests/fake/fake.h"

/* Of the functions that are called here, by name. */
#define FUNCTIONS(ROW)                                                                             \
    ROW(SQLAllocHandle)                                                                            \
    ROW(SQLFreeHandle)                                                                             \
    ROW(SQLSetEnvAttr)                                                                             \
    ROW(SQLDriverConnect)                                                                          \
    ROW(SQLDisconnect)                                                                             \
    ROW(SQLFetch)                                                                                  \
    ROW(SQLBindCol)                                                                                \
    ROW(SQLExecute)                                                                                \
    ROW(SQLExecDirect)                                                                             \
    ROW(SQLEndTran)                                                                                \
    ROW(SQLGetConnectAttr)                                                                         \
    ROW(SQLSetConnectAttr)                                                                         \
    ROW(SQLGetStmtAttr)                                                                            \
    ROW(SQLGetFunctions)

struct side {
    void *library;
    SQLHENV env;
    SQLHDBC dbc;
    SQLHSTMT stmt;
#define ROW(name) __typeof__(&name) name;
    FUNCTIONS(ROW)
#undef ROW
};

static char string[8192]; /* of the connection */

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "forward: %s\n", what);
    exit(1);
}

static void load(struct side *s, const char *path)
{
    s->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    must(s->library != NULL, dlerror());
#define ROW(name)                                                                                  \
    *(void **)&s->name = dlsym(s->library, #name);                                                 \
    must(s->name != NULL, #name " is not exported");
    FUNCTIONS(ROW)
#undef ROW
}

static SQLHDBC new_connection(struct side *s)
{
    SQLHDBC dbc;

    must(s->SQLAllocHandle(SQL_HANDLE_DBC, s->env, &dbc) == SQL_SUCCESS, "no connection handle");
    must(SQL_SUCCEEDED(s->SQLDriverConnect(dbc, NULL, (SQLCHAR *)string, SQL_NTS, NULL, 0, NULL,
                                           SQL_DRIVER_NOPROMPT)),
         "cannot connect");
    return dbc;
}

static void begin(struct side *s, const char *path)
{
    load(s, path);
    must(s->SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &s->env) == SQL_SUCCESS,
         "no environment");
    must(s->SQLSetEnvAttr(s->env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0) ==
             SQL_SUCCESS,
         "no ODBC 3");
    s->dbc = new_connection(s);
    must(s->SQLAllocHandle(SQL_HANDLE_STMT, s->dbc, &s->stmt) == SQL_SUCCESS, "no statement");
}

/* ---- the calls ------------------------------------------------------------------------------ */

#define CALL(label, ...)                                                                           \
    static void call_##label(const struct side *s, long count)                                     \
    {                                                                                              \
        for (long i = 0; i < count; i++) {                                                         \
            __VA_ARGS__;                                                                           \
        }                                                                                          \
    }

CALL(SQLFetch, s->SQLFetch(s->stmt))
CALL(SQLBindCol, s->SQLBindCol(s->stmt, 1, SQL_C_LONG, NULL, 0, NULL))
CALL(SQLExecute, s->SQLExecute(s->stmt))
CALL(SQLExecDirect, s->SQLExecDirect(s->stmt, (SQLCHAR *)string, SQL_NTS))
CALL(SQLGetStmtAttr, s->SQLGetStmtAttr(s->stmt, SQL_ATTR_QUERY_TIMEOUT, &(SQLULEN){0}, 0, NULL))
CALL(SQLEndTran, s->SQLEndTran(SQL_HANDLE_DBC, s->dbc, SQL_COMMIT))
CALL(SQLGetConnectAttr, s->SQLGetConnectAttr(s->dbc, SQL_ATTR_CONNECTION_DEAD, &(SQLUINTEGER){0},
                                             SQL_IS_UINTEGER, NULL))
CALL(SQLSetConnectAttr, s->SQLSetConnectAttr(s->dbc, SQL_ATTR_AUTOCOMMIT,
                                             (SQLPOINTER)SQL_AUTOCOMMIT_ON, SQL_IS_UINTEGER))
CALL(SQLGetFunctions,
     s->SQLGetFunctions(s->dbc, SQL_API_ODBC3_ALL_FUNCTIONS, (SQLUSMALLINT[250]){0}))
CALL(statement, SQLHSTMT stmt; s->SQLAllocHandle(SQL_HANDLE_STMT, s->dbc, &stmt);
     s->SQLFreeHandle(SQL_HANDLE_STMT, stmt))

static const struct {
    const char *name;
    void (*call)(const struct side *s, long count);
} calls[] = {
    {"SQLFetch", call_SQLFetch},
    {"SQLBindCol", call_SQLBindCol},
    {"SQLExecute", call_SQLExecute},
    {"SQLExecDirect", call_SQLExecDirect},
    {"SQLGetStmtAttr", call_SQLGetStmtAttr},
    {"SQLEndTran", call_SQLEndTran},
    {"SQLGetConnectAttr", call_SQLGetConnectAttr},
    {"SQLSetConnectAttr", call_SQLSetConnectAttr},
    {"SQLGetFunctions", call_SQLGetFunctions},
    {"statement", call_statement},
};

static double nanoseconds(void (*call)(const struct side *, long), const struct side *s, long count)
{
    double start = BENCH_THREAD;

    call(s, count);
    return (BENCH_THREAD - start) * 1e9 / (double)count;
}

static int run(struct side *direct, struct side *shim, char **argv)
{
    void (*call)(const struct side *, long) = NULL;
    long count = atol(argv[1]);

    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
        if (strcmp(calls[i].name, argv[0]) == 0)
            call = calls[i].call;
    must(call != NULL, "no such function");
    if (strcmp(argv[2], "direct") == 0) {
        call(direct, count);
    } else if (strcmp(argv[2], "shim") == 0) {
        call(shim, count);
    } else {
        for (long round = atol(argv[2]); round > 0; round--) {
            double a = nanoseconds(call, direct, count);

            printf("%.4f %.4f\n", a, nanoseconds(call, shim, count));
        }
    }
    return 0;
}

/* ---- the reporter --------------------------------------------------------------------------- */

static int hold(struct side *shim, long connections, double seconds)
{
    double before;

    for (long i = 1; i < connections; i++)
        (void)new_connection(shim);
    sleep(1); /* the first reports, with their names to look up and their buffers to make */
    before = BENCH_PROCESS - BENCH_THREAD;
    usleep((useconds_t)(seconds * 1e6));
    printf("%.0f\n", (BENCH_PROCESS - BENCH_THREAD - before) * 1e9);
    return 0;
}

static int time_load(const char *path)
{
    double start = BENCH_WALL;
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);

    must(library != NULL, dlerror());
    printf("%.9f\n", BENCH_WALL - start);
    return 0;
}

int main(int argc, char **argv)
{
    struct side direct, shim;
    struct fake_control *(*control)(void);

    if (argc == 3 && strcmp(argv[1], "load") == 0)
        return time_load(argv[2]);
    must(argc == 6, "usage: see the head of forward.c");
    snprintf(string, sizeof(string), "DRIVER={shim};Target=%s;CollectdProgramName=bench", argv[1]);
    begin(&direct, argv[1]);
    *(void **)&control = dlsym(direct.library, "fake_control");
    must(control != NULL, "this is not the fake driver");
    control()->quiet = true;
    begin(&shim, argv[2]);
    if (strcmp(argv[3], "hold") == 0)
        return hold(&shim, atol(argv[4]), atof(argv[5]));
    return run(&direct, &shim, argv + 3);
}
