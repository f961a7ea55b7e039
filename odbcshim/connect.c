/* SPDX-License-Identifier: MIT */
/*
 * SQLConnect, SQLDriverConnect and SQLBrowseConnect of both widths, and SQLDisconnect. Where the
 * target can be given what the application gave, it is given just that, buffers included; a
 * connection string that names the shim or its settings is translated both ways.
 */
#include "odbcshim/attribute_list.h"
#include "odbcshim/diagnostics.h"
#include "odbcshim/route.h"
#include "odbcshim/units.h"

#include <stdlib.h>
#include <string.h>

/* The longest completed string that the functions can tell of, in units: their lengths are
   SQLSMALLINT. */
#define COMPLETED_MAX 32767

/* ---- texts of either width --------------------------------------------------------------------
 */

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

/* ---- what all forms share -----------------------------------------------------------------------
 */

/* The attempt has ended; every form comes through here. */
static SQLRETURN attempted(struct shim_dbc *dbc, SQLRETURN r, enum shim_event success)
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
    shim_connection_event(dbc->counted, success);
    const struct shim_attribute *autocommit =
        shim_attribute_find(dbc->attributes, SQL_ATTR_AUTOCOMMIT);
    if (autocommit && (SQLULEN)autocommit->value == SQL_AUTOCOMMIT_OFF)
        shim_connection_event(dbc->counted, SHIM_EVENT_AUTOCOMMIT_OFF);
    return r;
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

/* ---- SQLConnect
 * ---------------------------------------------------------------------------------- */

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
        return attempted(dbc, r, SHIM_EVENT_CONNECTED);                                            \
    }

CONNECT(SQLConnect, SQLCHAR, false)
#if SHIM_WIDE
CONNECT(SQLConnectW, SQLWCHAR, true)
#endif

/* ---- connection strings -------------------------------------------------------------------------
 */

/* Where the application wants the completed string. */
struct answer {
    void *units;
    SQLSMALLINT size;
    SQLSMALLINT *length;
};

/* A connection string on its way to the target and back. */
struct journey {
    struct shim_dbc *dbc;
    struct shim_text given;
    struct answer answer;
    void *outward; /* what the target is given in place of `given`; NULL: just that */
    SQLSMALLINT outward_length;
    void *completed; /* where the target puts its answer; NULL: where it is wanted */
    SQLSMALLINT completed_length;
};

/* Routes by the string, unless a browse goes on, and translates it. */
static SQLRETURN depart(struct journey *j)
{
    struct shim_dbc *dbc = j->dbc;
    SQLRETURN r = SQL_SUCCESS;
    bool changed = false;
    size_t length = 0;
    struct shim_connection_string *string = shim_connection_string_new(j->given);
    if (!string)
        return out_of_memory(dbc);
    if (!dbc->browsing) {
        struct shim_request request = {.string = string};
        r = shim_route(dbc, &request);
        shim_connection_string_free(&dbc->input);
        if (SQL_SUCCEEDED(r) && !(dbc->input = shim_connection_string_new(j->given)))
            r = out_of_memory(dbc);
    }
    if (SQL_SUCCEEDED(r) && !shim_route_outward(dbc->settings, string, !dbc->browsing, &changed))
        r = out_of_memory(dbc);
    /* The last round of a browse brings the completed string of the first one's. */
    if (SQL_SUCCEEDED(r) && (changed || dbc->browsing)) {
        size_t unit = j->given.wide ? sizeof(SQLWCHAR) : sizeof(SQLCHAR);
        j->outward = shim_connection_string_write(string, &length);
        j->outward_length = (SQLSMALLINT)length;
        if (j->answer.units || j->answer.length)
            j->completed = calloc(COMPLETED_MAX + 1, unit);
        if (!j->outward || (!j->completed && (j->answer.units || j->answer.length)))
            r = out_of_memory(dbc);
    }
    shim_connection_string_free(&string);
    return r;
}

/* Puts a text into the application's buffer as a driver would. */
static SQLRETURN deliver(struct journey *j, const void *units, size_t length, SQLRETURN r)
{
    size_t unit = j->given.wide ? sizeof(SQLWCHAR) : sizeof(SQLCHAR);
    size_t room = j->answer.units && j->answer.size > 0 ? (size_t)j->answer.size : 0;
    size_t fits = length < room ? length : room ? room - 1 : 0;
    if (j->answer.length)
        *j->answer.length = (SQLSMALLINT)length;
    if (!room)
        return r;
    memcpy(j->answer.units, units, fits * unit);
    memset((char *)j->answer.units + fits * unit, 0, unit);
    if (fits == length)
        return r;
    shim_diagnose(&j->dbc->h, "01004",
                  "the completed connection string is longer than the buffer for it");
    if (r == SQL_SUCCESS_WITH_INFO)
        shim_diagnostic_is_beside(&j->dbc->h);
    return r == SQL_SUCCESS ? SQL_SUCCESS_WITH_INFO : r;
}

