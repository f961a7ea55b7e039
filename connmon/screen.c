/* SPDX-License-Identifier: MIT */
/* Owns the table, the lines around it, and what is selected. */
#include "connmon/screen.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "connmon/attention.h"
#include "connmon/cell.h"
#include "connmon/input.h"
#include "connmon/overview.h"
#include "connmon/pages.h"

/* From this height on the overview takes three lines. */
#define TALL 16

void mon_screen_init(struct mon_screen *screen, const struct mon_view *view, const char *where)
{
    *screen = (struct mon_screen){.view = *view, .where = where};
}

/* --- the lines around --- */

static void add_state(struct mon_text *text, const struct mon_screen *s,
                      const struct mon_model *model, const struct mon_feed *feed, double now)
{
    size_t troubled = mon_view_troubled(&s->view, model, now);
    size_t refused = mon_model_refused(model);

    if (mon_feed_state(feed, now) == MON_FEED_STOPPED)
        mon_text_format(text, "no figures come any more");
    else if (refused > 0)
        mon_text_format(text, "too many names: some are not shown");
    else if (troubled > 0)
        mon_text_format(text, troubled == 1 ? "%zu needs attention" : "%zu need attention",
                        troubled);
}

/* What the table shows: "40 programs by In use, /orders". */
static void add_contents(struct mon_text *text, const struct mon_screen *s, size_t shown)
{
    mon_text_format(text, "%zu %s%s%s%s", shown, s->view.kind == MON_HOST ? "host" : "program",
                    shown == 1 ? "" : "s", s->view.kind == MON_FLEET ? " of all hosts" : "",
                    s->view.peaks ? " at their peak" : "");
    mon_text_format(text, " by %s%s%s", s->view.trouble_first ? "trouble, " : "",
                    mon_columns[s->view.sort].heading, s->view.reversed ? " reversed" : "");
    if (s->view.filter[0] != '\0') {
        mon_text_format(text, ", /");
        mon_text_add(text, s->view.filter, MON_FILTER_BYTES);
    }
}

static void draw_title(const struct mon_screen *s, const struct mon_model *model,
                       const struct mon_feed *feed, const char *contents, size_t columns,
                       double now)
{
    struct mon_text left, right;
    char clock[16];
    time_t seconds = time(NULL);
    struct tm local;

    mon_text_clear(&right);
    add_state(&right, s, model, feed, now);
    mon_terminal_put(0, columns > right.columns ? columns - right.columns : 0, right.bytes,
                     MON_STYLE_ALARM, false);
    mon_text_clear(&left);
    if (columns >= 60) {
        mon_text_format(&left, "connmon ");
        mon_text_add(&left, s->where, columns / 3);
        mon_text_pad(&left, left.columns + 2);
    }
    mon_text_add(&left, contents,
                 columns > left.columns + right.columns + 1
                     ? columns - left.columns - right.columns - 1
                     : 0);
    if (columns > left.columns + right.columns + 12 && localtime_r(&seconds, &local) != NULL &&
        strftime(clock, sizeof(clock), "%H:%M:%S", &local) > 0) {
        mon_text_pad(&left, left.columns + 2);
        mon_text_format(&left, "%s", clock);
    }
    mon_terminal_put(0, 0, left.bytes, MON_TITLE, false);
}

static void draw_hints(const struct mon_screen *s, size_t line, size_t columns)
{
    size_t column = 0;

    for (size_t k = 0; k < MON_KEY_COUNT; k++) {
        bool merged = k + 1 < MON_KEY_COUNT && strcmp(mon_keys[k].hint, mon_keys[k + 1].hint) == 0;
        struct mon_text text;
        size_t name_columns;

        if (mon_keys[k].hint[0] == '\0' || (k == MON_KEY_OPEN && s->page != MON_PAGE_TABLE) ||
            (k == MON_KEY_BACK && s->page == MON_PAGE_TABLE && s->view.filter[0] == '\0'))
            continue;
        mon_text_clear(&text);
        mon_text_format(&text, "%s%s", mon_keys[k].name, merged ? mon_keys[k + 1].name : "");
        name_columns = text.columns;
        mon_text_format(&text, " %s", mon_keys[k].hint);
        if (column + text.columns > columns)
            break;
        mon_terminal_put(line, column, text.bytes, MON_FAINT, false);
        text.bytes[name_columns] = '\0';
        mon_terminal_put(line, column, text.bytes, MON_STYLE_KEY, false);
        column += text.columns + 2;
        k += merged;
    }
}

