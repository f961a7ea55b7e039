/* SPDX-License-Identifier: MIT */
/*
 * What the fake does of itself in the functions that make, free and connect handles, keep
 * attributes and end transactions: as much of a driver as an application and the driver manager
 * need to get on. All other functions succeed and do nothing.
 */
#include "tests/fake/inside.h"

#include <stdlib.h>
#include <string.h>

SQLRETURN fake_fail(struct fake_handle *h, const char *state, const char *text)
{
    h->records[0] = (struct fake_record){state, 42, text};
    h->first = 0;
    h->count = 1;
    return SQL_ERROR;
}

/* ---- making and freeing ---------------------------------------------------------------------- */

static SQLRETURN make(struct fake_handle *parent, SQLSMALLINT type, uintptr_t output)
{
    if (type > SQL_HANDLE_DBC && !parent->connected)
        return fake_fail(parent, "08003", "the connection is not open");
    *(SQLHANDLE *)output = fake_handle_new(type, parent);
    return SQL_SUCCESS;
}

static SQLRETURN alloc_handle(enum shim_function fn, struct fake_handle *h, const uintptr_t *words)
{
    (void)fn;
    return make(h, (SQLSMALLINT)words[0], words[2]);
}

static SQLRETURN alloc_old(enum shim_function fn, struct fake_handle *h, const uintptr_t *words)
{
    if (fn == SHIM_FN_SQLAllocEnv)
        return make(NULL, SQL_HANDLE_ENV, words[0]);
    return make(h, fn == SHIM_FN_SQLAllocConnect ? SQL_HANDLE_DBC : SQL_HANDLE_STMT, words[1]);
}

static SQLRETURN free_any(enum shim_function fn, struct fake_handle *h, const uintptr_t *words)
{
    if (fn == SHIM_FN_SQLFreeStmt && (SQLUSMALLINT)words[1] != SQL_DROP)
        return SQL_SUCCESS;
    if (h->connected || (h->type == SQL_HANDLE_ENV && fake_handle_has_children(h, SQL_HANDLE_DBC)))
        return fake_fail(h, "HY010", "it is in use");
    if (h->implicit)
        return fake_fail(h, "HY017", "the descriptor is a part of its statement");
    fake_handle_kill(h);
    return SQL_SUCCESS;
}

/* ---- attributes ------------------------------------------------------------------------------ */

static void keep(struct fake_handle *h, SQLINTEGER attribute, uintptr_t value)
{
    size_t i = 0;
    while (i < h->attribute_count && h->attributes[i].attribute != attribute)
        i++;
    if (i == FAKE_ATTRIBUTES)
        abort();
    h->attributes[i].attribute = attribute;
    h->attributes[i].value = value;
    if (i == h->attribute_count)
        h->attribute_count++;
}

static bool kept(const struct fake_handle *h, SQLINTEGER attribute, uintptr_t *value)
{
    for (size_t i = 0; i < h->attribute_count; i++) {
        if (h->attributes[i].attribute == attribute) {
            *value = h->attributes[i].value;
            return true;
        }
    }
    return false;
}

static bool manual_commit(const struct fake_handle *dbc)
{
    uintptr_t value = SQL_AUTOCOMMIT_ON;
    return kept(dbc, SQL_ATTR_AUTOCOMMIT, &value) && value == SQL_AUTOCOMMIT_OFF;
}

/* SQLSetEnvAttr, SQLSetConnectAttr, SQLSetConnectOption, SQLSetStmtAttr, SQLSetStmtOption */
static SQLRETURN set_attribute(enum shim_function fn, struct fake_handle *h, const uintptr_t *words)
{
    (void)fn;
    SQLINTEGER attribute = (SQLINTEGER)words[1];
    if (h->type == SQL_HANDLE_DBC && attribute == SQL_ATTR_AUTOCOMMIT &&
        words[2] == SQL_AUTOCOMMIT_ON)
        h->transaction = false;
    if (h->type == SQL_HANDLE_STMT && attribute >= SQL_ATTR_APP_ROW_DESC &&
        attribute <= SQL_ATTR_APP_PARAM_DESC) {
        size_t i = (size_t)(attribute - SQL_ATTR_APP_ROW_DESC);
        h->descriptors[i] = words[2] ? fake_handle_of(SQL_HANDLE_DESC, words[2]) : h->implicits[i];
        return SQL_SUCCESS;
    }
    if (h->type == SQL_HANDLE_STMT &&
        (attribute == SQL_ATTR_IMP_ROW_DESC || attribute == SQL_ATTR_IMP_PARAM_DESC))
        return fake_fail(h, "HY017", "an implementation descriptor is not set");
    keep(h, attribute, words[2]);
    return SQL_SUCCESS;
}

