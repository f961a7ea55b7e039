/* SPDX-License-Identifier: MIT */
/*
 * Handles: descriptors of every kind, freeing in any order, environments with several targets,
 * functions of ODBC 2, and what a target lacks.
 */
#include "tests/unit/conformance.h"

static SQLHDESC descriptor_of(const struct session *s, SQLHSTMT stmt, SQLINTEGER which)
{
    SQLHDESC desc = NULL;
    assert_result(CALL(s, SQLGetStmtAttr, stmt, which, &desc, SQL_IS_POINTER, NULL), SQL_SUCCESS);
    assert_non_null(desc);
    return desc;
}

/* The driver's handle behind one of ours: the fake is called with it. */
static SQLHANDLE behind(const struct session *s, SQLHDESC desc)
{
    assert_result(CALL(s, SQLSetDescField, desc, 0, SQL_DESC_COUNT, (SQLPOINTER)1, 0), SQL_SUCCESS);
    return (SQLHANDLE)last_call(s, FN(s, SQLSetDescField))->words[0];
}

static void descriptors_are_one_and_the_same(void **state)
{
    struct session s;
    SQLHDESC descs[4], explicit;
    SQLHSTMT other;
    session_open(&s, SHIM, *state, false);
    const struct shim_api *api = &s.lib->api;
    for (SQLINTEGER i = 0; i < 4; i++) {
        descs[i] = descriptor_of(&s, s.stmt, SQL_ATTR_APP_ROW_DESC + i);
        assert_ptr_equal(descriptor_of(&s, s.stmt, SQL_ATTR_APP_ROW_DESC + i), descs[i]);
        assert_false(s.control->owns(SQL_HANDLE_DESC, descs[i]));
        assert_true(s.control->owns(SQL_HANDLE_DESC, behind(&s, descs[i])));
        for (SQLINTEGER k = 0; k < i; k++)
            assert_ptr_not_equal(descs[i], descs[k]);
    }
    /* An explicit one, set on two statements, is itself on both. */
    assert_result(api->SQLAllocHandle(SQL_HANDLE_DESC, s.dbc, &explicit), SQL_SUCCESS);
    assert_result(api->SQLAllocHandle(SQL_HANDLE_STMT, s.dbc, &other), SQL_SUCCESS);
    SQLHSTMT both[] = {s.stmt, other};
    for (size_t i = 0; i < 2; i++) {
        assert_result(CALL(&s, SQLSetStmtAttr, both[i], SQL_ATTR_APP_ROW_DESC, explicit, 0),
                      SQL_SUCCESS);
        assert_ptr_equal(descriptor_of(&s, both[i], SQL_ATTR_APP_ROW_DESC), explicit);
    }
    /* Taken off one; freed while it is set on the other. */
    assert_result(
        CALL(&s, SQLSetStmtAttr, s.stmt, SQL_ATTR_APP_ROW_DESC, SQL_NULL_HDESC, SQL_IS_POINTER),
        SQL_SUCCESS);
    assert_ptr_equal(descriptor_of(&s, s.stmt, SQL_ATTR_APP_ROW_DESC), descs[0]);
    assert_result(api->SQLFreeHandle(SQL_HANDLE_DESC, explicit), SQL_SUCCESS);
    assert_ptr_not_equal(descriptor_of(&s, other, SQL_ATTR_APP_ROW_DESC), descs[0]);
    /* The implicit ones are not the application's to free. */
    assert_result(api->SQLFreeHandle(SQL_HANDLE_DESC, descs[1]), SQL_ERROR);
    expect_record(&s, __LINE__, SQL_HANDLE_DESC, descs[1], "HY017", NULL, NULL);
    assert_result(CALL(&s, SQLSetStmtAttr, s.stmt, SQL_ATTR_IMP_ROW_DESC, descs[2], 0), SQL_ERROR);
    expect_record(&s, __LINE__, SQL_HANDLE_STMT, s.stmt, "HY017", NULL, NULL);
    session_close(&s);
}

