/* SPDX-License-Identifier: MIT */
/* connmon's model and view, alone: rates, peaks, expiry, attention, order, columns, safe text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "connmon/json.h"
#include "connmon/attention.h"
#include "connmon/cell.h"
#include "connmon/fleet.h"
#include "protocol/metrics.h"

#define START    1000.0
#define INTERVAL 2.0

static struct mon_model *new_model(void)
{
    struct mon_model *model = mon_model_new(42);

    assert_non_null(model);
    return model;
}

/* --- feeding --- */

struct figure {
    const char *plugin, *host, *program;
    enum cdp_metric metric;
    double value;
};

static void feed_at(struct mon_model *model, const struct figure *f, double time, double now)
{
    struct cdp_value_list list = {.host = f->host,
                                  .plugin = f->plugin,
                                  .plugin_instance = f->program,
                                  .type = cdp_metrics[f->metric].type,
                                  .type_instance = cdp_metrics[f->metric].name,
                                  .time = cdp_time_from_seconds(time),
                                  .interval = cdp_time_from_seconds(INTERVAL),
                                  .count = 1};

    if (cdp_metrics[f->metric].kind == CDP_GAUGE) {
        list.values[0].kind = CDP_VALUE_GAUGE;
        list.values[0].gauge = f->value;
    } else {
        list.values[0].kind = CDP_VALUE_DERIVE;
        list.values[0].derive = (int64_t)f->value;
    }
    mon_model_take(model, &list, now);
}

static void feed(struct mon_model *model, const char *host, const char *program,
                 enum cdp_metric metric, double value, double now)
{
    feed_at(model, &(struct figure){"odbc", host, program, metric, value}, 5000 + now, now);
}

static const struct mon_row *row_of(const struct mon_model *model, const char *host,
                                    const char *program)
{
    size_t count;
    struct mon_row *const *rows = mon_model_rows(model, &count);

    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i]->host, host) == 0 && strcmp(rows[i]->program, program) == 0)
            return rows[i];
    return NULL;
}

static double value_of(const struct mon_model *model, const char *host, const char *program,
                       enum cdp_metric metric)
{
    const struct mon_row *row = row_of(model, host, program);
    const struct mon_series *s = row != NULL ? mon_row_series(row, metric) : NULL;

    return s != NULL ? s->value : -1;
}

/* --- figures --- */

static void test_gauge(void **state)
{
    struct mon_model *model = new_model();
    const struct mon_series *s;
    double sample;

    (void)state;
    feed(model, "h", "p", CDP_CHECKEDOUT, 3, START);
    feed(model, "h", "p", CDP_CHECKEDOUT, 7, START + 2);
    feed(model, "h", "p", CDP_CHECKEDOUT, 5, START + 4);
    s = mon_row_series(row_of(model, "h", "p"), CDP_CHECKEDOUT);
    assert_non_null(s);
    assert_float_equal(s->value, 5, 0);
    assert_float_equal(s->peak, 7, 0);
    assert_true(mon_series_sample(s, 2, &sample));
    assert_float_equal(sample, 3, 0);
    assert_false(mon_series_sample(s, 3, &sample));
    mon_model_reset(model);
    assert_float_equal(s->peak, 5, 0);
    mon_model_free(&model);
    assert_null(model);
}

static void test_rate(void **state)
{
    static const struct {
        const char *title;
        double totals[3], times[3];
        double rate, increase; /* after all three; -1: not known */
    } cases[] = {
        {"steady", {10, 30, 50}, {0, 2, 4}, 10, 40},
        {"a late datagram waits for its own clock", {10, 30, 70}, {0, 2, 6}, 10, 60},
        {"falls: another collectd's", {10, 30, 5}, {0, 2, 4}, 10, 20},
        {"the same again", {10, 30, 30}, {0, 2, 2}, 10, 20},
        {"within the same whole second", {10, 12, 30}, {0, 0, 2}, 10, 20},
        {"the clock goes back", {10, 30, 40}, {10, 12, 3}, 10, 20},
        {"negative is none", {10, -5, 30}, {0, 2, 4}, 5, 20},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mon_model *model = new_model();
        const struct mon_series *s;

        print_message("%s\n", cases[i].title);
        for (size_t k = 0; k < 3; k++) {
            feed_at(model, &(struct figure){"odbc", "h", "p", CDP_CHECKOUTS, cases[i].totals[k]},
                    5000 + cases[i].times[k], START + (double)k * 2);
            assert_int_equal(mon_row_series(row_of(model, "h", "p"), CDP_CHECKOUTS) != NULL,
                             k == 2 || (k == 1 && cases[i].times[1] > cases[i].times[0] &&
                                        cases[i].totals[1] >= cases[i].totals[0]));
        }
        s = mon_row_series(row_of(model, "h", "p"), CDP_CHECKOUTS);
        assert_float_equal(s->value, cases[i].rate, 1e-6);
        assert_float_equal((double)s->increase, cases[i].increase, 0);
        mon_model_free(&model);
    }
}

