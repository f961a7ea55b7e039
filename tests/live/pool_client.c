/* SPDX-License-Identifier: MIT */
/*
 * An ODBC program that does what its standard input says, a line at a time, and answers each line
 * when it is done: so a test can hold it at any moment and look at collectd meanwhile. The library
 * that it calls is an argument: the driver manager, or the shim itself, whose manager it then is.
 * `commands` below lists what it knows.
 */
#include <dlfcn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sql.h>
#include <sqlext.h>

#define SLOTS      256
#define NAME_BYTES 32
#define LINE_BYTES 4096

/* What is called, in the library of the argument and nowhere else. */
#define ENTRIES(ENTRY)                                                                             \
    ENTRY(SQLAllocHandle)                                                                          \
    ENTRY(SQLFreeHandle)                                                                           \
    ENTRY(SQLSetEnvAttr)                                                                           \
    ENTRY(SQLConnect)                                                                              \
    ENTRY(SQLDriverConnect)                                                                        \
    ENTRY(SQLBrowseConnect)                                                                        \
    ENTRY(SQLDisconnect)                                                                           \
    ENTRY(SQLSetConnectAttr)                                                                       \
    ENTRY(SQLGetConnectAttr)                                                                       \
    ENTRY(SQLExecDirect)                                                                           \
    ENTRY(SQLPrepare)                                                                              \
    ENTRY(SQLExecute)                                                                              \
    ENTRY(SQLEndTran)                                                                              \
    ENTRY(SQLGetDiagRec)

static struct {
#define ENTRY(name) __typeof__(name) *name;
    ENTRIES(ENTRY)
#undef ENTRY
} odbc;

/* A named handle of any kind. */
struct slot {
    char name[NAME_BYTES];
    SQLSMALLINT type;
    SQLHANDLE handle;
};

enum { BY_STRING, BY_DSN, BY_BROWSING };

static struct slot slots[SLOTS];
static SQLHENV environment; /* in which connections are made */
static SQLULEN version = SQL_OV_ODBC3_80;

static void reply(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void reply(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
}

static void die(const char *what, const char *which)
{
    fprintf(stderr, "pool_client: %s %s\n", what, which);
    exit(2);
}

/* Answers with the first SQLSTATE where a call has failed. All records are read, as programs do. */
static bool succeeded(SQLRETURN r, SQLSMALLINT type, SQLHANDLE handle)
{
    SQLCHAR state[6] = "", first[6] = "HY000", text[512];
    SQLINTEGER native;

    if (SQL_SUCCEEDED(r) || r == SQL_NO_DATA)
        return true;
    for (SQLSMALLINT i = 1;
         handle && SQL_SUCCEEDED(odbc.SQLGetDiagRec(type, handle, i, state, &native, text,
                                                    sizeof text, NULL));
         i++) {
        if (i == 1)
            memcpy(first, state, sizeof first);
        fprintf(stderr, "pool_client: %s %s\n", (char *)state, (char *)text);
    }
    reply("error %s", (char *)first);
    return false;
}

static void answer(SQLRETURN r, SQLSMALLINT type, SQLHANDLE handle)
{
    if (succeeded(r, type, handle))
        reply("ok");
}

/* The ODBC prototypes know no const; what is read through them is not written to. */
static SQLCHAR *text_of(const char *text)
{
    return (SQLCHAR *)(uintptr_t)text;
}

/* ---- named handles -------------------------------------------------------------------------- */

static struct slot *find(SQLSMALLINT type, const char *name)
{
    for (struct slot *s = slots; s < slots + SLOTS; s++)
        if (s->handle && s->type == type && strcmp(s->name, name) == 0)
            return s;
    return NULL;
}

static SQLHANDLE named(SQLSMALLINT type, const char *name)
{
    struct slot *s = find(type, name);

    if (!s)
        die("there is no", name);
    return s->handle;
}

static void keep(SQLSMALLINT type, const char *name, SQLHANDLE handle)
{
    struct slot *s = slots;

    while (s < slots + SLOTS && s->handle)
        s++;
    if (s == slots + SLOTS || strlen(name) >= NAME_BYTES)
        die("no room for", name);
    strcpy(s->name, name);
    s->type = type;
    s->handle = handle;
}

static SQLRETURN drop(SQLSMALLINT type, const char *name)
{
    struct slot *s = find(type, name);
    SQLRETURN r = s ? odbc.SQLFreeHandle(type, s->handle) : SQL_INVALID_HANDLE;

    if (SQL_SUCCEEDED(r))
        s->handle = NULL;
    return r;
}

/* ---- commands: a word, a name, and the rest of the line -------------------------------------- */

/* A line, and what the table has for its word. */
struct request {
    const char *name, *rest;
    SQLSMALLINT type;
    SQLINTEGER value;
};

static void do_environment(const struct request *q)
{
    struct slot *s = find(SQL_HANDLE_ENV, q->name);

    if (s) {
        environment = s->handle;
    } else {
        if (!SQL_SUCCEEDED(odbc.SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment)))
            die("no environment", q->name);
        odbc.SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)version, 0);
        keep(SQL_HANDLE_ENV, q->name, environment);
    }
    reply("ok");
}

