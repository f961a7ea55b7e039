/* SPDX-License-Identifier: MIT */
/*
 * What people write wrong: each is a failed connect whose diagnostic names the setting and what is
 * wrong with it, or nothing that the application notices. Afterwards the handle is as good as new.
 */
#include "tests/unit/conformance.h"

#include <dlfcn.h>

/* A library that is no driver: this one's. */
static const char *some_library(void)
{
    Dl_info where;
    void *p = dlsym(RTLD_DEFAULT, "_cmocka_run_group_tests");
    assert_non_null(p);
    assert_true(dladdr(p, &where) != 0);
    return where.dli_fname;
}

static void expect_refusal(struct session *s, int line, const char *string, const char *state,
                           const char *word, const char *another)
{
    SQLWCHAR completed[64];
    SQLSMALLINT length = 0;
    SQLRETURN r = CALL(s, SQLDriverConnect, s->dbc, NULL, in_width(s, string), SQL_NTS,
                       (void *)completed, 64, &length, SQL_DRIVER_NOPROMPT);
    if (r != SQL_ERROR)
        fail_msg("line %d: <%s> connects (%d)", line, string, r);
    expect_record(s, line, SQL_HANDLE_DBC, s->dbc, state, word, another);
    expect_record(s, line, SQL_HANDLE_DBC, s->dbc, state, "[odbcshim]", NULL);
}

static void expect_target_refused(struct session *s, int line, const char *target, const char *word)
{
    char string[1024];
    snprintf(string, sizeof string, "DRIVER={shim};Target=%s", target);
    expect_refusal(s, line, string, "IM003", "Target", word);
}

static void bad_targets_are_named(void **state)
{
    struct session s;
    const char *fake = *state;
    bool wide = !fake_is_ansi(fake);
    session_begin(&s, SHIM, fake, wide);
    expect_refusal(&s, __LINE__, "DRIVER={shim}", "IM003", "Target is not set", "TargetDSN");
    expect_refusal(&s, __LINE__, "DRIVER={shim};Target=", "IM003", "Target is not set", NULL);
    if (wide)
        expect_refusal(&s, __LINE__, "DSN=no_target", "IM003", "Target is not set", NULL);
    expect_refusal(&s, __LINE__, "DRIVER={shim};TargetDSN=nowhere", "IM003", "TargetDSN=nowhere",
                   "odbc.ini");
    expect_target_refused(&s, __LINE__, "No Such Driver", "[No Such Driver]");
    expect_target_refused(&s, __LINE__, "/nowhere/driver.so", "/nowhere/driver.so");
    expect_target_refused(&s, __LINE__, world_file("text.so", "no library\n"), "text.so");
    expect_target_refused(&s, __LINE__, some_library(), "no ODBC driver");
    expect_target_refused(&s, __LINE__, shim_path(wide), "odbcshim itself");
    expect_target_refused(&s, __LINE__, shim_path(!wide), "odbcshim itself");
    expect_target_refused(&s, __LINE__, fake_path(wide ? "fake_ansi" : "fake_wide"),
                          wide ? "libodbcshima.so" : "libodbcshim.so");
    assert_result(session_connect(&s, session_string(&s, "")), SQL_SUCCESS);
    session_close(&s);
}

static void bad_settings_are_named(void **state)
{
    struct session s;
    const char *fake = *state;
    static const struct {
        int line;
        const char *setting, *word;
    } cases[] = {
        {__LINE__, "CollectdPort=70000", "70000"},
        {__LINE__, "CollectdPort=", "65535"},
        {__LINE__, "CollectdInterval=fast", "fast"},
        {__LINE__, "CollectdSecurityLevel=High", "Encrypt"},
        {__LINE__, "CollectdCheckout=sometimes", "activity"},
        {__LINE__, "CollectdEnabled=perhaps", "perhaps"},
        {__LINE__, "CollectdHots=here", "CollectdHost"},
    };
    session_begin(&s, SHIM, fake, !fake_is_ansi(fake));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char key[64];
        snprintf(key, sizeof key, "%.*s", (int)strcspn(cases[i].setting, "="), cases[i].setting);
        expect_refusal(&s, cases[i].line, session_string(&s, cases[i].setting), "01S00", key,
                       cases[i].word);
    }
    if (s.wide)
        expect_refusal(&s, __LINE__, "DSN=bad_port", "HY000", "CollectdPort", "70000");
    assert_int_equal(calls_of(&s, FN(&s, SQLDriverConnect)), 0);
    assert_result(session_connect(&s, session_string(&s, "")), SQL_SUCCESS);
    session_close(&s);
}

