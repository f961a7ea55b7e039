/* SPDX-License-Identifier: MIT */
/*
 * Programs that do to their process what libraries seldom think of: they fork, become daemons, exit
 * in odd places, run out of descriptors, may not make sockets. Each prints what came of it.
 *
 *   processes CASE CONNECTION-STRING [FILE]
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <sql.h>
#include <sqlext.h>

#define DESCRIPTORS 64
#define SPARE_MAX   16

static char *string;
static const char *file;
static SQLHENV environment;

/* What is open when the program ends, for its destructor. */
static SQLHDBC left_open;

/* ---- a little work on a connection --------------------------------------------------------------
 */

static SQLHDBC connect_now(bool quietly)
{
    SQLHDBC dbc = SQL_NULL_HDBC;
    if (!environment) {
        SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment);
        SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0);
    }
    SQLAllocHandle(SQL_HANDLE_DBC, environment, &dbc);
    SQLRETURN r =
        SQLDriverConnect(dbc, NULL, (SQLCHAR *)string, SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT);
    if (!quietly)
        printf("connect: %d\n", r);
    if (SQL_SUCCEEDED(r))
        return dbc;
    SQLFreeHandle(SQL_HANDLE_DBC, dbc);
    return SQL_NULL_HDBC;
}

static void disconnect(SQLHDBC dbc)
{
    printf("disconnect: %d\n", SQLDisconnect(dbc));
    printf("free: %d\n", SQLFreeHandle(SQL_HANDLE_DBC, dbc));
}

static void query(SQLHDBC dbc, int number)
{
    char sql[40], text[40] = "";
    SQLHSTMT stmt = SQL_NULL_HSTMT;
    SQLLEN length = -7;
    snprintf(sql, sizeof sql, "select %d", number);
    SQLAllocHandle(SQL_HANDLE_STMT, dbc, &stmt);
    SQLRETURN executed = SQLExecDirect(stmt, (SQLCHAR *)sql, SQL_NTS);
    SQLRETURN fetched = SQLFetch(stmt);
    SQLRETURN got = SQLGetData(stmt, 1, SQL_C_CHAR, text, sizeof text, &length);
    printf("query: %d %d %d \"%s\" %ld\n", executed, fetched, got, text, (long)length);
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    fflush(stdout);
}

static void whole_round(int number)
{
    SQLHDBC dbc = connect_now(false);
    if (!dbc)
        return;
    query(dbc, number);
    disconnect(dbc);
    fflush(stdout);
}

/* ---- fork ---------------------------------------------------------------------------------------
 */

/* Runs it in a child, which ends by _exit, and says how that ended. */
static void in_child(void (*work)(void))
{
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        work();
        fflush(stdout);
        _exit(7);
    }
    waitpid(child, &status, 0);
    printf("the child: %s %d\n", WIFEXITED(status) ? "status" : "signal",
           WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

static void nothing(void)
{
}

static void new_round(void)
{
    /* What the parent has is left alone, its environment too. */
    environment = SQL_NULL_HENV;
    whole_round(20);
}

static void run_another(void)
{
    static char name[] = "echo", word[] = "executed";
    char *argv[] = {name, word, NULL};
    execvp(argv[0], argv);
}

static void fork_before(void)
{
    in_child(new_round);
    whole_round(1);
    in_child(new_round);
}

static void fork_open(void)
{
    SQLHDBC dbc = connect_now(false);
    query(dbc, 1);
    in_child(nothing);
    query(dbc, 2);
    in_child(run_another);
    query(dbc, 3);
    in_child(new_round);
    query(dbc, 4);
    SQLHDBC second = connect_now(false);
    query(second, 5);
    disconnect(second);
    disconnect(dbc);
}

static void close_everything(void)
{
    for (int fd = 0; fd < 1024; fd++)
        close(fd);
}

/* The child has no descriptor left; what it prints goes to a file. */
static void become_daemon(void)
{
    setsid();
    close_everything();
    if (open("/dev/null", O_RDONLY) != 0 || open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600) != 1)
        _exit(1);
    dup2(1, 2);
    environment = SQL_NULL_HENV;
    whole_round(30);
    usleep(700000); /* the reporter's turn: what it writes must not end in the file */
    whole_round(31);
}

