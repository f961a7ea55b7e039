/* SPDX-License-Identifier: MIT */
#ifndef SHIM_STRICT_H
#define SHIM_STRICT_H

/* A precondition of ours was broken. Counts it and returns; aborts where SHIM_STRICT=1 stands in
   the environment, which the tests set. `what` is a literal, for whoever looks at the core. Any
   thread. */
void shim_broken(const char *what) __attribute__((nonnull));

/* How often that was since the process began. */
unsigned long shim_broken_count(void);

#endif
