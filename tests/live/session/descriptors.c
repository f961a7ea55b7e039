/* SPDX-License-Identifier: MIT */
/*
 * Descriptors: the four of a statement, those that the application makes, set, shared, copied and
 * freed while set.
 */
#include "tests/live/session/sections.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Every descriptor handle is printed as the name it got when it was first seen. */
struct named {
    const char *name;
    SQLHDESC handle;
};

static struct named known[32];
static size_t known_count;

static void know(const char *name, SQLHDESC handle)
{
    if (known_count < COUNT(known))
        known[known_count++] = (struct named){name, handle};
}

static const char *name_of(SQLHDESC handle)
{
    for (size_t i = 0; i < known_count; i++)
        if (known[i].handle == handle)
            return known[i].name;
    return handle ? "another" : "none";
}

static const char *const implicit_names[] = {"ARD", "APD", "IRD", "IPD"};

static SQLHDESC descriptor_of(SQLHSTMT stmt, int which)
{
    SQLHDESC desc = SQL_NULL_HDESC;
    SQLINTEGER length = -7;
    STMT_TEXT(SQLGetStmtAttr, stmt, SQL_ATTR_APP_ROW_DESC + which, &desc, SQL_IS_POINTER, &length);
    say_number("length", length);
    return desc;
}

/* Says which descriptors the statement has. */
static void show_descriptors(SQLHSTMT stmt)
{
    for (int which = 0; which < 4; which++)
        printf("    %s is %s\n", implicit_names[which], name_of(descriptor_of(stmt, which)));
}

static const SQLSMALLINT header_fields[] = {
    SQL_DESC_ALLOC_TYPE,
    SQL_DESC_ARRAY_SIZE,
    SQL_DESC_BIND_TYPE,
    SQL_DESC_COUNT,
};

static const SQLSMALLINT record_texts[] = {
    SQL_DESC_BASE_COLUMN_NAME, SQL_DESC_BASE_TABLE_NAME, SQL_DESC_CATALOG_NAME,    SQL_DESC_LABEL,
    SQL_DESC_LITERAL_PREFIX,   SQL_DESC_LITERAL_SUFFIX,  SQL_DESC_LOCAL_TYPE_NAME, SQL_DESC_NAME,
    SQL_DESC_SCHEMA_NAME,      SQL_DESC_TABLE_NAME,      SQL_DESC_TYPE_NAME,
};

static const SQLSMALLINT record_numbers[] = {
    SQL_DESC_AUTO_UNIQUE_VALUE,
    SQL_DESC_CASE_SENSITIVE,
    SQL_DESC_CONCISE_TYPE,
    SQL_DESC_DATETIME_INTERVAL_CODE,
    SQL_DESC_DISPLAY_SIZE,
    SQL_DESC_FIXED_PREC_SCALE,
    SQL_DESC_LENGTH,
    SQL_DESC_NULLABLE,
    SQL_DESC_NUM_PREC_RADIX,
    SQL_DESC_OCTET_LENGTH,
    SQL_DESC_PARAMETER_TYPE,
    SQL_DESC_PRECISION,
    SQL_DESC_SCALE,
    SQL_DESC_SEARCHABLE,
    SQL_DESC_TYPE,
    SQL_DESC_UNNAMED,
    SQL_DESC_UNSIGNED,
    SQL_DESC_UPDATABLE,
    4711,
};

static void show_field(SQLHDESC desc, SQLSMALLINT record, SQLSMALLINT field, bool is_text)
{
    struct out o;
    SQLINTEGER length = -7;
    char call[80];
    out_clear(&o);
    snprintf(call, sizeof call, "SQLGetDescField(record %d, field %d)", record, field);
    SQLRETURN r = report(call, SQL_HANDLE_DESC, desc,
                         EITHER(SQLGetDescField, desc, record, field, o.bytes, 200, &length));
    say_number("length", length);
    if (is_text)
        out_told("text", &o, r, length);
    else
        out_bytes("bytes", &o);
}

static void show_record(SQLHDESC desc, SQLSMALLINT record)
{
    struct out name;
    SQLSMALLINT length = -7, type = -7, subtype = -7, precision = -7, scale = -7, nullable = -7;
    SQLLEN octets = -7;
    out_clear(&name);
    DESC_TEXT(SQLGetDescRec, desc, record, (void *)name.bytes, 100, &length, &type, &subtype,
              &octets, &precision, &scale, &nullable);
    printf("    length %d, type %d.%d, octets %ld, precision %d, scale %d, nullable %d\n", length,
           type, subtype, (long)octets, precision, scale, nullable);
    out_text("name", &name);
}