static void test_what_is_none_of_ours(void **state)
{
    static const struct {
        const char *title, *plugin, *host, *program, *type, *instance;
        size_t count;
        enum cdp_value_kind kind;
        double gauge;
        size_t rows;
    } cases[] = {
        {"fine", "odbc", "h", "p", "count", "checkedout", 1, CDP_VALUE_GAUGE, 1, 1},
        {"plugin", "load", "h", "p", "count", "checkedout", 1, CDP_VALUE_GAUGE, 1, 0},
        {"type", "odbc", "h", "p", "gauge", "checkedout", 1, CDP_VALUE_GAUGE, 1, 0},
        {"instance", "odbc", "h", "p", "count", "checkedou", 1, CDP_VALUE_GAUGE, 1, 0},
        {"kind", "odbc", "h", "p", "count", "checkedout", 1, CDP_VALUE_DERIVE, 1, 0},
        {"count", "odbc", "h", "p", "count", "checkedout", 2, CDP_VALUE_GAUGE, 1, 0},
        {"no host", "odbc", "", "p", "count", "checkedout", 1, CDP_VALUE_GAUGE, 1, 0},
        {"no program", "odbc", "h", "", "count", "checkedout", 1, CDP_VALUE_GAUGE, 1, 0},
        {"the plugin itself", "odbc", "h", "receiver", "derive", "lost", 1, CDP_VALUE_DERIVE, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mon_model *model = new_model();
        struct cdp_value_list list = {.host = cases[i].host,
                                      .plugin = cases[i].plugin,
                                      .plugin_instance = cases[i].program,
                                      .type = cases[i].type,
                                      .type_instance = cases[i].instance,
                                      .count = cases[i].count};
        size_t count;

        print_message("%s\n", cases[i].title);
        list.values[0].kind = cases[i].kind;
        list.values[0].gauge = cases[i].gauge;
        mon_model_take(model, &list, START);
        (void)mon_model_rows(model, &count);
        assert_int_equal(count, cases[i].rows);
        mon_model_free(&model);
    }
}

static void test_gauges_that_cannot_be(void **state)
{
    static const double values[] = {-1, 1e300, -0.5, 1.0 / 0.0, -1.0 / 0.0, 0.0 / 0.0};
    struct mon_model *model = new_model();

    (void)state;
    feed(model, "h", "p", CDP_CHECKEDIN, 4, START);
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        feed(model, "h", "p", CDP_CHECKEDIN, values[i], START);
    assert_float_equal(value_of(model, "h", "p", CDP_CHECKEDIN), 4, 0);
    mon_model_free(&model);
}

static void test_reuse(void **state)
{
    struct mon_model *model = new_model();
    double percent;

    (void)state;
    for (int k = 0; k < 2; k++) {
        feed(model, "h", "p", CDP_CHECKOUTS, 100 * k, START + 2 * k);
        feed(model, "h", "p", CDP_CONNECTS, 25 * k, START + 2 * k);
        feed(model, "h", "idle", CDP_CHECKOUTS, 100, START + 2 * k);
        feed(model, "h", "told", CDP_REUSE, 33, START + 2 * k);
    }
    assert_true(mon_row_reuse(row_of(model, "h", "p"), &percent));
    assert_float_equal(percent, 75, 1e-9);
    assert_false(mon_row_reuse(row_of(model, "h", "idle"), &percent));
    assert_true(mon_row_reuse(row_of(model, "h", "told"), &percent));
    assert_float_equal(percent, 33, 0);
    mon_model_free(&model);
}

/* --- time --- */

static void test_figure_that_is_left_out(void **state)
{
    struct mon_model *model = new_model();

    (void)state;
    feed(model, "h", "p", CDP_REUSE, 80, START);
    for (int k = 0; k < 2; k++)
        feed(model, "h", "p", CDP_CHECKEDOUT, 1, START + 2 * k);
    assert_float_equal(value_of(model, "h", "p", CDP_REUSE), 80, 0);
    feed(model, "h", "p", CDP_CHECKEDOUT, 1, START + 6);
    assert_float_equal(value_of(model, "h", "p", CDP_REUSE), -1, 0);
    mon_model_free(&model);
}

static void test_expiry(void **state)
{
    static const struct {
        double after;
        bool ended, other, host;
    } cases[] = {
        {6, true, true, true},
        {8, false, true, true},
        {600, false, true, true},
        {620, false, false, false},
    };
    struct mon_model *model = new_model();
    double last = START + 10;

    (void)state;
    feed(model, "h", "host", CDP_CHECKEDOUT, 1, START);
    feed(model, "h", "ended", CDP_CHECKEDOUT, 1, START);
    feed(model, "h", "other", CDP_CHECKEDOUT, 1, START);
    for (double now = START; now <= last; now += 2) {
        feed(model, "h", "host", CDP_CHECKEDOUT, 1, now);
        feed(model, "h", "other", CDP_CHECKEDOUT, 1, now);
        if (now - START <= 6) {
            mon_model_tick(model, now);
            assert_non_null(row_of(model, "h", "ended"));
        }
    }
    /* The host goes silent at `last`; the program that ended before has left by itself. */
    mon_model_tick(model, last);
    assert_null(row_of(model, "h", "ended"));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        mon_model_tick(model, last + cases[i].after);
        assert_int_equal(row_of(model, "h", "other") != NULL, cases[i].other);
        assert_int_equal(row_of(model, "h", "host") != NULL, cases[i].host);
    }
    mon_model_free(&model);
}

