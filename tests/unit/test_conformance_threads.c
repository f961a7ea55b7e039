/* SPDX-License-Identifier: MIT */
/*
 * Threads and processes: two threads on two connections of one environment, a busy statement
 * cancelled from another thread, one connection handed on, and fork.
 */
#include "tests/unit/conformance.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS     200
#define STATEMENTS 8

/* Threads are started in children of a process that has threads. */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "die_after_fork=0";
}

/* ---- threads --------------------------------------------------------------------------------- */

static void fail_thread(const struct session *s, const char *what, SQLRETURN r)
{
    fprintf(stderr, "%s on %p: %d\n", what, s->dbc, r);
    abort();
}

#define MUST(s, call)                                                                              \
    do {                                                                                           \
        SQLRETURN must = (call);                                                                   \
        if (!SQL_SUCCEEDED(must))                                                                  \
            fail_thread(s, #call, must);                                                           \
    } while (0)

/* A connection's life, over and over. */
static void *live_and_let_live(void *context)
{
    struct session *s = context;
    const struct shim_api *api = &s->lib->api;
    for (int round = 0; round < ROUNDS; round++) {
        SQLHSTMT stmts[STATEMENTS];
        SQLHDESC desc = NULL;
        MUST(s, api->SQLAllocHandle(SQL_HANDLE_DBC, s->env, &s->dbc));
        MUST(s, CALL(s, SQLSetConnectAttr, s->dbc, SQL_ATTR_AUTOCOMMIT,
                     (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0));
        MUST(s, session_connect(s, s->fake));
        for (size_t i = 0; i < STATEMENTS; i++) {
            MUST(s, api->SQLAllocHandle(SQL_HANDLE_STMT, s->dbc, &stmts[i]));
            MUST(s, api->SQLExecute(stmts[i]));
            MUST(s, api->SQLFetch(stmts[i]));
        }
        MUST(s, api->SQLAllocHandle(SQL_HANDLE_DESC, s->dbc, &desc));
        for (size_t i = 0; i < STATEMENTS; i += 2)
            MUST(s, api->SQLFreeStmt(stmts[i], SQL_DROP));
        MUST(s, api->SQLEndTran(SQL_HANDLE_DBC, s->dbc, SQL_COMMIT));
        MUST(s, api->SQLEndTran(SQL_HANDLE_ENV, s->env, SQL_ROLLBACK));
        MUST(s, api->SQLDisconnect(s->dbc));
        MUST(s, api->SQLFreeHandle(SQL_HANDLE_DBC, s->dbc));
    }
    return NULL;
}

static void two_threads_do_not_meet(void **state)
{
    const char *fake = *state;
    pthread_t other;
    struct session a, b;
    static char string[1024];
    session_begin(&a, SHIM, fake, !fake_is_ansi(fake));
    assert_result(a.lib->api.SQLFreeHandle(SQL_HANDLE_DBC, a.dbc), SQL_SUCCESS);
    a.dbc = NULL;
    snprintf(string, sizeof string, "%s", session_string(&a, "CollectdProgramName=threads"));
    a.control->quiet = true; /* or its lock would hide a race of ours */
    a.fake = string;
    b = a;
    assert_int_equal(pthread_create(&other, NULL, live_and_let_live, &b), 0);
    live_and_let_live(&a);
    assert_int_equal(pthread_join(other, NULL), 0);
    expect_total(__LINE__, "threads", CDP_CONNECTS, 2 * ROUNDS);
    expect_total(__LINE__, "threads", CDP_DISCONNECTS, 2 * ROUNDS);
    expect_total(__LINE__, "threads", CDP_STATEMENTS, 2 * ROUNDS * STATEMENTS);
    a.dbc = NULL;
    session_close(&a);
}

static void *execute(void *context)
{
    struct session *s = context;
    return (void *)(intptr_t)s->lib->api.SQLExecute(s->stmt);
}

static void a_busy_statement_is_cancelled(void **state)
{
    struct session s;
    pthread_t busy;
    void *result;
    const char *fake = *state;
    session_open(&s, SHIM, fake, !fake_is_ansi(fake));
    s.control->hold = SHIM_FN_SQLExecute;
    s.control->answer(&(struct fake_answer){.fn = SHIM_FN_SQLExecute,
                                            .result = SQL_ERROR,
                                            .times = 1,
                                            .records = {{"HY008", 1, "cancelled"}}});
    assert_int_equal(pthread_create(&busy, NULL, execute, &s), 0);
    assert_true(s.control->held());
    assert_result(s.lib->api.SQLCancel(s.stmt), SQL_SUCCESS);
    assert_int_equal(pthread_join(busy, &result), 0);
    assert_result((SQLRETURN)(intptr_t)result, SQL_ERROR);
    expect_record(&s, __LINE__, SQL_HANDLE_STMT, s.stmt, "HY008", NULL, NULL);
    s.control->hold = 0;
    assert_result(s.lib->api.SQLCancelHandle(SQL_HANDLE_STMT, s.stmt), SQL_SUCCESS);
    const struct fake_call *call = last_call(&s, SHIM_FN_SQLCancelHandle);
    assert_int_equal(call->words[0], SQL_HANDLE_STMT);
    assert_true(s.control->owns(SQL_HANDLE_STMT, (SQLHANDLE)call->words[1]));
    session_close(&s);
}

static void *one_turn(void *context)
{
    struct session *s = context;
    MUST(s, s->lib->api.SQLExecute(s->stmt));
    MUST(s, s->lib->api.SQLEndTran(SQL_HANDLE_DBC, s->dbc, SQL_COMMIT));
    return NULL;
}

static void a_connection_goes_from_thread_to_thread(void **state)
{
    struct session s;
    (void)state;
    session_begin(&s, SHIM, "fake_wide", true);
    assert_result(session_connect(&s, session_string(&s, "CollectdProgramName=handed on")),
                  SQL_SUCCESS);
    assert_result(s.lib->api.SQLAllocHandle(SQL_HANDLE_STMT, s.dbc, &s.stmt), SQL_SUCCESS);
    for (int i = 0; i < 10; i++) {
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, one_turn, &s), 0);
        assert_int_equal(pthread_join(thread, NULL), 0);
    }
    expect_total(__LINE__, "handed on", CDP_STATEMENTS, 10);
    session_close(&s);
}

