/* SPDX-License-Identifier: MIT */
/* The replay window against a reference that remembers every sequence number it was shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "protocol/replay.h"
#include "tests/unit/datagrams.h"

/* The reference: the set of what was taken, over sequences base .. base + SPAN - 1. */
enum { SPAN = 4096 };

struct model {
    uint64_t base;
    bool taken[SPAN];
    bool any;
    size_t first, highest;
};

static enum cdp_replay_verdict model_check(struct model *m, size_t at)
{
    bool newest = !m->any || at > m->highest;

    if (!newest && m->highest - at >= CDP_REPLAY_WINDOW)
        return CDP_REPLAY_OLD;
    if (m->taken[at])
        return CDP_REPLAY_SEEN;
    m->taken[at] = true;
    m->first = !m->any || at < m->first ? at : m->first;
    m->highest = newest ? at : m->highest;
    m->any = true;
    return newest ? CDP_REPLAY_NEWEST : CDP_REPLAY_LATE;
}

/* How many between the first and the highest are missing. */
static uint64_t model_missing(const struct model *m)
{
    uint64_t n = 0;

    for (size_t at = m->first; m->any && at < m->highest; at++)
        n += !m->taken[at];
    return n;
}

/* Sequences that go forward with loss, jumps, duplicates and delays. */
static void run_schedule(uint64_t seed, uint64_t base)
{
    static struct model m;
    struct cdp_replay r = {.any = false};
    uint64_t random = seed;
    uint64_t reach = 1 + next_random(&random) % 100; /* how far back this schedule goes */
    size_t front = next_random(&random) % 200;

    memset(&m, 0, sizeof(m));
    m.base = base;
    while (front < SPAN - 200) {
        uint64_t dice = next_random(&random) % 100;
        size_t back = next_random(&random) % reach;
        size_t at;

        if (dice < 40)
            front++;
        else if (dice < 45)
            front += next_random(&random) % 10;
        else if (dice < 46)
            front += next_random(&random) % 150;
        at = dice < 70 ? front : back < front ? front - back : 0;
        assert_int_equal(cdp_replay_check(&r, m.base + at), model_check(&m, at));
        assert_true(cdp_replay_lost(&r) == model_missing(&m));
    }
}

static void test_random_schedules(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        run_schedule(seed, 0);
        run_schedule(seed, UINT64_MAX - SPAN + 1);
        run_schedule(seed, (UINT64_C(1) << 63) - SPAN / 2);
    }
}

static void test_edges_of_the_window(void **state)
{
    static const struct {
        uint64_t sequence;
        enum cdp_replay_verdict verdict;
        uint64_t lost;
    } steps[] = {
        {100, CDP_REPLAY_NEWEST, 0},  {100, CDP_REPLAY_SEEN, 0},   {101, CDP_REPLAY_NEWEST, 0},
        {164, CDP_REPLAY_NEWEST, 62}, {101, CDP_REPLAY_SEEN, 62},  {100, CDP_REPLAY_OLD, 62},
        {102, CDP_REPLAY_LATE, 61},   {102, CDP_REPLAY_SEEN, 61},  {228, CDP_REPLAY_NEWEST, 124},
        {164, CDP_REPLAY_OLD, 124},   {165, CDP_REPLAY_LATE, 123}, {99, CDP_REPLAY_OLD, 123},
        {227, CDP_REPLAY_LATE, 122},
    };
    struct cdp_replay r = {.any = false};

    (void)state;
    assert_true(cdp_replay_lost(&r) == 0);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        assert_int_equal(cdp_replay_check(&r, steps[i].sequence), steps[i].verdict);
        assert_int_equal(cdp_replay_lost(&r), steps[i].lost);
    }
}

/* A late one below the first that came makes the session begin earlier. */
static void test_late_before_first(void **state)
{
    struct cdp_replay r = {.any = false};

    (void)state;
    assert_int_equal(cdp_replay_check(&r, 70), CDP_REPLAY_NEWEST);
    assert_int_equal(cdp_replay_check(&r, 7), CDP_REPLAY_LATE);
    assert_int_equal(cdp_replay_lost(&r), 62);
    assert_int_equal(cdp_replay_check(&r, 6), CDP_REPLAY_OLD);
    assert_int_equal(cdp_replay_check(&r, 8), CDP_REPLAY_LATE);
    assert_int_equal(cdp_replay_lost(&r), 61);
}

static void test_whole_range(void **state)
{
    struct cdp_replay r = {.any = false};

    (void)state;
    assert_int_equal(cdp_replay_check(&r, 0), CDP_REPLAY_NEWEST);
    assert_int_equal(cdp_replay_check(&r, UINT64_MAX), CDP_REPLAY_NEWEST);
    assert_true(cdp_replay_lost(&r) == UINT64_MAX - 1);
    assert_int_equal(cdp_replay_check(&r, UINT64_MAX), CDP_REPLAY_SEEN);
    assert_int_equal(cdp_replay_check(&r, 0), CDP_REPLAY_OLD);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edges_of_the_window),
        cmocka_unit_test(test_late_before_first),
        cmocka_unit_test(test_whole_range),
        cmocka_unit_test(test_random_schedules),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
