/* SPDX-License-Identifier: MIT */
/*
 * Functions of ODBC 2 that a target may lack: its own where it has them, else their successors by
 * the mapping of the ODBC Programmer's Reference, appendix G ("Mapping Deprecated Functions").
 * Those that make and free handles are in allocation.c, connection options in attributes.c,
 * SQLTransact in statements.c.
 */
#include "odbcshim/diagnostics.h"

/* ---- SQLError -------------------------------------------------------------------------------- */

/* The handle that SQLError is to tell of: the most specific one. */
static struct shim_handle *error_handle(SQLHENV env, SQLHDBC dbc, SQLHSTMT stmt)
{
    struct shim_handle *h = shim_handle_of(SQL_HANDLE_STMT, stmt);
    if (!h)
        h = shim_handle_of(SQL_HANDLE_DBC, dbc);
    return h ? h : shim_handle_of(SQL_HANDLE_ENV, env);
}

static SQLHANDLE target_if(const struct shim_handle *h, SQLSMALLINT type)
{
    return h->type == type ? h->target : SQL_NULL_HANDLE;
}

#define ERROR_FUNCTION(error, next, CHAR)                                                          \
    SQLRETURN SQL_API error(SQLHENV EnvironmentHandle, SQLHDBC ConnectionHandle,                   \
                            SQLHSTMT StatementHandle, CHAR *Sqlstate, SQLINTEGER *NativeError,     \
                            CHAR *MessageText, SQLSMALLINT BufferLength, SQLSMALLINT *TextLength)  \
    {                                                                                              \
        struct shim_handle *h =                                                                    \
            error_handle(EnvironmentHandle, ConnectionHandle, StatementHandle);                    \
        if (!h)                                                                                    \
            return SQL_INVALID_HANDLE;                                                             \
        if (h->own || !shim_target_has(h->api, SHIM_FN_##error))                                   \
            return next(h, Sqlstate, NativeError, MessageText, BufferLength, TextLength);          \
        SQLRETURN r = h->api->error(target_if(h, SQL_HANDLE_ENV), target_if(h, SQL_HANDLE_DBC),    \
                                    target_if(h, SQL_HANDLE_STMT), Sqlstate, NativeError,          \
                                    MessageText, BufferLength, TextLength);                        \
        return shim_error_read(h, r, Sqlstate, sizeof(CHAR));                                      \
    }

ERROR_FUNCTION(SQLError, shim_next_record, SQLCHAR)
#if SHIM_WIDE
ERROR_FUNCTION(SQLErrorW, shim_next_record_wide, SQLWCHAR)
#endif

/* ---- SQLColAttributes ------------------------------------------------------------------------ */

/* Three field identifiers changed their number with ODBC 3. */
static SQLUSMALLINT field_of(SQLUSMALLINT old)
{
    switch (old) {
    case SQL_COLUMN_COUNT:
        return SQL_DESC_COUNT;
    case SQL_COLUMN_NAME:
        return SQL_DESC_NAME;
    case SQL_COLUMN_NULLABLE:
        return SQL_DESC_NULLABLE;
    default:
        return old;
    }
}

/* The driver manager gives the wide form a length in characters where its successor takes bytes. */
#define COL_ATTRIBUTES(attributes, successor, UNIT)                                                \
    SQLRETURN SQL_API attributes(SQLHSTMT hstmt, SQLUSMALLINT icol, SQLUSMALLINT fDescType,        \
                                 SQLPOINTER rgbDesc, SQLSMALLINT cbDescMax, SQLSMALLINT *pcbDesc,  \
                                 SQLLEN *pfDesc)                                                   \
    {                                                                                              \
        struct shim_stmt *stmt = shim_stmt_of(hstmt);                                              \
        if (!stmt)                                                                                 \
            return SQL_INVALID_HANDLE;                                                             \
        const struct shim_api *api = stmt->h.api;                                                  \
        SQLRETURN r = shim_target_has(api, SHIM_FN_##attributes)                                   \
                          ? api->attributes(stmt->h.target, icol, fDescType, rgbDesc, cbDescMax,   \
                                            pcbDesc, pfDesc)                                       \
                          : api->successor(stmt->h.target, icol, field_of(fDescType), rgbDesc,     \
                                           (SQLSMALLINT)(cbDescMax * UNIT), pcbDesc, pfDesc);      \
        return shim_returned(&stmt->h, r);                                                         \
    }

COL_ATTRIBUTES(SQLColAttributes, SQLColAttribute, 1)
#if SHIM_WIDE
COL_ATTRIBUTES(SQLColAttributesW, SQLColAttributeW, (int)sizeof(SQLWCHAR))
#endif

/* ---- statement options and parameters -------------------------------------------------------- */

SQLRETURN SQL_API SQLSetStmtOption(SQLHSTMT StatementHandle, SQLUSMALLINT Option, SQLULEN Value)
{
    struct shim_stmt *stmt = shim_stmt_of(StatementHandle);
    if (!stmt)
        return SQL_INVALID_HANDLE;
    const struct shim_api *api = stmt->h.api;
    SQLRETURN r = shim_target_has(api, SHIM_FN_SQLSetStmtOption)
                      ? api->SQLSetStmtOption(stmt->h.target, Option, Value)
                      : api->SQLSetStmtAttr(stmt->h.target, Option, (SQLPOINTER)Value, SQL_NTS);
    return shim_returned(&stmt->h, r);
}

SQLRETURN SQL_API SQLGetStmtOption(SQLHSTMT StatementHandle, SQLUSMALLINT Option, SQLPOINTER Value)
{
    struct shim_stmt *stmt = shim_stmt_of(StatementHandle);
    if (!stmt)
        return SQL_INVALID_HANDLE;
    const struct shim_api *api = stmt->h.api;
    SQLRETURN r = shim_target_has(api, SHIM_FN_SQLGetStmtOption)
                      ? api->SQLGetStmtOption(stmt->h.target, Option, Value)
                      : api->SQLGetStmtAttr(stmt->h.target, Option, Value,
                                            SQL_MAX_OPTION_STRING_LENGTH, NULL);
    return shim_returned(&stmt->h, r);
}

SQLRETURN SQL_API SQLParamOptions(SQLHSTMT hstmt, SQLULEN crow, SQLULEN *pirow)
{
    struct shim_stmt *stmt = shim_stmt_of(hstmt);
    if (!stmt)
        return SQL_INVALID_HANDLE;
    const struct shim_api *api = stmt->h.api;
    if (shim_target_has(api, SHIM_FN_SQLParamOptions))
        return shim_returned(&stmt->h, api->SQLParamOptions(stmt->h.target, crow, pirow));
    SQLRETURN r = api->SQLSetStmtAttr(stmt->h.target, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)crow, 0);
    if (SQL_SUCCEEDED(r))
        r = api->SQLSetStmtAttr(stmt->h.target, SQL_ATTR_PARAMS_PROCESSED_PTR, pirow, 0);
    return shim_returned(&stmt->h, r);
}

SQLRETURN SQL_API SQLSetScrollOptions(SQLHSTMT hstmt, SQLUSMALLINT fConcurrency, SQLLEN crowKeyset,
                                      SQLUSMALLINT crowRowset)
{
    struct shim_stmt *stmt = shim_stmt_of(hstmt);
    if (!stmt)
        return SQL_INVALID_HANDLE;
    const struct shim_api *api = stmt->h.api;
    if (shim_target_has(api, SHIM_FN_SQLSetScrollOptions))
        return shim_returned(&stmt->h, api->SQLSetScrollOptions(stmt->h.target, fConcurrency,
                                                                crowKeyset, crowRowset));
    /* A positive keyset size asks for a keyset-driven cursor of that size; the special values, 0 to
       -3, name a kind of cursor. */
    SQLULEN cursor = crowKeyset > 0 ? SQL_CURSOR_KEYSET_DRIVEN : (SQLULEN)-crowKeyset;
    struct {
        SQLINTEGER attribute;
        SQLULEN value;
    } settings[] = {
        {SQL_ATTR_CURSOR_TYPE, cursor},
        {SQL_ATTR_CONCURRENCY, fConcurrency},
        {SQL_ROWSET_SIZE, crowRowset},
        {SQL_ATTR_KEYSET_SIZE, (SQLULEN)crowKeyset},
    };
    SQLRETURN r = SQL_SUCCESS;
    size_t n = sizeof settings / sizeof *settings - (crowKeyset > 0 ? 0 : 1);
    for (size_t i = 0; i < n && SQL_SUCCEEDED(r); i++)
        r = api->SQLSetStmtAttr(stmt->h.target, settings[i].attribute,
                                (SQLPOINTER)settings[i].value, 0);
    return shim_returned(&stmt->h, r);
}

/* SQLSetParam and SQLBindParam know input only; SQLSetParam's buffers are taken to be as long as
   they need be (SQL_SETPARAM_VALUE_MAX). */
#define BIND_PARAMETER(bind, DIRECTION, LENGTH)                                                    \
    SQLRETURN SQL_API bind(SQLHSTMT StatementHandle, SQLUSMALLINT ParameterNumber,                 \
                           SQLSMALLINT ValueType, SQLSMALLINT ParameterType,                       \
                           SQLULEN LengthPrecision, SQLSMALLINT ParameterScale,                    \
                           SQLPOINTER ParameterValue, SQLLEN *StrLen_or_Ind)                       \
    {                                                                                              \
        struct shim_stmt *stmt = shim_stmt_of(StatementHandle);                                    \
        if (!stmt)                                                                                 \
            return SQL_INVALID_HANDLE;                                                             \
        const struct shim_api *api = stmt->h.api;                                                  \
        SQLRETURN r =                                                                              \
            shim_target_has(api, SHIM_FN_##bind)                                                   \
                ? api->bind(stmt->h.target, ParameterNumber, ValueType, ParameterType,             \
                            LengthPrecision, ParameterScale, ParameterValue, StrLen_or_Ind)        \
                : api->SQLBindParameter(stmt->h.target, ParameterNumber, DIRECTION, ValueType,     \
                                        ParameterType, LengthPrecision, ParameterScale,            \
                                        ParameterValue, LENGTH, StrLen_or_Ind);                    \
        return shim_returned(&stmt->h, r);                                                         \
    }

BIND_PARAMETER(SQLSetParam, SQL_PARAM_INPUT_OUTPUT, SQL_SETPARAM_VALUE_MAX)
BIND_PARAMETER(SQLBindParam, SQL_PARAM_INPUT, 0)
