/* SPDX-License-Identifier: MIT */
/*
 * The settings of a connection: where each stands, whether it makes sense, and what to tell the
 * operator if it does not. The table of settings.def drives all of it.
 *
 * Numbers are read without strtod and keys compared without strcasecmp: the application's locale
 * must not decide what a configuration means.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* explicit_bzero */
#endif
#include "odbcshim/settings.h"
#include "odbcshim/program_name.h"
#include "odbcshim/settings_file.h"
#include "odbcshim/units.h"

#include <assert.h>
#include <odbcinst.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct shim_setting_info shim_setting_infos[SHIM_SETTINGS] = {
#define SHIM_SETTING(ID, Key, type, field, standard, minimum, maximum, sentence)                   \
    {Key, standard, sentence},
#include "odbcshim/settings.def"
};

/* A value as it was found. */
struct found {
    const char *text;
    size_t length;
    enum shim_origin origin;
};

struct row {
    /* Puts the value into the field. False if it makes no sense. */
    bool (*parse)(const struct row *row, const struct found *value, void *field);
    size_t field; /* offset in struct shim_settings */
    double minimum, maximum;
    const char *allowed; /* completes "allowed is ..." */
};

static bool parse_integer(const struct row *row, const struct found *value, void *field);
static bool parse_seconds(const struct row *row, const struct found *value, void *field);
static bool parse_flag(const struct row *row, const struct found *value, void *field);
static bool parse_text(const struct row *row, const struct found *value, void *field);
static bool parse_checkout(const struct row *row, const struct found *value, void *field);
static bool parse_plugin(const struct row *row, const struct found *value, void *field);
static bool parse_security(const struct row *row, const struct found *value, void *field);

/* Limits are put in words by the preprocessor: printf would write them as the locale has it. */
#define ALLOWED_text(minimum, maximum)     "a text of " #minimum " to " #maximum " bytes"
#define ALLOWED_integer(minimum, maximum)  "a whole number from " #minimum " to " #maximum
#define ALLOWED_seconds(minimum, maximum)  "a number of seconds from " #minimum " to " #maximum
#define ALLOWED_flag(minimum, maximum)     "yes or no"
#define ALLOWED_checkout(minimum, maximum) "auto, manager, connect or activity"
#define ALLOWED_plugin(minimum, maximum)   "odbc or sqlalchemy"
#define ALLOWED_security(minimum, maximum) "None, Sign or Encrypt"