static void descriptors_are_copied(void **state)
{
    struct session s;
    SQLHDESC from, to;
    session_open(&s, SHIM, *state, false);
    const struct shim_api *api = &s.lib->api;
    from = descriptor_of(&s, s.stmt, SQL_ATTR_APP_ROW_DESC);
    assert_result(api->SQLAllocHandle(SQL_HANDLE_DESC, s.dbc, &to), SQL_SUCCESS);
    assert_result(api->SQLCopyDesc(from, to), SQL_SUCCESS);
    const struct fake_call *call = last_call(&s, SHIM_FN_SQLCopyDesc);
    SQLHANDLE words[] = {(SQLHANDLE)call->words[0], (SQLHANDLE)call->words[1]};
    assert_ptr_equal(words[0], behind(&s, from));
    assert_ptr_equal(words[1], behind(&s, to));
    assert_result(api->SQLCopyDesc(s.dbc, to), SQL_INVALID_HANDLE);
    assert_result(api->SQLCopyDesc(from, s.stmt), SQL_INVALID_HANDLE);
    session_close(&s);
}

/* ---- several targets ------------------------------------------------------------------------- */

static void one_environment_serves_several_targets(void **state)
{
    struct session a, b;
    SQLHDESC from, to;
    (void)state;
    session_open(&a, SHIM, "fake_wide", true);
    b = a;
    b.fake = "fake_no_odbc2";
    b.control = fake_of(b.fake);
    b.control->reset();
    const struct shim_api *api = &a.lib->api;
    assert_result(api->SQLAllocHandle(SQL_HANDLE_DBC, a.env, &b.dbc), SQL_SUCCESS);
    assert_result(session_connect(&b, session_string(&b, "")), SQL_SUCCESS);
    assert_result(api->SQLAllocHandle(SQL_HANDLE_STMT, b.dbc, &b.stmt), SQL_SUCCESS);
    /* What was set on the environment before the second target was known has reached it. */
    assert_int_equal(last_call(&b, SHIM_FN_SQLSetEnvAttr)->words[2], SQL_OV_ODBC3_80);

    assert_result(api->SQLEndTran(SQL_HANDLE_ENV, a.env, SQL_ROLLBACK), SQL_SUCCESS);
    assert_int_equal(last_call(&a, SHIM_FN_SQLEndTran)->words[2], SQL_ROLLBACK);
    assert_int_equal(last_call(&b, SHIM_FN_SQLEndTran)->words[2], SQL_ROLLBACK);
    /* One fails: its diagnostics are the environment's, whichever it is. */
    const struct session *const both[] = {&a, &b};
    for (size_t i = 0; i < 2; i++) {
        both[i]->control->answer(&(struct fake_answer){.fn = SHIM_FN_SQLEndTran,
                                                       .result = SQL_ERROR,
                                                       .times = 1,
                                                       .records = {{"40001", 1, both[i]->fake}}});
        assert_result(api->SQLEndTran(SQL_HANDLE_ENV, a.env, SQL_COMMIT), SQL_ERROR);
        expect_record(&a, __LINE__, SQL_HANDLE_ENV, a.env, "40001", both[i]->fake, NULL);
        assert_int_equal(calls_of(&a, SHIM_FN_SQLEndTran), i + 2);
        assert_int_equal(calls_of(&b, SHIM_FN_SQLEndTran), i + 2);
    }
    /* A descriptor of one driver cannot be copied by the other: field by field it is. */
    static const SQLSMALLINT two = 2;
    from = descriptor_of(&a, a.stmt, SQL_ATTR_APP_ROW_DESC);
    to = descriptor_of(&b, b.stmt, SQL_ATTR_APP_ROW_DESC);
    a.control->answer(
        &(struct fake_answer){.fn = SHIM_FN_SQLGetDescField, .outputs = {{3, &two, sizeof two}}});
    assert_result(api->SQLCopyDesc(from, to), SQL_SUCCESS);
    const struct fake_call *last = last_call(&b, SHIM_FN_SQLSetDescField);
    assert_int_equal(last->words[1], 2);
    assert_int_equal(last->words[2], SQL_DESC_DATA_PTR);
    assert_int_equal(last->words[3], 2);
    b.control->answer(&(struct fake_answer){.fn = SHIM_FN_SQLSetDescField,
                                            .result = SQL_ERROR,
                                            .times = 1,
                                            .records = {{"HY016", 1, "no"}}});
    assert_result(api->SQLCopyDesc(from, to), SQL_ERROR);
    expect_record(&a, __LINE__, SQL_HANDLE_DESC, to, "HY016", NULL, NULL);

    assert_result(api->SQLDisconnect(b.dbc), SQL_SUCCESS);
    assert_result(api->SQLFreeHandle(SQL_HANDLE_DBC, b.dbc), SQL_SUCCESS);
    session_close(&a);
    assert_int_equal(b.control->live(SQL_HANDLE_ENV), 0);
    b.control->reset();
}

