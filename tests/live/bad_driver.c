/* SPDX-License-Identifier: MIT */
/*
 * An ODBC driver, as far as anybody can see. Asked to connect with Crash=yes it ends its process,
 * else it fails, and repeats in its message all that it was given.
 */
#include <sql.h>
#include <sqlext.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char message[512];

SQLRETURN SQL_API SQLAllocHandle(SQLSMALLINT type, SQLHANDLE input, SQLHANDLE *output)
{
    static char handles[SQL_HANDLE_DESC + 1];

    (void)input;
    *output = &handles[type];
    return SQL_SUCCESS;
}

SQLRETURN SQL_API SQLFreeHandle(SQLSMALLINT type, SQLHANDLE handle)
{
    (void)type, (void)handle;
    return SQL_SUCCESS;
}

SQLRETURN SQL_API SQLDriverConnect(SQLHDBC dbc, SQLHWND window, SQLCHAR *in, SQLSMALLINT in_length,
                                   SQLCHAR *out, SQLSMALLINT out_size, SQLSMALLINT *out_length,
                                   SQLUSMALLINT completion)
{
    int length = in_length == SQL_NTS ? (int)strlen((char *)in) : in_length;

    (void)dbc, (void)window, (void)out, (void)out_size, (void)out_length, (void)completion;
    (void)snprintf(message, sizeof(message), "no connection with %.*s", length, (char *)in);
    if (strstr(message, "Crash=yes") != NULL)
        abort();
    return SQL_ERROR;
}

SQLRETURN SQL_API SQLGetDiagRec(SQLSMALLINT type, SQLHANDLE handle, SQLSMALLINT number,
                                SQLCHAR *state, SQLINTEGER *native, SQLCHAR *text, SQLSMALLINT size,
                                SQLSMALLINT *length)
{
    (void)type, (void)handle;
    if (number > 1 || message[0] == '\0')
        return SQL_NO_DATA;
    if (native != NULL)
        *native = 0;
    if (length != NULL)
        *length = (SQLSMALLINT)strlen(message);
    if (state != NULL)
        memcpy(state, "HY000", 6);
    if (text != NULL && size > 0)
        (void)snprintf((char *)text, (size_t)size, "%s", message);
    return SQL_SUCCESS;
}
