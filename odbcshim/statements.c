/* SPDX-License-Identifier: MIT */
/*
 * What is counted of the work on a connection: execution, and the end of transactions.
 */
#include "odbcshim/diagnostics.h"

/* ---- executing ------------------------------------------------------------------------------ */

/* Of an asynchronous execution the call that finishes it counts. */
static SQLRETURN executed(struct shim_stmt *stmt, SQLRETURN r)
{
    if (r == SQL_STILL_EXECUTING || r == SQL_INVALID_HANDLE)
        return r;
    shim_connection_event(stmt->dbc->counted,
                          r == SQL_ERROR ? SHIM_EVENT_EXECUTION_FAILED : SHIM_EVENT_EXECUTED);
    return shim_returned(&stmt->h, r);
}

SQLRETURN SQL_API SQLExecute(SQLHSTMT StatementHandle)
{
    struct shim_stmt *stmt = shim_stmt_of(StatementHandle);
    return stmt ? executed(stmt, stmt->h.api->SQLExecute(stmt->h.target)) : SQL_INVALID_HANDLE;
}

SQLRETURN SQL_API SQLExecDirect(SQLHSTMT StatementHandle, SQLCHAR *StatementText,
                                SQLINTEGER TextLength)
{
    struct shim_stmt *stmt = shim_stmt_of(StatementHandle);
    if (!stmt)
        return SQL_INVALID_HANDLE;
    return executed(stmt, stmt->h.api->SQLExecDirect(stmt->h.target, StatementText, TextLength));
}

#if SHIM_WIDE
SQLRETURN SQL_API SQLExecDirectW(SQLHSTMT StatementHandle, SQLWCHAR *StatementText,
                                 SQLINTEGER TextLength)
{
    struct shim_stmt *stmt = shim_stmt_of(StatementHandle);
    if (!stmt)
        return SQL_INVALID_HANDLE;
    return executed(stmt, stmt->h.api->SQLExecDirectW(stmt->h.target, StatementText, TextLength));
}
#endif

SQLRETURN SQL_API SQLCancelHandle(SQLSMALLINT HandleType, SQLHANDLE InputHandle)
{
    struct shim_handle *h = shim_handle_of(HandleType, InputHandle);
    if (!h)
        return SQL_INVALID_HANDLE;
    shim_diagnostics_clear(h);
    return shim_target_has(h->api, SHIM_FN_SQLCancelHandle)
               ? h->api->SQLCancelHandle(HandleType, h->target)
               : shim_absent_on(h);
}

/* ---- ending transactions --------------------------------------------------------------------- */

/* Either function of a target that ends a transaction, on its environment or its connection. */
static SQLRETURN target_end(const struct shim_api *api, SQLSMALLINT type, SQLHANDLE target,
                            SQLSMALLINT completion, enum shim_function fn)
{
    if (!shim_target_has(api, fn))
        fn = fn == SHIM_FN_SQLEndTran ? SHIM_FN_SQLTransact : SHIM_FN_SQLEndTran;
    if (fn == SHIM_FN_SQLEndTran)
        return api->SQLEndTran(type, target, completion);
    return type == SQL_HANDLE_ENV
               ? api->SQLTransact(target, SQL_NULL_HDBC, (SQLUSMALLINT)completion)
               : api->SQLTransact(SQL_NULL_HENV, target, (SQLUSMALLINT)completion);
}

static enum shim_event ended(SQLSMALLINT completion)
{
    return completion == SQL_COMMIT ? SHIM_EVENT_COMMITTED : SHIM_EVENT_ROLLED_BACK;
}

struct ended_on {
    const struct shim_api *api;
    SQLSMALLINT completion;
};

static void tell_ended(struct shim_dbc *dbc, void *context)
{
    const struct ended_on *e = context;
    if (dbc->connected && dbc->h.api == e->api)
        shim_connection_event(dbc->counted, ended(e->completion));
}

/* On an environment each target ends the transactions of its connections. All are asked; the first
   that fails gives the result and, asked for next, the diagnostics. */
static SQLRETURN end_on_environment(struct shim_env *env, SQLSMALLINT completion,
                                    enum shim_function fn)
{
    SQLRETURN result = SQL_SUCCESS;
    shim_diagnostics_clear(&env->h);
    for (struct shim_env_target *et = shim_env_next(env, NULL); et; et = shim_env_next(env, et)) {
        const struct shim_api *api = &et->target->api;
        SQLRETURN r = target_end(api, SQL_HANDLE_ENV, et->handle, completion, fn);
        if (SQL_SUCCEEDED(r))
            shim_env_each(env, tell_ended, &(struct ended_on){api, completion});
        if (SQL_SUCCEEDED(result) && r != SQL_SUCCESS) {
            result = r;
            shim_env_speaks_for(env, et);
        }
    }
    return result;
}

static SQLRETURN end_on_connection(struct shim_dbc *dbc, SQLSMALLINT completion,
                                   enum shim_function fn)
{
    shim_diagnostics_clear(&dbc->h);
    if (dbc->h.api == &shim_api_absent)
        return shim_absent_on(&dbc->h);
    SQLRETURN r = target_end(dbc->h.api, SQL_HANDLE_DBC, dbc->h.target, completion, fn);
    if (SQL_SUCCEEDED(r))
        shim_connection_event(dbc->counted, ended(completion));
    return shim_returned(&dbc->h, r);
}

static SQLRETURN end_transaction(SQLHENV environment, SQLHDBC connection, SQLSMALLINT completion,
                                 enum shim_function fn)
{
    struct shim_dbc *dbc = shim_dbc_of(connection);
    struct shim_env *env = shim_env_of(environment);
    if (dbc)
        return end_on_connection(dbc, completion, fn);
    return env ? end_on_environment(env, completion, fn) : SQL_INVALID_HANDLE;
}

SQLRETURN SQL_API SQLEndTran(SQLSMALLINT HandleType, SQLHANDLE Handle, SQLSMALLINT CompletionType)
{
    return end_transaction(HandleType == SQL_HANDLE_ENV ? Handle : SQL_NULL_HENV,
                           HandleType == SQL_HANDLE_DBC ? Handle : SQL_NULL_HDBC, CompletionType,
                           SHIM_FN_SQLEndTran);
}

SQLRETURN SQL_API SQLTransact(SQLHENV EnvironmentHandle, SQLHDBC ConnectionHandle,
                              SQLUSMALLINT CompletionType)
{
    return end_transaction(EnvironmentHandle, ConnectionHandle, (SQLSMALLINT)CompletionType,
                           SHIM_FN_SQLTransact);
}
