/* SPDX-License-Identifier: MIT */
/*
 * The life of one connection as the figures see it: events in, counters out, one transition table.
 * Pure: no ODBC, no clock, no lock, no memory. The caller serialises.
 *
 *                 CONNECTED            RESET
 *     closed ------------------> out ---------> in      manager, the application is told of
 *       ^                         ^              |      ("telling": it declared ODBC 3.80)
 *       |       DISCONNECTED      +--------------+
 *       +-- from everywhere       PROBED_ALIVE
 *
 * The other shapes: `held` (nobody pools) goes from connect to disconnect; `silent` (the manager
 * pools and announces no checkin) is one state, in or out by what lives on it; `idle` and `busy`
 * follow statements and transactions. The held_ states are those of `auto` before the manager has
 * shown that it pools. `inherited` is any of them seen by a child that has not used it.
 *
 * What always holds, per connection and so for every sum:
 *   checkouts - checkins is 1 while a checkout is open and 0 otherwise. In every shape but `silent`
 *   an open checkout that is not detached is what the gauge checkedout counts. A silent connection
 *   tells of its checkin only by its next checkout or its disconnect: there the checkins are exact
 *   but late, while the gauges are inferred.
 *   connects - disconnects is 1 while it is open in the process that opened it.
 *   checkedout + checkedin + detached is 1 while it is open (inherited: once used), 0 otherwise.
 *   No total ever falls, but at FORKED, where all begin anew at 0.
 */
#ifndef SHIM_LIFECYCLE_H
#define SHIM_LIFECYCLE_H

#include <stdbool.h>
#include <stdint.h>

#include "odbcshim/settings.h"
#include "protocol/metrics.h"

enum shim_event {
    SHIM_EVENT_CONNECTED,      /* a connect succeeded */
    SHIM_EVENT_BROWSED,        /* SQLBrowseConnect succeeded: a pool never takes it back */
    SHIM_EVENT_CONNECT_FAILED, /* a connect failed; in any state */
    SHIM_EVENT_PROBED_ALIVE,   /* the pool asked SQL_ATTR_CONNECTION_DEAD: false. Also where it is
                                  not known whether pool or application asked */
    SHIM_EVENT_PROBED_DEAD,    /* SQL_ATTR_CONNECTION_DEAD answered true, whoever asked */
    SHIM_EVENT_ASKED_ALIVE,    /* the application itself asked: false. Changes nothing */
    SHIM_EVENT_RESET,          /* SQL_ATTR_RESET_CONNECTION was set, accepted or not */
    SHIM_EVENT_STATEMENT_ALLOCATED,
    SHIM_EVENT_STATEMENT_FREED,
    SHIM_EVENT_EXECUTED,         /* SQLExecute or SQLExecDirect succeeded */
    SHIM_EVENT_EXECUTION_FAILED, /* ... returned SQL_ERROR; SHIM_EVENT_ERROR follows it */
    SHIM_EVENT_ERROR,            /* a call returned SQL_ERROR */
    SHIM_EVENT_LINK_FAILURE,     /* a diagnostic record of a lost link was seen */
    SHIM_EVENT_AUTOCOMMIT_ON,    /* also before the connect */
    SHIM_EVENT_AUTOCOMMIT_OFF,   /* likewise */
    SHIM_EVENT_COMMITTED,        /* SQLEndTran succeeded, on the connection or environment */
    SHIM_EVENT_ROLLED_BACK,
    SHIM_EVENT_USED, /* any other call that reached the database and succeeded */
    SHIM_EVENT_DISCONNECTED,
    SHIM_EVENT_FORKED, /* in the child: inherited, and nothing counted yet */
    SHIM_EVENTS
};

enum shim_state {
    SHIM_CLOSED,
    SHIM_HELD,         /* connect: nobody pools */
    SHIM_HELD_TELLING, /* auto, no pool seen yet; the application declared ODBC 3.80 */
    SHIM_HELD_SILENT,  /* auto, no pool seen yet; it did not */
    SHIM_OUT,          /* manager, telling: checked out */
    SHIM_IN,           /* manager, telling: in the pool */
    SHIM_SILENT,       /* manager, silent */
    SHIM_IDLE,         /* activity: no statement, no transaction */
    SHIM_BUSY,         /* activity */
    SHIM_INHERITED,    /* through fork, not used by this process */
    SHIM_STATES
};

/* Where the gauges count a connection. */
enum shim_place {
    SHIM_PLACE_NONE,
    SHIM_PLACE_OUT,
    SHIM_PLACE_IN,
    SHIM_PLACE_DETACHED,
};

struct shim_lifecycle {
    uint64_t now;                     /* the time that came with the last event */
    uint64_t since;                   /* when the present checkout began */
    int64_t totals[CDP_WIRE_METRICS]; /* those of kind DERIVE; the gauges follow from the rest */
    uint32_t statements;              /* live */
    uint8_t state;                    /* enum shim_state */
    uint8_t home;                     /* the state that a connect leads to */
    uint8_t before;                   /* what an inherited connection wakes up as */
    bool manual;                      /* autocommit is off */
    bool transaction;                 /* one is open */
    bool held;                        /* a checkout is open: checkouts - checkins */
    bool handed;                      /* there was a checkout since the connect */
    bool first;                       /* handed out again, and nothing has succeeded since */
    bool broken;                      /* found so, and neither returned nor recovered */
    bool invalidated;                 /* counted as broken since the connect */
    bool browsed;
    bool inherited; /* opened by another process: connect, end and breaking are its to count */
};

/* A closed connection. `manager_pools` and `announces` as in struct shim_identity. */
void shim_lifecycle_init(struct shim_lifecycle *l, enum shim_checkout mode, bool manager_pools,
                         bool announces) __attribute__((nonnull));

/* Whether the next event needs the time: it may begin a checkout. */
static inline bool shim_lifecycle_wants_time(const struct shim_lifecycle *l, enum shim_event event)
{
    const unsigned states =
        1u << SHIM_CLOSED | 1u << SHIM_IN | 1u << SHIM_IDLE | 1u << SHIM_INHERITED;

    return event == SHIM_EVENT_PROBED_ALIVE || (states >> l->state & 1);
}

/* Takes an event; `now` in nanoseconds of a clock that never goes back, 0 where not wanted.
   False if the event cannot happen in that state: then nothing has changed. */
bool shim_lifecycle_event(struct shim_lifecycle *l, enum shim_event event, uint64_t now)
    __attribute__((nonnull, warn_unused_result));

/* The manager has been seen pooling somewhere in the process: `auto` is `manager` from here on.
   Nothing changes for the other modes. */
void shim_lifecycle_pool_shown(struct shim_lifecycle *l) __attribute__((nonnull));

/* Whether the manager is taken to pool this connection. */
bool shim_lifecycle_managed(const struct shim_lifecycle *l) __attribute__((nonnull));

enum shim_place shim_lifecycle_place(const struct shim_lifecycle *l) __attribute__((nonnull));

/* Adds totals and gauges, all but numpools, to `numbers`; oldest by maximum, in seconds. */
void shim_lifecycle_add_to(const struct shim_lifecycle *l, uint64_t now,
                           union cdp_number numbers[CDP_WIRE_METRICS]) __attribute__((nonnull));

#endif
