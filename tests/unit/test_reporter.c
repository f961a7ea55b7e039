/* SPDX-License-Identifier: MIT */
/*
 * What leaves the process: every test is a child of its own that reports to a socket of the test,
 * which waits for what is to come. A child that ends with exit() says farewell.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pipe2, memmem */
#endif
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <cmocka.h>

#include "odbcshim/destination.h"
#include "odbcshim/registry.h"
#include "odbcshim/sender.h"
#include "protocol/decode.h"
#include "protocol/seal.h"
#include "tests/unit/counted.h"

#define DEADLINE_MS 30000

/* ---- the receiving end ----------------------------------------------------------------------- */

static int open_receiver(int family, int *port)
{
    struct sockaddr_storage address = {.ss_family = (sa_family_t)family};
    struct sockaddr_in *four = (struct sockaddr_in *)&address;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&address;
    socklen_t length = family == AF_INET ? sizeof(*four) : sizeof(*six);
    int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int buffer = 8 << 20;

    if (family == AF_INET)
        four->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    else
        six->sin6_addr = in6addr_loopback;
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) != 0) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
    *port = ntohs(family == AF_INET ? four->sin_port : six->sin6_port);
    return fd;
}

/* One datagram, decoded. */
struct received {
    char host[CDP_NAME_MAX], token[CDP_NAME_MAX], plugin[CDP_NAME_MAX], program[CDP_NAME_MAX];
    double interval;
    uint64_t session, sequence;
    bool farewell;
    size_t programs, lists;
    union cdp_number numbers[CDP_WIRE_METRICS]; /* of the last program in it */
    size_t length;
    uint8_t bytes[2048];
};

static void take(void *context, const struct cdp_value_list *list)
{
    struct received *r = context;
    enum cdp_group group = cdp_group_of(list->type);

    r->lists++;
    snprintf(r->host, sizeof(r->host), "%s", list->host);
    snprintf(r->token, sizeof(r->token), "%s", list->type_instance);
    snprintf(r->plugin, sizeof(r->plugin), "%s", list->plugin);
    r->interval = cdp_time_to_seconds(list->interval);
    if (strcmp(list->type, CDP_PROCESS_TYPE) == 0 && list->count == 3) {
        r->session = list->values[0].absolute;
        r->sequence = list->values[1].absolute;
        r->farewell = list->values[2].gauge > 0;
        return;
    }
    r->programs += group == CDP_GROUP_POOL;
    snprintf(r->program, sizeof(r->program), "%s", list->plugin_instance);
    if (group != CDP_WIRE_GROUPS)
        assert_true(cdp_numbers_from_list(list, group, r->numbers));
}

static bool receive(int fd, struct received *r, int timeout_ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    ssize_t n;

    memset(r, 0, sizeof(*r));
    if (poll(&p, 1, timeout_ms) != 1)
        return false;
    n = recv(fd, r->bytes, sizeof(r->bytes), 0);
    assert_true(n > 0 && n <= CDP_DATAGRAM_MAX);
    r->length = (size_t)n;
    return true;
}

static struct received next(int fd)
{
    struct received r;

    if (!receive(fd, &r, DEADLINE_MS))
        fail_msg("nothing came");
    assert_int_equal(cdp_decode(r.bytes, r.length, take, &r), CDP_DECODED);
    return r;
}

/* The first report in which `m` is `value`. */
static struct received next_with(int fd, enum cdp_metric m, double value)
{
    time_t end = time(NULL) + DEADLINE_MS / 1000;
    struct received r;

    do {
        r = next(fd);
        if ((cdp_metrics[m].kind == CDP_GAUGE ? r.numbers[m].gauge : (double)r.numbers[m].derive) ==
            value)
            return r;
    } while (time(NULL) < end);
    fail_msg("%s never became %g", cdp_metrics[m].name, value);
    return r;
}

static struct received farewell(int fd)
{
    struct received r;

    do {
        r = next(fd);
    } while (!r.farewell);
    return r;
}

static void nothing_more(int fd)
{
    struct received r;

    assert_false(receive(fd, &r, 0));
}

/* ---- a name service -------------------------------------------------------------------------- */

static atomic_bool names_hang, name_asked;

