/* SPDX-License-Identifier: MIT */
/*
 * Owns the lists of destinations, programs and connections, and adding them up.
 */
#include "odbcshim/destination.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "odbcshim/sender.h"

pthread_mutex_t shim_registry_lock = PTHREAD_MUTEX_INITIALIZER;
unsigned shim_generation = 1; /* a connection of 0 has been taken up by nobody */
atomic_bool shim_pool_shown;
_Atomic(struct shim_destination *) shim_destinations;

/* At the end of the process: tries for the locks of connections, a millisecond apart, for all of
   them together. A holder that runs is done in much less; one that a signal interrupted never is.
 */
#define FAREWELL_TRIES 50

uint64_t shim_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t new_session(void)
{
    struct timespec t;
    uint64_t session = 0;

    if (getrandom(&session, sizeof(session), GRND_NONBLOCK) == (ssize_t)sizeof(session))
        return session;
    /* The kernel has no randomness yet: what differs between processes will have to do. */
    clock_gettime(CLOCK_REALTIME, &t);
    session = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
    session = (session ^ (uint64_t)getpid() << 40) * 0x9e3779b97f4a7c15u;
    return session ^ (uint64_t)(uintptr_t)&shim_destinations;
}

static bool is_destination(const struct shim_destination *d, const struct shim_program_key *key)
{
    return d->generation == shim_generation && d->port == key->port &&
           d->interval == key->interval && d->plugin == key->plugin &&
           d->security == key->security && strcmp(d->host, key->host) == 0 &&
           strcmp(d->report_host, key->report_host) == 0 &&
           strcmp(d->credentials.user, key->username) == 0 &&
           strcmp(d->credentials.password, key->password) == 0;
}

static struct shim_destination *new_destination(const struct shim_program_key *key)
{
    struct shim_destination *d = calloc(1, sizeof(*d));

    if (d == NULL)
        return NULL;
    d->host = strdup(key->host);
    d->report_host = strdup(key->report_host);
    if (d->host == NULL || d->report_host == NULL || strlen(key->username) > CDP_USER_MAX ||
        strlen(key->password) > CDP_PASSWORD_MAX) {
        free(d->host);
        free(d->report_host);
        free(d);
        return NULL;
    }
    d->generation = shim_generation;
    d->port = key->port;
    d->interval = key->interval;
    d->plugin = key->plugin;
    d->security = key->security;
    strcpy(d->credentials.user, key->username);
    strcpy(d->credentials.password, key->password);
    d->due = shim_now() + (uint64_t)(key->interval * 1e9);
    /* What needs no name service is known at once: a process may end before the reporter runs. */
    d->resolve_due = shim_addresses_known(&d->addresses, d->host, d->port) ? UINT64_MAX : 0;
    d->sender.host = d->report_host;
    d->sender.token = d->token;
    d->sender.session = new_session();
    d->sender.sequence = 0; /* the receiver knows by it what was lost before the first to come */
    return d;
}

/* Puts larger room before the destination's, if it needs it for one more program. */
static bool grow_room(struct shim_destination *d)
{
    struct shim_report_room *larger;
    size_t room = d->room != NULL ? 2 * d->room->room : 1;

    if (d->room != NULL && d->program_count < d->room->room)
        return true;
    larger = calloc(1, sizeof(*larger) + room * sizeof(larger->programs[0]));
    if (larger == NULL)
        return false;
    larger->room = room;
    larger->smaller = d->room;
    d->room = larger;
    return true;
}

static struct shim_program *new_program(struct shim_destination *d, const char *name)
{
    struct shim_program *p = calloc(1, sizeof(*p));

    if (p == NULL)
        return NULL;
    p->name = strdup(name);
    if (p->name == NULL || !grow_room(d)) {
        free(p->name);
        free(p);
        return NULL;
    }
    p->destination = d;
    p->next = d->programs;
    d->programs = p;
    d->program_count++;
    return p;
}

struct shim_program *shim_program_find_locked(const struct shim_program_key *key, bool *made)
{
    struct shim_destination *d, *first = atomic_load(&shim_destinations);
    size_t programs = 0;

