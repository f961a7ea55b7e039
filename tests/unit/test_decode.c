/* SPDX-License-Identifier: MIT */
/*
 * What is received: hostile datagrams by table, other programs' datagrams whole, cut at every byte
 * and with every byte altered, and the rules for what counts as values of ours.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "protocol/decode.h"
#include "tests/unit/datagrams.h"

/* Parts to build datagrams from; the literal's own NUL is not part of it. */
#define BYTES(s)  s, sizeof(s) - 1
#define HOST      "\x00\x00\x00\x06h\0"
#define ONE_VALUE "\x00\x06\x00\x0f\x00\x01\x02\x00\x00\x00\x00\x00\x00\x00\x07"
#define EIGHT     "\x00\x00\x00\x00\x00\x00\x00\x07"
#define TEN(s)    s s s s s s s s s s
#define NAME_127  TEN("abcdefghij") TEN("kl") "mnopqrs"
#define GOOD      HOST ONE_VALUE

static const struct hostile {
    const char *what;
    const char *bytes;
    size_t length;
    enum cdp_decoded result;
    size_t lists;
} hostile[] = {
    {"well-formed", BYTES(GOOD), CDP_DECODED, 1},
    {"no values", BYTES(HOST), CDP_DECODED, 0},
    {"values before any name", BYTES(ONE_VALUE), CDP_DECODED, 1},
    {"nothing", BYTES(""), CDP_MALFORMED, 0},
    {"one byte", BYTES("\x00"), CDP_MALFORMED, 0},
    {"half a header", BYTES("\x00\x00\x00"), CDP_MALFORMED, 0},
    {"plain text", BYTES("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), CDP_MALFORMED, 0},
    {"HELO", BYTES("HELO"), CDP_MALFORMED, 0},
    {"part length 0", BYTES(GOOD "\x00\x02\x00\x00" GOOD), CDP_MALFORMED, 1},
    {"part length 1", BYTES(GOOD "\x00\x02\x00\x01" GOOD), CDP_MALFORMED, 1},
    {"part length 2", BYTES(GOOD "\x00\x02\x00\x02" GOOD), CDP_MALFORMED, 1},
    {"part length 3", BYTES(GOOD "\x00\x02\x00\x03" GOOD), CDP_MALFORMED, 1},
    {"unknown part, length 0", BYTES(GOOD "\x77\x77\x00\x00" GOOD), CDP_MALFORMED, 1},
    {"length past the end", BYTES(GOOD "\x00\x02\x00\x07xx"), CDP_MALFORMED, 1},
    {"length 65535", BYTES(GOOD "\x00\x02\xff\xffxx\0"), CDP_MALFORMED, 1},
    {"one trailing zero", BYTES(GOOD "\0"), CDP_MALFORMED, 1},
    {"three trailing zeros", BYTES(GOOD "\0\0\0"), CDP_MALFORMED, 1},
    {"many trailing zeros", BYTES(GOOD TEN("\0")), CDP_MALFORMED, 1},
    {"string of length 4", BYTES(GOOD "\x00\x02\x00\x04" GOOD), CDP_MALFORMED, 1},
    {"string without NUL", BYTES("\x00\x00\x00\x07xyz" ONE_VALUE), CDP_MALFORMED, 0},
    {"NUL inside", BYTES("\x00\x00\x00\x08x\0z\0" ONE_VALUE), CDP_MALFORMED, 0},
    {"two NULs at the end", BYTES("\x00\x00\x00\x07x\0\0" ONE_VALUE), CDP_MALFORMED, 0},
    {"NUL in the next part alone", BYTES("\x00\x00\x00\x05x" HOST ONE_VALUE), CDP_MALFORMED, 0},
    {"empty string", BYTES("\x00\x00\x00\x05\0" ONE_VALUE), CDP_DECODED, 1},
    {"127 bytes", BYTES("\x00\x00\x00\x84" NAME_127 "\0" ONE_VALUE), CDP_DECODED, 1},
    {"128 bytes", BYTES("\x00\x00\x00\x85" NAME_127 "x\0" ONE_VALUE), CDP_MALFORMED, 0},
    {"number of length 11", BYTES(GOOD "\x00\x08\x00\x0b\x00\x00\x00\x00\x00\x00\x01" ONE_VALUE),
     CDP_MALFORMED, 1},
    {"number of length 13", BYTES(GOOD "\x00\x08\x00\x0d" EIGHT "x" ONE_VALUE), CDP_MALFORMED, 1},
    {"number of length 4", BYTES(GOOD "\x00\x01\x00\x04" ONE_VALUE), CDP_MALFORMED, 1},
    {"number of length 20", BYTES(GOOD "\x00\x07\x00\x14" EIGHT EIGHT ONE_VALUE), CDP_MALFORMED, 1},
    {"values without count", BYTES("\x00\x06\x00\x04"), CDP_MALFORMED, 0},
    {"values with half a count", BYTES("\x00\x06\x00\x05\x00"), CDP_MALFORMED, 0},
    {"count 0", BYTES("\x00\x06\x00\x06\x00\x00" ONE_VALUE), CDP_MALFORMED, 0},
    {"count 0 of length 15", BYTES("\x00\x06\x00\x0f\x00\x00\x02" EIGHT), CDP_MALFORMED, 0},
    {"count 2 of length 15", BYTES("\x00\x06\x00\x0f\x00\x02\x02" EIGHT EIGHT EIGHT), CDP_MALFORMED,
     0},
    {"count 1 of length 24", BYTES("\x00\x06\x00\x18\x00\x01\x02\x02" EIGHT EIGHT), CDP_MALFORMED,
     0},
    {"count 65535", BYTES("\x00\x06\x00\x0f\xff\xff\x02" EIGHT), CDP_MALFORMED, 0},
    {"count 7282, whose length wraps to 8", BYTES("\x00\x06\x00\x08\x1c\x72\x02\x02"),
     CDP_MALFORMED, 0},
    {"kind 4", BYTES("\x00\x06\x00\x0f\x00\x01\x04" EIGHT), CDP_MALFORMED, 0},
    {"kind 255", BYTES("\x00\x06\x00\x0f\x00\x01\xff" EIGHT), CDP_MALFORMED, 0},
    {"a notification", BYTES(HOST "\x01\x01\x00\x0c" EIGHT "\x01\x00\x00\x0doh no...\0" ONE_VALUE),
     CDP_DECODED, 1},
    {"a long message", BYTES("\x01\x00\x00\xcd" TEN("abcdefghijklmnopqrst") "\0" GOOD), CDP_DECODED,
     1},
    {"a message past the end", BYTES(GOOD "\x01\x00\x00\x0doh no"), CDP_MALFORMED, 1},
    {"unknown part", BYTES("\x12\x34\x00\x06??" GOOD), CDP_DECODED, 1},
    {"unknown part without content", BYTES("\x00\x0a\x00\x04" GOOD "\xff\xff\x00\x04"), CDP_DECODED,
     1},
    {"signature first", BYTES("\x02\x00\x00\x28" TEN("abc") "deodbc" GOOD), CDP_SEALED, 0},
    {"signature too long", BYTES("\x02\x00\x00\x28" TEN("abc")), CDP_MALFORMED, 0},
    {"signature later", BYTES(GOOD "\x02\x00\x00\x28" TEN("abc") "deodbc" GOOD), CDP_MALFORMED, 1},
    {"encryption first", BYTES("\x02\x10\x00\x06\x00\x00"), CDP_SEALED, 0},
    {"encryption later", BYTES(GOOD "\x02\x10\x00\x06\x00\x00" GOOD), CDP_MALFORMED, 1},
};

static void test_hostile(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
        struct datagram d = datagram_copy(hostile[i].bytes, hostile[i].length);
        struct kept_lists kept = {NULL, 0};
        enum cdp_decoded result = cdp_decode(d.bytes, d.length, keep_list, &kept);

        if (result != hostile[i].result || kept.count != hostile[i].lists)
            fail_msg("%s: result %d with %zu lists, not %d with %zu", hostile[i].what, (int)result,
                     kept.count, (int)hostile[i].result, hostile[i].lists);
        kept_free(&kept);
        datagram_free(&d);
    }
}

/* A list has what was said last; what was not said is "" and 0. */
static void test_fields_are_kept(void **state)
{
    struct datagram d = datagram_copy(
        BYTES(ONE_VALUE HOST "\x00\x01\x00\x0c" EIGHT "\x00\x07\x00\x0c" EIGHT ONE_VALUE
                             "\x00\x02\x00\x06p\0\x00\x03\x00\x06i\0\x00\x04\x00\x06t\0"
                             "\x00\x05\x00\x06j\0\x00\x08\x00\x0c" EIGHT
                             "\x00\x09\x00\x0c" EIGHT ONE_VALUE
                             "\x00\x03\x00\x05\0\x00\x01\x00\x0c\x80\0\0\0\0\0\0\0" ONE_VALUE));
    struct kept_lists kept = {NULL, 0};
    const struct cdp_value_list *list;

    (void)state;
    assert_int_equal(cdp_decode(d.bytes, d.length, keep_list, &kept), CDP_DECODED);
    datagram_free(&d);
    assert_int_equal(kept.count, 4);

    list = kept_at(&kept, 0);
    assert_string_equal(list->host, "");
    assert_string_equal(list->plugin, "");
    assert_string_equal(list->plugin_instance, "");
    assert_string_equal(list->type, "");
    assert_string_equal(list->type_instance, "");
    assert_true(list->time == 0 && list->interval == 0);

    list = kept_at(&kept, 1);
    assert_string_equal(list->host, "h");
    assert_true(list->time == UINT64_C(7) << 30 && list->interval == UINT64_C(7) << 30);

    list = kept_at(&kept, 2);
    assert_string_equal(list->host, "h");
    assert_string_equal(list->plugin, "p");
    assert_string_equal(list->plugin_instance, "i");
    assert_string_equal(list->type, "t");
    assert_string_equal(list->type_instance, "j");
    assert_true(list->time == 7 && list->interval == 7);

    list = kept_at(&kept, 3);
    assert_string_equal(list->plugin_instance, "");
    assert_string_equal(list->type_instance, "j");
    assert_true(list->time == UINT64_MAX); /* more seconds than 64 bits of 2^-30 hold */
    kept_free(&kept);
}

static void test_value_kinds(void **state)
{
    struct datagram d = datagram_copy(BYTES("\x00\x06\x00\x2a\x00\x04\x03\x02\x01\x00"
                                            "\xff\xff\xff\xff\xff\xff\xff\xff"
                                            "\xff\xff\xff\xff\xff\xff\xff\xfe"
                                            "\x00\x00\x00\x00\x00\x00\xf8\x3f"
                                            "\x01\x02\x03\x04\x05\x06\x07\x08"));
    struct kept_lists kept = {NULL, 0};
    const struct cdp_value *v;

    (void)state;
    assert_int_equal(cdp_decode(d.bytes, d.length, keep_list, &kept), CDP_DECODED);
    assert_int_equal(kept.count, 1);
    assert_int_equal(kept_at(&kept, 0)->count, 4);
    v = kept_at(&kept, 0)->values;
    assert_true(v[0].kind == CDP_VALUE_ABSOLUTE && v[0].absolute == UINT64_MAX);
    assert_true(v[1].kind == CDP_VALUE_DERIVE && v[1].derive == -2);
    assert_true(v[2].kind == CDP_VALUE_GAUGE && v[2].gauge == 1.5);
    assert_true(v[3].kind == CDP_VALUE_COUNTER && v[3].counter == 0x0102030405060708);
    kept_free(&kept);
    datagram_free(&d);
}

static void test_value_counts(void **state)
{
    (void)state;
    for (size_t count = 1; count <= CDP_VALUES_MAX + 2; count++) {
        struct cdp_value values[CDP_VALUES_MAX + 2] = {{.kind = CDP_VALUE_COUNTER}};
        struct kept_lists kept = {NULL, 0};
        uint8_t bytes[CDP_DATAGRAM_MAX];
        struct cdp_buffer b;
        struct datagram d;

        cdp_buffer_init(&b, bytes, sizeof(bytes));
        cdp_put_values(&b, values, count);
        d = datagram_copy(b.bytes, b.used);
        assert_int_equal(cdp_decode(d.bytes, d.length, keep_list, &kept),
                         count <= CDP_VALUES_MAX ? CDP_DECODED : CDP_MALFORMED);
        assert_int_equal(kept.count, count <= CDP_VALUES_MAX);
        kept_free(&kept);
        datagram_free(&d);
    }
}

/* The value lists in collectd-network/none.bin, half of them of each plugin. */
enum { COLLECTD_LISTS = 24 };

static void test_golden(void **state)
{
    struct kept_lists kept = {NULL, 0};
    size_t loads = 0;
    uint64_t time = 0;

    (void)state;
    for (size_t i = 0; i < GOLDEN_FILES; i++) {
        struct datagram d = datagram_golden(golden_files[i]);

        assert_int_equal(cdp_decode(d.bytes, d.length, keep_list, &kept),
                         i == 1 || i == 2 ? CDP_SEALED : CDP_DECODED);
        datagram_free(&d);
        if (i == 0)
            assert_int_equal(kept.count, COLLECTD_LISTS);
    }
    assert_int_equal(kept.count, COLLECTD_LISTS + 2);
    for (size_t i = 0; i < COLLECTD_LISTS; i++) {
        const struct cdp_value_list *list = kept_at(&kept, i);
        bool load = strcmp(list->plugin, "load") == 0;

        loads += load;
        assert_string_equal(list->host, "golden");
        assert_string_equal(list->plugin, load ? "load" : "uptime");
        assert_string_equal(list->plugin_instance, "");
        assert_string_equal(list->type, list->plugin);
        assert_int_equal(list->count, load ? 3 : 1);
        assert_true(list->interval == cdp_time_from_seconds(1));
        assert_true(list->time + cdp_time_from_seconds(1) > time); /* threads: nearly in order */
        time = list->time;
        for (size_t v = 0; v < list->count; v++)
            assert_true(list->values[v].kind == CDP_VALUE_GAUGE && list->values[v].gauge >= 0);
    }
    assert_int_equal(loads, COLLECTD_LISTS / 2);
    kept_free(&kept);
}

static void test_golden_sqlalchemy(void **state)
{
    static const double pool[] = {1, 0, 0, 0, 0};
    static const int64_t totals[] = {17, 0, 17, 17};
    struct kept_lists kept = {NULL, 0};
    union cdp_number numbers[CDP_WIRE_METRICS];

    (void)state;
    for (size_t i = 3; i < GOLDEN_FILES; i++) {
        struct datagram d = datagram_golden(golden_files[i]);

        assert_int_equal(cdp_decode(d.bytes, d.length, keep_list, &kept), CDP_DECODED);
        datagram_free(&d);
    }
    for (size_t i = 0; i < 2; i++) {
        const struct cdp_value_list *list = kept_at(&kept, i);

        assert_string_equal(list->host, "vm");
        assert_string_equal(list->plugin, "sqlalchemy");
        assert_string_equal(list->plugin_instance, "worker 0");
        assert_string_equal(list->type_instance, "2543:5a53d1");
        assert_true(list->time == UINT64_C(0x6b03afc4) << 30);
        assert_true(list->interval == cdp_time_from_seconds(2));
        assert_int_equal(cdp_group_of(list->type), CDP_WIRE_GROUPS);
        assert_true(cdp_numbers_from_list(list, cdp_sqlalchemy_group_of(list->type), numbers));
    }
    for (size_t m = 0; m < 5; m++)
        assert_true(numbers[CDP_NUMPOOLS + m].gauge == pool[m]);
    for (size_t m = 0; m < 4; m++)
        assert_int_equal(numbers[CDP_CHECKOUTS + m].derive, totals[m]);
    kept_free(&kept);
}

/* A datagram of our own, for the tests below. */
static void keep_datagram(void *context, const uint8_t *bytes, size_t length)
{
    *(struct datagram *)context = datagram_copy(bytes, length);
}

static struct datagram make_report(void)
{
    struct cdp_program programs[] = {{.name = "worker"}, {.name = "g\xc3\xbcnther"}};
    struct cdp_sender sender = {"vm", "1:000000", 1, 2};
    struct cdp_report report = {.time = 5, .interval = 6, .programs = programs, .count = 2};
    struct datagram d = {NULL, 0};

    cdp_encode_report(&sender, &report, CDP_DATAGRAM_MAX, keep_datagram, &d);
    return d;
}

static struct datagram sample(size_t i)
{
    return i < GOLDEN_FILES ? datagram_golden(golden_files[i]) : make_report();
}

/* Cut anywhere: what had come before the cut is delivered, nothing else. */
static void test_every_truncation(void **state)
{
    (void)state;
    for (size_t i = 0; i <= GOLDEN_FILES; i++) {
        struct datagram whole = sample(i);
        struct kept_lists all = {NULL, 0};
        enum cdp_decoded result = cdp_decode(whole.bytes, whole.length, keep_list, &all);

        for (size_t n = 0; n < whole.length; n++) {
            struct datagram d = datagram_copy(whole.bytes, n);
            struct kept_lists some = {NULL, 0};
            enum cdp_decoded cut = cdp_decode(d.bytes, d.length, keep_list, &some);

            assert_true(cut == CDP_MALFORMED || cut == result);
            assert_true(some.count <= all.count);
            for (size_t k = 0; k < some.count; k++)
                assert_memory_equal(&some.lists[k], &all.lists[k],
                                    offsetof(struct kept_list, list));
            if (cut == CDP_DECODED && n >= 4)
                assert_true(some.count < all.count);
            kept_free(&some);
            datagram_free(&d);
        }
        kept_free(&all);
        datagram_free(&whole);
    }
}

static void count_list(void *context, const struct cdp_value_list *list)
{
    size_t *sum = context;

    *sum += strlen(list->host) + strlen(list->plugin) + strlen(list->plugin_instance) +
            strlen(list->type) + strlen(list->type_instance);
    assert_true(list->count >= 1 && list->count <= CDP_VALUES_MAX);
    for (size_t i = 0; i < list->count; i++)
        *sum += (size_t)list->values[i].kind + (list->values[i].counter > 0);
}

/* Every byte with each bit flipped, and 0 and 255: no crash, no read outside, no string too long.
 */
static void test_every_byte_altered(void **state)
{
    (void)state;
    for (size_t i = 0; i <= GOLDEN_FILES; i++) {
        struct datagram d = sample(i);
        size_t sum = 0;

        for (size_t n = 0; n < d.length; n++) {
            uint8_t kept = d.bytes[n];

            for (int bit = 0; bit < 10; bit++) {
                d.bytes[n] = bit == 8 ? 0 : bit == 9 ? 255 : (uint8_t)(kept ^ 1 << bit);
                (void)!cdp_decode(d.bytes, d.length, count_list, &sum);
            }
            d.bytes[n] = kept;
        }
        datagram_free(&d);
    }
}

static void test_group_of(void **state)
{
    (void)state;
    assert_int_equal(cdp_group_of("odbc_pool"), CDP_GROUP_POOL);
    assert_int_equal(cdp_group_of("odbc_activity"), CDP_GROUP_ACTIVITY);
    assert_int_equal(cdp_group_of("odbc_process"), CDP_WIRE_GROUPS);
    assert_int_equal(cdp_group_of("odbc_poo"), CDP_WIRE_GROUPS);
    assert_int_equal(cdp_group_of("odbc_pools"), CDP_WIRE_GROUPS);
    assert_int_equal(cdp_group_of("sqlalchemy_pool"), CDP_WIRE_GROUPS);
    assert_int_equal(cdp_group_of(""), CDP_WIRE_GROUPS);
    assert_int_equal(cdp_sqlalchemy_group_of("sqlalchemy_pool"), CDP_GROUP_POOL);
    assert_int_equal(cdp_sqlalchemy_group_of("sqlalchemy_totals"), CDP_GROUP_TOTALS);
    assert_int_equal(cdp_sqlalchemy_group_of("sqlalchemy_"), CDP_WIRE_GROUPS);
    assert_int_equal(cdp_sqlalchemy_group_of("odbc_pool"), CDP_WIRE_GROUPS);
}

/* One value put in each place of each group in turn. */
static void test_numbers_are_checked(void **state)
{
    static const struct {
        struct cdp_value value;
        bool gauge, derive; /* taken as the one, as the other */
    } cases[] = {
        {{.kind = CDP_VALUE_GAUGE, .gauge = 0}, true, false},
        {{.kind = CDP_VALUE_GAUGE, .gauge = -0.0}, true, false},
        {{.kind = CDP_VALUE_GAUGE, .gauge = 1e300}, true, false},
        {{.kind = CDP_VALUE_GAUGE, .gauge = -1}, false, false},
        {{.kind = CDP_VALUE_GAUGE, .gauge = -1e-300}, false, false},
        {{.kind = CDP_VALUE_GAUGE, .gauge = NAN}, false, false},
        {{.kind = CDP_VALUE_GAUGE, .gauge = INFINITY}, false, false},
        {{.kind = CDP_VALUE_GAUGE, .gauge = -INFINITY}, false, false},
        {{.kind = CDP_VALUE_DERIVE, .derive = 0}, false, true},
        {{.kind = CDP_VALUE_DERIVE, .derive = INT64_MAX}, false, true},
        {{.kind = CDP_VALUE_DERIVE, .derive = -1}, false, false},
        {{.kind = CDP_VALUE_DERIVE, .derive = INT64_MIN}, false, false},
        {{.kind = CDP_VALUE_COUNTER, .counter = 1}, false, false},
        {{.kind = CDP_VALUE_ABSOLUTE, .absolute = 1}, false, false},
    };

    (void)state;
    for (size_t m = 0; m < CDP_WIRE_METRICS; m++) {
        enum cdp_group group = cdp_metrics[m].group;
        struct cdp_value_list list = {.count = cdp_groups[group].count};

        for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
            union cdp_number numbers[CDP_WIRE_METRICS], before[CDP_WIRE_METRICS];
            bool gauge = cdp_metrics[m].kind == CDP_GAUGE;
            bool expected = gauge ? cases[c].gauge : cases[c].derive;

            for (size_t i = 0; i < list.count; i++)
                list.values[i] = (struct cdp_value){
                    .kind = cdp_metrics[cdp_groups[group].first + i].kind == CDP_GAUGE
                                ? CDP_VALUE_GAUGE
                                : CDP_VALUE_DERIVE};
            list.values[m - cdp_groups[group].first] = cases[c].value;
            memset(numbers, 0x55, sizeof(numbers));
            memset(before, 0x55, sizeof(before));
            assert_int_equal(cdp_numbers_from_list(&list, group, numbers), expected);
            if (!expected) {
                assert_memory_equal(numbers, before, sizeof(numbers));
                continue;
            }
            if (gauge)
                assert_true(numbers[m].gauge == cases[c].value.gauge);
            else
                assert_true(numbers[m].derive == cases[c].value.derive);
            for (size_t i = 0; i < CDP_WIRE_METRICS; i++)
                if (cdp_metrics[i].group != group)
                    assert_memory_equal(&numbers[i], &before[i], sizeof(numbers[i]));
        }
    }
}

