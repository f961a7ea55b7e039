/* SPDX-License-Identifier: MIT */
/*
 * Owns the changes to an ini file. What was taken out or put in is marked, not done, until the text
 * is written: so it can be shown as a difference too.
 */
#include "tools/ini_lines.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "odbcshim/settings.h"

const char *tool_ini_trouble(const struct tool_ini *ini)
{
    return ini->trouble;
}

/* --- changing --- */

/* Whether the line of an item is that item alone, so that it can be changed. */
static bool is_whole(struct tool_ini *ini, const struct tool_ini_item *item)
{
    const struct tool_ini_line *line = &ini->lines[item->line];

    if (ini->trouble == NULL &&
        (line->length >= TOOL_INI_PIECE_BYTES || memchr(line->text, '\0', line->length) != NULL))
        ini->trouble = "a line that has a NUL byte or more than 998 bytes cannot be changed";
    return ini->trouble == NULL;
}

/* Puts a text of its own, at most 998 bytes, in a line that is to be added. */
__attribute__((format(printf, 3, 4))) static bool
make_line(struct tool_ini *ini, struct tool_ini_line *line, const char *format, ...)
{
    va_list arguments;
    int length;

    if (ini->trouble != NULL)
        return false;
    line->added = true;
    line->text = malloc(TOOL_INI_PIECE_BYTES);
    if (line->text == NULL) {
        ini->trouble = "memory is out";
        return false;
    }
    va_start(arguments, format);
    length = vsnprintf(line->text, TOOL_INI_PIECE_BYTES, format, arguments);
    va_end(arguments);
    if (length < 0 || length >= TOOL_INI_PIECE_BYTES) {
        ini->trouble = "a line would have more than 998 bytes, of which libodbcinst makes two";
        free(line->text);
        return false;
    }
    line->length = (size_t)length;
    return true;
}

/* Adds the line that was made, or lets go of it. */
static void put_line(struct tool_ini *ini, size_t at, struct tool_ini_line line)
{
    if (!tool_ini_insert_line(ini, at, line))
        free(line.text);
}

/* The item is what its line holds, which is one that was added. */
static void become(const struct tool_ini *ini, struct tool_ini_item *item)
{
    item->at = 0;
    if (!tool_ini_next(ini, item))
        item->line = ini->count;
}

static void take_line(struct tool_ini *ini, size_t at)
{
    struct tool_ini_line *line = &ini->lines[at];

    if (!line->added) {
        line->removed = true;
        return;
    }
    free(line->text);
    ini->count--;
    memmove(line, line + 1, (ini->count - at) * sizeof(*line));
}

static const char *end_of(const struct tool_ini_line *line)
{
    return line->length > 0 && line->text[line->length - 1] == '\r' ? "\r" : "";
}

void tool_ini_set(struct tool_ini *ini, const struct tool_ini_item *item, const char *value)
{
    const struct tool_ini_line *old = &ini->lines[item->line];
    struct tool_ini_span key, was;
    struct tool_ini_line line = {0};
    size_t next;

    if (!is_whole(ini, item))
        return;
    tool_ini_split(old->text, tool_ini_piece(old, 0, &next), &key, &was);
    if (memchr(old->text, '=', old->length) == NULL) {
        ini->trouble = "a line without '=' cannot be changed";
        return;
    }
    if (was.at == was.end) /* empty: behind the '=', before white space and carriage return */
        was.at = was.end = (size_t)((char *)memchr(old->text, '=', old->length) - old->text) + 1;
    if (!make_line(ini, &line, "%.*s%s%.*s", (int)was.at, old->text, value,
                   (int)(old->length - was.end), old->text + was.end))
        return;
    put_line(ini, item->line + 1, line);
    if (ini->trouble == NULL)
        take_line(ini, item->line);
}

/* A line for a key in the manner of another key's. */
static bool make_alike(struct tool_ini *ini, const struct tool_ini_line *other, const char *key,
                       const char *value, struct tool_ini_line *line)
{
    const char *text = other->text, *equals = memchr(text, '=', other->length);
    struct tool_ini_span name, was, piece;
    int width, blanks;
    size_t next;

    if (equals == NULL)
        return make_line(ini, line, "%s = %s%s", key, value, end_of(other));
    piece = tool_ini_piece(other, 0, &next);
    tool_ini_split(text, piece, &name, &was);
    width = (int)((size_t)(equals - text) - name.end); /* of the blanks before '=' */
    if (width > 1)                                     /* it stands in a column */
        width += (int)(name.end - name.at);
    else
        width += (int)strlen(key);
    if ((size_t)width <= strlen(key) && name.end < (size_t)(equals - text))
        width = (int)strlen(key) + 1;
    blanks = was.at < was.end ? (int)(text + was.at - equals) - 1 : 1;
    return make_line(ini, line, "%.*s%-*s=%.*s%s%s", (int)name.at, text, width, key, blanks,
                     blanks > 0 && was.at < was.end ? equals + 1 : " ", value, end_of(other));
}

