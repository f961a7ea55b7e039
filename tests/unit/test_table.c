/* SPDX-License-Identifier: MIT */
/*
 * The table against schedules written by hand: each a list of reports at their times of receipt,
 * and of what is to be read in between.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "collectd-plugin/table.h"
#include "collectd-plugin/ticks.h"

#define HOST_SUM NULL
#define ABSENT   (-1)
#define EPOCH    plug_seconds(1000000)

enum what { END, REPORT, FAREWELL, PLAIN, REFUSED, EXPECT, WANT_OLDEST, WANT_ROWS };

/* Every report is of host "h", interval 2 s, unless the case says otherwise. */
struct step {
    enum what what;
    int line;
    double at; /* seconds since the table was made */
    const char *token;
    uint64_t session, sequence; /* PLAIN: sequence is the sender's clock in seconds */
    const char *program;
    double total, gauge; /* checkouts; checkedout, and for WANT_OLDEST the oldest */
    double processes, lost;
};

#define R(at, token, session, sequence, program, total, gauge)                                     \
    {                                                                                              \
        REPORT, __LINE__, at, token, session, sequence, program, total, gauge, 0, 0                \
    }
#define F(at, token, session, sequence, program, total)                                            \
    {                                                                                              \
        FAREWELL, __LINE__, at, token, session, sequence, program, total, 0, 0, 0                  \
    }
/* A report of a sender without sequence. */
#define P(at, token, clock, program, total, gauge)                                                 \
    {                                                                                              \
        PLAIN, __LINE__, at, token, 0, clock, program, total, gauge, 0, 0                          \
    }
/* A report that is refused as a replay. */
#define X(at, token, session, sequence, program, total)                                            \
    {                                                                                              \
        REFUSED, __LINE__, at, token, session, sequence, program, total, 9, 0, 0                   \
    }
#define E(at, program, total, gauge, processes, lost)                                              \
    {                                                                                              \
        EXPECT, __LINE__, at, NULL, 0, 0, program, total, gauge, processes, lost                   \
    }
#define GONE(at, program) E(at, program, ABSENT, 0, 0, 0)
#define OLDEST(at, program, n)                                                                     \
    {                                                                                              \
        WANT_OLDEST, __LINE__, at, NULL, 0, 0, program, 0, n, 0, 0                                 \
    }
#define ROWS(at, n)                                                                                \
    {                                                                                              \
        WANT_ROWS, __LINE__, at, NULL, 0, 0, NULL, n, 0, 0, 0                                      \
    }
#define STEPS 32

