/* SPDX-License-Identifier: MIT */
/*
 * SQLConnect, SQLDriverConnect and SQLBrowseConnect of both widths, and SQLDisconnect.
 * Connection strings are translated in journey.c.
 */
#include "odbcshim/attribute_list.h"
#include "odbcshim/diagnostics.h"
#include "odbcshim/journey.h"
#include "odbcshim/route.h"
#include "odbcshim/units.h"

#include <stdlib.h>
#include <string.h>

/* ---- texts of either width ------------------------------------------------------------------- */

static struct shim_text text_of(const void *units, SQLSMALLINT length, bool wide)
{
    struct shim_text t = {units, 0, wide};
    if (!units)
        return t;
    if (length >= 0)
        t.length = (size_t)length;
    else if (wide)
        while (((const SQLWCHAR *)units)[t.length])
            t.length++;
    else
        t.length = strlen(units);
    return t;
}

/* As UTF-8, that the caller frees; NULL for no text, or when memory is out. */
static char *utf8_of(struct shim_text t)
{
    uint16_t *units = t.units ? malloc((t.length + 1) * sizeof *units) : NULL;
    if (!units)
        return NULL;
    for (size_t i = 0; i < t.length; i++)
        units[i] = t.wide ? ((const SQLWCHAR *)t.units)[i] : ((const SQLCHAR *)t.units)[i];
    char *text = shim_text_from_units(units, 0, t.length, t.wide, false);
    free(units);
    return text;
}

/* A text as the terminated units of a width, that the caller frees; NULL when memory is out. */
static void *units_of(const char *text, bool wide)
{
    size_t room = strlen(text) + 1;
    uint16_t *units = malloc(room * sizeof *units);
    if (!units)
        return NULL;
    uint16_t *end = shim_units_from_text(units, text, wide);
    *end = 0;
    if (!wide)
        memcpy(units, text, room);
    return units;
}

/* ---- what all forms share -------------------------------------------------------------------- */

/* Which function connects. */
enum shim_form { BY_NAME, BY_STRING, BY_BROWSING };

/* The driver manager asks the environment for its version before anybody knows the target, and
   warns where it is another than was set: what it could not learn then it is told now. To what
   SQLConnect says it adds its vendor's name, to what the others say it does not. */
static SQLRETURN check_version(struct shim_dbc *dbc, SQLRETURN r, enum shim_form form)
{
    struct shim_env *env = dbc->env;
    struct shim_env_target *et = shim_env_next(env, NULL);
    SQLINTEGER version = env->odbc_version;
    bool promised = atomic_exchange(&env->version_promised, false); /* others connect as well */
    if (!promised || !et || !et->target->has[SHIM_FN_SQLGetEnvAttr] ||
        et->target->api.SQLGetEnvAttr(et->handle, SQL_ATTR_ODBC_VERSION, &version, 0, NULL) !=
            SQL_SUCCESS ||
        version == env->odbc_version)
        return r;
    shim_diagnose_for_manager(
        &dbc->h, form == BY_NAME
                     ? "[Driver Manager]Driver does not support the requested version"
                     : "[unixODBC][Driver Manager]Driver does not support the requested version");
    if (r == SQL_SUCCESS_WITH_INFO)
        shim_diagnostic_is_beside(&dbc->h);
    return SQL_SUCCESS_WITH_INFO;
}

/* The attempt has ended; every form comes through here. */
static SQLRETURN attempted(struct shim_dbc *dbc, SQLRETURN r, enum shim_form form)
{
    if (r == SQL_NEED_DATA || r == SQL_STILL_EXECUTING)
        return r;
    shim_returned(&dbc->h, r);
    if (!SQL_SUCCEEDED(r)) {
        shim_connection_event(dbc->counted, SHIM_EVENT_CONNECT_FAILED);
        return r;
    }
    shim_dbc_set_connected(dbc, true);
    dbc->probe_failed = 0;
    shim_connection_event(dbc->counted,
                          form == BY_BROWSING ? SHIM_EVENT_BROWSED : SHIM_EVENT_CONNECTED);
    const struct shim_attribute *autocommit =
        shim_attribute_find(dbc->attributes, SQL_ATTR_AUTOCOMMIT);
    if (autocommit && (SQLULEN)autocommit->value == SQL_AUTOCOMMIT_OFF)
        shim_connection_event(dbc->counted, SHIM_EVENT_AUTOCOMMIT_OFF);
    return check_version(dbc, r, form);
}

