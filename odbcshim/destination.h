/* SPDX-License-Identifier: MIT */
/*
 * Where reports go and what stands in them: a destination (collectd host and port, credentials,
 * shape, report host, interval) has programs, a program has connections and the sums of those that
 * are closed. One lock guards the lists; it is held for as long as adding up takes, and never
 * across anything that can wait. Destinations and programs are never freed, so that the reporter
 * and the process's end need no lock to keep one.
 */
#ifndef SHIM_DESTINATION_H
#define SHIM_DESTINATION_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "odbcshim/lifecycle.h"
#include "odbcshim/lock.h"
#include "odbcshim/token.h"
#include "protocol/encode.h"
#include "protocol/seal.h"

/* One process cannot make more: a program name made up per connection would grow for ever. */
#define SHIM_PROGRAMS_MAX 1000

/* Addresses of one collectd; the first is tried first. */
#define SHIM_ADDRESSES_MAX 4
struct shim_addresses {
    struct sockaddr_storage address[SHIM_ADDRESSES_MAX];
    socklen_t length[SHIM_ADDRESSES_MAX];
    size_t count;
    size_t current;
};

struct shim_connection {
    struct shim_lock lock; /* for `life` */
    struct shim_lifecycle life;
    atomic_uint generation; /* of the process that took it up; see shim_generation */
    struct shim_program *program;
    struct shim_connection *next, **link; /* in the program's list */
    uint64_t pool;                        /* environment and identity in one */
};

struct shim_program {
    struct shim_program *next;
    struct shim_destination *destination;
    char *name;
    union cdp_number closed[CDP_WIRE_METRICS]; /* what connections counted that are gone */
    struct shim_connection *connections;
    size_t count;
    uint64_t *pools; /* room for counting distinct pools: pools_room, a power of two */
    size_t pools_room;
};

/* Room for a report. When it becomes too small a larger one is put before it and it stays: a
   report may be under way in it. */
struct shim_report_room {
    struct shim_report_room *smaller;
    size_t room;
    struct cdp_program programs[];
};

struct shim_destination {
    struct shim_destination *next;
    unsigned generation; /* one of another generation is the parent's, and only kept in memory */

    /* What it is; never changes. */
    char *host;
    int port;
    char *report_host;
    double interval;
    enum shim_plugin plugin;
    enum cdp_security security;
    struct cdp_credentials credentials;

    /* The registry's lock: */
    struct shim_program *programs;
    size_t program_count;
    struct shim_report_room *room;
    uint64_t due;         /* when to report, */
    uint64_t resolve_due; /* and to ask for the addresses again; UINT64_MAX: never */
    uint64_t patience;    /* how long to wait after the last answer that failed */

    /* The reporter's sending lock (reporter.h): */
    struct shim_addresses addresses;
    struct cdp_sender sender;
    char token[SHIM_TOKEN_SIZE];
};

/* What shim_program_find looks for; the texts are the caller's. */
struct shim_program_key {
    const char *program;
    const char *host;
    int port;
    const char *report_host;
    double interval;
    enum shim_plugin plugin;
    enum cdp_security security;
    const char *username;
    const char *password;
};

/* The lock over all lists and the fields that say so. */
extern pthread_mutex_t shim_registry_lock;

/* Counts the forks that lead to this process: what carries another number is the parent's. Changes
   in the child alone, before it has a second thread. */
extern unsigned shim_generation;

/* The manager has been seen pooling in this process: so much for every connection in `auto`. */
extern atomic_bool shim_pool_shown;

/* The first destination; new ones are put before it. */
extern _Atomic(struct shim_destination *) shim_destinations;

/* Nanoseconds of the coarse monotonic clock: a few ms behind, and cheap. */
uint64_t shim_now(void);

/* The program with that key, made if there is none. NULL if memory is out or there are too many.
 *made says whether its destination is new. */
struct shim_program *shim_program_find_locked(const struct shim_program_key *key, bool *made)
    __attribute__((nonnull, warn_unused_result));

/* The key of a program that there is. */
struct shim_program_key shim_program_key_of(const struct shim_program *program)
    __attribute__((nonnull));

/* Puts a connection into a program's list. False if memory is out. */
bool shim_program_enter_locked(struct shim_program *program, struct shim_connection *connection)
    __attribute__((nonnull, warn_unused_result));

/* Takes it out, and keeps what it counted. */
void shim_program_leave_locked(struct shim_connection *connection) __attribute__((nonnull));

/* Adds up all programs into the destination's room and returns that; there are program_count. With
   `farewell` the gauges are 0, and a connection that somebody has locked is read as it is after
   some tries: at the process's end nobody may be left to unlock it. */
struct shim_report_room *shim_destination_sum_locked(struct shim_destination *d, bool farewell)
    __attribute__((nonnull, warn_unused_result));

#endif
