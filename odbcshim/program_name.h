/* SPDX-License-Identifier: MIT */
#ifndef SHIM_PROGRAM_NAME_H
#define SHIM_PROGRAM_NAME_H

#include <stddef.h>

/* The name that the calling process is reported under: the base name of the program; under an
   interpreter (python, perl, php, ruby, node, java, Rscript ...) of the script; of a worker of
   PHP-FPM php-fpm-POOL. Reads /proc/self/cmdline once per process; the string lives as long as the
   process. Any thread. */
const char *shim_program_name(void);

/* The same from the bytes of a command line, arguments separated by NUL; pure, for tests. */
void shim_program_name_from(const char *cmdline, size_t length, char *name, size_t size)
    __attribute__((nonnull));

#endif
