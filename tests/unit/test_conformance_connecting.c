/* SPDX-License-Identifier: MIT */
/*
 * Connecting: what the target is given of a connection string, what the application gets back, in
 * both widths, with every kind of length and buffer; DSNs; SQLBrowseConnect.
 */
#include "tests/unit/conformance.h"

/* ---- what the target sees, and what comes back ----------------------------------------------- */

/* `@` stands for the path of the fake, `#` for its section in odbcinst.ini. */
static const struct {
    int line;
    const char *given, *seen, *completed;
} strings[] = {
    {__LINE__, "DRIVER={shim};Target=@", "DRIVER={@}", "DRIVER={shim};FAKE=yes;Target=@"},
    {__LINE__, "DRIVER=shim;Target=#;UID=a", "DRIVER=#;UID=a",
     "DRIVER=shim;UID=a;FAKE=yes;Target=#"},
    {__LINE__, "driver={shim}; target = @ ;PWD={a;b}}c};Odd=;=;", NULL, NULL},
    {__LINE__, "DRIVER={shim};Target=@;UID=a;uid=b;Unknown={x y};Empty=", NULL, NULL},
    {__LINE__, "DSN=wraps_#;UID=a", "DSN=bare_#;UID=a", "DSN=wraps_#;UID=a;FAKE=yes"},
    {__LINE__, "DSN=shim_#", "DSN=shim_#", "DSN=shim_#;FAKE=yes"},
    {__LINE__, "DSN=shim_#;CollectdProgramName={a b}", "DSN=shim_#", NULL},
};

static const char *filled(const char *pattern, const char *fake)
{
    static char texts[4][512];
    static size_t used;
    char *text = texts[used++ % 4], *to = text;
    for (; *pattern; pattern++) {
        if (*pattern == '@')
            to += sprintf(to, "%s", fake_path(fake));
        else if (*pattern == '#')
            to += sprintf(to, "%s", fake);
        else
            *to++ = *pattern;
    }
    *to = '\0';
    return text;
}

static bool says(const char *string, const char *part)
{
    if (strstr(string, part))
        return true;
    print_error("<%s> does not say <%s>\n", string, part);
    return false;
}

static const char *given_to_driver(const struct session *s)
{
    return text_given(last_call(s, FN(s, SQLDriverConnect)), 0);
}

static void strings_are_translated_both_ways(void **state)
{
    const char *fake = *state;
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
        struct session s;
        SQLWCHAR completed[512];
        SQLSMALLINT length;
        session_begin(&s, SHIM, fake, !fake_is_ansi(fake));
        SQLRETURN r =
            CALL(&s, SQLDriverConnect, s.dbc, NULL, in_width(&s, filled(strings[i].given, fake)),
                 SQL_NTS, (void *)completed, 512, &length, SQL_DRIVER_NOPROMPT);
        if (r != SQL_SUCCESS)
            expect_record(&s, strings[i].line, SQL_HANDLE_DBC, s.dbc, "none", NULL, NULL);
        assert_int_equal(length, strlen(from_width(&s, completed)));
        if (strings[i].seen && strcmp(given_to_driver(&s), filled(strings[i].seen, fake)) != 0)
            fail_msg("line %d: the driver was given <%s>", strings[i].line, given_to_driver(&s));
        if (strings[i].completed &&
            strcmp(from_width(&s, completed), filled(strings[i].completed, fake)) != 0)
            fail_msg("line %d: completed <%s>", strings[i].line, from_width(&s, completed));
        /* What is completed connects again, to the same. */
        char *first = strdup(given_to_driver(&s));
        assert_result(s.lib->api.SQLDisconnect(s.dbc), SQL_SUCCESS);
        assert_result(session_connect(&s, from_width(&s, completed)), SQL_SUCCESS);
        if (strncmp(given_to_driver(&s), first, strlen(first)) != 0)
            fail_msg("line %d: first <%s>, then <%s>", strings[i].line, first, given_to_driver(&s));
        free(first);
        session_close(&s);
    }
}

