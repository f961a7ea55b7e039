/* SPDX-License-Identifier: MIT */
/*
 * Owns the four files together: where the driver manager has them and what counts where two have a
 * section of one name. Their places are asked of libodbcinst; their contents are not, for it makes
 * files that it does not find, remembers answers for some seconds, and does not tell one file's
 * sections from another's.
 */
#include "tools/ini_file.h"

#include <stdio.h>
#include <string.h>

/* Of libodbcinst, which `odbcinst -j` prints; they stand in no header that can be included. */
int _odbcinst_UserINI(char *path, int verify);
int _odbcinst_SystemINI(char *path, int verify);
char *odbcinst_system_file_path(char *buffer);
char *odbcinst_system_file_name(char *buffer);
char *odbcinst_user_file_path(char *buffer);
char *odbcinst_user_file_name(char *buffer);

static void find(enum tool_place place, char path[4096])
{
    char folder[4096] = "", name[4096] = "";

    *path = '\0';
    switch (place) {
    case TOOL_USER_DSNS:
        (void)_odbcinst_UserINI(path, 0);
        break;
    case TOOL_SYSTEM_DSNS:
        (void)_odbcinst_SystemINI(path, 0);
        break;
    case TOOL_SYSTEM_DRIVERS:
        (void)snprintf(path, 4096, "%.2000s/%.2000s", odbcinst_system_file_path(folder),
                       odbcinst_system_file_name(name));
        break;
    case TOOL_USER_DRIVERS:
    case TOOL_PLACES:
        (void)snprintf(path, 4096, "%.2000s/%.2000s", odbcinst_user_file_path(folder),
                       odbcinst_user_file_name(name));
        break;
    }
}

bool tool_files_init(struct tool_files *files)
{
    char path[4096];

    memset(files, 0, sizeof(*files));
    for (int place = 0; place < TOOL_PLACES; place++) {
        find((enum tool_place)place, path);
        if (!tool_file_load(&files->at[place], path))
            return false;
    }
    return true;
}

void tool_files_fini(struct tool_files *files)
{
    for (int place = 0; place < TOOL_PLACES; place++)
        tool_file_fini(&files->at[place]);
}

static struct tool_file *find_section(struct tool_files *files, enum tool_place first,
                                      const char *name, struct tool_ini_item *item)
{
    for (int place = (int)first; place <= (int)first + 1; place++)
        if (files->at[place].readable && tool_ini_section(files->at[place].ini, name, item))
            return &files->at[place];
    return NULL;
}

struct tool_file *tool_files_dsn(struct tool_files *files, const char *dsn,
                                 struct tool_ini_item *item)
{
    return find_section(files, TOOL_USER_DSNS, dsn, item);
}

struct tool_file *tool_files_driver(struct tool_files *files, const char *driver,
                                    struct tool_ini_item *item)
{
    return find_section(files, TOOL_SYSTEM_DRIVERS, driver, item);
}

bool tool_files_is_driver(struct tool_files *files, const struct tool_file *file,
                          const struct tool_ini_item *section)
{
    struct tool_ini_item first;

    return tool_files_driver(files, section->name, &first) == file && first.line == section->line;
}

const char *tool_files_driver_key(struct tool_files *files, const char *driver, const char *key,
                                  struct tool_ini_item *item)
{
    struct tool_file *file = tool_files_driver(files, driver, item);

    return file != NULL && tool_ini_key(file->ini, key, item) ? item->value : NULL;
}

const char *tool_files_library(struct tool_files *files, const char *driver,
                               struct tool_ini_item *item)
{
    /* The order in which the driver manager of a 64-bit system looks. */
    static const char *const keys[] = {"Driver64", "Driver"};

    if (strchr(driver, '/') != NULL)
        return driver;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const char *value = tool_files_driver_key(files, driver, keys[i], item);

        if (value != NULL && *value != '\0')
            return value;
    }
    return NULL;
}
