/* SPDX-License-Identifier: MIT */
/*
 * Owns the decision where a connection goes, and the two translations of its connection string.
 */
#include "odbcshim/route.h"

#include "odbcshim/diagnostics.h"
#include "odbcshim/lookup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* The connection's handle of the target. */
static SQLRETURN attach(struct shim_dbc *dbc)
{
    char setting[SQL_MAX_MESSAGE_LENGTH], library[SHIM_LIBRARY_MAX];
    struct shim_error error;
    const struct shim_target *target = NULL;
    if (shim_lookup_target(dbc->settings, setting, sizeof setting, library, &error))
        target = shim_target_load(library, setting, &error);
    return target ? shim_dbc_attach(dbc, target) : shim_diagnose_error(&dbc->h, &error);
}

SQLRETURN shim_route(struct shim_dbc *dbc, const struct shim_request *request)
{
    struct shim_error error;
    struct shim_settings *settings = shim_lookup_settings(request->dsn, request->string, &error);
    if (!settings)
        return shim_diagnose_error(&dbc->h, &error);
    const char *dsn = shim_lookup_dsn(request->dsn, request->string);
    snprintf(dbc->data_source, sizeof dbc->data_source, "%s", dsn ? dsn : "");
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
    char target[SHIM_LIBRARY_MAX];
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
