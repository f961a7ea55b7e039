/* SPDX-License-Identifier: MIT */
/*
 * SQLGetFunctions: the target's answer, less what the target does not export. The driver manager
 * decides its paths by the answer and by what the library exports, and this library exports all.
 */
#include "odbcshim/diagnostics.h"

#include <string.h>

/* The answer for SQL_API_ALL_FUNCTIONS is an array of so many truth values (SQLGetFunctions). */
#define ODBC2_FUNCTIONS 100

static void put(SQLUSMALLINT id, SQLUSMALLINT asked, SQLUSMALLINT *supported, bool value)
{
    SQLUSMALLINT bit = (SQLUSMALLINT)(1 << (id & 0xF));
    if (asked == SQL_API_ODBC3_ALL_FUNCTIONS)
        supported[id >> 4] =
            (SQLUSMALLINT)(value ? supported[id >> 4] | bit : supported[id >> 4] & ~bit);
    else if (asked == SQL_API_ALL_FUNCTIONS && id < ODBC2_FUNCTIONS)
        supported[id] = value;
    else if (asked == id)
        *supported = value;
}

/* What a target without SQLGetFunctions would say: nothing yet. */
static SQLRETURN put_none(SQLUSMALLINT asked, SQLUSMALLINT *supported)
{
    size_t n = asked == SQL_API_ODBC3_ALL_FUNCTIONS ? SQL_API_ODBC3_ALL_FUNCTIONS_SIZE
               : asked == SQL_API_ALL_FUNCTIONS     ? ODBC2_FUNCTIONS
                                                    : 1;
    memset(supported, 0, n * sizeof *supported);
    return SQL_SUCCESS;
}

SQLRETURN SQL_API SQLGetFunctions(SQLHDBC ConnectionHandle, SQLUSMALLINT FunctionId,
                                  SQLUSMALLINT *Supported)
{
    struct shim_dbc *dbc = shim_dbc_of(ConnectionHandle);
    if (!dbc)
        return SQL_INVALID_HANDLE;
    shim_diagnostics_clear(&dbc->h);
    if (dbc->h.api == &shim_api_absent || !Supported)
        return shim_absent_on(&dbc->h);
    const struct shim_target *target = shim_target_of(dbc->h.api);
    bool answers = target->has[SHIM_FN_SQLGetFunctions];
    SQLRETURN r =
        answers ? shim_returned(&dbc->h,
                                dbc->h.api->SQLGetFunctions(dbc->h.target, FunctionId, Supported))
                : put_none(FunctionId, Supported);
    for (size_t i = 0; SQL_SUCCEEDED(r) && i < SHIM_FUNCTIONS; i++)
        if (target->offers[i] != answers)
            put(shim_functions[i].id, FunctionId, Supported, target->offers[i]);
    return r;
}
