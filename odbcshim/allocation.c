/* SPDX-License-Identifier: MIT */
/*
 * The functions that make and free handles, of ODBC 3 and of ODBC 2. Those of ODBC 2 are the
 * target's own where it has them: the driver manager prefers them there, and a driver may do
 * something else in them.
 */
#include "odbcshim/diagnostics.h"

SQLRETURN SQL_API SQLAllocHandle(SQLSMALLINT HandleType, SQLHANDLE InputHandle,
                                 SQLHANDLE *OutputHandle)
{
    switch (HandleType) {
    case SQL_HANDLE_ENV:
        return shim_env_new(OutputHandle);
    case SQL_HANDLE_DBC:
        return shim_dbc_new(InputHandle, OutputHandle);
    case SQL_HANDLE_STMT:
        return shim_stmt_new(InputHandle, OutputHandle, SHIM_FN_SQLAllocHandle);
    case SQL_HANDLE_DESC:
        return shim_desc_new(InputHandle, OutputHandle);
    default:
        return SQL_ERROR;
    }
}

/* The name of SQLAllocHandle in the X/Open standard: an environment that it makes speaks ODBC 3. */
SQLRETURN SQL_API SQLAllocHandleStd(SQLSMALLINT fHandleType, SQLHANDLE hInput, SQLHANDLE *phOutput)
{
    if (fHandleType != SQL_HANDLE_ENV)
        return SQLAllocHandle(fHandleType, hInput, phOutput);
    SQLRETURN r = shim_env_new(phOutput);
    return SQL_SUCCEEDED(r) ? SQLSetEnvAttr(*phOutput, SQL_ATTR_ODBC_VERSION,
                                            (SQLPOINTER)(SQLULEN)SQL_OV_ODBC3, 0)
                            : r;
}

SQLRETURN SQL_API SQLAllocEnv(SQLHENV *EnvironmentHandle)
{
    return shim_env_new(EnvironmentHandle);
}

SQLRETURN SQL_API SQLAllocConnect(SQLHENV EnvironmentHandle, SQLHDBC *ConnectionHandle)
{
    return shim_dbc_new(EnvironmentHandle, ConnectionHandle);
}

SQLRETURN SQL_API SQLAllocStmt(SQLHDBC ConnectionHandle, SQLHSTMT *StatementHandle)
{
    return shim_stmt_new(ConnectionHandle, StatementHandle, SHIM_FN_SQLAllocStmt);
}

static SQLRETURN release(struct shim_handle *h, enum shim_function fn)
{
    return h ? shim_handle_release(h, fn) : SQL_INVALID_HANDLE;
}

SQLRETURN SQL_API SQLFreeHandle(SQLSMALLINT HandleType, SQLHANDLE Handle)
{
    return release(shim_handle_of(HandleType, Handle), SHIM_FN_SQLFreeHandle);
}

SQLRETURN SQL_API SQLFreeEnv(SQLHENV EnvironmentHandle)
{
    return release(shim_handle_of(SQL_HANDLE_ENV, EnvironmentHandle), SHIM_FN_SQLFreeEnv);
}

SQLRETURN SQL_API SQLFreeConnect(SQLHDBC ConnectionHandle)
{
    return release(shim_handle_of(SQL_HANDLE_DBC, ConnectionHandle), SHIM_FN_SQLFreeConnect);
}

SQLRETURN SQL_API SQLFreeStmt(SQLHSTMT StatementHandle, SQLUSMALLINT Option)
{
    struct shim_stmt *stmt = shim_stmt_of(StatementHandle);
    if (!stmt)
        return SQL_INVALID_HANDLE;
    if (Option == SQL_DROP)
        return shim_handle_release(&stmt->h, SHIM_FN_SQLFreeStmt);
    return shim_returned(&stmt->h, stmt->h.api->SQLFreeStmt(stmt->h.target, Option));
}