static void test_numbers_need_the_count(void **state)
{
    union cdp_number numbers[CDP_WIRE_METRICS];
    struct cdp_value_list list = {.count = 0};

    (void)state;
    for (size_t i = 0; i < CDP_VALUES_MAX; i++)
        list.values[i] = (struct cdp_value){.kind = CDP_VALUE_GAUGE};
    for (list.count = 0; list.count <= CDP_VALUES_MAX; list.count++)
        assert_int_equal(cdp_numbers_from_list(&list, CDP_GROUP_POOL, numbers), list.count == 5);
    list.count = 5;
    assert_false(cdp_numbers_from_list(&list, CDP_WIRE_GROUPS, numbers));
}

static void test_process(void **state)
{
    static const struct {
        const char *type;
        size_t count;
        enum cdp_value_kind kinds[3];
        double farewell;
        bool taken;
    } cases[] = {
        {"odbc_process", 3, {CDP_VALUE_ABSOLUTE, CDP_VALUE_ABSOLUTE, CDP_VALUE_GAUGE}, 0, true},
        {"odbc_process", 3, {CDP_VALUE_ABSOLUTE, CDP_VALUE_ABSOLUTE, CDP_VALUE_GAUGE}, 1, true},
        {"odbc_process", 3, {CDP_VALUE_ABSOLUTE, CDP_VALUE_ABSOLUTE, CDP_VALUE_GAUGE}, 2, false},
        {"odbc_process", 3, {CDP_VALUE_ABSOLUTE, CDP_VALUE_ABSOLUTE, CDP_VALUE_GAUGE}, NAN, false},
        {"odbc_process", 3, {CDP_VALUE_ABSOLUTE, CDP_VALUE_ABSOLUTE, CDP_VALUE_DERIVE}, 0, false},
        {"odbc_process", 3, {CDP_VALUE_ABSOLUTE, CDP_VALUE_COUNTER, CDP_VALUE_GAUGE}, 0, false},
        {"odbc_process", 3, {CDP_VALUE_DERIVE, CDP_VALUE_ABSOLUTE, CDP_VALUE_GAUGE}, 0, false},
        {"odbc_process", 2, {CDP_VALUE_ABSOLUTE, CDP_VALUE_ABSOLUTE, CDP_VALUE_GAUGE}, 0, false},
        {"odbc_process", 4, {CDP_VALUE_ABSOLUTE, CDP_VALUE_ABSOLUTE, CDP_VALUE_GAUGE}, 0, false},
        {"odbc_pool", 3, {CDP_VALUE_ABSOLUTE, CDP_VALUE_ABSOLUTE, CDP_VALUE_GAUGE}, 0, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cdp_value_list list = {.type = cases[i].type, .count = cases[i].count};
        struct cdp_process process = {.session = 99};

        for (size_t v = 0; v < 3; v++)
            list.values[v] = (struct cdp_value){.kind = cases[i].kinds[v], .absolute = v + 7};
        list.values[2].gauge = cases[i].farewell;
        assert_int_equal(cdp_process_from_list(&list, &process), cases[i].taken);
        assert_int_equal(process.session, cases[i].taken ? 7 : 99);
        assert_int_equal(process.sequence, cases[i].taken ? 8 : 0);
        assert_int_equal(process.farewell, cases[i].taken && cases[i].farewell == 1);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_fields_are_kept),
        cmocka_unit_test(test_value_kinds),
        cmocka_unit_test(test_value_counts),
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_golden_sqlalchemy),
        cmocka_unit_test(test_every_truncation),
        cmocka_unit_test(test_every_byte_altered),
        cmocka_unit_test(test_group_of),
        cmocka_unit_test(test_numbers_are_checked),
        cmocka_unit_test(test_numbers_need_the_count),
        cmocka_unit_test(test_process),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
