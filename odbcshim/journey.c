/* SPDX-License-Identifier: MIT */
/*
 * Owns the buffer between the target's completed string and the application's.
 *
 * Drivers differ in what they do about a short buffer: some report it with 01004 and the full
 * length, some report nothing, some leave whole keys out, some write a longer form into a longer
 * buffer, some refuse a very long one. So the target is asked with a buffer as long as the
 * application's, longer only by what its own name is longer than the shim's, and its way to cut is
 * kept.
 */
#include "odbcshim/journey.h"

#include "odbcshim/diagnostics.h"
#include "odbcshim/route.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Where the application asks for the length alone. A usual size: some drivers write more into a
   buffer of 1024. */
#define LENGTH_ONLY_SIZE 1000

/* Fills the buffer before the target writes into it, and is the length that no target tells. */
#define FILLING 0xA5
#define UNTOLD  (-32768)

static size_t unit_of(const struct shim_journey *j)
{
    return j->given.wide ? sizeof(SQLWCHAR) : sizeof(SQLCHAR);
}

/* ---- there ----------------------------------------------------------------------------------- */

/* By how much the application's string is longer than the target's. */
static long growth(const struct shim_journey *j)
{
    return (long)j->given.length - (long)j->outward_length;
}

/* The buffer that the target is asked to write into. */
static bool prepare_answer(struct shim_journey *j)
{
    bool has_room = j->wanted.units && j->wanted.size > 0;
    if (!j->wanted.units && !j->wanted.length)
        return true;
    long least = has_room ? j->wanted.size : LENGTH_ONLY_SIZE;
    long size = growth(j) < 0 ? least - growth(j) : least;
    if (size > SHRT_MAX - 1)
        size = least;
    j->buffer = malloc(((size_t)size + 1) * unit_of(j));
    if (!j->buffer)
        return false;
    memset(j->buffer, FILLING, (size_t)size * unit_of(j));
    memset((char *)j->buffer + (size_t)size * unit_of(j), 0, unit_of(j));
    j->told = UNTOLD;
    j->asked = (struct shim_completed){j->buffer, (SQLSMALLINT)size, &j->told};
    return true;
}

/* The string as the target is to see it. */
static bool translate(struct shim_journey *j, struct shim_connection_string *string)
{
    bool changed;
    struct shim_dbc *dbc = j->dbc;
    if (!shim_route_outward(dbc->settings, string, !dbc->browsing, &changed))
        return false;
    /* The last round of a browse brings the completed string of the first one's. */
    if (!changed && !dbc->browsing)
        return true;
    j->outward = shim_connection_string_write(string, &j->outward_length);
    if (!j->outward)
        return false;
    j->string = j->outward;
    /* Counted or terminated as the application's; no count says how long a very long one is. */
    if (j->string_length >= 0)
        j->string_length = j->outward_length > SHRT_MAX ? SQL_NTS : (SQLSMALLINT)j->outward_length;
    return prepare_answer(j);
}

SQLRETURN shim_journey_begin(struct shim_journey *j)
{
    struct shim_dbc *dbc = j->dbc;
    SQLRETURN r = SQL_SUCCESS;
    struct shim_connection_string *string = shim_connection_string_new(j->given);
    if (!string)
        return shim_diagnose(&dbc->h, "HY001", "memory is out");
    if (!dbc->browsing) {
        struct shim_request request = {.string = string};
        r = shim_route(dbc, &request);
        shim_connection_string_free(&dbc->input);
        if (SQL_SUCCEEDED(r) && !(dbc->input = shim_connection_string_new(j->given)))
            r = shim_diagnose(&dbc->h, "HY001", "memory is out");
    }
    if (SQL_SUCCEEDED(r) && !translate(j, string))
        r = shim_diagnose(&dbc->h, "HY001", "memory is out");
    shim_connection_string_free(&string);
    return r;
}

/* ---- and back -------------------------------------------------------------------------------- */

static unsigned unit_at(const void *units, size_t i, bool wide)
{
    return wide ? ((const SQLWCHAR *)units)[i] : ((const SQLCHAR *)units)[i];
}

