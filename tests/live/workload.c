/* SPDX-License-Identifier: MIT */
/*
 * An ODBC program with known totals: it connects, executes, commits and fails exactly as often as
 * its options say, in as many processes and threads as they say, and prints what it did as one
 * line of JSON. It knows nothing of the shim: what it counts is what collectd has to show.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sql.h>
#include <sqlext.h>

/* What is counted; a row is a member of struct counts and a member of the JSON. */
#define WORKLOAD_COUNTS(ROW)                                                                       \
    ROW(checkouts)                                                                                 \
    ROW(commits)                                                                                   \
    ROW(rollbacks)                                                                                 \
    ROW(failures)                                                                                  \
    ROW(statements)                                                                                \
    ROW(errors)                                                                                    \
    ROW(peak)

struct counts {
#define ROW(name) long name;
    WORKLOAD_COUNTS(ROW)
#undef ROW
};

struct options {
    const char *string;  /* a connection string, or */
    const char *dsn;     /* a DSN */
    const char *failing; /* a connection string that cannot connect */
    const char *table;
    SQLULEN odbc; /* SQL_OV_ODBC2, 3, 3_80 */
    long children, threads, before, checkouts, commits, rollbacks, statements, errors, failures;
    long hold; /* connections to hold open until standard input ends; -1: none */
    long pace_ms;
    bool wide; /* connect by the W functions */
};

static struct options options = {
    .table = "workload", .odbc = SQL_OV_ODBC3_80, .threads = 1, .hold = -1};

static struct counts *process_counts; /* one per process, in memory that all of them share */

static void die(const char *what, SQLSMALLINT type, SQLHANDLE handle)
{
    SQLCHAR state[6] = "", message[512] = "";
    SQLINTEGER native;
    if (handle)
        SQLGetDiagRec(type, handle, 1, state, &native, message, sizeof message, NULL);
    fprintf(stderr, "workload: %s: %s %s\n", what, (char *)state, (char *)message);
    _exit(2);
}

static void must(SQLRETURN rc, const char *what, SQLSMALLINT type, SQLHANDLE handle)
{
    if (!SQL_SUCCEEDED(rc))
        die(what, type, handle);
}

static void add(long *counter, long n)
{
    __atomic_fetch_add(counter, n, __ATOMIC_RELAXED);
}

static SQLRETURN connect_wide(SQLHDBC dbc, const char *string)
{
    SQLWCHAR wide[2048];
    size_t i = 0;
    for (; string[i] && i + 1 < sizeof wide / sizeof *wide; i++)
        wide[i] = (unsigned char)string[i];
    wide[i] = 0;
    return SQLDriverConnectW(dbc, NULL, wide, SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT);
}

static SQLRETURN connect_string(SQLHDBC dbc, const char *string)
{
    if (options.wide)
        return connect_wide(dbc, string);
    /* The ODBC prototypes know no const; the input is not written to. */
    return SQLDriverConnect(dbc, NULL, (SQLCHAR *)(uintptr_t)string, SQL_NTS, NULL, 0, NULL,
                            SQL_DRIVER_NOPROMPT);
}

static SQLHDBC checkout(SQLHENV env, struct counts *counts)
{
    SQLHDBC dbc = NULL;
    must(SQLAllocHandle(SQL_HANDLE_DBC, env, &dbc), "SQLAllocHandle", SQL_HANDLE_ENV, env);
    SQLRETURN rc;
    if (options.string)
        rc = connect_string(dbc, options.string);
    else
        rc = SQLConnect(dbc, (SQLCHAR *)(uintptr_t)options.dsn, SQL_NTS, NULL, 0, NULL, 0);
    must(rc, "connect", SQL_HANDLE_DBC, dbc);
    add(&counts->checkouts, 1);
    return dbc;
}

static void checkin(SQLHDBC dbc)
{
    must(SQLDisconnect(dbc), "SQLDisconnect", SQL_HANDLE_DBC, dbc);
    must(SQLFreeHandle(SQL_HANDLE_DBC, dbc), "SQLFreeHandle", SQL_HANDLE_DBC, dbc);
}

static void execute(SQLHDBC dbc, struct counts *counts, const char *sql, bool prepared)
{
    SQLHSTMT stmt = NULL;
    must(SQLAllocHandle(SQL_HANDLE_STMT, dbc, &stmt), "SQLAllocHandle", SQL_HANDLE_DBC, dbc);
    if (prepared) {
        must(SQLPrepare(stmt, (SQLCHAR *)(uintptr_t)sql, SQL_NTS), "SQLPrepare", SQL_HANDLE_STMT,
             stmt);
        must(SQLExecute(stmt), "SQLExecute", SQL_HANDLE_STMT, stmt);
    } else {
        must(SQLExecDirect(stmt, (SQLCHAR *)(uintptr_t)sql, SQL_NTS), "SQLExecDirect",
             SQL_HANDLE_STMT, stmt);
    }
    add(&counts->statements, 1);
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
}

