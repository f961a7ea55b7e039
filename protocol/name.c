/* SPDX-License-Identifier: MIT */
/*
 * Owns the rule for what a name may contain. '/' separates the fields of a collectd identifier and
 * becomes a folder in several of its writers; control characters reach terminals.
 */
#include "protocol/name.h"

#include <stdbool.h>
#include <stdint.h>

/* The forms of a multi-byte character by its first byte, and what its second byte may then be:
   narrower than 80..BF where that excludes overlong forms, surrogates and what is past U+10FFFF. */
static const struct form {
    uint8_t first, last;
    uint8_t second_from, second_to;
    uint8_t bytes;
} forms[] = {
    {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
    {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
    {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

/* The length of the character at `s`, or 0 if there is none. Stops at the NUL by itself: it is no
   continuation byte. */
static size_t character_bytes(const uint8_t *s)
{
    if (s[0] < 0x80)
        return 1;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        const struct form *f = &forms[i];

        if (s[0] < f->first || s[0] > f->last)
            continue;
        if (s[1] < f->second_from || s[1] > f->second_to)
            return 0;
        for (size_t k = 2; k < f->bytes; k++)
            if ((s[k] & 0xc0) != 0x80)
                return 0;
        return f->bytes;
    }
    return 0;
}

/* What most names begin with, and most end with. */
static bool is_plain(uint8_t c)
{
    return c >= 0x20 && c < 0x7f && c != '/';
}

static bool is_refused(const uint8_t *s)
{
    return s[0] < 0x20 || s[0] == '/' || s[0] == 0x7f || (s[0] == 0xc2 && s[1] < 0xa0);
}

size_t cdp_name_clean(char out[CDP_NAME_MAX], const char *name)
{
    const uint8_t *s = (const uint8_t *)name;
    size_t used = 0;

    for (; used + 1 < CDP_NAME_MAX && is_plain(s[used]); used++)
        out[used] = (char)s[used];
    for (s += used; *s != '\0';) {
        size_t n = character_bytes(s);
        size_t skip = n == 0 ? 1 : n;
        bool refused = n == 0 || is_refused(s);
        size_t need = refused ? 1 : n;

        if (used + need >= CDP_NAME_MAX)
            break;
        if (refused)
            out[used++] = '_';
        else
            for (size_t k = 0; k < n; k++)
                out[used++] = (char)s[k];
        s += skip;
    }
    out[used] = '\0';
    return used;
}
