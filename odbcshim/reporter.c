/* SPDX-License-Identifier: MIT */
/*
 * Owns the reporter's threads and the process's last words.
 *
 * Two locks. `sending` is held while one report is added up, encoded and sent, so that reports and
 * farewell never mix; no caller of ODBC takes it. The registry's lock is taken inside it for the
 * adding up alone. Neither is held while a name is looked up, and reports do not wait for that: a
 * name service that is out of order takes half a minute to say so, and by then collectd would have
 * given up the process. So each look-up has a thread of its own, one at a time.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* pthread_setname_np */
#endif
#include "odbcshim/reporter.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "odbcshim/alone.h"
#include "odbcshim/sender.h"

/* A thread's stack. Our own frames need some 12 KiB. getaddrinfo and the modules that it loads
   keep buffers for an answer, 64 KiB at most, and a few frames around them; twice that is what some
   C libraries give every thread, so that it has to do, and this is twice that again. Only what is
   touched costs memory. */
#define STACK_BYTES (256 * 1024)

#define SECOND           1000000000u
#define LOOK_AROUND      (2ull * SECOND)   /* so long a process may outlive its last thread */
#define RESOLVE_AGAIN    (300ull * SECOND) /* a host may move; names are cached for about so long */
#define RESOLVE_PATIENCE (10ull * SECOND)  /* after a failure, doubled up to RESOLVE_AGAIN */

/* At the end: how long to wait for a lock. Its holder needs microseconds, once it has its turn on a
   busy machine; if it is a thread that a signal's handler interrupted in order to exit, it will
   never be free. */
#define FAREWELL_WAIT 200000000 /* ns, less than a second */

static pthread_mutex_t sending = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed_destinations; /* with shim_registry_lock */
static bool running;                        /* likewise */
static bool resolving;                      /* likewise: a name is being looked up */
static atomic_bool ended;
static pid_t owner; /* the process that the thread belongs to */

