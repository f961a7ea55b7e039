/* SPDX-License-Identifier: MIT */
/* Owns what is said of the settings in force. */
#include "tools/walk.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "odbcshim/settings_file.h"

/* The file that a setting stands in; NULL where it stands in none. */
static const char *file_of(const struct tool_walk *w, enum shim_origin origin)
{
    switch (origin) {
    case SHIM_ORIGIN_FILE:
        return shim_settings_file_path();
    case SHIM_ORIGIN_DRIVER:
        return w->driver_file != NULL ? w->driver_file->path : NULL;
    case SHIM_ORIGIN_DSN:
        return w->dsn_file->path;
    case SHIM_ORIGIN_DEFAULT:
    case SHIM_ORIGIN_STRING:
        break;
    }
    return NULL;
}

/* Where a setting stands, in words. */
static void name_origin(const struct tool_walk *w, enum shim_origin origin, char text[4400])
{
    const char *file = file_of(w, origin);

    if (file == NULL)
        strcpy(text, origin == SHIM_ORIGIN_STRING ? "connection string" : "default");
    else if (origin == SHIM_ORIGIN_FILE)
        (void)snprintf(text, 4400, "%.4000s", file);
    else
        (void)snprintf(text, 4400, "[%.250s] of %.4000s",
                       origin == SHIM_ORIGIN_DSN ? w->section : w->driver, file);
}

bool tool_check_settings(struct tool_walk *w)
{
    struct shim_error error;

    w->settings = shim_lookup_settings(w->dsn, w->string, &error);
    if (w->settings == NULL) {
        tool_step(&w->steps, TOOL_STEP_WRONG, "%s", error.message);
        return false;
    }
    tool_steps_hide(&w->steps, w->settings->password);
    if (w->settings->enabled)
        tool_step(&w->steps, TOOL_STEP_OK, "each makes sense:");
    else
        tool_step(&w->steps, TOOL_STEP_WARNING,
                  "CollectdEnabled=no: nothing is counted and nothing is sent");
    for (int i = 0; i < SHIM_SETTINGS; i++) {
        enum shim_origin origin = w->settings->origin[i];
        char value[300], place[4400];

        shim_setting_show(w->settings, (enum shim_setting)i, value, sizeof(value));
        if (i == SHIM_SETTING_PROGRAM && origin == SHIM_ORIGIN_DEFAULT)
            strcpy(value, "(the program's own)");
        name_origin(w, origin, place);
        tool_step_more(&w->steps, "%-22s %-20s %s", shim_setting_infos[i].key,
                       *value != '\0' ? value : "(empty)", place);
    }
    return true;
}

/* Whether the file that the password stands in is for the programs alone. */
bool tool_check_password(struct tool_walk *w)
{
    const struct shim_settings *s = w->settings;
    const char *path = file_of(w, s->origin[SHIM_SETTING_PASSWORD]);
    struct stat status;

    if (*s->password == '\0')
        tool_step(&w->steps, TOOL_STEP_OK, "none is set, and none is needed");
    else if (path == NULL || stat(path, &status) != 0)
        tool_step(&w->steps, TOOL_STEP_OK, "it stands in the connection string");
    else if ((status.st_mode & S_IROTH) != 0)
        tool_step(&w->steps, TOOL_STEP_WARNING,
                  "everybody may read it in %s: let the programs alone, by `chgrp GROUP` and "
                  "`chmod 640`",
                  path);
    else
        tool_step(&w->steps, TOOL_STEP_OK, "not everybody may read it in %s", path);
    return true;
}

bool tool_check_names(struct tool_walk *w)
{
    const struct shim_settings *s = w->settings;

    if (s->origin[SHIM_SETTING_PROGRAM] == SHIM_ORIGIN_DEFAULT || *s->program == '\0')
        tool_step(&w->steps, TOOL_STEP_OK,
                  "reported as host %s, and as the program or script that connects",
                  s->report_host);
    else
        tool_step(&w->steps, TOOL_STEP_OK, "reported as host %s, program %s", s->report_host,
                  s->program);
    return true;
}
