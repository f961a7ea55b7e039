/* SPDX-License-Identifier: MIT */
/*
 * Every counted connection of the process, by the program and the destination that it is reported
 * under. The callers' threads tell what happened to a connection; the reporter sums up. A
 * connection's state is the lifecycle's (lifecycle.h), behind a lock of its own that is never held
 * across a call of a driver; what a closed connection counted stays with its program.
 *
 * A child of fork begins with nothing: an inherited connection is taken up when the child first
 * uses it, and so is the reporting. Until then nothing of ours runs in the child.
 *
 * All functions may be called by any thread, and do nothing for a NULL connection.
 */
#ifndef SHIM_REGISTRY_H
#define SHIM_REGISTRY_H

#include "odbcshim/lifecycle.h"
#include "odbcshim/settings.h"

struct shim_connection;

/* What makes two connections poolable together. */
struct shim_identity {
    uint64_t environment; /* the serial number of the shim's environment handle */
    uint64_t pool;        /* a hash of target and DSN, user, password, or connection string */
    bool manager_pools;   /* odbcinst.ini has the manager pool connections of this driver */
    bool announces;       /* the application declared ODBC 3.80, so a checkin announces itself */
};

/* Enters a connection that is about to be made. NULL if it is not to be counted (enabled is off),
   memory is out or the process reports under too many programs already. Starts the reporter.
   Nothing is kept of `settings` but copies. */
struct shim_connection *shim_registry_add(const struct shim_settings *settings,
                                          const struct shim_identity *identity)
    __attribute__((nonnull, warn_unused_result));

/* Takes the connection out; what it counted stays. One that is still open counts as disconnected.
 *connection becomes NULL. No event of it may be under way. */
void shim_registry_remove(struct shim_connection **connection) __attribute__((nonnull));

/* The same as shim_connection_event, for a connection that is there. */
void shim_connection_count(struct shim_connection *connection, enum shim_event event)
    __attribute__((nonnull));

/* Something happened to the connection. */
static inline void shim_connection_event(struct shim_connection *connection, enum shim_event event)
{
    if (connection)
        shim_connection_count(connection, event);
}

#endif
