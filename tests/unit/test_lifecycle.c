/* SPDX-License-Identifier: MIT */
/*
 * The life of a connection: scenarios as programs and driver managers play them, every event in
 * every state, and random walks beside a second model that was written without the table.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "odbcshim/lifecycle.h"

/* An event is a letter; `t` lets a second pass. */
static const char letters[] = "CBFPDAR()xXel+-cru.f";
_Static_assert(sizeof(letters) - 1 == SHIM_EVENTS, "a letter for each event");

#define SECOND 1000000000ull

/* ---- scenarios ---------------------------------------------------------------------------- */

struct scenario {
    const char *title;
    enum shim_checkout mode;
    bool pools, announces;
    const char *events;
    const char *expected; /* metric=value ...; what is not named is 0 */
};

#define AUTO     SHIM_CHECKOUT_AUTO
#define MANAGER  SHIM_CHECKOUT_MANAGER
#define CONNECT  SHIM_CHECKOUT_CONNECT
#define ACTIVITY SHIM_CHECKOUT_ACTIVITY

static const struct scenario scenarios[] = {
    {"nothing", AUTO, false, true, "", ""},
    {"a failed connect", AUTO, false, true, "Fel", "failures=1 errors=1"},
    {"connected, nobody pools", AUTO, false, true, "Ct",
     "connections=1 checkedout=1 connects=1 checkouts=1 oldest=1"},
    {"and gone", AUTO, false, true, "Ct.", "connects=1 checkouts=1 checkins=1 disconnects=1"},
    {"again on the same handle", CONNECT, false, true, "C.Ctt",
     "connections=1 checkedout=1 connects=2 checkouts=2 checkins=1 disconnects=1 oldest=2"},

    {"3.80: in the pool", AUTO, true, true, "C(x)tR",
     "connections=1 checkedin=1 connects=1 checkouts=1 checkins=1 statements=1"},
    {"3.80: out of it again", AUTO, true, true, "C(x)tRtPtt",
     "connections=1 checkedout=1 connects=1 checkouts=2 checkins=1 statements=1 oldest=2"},
    {"3.80: asks while it is out", AUTO, true, true, "CPAP(PxA)P",
     "connections=1 checkedout=1 connects=1 checkouts=1 statements=1"},
    {"3.80: a thousandth checkout", MANAGER, false, true, "CRPRPRPRP",
     "connections=1 checkedout=1 connects=1 checkouts=5 checkins=4"},
    {"3.80: statements left open", MANAGER, false, true, "C((xRP)",
     "connections=1 checkedout=1 connects=1 checkouts=2 checkins=1 statements=1"},
    {"3.80: expired in the pool", AUTO, true, true, "CR.",
     "connects=1 checkouts=1 checkins=1 disconnects=1"},
    {"3.80: found dead in the pool", AUTO, true, true, "CRD.",
     "connects=1 checkouts=1 checkins=1 invalidated=1 disconnects=1"},
    {"3.80: a driver that cannot answer the probe", AUTO, true, true, "CR(x",
     "connections=1 checkedout=1 connects=1 checkouts=2 checkins=1 statements=1"},
    {"3.80: dirty, and intransaction stays", AUTO, true, true, "C-(x)R",
     "connections=1 checkedin=1 connects=1 checkouts=1 checkins=1 dirty=1 transactions=1 "
     "intransaction=1 statements=1"},
    {"3.80: handed out dirty", AUTO, true, true, "C-(x)RP",
     "connections=1 checkedout=1 connects=1 checkouts=2 checkins=1 dirty=1 transactions=1 "
     "intransaction=1 statements=1"},

    {"3.0: idle counts as checked in", AUTO, true, false, "Ct",
     "connections=1 checkedin=1 inferred=1 connects=1 checkouts=1"},
    {"3.0: at work", AUTO, true, false, "Ct(",
     "connections=1 checkedout=1 inferred=1 connects=1 checkouts=1 oldest=1"},
    {"3.0: out of the pool", AUTO, true, false, "C(x)tP(t",
     "connections=1 checkedout=1 inferred=1 connects=1 checkouts=2 checkins=1 statements=1 "
     "oldest=1"},
    {"3.0: a statement forgotten", AUTO, true, false, "C(xP(x)P",
     "connections=1 checkedin=1 inferred=1 connects=1 checkouts=3 checkins=2 statements=2"},
    {"3.0: dirty", AUTO, true, false, "C-(x)P",
     "connections=1 checkedout=1 inferred=1 connects=1 checkouts=2 checkins=1 dirty=1 "
     "transactions=1 intransaction=1 statements=1"},
    {"3.0: the application asks", AUTO, true, false, "C(AxA)A",
     "connections=1 checkedin=1 inferred=1 connects=1 checkouts=1 statements=1"},
    {"3.0: closed", AUTO, true, false, "CPP.", "connects=1 checkouts=3 checkins=3 disconnects=1"},
    {"3.0: the manager tells all the same", AUTO, true, false, "CRP",
     "connections=1 checkedout=1 connects=1 checkouts=2 checkins=1"},

    {"auto, 3.80: a reset settles it", AUTO, false, true, "CRP",
     "connections=1 checkedout=1 connects=1 checkouts=2 checkins=1"},
    {"auto, 3.80: a probe alone does not", AUTO, false, true, "CPP",
     "connections=1 checkedout=1 connects=1 checkouts=1"},
    {"auto, 3.0: a probe settles it", AUTO, false, false, "C(x)P",
     "connections=1 checkedin=1 inferred=1 connects=1 checkouts=2 checkins=1 statements=1"},
    {"auto, 3.0: not with a statement live", AUTO, false, false, "C(xP",
     "connections=1 checkedout=1 connects=1 checkouts=1 statements=1"},
    {"auto, 3.0: not with a transaction open", AUTO, false, false, "C-(x)P",
     "connections=1 checkedout=1 connects=1 checkouts=1 statements=1 transactions=1 "
     "intransaction=1"},
    {"auto, 3.0: not by the application", AUTO, false, false, "CAAA",
     "connections=1 checkedout=1 connects=1 checkouts=1"},
    {"connect: whoever asks", CONNECT, true, false, "CPARP(P",
     "connections=1 checkedout=1 connects=1 checkouts=1"},

    {"activity: idle at first", ACTIVITY, true, true, "C", "connections=1 checkedin=1 connects=1"},
    {"activity: a statement", ACTIVITY, false, true, "Ct(tx",
     "connections=1 checkedout=1 connects=1 checkouts=1 statements=1 oldest=1"},
    {"activity: a transaction goes on", ACTIVITY, false, true, "C-(x)(x)",
     "connections=1 checkedout=1 connects=1 checkouts=1 statements=2 transactions=1 "
     "intransaction=1"},
    {"activity: and ends", ACTIVITY, false, true, "C-(x)(x)r",
     "connections=1 checkedin=1 connects=1 checkouts=1 checkins=1 statements=2 transactions=1 "
     "rollbacks=1"},
    {"activity: probes and resets say nothing", ACTIVITY, true, true, "CPARP(PA)R",
     "connections=1 checkedin=1 connects=1 checkouts=1 checkins=1"},
    {"activity: a reset drops statements", ACTIVITY, true, true, "C((xR",
     "connections=1 checkedin=1 connects=1 checkouts=1 checkins=1 statements=1"},
    {"activity: closed at work", ACTIVITY, false, true, "C-(x.",
     "connects=1 checkouts=1 checkins=1 disconnects=1 statements=1 transactions=1"},

    {"autocommit: no transaction", CONNECT, false, true, "C(xxcr)+",
     "connections=1 checkedout=1 connects=1 checkouts=1 statements=2"},
    {"manual before the connect", CONNECT, false, true, "-C(x",
     "connections=1 checkedout=1 connects=1 checkouts=1 statements=1 transactions=1 "
     "intransaction=1"},
    {"commit, rollback, and ends of nothing", CONNECT, false, true, "C-(xcccxxrrxc",
     "connections=1 checkedout=1 connects=1 checkouts=1 statements=4 transactions=3 commits=2 "
     "rollbacks=1"},
    {"autocommit on commits", CONNECT, false, true, "C-(x++x",
     "connections=1 checkedout=1 connects=1 checkouts=1 statements=2 transactions=1 commits=1"},
    {"a failed execution begins nothing", CONNECT, false, true, "C-(Xer",
     "connections=1 checkedout=1 connects=1 checkouts=1 statements=1 errors=1"},
    {"disconnected with a transaction open", CONNECT, false, true, "C-(x.",
     "connects=1 checkouts=1 checkins=1 disconnects=1 statements=1 transactions=1"},

    {"stale", AUTO, true, true, "C(x)RP(Xel",
     "connections=1 detached=1 connects=1 checkouts=2 checkins=1 statements=2 errors=1 "
     "invalidated=1 stale=1"},
    {"stale, seen late, once", AUTO, true, true, "CRP(eellll)",
     "connections=1 detached=1 connects=1 checkouts=2 checkins=1 errors=2 invalidated=1 stale=1"},
    {"stale under a silent manager", AUTO, true, false, "C(x)P-(Xel)",
     "connections=1 detached=1 connects=1 checkouts=2 checkins=1 statements=2 errors=1 "
     "invalidated=1 stale=1"},
    {"broken later is not stale", AUTO, true, true, "CRP(xXel",
     "connections=1 detached=1 connects=1 checkouts=2 checkins=1 statements=2 errors=1 "
     "invalidated=1"},
    {"nor is a new connection", AUTO, true, true, "C(Xel",
     "connections=1 detached=1 connects=1 checkouts=1 statements=1 errors=1 invalidated=1"},
    {"used otherwise first", MANAGER, true, true, "CRPul",
     "connections=1 detached=1 connects=1 checkouts=2 checkins=1 invalidated=1"},
    {"the end of no transaction is no use", MANAGER, true, true, "CRP-crl",
     "connections=1 detached=1 connects=1 checkouts=2 checkins=1 invalidated=1 stale=1"},
    {"stale above a pool of the application's", ACTIVITY, false, true, "C(x)(Xel)",
     "connections=1 detached=1 connects=1 checkouts=2 checkins=2 statements=2 errors=1 "
     "invalidated=1 stale=1"},
    {"the first of such a pool", ACTIVITY, false, true, "C(Xel)",
     "connections=1 detached=1 connects=1 checkouts=1 checkins=1 statements=1 errors=1 "
     "invalidated=1"},
    {"broken, then closed, then new and broken", AUTO, true, true, "Cl.Cl",
     "connections=1 detached=1 connects=2 checkouts=2 checkins=1 disconnects=1 invalidated=2"},
    {"the application finds it broken", CONNECT, false, true, "CDDl",
     "connections=1 detached=1 connects=1 checkouts=1 invalidated=1"},
    {"given back broken", MANAGER, false, true, "ClR",
     "connections=1 checkedin=1 connects=1 checkouts=1 checkins=1 invalidated=1"},
    {"handed out broken, broken again", MANAGER, false, true, "ClRPel",
     "connections=1 detached=1 connects=1 checkouts=2 checkins=1 invalidated=1 stale=1 errors=1"},
    {"the driver connected again", CONNECT, false, true, "C(lx",
     "connections=1 checkedout=1 connects=1 checkouts=1 invalidated=1 statements=1"},

    {"browsed, nobody pools", AUTO, false, true, "B",
     "connections=1 checkedout=1 connects=1 checkouts=1"},
    {"browsed under a pool", AUTO, true, true, "B",
     "connections=1 detached=1 connects=1 checkouts=1"},
    {"and given back, leaked", AUTO, true, true, "BR",
     "connections=1 detached=1 connects=1 checkouts=1 checkins=1"},
    {"browsed under a silent one", AUTO, true, false, "Bt",
     "connections=1 detached=1 connects=1 checkouts=1"},
    {"browsed, closed, connected", MANAGER, true, true, "B.C",
     "connections=1 checkedout=1 connects=2 checkouts=2 checkins=1 disconnects=1"},

    {"forked, not used", AUTO, false, true, "C-(xef", ""},
    {"forked, cleaned up", AUTO, false, true, "C-(xef).", ""},
    {"forked, used", AUTO, false, true, "C(xf(xe",
     "connections=1 detached=1 statements=1 errors=1"},
    {"forked, used, closed", AUTO, false, true, "C(xf(x).", "statements=1"},
    {"forked, broken: its maker's to count", AUTO, false, true, "Cf(Xel",
     "connections=1 detached=1 statements=1 errors=1"},
    {"forked, out of the pool", AUTO, true, true, "CRfP(x)",
     "connections=1 detached=1 checkouts=1 statements=1"},
    {"forked, out, back, out", AUTO, true, true, "CRfPRP",
     "connections=1 detached=1 checkouts=2 checkins=1"},
    {"forked, given back", AUTO, true, true, "CfR", "connections=1 detached=1"},
    {"forked, silent", AUTO, true, false, "CfP", "connections=1 detached=1 checkouts=1"},
    {"forked, activity", ACTIVITY, true, false, "C(f(x)",
     "connections=1 detached=1 checkouts=1 checkins=1 statements=1"},
    {"forked twice", CONNECT, false, true, "Cf(xf", ""},
    {"forked, closed, a connection of its own", CONNECT, false, true, "Cf.C",
     "connections=1 checkedout=1 connects=1 checkouts=1"},
    {"forked while closed", MANAGER, false, true, "CR.FfC",
     "connections=1 checkedout=1 connects=1 checkouts=1"},
};