/* --- the table --- */

static void draw_headings(const struct mon_screen *s, size_t line)
{
    size_t column = 2;

    for (size_t i = 0; i < s->layout.count; i++) {
        enum mon_column c = s->layout.cells[i].column;
        struct mon_text text;

        mon_text_clear(&text);
        mon_cell_heading(&text, &s->view, c, s->layout.cells[i].width);
        mon_terminal_put(line, column, text.bytes, c == s->view.sort ? MON_SORTED : MON_HEADING,
                         false);
        column += s->layout.cells[i].width + 1;
    }
}

static enum mon_style style_of(enum mon_level level, bool silent)
{
    if (level == MON_FINE)
        return silent ? MON_FAINT : MON_PLAIN;
    return level == MON_ALARM ? MON_STYLE_ALARM : MON_STYLE_WATCH;
}

static enum mon_style style_of_cell(const struct mon_screen *s, const struct mon_row *row,
                                    enum mon_column c, double now)
{
    bool silent = mon_row_is_silent(row, now);

    if (mon_columns[c].form >= MON_FORM_BAR)
        return MON_SPARK;
    if (c == MON_COLUMN_ATTENTION || c == MON_COLUMN_PROGRAM ||
        (s->view.kind == MON_HOST && c == MON_COLUMN_HOST))
        return style_of(mon_row_level(&s->view, row, now), silent);
    return style_of(mon_cell_level(&s->view, row, c, now), silent);
}

static void draw_row(const struct mon_screen *s, const struct mon_row *row, size_t line,
                     size_t columns, double now)
{
    bool selected = row->id == s->selected;
    enum mon_level worst = mon_row_level(&s->view, row, now);
    struct mon_text text;
    size_t column = 2;

    mon_text_clear(&text);
    mon_text_format(&text, "%c", mon_row_mark(&s->view, row, now));
    mon_text_pad(&text, columns);
    mon_terminal_put(line, 0, text.bytes, style_of(worst, mon_row_is_silent(row, now)), selected);
    for (size_t i = 0; i < s->layout.count; i++) {
        enum mon_column c = s->layout.cells[i].column;

        mon_text_clear(&text);
        mon_cell_add(&text, &s->view, row, &s->layout, i, now);
        /* Upside down, a graph would say something else. */
        mon_terminal_put(line, column, text.bytes, style_of_cell(s, row, c, now),
                         selected && mon_columns[c].form < MON_FORM_BAR);
        column += s->layout.cells[i].width + 1;
    }
}

void mon_screen_select(struct mon_screen *s, const struct mon_row **rows, size_t count)
{
    size_t at = 0;

    while (s->follows && at < count && rows[at]->id != s->selected)
        at++;
    if (at == count)
        at = s->selected_at < count ? s->selected_at : count - 1;
    if (count == 0) {
        s->selected = s->selected_at = s->top = 0;
        return;
    }
    s->selected = rows[at]->id;
    s->selected_at = at;
    if (s->top > at)
        s->top = at;
    if (s->rows_in_sight > 0 && at >= s->top + s->rows_in_sight)
        s->top = at - s->rows_in_sight + 1;
    if (s->top + s->rows_in_sight > count)
        s->top = count > s->rows_in_sight ? count - s->rows_in_sight : 0;
}

static void draw_nothing(const struct mon_screen *s, struct mon_feed *feed, size_t line,
                         size_t lines, size_t columns, double now)
{
    struct mon_pager pager = {
        .first = line, .height = lines > line ? lines - line - 1 : 0, .columns = columns};
    const char *advice;

    for (size_t n = 0; (advice = mon_feed_advice(feed, now, n)) != NULL; n++)
        mon_pager_wrap(&pager, advice, advice[0] == ' ' ? 4 : advice[0] == '-' ? 2 : 0, MON_PLAIN);
    if (pager.count == 0)
        mon_pager_wrap(&pager,
                       s->view.filter[0] != '\0' ? "No name has this text in it. Esc shows all."
                                                 : "No figures so far.",
                       0, MON_PLAIN);
}