/* The C library's, but for names that may never be answered. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **found)
{
    union {
        void *object;
        __typeof__(&getaddrinfo) function;
    } next = {.object = dlsym(RTLD_NEXT, "getaddrinfo")};

    while (atomic_load(&names_hang) && (hints->ai_flags & AI_NUMERICHOST) == 0) {
        atomic_store(&name_asked, true);
        pause();
    }
    return next.function(node, service, hints, found);
}

/* ---- the sending end ------------------------------------------------------------------------- */

static const struct shim_identity identity = {.environment = 1, .pool = 1};

static struct shim_settings settings_to(int port)
{
    struct shim_settings settings = settings_of("shop");

    settings.collectd_port = port;
    settings.interval = 0.1;
    return settings;
}

static struct shim_connection *connect_to(const struct shim_settings *settings)
{
    struct shim_connection *c = shim_registry_add(settings, &identity);

    shim_connection_event(c, SHIM_EVENT_CONNECTED);
    return c;
}

/* Waits in the child until the test lets it go by closing its end. */
static int gate[2];

static void wait_for_test(void)
{
    char c;

    close(gate[1]);
    while (read(gate[0], &c, 1) > 0)
        ;
}

/* Runs `body` in a child, which ends by exit(): with all that belongs to it. */
static pid_t start(int (*body)(int port), int port)
{
    pid_t child;

    assert_int_equal(pipe2(gate, O_CLOEXEC), 0);
    child = fork();
    if (child == 0) {
        alarm(120);
        exit(body(port));
    }
    close(gate[0]);
    return child;
}

static int let_go(pid_t child)
{
    close(gate[1]);
    return status_of(child);
}

/* ---- the tests ------------------------------------------------------------------------------- */

static int works(int port)
{
    struct shim_settings settings = settings_to(port);
    struct shim_connection *c = connect_to(&settings), *d = connect_to(&settings);

    shim_connection_event(c, SHIM_EVENT_EXECUTED);
    wait_for_test();
    shim_registry_remove(&d);
    shim_connection_event(c, SHIM_EVENT_EXECUTED);
    return 0; /* c stays open */
}

static void reports(void **state)
{
    int port, fd = open_receiver(AF_INET, &port);
    struct received a, b, last;
    char pid[24];
    pid_t child = start(works, port);

    (void)state;
    a = next_with(fd, CDP_STATEMENTS, 1);
    b = next(fd);
    assert_int_equal(let_go(child), 0);
    last = farewell(fd);
    assert_string_equal(a.host, "here");
    assert_string_equal(a.plugin, "odbc");
    assert_string_equal(a.program, "shop");
    assert_true(a.interval > 0.099 && a.interval < 0.101);
    snprintf(pid, sizeof(pid), "%ld:", (long)child);
    assert_int_equal(strncmp(a.token, pid, strlen(pid)), 0);
    assert_true(a.numbers[CDP_CHECKEDOUT].gauge == 2);
    assert_true(a.numbers[CDP_NUMPOOLS].gauge == 1);
    assert_int_equal(a.numbers[CDP_CONNECTS].derive, 2);
    assert_int_equal(b.sequence, a.sequence + 1);
    assert_true(a.session == b.session && a.session != 0);
    assert_false(a.farewell);

    assert_true(last.session == a.session && last.sequence > b.sequence);
    assert_string_equal(last.token, a.token);
    assert_int_equal(last.numbers[CDP_STATEMENTS].derive, 2);
    assert_int_equal(last.numbers[CDP_DISCONNECTS].derive, 1);
    for (int m = 0; m < CDP_WIRE_METRICS; m++)
        assert_true(cdp_metrics[m].kind == CDP_DERIVE || last.numbers[m].gauge == 0);
    nothing_more(fd);
    close(fd);
}

static int ends_at_once(int port)
{
    struct shim_settings settings = settings_to(port);
    struct shim_connection *c;

    settings.interval = 3600;
    c = connect_to(&settings);
    shim_connection_event(c, SHIM_EVENT_DISCONNECTED);
    shim_registry_remove(&c);
    return 0;
}

