/* SPDX-License-Identifier: MIT */
/*
 * What the table is made of, each against a plain reference: the map, the maximum, the window, and
 * what is kept of forgotten sessions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "collectd-plugin/forgotten.h"
#include "collectd-plugin/map.h"
#include "collectd-plugin/maximum.h"
#include "collectd-plugin/ticks.h"
#include "collectd-plugin/window.h"

static uint64_t random_state = 4711;

static uint64_t dice(uint64_t n)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (random_state >> 33) % n;
}

static bool is_same_int(const void *item, const void *wanted)
{
    return *(const int *)item == *(const int *)wanted;
}

/* Keys that collide much, so that probing, removal and wrapping around are all met. */
static void test_map(void **state)
{
    enum { ITEMS = 3000, STEPS = 100000 };
    static int items[ITEMS];
    static bool in[ITEMS];
    struct plug_map map = {0};
    size_t count = 0;

    (void)state;
    for (int step = 0; step < STEPS; step++) {
        /* Phases of growth and of shrinking. */
        size_t i = dice(ITEMS);
        bool grow = dice(50) < ((step / 10000) % 2 ? 1 : 40);
        uint64_t key = (uint64_t)i / 4 * 7 + (i % 3 ? 0 : UINT64_MAX - 10);

        items[i] = (int)i;
        assert_ptr_equal(plug_map_find(&map, key, is_same_int, &items[i]),
                         in[i] ? &items[i] : NULL);
        if (grow && !in[i]) {
            assert_true(plug_map_put(&map, key, &items[i]));
            count++;
        } else if (!grow) {
            plug_map_remove(&map, key, &items[i]); /* of what is not in it: nothing */
            count -= in[i];
        }
        in[i] = grow;
        assert_int_equal(map.used, count);
        assert_true(map.size <= 64 || map.used >= map.size / 8);
    }
    plug_map_fini(&map);
    assert_null(plug_map_find(&map, 1, is_same_int, &items[0]));
}

static void test_map_counts(void **state)
{
    struct plug_map map = {0};

    (void)state;
    assert_int_equal(plug_map_count_down(&map, 7), 0);
    assert_int_equal(plug_map_count_up(&map, 7), 1);
    assert_int_equal(plug_map_count_up(&map, 7), 2);
    assert_int_equal(plug_map_count_up(&map, 8), 1);
    assert_int_equal(plug_map_count_down(&map, 7), 1);
    assert_int_equal(plug_map_count_down(&map, 7), 0);
    assert_int_equal(plug_map_count_up(&map, 7), 1);
    assert_int_equal(map.used, 2);
    plug_map_fini(&map);
}

static void test_hash(void **state)
{
    /* SipHash-1-3 under a key of zeros, as CPython 3.11 hashes bytes with PYTHONHASHSEED=0. */
    static const struct {
        const char *bytes;
        uint64_t hash;
    } cases[] = {
        {"aaaaaaa", UINT64_C(0x33f3c6d7dbc82c0d)},
        {"abcdefgh", UINT64_C(0x3f7b849c0b8e35ea)},
        {"collectd odbc plugin", UINT64_C(0xb194d269b9409360)},
    };
    const struct plug_secret zero = {.k0 = 0}, other = {.k1 = 1};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t n = strlen(cases[i].bytes);

        if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
            assert_true(plug_hash(&zero, cases[i].bytes, n) == cases[i].hash);
        assert_true(plug_hash(&other, cases[i].bytes, n) != plug_hash(&zero, cases[i].bytes, n));
    }
}

static void test_maximum(void **state)
{
    enum { NUMBERS = 200, STEPS = 50000 };
    uint32_t places[NUMBERS];
    int64_t numbers[NUMBERS] = {0};
    struct plug_maximum m = {0};

    (void)state;
    memset(places, 0xff, sizeof(places));
    for (int step = 0; step < STEPS; step++) {
        size_t i = dice(NUMBERS);
        int64_t largest = 0;

        if (dice(4) == 0) {
            plug_maximum_remove(&m, &places[i]);
            assert_int_equal(places[i], PLUG_NO_PLACE);
            numbers[i] = 0;
        } else {
            numbers[i] = (int64_t)dice(1000) * (dice(3) > 0);
            plug_maximum_set(&m, &places[i], numbers[i]);
        }
        for (size_t k = 0; k < NUMBERS; k++)
            if (numbers[k] > largest)
                largest = numbers[k];
        assert_int_equal(plug_maximum_get(&m), largest);
    }
    assert_true(m.used <= NUMBERS); /* places are used again */
    plug_maximum_fini(&m);
    assert_int_equal(plug_maximum_get(&m), 0);
}

