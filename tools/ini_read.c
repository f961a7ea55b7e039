/* SPDX-License-Identifier: MIT */
/* Owns the memory of an ini file, and reading it as libodbcinst does. */
#include "tools/ini_lines.h"

#include <stdlib.h>
#include <string.h>

#include "odbcshim/units.h"

/* --- lines --- */

bool tool_ini_insert_line(struct tool_ini *ini, size_t at, struct tool_ini_line line)
{
    if (ini->count == ini->room) {
        size_t room = ini->room * 2 + 16;
        struct tool_ini_line *lines = realloc(ini->lines, room * sizeof(*lines));

        if (lines == NULL) {
            ini->trouble = "memory is out";
            return false;
        }
        ini->lines = lines;
        ini->room = room;
    }
    memmove(&ini->lines[at + 1], &ini->lines[at], (ini->count - at) * sizeof(line));
    ini->lines[at] = line;
    ini->count++;
    return true;
}

static bool split(struct tool_ini *ini, size_t length)
{
    for (size_t at = 0; at < length;) {
        char *end = memchr(ini->bytes + at, '\n', length - at);
        size_t next = end != NULL ? (size_t)(end - ini->bytes) : length;
        struct tool_ini_line line = {.text = ini->bytes + at, .length = next - at};

        if (!tool_ini_insert_line(ini, ini->count, line))
            return false;
        ini->ends_open = end == NULL;
        at = next + 1;
    }
    return true;
}

struct tool_ini *tool_ini_new(const char *bytes, size_t length)
{
    struct tool_ini *ini = calloc(1, sizeof(*ini));

    if (ini == NULL)
        return NULL;
    ini->bytes = malloc(length + 1);
    if (ini->bytes != NULL)
        memcpy(ini->bytes, bytes, length);
    if (ini->bytes == NULL || !split(ini, length))
        tool_ini_free(&ini);
    return ini;
}

void tool_ini_free(struct tool_ini **ini)
{
    if (*ini == NULL)
        return;
    for (size_t i = 0; i < (*ini)->count; i++)
        if ((*ini)->lines[i].added)
            free((*ini)->lines[i].text);
    free((*ini)->lines);
    free((*ini)->bytes);
    free(*ini);
    *ini = NULL;
}

/* --- reading --- */

struct tool_ini_span tool_ini_trim(const char *text, struct tool_ini_span s)
{
    while (s.at < s.end && shim_is_space((unsigned char)text[s.at]))
        s.at++;
    while (s.at < s.end && shim_is_space((unsigned char)text[s.end - 1]))
        s.end--;
    return s;
}

static void copy(char to[TOOL_INI_TEXT_BYTES], const char *text, struct tool_ini_span s)
{
    size_t length = s.end - s.at;

    memcpy(to, text + s.at, length);
    to[length] = '\0';
}

struct tool_ini_span tool_ini_piece(const struct tool_ini_line *line, size_t at, size_t *next)
{
    struct tool_ini_span s = {at, line->length};
    const char *nul;

    if (line->length - at > TOOL_INI_PIECE_BYTES - 1)
        s.end = at + TOOL_INI_PIECE_BYTES;
    *next = s.end;
    nul = memchr(line->text + s.at, '\0', s.end - s.at);
    if (nul != NULL)
        s.end = (size_t)(nul - line->text);
    return s;
}

void tool_ini_split(const char *text, struct tool_ini_span piece, struct tool_ini_span *key,
                    struct tool_ini_span *value)
{
    const char *equals = memchr(text + piece.at, '=', piece.end - piece.at);
    size_t middle = equals != NULL ? (size_t)(equals - text) : piece.end;

    *key = tool_ini_trim(text, (struct tool_ini_span){piece.at, middle});
    *value = tool_ini_trim(text,
                           (struct tool_ini_span){equals != NULL ? middle + 1 : middle, piece.end});
}

/* Reads a piece into *item; false where it is neither a section nor a key. */
static bool read_piece(const char *text, struct tool_ini_span piece, struct tool_ini_item *item)
{
    struct tool_ini_span key, value;

    while (piece.at < piece.end && shim_is_space((unsigned char)text[piece.at]))
        piece.at++;
    if (piece.at == piece.end || text[piece.at] == '#' || text[piece.at] == ';')
        return false;
    item->is_section = text[piece.at] == '[';
    if (item->is_section) {
        key = value = (struct tool_ini_span){piece.at + 1, piece.at + 1};
        while (key.end < piece.end && text[key.end] != ']')
            key.end++;
        key = tool_ini_trim(text, key);
    } else {
        tool_ini_split(text, piece, &key, &value);
    }
    copy(item->name, text, key);
    copy(item->value, text, value);
    return true;
}

/* A walk goes on at byte item->at of line item->line; a line may have several pieces. */
bool tool_ini_next(const struct tool_ini *ini, struct tool_ini_item *item)
{
    while (item->line < ini->count) {
        const struct tool_ini_line *line = &ini->lines[item->line];

        while (!line->removed && item->at < line->length) {
            struct tool_ini_span piece = tool_ini_piece(line, item->at, &item->at);

            if (read_piece(line->text, piece, item))
                return true;
        }
        item->line++;
        item->at = 0;
    }
    return false;
}

size_t tool_ini_unreadable(const struct tool_ini *ini)
{
    for (size_t i = 0; i < ini->count; i++) {
        const struct tool_ini_line *line = &ini->lines[i];

        for (size_t at = 0; !line->removed && at < line->length;) {
            struct tool_ini_span piece = tool_ini_piece(line, at, &at);

            if (piece.at < piece.end && line->text[piece.at] == '[')
                return 0; /* at the very beginning, until there was one */
            piece = tool_ini_trim(line->text, piece);
            if (piece.at < piece.end && strchr("#;", line->text[piece.at]) == NULL)
                return i + 1;
        }
    }
    return 0;
}

bool tool_ini_section(const struct tool_ini *ini, const char *name, struct tool_ini_item *item)
{
    *item = (struct tool_ini_item){0};
    while (tool_ini_next(ini, item))
        if (item->is_section && shim_same_key(item->name, name))
            return true;
    return false;
}

bool tool_ini_key(const struct tool_ini *ini, const char *name, struct tool_ini_item *item)
{
    while (tool_ini_next(ini, item) && !item->is_section)
        if (shim_same_key(item->name, name))
            return true;
    return false;
}

const char *tool_ini_get(const struct tool_ini *ini, const char *section, const char *key,
                         struct tool_ini_item *item)
{
    return tool_ini_section(ini, section, item) && tool_ini_key(ini, key, item) ? item->value
                                                                                : NULL;
}