static void short_lives_are_seen(void **state)
{
    int port, fd = open_receiver(AF_INET, &port);
    struct received r;

    (void)state;
    assert_int_equal(let_go(start(ends_at_once, port)), 0);
    r = next(fd);
    assert_true(r.farewell);
    assert_int_equal(r.sequence, 0);
    assert_int_equal(r.numbers[CDP_CONNECTS].derive, 1);
    assert_int_equal(r.numbers[CDP_DISCONNECTS].derive, 1);
    nothing_more(fd);
    close(fd);
}

static int many_programs(int port)
{
    struct shim_settings settings = settings_to(port);

    for (int i = 0; i < 100; i++) {
        char name[16];
        struct shim_connection *c;

        snprintf(name, sizeof(name), "shop%d", i);
        settings.program = name;
        settings.interval = 3600;
        c = connect_to(&settings);
        shim_registry_remove(&c);
    }
    return 0;
}

static void many_programs_arrive(void **state)
{
    int port, fd = open_receiver(AF_INET, &port);
    struct received r;
    size_t programs = 0;

    (void)state;
    assert_int_equal(let_go(start(many_programs, port)), 0);
    for (uint64_t sequence = 0; receive(fd, &r, 0); sequence++) {
        assert_int_equal(cdp_decode(r.bytes, r.length, take, &r), CDP_DECODED);
        assert_int_equal(r.sequence, sequence);
        assert_true(r.farewell);
        programs += r.programs;
    }
    assert_int_equal(programs, 100);
    close(fd);
}

static int forks(int port)
{
    struct shim_settings settings = settings_to(port);
    struct shim_connection *c = connect_to(&settings);
    pid_t child = fork();

    if (child == 0) {
        shim_connection_event(c, SHIM_EVENT_EXECUTED);
        exit(0);
    }
    if (status_of(child) != 0)
        return 1;
    child = fork();
    if (child == 0)
        exit(0); /* and says nothing */
    return status_of(child);
}

static void children_speak_for_themselves(void **state)
{
    int port, fd = open_receiver(AF_INET, &port);
    struct received child, parent;

    (void)state;
    assert_int_equal(let_go(start(forks, port)), 0);
    child = farewell(fd);
    parent = farewell(fd);
    assert_int_equal(child.numbers[CDP_STATEMENTS].derive, 1);
    assert_int_equal(child.numbers[CDP_CONNECTS].derive, 0);
    assert_int_equal(parent.numbers[CDP_STATEMENTS].derive, 0);
    assert_int_equal(parent.numbers[CDP_CONNECTS].derive, 1);
    assert_string_not_equal(child.token, parent.token);
    assert_true(child.session != parent.session);
    nothing_more(fd);
    close(fd);
}

/* The line of a thread's status that begins with `key`, of the thread named odbcshim. */
static bool status_line(const char *key, char *line, size_t size)
{
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *task;
    bool ours = false, found = false;

    while (tasks != NULL && !(ours && found) && (task = readdir(tasks)) != NULL) {
        char path[300], read_line[200];
        FILE *f;

        snprintf(path, sizeof(path), "/proc/self/task/%s/status", task->d_name);
        f = fopen(path, "r");
        ours = found = false;
        while (f != NULL && fgets(read_line, sizeof(read_line), f) != NULL) {
            ours = ours || strcmp(read_line, "Name:\todbcshim\n") == 0;
            if (strncmp(read_line, key, strlen(key)) == 0) {
                snprintf(line, size, "%s", read_line);
                found = true;
            }
        }
        if (f != NULL)
            fclose(f);
    }
    if (tasks != NULL)
        closedir(tasks);
    return ours && found;
}

static int disabled(int port)
{
    struct shim_settings settings = settings_to(port);
    char line[200];

    settings.enabled = false;
    return connect_to(&settings) == NULL && !status_line("Name:", line, sizeof(line)) ? 0 : 1;
}

static void disabled_is_silent(void **state)
{
    int port, fd = open_receiver(AF_INET, &port);

    (void)state;
    assert_int_equal(let_go(start(disabled, port)), 0);
    nothing_more(fd);
    close(fd);
}

