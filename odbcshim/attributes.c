/* SPDX-License-Identifier: MIT */
/*
 * The attribute functions of environments and connections. What is set before there is a target is
 * kept; what is set and asked on an open connection goes to the target, and is looked at: from
 * here come autocommit, and what the driver manager's pool does with the connection.
 */
#include "odbcshim/asked.h"
#include "odbcshim/attribute_list.h"
#include "odbcshim/diagnostics.h"

#include <string.h>

/* ---- environments ------------------------------------------------------------------------- */

SQLRETURN SQL_API SQLSetEnvAttr(SQLHENV EnvironmentHandle, SQLINTEGER Attribute, SQLPOINTER Value,
                                SQLINTEGER StringLength)
{
    struct shim_env *env = shim_env_of(EnvironmentHandle);
    if (!env)
        return SQL_INVALID_HANDLE;
    shim_diagnostics_clear(&env->h);
    if (!shim_attribute_keep(&env->attributes, Attribute, Value, StringLength, false))
        return shim_diagnose(&env->h, "HY001", "memory is out");
    if (Attribute == SQL_ATTR_ODBC_VERSION)
        env->odbc_version = (SQLINTEGER)(SQLLEN)Value;
    SQLRETURN result = SQL_SUCCESS;
    for (struct shim_env_target *et = shim_env_next(env, NULL); et; et = shim_env_next(env, et)) {
        if (!et->target->has[SHIM_FN_SQLSetEnvAttr])
            continue;
        SQLRETURN r = et->target->api.SQLSetEnvAttr(et->handle, Attribute, Value, StringLength);
        if (SQL_SUCCEEDED(result) && r != SQL_SUCCESS) {
            result = r;
            shim_env_speaks_for(env, et);
        }
    }
    return result;
}

SQLRETURN SQL_API SQLGetEnvAttr(SQLHENV EnvironmentHandle, SQLINTEGER Attribute, SQLPOINTER Value,
                                SQLINTEGER BufferLength, SQLINTEGER *StringLength)
{
    struct shim_env *env = shim_env_of(EnvironmentHandle);
    if (!env)
        return SQL_INVALID_HANDLE;
    shim_diagnostics_clear(&env->h);
    const struct shim_env_target *et = shim_env_next(env, NULL);
    if (et && et->target->has[SHIM_FN_SQLGetEnvAttr])
        return et->target->api.SQLGetEnvAttr(et->handle, Attribute, Value, BufferLength,
                                             StringLength);
    const struct shim_attribute *kept = shim_attribute_find(env->attributes, Attribute);
    if (!kept && Attribute != SQL_ATTR_ODBC_VERSION)
        return shim_diagnose(&env->h, "HYC00", "attribute %d was not set", (int)Attribute);
    if (Attribute == SQL_ATTR_ODBC_VERSION)
        env->version_promised = true;
    if (Value)
        *(SQLINTEGER *)Value = kept ? (SQLINTEGER)(SQLLEN)kept->value : env->odbc_version;
    if (StringLength)
        *StringLength = sizeof(SQLINTEGER);
    return SQL_SUCCESS;
}

/* ---- what the attributes of a connection tell ------------------------------------------------ */

/* The answer to SQL_ATTR_CONNECTION_DEAD. A driver that refuses to answer is asked by up to four
   functions in turn before the driver manager hands the connection out all the same: that is one
   checkout, told by the first refusal; a repetition of it begins the next. */
static void probe_answered(struct shim_dbc *dbc, enum shim_function fn, SQLRETURN r,
                           const SQLUINTEGER *answer)
{
    bool again = dbc->probe_failed && dbc->probe_failed != fn;
    bool answered = SQL_SUCCEEDED(r) && answer;
    if (answered && *answer == SQL_CD_TRUE)
        shim_connection_event(dbc->counted, SHIM_EVENT_PROBED_DEAD);
    else if (!again)
        shim_connection_event(dbc->counted, SHIM_EVENT_PROBED_ALIVE);
    if (answered)
        dbc->probe_failed = 0;
    else if (!again)
        dbc->probe_failed = fn;
}

/* What the target answered to a question or a setting of the driver manager's own is no error of
   the application, whatever it is. */
static SQLRETURN managers_own(struct shim_dbc *dbc, SQLRETURN r)
{
    dbc->h.error_counted = true;
    return r;
}

/* An attribute of an open connection was set. */
static SQLRETURN was_set(struct shim_dbc *dbc, SQLINTEGER attribute, SQLPOINTER value, SQLRETURN r)
{
    if (attribute == SQL_ATTR_RESET_CONNECTION) {
        shim_connection_event(dbc->counted, SHIM_EVENT_RESET); /* even if the driver refuses it */
    } else if (attribute == SQL_ATTR_AUTOCOMMIT && SQL_SUCCEEDED(r)) {
        shim_connection_event(dbc->counted, (SQLULEN)value == SQL_AUTOCOMMIT_OFF
                                                ? SHIM_EVENT_AUTOCOMMIT_OFF
                                                : SHIM_EVENT_AUTOCOMMIT_ON);
    }
    return attribute == SQL_ATTR_RESET_CONNECTION ? managers_own(dbc, r)
                                                  : shim_returned(&dbc->h, r);
}