/* Values that are the driver's business come through unit for unit. */
static void values_are_not_touched(void **state)
{
    struct session s;
    const char *fake = *state;
    session_begin(&s, SHIM, fake, !fake_is_ansi(fake));
    assert_result(session_connect(&s, filled(strings[2].given, fake)), SQL_SUCCESS);
    assert_true(says(given_to_driver(&s), ";PWD={a;b}}c};Odd=;="));
    assert_null(strstr(given_to_driver(&s), "arget"));
    assert_result(s.lib->api.SQLDisconnect(s.dbc), SQL_SUCCESS);
    assert_result(session_connect(&s, filled(strings[3].given, fake)), SQL_SUCCESS);
    assert_true(says(given_to_driver(&s), ";UID=a;uid=b;Unknown={x y};Empty="));
    session_close(&s);
}

/* Outside ASCII, outside the BMP, and half a character. */
static void wide_units_come_through(void **state)
{
    static const SQLWCHAR odd[] = {0x00e9, 0x4e2d, 0xd83d, 0xde00, 0xd800, 'x'};
    struct session s;
    SQLWCHAR string[512];
    size_t n = 0;
    (void)state;
    session_begin(&s, SHIM, "fake_wide", true);
    for (const char *c = filled("DRIVER={shim};Target=@;PWD=", "fake_wide"); *c; c++)
        string[n++] = (unsigned char)*c;
    memcpy(string + n, odd, sizeof odd);
    n += sizeof odd / sizeof *odd;
    string[n] = ';'; /* beyond the counted length */
    string[n + 1] = 0;
    assert_result(s.lib->api.SQLDriverConnectW(s.dbc, NULL, string, (SQLSMALLINT)n, NULL, 0, NULL,
                                               SQL_DRIVER_NOPROMPT),
                  SQL_SUCCESS);
    const struct fake_text *given = &last_call(&s, SHIM_FN_SQLDriverConnectW)->texts[0];
    assert_true(given->size > sizeof odd);
    assert_memory_equal(given->bytes + given->size - sizeof odd, odd, sizeof odd);
    session_close(&s);
}

/* ---- buffers and lengths --------------------------------------------------------------------- */

static void completed_strings_fit_their_buffers(void **state)
{
    const char *fake = *state;
    const char *input = filled("DRIVER={shim};Target=@", fake);
    const char *whole = filled("DRIVER={shim};FAKE=yes;Target=@", fake);
    SQLSMALLINT full = (SQLSMALLINT)strlen(whole);
    const SQLSMALLINT sizes[] = {1, 2, 10, full, (SQLSMALLINT)(full + 1), 500};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct session s;
        SQLWCHAR completed[512];
        SQLSMALLINT length = -1;
        char expected[512];
        session_begin(&s, SHIM, fake, !fake_is_ansi(fake));
        memset(completed, 0x5a, sizeof completed);
        SQLRETURN r =
            CALL(&s, SQLDriverConnect, s.dbc, NULL, in_width(&s, input), (SQLSMALLINT)strlen(input),
                 (void *)completed, sizes[i], &length, SQL_DRIVER_NOPROMPT);
        assert_result(r, sizes[i] > full ? SQL_SUCCESS : SQL_SUCCESS_WITH_INFO);
        assert_int_equal(length, full);
        snprintf(expected, (size_t)sizes[i], "%s", whole);
        assert_string_equal(from_width(&s, completed), expected);
        if (r == SQL_SUCCESS_WITH_INFO)
            expect_record(&s, __LINE__, SQL_HANDLE_DBC, s.dbc, "01004", NULL, NULL);
        /* Nothing behind the buffer. */
        assert_int_equal(((unsigned char *)completed)[(size_t)sizes[i] * (s.wide ? 2 : 1)], 0x5a);
        session_close(&s);
    }
    struct session s;
    SQLSMALLINT length = -1;
    session_begin(&s, SHIM, fake, !fake_is_ansi(fake));
    assert_result(CALL(&s, SQLDriverConnect, s.dbc, NULL, in_width(&s, input), SQL_NTS, NULL, 0,
                       &length, SQL_DRIVER_NOPROMPT),
                  SQL_SUCCESS);
    assert_int_equal(length, full);
    session_close(&s);
}