static void a_bad_file_is_named(void **state)
{
    struct session s;
    char *good = strdup(getenv("ODBCSHIM_INI"));
    (void)state;
    session_begin(&s, SHIM, "fake_wide", true);
    setenv("ODBCSHIM_INI", world_file("bad.ini", "[odbcshim\nCollectdPort\n"), 1);
    expect_refusal(&s, __LINE__, session_string(&s, ""), "HY000", "bad.ini", NULL);
    setenv("ODBCSHIM_INI", "/nowhere/odbcshim.ini", 1);
    expect_refusal(&s, __LINE__, session_string(&s, ""), "HY000", "/nowhere/odbcshim.ini", NULL);
    setenv("ODBCSHIM_INI", good, 1);
    free(good);
    assert_result(session_connect(&s, session_string(&s, "")), SQL_SUCCESS);
    session_close(&s);
}

/* Nobody listens, nobody of that name: the application does not notice. */
static void a_silent_collectd_harms_nobody(void **state)
{
    struct session s;
    static const char *const settings[] = {
        "CollectdHost=127.0.0.1;CollectdPort=9",
        "CollectdHost=no.such.host.invalid",
        "CollectdHost=255.255.255.255",
        "CollectdEnabled=no",
    };
    const char *fake = *state;
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        session_begin(&s, SHIM, fake, !fake_is_ansi(fake));
        assert_result(session_connect(&s, session_string(&s, settings[i])), SQL_SUCCESS);
        assert_result(s.lib->api.SQLAllocHandle(SQL_HANDLE_STMT, s.dbc, &s.stmt), SQL_SUCCESS);
        assert_result(s.lib->api.SQLExecute(s.stmt), SQL_SUCCESS);
        session_close(&s);
    }
}

/* The driver manager hands on what the shim says. */
static void the_manager_hands_it_on(void **state)
{
    struct session s;
    (void)state;
    session_begin(&s, MANAGED, "fake_wide", true);
    expect_refusal(&s, __LINE__, "DSN=bad_port", "HY000", "CollectdPort", "70000");
    expect_refusal(&s, __LINE__, "DSN=no_target", "IM003", "Target is not set", NULL);
    expect_refusal(&s, __LINE__, "DSN=shim_fake_wide;Target=/nowhere", "IM003", "/nowhere", NULL);
    s.wide = false;
    expect_refusal(&s, __LINE__, "DSN=bad_port", "HY000", "CollectdPort", "70000");
    s.wide = true;
    assert_result(session_connect(&s, session_string(&s, "")), SQL_SUCCESS);
    session_close(&s);
}

int conformance_input(void)
{
    static char wide[] = "fake_wide", ansi[] = "fake_ansi";
    const struct CMUnitTest tests[] = {
        {"bad targets, wide", bad_targets_are_named, NULL, NULL, wide},
        {"bad targets, ANSI", bad_targets_are_named, NULL, NULL, ansi},
        {"bad settings, wide", bad_settings_are_named, NULL, NULL, wide},
        {"bad settings, ANSI", bad_settings_are_named, NULL, NULL, ansi},
        cmocka_unit_test(a_bad_file_is_named),
        {"a silent collectd, wide", a_silent_collectd_harms_nobody, NULL, NULL, wide},
        {"a silent collectd, ANSI", a_silent_collectd_harms_nobody, NULL, NULL, ansi},
        cmocka_unit_test(the_manager_hands_it_on),
    };
    return cmocka_run_group_tests_name("bad input", tests, NULL, NULL);
}
