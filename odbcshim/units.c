/* SPDX-License-Identifier: MIT */
/*
 * Text as UTF-8 and as the units that ODBC's functions take.
 */
#include "odbcshim/units.h"

#include <stdlib.h>

bool shim_is_space(unsigned unit)
{
    return unit == ' ' || (unit >= '\t' && unit <= '\r');
}

static unsigned lower(unsigned unit)
{
    return unit >= 'A' && unit <= 'Z' ? unit + ('a' - 'A') : unit;
}

bool shim_same_key(const char *a, const char *b)
{
    while (*a != '\0' && lower((unsigned char)*a) == lower((unsigned char)*b)) {
        a++;
        b++;
    }
    return *a == *b;
}

static char *put_utf8(char *to, uint32_t c)
{
    if (c < 0x80) {
        *to++ = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xc0 | c >> 6);
        *to++ = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *to++ = (char)(0xe0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
        *to++ = (char)(0x80 | (c & 0x3f));
    } else {
        *to++ = (char)(0xf0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 0x3f));
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
        *to++ = (char)(0x80 | (c & 0x3f));
    }
    return to;
}

char *shim_text_from_units(const uint16_t *units, size_t at, size_t end, bool wide, bool braced)
{
    char *text = malloc((end - at) * (wide ? 3 : 1) + 1), *to = text;

    if (text == NULL)
        return NULL;
    while (at < end) {
        uint32_t c = units[at++];

        if (braced && c == '}' && at < end && units[at] == '}')
            at++;
        if (!wide) {
            *to++ = (char)c;
            continue;
        }
        if (c >= 0xd800 && c < 0xdc00 && at < end && units[at] >= 0xdc00 && units[at] < 0xe000)
            c = 0x10000 + ((c - 0xd800) << 10) + (units[at++] - 0xdc00u);
        to = put_utf8(to, c);
    }
    *to = '\0';
    return text;
}

/* The character at *text, which is advanced. */
static uint32_t take_utf8(const unsigned char **text)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    const unsigned char *at = *text;
    unsigned more = *at < 0xc2 ? 0 : *at < 0xe0 ? 1 : *at < 0xf0 ? 2 : *at < 0xf5 ? 3 : 0;
    uint32_t c = *at;

    if (more > 0) {
        c &= 0x3fu >> more;
        for (unsigned i = 1; i <= more; i++) {
            if ((at[i] & 0xc0) != 0x80)
                goto latin;
            c = c << 6 | (at[i] & 0x3f);
        }
        if (c >= least[more] && c < 0x110000) {
            *text += more + 1;
            return c;
        }
    }
latin:
    (*text)++;
    return *at;
}

uint16_t *shim_units_from_text(uint16_t *to, const char *text, bool wide)
{
    const unsigned char *at = (const unsigned char *)text;

    while (*at != '\0') {
        uint32_t c = wide ? take_utf8(&at) : *at++;

        if (c >= 0x10000) {
            *to++ = (uint16_t)(0xd800 + ((c - 0x10000) >> 10));
            c = 0xdc00 + ((c - 0x10000) & 0x3ff);
        }
        *to++ = (uint16_t)c;
    }
    return to;
}