static void daemonise(void)
{
    char line[200];
    SQLHDBC dbc = connect_now(false);
    query(dbc, 1);
    in_child(become_daemon);
    FILE *f = fopen(file, "r");
    while (f && fgets(line, sizeof line, f))
        printf("the daemon: %s", line);
    if (f)
        fclose(f);
    query(dbc, 2);
    disconnect(dbc);
}

/* The process's own descriptors go from under its connections' feet; a file takes their place. */
static void descriptors_reused(void)
{
    SQLHDBC dbc = connect_now(false);
    query(dbc, 1);
    int out = dup(1);
    for (int fd = 3; fd < 1024; fd++)
        if (fd != out)
            close(fd);
    int reused[8];
    for (int i = 0; i < 8; i++)
        reused[i] = open(file, O_RDWR | O_CREAT | O_APPEND, 0600);
    usleep(700000);
    printf("in the file: %ld bytes\n", (long)lseek(reused[0], 0, SEEK_END));
    fflush(stdout);
    _exit(0);
}

/* ---- the end
 * -------------------------------------------------------------------------------------- */

static void leave_open(void)
{
    SQLHDBC dbc = connect_now(false), other = connect_now(false);
    query(dbc, 1);
    SQLSetConnectAttr(other, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0);
    query(other, 2);
}

static void exit_open(void)
{
    leave_open();
    exit(3);
}

static void *exit_in_thread(void *unused)
{
    leave_open();
    exit(4);
    return unused;
}

static void exit_from_thread(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, exit_in_thread, NULL);
    pthread_join(thread, NULL);
}

static void thread_exit_of_main(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, exit_in_thread, NULL);
    pthread_exit(NULL);
}

static void at_exit(void)
{
    puts("at exit");
    whole_round(40);
}

static void exit_handler(void)
{
    atexit(at_exit);
    left_open = connect_now(false);
    query(left_open, 1);
}

__attribute__((destructor)) static void destroy(void)
{
    if (!left_open)
        return;
    puts("the destructor");
    query(left_open, 50);
    disconnect(left_open);
    whole_round(51);
    fflush(stdout);
}

/* ---- less than usual
 * -------------------------------------------------------------------------------- */

/* With ever more descriptors to spare: says from how many on a connection is made. */
static void few_descriptors(void)
{
    struct rlimit limit = {DESCRIPTORS, DESCRIPTORS};
    int held[DESCRIPTORS], n = 0;
    SQLHDBC dbc = connect_now(false);
    query(dbc, 1);
    setrlimit(RLIMIT_NOFILE, &limit);
    while (n < DESCRIPTORS && (held[n] = open("/dev/null", O_RDONLY)) >= 0)
        n++;
    query(dbc, 2);
    for (int spare = 0; spare <= SPARE_MAX && n > 0; spare++) {
        SQLHDBC another = connect_now(true);
        if (another) {
            printf("connected with %d to spare\n", spare);
            query(another, 3);
            disconnect(another);
            break;
        }
        close(held[--n]);
    }
    query(dbc, 4);
    disconnect(dbc);
}

static void forbid_sockets(int error)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ((unsigned)error & SECCOMP_RET_DATA)),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    printf("forbidden: %d\n", prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0));
}

static void without_sockets(int error)
{
    forbid_sockets(error);
    SQLHDBC dbc = connect_now(false);
    query(dbc, 1);
    usleep(700000);
    query(dbc, 2);
    disconnect(dbc);
    whole_round(3);
}

static void without_sockets_eperm(void)
{
    without_sockets(EPERM);
}

static void without_sockets_enosys(void)
{
    without_sockets(ENOSYS);
}

/* ---- the cases
 * -------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*run)(void);
} cases[] = {
    {"fork-before", fork_before},
    {"fork-open", fork_open},
    {"daemonise", daemonise},
    {"descriptors-reused", descriptors_reused},
    {"return-open", leave_open},
    {"exit-open", exit_open},
    {"exit-from-thread", exit_from_thread},
    {"thread-exit-of-main", thread_exit_of_main},
    {"exit-handler", exit_handler},
    {"few-descriptors", few_descriptors},
    {"without-sockets-eperm", without_sockets_eperm},
    {"without-sockets-enosys", without_sockets_enosys},
};

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    string = argv[2];
    file = argc > 3 ? argv[3] : "/dev/null";
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (strcmp(cases[i].name, argv[1]) != 0)
            continue;
        cases[i].run();
        puts("returned");
        return 0;
    }
    return 2;
}