static SQLRETURN out_of_memory(struct shim_dbc *dbc)
{
    return shim_diagnose(&dbc->h, "HY001", "memory is out");
}

/* Begins any form. A second connect on an open connection is the target's to refuse. */
static bool begins(struct shim_dbc *dbc)
{
    shim_diagnostics_clear(&dbc->h);
    return !dbc->connected;
}

/* ---- SQLConnect ------------------------------------------------------------------------------ */

/* Routes by the data source name; *dsn is set to the units of another name that the target is to be
   given, to be freed, or to NULL. */
static SQLRETURN route_by_dsn(struct shim_dbc *dbc, struct shim_text name, struct shim_text user,
                              struct shim_text password, void **dsn)
{
    char *texts[3] = {utf8_of(name), utf8_of(user), utf8_of(password)};
    struct shim_request request = {
        .dsn = texts[0] && *texts[0] ? texts[0] : "DEFAULT",
        .user = texts[1],
        .password = texts[2],
    };
    *dsn = NULL;
    SQLRETURN r = shim_route(dbc, &request);
    const char *other = SQL_SUCCEEDED(r) ? shim_route_dsn(dbc->settings) : NULL;
    if (other && !(*dsn = units_of(other, name.wide)))
        r = out_of_memory(dbc);
    if (texts[2])
        explicit_bzero(texts[2], strlen(texts[2]));
    for (size_t i = 0; i < 3; i++)
        free(texts[i]);
    return r;
}

#define CONNECT(connect, CHAR, WIDE)                                                               \
    SQLRETURN SQL_API connect(SQLHDBC ConnectionHandle, CHAR *ServerName, SQLSMALLINT NameLength1, \
                              CHAR *UserName, SQLSMALLINT NameLength2, CHAR *Authentication,       \
                              SQLSMALLINT NameLength3)                                             \
    {                                                                                              \
        void *dsn = NULL;                                                                          \
        struct shim_dbc *dbc = shim_dbc_of(ConnectionHandle);                                      \
        if (!dbc)                                                                                  \
            return SQL_INVALID_HANDLE;                                                             \
        if (begins(dbc)) {                                                                         \
            SQLRETURN r = route_by_dsn(dbc, text_of(ServerName, NameLength1, WIDE),                \
                                       text_of(UserName, NameLength2, WIDE),                       \
                                       text_of(Authentication, NameLength3, WIDE), &dsn);          \
            if (!SQL_SUCCEEDED(r))                                                                 \
                return r;                                                                          \
        }                                                                                          \
        SQLRETURN r = dbc->h.api->connect(dbc->h.target, dsn ? dsn : ServerName,                   \
                                          dsn ? SQL_NTS : NameLength1, UserName, NameLength2,      \
                                          Authentication, NameLength3);                            \
        free(dsn);                                                                                 \
        return attempted(dbc, r, BY_NAME);                                                         \
    }

CONNECT(SQLConnect, SQLCHAR, false)
#if SHIM_WIDE
CONNECT(SQLConnectW, SQLWCHAR, true)
#endif

/* ---- connection strings ---------------------------------------------------------------------- */

static struct shim_journey journey_of(struct shim_dbc *dbc, struct shim_text given,
                                      SQLSMALLINT length, struct shim_completed wanted)
{
    /* The string as ODBC has it in its prototypes, which is without const. */
    union {
        const void *given;
        void *string;
    } u = {given.units};
    return (struct shim_journey){.dbc = dbc,
                                 .given = given,
                                 .wanted = wanted,
                                 .string = u.string,
                                 .string_length = length,
                                 .asked = wanted};
}