static const struct row rows[] = {
#define SHIM_SETTING(ID, Key, type, field, standard, minimum, maximum, sentence)                   \
    {parse_##type, offsetof(struct shim_settings, field), minimum, maximum,                        \
     ALLOWED_##type(minimum, maximum)},
#include "odbcshim/settings.def"
};
static_assert(sizeof(rows) / sizeof(rows[0]) == SHIM_SETTINGS, "a row for each setting");

/* Errors. */

void shim_error_set(struct shim_error *e, const char *state, const char *format, ...)
{
    size_t length;
    va_list arguments;

    snprintf(e->state, sizeof(e->state), "%s", state);
    va_start(arguments, format);
    vsnprintf(e->message, sizeof(e->message), format, arguments);
    va_end(arguments);
    /* Cut off in the middle of a character? Then without it. */
    length = strlen(e->message);
    if (length == sizeof(e->message) - 1) {
        while (length > 0 && (e->message[length - 1] & 0xc0) == 0x80)
            length--;
        if (length > 0 && (e->message[length - 1] & 0x80) != 0)
            length--;
        e->message[length] = '\0';
    }
    for (char *at = e->message; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = '?';
    }
}

/* Reading of values. */

static bool parse_text(const struct row *row, const struct found *value, void *field)
{
    char *text, **place = field;

    if ((double)value->length < row->minimum || (double)value->length > row->maximum)
        return false;
    text = malloc(value->length + 1);
    if (text != NULL) {
        memcpy(text, value->text, value->length);
        text[value->length] = '\0';
    }
    *place = text; /* NULL: shim_settings_new sees it */
    return true;
}

/* Digits, then a point and digits if `point` allows; no sign, no exponent. */
static bool parse_number(const struct row *row, const struct found *value, bool point, double *to)
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

static bool parse_integer(const struct row *row, const struct found *value, void *field)
{
    double number;

    if (!parse_number(row, value, false, &number))
        return false;
    *(int *)field = (int)number;
    return true;
}

static bool parse_seconds(const struct row *row, const struct found *value, void *field)
{
    return parse_number(row, value, true, field);
}

/* The index of a value in a list of words that ends with NULL; -1 where it is none of them. */
static int find_word(const char *const *words, const struct found *value)
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

static bool parse_flag(const struct row *row, const struct found *value, void *field)
{
    static const char *const words[] = {"no", "yes", "false", "true", "0", "1", "off", "on", NULL};
    int word = find_word(words, value);

    (void)row;
    *(bool *)field = word % 2 == 1;
    return word >= 0;
}

#define PARSE_WORDS(type, ...)                                                                     \
    static bool parse_##type(const struct row *row, const struct found *value, void *field)        \
    {                                                                                              \
        static const char *const words[] = {__VA_ARGS__, NULL};                                    \
        int word = find_word(words, value);                                                        \
                                                                                                   \
        (void)row;                                                                                 \
        if (word >= 0)                                                                             \
            *(enum shim_##type *)field = (enum shim_##type)word;                                   \
        return word >= 0;                                                                          \
    }

PARSE_WORDS(checkout, "auto", "manager", "connect", "activity")
PARSE_WORDS(plugin, "odbc", "sqlalchemy")
PARSE_WORDS(security, "None", "Sign", "Encrypt")

/* Keys. */

enum shim_setting shim_setting_find(const char *key)
{
    int i = 0;

    while (i < SHIM_SETTINGS && !shim_same_key(shim_setting_infos[i].key, key))
        i++;
    return (enum shim_setting)i;
}

/* How many letters must be put in, left out or changed to make one key of the other. */
static size_t distance(const char *key, const char *other)
{
    enum { LONGEST = 40 }; /* no setting's key is that long */
    size_t length = strlen(other), row[LONGEST + 1];

    if (length > LONGEST)
        return SIZE_MAX;
    for (size_t i = 0; i <= length; i++)
        row[i] = i;
    for (; *key != '\0'; key++) {
        size_t diagonal = row[0]++;

        for (size_t i = 1; i <= length; i++) {
            const char a[] = {*key, '\0'}, b[] = {other[i - 1], '\0'};
            size_t best = diagonal + (shim_same_key(a, b) ? 0 : 1);

            diagonal = row[i];
            if (best > row[i] + 1)
                best = row[i] + 1;
            if (best > row[i - 1] + 1)
                best = row[i - 1] + 1;
            row[i] = best;
        }
    }
    return row[length];
}

const char *shim_setting_nearest(const char *key)
{
    static const size_t prefix = sizeof("Collectd") - 1;
    const char *nearest = NULL;
    size_t least = strlen(key) / 4 + 2; /* more faults than that are another word */

    for (size_t i = 0; i < SHIM_SETTINGS; i++) {
        const char *candidate = shim_setting_infos[i].key;
        size_t d = distance(key, candidate);

        /* Perhaps only the prefix was forgotten. */
        if (strncmp(candidate, "Collectd", prefix) == 0 && distance(key, candidate + prefix) < d)
            d = distance(key, candidate + prefix);
        if (d < least) {
            least = d;
            nearest = candidate;
        }
    }
    return nearest;
}

/* Loading. */

struct search {
    const struct shim_settings_from *from;
    const char *section; /* in odbc.ini, or NULL */
    struct shim_settings_file file;
    struct shim_error *error;
    char buffer[4096 + 1]; /* the longest text, and one more to see that it is too long */
};

static struct found look_up(struct search *s, enum shim_setting setting)
{
    const struct shim_setting_info *info = &shim_setting_infos[setting];
    const struct shim_settings_from *from = s->from;
    struct found found = {.text = s->buffer};

    if (from->string != NULL &&
        (found.text = shim_connection_string_get(from->string, info->key)) != NULL) {
        found.origin = SHIM_ORIGIN_STRING;
    } else if (s->section != NULL &&
               shim_profile_get("odbc.ini", s->section, info->key, s->buffer, sizeof(s->buffer))) {
        found.text = s->buffer;
        found.origin = SHIM_ORIGIN_DSN;
    } else if (from->driver != NULL && shim_profile_get("odbcinst.ini", from->driver, info->key,
                                                        s->buffer, sizeof(s->buffer))) {
        found.text = s->buffer;
        found.origin = SHIM_ORIGIN_DRIVER;
    } else if (s->file.values[setting] != NULL) {
        found.text = s->file.values[setting];
        found.origin = SHIM_ORIGIN_FILE;
    } else {
        found.text = info->standard;
        found.origin = SHIM_ORIGIN_DEFAULT;
    }
    found.length = strlen(found.text);
    if (setting == SHIM_SETTING_PASSWORD)
        return found;
    while (found.length > 0 && shim_is_space((unsigned char)found.text[0])) {
        found.text++;
        found.length--;
    }
    while (found.length > 0 && shim_is_space((unsigned char)found.text[found.length - 1]))
        found.length--;
    return found;
}

/* Where a value stands, in words. */
static const char *name_place(const struct search *s, enum shim_origin origin, char *place,
                              size_t size)
{
    const char *section = origin == SHIM_ORIGIN_DSN ? s->section : s->from->driver;

    switch (origin) {
    case SHIM_ORIGIN_STRING:
        return "the connection string";
    case SHIM_ORIGIN_DSN:
    case SHIM_ORIGIN_DRIVER:
        snprintf(place, size, "[%.60s] of %s", section,
                 origin == SHIM_ORIGIN_DSN ? "odbc.ini" : "odbcinst.ini");
        return place;
    case SHIM_ORIGIN_FILE:
        return s->file.path;
    case SHIM_ORIGIN_DEFAULT:
        break;
    }
    return "the defaults";
}

static void complain(struct search *s, enum shim_setting setting, const struct found *value)
{
    const char *state = value->origin == SHIM_ORIGIN_STRING ? "01S00" : "HY000";
    const char *key = shim_setting_infos[setting].key;
    char place[96];
    /* A brace that is never closed makes all the rest of a connection string the value, password
       and all; so no more is shown than up to a semicolon. */
    size_t shown = strcspn(value->text, ";");
    bool cut;

    if (shown > value->length)
        shown = value->length;
    if (shown > 60) {
        shown = 60;
        while (shown > 0 && (value->text[shown] & 0xc0) == 0x80)
            shown--;
    }
    cut = shown < value->length;
    if (setting == SHIM_SETTING_PASSWORD)
        shim_error_set(s->error, state, "%s in %.200s makes no sense; allowed is %s", key,
                       name_place(s, value->origin, place, sizeof(place)), rows[setting].allowed);
    else
        shim_error_set(s->error, state, "%s=%.*s%s in %.200s makes no sense; allowed is %s", key,
                       (int)shown, value->text, cut ? "..." : "",
                       name_place(s, value->origin, place, sizeof(place)), rows[setting].allowed);
}

/* A key that begins with Collectd is none of the real driver's: it is a setting, or mistyped. */
static bool check_keys(struct search *s)
{
    const char *key, *nearest;

    for (size_t n = 0;
         s->from->string != NULL && (key = shim_connection_string_key(s->from->string, n)) != NULL;
         n++) {
        char start[sizeof("Collectd")];

        snprintf(start, sizeof(start), "%s", key);
        if (!shim_same_key(start, "Collectd") || shim_setting_find(key) != SHIM_SETTINGS)
            continue;
        nearest = shim_setting_nearest(key);
        shim_error_set(s->error, "01S00", "%.60s in the connection string is no setting%s%s%s", key,
                       nearest != NULL ? "; " : "", nearest != NULL ? nearest : "",
                       nearest != NULL ? " is" : "");
        return false;
    }
    return true;
}

static char **text_of(struct shim_settings *settings, size_t setting)
{
    if (rows[setting].parse != parse_text)
        return NULL;
    return (char **)(void *)((char *)settings + rows[setting].field);
}

static bool load(struct shim_settings *settings, struct search *s)
{
    for (int i = 0; i < SHIM_SETTINGS; i++) {
        struct found value = look_up(s, (enum shim_setting)i);
        char **text = text_of(settings, (size_t)i);

        settings->origin[i] = value.origin;
        if (!rows[i].parse(&rows[i], &value, (char *)settings + rows[i].field)) {
            complain(s, (enum shim_setting)i, &value);
            return false;
        }
        if (text != NULL && *text == NULL)
            return false;
    }
    return true;
}

/* Puts `standard` in the place of an empty text. False when memory is out. */
static bool compute(char **text, const char *standard)
{
    char *copy;

    if (**text != '\0')
        return true;
    copy = malloc(strlen(standard) + 1);
    if (copy == NULL)
        return false;
    free(*text);
    *text = strcpy(copy, standard);
    return true;
}

static bool compute_defaults(struct shim_settings *settings)
{
    const char *program = *settings->program == '\0' ? shim_program_name() : "";
    char host[256] = "";

    /* A name of 64 bytes is the longest that Linux has. */
    if (gethostname(host, sizeof(host) - 1) != 0 || *host == '\0')
        strcpy(host, "localhost");
    return compute(&settings->program, *program != '\0' ? program : "unknown") &&
           compute(&settings->report_host, host);
}

/* Target and TargetDSN are two ways of saying one thing, so what stands nearer to the application
   counts: a DSN may wrap another DSN through a driver's section that has a Target. */
static void choose_target(struct shim_settings *settings)
{
    enum shim_origin target = settings->origin[SHIM_SETTING_TARGET];
    enum shim_origin dsn = settings->origin[SHIM_SETTING_TARGET_DSN];

    if (*settings->target == '\0' || *settings->target_dsn == '\0' || target == dsn)
        return;
    if (target < dsn)
        *settings->target = '\0';
    else
        *settings->target_dsn = '\0';
}

static bool check_credentials(const struct shim_settings *settings, struct search *s)
{
    enum shim_setting missing = SHIM_SETTINGS;
    char place[96];

    if (*settings->password == '\0')
        missing = SHIM_SETTING_PASSWORD;
    if (*settings->username == '\0')
        missing = SHIM_SETTING_USERNAME;
    if (settings->security == SHIM_SECURITY_NONE || missing == SHIM_SETTINGS)
        return true;
    shim_error_set(s->error, "HY000",
                   "CollectdSecurityLevel=%s in %.200s needs CollectdUsername and "
                   "CollectdPassword, but %s is not set",
                   settings->security == SHIM_SECURITY_SIGN ? "Sign" : "Encrypt",
                   name_place(s, settings->origin[SHIM_SETTING_SECURITY], place, sizeof(place)),
                   shim_setting_infos[missing].key);
    return false;
}

struct shim_settings *shim_settings_new(const struct shim_settings_from *from,
                                        struct shim_error *error)
{
    struct search s = {.from = from, .section = from->dsn, .error = error};
    struct shim_settings *settings = calloc(1, sizeof(*settings));

    shim_error_set(error, "HY001", "memory is out"); /* unless something else is said below */
    if (settings == NULL)
        return NULL;
    if (from->dsn != NULL) {
        const char *section = shim_profile_section(from->dsn, s.buffer, sizeof(s.buffer));

        s.section = section != NULL ? section : from->dsn;
    }
    if (!shim_settings_file_init(&s.file, error) || !check_keys(&s) || !load(settings, &s) ||
        !compute_defaults(settings) || !check_credentials(settings, &s)) {
        shim_settings_free(&settings);
        goto done;
    }
    choose_target(settings);
    if (s.file.starved) /* better no figures than figures sent where they should not go */
        settings->enabled = false;
done:
    shim_settings_file_fini(&s.file);
    explicit_bzero(s.buffer, sizeof(s.buffer));
    return settings;
}

void shim_settings_free(struct shim_settings **s)
{
    if (*s == NULL)
        return;
    if ((*s)->password != NULL)
        explicit_bzero((*s)->password, strlen((*s)->password));
    for (size_t i = 0; i < SHIM_SETTINGS; i++) {
        if (text_of(*s, i) != NULL)
            free(*text_of(*s, i));
    }
    free(*s);
    *s = NULL;
}
