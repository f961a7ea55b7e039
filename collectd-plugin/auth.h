/* SPDX-License-Identifier: MIT */
/*
 * An AuthFile in collectd's format: lines `user: password`, blank lines and lines that begin with
 * `#`. A user may stand in it twice, so that a password can be changed without a gap. Read again
 * when it changes. One thread at a time; passwords are wiped when they are let go of.
 */
#ifndef PLUG_AUTH_H
#define PLUG_AUTH_H

#include <stddef.h>
#include <stdint.h>

struct plug_auth;

/* Reads the file. NULL with a message in `error` (never of its contents) if it cannot be read, has
   a line that makes no sense, or names no user. plug_auth_free takes NULL. */
struct plug_auth *plug_auth_new(const char *path, char *error, size_t error_bytes)
    __attribute__((nonnull, warn_unused_result));
void plug_auth_free(struct plug_auth **auth) __attribute__((nonnull));

/* Reads the file again if it has changed, looking at most once a second. One that can no longer be
   read is complained of in the log, and what was known stays valid. */
void plug_auth_refresh(struct plug_auth *auth, uint64_t now) __attribute__((nonnull));

/* A cdp_find_passwords: `context` is the plug_auth, or NULL for nobody. The pointers live until the
   next refresh. */
size_t plug_auth_find(void *context, const char *user, const char **passwords, size_t max)
    __attribute__((nonnull(2, 3)));

#endif