static SQLRETURN get_attribute(enum shim_function fn, struct fake_handle *h, const uintptr_t *words)
{
    (void)fn;
    SQLINTEGER attribute = (SQLINTEGER)words[1];
    uintptr_t value = attribute == SQL_ATTR_ODBC_VERSION ? SQL_OV_ODBC2 : 0;
    if (h->type == SQL_HANDLE_DBC && attribute == SQL_ATTR_CONNECTION_DEAD) {
        if (fake_switches.dead_refused)
            return fake_fail(h, "HYC00", "who knows");
        *(SQLUINTEGER *)words[2] = fake_switches.dead;
        return SQL_SUCCESS;
    }
    if (h->type == SQL_HANDLE_STMT && attribute >= SQL_ATTR_APP_ROW_DESC &&
        attribute <= SQL_ATTR_IMP_PARAM_DESC) {
        *(SQLHANDLE *)words[2] = h->descriptors[attribute - SQL_ATTR_APP_ROW_DESC];
        return SQL_SUCCESS;
    }
    (void)kept(h, attribute, &value);
    if (!words[2])
        return SQL_SUCCESS;
    if (h->type == SQL_HANDLE_STMT || attribute == FAKE_ATTR_POINTER)
        *(SQLULEN *)words[2] = value;
    else
        *(SQLUINTEGER *)words[2] = (SQLUINTEGER)value;
    return SQL_SUCCESS;
}

/* ---- connecting ------------------------------------------------------------------------------ */

/* The completed string: what came in, and a key of the driver's own. */
static SQLRETURN complete(enum shim_function fn, struct fake_handle *h, const uintptr_t *words)
{
    bool wide = fake_is_wide(fn);
    const void *in = (const void *)words[0];
    SQLSMALLINT units = (SQLSMALLINT)words[1], *told = (SQLSMALLINT *)words[4];
    char text[4096];
    size_t n = 0;
    SQLINTEGER length;
    while (in && n < sizeof text - 16 && (units == SQL_NTS || n < (size_t)units)) {
        unsigned c = wide ? ((const SQLWCHAR *)in)[n] : ((const SQLCHAR *)in)[n];
        if (units == SQL_NTS && !c)
            break;
        text[n++] = (char)c;
    }
    strcpy(text + n, n && text[n - 1] != ';' ? ";FAKE=yes" : "FAKE=yes");
    SQLRETURN r = fake_put_text(fake_switches.completed ? fake_switches.completed : text,
                                (void *)words[2], (SQLSMALLINT)words[3], wide, &length);
    if (told)
        *told = (SQLSMALLINT)length;
    if (r == SQL_SUCCESS_WITH_INFO)
        fake_fail(h, "01004", "the buffer is too small");
    return r;
}

static SQLRETURN connect_dsn(enum shim_function fn, struct fake_handle *h, const uintptr_t *words)
{
    (void)fn, (void)words;
    if (h->connected)
        return fake_fail(h, "08002", "the connection is open");
    h->connected = true;
    return SQL_SUCCESS;
}

static SQLRETURN connect_string(enum shim_function fn, struct fake_handle *h,
                                const uintptr_t *words)
{
    if (h->connected)
        return fake_fail(h, "08002", "the connection is open");
    h->connected = true;
    return complete(fn, h, words + 2);
}