/* Of a string that is the target's own affair, the buffers are the application's own. */
static void unchanged_strings_are_handed_through(void **state)
{
    struct session s;
    SQLWCHAR completed[64];
    SQLSMALLINT length;
    (void)state;
    session_begin(&s, SHIM, "fake_wide", true);
    void *string = in_width(&s, "DSN=shim_fake_wide;UID=x");
    assert_result(s.lib->api.SQLDriverConnectW(s.dbc, (SQLHWND)0x77, string, SQL_NTS, completed, 60,
                                               &length, SQL_DRIVER_COMPLETE),
                  SQL_SUCCESS);
    const uintptr_t *words = last_call(&s, SHIM_FN_SQLDriverConnectW)->words;
    const uintptr_t expected[] = {words[0],
                                  0x77,
                                  (uintptr_t)string,
                                  (uintptr_t)SQL_NTS,
                                  (uintptr_t)completed,
                                  60,
                                  (uintptr_t)&length,
                                  SQL_DRIVER_COMPLETE};
    assert_memory_equal(words, expected, sizeof expected);
    session_close(&s);
}

/* A translated string is counted or terminated as the application's is; terminated it may be longer
   than any count. */
static void a_length_stays_what_it_was(void **state)
{
    const char *fake = *state;
    const size_t long_enough = 40000;
    for (int round = 0; round < 3; round++) {
        struct session s;
        session_begin(&s, SHIM, fake, !fake_is_ansi(fake));
        const char *head = filled("DRIVER={shim};Target=@;PWD=", fake);
        size_t n = strlen(head), all = n + (round == 2 ? long_enough : 8);
        SQLWCHAR *wide = calloc(all + 1, sizeof *wide);
        SQLCHAR *narrow = calloc(all + 1, sizeof *narrow);
        assert_true(wide && narrow);
        for (size_t i = 0; i < all; i++)
            wide[i] = narrow[i] = (SQLCHAR)(i < n ? head[i] : 'p');
        assert_result(
            CALL(&s, SQLDriverConnect, s.dbc, NULL, s.wide ? (void *)wide : (void *)narrow,
                 round == 1 ? (SQLSMALLINT)all : SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT),
            SQL_SUCCESS);
        const struct fake_call *call = last_call(&s, FN(&s, SQLDriverConnect));
        size_t units = call->texts[0].size / (s.wide ? sizeof *wide : 1);
        assert_int_equal(units, strlen(filled("DRIVER={@};PWD=", fake)) + all - n);
        assert_int_equal((SQLSMALLINT)call->words[3],
                         round == 1 ? (SQLSMALLINT)units : (SQLSMALLINT)SQL_NTS);
        session_close(&s);
        free(wide);
        free(narrow);
    }
}

/* ---- SQLConnect ------------------------------------------------------------------------------ */

