/* SPDX-License-Identifier: MIT */
/*
 * Owns the transition table of a connection's life: for every state and event what is counted and
 * what comes next. What the states mean, and what always holds, stands in lifecycle.h.
 *
 * Who asks? SQL_ATTR_CONNECTION_DEAD is the pool's only word at a checkout, and an application may
 * ask it too. Where checkins announce themselves the answer is plain: asked on a connection in the
 * pool it is the pool, on one that is out it is the application. A silent connection is never known
 * to be in the pool, so the caller tells the two apart (ASKED_ALIVE is the application), and
 * PROBED_ALIVE is taken as the pool's even with statements live and a transaction open: the manager
 * frees and ends nothing when such an application disconnects, so these are what the last user left
 * behind, and to ignore the probe would lose every later checkout of a connection on which somebody
 * once forgot a statement. Before any pool has been seen (`auto`), the same signs say the opposite:
 * then only a probe of an idle connection is taken as the pool's.
 */
#include "odbcshim/lifecycle.h"

#include <string.h>

/* Derived from what happens, and looked up like events. */
enum {
    PROBED_BUSY = SHIM_EVENTS, /* PROBED_ALIVE with a statement live or a transaction open */
    BECAME_BUSY,
    BECAME_IDLE,
    ALL_EVENTS
};

/* What follows an event: an enumerator, or TO(state). 0, so that a blank cell is "nothing". */
enum { STAY, IMPOSSIBLE, HOME, WAKE, FIRST_STATE };
#define TO(state) (FIRST_STATE + (state))

struct rule {
    void (*act)(struct shim_lifecycle *l);
    uint8_t next;
    bool again; /* having moved, take the event once more */
};

static bool busy(const struct shim_lifecycle *l)
{
    return l->statements > 0 || l->transaction;
}

/* Movement between application and pool. */

static void checkout(struct shim_lifecycle *l)
{
    l->since = l->now;
    l->held = true;
    l->first = l->handed; /* a new connection that is dead at once is no fault of a pool */
    l->handed = true;
    l->totals[CDP_CHECKOUTS]++;
}

static void checkin(struct shim_lifecycle *l)
{
    l->totals[CDP_CHECKINS] += l->held;
    l->held = false;
    l->first = false;
}

/* Back into the manager's pool. The manager has dropped the statements that were left, without a
   word to the driver; a transaction stays open. A pool that takes it thinks it is sound. */
static void go_back(struct shim_lifecycle *l)
{
    l->totals[CDP_DIRTY] += l->transaction;
    l->statements = 0;
    l->broken = false;
    checkin(l);
}

/* A reset where none was to be expected: this manager does tell. */
static void go_back_telling(struct shim_lifecycle *l)
{
    l->home = SHIM_OUT;
    go_back(l);
}

static void drop_statements(struct shim_lifecycle *l)
{
    l->statements = 0;
}

/* A silent connection is handed out, so it had gone back before. */
static void hand_out(struct shim_lifecycle *l)
{
    go_back(l);
    checkout(l);
}

static void show_pool(struct shim_lifecycle *l)
{
    l->home = SHIM_SILENT;
    hand_out(l);
}

/* Beginning and end. */

static void connected(struct shim_lifecycle *l)
{
    l->statements = 0;
    l->transaction = l->held = l->handed = l->first = false;
    l->broken = l->invalidated = l->browsed = l->inherited = false;
    l->totals[CDP_CONNECTS]++;
    if (l->home != SHIM_IDLE)
        checkout(l);
}

static void browsed(struct shim_lifecycle *l)
{
    connected(l);
    l->browsed = true;
}

static void connect_failed(struct shim_lifecycle *l)
{
    l->totals[CDP_FAILURES]++;
}

static void disconnected(struct shim_lifecycle *l)
{
    checkin(l);
    l->totals[CDP_DISCONNECTS] += !l->inherited;
    l->statements = 0;
    l->transaction = l->broken = l->browsed = l->inherited = false;
}

static void forked(struct shim_lifecycle *l)
{
    memset(l->totals, 0, sizeof(l->totals));
    if (l->state == SHIM_CLOSED)
        return;
    if (l->state != SHIM_INHERITED)
        l->before = l->state == SHIM_IN ? SHIM_IN : l->home;
    l->statements = 0;
    l->transaction = l->held = l->first = l->broken = false;
    l->inherited = true;
}

/* Work and faults. */

