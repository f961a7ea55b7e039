/* SPDX-License-Identifier: MIT */
/* Owns what is done as an application of ODBC. */
#include "tools/connection.h"

#include <sql.h>
#include <sqlext.h>
#include <stdint.h>
#include <string.h>

/* The functions take text that they do not change as if they might. */
static SQLCHAR *text_of(const char *text)
{
    return (SQLCHAR *)(uintptr_t)text;
}

static void keep_diagnostics(SQLSMALLINT type, SQLHANDLE handle, struct tool_connection *c)
{
    while (c->diagnostics_count < TOOL_DIAGNOSTICS_MAX) {
        struct tool_diagnostic *d = &c->diagnostics[c->diagnostics_count];
        SQLINTEGER native;
        SQLSMALLINT length;

        if (!SQL_SUCCEEDED(SQLGetDiagRec(type, handle, (SQLSMALLINT)(c->diagnostics_count + 1),
                                         (SQLCHAR *)d->state, &native, (SQLCHAR *)d->message,
                                         sizeof(d->message), &length)))
            break;
        c->diagnostics_count++;
    }
}

static void ask(SQLHDBC dbc, SQLUSMALLINT what, char *text, size_t size)
{
    SQLSMALLINT length;

    if (!SQL_SUCCEEDED(SQLGetInfo(dbc, what, text, (SQLSMALLINT)size, &length)))
        text[0] = '\0';
    text[size - 1] = '\0';
}

static void connect_in_child(const void *order, void *result)
{
    const char *string = order;
    struct tool_connection *c = result;
    SQLHENV env = SQL_NULL_HENV;
    SQLHDBC dbc = SQL_NULL_HDBC;
    SQLCHAR completed[1024];
    SQLSMALLINT length;
    SQLRETURN r;

    c->end = TOOL_CHILD_DONE;
    if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &env)))
        return;
    (void)SQLSetEnvAttr(env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)(uintptr_t)SQL_OV_ODBC3, 0);
    if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_DBC, env, &dbc))) {
        keep_diagnostics(SQL_HANDLE_ENV, env, c);
        return;
    }
    r = SQLDriverConnect(dbc, NULL, text_of(string), SQL_NTS, completed, sizeof(completed), &length,
                         SQL_DRIVER_NOPROMPT);
    c->connected = SQL_SUCCEEDED(r);
    if (r != SQL_SUCCESS)
        keep_diagnostics(SQL_HANDLE_DBC, dbc, c);
    if (!c->connected)
        return;
    ask(dbc, SQL_DRIVER_NAME, c->driver, sizeof(c->driver));
    ask(dbc, SQL_DRIVER_VER, c->driver_version, sizeof(c->driver_version));
    ask(dbc, SQL_DBMS_NAME, c->database, sizeof(c->database));
    ask(dbc, SQL_DBMS_VER, c->database_version, sizeof(c->database_version));
    (void)SQLDisconnect(dbc);
    (void)SQLFreeHandle(SQL_HANDLE_DBC, dbc);
    (void)SQLFreeHandle(SQL_HANDLE_ENV, env);
}

void tool_connect(const char *string, int patience_ms, struct tool_connection *connection)
{
    enum tool_child_end end =
        tool_child_do(connect_in_child, string, connection, sizeof(*connection), patience_ms);

    connection->end = end;
}

const char *tool_connect_advice(const char *state)
{
    static const struct {
        const char *state, *advice;
    } table[] = {
        {"28", "the database refuses the user or the password: give others with --user and "
               "--password-stdin, or correct them in the DSN"},
        {"HYT", "the database did not answer in time: is its host right, and up?"},
        {"08", "the database cannot be reached, or refuses: is it running where the DSN says, and "
               "are user and password right? They are given with --user and --password-stdin"},
        {"IM", "the driver manager or the shim could not hand the connection on"},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (strncmp(state, table[i].state, strlen(table[i].state)) == 0)
            return table[i].advice;
    return NULL;
}
