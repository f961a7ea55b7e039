/* SPDX-License-Identifier: MIT */
/*
 * Owns how results are printed.
 */
#include "tests/live/session/say.h"

#include <stdio.h>
#include <string.h>

#define FILLING      0xA5
#define COUNT(array) (sizeof(array) / sizeof *(array))

struct session session;

/* ---- texts -------------------------------------------------------------------------------- */

/* The next code point of UTF-8 that is known to be valid. */
static unsigned code_point(const char **s)
{
    const unsigned char *p = (const unsigned char *)*s;
    int more = *p < 0x80 ? 0 : *p < 0xE0 ? 1 : *p < 0xF0 ? 2 : 3;
    unsigned c = more ? *p & (0x3Fu >> more) : *p;
    for (int i = 1; i <= more; i++)
        c = c << 6 | (p[i] & 0x3Fu);
    *s += more + 1;
    return c;
}

static size_t to_wide(const char *utf8, SQLWCHAR *wide)
{
    size_t n = 0;
    while (*utf8) {
        unsigned c = code_point(&utf8);
        if (c > 0xFFFF) {
            wide[n++] = (SQLWCHAR)(0xD800 + ((c - 0x10000) >> 10));
            wide[n++] = (SQLWCHAR)(0xDC00 + ((c - 0x10000) & 0x3FF));
        } else {
            wide[n++] = (SQLWCHAR)c;
        }
    }
    wide[n] = 0;
    return n;
}

void *text(const char *utf8)
{
    static SQLWCHAR buffers[8][OUT_BYTES];
    static size_t next;
    SQLWCHAR *buffer = buffers[next++ % COUNT(buffers)];
    if (session.wide)
        to_wide(utf8, buffer);
    else
        strcpy((char *)buffer, utf8);
    return buffer;
}

SQLSMALLINT units(const char *utf8)
{
    SQLWCHAR wide[OUT_BYTES];
    return (SQLSMALLINT)(session.wide ? to_wide(utf8, wide) : strlen(utf8));
}

SQLSMALLINT unit_bytes(void)
{
    return session.wide ? sizeof(SQLWCHAR) : 1;
}

/* ---- buffers ------------------------------------------------------------------------------ */

void out_clear(struct out *o)
{
    memset(o->bytes, FILLING, sizeof o->bytes);
}

static size_t written(const struct out *o)
{
    size_t n = sizeof o->bytes;
    while (n && o->bytes[n - 1] == FILLING)
        n--;
    return n;
}

/* Up to the terminator, if there is one: the driver manager copies as much as the buffer holds out
   of its own, and what lies behind the text in that is anybody's guess. */
static size_t text_end(const struct out *o, size_t unit)
{
    size_t end = written(o);
    for (size_t i = 0; i + unit <= end; i += unit)
        if (!o->bytes[i] && !o->bytes[i + unit - 1])
            return i + unit;
    return end;
}

static void say_unit(unsigned unit, int digits)
{
    if (unit >= ' ' && unit < 0x7F && unit != '\\' && unit != '"')
        putchar((int)unit);
    else
        printf("\\%0*x", digits, unit);
}

void out_narrow(const char *name, const struct out *o)
{
    printf("    %s \"", name);
    for (size_t i = 0; i < text_end(o, 1); i++)
        say_unit(o->bytes[i], 2);
    puts("\"");
}

void out_wide(const char *name, const struct out *o)
{
    size_t n = text_end(o, sizeof(SQLWCHAR));
    printf("    %s \"", name);
    for (size_t i = 0; i < n; i += 2)
        say_unit((unsigned)(o->bytes[i] | o->bytes[i + 1] << 8), 4);
    puts("\"");
}

void out_text(const char *name, const struct out *o)
{
    if (session.wide)
        out_wide(name, o);
    else
        out_narrow(name, o);
}

void out_told(const char *name, const struct out *o, SQLRETURN r, long length)
{
    bool told = length > 0 && (SQL_SUCCEEDED(r) || r == SQL_NEED_DATA);
    if (told)
        out_text(name, o);
    else
        printf("    %s: none\n", name);
}

