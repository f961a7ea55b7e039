/* SPDX-License-Identifier: MIT */
/* The settings of settings.def as options of a command line. */
#ifndef TOOL_SETTING_OPTION_H
#define TOOL_SETTING_OPTION_H

#include <stddef.h>

#define TOOL_SETTING_OPTION_BYTES 40 /* of the longest, its NUL included, with room to spare */

/* CollectdHost becomes collectd-host. */
static inline void tool_setting_option(const char *key, char option[TOOL_SETTING_OPTION_BYTES])
{
    size_t used = 0;

    for (size_t i = 0; key[i] != '\0' && used + 2 < TOOL_SETTING_OPTION_BYTES; i++) {
        int is_capital = key[i] >= 'A' && key[i] <= 'Z';

        if (is_capital && i > 0)
            option[used++] = '-';
        option[used++] = (char)(is_capital ? key[i] - 'A' + 'a' : key[i]);
    }
    option[used] = '\0';
}

#endif
