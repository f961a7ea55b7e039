/* SPDX-License-Identifier: MIT */
/*
 * Owns what becomes of a broken precondition: the shim lives in other people's processes, so there
 * it is a number; under test it is the end.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* secure_getenv */
#endif
#include "odbcshim/strict.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static atomic_ulong broken;
static const char *volatile last_broken; /* for debuggers */
static bool strict;

static void read_environment(void)
{
    const char *value = secure_getenv("SHIM_STRICT");

    strict = value != NULL && strcmp(value, "1") == 0;
}

void shim_broken(const char *what)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    last_broken = what;
    atomic_fetch_add_explicit(&broken, 1, memory_order_relaxed);
    pthread_once(&once, read_environment);
    if (strict)
        abort();
}

unsigned long shim_broken_count(void)
{
    return atomic_load_explicit(&broken, memory_order_relaxed);
}
