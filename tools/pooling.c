/* SPDX-License-Identifier: MIT */
/* Owns what the driver manager reads about pooling, and the words for what keeps it from pooling.
 */
#include "tools/pooling.h"

#include <stdlib.h>
#include <string.h>

#include "odbcshim/profile.h"
#include "odbcshim/units.h"

/* Keys that are often written and never read: what they are called, or where they belong. */
static const struct mistake {
    bool in_odbc; /* in [ODBC], else in a driver's section */
    const char *key, *remedy;
} mistakes[] = {
    {true, "MaxPoolSize", "it is called PoolMaxSize"},
    {true, "CPTimeout", "it belongs in the section of each driver"},
    {true, "CPTimeToLive", "it belongs in the section of each driver"},
    {true, "CPProbe", "it belongs in the section of each driver"},
    {true, "ConnectionPooling", "it is called Pooling"},
    {false, "Pooling", "it belongs in [ODBC]"},
    {false, "PoolMaxSize", "it belongs in [ODBC]"},
    {false, "MaxPoolSize", "it is called PoolMaxSize, and belongs in [ODBC]"},
    {false, "PoolWaitTimeout", "it belongs in [ODBC]"},
};

/* Why there is no CPTimeout in the driver's section, or none that counts. */
static void explain_timeout(struct tool_files *files, const char *driver, const char *timeout,
                            struct tool_pooling *p)
{
    struct tool_ini_item target, item;
    const char *real = tool_files_driver_key(files, driver, "Target", &target);

    if (timeout != NULL && *timeout != '\0')
        snprintf(p->why, sizeof(p->why), "CPTimeout = %s", timeout);
    else if (real != NULL && tool_files_driver_key(files, real, "CPTimeout", &item) != NULL &&
             atoi(item.value) > 0)
        snprintf(p->why, sizeof(p->why),
                 "CPTimeout stands with %s alone; odbcshim register '%s' takes it over", real,
                 real);
    else
        snprintf(p->why, sizeof(p->why), "no CPTimeout");
}

void tool_pooling_of(struct tool_files *files, const char *driver, struct tool_pooling *p)
{
    struct tool_ini_item item;
    const char *pooling = tool_files_driver_key(files, "ODBC", "Pooling", &item), *timeout;

    memset(p, 0, sizeof(*p));
    p->state = TOOL_POOLING_OFF;
    if (pooling == NULL || !shim_profile_yes(pooling)) {
        if (pooling == NULL || *pooling == '\0')
            snprintf(p->why, sizeof(p->why), "no Pooling = Yes in [ODBC]");
        else
            snprintf(p->why, sizeof(p->why), "Pooling = %s in [ODBC]", pooling);
        return;
    }
    p->state = TOOL_POOLING_BRIEF;
    timeout = tool_files_driver_key(files, driver, "CPTimeout", &item);
    if (strchr(driver, '/') != NULL) {
        snprintf(p->why, sizeof(p->why), "Driver is a path, so no section gives a CPTimeout");
    } else if (timeout == NULL || atoi(timeout) <= 0) {
        explain_timeout(files, driver, timeout, p);
    } else {
        p->state = TOOL_POOLING_ON;
        snprintf(p->why, sizeof(p->why), "%d s", atoi(timeout));
    }
}

bool tool_pooling_mistake(struct tool_files *files, size_t n, char *text, size_t size)
{
    for (int place = TOOL_SYSTEM_DRIVERS; place <= TOOL_USER_DRIVERS; place++) {
        const struct tool_file *file = &files->at[place];
        struct tool_ini_item item = {0};
        char section[TOOL_INI_TEXT_BYTES] = "";

        while (file->readable && tool_ini_next(file->ini, &item)) {
            if (item.is_section)
                strcpy(section, item.name);
            for (size_t i = 0; !item.is_section && i < sizeof(mistakes) / sizeof(*mistakes); i++) {
                if (mistakes[i].in_odbc != shim_same_key(section, "ODBC") ||
                    !shim_same_key(item.name, mistakes[i].key) || n-- > 0)
                    continue;
                snprintf(text, size, "%s, line %zu: %s in [%s] is not read; %s", file->path,
                         item.line + 1, item.name, section, mistakes[i].remedy);
                return true;
            }
        }
    }
    return false;
}
