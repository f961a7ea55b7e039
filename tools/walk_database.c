/* SPDX-License-Identifier: MIT */
/* Owns what is said of a real connect, and the connection string for it. */
#include "tools/walk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/connection.h"

static void say_diagnostics(const struct tool_walk *w, const struct tool_connection *c)
{
    for (size_t i = 0; i < c->diagnostics_count; i++)
        tool_step_more(&w->steps, "%s %s", c->diagnostics[i].state, c->diagnostics[i].message);
}

static void say_failure(struct tool_walk *w, const struct tool_connection *c)
{
    const char *advice;

    switch (c->end) {
    case TOOL_CHILD_LATE:
        tool_step(&w->steps, TOOL_STEP_WRONG,
                  "there is none after %d s: is the database's host right, and up?",
                  w->patience_ms / 1000);
        return;
    case TOOL_CHILD_ENDED:
        tool_step(&w->steps, TOOL_STEP_WRONG,
                  "connecting ends the process: the driver %s crashes; does it without the "
                  "monitoring driver, too?",
                  w->target.path);
        return;
    case TOOL_CHILD_NONE:
        tool_step(&w->steps, TOOL_STEP_WRONG, "no process to try it: %s", strerror(errno));
        return;
    case TOOL_CHILD_DONE:
        break;
    }
    advice = c->diagnostics_count > 0 ? tool_connect_advice(c->diagnostics[0].state) : NULL;
    tool_step(&w->steps, TOOL_STEP_WRONG,
              "%s:", advice != NULL ? advice : "the driver says why it fails");
    say_diagnostics(w, c);
}

/* What to connect with: as the application would, with the credentials that were given. It is not
   counted, for the figures are those of the programs. NULL when memory is out. */
static char *connection_string(struct tool_walk *w)
{
    const struct {
        const char *key, *value;
    } added[] = {
        {"DSN", w->dsn},
        {"UID", w->user},
        {"PWD", w->password},
        {shim_setting_infos[SHIM_SETTING_ENABLED].key, "no"},
    };
    size_t length;

    if (w->string == NULL)
        w->string = shim_connection_string_new((struct shim_text){.units = "", .length = 0});
    for (size_t i = 0; w->string != NULL && i < sizeof(added) / sizeof(added[0]); i++)
        if (added[i].value != NULL &&
            !shim_connection_string_replace(w->string, added[i].key, added[i].key, added[i].value))
            return NULL;
    return w->string != NULL ? shim_connection_string_write(w->string, &length) : NULL;
}

bool tool_check_connection(struct tool_walk *w)
{
    struct tool_connection c;
    char *string = connection_string(w);

    if (string == NULL) {
        tool_step(&w->steps, TOOL_STEP_WRONG, "out of memory");
        return false;
    }
    tool_connect(string, w->patience_ms, &c);
    explicit_bzero(string, strlen(string));
    free(string);
    if (!c.connected) {
        say_failure(w, &c);
        return false;
    }
    tool_step(&w->steps, TOOL_STEP_OK, "%s %s, by the target %s %s",
              *c.database != '\0' ? c.database : "a database", c.database_version,
              *c.driver != '\0' ? c.driver : w->target.path, c.driver_version);
    say_diagnostics(w, &c);
    return true;
}