/* ---- freeing --------------------------------------------------------------------------------- */

static void handles_go_in_any_order(void **state)
{
    struct session s;
    session_open(&s, SHIM, *state, false);
    const struct shim_api *api = &s.lib->api;
    /* In use: the driver refuses, and all still works. */
    assert_result(api->SQLFreeHandle(SQL_HANDLE_DBC, s.dbc), SQL_ERROR);
    expect_record(&s, __LINE__, SQL_HANDLE_DBC, s.dbc, "HY010", NULL, NULL);
    assert_result(api->SQLFreeHandle(SQL_HANDLE_ENV, s.env), SQL_ERROR);
    expect_record(&s, __LINE__, SQL_HANDLE_ENV, s.env, "HY010", NULL, NULL);
    assert_result(api->SQLFetch(s.stmt), SQL_SUCCESS);
    /* A handle of another kind, or none. */
    assert_result(api->SQLFreeHandle(SQL_HANDLE_STMT, s.dbc), SQL_INVALID_HANDLE);
    assert_result(api->SQLFreeHandle(SQL_HANDLE_DBC, NULL), SQL_INVALID_HANDLE);
    assert_result(api->SQLDisconnect(s.stmt), SQL_INVALID_HANDLE);
    assert_result(api->SQLFreeHandle(99, s.stmt), SQL_INVALID_HANDLE);
    /* A disconnect that is refused leaves everything; the next takes the statements with it. */
    assert_result(
        CALL(&s, SQLSetConnectAttr, s.dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0),
        SQL_SUCCESS);
    assert_result(CALL(&s, SQLExecDirect, s.stmt, in_width(&s, "DELETE"), SQL_NTS), SQL_SUCCESS);
    assert_result(api->SQLDisconnect(s.dbc), SQL_ERROR);
    expect_record(&s, __LINE__, SQL_HANDLE_DBC, s.dbc, "25000", NULL, NULL);
    assert_result(api->SQLFetch(s.stmt), SQL_SUCCESS);
    assert_result(api->SQLEndTran(SQL_HANDLE_DBC, s.dbc, SQL_ROLLBACK), SQL_SUCCESS);
    assert_result(api->SQLDisconnect(s.dbc), SQL_SUCCESS);
    s.stmt = NULL;
    assert_int_equal(s.control->live(SQL_HANDLE_STMT), 0);
    assert_result(api->SQLDisconnect(s.dbc), SQL_ERROR);
    expect_record(&s, __LINE__, SQL_HANDLE_DBC, s.dbc, "08003", NULL, NULL);
    /* And again. */
    assert_result(session_connect(&s, session_string(&s, "")), SQL_SUCCESS);
    assert_result(session_connect(&s, session_string(&s, "")), SQL_ERROR);
    expect_record(&s, __LINE__, SQL_HANDLE_DBC, s.dbc, "08002", NULL, NULL);
    session_close(&s);
}

#define MANY 10000

static void ten_thousand_statements(void **state)
{
    static SQLHSTMT many[MANY];
    struct session s;
    session_open(&s, SHIM, *state, false);
    s.control->quiet = true;
    for (size_t i = 0; i < MANY; i++) {
        assert_result(s.lib->api.SQLAllocHandle(SQL_HANDLE_STMT, s.dbc, &many[i]), SQL_SUCCESS);
        assert_result(s.lib->api.SQLExecute(many[i]), SQL_SUCCESS);
    }
    assert_int_equal(s.control->live(SQL_HANDLE_STMT), MANY + 1);
    /* Every third backwards, the rest forwards but for some, which the disconnect takes. */
    for (size_t i = MANY; i-- > 0;)
        if (i % 3 == 0)
            assert_result(s.lib->api.SQLFreeHandle(SQL_HANDLE_STMT, many[i]), SQL_SUCCESS);
    for (size_t i = 0; i < MANY - 1000; i++)
        if (i % 3 != 0)
            assert_result(s.lib->api.SQLFreeStmt(many[i], SQL_DROP), SQL_SUCCESS);
    session_close(&s);
}

