/* SPDX-License-Identifier: MIT */
/*
 * Memory that runs out at the n-th allocation. Include it in one file of a program that is linked
 * with -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc; allocations of shared libraries never fail.
 * Not for programs with threads.
 */
#ifndef TESTS_FAILING_ALLOC_H
#define TESTS_FAILING_ALLOC_H

#include <stdlib.h>

static long allocations_left = -1; /* -1: all succeed */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);

static int allocation_fails(void)
{
    return allocations_left >= 0 && (allocations_left == 0 || allocations_left-- == 0);
}

void *__wrap_malloc(size_t size)
{
    return allocation_fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return allocation_fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *p, size_t size)
{
    return allocation_fails() ? NULL : __real_realloc(p, size);
}

/* Runs `attempt` with none, one, two ... allocations until it says that it succeeded. Returns how
   many it needed. */
static inline long fail_each_allocation(int (*attempt)(void *context), void *context)
{
    for (long n = 0;; n++) {
        int succeeded;

        allocations_left = n;
        succeeded = attempt(context);
        allocations_left = -1;
        if (succeeded)
            return n;
    }
}

#endif
