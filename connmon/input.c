/* SPDX-License-Identifier: MIT */
/* Owns what each key does. */
#define NCURSES_WIDECHAR 1
#include "connmon/input.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>

const struct mon_key_info mon_keys[MON_KEY_COUNT] = {
#define MON_KEY(ID, name, code, other, hint, sentence) {name, hint, sentence, {code, other}},
#include "connmon/keys.def"
};

static enum mon_key_id find_key(const struct mon_key *pressed)
{
    for (size_t k = 0; k < MON_KEY_COUNT; k++)
        for (size_t i = 0; i < 2; i++)
            if (mon_keys[k].codes[i] != 0 && mon_keys[k].codes[i] == pressed->code &&
                pressed->is_function == (mon_keys[k].codes[i] > KEY_MIN))
                return (enum mon_key_id)k;
    return MON_KEY_COUNT;
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

    if (find_key(key) == MON_KEY_BACK && key->code == 27) {
        strcpy(filter, s->before);
        s->editing = false;
    } else if (find_key(key) == MON_KEY_OPEN)
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

static void move_in(size_t *at, size_t last, enum mon_key_id key, size_t page)
{
    size_t step = key == MON_KEY_UP || key == MON_KEY_DOWN ? 1 : page > 1 ? page - 1 : 1;

    if (key == MON_KEY_FIRST)
        *at = 0;
    else if (key == MON_KEY_LAST)
        *at = last;
    else if (key == MON_KEY_UP || key == MON_KEY_PAGE_UP)
        *at = *at > step ? *at - step : 0;
    else
        *at = *at + step < last ? *at + step : last;
}

static void move_by_key(struct mon_screen *s, const struct mon_model *model, enum mon_key_id key,
                        double now)
{
    size_t lines, columns, count;
    const struct mon_row **rows;

    mon_terminal_size(&lines, &columns);
    if (s->page != MON_PAGE_TABLE) {
        move_in(&s->scrolled, s->scrollable, key, lines > 3 ? lines - 3 : 1);
        return;
    }
    rows = mon_screen_rows(s, model, now, &count);
    if (count > 0) {
        mon_screen_select(s, rows, count);
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

static void show(struct mon_screen *s, enum mon_kind kind)
{
    if (s->view.kind != kind) {
        s->selected = s->selected_at = s->top = 0;
        s->follows = false;
    }
    s->view.kind = kind;
    go_to(s, MON_PAGE_TABLE);
}

static void go_back(struct mon_screen *s)
{
    if (s->page == MON_PAGE_TABLE)
        s->view.filter[0] = '\0';
    go_to(s, MON_PAGE_TABLE);
}

static void change_table(struct mon_screen *s, struct mon_model *model, enum mon_key_id key)
{
    switch (key) {
    case MON_KEY_FILTER:
        go_to(s, MON_PAGE_TABLE);
        strcpy(s->before, s->view.filter);
        s->editing = true;
        break;
    case MON_KEY_SORT_LEFT:
    case MON_KEY_SORT_RIGHT:
        mon_view_sort_by_next(&s->view, &s->layout, key == MON_KEY_SORT_LEFT ? -1 : 1);
        break;
    case MON_KEY_REVERSE:
        s->view.reversed = !s->view.reversed;
        break;
    case MON_KEY_TROUBLE:
        s->view.trouble_first = !s->view.trouble_first;
        break;
    case MON_KEY_PEAKS:
        s->view.peaks = !s->view.peaks;
        break;
    case MON_KEY_RESET:
        mon_model_reset(model);
        break;
    default:
        break;
    }
}

bool mon_screen_key(struct mon_screen *s, struct mon_model *model, const struct mon_key *pressed,
                    double now)
{
    enum mon_key_id key = find_key(pressed);

    if (s->editing) {
        edit_filter(s, pressed);
        return true;
    }
    switch (key) {
    case MON_KEY_QUIT:
        return false;
    case MON_KEY_LEGEND:
        go_to(s, MON_PAGE_LEGEND);
        break;
    case MON_KEY_PROGRAMS:
        show(s, MON_PROGRAM);
        break;
    case MON_KEY_HOSTS:
        show(s, MON_HOST);
        break;
    case MON_KEY_FLEET:
        show(s, MON_FLEET);
        break;
    case MON_KEY_OPEN:
        if (s->page == MON_PAGE_TABLE && s->selected != 0) {
            s->opened = s->selected;
            go_to(s, MON_PAGE_ROW);
        }
        break;
    case MON_KEY_BACK:
        go_back(s);
        break;
    case MON_KEY_REDRAW:
        s->anew = true;
        break;
    case MON_KEY_UP:
    case MON_KEY_DOWN:
    case MON_KEY_PAGE_UP:
    case MON_KEY_PAGE_DOWN:
    case MON_KEY_FIRST:
    case MON_KEY_LAST:
        move_by_key(s, model, key, now);
        break;
    default:
        change_table(s, model, key);
    }
    return true;
}
