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
#include <odbcinst.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "odbcshim/lookup.h"
#include "tools/child.h"

#define PATIENCE_MS 10000 /* no driver takes as long to be loaded */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

/* Whether the library has this symbol, itself or by a dependency that is no driver manager. */
static bool has(void *library, const char *name)
{
    void *symbol = dlsym(library, name);
    Dl_info there;

    return symbol != NULL && dladdr(symbol, &there) != 0 &&
           !shim_lookup_is_manager(there.dli_fname);
}

static enum tool_library_kind kind_of(void *library)
{
    const char *shim = dlsym(library, "odbcshim_width");
    bool wide = has(library, "SQLConnectW") || has(library, "SQLDriverConnectW") ||
                has(library, "SQLBrowseConnectW");

    if (shim != NULL)
        return strcmp(shim, "wide") == 0 ? TOOL_LIBRARY_SHIM_WIDE : TOOL_LIBRARY_SHIM_ANSI;
    if (!has(library, "SQLAllocHandle") && !has(library, "SQLAllocEnv"))
        return TOOL_LIBRARY_FOREIGN;
    if (wide)
        return TOOL_LIBRARY_WIDE;
    return has(library, "SQLConnect") || has(library, "SQLDriverConnect") ? TOOL_LIBRARY_ANSI
                                                                          : TOOL_LIBRARY_FOREIGN;
}

/* A name without a slash is looked for in odbc/ below the folder of libodbcinst, then where the
   system looks. */
static void *open_library(const char *name)
{
    const void *odbcinst = (const void *)(uintptr_t)&SQLGetPrivateProfileString;
    void *library = NULL;
    char path[4096];
    Dl_info info;

    if (strchr(name, '/') == NULL && dladdr(odbcinst, &info) != 0) {
        int folder = (int)(base_name(info.dli_fname) - info.dli_fname);
        int n = snprintf(path, sizeof(path), "%.*sodbc/%s", folder, info.dli_fname, name);

        if (n > 0 && (size_t)n < sizeof(path))
            library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
        /* One that is there and cannot be loaded is the one that is meant. */
        if (library != NULL || access(path, F_OK) == 0)
            return library;
    }
    return dlopen(name, RTLD_LAZY | RTLD_LOCAL);
}

static void look(const char *name, struct tool_library *found)
{
    void *library = open_library(name);
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
    found->kind = kind_of(library);
    if (version != NULL && tool_library_is_shim(found))
        snprintf(found->version, sizeof(found->version), "%s", version);
    if (found->kind == TOOL_LIBRARY_FOREIGN)
        snprintf(found->reason, sizeof(found->reason),
                 "it is a library but no ODBC driver (it exports no SQLConnect)");
}

static void look_in_child(const void *order, void *result)
{
    look(order, result);
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
