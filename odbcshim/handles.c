/* SPDX-License-Identifier: MIT */
/*
 * Owns the handles: their memory, their lists, and which handle of a target each of them wraps.
 */
#include "odbcshim/handles.h"

#include "odbcshim/attribute_list.h"
#include "odbcshim/diagnostics.h"

#include <pthread.h>
#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct shim_handle *environments;
static uint64_t last_serial;

/* ---- lists -------------------------------------------------------------------------------- */

static void link_locked(struct shim_handle **list, struct shim_handle *h)
{
    h->previous = NULL;
    h->next = *list;
    if (*list)
        (*list)->previous = h;
    *list = h;
}

static void unlink_locked(struct shim_handle **list, struct shim_handle *h)
{
    if (h->previous)
        h->previous->next = h->next;
    else
        *list = h->next;
    if (h->next)
        h->next->previous = h->previous;
}

/* A thread of the parent may be inside a list at the moment of fork: the child inherits whole
   lists and free locks, because fork waits for all of them. */
static void each_connection_lock_locked(void (*operation)(struct shim_lock *))
{
    for (struct shim_handle *e = environments; e; e = e->next)
        for (struct shim_handle *c = ((struct shim_env *)e)->connections; c; c = c->next)
            operation(&((struct shim_dbc *)c)->lock);
}

static void before_fork(void)
{
    pthread_mutex_lock(&lock);
    each_connection_lock_locked(shim_lock_take);
}

static void after_fork(void)
{
    each_connection_lock_locked(shim_lock_release);
    pthread_mutex_unlock(&lock);
}

__attribute__((constructor)) static void watch_forks(void)
{
    pthread_atfork(before_fork, after_fork, after_fork);
}

/* ---- telling what a handle is ------------------------------------------------------------- */

static void handle_init(struct shim_handle *h, SQLSMALLINT type, const struct shim_api *api,
                        void *target)
{
    *h = (struct shim_handle){
        .api = api, .target = target, .type = type, .magic = SHIM_MAGIC(type), .next_record = 1};
}

struct shim_env *shim_env_of(SQLHANDLE handle)
{
    return (struct shim_env *)shim_handle_of(SQL_HANDLE_ENV, handle);
}

struct shim_dbc *shim_dbc_of(SQLHANDLE handle)
{
    return (struct shim_dbc *)shim_handle_of(SQL_HANDLE_DBC, handle);
}

struct shim_desc *shim_desc_of(SQLHANDLE handle)
{
    struct shim_handle *h = shim_handle_of(SQL_HANDLE_DESC, handle);
    if (h && h->own)
        shim_diagnostics_clear(h);
    return (struct shim_desc *)h;
}

struct shim_dbc *shim_dbc_under(struct shim_handle *h)
{
    switch (h->type) {
    case SQL_HANDLE_DBC:
        return (struct shim_dbc *)h;
    case SQL_HANDLE_STMT:
        return ((struct shim_stmt *)h)->dbc;
    case SQL_HANDLE_DESC:
        return ((struct shim_desc *)h)->dbc;
    default:
        return NULL;
    }
}

/* ---- environments ------------------------------------------------------------------------- */

SQLRETURN shim_env_new(SQLHANDLE *output)
{
    struct shim_env *env = output ? calloc(1, sizeof *env) : NULL;
    if (!env)
        return SQL_ERROR;
    handle_init(&env->h, SQL_HANDLE_ENV, &shim_api_absent, env);
    env->odbc_version = SQL_OV_ODBC2; /* until SQL_ATTR_ODBC_VERSION says otherwise */
    pthread_mutex_lock(&lock);
    env->serial = ++last_serial;
    link_locked(&environments, &env->h);
    pthread_mutex_unlock(&lock);
    *output = env;
    return SQL_SUCCESS;
}

static struct shim_env_target *env_target_find_locked(struct shim_env *env,
                                                      const struct shim_target *target)
{
    struct shim_env_target *et = env->targets;
    while (et && et->target != target)
        et = et->next;
    return et;
}

