/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: the aggregator as a state machine. The input is a list of orders: reports, datagrams
 * as they may come from the network, time that passes, readings. Aborts where a promise of table.h
 * does not hold: bounded rows, totals that never fall while their program is shown, gauges that are
 * numbers and gone when everybody is.
 */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "collectd-plugin/intake.h"
#include "collectd-plugin/ticks.h"
#include "protocol/buffer.h"
#include "tests/fuzz/fuzz.h"

/* So few rows that the table is often full. */
enum { ROWS_MAX = 6, SHOWN_MAX = 2 * ROWS_MAX };

static void require(bool promise)
{
    if (!promise)
        abort();
}

/* What was dispatched last of what is shown. */
struct shown {
    uint64_t which;
    int64_t derives[CDP_METRICS];
    bool stays; /* shown still */
    bool again; /* in this reading too */
};

struct machine {
    struct cdp_cursor input;
    struct plug_table *table;
    struct plug_report report;
    uint64_t now;
    struct shown shown[SHOWN_MAX];
    size_t shown_count;
};

/* Beyond the end of the input all bytes are 0. */
static uint8_t next(struct machine *m)
{
    uint8_t byte = 0;

    return cdp_cursor_u8(&m->input, &byte) ? byte : 0;
}

static void take(struct machine *m)
{
    struct plug_counts counts;
    enum plug_taken taken;

    for (int step = 0; step < (int)m->input.left % (PLUG_AHEAD + 1); step++)
        plug_table_expect(m->table, &m->report, step);
    taken = plug_table_take(m->table, &m->report, m->now);
    require(taken == PLUG_TAKEN || taken == PLUG_REFUSED_REPLAY || taken == PLUG_REFUSED_FULL);
    counts = plug_table_counts(m->table);
    require(counts.rows <= ROWS_MAX && counts.live <= counts.rows && counts.senders <= counts.rows);
    require(counts.aggregates <= SHOWN_MAX && counts.lost >= 0);
}

/* A number that is mostly small and sometimes beyond reason. */
static int64_t number(struct machine *m)
{
    uint8_t byte = next(m);

    return byte < 250 ? byte : INT64_MAX >> (byte - 250) * 9;
}

static void take_report(struct machine *m)
{
    static const uint64_t sequences[] = {62, 63, 64, 200, 1u << 21, UINT64_MAX - 1, UINT64_MAX};
    struct plug_report *r = &m->report;
    uint8_t kind = next(m), who = next(m), sequence = next(m);

    r->source = kind & 1 ? PLUG_SQLALCHEMY : PLUG_ODBC;
    r->sequenced = (kind & 2) == 0;
    r->farewell = r->sequenced && (kind & 0x1c) == 0;
    r->is_proven = kind & 0x80;
    r->key = 0;
    r->count = kind >> 5 & 3;
    memcpy(r->host, "h0", 3);
    r->host[1] = (char)('0' + who % 2);
    memcpy(r->token, "t0", 3);
    r->token[1] = (char)('0' + who / 2 % 4);
    r->session = r->sequenced ? who / 8 : 0;
    r->sequence = sequence < 248 ? sequence : sequences[sequence - 249 + (sequence == 248)];
    r->time = plug_seconds(next(m));
    r->interval = (uint64_t)next(m) * next(m) * next(m) << 18;
    for (size_t i = 0; i < r->count; i++) {
        struct plug_program *program = &r->programs[i];

        memcpy(program->name, "p0", 3);
        program->name[1] = (char)('0' + next(m) % 8);
        program->groups = next(m) & ((1u << CDP_WIRE_GROUPS) - 1);
        memset(program->values, 0, sizeof(program->values));
        for (size_t k = next(m) % 6; k > 0; k--) {
            size_t metric = next(m) % CDP_WIRE_METRICS;

            if (cdp_metrics[metric].kind == CDP_DERIVE)
                program->values[metric].derive = number(m);
            else
                program->values[metric].gauge = (double)number(m) / 8;
        }
    }
    take(m);
}

static void take_datagram(struct machine *m)
{
    size_t length = (size_t)next(m) << 8 | next(m);
    const uint8_t *bytes;

    if (length > m->input.left)
        length = m->input.left;
    if (cdp_cursor_bytes(&m->input, length, &bytes) &&
        plug_intake(bytes, length, &m->report) == PLUG_REPORT)
        take(m);
}

