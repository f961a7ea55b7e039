/* SPDX-License-Identifier: MIT */
/*
 * The table against a reference that keeps every datagram that ever arrived and works everything
 * out from scratch: random processes over a network that loses, delays, reorders and repeats.
 *
 * What must hold after any schedule: totals of programs and hosts are what the senders had counted
 * by the newest datagram that arrived, each session once; `lost` is what they sent and what never
 * arrived; gauges are those of the processes that report at present. And nothing that arrived, sent
 * again after all is forgotten, changes anything.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "collectd-plugin/table.h"
#include "collectd-plugin/ticks.h"
#include "protocol/replay.h"

enum {
    HOSTS = 2,
    PROGRAMS = 4,
    PROGRAMS_PER_SESSION = 2,
    TOKENS = 20,
    SESSIONS = 120,
    DATAGRAMS = 20000,
    SCHEDULES = 40,
};

#define EPOCH     plug_seconds(5000)
#define TICK      (plug_seconds(1) / 64)
#define END_TICKS (64 * 180)

struct session {
    unsigned host, token;
    unsigned programs[PROGRAMS_PER_SESSION];
    uint64_t sequence;
    uint64_t interval; /* ticks; a power of two, so that the table's lanes are exact */
    uint64_t begin, end;
    bool says_farewell;
    int64_t totals[PROGRAMS_PER_SESSION];
    /* The reference's: */
    uint64_t arrived, first, lowest, highest;
    bool departed;
};

struct datagram {
    uint64_t arrives; /* tick */
    unsigned session;
    unsigned which; /* of the session's programs */
    uint64_t sequence;
    bool farewell, is_copy;
    int64_t total;
    double gauge, oldest;
};

struct row {
    uint64_t newest, heard; /* sequence + 1, tick; 0: never */
    int64_t total;
    double gauge, oldest;
};

static struct world {
    uint64_t random;
    unsigned loss, copies, delay; /* per cent, per cent, ticks */
    uint64_t cut_begin, cut_end;  /* host 0 is cut off */
    struct session sessions[SESSIONS];
    struct datagram datagrams[DATAGRAMS];
    size_t count;
    struct row rows[SESSIONS][PROGRAMS_PER_SESSION];
    uint64_t copies_refused, copies_sent;
} w;

static uint64_t dice(uint64_t n)
{
    w.random = w.random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (w.random >> 33) % n;
}

/* Puts a datagram on the way: it may get lost, late, or there twice. */
static void post(const struct datagram *d, uint64_t sent)
{
    const struct session *s = &w.sessions[d->session];
    bool cut = s->host == 0 && sent >= w.cut_begin && sent < w.cut_end;
    unsigned copies = dice(100) < w.copies ? 2 : 1;

    if (cut || dice(100) < w.loss)
        return;
    for (unsigned i = 0; i < copies; i++) {
        struct datagram *copy = &w.datagrams[w.count++];

        assert_true(w.count <= DATAGRAMS);
        *copy = *d;
        copy->is_copy = i > 0;
        copy->arrives = sent + (w.delay > 0 ? dice(w.delay) : 0);
        /* A copy must not come first, or the original would be the one that is refused. */
        if (i > 0 && copy->arrives < copy[-1].arrives)
            copy->arrives = copy[-1].arrives;
    }
}

static void report(struct session *s, unsigned number, uint64_t now, bool farewell)
{
    for (unsigned k = 0; k < PROGRAMS_PER_SESSION; k++) {
        s->totals[k] += (int64_t)dice(10);

        struct datagram d = {.session = number,
                             .which = k,
                             .sequence = s->sequence++,
                             .farewell = farewell,
                             .total = s->totals[k],
                             .gauge = (double)dice(20),
                             .oldest = (double)dice(1000) / 8};

        post(&d, now);
    }
}

static int by_arrival(const void *a, const void *b)
{
    const struct datagram *x = a, *y = b;

    if (x->arrives != y->arrives)
        return x->arrives < y->arrives ? -1 : 1;
    return x->is_copy - y->is_copy; /* originals first, else as it comes */
}

