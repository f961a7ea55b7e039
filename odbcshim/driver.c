/* SPDX-License-Identifier: MIT */
/*
 * Owns the rules by which a library is found, and told for a driver or for one of the two shims. A
 * function is taken only if it lies outside the driver manager: dlsym on a library searches its
 * dependencies too, and a driver that is linked with libodbc would hand out the manager's
 * functions, which would call back into the shim.
 */
#include "odbcshim/driver.h"

#include <dlfcn.h>
#include <odbcinst.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What dladdr knows of this very library. */
static const char here[] = "odbcshim";

/* ---- looking for it ------------------------------------------------------------------------- */

/* The path of `name` in the directory of the library that `symbol` lies in, or in one below that.
   False if there is no such file. */
static bool find_beside(const void *symbol, const char *below, const char *name, char path[4096])
{
    Dl_info info;
    const char *slash = dladdr(symbol, &info) != 0 ? strrchr(info.dli_fname, '/') : NULL;
    int n;

    if (slash == NULL)
        return false;
    n = snprintf(path, 4096, "%.*s/%s%s", (int)(slash - info.dli_fname), info.dli_fname, below,
                 name);
    return n > 0 && n < 4096 && access(path, F_OK) == 0;
}

/* A file that is there and cannot be loaded is the one that is meant: the error is about that. */
void *shim_driver_open(const char *library)
{
    const void *manager = (const void *)(uintptr_t)&SQLGetPrivateProfileString;
    char path[4096];
    bool is_beside =
        strchr(library, '/') == NULL &&
        (find_beside(manager, "odbc/", library, path) || find_beside(here, "", library, path));

    return dlopen(is_beside ? path : library, RTLD_LAZY | RTLD_LOCAL);
}

/* ---- telling what it is --------------------------------------------------------------------- */

static bool is_manager(const char *path)
{
    static const char *const names[] = {"libodbc.so", "libodbcw.so", "libiodbc.so"};
    const char *slash = strrchr(path, '/');
    const char *base = slash != NULL ? slash + 1 : path;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strncmp(base, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

void *shim_driver_function(void *library, const char *name)
{
    void *function = dlsym(library, name);
    Dl_info there, ours;

    if (function == NULL || dladdr(function, &there) == 0 || dladdr(here, &ours) == 0 ||
        there.dli_fbase == ours.dli_fbase || is_manager(there.dli_fname))
        return NULL;
    return function;
}

/* Whether any of some functions is there; the list ends with NULL. */
static bool has_any(void *library, const char *const names[])
{
    while (*names != NULL && shim_driver_function(library, *names) == NULL)
        names++;
    return *names != NULL;
}

enum shim_driver_kind shim_driver_kind(void *library)
{
    static const char *const begin[] = {"SQLAllocHandle", "SQLAllocEnv", NULL};
    static const char *const wide[] = {"SQLConnectW", "SQLDriverConnectW", "SQLBrowseConnectW",
                                       NULL};
    static const char *const narrow[] = {"SQLConnect", "SQLDriverConnect", NULL};
    const char *shim;

    if (library == NULL)
        return SHIM_DRIVER_ABSENT;
    shim = dlsym(library, "odbcshim_width");
    if (shim != NULL)
        return strcmp(shim, "wide") == 0 ? SHIM_DRIVER_SHIM_WIDE : SHIM_DRIVER_SHIM_ANSI;
    if (has_any(library, begin) && has_any(library, wide))
        return SHIM_DRIVER_WIDE;
    if (has_any(library, begin) && has_any(library, narrow))
        return SHIM_DRIVER_ANSI;
    return SHIM_DRIVER_FOREIGN;
}
