/* SPDX-License-Identifier: MIT */
/*
 * Owns the shim's own diagnostics, and SQLGetDiagRec and SQLGetDiagField of both widths. What a
 * target answers is passed on as it is. On its way its SQLSTATE is read: that is how errors of the
 * plain forwarders, which do not look at their result, and broken links are counted.
 */
#include "odbcshim/diagnostics.h"

#include "odbcshim/asked.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VENDOR "[odbcshim] "

struct shim_diagnostic {
    char state[6];
    bool beside; /* the target has records of the same call; else what it has are of earlier ones */
    const struct shim_api *api; /* of a statement that has shim_api_noted meanwhile, else NULL */
    void *target;               /* likewise */
    char message[600];
};

/* ---- the shim's own ----------------------------------------------------------------------- */

void shim_diagnostics_clear(struct shim_handle *h)
{
    struct shim_diagnostic *own = h->own;
    if (!own)
        return;
    if (own->api) {
        h->api = own->api;
        h->target = own->target;
    }
    free(own);
    h->own = NULL;
}

static void diagnose(struct shim_handle *h, const char *state, const char *message)
{
    if (!h->own && !(h->own = calloc(1, sizeof *h->own)))
        return;
    h->own->beside = false;
    snprintf(h->own->state, sizeof h->own->state, "%s", state);
    snprintf(h->own->message, sizeof h->own->message, "%s", message);
}

SQLRETURN shim_diagnose(struct shim_handle *h, const char *state, const char *format, ...)
{
    char message[sizeof h->own->message] = VENDOR;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message + strlen(VENDOR), sizeof message - strlen(VENDOR), format, arguments);
    va_end(arguments);
    diagnose(h, state, message);
    return SQL_ERROR;
}

SQLRETURN shim_diagnose_error(struct shim_handle *h, const struct shim_error *error)
{
    return shim_diagnose(h, error->state, "%s", error->message);
}

void shim_diagnose_for_manager(struct shim_handle *h, const char *message)
{
    diagnose(h, "01000", message);
}

void shim_diagnostic_is_beside(struct shim_handle *h)
{
    if (h->own)
        h->own->beside = true;
}

SQLRETURN shim_absent_on(struct shim_handle *h)
{
    if (h->api == &shim_api_absent)
        return shim_diagnose(h, "08003", "the connection is not open");
    /* The driver manager's words for a function that it does not find in a driver. */
    diagnose(h, "IM001", "[unixODBC][Driver Manager]Driver does not support this function");
    /* A plain forwarder does not look whether there is something to take off: it is led to one that
       does. */
    if (h->own && h->type == SQL_HANDLE_STMT && !h->own->api) {
        h->own->api = h->api;
        h->own->target = h->target;
        h->api = &shim_api_noted;
        h->target = h;
    }
    return SQL_ERROR;
}

SQLRETURN shim_absent(SQLSMALLINT type, SQLHANDLE target)
{
    struct shim_handle *h = shim_handle_wrapping(type, target);
    return h ? shim_absent_on(h) : SQL_INVALID_HANDLE;
}

/* ---- what is read on the way ----------------------------------------------------------------- */

void shim_error_count(struct shim_handle *h)
{
    struct shim_dbc *dbc = shim_dbc_under(h);
    if (dbc)
        shim_connection_event(dbc->counted, SHIM_EVENT_ERROR);
}

static bool is_any_of(const char *state, const char *const *states)
{
    while (*states && strcmp(state, *states) != 0)
        states++;
    return *states != NULL;
}

/* An SQLSTATE that tells of an open connection that broke: those of class 08 but the ones of
   connecting. Where a PostgreSQL server ends the session it says so in states of its own, and only
   the next call finds the link gone. */
static bool is_link_failure(const char *state)
{
    static const char *const connecting[] = {"08001", "08002", "08004", NULL};
    static const char *const ended[] = {"57P01", "57P02", "57P04", "57P05", "25P03", NULL};
    return strncmp(state, "08", 2) == 0 ? !is_any_of(state, connecting) : is_any_of(state, ended);
}

static bool is_error(const char *state)
{
    return strncmp(state, "00", 2) != 0 && strncmp(state, "01", 2) != 0 &&
           strncmp(state, "02", 2) != 0;
}

/* The target's record number `record` was read. The driver manager reads all of them when a call
   has failed; `again` says that after it the application reads what has been seen. */
static void record_read(struct shim_handle *h, SQLSMALLINT record, SQLRETURN r, const char *state,
                        bool again)
{
    struct shim_dbc *dbc = shim_dbc_under(h);
    if (r == SQL_NO_DATA && !again) {
        h->error_counted = false;
        return;
    }
    if (!dbc || !dbc->counted || !SQL_SUCCEEDED(r) || !*state || !is_error(state))
        return;
    if (record == 1 && !again && !h->error_counted) {
        h->error_counted = true;
        shim_connection_event(dbc->counted, SHIM_EVENT_ERROR);
    }
    if (is_link_failure(state))
        shim_connection_event(dbc->counted, SHIM_EVENT_LINK_FAILURE);
}