/* Allocates the target's environment and sets on it what was set on the shim's. */
static struct shim_env_target *env_target_make(struct shim_env *env,
                                               const struct shim_target *target, SQLRETURN *result)
{
    struct shim_env_target *et = calloc(1, sizeof *et);
    if (!et) {
        *result = SQL_ERROR;
        return NULL;
    }
    et->target = target;
    *result = shim_target_alloc(&target->api, SQL_HANDLE_ENV, SQL_NULL_HANDLE, &et->handle);
    if (!SQL_SUCCEEDED(*result)) {
        free(et);
        return NULL;
    }
    shim_attributes_replay(env->attributes, &target->api, SQL_HANDLE_ENV, et->handle);
    return et;
}

struct shim_env_target *shim_env_target(struct shim_env *env, const struct shim_target *target,
                                        SQLRETURN *result)
{
    *result = SQL_SUCCESS;
    pthread_mutex_lock(&lock);
    struct shim_env_target *et = env_target_find_locked(env, target);
    pthread_mutex_unlock(&lock);
    if (et)
        return et;

    struct shim_env_target *made = env_target_make(env, target, result);
    if (!made)
        return NULL;
    pthread_mutex_lock(&lock);
    et = env_target_find_locked(env, target);
    if (!et) {
        struct shim_env_target **end = &env->targets;
        while (*end)
            end = &(*end)->next;
        *end = et = made;
        made = NULL;
        if (env->h.api == &shim_api_absent) {
            env->h.api = &target->api;
            env->h.target = et->handle;
        }
    }
    pthread_mutex_unlock(&lock);
    if (made) { /* another thread was faster */
        shim_target_free(&target->api, SQL_HANDLE_ENV, made->handle);
        free(made);
    }
    return et;
}

void shim_env_each(struct shim_env *env, void (*visit)(struct shim_dbc *dbc, void *context),
                   void *context)
{
    pthread_mutex_lock(&lock);
    for (struct shim_handle *c = env->connections; c; c = c->next)
        visit((struct shim_dbc *)c, context);
    pthread_mutex_unlock(&lock);
}

struct shim_env_target *shim_env_next(struct shim_env *env, const struct shim_env_target *after)
{
    pthread_mutex_lock(&lock);
    struct shim_env_target *et = after ? after->next : env->targets;
    pthread_mutex_unlock(&lock);
    return et;
}

void shim_env_speaks_for(struct shim_env *env, const struct shim_env_target *et)
{
    pthread_mutex_lock(&lock);
    env->h.api = &et->target->api;
    env->h.target = et->handle;
    pthread_mutex_unlock(&lock);
}

static SQLRETURN env_release(struct shim_env *env)
{
    while (env->targets) {
        struct shim_env_target *et = env->targets;
        SQLRETURN r = shim_target_free(&et->target->api, SQL_HANDLE_ENV, et->handle);
        if (!SQL_SUCCEEDED(r)) {
            env->h.api = &et->target->api;
            env->h.target = et->handle;
            return r;
        }
        env->targets = et->next;
        free(et);
    }
    pthread_mutex_lock(&lock);
    unlink_locked(&environments, &env->h);
    pthread_mutex_unlock(&lock);
    shim_attributes_free(&env->attributes);
    return SQL_SUCCESS;
}

/* ---- connections -------------------------------------------------------------------------- */

SQLRETURN shim_dbc_new(SQLHANDLE input, SQLHANDLE *output)
{
    struct shim_env *env = shim_env_of(input);
    if (!env)
        return SQL_INVALID_HANDLE;
    shim_diagnostics_clear(&env->h);
    struct shim_dbc *dbc = output ? calloc(1, sizeof *dbc) : NULL;
    if (!dbc)
        return shim_diagnose(&env->h, "HY001", "memory is out");
    handle_init(&dbc->h, SQL_HANDLE_DBC, &shim_api_absent, dbc);
    dbc->env = env;
    pthread_mutex_lock(&lock);
    link_locked(&env->connections, &dbc->h);
    pthread_mutex_unlock(&lock);
    *output = dbc;
    return SQL_SUCCESS;
}

/* Gives back the target's connection; the shim's is as if just allocated, but for attributes. */
static SQLRETURN dbc_detach(struct shim_dbc *dbc)
{
    if (dbc->h.api == &shim_api_absent)
        return SQL_SUCCESS;
    SQLRETURN r = shim_target_free(dbc->h.api, SQL_HANDLE_DBC, dbc->h.target);
    if (SQL_SUCCEEDED(r)) {
        dbc->h.api = &shim_api_absent;
        dbc->h.target = dbc;
    }
    return r;
}