static const struct schedule {
    const char *name;
    struct step steps[STEPS];
} schedules[] = {
    {"a report counts for its program and its host",
     {R(1, "1:a", 7, 0, "p", 10, 3), R(1, "2:b", 8, 0, "q", 5, 1), E(2, "p", 10, 3, 1, 0),
      E(2, "q", 5, 1, 1, 0), E(2, HOST_SUM, 15, 4, 2, 0)}},
    {"gauges leave after three intervals without a report, totals stay",
     {R(1, "1:a", 7, 0, "p", 10, 3), E(7, "p", 10, 3, 1, 0), E(7.01, "p", 10, 0, 0, 0),
      E(7.01, HOST_SUM, 10, 0, 0, 0)}},
    {"zeros for ten minutes, then nothing; the host keeps the total",
     {R(1, "1:a", 7, 0, "p", 10, 3), F(2, "1:a", 7, 1, "p", 12), R(300, "2:b", 8, 0, "q", 1, 0),
      E(601, "p", 12, 0, 0, 0), GONE(602.5, "p"), E(602.5, HOST_SUM, 13, 0, 0, 0)}},
    {"a program that comes back within the hour goes on from its total",
     {R(1, "1:a", 7, 0, "p", 10, 3), F(2, "1:a", 7, 1, "p", 12), GONE(700, "p"),
      R(900, "2:b", 8, 0, "p", 1, 1), E(901, "p", 13, 1, 1, 0)}},
    {"a farewell takes gauges at once, and its totals count",
     {R(1, "1:a", 7, 0, "p", 10, 3), F(2, "1:a", 7, 1, "p", 14), E(2, "p", 14, 0, 0, 0)}},
    {"a process whose only datagram is its farewell",
     {F(1, "1:a", 7, 0, "p", 14), E(2, "p", 14, 0, 0, 0), E(2, HOST_SUM, 14, 0, 0, 0)}},
    {"a late datagram after the farewell counts nothing twice",
     {R(1, "1:a", 7, 0, "p", 10, 3), F(3, "1:a", 7, 2, "p", 14), R(4, "1:a", 7, 1, "p", 12, 3),
      E(5, "p", 14, 0, 0, 0), E(20, "p", 14, 0, 0, 0)}},
    {"a farewell of two datagrams that overtake each other",
     {R(1, "1:a", 7, 0, "p", 10, 3), R(1, "1:a", 7, 1, "q", 20, 4), F(3, "1:a", 7, 3, "q", 25),
      F(3, "1:a", 7, 2, "p", 15), E(4, "p", 15, 0, 0, 0), E(4, "q", 25, 0, 0, 0),
      E(4, HOST_SUM, 40, 0, 0, 0)}},
    {"a farewell is final",
     {F(1, "1:a", 7, 0, "p", 10), R(2, "1:a", 7, 1, "p", 11, 3), E(3, "p", 11, 0, 0, 0)}},
    {"a repeated datagram is refused",
     {R(1, "1:a", 7, 0, "p", 10, 3), X(1, "1:a", 7, 0, "p", 99), F(2, "1:a", 7, 1, "p", 11),
      X(3, "1:a", 7, 1, "p", 99), X(3000, "1:a", 7, 1, "p", 99),
      E(3000, HOST_SUM, ABSENT, 0, 0, 0)}},
    {"a late datagram raises totals, never gauges",
     {R(1, "1:a", 7, 0, "p", 10, 3), R(3, "1:a", 7, 2, "p", 11, 5), R(3, "1:a", 7, 1, "p", 12, 7),
      E(4, "p", 12, 5, 1, 0)}},
    {"a late datagram is the newest for another program of its sender",
     {R(1, "1:a", 7, 1, "q", 1, 1), R(1, "1:a", 7, 0, "p", 10, 3), E(2, "p", 10, 3, 1, 0),
      E(2, "q", 1, 1, 1, 0), E(2, HOST_SUM, 11, 4, 1, 0)}},
    {"after a cut of the network only what is new counts, and what was lost is told",
     {R(1, "1:a", 7, 0, "p", 10, 3), E(100, "p", 10, 0, 0, 0), R(101, "1:a", 7, 50, "p", 15, 2),
      E(102, "p", 15, 2, 1, 0), E(110, "p", 15, 0, 0, 49)}},
    {"and after a cut that outlives the program's zeros",
     {R(1, "1:a", 7, 0, "p", 10, 3), E(20, "p", 10, 0, 0, 0), GONE(3000, "p"),
      R(3001, "1:a", 7, 1500, "p", 15, 2), E(3002, "p", 15, 2, 1, 1436),
      E(3010, HOST_SUM, 15, 0, 0, 1499)}},
    {"what left the window counts as lost at once",
     {R(1, "1:a", 7, 0, "p", 1, 1), R(3, "1:a", 7, 100, "p", 2, 1), E(3, "p", 2, 1, 1, 36),
      E(9, "p", 2, 1, 1, 99)}},
    {"a datagram that is overtaken and comes in time is not lost",
     {R(1, "1:a", 7, 0, "p", 1, 1), R(3, "1:a", 7, 2, "p", 3, 1), R(7.5, "1:a", 7, 1, "p", 2, 1),
      E(8, "p", 3, 1, 1, 0), E(30, "p", 3, 0, 0, 0)}},
    {"one that comes too late is lost, and refused",
     {R(1, "1:a", 7, 0, "p", 1, 1), R(3, "1:a", 7, 2, "p", 3, 1), E(8.5, "p", 3, 1, 1, 1),
      X(8.6, "1:a", 7, 1, "p", 99), E(9, "p", 3, 1, 1, 1)}},
    {"the first datagrams of a session that began under our eyes are lost if they do not come",
     {R(100, "1:a", 7, 3, "p", 9, 1), E(101, "p", 9, 1, 1, 0), E(106, "p", 9, 1, 1, 3)}},
    {"those of one that may have begun before us are not",
     {R(1, "1:a", 7, 3, "p", 9, 1), E(2, "p", 9, 1, 1, 0), E(106, "p", 9, 0, 0, 0)}},
    {"a sequence that jumps beyond reason counts as a bounded loss",
     {R(1, "1:a", 7, 0, "p", 1, 1), R(2, "1:a", 7, UINT64_MAX, "p", 2, 1),
      E(20, "p", 2, 0, 0, 1 << 20)}},
    {"a restarted process, with a new token",
     {R(1, "1:a", 7, 0, "p", 10, 3), F(2, "1:a", 7, 1, "p", 10), R(3, "2:b", 8, 0, "p", 1, 1),
      E(4, "p", 11, 1, 1, 0)}},
    {"a token used again by a new session counts once, and its total from the start",
     {R(1, "1:a", 7, 0, "p", 10, 3), R(2, "1:a", 9, 0, "p", 4, 1), E(3, "p", 14, 4, 1, 0),
      E(7.5, "p", 14, 1, 1, 0)}},
    {"a wide and an ANSI library in one process count as one process",
     {R(1, "1:a", 7, 0, "p", 10, 3), R(1, "1:a", 8, 0, "p", 5, 1), R(1, "1:a", 8, 1, "q", 5, 1),
      E(2, "p", 15, 4, 1, 0), E(2, "q", 5, 1, 1, 0), E(2, HOST_SUM, 20, 5, 1, 0),
      F(3, "1:a", 8, 2, "q", 5), E(3, "p", 15, 3, 1, 0), E(3, "q", 5, 0, 0, 0),
      E(3, HOST_SUM, 20, 3, 1, 0)}},
    {"a report without programs makes the process count for its host",
     {R(1, "1:a", 7, 0, NULL, 0, 0), E(2, HOST_SUM, ABSENT, 0, 1, 0), R(3, "1:a", 7, 1, "p", 1, 1),
      E(4, HOST_SUM, 1, 1, 1, 0), F(5, "1:a", 7, 2, NULL, 0), E(5, HOST_SUM, 1, 0, 0, 0)}},
    {"a program that its process no longer names loses its gauges, not those of the others",
     {R(1, "1:a", 7, 0, "p", 10, 3), R(1, "1:a", 7, 1, "q", 1, 1), R(3, "1:a", 7, 2, "p", 10, 3),
      R(5, "1:a", 7, 3, "p", 10, 3), R(7, "1:a", 7, 4, "p", 10, 3), E(8, "p", 10, 3, 1, 0),
      E(8, "q", 1, 0, 0, 0), E(8, HOST_SUM, 11, 3, 1, 0)}},
    {"a total that falls within a session is not believed",
     {R(1, "1:a", 7, 0, "p", 10, 3), R(3, "1:a", 7, 1, "p", 4, 2), E(4, "p", 10, 2, 1, 0)}},
    {"the oldest checkout is that of the process that has it longest",
     {R(1, "1:a", 7, 0, "p", 1, 40), R(1, "2:b", 8, 0, "p", 1, 90.5), R(1, "3:c", 9, 0, "q", 1, 60),
      OLDEST(1, "p", 90.5), OLDEST(1, HOST_SUM, 90.5), F(2, "2:b", 8, 1, "p", 1),
      OLDEST(2, "p", 40), OLDEST(2, HOST_SUM, 60), R(3, "3:c", 9, 1, "q", 1, 0),
      OLDEST(3, HOST_SUM, 40), OLDEST(8, HOST_SUM, 0)}},
    {"gauges beyond reason leave no trace when they go",
     {R(1, "1:a", 7, 0, "p", 0, 2), R(1, "2:b", 8, 0, "p", 0, 1e300),
      R(1, "3:c", 9, 0, "p", 0, 0.1), F(2, "2:b", 8, 1, "p", 0), F(2, "3:c", 9, 1, "p", 0),
      E(3, "p", 0, 2, 1, 0)}},
    {"without sequence: a total that falls is a process that began anew",
     {P(1, "1:a", 500, "p", 10, 3), P(3, "1:a", 502, "p", 12, 3), P(5, "1:a", 504, "p", 2, 1),
      E(6, "p", 14, 1, 1, 0)}},
    {"without sequence: a late or repeated datagram is no new beginning",
     {P(1, "1:a", 500, "p", 10, 3), P(3, "1:a", 502, "p", 12, 4), P(3, "1:a", 500, "p", 10, 3),
      P(3, "1:a", 502, "p", 12, 4), E(4, "p", 12, 4, 1, 0)}},
    {"without sequence: a clock that is set back by an hour",
     {P(1, "1:a", 9000, "p", 10, 3), P(3, "1:a", 5402, "p", 12, 4), E(4, "p", 12, 4, 1, 0),
      P(5, "1:a", 5404, "p", 13, 5), E(6, "p", 13, 5, 1, 0)}},
    {"without sequence: expiry, and what is new afterwards",
     {P(1, "1:a", 500, "p", 10, 3), E(60, "p", 10, 0, 0, 0), P(61, "1:a", 560, "p", 13, 2),
      E(62, "p", 13, 2, 1, 0)}},
    {"a sender that was forgotten an hour after its farewell",
     {F(1, "1:a", 7, 0, "p", 10), ROWS(3600, 1), ROWS(3602, 0)}},
    {"one that fell silent is remembered for a week",
     {R(1, "1:a", 7, 0, "p", 10, 1), ROWS(10, 1), ROWS(604800, 1), ROWS(604811, 0)}},
    {"a datagram of it that is sent again counts as a new process's",
     {F(1, "1:a", 7, 0, "p", 10), ROWS(3602, 0), F(3603, "1:a", 7, 0, "p", 10),
      E(3604, "p", 10, 0, 0, 0)}},
};

