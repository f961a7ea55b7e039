/* SPDX-License-Identifier: MIT */
/*
 * Owns the question what a driver's library is. It is answered by dlopen and dlsym, as driver
 * manager and shim ask it: they search a library's dependencies too, so that no look at the file
 * alone would find the same. As that runs the library's constructors it is done in a child process.
 */
#include "tools/library.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <odbcinst.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 10000 /* no driver takes as long to be loaded */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

/* Whether the library has this symbol, itself or by a dependency that is no driver manager. */
static bool has(void *library, const char *name)
{
    static const char *const managers[] = {"libodbc.so", "libodbcw.so", "libiodbc.so"};
    void *symbol = dlsym(library, name);
    Dl_info there;

    if (symbol == NULL || !dladdr(symbol, &there))
        return false;
    for (size_t i = 0; i < sizeof(managers) / sizeof(managers[0]); i++)
        if (strncmp(base_name(there.dli_fname), managers[i], strlen(managers[i])) == 0)
            return false;
    return true;
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
    if (found->kind == TOOL_LIBRARY_FOREIGN)
        snprintf(found->reason, sizeof(found->reason),
                 "it is a library but no ODBC driver (it exports no SQLConnect)");
}

/* What the child does: nothing that the library prints is seen, and no destructor of it runs. */
static void look_and_tell(const char *name, int to)
{
    struct tool_library found = {.kind = TOOL_LIBRARY_ABSENT};
    int nowhere = open("/dev/null", O_RDWR);

    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        (void)dup2(nowhere, fd);
    look(name, &found);
    for (size_t done = 0; done < sizeof(found);) {
        ssize_t n = write(to, (const char *)&found + done, sizeof(found) - done);

        if (n <= 0)
            break;
        done += (size_t)n;
    }
    _exit(EXIT_SUCCESS);
}

/* Reads what the child tells; false if it does not, within the time. */
static bool listen_to(int from, struct tool_library *library, bool *late)
{
    size_t done = 0;

    while (done < sizeof(*library)) {
        struct pollfd polled = {.fd = from, .events = POLLIN};
        int ready = poll(&polled, 1, PATIENCE_MS);
        ssize_t n;

        if (ready < 0 && errno == EINTR)
            continue;
        *late = ready == 0;
        n = ready > 0 ? read(from, (char *)library + done, sizeof(*library) - done) : 0;
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

void tool_library_look(const char *name, struct tool_library *library)
{
    int ends[2] = {-1, -1}, status = 0;
    bool told, late = false;
    pid_t child;

    memset(library, 0, sizeof(*library));
    fflush(NULL); /* or the child would have it as well */
    if (pipe2(ends, O_CLOEXEC) != 0 || (child = fork()) < 0) {
        snprintf(library->reason, sizeof(library->reason), "no process to look at it: %s",
                 strerror(errno));
        goto done;
    }
    if (child == 0)
        look_and_tell(name, ends[1]);
    close(ends[1]);
    ends[1] = -1;
    told = listen_to(ends[0], library, &late);
    if (!told)
        (void)kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (!told) {
        memset(library, 0, sizeof(*library));
        snprintf(library->reason, sizeof(library->reason),
                 late ? "loading it takes more than %d seconds" : "loading it ends the process",
                 PATIENCE_MS / 1000);
    }
done:
    for (size_t i = 0; i < 2; i++)
        if (ends[i] >= 0)
            close(ends[i]);
}
