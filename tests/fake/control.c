/* SPDX-License-Identifier: MIT */
/*
 * What every call of the fake driver goes through: which handle it is for, the book of calls, the
 * answers that a test has prepared. One lock guards all of it.
 */
#include "tests/fake/inside.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HELD_SECONDS 30

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct fake_call *book;
static size_t written, room;
static struct prepared {
    struct fake_answer answer;
    unsigned left;
    struct prepared *next;
} * prepared;
static bool holding, cancelled;

/* The kind of handle that the first argument of a function is; 0: see `handle_for`. */
#define KIND_ENV  SQL_HANDLE_ENV
#define KIND_DBC  SQL_HANDLE_DBC
#define KIND_STMT SQL_HANDLE_STMT
#define KIND_DESC SQL_HANDLE_DESC
#define KIND_ANY  0

static const struct {
    SQLSMALLINT kind;
    bool wide;
} functions[SHIM_FUNCTIONS] = {
#define SHIM_ANY(name, twin, kind, id, params, args)                                               \
    {KIND_##kind, false}, SHIM_WIDE_##twin({KIND_##kind, true}, )
#include "odbcshim/odbc_api.def"
};

bool fake_is_wide(enum shim_function fn)
{
    return functions[fn].wide;
}

bool fake_is_diagnostic(enum shim_function fn)
{
    return fn == SHIM_FN_SQLGetDiagRec || fn == SHIM_FN_SQLGetDiagRecW ||
           fn == SHIM_FN_SQLGetDiagField || fn == SHIM_FN_SQLGetDiagFieldW ||
           fn == SHIM_FN_SQLError || fn == SHIM_FN_SQLErrorW;
}

/* ---- the handle of a call ------------------------------------------------------------------- */

static struct fake_handle *parent_for(const uintptr_t *words)
{
    switch ((SQLSMALLINT)words[0]) {
    case SQL_HANDLE_ENV:
        return NULL;
    case SQL_HANDLE_DBC:
        return fake_handle_of(SQL_HANDLE_ENV, words[1]);
    default:
        return fake_handle_of(SQL_HANDLE_DBC, words[1]);
    }
}

/* The handle that a call works on; NULL where there is none. */
static struct fake_handle *handle_for(enum shim_function fn, const uintptr_t *words)
{
    if (functions[fn].kind)
        return fake_handle_of(functions[fn].kind, words[0]);
    switch (fn) {
    case SHIM_FN_SQLAllocHandle:
    case SHIM_FN_SQLAllocHandleStd:
        return parent_for(words);
    case SHIM_FN_SQLCopyDesc:
        fake_handle_of(SQL_HANDLE_DESC, words[0]);
        return fake_handle_of(SQL_HANDLE_DESC, words[1]);
    case SHIM_FN_SQLError:
    case SHIM_FN_SQLErrorW:
        return words[2]   ? fake_handle_of(SQL_HANDLE_STMT, words[2])
               : words[1] ? fake_handle_of(SQL_HANDLE_DBC, words[1])
                          : fake_handle_of(SQL_HANDLE_ENV, words[0]);
    case SHIM_FN_SQLTransact:
        return words[1] ? fake_handle_of(SQL_HANDLE_DBC, words[1])
                        : fake_handle_of(SQL_HANDLE_ENV, words[0]);
    case SHIM_FN_SQLAllocEnv:
        return NULL;
    default: /* SQLFreeHandle, SQLCancelHandle, SQLEndTran, SQLGetDiag...: a kind and a handle */
        return fake_handle_of((SQLSMALLINT)words[0], words[1]);
    }
}

/* ---- the book ------------------------------------------------------------------------------- */

/* Where the texts that a function reads stand: pairs of text and length. */
static const struct {
    enum shim_function fn;
    unsigned char places[2 * FAKE_TEXTS];
} readers[] = {
    {SHIM_FN_SQLConnect, {1, 2, 3, 4, 5, 6}},
    {SHIM_FN_SQLConnectW, {1, 2, 3, 4, 5, 6}},
    {SHIM_FN_SQLDriverConnect, {2, 3}},
    {SHIM_FN_SQLDriverConnectW, {2, 3}},
    {SHIM_FN_SQLBrowseConnect, {1, 2}},
    {SHIM_FN_SQLBrowseConnectW, {1, 2}},
    {SHIM_FN_SQLPrepare, {1, 2}},
    {SHIM_FN_SQLPrepareW, {1, 2}},
    {SHIM_FN_SQLExecDirect, {1, 2}},
    {SHIM_FN_SQLExecDirectW, {1, 2}},
    {SHIM_FN_SQLNativeSql, {1, 2}},
    {SHIM_FN_SQLNativeSqlW, {1, 2}},
};

static size_t text_bytes(const void *text, SQLINTEGER units, bool wide)
{
    size_t n = 0;
    if (units >= 0)
        return (size_t)units * (wide ? sizeof(SQLWCHAR) : 1);
    if (!wide)
        return strlen(text);
    while (((const SQLWCHAR *)text)[n])
        n++;
    return n * sizeof(SQLWCHAR);
}

static struct fake_text copy_of(const void *text, size_t bytes)
{
    struct fake_text t = {text ? malloc(bytes + 2) : NULL, bytes};
    if (t.bytes) {
        memcpy(t.bytes, text, bytes);
        memset(t.bytes + bytes, 0, 2);
    }
    return t;
}

/* What a connection attribute points to, by the rules of SQLSetConnectAttr. */
static struct fake_text attribute_text(const uintptr_t *words, bool wide)
{
    SQLINTEGER attribute = (SQLINTEGER)words[1];
    SQLINTEGER length = (SQLINTEGER)words[3];
    const void *value = (const void *)words[2];
    bool points = attribute == SQL_ATTR_CURRENT_CATALOG || attribute == SQL_ATTR_TRACEFILE ||
                  attribute == FAKE_ATTR_TEXT || attribute == FAKE_ATTR_BINARY;
    if (!points || !value)
        return (struct fake_text){0};
    if (length <= SQL_LEN_BINARY_ATTR_OFFSET)
        return copy_of(value, (size_t)(SQL_LEN_BINARY_ATTR_OFFSET - length));
    return copy_of(value, length >= 0 ? (size_t)length : text_bytes(value, SQL_NTS, wide));
}

static void copy_texts(struct fake_call *call)
{
    bool wide = functions[call->fn].wide;
    if (call->fn == SHIM_FN_SQLSetConnectAttr || call->fn == SHIM_FN_SQLSetConnectAttrW)
        call->texts[0] = attribute_text(call->words, wide);
    for (size_t r = 0; r < sizeof readers / sizeof *readers; r++) {
        if (readers[r].fn != call->fn)
            continue;
        for (size_t i = 0; i < FAKE_TEXTS && readers[r].places[2 * i]; i++) {
            const void *text = (const void *)call->words[readers[r].places[2 * i]];
            SQLINTEGER units = (SQLINTEGER)call->words[readers[r].places[2 * i + 1]];
            if (text)
                call->texts[i] = copy_of(text, text_bytes(text, units, wide));
        }
    }
}

/* Returns the place of the call in the book. */
static size_t write_down(enum shim_function fn, const uintptr_t *words, size_t count)
{
    if (written == room) {
        room = room ? 2 * room : 256;
        book = realloc(book, room * sizeof *book);
        if (!book)
            abort();
    }
    book[written] = (struct fake_call){.fn = fn, .count = count};
    memcpy(book[written].words, words, count * sizeof *words);
    if (!fake_switches.inert)
        copy_texts(&book[written]);
    return written++;
}

/* ---- answering ------------------------------------------------------------------------------- */

/* The next answer to a function, taken off; false if there is none. */
static bool take_answer(enum shim_function fn, struct fake_answer *answer)
{
    struct prepared **at = &prepared;
    while (*at && (*at)->answer.fn != fn)
        at = &(*at)->next;
    struct prepared *p = *at;
    if (!p)
        return false;
    *answer = p->answer;
    if (answer->times && --p->left == 0) {
        *at = p->next;
        free(p);
    }
    return true;
}

static void put_outputs(const struct fake_answer *answer, const uintptr_t *words)
{
    for (size_t i = 0; i < FAKE_OUTPUTS; i++) {
        const struct fake_output *o = &answer->outputs[i];
        if (o->bytes && words[o->argument])
            memcpy((void *)words[o->argument], o->bytes, o->size);
    }
}

static void put_records(struct fake_handle *h, const struct fake_answer *answer)
{
    if (!answer->records[0].state)
        return;
    h->first = h->count = 0;
    while (h->count < FAKE_RECORDS && answer->records[h->count].state) {
        h->records[h->count] = answer->records[h->count];
        h->count++;
    }
}

/* Waits, lock released, until SQLCancel comes. */
static void wait_for_cancel(void)
{
    holding = true;
    pthread_cond_broadcast(&changed);
    while (!cancelled)
        pthread_cond_wait(&changed, &lock);
    holding = cancelled = false;
}

static SQLRETURN answer_locked(enum shim_function fn, struct fake_handle *h, const uintptr_t *words)
{
    struct fake_answer answer = {0};
    fake_behaviour *behave = fake_switches.inert ? NULL : fake_behaviours[fn];
    bool told = take_answer(fn, &answer);
    SQLRETURN r = SQL_SUCCESS;
    if (h && !fake_is_diagnostic(fn))
        h->first = h->count = 0;
    if (behave && (!told || SQL_SUCCEEDED(answer.result)))
        r = behave(fn, h, words);
    if (told) {
        r = answer.result;
        put_outputs(&answer, words);
        if (h)
            put_records(h, &answer);
    }
    if (h && !fake_is_diagnostic(fn))
        h->last = r;
    return r;
}

/* The handle that a function has made; NULL if it has made none. */
static SQLHANDLE made_by(enum shim_function fn, const uintptr_t *words, SQLRETURN r)
{
    size_t place = fn == SHIM_FN_SQLAllocEnv                                         ? 0
                   : fn == SHIM_FN_SQLAllocConnect || fn == SHIM_FN_SQLAllocStmt     ? 1
                   : fn == SHIM_FN_SQLAllocHandle || fn == SHIM_FN_SQLAllocHandleStd ? 2
                                                                                     : SIZE_MAX;
    return place == SIZE_MAX || r != SQL_SUCCESS ? NULL : *(SQLHANDLE *)words[place];
}

SQLRETURN fake_called(enum shim_function fn, const uintptr_t *words, size_t count)
{
    struct fake_handle *h = handle_for(fn, words);
    if (fake_switches.quiet && functions[fn].kind == SQL_HANDLE_STMT && fn != SHIM_FN_SQLFreeStmt)
        return SQL_SUCCESS;
    pthread_mutex_lock(&lock);
    size_t place = fake_switches.quiet ? SIZE_MAX : write_down(fn, words, count);
    if (fn == SHIM_FN_SQLCancel && holding) {
        cancelled = true;
        pthread_cond_broadcast(&changed);
    }
    if (fake_switches.hold && fn == fake_switches.hold)
        wait_for_cancel();
    SQLRETURN r = answer_locked(fn, h, words);
    if (place != SIZE_MAX) {
        book[place].result = r;
        book[place].made = made_by(fn, words, r);
    }
    pthread_mutex_unlock(&lock);
    return r;
}

/* ---- the test's side ------------------------------------------------------------------------- */

static void control_answer(const struct fake_answer *answer)
{
    struct prepared *p = calloc(1, sizeof *p), **end = &prepared;
    if (!p)
        abort();
    p->answer = *answer;
    p->left = answer->times;
    pthread_mutex_lock(&lock);
    while (*end)
        end = &(*end)->next;
    *end = p;
    pthread_mutex_unlock(&lock);
}

static size_t control_calls(const struct fake_call **calls)
{
    pthread_mutex_lock(&lock);
    size_t n = written;
    *calls = book;
    pthread_mutex_unlock(&lock);
    return n;
}

static size_t control_live(SQLSMALLINT type)
{
    pthread_mutex_lock(&lock);
    size_t n = fake_handles_live(type);
    pthread_mutex_unlock(&lock);
    return n;
}

static bool control_owns(SQLSMALLINT type, SQLHANDLE handle)
{
    pthread_mutex_lock(&lock);
    bool is = fake_handle_is(type, handle);
    pthread_mutex_unlock(&lock);
    return is;
}

static bool control_held(void)
{
    struct timespec deadline;
    int error = 0;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += HELD_SECONDS;
    pthread_mutex_lock(&lock);
    while (!holding && !error)
        error = pthread_cond_timedwait(&changed, &lock, &deadline);
    bool is = holding;
    pthread_mutex_unlock(&lock);
    return is;
}

static void control_reset(void);

#define CONTROL                                                                                    \
    {                                                                                              \
        .reset = control_reset, .answer = control_answer, .calls = control_calls,                  \
        .live = control_live, .owns = control_owns, .held = control_held,                          \
    }

struct fake_control fake_switches = CONTROL;

static void control_reset(void)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < written; i++)
        for (size_t k = 0; k < FAKE_TEXTS; k++)
            free(book[i].texts[k].bytes);
    free(book);
    book = NULL;
    written = room = 0;
    while (prepared) {
        struct prepared *p = prepared;
        prepared = p->next;
        free(p);
    }
    fake_handles_forget();
    holding = cancelled = false;
    fake_switches = (struct fake_control)CONTROL;
    pthread_mutex_unlock(&lock);
}

struct fake_control *fake_control(void)
{
    return &fake_switches;
}
