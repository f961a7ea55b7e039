/* SPDX-License-Identifier: MIT */
/*
 * What the conformance tests share: libraries opened as an application or a driver manager opens
 * them, sessions through any layer, and what was counted of them.
 *
 * The environment tells where things are: SHIM_WIDE_LIBRARY and SHIM_ANSI_LIBRARY, the two
 * libraries, and FAKE_DIR, the folder of the fake drivers.
 */
#ifndef TEST_CONFORMANCE_H
#define TEST_CONFORMANCE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "protocol/metrics.h"
#include "tests/fake/fake.h"

/* The way from an application's call to the fake driver. */
enum layer {
    DIRECT,  /* the fake's own functions */
    SHIM,    /* the shim's, and behind them the fake */
    MANAGER, /* the driver manager's, and behind them the fake */
    MANAGED, /* the driver manager's, the shim's, the fake's */
};

struct library {
    void *handle;
    struct shim_api api; /* NULL where it exports no such function */
    bool has[SHIM_FUNCTIONS];
    char path[512];
    struct library *next;
};

extern const struct test_function {
    const char *name;
    SQLUSMALLINT id;
    bool wide;
} test_functions[SHIM_FUNCTIONS];

struct session {
    enum layer layer;
    const char *fake;          /* the fake driver's name: "fake_wide" */
    bool wide;                 /* W functions are called */
    const struct library *lib; /* what is called */
    struct fake_control *control;
    SQLHENV env;
    SQLHDBC dbc;
    SQLHSTMT stmt;
};

/* Calls a function of a twin in the session's width. */
#define CALL(s, name, ...)                                                                         \
    ((s)->wide ? (s)->lib->api.name##W(__VA_ARGS__) : (s)->lib->api.name(__VA_ARGS__))

/* Files and variables of this process; before anything else is called. */
void world_begin(void);
void world_end(void);

/* A file of that name in the temporary folder of the test; lives until the next call. */
const char *world_file(const char *name, const char *content);

/* Opens a library once per process; the test fails if that cannot be. */
const struct library *library_open(const char *path);
const char *shim_path(bool wide);
/* The path of a fake driver, and the switches of it. */
const char *fake_path(const char *fake);
struct fake_control *fake_of(const char *fake);
bool fake_is_ansi(const char *fake);

/* Makes environment and connection, with what ODBC 3.80 says. */
void session_begin(struct session *s, enum layer layer, const char *fake, bool wide);
/* The connection string by which a layer comes to the fake, and `more` behind it. */
const char *session_string(const struct session *s, const char *more);
/* Begins, connects by that string and makes a statement. The fake's book is empty then. */
void session_open(struct session *s, enum layer layer, const char *fake, bool wide);
SQLRETURN session_connect(struct session *s, const char *string);
void session_close(struct session *s);

/* A text in the session's width; one of some that live until as many others were made. */
void *in_width(const struct session *s, const char *text);
/* Back to ASCII; likewise. */
const char *from_width(const struct session *s, const void *text);

/* The last call of a function in the fake's book; the test fails if there is none. */
const struct fake_call *last_call(const struct session *s, enum shim_function fn);
size_t calls_of(const struct session *s, enum shim_function fn);
/* A text that the fake was given, as ASCII. */
const char *text_given(const struct fake_call *call, size_t n);
/* The function in the width of the session. */
#define FN(s, name) ((s)->wide ? SHIM_FN_##name##W : SHIM_FN_##name)

/* The first record on a handle has that state and its message contains every given word. */
void expect_record(const struct session *s, int line, SQLSMALLINT type, SQLHANDLE handle,
                   const char *state, const char *word, const char *another);

/* Waits until the reports say so of a program. */
void expect_total(int line, const char *program, enum cdp_metric metric, int64_t expected);
void expect_gauge(int line, const char *program, enum cdp_metric metric, double expected);

#define assert_result(r, expected) assert_int_equal((r), (expected))

/* The groups of tests. */
int conformance_plain(void);
int conformance_sessions(void);
int conformance_handles(void);
int conformance_diagnostics(void);
int conformance_attributes(void);
int conformance_connecting(void);
int conformance_input(void);
int conformance_threads(void);

#endif
