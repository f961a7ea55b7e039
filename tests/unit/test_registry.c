/* SPDX-License-Identifier: MIT */
/*
 * Connections, programs and destinations in one process: what is added up, by whom it is found,
 * and what threads and forks do to it. Nothing is received here; see test_reporter.c for that.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "odbcshim/destination.h"
#include "odbcshim/registry.h"
#include "odbcshim/strict.h"
#include "tests/unit/counted.h"

static struct shim_connection *add(const char *program, uint64_t environment, uint64_t pool)
{
    const struct shim_settings settings = settings_of(program);
    const struct shim_identity identity = {.environment = environment, .pool = pool};

    return shim_registry_add(&settings, &identity);
}

/* What is reported for a program now; false if there is no such program. */
static bool report_of(const char *program, union cdp_number numbers[CDP_WIRE_METRICS])
{
    bool found = false;

    pthread_mutex_lock(&shim_registry_lock);
    for (struct shim_destination *d = atomic_load(&shim_destinations); d != NULL; d = d->next) {
        const struct cdp_program *programs;

        if (d->generation != shim_generation)
            continue;
        programs = shim_destination_sum_locked(d, false)->programs;
        for (size_t i = 0; i < d->program_count; i++) {
            if (strcmp(programs[i].name, program) != 0)
                continue;
            memcpy(numbers, programs[i].values, sizeof(programs[i].values));
            found = true;
        }
    }
    pthread_mutex_unlock(&shim_registry_lock);
    return found;
}

static double gauge(const char *program, enum cdp_metric m)
{
    union cdp_number numbers[CDP_WIRE_METRICS];

    return report_of(program, numbers) ? numbers[m].gauge : -1;
}

static int64_t total(const char *program, enum cdp_metric m)
{
    union cdp_number numbers[CDP_WIRE_METRICS];

    return report_of(program, numbers) ? numbers[m].derive : -1;
}

/* Runs `body` in a child of fork; returns its status, with which it ends without more ado. */
static int in_child(int (*body)(void *), void *context)
{
    pid_t child = fork();

    if (child == 0) {
        alarm(60);
        _exit(body(context));
    }
    return status_of(child);
}

/* ---- one process ----------------------------------------------------------------------------- */

static void counts_per_program(void **state)
{
    struct shim_connection *a = add("one", 1, 1), *b = add("one", 1, 1), *c = add("two", 1, 1);

    (void)state;
    assert_true(gauge("one", CDP_CONNECTIONS) == 0);
    shim_connection_event(a, SHIM_EVENT_CONNECTED);
    shim_connection_event(b, SHIM_EVENT_CONNECTED);
    shim_connection_event(c, SHIM_EVENT_CONNECTED);
    shim_connection_event(b, SHIM_EVENT_DISCONNECTED);
    assert_true(gauge("one", CDP_CONNECTIONS) == 1);
    assert_true(gauge("two", CDP_CONNECTIONS) == 1);
    assert_int_equal(total("one", CDP_CONNECTS), 2);
    assert_int_equal(total("one", CDP_DISCONNECTS), 1);

    shim_registry_remove(&b);
    assert_null(b);
    shim_registry_remove(&b);
    assert_int_equal(total("one", CDP_CONNECTS), 2);
    assert_int_equal(total("one", CDP_DISCONNECTS), 1);

    shim_registry_remove(&a); /* still open */
    assert_int_equal(total("one", CDP_CONNECTS), 2);
    assert_int_equal(total("one", CDP_DISCONNECTS), 2);
    assert_int_equal(total("one", CDP_CHECKINS), 2);
    assert_true(gauge("one", CDP_CONNECTIONS) == 0);
    assert_true(gauge("one", CDP_NUMPOOLS) == 0);
    shim_registry_remove(&c);
    assert_int_equal(total("two", CDP_CONNECTS), 1);
}

