/* SPDX-License-Identifier: MIT */
/* Whether the driver manager pools a driver's connections, by what odbcinst.ini says; and if not,
   why. Managers since 2.3.12 pool at a program's wish as well, which no file tells. */
#ifndef TOOL_POOLING_H
#define TOOL_POOLING_H

#include "tools/ini_file.h"

enum tool_pooling_state {
    TOOL_POOLING_ON,
    TOOL_POOLING_BRIEF, /* a connection is used again within the same second only */
    TOOL_POOLING_OFF,
};

struct tool_pooling {
    enum tool_pooling_state state;
    char why[3 * TOOL_INI_TEXT_BYTES]; /* a clause that says why; where it is on, for how long a
                                          connection is kept */
};

/* As it is for what Driver names in a DSN or a connection string: a section of odbcinst.ini, or a
   path. */
void tool_pooling_of(struct tool_files *files, const char *driver, struct tool_pooling *pooling)
    __attribute__((nonnull));

/* The n-th key, from 0, of odbcinst.ini that is about pooling and is not read where it stands, in
   words; false if there are not so many. */
bool tool_pooling_mistake(struct tool_files *files, size_t n, char *text, size_t size)
    __attribute__((nonnull, warn_unused_result));

#endif
