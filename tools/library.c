/* SPDX-License-Identifier: MIT */
/*
 * Owns the question what a driver's library is. It is answered by dlopen and dlsym, as driver
 * manager and shim ask it: they search a library's dependencies too, so that no look at the file
 * alone would find the same. As that runs the library's constructors it is done in a child process.
 */
#include "tools/library.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdio.h>
#include <string.h>

#include "tools/child.h"

#define PATIENCE_MS 10000 /* no driver takes as long to be loaded */

static void look_in_child(const void *order, void *result)
{
    const char *name = order;
    struct tool_library *found = result;
    void *library = shim_driver_open(name);
    const char *version = library != NULL ? dlsym(library, "odbcshim_version") : NULL;
    const char *error = library == NULL ? dlerror() : NULL;
    struct link_map *map;

    if (library == NULL) {
        snprintf(found->reason, sizeof(found->reason), "%s",
                 error != NULL ? error : "it cannot be loaded");
        return;
    }
    if (dlinfo(library, RTLD_DI_LINKMAP, &map) == 0)
        snprintf(found->path, sizeof(found->path), "%s", map->l_name);
    found->kind = shim_driver_kind(library);
    if (version != NULL && shim_driver_is_shim(found->kind))
        snprintf(found->version, sizeof(found->version), "%s", version);
    if (found->kind == SHIM_DRIVER_FOREIGN)
        snprintf(found->reason, sizeof(found->reason),
                 "it is a library but no ODBC driver (it exports no SQLConnect)");
}

void tool_library_look(const char *name, struct tool_library *library)
{
    switch (tool_child_do(look_in_child, name, library, sizeof(*library), PATIENCE_MS)) {
    case TOOL_CHILD_DONE:
        break;
    case TOOL_CHILD_LATE:
        snprintf(library->reason, sizeof(library->reason), "loading it takes more than %d seconds",
                 PATIENCE_MS / 1000);
        break;
    case TOOL_CHILD_ENDED:
        snprintf(library->reason, sizeof(library->reason), "loading it ends the process");
        break;
    case TOOL_CHILD_NONE:
        snprintf(library->reason, sizeof(library->reason), "no process to look at it: %s",
                 strerror(errno));
        break;
    }
}
