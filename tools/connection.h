/* SPDX-License-Identifier: MIT */
/* A real connect through the driver manager, in a child process: a driver may crash or hang. */
#ifndef TOOL_CONNECTION_H
#define TOOL_CONNECTION_H

#include <stdbool.h>

#include "tools/child.h"

#define TOOL_DIAGNOSTICS_MAX 4

struct tool_diagnostic {
    char state[6];
    char message[512];
};

struct tool_connection {
    enum tool_child_end end; /* the rest holds where it is TOOL_CHILD_DONE */
    bool connected;
    size_t diagnostics_count;
    struct tool_diagnostic diagnostics[TOOL_DIAGNOSTICS_MAX];
    /* What the target says of itself; "" where it does not. */
    char driver[128], driver_version[64];
    char database[128], database_version[128];
};

/* Connects by a connection string, asks who is there, and disconnects, within that time. */
void tool_connect(const char *string, int patience_ms, struct tool_connection *connection)
    __attribute__((nonnull));

/* What to do about a failure with that SQLSTATE, as a clause; NULL where the message must do. */
const char *tool_connect_advice(const char *state) __attribute__((nonnull));

#endif