    *made = false;
    for (d = first; d != NULL && !is_destination(d, key); d = d->next)
        programs += d->generation == shim_generation ? d->program_count : 0;
    if (d != NULL) {
        for (struct shim_program *p = d->programs; p != NULL; p = p->next) {
            if (strcmp(p->name, key->program) == 0)
                return p;
        }
        for (struct shim_destination *rest = d; rest != NULL; rest = rest->next)
            programs += rest->generation == shim_generation ? rest->program_count : 0;
    }
    if (programs >= SHIM_PROGRAMS_MAX)
        return NULL;
    if (d == NULL) {
        d = new_destination(key);
        if (d == NULL)
            return NULL;
        *made = true;
        d->next = first;
        atomic_store(&shim_destinations, d);
    }
    return new_program(d, key->program);
}

struct shim_program_key shim_program_key_of(const struct shim_program *program)
{
    const struct shim_destination *d = program->destination;

    return (struct shim_program_key){
        .program = program->name,
        .host = d->host,
        .port = d->port,
        .report_host = d->report_host,
        .interval = d->interval,
        .plugin = d->plugin,
        .security = d->security,
        .username = d->credentials.user,
        .password = d->credentials.password,
    };
}

/* Room for every connection to be of its own pool, in a table at most half full. */
static bool grow_pools(struct shim_program *p)
{
    uint64_t *larger;
    size_t room = p->pools_room > 0 ? 2 * p->pools_room : 16;

    if (2 * (p->count + 1) <= p->pools_room)
        return true;
    larger = realloc(p->pools, room * sizeof(*larger));
    if (larger == NULL)
        return false;
    p->pools = larger;
    p->pools_room = room;
    return true;
}

bool shim_program_enter_locked(struct shim_program *p, struct shim_connection *c)
{
    if (!grow_pools(p))
        return false;
    c->program = p;
    c->link = &p->connections;
    c->next = p->connections;
    if (c->next != NULL)
        c->next->link = &c->next;
    p->connections = c;
    p->count++;
    return true;
}

void shim_program_leave_locked(struct shim_connection *c)
{
    shim_lifecycle_add_to(&c->life, 0, c->program->closed);
    *c->link = c->next;
    if (c->next != NULL)
        c->next->link = c->link;
    c->program->count--;
}

/* Enters a pool into a program's table; returns whether it is new there. */
static bool enter_pool(struct shim_program *p, uint64_t pool)
{
    size_t mask = p->pools_room - 1;
    size_t at = (size_t)(pool >> 32) & mask;

    while (p->pools[at] != 0) {
        if (p->pools[at] == pool)
            return false;
        at = (at + 1) & mask;
    }
    p->pools[at] = pool;
    return true;
}

/* *patience is NULL where waiting does no harm. */
static bool lock_connection(struct shim_connection *c, int *patience)
{
    const struct timespec millisecond = {.tv_nsec = 1000000};

    if (patience == NULL) {
        shim_lock_take(&c->lock);
        return true;
    }
    while (!shim_lock_try(&c->lock)) {
        if (--*patience < 0)
            return false;
        nanosleep(&millisecond, NULL);
    }
    return true;
}

static void sum_program(struct shim_program *p, int *patience,
                        union cdp_number numbers[CDP_WIRE_METRICS])
{
    bool pool_shown = atomic_load_explicit(&shim_pool_shown, memory_order_relaxed);
    uint64_t now = shim_now();
    size_t pools = 0;

    if (p->count > 0)
        memset(p->pools, 0, p->pools_room * sizeof(p->pools[0]));
    memcpy(numbers, p->closed, sizeof(p->closed));
    for (struct shim_connection *c = p->connections; c != NULL; c = c->next) {
        bool locked = lock_connection(c, patience);

        if (pool_shown && locked)
            shim_lifecycle_pool_shown(&c->life);
        shim_lifecycle_add_to(&c->life, now, numbers);
        if (shim_lifecycle_place(&c->life) != SHIM_PLACE_NONE)
            pools += enter_pool(p, c->pool);
        if (locked)
            shim_lock_release(&c->lock);
    }
    numbers[CDP_NUMPOOLS].gauge = (double)pools;
}

struct shim_report_room *shim_destination_sum_locked(struct shim_destination *d, bool farewell)
{
    struct cdp_program *report = d->room->programs;
    int patience = FAREWELL_TRIES;

    for (struct shim_program *p = d->programs; p != NULL; p = p->next, report++) {
        report->name = p->name;
        sum_program(p, farewell ? &patience : NULL, report->values);
        for (int m = 0; farewell && m < CDP_WIRE_METRICS; m++) {
            if (cdp_metrics[m].kind == CDP_GAUGE)
                report->values[m].gauge = 0;
        }
    }
    return d->room;
}
