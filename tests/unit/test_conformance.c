/* SPDX-License-Identifier: MIT */
/*
 * Conformance: an application cannot tell that the shim is there. What follows runs against the
 * fake driver, directly, through the shim, and through driver manager and shim, in both widths.
 */
#include "tests/unit/conformance.h"

int main(void)
{
    int (*const groups[])(void) = {
        conformance_plain,       conformance_sessions,   conformance_handles,
        conformance_diagnostics, conformance_attributes, conformance_connecting,
        conformance_input,       conformance_threads,
    };
    int failed = 0;
    world_begin();
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        failed += groups[i]();
    world_end();
    return failed != 0;
}