static int has_a_quiet_thread(int port)
{
    struct shim_settings settings = settings_to(port);
    char line[200] = "";
    unsigned long long blocked = 0;

    connect_to(&settings);
    for (int i = 0; i < 30000 && !status_line("SigBlk:", line, sizeof(line)); i++)
        usleep(1000); /* until it has its name */
    sscanf(line, "SigBlk: %llx", &blocked);
    /* All but KILL, STOP and the C library's own two. */
    return (blocked | 1u << 8 | 1u << 18 | 3ull << 31) == ~0ull ? 0 : 1;
}

static void the_thread_blocks_signals(void **state)
{
    int port, fd = open_receiver(AF_INET, &port);
    const char *preload = getenv("LD_PRELOAD");

    (void)state;
    if (preload != NULL && strstr(preload, "vgpreload") != NULL) {
        close(fd);
        skip(); /* valgrind keeps the masks of threads to itself */
    }
    assert_int_equal(let_go(start(has_a_quiet_thread, port)), 0);
    close(fd);
}

/* A daemon closes all descriptors, and its files get their numbers. */
static int closes_descriptors(int port)
{
    struct shim_settings settings = settings_to(port);
    struct stat st;
    FILE *f[20];
    int harmed = 0, open;

    connect_to(&settings);
    for (int fd = 0; fd < 256; fd++) {
        if (fd != gate[0] && fd != gate[1])
            close(fd);
    }
    for (int i = 0; i < 20; i++)
        f[i] = tmpfile();
    open = entries_of("/proc/self/fd");
    wait_for_test();
    /* The reporter may have one now that it had not then; of five reports none has kept one. */
    harmed += entries_of("/proc/self/fd") > open + 1;
    for (int i = 0; i < 20; i++)
        harmed += f[i] == NULL || fstat(fileno(f[i]), &st) != 0 || st.st_size != 0;
    return harmed;
}

static void closed_descriptors_do_no_harm(void **state)
{
    int port, fd = open_receiver(AF_INET, &port);
    pid_t child = start(closes_descriptors, port);

    (void)state;
    for (int i = 0; i < 5; i++)
        next(fd);
    assert_int_equal(let_go(child), 0);
    farewell(fd);
    close(fd);
}

/* Locks that will never be free: a thread was interrupted, and the handler exits. */
static int exits_with_locks_held(int port)
{
    struct shim_settings settings = settings_to(port);
    struct shim_connection *c;

    settings.interval = 3600;
    c = connect_to(&settings);
    shim_lock_take(&c->lock);
    return 0;
}

static int exits_with_the_registry_locked(int port)
{
    struct shim_settings settings = settings_to(port);

    settings.interval = 3600;
    for (int i = 0; i < SHIM_PROGRAMS_MAX; i++) {
        char host[16];

        snprintf(host, sizeof(host), "here%d", i);
        settings.report_host = host;
        connect_to(&settings);
    }
    pthread_mutex_lock(&shim_registry_lock);
    alarm(20); /* to wait for it once is soon done, once for each of them is not */
    return 0;
}

static void exits_whatever_is_locked(void **state)
{
    int port, fd = open_receiver(AF_INET, &port);

    (void)state;
    assert_int_equal(let_go(start(exits_with_locks_held, port)), 0);
    assert_int_equal(farewell(fd).numbers[CDP_CONNECTS].derive, 1);
    assert_int_equal(let_go(start(exits_with_the_registry_locked, port)), 0);
    close(fd);
}

/* A child made past fork(), as some runtimes do, shares our memory's copy but is not us. */
static int clones(int port)
{
    struct shim_settings settings = settings_to(port);
    pid_t child;

    settings.interval = 3600;
    connect_to(&settings);
    child = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
    if (child == 0)
        exit(0);
    return status_of(child);
}

static void clones_keep_silent(void **state)
{
    int port, fd = open_receiver(AF_INET, &port);

    (void)state;
    if (UNDER_TSAN) { /* whose own locks such a child inherits as they are */
        close(fd);
        skip();
    }
    assert_int_equal(let_go(start(clones, port)), 0);
    assert_true(next(fd).farewell);
    nothing_more(fd);
    close(fd);
}

/* The main thread ends, and the process goes on until the last of the others has ended. */
static void *works_on(void *settings)
{
    struct shim_connection *c = connect_to(settings);

    wait_for_test();
    shim_connection_event(c, SHIM_EVENT_EXECUTED);
    return NULL;
}