static double number_of(const union cdp_number *numbers, int m)
{
    return cdp_metrics[m].kind == CDP_GAUGE ? numbers[m].gauge : (double)numbers[m].derive;
}

/* The number that `expected` gives for a metric. */
static double expected_of(const char *expected, const char *name)
{
    size_t n = strlen(name);

    for (const char *at = expected; (at = strstr(at, name)) != NULL; at += n) {
        if (at[n] == '=' && (at == expected || at[-1] == ' '))
            return atof(at + n + 1);
    }
    return 0;
}

static void play(struct shim_lifecycle *l, const char *events, uint64_t *now)
{
    for (const char *e = events; *e != '\0'; e++) {
        const char *letter = strchr(letters, *e);

        if (*e == 't')
            *now += SECOND;
        else if (letter == NULL ||
                 !shim_lifecycle_event(l, (enum shim_event)(letter - letters), *now))
            fail_msg("%s: `%c' at %d is impossible", events, *e, (int)(e - events));
    }
}

static void plays_scenarios(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
        const struct scenario *s = &scenarios[i];
        union cdp_number numbers[CDP_WIRE_METRICS];
        struct shim_lifecycle l;
        uint64_t now = SECOND;

        memset(numbers, 0, sizeof(numbers));
        shim_lifecycle_init(&l, s->mode, s->pools, s->announces);
        play(&l, s->events, &now);
        shim_lifecycle_add_to(&l, now, numbers);
        for (int m = 0; m < CDP_WIRE_METRICS; m++) {
            double expected = expected_of(s->expected, cdp_metrics[m].name);

            if (number_of(numbers, m) != expected)
                fail_msg("%s (%s): %s is %g, expected %g", s->title, s->events, cdp_metrics[m].name,
                         number_of(numbers, m), expected);
        }
    }
}

