/* SPDX-License-Identifier: MIT */
/*
 * Every plain row of odbc_api.def, in both widths: a call with a value of its own in each place
 * reaches the driver with exactly these, the handle exchanged, and the driver's result comes back.
 */
#include "tests/unit/conformance.h"

/* What is being tried, and the words that the driver must be given. */
static struct attempt {
    struct session s;
    SQLHANDLE desc;
    SQLHANDLE driver_handles[SQL_HANDLE_DESC + 1]; /* what the shim's handles stand for */
    uintptr_t words[FAKE_ARGUMENTS];
    size_t count;
    unsigned filled;
} now;

#define HANDLE_ENV  now.s.env
#define HANDLE_DBC  now.s.dbc
#define HANDLE_STMT now.s.stmt
#define HANDLE_DESC now.desc

/* Distinct, and so in the low 16 bits alone; negative in every second signed place. */
static uintptr_t next_value(void)
{
    now.filled++;
    return UINT64_C(0x00012345abcd0000) + 0x10000 * now.filled + 0x1101 * now.filled +
           0x8000 * (now.filled & 1);
}

#define FILL(a)           a = (__typeof__(a))next_value();
#define ZERO(a)           , 0
#define ZEROS(first, ...) 0 FAKE_EACH(ZERO, __VA_ARGS__)
/* A list of one has no rest. */
#define ZEROS_1(first) 0
#define ZEROS_FOR(...)                                                                             \
    FAKE_NTH(__VA_ARGS__, ZEROS, ZEROS, ZEROS, ZEROS, ZEROS, ZEROS, ZEROS, ZEROS, ZEROS, ZEROS,    \
             ZEROS, ZEROS, ZEROS_1, )                                                              \
    (__VA_ARGS__)

/* Called with zeros, for which every parameter has a type; then each gets its value. */
#define TRY(name, kind, params, args)                                                              \
    static SQLRETURN fill_##name params                                                            \
    {                                                                                              \
        FAKE_EACH_OF(FILL, args)                                                                   \
        handle = HANDLE_##kind;                                                                    \
        const uintptr_t words[] = {FAKE_WORDS args};                                               \
        now.count = FAKE_COUNT args;                                                               \
        memcpy(now.words, words, sizeof words);                                                    \
        now.words[0] = (uintptr_t)now.driver_handles[SQL_HANDLE_##kind];                           \
        return now.s.lib->api.name args;                                                           \
    }                                                                                              \
    static SQLRETURN try_##name(void)                                                              \
    {                                                                                              \
        return fill_##name(ZEROS_FOR args);                                                        \
    }
#define FAKE_EACH_OF(m, args) FAKE_FILL args
#define FAKE_FILL(...)        FAKE_EACH(FILL, __VA_ARGS__)

#define TEXT                                           SQLCHAR
#define SHIM_PLAIN(name, twin, kind, id, params, args) TRY(name, kind, params, args)
#include "odbcshim/odbc_api.def"

#define TEXT SQLWCHAR
#define SHIM_PLAIN(name, twin, kind, id, params, args)                                             \
    SHIM_WIDE_##twin(TRY(name##W, kind, params, args))
#include "odbcshim/odbc_api.def"

static const struct row {
    enum shim_function fn;
    SQLRETURN (*try)(void);
} rows[] = {
#define SHIM_PLAIN(name, twin, kind, id, params, args)                                             \
    {SHIM_FN_##name, try_##name}, SHIM_WIDE_##twin({SHIM_FN_##name##W, try_##name##W}, )
#include "odbcshim/odbc_api.def"
};

static void try_row(const struct row *row, SQLRETURN result)
{
    const char *name = test_functions[row->fn].name;
    now.filled = 0;
    now.s.control->answer(&(struct fake_answer){.fn = row->fn, .result = result, .times = 1});
    SQLRETURN r = row->try();
    const struct fake_call *call = last_call(&now.s, row->fn);
    if (r != result)
        fail_msg("%s returned %d, expected %d", name, r, result);
    assert_int_equal(call->count, now.count);
    for (size_t i = 0; i < now.count; i++)
        if (call->words[i] != now.words[i])
            fail_msg("%s: argument %zu is %#lx, expected %#lx", name, i,
                     (unsigned long)call->words[i], (unsigned long)now.words[i]);
    for (size_t i = 1; i < now.count; i++)
        for (size_t k = 1; k < i; k++)
            if (now.words[i] == now.words[k])
                fail_msg("%s: arguments %zu and %zu are alike", name, k, i);
}

static void open_for(const char *fake)
{
    session_open(&now.s, SHIM, fake, false);
    const struct shim_api *api = &now.s.lib->api;
    assert_result(api->SQLAllocHandle(SQL_HANDLE_DESC, now.s.dbc, &now.desc), SQL_SUCCESS);
    const struct fake_call *calls;
    size_t n = now.s.control->calls(&calls);
    for (size_t i = 0; i < n; i++)
        if (calls[i].fn == SHIM_FN_SQLAllocHandle)
            now.driver_handles[calls[i].words[0]] = calls[i].made;
}

static void forwards_every_row(void **state)
{
    const char *fake = *state;
    size_t tried = 0;
    open_for(fake);
    now.s.control->inert = true;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (test_functions[rows[i].fn].wide && fake_is_ansi(fake))
            continue;
        try_row(&rows[i], SQL_SUCCESS);
        try_row(&rows[i], SQL_NO_DATA);
        try_row(&rows[i], SQL_ERROR);
        tried++;
    }
    assert_true(tried >= 40);
    now.s.control->inert = false;
    assert_result(now.s.lib->api.SQLFreeHandle(SQL_HANDLE_DESC, now.desc), SQL_SUCCESS);
    session_close(&now.s);
}

int conformance_plain(void)
{
    static char wide[] = "fake_wide", ansi[] = "fake_ansi";
    const struct CMUnitTest tests[] = {
        {"every plain row, wide", forwards_every_row, NULL, NULL, wide},
        {"every plain row, ANSI", forwards_every_row, NULL, NULL, ansi},
    };
    return cmocka_run_group_tests_name("plain", tests, NULL, NULL);
}
