/* SPDX-License-Identifier: MIT */
/* From a datagram to the values that collectd gets: the intake, and the names of what goes out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "collectd-plugin/dispatch.h"
#include "collectd-plugin/intake.h"
#include "collectd-plugin/ticks.h"
#include "protocol/encode.h"
#include "tests/unit/datagrams.h"

static struct plug_report report;

/* --- the intake --- */

static void take_one(void *context, const uint8_t *datagram, size_t length)
{
    *(enum plug_intake *)context = plug_intake(datagram, length, &report);
}

static enum plug_intake intake_of(const char *host, const char *token, const char *program)
{
    struct cdp_program programs[] = {{.name = program}, {.name = "second"}};
    struct cdp_sender sender = {.host = host, .token = token, .session = 77, .sequence = 5};
    struct cdp_report r = {.time = plug_seconds(1000),
                           .interval = plug_seconds(2),
                           .farewell = true,
                           .programs = programs,
                           .count = 2};
    enum plug_intake result = PLUG_INTAKE_FOREIGN;

    programs[0].values[CDP_COMMITS].derive = 41;
    programs[1].values[CDP_OLDEST].gauge = 2.5;
    cdp_encode_report(&sender, &r, CDP_DATAGRAM_MAX, take_one, &result);
    return result;
}

static void test_intake(void **state)
{
    (void)state;
    assert_int_equal(intake_of("h", "1:a", "p"), PLUG_REPORT);
    assert_int_equal(report.source, PLUG_ODBC);
    assert_string_equal(report.host, "h");
    assert_string_equal(report.token, "1:a");
    assert_true(report.sequenced && report.farewell);
    assert_int_equal(report.session, 77);
    assert_int_equal(report.sequence, 5);
    assert_int_equal(report.interval, plug_seconds(2));
    assert_int_equal(report.count, 2);
    assert_string_equal(report.programs[0].name, "p");
    assert_int_equal(report.programs[0].groups, (1u << CDP_WIRE_GROUPS) - 1);
    assert_int_equal(report.programs[0].values[CDP_COMMITS].derive, 41);
    assert_string_equal(report.programs[1].name, "second");
    assert_true(report.programs[1].values[CDP_OLDEST].gauge == 2.5);
}