/* ---- the second model ------------------------------------------------------------------------ */

struct model {
    bool may_learn, pools, activity, tells; /* what is known of the pool */
    bool open, foreign, used;               /* foreign: inherited */
    bool in_pool, browsed, broken, ever_broken, manual, tx, held, handed, untried;
    unsigned statements;
    uint64_t start;
    int64_t total[CDP_WIRE_METRICS];
};

static void model_init(struct model *m, enum shim_checkout mode, bool pools, bool announces)
{
    memset(m, 0, sizeof(*m));
    m->activity = mode == ACTIVITY;
    m->pools = mode == MANAGER || (mode == AUTO && pools);
    m->may_learn = mode == AUTO || mode == MANAGER;
    m->tells = announces;
}

static void model_out(struct model *m, uint64_t now)
{
    m->total[CDP_CHECKOUTS]++;
    m->held = true;
    m->in_pool = false;
    m->untried = m->handed;
    m->handed = true;
    m->start = now;
}

static void model_in(struct model *m)
{
    if (m->held)
        m->total[CDP_CHECKINS]++;
    m->held = m->untried = false;
}

static void model_pooled(struct model *m)
{
    if (m->tx)
        m->total[CDP_DIRTY]++;
    m->statements = 0;
    m->broken = false;
    model_in(m);
}

