/* SPDX-License-Identifier: MIT */
/* An ODBC driver, as far as anybody can see, that ends its process when it is to connect. */
#include <sql.h>
#include <sqlext.h>
#include <stdlib.h>

SQLRETURN SQL_API SQLAllocHandle(SQLSMALLINT type, SQLHANDLE input, SQLHANDLE *output)
{
    static char handles[SQL_HANDLE_DESC + 1];

    (void)input;
    *output = &handles[type];
    return SQL_SUCCESS;
}

SQLRETURN SQL_API SQLDriverConnect(SQLHDBC dbc, SQLHWND window, SQLCHAR *in, SQLSMALLINT in_length,
                                   SQLCHAR *out, SQLSMALLINT out_size, SQLSMALLINT *out_length,
                                   SQLUSMALLINT completion)
{
    (void)dbc, (void)window, (void)in, (void)in_length;
    (void)out, (void)out_size, (void)out_length, (void)completion;
    abort();
}