static void test_overview(void **state)
{
    struct mon_model *model = new_model();

    (void)state;
    for (int k = 0; k < 2; k++) {
        double now = START + 2 * k;

        for (int h = 0; h < 3; h++) {
            char host[16];

            (void)snprintf(host, sizeof(host), "h%d", h);
            feed(model, host, "host", CDP_NUMPROCS, 2, now);
            feed(model, host, "host", CDP_CONNECTIONS, 10 - 2 * k, now);
            feed(model, host, "host", CDP_CHECKEDOUT, 4, now);
            feed(model, host, "host", CDP_CHECKOUTS, 20 * k, now);
            feed(model, host, "host", CDP_CONNECTS, 5 * k, now);
            feed(model, host, "p", CDP_NUMPROCS, 2, now); /* already in the host's */
        }
        feed_at(model, &(struct figure){"sqlalchemy", "h0", "host", CDP_NUMPROCS, 1}, 5000 + now,
                now);
        mon_model_tick(model, now);
    }
    assert_float_equal(mon_model_overall(model, MON_ALL_HOSTS)->value, 3, 0);
    assert_float_equal(mon_model_overall(model, MON_ALL_PROCESSES)->value, 7, 0);
    assert_float_equal(mon_model_overall(model, MON_ALL_OPEN)->value, 24, 0);
    assert_float_equal(mon_model_overall(model, MON_ALL_OPEN)->peak, 30, 0);
    assert_float_equal(mon_model_overall(model, MON_ALL_IN_USE)->value, 12, 0);
    assert_float_equal(mon_model_overall(model, MON_ALL_CHECKOUTS)->value, 30, 1e-6);
    assert_float_equal(mon_model_overall(model, MON_ALL_REUSE)->value, 75, 1e-6);
    mon_model_tick(model, START + 60); /* all silent */
    assert_float_equal(mon_model_overall(model, MON_ALL_HOSTS)->value, 0, 0);
    assert_float_equal(mon_model_overall(model, MON_ALL_HOSTS)->peak, 3, 0);
    mon_model_free(&model);
}

/* A program on many hosts is one row of the fleet: levels and rates add up, ages do not, and what
   no longer reports counts no more. */