static void data_sources_connect(void **state)
{
    const char *fake = *state;
    char dsn[64];
    const struct {
        const char *dsn, *seen;
        SQLSMALLINT length;
    } cases[] = {
        {"shim_%s", "shim_%s", SQL_NTS},
        {"shim_%s", "shim_%s", (SQLSMALLINT)(strlen(fake) + 5)},
        {"wraps_%s", "bare_%s", SQL_NTS},
        {"wraps_%sXX", "bare_%s", (SQLSMALLINT)(strlen(fake) + 6)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct session s;
        session_begin(&s, SHIM, fake, !fake_is_ansi(fake));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(dsn, sizeof dsn, cases[i].dsn, fake);
        SQLRETURN r = CALL(&s, SQLConnect, s.dbc, in_width(&s, dsn), cases[i].length,
                           in_width(&s, "Ann"), SQL_NTS, in_width(&s, "secret!"), 6);
        snprintf(dsn, sizeof dsn, cases[i].seen, fake);
#pragma GCC diagnostic pop
        assert_result(r, SQL_SUCCESS);
        const struct fake_call *call = last_call(&s, FN(&s, SQLConnect));
        assert_string_equal(text_given(call, 0), dsn);
        assert_string_equal(text_given(call, 1), "Ann");
        assert_string_equal(text_given(call, 2), "secret");
        session_close(&s);
    }
}

/* ---- SQLBrowseConnect ------------------------------------------------------------------------ */

static void browsing_goes_its_rounds(void **state)
{
    struct session s;
    SQLWCHAR out[512];
    SQLSMALLINT length;
    const char *fake = *state;
    session_begin(&s, SHIM, fake, !fake_is_ansi(fake));
    const struct shim_api *api = &s.lib->api;
    for (int again = 0; again < 2; again++) {
        s.control->rounds = 2;
        assert_result(
            CALL(&s, SQLBrowseConnect, s.dbc,
                 in_width(&s, filled("DRIVER={shim};Target=@;CollectdProgramName=browser", fake)),
                 SQL_NTS, (void *)out, 512, &length),
            SQL_NEED_DATA);
        assert_string_equal(from_width(&s, out), "UID:User={Ann,Bob};*PWD:Password=?");
        assert_int_equal(length, strlen(from_width(&s, out)));
        const struct fake_call *call = last_call(&s, FN(&s, SQLBrowseConnect));
        assert_string_equal(text_given(call, 0), filled("DRIVER={@}", fake));
        assert_result(CALL(&s, SQLBrowseConnect, s.dbc, in_width(&s, "UID=Ann"), SQL_NTS,
                           (void *)out, 512, &length),
                      SQL_NEED_DATA);
        assert_string_equal(text_given(last_call(&s, FN(&s, SQLBrowseConnect)), 0), "UID=Ann");
        assert_int_equal(length, strlen(from_width(&s, out)));
        if (again)
            break;
        assert_result(CALL(&s, SQLBrowseConnect, s.dbc, in_width(&s, "PWD=x"), SQL_NTS, (void *)out,
                           512, &length),
                      SQL_SUCCESS);
        assert_true(says(from_width(&s, out), filled(";Target=@", fake)));
        assert_true(says(from_width(&s, out), ";CollectdProgramName=browser"));
        assert_int_equal(length, strlen(from_width(&s, out)));
        assert_result(api->SQLDisconnect(s.dbc), SQL_SUCCESS);
    }
    /* Given up in the middle, by a disconnect; then another way. */
    assert_result(api->SQLDisconnect(s.dbc), SQL_SUCCESS);
    assert_result(session_connect(&s, session_string(&s, "")), SQL_SUCCESS);
    session_close(&s);
    expect_total(__LINE__, "browser", CDP_CONNECTS, 1);
    expect_total(__LINE__, "browser", CDP_FAILURES, 0);
    expect_gauge(__LINE__, "browser", CDP_CONNECTIONS, 0);
}

/* Later rounds are the application's answers and nothing else; what does not fit is cut off. */
static void browsing_a_wrapped_dsn(void **state)
{
    struct session s;
    SQLWCHAR out[512];
    SQLSMALLINT length;
    const char *fake = *state;
    session_begin(&s, SHIM, fake, !fake_is_ansi(fake));
    s.control->rounds = 1;
    assert_result(CALL(&s, SQLBrowseConnect, s.dbc, in_width(&s, filled("DSN=wraps_#", fake)),
                       SQL_NTS, (void *)out, 10, &length),
                  SQL_NEED_DATA);
    assert_string_equal(from_width(&s, out), "UID:User=");
    assert_int_equal(length, strlen("UID:User={Ann,Bob};*PWD:Password=?"));
    assert_string_equal(text_given(last_call(&s, FN(&s, SQLBrowseConnect)), 0),
                        filled("DSN=bare_#", fake));
    s.control->completed = filled("DSN=bare_#;UID=Ann;PWD=x", fake);
    assert_result(CALL(&s, SQLBrowseConnect, s.dbc, in_width(&s, "UID=Ann;PWD=x"), SQL_NTS,
                       (void *)out, 512, &length),
                  SQL_SUCCESS);
    assert_string_equal(text_given(last_call(&s, FN(&s, SQLBrowseConnect)), 0), "UID=Ann;PWD=x");
    assert_string_equal(from_width(&s, out), filled("DSN=wraps_#;UID=Ann;PWD=x", fake));
    session_close(&s);
}

/* The driver refuses, and the handle goes on to another driver. */
static void a_failed_attempt_leaves_no_trace(void **state)
{
    struct session s;
    struct fake_control *other = fake_of("fake_no_odbc2");
    (void)state;
    session_begin(&s, SHIM, "fake_wide", true);
    other->reset();
    s.control->answer(&(struct fake_answer){.fn = SHIM_FN_SQLDriverConnectW,
                                            .result = SQL_ERROR,
                                            .times = 1,
                                            .records = {{"08001", 5, "nobody there"}}});
    assert_result(session_connect(&s, session_string(&s, "CollectdProgramName=failing")),
                  SQL_ERROR);
    expect_record(&s, __LINE__, SQL_HANDLE_DBC, s.dbc, "08001", "nobody there", NULL);
    assert_result(session_connect(&s, filled("DRIVER=x;Target=@", "fake_no_odbc2")), SQL_SUCCESS);
    assert_int_equal(s.control->live(SQL_HANDLE_DBC), 0);
    assert_int_equal(other->live(SQL_HANDLE_DBC), 1);
    expect_total(__LINE__, "failing", CDP_FAILURES, 1);
    assert_result(s.lib->api.SQLDisconnect(s.dbc), SQL_SUCCESS);
    assert_result(session_connect(&s, session_string(&s, "")), SQL_SUCCESS);
    assert_int_equal(other->live(SQL_HANDLE_DBC), 0);
    session_close(&s);
}

int conformance_connecting(void)
{
    static char wide[] = "fake_wide", ansi[] = "fake_ansi";
    const struct CMUnitTest tests[] = {
        {"strings both ways, wide", strings_are_translated_both_ways, NULL, NULL, wide},
        {"strings both ways, ANSI", strings_are_translated_both_ways, NULL, NULL, ansi},
        {"values, wide", values_are_not_touched, NULL, NULL, wide},
        {"values, ANSI", values_are_not_touched, NULL, NULL, ansi},
        cmocka_unit_test(wide_units_come_through),
        {"buffers, wide", completed_strings_fit_their_buffers, NULL, NULL, wide},
        {"buffers, ANSI", completed_strings_fit_their_buffers, NULL, NULL, ansi},
        cmocka_unit_test(unchanged_strings_are_handed_through),
        {"lengths, wide", a_length_stays_what_it_was, NULL, NULL, wide},
        {"lengths, ANSI", a_length_stays_what_it_was, NULL, NULL, ansi},
        {"data sources, wide", data_sources_connect, NULL, NULL, wide},
        {"data sources, ANSI", data_sources_connect, NULL, NULL, ansi},
        {"browsing, wide", browsing_goes_its_rounds, NULL, NULL, wide},
        {"browsing, ANSI", browsing_goes_its_rounds, NULL, NULL, ansi},
        {"browsing a wrapped DSN, wide", browsing_a_wrapped_dsn, NULL, NULL, wide},
        {"browsing a wrapped DSN, ANSI", browsing_a_wrapped_dsn, NULL, NULL, ansi},
        cmocka_unit_test(a_failed_attempt_leaves_no_trace),
    };
    return cmocka_run_group_tests_name("connecting", tests, NULL, NULL);
}
