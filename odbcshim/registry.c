/* SPDX-License-Identifier: MIT */
/*
 * Owns what happens to connections: entering, events, leaving, and fork.
 *
 * A fork needs no preparation. The child counts itself one generation further, by which all lists
 * and locks of the parent are out of use at once, in whatever state other threads had them; a
 * connection that the child uses is then entered anew. A child that executes another program or
 * exits has done nothing here.
 */
#include "odbcshim/registry.h"

#include <stdlib.h>

#include "odbcshim/destination.h"
#include "odbcshim/reporter.h"
#include "odbcshim/strict.h"

static void in_child(void)
{
    shim_generation++;
    shim_registry_lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    shim_reporter_forked();
}

static void watch_forks(void)
{
    pthread_atfork(NULL, NULL, in_child);
}

/* One number for environment and identity, equal only where both are (splitmix64's finisher); never
   0, which an empty place holds. */
static uint64_t pool_of(const struct shim_identity *identity)
{
    uint64_t x = identity->pool + identity->environment * 0x9e3779b97f4a7c15u;

    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    x ^= x >> 31;
    return x != 0 ? x : 1;
}

/* Enters the connection under its program, and sees that somebody reports it. */
static bool enter_locked(struct shim_connection *c, const struct shim_program_key *key)
{
    bool made;
    struct shim_program *program = shim_program_find_locked(key, &made);

    if (program == NULL || !shim_program_enter_locked(program, c))
        return false;
    atomic_store_explicit(&c->generation, shim_generation, memory_order_release);
    shim_reporter_start_locked(made);
    return true;
}

struct shim_connection *shim_registry_add(const struct shim_settings *settings,
                                          const struct shim_identity *identity)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    const struct shim_program_key key = {
        .program = settings->program,
        .host = settings->collectd_host,
        .port = settings->collectd_port,
        .report_host = settings->report_host,
        .interval = settings->interval,
        .plugin = settings->plugin,
        .security = (enum cdp_security)settings->security,
        .username = settings->username,
        .password = settings->password,
    };
    struct shim_connection *c;
    bool entered;

    if (!settings->enabled || (key.security != CDP_SECURITY_NONE && !cdp_seal_init()))
        return NULL;
    pthread_once(&once, watch_forks);
    c = calloc(1, sizeof(*c));
    if (c == NULL)
        return NULL;
    shim_lifecycle_init(&c->life, settings->checkout,
                        identity->manager_pools || atomic_load(&shim_pool_shown),
                        identity->announces);
    c->pool = pool_of(identity);
    pthread_mutex_lock(&shim_registry_lock);
    entered = enter_locked(c, &key);
    pthread_mutex_unlock(&shim_registry_lock);
    if (!entered) {
        free(c);
        return NULL;
    }
    return c;
}

void shim_registry_remove(struct shim_connection **connection)
{
    struct shim_connection *c = *connection;
    bool known = true;

    *connection = NULL;
    if (c == NULL)
        return;
    if (atomic_load_explicit(&c->generation, memory_order_acquire) == shim_generation) {
        pthread_mutex_lock(&shim_registry_lock);
        if (c->life.state != SHIM_CLOSED)
            known = shim_lifecycle_event(&c->life, SHIM_EVENT_DISCONNECTED, 0);
        shim_program_leave_locked(c);
        pthread_mutex_unlock(&shim_registry_lock);
    }
    free(c);
    if (!known)
        shim_broken("a connection that cannot be closed");
}

/* What a child does that only cleans up after its parent. */
static bool cleans_up(enum shim_event event)
{
    return event == SHIM_EVENT_STATEMENT_FREED || event == SHIM_EVENT_DISCONNECTED ||
           event == SHIM_EVENT_ASKED_ALIVE;
}

/* An event of a connection that was the parent's. Returns whether it was taken up, so that the
   event is to be counted; else all is done. Apart, for it happens once in a connection's life. */
static __attribute__((noinline, cold)) bool take_up(struct shim_connection *c,
                                                    enum shim_event event)
{
    bool taken = true;

    pthread_mutex_lock(&shim_registry_lock);
    if (atomic_load_explicit(&c->generation, memory_order_relaxed) != shim_generation) {
        const struct shim_program_key key = shim_program_key_of(c->program);
        bool known = shim_lifecycle_event(&c->life, SHIM_EVENT_FORKED, 0);

        if (cleans_up(event)) {
            known = known && shim_lifecycle_event(&c->life, event, 0);
            taken = false;
        } else {
            c->lock = (struct shim_lock){0}; /* a thread of the parent may have held it */
            taken = known && enter_locked(c, &key);
        }
    }
    pthread_mutex_unlock(&shim_registry_lock);
    return taken;
}

/* Whether an event of this kind shows that the manager pools, where it has led to that state. */
static bool shows_pool(enum shim_event event)
{
    return event == SHIM_EVENT_RESET || event == SHIM_EVENT_PROBED_ALIVE;
}

void shim_connection_count(struct shim_connection *c, enum shim_event event)
{
    bool known,
        ours = atomic_load_explicit(&c->generation, memory_order_acquire) == shim_generation;

    if (!ours && !take_up(c, event))
        return;
    shim_lock_take(&c->lock);
    known = shim_lifecycle_event(&c->life, event,
                                 shim_lifecycle_wants_time(&c->life, event) ? shim_now() : 0);
    if (shows_pool(event) && shim_lifecycle_managed(&c->life))
        atomic_store_explicit(&shim_pool_shown, true, memory_order_relaxed);
    shim_lock_release(&c->lock);
    if (!known)
        shim_broken("an event that cannot happen in the connection's state");
}
