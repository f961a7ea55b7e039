/* SPDX-License-Identifier: MIT */
/*
 * Owns waiting for a shim_lock: the protocol between its state and the kernel's futex.
 */
#include "odbcshim/lock.h"

#include <errno.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

void shim_lock_wait(struct shim_lock *lock)
{
    int before = errno;

    /* Whoever got here takes it as 2: it cannot know whether it was the last one to wait. */
    while (atomic_exchange_explicit(&lock->state, 2, memory_order_acquire) != 0)
        syscall(SYS_futex, &lock->state, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0);
    errno = before;
}

void shim_lock_wake(struct shim_lock *lock)
{
    int before = errno;

    syscall(SYS_futex, &lock->state, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    errno = before;
}
