/* SPDX-License-Identifier: MIT */
/* Owns how the shim's entries in odbcinst.ini are recognised. */
#include "tools/registration.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "odbcshim/units.h"
#include "tools/tool.h"

#define WIDE "libodbcshim.so"
#define ANSI "libodbcshima.so"

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);

    return length > strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

bool tool_is_shim(struct tool_files *files, const char *driver)
{
    struct tool_ini_item item;
    struct tool_library library;
    const char *path = tool_files_library(files, driver, &item);
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;
    const char *base = slash != NULL ? slash + 1 : path;

    if (path == NULL)
        return ends_with(driver, TOOL_MONITORED);
    if (strcmp(base, WIDE) == 0 || strcmp(base, ANSI) == 0)
        return true;
    tool_library_look(path, &library);
    return shim_driver_is_shim(library.kind);
}

bool tool_registration_of(struct tool_files *files, const char *target, bool for_all,
                          char name[TOOL_INI_TEXT_BYTES])
{
    const int last = for_all ? TOOL_SYSTEM_DRIVERS : TOOL_USER_DRIVERS;

    for (int place = TOOL_SYSTEM_DRIVERS; place <= last; place++) {
        struct tool_ini_item section = {0}, key;

        while (tool_file_next_section(&files->at[place], &section)) {
            const char *value = tool_files_driver_key(files, section.name, "Target", &key);

            if (value != NULL && shim_same_key(value, target) &&
                tool_is_shim(files, section.name)) {
                strcpy(name, section.name);
                return true;
            }
        }
    }
    return false;
}

bool tool_shim_path(const char *folder, enum shim_driver_kind kind, char path[4096])
{
    const char *name = shim_driver_is_wide(kind) ? WIDE : ANSI;
    char absolute[PATH_MAX] = "";
    struct tool_library library;

    /* An absolute one stays as it was given, for its links may be there to last. */
    if (folder[0] != '/' && realpath(folder, absolute) != NULL)
        folder = absolute;
    (void)snprintf(path, 4096, "%.4000s/%s", folder, name);
    tool_library_look(path, &library);
    if (shim_driver_is_shim(library.kind) &&
        shim_driver_is_wide(library.kind) == shim_driver_is_wide(kind))
        return true;
    tool_complain("the monitoring driver's library is not in its place; --libraries says where it "
                  "is: %s",
                  library.reason[0] != '\0' ? library.reason : path);
    return false;
}
