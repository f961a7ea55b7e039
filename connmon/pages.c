/* SPDX-License-Identifier: MIT */
/* Owns the pages that are text: one row with all its figures, and the legend. */
#include "connmon/pages.h"

#include <string.h>

#include "connmon/attention.h"
#include "connmon/cell.h"
#include "connmon/input.h"
#include "protocol/metrics.h"

/* --- one row --- */

#define NUMBER_COLUMNS 8

/* The column of the table that has a concern for this metric; MON_COLUMNS: none. */
static enum mon_column concern_of(enum cdp_metric metric)
{
    size_t c = 0;

    while (c < MON_COLUMNS &&
           (mon_columns[c].concern == MON_NONE || mon_columns[c].metric != metric))
        c++;
    return (enum mon_column)c;
}

static void add_figure(struct mon_text *text, enum cdp_metric metric, bool known, double value)
{
    const struct cdp_metric_info *info = &cdp_metrics[metric];
    char number[MON_NUMBER_BYTES] = "-";
    const char *unit = known && info->kind == CDP_DERIVE ? "/s" : "";
    size_t start = text->columns;
    size_t length;

    if (known && strcmp(info->type, "duration") == 0)
        mon_duration(number, value);
    else if (known && strcmp(info->type, "percent") == 0)
        mon_percent(number, value);
    else if (known)
        mon_number(number, value);
    length = strlen(number) + strlen(unit);
    if (length < NUMBER_COLUMNS)
        mon_text_pad(text, start + NUMBER_COLUMNS - length);
    mon_text_format(text, "%s%s", number, unit);
}

static void put_metric(struct mon_pager *pager, const struct mon_screen *screen,
                       const struct mon_row *row, enum cdp_metric metric, double now)
{
    const struct mon_series *s = row->series[metric];
    enum mon_column concern = concern_of(metric);
    enum mon_level level =
        concern == MON_COLUMNS ? MON_FINE : mon_cell_level(&screen->view, row, concern, now);
    size_t title_columns = pager->columns < 60 ? 14 : 18;
    bool known = mon_row_series(row, metric) != NULL;
    struct mon_text text, graph;

    mon_text_clear(&text);
    mon_text_clear(&graph);
    mon_text_format(&text, "%c ", " *!"[level]);
    mon_text_add(&text, cdp_metrics[metric].title, title_columns);
    mon_text_pad(&text, 2 + title_columns);
    add_figure(&text, metric, known, s->value);
    add_figure(&text, metric, s->known, s->peak);
    mon_text_pad(&text, text.columns + 2);
    mon_pager_line(pager, &text,
                   level == MON_ALARM   ? MON_STYLE_ALARM
                   : level == MON_WATCH ? MON_STYLE_WATCH
                                        : MON_TITLE);
    if (pager->columns > text.columns)
        mon_cell_spark(&graph, s, pager->columns - text.columns, true);
    mon_pager_more(pager, text.columns, &graph,
                   level == MON_ALARM   ? MON_STYLE_ALARM
                   : level == MON_WATCH ? MON_STYLE_WATCH
                                        : MON_SPARK);
    if (cdp_metrics[metric].kind == CDP_DERIVE) {
        mon_text_clear(&text);
        mon_text_pad(&text, 4);
        mon_text_format(&text, "%lld since watching began; %lld in all", (long long)s->increase,
                        (long long)s->total);
        mon_pager_line(pager, &text, MON_PLAIN);
    }
    mon_pager_wrap(pager, cdp_metrics[metric].sentence, 4, MON_FAINT);
}

void mon_page_row(struct mon_pager *pager, const struct mon_screen *screen,
                  const struct mon_row *row, double now)
{
    struct mon_text text;
    char number[MON_NUMBER_BYTES];
    enum mon_level level = mon_row_level(&screen->view, row, now);

    mon_text_clear(&text);
    if (level > MON_FINE) {
        mon_text_format(&text, "%c ", mon_row_mark(&screen->view, row, now));
        mon_row_attention(&text, &screen->view, row, pager->columns - 2, now);
        mon_pager_line(pager, &text, level == MON_ALARM ? MON_STYLE_ALARM : MON_STYLE_WATCH);
    } else {
        mon_text_format(&text, "  Nothing needs attention.");
        mon_pager_line(pager, &text, MON_PLAIN);
    }
    mon_text_clear(&text);
    mon_text_format(&text, "  Plugin %s, a figure every %gs, the newest %s ago.",
                    row->source == MON_ODBC ? "odbc" : "sqlalchemy", row->interval,
                    mon_duration(number, now - row->heard));
    mon_pager_line(pager, &text, MON_PLAIN);
    mon_text_clear(&text);
    mon_text_pad(&text, 2 + (pager->columns < 60 ? 14 : 18));
    mon_text_format(&text, "%*s%*s  %s", NUMBER_COLUMNS, "now", NUMBER_COLUMNS, "peak",
                    pager->columns < 60 ? "lately" : "lately, two figures in a column");
    mon_pager_line(pager, &text, MON_HEADING);
    for (size_t m = 0; m < CDP_METRICS; m++)
        if (row->series[m] != NULL)
            put_metric(pager, screen, row, (enum cdp_metric)m, now);
}

/* --- the legend --- */

static const struct {
    enum mon_style style;
    const char *sentence;
} marks[] = {
    {MON_STYLE_ALARM, "!  Something went wrong within the last minute."},
    {MON_STYLE_ALARM, "?  No longer reports; the figures are the last that came."},
    {MON_STYLE_WATCH,
     "*  To be watched: something went wrong since watching began, less than "
     "half of the checkouts reuse a connection, or one has been out for too long."},
};

static void put_title(struct mon_pager *pager, const char *title)
{
    struct mon_text text;

    mon_text_clear(&text);
    mon_text_format(&text, "%s", title);
    mon_pager_line(pager, &text, MON_HEADING);
}

void mon_page_legend(struct mon_pager *pager)
{
    struct mon_text text;

    put_title(pager, "Marks");
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
        mon_pager_wrap(pager, marks[i].sentence, 2, marks[i].style);
    mon_pager_blank(pager);
    put_title(pager, "Keys");
    for (size_t i = 0; i < MON_KEY_COUNT; i++) {
        mon_text_clear(&text);
        mon_text_format(&text, "  %-7s %s", mon_keys[i].name, mon_keys[i].sentence);
        if (text.columns <= pager->columns) {
            mon_pager_line(pager, &text, MON_PLAIN);
            continue;
        }
        mon_text_clear(&text);
        mon_text_format(&text, "  %s", mon_keys[i].name);
        mon_pager_line(pager, &text, MON_PLAIN);
        mon_pager_wrap(pager, mon_keys[i].sentence, 4, MON_PLAIN);
    }
    mon_pager_blank(pager);
    put_title(pager, "Columns, and the figures of a row");
    for (size_t c = 0; c < MON_COLUMNS; c++) {
        enum cdp_metric metric = mon_columns[c].metric;

        mon_text_clear(&text);
        mon_text_format(&text, "  %s", mon_columns[c].heading);
        mon_pager_line(pager, &text, MON_TITLE);
        if (mon_columns[c].sentence[0] != '\0')
            mon_pager_wrap(pager, mon_columns[c].sentence, 4, MON_PLAIN);
        if (metric < CDP_METRICS)
            mon_pager_wrap(pager, cdp_metrics[metric].sentence, 4, MON_PLAIN);
    }
}
