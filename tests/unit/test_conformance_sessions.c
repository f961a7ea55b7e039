/* SPDX-License-Identifier: MIT */
/*
 * One session of an application, written down as the application sees it and as the driver sees
 * it, run with and without the shim, below the driver manager and called directly: the accounts
 * are the same.
 */
#include "tests/unit/conformance.h"

struct account {
    char *text;
    size_t size;
    FILE *out;
};

/* ---- writing the account --------------------------------------------------------------------- */

static void text_to(FILE *out, const struct session *s, const void *text)
{
    const char *ascii = from_width(s, text), *at;
    char own[64];
    /* What a connection goes by is not the same everywhere; its length is. */
    snprintf(own, sizeof own, "%s_%s", s->layer == MANAGED ? "shim" : "bare", s->fake);
    while ((at = strstr(ascii, own))) {
        fprintf(out, "%.*s<dsn>", (int)(at - ascii), ascii);
        ascii = at + strlen(own);
    }
    fprintf(out, "%s", ascii);
}

/* All that the handle has to tell, as records and as fields, header first. */
static void tell_diagnostics(FILE *out, const struct session *s, SQLSMALLINT type, SQLHANDLE handle)
{
    SQLWCHAR state[6] = {0}, text[256] = {0};
    SQLINTEGER native = 0, number = 0;
    SQLSMALLINT length = 0;
    SQLRETURN r = SQL_SUCCESS;
    for (SQLSMALLINT i = 1; i < 8 && SQL_SUCCEEDED(r); i++) {
        r = CALL(s, SQLGetDiagRec, type, handle, i, (void *)state, &native, (void *)text, 255,
                 &length);
        fprintf(out, "  record %d: %d", i, r);
        if (SQL_SUCCEEDED(r)) {
            fprintf(out, " %d %d ", native, length);
            text_to(out, s, state);
            fputc(' ', out);
            text_to(out, s, text);
        }
        fputc('\n', out);
    }
    r = CALL(s, SQLGetDiagField, type, handle, 0, SQL_DIAG_NUMBER, &number, 0, NULL);
    fprintf(out, "  number: %d %d\n", r, number);
    for (SQLSMALLINT i = 1; i <= number; i++) {
        static const SQLSMALLINT fields[] = {SQL_DIAG_SQLSTATE,        SQL_DIAG_MESSAGE_TEXT,
                                             SQL_DIAG_CLASS_ORIGIN,    SQL_DIAG_SUBCLASS_ORIGIN,
                                             SQL_DIAG_CONNECTION_NAME, SQL_DIAG_SERVER_NAME};
        for (size_t f = 0; f < sizeof fields / sizeof *fields; f++) {
            memset(text, 0, sizeof text);
            r = CALL(s, SQLGetDiagField, type, handle, i, fields[f], text, 500, &length);
            fprintf(out, "  field %d of %d: %d %d ", fields[f], i, r, length);
            text_to(out, s, text);
            fputc('\n', out);
        }
    }
}

static void tell(FILE *out, const struct session *s, const char *what, SQLRETURN r,
                 SQLSMALLINT type, SQLHANDLE handle)
{
    fprintf(out, "%s: %d\n", what, r);
    if (r == SQL_ERROR || r == SQL_SUCCESS_WITH_INFO)
        tell_diagnostics(out, s, type, handle);
}