/* ---- what a target lacks --------------------------------------------------------------------- */

#define MISSING "[unixODBC][Driver Manager]Driver does not support this function"

static void a_missing_function_is_im001(void **state)
{
    struct session s;
    SQLUSMALLINT is = 7;
    SQLINTEGER count = 0;
    (void)state;
    session_open(&s, SHIM, "fake_no_bulk_operations", true);
    const struct shim_api *api = &s.lib->api;
    assert_result(api->SQLBulkOperations(s.stmt, SQL_ADD), SQL_ERROR);
    /* As often as one asks. */
    for (size_t i = 0; i < 2; i++) {
        expect_record(&s, __LINE__, SQL_HANDLE_STMT, s.stmt, "IM001", MISSING, NULL);
        assert_result(
            CALL(&s, SQLGetDiagField, SQL_HANDLE_STMT, s.stmt, 0, SQL_DIAG_NUMBER, &count, 0, NULL),
            SQL_SUCCESS);
        assert_int_equal(count, 1);
    }
    /* A plain call takes it off, and the driver tells of that alone. */
    s.control->answer(&(struct fake_answer){.fn = SHIM_FN_SQLFetch,
                                            .result = SQL_ERROR,
                                            .times = 1,
                                            .records = {{"24000", 1, "no cursor"}}});
    assert_result(api->SQLFetch(s.stmt), SQL_ERROR);
    expect_record(&s, __LINE__, SQL_HANDLE_STMT, s.stmt, "24000", NULL, NULL);
    /* So does a hooked one, and the statement can be freed with it on. */
    assert_result(api->SQLBulkOperations(s.stmt, SQL_ADD), SQL_ERROR);
    assert_result(api->SQLBulkOperations(s.stmt, SQL_ADD), SQL_ERROR);
    assert_result(api->SQLExecute(s.stmt), SQL_SUCCESS);
    assert_result(api->SQLBulkOperations(s.stmt, SQL_ADD), SQL_ERROR);
    assert_result(api->SQLGetFunctions(s.dbc, SQL_API_SQLBULKOPERATIONS, &is), SQL_SUCCESS);
    assert_int_equal(is, SQL_FALSE);
    session_close(&s);
}

/* On a connection and on a descriptor too the next call takes it off. */
static void no_handle_keeps_an_old_record(void **state)
{
    static const struct fake_record refused = {"HY024", 1, "refused"};
    struct session s;
    SQLHDESC desc = NULL;
    (void)state;
    session_open(&s, SHIM, "fake_managed", true);
    const struct shim_api *api = &s.lib->api;
    CALL(&s, SQLGetStmtAttr, s.stmt, SQL_ATTR_APP_ROW_DESC, &desc, 0, NULL);
    assert_result(api->SQLCopyDesc(desc, desc), SQL_ERROR);
    expect_record(&s, __LINE__, SQL_HANDLE_DESC, desc, "IM001", MISSING, NULL);
    s.control->answer(&(struct fake_answer){
        .fn = FN(&s, SQLSetDescField), .result = SQL_ERROR, .times = 1, .records = {refused}});
    assert_result(CALL(&s, SQLSetDescField, desc, 0, SQL_DESC_COUNT, NULL, 0), SQL_ERROR);
    expect_record(&s, __LINE__, SQL_HANDLE_DESC, desc, "HY024", NULL, NULL);

    assert_result(CALL(&s, SQLNativeSql, s.dbc, in_width(&s, "x"), SQL_NTS, NULL, 0, NULL),
                  SQL_ERROR);
    expect_record(&s, __LINE__, SQL_HANDLE_DBC, s.dbc, "IM001", MISSING, NULL);
    s.control->answer(&(struct fake_answer){
        .fn = FN(&s, SQLGetInfo), .result = SQL_ERROR, .times = 1, .records = {refused}});
    assert_result(CALL(&s, SQLGetInfo, s.dbc, SQL_DBMS_NAME, NULL, 0, NULL), SQL_ERROR);
    expect_record(&s, __LINE__, SQL_HANDLE_DBC, s.dbc, "HY024", NULL, NULL);
    session_close(&s);
}

