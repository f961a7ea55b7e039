/* SPDX-License-Identifier: MIT */
/*
 * Owns the decision where a connection goes, and the two translations of its connection string.
 */
#include "odbcshim/route.h"

#include "odbcshim/diagnostics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIBRARY_MAX    4096
#define NAME_MAX_BYTES 256

static bool has_text(const char *s)
{
    return s && *s;
}

/* ---- the target ----------------------------------------------------------------------------- */

/* Whether TargetDSN is in force; of the two, the settings leave the one from the nearer source. */
static bool wraps_dsn(const struct shim_settings *s)
{
    return has_text(s->target_dsn);
}

/* The path of the target's library, and by which setting it is known. */
static bool find_library(const struct shim_settings *s, char *setting, size_t setting_size,
                         char *library, struct shim_error *error)
{
    char driver[LIBRARY_MAX];
    if (has_text(s->target) && has_text(s->target_dsn)) {
        shim_error_set(error, "HY000",
                       "Target=%s and TargetDSN=%s are both set in the same place; keep one",
                       s->target, s->target_dsn);
        return false;
    }
    if (!wraps_dsn(s)) {
        snprintf(setting, setting_size, "Target=%s", s->target);
        if (has_text(s->target))
            return shim_target_library(s->target, setting, library, LIBRARY_MAX, error);
        shim_error_set(error, "IM003",
                       "Target is not set; name the real driver by Target=, in the DSN, in the "
                       "driver's section of odbcinst.ini or in the connection string, or an "
                       "existing DSN by TargetDSN=");
        return false;
    }
    snprintf(setting, setting_size, "TargetDSN=%s", s->target_dsn);
    const char *section = shim_profile_section(s->target_dsn, driver, sizeof driver);
    if (section == s->target_dsn) /* and not DEFAULT, which nobody named */
        return shim_target_library(driver, setting, library, LIBRARY_MAX, error);
    shim_error_set(error, "IM003",
                   "%s: odbc.ini has no section [%s] with a Driver; `odbcinst -q -s` lists the "
                   "sections",
                   setting, s->target_dsn);
    return false;
}

/* ---- what the connection is known by --------------------------------------------------------- */

/* FNV-1a: tells pools apart, keeps no secret and is never sent. */
static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ ((const unsigned char *)bytes)[i]) * 0x100000001b3u;
    return hash;
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
    return text ? hash_bytes(hash, text, strlen(text) + 1) : hash;
}

static uint64_t hash_string(uint64_t hash, const struct shim_connection_string *string)
{
    size_t n = 0;
    void *units = string ? shim_connection_string_write(string, &n) : NULL;
    if (units)
        hash = hash_bytes(hash, units, n);
    free(units);
    return hash;
}

/* Pooling is switched on in [ODBC] of odbcinst.ini, for all drivers at once. */
static bool manager_pools(void)
{
    char value[16];
    return shim_profile_get("odbcinst.ini", "ODBC", "Pooling", value, sizeof value) &&
           shim_profile_yes(value);
}

static struct shim_identity identity_of(const struct shim_dbc *dbc,
                                        const struct shim_request *request)
{
    uint64_t hash = 0xcbf29ce484222325u;
    hash = hash_text(hash, dbc->settings->target);
    hash = hash_text(hash, dbc->settings->target_dsn);
    hash = hash_text(hash, request->dsn);
    hash = hash_text(hash, request->user);
    hash = hash_text(hash, request->password);
    hash = hash_string(hash, request->string);
    return (struct shim_identity){
        .environment = dbc->env->serial,
        .pool = hash,
        .manager_pools = manager_pools(),
        .announces = dbc->env->odbc_version >= (SQLINTEGER)SQL_OV_ODBC3_80,
    };
}

/* ---- the route ------------------------------------------------------------------------------- */

/* The data source name by which the driver manager came here; NULL if it was a driver's name. */
static const char *dsn_of(const struct shim_request *request)
{
    if (!request->string)
        return request->dsn;
    const char *source = shim_connection_string_source(request->string);
    if (source && strcmp(source, "DRIVER") == 0)
        return NULL;
    return source && strcmp(source, "DSN") == 0
               ? shim_connection_string_source_value(request->string)
               : "DEFAULT";
}