static void do_connect(const struct request *q)
{
    SQLHDBC dbc = SQL_NULL_HDBC;
    SQLCHAR completed[LINE_BYTES];
    SQLSMALLINT length;
    SQLRETURN r;

    if (!SQL_SUCCEEDED(odbc.SQLAllocHandle(SQL_HANDLE_DBC, environment, &dbc)))
        die("no connection handle for", q->name);
    if (q->value == BY_STRING)
        r = odbc.SQLDriverConnect(dbc, NULL, text_of(q->rest), SQL_NTS, NULL, 0, NULL,
                                  SQL_DRIVER_NOPROMPT);
    else if (q->value == BY_DSN)
        r = odbc.SQLConnect(dbc, text_of(q->rest), SQL_NTS, NULL, 0, NULL, 0);
    else
        r = odbc.SQLBrowseConnect(dbc, text_of(q->rest), SQL_NTS, completed, sizeof completed,
                                  &length);
    if (succeeded(r, SQL_HANDLE_DBC, dbc)) {
        keep(SQL_HANDLE_DBC, q->name, dbc);
        reply("ok");
    } else {
        odbc.SQLFreeHandle(SQL_HANDLE_DBC, dbc);
    }
}

/* Disconnects and frees; the handle stays where the disconnect fails. */
static void do_disconnect(const struct request *q)
{
    SQLHDBC dbc = named(SQL_HANDLE_DBC, q->name);

    if (succeeded(odbc.SQLDisconnect(dbc), SQL_HANDLE_DBC, dbc))
        answer(drop(SQL_HANDLE_DBC, q->name), SQL_HANDLE_DBC, dbc);
}

/* A driver manager's pool takes a connection back, whatever the driver says to it. */
static void do_reset(const struct request *q)
{
    odbc.SQLSetConnectAttr(named(SQL_HANDLE_DBC, q->name), SQL_ATTR_RESET_CONNECTION,
                           (SQLPOINTER)SQL_RESET_CONNECTION_YES, SQL_IS_UINTEGER);
    reply("ok");
}

/* SQL_ATTR_CONNECTION_DEAD, as an application asks it or in the form of a driver manager. */
static void do_ask(const struct request *q)
{
    SQLUINTEGER dead = SQL_CD_FALSE;
    SQLINTEGER length = 0;
    SQLHDBC dbc = named(SQL_HANDLE_DBC, q->name);
    SQLRETURN r = odbc.SQLGetConnectAttr(dbc, SQL_ATTR_CONNECTION_DEAD, &dead, q->value,
                                         q->value == SQL_IS_INTEGER ? NULL : &length);

    if (succeeded(r, SQL_HANDLE_DBC, dbc))
        reply("ok %s", dead == SQL_CD_TRUE ? "dead" : "alive");
}

static void do_autocommit(const struct request *q)
{
    SQLHDBC dbc = named(SQL_HANDLE_DBC, q->name);

    answer(odbc.SQLSetConnectAttr(dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)(SQLULEN)q->value,
                                  SQL_IS_UINTEGER),
           SQL_HANDLE_DBC, dbc);
}

static void do_end(const struct request *q)
{
    SQLHANDLE handle = named(q->type, q->name);

    answer(odbc.SQLEndTran(q->type, handle, (SQLSMALLINT)q->value), q->type, handle);
}

static SQLHSTMT new_statement(const char *name)
{
    SQLHSTMT stmt = SQL_NULL_HSTMT;
    SQLHDBC dbc = named(SQL_HANDLE_DBC, name);

    return succeeded(odbc.SQLAllocHandle(SQL_HANDLE_STMT, dbc, &stmt), SQL_HANDLE_DBC, dbc) ? stmt
                                                                                            : NULL;
}

