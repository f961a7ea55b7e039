/* SPDX-License-Identifier: MIT */
/* Owns what needs attention: the levels, the marks and the words. */
#include "connmon/attention.h"

#include <ctype.h>
#include <string.h>

static enum mon_level level_above_0(const struct mon_row *row, enum cdp_metric metric, double now)
{
    const struct mon_series *s = mon_row_series(row, metric);

    if (s == NULL || s->increase <= 0)
        return MON_FINE;
    return now - s->rose <= MON_LATELY_S ? MON_ALARM : MON_WATCH;
}

enum mon_level mon_cell_level(const struct mon_view *view, const struct mon_row *row,
                              enum mon_column column, double now)
{
    const struct mon_column_info *info = &mon_columns[column];
    const struct mon_series *s;
    double percent;

    switch (info->concern) {
    case MON_ABOVE_0:
        return level_above_0(row, info->metric, now);
    case MON_BELOW_HALF:
        return mon_row_reuse(row, &percent) && percent < MON_REUSE_LOW ? MON_WATCH : MON_FINE;
    case MON_TOO_OLD:
        s = mon_row_series(row, info->metric);
        return s != NULL && s->value > view->oldest_limit ? MON_WATCH : MON_FINE;
    case MON_NONE:
        break;
    }
    return MON_FINE;
}

enum mon_level mon_row_level(const struct mon_view *view, const struct mon_row *row, double now)
{
    enum mon_level worst = MON_FINE;

    if (mon_row_is_silent(row, now))
        return MON_ALARM;
    for (size_t c = 0; c < MON_COLUMNS; c++) {
        enum mon_level level = mon_cell_level(view, row, (enum mon_column)c, now);

        worst = level > worst ? level : worst;
    }
    return worst;
}

char mon_row_mark(const struct mon_view *view, const struct mon_row *row, double now)
{
    static const char marks[] = {[MON_FINE] = ' ', [MON_WATCH] = '*', [MON_ALARM] = '!'};

    return mon_row_is_silent(row, now) ? '?' : marks[mon_row_level(view, row, now)];
}

/* Appends a word for what a column finds wrong. */
static void add_concern(struct mon_text *text, const struct mon_view *view,
                        const struct mon_row *row, enum mon_column column)
{
    const struct mon_column_info *info = &mon_columns[column];
    char number[MON_NUMBER_BYTES];
    char word[16];
    double value;

    if (!mon_column_number(column, row, view->peaks, &value))
        return;
    (void)strncpy(word, info->heading, sizeof(word) - 1);
    word[sizeof(word) - 1] = '\0';
    word[0] = (char)tolower((unsigned char)word[0]);
    if (info->form == MON_FORM_AGE)
        mon_duration(number, row->series[info->metric]->value);
    else if (info->form == MON_FORM_SHARE)
        mon_percent(number, value);
    else
        mon_number(number, value);
    mon_text_format(text, "%s%s %s", text->length > 0 ? ", " : "", word, number);
}

void mon_row_attention(struct mon_text *text, const struct mon_view *view,
                       const struct mon_row *row, size_t columns, double now)
{
    struct mon_text words;
    char number[MON_NUMBER_BYTES];

    mon_text_clear(&words);
    if (mon_row_is_silent(row, now))
        mon_text_format(&words, "silent %s", mon_duration(number, now - row->heard));
    for (int level = MON_ALARM; level > MON_FINE; level--)
        for (size_t c = 0; c < MON_COLUMNS; c++)
            if ((int)mon_cell_level(view, row, (enum mon_column)c, now) == level)
                add_concern(&words, view, row, (enum mon_column)c);
    mon_text_add(text, words.bytes, columns);
}