static void allocated(struct shim_lifecycle *l)
{
    l->statements++;
}

static void freed(struct shim_lifecycle *l)
{
    l->statements -= l->statements > 0; /* those dropped with a checkin may still be freed */
}

static void executed(struct shim_lifecycle *l)
{
    l->totals[CDP_STATEMENTS]++;
    l->first = false;
    l->broken = false; /* some drivers connect again by themselves */
    if (l->manual && !l->transaction) {
        l->transaction = true;
        l->totals[CDP_BEGUN]++;
    }
}

static void execution_failed(struct shim_lifecycle *l)
{
    l->totals[CDP_STATEMENTS]++;
}

static void used(struct shim_lifecycle *l)
{
    l->first = false;
}

/* The end of a transaction reaches the database only if there is one. */
static void end_transaction(struct shim_lifecycle *l, enum cdp_metric how)
{
    if (!l->transaction)
        return;
    l->transaction = false;
    l->first = false;
    l->totals[how]++;
}

static void committed(struct shim_lifecycle *l)
{
    end_transaction(l, CDP_COMMITS);
}

static void rolled_back(struct shim_lifecycle *l)
{
    end_transaction(l, CDP_ROLLBACKS);
}

static void autocommit_on(struct shim_lifecycle *l)
{
    end_transaction(l, CDP_COMMITS);
    l->manual = false;
}

static void autocommit_off(struct shim_lifecycle *l)
{
    l->manual = true;
}

static void failed(struct shim_lifecycle *l)
{
    l->totals[CDP_ERRORS]++;
}

static void probed_dead(struct shim_lifecycle *l)
{
    l->totals[CDP_INVALIDATED] += !l->invalidated && !l->inherited;
    l->invalidated = true;
    l->broken = true;
}

/* The state of a failed call is seen only when its diagnostics are read, so what ends the first
   use is a success, and a link failure before any success is the first use's. */
static void link_failed(struct shim_lifecycle *l)
{
    probed_dead(l);
    l->totals[CDP_STALE] += l->first;
    l->first = false;
}

/* clang-format off */

/* Wherever there is a handle. */
#define ALWAYS                                                      \
    [SHIM_EVENT_CONNECT_FAILED] = {connect_failed, STAY, false},    \
    [SHIM_EVENT_ERROR] = {failed, STAY, false},                     \
    [SHIM_EVENT_AUTOCOMMIT_ON] = {autocommit_on, STAY, false},      \
    [SHIM_EVENT_AUTOCOMMIT_OFF] = {autocommit_off, STAY, false}

/* On every open connection of this process. */
#define OPEN                                                        \
    ALWAYS,                                                         \
    [SHIM_EVENT_CONNECTED] = {NULL, IMPOSSIBLE, false},             \
    [SHIM_EVENT_BROWSED] = {NULL, IMPOSSIBLE, false},               \
    [SHIM_EVENT_PROBED_DEAD] = {probed_dead, STAY, false},          \
    [SHIM_EVENT_STATEMENT_FREED] = {freed, STAY, false},            \
    [SHIM_EVENT_LINK_FAILURE] = {link_failed, STAY, false},         \
    [SHIM_EVENT_COMMITTED] = {committed, STAY, false},              \
    [SHIM_EVENT_ROLLED_BACK] = {rolled_back, STAY, false},          \
    [SHIM_EVENT_DISCONNECTED] = {disconnected, TO(SHIM_CLOSED), false}, \
    [SHIM_EVENT_FORKED] = {forked, TO(SHIM_INHERITED), false}

/* On all of them but those in the pool. */
#define WORK                                                        \
    [SHIM_EVENT_STATEMENT_ALLOCATED] = {allocated, STAY, false},    \
    [SHIM_EVENT_EXECUTED] = {executed, STAY, false},                \
    [SHIM_EVENT_EXECUTION_FAILED] = {execution_failed, STAY, false}, \
    [SHIM_EVENT_USED] = {used, STAY, false}

