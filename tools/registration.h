/* SPDX-License-Identifier: MIT */
/* Drivers of odbcinst.ini as monitoring sees them: the real ones, and the entries of the shim. */
#ifndef TOOL_REGISTRATION_H
#define TOOL_REGISTRATION_H

#include "tools/ini_file.h"
#include "tools/library.h"

/* What the shim's entry for a driver is called: the driver's name, and this. */
#define TOOL_MONITORED " (monitored)"

/* Whether what a DSN's Driver names, a section of odbcinst.ini or a path, is the shim: by the name
   of its library, else by a look at it. An entry that is gone is known by its name. */
bool tool_is_shim(struct tool_files *files, const char *driver) __attribute__((nonnull));

/* Puts the name of the shim's entry for a driver into name; false if it has none. `for_all`: one
   that programs of all users see. */
bool tool_registration_of(struct tool_files *files, const char *target, bool for_all,
                          char name[TOOL_INI_TEXT_BYTES])
    __attribute__((nonnull, warn_unused_result));

/* Puts the path of the library of the shim that goes before a driver of this kind, absolute, in a
   folder. False if it is not there or is another, which has been said. */
bool tool_shim_path(const char *folder, enum shim_driver_kind kind, char path[4096])
    __attribute__((nonnull, warn_unused_result));

#endif