/* The target has answered `r`: translates its completed string. */
static SQLRETURN come_home(struct journey *j, SQLRETURN r)
{
    struct shim_dbc *dbc = j->dbc;
    bool answered = SQL_SUCCEEDED(r) || r == SQL_NEED_DATA;
    if (answered && j->completed) {
        struct shim_text text = text_of(j->completed, SQL_NTS, j->given.wide);
        struct shim_connection_string *string = shim_connection_string_new(text);
        size_t length = text.length;
        void *units = NULL;
        if (string &&
            (r == SQL_NEED_DATA || shim_route_homeward(dbc->settings, string, dbc->input)))
            units = shim_connection_string_write(string, &length);
        r = deliver(j, units ? units : j->completed, length, r);
        free(units);
        shim_connection_string_free(&string);
    }
    free(j->outward);
    free(j->completed);
    dbc->browsing = r == SQL_NEED_DATA;
    if (!dbc->browsing)
        shim_connection_string_free(&dbc->input);
    return r;
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
        struct journey j = {.dbc = dbc,                                                            \
                            .given = text_of(szConnStrIn, cbConnStrIn, WIDE),                      \
                            .answer = {szConnStrOut, cbConnStrOutMax, pcbConnStrOut}};             \
        dbc->browsing = false;                                                                     \
        SQLRETURN r = begins(dbc) ? depart(&j) : SQL_SUCCESS;                                      \
        if (!SQL_SUCCEEDED(r))                                                                     \
            return come_home(&j, r);                                                               \
        r = dbc->h.api->connect(                                                                   \
            dbc->h.target, hwnd, j.outward ? j.outward : szConnStrIn,                              \
            j.outward ? j.outward_length : cbConnStrIn, j.completed ? j.completed : szConnStrOut,  \
            j.completed ? COMPLETED_MAX : cbConnStrOutMax,                                         \
            j.completed ? &j.completed_length : pcbConnStrOut, fDriverCompletion);                 \
        r = attempted(dbc, r, SHIM_EVENT_CONNECTED);                                               \
        return come_home(&j, r);                                                                   \
    }

#define BROWSE_CONNECT(connect, CHAR, WIDE)                                                        \
    SQLRETURN SQL_API connect(SQLHDBC hdbc, CHAR *szConnStrIn, SQLSMALLINT cbConnStrIn,            \
                              CHAR *szConnStrOut, SQLSMALLINT cbConnStrOutMax,                     \
                              SQLSMALLINT *pcbConnStrOut)                                          \
    {                                                                                              \
        struct shim_dbc *dbc = shim_dbc_of(hdbc);                                                  \
        if (!dbc)                                                                                  \
            return SQL_INVALID_HANDLE;                                                             \
        struct journey j = {.dbc = dbc,                                                            \
                            .given = text_of(szConnStrIn, cbConnStrIn, WIDE),                      \
                            .answer = {szConnStrOut, cbConnStrOutMax, pcbConnStrOut}};             \
        SQLRETURN r = begins(dbc) ? depart(&j) : SQL_SUCCESS;                                      \
        if (!SQL_SUCCEEDED(r))                                                                     \
            return come_home(&j, r);                                                               \
        r = dbc->h.api->connect(dbc->h.target, j.outward ? j.outward : szConnStrIn,                \
                                j.outward ? j.outward_length : cbConnStrIn,                        \
                                j.completed ? j.completed : szConnStrOut,                          \
                                j.completed ? COMPLETED_MAX : cbConnStrOutMax,                     \
                                j.completed ? &j.completed_length : pcbConnStrOut);                \
        r = attempted(dbc, r, SHIM_EVENT_BROWSED);                                                 \
        return come_home(&j, r);                                                                   \
    }

DRIVER_CONNECT(SQLDriverConnect, SQLCHAR, false)
BROWSE_CONNECT(SQLBrowseConnect, SQLCHAR, false)
#if SHIM_WIDE
DRIVER_CONNECT(SQLDriverConnectW, SQLWCHAR, true)
BROWSE_CONNECT(SQLBrowseConnectW, SQLWCHAR, true)
#endif

/* ---- SQLDisconnect
 * --------------------------------------------------------------------------------- */

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
