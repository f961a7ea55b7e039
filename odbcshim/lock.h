/* SPDX-License-Identifier: MIT */
/*
 * A lock of four bytes for what is held for nanoseconds and hardly ever wanted by two: taking and
 * releasing it are one instruction each, inlined where every execution of a statement passes. Who
 * has to wait sleeps in the kernel. All zero is free; setting it to that is how a child of fork
 * makes do with one that a thread of its parent held.
 */
#ifndef SHIM_LOCK_H
#define SHIM_LOCK_H

#include <stdatomic.h>
#include <stdbool.h>

struct shim_lock {
    atomic_int state; /* 0: free, 1: held, 2: held, and somebody may be waiting */
};

/* The slow halves of the two below. errno stays as it is. */
void shim_lock_wait(struct shim_lock *lock) __attribute__((nonnull));
void shim_lock_wake(struct shim_lock *lock) __attribute__((nonnull));

/* Takes it if it is free; true if it was. */
static inline bool shim_lock_try(struct shim_lock *lock)
{
    int state = 0;

    return atomic_compare_exchange_strong_explicit(&lock->state, &state, 1, memory_order_acquire,
                                                   memory_order_relaxed);
}

static inline void shim_lock_take(struct shim_lock *lock)
{
    if (!shim_lock_try(lock))
        shim_lock_wait(lock);
}

static inline void shim_lock_release(struct shim_lock *lock)
{
    if (atomic_exchange_explicit(&lock->state, 0, memory_order_release) == 2)
        shim_lock_wake(lock);
}

#endif
