/* SPDX-License-Identifier: MIT */
/*
 * What wrapping a DSN does to its section, and undoing it. Driver = OLD becomes Driver = NEW, and
 * directly below come the settings that were given and Target = OLD:
 *
 *     [orders]                              [orders]
 *     Driver     = PostgreSQL Unicode       Driver     = PostgreSQL Unicode (monitored)
 *     Servername = db.example               CollectdHost = stats.example
 *                                           Target     = PostgreSQL Unicode
 *                                           Servername = db.example
 *
 * So the settings between Driver and Target are those of the command, and Target keeps what Driver
 * was; no comment is needed, which other programs that write the file would drop.
 */
#ifndef TOOL_DSN_EDIT_H
#define TOOL_DSN_EDIT_H

#include "odbcshim/settings.h"
#include "tools/ini_edit.h"

/* What a DSN's section says. */
struct tool_dsn {
    struct tool_ini_item section;
    struct tool_ini_item driver, target, target_dsn; /* they count where has_... */
    bool has_driver;                                 /* which is not empty */
    bool has_target, has_target_dsn;                 /* which may be */
};

/* Reads the section of that name; false where there is none. */
bool tool_dsn_read(const struct tool_ini *ini, const char *name, struct tool_dsn *dsn)
    __attribute__((nonnull, warn_unused_result));

/* The number, from 1, of a line of the section that has a value other than the given one for a
   setting, and is not one of those that wrapping adds; 0 where there is none. *setting is which. */
size_t tool_dsn_conflict(const struct tool_ini *ini, const char *name,
                         const char *const values[SHIM_SETTINGS], enum shim_setting *setting)
    __attribute__((nonnull, warn_unused_result));

/* Wraps a DSN that has a Driver and no Target. `values` are of settings, NULL where not given. Has
   happened unless the file is in trouble. */
void tool_dsn_wrap(struct tool_ini *ini, const char *name, const char *driver,
                   const char *const values[SHIM_SETTINGS]) __attribute__((nonnull));

/* Changes or adds settings of a DSN whose Target stands behind its Driver. */
void tool_dsn_update(struct tool_ini *ini, const char *name,
                     const char *const values[SHIM_SETTINGS]) __attribute__((nonnull));

/* Undoes it: Driver is `driver` again, and Target and the settings between the two are gone. */
void tool_dsn_unwrap(struct tool_ini *ini, const char *name, const char *driver)
    __attribute__((nonnull));

#endif