static void counts_pools(void **state)
{
    struct shim_connection *c[9];

    (void)state;
    for (size_t i = 0; i < 9; i++) {
        c[i] = add("pools", i / 3, i % 3 / 2); /* 3 environments, 2 identities: 2 and 1 of each */
        assert_non_null(c[i]);
    }
    assert_true(gauge("pools", CDP_NUMPOOLS) == 0);
    for (size_t i = 0; i < 9; i++)
        shim_connection_event(c[i], SHIM_EVENT_CONNECTED);
    assert_true(gauge("pools", CDP_NUMPOOLS) == 6);
    shim_connection_event(c[0], SHIM_EVENT_DISCONNECTED);
    assert_true(gauge("pools", CDP_NUMPOOLS) == 6);
    shim_connection_event(c[1], SHIM_EVENT_DISCONNECTED);
    assert_true(gauge("pools", CDP_NUMPOOLS) == 5);
    for (size_t i = 0; i < 9; i++)
        shim_registry_remove(&c[i]);
    assert_true(gauge("pools", CDP_NUMPOOLS) == 0);
}

static void counts_many(void **state)
{
    enum { MANY = 10000 };
    struct shim_connection **c = calloc(MANY, sizeof(struct shim_connection *));

    (void)state;
    assert_non_null(c);
    for (size_t i = 0; i < MANY; i++) {
        c[i] = add("many", 7, i);
        shim_connection_event(c[i], SHIM_EVENT_CONNECTED);
    }
    assert_true(gauge("many", CDP_NUMPOOLS) == MANY);
    assert_true(gauge("many", CDP_CHECKEDOUT) == MANY);
    for (size_t i = 0; i < MANY; i++)
        shim_registry_remove(&c[(i * 7919) % MANY]);
    assert_int_equal(total("many", CDP_DISCONNECTS), MANY);
    free(c);
}

static void counts_nothing(void **state)
{
    struct shim_settings settings = settings_of("disabled");
    const struct shim_identity identity = {.environment = 1};
    union cdp_number numbers[CDP_WIRE_METRICS];

    (void)state;
    settings.enabled = false;
    assert_null(shim_registry_add(&settings, &identity));
    assert_false(report_of("disabled", numbers));
    shim_connection_event(NULL, SHIM_EVENT_CONNECTED);
}

static void keeps_destinations_apart(void **state)
{
    struct shim_settings settings = settings_of("apart");
    const struct shim_identity identity = {.environment = 1};
    struct shim_connection *c[9];
    struct shim_destination *seen[9];

    (void)state;
    for (size_t i = 0; i < 9; i++) {
        settings = settings_of("apart");
        settings.collectd_port += i == 1;
        settings.report_host = text(i == 2 ? "there" : "here");
        settings.interval += i == 3;
        settings.plugin = i == 4 ? SHIM_PLUGIN_SQLALCHEMY : SHIM_PLUGIN_ODBC;
        settings.security = i >= 5 && i <= 7 ? SHIM_SECURITY_SIGN : SHIM_SECURITY_NONE;
        settings.username = text(i == 5 ? "a" : i == 6 || i == 7 ? "b" : "");
        settings.password = text(i == 5 || i == 6 ? "x" : i == 7 ? "y" : "");
        c[i] = shim_registry_add(&settings, &identity);
        assert_non_null(c[i]);
        seen[i] = c[i]->program->destination;
        for (size_t j = 0; j < i; j++) {
            if (i == 8 && j == 0)
                assert_ptr_equal(seen[i], seen[j]);
            else
                assert_ptr_not_equal(seen[i], seen[j]);
        }
    }
    for (size_t i = 0; i < 9; i++)
        shim_registry_remove(&c[i]);
}

/* Once the manager has been seen pooling, every connection in `auto` is taken to be pooled. */
static int pool_shown(void *unused)
{
    struct shim_settings settings = settings_of("shown");
    const struct shim_identity identity = {.environment = 1, .announces = true};
    struct shim_connection *a, *b, *c;

    (void)unused;
    settings.checkout = SHIM_CHECKOUT_AUTO;
    a = shim_registry_add(&settings, &identity);
    b = shim_registry_add(&settings, &identity);
    shim_connection_event(a, SHIM_EVENT_CONNECTED);
    shim_connection_event(b, SHIM_EVENT_BROWSED);
    if (gauge("shown", CDP_DETACHED) != 0)
        return 1;
    shim_connection_event(a, SHIM_EVENT_RESET);
    c = shim_registry_add(&settings, &identity);
    shim_connection_event(c, SHIM_EVENT_BROWSED);
    if (gauge("shown", CDP_DETACHED) != 2 || gauge("shown", CDP_CHECKEDIN) != 1)
        return 2;
    shim_registry_remove(&a);
    shim_registry_remove(&b);
    shim_registry_remove(&c);
    return 0;
}

