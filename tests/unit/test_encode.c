/* SPDX-License-Identifier: MIT */
/*
 * What is sent: single parts byte by byte, reports of any size decoded again, and other programs'
 * datagrams written anew from what was decoded of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "protocol/decode.h"
#include "protocol/seal.h"
#include "tests/unit/datagrams.h"

static void test_parts(void **state)
{
    static const struct cdp_value values[] = {
        {.kind = CDP_VALUE_COUNTER, .counter = 1},
        {.kind = CDP_VALUE_GAUGE, .gauge = 1.0},
        {.kind = CDP_VALUE_DERIVE, .derive = -2},
        {.kind = CDP_VALUE_ABSOLUTE, .absolute = 0x0102030405060708},
    };
    static const uint8_t expected[] =
        "\x00\x00\x00\x07vm\0"                             /* host */
        "\x00\x01\x00\x0c\x00\x00\x00\x00\x6b\x03\xaf\xc4" /* whole seconds */
        "\x00\x09\x00\x0c\x00\x00\x00\x00\x80\x00\x00\x00" /* 2 s, high resolution */
        "\x00\x05\x00\x05\0"                               /* an empty type instance */
        "\x00\x06\x00\x2a\x00\x04\x00\x01\x02\x03"         /* four kinds */
        "\x00\x00\x00\x00\x00\x00\x00\x01"                 /* counter */
        "\x00\x00\x00\x00\x00\x00\xf0\x3f"                 /* gauge, little-endian */
        "\xff\xff\xff\xff\xff\xff\xff\xfe"                 /* derive */
        "\x01\x02\x03\x04\x05\x06\x07\x08";                /* absolute */
    uint8_t bytes[sizeof(expected) - 1];
    struct cdp_buffer b;

    (void)state;
    cdp_buffer_init(&b, bytes, sizeof(bytes));
    cdp_put_string(&b, CDP_PART_HOST, "vm");
    cdp_put_number(&b, CDP_PART_TIME, 0x6b03afc4);
    cdp_put_number(&b, CDP_PART_INTERVAL_HR, cdp_time_from_seconds(2));
    cdp_put_string(&b, CDP_PART_TYPE_INSTANCE, "");
    cdp_put_values(&b, values, 4);
    assert_false(b.failed);
    assert_int_equal(b.used, sizeof(bytes));
    assert_memory_equal(bytes, expected, sizeof(bytes));
}

/* A part's length has 16 bits: what does not fit must fail, not wrap. */
static void test_parts_too_long(void **state)
{
    enum { SIZE = 200000, STRING_MAX = UINT16_MAX - 5, COUNT_MAX = (UINT16_MAX - 6) / 9 };
    static uint8_t bytes[SIZE];
    static char s[STRING_MAX + 2];
    static struct cdp_value values[COUNT_MAX + 1];
    struct cdp_buffer b;

    (void)state;
    memset(s, 'a', STRING_MAX + 1);
    cdp_buffer_init(&b, bytes, sizeof(bytes));
    cdp_put_string(&b, CDP_PART_HOST, s);
    assert_true(b.failed && b.used == 0);

    s[STRING_MAX] = '\0';
    cdp_buffer_init(&b, bytes, sizeof(bytes));
    cdp_put_string(&b, CDP_PART_HOST, s);
    assert_true(!b.failed && b.used == UINT16_MAX);
    assert_memory_equal(bytes, "\x00\x00\xff\xff", 4);

    cdp_buffer_init(&b, bytes, sizeof(bytes));
    cdp_put_values(&b, values, COUNT_MAX + 1);
    assert_true(b.failed && b.used == 0);
    cdp_buffer_init(&b, bytes, sizeof(bytes));
    cdp_put_values(&b, values, COUNT_MAX);
    assert_true(!b.failed && b.used == 6 + 9 * COUNT_MAX);
}

static void test_time(void **state)
{
    (void)state;
    assert_true(cdp_time_from_seconds(0) == 0);
    assert_true(cdp_time_from_seconds(-1) == 0);
    assert_true(cdp_time_from_seconds(__builtin_nan("")) == 0);
    assert_true(cdp_time_from_seconds(1) == UINT64_C(1) << 30);
    assert_true(cdp_time_from_seconds(0.5) == UINT64_C(1) << 29);
    assert_true(cdp_time_from_seconds(1e300) == UINT64_MAX);
    assert_true(cdp_time_from_seconds(__builtin_inf()) == UINT64_MAX);
    assert_true(cdp_time_from_seconds(17179869183.0) == UINT64_C(17179869183) << 30);
    assert_true(cdp_time_to_seconds(UINT64_C(3) << 29) == 1.5);
    assert_true(cdp_time_to_seconds(0) == 0);
}