static void show_descriptor(const char *name, SQLHDESC desc)
{
    printf("  descriptor %s\n", name);
    for (size_t i = 0; i < COUNT(header_fields); i++)
        show_field(desc, 0, header_fields[i], false);
    for (SQLSMALLINT record = 0; record <= 3; record++)
        show_record(desc, record);
    for (size_t i = 0; i < COUNT(record_texts); i++)
        show_field(desc, 1, record_texts[i], true);
    for (size_t i = 0; i < COUNT(record_numbers); i++)
        show_field(desc, 1, record_numbers[i], false);
}

/* ---- what belongs to the statement ----------------------------------------------------------- */

void section_descriptors(void)
{
    SQLINTEGER id = 1, out = 0;
    SQLLEN length = 0;
    SQLHSTMT stmt = statement_new();
    known_count = 0;
    for (int which = 0; which < 4; which++)
        know(implicit_names[which], descriptor_of(stmt, which));
    show_descriptors(stmt);
    STMT_TEXT(SQLPrepare, stmt, text("select id, name from session_parent where id = ?"), SQL_NTS);
    STMT(SQLBindParameter, stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &id, 0,
         &length);
    STMT(SQLBindCol, stmt, 1, SQL_C_SLONG, &out, sizeof out, &length);
    STMT(SQLExecute, stmt);
    for (int which = 0; which < 4; which++)
        show_descriptor(implicit_names[which], known[which].handle);
    STMT(SQLFetch, stmt);
    say_number("id", out);
    if (!session.dialect->unsafe) { /* its driver frees what it copied or was given to free twice */
        report("SQLFreeHandle(an implicit descriptor)", SQL_HANDLE_DESC, known[0].handle,
               SQLFreeHandle(SQL_HANDLE_DESC, known[0].handle));
        report("SQLCopyDesc(IRD to ARD)", SQL_HANDLE_DESC, known[0].handle,
               SQLCopyDesc(known[2].handle, known[0].handle));
        report("SQLCopyDesc(ARD to IRD)", SQL_HANDLE_DESC, known[2].handle,
               SQLCopyDesc(known[0].handle, known[2].handle));
    }
    statement_free(stmt);
}

/* ---- what the application makes -------------------------------------------------------------- */

static SQLHDESC descriptor_new(const char *name)
{
    SQLHDESC desc = SQL_NULL_HDESC;
    report("SQLAllocHandle(SQL_HANDLE_DESC)", SQL_HANDLE_DBC, session.dbc,
           SQLAllocHandle(SQL_HANDLE_DESC, session.dbc, &desc));
    if (desc)
        know(name, desc);
    return desc;
}

static void set_fields(SQLHDESC desc, SQLINTEGER *value, SQLLEN *length)
{
    DESC(SQLSetDescRec, desc, 1, SQL_INTEGER, 0, sizeof *value, 0, 0, value, length, length);
    DESC_TEXT(SQLSetDescField, desc, 1, SQL_DESC_CONCISE_TYPE, VALUE(SQL_C_SLONG), 0);
    DESC_TEXT(SQLSetDescField, desc, 1, SQL_DESC_OCTET_LENGTH, VALUE(sizeof *value), 0);
    DESC_TEXT(SQLSetDescField, desc, 1, SQL_DESC_OCTET_LENGTH_PTR, length, 0);
    DESC_TEXT(SQLSetDescField, desc, 1, SQL_DESC_INDICATOR_PTR, length, 0);
    DESC_TEXT(SQLSetDescField, desc, 1, SQL_DESC_DATA_PTR, value, 0);
    DESC_TEXT(SQLSetDescField, desc, 0, SQL_DESC_ARRAY_SIZE, VALUE(1), 0);
    DESC_TEXT(SQLSetDescField, desc, 1, SQL_DESC_NAME, text("a name"), SQL_NTS);
    DESC_TEXT(SQLSetDescField, desc, 1, 4711, VALUE(1), 0);
    DESC_TEXT(SQLSetDescField, desc, -1, SQL_DESC_CONCISE_TYPE, VALUE(1), 0);
}

