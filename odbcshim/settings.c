/* SPDX-License-Identifier: MIT */
/*
 * The settings of a connection: where each stands, and what to tell the operator if it makes no
 * sense. The table of settings.def drives all of it. Keys are compared without strcasecmp: the
 * application's locale must not decide what a configuration means.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* explicit_bzero */
#endif
#include "odbcshim/settings.h"
#include "odbcshim/program_name.h"
#include "odbcshim/settings_file.h"
#include "odbcshim/settings_values.h"
#include "odbcshim/units.h"

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

static struct shim_found look_up(struct search *s, enum shim_setting setting)
{
    const struct shim_setting_info *info = &shim_setting_infos[setting];
    const struct shim_settings_from *from = s->from;
    struct shim_found found = {.text = s->buffer};

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

static void complain(struct search *s, enum shim_setting setting, const struct shim_found *value)
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
                       name_place(s, value->origin, place, sizeof(place)),
                       shim_setting_rows[setting].allowed);
    else
        shim_error_set(s->error, state, "%s=%.*s%s in %.200s makes no sense; allowed is %s", key,
                       (int)shown, value->text, cut ? "..." : "",
                       name_place(s, value->origin, place, sizeof(place)),
                       shim_setting_rows[setting].allowed);
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
    const struct shim_setting_row *row = &shim_setting_rows[setting];

    return row->is_text ? (char **)(void *)((char *)settings + row->field) : NULL;
}

static bool load(struct shim_settings *settings, struct search *s)
{
    for (int i = 0; i < SHIM_SETTINGS; i++) {
        const struct shim_setting_row *row = &shim_setting_rows[i];
        struct shim_found value = look_up(s, (enum shim_setting)i);
        char **text = text_of(settings, (size_t)i);

        settings->origin[i] = value.origin;
        if (!row->parse(row, &value, (char *)settings + row->field)) {
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

void shim_setting_show(const struct shim_settings *s, enum shim_setting setting, char *text,
                       size_t size)
{
    const struct shim_setting_row *row = &shim_setting_rows[setting];

    if (setting == SHIM_SETTING_PASSWORD)
        snprintf(text, size, "%s", *s->password != '\0' ? "set" : "not set");
    else
        row->show((const char *)s + row->field, text, size);
    for (char *at = text; *at != '\0'; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = '?';
}