/* The call by which an attribute was asked for. */
struct question {
    enum shim_function fn;
    SQLINTEGER attribute;
    bool bare; /* for an integer, and without a length: as the driver manager's pool asks */
    const void *caller; /* the code that asked */
};

static SQLRETURN was_got(struct shim_dbc *dbc, struct question q, const void *value, SQLRETURN r)
{
    if (q.attribute != SQL_ATTR_CONNECTION_DEAD)
        return shim_returned(&dbc->h, r);
    const SQLUINTEGER *answer = value;
    if (q.bare && !shim_asked_by_application(q.caller)) {
        probe_answered(dbc, q.fn, r, answer);
        return managers_own(dbc, r);
    }
    if (SQL_SUCCEEDED(r) && answer)
        shim_connection_event(dbc->counted, *answer == SQL_CD_TRUE ? SHIM_EVENT_PROBED_DEAD
                                                                   : SHIM_EVENT_ASKED_ALIVE);
    return shim_returned(&dbc->h, r);
}

/* ---- connections ---------------------------------------------------------------------------- */

/* The copy of a text or of bytes, as a driver would give it; a text of the other width unit for
   unit. */
static SQLRETURN put_kept(struct shim_dbc *dbc, const struct shim_attribute *kept, void *value,
                          SQLINTEGER size, SQLINTEGER *length, bool wide)
{
    bool text = kept->length == SQL_NTS || kept->length > 0;
    size_t from = text && kept->wide ? sizeof(SQLWCHAR) : 1;
    size_t to = text && wide ? sizeof(SQLWCHAR) : 1;
    size_t n = kept->bytes / from - (kept->length == SQL_NTS);
    size_t room = value && size > 0 ? (size_t)size / to : 0;
    size_t fits = n + text <= room ? n : room ? room - text : 0;
    for (size_t i = 0; i < fits + text && room; i++) {
        SQLWCHAR unit = i == fits  ? 0
                        : from > 1 ? ((const SQLWCHAR *)kept->value)[i]
                                   : ((const SQLCHAR *)kept->value)[i];
        if (to > 1)
            ((SQLWCHAR *)value)[i] = unit;
        else
            ((SQLCHAR *)value)[i] = (SQLCHAR)unit;
    }
    if (length)
        *length = (SQLINTEGER)(n * to);
    if (!value || fits == n)
        return SQL_SUCCESS;
    shim_diagnose(&dbc->h, "01004", "the value is longer than the buffer for it");
    return SQL_SUCCESS_WITH_INFO;
}

/* What was set before there was a target. */
static SQLRETURN get_kept(struct shim_dbc *dbc, SQLINTEGER attribute, SQLPOINTER value,
                          SQLINTEGER size, SQLINTEGER *length, bool wide)
{
    const struct shim_attribute *kept = shim_attribute_find(dbc->attributes, attribute);
    if (!kept)
        return shim_diagnose(&dbc->h, "08003", "the connection is not open");
    if (kept->bytes)
        return put_kept(dbc, kept, value, size, length, wide);
    if (value && (attribute == SQL_ATTR_QUIET_MODE || kept->length == SQL_IS_POINTER))
        memcpy(value, &kept->value, sizeof kept->value);
    else if (value)
        *(SQLUINTEGER *)value = (SQLUINTEGER)(SQLULEN)kept->value;
    return SQL_SUCCESS;
}

/* Begins SQLSetConnectAttr of either width: true if the target is to be asked, else *r is final. */
static bool begin_set(struct shim_dbc *dbc, SQLINTEGER attribute, SQLPOINTER value,
                      SQLINTEGER length, bool wide, SQLRETURN *r)
{
    shim_diagnostics_clear(&dbc->h);
    *r = SQL_SUCCESS;
    if (!dbc->connected && !shim_attribute_keep(&dbc->attributes, attribute, value, length, wide)) {
        *r = shim_diagnose(&dbc->h, "HY001", "memory is out");
        return false;
    }
    return dbc->h.api != &shim_api_absent;
}

#define SET_CONNECT_ATTR(set, WIDE)                                                                \
    SQLRETURN SQL_API set(SQLHDBC ConnectionHandle, SQLINTEGER Attribute, SQLPOINTER Value,        \
                          SQLINTEGER StringLength)                                                 \
    {                                                                                              \
        SQLRETURN r;                                                                               \
        struct shim_dbc *dbc = shim_dbc_of(ConnectionHandle);                                      \
        if (!dbc)                                                                                  \
            return SQL_INVALID_HANDLE;                                                             \
        if (!begin_set(dbc, Attribute, Value, StringLength, WIDE, &r))                             \
            return r;                                                                              \
        r = dbc->h.api->set(dbc->h.target, Attribute, Value, StringLength);                        \
        return dbc->connected ? was_set(dbc, Attribute, Value, r) : r;                             \
    }

