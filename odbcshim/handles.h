/* SPDX-License-Identifier: MIT */
/*
 * The four kinds of handles that the shim gives out, each wrapping one of the target's.
 *
 * An environment is allocated before anybody knows the target: it has one environment of each
 * target that a connection of it went to. A connection gets its target in connect.c. Statements and
 * descriptors are made on a connected connection, and go with it.
 *
 * One lock in handles.c guards environments and connections, one in each connection its statements
 * and descriptors. Neither is ever held across a call of a driver.
 */
#ifndef SHIM_HANDLES_H
#define SHIM_HANDLES_H

#include "odbcshim/api.h"
#include "odbcshim/lock.h"
#include "odbcshim/registry.h"
#include "odbcshim/target.h"

#include <stdatomic.h>

struct shim_diagnostic;

/* What every handle begins with. The forwarders use the first two members and nothing else. */
struct shim_handle {
    const struct shim_api *api;  /* the target's functions; shim_api_absent before there is one */
    void *target;                /* the target's handle; the handle itself before there is one */
    uint32_t magic;              /* of the kind; 0 once freed */
    SQLSMALLINT type;            /* SQL_HANDLE_ENV ... SQL_HANDLE_DESC */
    bool error_counted;          /* the error that the next diagnostic record tells of */
    SQLSMALLINT next_record;     /* of SQLError, where the target has only SQLGetDiagRec */
    struct shim_diagnostic *own; /* a diagnostic of the shim's; NULL mostly */
    struct shim_handle *next, *previous; /* siblings */
};

struct shim_attribute;

/* The environment of one target. Appended, and freed only with the environment. */
struct shim_env_target {
    const struct shim_target *target;
    SQLHENV handle;
    struct shim_env_target *next;
};

struct shim_env {
    struct shim_handle h;
    uint64_t serial; /* unlike its address never used again */
    SQLINTEGER odbc_version;
    atomic_bool version_promised; /* as set, before a target could say what it makes of it */
    struct shim_attribute *attributes;
    struct shim_env_target *targets;
    struct shim_handle *connections;
};

struct shim_dbc {
    struct shim_handle h;
    struct shim_env *env;
    struct shim_lock lock;               /* of the list of children */
    struct shim_handle *children;        /* statements and explicit descriptors */
    atomic_size_t descriptors;           /* how many of them are descriptors */
    _Atomic(struct shim_handle *) spare; /* the memory of the last statement freed, or NULL */
    struct shim_attribute *attributes;
    struct shim_connection *counted;      /* NULL where nothing is counted */
    struct shim_settings *settings;       /* of the present connection, or of the last attempt */
    struct shim_connection_string *input; /* while browsing: what the application first wrote */
    char data_source[SQL_MAX_DSN_LENGTH + 1]; /* that the driver manager came by; "": none */
    bool connected;
    bool browsing;                   /* SQLBrowseConnect wants more */
    enum shim_function probe_failed; /* what refused SQL_ATTR_CONNECTION_DEAD; 0: none */
};

struct shim_desc {
    struct shim_handle h;
    struct shim_dbc *dbc;
    bool implicit; /* a part of its statement, never freed by itself */
};

/* The implicit descriptors, in the order of SQL_ATTR_APP_ROW_DESC and its successors. */
#define SHIM_IMPLICIT 4

struct shim_stmt {
    struct shim_handle h;
    struct shim_dbc *dbc;
    struct shim_desc implicit[SHIM_IMPLICIT]; /* magic 0 until the application asks for them */
};

/* One per kind, so that a handle of another kind, or none of ours, is told from it. */
#define SHIM_MAGIC(type) (0x0DBC5000u + (uint32_t)(type))

/* Takes the shim's own diagnostic off the handle: a new call on it begins. */
void shim_diagnostics_clear(struct shim_handle *h) __attribute__((nonnull));

/* The handle as what it is; NULL if it is NULL, freed, or not of that kind. A statement and a
   descriptor lose the shim's diagnostic thereby; shim_handle_of leaves it. */
struct shim_env *shim_env_of(SQLHANDLE handle);
struct shim_dbc *shim_dbc_of(SQLHANDLE handle);
struct shim_desc *shim_desc_of(SQLHANDLE handle);

/* These two stand where every execution passes. */
static inline struct shim_handle *shim_handle_of(SQLSMALLINT type, SQLHANDLE handle)
{
    struct shim_handle *h = handle;
    return h && h->magic == SHIM_MAGIC(type) ? h : NULL;
}

static inline struct shim_stmt *shim_stmt_of(SQLHANDLE handle)
{
    struct shim_handle *h = shim_handle_of(SQL_HANDLE_STMT, handle);
    if (h && h->own)
        shim_diagnostics_clear(h);
    return (struct shim_stmt *)h;
}

/* The connection that a statement, descriptor or connection belongs to; NULL for an environment. */
struct shim_dbc *shim_dbc_under(struct shim_handle *h) __attribute__((nonnull));

/* Calls `visit` for each connection of the environment, under the lock: it may call no driver. */
void shim_env_each(struct shim_env *env, void (*visit)(struct shim_dbc *dbc, void *context),
                   void *context) __attribute__((nonnull(1, 2)));

/* The target's environment within this one, allocated and given the attributes at its first use.
   NULL with *result set if the target refuses. */
struct shim_env_target *shim_env_target(struct shim_env *env, const struct shim_target *target,
                                        SQLRETURN *result) __attribute__((nonnull));

/* The target's environment behind `after`, NULL for the first; NULL at the end. Others may be
   appended meanwhile. */
struct shim_env_target *shim_env_next(struct shim_env *env, const struct shim_env_target *after)
    __attribute__((nonnull(1)));

/* From now on the environment's diagnostics are this target's. */
void shim_env_speaks_for(struct shim_env *env, const struct shim_env_target *et)
    __attribute__((nonnull));

/* The connection is open, or no longer. While it is open, visitors of shim_env_each may use its
   target and what it is counted by. */
void shim_dbc_set_connected(struct shim_dbc *dbc, bool connected) __attribute__((nonnull));

/* Gives the connection a handle of the target, with the attributes set so far. Keeps the one it has
   if it is of this target. */
SQLRETURN shim_dbc_attach(struct shim_dbc *dbc, const struct shim_target *target)
    __attribute__((nonnull, warn_unused_result));

/* A successful disconnect: statements and explicit descriptors went with it. */
void shim_dbc_drop_children(struct shim_dbc *dbc) __attribute__((nonnull));

/* The allocation of each kind; `fn` is the function of the target to make a statement with. */
SQLRETURN shim_env_new(SQLHANDLE *output);
SQLRETURN shim_dbc_new(SQLHANDLE input, SQLHANDLE *output);
SQLRETURN shim_stmt_new(SQLHANDLE input, SQLHANDLE *output, enum shim_function fn);
SQLRETURN shim_desc_new(SQLHANDLE input, SQLHANDLE *output);

/* The freeing of any kind; `fn` is the function of the target to do it with. */
SQLRETURN shim_handle_release(struct shim_handle *h, enum shim_function fn)
    __attribute__((nonnull));

/* The shim's handle that wraps this one of a target; NULL if there is none. Walks all handles. */
struct shim_handle *shim_handle_wrapping(SQLSMALLINT type, SQLHANDLE target);

/* The shim's descriptor for the one that the target gave for SQL_ATTR_APP_ROW_DESC + `which` of the
   statement: an explicit one of the connection, else the statement's implicit one. */
struct shim_desc *shim_stmt_descriptor(struct shim_stmt *stmt, size_t which, SQLHDESC target)
    __attribute__((nonnull(1)));

#endif