static void test_fleet(void **state)
{
    struct mon_model *model = new_model();
    const struct mon_row *row;
    double now = START, percent;

    (void)state;
    for (int k = 0; k < 2; k++, now += 2) {
        for (int h = 0; h < 3; h++) {
            char host[16];

            (void)snprintf(host, sizeof(host), "h%d", h);
            feed(model, host, "host", CDP_CHECKEDOUT, 9, now);
            feed(model, host, "p", CDP_CHECKEDOUT, 4 + h, now);
            feed(model, host, "p", CDP_OLDEST, 10 * h, now);
            feed(model, host, "p", CDP_CHECKOUTS, 40 * k, now);
            feed(model, host, "p", CDP_CONNECTS, 10 * k, now);
            feed(model, host, "p", CDP_STALE, 3 * k, now);
            feed(model, host, "p", CDP_REUSE, 11, now);
        }
        feed(model, "h0", "q", CDP_CHECKEDOUT, 1, now);
        feed_at(model, &(struct figure){"sqlalchemy", "h0", "p", CDP_CHECKEDOUT, 7}, 5000 + now,
                now);
        mon_model_tick(model, now);
        mon_fleet_update(model, now);
    }
    now -= 2;
    row = mon_model_row(model, MON_ODBC, "", "p");
    assert_non_null(row);
    assert_int_equal(row->kind, MON_FLEET);
    assert_int_equal(row->hosts, 3);
    assert_float_equal(mon_row_series(row, CDP_CHECKEDOUT)->value, 15, 0);
    assert_float_equal(mon_row_series(row, CDP_OLDEST)->value, 20, 0);
    assert_float_equal(mon_row_series(row, CDP_CHECKOUTS)->value, 60, 1e-6);
    assert_int_equal(mon_row_series(row, CDP_STALE)->increase, 9);
    assert_true(mon_row_reuse(row, &percent));
    assert_float_equal(percent, 75, 1e-6);
    assert_int_equal(row_of(model, "", "q")->hosts, 1);
    assert_null(row_of(model, "", "host"));

    /* Two hosts fall silent, and are forgotten. */
    for (int k = 0; k < 6; k++) {
        now += 2;
        feed(model, "h0", "host", CDP_CHECKEDOUT, 9, now);
        feed(model, "h0", "p", CDP_CHECKEDOUT, 4, now);
        mon_model_tick(model, now);
        mon_fleet_update(model, now);
    }
    assert_int_equal(row->hosts, 3);
    assert_float_equal(mon_row_series(row, CDP_CHECKEDOUT)->value, 4, 0);
    assert_float_equal(mon_row_series(row, CDP_CHECKEDOUT)->peak, 15, 0);
    assert_false(mon_row_is_silent(row, now));
    assert_true(mon_row_is_silent(row, now + 8));
    now += MON_FORGET_S + 100;
    for (int k = 0; k < 2; k++) {
        mon_model_tick(model, now);
        mon_fleet_update(model, now);
    }
    assert_null(row_of(model, "", "p"));
    mon_model_free(&model);
}

static void test_complete(void **state)
{
    struct mon_model *model = new_model();

    (void)state;
    assert_false(mon_model_is_complete(model));
    feed(model, "h", "p", CDP_CHECKEDOUT, 1, START);
    assert_false(mon_model_is_complete(model)); /* the totals may still come */
    feed(model, "h", "p", CDP_CHECKOUTS, 1, START);
    assert_false(mon_model_is_complete(model));
    feed(model, "h", "p", CDP_CONNECTS, 1, START);
    feed(model, "h", "p", CDP_CHECKOUTS, 1, START + 2);
    assert_false(mon_model_is_complete(model));
    feed(model, "h", "p", CDP_CONNECTS, 1, START + 2);
    assert_true(mon_model_is_complete(model));
    mon_model_free(&model);
}

static void test_bounded(void **state)
{
    struct mon_model *model = new_model();
    size_t count;

    (void)state;
    for (int i = 0; i < MON_ROWS_MAX + 10; i++) {
        char name[16];

        (void)snprintf(name, sizeof(name), "p%d", i);
        feed(model, "h", name, CDP_CHECKEDOUT, 1, START);
    }
    (void)mon_model_rows(model, &count);
    assert_int_equal(count, MON_ROWS_MAX);
    assert_int_equal(mon_model_refused(model), 10);
    mon_model_tick(model, START + MON_FORGET_S + 100);
    (void)mon_model_rows(model, &count);
    assert_int_equal(count, 0);
    mon_model_free(&model);
}

/* --- attention --- */

