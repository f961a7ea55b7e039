/* SPDX-License-Identifier: MIT */
/*
 * The steady state of the hot path: functions of the shim, called by pointer as the driver manager
 * calls them, allocate nothing. The program's own malloc stands before the C library's for every
 * library in the process, and counts by thread, for the reporter may allocate what it likes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/fake/fake.h"

#define CALLS 100

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
#define COUNTS 0 /* somebody else has taken malloc */
#else
#define COUNTS 1
#endif

static _Thread_local unsigned long allocations;

#if COUNTS
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t count, size_t bytes);
extern void *__libc_realloc(void *block, size_t bytes);

void *malloc(size_t bytes)
{
    allocations++;
    return __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes)
{
    allocations++;
    return __libc_calloc(count, bytes);
}

void *realloc(void *block, size_t bytes)
{
    allocations++;
    return __libc_realloc(block, bytes);
}
#endif

static struct {
    void *library;
    SQLHENV env;
    SQLHDBC dbc;
    SQLHSTMT stmt;
} shim;

/* The shim's function, of the type that the headers give it. */
#define SHIM(name) ((__typeof__(&name))(uintptr_t)address(#name))

static void *address(const char *name)
{
    void *found = dlsym(shim.library, name);

    if (found == NULL)
        fail_msg("%s is not exported", name);
    return found;
}

static const char *from_environment(const char *name)
{
    const char *value = getenv(name);

    if (value == NULL)
        fail_msg("%s is not set", name);
    return value;
}

static int set_up(void **state)
{
    char fake[4096], string[8192];
    struct fake_control *(*control)(void);
    void *library;

    (void)state;
    snprintf(fake, sizeof(fake), "%s/fake_wide.so", from_environment("FAKE_DIR"));
    library = dlopen(fake, RTLD_NOW | RTLD_LOCAL);
    shim.library = dlopen(from_environment("SHIM_WIDE_LIBRARY"), RTLD_NOW | RTLD_LOCAL);
    assert_non_null(library);
    assert_non_null(shim.library);
    *(void **)&control = dlsym(library, "fake_control");
    assert_non_null(control);
    control()->quiet = true;
    snprintf(string, sizeof(string),
             "DRIVER={shim};Target=%s;CollectdHost=127.0.0.1;CollectdPort=9", fake);
    assert_int_equal(SHIM(SQLAllocHandle)(SQL_HANDLE_ENV, NULL, &shim.env), SQL_SUCCESS);
    assert_int_equal(
        SHIM(SQLSetEnvAttr)(shim.env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0),
        SQL_SUCCESS);
    assert_int_equal(SHIM(SQLAllocHandle)(SQL_HANDLE_DBC, shim.env, &shim.dbc), SQL_SUCCESS);
    assert_true(SQL_SUCCEEDED(SHIM(SQLDriverConnect)(shim.dbc, NULL, (SQLCHAR *)string, SQL_NTS,
                                                     NULL, 0, NULL, SQL_DRIVER_NOPROMPT)));
    assert_int_equal(SHIM(SQLAllocHandle)(SQL_HANDLE_STMT, shim.dbc, &shim.stmt), SQL_SUCCESS);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    SHIM(SQLFreeHandle)(SQL_HANDLE_STMT, shim.stmt);
    SHIM(SQLDisconnect)(shim.dbc);
    SHIM(SQLFreeHandle)(SQL_HANDLE_DBC, shim.dbc);
    SHIM(SQLFreeHandle)(SQL_HANDLE_ENV, shim.env);
    return 0;
}

/* One call before counting: what the dynamic linker does at the first is none of the function. */
#define ALLOCATES_NOTHING(name, ...)                                                               \
    do {                                                                                           \
        __typeof__(&name) call = SHIM(name);                                                       \
        SQLRETURN r = call(__VA_ARGS__);                                                           \
        unsigned long before = allocations;                                                        \
        for (int i = 0; i < CALLS; i++)                                                            \
            r |= call(__VA_ARGS__);                                                                \
        if (r != SQL_SUCCESS || allocations != before)                                             \
            fail_msg("line %d: " #name " gave %d and allocated %lu times in %d calls", __LINE__,   \
                     r, allocations - before, CALLS);                                              \
    } while (0)

static void test_plain(void **state)
{
    SQLSMALLINT columns;
    SQLLEN length;

    (void)state;
    ALLOCATES_NOTHING(SQLFetch, shim.stmt);
    ALLOCATES_NOTHING(SQLMoreResults, shim.stmt);
    ALLOCATES_NOTHING(SQLNumResultCols, shim.stmt, &columns);
    ALLOCATES_NOTHING(SQLRowCount, shim.stmt, &length);
    ALLOCATES_NOTHING(SQLBindCol, shim.stmt, 1, SQL_C_LONG, NULL, 0, &length);
    ALLOCATES_NOTHING(SQLGetData, shim.stmt, 1, SQL_C_LONG, NULL, 0, &length);
}

static void test_counted(void **state)
{
    SQLUINTEGER dead;
    static SQLCHAR sql[] = "select 1";

    (void)state;
    ALLOCATES_NOTHING(SQLExecute, shim.stmt);
    ALLOCATES_NOTHING(SQLExecDirect, shim.stmt, sql, SQL_NTS);
    ALLOCATES_NOTHING(SQLEndTran, SQL_HANDLE_DBC, shim.dbc, SQL_COMMIT);
    ALLOCATES_NOTHING(SQLGetConnectAttr, shim.dbc, SQL_ATTR_CONNECTION_DEAD, &dead, SQL_IS_UINTEGER,
                      NULL);
}

/* A statement's memory is used again: only the driver allocates. */
static void test_statement(void **state)
{
    unsigned long before, own;
    SQLHSTMT stmt, first;

    (void)state;
    SHIM(SQLAllocHandle)(SQL_HANDLE_STMT, shim.dbc, &first);
    SHIM(SQLFreeHandle)(SQL_HANDLE_STMT, first);
    before = allocations;
    assert_int_equal(SHIM(SQLAllocHandle)(SQL_HANDLE_STMT, shim.dbc, &stmt), SQL_SUCCESS);
    own = allocations - before;
    assert_ptr_equal(stmt, first);
    /* The fake allocates a statement and its four descriptors. */
    assert_true(own <= 5);
    assert_int_equal(SHIM(SQLFreeHandle)(SQL_HANDLE_STMT, stmt), SQL_SUCCESS);
    assert_int_equal(SHIM(SQLFreeHandle)(SQL_HANDLE_STMT, stmt), SQL_INVALID_HANDLE);
}

/* That the counter counts. */
static void test_counter(void **state)
{
    unsigned long before = allocations;
    void *volatile block = malloc(1);

    (void)state;
    free(block);
    if (COUNTS)
        assert_int_equal(allocations - before, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counter),
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_counted),
        cmocka_unit_test(test_statement),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