static void model_end(struct model *m, int how)
{
    if (!m->tx)
        return;
    m->tx = m->untried = false;
    m->total[how]++;
}

static void model_probed(struct model *m, uint64_t now)
{
    bool idle = m->statements == 0 && !m->tx;

    if (m->activity || !m->may_learn)
        return;
    if (m->tells) {
        if (m->pools && m->in_pool)
            model_out(m, now);
    } else if (m->pools || idle) {
        m->pools = true;
        model_pooled(m);
        model_out(m, now);
    }
}

static void model_reset(struct model *m)
{
    if (m->activity)
        m->statements = 0;
    if (m->activity || !m->may_learn || (m->pools && m->tells && m->in_pool))
        return;
    m->pools = m->tells = true;
    model_pooled(m);
    m->in_pool = true;
}

static void model_broken(struct model *m)
{
    if (!m->foreign && !m->ever_broken)
        m->total[CDP_INVALIDATED]++;
    m->broken = m->ever_broken = true;
}

/* What counts whether or not there is a connection. */
static bool model_anywhere(struct model *m, enum shim_event e)
{
    switch (e) {
    case SHIM_EVENT_CONNECT_FAILED:
        m->total[CDP_FAILURES]++;
        return true;
    case SHIM_EVENT_ERROR:
        m->total[CDP_ERRORS]++;
        return true;
    case SHIM_EVENT_AUTOCOMMIT_ON:
        model_end(m, CDP_COMMITS);
        m->manual = false;
        return true;
    case SHIM_EVENT_AUTOCOMMIT_OFF:
        m->manual = true;
        return true;
    default:
        return false;
    }
}

