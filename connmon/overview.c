/* SPDX-License-Identifier: MIT */
/* Owns the lines at the top of the screen: the figures over all hosts, now and at their peak. */
#include "connmon/overview.h"

#include <stdio.h>
#include <string.h>

#include "connmon/cell.h"
#include "connmon/terminal.h"

/* In the order of a wide screen; `rank` is the order in which a narrow one has room. */
static const struct {
    const char *label, *brief;
    size_t width, rank;
} figures[MON_ALL] = {
    [MON_ALL_HOSTS] = {"Hosts", "hosts", 7, 5},
    [MON_ALL_PROCESSES] = {"Processes", "procs", 11, 4},
    [MON_ALL_OPEN] = {"Open", "open", 8, 1},
    [MON_ALL_IN_USE] = {"In use", "in use", 8, 0},
    [MON_ALL_CHECKOUTS] = {"Checkouts/s", "out/s", 13, 2},
    [MON_ALL_REUSE] = {"Reuse", "reuse", 10, 3},
};

#define LABEL_COLUMNS 5
/* Less is no line. */
#define SPARK_COLUMNS_MIN 10
#define SPARK_COLUMNS_MAX 60

enum figure { NOW, PEAK };

static void figure_text(char out[MON_NUMBER_BYTES + 8], const struct mon_model *model, size_t which,
                        enum figure figure)
{
    const struct mon_series *s = mon_model_overall(model, (enum mon_overall)which);
    double value = figure == NOW ? s->value : s->peak;

    if (!s->known || (figure == NOW && s->heard == 0))
        strcpy(out, "-");
    else if (which != MON_ALL_REUSE)
        mon_number(out, value);
    else {
        strcpy(out, figure == NOW ? "" : "low ");
        mon_percent(out + strlen(out), value);
    }
}

static void add_right(struct mon_text *text, const char *s, size_t width)
{
    if (strlen(s) < width)
        mon_text_pad(text, text->columns + width - strlen(s));
    mon_text_format(text, "%s", s);
}

static void draw_figures(const struct mon_model *model, size_t line, enum figure figure)
{
    struct mon_text text;

    mon_text_clear(&text);
    mon_text_format(&text, "%*s", LABEL_COLUMNS, figure == NOW ? "now" : "peak");
    mon_terminal_put(line, 0, text.bytes, MON_HEADING, false);
    for (size_t k = 0; k < MON_ALL; k++) {
        char number[MON_NUMBER_BYTES + 8];
        size_t column = text.columns;

        figure_text(number, model, k, figure);
        add_right(&text, number, figures[k].width);
        mon_terminal_put(line, column, text.bytes + column, figure == NOW ? MON_TITLE : MON_PLAIN,
                         false);
    }
}

static size_t draw_tall(const struct mon_model *model, size_t line, size_t columns)
{
    struct mon_text text;

    mon_text_clear(&text);
    mon_text_pad(&text, LABEL_COLUMNS);
    for (size_t k = 0; k < MON_ALL; k++)
        add_right(&text, figures[k].label, figures[k].width);

    size_t column = text.columns + 3;
    size_t room = columns > column ? columns - column : 0;

    if (room >= SPARK_COLUMNS_MIN) {
        struct mon_text spark;

        room = room < SPARK_COLUMNS_MAX ? room : SPARK_COLUMNS_MAX;
        mon_text_pad(&text, column);
        mon_text_add(&text, "In use", room);
        mon_text_clear(&spark);
        mon_cell_spark(&spark, mon_model_overall(model, MON_ALL_IN_USE), room, false);
        mon_terminal_put(line + 1, column, spark.bytes, MON_SPARK, false);
    }
    mon_terminal_put(line, 0, text.bytes, MON_HEADING, false);
    draw_figures(model, line + 1, NOW);
    draw_figures(model, line + 2, PEAK);
    return 3;
}

static size_t draw_short(const struct mon_model *model, size_t line, size_t columns)
{
    struct mon_text text;

    mon_text_clear(&text);
    for (size_t rank = 0; rank < MON_ALL; rank++)
        for (size_t k = 0; k < MON_ALL; k++) {
            char now[MON_NUMBER_BYTES + 8], peak[MON_NUMBER_BYTES + 8], both[64];
            int n;

            if (figures[k].rank != rank)
                continue;
            figure_text(now, model, k, NOW);
            figure_text(peak, model, k, PEAK);
            n = snprintf(both, sizeof(both), "%s%s %s/%s", text.columns > 0 ? "  " : "",
                         figures[k].brief, now, peak);
            if (n > 0 && text.columns + (size_t)n <= columns)
                mon_text_format(&text, "%s", both);
        }
    mon_terminal_put(line, 0, text.bytes, MON_PLAIN, false);
    return 1;
}

size_t mon_draw_overview(const struct mon_model *model, size_t line, size_t columns, bool tall)
{
    size_t width = LABEL_COLUMNS;

    for (size_t k = 0; k < MON_ALL; k++)
        width += figures[k].width;
    return tall && columns >= width ? draw_tall(model, line, columns)
                                    : draw_short(model, line, columns);
}
