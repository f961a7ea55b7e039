/* SPDX-License-Identifier: MIT */
/* What the library of a driver is: looked at by loading it, in a child process. */
#ifndef TOOL_LIBRARY_H
#define TOOL_LIBRARY_H

#include <stdbool.h>

enum tool_library_kind {
    TOOL_LIBRARY_ABSENT,    /* it cannot be loaded; `reason` says why */
    TOOL_LIBRARY_FOREIGN,   /* it can, and is no ODBC driver; `reason` likewise */
    TOOL_LIBRARY_WIDE,      /* a driver with wide functions: libodbcshim.so goes before it */
    TOOL_LIBRARY_ANSI,      /* a driver without: libodbcshima.so does */
    TOOL_LIBRARY_SHIM_WIDE, /* libodbcshim.so itself */
    TOOL_LIBRARY_SHIM_ANSI, /* libodbcshima.so itself */
};

struct tool_library {
    enum tool_library_kind kind;
    char path[4096];  /* of the file that was loaded; "" where none was */
    char reason[512]; /* "" or a clause without a full stop */
    char version[24]; /* of the shim; "" where it does not say */
};

/* Looks at a library by the rules of the shim: as Driver= names it, by a path or a name that is
   looked for where the driver manager does. The library's own code runs in the child alone, whose
   crash or hanging (10 s) is a reason like others. */
void tool_library_look(const char *name, struct tool_library *library) __attribute__((nonnull));

static inline bool tool_library_is_shim(const struct tool_library *library)
{
    return library->kind == TOOL_LIBRARY_SHIM_WIDE || library->kind == TOOL_LIBRARY_SHIM_ANSI;
}

static inline bool tool_library_is_driver(const struct tool_library *library)
{
    return library->kind == TOOL_LIBRARY_WIDE || library->kind == TOOL_LIBRARY_ANSI;
}

#endif