static bool model_closed(struct model *m, enum shim_event e, uint64_t now)
{
    if (model_anywhere(m, e))
        return true;
    if (e == SHIM_EVENT_FORKED)
        memset(m->total, 0, sizeof(m->total));
    if (e == SHIM_EVENT_CONNECTED || e == SHIM_EVENT_BROWSED) {
        m->open = true;
        m->foreign = m->used = m->in_pool = m->broken = m->ever_broken = m->handed = false;
        m->browsed = e == SHIM_EVENT_BROWSED;
        m->total[CDP_CONNECTS]++;
        if (!m->activity)
            model_out(m, now);
    }
    return e != SHIM_EVENT_EXECUTED && e != SHIM_EVENT_STATEMENT_ALLOCATED &&
           e != SHIM_EVENT_DISCONNECTED;
}

static void model_close(struct model *m)
{
    model_in(m);
    if (!m->foreign)
        m->total[CDP_DISCONNECTS]++;
    m->open = m->tx = m->foreign = false;
    m->statements = 0;
}

static void model_fork(struct model *m)
{
    memset(m->total, 0, sizeof(m->total));
    m->statements = 0;
    m->tx = m->held = m->untried = m->broken = m->used = false;
    m->foreign = true;
}

static void model_open(struct model *m, enum shim_event e, uint64_t now)
{
    bool works = e == SHIM_EVENT_STATEMENT_ALLOCATED || e == SHIM_EVENT_EXECUTED ||
                 e == SHIM_EVENT_EXECUTION_FAILED || e == SHIM_EVENT_USED;

    if (works && m->in_pool && m->pools && m->tells)
        model_out(m, now);
    if (e == SHIM_EVENT_PROBED_ALIVE)
        model_probed(m, now);
    if (e == SHIM_EVENT_RESET)
        model_reset(m);
    if (e == SHIM_EVENT_STATEMENT_ALLOCATED)
        m->statements++;
    if (e == SHIM_EVENT_STATEMENT_FREED && m->statements > 0)
        m->statements--;
    if (e == SHIM_EVENT_EXECUTED || e == SHIM_EVENT_EXECUTION_FAILED)
        m->total[CDP_STATEMENTS]++;
    if (e == SHIM_EVENT_EXECUTED)
        m->broken = false;
    if (e == SHIM_EVENT_EXECUTED || e == SHIM_EVENT_USED)
        m->untried = false;
    if (e == SHIM_EVENT_EXECUTED && m->manual && !m->tx) {
        m->tx = true;
        m->total[CDP_BEGUN]++;
    }
    if (e == SHIM_EVENT_COMMITTED || e == SHIM_EVENT_ROLLED_BACK)
        model_end(m, e == SHIM_EVENT_COMMITTED ? CDP_COMMITS : CDP_ROLLBACKS);
    if (e == SHIM_EVENT_PROBED_DEAD || e == SHIM_EVENT_LINK_FAILURE)
        model_broken(m);
    if (e == SHIM_EVENT_LINK_FAILURE && m->untried) {
        m->total[CDP_STALE]++;
        m->untried = false;
    }
}