/* Copies an SQLSTATE of either width for looking at; "" where there is none. */
static void state_of(char copy[6], const void *state, bool wide)
{
    memset(copy, 0, 6);
    for (size_t i = 0; state && i < 5; i++)
        copy[i] = wide ? (char)((const SQLWCHAR *)state)[i] : ((const char *)state)[i];
}

SQLRETURN shim_error_read(struct shim_handle *h, SQLRETURN r, const void *state, size_t unit)
{
    char seen[6];
    state_of(seen, SQL_SUCCEEDED(r) ? state : NULL, unit == sizeof(SQLWCHAR));
    record_read(h, h->next_record, r, seen, false);
    h->next_record = SQL_SUCCEEDED(r) ? (SQLSMALLINT)(h->next_record + 1) : 1;
    return r;
}

/* ---- handing out the shim's own -------------------------------------------------------------- */

/* Puts a text into a buffer of `size` units of either width. */
static SQLRETURN put_text(const char *text, void *buffer, SQLSMALLINT size, SQLSMALLINT *length,
                          bool wide)
{
    size_t n = strlen(text);
    size_t room = size > 0 ? (size_t)size : 0;
    if (length)
        *length = (SQLSMALLINT)n;
    if (!buffer)
        return SQL_SUCCESS;
    size_t fits = n < room ? n : room ? room - 1 : 0;
    for (size_t i = 0; i < fits; i++) {
        unsigned char c = (unsigned char)text[i];
        if (wide)
            ((SQLWCHAR *)buffer)[i] = c < 0x80 ? c : '?';
        else
            ((unsigned char *)buffer)[i] = c;
    }
    if (room && wide)
        ((SQLWCHAR *)buffer)[fits] = 0;
    else if (room)
        ((unsigned char *)buffer)[fits] = 0;
    return fits < n ? SQL_SUCCESS_WITH_INFO : SQL_SUCCESS;
}

static SQLRETURN own_record(const struct shim_diagnostic *own, void *state, SQLINTEGER *native,
                            void *text, SQLSMALLINT size, SQLSMALLINT *length, bool wide)
{
    if (state)
        put_text(own->state, state, 6, NULL, wide);
    if (native)
        *native = 0;
    return put_text(own->message, text, size, length, wide);
}

/* A field of the shim's own record; texts in a buffer of `size` bytes. */
static SQLRETURN own_field(struct shim_handle *h, SQLSMALLINT field, SQLPOINTER info,
                           SQLSMALLINT size, SQLSMALLINT *length, bool wide)
{
    const struct shim_diagnostic *own = h->own;
    const struct shim_dbc *dbc = shim_dbc_under(h);
    const char *text = "";
    switch (field) {
    case SQL_DIAG_NATIVE:
        *(SQLINTEGER *)info = 0;
        return SQL_SUCCESS;
    case SQL_DIAG_ROW_NUMBER:
        *(SQLLEN *)info = SQL_NO_ROW_NUMBER;
        return SQL_SUCCESS;
    case SQL_DIAG_COLUMN_NUMBER:
        *(SQLINTEGER *)info = SQL_NO_COLUMN_NUMBER;
        return SQL_SUCCESS;
    case SQL_DIAG_SQLSTATE:
        text = own->state;
        break;
    case SQL_DIAG_MESSAGE_TEXT:
        text = own->message;
        break;
    case SQL_DIAG_CLASS_ORIGIN:
    case SQL_DIAG_SUBCLASS_ORIGIN:
        text = strncmp(own->state, "IM", 2) == 0 ? "ODBC 3.0" : "ISO 9075";
        break;
    case SQL_DIAG_CONNECTION_NAME:
        break;
    case SQL_DIAG_SERVER_NAME:
        text = dbc ? dbc->data_source : "";
        break;
    default:
        return SQL_ERROR;
    }
    SQLSMALLINT unit = wide ? sizeof(SQLWCHAR) : 1;
    SQLRETURN r = put_text(text, info, (SQLSMALLINT)(size / unit), length, wide);
    if (length)
        *length = (SQLSMALLINT)(*length * unit);
    return r;
}

/* Whether the target is to be asked for its records: not if the last call never came to it. */
static bool target_tells(const struct shim_handle *h)
{
    return h->api != &shim_api_absent && (!h->own || h->own->beside);
}

/* A field of the header, which counts the shim's own record as well. Of the other fields the
   target's stand where there is one. */
static SQLRETURN own_header(const struct shim_handle *h, SQLSMALLINT field, SQLPOINTER info,
                            SQLRETURN r)
{
    bool target = target_tells(h) && SQL_SUCCEEDED(r);
    if (field == SQL_DIAG_NUMBER)
        *(SQLINTEGER *)info = (target ? *(SQLINTEGER *)info : 0) + 1;
    else if (field == SQL_DIAG_RETURNCODE && !target)
        *(SQLRETURN *)info = SQL_ERROR;
    else
        return r;
    return SQL_SUCCESS;
}