static void test_attention(void **state)
{
    static const struct {
        const char *title;
        enum cdp_metric metric;
        double first, second;
        double later; /* seconds after the second */
        char mark;
        const char *words;
    } cases[] = {
        {"fine", CDP_CHECKEDOUT, 1, 2, 0, ' ', ""},
        {"stale, before watching", CDP_STALE, 7, 7, 0, ' ', ""},
        {"stale now", CDP_STALE, 7, 9, 0, '!', "stale 2"},
        {"broken", CDP_INVALIDATED, 0, 1, 0, '!', "broken 1"},
        {"failed", CDP_FAILURES, 0, 17, 0, '!', "failed 17"},
        {"dirty", CDP_DIRTY, 0, 1, 0, '!', "dirty 1"},
        {"lost", CDP_LOST, 0, 1, 0, '!', "lost 1"},
        {"reuse", CDP_REUSE, 90, 49.9, 0, '*', "reuse 49%"},
        {"reuse enough", CDP_REUSE, 10, 50, 0, ' ', ""},
        {"oldest", CDP_OLDEST, 1, 61, 0, '*', "oldest 61s"},
        {"oldest young", CDP_OLDEST, 61, 60, 0, ' ', ""},
        {"silent", CDP_CHECKEDOUT, 1, 2, 8, '?', "silent 8s"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mon_model *model = new_model();
        struct mon_view view;
        struct mon_text text;
        double now = START + 2 + cases[i].later;
        const struct mon_row *row;

        print_message("%s\n", cases[i].title);
        mon_view_init(&view);
        feed(model, "h", "p", cases[i].metric, cases[i].first, START);
        feed(model, "h", "p", cases[i].metric, cases[i].second, START + 2);
        row = row_of(model, "h", "p");
        assert_int_equal(mon_row_mark(&view, row, now), cases[i].mark);
        mon_text_clear(&text);
        mon_row_attention(&text, &view, row, 80, now);
        assert_string_equal(text.bytes, cases[i].words);
        assert_int_equal(mon_view_troubled(&view, model, now), cases[i].mark != ' ');
        mon_model_free(&model);
    }
}

static void test_attention_fades(void **state)
{
    struct mon_model *model = new_model();
    struct mon_view view;
    double now = START;

    (void)state;
    mon_view_init(&view);
    for (int k = 0; k < 40; k++, now += 2)
        feed(model, "h", "p", CDP_STALE, k == 0 ? 0 : 3, now);
    assert_int_equal(mon_row_mark(&view, row_of(model, "h", "p"), now), '*');
    mon_model_reset(model);
    assert_int_equal(mon_row_mark(&view, row_of(model, "h", "p"), now), ' ');
    mon_model_free(&model);
}

/* --- rows and columns --- */

static void test_order(void **state)
{
    static const struct {
        const char *title;
        struct mon_view view;
        const char *order;
    } cases[] = {
        {"in use", {.sort = MON_COLUMN_IN_USE}, "cabd"},
        {"reversed", {.sort = MON_COLUMN_IN_USE, .reversed = true}, "dbac"},
        {"names", {.sort = MON_COLUMN_PROGRAM}, "abcd"},
        {"unknown last", {.sort = MON_COLUMN_IDLE}, "bacd"},
        {"peak", {.sort = MON_COLUMN_PEAK}, "bcad"},
        {"trouble first", {.sort = MON_COLUMN_IN_USE, .trouble_first = true}, "dcab"},
        {"filter a name", {.sort = MON_COLUMN_PROGRAM, .filter = "B"}, "b"},
        {"filter the host", {.sort = MON_COLUMN_PROGRAM, .filter = "oST2"}, "d"},
        {"filter nothing", {.sort = MON_COLUMN_PROGRAM, .filter = "zz"}, ""},
    };
    struct mon_model *model = new_model();

    (void)state;
    feed(model, "host1", "b", CDP_CHECKEDOUT, 9, START - 2);
    feed(model, "host1", "a", CDP_CHECKEDOUT, 2, START);
    feed(model, "host1", "b", CDP_CHECKEDOUT, 1, START);
    feed(model, "host1", "c", CDP_CHECKEDOUT, 3, START);
    feed(model, "host2", "d", CDP_CHECKEDOUT, 0, START);
    feed(model, "host1", "a", CDP_CHECKEDIN, 1, START);
    feed(model, "host1", "b", CDP_CHECKEDIN, 2, START);
    feed(model, "host2", "d", CDP_OLDEST, 1000, START);
    feed(model, "host1", "host", CDP_CHECKEDOUT, 6, START);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct mon_row *rows[8];
        struct mon_view view = cases[i].view;
        char order[9] = "";

        view.oldest_limit = 60;
        for (size_t k = 0, n = mon_view_rows(&view, model, START, rows, 8); k < n; k++)
            strcat(order, rows[k]->program);
        print_message("%s\n", cases[i].title);
        assert_string_equal(order, cases[i].order);
    }
    mon_model_free(&model);
}