/* Everything that one call of the encoder emitted. */
struct emitted {
    struct kept_lists kept;
    size_t datagrams, bytes;
    size_t lengths[600], first_list[600];
    size_t limit;
    bool whole_lists; /* one value list in each */
};

static void take_datagram(void *context, const uint8_t *bytes, size_t length)
{
    struct emitted *e = context;
    struct datagram d = datagram_copy(bytes, length);

    assert_true(length <= e->limit);
    assert_true(e->datagrams < sizeof(e->lengths) / sizeof(e->lengths[0]));
    e->lengths[e->datagrams] = length;
    e->first_list[e->datagrams++] = e->kept.count;
    e->bytes += length;
    assert_int_equal(cdp_decode(d.bytes, d.length, keep_list, &e->kept), CDP_DECODED);
    datagram_free(&d);
}

static struct emitted encode(struct cdp_sender *sender, const struct cdp_report *report,
                             size_t limit)
{
    struct emitted e = {.limit = limit};

    cdp_encode_report(sender, report, limit, take_datagram, &e);
    return e;
}

/* A program with values that no other program and metric has. */
static void make_program(struct cdp_program *p, char name[CDP_NAME_MAX], size_t i)
{
    size_t length = 1 + i * 7 % (CDP_NAME_MAX - 1);

    snprintf(name, CDP_NAME_MAX, "%zu.", i);
    for (size_t k = strlen(name); k < length; k++)
        name[k] = (char)('a' + k % 26), name[k + 1] = '\0';
    p->name = name;
    for (size_t m = 0; m < CDP_WIRE_METRICS; m++) {
        if (cdp_metrics[m].kind == CDP_GAUGE)
            p->values[m].gauge = (double)(i * 100 + m) + 0.25;
        else
            p->values[m].derive = (int64_t)(i * 1000000000000 + m);
    }
}

static void assert_same_numbers(const union cdp_number *got, const union cdp_number *want)
{
    for (size_t m = 0; m < CDP_WIRE_METRICS; m++) {
        if (cdp_metrics[m].kind == CDP_GAUGE)
            assert_true(got[m].gauge == want[m].gauge);
        else
            assert_true(got[m].derive == want[m].derive);
    }
}

/* Lists come as: the process, then for each program its groups in order. */
static void check_lists(struct emitted *e, const struct cdp_sender *sender,
                        const struct cdp_report *report)
{
    size_t datagram = 0, next = 0;

    for (size_t i = 0; i < e->kept.count; i++) {
        const struct cdp_value_list *list = kept_at(&e->kept, i);
        union cdp_number numbers[CDP_WIRE_METRICS] = {{0}};
        struct cdp_process process;

        assert_string_equal(list->host, sender->host);
        assert_string_equal(list->plugin, "odbc");
        assert_string_equal(list->type_instance, sender->token);
        assert_true(list->time == report->time && list->interval == report->interval);
        if (datagram < e->datagrams && i == e->first_list[datagram]) {
            assert_true(cdp_process_from_list(list, &process));
            assert_string_equal(list->plugin_instance, "");
            assert_true(process.session == sender->session);
            assert_true(process.sequence == sender->sequence - e->datagrams + datagram);
            assert_int_equal(process.farewell, report->farewell);
            datagram++;
            continue;
        }
        for (size_t g = 0; g < CDP_WIRE_GROUPS; g++) {
            list = kept_at(&e->kept, i + g);
            assert_string_equal(list->plugin_instance, report->programs[next].name);
            assert_int_equal(cdp_group_of(list->type), g);
            assert_true(cdp_numbers_from_list(list, (enum cdp_group)g, numbers));
        }
        assert_same_numbers(numbers, report->programs[next].values);
        next++;
        i += CDP_WIRE_GROUPS - 1;
    }
    assert_int_equal(next, report->count);
    assert_int_equal(datagram, e->datagrams);
}

/* No datagram could have taken the next one's first program as well. */
static void check_packing(const struct emitted *e, const struct cdp_sender *sender,
                          const struct cdp_report *report)
{
    struct cdp_report part = *report;
    struct cdp_sender other = *sender;
    size_t head, program = 0;
    struct emitted alone;

    part.count = 0;
    alone = encode(&other, &part, CDP_DATAGRAM_MAX);
    head = alone.bytes;
    kept_free(&alone.kept);
    for (size_t d = 0; d + 1 < e->datagrams; d++) {
        program += (e->first_list[d + 1] - e->first_list[d] - 1) / CDP_WIRE_GROUPS;
        part.programs = &report->programs[program];
        part.count = 1;
        alone = encode(&other, &part, CDP_DATAGRAM_MAX);
        assert_true(e->lengths[d] + alone.bytes - head > e->limit);
        kept_free(&alone.kept);
    }
}