static void test_intake_names(void **state)
{
    static const struct {
        const char *name, *reported;
    } cases[] = {
        {"web", "web"},
        {"host", "host_"},
        {"receiver", "receiver_"},
        {"", "unnamed"},
        {"/usr/bin/x", "_usr_bin_x"},
        {"a\x1b[2J", "a_[2J"},
        {"\xc3\xa9", "\xc3\xa9"},
        {"\xff", "_"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(intake_of("h", "1:a", cases[i].name), PLUG_REPORT);
        assert_string_equal(report.programs[0].name, cases[i].reported);
    }
    assert_int_equal(intake_of("..", "1:a", "p"), PLUG_REPORT);
    assert_string_equal(report.host, "_.");
    assert_int_equal(intake_of("", "1:a", "p"), PLUG_INTAKE_MALFORMED);
    assert_int_equal(intake_of("h", "", "p"), PLUG_INTAKE_MALFORMED);
}

static void test_intake_golden(void **state)
{
    static const struct {
        const char *file;
        enum plug_intake expected;
    } cases[] = {
        {"sqlalchemy-collectd/pool.bin", PLUG_REPORT},
        {"sqlalchemy-collectd/totals.bin", PLUG_REPORT},
        {"collectd-network/none.bin", PLUG_INTAKE_FOREIGN},
        {"collectd-network/sign.bin", PLUG_INTAKE_MALFORMED}, /* it has not been unsealed */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct datagram d = datagram_golden(cases[i].file);

        assert_int_equal(plug_intake(d.bytes, d.length, &report), cases[i].expected);
        if (cases[i].expected == PLUG_REPORT) {
            assert_int_equal(report.source, PLUG_SQLALCHEMY);
            assert_false(report.sequenced);
            assert_string_equal(report.host, "vm");
            assert_string_equal(report.programs[0].name, "worker 0");
            assert_int_equal(report.programs[0].groups,
                             1u << (i == 0 ? CDP_GROUP_POOL : CDP_GROUP_TOTALS));
        }
        datagram_free(&d);
    }
    assert_int_equal(report.programs[0].values[CDP_CHECKOUTS].derive, 17);
}

/* A datagram put together list by list. */
static void put_opening(struct cdp_buffer *b, const char *plugin)
{
    cdp_put_string(b, CDP_PART_HOST, "h");
    cdp_put_string(b, CDP_PART_PLUGIN, plugin);
    cdp_put_string(b, CDP_PART_TYPE_INSTANCE, "1:a");
}

static void put_process(struct cdp_buffer *b, double farewell)
{
    const struct cdp_value values[] = {{.kind = CDP_VALUE_ABSOLUTE, .absolute = 1},
                                       {.kind = CDP_VALUE_ABSOLUTE, .absolute = 2},
                                       {.kind = CDP_VALUE_GAUGE, .gauge = farewell}};

    cdp_put_string(b, CDP_PART_TYPE, CDP_PROCESS_TYPE);
    cdp_put_values(b, values, 3);
}

static void put_transactions(struct cdp_buffer *b, const char *program, size_t count, int64_t value)
{
    const struct cdp_value v = {.kind = CDP_VALUE_DERIVE, .derive = value};
    const struct cdp_value values[] = {v, v, v};

    cdp_put_string(b, CDP_PART_PLUGIN_INSTANCE, program);
    cdp_put_string(b, CDP_PART_TYPE, "odbc_transactions");
    cdp_put_values(b, values, count);
}

enum whole {
    NO_PROCESS,
    TWICE,
    BEHIND,
    HALF_FAREWELL,
    SHORT,
    NEGATIVE,
    OTHER_HOST,
    OTHER_TOKEN,
    OTHER_PLUGIN,
    NEW_TYPE,
    TOO_MANY,
    OTHER_KIND,
    WHOLES
};

static void put_programs(struct cdp_buffer *b, enum whole c)
{
    size_t programs = c == TOO_MANY ? PLUG_PROGRAMS_MAX + 1 : 2;

    for (size_t i = 0; i < programs; i++) {
        char name[32];

        (void)snprintf(name, sizeof(name), "p%zu", i);
        put_transactions(b, name, c == SHORT && i == 1 ? 2 : 3, c == NEGATIVE ? -1 : 1);
        if (c == OTHER_HOST)
            cdp_put_string(b, CDP_PART_HOST, "g");
        if (c == OTHER_TOKEN)
            cdp_put_string(b, CDP_PART_TYPE_INSTANCE, "2:b");
        if (c == OTHER_PLUGIN)
            cdp_put_string(b, CDP_PART_PLUGIN, "load");
    }
}

static void put_whole(struct cdp_buffer *b, enum whole c)
{
    put_opening(b, "odbc");
    if (c != NO_PROCESS && c != BEHIND)
        put_process(b, c == HALF_FAREWELL ? 0.5 : 0);
    if (c == TWICE)
        put_process(b, 0);
    if (c == NEW_TYPE) {
        cdp_put_string(b, CDP_PART_TYPE, "odbc_histogram");
        cdp_put_values(b, &(struct cdp_value){.kind = CDP_VALUE_GAUGE}, 1);
    }
    put_programs(b, c);
    if (c == OTHER_KIND) {
        cdp_put_string(b, CDP_PART_PLUGIN, "sqlalchemy");
        cdp_put_string(b, CDP_PART_TYPE, "sqlalchemy_totals");
        cdp_put_values(b, &(struct cdp_value){.kind = CDP_VALUE_DERIVE}, 1);
    }
    if (c == BEHIND)
        put_process(b, 0);
    assert_false(b->failed);
}

static void test_intake_whole(void **state)
{
    static const enum plug_intake expected[WHOLES] = {
        [NO_PROCESS] = PLUG_REPORT,           [TWICE] = PLUG_INTAKE_MALFORMED,
        [BEHIND] = PLUG_INTAKE_MALFORMED,     [HALF_FAREWELL] = PLUG_INTAKE_MALFORMED,
        [SHORT] = PLUG_INTAKE_MALFORMED,      [NEGATIVE] = PLUG_INTAKE_MALFORMED,
        [OTHER_HOST] = PLUG_INTAKE_MALFORMED, [OTHER_TOKEN] = PLUG_INTAKE_MALFORMED,
        [OTHER_PLUGIN] = PLUG_REPORT,         [NEW_TYPE] = PLUG_REPORT,
        [TOO_MANY] = PLUG_INTAKE_MALFORMED,   [OTHER_KIND] = PLUG_INTAKE_MALFORMED,
    };

    (void)state;
    for (int c = 0; c < WHOLES; c++) {
        uint8_t bytes[8192];
        struct cdp_buffer b;

        cdp_buffer_init(&b, bytes, sizeof(bytes));
        put_whole(&b, (enum whole)c);
        if (plug_intake(bytes, b.used, &report) != expected[c])
            fail_msg("case %d", c);
        /* Cut anywhere, nothing is read that is not there. */
        for (size_t n = 0; n < b.used; n++) {
            struct datagram d = datagram_copy(bytes, n);

            assert_in_range(plug_intake(d.bytes, d.length, &report), PLUG_REPORT,
                            PLUG_INTAKE_FOREIGN);
            datagram_free(&d);
        }
    }
}

/* A type means something under its own plugin's name alone, in whatever order they come. */
static void test_intake_types(void **state)
{
    static const struct {
        const char *plugin, *types[3];
        bool is_report;
    } cases[] = {
        {"odbc", {"odbc_pool"}, true},
        {"odbc", {"sqlalchemy_pool"}, false},
        {"odbc", {"odbc_pool", "odbc_later", "odbc_pool"}, true},
        {"sqlalchemy", {"sqlalchemy_pool"}, true},
        {"sqlalchemy", {"odbc_pool"}, false},
        {"sqlalchemy", {"sqlalchemy_pool", "odbc_totals", "sqlalchemy_pool"}, true},
        {"odbc_pool", {"odbc_pool"}, false},
    };
    struct cdp_value values[CDP_WIRE_METRICS];

    (void)state;
    for (size_t i = 0; i < CDP_WIRE_METRICS; i++)
        values[i] = (struct cdp_value){.kind = CDP_VALUE_GAUGE};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t bytes[1024];
        struct cdp_buffer b;

        cdp_buffer_init(&b, bytes, sizeof(bytes));
        put_opening(&b, cases[i].plugin);
        for (size_t k = 0; k < 3 && cases[i].types[k] != NULL; k++) {
            cdp_put_string(&b, CDP_PART_TYPE, cases[i].types[k]);
            cdp_put_values(&b, values, cdp_groups[CDP_GROUP_POOL].count);
        }
        assert_false(b.failed);
        if (plug_intake(bytes, b.used, &report) !=
            (cases[i].is_report ? PLUG_REPORT : PLUG_INTAKE_FOREIGN))
            fail_msg("case %zu", i);
        if (cases[i].is_report)
            assert_int_equal(report.programs[0].groups, 1u << CDP_GROUP_POOL);
    }
}

