/* SPDX-License-Identifier: MIT */
/*
 * The terminal: opened, drawn on, asked for keys, and always given back as it was. The one module
 * that calls curses. One thread, one terminal.
 */
#ifndef MON_TERMINAL_H
#define MON_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mon_style {
    MON_PLAIN,
    MON_FAINT,
    MON_TITLE,
    MON_HEADING,
    MON_SORTED, /* the heading of the column that is sorted by */
    MON_STYLE_KEY,
    MON_SPARK,
    MON_STYLE_WATCH,
    MON_STYLE_ALARM,
    MON_STYLES
};

struct mon_key {
    bool is_function; /* a KEY_ of curses; else a character */
    uint32_t code;
};

/* Takes the terminal over. False with a message in `error` if it cannot be drawn on. From here on a
   fault of this program gives it back too. Colours, unless NO_COLOR is set. */
bool mon_terminal_open(char *error, size_t error_bytes)
    __attribute__((nonnull, warn_unused_result));
/* Gives it back. Does nothing if it is not open. */
void mon_terminal_close(void);

void mon_terminal_size(size_t *lines, size_t *columns) __attribute__((nonnull));

/* Begins a drawing: all is blank. */
void mon_terminal_begin(bool anew);
/* Puts text of text.h on the screen; what is outside of it is left out. */
void mon_terminal_put(size_t line, size_t column, const char *text, enum mon_style style,
                      bool selected) __attribute__((nonnull));
/* Shows it. A cursor is shown there, or with SIZE_MAX nowhere. */
void mon_terminal_end(size_t cursor_line, size_t cursor_column);

/* A key that was pressed, if there is one. A change of size is none, but redraw then. */
bool mon_terminal_key(struct mon_key *key) __attribute__((nonnull, warn_unused_result));

#endif