SQLRETURN shim_dbc_attach(struct shim_dbc *dbc, const struct shim_target *target)
{
    SQLRETURN r;
    if (dbc->h.api == &target->api)
        return SQL_SUCCESS;
    r = dbc_detach(dbc);
    if (!SQL_SUCCEEDED(r))
        return r;
    struct shim_env_target *et = shim_env_target(dbc->env, target, &r);
    if (!et)
        return shim_diagnose(&dbc->h, "IM004",
                             "the target %s does not allocate an environment (SQLAllocHandle on "
                             "SQL_HANDLE_ENV failed)",
                             target->library);
    SQLHDBC handle = SQL_NULL_HDBC;
    r = shim_target_alloc(&target->api, SQL_HANDLE_DBC, et->handle, &handle);
    if (!SQL_SUCCEEDED(r))
        return shim_diagnose(&dbc->h, "IM005",
                             "the target %s does not allocate a connection (SQLAllocHandle on "
                             "SQL_HANDLE_DBC failed)",
                             target->library);
    dbc->h.api = &target->api;
    dbc->h.target = handle;
    shim_attributes_replay(dbc->attributes, &target->api, SQL_HANDLE_DBC, handle);
    return SQL_SUCCESS;
}

void shim_dbc_set_connected(struct shim_dbc *dbc, bool connected)
{
    pthread_mutex_lock(&lock);
    dbc->connected = connected;
    pthread_mutex_unlock(&lock);
}

static SQLRETURN dbc_release(struct shim_dbc *dbc, enum shim_function fn)
{
    SQLRETURN r = SQL_SUCCESS;
    if (dbc->h.api != &shim_api_absent) {
        r = fn == SHIM_FN_SQLFreeConnect && shim_target_has(dbc->h.api, fn)
                ? dbc->h.api->SQLFreeConnect(dbc->h.target)
                : shim_target_free(dbc->h.api, SQL_HANDLE_DBC, dbc->h.target);
        if (!SQL_SUCCEEDED(r))
            return r;
    }
    shim_dbc_drop_children(dbc);
    pthread_mutex_lock(&lock);
    unlink_locked(&dbc->env->connections, &dbc->h);
    pthread_mutex_unlock(&lock);
    shim_registry_remove(&dbc->counted);
    shim_settings_free(&dbc->settings);
    shim_connection_string_free(&dbc->input);
    shim_attributes_free(&dbc->attributes);
    return r;
}

/* ---- statements and descriptors ----------------------------------------------------------- */

/* The memory of a statement becomes the next one of its connection. So the shim's statements do not
   come between the driver's own blocks, which would cost the driver more than this costs us. */
static void *set_spare(struct shim_dbc *dbc, struct shim_handle *spare)
{
    return atomic_exchange_explicit(&dbc->spare, spare, memory_order_acq_rel);
}

static void handle_free(struct shim_handle *h)
{
    shim_diagnostics_clear(h);
    h->magic = 0;
    if (h->type == SQL_HANDLE_DBC)
        free(set_spare((struct shim_dbc *)h, NULL));
    if (h->type == SQL_HANDLE_STMT) {
        struct shim_stmt *stmt = (struct shim_stmt *)h;
        for (size_t i = 0; i < SHIM_IMPLICIT; i++)
            stmt->implicit[i].h.magic = 0;
        h = set_spare(stmt->dbc, h);
    }
    free(h);
}

void shim_dbc_drop_children(struct shim_dbc *dbc)
{
    shim_lock_take(&dbc->lock);
    struct shim_handle *child = dbc->children;
    dbc->children = NULL;
    dbc->descriptors = 0;
    shim_lock_release(&dbc->lock);
    while (child) {
        struct shim_handle *next = child->next;
        if (child->type == SQL_HANDLE_STMT)
            shim_connection_event(dbc->counted, SHIM_EVENT_STATEMENT_FREED);
        handle_free(child);
        child = next;
    }
}

static void adopt(struct shim_dbc *dbc, struct shim_handle *h)
{
    shim_lock_take(&dbc->lock);
    link_locked(&dbc->children, h);
    dbc->descriptors += h->type == SQL_HANDLE_DESC;
    shim_lock_release(&dbc->lock);
}

