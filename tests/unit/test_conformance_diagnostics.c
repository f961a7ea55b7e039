/* SPDX-License-Identifier: MIT */
/*
 * Diagnostics of the four kinds of handles, whole and in their order; the shim asks for none of
 * its own accord, and the driver, which would not survive it, is asked only after a failure.
 */
#include "tests/unit/conformance.h"

#define RECORDS                                                                                    \
    {                                                                                              \
        {"08S01", -1, "the first"}, {"HY000", 0, ""},                                              \
        {                                                                                          \
            "01000", 99, "the third of them"                                                       \
        }                                                                                          \
    }

static const struct fake_record records[] = RECORDS;

/* All records as the driver has them, and then no more. */
static void expect_records(const struct session *s, int line, SQLSMALLINT type, SQLHANDLE handle)
{
    SQLWCHAR state[6], text[64];
    SQLINTEGER native, number = 0;
    SQLSMALLINT length;
    SQLRETURN returned = 0, r;
    for (SQLSMALLINT i = 1; i <= 3; i++) {
        const struct fake_record *expected = &records[i - 1];
        r = CALL(s, SQLGetDiagRec, type, handle, i, (void *)state, &native, (void *)text, 64,
                 &length);
        if (r != SQL_SUCCESS || native != expected->native ||
            length != (SQLSMALLINT)strlen(expected->text) ||
            strcmp(from_width(s, state), expected->state) != 0 ||
            strcmp(from_width(s, text), expected->text) != 0)
            fail_msg("line %d: record %d of kind %d: %d %s", line, i, type, r,
                     from_width(s, state));
        r = CALL(s, SQLGetDiagField, type, handle, i, SQL_DIAG_NATIVE, &native, 0, NULL);
        assert_result(r, SQL_SUCCESS);
        assert_int_equal(native, expected->native);
    }
    r = CALL(s, SQLGetDiagRec, type, handle, 4, (void *)state, NULL, NULL, 0, NULL);
    assert_result(r, SQL_NO_DATA);
    /* A short buffer; no place for some. */
    r = CALL(s, SQLGetDiagRec, type, handle, 1, NULL, NULL, (void *)text, 4, &length);
    assert_result(r, SQL_SUCCESS_WITH_INFO);
    assert_string_equal(from_width(s, text), "the");
    assert_int_equal(length, 9);
    r = CALL(s, SQLGetDiagField, type, handle, 0, SQL_DIAG_NUMBER, &number, 0, NULL);
    assert_result(r, SQL_SUCCESS);
    assert_int_equal(number, 3);
    r = CALL(s, SQLGetDiagField, type, handle, 0, SQL_DIAG_RETURNCODE, &returned, 0, NULL);
    assert_result(r, SQL_SUCCESS);
    assert_int_equal(returned, SQL_ERROR);
}

static size_t questions(const struct session *s)
{
    return calls_of(s, SHIM_FN_SQLGetDiagRec) + calls_of(s, SHIM_FN_SQLGetDiagRecW) +
           calls_of(s, SHIM_FN_SQLGetDiagField) + calls_of(s, SHIM_FN_SQLGetDiagFieldW) +
           calls_of(s, SHIM_FN_SQLError) + calls_of(s, SHIM_FN_SQLErrorW);
}

static void fail_next(const struct session *s, enum shim_function fn)
{
    s->control->answer(
        &(struct fake_answer){.fn = fn, .result = SQL_ERROR, .times = 1, .records = RECORDS});
}

static void every_handle_tells_all(void **state)
{
    struct session s;
    SQLHDESC desc = NULL;
    const char *fake = *state;
    session_open(&s, SHIM, fake, !fake_is_ansi(fake));
    const struct shim_api *api = &s.lib->api;
    fail_next(&s, SHIM_FN_SQLEndTran);
    assert_result(api->SQLEndTran(SQL_HANDLE_ENV, s.env, SQL_COMMIT), SQL_ERROR);
    assert_int_equal(questions(&s), 0);
    expect_records(&s, __LINE__, SQL_HANDLE_ENV, s.env);

    fail_next(&s, SHIM_FN_SQLEndTran);
    assert_result(api->SQLEndTran(SQL_HANDLE_DBC, s.dbc, SQL_COMMIT), SQL_ERROR);
    expect_records(&s, __LINE__, SQL_HANDLE_DBC, s.dbc);
    fail_next(&s, FN(&s, SQLGetInfo));
    assert_result(CALL(&s, SQLGetInfo, s.dbc, SQL_DBMS_NAME, NULL, 0, NULL), SQL_ERROR);
    expect_records(&s, __LINE__, SQL_HANDLE_DBC, s.dbc);

    fail_next(&s, SHIM_FN_SQLExecute);
    assert_result(api->SQLExecute(s.stmt), SQL_ERROR);
    expect_records(&s, __LINE__, SQL_HANDLE_STMT, s.stmt);
    fail_next(&s, SHIM_FN_SQLFetch);
    assert_result(api->SQLFetch(s.stmt), SQL_ERROR);
    expect_records(&s, __LINE__, SQL_HANDLE_STMT, s.stmt);
    expect_records(&s, __LINE__, SQL_HANDLE_STMT, s.stmt);

    CALL(&s, SQLGetStmtAttr, s.stmt, SQL_ATTR_APP_PARAM_DESC, &desc, 0, NULL);
    fail_next(&s, FN(&s, SQLSetDescField));
    assert_result(CALL(&s, SQLSetDescField, desc, 0, SQL_DESC_COUNT, NULL, 0), SQL_ERROR);
    expect_records(&s, __LINE__, SQL_HANDLE_DESC, desc);
    session_close(&s);
}