static bool model_event(struct model *m, enum shim_event e, uint64_t now)
{
    bool cleans = e == SHIM_EVENT_STATEMENT_FREED || e == SHIM_EVENT_ASKED_ALIVE ||
                  e == SHIM_EVENT_CONNECT_FAILED;
    bool busy;

    if (!m->open)
        return model_closed(m, e, now);
    if (e == SHIM_EVENT_CONNECTED || e == SHIM_EVENT_BROWSED)
        return false;
    if (e == SHIM_EVENT_FORKED) {
        model_fork(m);
        return true;
    }
    if (e == SHIM_EVENT_DISCONNECTED) {
        model_close(m);
        return true;
    }
    if (m->foreign && !cleans)
        m->used = true;
    if (!model_anywhere(m, e) && (!m->foreign || m->used))
        model_open(m, e, now);
    busy = m->statements > 0 || m->tx;
    if (m->activity && busy && !m->held)
        model_out(m, now);
    if (m->activity && !busy && m->held)
        model_in(m);
    return true;
}

static void model_numbers(const struct model *m, uint64_t now, union cdp_number *numbers)
{
    bool silent = m->pools && !m->tells, busy = m->statements > 0 || m->tx, out;

    memset(numbers, 0, CDP_WIRE_METRICS * sizeof(*numbers));
    for (int i = 0; i < CDP_WIRE_METRICS; i++) {
        if (cdp_metrics[i].kind == CDP_DERIVE)
            numbers[i].derive = m->total[i];
    }
    if (!m->open || (m->foreign && !m->used))
        return;
    numbers[CDP_CONNECTIONS].gauge = 1;
    numbers[CDP_INTRANSACTION].gauge = m->tx;
    if (m->foreign || m->broken || (m->browsed && m->pools)) {
        numbers[CDP_DETACHED].gauge = 1;
        return;
    }
    numbers[CDP_INFERRED].gauge = silent;
    out = m->activity || silent ? busy : !m->in_pool;
    numbers[out ? CDP_CHECKEDOUT : CDP_CHECKEDIN].gauge = 1;
    if (out)
        numbers[CDP_OLDEST].gauge = (double)(now - m->start) / 1e9;
}

/* ---- both together --------------------------------------------------------------------------- */

/* What was done, for whoever reads the failure. */
struct track {
    enum shim_checkout mode;
    bool pools, announces;
    char events[512];
    size_t length;
};

static void compare(const struct track *t, const union cdp_number *is,
                    const union cdp_number *should)
{
    for (int m = 0; m < CDP_WIRE_METRICS; m++) {
        if (number_of(is, m) != number_of(should, m))
            fail_msg("mode %d pools %d announces %d, %.*s: %s is %g, model says %g", t->mode,
                     t->pools, t->announces, (int)t->length, t->events, cdp_metrics[m].name,
                     number_of(is, m), number_of(should, m));
    }
}