void tool_ini_add(struct tool_ini *ini, struct tool_ini_item *item, const char *key,
                  const char *value)
{
    struct tool_ini_line line = {0};
    bool made;

    if (!is_whole(ini, item))
        return;
    if (item->is_section)
        made = make_line(ini, &line, "%s = %s%s", key, value, end_of(&ini->lines[item->line]));
    else
        made = make_alike(ini, &ini->lines[item->line], key, value, &line);
    if (!made)
        return;
    item->line++;
    put_line(ini, item->line, line);
    if (ini->trouble == NULL)
        become(ini, item);
}

void tool_ini_append(struct tool_ini *ini, const char *name, struct tool_ini_item *item)
{
    struct tool_ini_line line = {0};
    size_t last = ini->count;
    const char *end;

    while (last > 0 && ini->lines[last - 1].removed)
        last--;
    end = last > 0 ? end_of(&ini->lines[last - 1]) : "";
    if (last > 0 && make_line(ini, &line, "%s", end))
        put_line(ini, ini->count, line);
    if (make_line(ini, &line, "[%s]%s", name, end))
        put_line(ini, ini->count, line);
    if (ini->trouble == NULL) {
        item->line = ini->count - 1;
        become(ini, item);
    }
}

void tool_ini_remove(struct tool_ini *ini, const struct tool_ini_item *item)
{
    if (is_whole(ini, item))
        take_line(ini, item->line);
}

void tool_ini_remove_section(struct tool_ini *ini, const struct tool_ini_item *section)
{
    struct tool_ini_item item = *section;
    size_t first = section->line, last = first, before = first;
    struct tool_ini_span all;

    while (tool_ini_next(ini, &item) && !item.is_section)
        last = item.line;
    item = *section;
    for (item.line = first; item.line <= last; item.line++)
        if (!is_whole(ini, &item))
            return;
    while (before > 0 && ini->lines[before - 1].removed)
        before--;
    if (before > 0) {
        all = (struct tool_ini_span){0, ini->lines[before - 1].length};
        all = tool_ini_trim(ini->lines[before - 1].text, all);
        if (all.at == all.end)
            first = before - 1;
    }
    for (size_t i = last + 1; i > first; i--)
        if (!ini->lines[i - 1].removed)
            take_line(ini, i - 1);
}

/* --- writing --- */

bool tool_ini_changed(const struct tool_ini *ini)
{
    for (size_t i = 0; i < ini->count; i++)
        if (ini->lines[i].added || ini->lines[i].removed)
            return true;
    return false;
}

char *tool_ini_write(const struct tool_ini *ini, size_t *length)
{
    size_t bytes = 0;
    char *text, *to;

    for (size_t i = 0; i < ini->count; i++)
        bytes += ini->lines[i].removed ? 0 : ini->lines[i].length + 1;
    to = text = malloc(bytes + 1);
    if (text == NULL)
        return NULL;
    for (size_t i = 0; i < ini->count; i++) {
        const struct tool_ini_line *line = &ini->lines[i];

        if (line->removed)
            continue;
        memcpy(to, line->text, line->length);
        to += line->length;
        *to++ = '\n';
    }
    if (to > text && ini->ends_open)
        to--;
    *to = '\0';
    *length = (size_t)(to - text);
    return text;
}

static void print_line(const struct tool_ini_line *line, char mark, FILE *to)
{
    const char *password = shim_setting_infos[SHIM_SETTING_PASSWORD].key;
    size_t next, length = line->length;
    struct tool_ini_span piece = tool_ini_piece(line, 0, &next), key, value;

    tool_ini_split(line->text, piece, &key, &value);
    fputc(mark, to);
    if (key.end - key.at == strlen(password) &&
        strncasecmp(line->text + key.at, password, strlen(password)) == 0) {
        fprintf(to, "%.*s***\n", (int)value.at, line->text);
        return;
    }
    if (length > 0 && line->text[length - 1] == '\r')
        length--;
    fwrite(line->text, 1, length, to);
    fputc('\n', to);
}

static void print_range(char mark, size_t before, size_t count, FILE *to)
{
    fprintf(to, "%c%zu", mark, count > 0 ? before + 1 : before);
    if (count != 1)
        fprintf(to, ",%zu", count);
}

void tool_ini_print_changes(const struct tool_ini *ini, const char *path, FILE *to)
{
    size_t before = 0, after = 0; /* lines of either text that are behind us */

    if (tool_ini_changed(ini))
        fprintf(to, "--- %s\n+++ %s\n", path, path);
    for (size_t i = 0, end; i < ini->count; i = end) {
        size_t removed = 0, added = 0;

        for (end = i; end < ini->count; end++) {
            removed += ini->lines[end].removed;
            added += ini->lines[end].added;
            if (!ini->lines[end].removed && !ini->lines[end].added)
                break;
        }
        if (end > i) {
            fputs("@@ ", to);
            print_range('-', before, removed, to);
            fputc(' ', to);
            print_range('+', after, added, to);
            fputs(" @@\n", to);
        }
        for (size_t k = i; k < end; k++)
            if (ini->lines[k].removed)
                print_line(&ini->lines[k], '-', to);
        for (size_t k = i; k < end; k++)
            if (ini->lines[k].added)
                print_line(&ini->lines[k], '+', to);
        before += removed;
        after += added;
        if (end == i) {
            before++;
            after++;
            end++;
        }
    }
}
