/* SPDX-License-Identifier: MIT */
/* What the library of a driver is: looked at by loading it, in a child process. */
#ifndef TOOL_LIBRARY_H
#define TOOL_LIBRARY_H

#include "odbcshim/driver.h"

struct tool_library {
    enum shim_driver_kind kind;
    char path[4096];  /* of the file that was loaded; "" where none was */
    char reason[512]; /* why it is absent or foreign, a clause without a full stop; else "" */
    char version[24]; /* of the shim; "" where it does not say */
};

/* Looks at a library by the rules of the shim: as Driver= names it, by a path or a name that is
   looked for where the driver manager does. The library's own code runs in the child alone, whose
   crash or hanging (10 s) is a reason like others. */
void tool_library_look(const char *name, struct tool_library *library) __attribute__((nonnull));

#endif
