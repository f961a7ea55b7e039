/* SPDX-License-Identifier: MIT */
/* `odbcshim list`: owns what is said of each driver and DSN. */
#include "tools/tool.h"

#include <odbcinst.h>
#include <stdlib.h>
#include <string.h>

#include "odbcshim/profile.h"
#include "tools/library.h"

#define NAMES_BYTES 65536 /* of all sections of a file; libodbcinst cuts off what is more */

/* Whether what Driver= says, a section of odbcinst.ini or a path, is the shim. */
static bool is_monitored(const char *driver)
{
    struct tool_library library;
    char path[4096];

    if (strchr(driver, '/') == NULL &&
        (shim_profile_get("odbcinst.ini", driver, "Driver64", path, sizeof(path)) ||
         shim_profile_get("odbcinst.ini", driver, "Driver", path, sizeof(path))))
        driver = path;
    tool_library_look(driver, &library);
    return tool_library_is_shim(&library);
}

static void print_sections(const char *file, const char *what, const char *skip)
{
    char *names = calloc(1, NAMES_BYTES);
    char driver[4096];

    if (names == NULL)
        return;
    (void)SQLGetPrivateProfileString(NULL, NULL, "", names, NAMES_BYTES - 1, file);
    for (const char *name = names; *name != '\0'; name += strlen(name) + 1) {
        bool of_driver = strcmp(file, "odbcinst.ini") == 0;

        if (strcmp(name, skip) == 0 ||
            (!of_driver && !shim_profile_get(file, name, "Driver", driver, sizeof(driver))))
            continue;
        printf("%-8s %-40s %s\n", what, name,
               is_monitored(of_driver ? name : driver) ? "monitored" : "not monitored");
    }
    free(names);
}

int tool_list(int argc, char **argv)
{
    struct tool_arguments arguments;
    int status;

    if (!tool_arguments_read(&arguments, TOOL_LIST, argc, argv, &status))
        return status;
    if (arguments.given[TOOL_LIST_USER] != NULL)
        (void)SQLSetConfigMode(ODBC_USER_DSN);
    if (arguments.given[TOOL_LIST_SYSTEM] != NULL)
        (void)SQLSetConfigMode(ODBC_SYSTEM_DSN);
    print_sections("odbcinst.ini", "driver", "ODBC");
    print_sections("odbc.ini", "DSN", "ODBC Data Sources");
    return TOOL_FINE;
}
