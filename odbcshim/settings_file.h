/* SPDX-License-Identifier: MIT */
/*
 * odbcshim.ini: the settings that hold for all programs of a machine. $ODBCSHIM_INI, else
 * sysconfdir/odbcshim.ini. It is taken whole or not at all.
 */
#ifndef SHIM_SETTINGS_FILE_H
#define SHIM_SETTINGS_FILE_H

#include "odbcshim/settings.h"

struct shim_settings_file {
    char *path;
    char *values[SHIM_SETTINGS]; /* NULL where the file does not say */
    bool starved;                /* not read, for the process has no descriptor to spare */
};

/* The path of the file: in the environment, or a literal. */
const char *shim_settings_file_path(void);

/* Reads the file. A standard file that is not there is an empty one. False with *error set if the
   one named by $ODBCSHIM_INI is not there, it cannot be read or parsed, has an unknown section or
   key (all HY000), or memory is out (HY001). Any thread; shim_settings_file_fini in either case. */
bool shim_settings_file_init(struct shim_settings_file *f, struct shim_error *error)
    __attribute__((nonnull, warn_unused_result));
void shim_settings_file_fini(struct shim_settings_file *f) __attribute__((nonnull));

#endif