/* A step: a sequence with the verdict expected, or giving up what is open; then what is lost. */
#define GIVE_UP UINT64_MAX

static void test_window(void **state)
{
    static const struct {
        uint64_t sequence;
        enum cdp_replay_verdict verdict;
        uint64_t lost;
        unsigned open;
    } steps[] = {
        {5, CDP_REPLAY_NEWEST, 0, 0},
        {7, CDP_REPLAY_NEWEST, 0, 1},
        {7, CDP_REPLAY_SEEN, 0, 1},
        {6, CDP_REPLAY_LATE, 0, 0},
        {3, CDP_REPLAY_LATE, 0, 1},
        {GIVE_UP, 0, 1, 0},
        {4, CDP_REPLAY_OLD, 0, 0},
        {9, CDP_REPLAY_NEWEST, 0, 1},
        {8, CDP_REPLAY_LATE, 0, 0},
        {109, CDP_REPLAY_NEWEST, 36, 63},
        {45, CDP_REPLAY_OLD, 0, 63},
        {46, CDP_REPLAY_LATE, 0, 62},
        {110, CDP_REPLAY_NEWEST, 0, 62},
        {111, CDP_REPLAY_NEWEST, 1, 61},
        {GIVE_UP, 0, 61, 0},
        {5000, CDP_REPLAY_NEWEST, 1000 - 63, 63},
        {GIVE_UP, 0, 63, 0},
        {UINT64_MAX - 1, CDP_REPLAY_NEWEST, 1000 - 63, 63},
    };
    struct plug_window w = {0};

    (void)state;
    assert_int_equal(plug_window_open(&w), 0);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (steps[i].sequence == GIVE_UP) {
            plug_window_mark(&w);
            plug_window_give_up(&w);
        } else {
            assert_int_equal(plug_window_take(&w, steps[i].sequence, 1000), steps[i].verdict);
        }
        assert_int_equal(plug_window_lost(&w), steps[i].lost);
        assert_int_equal(plug_window_open(&w), steps[i].open);
    }
}

static void test_forgotten(void **state)
{
    const uint64_t day = plug_seconds(86400);
    struct plug_forgotten f = {.max = 3};

    (void)state;
    assert_false(plug_forgotten_has(&f, 1, 0));
    plug_forgotten_add(&f, 1, 0, 0);
    assert_true(plug_forgotten_has(&f, 1, 0));
    assert_false(plug_forgotten_has(&f, 1, 1));
    assert_false(plug_forgotten_has(&f, 2, 0));
    plug_forgotten_add(&f, 1, 9, 0); /* never goes back */
    plug_forgotten_add(&f, 1, 5, 0);
    assert_true(plug_forgotten_has(&f, 1, 9));
    assert_false(plug_forgotten_has(&f, 1, 10));
    plug_forgotten_add(&f, 2, PLUG_FORGOTTEN_ALL, day);
    assert_true(plug_forgotten_has(&f, 2, UINT64_MAX));
    assert_true(plug_forgotten_has(&f, 2, 0));
    /* For as long as a clock that is a day ahead makes a datagram good. */
    plug_forgotten_add(&f, 3, 0, 3 * day - 1);
    assert_true(plug_forgotten_has(&f, 2, 0));
    plug_forgotten_add(&f, 4, 0, 5 * day);
    assert_false(plug_forgotten_has(&f, 2, 0));
    assert_true(plug_forgotten_has(&f, 3, 0));
    /* And never more than two generations. */
    for (uint64_t key = 100; key < 200; key++) {
        plug_forgotten_add(&f, key, 0, 5 * day);
        assert_true(f.younger.used <= 3 && f.older.used <= 3);
        assert_true(plug_forgotten_has(&f, key - 2, 0) || key < 102);
    }
    assert_false(plug_forgotten_has(&f, 4, 0));
    plug_forgotten_fini(&f);
    assert_false(plug_forgotten_has(&f, 199, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_map),    cmocka_unit_test(test_map_counts),
        cmocka_unit_test(test_hash),   cmocka_unit_test(test_maximum),
        cmocka_unit_test(test_window), cmocka_unit_test(test_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