static const struct rule rules[SHIM_STATES][ALL_EVENTS] = {
    [SHIM_CLOSED] = {
        ALWAYS,
        [SHIM_EVENT_CONNECTED] = {connected, HOME, false},
        [SHIM_EVENT_BROWSED] = {browsed, HOME, false},
        [SHIM_EVENT_FORKED] = {forked, STAY, false},
        [SHIM_EVENT_STATEMENT_ALLOCATED] = {NULL, IMPOSSIBLE, false},
        [SHIM_EVENT_EXECUTED] = {NULL, IMPOSSIBLE, false},
        [SHIM_EVENT_DISCONNECTED] = {NULL, IMPOSSIBLE, false},
    },
    [SHIM_HELD] = {
        OPEN, WORK,
    },
    [SHIM_HELD_TELLING] = {
        OPEN, WORK,
        [SHIM_EVENT_RESET] = {go_back_telling, TO(SHIM_IN), false},
    },
    [SHIM_HELD_SILENT] = {
        OPEN, WORK,
        [SHIM_EVENT_PROBED_ALIVE] = {show_pool, TO(SHIM_SILENT), false},
        [SHIM_EVENT_RESET] = {go_back_telling, TO(SHIM_IN), false},
    },
    [SHIM_OUT] = {
        OPEN, WORK,
        [SHIM_EVENT_RESET] = {go_back, TO(SHIM_IN), false},
    },
    /* Work on what is in the pool: the driver could not answer the probe, and was used anyway. */
    [SHIM_IN] = {
        OPEN,
        [SHIM_EVENT_PROBED_ALIVE] = {checkout, TO(SHIM_OUT), false},
        [PROBED_BUSY] = {checkout, TO(SHIM_OUT), false},
        [SHIM_EVENT_STATEMENT_ALLOCATED] = {checkout, TO(SHIM_OUT), true},
        [SHIM_EVENT_EXECUTED] = {checkout, TO(SHIM_OUT), true},
        [SHIM_EVENT_EXECUTION_FAILED] = {checkout, TO(SHIM_OUT), true},
        [SHIM_EVENT_USED] = {checkout, TO(SHIM_OUT), true},
    },
    [SHIM_SILENT] = {
        OPEN, WORK,
        [SHIM_EVENT_PROBED_ALIVE] = {hand_out, STAY, false},
        [PROBED_BUSY] = {hand_out, STAY, false},
        [SHIM_EVENT_RESET] = {go_back_telling, TO(SHIM_IN), false},
    },
    [SHIM_IDLE] = {
        OPEN, WORK,
        [BECAME_BUSY] = {checkout, TO(SHIM_BUSY), false},
    },
    [SHIM_BUSY] = {
        OPEN, WORK,
        [SHIM_EVENT_RESET] = {drop_statements, STAY, false},
        [BECAME_IDLE] = {checkin, TO(SHIM_IDLE), false},
    },
    /* A child that only cleans up has not used it. */
    [SHIM_INHERITED] = {
        [SHIM_EVENT_CONNECTED] = {NULL, IMPOSSIBLE, false},
        [SHIM_EVENT_BROWSED] = {NULL, IMPOSSIBLE, false},
        [SHIM_EVENT_CONNECT_FAILED] = {connect_failed, STAY, false},
        [SHIM_EVENT_PROBED_ALIVE] = {NULL, WAKE, true},
        [SHIM_EVENT_PROBED_DEAD] = {NULL, WAKE, true},
        [SHIM_EVENT_RESET] = {NULL, WAKE, true},
        [SHIM_EVENT_STATEMENT_ALLOCATED] = {NULL, WAKE, true},
        [SHIM_EVENT_EXECUTED] = {NULL, WAKE, true},
        [SHIM_EVENT_EXECUTION_FAILED] = {NULL, WAKE, true},
        [SHIM_EVENT_ERROR] = {NULL, WAKE, true},
        [SHIM_EVENT_LINK_FAILURE] = {NULL, WAKE, true},
        [SHIM_EVENT_AUTOCOMMIT_ON] = {NULL, WAKE, true},
        [SHIM_EVENT_AUTOCOMMIT_OFF] = {NULL, WAKE, true},
        [SHIM_EVENT_COMMITTED] = {NULL, WAKE, true},
        [SHIM_EVENT_ROLLED_BACK] = {NULL, WAKE, true},
        [SHIM_EVENT_USED] = {NULL, WAKE, true},
        [SHIM_EVENT_DISCONNECTED] = {disconnected, TO(SHIM_CLOSED), false},
        [SHIM_EVENT_FORKED] = {forked, STAY, false},
    },
};

/* clang-format on */