/* The same with reports that are proven. */
static const struct schedule signed_schedules[] = {
    {"a datagram sent again is refused, and so is all else of a session that said farewell",
     {R(1, "1:a", 7, 0, "p", 9, 1), F(2, "1:a", 7, 1, "p", 10), ROWS(3603, 0),
      X(3604, "1:a", 7, 0, "p", 9), X(3604, "1:a", 7, 1, "p", 10), X(3604, "1:a", 7, 9, "p", 11),
      X(86400, "1:a", 7, 1, "p", 10), ROWS(86401, 0), GONE(86401, "p")}},
    {"what is new of a session that fell silent is taken",
     {R(1, "1:a", 7, 0, "p", 9, 1), R(3, "1:a", 7, 70, "p", 10, 1), ROWS(12, 1), ROWS(604900, 0),
      X(604901, "1:a", 7, 69, "p", 10), X(604901, "1:a", 7, 70, "p", 10),
      R(604901, "1:a", 7, 71, "p", 11, 2), E(604902, "p", 11, 2, 1, 0), ROWS(604920, 1),
      ROWS(1300000, 0), X(1300001, "1:a", 7, 71, "p", 11)}},
    {"a new session of the same token is taken",
     {F(1, "1:a", 7, 0, "p", 10), ROWS(3602, 0), R(3603, "1:a", 8, 0, "p", 1, 1),
      E(3604, "p", 1, 1, 1, 0)}},
};