static void transact(SQLHDBC dbc, struct counts *counts, bool commit)
{
    char sql[256];
    snprintf(sql, sizeof sql, "insert into %s values (1)", options.table);
    must(SQLSetConnectAttr(dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0),
         "autocommit off", SQL_HANDLE_DBC, dbc);
    execute(dbc, counts, sql, true);
    must(SQLEndTran(SQL_HANDLE_DBC, dbc, commit ? SQL_COMMIT : SQL_ROLLBACK), "SQLEndTran",
         SQL_HANDLE_DBC, dbc);
    add(commit ? &counts->commits : &counts->rollbacks, 1);
    must(SQLSetConnectAttr(dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_ON, 0),
         "autocommit on", SQL_HANDLE_DBC, dbc);
}

static void blunder(SQLHDBC dbc, struct counts *counts)
{
    SQLHSTMT stmt = NULL;
    must(SQLAllocHandle(SQL_HANDLE_STMT, dbc, &stmt), "SQLAllocHandle", SQL_HANDLE_DBC, dbc);
    if (SQLExecDirect(stmt, (SQLCHAR *)(uintptr_t) "no such statement", SQL_NTS) != SQL_ERROR)
        die("nonsense was executed", SQL_HANDLE_STMT, stmt);
    add(&counts->statements, 1);
    add(&counts->errors, 1);
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
}

static void fail_to_connect(SQLHENV env, struct counts *counts)
{
    SQLHDBC dbc = NULL;
    must(SQLAllocHandle(SQL_HANDLE_DBC, env, &dbc), "SQLAllocHandle", SQL_HANDLE_ENV, env);
    if (SQL_SUCCEEDED(connect_string(dbc, options.failing)))
        die("the failing connection string connects", SQL_HANDLE_DBC, dbc);
    add(&counts->failures, 1);
    SQLFreeHandle(SQL_HANDLE_DBC, dbc);
}

/* The i-th of n rounds does its share of `total`. */
static long share(long total, long i, long n)
{
    return total * (i + 1) / n - total * i / n;
}

static void do_round(SQLHENV env, struct counts *counts, long i)
{
    long n = options.checkouts;
    SQLHDBC dbc = checkout(env, counts);
    for (long k = share(options.commits, i, n); k > 0; k--)
        transact(dbc, counts, true);
    for (long k = share(options.rollbacks, i, n); k > 0; k--)
        transact(dbc, counts, false);
    for (long k = share(options.statements, i, n); k > 0; k--)
        execute(dbc, counts, "select 1", false);
    for (long k = share(options.errors, i, n); k > 0; k--)
        blunder(dbc, counts);
    if (options.pace_ms)
        usleep((useconds_t)options.pace_ms * 1000);
    checkin(dbc);
    for (long k = share(options.failures, i, n); k > 0; k--)
        fail_to_connect(env, counts);
    if (options.pace_ms)
        usleep((useconds_t)options.pace_ms * 1000);
}

struct worker {
    pthread_t thread;
    SQLHENV env;
    struct counts *counts;
};

static void *work(void *argument)
{
    struct worker *worker = argument;
    for (long i = 0; i < options.checkouts; i++)
        do_round(worker->env, worker->counts, i);
    return NULL;
}

static void work_in_threads(SQLHENV env, struct counts *counts)
{
    struct worker *workers = calloc((size_t)options.threads, sizeof *workers);
    if (!workers)
        die("out of memory", 0, NULL);
    for (long i = 0; i < options.threads; i++) {
        workers[i] = (struct worker){.env = env, .counts = counts};
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
            die("pthread_create", 0, NULL);
    }
    for (long i = 0; i < options.threads; i++)
        pthread_join(workers[i].thread, NULL);
    free(workers);
}

static void print_counts(const char *state)
{
    struct counts sum = {0};
    for (long i = 0; i <= options.children; i++) {
#define ROW(name) sum.name += __atomic_load_n(&process_counts[i].name, __ATOMIC_RELAXED);
        WORKLOAD_COUNTS(ROW)
#undef ROW
    }
    printf("{\"state\": \"%s\", \"processes\": %ld, \"threads\": %ld", state, options.children + 1,
           options.threads);
#define ROW(name) printf(", \"%s\": %ld", #name, sum.name);
    WORKLOAD_COUNTS(ROW)
#undef ROW
    printf("}\n");
    fflush(stdout);
}

/* Tells the others that this process has done its work, or waits for all of them. */
static int done_pipe[2];

static void announce_done(void)
{
    if (write(done_pipe[1], "", 1) != 1)
        die("write", 0, NULL);
}

static void await_done(void)
{
    for (long i = 0; i <= options.children; i++) {
        char byte;
        while (read(done_pipe[0], &byte, 1) != 1) {
            if (errno != EINTR)
                die("read", 0, NULL);
        }
    }
}

static void hold(SQLHENV env, struct counts *counts, bool parent)
{
    SQLHDBC *held = calloc((size_t)options.hold + 1, sizeof *held);
    if (!held)
        die("out of memory", 0, NULL);
    for (long i = 0; i < options.hold; i++)
        held[i] = checkout(env, counts);
    if (options.hold > counts->peak)
        counts->peak = options.hold;
    announce_done();
    if (parent) {
        await_done();
        print_counts("holding");
    }
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0 || errno == EINTR)
        errno = 0;
    for (long i = 0; i < options.hold; i++)
        checkin(held[i]);
    free(held);
}

