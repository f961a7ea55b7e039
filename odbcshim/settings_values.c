/* SPDX-License-Identifier: MIT */
/*
 * Owns the types of settings. Numbers are read and written without strtod and printf's %g, and
 * words compared without strcasecmp: the application's locale must not decide what a configuration
 * means.
 */
#include "odbcshim/settings_values.h"
#include "odbcshim/units.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool parse_text(const struct shim_setting_row *row, const struct shim_found *value,
                       void *field)
{
    char *text, **place = field;

    if ((double)value->length < row->minimum || (double)value->length > row->maximum)
        return false;
    text = malloc(value->length + 1);
    if (text != NULL) {
        memcpy(text, value->text, value->length);
        text[value->length] = '\0';
    }
    *place = text; /* NULL: the caller sees it */
    return true;
}

/* Digits, then a point and digits if `point` allows; no sign, no exponent. */
static bool parse_number(const struct shim_setting_row *row, const struct shim_found *value,
                         bool point, double *to)
{
    double number = 0, scale = 1;
    bool behind = false, any = false;

    for (size_t i = 0; i < value->length; i++) {
        char c = value->text[i];

        if (c == '.' && point && !behind) {
            behind = true;
        } else if (c >= '0' && c <= '9') {
            number = number * 10 + (c - '0');
            scale = behind ? scale * 10 : scale;
            any = true;
        } else {
            return false;
        }
    }
    *to = number / scale;
    /* Digits without end make it infinite or no number: neither is between the limits. */
    return any && *to >= row->minimum && *to <= row->maximum;
}

static bool parse_integer(const struct shim_setting_row *row, const struct shim_found *value,
                          void *field)
{
    double number;

    if (!parse_number(row, value, false, &number))
        return false;
    *(int *)field = (int)number;
    return true;
}

static bool parse_seconds(const struct shim_setting_row *row, const struct shim_found *value,
                          void *field)
{
    return parse_number(row, value, true, field);
}

/* The index of a value in a list of words that ends with NULL; -1 where it is none of them. */
static int find_word(const char *const *words, const struct shim_found *value)
{
    char word[16];

    if (value->length >= sizeof(word))
        return -1;
    memcpy(word, value->text, value->length);
    word[value->length] = '\0';
    for (int i = 0; words[i] != NULL; i++) {
        if (shim_same_key(words[i], word))
            return i;
    }
    return -1;
}

static const char *const flag_words[] = {"no", "yes", "false", "true", "0", "1", "off", "on", NULL};

static bool parse_flag(const struct shim_setting_row *row, const struct shim_found *value,
                       void *field)
{
    int word = find_word(flag_words, value);

    (void)row;
    *(bool *)field = word % 2 == 1;
    return word >= 0;
}

#define WORDS(type, ...)                                                                           \
    static const char *const type##_words[] = {__VA_ARGS__, NULL};                                 \
                                                                                                   \
    static bool parse_##type(const struct shim_setting_row *row, const struct shim_found *value,   \
                             void *field)                                                          \
    {                                                                                              \
        int word = find_word(type##_words, value);                                                 \
                                                                                                   \
        (void)row;                                                                                 \
        if (word >= 0)                                                                             \
            *(enum shim_##type *)field = (enum shim_##type)word;                                   \
        return word >= 0;                                                                          \
    }                                                                                              \
                                                                                                   \
    static void show_##type(const void *field, char *text, size_t size)                            \
    {                                                                                              \
        snprintf(text, size, "%s", type##_words[*(const enum shim_##type *)field]);                \
    }

WORDS(checkout, "auto", "manager", "connect", "activity")
WORDS(plugin, "odbc", "sqlalchemy")
WORDS(security, "None", "Sign", "Encrypt")

/* Writing them out. */

static void show_text(const void *field, char *text, size_t size)
{
    snprintf(text, size, "%s", *(char *const *)field);
}

static void show_integer(const void *field, char *text, size_t size)
{
    snprintf(text, size, "%d", *(const int *)field);
}

static void show_flag(const void *field, char *text, size_t size)
{
    snprintf(text, size, "%s", flag_words[*(const bool *)field]);
}

/* Without printf's %g, which would write the point as the locale has it. */
static void show_seconds(const void *field, char *text, size_t size)
{
    long millionths = (long)(*(const double *)field * 1e6 + 0.5);
    char digits[32];
    int end =
        snprintf(digits, sizeof(digits), "%ld.%06ld", millionths / 1000000, millionths % 1000000);

    while (digits[end - 1] == '0')
        end--;
    if (digits[end - 1] == '.')
        end--;
    snprintf(text, size, "%.*s", end, digits);
}

/* Limits are put in words by the preprocessor: printf would write them as the locale has it. */
#define ALLOWED_text(minimum, maximum)     "a text of " #minimum " to " #maximum " bytes"
#define ALLOWED_integer(minimum, maximum)  "a whole number from " #minimum " to " #maximum
#define ALLOWED_seconds(minimum, maximum)  "a number of seconds from " #minimum " to " #maximum
#define ALLOWED_flag(minimum, maximum)     "yes or no"
#define ALLOWED_checkout(minimum, maximum) "auto, manager, connect or activity"
#define ALLOWED_plugin(minimum, maximum)   "odbc or sqlalchemy"
#define ALLOWED_security(minimum, maximum) "None, Sign or Encrypt"

const struct shim_setting_row shim_setting_rows[] = {
#define SHIM_SETTING(ID, Key, type, field, standard, minimum, maximum, sentence)                   \
    {parse_##type,                                                                                 \
     show_##type,                                                                                  \
     offsetof(struct shim_settings, field),                                                        \
     minimum,                                                                                      \
     maximum,                                                                                      \
     _Generic(((struct shim_settings *)NULL)->field, char * : true, default : false),              \
     ALLOWED_##type(minimum, maximum)},
#include "odbcshim/settings.def"
};
static_assert(sizeof(shim_setting_rows) / sizeof(shim_setting_rows[0]) == SHIM_SETTINGS,
              "a row for each setting");