static void test_reports(void **state)
{
    static const size_t limits[] = {CDP_REPORT_MIN,
                                    CDP_DATAGRAM_MAX - CDP_SEAL_OVERHEAD(CDP_USER_MAX),
                                    CDP_DATAGRAM_MAX - CDP_SEAL_OVERHEAD(4), CDP_DATAGRAM_MAX};
    static const size_t counts[] = {0, 1, 2, 3, 4, 5, 50, 500};
    static struct cdp_program programs[500];
    static char names[500][CDP_NAME_MAX];

    (void)state;
    for (size_t i = 0; i < 500; i++)
        make_program(&programs[i], names[i], i);
    for (size_t l = 0; l < sizeof(limits) / sizeof(limits[0]); l++) {
        for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
            struct cdp_sender sender = {"vm", "2543:5a53d1", UINT64_MAX - 3, 1000};
            struct cdp_report report = {.time = cdp_time_from_seconds(1.7e9 + 0.25),
                                        .interval = cdp_time_from_seconds(2),
                                        .farewell = c % 2 == 1,
                                        .programs = programs,
                                        .count = counts[c]};
            struct emitted e = encode(&sender, &report, limits[l]);

            assert_true(e.datagrams >= 1);
            assert_int_equal(sender.sequence, 1000 + e.datagrams);
            check_lists(&e, &sender, &report);
            check_packing(&e, &sender, &report);
            kept_free(&e.kept);
        }
    }
}

/* The receiver takes 1452 bytes, and four programs with names of common length fit in those. */
static void test_four_programs_fit(void **state)
{
    struct cdp_program programs[4] = {
        {.name = "worker"}, {.name = "web"}, {.name = "cron"}, {.name = "isql"}};
    struct cdp_sender sender = {"db-client-17.example", "2543:5a53d1", 1, 0};
    struct cdp_report report = {.programs = programs, .count = 4};
    struct emitted e = encode(&sender, &report, CDP_DATAGRAM_MAX);

    (void)state;
    assert_int_equal(e.datagrams, 1);
    kept_free(&e.kept);
}

static void test_names_are_cleaned(void **state)
{
    struct cdp_program programs[3] = {{.name = "/usr/bin/my\nsql"}, {.name = ""}, {.name = NULL}};
    struct cdp_sender sender = {"a/b", "1:\x1b[", 1, 0};
    struct cdp_report report = {.programs = programs, .count = 3};
    char long_name[300];
    struct emitted e;

    (void)state;
    memset(long_name, 'x', 126);
    strcpy(long_name + 126, "\xc3\xbc-and-more"); /* the cut falls into a character */
    programs[2].name = long_name;
    e = encode(&sender, &report, CDP_DATAGRAM_MAX);
    assert_int_equal(e.kept.count, e.datagrams + 3 * CDP_WIRE_GROUPS);
    assert_string_equal(kept_at(&e.kept, 1)->host, "a_b");
    assert_string_equal(kept_at(&e.kept, 1)->type_instance, "1:_[");
    assert_string_equal(kept_at(&e.kept, 1)->plugin_instance, "_usr_bin_my_sql");
    assert_string_equal(kept_at(&e.kept, 1 + CDP_WIRE_GROUPS)->plugin_instance, "");
    assert_int_equal(strlen(kept_at(&e.kept, e.kept.count - 1)->plugin_instance), 126);
    kept_free(&e.kept);
}

/* Below CDP_REPORT_MIN: still within the limit, in order, and with an end. */
static void test_small_limits(void **state)
{
    static struct cdp_program programs[6];
    static char names[6][CDP_NAME_MAX];
    struct cdp_report report = {.programs = programs, .count = 6};

    (void)state;
    for (size_t i = 0; i < 6; i++)
        make_program(&programs[i], names[i], i * 3);
    for (size_t limit = 0; limit < CDP_REPORT_MIN; limit++) {
        struct cdp_sender sender = {"vm", "1:000000", 1, 7};
        struct emitted e = encode(&sender, &report, limit);

        assert_int_equal(sender.sequence, 7 + e.datagrams);
        assert_true(limit < 90 ? e.datagrams == 0 : limit < 150 || e.datagrams >= 1);
        kept_free(&e.kept);
    }
}

static void take_one_golden(void *context, const uint8_t *bytes, size_t length)
{
    struct datagram *next = *(struct datagram **)context;

    assert_int_equal(length, next->length);
    assert_memory_equal(bytes, next->bytes, length);
    ++*(struct datagram **)context;
}