/* SQLError takes the records, each once, in the driver or by way of SQLGetDiagRec. */
static void sql_error_takes_each_once(void **state)
{
    struct session s;
    SQLWCHAR sqlstate[6];
    session_open(&s, SHIM, *state, true);
    for (int round = 0; round < 2; round++) {
        fail_next(&s, SHIM_FN_SQLExecute);
        assert_result(s.lib->api.SQLExecute(s.stmt), SQL_ERROR);
        for (size_t i = 0; i < 3; i++) {
            assert_result(s.lib->api.SQLErrorW(s.env, s.dbc, s.stmt, sqlstate, NULL, NULL, 0, NULL),
                          SQL_SUCCESS);
            assert_string_equal(from_width(&s, sqlstate), records[i].state);
        }
        assert_result(s.lib->api.SQLErrorW(s.env, s.dbc, s.stmt, sqlstate, NULL, NULL, 0, NULL),
                      SQL_NO_DATA);
    }
    session_close(&s);
}

/* Successes, failures and refusals of every hooked kind: the driver is asked for nothing. */
static void nothing_is_asked_unasked(void **state)
{
    struct session s;
    SQLUINTEGER value;
    const char *fake = *state;
    session_open(&s, SHIM, fake, false);
    const struct shim_api *api = &s.lib->api;
    static const enum shim_function hooked[] = {SHIM_FN_SQLExecute, SHIM_FN_SQLExecDirect,
                                                SHIM_FN_SQLSetConnectAttr, SHIM_FN_SQLEndTran,
                                                SHIM_FN_SQLGetConnectAttr};
    for (int round = 0; round < 2; round++) {
        assert_true(SQL_SUCCESS != api->SQLExecute(s.stmt) || round == 0);
        api->SQLExecDirect(s.stmt, in_width(&s, "DELETE"), SQL_NTS);
        api->SQLSetConnectAttr(s.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_ON, 0);
        api->SQLEndTran(SQL_HANDLE_DBC, s.dbc, SQL_COMMIT);
        api->SQLGetConnectAttr(s.dbc, SQL_ATTR_CONNECTION_DEAD, &value, SQL_IS_INTEGER, NULL);
        for (size_t i = 0; i < sizeof hooked / sizeof *hooked; i++)
            fail_next(&s, hooked[i]);
    }
    assert_int_equal(questions(&s), 0);
    session_close(&s);
}

/* What tells that an open connection broke, and what only sounds like it. */
static void what_ends_a_session_breaks_the_connection(void **state)
{
    static const struct {
        const char *state;
        int64_t broken;
    } rows[] = {
        {"08S01", 1}, {"08007", 1}, {"57P01", 1}, {"57P02", 1}, {"57P04", 1},
        {"57P05", 1}, {"25P03", 1}, {"08001", 0}, {"08002", 0}, {"08004", 0},
        {"57014", 0}, {"57P03", 0}, {"25000", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct session s;
        char more[128];
        session_begin(&s, SHIM, "fake_wide", true);
        snprintf(more, sizeof more, "CollectdProgramName=ends%s", rows[i].state);
        assert_result(session_connect(&s, session_string(&s, more)), SQL_SUCCESS);
        s.control->answer(&(struct fake_answer){.fn = SHIM_FN_SQLEndTran,
                                                .result = SQL_ERROR,
                                                .times = 1,
                                                .records = {{rows[i].state, 0, "it ended"}}});
        assert_result(s.lib->api.SQLEndTran(SQL_HANDLE_DBC, s.dbc, SQL_COMMIT), SQL_ERROR);
        expect_record(&s, __LINE__, SQL_HANDLE_DBC, s.dbc, rows[i].state, "ended", "");
        expect_total(__LINE__, strchr(more, '=') + 1, CDP_ERRORS, 1);
        expect_total(__LINE__, strchr(more, '=') + 1, CDP_INVALIDATED, rows[i].broken);
        session_close(&s);
    }
}

int conformance_diagnostics(void)
{
    static char wide[] = "fake_wide", ansi[] = "fake_ansi", odbc3[] = "fake_no_odbc2";
    const struct CMUnitTest tests[] = {
        {"all handles, wide", every_handle_tells_all, NULL, NULL, wide},
        {"all handles, ANSI", every_handle_tells_all, NULL, NULL, ansi},
        {"SQLError of the driver", sql_error_takes_each_once, NULL, NULL, wide},
        {"SQLError by SQLGetDiagRec", sql_error_takes_each_once, NULL, NULL, odbc3},
        {"nothing unasked, wide", nothing_is_asked_unasked, NULL, NULL, wide},
        {"nothing unasked, ANSI", nothing_is_asked_unasked, NULL, NULL, ansi},
        cmocka_unit_test(what_ends_a_session_breaks_the_connection),
    };
    return cmocka_run_group_tests_name("diagnostics", tests, NULL, NULL);
}