/* The connection that a statement or descriptor is to be made on; NULL with *result set. */
static struct shim_dbc *parent_of_new(SQLHANDLE input, SQLHANDLE *output, SQLRETURN *result)
{
    struct shim_dbc *dbc = shim_dbc_of(input);
    *result = SQL_INVALID_HANDLE;
    if (!dbc)
        return NULL;
    shim_diagnostics_clear(&dbc->h);
    if (dbc->h.api != &shim_api_absent && output)
        return dbc;
    *result = output ? shim_diagnose(&dbc->h, "08003", "the connection is not open")
                     : shim_diagnose(&dbc->h, "HY009", "no place to put the handle");
    return NULL;
}

SQLRETURN shim_stmt_new(SQLHANDLE input, SQLHANDLE *output, enum shim_function fn)
{
    SQLRETURN r;
    struct shim_dbc *dbc = parent_of_new(input, output, &r);
    if (!dbc)
        return r;
    /* Not calloc, which passes the C library's cache of small blocks by. */
    struct shim_stmt *stmt = set_spare(dbc, NULL);
    if (!stmt)
        stmt = malloc(sizeof *stmt);
    if (!stmt)
        return shim_diagnose(&dbc->h, "HY001", "memory is out");
    SQLHSTMT handle = SQL_NULL_HSTMT;
    r = fn == SHIM_FN_SQLAllocStmt && shim_target_has(dbc->h.api, fn)
            ? dbc->h.api->SQLAllocStmt(dbc->h.target, &handle)
            : shim_target_alloc(dbc->h.api, SQL_HANDLE_STMT, dbc->h.target, &handle);
    shim_returned(&dbc->h, r);
    if (!SQL_SUCCEEDED(r)) {
        free(stmt);
        *output = SQL_NULL_HANDLE;
        return r;
    }
    handle_init(&stmt->h, SQL_HANDLE_STMT, dbc->h.api, handle);
    stmt->dbc = dbc;
    for (size_t i = 0; i < SHIM_IMPLICIT; i++)
        stmt->implicit[i].h.magic = 0;
    adopt(dbc, &stmt->h);
    shim_connection_event(dbc->counted, SHIM_EVENT_STATEMENT_ALLOCATED);
    *output = stmt;
    return r;
}

static void desc_wrap(struct shim_desc *d, struct shim_dbc *dbc, SQLHDESC target)
{
    handle_init(&d->h, SQL_HANDLE_DESC, dbc->h.api, target);
    d->dbc = dbc;
}

/* The descriptor that the application made and that wraps this one of the target, or NULL. */
static struct shim_desc *explicit_descriptor(struct shim_dbc *dbc, SQLHDESC target)
{
    shim_lock_take(&dbc->lock);
    struct shim_handle *h = dbc->children;
    while (h && !(h->type == SQL_HANDLE_DESC && h->target == target))
        h = h->next;
    shim_lock_release(&dbc->lock);
    return (struct shim_desc *)h;
}

static struct shim_desc *implicit_descriptor(struct shim_stmt *stmt, size_t which, SQLHDESC target)
{
    struct shim_desc *implicit = &stmt->implicit[which];
    if (implicit->h.magic && implicit->h.target == target)
        return implicit;
    desc_wrap(implicit, stmt->dbc, target);
    implicit->implicit = true;
    return implicit;
}

/* Where the application has made descriptors. Apart, so that all others do not pay for it. */
static __attribute__((noinline)) struct shim_desc *either_descriptor(struct shim_stmt *stmt,
                                                                     size_t which, SQLHDESC target)
{
    struct shim_desc *own = explicit_descriptor(stmt->dbc, target);
    return own ? own : implicit_descriptor(stmt, which, target);
}

struct shim_desc *shim_stmt_descriptor(struct shim_stmt *stmt, size_t which, SQLHDESC target)
{
    /* The driver manager asks for all four of each statement that it makes, and few applications
       make descriptors of their own. */
    return atomic_load_explicit(&stmt->dbc->descriptors, memory_order_relaxed)
               ? either_descriptor(stmt, which, target)
               : implicit_descriptor(stmt, which, target);
}

