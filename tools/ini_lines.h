/* SPDX-License-Identifier: MIT */
/* Within the modules ini_read and ini_edit: the lines of a file. */
#ifndef TOOL_INI_LINES_H
#define TOOL_INI_LINES_H

#include "tools/ini_edit.h"

#define TOOL_INI_PIECE_BYTES 999 /* of a line that libodbcinst reads at once, with its newline */

struct tool_ini_line {
    char *text; /* into the file's bytes, or of its own where it was added */
    size_t length;
    bool added, removed; /* never both: what was added and is removed is gone */
};

/*
 * A line is what stands between two newlines. Whether the last one ends with a newline is a
 * property of the file, so that a line added behind the last and taken out again leaves no trace. A
 * carriage return is white space at the end of a line, as it is to libodbcinst.
 */
struct tool_ini {
    char *bytes;
    struct tool_ini_line *lines;
    size_t count, room;
    bool ends_open; /* the last line has no newline */
    const char *trouble;
};

/* The bytes [at, end) of a line. */
struct tool_ini_span {
    size_t at, end;
};

/* False when memory is out, which is then the file's trouble. */
bool tool_ini_insert_line(struct tool_ini *ini, size_t at, struct tool_ini_line line)
    __attribute__((nonnull, warn_unused_result));

struct tool_ini_span tool_ini_trim(const char *text, struct tool_ini_span s)
    __attribute__((nonnull));

/* The piece of a line that begins at `at`, as far as libodbcinst sees it; *next is where the one
   behind it begins. */
struct tool_ini_span tool_ini_piece(const struct tool_ini_line *line, size_t at, size_t *next)
    __attribute__((nonnull));

/* Splits a piece that is KEY = VALUE, both trimmed. */
void tool_ini_split(const char *text, struct tool_ini_span piece, struct tool_ini_span *key,
                    struct tool_ini_span *value) __attribute__((nonnull));

#endif
