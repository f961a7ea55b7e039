/* SPDX-License-Identifier: MIT */
/* The way from a DSN to its figures, step by step: what the steps share. */
#ifndef TOOL_WALK_H
#define TOOL_WALK_H

#include "odbcshim/lookup.h"
#include "tools/ask.h"
#include "tools/ini_file.h"
#include "tools/library.h"
#include "tools/steps.h"

enum tool_walk_step {
#define TOOL_STEP(ID, ...) TOOL_WALK_##ID,
#include "tools/walk.def"
    TOOL_WALK_STEPS
};

struct tool_walk {
    /* What is asked for: one of the two. */
    const char *dsn;
    struct shim_connection_string *string;
    /* How: credentials of the database, NULL where not given, and the time for the connect. */
    const char *user, *password;
    int patience_ms;

    /* What the steps have found. */
    struct tool_steps steps;
    struct tool_files files;
    const char *section;                 /* of odbc.ini; NULL: a driver was named instead */
    const struct tool_file *dsn_file;    /* where it stands */
    char driver[SHIM_LIBRARY_MAX];       /* what Driver= says */
    const struct tool_file *driver_file; /* where its section stands; NULL: it is a path */
    struct tool_library shim, target;
    struct shim_settings *settings;
    char target_by[320]; /* "Target=..." */
    char target_library[SHIM_LIBRARY_MAX];
    struct tool_addresses addresses;
};

/* The steps. Each prints its line; false if the way ends here. */
#define TOOL_STEP(ID, name, NEEDS, sentence)                                                       \
    bool tool_check_##name(struct tool_walk *w) __attribute__((nonnull));
#include "tools/walk.def"

#endif