/* Takes an event that moves the connection, or cannot happen. */
static bool move(struct shim_lifecycle *l, unsigned event)
{
    const struct rule *rule;

    do {
        rule = &rules[l->state][event];
        if (rule->next == IMPOSSIBLE)
            return false;
        if (rule->act != NULL)
            rule->act(l);
        if (rule->next >= FIRST_STATE)
            l->state = (uint8_t)(rule->next - FIRST_STATE);
        else if (rule->next == HOME)
            l->state = l->home;
        else if (rule->next == WAKE)
            l->state = l->before;
    } while (rule->again);
    return true;
}

/* In the shape that follows activity: what the event has made of it. */
static bool settle(struct shim_lifecycle *l)
{
    if (l->state == SHIM_IDLE && busy(l))
        return move(l, BECAME_BUSY);
    if (l->state == SHIM_BUSY && !busy(l))
        return move(l, BECAME_IDLE);
    return true;
}

void shim_lifecycle_init(struct shim_lifecycle *l, enum shim_checkout mode, bool manager_pools,
                         bool announces)
{
    memset(l, 0, sizeof(*l));
    switch (mode) {
    case SHIM_CHECKOUT_ACTIVITY:
        l->home = SHIM_IDLE;
        break;
    case SHIM_CHECKOUT_CONNECT:
        l->home = SHIM_HELD;
        break;
    case SHIM_CHECKOUT_AUTO:
        l->home = announces ? SHIM_HELD_TELLING : SHIM_HELD_SILENT;
        if (!manager_pools)
            break;
        /* fall through */
    case SHIM_CHECKOUT_MANAGER:
        l->home = announces ? SHIM_OUT : SHIM_SILENT;
        break;
    }
}

bool shim_lifecycle_event(struct shim_lifecycle *l, enum shim_event event, uint64_t now)
{
    unsigned e = event == SHIM_EVENT_PROBED_ALIVE && busy(l) ? (unsigned)PROBED_BUSY : event;
    const struct rule *rule = &rules[l->state][e];

    l->now = now;
    if (rule->next != STAY) {
        if (!move(l, e))
            return false;
    } else if (rule->act != NULL) {
        rule->act(l);
    }
    return l->home != SHIM_IDLE || settle(l);
}

static void manage(uint8_t *state)
{
    if (*state == SHIM_HELD_TELLING)
        *state = SHIM_OUT;
    else if (*state == SHIM_HELD_SILENT)
        *state = SHIM_SILENT;
}

void shim_lifecycle_pool_shown(struct shim_lifecycle *l)
{
    manage(&l->state);
    manage(&l->home);
    manage(&l->before);
}

bool shim_lifecycle_managed(const struct shim_lifecycle *l)
{
    return l->state == SHIM_OUT || l->state == SHIM_IN || l->state == SHIM_SILENT;
}

enum shim_place shim_lifecycle_place(const struct shim_lifecycle *l)
{
    if (l->state == SHIM_CLOSED || l->state == SHIM_INHERITED)
        return SHIM_PLACE_NONE;
    if (l->inherited || l->broken || (l->browsed && shim_lifecycle_managed(l)))
        return SHIM_PLACE_DETACHED;
    if (l->state == SHIM_IN || l->state == SHIM_IDLE || (l->state == SHIM_SILENT && !busy(l)))
        return SHIM_PLACE_IN;
    return SHIM_PLACE_OUT;
}

void shim_lifecycle_add_to(const struct shim_lifecycle *l, uint64_t now,
                           union cdp_number numbers[CDP_WIRE_METRICS])
{
    static const enum cdp_metric gauges[] = {
        [SHIM_PLACE_OUT] = CDP_CHECKEDOUT,
        [SHIM_PLACE_IN] = CDP_CHECKEDIN,
        [SHIM_PLACE_DETACHED] = CDP_DETACHED,
    };
    enum shim_place place = shim_lifecycle_place(l);

    for (int m = 0; m < CDP_WIRE_METRICS; m++) {
        if (cdp_metrics[m].kind == CDP_DERIVE)
            numbers[m].derive += l->totals[m];
    }
    if (place == SHIM_PLACE_NONE)
        return;
    numbers[gauges[place]].gauge += 1;
    numbers[CDP_CONNECTIONS].gauge += 1;
    numbers[CDP_INTRANSACTION].gauge += l->transaction;
    numbers[CDP_INFERRED].gauge += l->state == SHIM_SILENT && place != SHIM_PLACE_DETACHED;
    if (place == SHIM_PLACE_OUT && now > l->since) {
        double age = (double)(now - l->since) / 1e9;

        if (age > numbers[CDP_OLDEST].gauge)
            numbers[CDP_OLDEST].gauge = age;
    }
}