static const struct plug_secret secret = {.k0 = 1, .k1 = 2};

static void make_report(struct plug_report *report, const struct step *step)
{
    struct plug_program *program = &report->programs[0];

    report->source = PLUG_ODBC;
    strcpy(report->host, "h");
    strcpy(report->token, step->token);
    report->sequenced = step->what != PLAIN;
    report->farewell = step->what == FAREWELL;
    report->session = step->session;
    report->sequence = report->sequenced ? step->sequence : 0;
    report->time = report->sequenced ? 0 : plug_seconds(step->sequence);
    report->interval = plug_seconds(2);
    report->count = step->program != NULL ? 1 : 0;
    if (step->program == NULL)
        return;
    strcpy(program->name, step->program);
    program->groups = (1u << CDP_WIRE_GROUPS) - 1;
    memset(program->values, 0, sizeof(program->values));
    program->values[CDP_CHECKOUTS].derive = (int64_t)step->total;
    program->values[CDP_CHECKEDOUT].gauge = step->gauge;
    program->values[CDP_OLDEST].gauge = step->gauge;
}

/* Reads all, and finds one; false if it is not there. */
static bool read_one(struct plug_table *table, const char *program, struct plug_figures *found)
{
    static struct plug_figures figures[8];
    struct plug_aggregates *all = plug_table_aggregates(table);
    bool is_there = false;
    size_t n;

    plug_aggregates_rewind(all);
    while ((n = plug_aggregates_read(all, figures, 8)) > 0)
        for (size_t i = 0; i < n; i++)
            if (program == HOST_SUM
                    ? figures[i].is_host
                    : !figures[i].is_host && strcmp(figures[i].program, program) == 0) {
                *found = figures[i];
                is_there = true;
            }
    return is_there;
}

