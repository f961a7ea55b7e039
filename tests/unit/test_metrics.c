/* SPDX-License-Identifier: MIT */
/* The table of metrics: what its rows promise each other, and the names that others rely on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "protocol/metrics.h"

static void test_groups_cover_the_wire_metrics(void **state)
{
    size_t next = 0;

    (void)state;
    for (size_t g = 0; g < CDP_WIRE_GROUPS; g++) {
        assert_int_equal(cdp_groups[g].first, next);
        assert_true(cdp_groups[g].count > 0);
        for (size_t i = 0; i < cdp_groups[g].count; i++, next++)
            assert_int_equal(cdp_metrics[next].group, g);
    }
    assert_int_equal(next, CDP_WIRE_METRICS);
    for (; next < CDP_METRICS; next++)
        assert_int_equal(cdp_metrics[next].group, CDP_GROUP_PLUGIN);
}

static void test_wire_types(void **state)
{
    static const struct {
        const char *wire_type;
        size_t count;
    } expected[] = {
        {"odbc_pool", 5},   {"odbc_totals", 4},   {"odbc_transactions", 3},
        {"odbc_faults", 4}, {"odbc_activity", 5},
    };

    (void)state;
    assert_int_equal(CDP_WIRE_GROUPS, sizeof(expected) / sizeof(expected[0]));
    for (size_t g = 0; g < CDP_WIRE_GROUPS; g++) {
        assert_string_equal(cdp_groups[g].wire_type, expected[g].wire_type);
        assert_int_equal(cdp_groups[g].count, expected[g].count);
    }
}

/* These travel in sqlalchemy-collectd's form too. */
static void test_shared_names_in_order(void **state)
{
    static const char *const names[] = {
        "numpools",  "checkedout",  "checkedin", "detached",    "connections",
        "checkouts", "invalidated", "connects",  "disconnects",
    };

    (void)state;
    for (size_t m = 0; m < sizeof(names) / sizeof(names[0]); m++)
        assert_string_equal(cdp_metrics[m].name, names[m]);
    assert_string_equal(cdp_metrics[CDP_BEGUN].name, "transactions");
    assert_string_equal(cdp_metrics[CDP_OLDEST].name, "oldest");
    assert_int_equal(cdp_metrics[CDP_OLDEST].merge, CDP_MAX);
    assert_string_equal(cdp_metrics[CDP_LOST].name, "lost");
}

/* A derive is added up as a derive and nowhere else, and no two metrics make one identifier. */
static void test_types(void **state)
{
    static const char *const gauge_types[] = {"count", "duration", "percent"};

    (void)state;
    for (size_t m = 0; m < CDP_METRICS; m++) {
        const struct cdp_metric_info *info = &cdp_metrics[m];
        size_t fits = 0;

        for (size_t t = 0; t < sizeof(gauge_types) / sizeof(gauge_types[0]); t++)
            fits += info->kind == CDP_GAUGE && strcmp(info->type, gauge_types[t]) == 0;
        fits += info->kind == CDP_DERIVE && strcmp(info->type, "derive") == 0;
        assert_int_equal(fits, 1);
        for (size_t other = 0; other < m; other++)
            assert_string_not_equal(info->name, cdp_metrics[other].name);
        assert_true(info->unit[0] != '\0' && info->title[0] != '\0');
        assert_int_equal(info->sentence[strlen(info->sentence) - 1], '.');
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_groups_cover_the_wire_metrics),
        cmocka_unit_test(test_wire_types),
        cmocka_unit_test(test_shared_names_in_order),
        cmocka_unit_test(test_types),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