static void run_process(SQLHENV env, struct counts *counts, bool parent)
{
    if (options.checkouts > 0) {
        work_in_threads(env, counts);
        counts->peak = options.threads;
    }
    if (options.hold >= 0)
        hold(env, counts, parent);
}

static SQLHENV new_environment(void)
{
    SQLHENV env = NULL;
    must(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &env), "SQLAllocHandle", 0, NULL);
    must(SQLSetEnvAttr(env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)(uintptr_t)options.odbc, 0),
         "SQL_ATTR_ODBC_VERSION", SQL_HANDLE_ENV, env);
    return env;
}

static int run_all(void)
{
    SQLHENV env = new_environment();
    for (long i = 0; i < options.before; i++)
        checkin(checkout(env, &process_counts[0]));
    process_counts[0].peak = options.before > 0;
    for (long i = 1; i <= options.children; i++) {
        pid_t child = fork();
        if (child < 0)
            die("fork", 0, NULL);
        if (child == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL); /* nothing is left behind where a test ends early */
            SQLHENV own = new_environment();
            run_process(own, &process_counts[i], false);
            SQLFreeHandle(SQL_HANDLE_ENV, own);
            exit(0);
        }
    }
    run_process(env, &process_counts[0], true);
    int failed = 0, status;
    while (wait(&status) > 0 || errno == EINTR) {
        if (status != 0)
            failed = 1;
        errno = 0;
    }
    if (!failed)
        print_counts("done");
    SQLFreeHandle(SQL_HANDLE_ENV, env);
    return failed;
}

static const struct option long_options[] = {
    {"string", required_argument, NULL, 's'},   {"dsn", required_argument, NULL, 'd'},
    {"failing", required_argument, NULL, 'f'},  {"table", required_argument, NULL, 't'},
    {"odbc", required_argument, NULL, 'o'},     {"wide", no_argument, NULL, 'w'},
    {"children", required_argument, NULL, 1},   {"threads", required_argument, NULL, 2},
    {"before", required_argument, NULL, 3},     {"checkouts", required_argument, NULL, 4},
    {"commits", required_argument, NULL, 5},    {"rollbacks", required_argument, NULL, 6},
    {"statements", required_argument, NULL, 7}, {"errors", required_argument, NULL, 8},
    {"failures", required_argument, NULL, 9},   {"hold", required_argument, NULL, 10},
    {"pace", required_argument, NULL, 11},      {NULL, 0, NULL, 0}};

static const char usage[] =
    "usage: workload --string CONNECTION-STRING | --dsn DSN [options]\n"
    "  --wide             connect by SQLDriverConnectW\n"
    "  --odbc VERSION     declare ODBC 2, 3 or 3.80 (default)\n"
    "  --table NAME       the table, of one number column, that transactions insert into\n"
    "  --before N         checkouts by the parent before it forks\n"
    "  --children N       processes to fork; the parent does the same work as each of them\n"
    "  --threads N        threads in each process, on one environment\n"
    "each thread of each process:\n"
    "  --checkouts N      connects and disconnects N times, and meanwhile does\n"
    "  --commits N --rollbacks N --statements N --errors N\n"
    "  --failures N       attempts to connect with the string given by --failing STRING\n"
    "  --pace MS          sleeps that long in and after each checkout\n"
    "each process:\n"
    "  --hold N           holds N connections open until standard input ends\n";

static SQLULEN odbc_version(const char *text)
{
    if (strcmp(text, "2") == 0)
        return SQL_OV_ODBC2;
    return strcmp(text, "3") == 0 ? SQL_OV_ODBC3 : SQL_OV_ODBC3_80;
}

static void read_options(int argc, char **argv)
{
    long *const numbers[] = {NULL,
                             &options.children,
                             &options.threads,
                             &options.before,
                             &options.checkouts,
                             &options.commits,
                             &options.rollbacks,
                             &options.statements,
                             &options.errors,
                             &options.failures,
                             &options.hold,
                             &options.pace_ms};
    int c;
    while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (c > 0 && c < (int)(sizeof numbers / sizeof *numbers)) {
            *numbers[c] = strtol(optarg, NULL, 10);
            continue;
        }
        switch (c) {
        case 's':
            options.string = optarg;
            break;
        case 'd':
            options.dsn = optarg;
            break;
        case 'f':
            options.failing = optarg;
            break;
        case 't':
            options.table = optarg;
            break;
        case 'o':
            options.odbc = odbc_version(optarg);
            break;
        case 'w':
            options.wide = true;
            break;
        default:
            fputs(usage, stderr);
            exit(2);
        }
    }
    if ((!options.string && !options.dsn) || (options.failures && !options.failing)) {
        fputs(usage, stderr);
        exit(2);
    }
}

int main(int argc, char **argv)
{
    read_options(argc, argv);
    size_t bytes = (size_t)(options.children + 1) * sizeof *process_counts;
    process_counts = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (process_counts == MAP_FAILED || pipe(done_pipe))
        die("set-up", 0, NULL);
    return run_all();
}