#define QUESTION(get, ATTRIBUTE, SIZE, LENGTH)                                                     \
    ((struct question){SHIM_FN_##get, ATTRIBUTE, (SIZE) == SQL_IS_INTEGER && !(LENGTH),            \
                       __builtin_return_address(0)})

#define GET_CONNECT_ATTR(get, WIDE)                                                                \
    SQLRETURN SQL_API get(SQLHDBC ConnectionHandle, SQLINTEGER Attribute, SQLPOINTER Value,        \
                          SQLINTEGER BufferLength, SQLINTEGER *StringLength)                       \
    {                                                                                              \
        struct shim_dbc *dbc = shim_dbc_of(ConnectionHandle);                                      \
        if (!dbc)                                                                                  \
            return SQL_INVALID_HANDLE;                                                             \
        shim_diagnostics_clear(&dbc->h);                                                           \
        if (dbc->h.api == &shim_api_absent)                                                        \
            return get_kept(dbc, Attribute, Value, BufferLength, StringLength, WIDE);              \
        SQLRETURN r =                                                                              \
            dbc->h.api->get(dbc->h.target, Attribute, Value, BufferLength, StringLength);          \
        return was_got(dbc, QUESTION(get, Attribute, BufferLength, StringLength), Value, r);       \
    }

SET_CONNECT_ATTR(SQLSetConnectAttr, false)
GET_CONNECT_ATTR(SQLGetConnectAttr, false)

/* The options of ODBC 2 (SQLSetConnectOption and its kind) are attributes by another name; the
   value's kind follows from the option, and a text is terminated. */
static SQLINTEGER option_length(SQLUSMALLINT option)
{
    return option == SQL_ATTR_CURRENT_CATALOG || option == SQL_ATTR_TRACEFILE ||
                   option == SQL_ATTR_TRANSLATE_LIB
               ? SQL_NTS
               : 0;
}

#define SET_CONNECT_OPTION(set, successor, WIDE)                                                   \
    SQLRETURN SQL_API set(SQLHDBC ConnectionHandle, SQLUSMALLINT Option, SQLULEN Value)            \
    {                                                                                              \
        SQLRETURN r;                                                                               \
        struct shim_dbc *dbc = shim_dbc_of(ConnectionHandle);                                      \
        SQLPOINTER value = (SQLPOINTER)Value;                                                      \
        SQLINTEGER length = option_length(Option);                                                 \
        if (!dbc)                                                                                  \
            return SQL_INVALID_HANDLE;                                                             \
        if (!begin_set(dbc, Option, value, length, WIDE, &r))                                      \
            return r;                                                                              \
        r = shim_target_has(dbc->h.api, SHIM_FN_##set)                                             \
                ? dbc->h.api->set(dbc->h.target, Option, Value)                                    \
                : dbc->h.api->successor(dbc->h.target, Option, value, length);                     \
        return dbc->connected ? was_set(dbc, Option, value, r) : r;                                \
    }

#define GET_CONNECT_OPTION(get, successor, WIDE)                                                   \
    SQLRETURN SQL_API get(SQLHDBC ConnectionHandle, SQLUSMALLINT Option, SQLPOINTER Value)         \
    {                                                                                              \
        struct shim_dbc *dbc = shim_dbc_of(ConnectionHandle);                                      \
        SQLINTEGER size = option_length(Option) ? SQL_MAX_OPTION_STRING_LENGTH : 0;                \
        if (!dbc)                                                                                  \
            return SQL_INVALID_HANDLE;                                                             \
        shim_diagnostics_clear(&dbc->h);                                                           \
        if (dbc->h.api == &shim_api_absent)                                                        \
            return get_kept(dbc, Option, Value, size, NULL, WIDE);                                 \
        SQLRETURN r = shim_target_has(dbc->h.api, SHIM_FN_##get)                                   \
                          ? dbc->h.api->get(dbc->h.target, Option, Value)                          \
                          : dbc->h.api->successor(dbc->h.target, Option, Value, size, NULL);       \
        return was_got(dbc, QUESTION(get, Option, SQL_IS_INTEGER, NULL), Value, r);                \
    }

SET_CONNECT_OPTION(SQLSetConnectOption, SQLSetConnectAttr, false)
GET_CONNECT_OPTION(SQLGetConnectOption, SQLGetConnectAttr, false)

#if SHIM_WIDE
SET_CONNECT_ATTR(SQLSetConnectAttrW, true)
GET_CONNECT_ATTR(SQLGetConnectAttrW, true)
SET_CONNECT_OPTION(SQLSetConnectOptionW, SQLSetConnectAttrW, true)
GET_CONNECT_OPTION(SQLGetConnectOptionW, SQLGetConnectAttrW, true)
#endif
