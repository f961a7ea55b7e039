/* SPDX-License-Identifier: MIT */
/* The files of the driver manager: where they are, read as a whole, replaced as a whole. */
#ifndef TOOL_INI_FILE_H
#define TOOL_INI_FILE_H

#include <sys/stat.h>

#include "tools/ini_edit.h"

struct tool_file {
    char path[4096]; /* as the driver manager calls it */
    bool exists;
    bool readable; /* false where libodbcinst reads nothing, for it may not or because of what
                      stands before the first section; what *ini has does not count then */
    struct stat state;
    struct tool_ini *ini; /* never NULL once loaded; empty where the file does not exist */
};

/* The four files, in the order in which the driver manager looks: of DSNs the user's odbc.ini
   first, of drivers the system's odbcinst.ini first. */
enum tool_place {
    TOOL_USER_DSNS,      /* $ODBCINI, else ~/.odbc.ini */
    TOOL_SYSTEM_DSNS,    /* odbc.ini in $ODBCSYSINI, else where the driver manager was built for */
    TOOL_SYSTEM_DRIVERS, /* odbcinst.ini there, or as $ODBCINSTINI calls it */
    TOOL_USER_DRIVERS,   /* ~/.odbcinst.ini */
    TOOL_PLACES
};

struct tool_files {
    struct tool_file at[TOOL_PLACES];
};

/* Reads all four. A file that does not exist is empty; of one that cannot be read it is said why.
   False if memory is out, which has been said too; tool_files_fini in either case. */
bool tool_files_init(struct tool_files *files) __attribute__((nonnull, warn_unused_result));
void tool_files_fini(struct tool_files *files) __attribute__((nonnull));

/* The same for one file, of any path. */
bool tool_file_load(struct tool_file *file, const char *path)
    __attribute__((nonnull, warn_unused_result));
void tool_file_fini(struct tool_file *file) __attribute__((nonnull));

/* The next section behind *section, from {0} on, that the driver manager reads; false at the end.
 */
bool tool_file_next_section(const struct tool_file *file, struct tool_ini_item *section)
    __attribute__((nonnull, warn_unused_result));

/* Puts the changed text in the place of the file: at once and as a whole, with its owner, mode and
   extended attributes, behind its symbolic links. A file that did not exist is made. True, and
   nothing is done, where nothing was changed. False if it cannot be done, which has been said; the
   file is then as it was. */
bool tool_file_save(struct tool_file *file) __attribute__((nonnull, warn_unused_result));

/* Shows the changes instead, or saves them; says of a failed change why. */
bool tool_file_finish(struct tool_file *file, bool only_show)
    __attribute__((nonnull, warn_unused_result));

/* A DSN, as the driver manager finds it: the first file that has a section of this name. NULL where
   none has; *item is the section. */
struct tool_file *tool_files_dsn(struct tool_files *files, const char *dsn,
                                 struct tool_ini_item *item)
    __attribute__((nonnull, warn_unused_result));

/* The section of a driver likewise. */
struct tool_file *tool_files_driver(struct tool_files *files, const char *driver,
                                    struct tool_ini_item *item)
    __attribute__((nonnull, warn_unused_result));

/* Whether a section of a file is that of a driver: not where an earlier one has its name. */
bool tool_files_is_driver(struct tool_files *files, const struct tool_file *file,
                          const struct tool_ini_item *section) __attribute__((nonnull));

/* The value of a key in the section of a driver, or NULL; it lives in *item. */
const char *tool_files_driver_key(struct tool_files *files, const char *driver, const char *key,
                                  struct tool_ini_item *item)
    __attribute__((nonnull, warn_unused_result));

/* What Driver64 or Driver of a driver's section names, or `driver` itself where it is a path; NULL
   where neither is so. It lives in *item or is `driver`. */
const char *tool_files_library(struct tool_files *files, const char *driver,
                               struct tool_ini_item *item)
    __attribute__((nonnull, warn_unused_result));

#endif
