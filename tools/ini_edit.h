/* SPDX-License-Identifier: MIT */
/*
 * The text of an odbc.ini or odbcinst.ini, read as libodbcinst reads it and changed line by line:
 * every byte of a line that is not changed stays as it was. Nothing here touches a file.
 *
 * As libodbcinst does: of sections of one name the first counts, and in it the first line of a key;
 * case does not matter in names; white space around names and values is nothing; '#' and ';' begin
 * a comment at the beginning of a line only; a line goes on for 999 bytes, and what is more is a
 * line by itself; where anything but comments stands before the first section, nothing is read.
 */
#ifndef TOOL_INI_EDIT_H
#define TOOL_INI_EDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define TOOL_INI_TEXT_BYTES 1000 /* no name or value is longer, its NUL included */

struct tool_ini;

/* A copy of the bytes. NULL when memory is out. Freed by tool_ini_free. */
struct tool_ini *tool_ini_new(const char *bytes, size_t length)
    __attribute__((nonnull, warn_unused_result));
void tool_ini_free(struct tool_ini **ini) __attribute__((nonnull));

/* Why a change was not made: memory was out, or a line would be too long or is none that can be
   changed. A literal; NULL where nothing failed. Once set it stays, and nothing changes any more:
   make all changes, test once. */
const char *tool_ini_trouble(const struct tool_ini *ini) __attribute__((nonnull));

/* The number, from 1, of the line that keeps libodbcinst from reading the file; 0: there is none.
 */
size_t tool_ini_unreadable(const struct tool_ini *ini) __attribute__((nonnull));

/* A section or a key as it stands. `line` counts until the next change only. */
struct tool_ini_item {
    bool is_section;
    size_t line;                     /* from 0 */
    char name[TOOL_INI_TEXT_BYTES];  /* of the section or the key */
    char value[TOOL_INI_TEXT_BYTES]; /* of the key */
    size_t at;                       /* where in the text to go on, for tool_ini_next */
};

/* Walks through the file: *item, all zero at first, becomes the next section or key. False at the
   end. */
bool tool_ini_next(const struct tool_ini *ini, struct tool_ini_item *item)
    __attribute__((nonnull, warn_unused_result));

/* The section of this name, and the key of this name within the section that is *item, or that
 *item stands in. False where there is none; *item is then of no use. */
bool tool_ini_section(const struct tool_ini *ini, const char *name, struct tool_ini_item *item)
    __attribute__((nonnull, warn_unused_result));
bool tool_ini_key(const struct tool_ini *ini, const char *name, struct tool_ini_item *item)
    __attribute__((nonnull, warn_unused_result));

/* Both: the value of a key in a section, or NULL. It lives in *item. */
const char *tool_ini_get(const struct tool_ini *ini, const char *section, const char *key,
                         struct tool_ini_item *item) __attribute__((nonnull, warn_unused_result));

/* Puts another value in the place of a key's; what stands around it stays. */
void tool_ini_set(struct tool_ini *ini, const struct tool_ini_item *item, const char *value)
    __attribute__((nonnull));

/* Adds a line behind the one that the item stands in, written in the manner of that line: its
   indentation, blanks and end of line. *item becomes the new key. */
void tool_ini_add(struct tool_ini *ini, struct tool_ini_item *item, const char *key,
                  const char *value) __attribute__((nonnull));

/* Adds a section without keys at the end of the file, behind an empty line. *item becomes it. */
void tool_ini_append(struct tool_ini *ini, const char *name, struct tool_ini_item *item)
    __attribute__((nonnull));

/* Takes out the line of a key. */
void tool_ini_remove(struct tool_ini *ini, const struct tool_ini_item *item)
    __attribute__((nonnull));

/* Takes out a section: from its head to its last key, with one empty line before it. */
void tool_ini_remove_section(struct tool_ini *ini, const struct tool_ini_item *section)
    __attribute__((nonnull));

bool tool_ini_changed(const struct tool_ini *ini) __attribute__((nonnull));

/* The text as it is now; the caller frees it. NULL when memory is out. */
char *tool_ini_write(const struct tool_ini *ini, size_t *length)
    __attribute__((nonnull, warn_unused_result));

/* Prints the changes as a unified diff without context: no line is shown that is not changed. The
   value of CollectdPassword is not shown either. */
void tool_ini_print_changes(const struct tool_ini *ini, const char *path, FILE *to)
    __attribute__((nonnull));

#endif