static int leaves_its_threads(int port)
{
    static struct shim_settings settings;
    pthread_t thread;

    settings = settings_to(port);
    if (pthread_create(&thread, NULL, works_on, &settings) != 0)
        return 1;
    pthread_exit(NULL);
}

static bool has_ended(pid_t child)
{
    siginfo_t end = {.si_pid = 0};

    return waitid(P_PID, (id_t)child, &end, WEXITED | WNOWAIT | WNOHANG) == 0 &&
           end.si_pid == child;
}

static void ends_with_the_last_thread(void **state)
{
    int port, fd = open_receiver(AF_INET, &port);
    const char *preload = getenv("LD_PRELOAD");
    pid_t child;

    (void)state;
    /* Valgrind and ThreadSanitizer keep the process; and with the main thread's stack ends what
       cmocka holds by it, which AddressSanitizer takes for a leak. */
    if ((preload != NULL && strstr(preload, "vgpreload") != NULL) || UNDER_SANITIZER) {
        close(fd);
        skip();
    }
    child = start(leaves_its_threads, port);
    next_with(fd, CDP_CONNECTS, 1);
    for (int i = 0; i < 25; i++) /* longer than it takes to look around */
        assert_false(next(fd).farewell);
    close(gate[1]);
    for (int i = 0; i < DEADLINE_MS && !has_ended(child); i++)
        usleep(1000);
    kill(child, SIGKILL); /* no other signal would end it */
    assert_int_equal(status_of(child), 0);
    assert_int_equal(farewell(fd).numbers[CDP_STATEMENTS].derive, 1);
    nothing_more(fd);
    close(fd);
}

/* A child that has the very same memory must not call exit(); some do, and stop nothing of ours. */
static int exits_by_mistake(int port)
{
    struct shim_settings settings = settings_to(port);
    struct shim_connection *c = connect_to(&settings);
    pid_t child = vfork();

    if (child == 0)
        exit(0);
    if (status_of(child) != 0)
        return 1;
    shim_connection_event(c, SHIM_EVENT_EXECUTED);
    wait_for_test();
    return 0;
}

static void who_shares_the_memory_stops_nothing(void **state)
{
    int port, fd = open_receiver(AF_INET, &port);
    pid_t child;

    (void)state;
    if (UNDER_SANITIZER) { /* whose runtime such a child ends for both */
        close(fd);
        skip();
    }
    child = start(exits_by_mistake, port);
    next_with(fd, CDP_STATEMENTS, 1);
    next(fd);
    assert_int_equal(let_go(child), 0);
    close(fd);
}

static int seals(int port)
{
    struct shim_settings settings = settings_to(port);
    struct shim_connection *c;

    settings.interval = 3600;
    settings.username = text("odbc");
    settings.password = text("correct horse");
    settings.security = SHIM_SECURITY_SIGN;
    c = connect_to(&settings);
    shim_registry_remove(&c);
    settings.security = SHIM_SECURITY_ENCRYPT;
    c = connect_to(&settings);
    shim_registry_remove(&c);
    return 0;
}

static size_t find_password(void *context, const char *user, const char **passwords, size_t max)
{
    (void)context;
    (void)max;
    passwords[0] = "correct horse";
    return strcmp(user, "odbc") == 0 ? 1 : 0;
}

static void sealed_reports_open(void **state)
{
    int port, fd = open_receiver(AF_INET, &port);
    bool seen[3] = {false, false, false};

    (void)state;
    assert_true(cdp_seal_init());
    assert_int_equal(let_go(start(seals, port)), 0);
    for (int i = 0; i < 2; i++) {
        struct received r;
        struct cdp_unsealed u;
        uint8_t scratch[2048];

        assert_true(receive(fd, &r, DEADLINE_MS));
        assert_null(memmem(r.bytes, r.length, "correct horse", 13));
        assert_int_equal(cdp_unseal(r.bytes, r.length, scratch, find_password, NULL, &u),
                         CDP_UNSEALED);
        assert_int_equal(cdp_decode(u.payload, u.length, take, &r), CDP_DECODED);
        assert_string_equal(r.program, "shop");
        seen[u.level] = true;
    }
    assert_true(seen[CDP_SECURITY_SIGN] && seen[CDP_SECURITY_ENCRYPT]);
    close(fd);
}