static void make_world(uint64_t seed)
{
    memset(&w, 0, sizeof(w));
    w.random = seed;
    w.loss = dice(3) == 0 ? 0 : (unsigned)dice(40);
    w.copies = dice(3) == 0 ? 0 : (unsigned)dice(40);
    w.delay = dice(3) == 0 ? 0 : (unsigned)dice(64 * (PLUG_LATE_S - 1));
    w.cut_begin = dice(END_TICKS);
    w.cut_end = w.cut_begin + dice(64 * 60);
    for (unsigned i = 0; i < SESSIONS; i++) {
        struct session *s = &w.sessions[i];

        s->token = (unsigned)dice(TOKENS);
        s->host = s->token % HOSTS;
        s->programs[0] = (unsigned)dice(PROGRAMS);
        s->programs[1] = (s->programs[0] + 1 + (unsigned)dice(PROGRAMS - 1)) % PROGRAMS;
        s->interval = UINT64_C(64) << dice(3); /* 1, 2, 4 s */
        s->begin = dice(END_TICKS - 64 * 60);
        s->end = s->begin + dice(64 * 50);
        s->says_farewell = dice(4) > 0;
        for (uint64_t now = s->begin; now < s->end; now += s->interval)
            report(s, i, now, false);
        if (s->says_farewell)
            report(s, i, s->end, true);
    }
    qsort(w.datagrams, w.count, sizeof(w.datagrams[0]), by_arrival);
}

/* --- the reference --- */

static void model_take(const struct datagram *d)
{
    struct session *s = &w.sessions[d->session];
    struct row *row = &w.rows[d->session][d->which];

    if (s->arrived++ == 0)
        s->first = s->lowest = d->sequence;
    if (d->sequence < s->lowest)
        s->lowest = d->sequence;
    if (d->sequence > s->highest)
        s->highest = d->sequence;
    s->departed |= d->farewell;
    if (d->total > row->total)
        row->total = d->total;
    if (d->sequence + 1 > row->newest && !s->departed) {
        row->newest = d->sequence + 1;
        row->heard = d->arrives;
        row->gauge = d->gauge;
        row->oldest = d->oldest;
    }
}

static bool model_is_live(unsigned session, unsigned which, uint64_t now)
{
    const struct row *row = &w.rows[session][which];

    return !w.sessions[session].departed && row->newest > 0 &&
           now - row->heard <= 3 * w.sessions[session].interval;
}

struct sum {
    int64_t total;
    double gauge, oldest, processes;
};

/* `program` PROGRAMS: the whole host. */
static struct sum model_sum(unsigned host, unsigned program, uint64_t now)
{
    bool tokens[TOKENS] = {false};
    struct sum sum = {0};

    for (unsigned i = 0; i < SESSIONS; i++)
        for (unsigned k = 0; k < PROGRAMS_PER_SESSION; k++) {
            const struct session *s = &w.sessions[i];

            if (s->host != host || (program != PROGRAMS && s->programs[k] != program))
                continue;
            sum.total += w.rows[i][k].total;
            if (!model_is_live(i, k, now))
                continue;
            tokens[s->token] = true;
            sum.gauge += w.rows[i][k].gauge;
            if (w.rows[i][k].oldest > sum.oldest)
                sum.oldest = w.rows[i][k].oldest;
        }
    for (unsigned i = 0; i < TOKENS; i++)
        sum.processes += tokens[i];
    return sum;
}

/* --- the table --- */

static enum plug_taken table_take(struct plug_table *table, const struct datagram *d)
{
    static struct plug_report r;
    const struct session *s = &w.sessions[d->session];
    struct plug_program *program = &r.programs[0];

    r.source = PLUG_ODBC;
    (void)snprintf(r.host, sizeof(r.host), "h%u", s->host);
    (void)snprintf(r.token, sizeof(r.token), "%u:x", s->token);
    r.sequenced = true;
    r.session = d->session;
    r.sequence = d->sequence;
    r.farewell = d->farewell;
    r.is_proven = true;
    r.time = dice(3) * plug_seconds(3600); /* whatever its clock says */
    r.interval = s->interval * TICK;
    r.count = 1;
    (void)snprintf(program->name, sizeof(program->name), "p%u", s->programs[d->which]);
    program->groups = (1u << CDP_WIRE_GROUPS) - 1;
    memset(program->values, 0, sizeof(program->values));
    program->values[CDP_COMMITS].derive = d->total;
    program->values[CDP_CONNECTIONS].gauge = d->gauge;
    program->values[CDP_OLDEST].gauge = d->oldest;
    return plug_table_take(table, &r, EPOCH + d->arrives * TICK);
}