static void spreads_that_the_manager_pools(void **state)
{
    (void)state;
    assert_int_equal(in_child(pool_shown, NULL), 0);
}

static int too_many_programs(void *unused)
{
    struct shim_connection *c[SHIM_PROGRAMS_MAX];
    char name[20];

    (void)unused;
    for (int i = 0; i < SHIM_PROGRAMS_MAX; i++) {
        snprintf(name, sizeof(name), "p%d", i);
        c[i] = add(name, 1, 1);
        if (c[i] == NULL)
            return 1;
    }
    if (add("one more", 1, 1) != NULL)
        return 2;
    for (int i = 0; i < SHIM_PROGRAMS_MAX; i++)
        shim_registry_remove(&c[i]);
    return total("p0", CDP_CONNECTS) == 0 && total("p999", CDP_CONNECTS) == 0 ? 0 : 3;
}

static void limits_programs(void **state)
{
    (void)state;
    assert_int_equal(in_child(too_many_programs, NULL), 0);
}

static int impossible(void *strict)
{
    struct shim_connection *c;

    setenv("SHIM_STRICT", strict, 1);
    c = add("strict", 1, 1);
    shim_connection_event(c, SHIM_EVENT_EXECUTED);
    shim_connection_event(c, SHIM_EVENT_CONNECTED);
    return (int)shim_broken_count() * 10 + (int)gauge("strict", CDP_CONNECTIONS);
}

static void impossible_events(void **state)
{
    char no[] = "0", yes[] = "1";

    (void)state;
    assert_int_equal(in_child(impossible, no), 11);
    assert_true(in_child(impossible, yes) >= 1000);
}

/* ---- threads --------------------------------------------------------------------------------- */

enum { THREADS = 4, ROUNDS = 300 };

static void *works(void *shared)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct shim_connection *own = add(i % 2 ? "threads" : "threads too", 1, (uint64_t)i % 5);

        shim_connection_event(own, SHIM_EVENT_CONNECTED);
        shim_connection_event(own, SHIM_EVENT_STATEMENT_ALLOCATED);
        shim_connection_event(own, SHIM_EVENT_EXECUTED);
        shim_connection_event(shared, SHIM_EVENT_EXECUTED);
        shim_connection_event(own, SHIM_EVENT_STATEMENT_FREED);
        shim_connection_event(own, SHIM_EVENT_DISCONNECTED);
        shim_registry_remove(&own);
    }
    return NULL;
}

static void threads(void **state)
{
    struct shim_connection *shared = add("threads", 1, 1);
    pthread_t thread[THREADS];
    int64_t before = 0;

    (void)state;
    shim_connection_event(shared, SHIM_EVENT_CONNECTED);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, works, shared), 0);
    for (int i = 0; i < 200; i++) {
        int64_t now = total("threads", CDP_STATEMENTS);

        assert_true(now >= before);
        before = now;
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    assert_int_equal(total("threads", CDP_CONNECTS), THREADS * ROUNDS / 2 + 1);
    assert_int_equal(total("threads too", CDP_CONNECTS), THREADS * ROUNDS / 2);
    assert_int_equal(total("threads", CDP_STATEMENTS) + total("threads too", CDP_STATEMENTS),
                     2 * THREADS * ROUNDS);
    assert_true(gauge("threads", CDP_CONNECTIONS) == 1);
    shim_registry_remove(&shared);
}

/* ---- fork ------------------------------------------------------------------------------------ */

struct family {
    struct shim_connection *used, *unused;
};

