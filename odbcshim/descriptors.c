/* SPDX-License-Identifier: MIT */
/*
 * Where descriptor handles pass through: the four attributes of a statement whose values are
 * descriptors, and SQLCopyDesc. Between descriptors of two targets neither of which could copy, the
 * fields are copied one by one, as the driver manager does between two drivers.
 */
#include "odbcshim/diagnostics.h"

#include <string.h>

/* SQL_ATTR_APP_ROW_DESC, SQL_ATTR_APP_PARAM_DESC, SQL_ATTR_IMP_ROW_DESC, SQL_ATTR_IMP_PARAM_DESC */
static bool is_descriptor(SQLINTEGER attribute)
{
    return attribute >= SQL_ATTR_APP_ROW_DESC && attribute < SQL_ATTR_APP_ROW_DESC + SHIM_IMPLICIT;
}

/* What the target is to be given for a value of the application. */
static SQLPOINTER value_for_target(SQLINTEGER attribute, SQLPOINTER value)
{
    struct shim_desc *desc = is_descriptor(attribute) ? shim_desc_of(value) : NULL;
    return desc ? desc->h.target : value;
}

/* The target's descriptor in the application's buffer is exchanged for ours. */
static void exchange_answer(struct shim_stmt *stmt, SQLINTEGER attribute, SQLPOINTER value)
{
    SQLHDESC *handle = value;
    if (is_descriptor(attribute) && handle && *handle)
        *handle = shim_stmt_descriptor(stmt, (size_t)(attribute - SQL_ATTR_APP_ROW_DESC), *handle);
}

#define SET_STMT_ATTR(set)                                                                         \
    SQLRETURN SQL_API set(SQLHSTMT StatementHandle, SQLINTEGER Attribute, SQLPOINTER Value,        \
                          SQLINTEGER StringLength)                                                 \
    {                                                                                              \
        struct shim_stmt *stmt = shim_stmt_of(StatementHandle);                                    \
        if (!stmt)                                                                                 \
            return SQL_INVALID_HANDLE;                                                             \
        return shim_returned(&stmt->h,                                                             \
                             stmt->h.api->set(stmt->h.target, Attribute,                           \
                                              value_for_target(Attribute, Value), StringLength));  \
    }

#define GET_STMT_ATTR(get)                                                                         \
    SQLRETURN SQL_API get(SQLHSTMT StatementHandle, SQLINTEGER Attribute, SQLPOINTER Value,        \
                          SQLINTEGER BufferLength, SQLINTEGER *StringLength)                       \
    {                                                                                              \
        struct shim_stmt *stmt = shim_stmt_of(StatementHandle);                                    \
        if (!stmt)                                                                                 \
            return SQL_INVALID_HANDLE;                                                             \
        SQLRETURN r =                                                                              \
            stmt->h.api->get(stmt->h.target, Attribute, Value, BufferLength, StringLength);        \
        if (SQL_SUCCEEDED(r))                                                                      \
            exchange_answer(stmt, Attribute, Value);                                               \
        return shim_returned(&stmt->h, r);                                                         \
    }

SET_STMT_ATTR(SQLSetStmtAttr)
GET_STMT_ATTR(SQLGetStmtAttr)
#if SHIM_WIDE
SET_STMT_ATTR(SQLSetStmtAttrW)
GET_STMT_ATTR(SQLGetStmtAttrW)
#endif

/* ---- SQLCopyDesc ----------------------------------------------------------------------------- */

/* How a field's value is held (ODBC Programmer's Reference, SQLSetDescField). */
enum width { SMALL, INTEGER, LENGTH, POINTER };

struct field {
    SQLSMALLINT identifier;
    enum width width;
};

/* What an application can set; the order is that in which the fields of a record may be set, those
   that reset others first, the data pointer last, for it has the record checked. */