#define ON(s, type, handle, name, ...)                                                             \
    tell(out, s, #name, (s)->lib->api.name(__VA_ARGS__), type, handle)
#define STMT(name, ...) ON(s, SQL_HANDLE_STMT, s->stmt, name, s->stmt, ##__VA_ARGS__)
#define STMTW(name, ...)                                                                           \
    tell(out, s, #name, CALL(s, name, s->stmt, ##__VA_ARGS__), SQL_HANDLE_STMT, s->stmt)
#define DBCW(name, ...)                                                                            \
    tell(out, s, #name, CALL(s, name, s->dbc, ##__VA_ARGS__), SQL_HANDLE_DBC, s->dbc)

/* ---- the session ----------------------------------------------------------------------------- */

static void connect_and_ask(struct session *s, FILE *out)
{
    SQLWCHAR completed[256] = {0};
    SQLSMALLINT length = 0;
    SQLINTEGER bytes = 0;
    SQLUINTEGER value = 0;
    SQLUSMALLINT supported[SQL_API_ODBC3_ALL_FUNCTIONS_SIZE] = {0};
    SQLRETURN r;

    DBCW(SQLSetConnectAttr, SQL_ATTR_LOGIN_TIMEOUT, (SQLPOINTER)17, SQL_IS_UINTEGER);
    s->control->answer(&(struct fake_answer){
        .fn = s->wide && !fake_is_ansi(s->fake) ? SHIM_FN_SQLDriverConnectW
                                                : SHIM_FN_SQLDriverConnect,
        .result = SQL_ERROR,
        .times = 1,
        .records = {{"28000", 7, "no such user"}, {"08001", 8, "no such host"}}});
    DBCW(SQLDriverConnect, NULL, in_width(s, session_string(s, "UID=x")), SQL_NTS, NULL, 0, NULL,
         SQL_DRIVER_NOPROMPT);
    /* The application's string is the same behind every layer but for the name in it. */
    r = CALL(s, SQLDriverConnect, s->dbc, NULL, in_width(s, session_string(s, "UID=x")), SQL_NTS,
             (void *)completed, 255, &length, SQL_DRIVER_NOPROMPT);
    tell(out, s, "SQLDriverConnect", r, SQL_HANDLE_DBC, s->dbc);
    if (s->layer != SHIM && s->layer != DIRECT)
        text_to(out, s, completed);
    DBCW(SQLGetConnectAttr, SQL_ATTR_LOGIN_TIMEOUT, &value, 0, &bytes);
    DBCW(SQLGetConnectAttr, SQL_ATTR_AUTOCOMMIT, &value, 0, &bytes);
    fprintf(out, "value %u\n", value);
    r = s->lib->api.SQLGetFunctions(s->dbc, SQL_API_ODBC3_ALL_FUNCTIONS, supported);
    fprintf(out, "functions: %d", r);
    for (SQLUSMALLINT i = 0; i < SHIM_FUNCTIONS; i++)
        if (s->layer >= MANAGER) /* the fake itself claims all there are */
            fprintf(out, " %d", SQL_FUNC_EXISTS(supported, test_functions[i].id) ? 1 : 0);
    fputc('\n', out);
    DBCW(SQLGetInfo, SQL_DBMS_NAME, completed, 255, &length);
    fprintf(out, "length %d ", length);
    text_to(out, s, completed);
    DBCW(SQLNativeSql, in_width(s, "SELECT 1"), SQL_NTS, (void *)completed, 255, &bytes);
    fprintf(out, "%d ", bytes);
    text_to(out, s, completed);
}

static void work(struct session *s, FILE *out)
{
    char data[8] = "abc";
    SQLLEN indicator = SQL_NTS, rows = 0;
    SQLSMALLINT columns = 0;
    SQLPOINTER token = NULL;
    SQLULEN size = 0;
    STMTW(SQLSetStmtAttr, SQL_ATTR_QUERY_TIMEOUT, (SQLPOINTER)5, SQL_IS_UINTEGER);
    STMTW(SQLGetStmtAttr, SQL_ATTR_QUERY_TIMEOUT, &size, 0, NULL);
    STMTW(SQLSetCursorName, in_width(s, "cursor"), SQL_NTS);
    STMT(SQLBindParameter, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 10, 0, data, sizeof data,
         &indicator);
    STMTW(SQLPrepare, in_width(s, "INSERT INTO t VALUES (?)"), SQL_NTS);
    STMT(SQLNumParams, &columns);
    s->control->answer(
        &(struct fake_answer){.fn = SHIM_FN_SQLExecute, .result = SQL_NEED_DATA, .times = 1});
    STMT(SQLExecute);
    s->control->answer(
        &(struct fake_answer){.fn = SHIM_FN_SQLParamData, .result = SQL_NEED_DATA, .times = 1});
    STMT(SQLParamData, &token);
    STMT(SQLPutData, data, 3);
    STMT(SQLParamData, &token);
    STMT(SQLRowCount, &rows);
    STMT(SQLFreeStmt, SQL_RESET_PARAMS);
    s->control->answer(&(struct fake_answer){
        .fn = SHIM_FN_SQLExecute,
        .result = SQL_ERROR,
        .times = 1,
        .records = {{"23000", -5, "twice"}, {"01000", 6, "a word"}, {"HY000", 0, ""}}});
    STMT(SQLExecute);
    s->control->answer(&(struct fake_answer){.fn = SHIM_FN_SQLExecute,
                                             .result = SQL_SUCCESS_WITH_INFO,
                                             .times = 1,
                                             .records = {{"01000", 1, "take care"}}});
    STMT(SQLExecute);
}

static void look(struct session *s, FILE *out)
{
    static const SQLSMALLINT two = 2;
    char data[8];
    SQLLEN indicator = 0;
    SQLWCHAR name[32] = {0};
    SQLSMALLINT length = 0, type = 0, digits = 0, nullable = 0;
    SQLULEN size = 0;
    s->control->answer(
        &(struct fake_answer){.fn = SHIM_FN_SQLNumResultCols, .outputs = {{1, &two, sizeof two}}});
    STMTW(SQLExecDirect, in_width(s, "SELECT a, b FROM t"), SQL_NTS);
    STMT(SQLNumResultCols, &length);
    fprintf(out, "columns %d\n", length);
    STMTW(SQLDescribeCol, 1, (void *)name, 31, &length, &type, &size, &digits, &nullable);
    fprintf(out, "length %d ", length);
    text_to(out, s, name);
    STMT(SQLBindCol, 1, SQL_C_CHAR, data, sizeof data, &indicator);
    STMT(SQLFetch);
    STMT(SQLGetData, 2, SQL_C_CHAR, data, sizeof data, &indicator);
    s->control->answer(
        &(struct fake_answer){.fn = SHIM_FN_SQLFetch, .result = SQL_NO_DATA, .times = 1});
    STMT(SQLFetch);
    STMT(SQLMoreResults);
    STMT(SQLCloseCursor);
    STMTW(SQLTables, in_width(s, "%"), SQL_NTS, NULL, 0, in_width(s, "t"), 1, NULL, 0);
    STMT(SQLFreeStmt, SQL_CLOSE);
    STMTW(SQLGetTypeInfo, SQL_ALL_TYPES);
    STMT(SQLCancel);
    STMT(SQLFreeStmt, SQL_UNBIND);
}

static void end(struct session *s, FILE *out)
{
    SQLHDESC row = NULL, explicit = NULL;
    SQLINTEGER count = 0;
    DBCW(SQLSetConnectAttr, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0);
    STMTW(SQLExecDirect, in_width(s, "DELETE FROM t"), SQL_NTS);
    if (s->layer <= SHIM) /* the manager knows by itself that one is open */
        ON(s, SQL_HANDLE_DBC, s->dbc, SQLDisconnect, s->dbc);
    ON(s, SQL_HANDLE_DBC, s->dbc, SQLEndTran, SQL_HANDLE_DBC, s->dbc, SQL_COMMIT);
    ON(s, SQL_HANDLE_ENV, s->env, SQLEndTran, SQL_HANDLE_ENV, s->env, SQL_ROLLBACK);
    STMTW(SQLGetStmtAttr, SQL_ATTR_APP_ROW_DESC, &row, 0, NULL);
    ON(s, SQL_HANDLE_DBC, s->dbc, SQLAllocHandle, SQL_HANDLE_DESC, s->dbc, &explicit);
    tell(out, s, "SQLSetDescField",
         CALL(s, SQLSetDescField, explicit, 0, SQL_DESC_COUNT, (SQLPOINTER)2, 0), SQL_HANDLE_DESC,
         explicit);
    tell(out, s, "SQLGetDescField",
         CALL(s, SQLGetDescField, row, 0, SQL_DESC_COUNT, &count, 0, NULL), SQL_HANDLE_DESC, row);
    STMTW(SQLSetStmtAttr, SQL_ATTR_APP_ROW_DESC, explicit, 0);
    ON(s, SQL_HANDLE_DESC, explicit, SQLCopyDesc, row, explicit);
    ON(s, SQL_HANDLE_DESC, explicit, SQLFreeHandle, SQL_HANDLE_DESC, explicit);
}

/* ---- what the driver saw --------------------------------------------------------------------- */

/* Where there is a manager and where there is none alike, the driver's environment and connection
   are made later behind the shim, and its version is asked for then; otherwise the calls are the
   same from the connect on. */
static bool is_moved(enum shim_function fn, bool connected)
{
    return fn == SHIM_FN_SQLGetEnvAttr ||
           (!connected && (fn == SHIM_FN_SQLAllocHandle || fn == SHIM_FN_SQLSetEnvAttr));
}

static void tell_book(struct session *s, FILE *out)
{
    const struct fake_call *calls;
    size_t n = s->control->calls(&calls);
    bool connected = false;
    for (size_t i = 0; i < n; i++) {
        connected |= strstr(test_functions[calls[i].fn].name, "Connect") != NULL &&
                     calls[i].result == SQL_SUCCESS && calls[i].count > 5;
        if (is_moved(calls[i].fn, connected))
            continue;
        fprintf(out, "> %s %d", test_functions[calls[i].fn].name, calls[i].result);
        bool connecting = strstr(test_functions[calls[i].fn].name, "rConnect") != NULL;
        /* Pointers and handles are not the same, nor is the length of the connection string. */
        for (size_t k = connecting ? 6 : 0; k < calls[i].count; k++)
            if (calls[i].words[k] < 0x10000 || calls[i].words[k] > UINTPTR_MAX - 0x10000)
                fprintf(out, " %ld", (long)calls[i].words[k]);
        for (size_t k = 0; k < FAKE_TEXTS && connected; k++)
            if (calls[i].texts[k].bytes && strstr(test_functions[calls[i].fn].name, "Conn") == NULL)
                fprintf(out, " <%s>", text_given(&calls[i], k));
        fputc('\n', out);
    }
}

static char *account_of(enum layer layer, const char *fake, bool wide)
{
    struct session s;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    session_begin(&s, layer, fake, wide);
    connect_and_ask(&s, out);
    assert_result(s.lib->api.SQLAllocHandle(SQL_HANDLE_STMT, s.dbc, &s.stmt), SQL_SUCCESS);
    work(&s, out);
    look(&s, out);
    end(&s, out);
    tell_book(&s, out);
    session_close(&s);
    fclose(out);
    return text;
}

static void expect_equal(const char *without, const char *with)
{
    size_t line = 1;
    const char *a = without, *b = with;
    while (*a && *a == *b) {
        line += *a == '\n';
        a++, b++;
    }
    if (!*a && !*b)
        return;
    while (a > without && a[-1] != '\n')
        a--, b--;
    fail_msg("line %zu: without the shim <%.*s>, behind it <%.*s>", line, (int)strcspn(a, "\n"), a,
             (int)strcspn(b, "\n"), b);
}

struct pair {
    const char *fake;
    enum layer without, with;
    bool wide;
};

static void is_the_same_behind_the_shim(void **state)
{
    const struct pair *p = *state;
    char *without = account_of(p->without, p->fake, p->wide);
    char *with = account_of(p->with, p->fake, p->wide);
    assert_true(strlen(without) > 2000);
    if (getenv("CONFORMANCE_PRINT"))
        printf("%s\n-----\n%s\n", without, with);
    expect_equal(without, with);
    free(without);
    free(with);
}

int conformance_sessions(void)
{
    static struct pair pairs[] = {
        {"fake_wide", DIRECT, SHIM, true},
        {"fake_wide", DIRECT, SHIM, false},
        {"fake_ansi", DIRECT, SHIM, false},
        {"fake_wide_only", DIRECT, SHIM, true},
        {"fake_no_odbc2", DIRECT, SHIM, true},
        {"fake_wide", MANAGER, MANAGED, true},
        {"fake_wide", MANAGER, MANAGED, false},
        {"fake_wide_only", MANAGER, MANAGED, true},
        {"fake_ansi", MANAGER, MANAGED, true},
        {"fake_ansi", MANAGER, MANAGED, false},
        {"fake_no_odbc2", MANAGER, MANAGED, true},
        {"fake_no_bulk_operations", MANAGER, MANAGED, false},
        {"fake_no_get_functions", MANAGER, MANAGED, true},
        {"fake_managed", MANAGER, MANAGED, true},
    };
    enum { PAIRS = sizeof pairs / sizeof *pairs };
    static char names[PAIRS][64];
    struct CMUnitTest tests[PAIRS];
    for (size_t i = 0; i < PAIRS; i++) {
        snprintf(names[i], sizeof names[i], "%s, %s, %s", pairs[i].fake,
                 pairs[i].wide ? "wide calls" : "narrow calls",
                 pairs[i].without == MANAGER ? "manager" : "direct");
        tests[i] =
            (struct CMUnitTest){names[i], is_the_same_behind_the_shim, NULL, NULL, &pairs[i]};
    }
    return _cmocka_run_group_tests("the same behind the shim", tests, PAIRS, NULL, NULL);
}
