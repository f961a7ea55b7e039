/* SPDX-License-Identifier: MIT */
/* Owns the text of a cell and of a heading, and the scale of a sparkline. */
#include "connmon/cell.h"

#include <math.h>
#include <string.h>

#include "connmon/attention.h"

static const char *plugin_of(const struct mon_row *row)
{
    return row->source == MON_ODBC ? "odbc" : "sqlalchemy";
}

/* What is drawn lowest and highest. The line is to show changes, but small ones as small: the two
   are apart by a quarter of the value at least. */
static void choose_scale(const double *values, size_t count, double *low, double *high)
{
    double least = INFINITY, most = 0, apart;

    for (size_t i = 0; i < count; i++)
        if (values[i] >= 0) {
            least = fmin(least, values[i]);
            most = fmax(most, values[i]);
        }
    least = fmin(least, most);
    apart = fmax(most - least, most / 4);
    *low = fmax(0, (least + most - apart) / 2);
    *high = *low + apart;
}

void mon_cell_spark(struct mon_text *text, const struct mon_series *series, size_t width, bool fine)
{
    double values[2 * MON_HISTORY];
    double low, high;
    size_t count = width * (fine ? 2 : 1);

    if (count > sizeof(values) / sizeof(values[0]))
        count = sizeof(values) / sizeof(values[0]);
    for (size_t i = 0; i < count; i++)
        if (!mon_series_sample(series, i, &values[count - 1 - i]))
            values[count - 1 - i] = -1;
    choose_scale(values, count, &low, &high);
    if (fine)
        mon_text_braille(text, values, count, low, high);
    else
        mon_text_spark(text, values, count, low, high);
}

static void add_trend(struct mon_text *text, const struct mon_view *view, const struct mon_row *row,
                      size_t width)
{
    enum cdp_metric metric =
        mon_column_is_number(view->sort) ? mon_columns[view->sort].metric : CDP_CHECKEDOUT;

    if (row->series[metric] != NULL)
        mon_cell_spark(text, row->series[metric], width, false);
}

static void add_bar(struct mon_text *text, const struct mon_row *row, size_t width, double longest)
{
    const struct mon_series *open = mon_row_series(row, CDP_CONNECTIONS);
    const struct mon_series *used = mon_row_series(row, CDP_CHECKEDOUT);
    double scale = longest > 0 ? (double)width / longest : 0;

    if (open != NULL && used != NULL)
        mon_text_bar(text, used->value * scale, open->value * scale, width);
}

static void add_number(struct mon_text *text, const struct mon_view *view,
                       const struct mon_row *row, enum mon_column column, size_t width)
{
    char number[MON_NUMBER_BYTES] = "-";
    size_t start = text->columns;
    double value;

    if (mon_column_number(column, row, view->peaks, &value)) {
        if (mon_columns[column].form == MON_FORM_AGE)
            mon_duration(number, value);
        else if (mon_columns[column].form == MON_FORM_SHARE)
            mon_percent(number, value);
        else
            mon_number(number, value);
    }
    if (strlen(number) < width)
        mon_text_pad(text, start + width - strlen(number));
    mon_text_add(text, number, width);
}

void mon_cell_add(struct mon_text *text, const struct mon_view *view, const struct mon_row *row,
                  const struct mon_layout *layout, size_t i, double now)
{
    enum mon_column column = layout->cells[i].column;
    size_t width = layout->cells[i].width;
    size_t start = text->columns;

    switch (mon_columns[column].form) {
    case MON_FORM_PROGRAM:
        mon_text_add(text, row->program, width);
        break;
    case MON_FORM_HOST:
        if (row->kind == MON_FLEET)
            mon_text_format(text, "%zu %s", row->hosts, row->hosts == 1 ? "host" : "hosts");
        else
            mon_text_add(text, row->host, width);
        break;
    case MON_FORM_PLUGIN:
        mon_text_add(text, plugin_of(row), width);
        break;
    case MON_FORM_ATTENTION:
        mon_row_attention(text, view, row, width, now);
        break;
    case MON_FORM_BAR:
        add_bar(text, row, width, layout->longest);
        break;
    case MON_FORM_TREND:
        add_trend(text, view, row, width);
        break;
    default:
        add_number(text, view, row, column, width);
    }
    mon_text_pad(text, start + width);
}

void mon_cell_heading(struct mon_text *text, const struct mon_view *view, enum mon_column column,
                      size_t width)
{
    const char *heading = mon_columns[column].heading;
    size_t start = text->columns;

    if (column == MON_COLUMN_TREND && mon_column_is_number(view->sort) &&
        strlen(mon_columns[view->sort].heading) + sizeof("trend") <= width)
        mon_text_format(text, "%s trend", mon_columns[view->sort].heading);
    else {
        if (mon_column_is_number(column) && strlen(heading) < width)
            mon_text_pad(text, start + width - strlen(heading));
        mon_text_add(text, heading, width);
    }
    mon_text_pad(text, start + width);
}