/* What lifecycle.h promises of every connection. */
static void check_promises(const struct shim_lifecycle *l, const union cdp_number *n,
                           const union cdp_number *before, enum shim_event e)
{
    int64_t held = n[CDP_CHECKOUTS].derive - n[CDP_CHECKINS].derive;

    assert_true(n[CDP_CHECKEDOUT].gauge + n[CDP_CHECKEDIN].gauge + n[CDP_DETACHED].gauge ==
                n[CDP_CONNECTIONS].gauge);
    assert_true(held == 0 || held == 1);
    if (!l->inherited && l->state != SHIM_SILENT && n[CDP_DETACHED].gauge == 0)
        assert_true(held == (n[CDP_CHECKEDOUT].gauge > 0));
    assert_true(n[CDP_INTRANSACTION].gauge <= n[CDP_CONNECTIONS].gauge);
    assert_true(n[CDP_INFERRED].gauge <= n[CDP_CHECKEDOUT].gauge + n[CDP_CHECKEDIN].gauge);
    assert_true(n[CDP_COMMITS].derive + n[CDP_ROLLBACKS].derive <= n[CDP_BEGUN].derive);
    assert_true(n[CDP_STALE].derive <= n[CDP_CHECKOUTS].derive);
    for (int m = 0; m < CDP_WIRE_METRICS; m++) {
        if (cdp_metrics[m].kind == CDP_DERIVE)
            assert_true(e == SHIM_EVENT_FORKED ? n[m].derive == 0
                                               : n[m].derive >= before[m].derive);
        else
            assert_true(n[m].gauge >= 0);
    }
}

static void step(struct track *t, struct shim_lifecycle *l, struct model *m, enum shim_event e,
                 uint64_t now)
{
    union cdp_number before[CDP_WIRE_METRICS], is[CDP_WIRE_METRICS], should[CDP_WIRE_METRICS];
    struct shim_lifecycle old = *l;
    bool known, model_knows;

    memset(before, 0, sizeof(before));
    memset(is, 0, sizeof(is));
    shim_lifecycle_add_to(l, now, before);
    t->events[t->length++] = letters[e];
    known = shim_lifecycle_event(l, e, shim_lifecycle_wants_time(l, e) ? now : 0);
    model_knows = model_event(m, e, now);
    if (known != model_knows)
        fail_msg("mode %d, %.*s: possible %d, model says %d", t->mode, (int)t->length, t->events,
                 known, model_knows);
    shim_lifecycle_add_to(l, now, is);
    model_numbers(m, now, should);
    compare(t, is, should);
    check_promises(l, is, before, e);
    if (!known) {
        old.now = l->now;
        assert_memory_equal(&old, l, sizeof(old));
    }
}

static uint64_t seed = 1;

static unsigned random_below(unsigned n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed >> 33) % n;
}

static void walk(unsigned number, unsigned length)
{
    struct shim_lifecycle l;
    struct model m;
    struct track t = {.mode = (enum shim_checkout)(number % 4),
                      .pools = number / 4 % 2,
                      .announces = number / 8 % 2};
    uint64_t now = SECOND;

    shim_lifecycle_init(&l, t.mode, t.pools, t.announces);
    model_init(&m, t.mode, t.pools, t.announces);
    for (unsigned i = 0; i < length; i++) {
        enum shim_event e = (enum shim_event)random_below(SHIM_EVENTS);

        /* What ends everything comes seldom, or nothing would be far from the beginning. */
        if ((e == SHIM_EVENT_DISCONNECTED || e == SHIM_EVENT_FORKED) && random_below(4) > 0)
            e = SHIM_EVENT_STATEMENT_ALLOCATED;
        if (l.state == SHIM_CLOSED && random_below(3) == 0)
            e = SHIM_EVENT_CONNECTED;
        if (random_below(40) == 0 && t.mode == AUTO) {
            shim_lifecycle_pool_shown(&l);
            m.pools = true;
        }
        now += random_below(3) * SECOND / 4;
        step(&t, &l, &m, e, now);
    }
}