/* A statement by the name of its connection, that lives until `free-statement`. */
static void do_allocate(const struct request *q)
{
    SQLHSTMT stmt = new_statement(q->name);

    if (!stmt)
        return;
    keep(SQL_HANDLE_STMT, q->name, stmt);
    reply("ok");
}

static void do_prepare(const struct request *q)
{
    SQLHSTMT stmt = named(SQL_HANDLE_STMT, q->name);

    answer(odbc.SQLPrepare(stmt, text_of(q->rest), SQL_NTS), SQL_HANDLE_STMT, stmt);
}

static void do_execute(const struct request *q)
{
    SQLHSTMT stmt = named(SQL_HANDLE_STMT, q->name);

    answer(*q->rest ? odbc.SQLExecDirect(stmt, text_of(q->rest), SQL_NTS) : odbc.SQLExecute(stmt),
           SQL_HANDLE_STMT, stmt);
}

/* Executes on a statement of its own, and frees it again. */
static void do_exec(const struct request *q)
{
    SQLHSTMT stmt = new_statement(q->name);
    bool done;

    if (!stmt)
        return;
    done = succeeded(odbc.SQLExecDirect(stmt, text_of(q->rest), SQL_NTS), SQL_HANDLE_STMT, stmt);
    odbc.SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    if (done)
        reply("ok");
}

static void do_free(const struct request *q)
{
    SQLHANDLE handle = named(q->type, q->name);

    answer(drop(q->type, q->name), q->type, handle);
}

static const struct {
    const char *word;
    void (*act)(const struct request *q);
    SQLSMALLINT type;
    SQLINTEGER value;
} commands[] = {
    {"environment", do_environment, 0, 0}, /* makes the environment, or goes back to it */
    {"free-environment", do_free, SQL_HANDLE_ENV, 0},
    {"connect", do_connect, 0, BY_STRING},  /* NAME CONNECTION-STRING */
    {"dsn", do_connect, 0, BY_DSN},         /* NAME DSN */
    {"browse", do_connect, 0, BY_BROWSING}, /* NAME CONNECTION-STRING */
    {"disconnect", do_disconnect, 0, 0},
    {"reset", do_reset, 0, 0},
    {"ask", do_ask, 0, sizeof(SQLUINTEGER)},
    {"probe", do_ask, 0, SQL_IS_INTEGER},
    {"manual", do_autocommit, 0, SQL_AUTOCOMMIT_OFF},
    {"automatic", do_autocommit, 0, SQL_AUTOCOMMIT_ON},
    {"commit", do_end, SQL_HANDLE_DBC, SQL_COMMIT},
    {"rollback", do_end, SQL_HANDLE_DBC, SQL_ROLLBACK},
    {"commit-environment", do_end, SQL_HANDLE_ENV, SQL_COMMIT},
    {"rollback-environment", do_end, SQL_HANDLE_ENV, SQL_ROLLBACK},
    {"exec", do_exec, 0, 0}, /* NAME SQL */
    {"allocate", do_allocate, 0, 0},
    {"prepare", do_prepare, 0, 0}, /* NAME SQL */
    {"execute", do_execute, 0, 0}, /* NAME [SQL] */
    {"free-statement", do_free, SQL_HANDLE_STMT, 0},
};

static void obey(char *line)
{
    char *word = strtok(line, " \n");
    char *name = strtok(NULL, " \n");
    char *rest = strtok(NULL, "\n");

    for (size_t i = 0; word && i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(commands[i].word, word) == 0) {
            commands[i].act(&(struct request){name ? name : "", rest ? rest : "", commands[i].type,
                                              commands[i].value});
            return;
        }
    }
    die("unknown command", word ? word : "");
}

static void load(const char *library)
{
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);

    if (!handle)
        die("cannot load", dlerror());
#define ENTRY(entry)                                                                               \
    odbc.entry = (__typeof__(odbc.entry))dlsym(handle, #entry);                                    \
    if (!odbc.entry)                                                                               \
        die("no", #entry);
    ENTRIES(ENTRY)
#undef ENTRY
}

int main(int argc, char **argv)
{
    char line[LINE_BYTES];

    if (argc != 3) {
        fprintf(stderr, "usage: pool_client LIBRARY 2|3|3.80, commands on standard input\n");
        return 2;
    }
    if (strcmp(argv[2], "3.80") != 0)
        version = strcmp(argv[2], "2") == 0 ? SQL_OV_ODBC2 : SQL_OV_ODBC3;
    load(argv[1]);
    while (fgets(line, sizeof line, stdin))
        obey(line);
    return 0; /* with all that is open, as programs do */
}
