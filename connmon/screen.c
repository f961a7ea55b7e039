/* SPDX-License-Identifier: MIT */
/* Owns the table, the lines around it, what is selected, and what each key does. */
#define NCURSES_WIDECHAR 1
#include "connmon/screen.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* From this height on the overview takes three lines. */
#define TALL 16

enum key {
#define MON_KEY(ID, name, code, other, hint, sentence) KEY_IS_##ID,
#include "connmon/keys.def"
    KEYS
};

static const struct {
    const char *name, *hint;
    uint32_t codes[2];
} keys[KEYS] = {
#define MON_KEY(ID, name, code, other, hint, sentence) {name, hint, {code, other}},
#include "connmon/keys.def"
};

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
    mon_text_format(text, "%zu %s%s%s", shown, s->view.hosts ? "host" : "program",
                    shown == 1 ? "" : "s", s->view.peaks ? " at their peak" : "");
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

    for (size_t k = 0; k < KEYS; k++) {
        bool merged = k + 1 < KEYS && strcmp(keys[k].hint, keys[k + 1].hint) == 0;
        struct mon_text text;
        size_t name_columns;

        if (keys[k].hint[0] == '\0' || (s->page != MON_PAGE_TABLE && k == KEY_IS_OPEN))
            continue;
        mon_text_clear(&text);
        mon_text_format(&text, "%s%s", keys[k].name, merged ? keys[k + 1].name : "");
        name_columns = text.columns;
        mon_text_format(&text, " %s", keys[k].hint);
        if (column + text.columns > columns)
            break;
        mon_terminal_put(line, column, text.bytes, MON_FAINT, false);
        text.bytes[name_columns] = '\0';
        mon_terminal_put(line, column, text.bytes, MON_KEYS, false);
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
        mon_view_heading(&text, &s->view, c, s->layout.cells[i].width);
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

static void draw_row(const struct mon_screen *s, const struct mon_row *row, size_t line,
                     size_t columns, double now)
{
    bool selected = row->id == s->selected;
    bool silent = mon_row_is_silent(row, now);
    enum mon_level worst = mon_row_level(&s->view, row, now);
    struct mon_text text;
    size_t column = 2;

    mon_text_clear(&text);
    mon_text_format(&text, "%c", mon_row_mark(&s->view, row, now));
    mon_text_pad(&text, columns);
    mon_terminal_put(line, 0, text.bytes, style_of(worst, silent), selected);
    for (size_t i = 0; i < s->layout.count; i++) {
        enum mon_column c = s->layout.cells[i].column;
        enum mon_style style = style_of(mon_cell_level(&s->view, row, c, now), silent);

        if (c == MON_COLUMN_ATTENTION || c == MON_COLUMN_PROGRAM ||
            (s->view.hosts && c == MON_COLUMN_HOST))
            style = style_of(worst, silent);
        else if (c == MON_COLUMN_TREND)
            style = MON_SPARK;
        mon_text_clear(&text);
        mon_view_cell(&text, &s->view, row, c, s->layout.cells[i].width, now);
        if (c == MON_COLUMN_TREND) /* upside down it would say something else */
            mon_terminal_put(line, column, text.bytes, style, false);
        else
            mon_terminal_put(line, column, text.bytes, selected ? style_of(worst, silent) : style,
                             selected);
        column += s->layout.cells[i].width + 1;
    }
}

/* Keeps a row that was chosen selected wherever it has gone, and in sight. Who has chosen none, or
   has gone back to the top, stays at the top. */
static void select_among(struct mon_screen *s, const struct mon_row **rows, size_t count)
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

static const struct mon_row **get_rows(const struct mon_screen *s, const struct mon_model *model,
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
    const struct mon_row **rows = get_rows(s, model, now, &count);
    size_t line = 1;
    struct mon_text contents;

    mon_text_clear(&contents);
    add_contents(&contents, s, count);
    draw_title(s, model, feed, contents.bytes, columns, now);
    line += mon_draw_overview(model, line, columns, lines >= TALL);
    line += lines >= TALL + 4;
    mon_view_layout(&s->view, rows, count, columns > 2 ? columns - 2 : 0, &s->layout);
    s->rows_in_sight = lines > line + 2 ? lines - line - 2 : 0;
    select_among(s, rows, count);
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
        if (!row->is_host) {
            mon_text_add(&contents, row->program, CDP_NAME_MAX);
            mon_text_format(&contents, " on ");
        }
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

/* --- keys --- */

static enum key find_key(const struct mon_key *pressed)
{
    for (size_t k = 0; k < KEYS; k++)
        for (size_t i = 0; i < 2; i++)
            if (keys[k].codes[i] != 0 && keys[k].codes[i] == pressed->code &&
                pressed->is_function == (keys[k].codes[i] > KEY_MIN))
                return (enum key)k;
    return KEYS;
}

static void append_to_filter(char filter[MON_FILTER_BYTES], uint32_t c)
{
    char bytes[5] = {0};
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};

    for (size_t i = n; i-- > 1; c >>= 6)
        bytes[i] = (char)(0x80 | (c & 0x3f));
    bytes[0] = (char)(leads[n == 1 ? 0 : n] | c);
    if (strlen(filter) + n < MON_FILTER_BYTES)
        strcat(filter, bytes);
}

static void edit_filter(struct mon_screen *s, const struct mon_key *key)
{
    char *filter = s->view.filter;
    size_t n = strlen(filter);

    if (find_key(key) == KEY_IS_BACK && key->code == 27) {
        strcpy(filter, s->before);
        s->editing = false;
    } else if (find_key(key) == KEY_IS_OPEN)
        s->editing = false;
    else if ((key->is_function && key->code == KEY_BACKSPACE) ||
             (!key->is_function && (key->code == 8 || key->code == 127))) {
        while (n > 0 && (filter[--n] & 0xc0) == 0x80)
            ;
        filter[n] = '\0';
    } else if (!key->is_function && key->code == 21) /* Ctrl-U */
        filter[0] = '\0';
    else if (!key->is_function && key->code >= 32)
        append_to_filter(filter, key->code);
}

static void move_in(size_t *at, size_t last, enum key key, size_t page)
{
    size_t step = key == KEY_IS_UP || key == KEY_IS_DOWN ? 1 : page > 1 ? page - 1 : 1;

    if (key == KEY_IS_FIRST)
        *at = 0;
    else if (key == KEY_IS_LAST)
        *at = last;
    else if (key == KEY_IS_UP || key == KEY_IS_PAGE_UP)
        *at = *at > step ? *at - step : 0;
    else
        *at = *at + step < last ? *at + step : last;
}

static void move_by_key(struct mon_screen *s, const struct mon_model *model, enum key key,
                        double now)
{
    size_t lines, columns, count;
    const struct mon_row **rows;

    mon_terminal_size(&lines, &columns);
    if (s->page != MON_PAGE_TABLE) {
        move_in(&s->scrolled, s->scrollable, key, lines > 3 ? lines - 3 : 1);
        return;
    }
    rows = get_rows(s, model, now, &count);
    if (count > 0) {
        select_among(s, rows, count);
        move_in(&s->selected_at, count - 1, key, s->rows_in_sight);
        s->selected = rows[s->selected_at]->id;
        s->follows = s->selected_at > 0;
    }
    free(rows);
}

static void go_to(struct mon_screen *s, enum mon_page page)
{
    s->page = page;
    s->scrolled = 0;
}

static void show(struct mon_screen *s, bool hosts)
{
    if (s->view.hosts != hosts) {
        s->selected = s->selected_at = s->top = 0;
        s->follows = false;
    }
    s->view.hosts = hosts;
    go_to(s, MON_PAGE_TABLE);
}

static void go_back(struct mon_screen *s)
{
    if (s->page == MON_PAGE_TABLE)
        s->view.filter[0] = '\0';
    go_to(s, MON_PAGE_TABLE);
}

static void change_table(struct mon_screen *s, struct mon_model *model, enum key key)
{
    switch (key) {
    case KEY_IS_FILTER:
        go_to(s, MON_PAGE_TABLE);
        strcpy(s->before, s->view.filter);
        s->editing = true;
        break;
    case KEY_IS_SORT_LEFT:
    case KEY_IS_SORT_RIGHT:
        mon_view_sort_by_next(&s->view, &s->layout, key == KEY_IS_SORT_LEFT ? -1 : 1);
        break;
    case KEY_IS_REVERSE:
        s->view.reversed = !s->view.reversed;
        break;
    case KEY_IS_TROUBLE:
        s->view.trouble_first = !s->view.trouble_first;
        break;
    case KEY_IS_PEAKS:
        s->view.peaks = !s->view.peaks;
        break;
    case KEY_IS_RESET:
        mon_model_reset(model);
        break;
    default:
        break;
    }
}

bool mon_screen_key(struct mon_screen *s, struct mon_model *model, const struct mon_key *pressed,
                    double now)
{
    enum key key = find_key(pressed);

    if (s->editing) {
        edit_filter(s, pressed);
        return true;
    }
    switch (key) {
    case KEY_IS_QUIT:
        return false;
    case KEY_IS_LEGEND:
        go_to(s, MON_PAGE_LEGEND);
        break;
    case KEY_IS_PROGRAMS:
    case KEY_IS_HOSTS:
        show(s, key == KEY_IS_HOSTS);
        break;
    case KEY_IS_OPEN:
        if (s->page == MON_PAGE_TABLE && s->selected != 0) {
            s->opened = s->selected;
            go_to(s, MON_PAGE_ROW);
        }
        break;
    case KEY_IS_BACK:
        go_back(s);
        break;
    case KEY_IS_REDRAW:
        s->anew = true;
        break;
    case KEY_IS_UP:
    case KEY_IS_DOWN:
    case KEY_IS_PAGE_UP:
    case KEY_IS_PAGE_DOWN:
    case KEY_IS_FIRST:
    case KEY_IS_LAST:
        move_by_key(s, model, key, now);
        break;
    default:
        change_table(s, model, key);
    }
    return true;
}