static void fetch_by(SQLHSTMT stmt, SQLINTEGER *value)
{
    *value = -4711;
    STMT_TEXT(SQLExecDirect, stmt, text("select id from session_parent order by id"), SQL_NTS);
    STMT(SQLFetch, stmt);
    say_number("value", *value);
    STMT(SQLFreeStmt, stmt, SQL_CLOSE);
}

/* One descriptor on two statements, taken off one of them, and freed while it is on the other. */
static void explicit_descriptors(void)
{
    SQLINTEGER value = -4711;
    SQLLEN length = -7;
    SQLHSTMT one = statement_new(), two = statement_new();
    known_count = 0;
    for (int which = 0; which < 4; which++)
        know(implicit_names[which], descriptor_of(one, which));
    SQLHDESC desc = descriptor_new("explicit"), other = descriptor_new("other");
    if (!desc || !other)
        goto done;
    set_fields(desc, &value, &length);
    STMT_TEXT(SQLSetStmtAttr, one, SQL_ATTR_APP_ROW_DESC, desc, SQL_IS_POINTER);
    STMT_TEXT(SQLSetStmtAttr, two, SQL_ATTR_APP_ROW_DESC, desc, SQL_IS_POINTER);
    STMT_TEXT(SQLSetStmtAttr, one, SQL_ATTR_APP_PARAM_DESC, other, 0);
    show_descriptors(one);
    show_descriptors(two);
    fetch_by(one, &value);
    fetch_by(two, &value);
    show_descriptor("explicit", desc);
    report("SQLCopyDesc(explicit to other)", SQL_HANDLE_DESC, other, SQLCopyDesc(desc, other));
    show_descriptor("other", other);
    report("SQLCopyDesc(to nothing)", SQL_HANDLE_DESC, desc, SQLCopyDesc(desc, SQL_NULL_HDESC));
    STMT_TEXT(SQLSetStmtAttr, one, SQL_ATTR_APP_ROW_DESC, SQL_NULL_HDESC, 0);
    show_descriptors(one);
    STMT_TEXT(SQLSetStmtAttr, one, SQL_ATTR_IMP_ROW_DESC, desc, 0);
    STMT_TEXT(SQLSetStmtAttr, one, SQL_ATTR_APP_ROW_DESC, known[2].handle, 0);
    if (session.dialect->unsafe) { /* its driver uses what was freed while it was set */
        STMT_TEXT(SQLSetStmtAttr, two, SQL_ATTR_APP_ROW_DESC, SQL_NULL_HDESC, 0);
        STMT_TEXT(SQLSetStmtAttr, one, SQL_ATTR_APP_PARAM_DESC, SQL_NULL_HDESC, 0);
    }
    report("SQLFreeHandle(explicit)", SQL_HANDLE_DESC, desc, SQLFreeHandle(SQL_HANDLE_DESC, desc));
    show_descriptors(two);
    fetch_by(one, &value);
    fetch_by(two, &value);
    report("SQLFreeHandle(other)", SQL_HANDLE_DESC, other, SQLFreeHandle(SQL_HANDLE_DESC, other));
    show_descriptors(one);
done:
    statement_free(two);
    statement_free(one);
}

/* From the ARD of one connection to an explicit descriptor of another of the same driver. */
void section_copied_descriptors(void)
{
    SQLHDBC first = session.dbc, second = SQL_NULL_HDBC;
    SQLINTEGER value = 0;
    SQLLEN length = 0;
    explicit_descriptors();
    SQLHSTMT stmt = statement_new();
    STMT(SQLBindCol, stmt, 1, SQL_C_SLONG, &value, sizeof value, &length);
    SQLHDESC from = descriptor_of(stmt, 0);
    SQLAllocHandle(SQL_HANDLE_DBC, session.env, &second);
    session.dbc = second;
    if (section_connect()) {
        SQLHDESC to = descriptor_new("on the second connection");
        if (to) {
            report("SQLCopyDesc(to the second connection)", SQL_HANDLE_DESC, to,
                   SQLCopyDesc(from, to));
            show_descriptor("the copy", to);
        }
        DBC(SQLDisconnect); /* the descriptor goes with it */
    }
    SQLFreeHandle(SQL_HANDLE_DBC, second);
    session.dbc = first;
    statement_free(stmt);
}