static void walks_like_the_model(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 20000; i++)
        walk(i, 10 + i % 200);
}

/* Ways into every state. */
static const struct {
    enum shim_state state;
    enum shim_checkout mode;
    bool pools, announces;
    const char *events;
} ways[] = {
    {SHIM_CLOSED, CONNECT, false, false, ""},    {SHIM_HELD, CONNECT, false, false, "C"},
    {SHIM_HELD_TELLING, AUTO, false, true, "C"}, {SHIM_HELD_SILENT, AUTO, false, false, "C"},
    {SHIM_OUT, AUTO, true, true, "C"},           {SHIM_IN, AUTO, true, true, "CR"},
    {SHIM_SILENT, AUTO, true, false, "C"},       {SHIM_IDLE, ACTIVITY, false, false, "C"},
    {SHIM_BUSY, ACTIVITY, false, false, "C("},   {SHIM_INHERITED, AUTO, true, true, "Cf"},
    {SHIM_INHERITED, AUTO, true, true, "CRf"},   {SHIM_INHERITED, ACTIVITY, true, true, "C(f"},
};

/* What a connection may carry, before or after the way. */
static const char *const burdens[] = {"", "-(x", "(", "e", "l", "D", "u", "-(x)c", "f", "f(x", "R"};

/* Every event in every state, with every burden, and every event after that. */
static void every_event_in_every_state(void **state)
{
    bool seen[SHIM_STATES][SHIM_EVENTS];

    (void)state;
    memset(seen, 0, sizeof(seen));
    for (size_t w = 0; w < sizeof(ways) / sizeof(ways[0]); w++) {
        for (size_t b = 0; b < sizeof(burdens) / sizeof(burdens[0]); b++) {
            for (unsigned pair = 0; pair < SHIM_EVENTS * SHIM_EVENTS; pair++) {
                struct track t = {
                    .mode = ways[w].mode, .pools = ways[w].pools, .announces = ways[w].announces};
                struct shim_lifecycle l;
                struct model m;

                shim_lifecycle_init(&l, t.mode, t.pools, t.announces);
                model_init(&m, t.mode, t.pools, t.announces);
                for (const char *e = ways[w].events; *e != '\0'; e++)
                    step(&t, &l, &m, (enum shim_event)(strchr(letters, *e) - letters), SECOND);
                assert_int_equal(l.state, ways[w].state);
                for (const char *e = burdens[b]; *e != '\0'; e++)
                    step(&t, &l, &m, (enum shim_event)(strchr(letters, *e) - letters), SECOND);
                seen[l.state][pair / SHIM_EVENTS] = true;
                step(&t, &l, &m, (enum shim_event)(pair / SHIM_EVENTS), 2 * SECOND);
                step(&t, &l, &m, (enum shim_event)(pair % SHIM_EVENTS), 3 * SECOND);
            }
        }
    }
    for (int s = 0; s < SHIM_STATES; s++) {
        for (int e = 0; e < SHIM_EVENTS; e++)
            assert_true(seen[s][e]);
    }
}

/* Sums of many connections: the oldest by maximum, all others by addition. */
static void sums(void **state)
{
    union cdp_number numbers[CDP_WIRE_METRICS];
    struct shim_lifecycle l;
    uint64_t now = 10 * SECOND;

    (void)state;
    memset(numbers, 0, sizeof(numbers));
    for (unsigned i = 0; i < 5; i++) {
        uint64_t then = now - i * SECOND;

        shim_lifecycle_init(&l, CONNECT, false, false);
        play(&l, "-C(x", &then);
        shim_lifecycle_add_to(&l, now, numbers);
    }
    assert_true(numbers[CDP_CHECKEDOUT].gauge == 5);
    assert_true(numbers[CDP_INTRANSACTION].gauge == 5);
    assert_int_equal(numbers[CDP_CHECKOUTS].derive, 5);
    assert_true(numbers[CDP_OLDEST].gauge == 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plays_scenarios),
        cmocka_unit_test(every_event_in_every_state),
        cmocka_unit_test(walks_like_the_model),
        cmocka_unit_test(sums),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