static uint64_t monotonic(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

/* Sends one report; false if it did not get out. */
static bool report(struct shim_destination *d)
{
    struct shim_report_room *room;
    size_t count;
    bool sent = true;

    pthread_mutex_lock(&sending);
    if (!atomic_load(&ended) && d->addresses.count > 0) {
        pthread_mutex_lock(&shim_registry_lock);
        room = shim_destination_sum_locked(d, false);
        count = d->program_count;
        pthread_mutex_unlock(&shim_registry_lock);
        sent = shim_send_report(d, room->programs, count, false);
    }
    pthread_mutex_unlock(&sending);
    return sent;
}

static void report_due_locked(struct shim_destination *d, uint64_t now)
{
    bool sent;

    d->due += (uint64_t)(d->interval * SECOND);
    if (d->due <= now) /* the machine slept, or could not keep up: no volley of late reports */
        d->due = now + (uint64_t)(d->interval * SECOND);
    pthread_mutex_unlock(&shim_registry_lock);
    sent = report(d);
    pthread_mutex_lock(&shim_registry_lock);
    if (!sent && d->resolve_due != UINT64_MAX && d->resolve_due > now + RESOLVE_PATIENCE)
        d->resolve_due = now + RESOLVE_PATIENCE;
}

/* Makes a thread, on a stack of the given size or, for 0, of the default one. */
static bool make_thread(void *(*body)(void *), void *argument, size_t stack)
{
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all, before;
    int error;

    if (pthread_attr_init(&attributes) != 0)
        return false;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    if (stack > 0)
        pthread_attr_setstacksize(&attributes, stack);
    /* A thread starts with its maker's mask: signals are for the application's threads. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&thread, &attributes, body, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return error == 0;
}

/* A program with much thread-local storage needs more, for that lies on the stack as well. */
static bool start_thread(void *(*body)(void *), void *argument)
{
    return make_thread(body, argument, STACK_BYTES) || make_thread(body, argument, 0);
}

static void *resolve(void *destination)
{
    struct shim_destination *d = destination;
    struct shim_addresses found;
    bool resolved;

    pthread_setname_np(pthread_self(), SHIM_THREAD_NAME);
    resolved = shim_addresses_resolve(&found, d->host, d->port);
    if (resolved) {
        pthread_mutex_lock(&sending);
        d->addresses = found;
        pthread_mutex_unlock(&sending);
    }
    pthread_mutex_lock(&shim_registry_lock);
    d->patience = resolved || d->patience == 0 ? RESOLVE_PATIENCE : 2 * d->patience;
    if (resolved || d->patience > RESOLVE_AGAIN)
        d->patience = RESOLVE_AGAIN;
    d->resolve_due = monotonic() + d->patience;
    resolving = false;
    pthread_cond_signal(&changed_destinations);
    pthread_mutex_unlock(&shim_registry_lock);
    return NULL;
}

static void resolve_due_locked(struct shim_destination *d)
{
    resolving = true;
    if (start_thread(resolve, d))
        return;
    pthread_mutex_unlock(&shim_registry_lock); /* then reports have to wait */
    resolve(d);
    pthread_mutex_lock(&shim_registry_lock);
}

static void wait_until_locked(uint64_t when)
{
    struct timespec t = {.tv_sec = (time_t)(when / SECOND), .tv_nsec = (long)(when % SECOND)};

    pthread_cond_timedwait(&changed_destinations, &shim_registry_lock, &t);
}

/* What is to be done next: a report, or the look-up of a name. */
struct task {
    struct shim_destination *destination;
    uint64_t when;
    bool resolve;
};

/* Reports that are due come before names. */
static struct task next_task_locked(uint64_t now)
{
    struct task report_next = {NULL, now + RESOLVE_AGAIN, false};
    struct task resolve_next = {NULL, UINT64_MAX, true};

    for (struct shim_destination *d = atomic_load(&shim_destinations); d != NULL; d = d->next) {
        if (d->generation != shim_generation || d->program_count == 0)
            continue;
        if (d->due < report_next.when)
            report_next = (struct task){d, d->due, false};
        if (!resolving && d->resolve_due < resolve_next.when)
            resolve_next = (struct task){d, d->resolve_due, true};
    }
    return report_next.when <= now || report_next.when <= resolve_next.when ? report_next
                                                                            : resolve_next;
}

/* Whether the program has left, which is looked for every now and then. */
static bool is_left_alone_locked(uint64_t now, uint64_t *look)
{
    bool alone;

    if (now < *look)
        return false;
    *look = now + LOOK_AROUND;
    pthread_mutex_unlock(&shim_registry_lock);
    alone = shim_is_alone();
    pthread_mutex_lock(&shim_registry_lock);
    return alone;
}

/* Once alone the thread ends, and with the last thread the C library ends the process. */
static void *run(void *unused)
{
    uint64_t look = monotonic() + LOOK_AROUND;

    (void)unused;
    pthread_setname_np(pthread_self(), SHIM_THREAD_NAME);
    pthread_mutex_lock(&shim_registry_lock);
    while (!atomic_load(&ended)) {
        uint64_t now = monotonic();
        struct task task = next_task_locked(now);

        if (is_left_alone_locked(now, &look))
            break;
        if (task.destination == NULL || task.when > now)
            wait_until_locked(task.when < look ? task.when : look);
        else if (task.resolve)
            resolve_due_locked(task.destination);
        else
            report_due_locked(task.destination, now);
    }
    pthread_mutex_unlock(&shim_registry_lock);
    return NULL;
}

void shim_reporter_start_locked(bool changed)
{
    pthread_condattr_t attributes;

    if (atomic_load(&ended))
        return;
    if (running) {
        if (changed)
            pthread_cond_signal(&changed_destinations);
        return;
    }
    owner = getpid();
    if (pthread_condattr_init(&attributes) != 0)
        return;
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    if (pthread_cond_init(&changed_destinations, &attributes) == 0)
        running = start_thread(run, NULL);
    pthread_condattr_destroy(&attributes);
}

void shim_reporter_forked(void)
{
    sending = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    running = resolving = false;
    atomic_store(&ended, false);
}

static bool lock_soon(pthread_mutex_t *lock)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_nsec += FAREWELL_WAIT;
    if (t.tv_nsec >= SECOND) {
        t.tv_sec++;
        t.tv_nsec -= SECOND;
    }
    /* Not by trying: among threads that want it all the time one would hardly find it free. By this
       clock, for ThreadSanitizer does not know the function that takes another. */
    return pthread_mutex_timedlock(lock, &t) == 0;
}

/* False if the lock of the lists is not to be had, by anybody. */
static bool say_farewell(struct shim_destination *d)
{
    struct shim_report_room *room;
    size_t count;
    bool sent;

    if (d->generation != shim_generation || d->program_count == 0 || d->addresses.count == 0)
        return true;
    if (!lock_soon(&shim_registry_lock))
        return false;
    room = shim_destination_sum_locked(d, true);
    count = d->program_count;
    pthread_mutex_unlock(&shim_registry_lock);
    sent = shim_send_report(d, room->programs, count, true);
    (void)sent; /* nobody is left to try again */
    return true;
}

/* The process ends: what was counted since the last report goes out, and the word that nothing will
   follow. Threads may still run; they count on, unheard. A child that was not made by fork() has
   this memory, be it a copy or the very same, but not the process: it keeps silent and changes
   nothing. */
__attribute__((destructor)) static void farewell(void)
{
    struct shim_destination *d = atomic_load(&shim_destinations);

    if (owner != getpid() || atomic_exchange(&ended, true) || !lock_soon(&sending))
        return;
    while (d != NULL && say_farewell(d))
        d = d->next;
    pthread_mutex_unlock(&sending);
}