/* --- what goes out --- */

static char written[16384];

static void write_down(void *context, const struct plug_value *v)
{
    size_t n = strlen(written);

    (void)context;
    if (v->is_derive)
        (void)snprintf(written + n, sizeof(written) - n, "%s/%s-%s/%s-%s %lld\n",
                       v->host != NULL ? v->host : "(self)", v->plugin, v->plugin_instance, v->type,
                       v->type_instance, (long long)v->number.derive);
    else
        (void)snprintf(written + n, sizeof(written) - n, "%s/%s-%s/%s-%s %g\n",
                       v->host != NULL ? v->host : "(self)", v->plugin, v->plugin_instance, v->type,
                       v->type_instance, v->number.gauge);
    assert_true(strlen(written) < sizeof(written) - 1);
}

static void test_figures(void **state)
{
    static const char *const expected[] = {
        "h/odbc-p/count-numpools 0\n",       "h/odbc-p/count-checkedout 1\n",
        "h/odbc-p/count-checkedin 2\n",      "h/odbc-p/count-detached 3\n",
        "h/odbc-p/count-connections 4\n",    "h/odbc-p/derive-checkouts 5\n",
        "h/odbc-p/derive-invalidated 6\n",   "h/odbc-p/derive-connects 7\n",
        "h/odbc-p/derive-disconnects 8\n",   "h/odbc-p/derive-commits 9\n",
        "h/odbc-p/derive-rollbacks 10\n",    "h/odbc-p/derive-transactions 11\n",
        "h/odbc-p/derive-failures 12\n",     "h/odbc-p/derive-stale 13\n",
        "h/odbc-p/derive-dirty 14\n",        "h/odbc-p/derive-errors 15\n",
        "h/odbc-p/derive-checkins 16\n",     "h/odbc-p/derive-statements 17\n",
        "h/odbc-p/count-intransaction 18\n", "h/odbc-p/count-inferred 19\n",
        "h/odbc-p/duration-oldest 20\n",     "h/odbc-p/count-numprocs 21\n",
        "h/odbc-p/percent-reuse 22\n",       "h/odbc-p/derive-lost 23\n",
    };
    struct plug_figures f = {.source = PLUG_ODBC, .host = "h", .program = "p"};
    char all[sizeof(written)] = "";

    (void)state;
    for (size_t m = 0; m < CDP_METRICS; m++) {
        f.present[m] = true;
        if (cdp_metrics[m].kind == CDP_DERIVE)
            f.values[m].derive = (int64_t)m;
        else
            f.values[m].gauge = (double)m;
        strcat(all, expected[m]);
    }
    written[0] = '\0';
    plug_dispatch_figures(&f, write_down, NULL);
    assert_string_equal(written, all);

    memset(f.present, 0, sizeof(f.present));
    f.present[CDP_CHECKEDIN] = true;
    f.is_host = true;
    f.program[0] = '\0';
    f.source = PLUG_SQLALCHEMY;
    written[0] = '\0';
    plug_dispatch_figures(&f, write_down, NULL);
    assert_string_equal(written, "h/sqlalchemy-host/count-checkedin 2\n");
}

