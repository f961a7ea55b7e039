/* SPDX-License-Identifier: MIT */
/* Owns the column table, the number in a column, and which columns a width has room for. */
#include "connmon/columns.h"

#include <string.h>

#include "connmon/text.h"

const struct mon_column_info mon_columns[MON_COLUMNS] = {
#define MON_COLUMN(ID, heading, METRIC, FORM, CONCERN, width, rank, sentence)                      \
    {heading, CDP_##METRIC, MON_FORM_##FORM, MON_##CONCERN, width, rank, sentence},
#include "connmon/columns.def"
};

/* How wide a name and the words of attention get where there is room. */
#define NAME_COLUMNS_MAX      28
#define NAME_COLUMNS_FAIR     16 /* before other columns have theirs */
#define ATTENTION_COLUMNS_MAX 32
#define BAR_COLUMNS_MAX       20
#define TREND_COLUMNS_MAX     60

bool mon_column_is_number(enum mon_column column)
{
    return mon_columns[column].form < MON_FORM_PROGRAM;
}

bool mon_column_number(enum mon_column column, const struct mon_row *row, bool peaks, double *value)
{
    const struct mon_column_info *info = &mon_columns[column];
    const struct mon_series *s;

    if (info->form == MON_FORM_SHARE)
        return mon_row_reuse(row, value);
    s = mon_row_series(row, info->metric);
    if (s == NULL)
        return false;
    switch (info->form) {
    case MON_FORM_SINCE:
        *value = (double)s->increase;
        break;
    case MON_FORM_PEAK:
        *value = s->peak;
        break;
    default:
        *value = peaks ? s->peak : s->value;
    }
    return true;
}

/* --- the layout --- */

static bool is_shown(enum mon_kind kind, enum mon_column column)
{
    return !(kind == MON_HOST && column == MON_COLUMN_PROGRAM);
}

/* Where there are several hosts, a program's name alone does not tell the rows apart. */
static size_t rank_of(enum mon_kind kind, bool several_hosts, enum mon_column column)
{
    if (column == MON_COLUMN_HOST && kind == MON_HOST)
        return 0;
    if (column == MON_COLUMN_HOST && several_hosts)
        return mon_columns[MON_COLUMN_OPEN].rank;
    return mon_columns[column].rank;
}

static bool are_several_hosts(const struct mon_row *const *rows, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (strcmp(rows[i]->host, rows[0]->host) != 0)
            return true;
    return false;
}

static double find_longest(const struct mon_row *const *rows, size_t count)
{
    double longest = 0;

    for (size_t i = 0; i < count; i++) {
        const struct mon_series *s = mon_row_series(rows[i], CDP_CONNECTIONS);

        longest = s != NULL && s->value > longest ? s->value : longest;
    }
    return longest;
}

/* How wide the names of a column are; of others, the column's own width. */
static size_t name_columns(const struct mon_row *const *rows, size_t count, enum mon_column column)
{
    struct mon_text text;
    size_t widest = mon_columns[column].width;

    if (column != MON_COLUMN_PROGRAM && column != MON_COLUMN_HOST)
        return widest;
    for (size_t i = 0; i < count; i++) {
        mon_text_clear(&text);
        mon_text_add(&text, column == MON_COLUMN_HOST ? rows[i]->host : rows[i]->program,
                     NAME_COLUMNS_MAX);
        widest = text.columns > widest ? text.columns : widest;
    }
    return widest;
}

static void grow(struct mon_layout *layout, enum mon_column column, size_t to, size_t *room)
{
    for (size_t i = 0; i < layout->count; i++) {
        size_t *width = &layout->cells[i].width;
        size_t more = to > *width ? to - *width : 0;

        if (layout->cells[i].column != column)
            continue;
        more = more < *room ? more : *room;
        *width += more;
        *room -= more;
    }
}

void mon_layout_choose(enum mon_kind kind, const struct mon_row *const *rows, size_t count,
                       size_t width, struct mon_layout *layout)
{
    size_t widths[MON_COLUMNS] = {0}; /* 0: not chosen */
    size_t room = width + 1;          /* each has a blank before it, but the first */
    bool several = are_several_hosts(rows, count);
    size_t names[] = {name_columns(rows, count, MON_COLUMN_PROGRAM),
                      name_columns(rows, count, MON_COLUMN_HOST)};

    /* By rank, as far as they fit; those of a higher rank may fill what a wide one leaves. */
    for (size_t rank = 0; rank < MON_COLUMNS; rank++)
        for (size_t c = 0; c < MON_COLUMNS; c++) {
            size_t wanted = mon_columns[c].width;

            if (!is_shown(kind, (enum mon_column)c) ||
                rank_of(kind, several, (enum mon_column)c) != rank)
                continue;
            if (c == MON_COLUMN_PROGRAM || c == MON_COLUMN_HOST) {
                wanted = names[c == MON_COLUMN_HOST];
                wanted = wanted < NAME_COLUMNS_FAIR ? wanted : NAME_COLUMNS_FAIR;
            }
            if (wanted + 1 > room)
                continue;
            widths[c] = wanted;
            room -= wanted + 1;
        }
    layout->longest = find_longest(rows, count);
    layout->count = 0;
    for (size_t c = 0; c < MON_COLUMNS; c++)
        if (widths[c] > 0) {
            layout->cells[layout->count].column = (enum mon_column)c;
            layout->cells[layout->count++].width = widths[c];
        }
    grow(layout, MON_COLUMN_PROGRAM, names[0], &room);
    grow(layout, MON_COLUMN_HOST, names[1], &room);
    grow(layout, MON_COLUMN_ATTENTION, ATTENTION_COLUMNS_MAX, &room);
    grow(layout, MON_COLUMN_HELD, BAR_COLUMNS_MAX, &room);
    grow(layout, MON_COLUMN_TREND, TREND_COLUMNS_MAX, &room);
}