static const struct field header_fields[] = {
    {SQL_DESC_ARRAY_SIZE, LENGTH},          {SQL_DESC_ARRAY_STATUS_PTR, POINTER},
    {SQL_DESC_BIND_OFFSET_PTR, POINTER},    {SQL_DESC_BIND_TYPE, INTEGER},
    {SQL_DESC_ROWS_PROCESSED_PTR, POINTER}, {SQL_DESC_COUNT, SMALL},
};
static const struct field record_fields[] = {
    {SQL_DESC_TYPE, SMALL},
    {SQL_DESC_CONCISE_TYPE, SMALL},
    {SQL_DESC_DATETIME_INTERVAL_CODE, SMALL},
    {SQL_DESC_DATETIME_INTERVAL_PRECISION, INTEGER},
    {SQL_DESC_LENGTH, LENGTH},
    {SQL_DESC_PRECISION, SMALL},
    {SQL_DESC_SCALE, SMALL},
    {SQL_DESC_NUM_PREC_RADIX, INTEGER},
    {SQL_DESC_OCTET_LENGTH, LENGTH},
    {SQL_DESC_OCTET_LENGTH_PTR, POINTER},
    {SQL_DESC_INDICATOR_PTR, POINTER},
    {SQL_DESC_DATA_PTR, POINTER},
};

/* A field's value as SQLSetDescField takes it. */
static SQLPOINTER as_argument(const void *value, enum width width)
{
    SQLSMALLINT small;
    SQLINTEGER integer;
    SQLLEN length;
    SQLPOINTER pointer;
    switch (width) {
    case SMALL:
        memcpy(&small, value, sizeof small);
        return (SQLPOINTER)(SQLLEN)small;
    case INTEGER:
        memcpy(&integer, value, sizeof integer);
        return (SQLPOINTER)(SQLLEN)integer;
    case LENGTH:
        memcpy(&length, value, sizeof length);
        return (SQLPOINTER)length;
    default:
        memcpy(&pointer, value, sizeof pointer);
        return pointer;
    }
}

/* Copies fields of a record; one that the source does not have is passed over. */
static SQLRETURN copy_fields(struct shim_desc *from, struct shim_desc *to, SQLSMALLINT record,
                             const struct field *fields, size_t n)
{
    static const SQLINTEGER kinds[] = {SQL_IS_SMALLINT, SQL_IS_INTEGER, SQL_IS_INTEGER,
                                       SQL_IS_POINTER};
    for (size_t i = 0; i < n; i++) {
        SQLLEN value = 0;
        SQLSMALLINT id = fields[i].identifier;
        if (!SQL_SUCCEEDED(from->h.api->SQLGetDescField(from->h.target, record, id, &value,
                                                        sizeof value, NULL)))
            continue;
        SQLRETURN r = to->h.api->SQLSetDescField(
            to->h.target, record, id, as_argument(&value, fields[i].width), kinds[fields[i].width]);
        if (!SQL_SUCCEEDED(r))
            return r;
    }
    return SQL_SUCCESS;
}

static SQLRETURN copy_across(struct shim_desc *from, struct shim_desc *to)
{
    SQLSMALLINT count = 0;
    SQLRETURN r =
        copy_fields(from, to, 0, header_fields, sizeof header_fields / sizeof *header_fields);
    from->h.api->SQLGetDescField(from->h.target, 0, SQL_DESC_COUNT, &count, sizeof count, NULL);
    for (SQLSMALLINT record = 1; record <= count && SQL_SUCCEEDED(r); record++)
        r = copy_fields(from, to, record, record_fields,
                        sizeof record_fields / sizeof *record_fields);
    return r;
}

SQLRETURN SQL_API SQLCopyDesc(SQLHDESC SourceDescHandle, SQLHDESC TargetDescHandle)
{
    struct shim_desc *from = shim_desc_of(SourceDescHandle);
    struct shim_desc *to = shim_desc_of(TargetDescHandle);
    if (!from || !to)
        return SQL_INVALID_HANDLE;
    shim_diagnostics_clear(&to->h);
    if (from->h.api != to->h.api)
        return shim_returned(&to->h, copy_across(from, to));
    if (!shim_target_has(from->h.api, SHIM_FN_SQLCopyDesc))
        return shim_absent_on(&to->h);
    return shim_returned(&to->h, from->h.api->SQLCopyDesc(from->h.target, to->h.target));
}
