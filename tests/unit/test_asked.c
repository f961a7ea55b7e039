/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dlfcn.h>
#include <cmocka.h>

#include "odbcshim/asked.h"

/* A place inside a function of the installed driver manager. */
static const char *inside(const char *function)
{
    void *manager = dlopen("libodbc.so.2", RTLD_NOW | RTLD_LOCAL);
    const char *at = manager != NULL ? dlsym(manager, function) : NULL;

    if (at == NULL)
        skip();
    return at + 8;
}

static void tells_who_asked(void **state)
{
    static const struct {
        const char *function;
        bool application;
    } rows[] = {
        {"SQLGetConnectAttr", true},    {"SQLConnect", false},         {"SQLGetConnectAttrW", true},
        {"SQLGetConnectAttr", true},    {"SQLGetConnectOption", true}, {"SQLDriverConnectW", false},
        {"SQLGetConnectOptionW", true}, {"SQLConnect", false},         {"SQLConnect", false},
        {"SQLGetConnectOption", true},  {"SQLGetDiagRec", true},       {"SQLExecDirect", false},
        {"SQLGetDiagFieldW", true},     {"SQLGetDiagRecW", true},      {"SQLFetch", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(shim_asked_by_application(inside(rows[i].function)), rows[i].application);
}

static void tells_nothing_of_what_is_nowhere(void **state)
{
    (void)state;
    assert_false(shim_asked_by_application(NULL));
    assert_false(shim_asked_by_application((const void *)(uintptr_t)1));
    assert_false(shim_asked_by_application(&state)); /* the stack */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_who_asked),
        cmocka_unit_test(tells_nothing_of_what_is_nowhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
