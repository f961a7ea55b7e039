/* SPDX-License-Identifier: MIT */
/* Work that others' code takes part in: done in a child process, which may crash or never end. */
#ifndef TOOL_CHILD_H
#define TOOL_CHILD_H

#include <stddef.h>

enum tool_child_end {
    TOOL_CHILD_DONE,
    TOOL_CHILD_LATE,  /* it did not end in time, and was killed */
    TOOL_CHILD_ENDED, /* it ended before the work did */
    TOOL_CHILD_NONE,  /* there is no child: see errno */
};

/* What the child does: all that it finds out goes into the result. */
typedef void tool_child_work(const void *order, void *result);

/* Has a child do the work, and fills the `size` bytes of *result; they are zeroes unless the work
   is done. Nothing that the child prints is seen, and no destructor runs in it. */
enum tool_child_end tool_child_do(tool_child_work *work, const void *order, void *result,
                                  size_t size, int patience_ms)
    __attribute__((nonnull(1, 3), warn_unused_result));

#endif
