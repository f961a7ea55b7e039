/* SPDX-License-Identifier: MIT */
/*
 * The keys: keys.def.
 */
#ifndef MON_INPUT_H
#define MON_INPUT_H

#include "connmon/screen.h"

enum mon_key_id {
#define MON_KEY(ID, name, code, other, hint, sentence) MON_KEY_##ID,
#include "connmon/keys.def"
    MON_KEY_COUNT
};

struct mon_key_info {
    const char *name, *hint, *sentence;
    uint32_t codes[2];
};

/* One row per key. Static, immutable. */
extern const struct mon_key_info mon_keys[MON_KEY_COUNT];

/* Does what a key asks for. False: quit. */
bool mon_screen_key(struct mon_screen *screen, struct mon_model *model, const struct mon_key *key,
                    double now) __attribute__((nonnull, warn_unused_result));

#endif