/* What a child sees, each failure with its own number. */
static int child_of_fork(void *context)
{
    struct family *family = context;
    union cdp_number numbers[CDP_WIRE_METRICS];

    if (entries_of("/proc/self/task") != 1)
        return 1;
    if (report_of("fork", numbers))
        return 2;
    shim_connection_event(family->unused, SHIM_EVENT_STATEMENT_FREED);
    shim_connection_event(family->unused, SHIM_EVENT_DISCONNECTED);
    if (report_of("fork", numbers) || entries_of("/proc/self/task") != 1)
        return 3;
    shim_connection_event(family->used, SHIM_EVENT_EXECUTED);
    if (!report_of("fork", numbers) || entries_of("/proc/self/task") != 2)
        return 4;
    if (numbers[CDP_DETACHED].gauge != 1 || numbers[CDP_CONNECTIONS].gauge != 1)
        return 5;
    if (numbers[CDP_STATEMENTS].derive != 1 || numbers[CDP_CONNECTS].derive != 0)
        return 6;
    shim_registry_remove(&family->unused);
    shim_registry_remove(&family->used);
    if (gauge("fork", CDP_CONNECTIONS) != 0 || total("fork", CDP_DISCONNECTS) != 0)
        return 7;
    family->used = add("fork", 1, 1);
    shim_connection_event(family->used, SHIM_EVENT_CONNECTED);
    if (gauge("fork", CDP_CHECKEDOUT) != 1 || total("fork", CDP_CONNECTS) != 1)
        return 8;
    return 0;
}

static int grandchild_of_fork(void *context)
{
    struct family *family = context;
    int status;

    shim_connection_event(family->used, SHIM_EVENT_EXECUTED);
    status = in_child(child_of_fork, context);
    if (status != 0)
        return 20 + status;
    return total("fork", CDP_STATEMENTS) == 1 ? 0 : 30;
}

static int child_that_execs(void *context)
{
    (void)context;
    execl("/bin/true", "true", (char *)NULL);
    return 1;
}

static void forks(void **state)
{
    struct family family = {add("fork", 1, 1), add("fork", 1, 2)};

    (void)state;
    shim_connection_event(family.used, SHIM_EVENT_CONNECTED);
    shim_connection_event(family.unused, SHIM_EVENT_CONNECTED);
    shim_connection_event(family.used, SHIM_EVENT_EXECUTED);
    assert_int_equal(in_child(child_of_fork, &family), 0);
    assert_int_equal(in_child(grandchild_of_fork, &family), 0);
    assert_int_equal(in_child(child_that_execs, &family), 0);
    assert_int_equal(total("fork", CDP_STATEMENTS), 1);
    assert_true(gauge("fork", CDP_CHECKEDOUT) == 2);
    shim_registry_remove(&family.used);
    shim_registry_remove(&family.unused);
}

/* Forks while other threads hold whatever locks they hold. */
static void forks_between_threads(void **state)
{
    struct family family = {add("fork", 1, 1), add("fork", 1, 2)};
    pthread_t thread[THREADS];

    (void)state;
    shim_connection_event(family.used, SHIM_EVENT_CONNECTED);
    shim_connection_event(family.unused, SHIM_EVENT_CONNECTED);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, works, family.used), 0);
    for (int i = 0; i < 30; i++)
        assert_int_equal(in_child(child_of_fork, &family), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    shim_registry_remove(&family.used);
    shim_registry_remove(&family.unused);
}

/* The same with the locks held for certain. */
static void forks_with_locks_held(void **state)
{
    struct family family = {add("fork", 1, 1), add("fork", 1, 2)};
    int status;

    (void)state;
    shim_connection_event(family.used, SHIM_EVENT_CONNECTED);
    shim_connection_event(family.unused, SHIM_EVENT_CONNECTED);
    pthread_mutex_lock(&shim_registry_lock);
    shim_lock_take(&family.used->lock);
    status = in_child(child_of_fork, &family);
    shim_lock_release(&family.used->lock);
    pthread_mutex_unlock(&shim_registry_lock);
    assert_int_equal(status, 0);
    shim_registry_remove(&family.used);
    shim_registry_remove(&family.unused);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_per_program),
        cmocka_unit_test(counts_pools),
        cmocka_unit_test(counts_many),
        cmocka_unit_test(counts_nothing),
        cmocka_unit_test(keeps_destinations_apart),
        cmocka_unit_test(spreads_that_the_manager_pools),
        cmocka_unit_test(limits_programs),
        cmocka_unit_test(impossible_events),
        cmocka_unit_test(threads),
        cmocka_unit_test(forks),
        cmocka_unit_test(forks_between_threads),
        cmocka_unit_test(forks_with_locks_held),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
