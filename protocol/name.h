/* SPDX-License-Identifier: MIT */
/*
 * Names that can stand in a collectd identifier, on the wire and on a terminal. Both ends clean
 * them: the sender so that its names arrive, the receiver because nobody else's can be trusted.
 */
#ifndef CDP_NAME_H
#define CDP_NAME_H

#include <stddef.h>

/* collectd's DATA_MAX_NAME_LEN: a name with its NUL. Longer names are cut at a UTF-8 character. */
#define CDP_NAME_MAX 128

/*
 * Copies `name` to `out`, at most CDP_NAME_MAX - 1 bytes of it and never half a character, with `_`
 * in place of each `/`, each control character (C0, DEL and C1) and each byte that is not UTF-8.
 * Returns the length. An empty name stays empty. `out` may be `name` itself. Any thread.
 */
size_t cdp_name_clean(char out[CDP_NAME_MAX], const char *name) __attribute__((nonnull));

#endif