static void check(struct plug_table *table, uint64_t now, bool first)
{
    static struct plug_figures figures[64];
    struct plug_aggregates *all = plug_table_aggregates(table);
    size_t n;

    plug_table_expire(table, EPOCH + now * TICK);
    plug_aggregates_rewind(all);
    n = plug_aggregates_read(all, figures, 64);
    for (size_t i = 0; i < n; i++) {
        const struct plug_figures *f = &figures[i];
        unsigned host = (unsigned)(f->host[1] - '0');
        struct sum sum =
            model_sum(host, f->is_host ? PROGRAMS : (unsigned)(f->program[1] - '0'), now);

        if (!first)
            assert_int_equal(f->values[CDP_COMMITS].derive, sum.total);
        assert_true(f->values[CDP_CONNECTIONS].gauge == sum.gauge);
        assert_true(f->values[CDP_OLDEST].gauge == sum.oldest);
        assert_true(f->values[CDP_NUMPROCS].gauge == sum.processes);
    }
}

/* Of the sessions that anything came of: from number 0 on if the first that came was soon after. */
static void check_lost(const struct plug_table *table)
{
    int64_t lost = 0;

    for (unsigned i = 0; i < SESSIONS; i++) {
        const struct session *s = &w.sessions[i];
        uint64_t base = s->first < CDP_REPLAY_WINDOW ? 0 : s->lowest;

        if (s->arrived > 0)
            lost += (int64_t)(s->highest + 1 - base - s->arrived);
    }
    assert_int_equal(plug_table_counts(table).lost, lost);
}

/* When all is forgotten, whoever recorded it sends it again. */
static void check_recorded(struct plug_table *table)
{
    plug_table_expire(table, EPOCH + plug_seconds(2 * PLUG_SILENT_S));
    assert_int_equal(plug_table_counts(table).rows, 0);
    for (size_t i = 0; i < w.count; i++) {
        w.datagrams[i].arrives = 2 * PLUG_SILENT_S * 64 + i;
        assert_int_equal(table_take(table, &w.datagrams[i]), PLUG_REFUSED_REPLAY);
    }
    assert_int_equal(plug_table_counts(table).rows, 0);
}

static void run_schedule(uint64_t seed)
{
    const struct plug_secret secret = {.k0 = seed, .k1 = ~seed};
    /* It has been there for long: what begins now begins under its eyes. */
    struct plug_table *table = plug_table_new(SESSIONS * PROGRAMS_PER_SESSION, &secret, 0);
    uint64_t now = 0;
    size_t next = 0;

    make_world(seed);
    while (now < END_TICKS + 64 * 20) {
        for (; next < w.count && w.datagrams[next].arrives <= now; next++) {
            const struct datagram *d = &w.datagrams[next];

            assert_int_equal(table_take(table, d), d->is_copy ? PLUG_REFUSED_REPLAY : PLUG_TAKEN);
            if (!d->is_copy)
                model_take(d);
        }
        check(table, now, true); /* of an aggregate that is new it is the first reading */
        check(table, now, false);
        now += 1 + dice(64 * 10);
    }
    assert_int_equal(next, w.count);
    check_lost(table);
    check_recorded(table);
    plug_table_free(&table);
}

static void test_random_schedules(void **state)
{
    const char *given = getenv("SEED");
    uint64_t seed = given != NULL ? strtoull(given, NULL, 0) : 20240501;

    (void)state;
    for (unsigned i = 0; i < SCHEDULES; i++, seed = seed * 31 + 7) {
        print_message("SEED=%llu\n", (unsigned long long)seed);
        run_schedule(seed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_schedules)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