void out_bytes(const char *name, const struct out *o)
{
    printf("    %s", name);
    for (size_t i = 0; i < written(o); i++)
        printf(" %02x", o->bytes[i]);
    puts("");
}

void out_first_bytes(const char *name, const struct out *o, size_t n)
{
    printf("    %s", name);
    for (size_t i = 0; i < n; i++)
        printf(" %02x", o->bytes[i]);
    puts("");
}

/* ---- lines -------------------------------------------------------------------------------- */

void say_title(const char *title)
{
    printf("\n---- %s\n", title);
    fflush(stdout);
}

void say_number(const char *name, long long value)
{
    printf("    %s %lld\n", name, value);
}

void say_text(const char *name, const char *words)
{
    printf("    %s %s\n", name, words);
}

const char *result_name(SQLRETURN r)
{
    static char other[32];
    switch (r) {
    case SQL_SUCCESS:
        return "SQL_SUCCESS";
    case SQL_SUCCESS_WITH_INFO:
        return "SQL_SUCCESS_WITH_INFO";
    case SQL_NO_DATA:
        return "SQL_NO_DATA";
    case SQL_ERROR:
        return "SQL_ERROR";
    case SQL_INVALID_HANDLE:
        return "SQL_INVALID_HANDLE";
    case SQL_STILL_EXECUTING:
        return "SQL_STILL_EXECUTING";
    case SQL_NEED_DATA:
        return "SQL_NEED_DATA";
    default:
        snprintf(other, sizeof other, "result %d", r);
        return other;
    }
}

SQLRETURN report(const char *call, SQLSMALLINT type, SQLHANDLE handle, SQLRETURN r)
{
    printf("= %s: %s\n", call, result_name(r));
    if (r != SQL_SUCCESS && r != SQL_INVALID_HANDLE && handle)
        say_diagnostics(type, handle);
    fflush(stdout); /* what was got before a crash is compared as well */
    return r;
}

/* ---- diagnostics -------------------------------------------------------------------------- */

enum field_kind { NUMBER, LENGTH, RETURNED, TEXT };

struct field {
    const char *name;
    SQLSMALLINT id;
    enum field_kind kind;
};

static const struct field header_fields[] = {
    {"NUMBER", SQL_DIAG_NUMBER, NUMBER},
    {"RETURNCODE", SQL_DIAG_RETURNCODE, RETURNED},
    {"ROW_COUNT", SQL_DIAG_ROW_COUNT, LENGTH},
    {"CURSOR_ROW_COUNT", SQL_DIAG_CURSOR_ROW_COUNT, LENGTH},
    {"DYNAMIC_FUNCTION", SQL_DIAG_DYNAMIC_FUNCTION, TEXT},
    {"DYNAMIC_FUNCTION_CODE", SQL_DIAG_DYNAMIC_FUNCTION_CODE, NUMBER},
};

static const struct field record_fields[] = {
    {"SQLSTATE", SQL_DIAG_SQLSTATE, TEXT},
    {"NATIVE", SQL_DIAG_NATIVE, NUMBER},
    {"MESSAGE_TEXT", SQL_DIAG_MESSAGE_TEXT, TEXT},
    {"CLASS_ORIGIN", SQL_DIAG_CLASS_ORIGIN, TEXT},
    {"SUBCLASS_ORIGIN", SQL_DIAG_SUBCLASS_ORIGIN, TEXT},
    {"CONNECTION_NAME", SQL_DIAG_CONNECTION_NAME, TEXT},
    {"SERVER_NAME", SQL_DIAG_SERVER_NAME, TEXT},
    {"ROW_NUMBER", SQL_DIAG_ROW_NUMBER, LENGTH},
    {"COLUMN_NUMBER", SQL_DIAG_COLUMN_NUMBER, NUMBER},
    {"an unknown field", 4711, NUMBER},
};

