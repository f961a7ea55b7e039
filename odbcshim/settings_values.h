/* SPDX-License-Identifier: MIT */
/*
 * How the value of each setting is read and written out: the types of settings.def. Pure. Any
 * thread.
 */
#ifndef SHIM_SETTINGS_VALUES_H
#define SHIM_SETTINGS_VALUES_H

#include "odbcshim/settings.h"

/* A value as it was found. */
struct shim_found {
    const char *text;
    size_t length;
    enum shim_origin origin;
};

struct shim_setting_row {
    /* Puts the value into the field. False if it makes no sense. A text is allocated, and NULL when
       memory is out. */
    bool (*parse)(const struct shim_setting_row *row, const struct shim_found *value, void *field);
    /* Writes the field out as a user would. */
    void (*show)(const void *field, char *text, size_t size);
    size_t field; /* offset in struct shim_settings */
    double minimum, maximum;
    bool is_text;
    const char *allowed; /* completes "allowed is ..." */
};

/* One row per setting, indexed by enum shim_setting. Static, immutable. */
extern const struct shim_setting_row shim_setting_rows[SHIM_SETTINGS];

#endif