/* An asynchronous execution counts once, when it is done. */
static void asynchronous_execution_counts_once(void **state)
{
    struct session s;
    (void)state;
    session_begin(&s, SHIM, "fake_wide", true);
    assert_result(session_connect(&s, session_string(&s, "CollectdProgramName=asynchronous")),
                  SQL_SUCCESS);
    assert_result(s.lib->api.SQLAllocHandle(SQL_HANDLE_STMT, s.dbc, &s.stmt), SQL_SUCCESS);
    s.control->answer(
        &(struct fake_answer){.fn = SHIM_FN_SQLExecute, .result = SQL_STILL_EXECUTING, .times = 3});
    for (int i = 0; i < 3; i++)
        assert_result(s.lib->api.SQLExecute(s.stmt), SQL_STILL_EXECUTING);
    assert_result(s.lib->api.SQLExecute(s.stmt), SQL_SUCCESS);
    expect_total(__LINE__, "asynchronous", CDP_STATEMENTS, 1);
    session_close(&s);
}

/* ---- fork ------------------------------------------------------------------------------------ */

static int status_of_child(pid_t child)
{
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void children_leave_the_parent_alone(void **state)
{
    struct session s;
    const char *fake = *state;
    session_begin(&s, SHIM, fake, !fake_is_ansi(fake));
    assert_result(session_connect(&s, session_string(&s, "CollectdProgramName=parent")),
                  SQL_SUCCESS);
    assert_result(s.lib->api.SQLAllocHandle(SQL_HANDLE_STMT, s.dbc, &s.stmt), SQL_SUCCESS);
    assert_result(s.lib->api.SQLExecute(s.stmt), SQL_SUCCESS);
    pid_t child = fork();
    if (child == 0) /* ends at once */
        _exit(0);
    assert_int_equal(status_of_child(child), 0);
    child = fork();
    if (child == 0) { /* becomes another program */
        execl("/bin/true", "true", (char *)NULL);
        _exit(127);
    }
    assert_int_equal(status_of_child(child), 0);
    child = fork();
    if (child == 0) { /* connects anew, and uses what it has inherited */
        struct session own = s;
        alarm(60);
        SQLRETURN r = own.lib->api.SQLAllocHandle(SQL_HANDLE_DBC, own.env, &own.dbc);
        if (r == SQL_SUCCESS)
            r = session_connect(&own, session_string(&own, "CollectdProgramName=child"));
        if (r == SQL_SUCCESS)
            r = own.lib->api.SQLExecute(s.stmt);
        if (r == SQL_SUCCESS)
            r = own.lib->api.SQLDisconnect(own.dbc);
        _exit(r == SQL_SUCCESS ? 0 : 1);
    }
    assert_int_equal(status_of_child(child), 0);
    assert_result(s.lib->api.SQLExecute(s.stmt), SQL_SUCCESS);
    expect_total(__LINE__, "parent", CDP_STATEMENTS, 2);
    expect_total(__LINE__, "parent", CDP_CONNECTS, 1);
    session_close(&s);
}

/* A child is born while another thread is inside the shim: its locks are free. */
static atomic_bool enough;

static __attribute__((unused)) void *alloc_and_free(void *context)
{
    struct session *s = context;
    const struct shim_api *api = &s->lib->api;
    while (!atomic_load(&enough)) {
        SQLHDBC dbc;
        SQLHSTMT stmt;
        for (int i = 0; i < 100; i++) {
            MUST(s, api->SQLAllocHandle(SQL_HANDLE_DBC, s->env, &dbc));
            MUST(s, api->SQLFreeHandle(SQL_HANDLE_DBC, dbc));
        }
        MUST(s, api->SQLAllocHandle(SQL_HANDLE_STMT, s->dbc, &stmt));
        MUST(s, api->SQLFreeHandle(SQL_HANDLE_STMT, stmt));
    }
    return NULL;
}

static __attribute__((unused)) void a_fork_amid_a_call_leaves_no_lock(void **state)
{
    struct session s;
    pthread_t busy;
    (void)state;
    session_open(&s, SHIM, "fake_wide", true);
    s.control->quiet = true;
    atomic_store(&enough, false);
    assert_int_equal(pthread_create(&busy, NULL, alloc_and_free, &s), 0);
    for (int i = 0; i < 100; i++) {
        pid_t child = fork();
        if (child == 0) { /* the driver's own lock may be held for ever: another driver's is not */
            struct session own = s;
            alarm(60);
            own.fake = "fake_no_odbc2";
            SQLRETURN r = own.lib->api.SQLAllocHandle(SQL_HANDLE_DBC, own.env, &own.dbc);
            if (r == SQL_SUCCESS)
                r = session_connect(&own, session_string(&own, ""));
            _exit(r == SQL_SUCCESS ? 0 : 1);
        }
        assert_int_equal(status_of_child(child), 0);
    }
    atomic_store(&enough, true);
    assert_int_equal(pthread_join(busy, NULL), 0);
    session_close(&s);
}

int conformance_threads(void)
{
    static char wide[] = "fake_wide", ansi[] = "fake_ansi";
    const struct CMUnitTest tests[] = {
        {"two threads, wide", two_threads_do_not_meet, NULL, NULL, wide},
        {"cancelled, wide", a_busy_statement_is_cancelled, NULL, NULL, wide},
        {"cancelled, ANSI", a_busy_statement_is_cancelled, NULL, NULL, ansi},
        cmocka_unit_test(a_connection_goes_from_thread_to_thread),
        cmocka_unit_test(asynchronous_execution_counts_once),
        {"fork, wide", children_leave_the_parent_alone, NULL, NULL, wide},
        {"fork, ANSI", children_leave_the_parent_alone, NULL, NULL, ansi},
#ifndef __SANITIZE_ADDRESS__ /* whose allocator leaves locks of its own to the child */
        cmocka_unit_test(a_fork_amid_a_call_leaves_no_lock),
#endif
    };
    return cmocka_run_group_tests_name("threads and processes", tests, NULL, NULL);
}
