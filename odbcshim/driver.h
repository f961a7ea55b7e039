/* SPDX-License-Identifier: MIT */
/*
 * The library of a driver: where it is looked for, what it is, and which functions are its own. By
 * dlopen and dlsym, as the driver manager does it. Any thread.
 */
#ifndef SHIM_DRIVER_H
#define SHIM_DRIVER_H

#include <stdbool.h>

enum shim_driver_kind {
    SHIM_DRIVER_ABSENT,    /* it cannot be loaded */
    SHIM_DRIVER_FOREIGN,   /* it can, and is no ODBC driver: it exports no SQLConnect */
    SHIM_DRIVER_WIDE,      /* a driver with wide functions: libodbcshim.so goes before it */
    SHIM_DRIVER_ANSI,      /* a driver without: libodbcshima.so does */
    SHIM_DRIVER_SHIM_WIDE, /* libodbcshim.so itself, whatever the file is called */
    SHIM_DRIVER_SHIM_ANSI, /* libodbcshima.so itself */
};

static inline bool shim_driver_is_shim(enum shim_driver_kind kind)
{
    return kind == SHIM_DRIVER_SHIM_WIDE || kind == SHIM_DRIVER_SHIM_ANSI;
}

static inline bool shim_driver_is_driver(enum shim_driver_kind kind)
{
    return kind == SHIM_DRIVER_WIDE || kind == SHIM_DRIVER_ANSI;
}

/* Of a driver or a shim: a shim goes before a driver of its own width alone. */
static inline bool shim_driver_is_wide(enum shim_driver_kind kind)
{
    return kind == SHIM_DRIVER_WIDE || kind == SHIM_DRIVER_SHIM_WIDE;
}

/* Loads a library by its path or its name. A name without a slash is looked for where the driver
   manager has its drivers, in odbc/ below its own libraries, then beside the library or program
   that this is a part of, then where the system looks. NULL where there is none, and dlerror() says
   why. */
void *shim_driver_open(const char *library) __attribute__((nonnull, warn_unused_result));

/* The library's own function of that name, or one of a dependency that is no driver manager; NULL
   if there is none. */
void *shim_driver_function(void *library, const char *name) __attribute__((nonnull));

/* What a library is that was loaded so; NULL is absent. */
enum shim_driver_kind shim_driver_kind(void *library);

#endif
