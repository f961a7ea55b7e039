/* SPDX-License-Identifier: MIT */
/*
 * The fake's diagnostics. SQLGetDiagRec and SQLGetDiagField leave the records, SQLError takes each
 * off; a question without a preceding failure is what some drivers do not survive, nor does this
 * one.
 */
#include "tests/fake/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect_something_to_tell(const struct fake_handle *h)
{
    if (fake_switches.lenient || h->last == SQL_ERROR || h->last == SQL_SUCCESS_WITH_INFO)
        return;
    fprintf(stderr, "fake driver: asked for diagnostics where the last call returned %d\n",
            h->last);
    abort();
}

static const struct fake_record *record_at(const struct fake_handle *h, SQLSMALLINT number)
{
    size_t i = h->first + (size_t)number - 1;
    return number > 0 && i < h->count ? &h->records[i] : NULL;
}

SQLRETURN fake_put_text(const char *text, void *buffer, SQLINTEGER units, bool wide,
                        SQLINTEGER *length)
{
    size_t n = strlen(text), fits = units > 0 ? (size_t)units - 1 : 0;
    *length = (SQLINTEGER)n;
    if (!buffer || units <= 0)
        return SQL_SUCCESS;
    if (fits > n)
        fits = n;
    for (size_t i = 0; i <= fits; i++) {
        char c = i < fits ? text[i] : '\0';
        if (wide)
            ((SQLWCHAR *)buffer)[i] = (unsigned char)c;
        else
            ((char *)buffer)[i] = c;
    }
    return fits < n ? SQL_SUCCESS_WITH_INFO : SQL_SUCCESS;
}

static SQLRETURN put_record(const struct fake_record *r, bool wide, const uintptr_t *words)
{
    SQLINTEGER length, *native = (SQLINTEGER *)words[1];
    SQLSMALLINT *told = (SQLSMALLINT *)words[4];
    fake_put_text(r->state, (void *)words[0], 6, wide, &length);
    if (native)
        *native = r->native;
    SQLRETURN result =
        fake_put_text(r->text, (void *)words[2], (SQLSMALLINT)words[3], wide, &length);
    if (told)
        *told = (SQLSMALLINT)length;
    return result;
}

SQLRETURN fake_get_record(enum shim_function fn, struct fake_handle *h, const uintptr_t *words)
{
    expect_something_to_tell(h);
    if ((SQLSMALLINT)words[2] < 1)
        return SQL_ERROR;
    const struct fake_record *r = record_at(h, (SQLSMALLINT)words[2]);
    return r ? put_record(r, fake_is_wide(fn), words + 3) : SQL_NO_DATA;
}

SQLRETURN fake_next_record(enum shim_function fn, struct fake_handle *h, const uintptr_t *words)
{
    expect_something_to_tell(h);
    const struct fake_record *r = record_at(h, 1);
    if (!r)
        return SQL_NO_DATA;
    h->first++;
    return put_record(r, fake_is_wide(fn), words + 3);
}

static SQLRETURN header_field(const struct fake_handle *h, SQLSMALLINT field, SQLPOINTER value)
{
    switch (field) {
    case SQL_DIAG_NUMBER:
        *(SQLINTEGER *)value = (SQLINTEGER)(h->count - h->first);
        return SQL_SUCCESS;
    case SQL_DIAG_RETURNCODE:
        *(SQLRETURN *)value = h->last;
        return SQL_SUCCESS;
    case SQL_DIAG_ROW_COUNT:
    case SQL_DIAG_CURSOR_ROW_COUNT:
        *(SQLLEN *)value = 17;
        return SQL_SUCCESS;
    case SQL_DIAG_DYNAMIC_FUNCTION_CODE:
        *(SQLINTEGER *)value = SQL_DIAG_INSERT;
        return SQL_SUCCESS;
    default:
        return SQL_ERROR;
    }
}

SQLRETURN fake_get_field(enum shim_function fn, struct fake_handle *h, const uintptr_t *words)
{
    SQLSMALLINT number = (SQLSMALLINT)words[2], field = (SQLSMALLINT)words[3];
    SQLPOINTER value = (SQLPOINTER)words[4];
    SQLSMALLINT *told = (SQLSMALLINT *)words[6];
    SQLINTEGER length, unit = fake_is_wide(fn) ? (SQLINTEGER)sizeof(SQLWCHAR) : 1;
    const char *text = "fake";
    expect_something_to_tell(h);
    if (field == SQL_DIAG_DYNAMIC_FUNCTION)
        text = "INSERT";
    else if (number == 0)
        return header_field(h, field, value);
    const struct fake_record *r = record_at(h, number);
    if (!r && number != 0)
        return SQL_NO_DATA;
    switch (field) {
    case SQL_DIAG_NATIVE:
        *(SQLINTEGER *)value = r->native;
        return SQL_SUCCESS;
    case SQL_DIAG_ROW_NUMBER:
        *(SQLLEN *)value = 3;
        return SQL_SUCCESS;
    case SQL_DIAG_COLUMN_NUMBER:
        *(SQLINTEGER *)value = 4;
        return SQL_SUCCESS;
    case SQL_DIAG_SQLSTATE:
        text = r->state;
        break;
    case SQL_DIAG_MESSAGE_TEXT:
        text = r->text;
        break;
    }
    SQLRETURN result = fake_put_text(text, value, (SQLSMALLINT)words[5] / unit, unit > 1, &length);
    if (told)
        *told = (SQLSMALLINT)(length * unit);
    return result;
}