static bool is_as_expected(struct plug_table *table, const struct step *step)
{
    struct plug_figures f, first;
    /* The first reading of an aggregate has what it had inherited. */
    bool is_there = read_one(table, step->program, &first) && read_one(table, step->program, &f);

    if (step->what == WANT_ROWS)
        return plug_table_counts(table).rows == (size_t)step->total;
    if (!is_there || step->total == ABSENT)
        return step->total == ABSENT &&
               (!is_there || (step->program == HOST_SUM && !f.present[CDP_CHECKOUTS] &&
                              f.values[CDP_NUMPROCS].gauge == step->processes));
    if (step->what == WANT_OLDEST)
        return f.values[CDP_OLDEST].gauge == step->gauge;
    if (f.values[CDP_CHECKOUTS].derive == (int64_t)step->total &&
        f.values[CDP_CHECKEDOUT].gauge == step->gauge &&
        f.values[CDP_NUMPROCS].gauge == step->processes &&
        f.values[CDP_LOST].derive == (int64_t)step->lost)
        return true;
    print_error("checkouts %lld checkedout %g numprocs %g lost %lld, expected %g %g %g %g\n",
                (long long)f.values[CDP_CHECKOUTS].derive, f.values[CDP_CHECKEDOUT].gauge,
                f.values[CDP_NUMPROCS].gauge, (long long)f.values[CDP_LOST].derive, step->total,
                step->gauge, step->processes, step->lost);
    return false;
}

static void run(const struct schedule *schedule, bool is_proven)
{
    static struct plug_report report;
    struct plug_table *table = plug_table_new(1000, &secret, EPOCH);

    assert_non_null(table);
    for (const struct step *step = schedule->steps; step->what != END; step++) {
        uint64_t now = EPOCH + (uint64_t)(step->at * (double)plug_seconds(1));
        bool ok;

        if (step->what >= EXPECT) {
            plug_table_expire(table, now);
            ok = is_as_expected(table, step);
        } else {
            make_report(&report, step);
            report.is_proven = is_proven;
            ok = plug_table_take(table, &report, now) ==
                 (step->what == REFUSED ? PLUG_REFUSED_REPLAY : PLUG_TAKEN);
        }
        if (!ok)
            fail_msg("line %d: \"%s\", at %g s", step->line, schedule->name, step->at);
    }
    plug_table_free(&table);
}

static void test_schedules(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(schedules) / sizeof(schedules[0]); i++)
        run(&schedules[i], false);
    for (size_t i = 0; i < sizeof(signed_schedules) / sizeof(signed_schedules[0]); i++)
        run(&signed_schedules[i], true);
}

static void take(struct plug_table *table, uint64_t session, uint64_t sequence, const char *program,
                 double total, double at, enum plug_taken expected)
{
    static struct plug_report report;
    char token[32];
    struct step step = {.what = REPORT,
                        .token = token,
                        .session = session,
                        .sequence = sequence,
                        .program = program,
                        .total = total,
                        .gauge = 1};

    (void)snprintf(token, sizeof(token), "%llu:x", (unsigned long long)session);
    make_report(&report, &step);
    assert_int_equal(
        plug_table_take(table, &report, EPOCH + (uint64_t)(at * (double)plug_seconds(1))),
        expected);
}

