/* SPDX-License-Identifier: MIT */
/*
 * Attributes that are set before there is a target reach it as they were set, whatever their length
 * says of them; and what the driver manager's pool asks of an open connection.
 */
#include "tests/unit/conformance.h"

static char text[] = "catalogue";
static const unsigned char binary[] = {1, 0, 2, 0, 255};
static int pointed;

enum what { INTEGER, TEXT_TERMINATED, TEXT_COUNTED, BYTES };

static const struct {
    SQLINTEGER attribute, length;
    enum what what;
    SQLULEN value;
} cases[] = {
    {SQL_ATTR_LOGIN_TIMEOUT, 0, INTEGER, 30},
    {SQL_ATTR_CONNECTION_TIMEOUT, SQL_IS_UINTEGER, INTEGER, 31},
    {SQL_ATTR_ACCESS_MODE, SQL_IS_INTEGER, INTEGER, SQL_MODE_READ_ONLY},
    {SQL_ATTR_PACKET_SIZE, sizeof(SQLUINTEGER), INTEGER, 4096}, /* as the manager gives it */
    {SQL_ATTR_TXN_ISOLATION, SQL_NTS, INTEGER, SQL_TXN_SERIALIZABLE},
    {SQL_ATTR_QUIET_MODE, SQL_IS_POINTER, INTEGER, (SQLULEN)-3},
    {SQL_ATTR_CURRENT_CATALOG, SQL_NTS, TEXT_TERMINATED, 0},
    {SQL_ATTR_TRACEFILE, 4, TEXT_COUNTED, 0},
    {FAKE_ATTR_INTEGER, SQL_IS_INTEGER, INTEGER, (SQLULEN)-5},
    {FAKE_ATTR_INTEGER + 16, SQL_IS_USMALLINT, INTEGER, 6},
    {FAKE_ATTR_INTEGER + 17, 0, INTEGER, 7},
    {FAKE_ATTR_TEXT, SQL_NTS, TEXT_TERMINATED, 0},
    {FAKE_ATTR_BINARY, SQL_LEN_BINARY_ATTR((SQLINTEGER)sizeof binary), BYTES, 0},
    {FAKE_ATTR_POINTER, SQL_IS_POINTER, INTEGER, 1},
};
#define CASES (sizeof cases / sizeof *cases)

/* What the application keeps in its own memory, which it overwrites before it connects. */
static void *value_of(const struct session *s, size_t i, void *room)
{
    if (cases[i].what == INTEGER)
        return cases[i].attribute == FAKE_ATTR_POINTER ? (void *)&pointed : (void *)cases[i].value;
    if (cases[i].what == BYTES)
        return memcpy(room, binary, sizeof binary);
    return memcpy(room, in_width(s, text), 64);
}

static size_t bytes_of(const struct session *s, size_t i)
{
    size_t unit = s->wide ? sizeof(SQLWCHAR) : 1;
    return cases[i].what == BYTES          ? sizeof binary
           : cases[i].what == TEXT_COUNTED ? (size_t)cases[i].length
                                           : strlen(text) * unit;
}

static const struct fake_call *setting_of(const struct session *s, SQLINTEGER attribute)
{
    const struct fake_call *calls;
    size_t n = s->control->calls(&calls);
    for (size_t i = 0; i < n; i++)
        if (calls[i].fn == FN(s, SQLSetConnectAttr) && (SQLINTEGER)calls[i].words[1] == attribute)
            return &calls[i];
    fail_msg("attribute %d did not arrive", attribute);
    return NULL;
}

