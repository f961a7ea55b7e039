/* SPDX-License-Identifier: MIT */
/*
 * Loads and unloads the driver manager again and again, as plugins do, and connects in between.
 *
 *   loading CONNECTION-STRING [ROUNDS]
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sql.h>
#include <sqlext.h>

static char *string;

/* A function of the library, of the type that the headers give it. */
#define FUNCTION(library, name)                                                                    \
    __extension__({                                                                                \
        __typeof__(&name) function_;                                                               \
        void *symbol_ = dlsym(library, #name);                                                     \
        memcpy(&function_, &symbol_, sizeof function_);                                            \
        function_;                                                                                 \
    })

static void round_with(void *library)
{
    static char sql[] = "select 'loaded'";
    char text[40] = "";
    SQLHENV env = SQL_NULL_HENV;
    SQLHDBC dbc = SQL_NULL_HDBC;
    SQLHSTMT stmt = SQL_NULL_HSTMT;
    SQLLEN length = -7;
    __typeof__(&SQLAllocHandle) alloc = FUNCTION(library, SQLAllocHandle);
    __typeof__(&SQLFreeHandle) free_handle = FUNCTION(library, SQLFreeHandle);
    alloc(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &env);
    FUNCTION(library, SQLSetEnvAttr)(env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0);
    alloc(SQL_HANDLE_DBC, env, &dbc);
    printf("connect: %d\n",
           FUNCTION(library, SQLDriverConnect)(dbc, NULL, (SQLCHAR *)string, SQL_NTS, NULL, 0, NULL,
                                               SQL_DRIVER_NOPROMPT));
    alloc(SQL_HANDLE_STMT, dbc, &stmt);
    FUNCTION(library, SQLExecDirect)(stmt, (SQLCHAR *)sql, SQL_NTS);
    FUNCTION(library, SQLFetch)(stmt);
    FUNCTION(library, SQLGetData)(stmt, 1, SQL_C_CHAR, text, sizeof text, &length);
    printf("query: %s\n", text);
    free_handle(SQL_HANDLE_STMT, stmt);
    printf("disconnect: %d\n", FUNCTION(library, SQLDisconnect)(dbc));
    free_handle(SQL_HANDLE_DBC, dbc);
    free_handle(SQL_HANDLE_ENV, env);
}

static void *load_once(void *unused)
{
    void *library = dlopen("libodbc.so.2", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        puts("libodbc.so.2 is not there");
        return unused;
    }
    round_with(library);
    printf("dlclose: %d\n", dlclose(library));
    return unused;
}

/* In the main thread, and in a thread that is gone afterwards. */
int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    string = argv[1];
    int rounds = argc > 2 ? atoi(argv[2]) : 20;
    for (int i = 0; i < rounds; i++) {
        pthread_t thread;
        load_once(NULL);
        pthread_create(&thread, NULL, load_once, NULL);
        pthread_join(thread, NULL);
    }
    return 0;
}