static SQLRETURN browse(enum shim_function fn, struct fake_handle *h, const uintptr_t *words)
{
    if (h->connected)
        return fake_fail(h, "08002", "the connection is open");
    if (h->rounds++ < fake_switches.rounds) {
        SQLINTEGER length;
        SQLSMALLINT *told = (SQLSMALLINT *)words[5];
        fake_put_text("UID:User={Ann,Bob};*PWD:Password=?", (void *)words[3], (SQLSMALLINT)words[4],
                      fake_is_wide(fn), &length);
        if (told)
            *told = (SQLSMALLINT)length;
        return SQL_NEED_DATA;
    }
    h->rounds = 0;
    h->connected = true;
    return complete(fn, h, words + 1);
}

static SQLRETURN disconnect(enum shim_function fn, struct fake_handle *h, const uintptr_t *words)
{
    (void)fn, (void)words;
    if (h->rounds && !h->connected) {
        h->rounds = 0;
        return SQL_SUCCESS;
    }
    if (!h->connected)
        return fake_fail(h, "08003", "the connection is not open");
    if (h->transaction)
        return fake_fail(h, "25000", "a transaction is open");
    bool was = h->dead;
    fake_handle_kill(h);
    h->dead = was;
    h->connected = false;
    return SQL_SUCCESS;
}

/* ---- transactions ---------------------------------------------------------------------------- */

static void end_below(struct fake_handle *h, void *environment)
{
    if (h->type == SQL_HANDLE_DBC && (h == environment || h->parent == environment))
        h->transaction = false;
}

static SQLRETURN end_transaction(enum shim_function fn, struct fake_handle *h,
                                 const uintptr_t *words)
{
    (void)fn, (void)words;
    fake_handle_each(end_below, h);
    return SQL_SUCCESS;
}

static SQLRETURN execute(enum shim_function fn, struct fake_handle *h, const uintptr_t *words)
{
    (void)fn, (void)words;
    h->parent->transaction = manual_commit(h->parent);
    return SQL_SUCCESS;
}

/* ---- what it says of itself ------------------------------------------------------------------ */

/* It claims every function: what it does not export somebody else has to see. */
static SQLRETURN get_functions(enum shim_function fn, struct fake_handle *h, const uintptr_t *words)
{
    (void)fn, (void)h;
    SQLUSMALLINT *supported = (SQLUSMALLINT *)words[2];
    SQLUSMALLINT asked = (SQLUSMALLINT)words[1];
    if (asked == SQL_API_ODBC3_ALL_FUNCTIONS) {
        memset(supported, 0xff, SQL_API_ODBC3_ALL_FUNCTIONS_SIZE * sizeof *supported);
        return SQL_SUCCESS;
    }
    for (size_t i = 0; i < (asked == SQL_API_ALL_FUNCTIONS ? 100 : 1); i++)
        supported[i] = SQL_TRUE;
    return SQL_SUCCESS;
}

static SQLRETURN get_info(enum shim_function fn, struct fake_handle *h, const uintptr_t *words)
{
    (void)h;
    bool wide = fake_is_wide(fn);
    SQLINTEGER length, unit = wide ? (SQLINTEGER)sizeof(SQLWCHAR) : 1;
    SQLSMALLINT *told = (SQLSMALLINT *)words[4];
    const char *text;
    switch ((SQLUSMALLINT)words[1]) {
    case SQL_DRIVER_NAME:
    case SQL_DBMS_NAME:
        text = "fake";
        break;
    case SQL_DRIVER_ODBC_VER:
        text = "03.80";
        break;
    default:
        *(SQLUSMALLINT *)words[2] = 1;
        return SQL_SUCCESS;
    }
    SQLRETURN r =
        fake_put_text(text, (void *)words[2], (SQLSMALLINT)words[3] / unit, wide, &length);
    if (told)
        *told = (SQLSMALLINT)(length * unit);
    return r;
}

/* Texts of an answer: none is left as it was, for whoever reads it. */
static SQLRETURN native_sql(enum shim_function fn, struct fake_handle *h, const uintptr_t *words)
{
    SQLINTEGER length, *told = (SQLINTEGER *)words[5];
    (void)h;
    SQLRETURN r =
        fake_put_text("native", (void *)words[3], (SQLINTEGER)words[4], fake_is_wide(fn), &length);
    if (told)
        *told = length;
    return r;
}

