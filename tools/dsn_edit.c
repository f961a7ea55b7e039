/* SPDX-License-Identifier: MIT */
/* Owns what stands in the section of a wrapped DSN. */
#include "tools/dsn_edit.h"

#include <string.h>

bool tool_dsn_read(const struct tool_ini *ini, const char *name, struct tool_dsn *dsn)
{
    memset(dsn, 0, sizeof(*dsn));
    if (!tool_ini_section(ini, name, &dsn->section))
        return false;
    dsn->driver = dsn->target = dsn->target_dsn = dsn->section;
    dsn->has_driver = tool_ini_key(ini, "Driver", &dsn->driver) && dsn->driver.value[0] != '\0';
    dsn->has_target = tool_ini_key(ini, "Target", &dsn->target);
    dsn->has_target_dsn = tool_ini_key(ini, "TargetDSN", &dsn->target_dsn);
    return true;
}

/* Whether an item stands between Driver and Target. */
static bool is_ours(const struct tool_dsn *dsn, const struct tool_ini_item *item)
{
    return dsn->has_driver && dsn->has_target && dsn->driver.line < item->line &&
           item->line < dsn->target.line;
}

size_t tool_dsn_conflict(const struct tool_ini *ini, const char *name,
                         const char *const values[SHIM_SETTINGS], enum shim_setting *setting)
{
    struct tool_dsn dsn;

    if (!tool_dsn_read(ini, name, &dsn))
        return 0;
    for (int i = 0; i < SHIM_SETTINGS; i++) {
        struct tool_ini_item item = dsn.section;

        if (values[i] == NULL || !tool_ini_key(ini, shim_setting_infos[i].key, &item) ||
            is_ours(&dsn, &item) || strcmp(item.value, values[i]) == 0)
            continue;
        *setting = (enum shim_setting)i;
        return item.line + 1;
    }
    return 0;
}

/* Adds the settings behind an item, in their order and in its manner. */
static void add_settings(struct tool_ini *ini, const char *name, const struct tool_ini_item *item,
                         const char *const values[SHIM_SETTINGS])
{
    for (int i = SHIM_SETTINGS - 1; i >= 0; i--) {
        const char *key = shim_setting_infos[i].key;
        struct tool_ini_item there, at = *item;

        if (values[i] != NULL && tool_ini_get(ini, name, key, &there) == NULL)
            tool_ini_add(ini, &at, key, values[i]);
    }
}

void tool_dsn_wrap(struct tool_ini *ini, const char *name, const char *driver,
                   const char *const values[SHIM_SETTINGS])
{
    struct tool_ini_item now, item;
    struct tool_dsn dsn;

    if (!tool_dsn_read(ini, name, &dsn) || !dsn.has_driver)
        return;
    tool_ini_set(ini, &dsn.driver, driver);
    if (tool_ini_trouble(ini) != NULL || tool_ini_get(ini, name, "Driver", &now) == NULL)
        return;
    item = now;
    tool_ini_add(ini, &item, "Target", dsn.driver.value);
    add_settings(ini, name, &now, values);
}

void tool_dsn_update(struct tool_ini *ini, const char *name,
                     const char *const values[SHIM_SETTINGS])
{
    struct tool_ini_item item, last;
    struct tool_dsn dsn;

    for (int i = 0; i < SHIM_SETTINGS; i++)
        if (values[i] != NULL && tool_ini_get(ini, name, shim_setting_infos[i].key, &item) &&
            strcmp(item.value, values[i]) != 0)
            tool_ini_set(ini, &item, values[i]);
    if (!tool_dsn_read(ini, name, &dsn))
        return;
    last = item = dsn.driver; /* the last before Target */
    while (tool_ini_next(ini, &item) && is_ours(&dsn, &item))
        last = item;
    add_settings(ini, name, &last, values);
}

void tool_dsn_unwrap(struct tool_ini *ini, const char *name, const char *driver)
{
    struct tool_ini_item item;
    struct tool_dsn dsn;
    bool found;

    do { /* each change moves what is behind it */
        found = false;
        if (!tool_dsn_read(ini, name, &dsn) || !dsn.has_driver)
            return;
        item = dsn.driver;
        while (!found && tool_ini_next(ini, &item) && is_ours(&dsn, &item))
            found = shim_setting_find(item.name) != SHIM_SETTINGS;
        if (found)
            tool_ini_remove(ini, &item);
    } while (found && tool_ini_trouble(ini) == NULL);
    if (dsn.has_target)
        tool_ini_remove(ini, &dsn.target);
    if (tool_ini_get(ini, name, "Driver", &item) != NULL && strcmp(item.value, driver) != 0)
        tool_ini_set(ini, &item, driver);
}