static void test_layout(void **state)
{
    static const struct {
        size_t width;
        enum mon_kind kind;
        const char *headings;
    } cases[] = {
        {38, MON_PROGRAM, "Program Open In-use Out/s Reuse "},
        {78, MON_PROGRAM, "Program Host Open In-use Peak Out/s Reuse Oldest Attention "},
        {38, MON_HOST, "Host Open In-use Out/s Reuse "},
        {12, MON_PROGRAM, "Program "},
        {5, MON_PROGRAM, "Open "}, /* rather than nothing */
        {0, MON_PROGRAM, ""},
    };
    struct mon_layout layout;

    (void)state;
    for (size_t width = 0; width < 300; width++) {
        struct mon_view view;
        size_t used = 0;

        mon_view_init(&view);
        mon_layout_choose(view.kind, NULL, 0, width, &layout);
        for (size_t i = 0; i < layout.count; i++)
            used += layout.cells[i].width + (i > 0);
        assert_true(used <= width);
        assert_true(width < 200 || layout.count == MON_COLUMNS);
    }
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mon_view view;
        char headings[256] = "";

        mon_view_init(&view);
        view.kind = cases[i].kind;
        mon_layout_choose(view.kind, NULL, 0, cases[i].width, &layout);
        for (size_t k = 0; k < layout.count; k++)
            strcat(strcat(headings, mon_columns[layout.cells[k].column].heading), " ");
        for (char *blank = strstr(headings, "In use"); blank != NULL; blank = NULL)
            blank[2] = '-';
        print_message("%zu columns\n", cases[i].width);
        assert_string_equal(headings, cases[i].headings);
    }
}

/* The narrowest table tells rows of one program apart by their hosts, if there are several. */
static void test_layout_of_hosts(void **state)
{
    static const struct {
        const char *hosts[2];
        enum mon_column columns[5]; /* of 38 columns of the terminal */
        double longest;
    } cases[] = {
        {{"a", "a"},
         {MON_COLUMN_PROGRAM, MON_COLUMN_OPEN, MON_COLUMN_IN_USE, MON_COLUMN_CHECKOUTS,
          MON_COLUMN_REUSE},
         9},
        {{"a", "b"}, {MON_COLUMN_PROGRAM, MON_COLUMN_HOST, MON_COLUMN_OPEN, MON_COLUMN_IN_USE}, 9},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mon_model *model = new_model();
        const struct mon_row *rows[2];
        struct mon_layout layout;
        struct mon_view view;

        mon_view_init(&view);
        feed(model, cases[i].hosts[0], "p", CDP_CONNECTIONS, 4, START);
        feed(model, cases[i].hosts[1], "q", CDP_CONNECTIONS, 9, START);
        assert_int_equal(mon_view_rows(&view, model, START, rows, 2), 2);
        mon_layout_choose(MON_PROGRAM, rows, 2, 38, &layout);
        for (size_t k = 0; k < layout.count; k++)
            assert_int_equal(layout.cells[k].column, cases[i].columns[k]);
        assert_float_equal(layout.longest, cases[i].longest, 0);
        mon_model_free(&model);
    }
}