static void test_full(void **state)
{
    struct plug_table *table = plug_table_new(3, &secret, EPOCH);
    struct plug_figures f;

    (void)state;
    take(table, 1, 0, "p", 5, 1, PLUG_TAKEN);
    take(table, 2, 0, "p", 5, 2, PLUG_TAKEN);
    take(table, 3, 0, "p", 5, 3, PLUG_TAKEN);
    take(table, 4, 0, "p", 5, 3, PLUG_REFUSED_FULL);
    take(table, 3, 1, "q", 5, 3, PLUG_REFUSED_FULL); /* a second program is a second row */
    take(table, 3, 2, "p", 6, 3, PLUG_TAKEN);
    /* The first is silent by now, and makes room. */
    take(table, 4, 1, "p", 5, 7.5, PLUG_TAKEN);
    assert_int_equal(plug_table_counts(table).rows, 3);
    plug_table_expire(table, EPOCH + plug_seconds(8));
    assert_true(read_one(table, "p", &f) && read_one(table, "p", &f));
    assert_int_equal(f.values[CDP_CHECKOUTS].derive, 21);
    /* A sender makes room for a program of its own, but not at its own cost. */
    take(table, 4, 2, "r", 5, 60, PLUG_TAKEN);
    take(table, 4, 3, "s", 5, 60, PLUG_TAKEN);
    take(table, 4, 4, "t", 5, 60, PLUG_REFUSED_FULL);
    take(table, 4, 5, "t", 5, 90, PLUG_REFUSED_FULL);
    take(table, 4, 6, "r", 6, 90, PLUG_TAKEN);
    plug_table_free(&table);
}

/* What had to make room is not brought back by what somebody recorded of it. */
static void test_recorded(void **state)
{
    static struct plug_report report;
    struct plug_table *table = plug_table_new(2, &secret, EPOCH);
    struct step step = {.what = FAREWELL, .token = "1:a", .program = "p", .total = 1};
    struct plug_figures f;

    (void)state;
    for (int again = 0; again < 2; again++) {
        for (step.session = 0; step.session < 6; step.session++) {
            make_report(&report, &step);
            report.is_proven = true;
            assert_int_equal(plug_table_take(table, &report, EPOCH),
                             again ? PLUG_REFUSED_REPLAY : PLUG_TAKEN);
        }
    }
    assert_true(read_one(table, "p", &f) && read_one(table, "p", &f));
    assert_int_equal(f.values[CDP_CHECKOUTS].derive, 6);
    plug_table_free(&table);
}

/* Tokens, programs and hosts without end. */
static void test_bounded(void **state)
{
    static struct plug_report report;
    struct plug_table *table = plug_table_new(1000, &secret, EPOCH);
    struct step step = {.what = FAREWELL, .token = "", .program = "p", .total = 1};
    size_t most = 0;

    (void)state;
    for (unsigned i = 0; i < 300000; i++) {
        struct plug_counts counts;

        make_report(&report, &step);
        (void)snprintf(report.token, sizeof(report.token), "%u:x", i);
        (void)snprintf(report.host, sizeof(report.host), "h%u", i / 7);
        (void)snprintf(report.programs[0].name, sizeof(report.programs[0].name), "p%u", i / 3);
        report.session = i;
        assert_in_range(plug_table_take(table, &report, EPOCH + plug_seconds(i / 1000)), PLUG_TAKEN,
                        PLUG_REFUSED_FULL);
        counts = plug_table_counts(table);
        assert_true(counts.rows <= 1000 && counts.senders <= 1000);
        most = counts.aggregates > most ? counts.aggregates : most;
    }
    assert_true(most <= 2000);
    plug_table_free(&table);
    assert_null(table);
    plug_table_free(&table);
}