static void attributes_arrive_as_they_were_set(void **state)
{
    struct session s;
    char room[CASES][64];
    const char *fake = *state;
    session_begin(&s, SHIM, fake, !fake_is_ansi(fake));
    for (size_t i = 0; i < CASES; i++)
        assert_result(CALL(&s, SQLSetConnectAttr, s.dbc, cases[i].attribute,
                           value_of(&s, i, room[i]), cases[i].length),
                      SQL_SUCCESS);
    for (size_t i = 0; i < CASES; i++) { /* asked before there is a target */
        SQLULEN got = 0;
        if (cases[i].what == INTEGER && cases[i].attribute != FAKE_ATTR_POINTER) {
            assert_result(CALL(&s, SQLGetConnectAttr, s.dbc, cases[i].attribute, &got, 0, NULL),
                          SQL_SUCCESS);
            assert_int_equal((SQLUINTEGER)got, (SQLUINTEGER)cases[i].value);
        }
    }
    memset(room, 'x', sizeof room);
    assert_result(session_connect(&s, session_string(&s, "")), SQL_SUCCESS);
    for (size_t i = 0; i < CASES; i++) {
        const struct fake_call *call = setting_of(&s, cases[i].attribute);
        assert_int_equal((SQLINTEGER)call->words[3], cases[i].length);
        if (cases[i].attribute == FAKE_ATTR_POINTER) {
            assert_int_equal(call->words[2], (uintptr_t)&pointed);
        } else if (cases[i].what == INTEGER) {
            assert_int_equal(call->words[2], cases[i].value);
        } else {
            assert_int_equal(call->texts[0].size, bytes_of(&s, i));
            assert_memory_equal(call->texts[0].bytes,
                                cases[i].what == BYTES ? (const void *)binary : in_width(&s, text),
                                call->texts[0].size);
        }
    }
    session_close(&s);
}

/* The last setting counts, and comes where it was set last. */
static void attributes_keep_their_order(void **state)
{
    struct session s;
    static const SQLINTEGER order[] = {SQL_ATTR_ACCESS_MODE, SQL_ATTR_LOGIN_TIMEOUT,
                                       SQL_ATTR_ACCESS_MODE, FAKE_ATTR_INTEGER};
    size_t seen = 0;
    (void)state;
    session_begin(&s, SHIM, "fake_wide", false);
    for (size_t i = 0; i < 4; i++)
        assert_result(s.lib->api.SQLSetConnectAttr(s.dbc, order[i], (SQLPOINTER)i, 0), SQL_SUCCESS);
    assert_result(session_connect(&s, session_string(&s, "")), SQL_SUCCESS);
    const struct fake_call *calls;
    size_t n = s.control->calls(&calls);
    for (size_t i = 0; i < n; i++) {
        if (calls[i].fn != SHIM_FN_SQLSetConnectAttr)
            continue;
        seen++;
        assert_int_equal(calls[i].words[1], order[seen]);
        assert_int_equal(calls[i].words[2], seen);
    }
    assert_int_equal(seen, 3);
    session_close(&s);
}

static void text_is_answered_before_connecting(void **state)
{
    struct session s;
    SQLWCHAR answer[32];
    SQLINTEGER length = 0;
    const char *fake = *state;
    session_begin(&s, SHIM, fake, !fake_is_ansi(fake));
    SQLINTEGER unit = s.wide ? (SQLINTEGER)sizeof(SQLWCHAR) : 1;
    assert_result(
        CALL(&s, SQLSetConnectAttr, s.dbc, SQL_ATTR_CURRENT_CATALOG, in_width(&s, text), SQL_NTS),
        SQL_SUCCESS);
    assert_result(CALL(&s, SQLGetConnectAttr, s.dbc, SQL_ATTR_CURRENT_CATALOG, answer,
                       sizeof answer, &length),
                  SQL_SUCCESS);
    assert_string_equal(from_width(&s, answer), text);
    assert_int_equal(length, (SQLINTEGER)strlen(text) * unit);
    assert_result(
        CALL(&s, SQLGetConnectAttr, s.dbc, SQL_ATTR_CURRENT_CATALOG, answer, 4 * unit, &length),
        SQL_SUCCESS_WITH_INFO);
    assert_string_equal(from_width(&s, answer), "cat");
    assert_int_equal(length, (SQLINTEGER)strlen(text) * unit);
    expect_record(&s, __LINE__, SQL_HANDLE_DBC, s.dbc, "01004", NULL, NULL);
    assert_result(CALL(&s, SQLGetConnectAttr, s.dbc, SQL_ATTR_TRACEFILE, answer, 4, &length),
                  SQL_ERROR);
    session_close(&s);
}