static SQLRETURN describe(enum shim_function fn, struct fake_handle *h, const uintptr_t *words)
{
    SQLINTEGER length;
    SQLSMALLINT *told = (SQLSMALLINT *)words[4];
    (void)h;
    SQLRETURN r =
        fake_put_text("column", (void *)words[2], (SQLSMALLINT)words[3], fake_is_wide(fn), &length);
    if (told)
        *told = (SQLSMALLINT)length;
    return r;
}

/* Every field is 0, in as many bytes as it has. */
static SQLRETURN get_field(enum shim_function fn, struct fake_handle *h, const uintptr_t *words)
{
    void *value = (void *)words[3];
    (void)fn, (void)h;
    if (!value)
        return SQL_SUCCESS;
    switch ((SQLSMALLINT)words[2]) {
    case SQL_DESC_ARRAY_SIZE:
    case SQL_DESC_ARRAY_STATUS_PTR:
    case SQL_DESC_BIND_OFFSET_PTR:
    case SQL_DESC_ROWS_PROCESSED_PTR:
    case SQL_DESC_DATA_PTR:
    case SQL_DESC_INDICATOR_PTR:
    case SQL_DESC_OCTET_LENGTH_PTR:
    case SQL_DESC_LENGTH:
    case SQL_DESC_OCTET_LENGTH:
        memset(value, 0, sizeof(SQLULEN)); /* the driver manager's own may lie anywhere */
        break;
    case SQL_DESC_BIND_TYPE:
    case SQL_DESC_DATETIME_INTERVAL_PRECISION:
    case SQL_DESC_NUM_PREC_RADIX:
        memset(value, 0, sizeof(SQLINTEGER));
        break;
    default:
        memset(value, 0, sizeof(SQLSMALLINT));
    }
    return SQL_SUCCESS;
}

#define BOTH(name, behaviour) [SHIM_FN_##name] = behaviour, [SHIM_FN_##name##W] = behaviour

fake_behaviour *const fake_behaviours[SHIM_FUNCTIONS] = {
    [SHIM_FN_SQLAllocConnect] = alloc_old,
    [SHIM_FN_SQLAllocEnv] = alloc_old,
    [SHIM_FN_SQLAllocHandle] = alloc_handle,
    [SHIM_FN_SQLAllocHandleStd] = alloc_handle,
    [SHIM_FN_SQLAllocStmt] = alloc_old,
    BOTH(SQLBrowseConnect, browse),
    BOTH(SQLConnect, connect_dsn),
    BOTH(SQLDescribeCol, describe),
    [SHIM_FN_SQLDisconnect] = disconnect,
    BOTH(SQLDriverConnect, connect_string),
    [SHIM_FN_SQLEndTran] = end_transaction,
    BOTH(SQLError, fake_next_record),
    BOTH(SQLExecDirect, execute),
    [SHIM_FN_SQLExecute] = execute,
    [SHIM_FN_SQLFreeConnect] = free_any,
    [SHIM_FN_SQLFreeEnv] = free_any,
    [SHIM_FN_SQLFreeHandle] = free_any,
    [SHIM_FN_SQLFreeStmt] = free_any,
    BOTH(SQLGetConnectAttr, get_attribute),
    BOTH(SQLGetConnectOption, get_attribute),
    BOTH(SQLGetDescField, get_field),
    BOTH(SQLGetDiagField, fake_get_field),
    BOTH(SQLGetDiagRec, fake_get_record),
    [SHIM_FN_SQLGetEnvAttr] = get_attribute,
    [SHIM_FN_SQLGetFunctions] = get_functions,
    BOTH(SQLGetInfo, get_info),
    BOTH(SQLGetStmtAttr, get_attribute),
    [SHIM_FN_SQLGetStmtOption] = get_attribute,
    BOTH(SQLNativeSql, native_sql),
    BOTH(SQLSetConnectAttr, set_attribute),
    BOTH(SQLSetConnectOption, set_attribute),
    [SHIM_FN_SQLSetEnvAttr] = set_attribute,
    BOTH(SQLSetStmtAttr, set_attribute),
    [SHIM_FN_SQLSetStmtOption] = set_attribute,
    [SHIM_FN_SQLTransact] = end_transaction,
};