/* ---- SQLGetDiagRec and SQLGetDiagField, both widths ------------------------------------------ */

/* In an exported function: whether the application itself reads, through the driver manager. */
#define AGAIN shim_asked_by_application(__builtin_return_address(0))

#define GET_RECORD(get, CHAR, WIDE)                                                                \
    static SQLRETURN get##_record(struct shim_handle *h, SQLSMALLINT record, CHAR *state,          \
                                  SQLINTEGER *native, CHAR *text, SQLSMALLINT size,                \
                                  SQLSMALLINT *length, bool again)                                 \
    {                                                                                              \
        char seen[6];                                                                              \
        SQLSMALLINT own = h->own ? 1 : 0;                                                          \
        if (own && record == 1)                                                                    \
            return own_record(h->own, state, native, text, size, length, WIDE);                    \
        if (!target_tells(h) && record < 1)                                                        \
            return SQL_ERROR;                                                                      \
        if (!target_tells(h) || !shim_target_has(h->api, SHIM_FN_##get))                           \
            return SQL_NO_DATA;                                                                    \
        SQLRETURN r = h->api->get(h->type, h->target, (SQLSMALLINT)(record - own), state, native,  \
                                  text, size, length);                                             \
        state_of(seen, SQL_SUCCEEDED(r) ? state : NULL, WIDE);                                     \
        record_read(h, (SQLSMALLINT)(record - own), r, seen, again);                               \
        return r;                                                                                  \
    }                                                                                              \
    SQLRETURN SQL_API get(SQLSMALLINT HandleType, SQLHANDLE Handle, SQLSMALLINT RecNumber,         \
                          CHAR *Sqlstate, SQLINTEGER *NativeError, CHAR *MessageText,              \
                          SQLSMALLINT BufferLength, SQLSMALLINT *TextLength)                       \
    {                                                                                              \
        struct shim_handle *h = shim_handle_of(HandleType, Handle);                                \
        return h ? get##_record(h, RecNumber, Sqlstate, NativeError, MessageText, BufferLength,    \
                                TextLength, AGAIN)                                                 \
                 : SQL_INVALID_HANDLE;                                                             \
    }

#define GET_FIELD(get, WIDE)                                                                       \
    SQLRETURN SQL_API get(SQLSMALLINT HandleType, SQLHANDLE Handle, SQLSMALLINT RecNumber,         \
                          SQLSMALLINT DiagIdentifier, SQLPOINTER DiagInfo,                         \
                          SQLSMALLINT BufferLength, SQLSMALLINT *StringLength)                     \
    {                                                                                              \
        struct shim_handle *h = shim_handle_of(HandleType, Handle);                                \
        char seen[6];                                                                              \
        if (!h)                                                                                    \
            return SQL_INVALID_HANDLE;                                                             \
        SQLSMALLINT own = h->own && RecNumber > 0 ? 1 : 0;                                         \
        if (own && RecNumber == 1 && DiagInfo)                                                     \
            return own_field(h, DiagIdentifier, DiagInfo, BufferLength, StringLength, WIDE);       \
        SQLRETURN r = SQL_NO_DATA;                                                                 \
        if (target_tells(h) && shim_target_has(h->api, SHIM_FN_##get))                             \
            r = h->api->get(HandleType, h->target, (SQLSMALLINT)(RecNumber - own), DiagIdentifier, \
                            DiagInfo, BufferLength, StringLength);                                 \
        if (h->own && RecNumber == 0 && DiagInfo)                                                  \
            return own_header(h, DiagIdentifier, DiagInfo, r);                                     \
        if (DiagIdentifier == SQL_DIAG_SQLSTATE && RecNumber > 0) {                                \
            state_of(seen, r == SQL_SUCCESS ? DiagInfo : NULL, WIDE);                              \
            record_read(h, (SQLSMALLINT)(RecNumber - own), r, seen, AGAIN);                        \
        }                                                                                          \
        return r;                                                                                  \
    }

/* The next record in the manner of SQLError, which takes each off the handle. */
#define NEXT_RECORD(next, get, CHAR)                                                               \
    SQLRETURN next(struct shim_handle *h, CHAR *state, SQLINTEGER *native, CHAR *text,             \
                   SQLSMALLINT size, SQLSMALLINT *length)                                          \
    {                                                                                              \
        SQLRETURN r = get##_record(h, h->next_record, state, native, text, size, length, false);   \
        h->next_record = SQL_SUCCEEDED(r) ? (SQLSMALLINT)(h->next_record + 1) : 1;                 \
        return r;                                                                                  \
    }

GET_RECORD(SQLGetDiagRec, SQLCHAR, false)
GET_FIELD(SQLGetDiagField, false)
NEXT_RECORD(shim_next_record, SQLGetDiagRec, SQLCHAR)
#if SHIM_WIDE
GET_RECORD(SQLGetDiagRecW, SQLWCHAR, true)
GET_FIELD(SQLGetDiagFieldW, true)
NEXT_RECORD(shim_next_record_wide, SQLGetDiagRecW, SQLWCHAR)
#endif