/* What the target wrote. */
struct answer {
    size_t length;   /* in units, without a terminator */
    bool terminated; /* by the target */
    bool cut;        /* the target says, or it shows, that there is more */
};

/* False if the target wrote nothing at all. */
static bool read_answer(const struct shim_journey *j, struct answer *a)
{
    size_t size = (size_t)j->asked.size;
    bool wide = j->given.wide;
    unsigned filling = wide ? FILLING << 8 | FILLING : FILLING;
    if (j->told == UNTOLD && unit_at(j->buffer, 0, wide) == filling)
        return false;
    a->length = 0;
    while (unit_at(j->buffer, a->length, wide))
        a->length++;
    a->terminated = a->length < size;
    a->cut = a->length + 1 >= size || j->told > (long)a->length;
    return true;
}

/* A target that repeats its input was cut within it, where the buffer was full: then so is the
   application's. */
static bool repeats_input(const struct shim_journey *j, const struct answer *a)
{
    return a->length + 1 >= (size_t)j->asked.size && a->length < j->outward_length &&
           memcmp(j->buffer, j->outward, a->length * unit_of(j)) == 0;
}

/* Puts the translated text into the application's buffer, cut as the target cut its own; it is
   longer than the target's by `grown`. */
static SQLRETURN deliver(struct shim_journey *j, const struct answer *a, const void *units,
                         size_t length, long grown, SQLRETURN r)
{
    size_t room = j->wanted.units && j->wanted.size > 0 ? (size_t)j->wanted.size : 0;
    size_t most = a->terminated && room ? room - 1 : room;
    size_t fits = length < most ? length : most;
    bool tells_cut = a->cut && room && j->told == (long)a->length;
    long told = tells_cut ? (long)fits : j->told + grown;
    if (j->told != UNTOLD && j->wanted.length)
        *j->wanted.length = (SQLSMALLINT)told;
    if (!room)
        return r;
    memcpy(j->wanted.units, units, fits * unit_of(j));
    if (a->terminated)
        memset((char *)j->wanted.units + fits * unit_of(j), 0, unit_of(j));
    if (fits == length || a->cut || !SQL_SUCCEEDED(r))
        return r;
    shim_diagnose(&j->dbc->h, "01004",
                  "the completed connection string is longer than the buffer for it");
    if (r == SQL_SUCCESS_WITH_INFO)
        shim_diagnostic_is_beside(&j->dbc->h);
    return SQL_SUCCESS_WITH_INFO;
}

/* How much longer the whole of the target's answer gets, where only a part of it was seen and its
   DRIVER or DSN is not in that: a completed string has one. */
static long unseen_growth(const struct shim_journey *j, const struct answer *a)
{
    bool tells_more = a->cut && j->told > (long)a->length;
    return tells_more ? growth(j) : 0;
}

static SQLRETURN bring_home(struct shim_journey *j, SQLRETURN r)
{
    struct answer a;
    if (!read_answer(j, &a))
        return r;
    if (repeats_input(j, &a))
        return deliver(j, &a, j->given.units, j->given.length, growth(j), r);
    struct shim_text text = {j->buffer, a.length, j->given.wide};
    struct shim_connection_string *string = shim_connection_string_new(text);
    size_t length = a.length;
    void *units = NULL;
    bool seen = string && shim_connection_string_source(string);
    if (string &&
        (r == SQL_NEED_DATA || shim_route_homeward(j->dbc->settings, string, j->dbc->input)))
        units = shim_connection_string_write(string, &length);
    long grown = (long)length - (long)a.length;
    if (!seen && a.cut)
        grown = r == SQL_NEED_DATA ? 0 : unseen_growth(j, &a); /* what is asked for has no source */
    r = deliver(j, &a, units ? units : j->buffer, length, grown, r);
    free(units);
    shim_connection_string_free(&string);
    return r;
}

SQLRETURN shim_journey_end(struct shim_journey *j, SQLRETURN r)
{
    if (j->buffer)
        r = bring_home(j, r);
    free(j->outward);
    free(j->buffer);
    j->dbc->browsing = r == SQL_NEED_DATA;
    if (!j->dbc->browsing)
        shim_connection_string_free(&j->dbc->input);
    return r;
}