static uint64_t mix(uint64_t hash, const char *s)
{
    do
        hash = (hash ^ (uint8_t)*s) * UINT64_C(0x100000001b3);
    while (*s++ != '\0');
    return hash;
}

/* Which aggregate it is: a number, for a fuzzer's strcmp is slow. */
static uint64_t identity(enum plug_source source, const char *host, const char *program)
{
    uint64_t hash = mix((uint64_t)source + 1, host);

    return program != NULL ? mix(hash, program) : hash;
}

static struct shown *find_shown(struct machine *m, uint64_t which)
{
    for (size_t i = 0; i < m->shown_count; i++)
        if (m->shown[i].which == which)
            return &m->shown[i];
    return NULL;
}

static void check_figures(struct machine *m, const struct plug_figures *f, bool all_gone)
{
    uint64_t which = identity(f->source, f->host, f->is_host ? NULL : f->program);
    struct shown *s = find_shown(m, which);

    if (s == NULL) {
        require(m->shown_count < SHOWN_MAX);
        s = &m->shown[m->shown_count++];
        *s = (struct shown){.which = which};
    }
    require(!s->again); /* nothing is shown twice */
    s->again = true;
    for (size_t k = 0; k < CDP_METRICS; k++) {
        if (!f->present[k])
            continue;
        if (cdp_metrics[k].kind == CDP_DERIVE) {
            require(f->values[k].derive >= s->derives[k]);
            s->derives[k] = f->values[k].derive;
        } else {
            require(isfinite(f->values[k].gauge) && f->values[k].gauge >= 0);
            require(!all_gone || k == CDP_REUSE || f->values[k].gauge == 0);
        }
    }
}

/* What is no longer shown may begin anew. */
static void keep_shown(struct machine *m, const struct plug_aggregates *all)
{
    size_t kept = 0;

    for (const struct plug_link *l = all->shown.next; l != &all->shown; l = l->next) {
        const struct plug_aggregate *a =
            (const void *)((const char *)l - offsetof(struct plug_aggregate, shown));
        struct shown *s = a->host == NULL
                              ? find_shown(m, identity(a->source, a->name, NULL))
                              : find_shown(m, identity(a->source, a->host->name, a->name));

        if (s != NULL)
            s->stays = true;
    }
    for (size_t i = 0; i < m->shown_count; i++)
        if (m->shown[i].stays) {
            m->shown[kept] = m->shown[i];
            m->shown[kept].stays = m->shown[kept].again = false;
            kept++;
        }
    m->shown_count = kept;
}

static void read_all(struct machine *m, bool all_gone)
{
    struct plug_aggregates *all = plug_table_aggregates(m->table);
    struct plug_figures figures[5];
    size_t n;

    require(plug_table_is_ready(m->table, m->now));
    plug_table_expire(m->table, m->now);
    keep_shown(m, all);
    plug_aggregates_rewind(all);
    while ((n = plug_aggregates_read(all, figures, 5)) > 0)
        for (size_t i = 0; i < n; i++)
            check_figures(m, &figures[i], all_gone);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct machine m;
    const struct plug_secret secret = {.k0 = size};

    memset(&m, 0, sizeof(m));
    m.input = (struct cdp_cursor){.at = data, .left = size};
    m.now = plug_seconds(1000);
    m.table = plug_table_new(ROWS_MAX, &secret, 0);
    require(m.table != NULL);
    while (m.input.left > 0) {
        uint8_t order = next(&m);

        if (order < 160)
            take_report(&m);
        else if (order < 200)
            take_datagram(&m);
        else if (order < 225)
            read_all(&m, false);
        else /* up to some 90 days, mostly seconds */
            m.now += (uint64_t)next(&m) << (28 + order % 24 / (order % 3 + 1));
    }
    read_all(&m, false);
    m.now += plug_seconds(3 * 3601 * 2); /* longer than any interval */
    read_all(&m, true);
    require(plug_table_counts(m.table).live == 0);
    plug_table_free(&m.table);
    return 0;
}