#define DRIVER_CONNECT(connect, CHAR, WIDE)                                                        \
    SQLRETURN SQL_API connect(SQLHDBC hdbc, SQLHWND hwnd, CHAR *szConnStrIn,                       \
                              SQLSMALLINT cbConnStrIn, CHAR *szConnStrOut,                         \
                              SQLSMALLINT cbConnStrOutMax, SQLSMALLINT *pcbConnStrOut,             \
                              SQLUSMALLINT fDriverCompletion)                                      \
    {                                                                                              \
        struct shim_dbc *dbc = shim_dbc_of(hdbc);                                                  \
        if (!dbc)                                                                                  \
            return SQL_INVALID_HANDLE;                                                             \
        struct shim_journey j =                                                                    \
            journey_of(dbc, text_of(szConnStrIn, cbConnStrIn, WIDE), cbConnStrIn,                  \
                       (struct shim_completed){szConnStrOut, cbConnStrOutMax, pcbConnStrOut});     \
        dbc->browsing = false;                                                                     \
        SQLRETURN r = begins(dbc) ? shim_journey_begin(&j) : SQL_SUCCESS;                          \
        if (!SQL_SUCCEEDED(r))                                                                     \
            return shim_journey_end(&j, r);                                                        \
        r = dbc->h.api->connect(dbc->h.target, hwnd, j.string, j.string_length, j.asked.units,     \
                                j.asked.size, j.asked.length, fDriverCompletion);                  \
        r = attempted(dbc, r, BY_STRING);                                                          \
        return shim_journey_end(&j, r);                                                            \
    }

#define BROWSE_CONNECT(connect, CHAR, WIDE)                                                        \
    SQLRETURN SQL_API connect(SQLHDBC hdbc, CHAR *szConnStrIn, SQLSMALLINT cbConnStrIn,            \
                              CHAR *szConnStrOut, SQLSMALLINT cbConnStrOutMax,                     \
                              SQLSMALLINT *pcbConnStrOut)                                          \
    {                                                                                              \
        struct shim_dbc *dbc = shim_dbc_of(hdbc);                                                  \
        if (!dbc)                                                                                  \
            return SQL_INVALID_HANDLE;                                                             \
        struct shim_journey j =                                                                    \
            journey_of(dbc, text_of(szConnStrIn, cbConnStrIn, WIDE), cbConnStrIn,                  \
                       (struct shim_completed){szConnStrOut, cbConnStrOutMax, pcbConnStrOut});     \
        SQLRETURN r = begins(dbc) ? shim_journey_begin(&j) : SQL_SUCCESS;                          \
        if (!SQL_SUCCEEDED(r))                                                                     \
            return shim_journey_end(&j, r);                                                        \
        r = dbc->h.api->connect(dbc->h.target, j.string, j.string_length, j.asked.units,           \
                                j.asked.size, j.asked.length);                                     \
        r = attempted(dbc, r, BY_BROWSING);                                                        \
        return shim_journey_end(&j, r);                                                            \
    }

DRIVER_CONNECT(SQLDriverConnect, SQLCHAR, false)
BROWSE_CONNECT(SQLBrowseConnect, SQLCHAR, false)
#if SHIM_WIDE
DRIVER_CONNECT(SQLDriverConnectW, SQLWCHAR, true)
BROWSE_CONNECT(SQLBrowseConnectW, SQLWCHAR, true)
#endif

/* ---- SQLDisconnect --------------------------------------------------------------------------- */

SQLRETURN SQL_API SQLDisconnect(SQLHDBC ConnectionHandle)
{
    struct shim_dbc *dbc = shim_dbc_of(ConnectionHandle);
    if (!dbc)
        return SQL_INVALID_HANDLE;
    shim_diagnostics_clear(&dbc->h);
    SQLRETURN r = shim_returned(&dbc->h, dbc->h.api->SQLDisconnect(dbc->h.target));
    if (!SQL_SUCCEEDED(r))
        return r;
    if (dbc->connected) /* else a browse was given up */
        shim_connection_event(dbc->counted, SHIM_EVENT_DISCONNECTED);
    shim_dbc_set_connected(dbc, false);
    shim_registry_remove(&dbc->counted);
    dbc->browsing = false;
    shim_dbc_drop_children(dbc);
    return r;
}