/* What sqlalchemy-collectd's own client sent comes out byte for byte. */
static void test_sqlalchemy_golden(void **state)
{
    struct datagram golden[] = {datagram_golden("sqlalchemy-collectd/pool.bin"),
                                datagram_golden("sqlalchemy-collectd/totals.bin")};
    struct datagram *next = golden;
    struct kept_lists kept = {NULL, 0};
    struct cdp_program program = {.name = "worker 0"};
    struct cdp_sender sender = {.host = "vm", .token = "2543:5a53d1"};
    struct cdp_report report = {.programs = &program, .count = 1};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct cdp_value_list *list;

        assert_int_equal(cdp_decode(golden[i].bytes, golden[i].length, keep_list, &kept),
                         CDP_DECODED);
        assert_int_equal(kept.count, i + 1);
        list = kept_at(&kept, i);
        assert_true(
            cdp_numbers_from_list(list, cdp_sqlalchemy_group_of(list->type), program.values));
        report.time = list->time + 12345; /* less than a second is not said */
        report.interval = list->interval;
    }
    cdp_encode_sqlalchemy(&sender, &report, take_one_golden, &next);
    assert_ptr_equal(next, golden + 2);
    kept_free(&kept);
    datagram_free(&golden[0]);
    datagram_free(&golden[1]);
}

static void take_ascii(void *context, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        assert_true(bytes[i] < 0x80);
    take_datagram(context, bytes, length);
}

static void test_sqlalchemy_many(void **state)
{
    struct cdp_program programs[] = {{.name = "g\xc3\xbc\xe6\x97\xa5"}, {.name = "a/b"}};
    struct cdp_sender sender = {.host = "h\xc3\xb6st", .token = "1:000000"};
    struct cdp_report report = {.programs = programs, .count = 2, .interval = 1000};
    struct emitted e = {.limit = CDP_DATAGRAM_MAX};

    (void)state;
    cdp_encode_sqlalchemy(&sender, &report, take_ascii, &e);
    assert_int_equal(e.datagrams, 4);
    assert_int_equal(e.kept.count, 4);
    for (size_t i = 0; i < 4; i++) {
        const struct cdp_value_list *list = kept_at(&e.kept, i);

        assert_string_equal(list->host, "h_st");
        assert_string_equal(list->plugin, "sqlalchemy");
        assert_string_equal(list->plugin_instance, i < 2 ? "g__" : "a_b");
        assert_string_equal(list->type, i % 2 == 0 ? "sqlalchemy_pool" : "sqlalchemy_totals");
        assert_true(list->interval == cdp_time_from_seconds(1)); /* never 0 */
    }
    kept_free(&e.kept);
}

/* collectd's sender says a field when it differs from what the datagram said last, in this order.
 */
struct rewriter {
    struct cdp_buffer b;
    struct kept_list last;
};

static void rewrite_string(struct cdp_buffer *b, enum cdp_part part, char *last, const char *now)
{
    if (strcmp(last, now) == 0)
        return;
    strcpy(last, now);
    cdp_put_string(b, part, now);
}

static void rewrite(void *context, const struct cdp_value_list *list)
{
    struct rewriter *r = context;

    rewrite_string(&r->b, CDP_PART_HOST, r->last.host, list->host);
    if (r->last.list.time != list->time)
        cdp_put_number(&r->b, CDP_PART_TIME_HR, list->time);
    if (r->last.list.interval != list->interval)
        cdp_put_number(&r->b, CDP_PART_INTERVAL_HR, list->interval);
    rewrite_string(&r->b, CDP_PART_PLUGIN, r->last.plugin, list->plugin);
    rewrite_string(&r->b, CDP_PART_PLUGIN_INSTANCE, r->last.plugin_instance, list->plugin_instance);
    rewrite_string(&r->b, CDP_PART_TYPE, r->last.type, list->type);
    rewrite_string(&r->b, CDP_PART_TYPE_INSTANCE, r->last.type_instance, list->type_instance);
    cdp_put_values(&r->b, list->values, list->count);
    r->last.list.time = list->time;
    r->last.list.interval = list->interval;
}

static void test_collectd_golden(void **state)
{
    struct datagram d = datagram_golden("collectd-network/none.bin");
    static struct rewriter r;
    uint8_t bytes[CDP_DATAGRAM_MAX];

    (void)state;
    cdp_buffer_init(&r.b, bytes, sizeof(bytes));
    assert_int_equal(cdp_decode(d.bytes, d.length, rewrite, &r), CDP_DECODED);
    assert_false(r.b.failed);
    assert_int_equal(r.b.used, d.length);
    assert_memory_equal(bytes, d.bytes, d.length);
    datagram_free(&d);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_parts_too_long),
        cmocka_unit_test(test_time),
        cmocka_unit_test(test_reports),
        cmocka_unit_test(test_four_programs_fit),
        cmocka_unit_test(test_names_are_cleaned),
        cmocka_unit_test(test_small_limits),
        cmocka_unit_test(test_sqlalchemy_golden),
        cmocka_unit_test(test_sqlalchemy_many),
        cmocka_unit_test(test_collectd_golden),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