/* Says a field; returns what the question for it did. */
static SQLRETURN say_field(SQLSMALLINT type, SQLHANDLE handle, SQLSMALLINT record,
                           const struct field *f, SQLSMALLINT size)
{
    struct out o;
    SQLSMALLINT length = -7;
    out_clear(&o);
    SQLRETURN r = EITHER(SQLGetDiagField, type, handle, record, f->id, o.bytes, size, &length);
    printf("      %s(%d): %s", f->name, size, result_name(r));
    if (f->kind == TEXT) {
        printf(", length %d", length);
        out_text("", &o);
        return r;
    }
    long value = f->kind == NUMBER     ? *(SQLINTEGER *)(void *)o.bytes
                 : f->kind == RETURNED ? *(SQLRETURN *)(void *)o.bytes
                                       : *(SQLLEN *)(void *)o.bytes;
    if (!SQL_SUCCEEDED(r))
        puts("");
    else if (record > 0 && f->id == 4711)
        puts("");
    else
        printf(" %ld\n", value);
    return r;
}

static SQLRETURN say_record(SQLSMALLINT type, SQLHANDLE handle, SQLSMALLINT record,
                            SQLSMALLINT size)
{
    struct out state, message;
    SQLINTEGER native = -4711;
    SQLSMALLINT length = -7;
    out_clear(&state);
    out_clear(&message);
    SQLRETURN r = EITHER(SQLGetDiagRec, type, handle, record, (void *)state.bytes, &native,
                         (void *)message.bytes, size, &length);
    if (r == SQL_NO_DATA)
        return r;
    printf("    record %d: %s, native %d, length %d\n", record, result_name(r), (int)native,
           length);
    out_text("  state", &state);
    out_text("  message", &message);
    return r;
}

/* Before it knows the driver the driver manager asks which version it speaks, and the shim can only
   tell after connecting, by the same warning. Of it, state and message are compared; that the
   driver manager takes it for the driver's shows in its fields, and in the header's return code. */
static bool is_version_warning(SQLSMALLINT type, SQLHANDLE handle, SQLSMALLINT record)
{
    static const char warning[] =
        "[unixODBC][Driver Manager]Driver does not support the requested version";
    SQLCHAR state[6], message[100];
    SQLINTEGER native;
    SQLSMALLINT length;
    return SQL_SUCCEEDED(SQLGetDiagRec(type, handle, record, state, &native, message,
                                       sizeof message, &length)) &&
           strcmp((const char *)message, warning) == 0;
}

/* Of a driver that does not know the fields of a record the driver manager keeps as row and column
   whatever was in its memory; such a driver does not tell the class either. */
static void say_fields(SQLSMALLINT type, SQLHANDLE handle, SQLSMALLINT record)
{
    bool has_fields = true;
    for (size_t i = 0; i < COUNT(record_fields); i++) {
        SQLSMALLINT id = record_fields[i].id;
        if (!has_fields && (id == SQL_DIAG_ROW_NUMBER || id == SQL_DIAG_COLUMN_NUMBER))
            continue;
        if (session.dialect->unsafe && id == SQL_DIAG_CONNECTION_NAME)
            continue; /* the driver answers without writing one */
        SQLRETURN r = say_field(type, handle, record, &record_fields[i], 1000);
        if (id == SQL_DIAG_CLASS_ORIGIN)
            has_fields = SQL_SUCCEEDED(r);
    }
    say_field(type, handle, record, &record_fields[2], 12);
}

void say_diagnostics(SQLSMALLINT type, SQLHANDLE handle)
{
    bool warned = is_version_warning(type, handle, 1) || is_version_warning(type, handle, 2);
    puts("    header");
    for (size_t i = 0; i < COUNT(header_fields); i++)
        if (!warned || header_fields[i].id != SQL_DIAG_RETURNCODE)
            say_field(type, handle, 0, &header_fields[i], 400);
    for (SQLSMALLINT record = 1; record < 20; record++) {
        if (!SQL_SUCCEEDED(say_record(type, handle, record, 1000)))
            break;
        say_record(type, handle, record, 12);
        if (!is_version_warning(type, handle, record))
            say_fields(type, handle, record);
    }
}