SQLRETURN shim_desc_new(SQLHANDLE input, SQLHANDLE *output)
{
    SQLRETURN r;
    struct shim_dbc *dbc = parent_of_new(input, output, &r);
    if (!dbc)
        return r;
    if (!shim_target_has(dbc->h.api, SHIM_FN_SQLAllocHandle))
        return shim_absent_on(&dbc->h);
    struct shim_desc *desc = calloc(1, sizeof *desc);
    if (!desc)
        return shim_diagnose(&dbc->h, "HY001", "memory is out");
    SQLHDESC handle = SQL_NULL_HDESC;
    r = dbc->h.api->SQLAllocHandle(SQL_HANDLE_DESC, dbc->h.target, &handle);
    shim_returned(&dbc->h, r);
    if (!SQL_SUCCEEDED(r)) {
        free(desc);
        *output = SQL_NULL_HANDLE;
        return r;
    }
    desc_wrap(desc, dbc, handle);
    adopt(dbc, &desc->h);
    *output = desc;
    return r;
}

/* A statement or a descriptor: the target's first, so that its refusal keeps ours. */
static SQLRETURN child_release(struct shim_handle *h, enum shim_function fn)
{
    struct shim_dbc *dbc = shim_dbc_under(h);
    SQLRETURN r = fn == SHIM_FN_SQLFreeStmt && h->type == SQL_HANDLE_STMT
                      ? h->api->SQLFreeStmt(h->target, SQL_DROP)
                      : shim_target_free(h->api, h->type, h->target);
    if (!SQL_SUCCEEDED(r))
        return shim_returned(h, r);
    shim_lock_take(&dbc->lock);
    unlink_locked(&dbc->children, h);
    dbc->descriptors -= h->type == SQL_HANDLE_DESC;
    shim_lock_release(&dbc->lock);
    if (h->type == SQL_HANDLE_STMT)
        shim_connection_event(dbc->counted, SHIM_EVENT_STATEMENT_FREED);
    return r;
}

SQLRETURN shim_handle_release(struct shim_handle *h, enum shim_function fn)
{
    SQLRETURN r;
    shim_diagnostics_clear(h);
    switch (h->type) {
    case SQL_HANDLE_ENV:
        r = env_release((struct shim_env *)h);
        break;
    case SQL_HANDLE_DBC:
        r = dbc_release((struct shim_dbc *)h, fn);
        break;
    default:
        if (h->type == SQL_HANDLE_DESC && ((struct shim_desc *)h)->implicit)
            return shim_returned(h, shim_target_free(h->api, h->type, h->target));
        r = child_release(h, fn);
    }
    if (SQL_SUCCEEDED(r))
        handle_free(h);
    return r;
}

/* ---- from the target's handle back to ours -------------------------------------------------- */

static struct shim_handle *find_in(struct shim_handle *list, SQLSMALLINT type, SQLHANDLE target)
{
    while (list && !(list->type == type && list->target == target))
        list = list->next;
    return list;
}

static struct shim_handle *find_implicit(struct shim_handle *list, SQLHANDLE target)
{
    for (; list; list = list->next) {
        struct shim_stmt *stmt = (struct shim_stmt *)list;
        for (size_t i = 0; list->type == SQL_HANDLE_STMT && i < SHIM_IMPLICIT; i++)
            if (stmt->implicit[i].h.magic && stmt->implicit[i].h.target == target)
                return &stmt->implicit[i].h;
    }
    return NULL;
}

struct shim_handle *shim_handle_wrapping(SQLSMALLINT type, SQLHANDLE target)
{
    pthread_mutex_lock(&lock);
    struct shim_handle *found = find_in(environments, type, target);
    for (struct shim_handle *e = environments; e && !found; e = e->next) {
        struct shim_handle *connections = ((struct shim_env *)e)->connections;
        found = find_in(connections, type, target);
        for (struct shim_handle *c = connections; c && !found; c = c->next) {
            struct shim_dbc *dbc = (struct shim_dbc *)c;
            shim_lock_take(&dbc->lock);
            found = find_in(dbc->children, type, target);
            if (!found && type == SQL_HANDLE_DESC)
                found = find_implicit(dbc->children, target);
            shim_lock_release(&dbc->lock);
        }
    }
    pthread_mutex_unlock(&lock);
    return found;
}
