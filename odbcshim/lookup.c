/* SPDX-License-Identifier: MIT */
/*
 * Owns the order in which the ini files are asked where a connect leads.
 */
#include "odbcshim/lookup.h"

#include <stdio.h>
#include <string.h>

#include "odbcshim/profile.h"

const char *shim_lookup_dsn(const char *dsn, const struct shim_connection_string *string)
{
    const char *source;

    if (string == NULL)
        return dsn;
    source = shim_connection_string_source(string);
    if (source != NULL && strcmp(source, "DRIVER") == 0)
        return NULL;
    return source != NULL && strcmp(source, "DSN") == 0
               ? shim_connection_string_source_value(string)
               : "DEFAULT";
}

struct shim_settings *shim_lookup_settings(const char *dsn, struct shim_connection_string *string,
                                           struct shim_error *error)
{
    char driver[SHIM_LIBRARY_MAX];
    struct shim_settings_from from = {.string = string, .dsn = shim_lookup_dsn(dsn, string)};

    if (from.dsn != NULL) {
        from.dsn = shim_profile_section(from.dsn, driver, sizeof(driver));
        from.driver = from.dsn != NULL ? driver : NULL;
    } else if (string != NULL) {
        from.driver = shim_connection_string_source_value(string);
    }
    return shim_settings_new(&from, error);
}

bool shim_lookup_library(const char *driver, const char *setting, char library[SHIM_LIBRARY_MAX],
                         struct shim_error *error)
{
    if (strchr(driver, '/') != NULL) {
        if (strlen(driver) >= SHIM_LIBRARY_MAX) {
            shim_error_set(error, "IM003", "%s: the path is too long", setting);
            return false;
        }
        strcpy(library, driver);
        return true;
    }
    /* The order in which the driver manager of a 64-bit system looks. */
    if (shim_profile_get("odbcinst.ini", driver, "Driver64", library, SHIM_LIBRARY_MAX) &&
        *library != '\0')
        return true;
    if (shim_profile_get("odbcinst.ini", driver, "Driver", library, SHIM_LIBRARY_MAX) &&
        *library != '\0')
        return true;
    shim_error_set(error, "IM003",
                   "%s: odbcinst.ini has no section [%s] with a Driver; `odbcinst -q -d` lists the "
                   "sections, or give the path of the driver's library",
                   setting, driver);
    return false;
}

/* By TargetDSN. Its section, and not DEFAULT, which nobody named. */
static bool look_up_wrapped(const char *dsn, const char *setting, char library[SHIM_LIBRARY_MAX],
                            struct shim_error *error)
{
    char driver[SHIM_LIBRARY_MAX];

    if (shim_profile_section(dsn, driver, sizeof(driver)) == dsn)
        return shim_lookup_library(driver, setting, library, error);
    shim_error_set(error, "IM003",
                   "%s: odbc.ini has no section [%s] with a Driver; `odbcinst -q -s` lists the "
                   "sections",
                   setting, dsn);
    return false;
}

bool shim_lookup_target(const struct shim_settings *s, char *setting, size_t setting_size,
                        char library[SHIM_LIBRARY_MAX], struct shim_error *error)
{
    if (*s->target != '\0' && *s->target_dsn != '\0') {
        shim_error_set(error, "HY000",
                       "Target=%s and TargetDSN=%s are both set in the same place; keep one",
                       s->target, s->target_dsn);
        return false;
    }
    if (*s->target_dsn != '\0') {
        snprintf(setting, setting_size, "TargetDSN=%s", s->target_dsn);
        return look_up_wrapped(s->target_dsn, setting, library, error);
    }
    snprintf(setting, setting_size, "Target=%s", s->target);
    if (*s->target != '\0')
        return shim_lookup_library(s->target, setting, library, error);
    shim_error_set(error, "IM003",
                   "Target is not set; name the real driver by Target=, in the DSN, in the "
                   "driver's section of odbcinst.ini or in the connection string, or an "
                   "existing DSN by TargetDSN=");
    return false;
}
