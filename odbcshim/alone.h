/* SPDX-License-Identifier: MIT */
#ifndef SHIM_ALONE_H
#define SHIM_ALONE_H

#include <stdbool.h>

/* The name of every thread of ours, in either library. */
#define SHIM_THREAD_NAME "odbcshim"

/*
 * Whether the program's threads have all ended and only ours are left, which keep the process: a
 * main thread that ends by pthread_exit() leaves the process to the last of the others. False where
 * /proc does not tell. Reads one small file while the main thread is there. Any thread.
 */
bool shim_is_alone(void);

#endif