/* Processes that come and go leave nothing behind in the maxima. */
static void test_places(void **state)
{
    struct plug_table *table = plug_table_new(10, &secret, EPOCH);
    struct plug_aggregates *all = plug_table_aggregates(table);
    static struct plug_report report;
    struct step step = {.token = "1:a", .program = "p", .gauge = 5};

    (void)state;
    for (step.session = 0; step.session < 1000; step.session++) {
        for (step.sequence = 0; step.sequence < 2; step.sequence++) {
            step.what = step.sequence == 0 ? REPORT : FAREWELL;
            make_report(&report, &step);
            assert_int_equal(plug_table_take(table, &report, EPOCH), PLUG_TAKEN);
        }
    }
    for (struct plug_link *l = all->shown.next; l != &all->shown; l = l->next)
        for (size_t i = 0; i < PLUG_MAXIMA; i++)
            assert_int_equal(PLUG_OF(l, struct plug_aggregate, shown)->maxima[i].used, 1);
    plug_table_free(&table);
}

/* The same token may come from sqlalchemy-collectd's client and from a sender of ours. */
static void test_sources(void **state)
{
    struct plug_table *table = plug_table_new(10, &secret, EPOCH);
    static struct plug_report report;
    struct step step = {.what = PLAIN, .token = "1:a", .program = "p", .total = 5};

    (void)state;
    for (int i = 0; i < 2; i++) {
        make_report(&report, &step);
        report.source = i == 0 ? PLUG_ODBC : PLUG_SQLALCHEMY;
        assert_int_equal(plug_table_take(table, &report, EPOCH), PLUG_TAKEN);
        assert_int_equal(plug_table_counts(table).senders, i + 1);
        assert_int_equal(plug_table_counts(table).aggregates, 2 * (i + 1));
    }
    plug_table_free(&table);
}

/* A collectd that starts among running processes. */
static void test_start(void **state)
{
    struct plug_table *table = plug_table_new(10, &secret, EPOCH);
    struct plug_figures f;

    (void)state;
    assert_false(plug_table_is_ready(table, EPOCH + plug_seconds(1)));
    take(table, 1, 500, "p", 1000, 1, PLUG_TAKEN); /* was there before */
    take(table, 2, 0, "p", 3, 2, PLUG_TAKEN);      /* has just begun */
    take(table, 1, 501, "p", 1007, 3, PLUG_TAKEN);
    assert_false(plug_table_is_ready(table, EPOCH + plug_seconds(4) - 1));
    assert_true(plug_table_is_ready(table, EPOCH + plug_seconds(4)));
    assert_true(read_one(table, "p", &f));
    assert_int_equal(f.values[CDP_CHECKOUTS].derive, 1000);
    assert_false(f.present[CDP_REUSE]);
    assert_true(read_one(table, "p", &f));
    assert_int_equal(f.values[CDP_CHECKOUTS].derive, 1010);
    assert_true(f.present[CDP_REUSE]);
    assert_true(read_one(table, HOST_SUM, &f));
    assert_int_equal(f.values[CDP_CHECKOUTS].derive, 1010);
    plug_table_free(&table);
}

static void test_reuse(void **state)
{
    static const struct {
        int64_t checkouts, connects;
        double percent; /* ABSENT: none */
    } cases[] = {{0, 0, ABSENT}, {10, 5, 50}, {10, 5, ABSENT}, {20, 5, 100},
                 {30, 15, 0},    {40, 45, 0}, {44, 46, 75},    {44, 50, ABSENT}};
    static struct plug_report report;
    struct plug_table *table = plug_table_new(10, &secret, EPOCH);
    struct step step = {.what = REPORT, .token = "1:a", .program = "p"};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct plug_figures f;

        step.sequence = i;
        step.total = (double)cases[i].checkouts;
        make_report(&report, &step);
        report.programs[0].values[CDP_CONNECTS].derive = cases[i].connects;
        assert_int_equal(plug_table_take(table, &report, EPOCH), PLUG_TAKEN);
        assert_true(read_one(table, i % 2 ? "p" : HOST_SUM, &f));
        assert_int_equal(f.present[CDP_REUSE], cases[i].percent != ABSENT);
        if (cases[i].percent != ABSENT)
            assert_float_equal(f.values[CDP_REUSE].gauge, cases[i].percent, 1e-9);
    }
    plug_table_free(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_schedules), cmocka_unit_test(test_full),
        cmocka_unit_test(test_bounded),   cmocka_unit_test(test_start),
        cmocka_unit_test(test_reuse),     cmocka_unit_test(test_places),
        cmocka_unit_test(test_sources),   cmocka_unit_test(test_recorded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