static int sqlalchemy(int port)
{
    struct shim_settings settings = settings_to(port);
    struct shim_connection *c;

    settings.plugin = SHIM_PLUGIN_SQLALCHEMY;
    c = connect_to(&settings);
    wait_for_test();
    shim_registry_remove(&c);
    return 0;
}

static void sqlalchemys_shape(void **state)
{
    int port, fd = open_receiver(AF_INET, &port);
    pid_t child = start(sqlalchemy, port);
    struct received r = next(fd);

    (void)state;
    assert_string_equal(r.plugin, "sqlalchemy");
    assert_string_equal(r.program, "shop");
    assert_int_equal(r.lists, 1);
    assert_int_equal(let_go(child), 0);
    close(fd);
}

static int reports_to_localhost(int port)
{
    struct shim_settings settings = settings_to(port);

    settings.collectd_host = text("LocalHost");
    settings.interval = 3600;
    connect_to(&settings);
    return 0;
}

static int reports_by_name(int port)
{
    struct shim_settings settings = settings_to(port);
    char name[256];

    /* A name that is not known without asking, and that the hosts file answers for. */
    if (gethostname(name, sizeof(name)) != 0)
        return 77;
    settings.collectd_host = name;
    connect_to(&settings);
    wait_for_test();
    return 0;
}

static void localhost_is_both(void **state)
{
    static const int families[] = {AF_INET, AF_INET6};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        int port, fd = open_receiver(families[i], &port);

        if (fd < 0)
            continue; /* no IPv6 here */
        assert_int_equal(let_go(start(reports_to_localhost, port)), 0);
        assert_int_equal(farewell(fd).numbers[CDP_CONNECTS].derive, 1);
        nothing_more(fd);
        close(fd);
    }
}

static void addresses(void **state)
{
    static const char *const known[] = {"127.0.0.1",   "192.0.2.1", "::1",
                                        "2001:db8::1", "localhost", "LOCALHOST"};
    static const char *const unknown[] = {"collectd.example", "local", "localhost.example", ""};
    struct shim_addresses a;

    (void)state;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        assert_true(shim_addresses_known(&a, known[i], 25827));
        assert_int_equal(a.count, i < 4 ? 1 : 2);
    }
    assert_int_equal(a.address[0].ss_family, AF_INET);
    assert_int_equal(ntohs(((struct sockaddr_in *)&a.address[0])->sin_port), 25827);
    assert_int_equal(ntohs(((struct sockaddr_in6 *)&a.address[1])->sin6_port), 25827);
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        assert_false(shim_addresses_known(&a, unknown[i], 25827));
        assert_int_equal(a.count, 0);
    }
}

/* A host's own name is in /etc/hosts wherever that is in order; else there is nothing to test. */
static void names_are_looked_up(void **state)
{
    char name[256];
    struct shim_addresses a;
    int port, fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in any = {.sin_family = AF_INET};
    socklen_t length = sizeof(any);
    pid_t child;

    (void)state;
    assert_int_equal(gethostname(name, sizeof(name)), 0);
    if (shim_addresses_known(&a, name, 1) || !shim_addresses_resolve(&a, name, 1) ||
        a.address[0].ss_family != AF_INET)
        skip();
    assert_int_equal(bind(fd, (struct sockaddr *)&any, sizeof(any)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&any, &length), 0);
    port = ntohs(any.sin_port);
    child = start(reports_by_name, port);
    next_with(fd, CDP_CONNECTS, 1);
    assert_int_equal(let_go(child), 0);
    farewell(fd);
    close(fd);
}

static int reports_to_nobody(int port)
{
    struct shim_settings settings = settings_to(port);
    struct shim_connection *a, *b;

    settings.collectd_host = text("no-such-host.invalid");
    a = connect_to(&settings);
    settings.collectd_host = text("127.0.0.1");
    settings.collectd_port = 1; /* nobody listens */
    b = connect_to(&settings);
    settings.collectd_port = port;
    connect_to(&settings);
    wait_for_test();
    shim_registry_remove(&a);
    shim_registry_remove(&b);
    return 0;
}