static void environments_keep_attributes(void **state)
{
    struct session s;
    SQLINTEGER value = 0;
    (void)state;
    session_begin(&s, SHIM, "fake_wide", true);
    const struct shim_api *api = &s.lib->api;
    assert_result(api->SQLGetEnvAttr(s.env, SQL_ATTR_ODBC_VERSION, &value, 0, NULL), SQL_SUCCESS);
    assert_int_equal(value, SQL_OV_ODBC3_80);
    assert_result(
        api->SQLSetEnvAttr(s.env, SQL_ATTR_OUTPUT_NTS, (SQLPOINTER)SQL_TRUE, SQL_IS_INTEGER),
        SQL_SUCCESS);
    assert_result(session_connect(&s, session_string(&s, "")), SQL_SUCCESS);
    const struct fake_call *call = last_call(&s, SHIM_FN_SQLSetEnvAttr);
    assert_int_equal(call->words[1], SQL_ATTR_OUTPUT_NTS);
    assert_int_equal(call->words[2], SQL_TRUE);
    assert_int_equal((SQLINTEGER)call->words[3], SQL_IS_INTEGER);
    assert_int_equal(calls_of(&s, SHIM_FN_SQLSetEnvAttr), 2);
    session_close(&s);
}

/* ---- the pool -------------------------------------------------------------------------------- */

/* As the driver manager asks whether a pooled connection lives: up to four functions, until one
   answers. */
static void probe(const struct session *s)
{
    SQLUINTEGER dead;
    const struct shim_api *api = &s->lib->api;
    if (!SQL_SUCCEEDED(api->SQLGetConnectAttr(s->dbc, SQL_ATTR_CONNECTION_DEAD, &dead,
                                              SQL_IS_INTEGER, NULL)) &&
        !SQL_SUCCEEDED(api->SQLGetConnectAttrW(s->dbc, SQL_ATTR_CONNECTION_DEAD, &dead,
                                               SQL_IS_INTEGER, NULL)) &&
        !SQL_SUCCEEDED(api->SQLGetConnectOption(s->dbc, SQL_ATTR_CONNECTION_DEAD, &dead)))
        api->SQLGetConnectOptionW(s->dbc, SQL_ATTR_CONNECTION_DEAD, &dead);
}

static void a_probe_is_one_checkout(void **state)
{
    struct session s;
    const bool refused = *(bool *)*state;
    const char *program = refused ? "refusing" : "answering";
    char more[128];
    session_begin(&s, SHIM, "fake_wide", true);
    snprintf(more, sizeof more, "CollectdProgramName=%s;CollectdCheckout=manager", program);
    assert_result(session_connect(&s, session_string(&s, more)), SQL_SUCCESS);
    s.control->dead_refused = refused;
    for (int i = 0; i < 3; i++) {
        s.lib->api.SQLSetConnectAttr(s.dbc, SQL_ATTR_RESET_CONNECTION,
                                     (SQLPOINTER)SQL_RESET_CONNECTION_YES, 0);
        probe(&s);
    }
    expect_total(__LINE__, program, CDP_CHECKOUTS, 4);
    expect_total(__LINE__, program, CDP_CHECKINS, 3);
    expect_total(__LINE__, program, CDP_CONNECTS, 1);
    expect_total(__LINE__, program, CDP_ERRORS, 0);
    s.control->dead_refused = false;
    s.control->dead = SQL_CD_TRUE;
    s.lib->api.SQLSetConnectAttr(s.dbc, SQL_ATTR_RESET_CONNECTION,
                                 (SQLPOINTER)SQL_RESET_CONNECTION_YES, 0);
    probe(&s);
    assert_result(s.lib->api.SQLDisconnect(s.dbc), SQL_SUCCESS);
    expect_total(__LINE__, program, CDP_DISCONNECTS, 1);
    expect_total(__LINE__, program, CDP_CHECKOUTS, 4);
    expect_total(__LINE__, program, CDP_INVALIDATED, 1);
    expect_gauge(__LINE__, program, CDP_CONNECTIONS, 0);
    session_close(&s);
}

int conformance_attributes(void)
{
    static char wide[] = "fake_wide", ansi[] = "fake_ansi";
    static bool yes = true, no = false;
    const struct CMUnitTest tests[] = {
        {"as they were set, wide", attributes_arrive_as_they_were_set, NULL, NULL, wide},
        {"as they were set, ANSI", attributes_arrive_as_they_were_set, NULL, NULL, ansi},
        cmocka_unit_test(attributes_keep_their_order),
        {"text before connecting, wide", text_is_answered_before_connecting, NULL, NULL, wide},
        {"text before connecting, ANSI", text_is_answered_before_connecting, NULL, NULL, ansi},
        cmocka_unit_test(environments_keep_attributes),
        {"a probe that is answered", a_probe_is_one_checkout, NULL, NULL, &no},
        {"a probe that is refused", a_probe_is_one_checkout, NULL, NULL, &yes},
    };
    return cmocka_run_group_tests_name("attributes", tests, NULL, NULL);
}