static void test_bar(void **state)
{
    static const struct {
        double used, open, longest;
        const char *utf8, *ascii;
    } cases[] = {
        {5, 10, 10, "▇▇▇▇▇▂▂▂▂▂", "#####-----"},  {0, 0, 10, "          ", "          "},
        {10, 10, 10, "▇▇▇▇▇▇▇▇▇▇", "##########"}, {1, 2, 100, "▇         ", "#         "},
        {0, 1, 100, "▂         ", "-         "},  {45, 60, 100, "▇▇▇▇▇▂    ", "#####-    "},
        {9, 4, 4, "▇▇▇▇▇▇▇▇▇▇", "##########"},    {3, 3, 0, "          ", "          "},
    };
    struct mon_layout layout = {.count = 1, .cells = {{MON_COLUMN_HELD, 10}}};
    struct mon_view view;

    (void)state;
    mon_view_init(&view);
    for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
        bool ascii = i % 2 == 1;
        struct mon_model *model = new_model();
        struct mon_text text;

        feed(model, "h", "p", CDP_CHECKEDOUT, cases[i / 2].used, START);
        feed(model, "h", "p", CDP_CONNECTIONS, cases[i / 2].open, START);
        layout.longest = cases[i / 2].longest;
        mon_text_init(ascii);
        mon_text_clear(&text);
        mon_cell_add(&text, &view, row_of(model, "h", "p"), &layout, 0, START);
        assert_string_equal(text.bytes, ascii ? cases[i / 2].ascii : cases[i / 2].utf8);
        assert_int_equal(text.columns, 10);
        mon_model_free(&model);
    }
    mon_text_init(false);
}

static void test_sort_by_next(void **state)
{
    struct mon_view view;
    struct mon_layout layout;

    (void)state;
    mon_view_init(&view);
    mon_layout_choose(view.kind, NULL, 0, 300, &layout);
    for (size_t i = 0; i + 1 < 2 * layout.count; i++) {
        mon_view_sort_by_next(&view, &layout, 1);
        assert_true(view.sort != MON_COLUMN_TREND && view.sort != MON_COLUMN_HELD);
    }
    mon_view_init(&view);
    mon_view_sort_by_next(&view, &layout, -1);
    assert_int_equal(view.sort, MON_COLUMN_OPEN);
}

/* --- text --- */

static void test_text(void **state)
{
    static const struct {
        const char *in;
        size_t columns;
        const char *utf8, *ascii, *json;
    } cases[] = {
        {"plain", 10, "plain", "plain", "\"plain\""},
        {"cut here", 5, "cut ~", "cut ~", "\"cut here\""},
        {"exact", 5, "exact", "exact", "\"exact\""},
        {"no room", 0, "", "", "\"no room\""},
        {"\033[31mred\007", 20, "_[31mred_", "?[31mred?", "\"\\u001b[31mred\\u0007\""},
        {"c1 \xc2\x9b", 20, "c1 _", "c1 ?", "\"c1 \\u009b\""},
        {"bad \xff\xc0\xaf", 20, "bad ___", "bad ???", "\"bad \\ufffd\\ufffd\\ufffd\""},
        {"cut \xe2\x82", 20, "cut __", "cut ??", "\"cut \\ufffd\\ufffd\""},
        {"rlo \xe2\x80\xae x", 20, "rlo _ x", "rlo ? x", "\"rlo \\u202e x\""},
        {"iso \xe2\x81\xa6", 20, "iso _", "iso ?", "\"iso \\u2066\""},
        {"zero \xe2\x80\x8b", 20, "zero _", "zero ?", "\"zero \\u200b\""},
        {"tag \xf3\xa0\x81\x81", 20, "tag _", "tag ?", "\"tag \\udb40\\udc41\""},
        {"K\xc3\xb6ln", 4, "K\xc3\xb6ln", "K?ln", "\"K\xc3\xb6ln\""},
        {"\xe6\x97\xa5\xe6\x9c\xac", 3, "\xe6\x97\xa5~", "??", "\"\xe6\x97\xa5\xe6\x9c\xac\""},
        {"q\"b\\", 9, "q\"b\\", "q\"b\\", "\"q\\\"b\\\\\""},
        {"del \x7f", 9, "del _", "del ?", "\"del \\u007f\""},
        {"soft \xc2\xad", 9, "soft _", "soft ?", "\"soft \\u00ad\""},
        {"own \xee\x80\x80", 9, "own _", "own ?", "\"own \\ue000\""},
    };
    struct mon_text text;

    (void)state;
    for (int ascii = 0; ascii <= 1; ascii++) {
        mon_text_init(ascii);
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
            mon_text_clear(&text);
            mon_text_add(&text, cases[i].in, cases[i].columns);
            assert_string_equal(text.bytes, ascii ? cases[i].ascii : cases[i].utf8);
            assert_true(text.columns <= cases[i].columns);
            mon_text_clear(&text);
            mon_text_json(&text, cases[i].in);
            if (!ascii)
                assert_string_equal(text.bytes, cases[i].json);
        }
    }
    mon_text_init(false);
}