static void who_cannot_be_reached_does_no_harm(void **state)
{
    int port, fd = open_receiver(AF_INET, &port);
    pid_t child = start(reports_to_nobody, port);

    (void)state;
    next_with(fd, CDP_CONNECTS, 1);
    next(fd);
    assert_int_equal(let_go(child), 0);
    farewell(fd);
    close(fd);
}

static int waits_for_a_name(int port)
{
    struct shim_settings settings = settings_to(port);

    atomic_store(&names_hang, true);
    settings.collectd_host = text("no-such-host.invalid");
    connect_to(&settings);
    while (!atomic_load(&name_asked))
        usleep(1000);
    settings.collectd_host = text("127.0.0.1");
    connect_to(&settings);
    wait_for_test();
    return 0;
}

static void names_hold_up_no_report(void **state)
{
    int port, fd = open_receiver(AF_INET, &port);
    pid_t child = start(waits_for_a_name, port);

    (void)state;
    assert_false(next_with(fd, CDP_CONNECTS, 1).farewell);
    assert_false(next(fd).farewell);
    assert_int_equal(let_go(child), 0);
    farewell(fd);
    close(fd);
}

enum { THREADS = 4, ROUNDS = 500 };

static void *connects_and_disconnects(void *settings)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct shim_connection *c = connect_to(settings);

        shim_connection_event(c, SHIM_EVENT_EXECUTED);
        shim_registry_remove(&c);
    }
    return NULL;
}

static int threads(int port)
{
    struct shim_settings settings = settings_to(port);
    pthread_t thread[THREADS];

    for (int i = 0; i < THREADS; i++)
        pthread_create(&thread[i], NULL, connects_and_disconnects, &settings);
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    return 0;
}

static void totals_of_threads_are_exact(void **state)
{
    int port, fd = open_receiver(AF_INET, &port);
    struct received last;

    (void)state;
    assert_int_equal(let_go(start(threads, port)), 0);
    last = farewell(fd);
    assert_int_equal(last.numbers[CDP_CONNECTS].derive, THREADS * ROUNDS);
    assert_int_equal(last.numbers[CDP_DISCONNECTS].derive, THREADS * ROUNDS);
    assert_int_equal(last.numbers[CDP_STATEMENTS].derive, THREADS * ROUNDS);
    close(fd);
}

/* Threads go on while the process ends. */
static int exits_amid_threads(int port)
{
    static struct shim_settings settings;
    pthread_t thread;

    settings = settings_to(port);
    connect_to(&settings);
    for (int i = 0; i < THREADS; i++) {
        if (pthread_create(&thread, NULL, connects_and_disconnects, &settings) == 0)
            pthread_detach(thread);
    }
    exit(0);
}

static void exits_with_threads_running(void **state)
{
    int port, fd = open_receiver(AF_INET, &port);

    (void)state;
    for (int i = 0; i < 20; i++) {
        assert_int_equal(let_go(start(exits_amid_threads, port)), 0);
        farewell(fd);
        nothing_more(fd);
    }
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses),
        cmocka_unit_test(reports),
        cmocka_unit_test(short_lives_are_seen),
        cmocka_unit_test(many_programs_arrive),
        cmocka_unit_test(children_speak_for_themselves),
        cmocka_unit_test(disabled_is_silent),
        cmocka_unit_test(the_thread_blocks_signals),
        cmocka_unit_test(closed_descriptors_do_no_harm),
        cmocka_unit_test(exits_whatever_is_locked),
        cmocka_unit_test(clones_keep_silent),
        cmocka_unit_test(ends_with_the_last_thread),
        cmocka_unit_test(who_shares_the_memory_stops_nothing),
        cmocka_unit_test(sealed_reports_open),
        cmocka_unit_test(sqlalchemys_shape),
        cmocka_unit_test(localhost_is_both),
        cmocka_unit_test(names_are_looked_up),
        cmocka_unit_test(who_cannot_be_reached_does_no_harm),
        cmocka_unit_test(names_hold_up_no_report),
        cmocka_unit_test(totals_of_threads_are_exact),
        cmocka_unit_test(exits_with_threads_running),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