/* The fake claims all functions; of them those remain that it exports under one name at least. */
static void functions_are_told_truly(void **state)
{
    struct session s;
    SQLUSMALLINT all[SQL_API_ODBC3_ALL_FUNCTIONS_SIZE] = {0}, old[100] = {0};
    session_open(&s, SHIM, *state, false);
    bool answers = strcmp(*state, "fake_no_get_functions") != 0;
    const struct library *fake = library_open(fake_path(*state));
    const struct shim_api *api = &s.lib->api;
    assert_result(api->SQLGetFunctions(s.dbc, SQL_API_ODBC3_ALL_FUNCTIONS, all), SQL_SUCCESS);
    assert_result(api->SQLGetFunctions(s.dbc, SQL_API_ALL_FUNCTIONS, old), SQL_SUCCESS);
    for (size_t i = 0; i < SHIM_FUNCTIONS; i++) {
        SQLUSMALLINT id = test_functions[i].id, one = 7;
        bool has = false;
        for (size_t k = 0; k < SHIM_FUNCTIONS; k++)
            has |= fake->has[k] && test_functions[k].id == id;
        assert_result(api->SQLGetFunctions(s.dbc, id, &one), SQL_SUCCESS);
        bool in_all = SQL_FUNC_EXISTS(all, id);
        if (in_all != has || one != has || (id < 100 && old[id] != has))
            fail_msg("%s: %d %d %d, expected %d", test_functions[i].name, in_all, one,
                     id < 100 ? old[id] : -1, has);
    }
    /* What is no function at all is the driver's to answer for. */
    assert_int_equal(SQL_FUNC_EXISTS(all, 3999) ? 1 : 0, answers ? 1 : 0);
    session_close(&s);
}

/* The functions of ODBC 2 on a target that has only their successors, and the other way round. */
static void deprecated_functions_are_mapped(void **state)
{
    struct session s;
    SQLWCHAR text[64];
    SQLSMALLINT length;
    SQLLEN number, indicator = 0;
    SQLHSTMT stmt;
    SQLULEN value;
    (void)state;
    session_open(&s, SHIM, "fake_no_odbc2", true);
    const struct shim_api *api = &s.lib->api;
    api->SQLColAttributesW(s.stmt, 3, SQL_COLUMN_NAME, text, 20, &length, &number);
    const struct fake_call *call = last_call(&s, SHIM_FN_SQLColAttributeW);
    assert_int_equal(call->words[2], SQL_DESC_NAME);
    assert_int_equal(call->words[4], 20 * sizeof(SQLWCHAR));
    assert_result(api->SQLAllocStmt(s.dbc, &stmt), SQL_SUCCESS);
    assert_result(api->SQLSetStmtOption(stmt, SQL_QUERY_TIMEOUT, 9), SQL_SUCCESS);
    assert_int_equal(last_call(&s, SHIM_FN_SQLSetStmtAttr)->words[2], 9);
    assert_result(api->SQLGetStmtOption(stmt, SQL_QUERY_TIMEOUT, &value), SQL_SUCCESS);
    assert_int_equal(value, 9);
    assert_result(api->SQLBindParam(stmt, 1, SQL_C_LONG, SQL_INTEGER, 4, 0, &number, &indicator),
                  SQL_SUCCESS);
    assert_int_equal(last_call(&s, SHIM_FN_SQLBindParameter)->words[2], SQL_PARAM_INPUT);
    assert_result(api->SQLTransact(s.env, s.dbc, SQL_COMMIT), SQL_SUCCESS);
    assert_int_equal(last_call(&s, SHIM_FN_SQLEndTran)->words[0], SQL_HANDLE_DBC);
    assert_result(api->SQLSetConnectOption(s.dbc, SQL_ACCESS_MODE, SQL_MODE_READ_ONLY),
                  SQL_SUCCESS);
    assert_int_equal(last_call(&s, SHIM_FN_SQLSetConnectAttr)->words[2], SQL_MODE_READ_ONLY);
    assert_result(api->SQLFreeStmt(stmt, SQL_DROP), SQL_SUCCESS);
    session_close(&s);
}

