/* SPDX-License-Identifier: MIT */
#ifndef SHIM_TOKEN_H
#define SHIM_TOKEN_H

/* Room for a token with its NUL: a pid of up to 10 digits, a colon, 6 hex digits. */
#define SHIM_TOKEN_SIZE 24

/*
 * Writes the calling process's token, "pid:6 hex digits". The digits come from the boot, the pid
 * namespace and the process's start time: every library in the process says the same, and equal
 * pids of two containers, or of two lives of one host, do not. What /proc does not tell is left
 * out. Reads three small files with neither memory nor a lock, so it may be called at exit and in
 * a child of fork. Any thread.
 */
void shim_token(char token[SHIM_TOKEN_SIZE]) __attribute__((nonnull));

/* The digits for given texts; pure, for tests. `stat` is the line of /proc/self/stat. */
unsigned shim_token_hash(const char *boot, const char *name_space, const char *stat)
    __attribute__((nonnull));

#endif