const struct mon_row **mon_screen_rows(const struct mon_screen *s, const struct mon_model *model,
                                       double now, size_t *count)
{
    const struct mon_row **rows;
    size_t all;

    (void)mon_model_rows(model, &all);
    rows = calloc(all + 1, sizeof(*rows));
    *count = rows != NULL ? mon_view_rows(&s->view, model, now, rows, all) : 0;
    return rows;
}

static void draw_table(struct mon_screen *s, const struct mon_model *model, struct mon_feed *feed,
                       size_t lines, size_t columns, double now)
{
    size_t count;
    const struct mon_row **rows = mon_screen_rows(s, model, now, &count);
    size_t line = 1;
    struct mon_text contents;

    mon_text_clear(&contents);
    add_contents(&contents, s, count);
    draw_title(s, model, feed, contents.bytes, columns, now);
    line += mon_draw_overview(model, line, columns, lines >= TALL);
    line += lines >= TALL + 4;
    mon_layout_choose(s->view.kind, rows, count, columns > 2 ? columns - 2 : 0, &s->layout);
    s->rows_in_sight = lines > line + 2 ? lines - line - 2 : 0;
    mon_screen_select(s, rows, count);
    if (count == 0)
        draw_nothing(s, feed, line, lines, columns, now);
    else
        draw_headings(s, line);
    for (size_t i = 0; i < s->rows_in_sight && s->top + i < count; i++)
        draw_row(s, rows[s->top + i], line + 1 + i, columns, now);
    free(rows);
}

/* --- all --- */

static void draw_text_page(struct mon_screen *s, const struct mon_model *model,
                           struct mon_feed *feed, size_t lines, size_t columns, double now)
{
    const struct mon_row *row = s->page == MON_PAGE_ROW ? mon_model_find(model, s->opened) : NULL;
    struct mon_pager pager = {
        .first = 2, .height = lines > 3 ? lines - 3 : 0, .skip = s->scrolled, .columns = columns};
    struct mon_text contents;

    mon_text_clear(&contents);
    if (s->page == MON_PAGE_LEGEND)
        mon_text_format(&contents, "Legend");
    else if (row == NULL)
        mon_text_format(&contents, "This row is gone; Esc goes back.");
    else {
        if (row->kind != MON_HOST) {
            mon_text_add(&contents, row->program, CDP_NAME_MAX);
            mon_text_format(&contents, " on ");
        }
        if (row->kind == MON_FLEET)
            mon_text_format(&contents, "%zu host%s", row->hosts, row->hosts == 1 ? "" : "s");
        else
            mon_text_add(&contents, row->host, CDP_NAME_MAX);
    }
    draw_title(s, model, feed, contents.bytes, columns, now);
    if (s->page == MON_PAGE_LEGEND)
        mon_page_legend(&pager);
    else if (row != NULL)
        mon_page_row(&pager, s, row, now);
    s->scrollable = pager.count > pager.height ? pager.count - pager.height : 0;
    if (s->scrolled > s->scrollable) {
        s->scrolled = s->scrollable;
        mon_terminal_begin(false);
        draw_text_page(s, model, feed, lines, columns, now);
    }
}

void mon_screen_draw(struct mon_screen *s, const struct mon_model *model, struct mon_feed *feed,
                     double now)
{
    size_t lines, columns;
    struct mon_text text;

    mon_terminal_size(&lines, &columns);
    mon_terminal_begin(s->anew);
    s->anew = false;
    if (s->page == MON_PAGE_TABLE)
        draw_table(s, model, feed, lines, columns, now);
    else
        draw_text_page(s, model, feed, lines, columns, now);
    if (!s->editing) {
        draw_hints(s, lines - 1, columns);
        mon_terminal_end(SIZE_MAX, 0);
        return;
    }
    mon_text_clear(&text);
    mon_text_format(&text, "Filter: ");
    mon_text_add(&text, s->view.filter, columns > 10 ? columns - 10 : 0);
    mon_terminal_put(lines - 1, 0, text.bytes, MON_TITLE, false);
    mon_terminal_end(lines - 1, text.columns);
}
