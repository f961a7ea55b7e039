/* SPDX-License-Identifier: MIT */
/* Owns what is said of the way from a DSN by the shim to the library of the target. */
#include "tools/walk.h"

#include <stdio.h>
#include <string.h>

#include "odbcshim/profile.h"
#include "tools/pooling.h"

static void say_absent(struct tool_walk *w, const char *dsn)
{
    const char *user = w->files.at[TOOL_USER_DSNS].path;
    const char *system = w->files.at[TOOL_SYSTEM_DSNS].path;
    bool both = strcmp(user, system) != 0;

    tool_step(&w->steps, TOOL_STEP_WRONG,
              "there is no [%s] in %s%s%s: `odbcshim list` shows those that there are; is ODBCINI "
              "or ODBCSYSINI set to other files?",
              dsn, user, both ? ", nor in " : "", both ? system : "");
}

bool tool_check_dsn(struct tool_walk *w)
{
    const char *dsn = shim_lookup_dsn(w->dsn, w->string);
    struct tool_ini_item item;

    if (dsn == NULL) {
        const char *driver = shim_connection_string_source_value(w->string);

        (void)snprintf(w->driver, sizeof(w->driver), "%s", driver != NULL ? driver : "");
        tool_step(&w->steps, TOOL_STEP_OK, "none: the connection string names the driver");
        return true;
    }
    w->section = shim_profile_section(dsn, w->driver, sizeof(w->driver));
    if (w->section != NULL)
        w->dsn_file = tool_files_dsn(&w->files, w->section, &item);
    if (w->section == NULL || w->dsn_file == NULL) {
        const struct tool_file *file = tool_files_dsn(&w->files, dsn, &item);

        if (file != NULL)
            tool_step(&w->steps, TOOL_STEP_WRONG,
                      "[%s] of %s has no Driver: give it one, or register it anew", dsn,
                      file->path);
        else
            say_absent(w, dsn);
        return false;
    }
    tool_step(&w->steps, TOOL_STEP_OK, "[%s] of %s", w->section, w->dsn_file->path);
    return true;
}

bool tool_check_driver(struct tool_walk *w)
{
    char library[SHIM_LIBRARY_MAX], by[320];
    struct tool_ini_item item;
    struct shim_error error;

    (void)snprintf(by, sizeof(by), "Driver=%.300s", w->driver);
    if (!shim_lookup_library(w->driver, by, library, &error)) {
        tool_step(&w->steps, TOOL_STEP_WRONG, "%s", error.message);
        return false;
    }
    if (strchr(w->driver, '/') == NULL)
        w->driver_file = tool_files_driver(&w->files, w->driver, &item);
    tool_library_look(library, &w->shim);
    if (w->shim.kind == SHIM_DRIVER_ABSENT) {
        tool_step(&w->steps, TOOL_STEP_WRONG,
                  "%s is %s, which cannot be loaded: %s. Install it, or correct the path", by,
                  library, w->shim.reason);
        return false;
    }
    if (!shim_driver_is_shim(w->shim.kind)) {
        tool_step(&w->steps, TOOL_STEP_WRONG,
                  "%s is %s, which is not the monitoring driver: `odbcshim wrap %s` puts that "
                  "before it",
                  by, w->shim.path, w->section != NULL ? w->section : "DSN");
        return false;
    }
    if (strcmp(w->shim.version, ODBCSHIM_VERSION) != 0) {
        tool_step(&w->steps, TOOL_STEP_WRONG,
                  "%s is %s, of version %s, and this command is of version %s: install the two "
                  "together, or register the other library",
                  by, w->shim.path, *w->shim.version != '\0' ? w->shim.version : "unknown",
                  ODBCSHIM_VERSION);
        return false;
    }
    tool_step(&w->steps, TOOL_STEP_OK, "%s%s%s is the monitoring driver %s, %s, version %s", by,
              w->driver_file != NULL ? " of " : "",
              w->driver_file != NULL ? w->driver_file->path : "", w->shim.path,
              shim_driver_is_wide(w->shim.kind) ? "wide" : "ANSI", w->shim.version);
    return true;
}

bool tool_check_target(struct tool_walk *w)
{
    struct shim_error error;

    if (!shim_lookup_target(w->settings, w->target_by, sizeof(w->target_by), w->target_library,
                            &error)) {
        tool_step(&w->steps, TOOL_STEP_WRONG, "%s", error.message);
        return false;
    }
    tool_step(&w->steps, TOOL_STEP_OK, "%s is %s", w->target_by, w->target_library);
    return true;
}

bool tool_check_library(struct tool_walk *w)
{
    static const char *const widths[] = {[SHIM_DRIVER_WIDE] = "a wide",
                                         [SHIM_DRIVER_ANSI] = "an ANSI",
                                         [SHIM_DRIVER_SHIM_WIDE] = "wide",
                                         [SHIM_DRIVER_SHIM_ANSI] = "ANSI"};
    bool target_is_wide;

    tool_library_look(w->target_library, &w->target);
    if (w->target.kind == SHIM_DRIVER_ABSENT || w->target.kind == SHIM_DRIVER_FOREIGN) {
        tool_step(&w->steps, TOOL_STEP_WRONG,
                  "the target cannot be used: %s. Install the package that has what is missing, or "
                  "correct %s",
                  w->target.reason, w->target_by);
        return false;
    }
    if (shim_driver_is_shim(w->target.kind)) {
        tool_step(&w->steps, TOOL_STEP_WRONG,
                  "%s is the monitoring driver itself: name the real driver, or a DSN of it",
                  w->target_by);
        return false;
    }
    target_is_wide = shim_driver_is_wide(w->target.kind);
    if (target_is_wide != shim_driver_is_wide(w->shim.kind)) {
        tool_step(&w->steps, TOOL_STEP_WRONG,
                  "the target is %s driver and the monitoring driver is %s: the DSN's Driver must "
                  "be %s, which `odbcshim register` enters",
                  widths[w->target.kind], widths[w->shim.kind],
                  target_is_wide ? "libodbcshim.so" : "libodbcshima.so");
        return false;
    }
    tool_step(&w->steps, TOOL_STEP_OK, "%s can be loaded, and is %s driver", w->target.path,
              widths[w->target.kind]);
    return true;
}

bool tool_check_pooling(struct tool_walk *w)
{
    enum tool_step_state state = TOOL_STEP_OK;
    struct tool_pooling pooling;
    char mistake[1024];

    tool_pooling_of(&w->files, w->driver, &pooling);
    if (pooling.state == TOOL_POOLING_BRIEF ||
        tool_pooling_mistake(&w->files, 0, mistake, sizeof(mistake)))
        state = TOOL_STEP_WARNING;
    if (pooling.state == TOOL_POOLING_ON)
        tool_step(&w->steps, state, "on: an idle connection is kept for %s", pooling.why);
    else if (pooling.state == TOOL_POOLING_BRIEF)
        tool_step(&w->steps, state,
                  "on, but a connection is used again within the same second only: %s; give "
                  "[%s] of odbcinst.ini a CPTimeout, as 120",
                  pooling.why, w->driver);
    else
        tool_step(&w->steps, state,
                  "off: %s; unixODBC 2.3.12 and later pool all the same where a program asks for "
                  "it",
                  pooling.why);
    for (size_t n = 0; tool_pooling_mistake(&w->files, n, mistake, sizeof(mistake)); n++)
        tool_step_more(&w->steps, "%s", mistake);
    return true;
}