static struct shim_settings *load_settings(const struct shim_request *request,
                                           struct shim_error *error)
{
    char driver[LIBRARY_MAX];
    struct shim_settings_from from = {.string = request->string, .dsn = dsn_of(request)};
    if (from.dsn) {
        from.dsn = shim_profile_section(from.dsn, driver, sizeof driver);
        from.driver = from.dsn ? driver : NULL;
    } else {
        from.driver = shim_connection_string_source_value(request->string);
    }
    return shim_settings_new(&from, error);
}

/* The connection's handle of the target. */
static SQLRETURN attach(struct shim_dbc *dbc)
{
    char setting[SQL_MAX_MESSAGE_LENGTH], library[LIBRARY_MAX];
    struct shim_error error;
    const struct shim_target *target = NULL;
    if (find_library(dbc->settings, setting, sizeof setting, library, &error))
        target = shim_target_load(library, setting, &error);
    return target ? shim_dbc_attach(dbc, target) : shim_diagnose_error(&dbc->h, &error);
}

SQLRETURN shim_route(struct shim_dbc *dbc, const struct shim_request *request)
{
    struct shim_error error;
    struct shim_settings *settings = load_settings(request, &error);
    if (!settings)
        return shim_diagnose_error(&dbc->h, &error);
    shim_registry_remove(&dbc->counted);
    shim_settings_free(&dbc->settings);
    dbc->settings = settings;
    struct shim_identity identity = identity_of(dbc, request);
    dbc->counted = shim_registry_add(settings, &identity);
    SQLRETURN r = attach(dbc);
    if (!SQL_SUCCEEDED(r))
        shim_connection_event(dbc->counted, SHIM_EVENT_CONNECT_FAILED);
    return r;
}

const char *shim_route_dsn(const struct shim_settings *settings)
{
    return wraps_dsn(settings) ? settings->target_dsn : NULL;
}

/* ---- the strings ----------------------------------------------------------------------------- */

/* Whether DRIVER brought us here, or would: behind a DSN it can stand for anything. */
static bool names_shim(const struct shim_connection_string *string)
{
    char target[LIBRARY_MAX];
    const char *source = shim_connection_string_source(string);
    return !source || strcmp(source, "DSN") != 0 ||
           shim_profile_get("odbcinst.ini", shim_connection_string_get(string, "DRIVER"), "Target",
                            target, sizeof target);
}

bool shim_route_outward(const struct shim_settings *settings, struct shim_connection_string *string,
                        bool begins, bool *changed)
{
    bool dsn = shim_connection_string_get(string, "DSN");
    bool driver = shim_connection_string_get(string, "DRIVER");
    *changed = false;
    for (size_t i = 0; i < SHIM_SETTINGS; i++)
        if (shim_connection_string_remove(string, shim_setting_infos[i].key))
            *changed = true;
    if (!begins)
        return true;
    if (!wraps_dsn(settings)) {
        driver = driver && names_shim(string);
        *changed |= driver;
        return !driver ||
               shim_connection_string_replace(string, "DRIVER", "DRIVER", settings->target);
    }
    *changed = true;
    if (!shim_connection_string_replace(string, dsn ? "DSN" : "DRIVER", "DSN",
                                        settings->target_dsn))
        return false;
    shim_connection_string_remove(string, "DRIVER");
    return true;
}

/* Puts back one key of the application's string in the place of `key` of the completed one. */
static bool put_back(struct shim_connection_string *completed, const char *key,
                     struct shim_connection_string *input)
{
    const char *source = shim_connection_string_get(input, "DSN")      ? "DSN"
                         : shim_connection_string_get(input, "DRIVER") ? "DRIVER"
                                                                       : NULL;
    if (!source || !shim_connection_string_get(completed, key))
        return true;
    return shim_connection_string_replace(completed, key, source,
                                          shim_connection_string_get(input, source));
}

bool shim_route_homeward(const struct shim_settings *settings,
                         struct shim_connection_string *completed,
                         struct shim_connection_string *input)
{
    if (wraps_dsn(settings)) {
        if (!put_back(completed, "DSN", input))
            return false;
        if (!shim_connection_string_get(input, "DRIVER"))
            shim_connection_string_remove(completed, "DRIVER");
    } else if (shim_connection_string_get(input, "DRIVER")) {
        const char *own = shim_connection_string_get(input, "DRIVER");
        if (shim_connection_string_get(completed, "DRIVER") &&
            !shim_connection_string_replace(completed, "DRIVER", "DRIVER", own))
            return false;
    }
    for (size_t i = 0; i < SHIM_SETTINGS; i++)
        if (!shim_connection_string_copy(completed, input, shim_setting_infos[i].key))
            return false;
    return true;
}