static void a_driver_of_odbc2_is_enough(void **state)
{
    struct session s;
    SQLHSTMT stmt;
    SQLCHAR sqlstate[6];
    (void)state;
    session_open(&s, SHIM, "fake_odbc2", false);
    const struct shim_api *api = &s.lib->api;
    assert_int_equal(calls_of(&s, SHIM_FN_SQLAllocEnv), 1);
    assert_int_equal(calls_of(&s, SHIM_FN_SQLAllocConnect), 1);
    assert_int_equal(calls_of(&s, SHIM_FN_SQLAllocStmt), 1);
    s.control->answer(&(struct fake_answer){.fn = SHIM_FN_SQLExecute,
                                            .result = SQL_ERROR,
                                            .times = 1,
                                            .records = {{"S1000", 1, "one"}, {"S1C00", 2, "two"}}});
    assert_result(api->SQLExecute(s.stmt), SQL_ERROR);
    for (int i = 0; i < 3; i++)
        assert_result(api->SQLError(NULL, NULL, s.stmt, sqlstate, NULL, NULL, 0, NULL),
                      i < 2 ? SQL_SUCCESS : SQL_NO_DATA);
    assert_string_equal(sqlstate, "S1C00");
    assert_result(api->SQLEndTran(SQL_HANDLE_DBC, s.dbc, SQL_ROLLBACK), SQL_SUCCESS);
    assert_int_equal(last_call(&s, SHIM_FN_SQLTransact)->words[2], SQL_ROLLBACK);
    assert_result(api->SQLAllocHandle(SQL_HANDLE_STMT, s.dbc, &stmt), SQL_SUCCESS);
    assert_result(api->SQLFreeHandle(SQL_HANDLE_STMT, stmt), SQL_SUCCESS);
    session_close(&s);
}

int conformance_handles(void)
{
    static char wide[] = "fake_wide", ansi[] = "fake_ansi", bulk[] = "fake_no_bulk_operations",
                field[] = "fake_no_diag_field", odbc3[] = "fake_no_odbc2", odbc2[] = "fake_odbc2",
                none[] = "fake_no_get_functions", managed[] = "fake_managed";
    const struct CMUnitTest tests[] = {
        {"descriptors, wide", descriptors_are_one_and_the_same, NULL, NULL, wide},
        {"descriptors, ANSI", descriptors_are_one_and_the_same, NULL, NULL, ansi},
        {"descriptors copied", descriptors_are_copied, NULL, NULL, wide},
        cmocka_unit_test(one_environment_serves_several_targets),
        {"any order, wide", handles_go_in_any_order, NULL, NULL, wide},
        {"any order, ANSI", handles_go_in_any_order, NULL, NULL, ansi},
        {"ten thousand statements", ten_thousand_statements, NULL, NULL, wide},
        cmocka_unit_test(a_missing_function_is_im001),
        cmocka_unit_test(no_handle_keeps_an_old_record),
        {"functions of a whole driver", functions_are_told_truly, NULL, NULL, wide},
        {"functions of an ANSI driver", functions_are_told_truly, NULL, NULL, ansi},
        {"functions without SQLBulkOperations", functions_are_told_truly, NULL, NULL, bulk},
        {"functions without SQLGetDiagField", functions_are_told_truly, NULL, NULL, field},
        {"functions without ODBC 2", functions_are_told_truly, NULL, NULL, odbc3},
        {"functions of ODBC 2 alone", functions_are_told_truly, NULL, NULL, odbc2},
        {"functions where none are told", functions_are_told_truly, NULL, NULL, none},
        {"functions beside the manager's", functions_are_told_truly, NULL, NULL, managed},
        cmocka_unit_test(deprecated_functions_are_mapped),
        cmocka_unit_test(a_driver_of_odbc2_is_enough),
    };
    return cmocka_run_group_tests_name("handles", tests, NULL, NULL);
}