/* What of sqlalchemy-collectd's own datagrams goes out. */
static void test_sqlalchemy(void **state)
{
    static const char *const names[] = {
        "count-numpools",       "count-checkedout",   "count-checkedin",
        "count-detached",       "count-connections",  "derive-checkouts 17",
        "derive-invalidated 0", "derive-connects 17", "derive-disconnects 17",
        "count-numprocs 1",
    };
    const struct plug_secret secret = {.k0 = 3};
    struct plug_table *table = plug_table_new(10, &secret, 0);
    struct plug_figures f[3];
    size_t lines = 0;

    (void)state;
    assert_non_null(table);
    for (size_t i = 0; i < 2; i++) {
        struct datagram d = datagram_golden(i == 0 ? "sqlalchemy-collectd/pool.bin"
                                                   : "sqlalchemy-collectd/totals.bin");

        assert_int_equal(plug_intake(d.bytes, d.length, &report), PLUG_REPORT);
        assert_int_equal(plug_table_take(table, &report, 1), PLUG_TAKEN);
        datagram_free(&d);
    }
    for (int reading = 0; reading < 2; reading++) {
        plug_aggregates_rewind(plug_table_aggregates(table));
        assert_int_equal(plug_aggregates_read(plug_table_aggregates(table), f, 3), 2);
    }
    written[0] = '\0';
    plug_dispatch_figures(&f[1], write_down, NULL);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char line[128];

        (void)snprintf(line, sizeof(line), "vm/sqlalchemy-worker 0/%s", names[i]);
        if (strstr(written, line) == NULL)
            fail_msg("no %s in\n%s", line, written);
    }
    for (const char *s = written; *s != '\0'; s++)
        lines += *s == '\n';
    assert_int_equal(lines, sizeof(names) / sizeof(names[0]));
    plug_table_free(&table);
}

static void test_counters(void **state)
{
    int64_t counters[PLUG_COUNTERS];

    (void)state;
    for (size_t i = 0; i < PLUG_COUNTERS; i++)
        counters[i] = (int64_t)i;
    written[0] = '\0';
    plug_dispatch_counters(counters, write_down, NULL);
    assert_string_equal(written, "(self)/odbc-receiver/derive-received 0\n"
                                 "(self)/odbc-receiver/derive-malformed 1\n"
                                 "(self)/odbc-receiver/derive-foreign 2\n"
                                 "(self)/odbc-receiver/derive-refused_level 3\n"
                                 "(self)/odbc-receiver/derive-refused_signature 4\n"
                                 "(self)/odbc-receiver/derive-refused_clock 5\n"
                                 "(self)/odbc-receiver/derive-refused_replay 6\n"
                                 "(self)/odbc-receiver/derive-refused_full 7\n"
                                 "(self)/odbc-receiver/derive-probes 8\n"
                                 "(self)/odbc-receiver/derive-dropped 9\n"
                                 "(self)/odbc-receiver/derive-lost 10\n"
                                 "(self)/odbc-receiver/count-rows 11\n"
                                 "(self)/odbc-receiver/count-rows_live 12\n");
}

static char complained[256];

static void keep(enum plug_log_level level, const char *message)
{
    assert_int_equal(level, PLUG_WARNING);
    (void)snprintf(complained, sizeof(complained), "%s", message);
}

static void test_complaints(void **state)
{
    static const struct {
        uint64_t at;
        int64_t malformed;
        const char *said; /* NULL: nothing */
    } steps[] = {
        {10, 0, NULL},  {20, 3, "3 datagrams were malformed"},  {30, 9, NULL},
        {619, 9, NULL}, {620, 9, "6 datagrams were malformed"}, {3000, 9, NULL},
    };
    struct plug_complaints complaints = {0};

    (void)state;
    plug_log_to(keep, PLUG_INFO);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        int64_t counters[PLUG_COUNTERS] = {
            [PLUG_COUNT_RECEIVED] = 1000, [PLUG_COUNT_MALFORMED] = steps[i].malformed};

        complained[0] = '\0';
        plug_complain(&complaints, counters, plug_seconds(steps[i].at));
        assert_string_equal(complained, steps[i].said != NULL ? steps[i].said : "");
    }
    plug_log_to(NULL, PLUG_INFO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_intake),        cmocka_unit_test(test_intake_names),
        cmocka_unit_test(test_intake_golden), cmocka_unit_test(test_intake_whole),
        cmocka_unit_test(test_intake_types),  cmocka_unit_test(test_figures),
        cmocka_unit_test(test_sqlalchemy),    cmocka_unit_test(test_counters),
        cmocka_unit_test(test_complaints),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