static void test_numbers(void **state)
{
    static const struct {
        double value;
        const char *number, *duration;
    } cases[] = {
        {0, "0", "0s"},
        {0.04, "0.04", "0s"},
        {0.5, "0.5", "0s"},
        {7.26, "7.3", "7s"},
        {99.94, "99.9", "99s"},
        {99.96, "100", "99s"},
        {100, "100", "1m40"},
        {3599, "3599", "59m59"},
        {3600, "3600", "1h00"},
        {86399, "86399", "23h59"},
        {99999, "99999", "1d"},
        {123456, "123k", "1d"},
        {1234567, "1.2M", "14d"},
        {-5, "0", "0s"},
        {9007199254740992.0, "9.0P", "11574d"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char out[MON_NUMBER_BYTES];

        assert_string_equal(mon_number(out, cases[i].value), cases[i].number);
        assert_string_equal(mon_duration(out, cases[i].value), cases[i].duration);
    }
}

static void test_sparklines(void **state)
{
    static const double values[] = {-1, 0, 1, 4, 8, 8};
    struct mon_text text;

    (void)state;
    mon_text_init(false);
    mon_text_clear(&text);
    mon_text_spark(&text, values, 6, 0, 8);
    assert_string_equal(text.bytes, " ▁▂▄▇▇");
    assert_int_equal(text.columns, 6);
    mon_text_clear(&text);
    mon_text_braille(&text, values, 6, 0, 8);
    assert_string_equal(text.bytes, "⢀⣠⣿");
    mon_text_clear(&text);
    mon_text_spark(&text, values + 1, 5, 1, 5);
    assert_string_equal(text.bytes, "▁▁▆▇▇");
    mon_text_init(true);
    mon_text_clear(&text);
    mon_text_spark(&text, values, 6, 0, 8);
    assert_string_equal(text.bytes, " _.=##");
    mon_text_clear(&text);
    mon_text_braille(&text, values, 6, 0, 8);
    assert_string_equal(text.bytes, "_=#");
    mon_text_init(false);
}

/* A steady value is half way up, a small change small, and 0 at the bottom. */
static void test_sparks_of_a_series(void **state)
{
    static const struct {
        double values[4];
        const char *line;
    } cases[] = {
        {{5, 5, 5, 5}, "▄▄▄▄"},         {{0, 0, 0, 0}, "▁▁▁▁"},     {{0, 0, 4, 8}, "▁▁▄▇"},
        {{100, 100, 101, 100}, "▄▄▅▄"}, {{30, 30, 40, 30}, "▁▁▇▁"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mon_model *model = new_model();
        struct mon_text text;

        for (size_t k = 0; k < 4; k++)
            feed(model, "h", "p", CDP_CHECKEDOUT, cases[i].values[k], START + (double)k);
        mon_text_clear(&text);
        mon_cell_spark(&text, row_of(model, "h", "p")->series[CDP_CHECKEDOUT], 6, false);
        assert_string_equal(text.bytes + 2, cases[i].line);
        assert_int_equal(text.columns, 6);
        mon_model_free(&model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gauge),
        cmocka_unit_test(test_rate),
        cmocka_unit_test(test_what_is_none_of_ours),
        cmocka_unit_test(test_gauges_that_cannot_be),
        cmocka_unit_test(test_reuse),
        cmocka_unit_test(test_figure_that_is_left_out),
        cmocka_unit_test(test_expiry),
        cmocka_unit_test(test_overview),
        cmocka_unit_test(test_fleet),
        cmocka_unit_test(test_complete),
        cmocka_unit_test(test_bounded),
        cmocka_unit_test(test_attention),
        cmocka_unit_test(test_attention_fades),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_layout),
        cmocka_unit_test(test_layout_of_hosts),
        cmocka_unit_test(test_bar),
        cmocka_unit_test(test_sort_by_next),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_sparklines),
        cmocka_unit_test(test_sparks_of_a_series),
    };

    /* The only locale that is everywhere and has all characters. */
    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL) {
        fputs("the locale C.UTF-8 is missing\n", stderr);
        return 1;
    }
    mon_text_init(false);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
