/* SPDX-License-Identifier: MIT */
/*
 * The fake driver: every function of odbc_api.def, each of which writes down how it was called and
 * answers what a test has told it to, or else as a small well-behaved driver does. A handle that is
 * not its own, is of another kind or was freed ends the process, and so does a question for
 * diagnostics where the last call on the handle gave none (`lenient` off).
 *
 * A test gets at it with dlsym(library, "fake_control"): the library of a target that somebody has
 * loaded is the same one for everybody in the process.
 */
#ifndef FAKE_H
#define FAKE_H

/* Every build of the fake counts the functions alike, those that it does not export included. */
#if !SHIM_WIDE
#error "the fake driver and its tests are compiled with SHIM_WIDE=1"
#endif
#include "odbcshim/api.h"
#include "tests/fake/arguments.h"

#define FAKE_TEXTS 3

/* Connection attributes of the fake's own. */
#define FAKE_ATTR_INTEGER 0x5000
#define FAKE_ATTR_TEXT    0x5001
#define FAKE_ATTR_BINARY  0x5002
#define FAKE_ATTR_POINTER 0x5003

struct fake_text {
    char *bytes; /* a copy of a text argument, as it was given; NULL: none was given */
    size_t size; /* in bytes, without terminator */
};

struct fake_call {
    enum shim_function fn;
    size_t count;
    uintptr_t words[FAKE_ARGUMENTS];
    struct fake_text texts[FAKE_TEXTS]; /* of the functions that are given texts to read */
    SQLHANDLE made;                     /* by a function that makes handles */
    SQLRETURN result;
};

/* A diagnostic record; `state` NULL: none. */
struct fake_record {
    const char *state;
    SQLINTEGER native;
    const char *text;
};

/* Bytes to put where an argument points. */
struct fake_output {
    size_t argument;
    const void *bytes;
    size_t size;
};

#define FAKE_RECORDS 4
#define FAKE_OUTPUTS 4

/* What a function is to do. Where `result` is a success it does what it ever does as well. The
   texts and bytes must live as long as the answer. */
struct fake_answer {
    enum shim_function fn;
    SQLRETURN result;
    unsigned times; /* 0: from now on */
    struct fake_record records[FAKE_RECORDS];
    struct fake_output outputs[FAKE_OUTPUTS];
};

struct fake_control {
    /* Forgets everything: calls, answers, switches, handles. */
    void (*reset)(void);
    /* The next call of a function; answers to one function are given in their order. */
    void (*answer)(const struct fake_answer *answer);
    /* The calls since the reset; valid until the next call. */
    size_t (*calls)(const struct fake_call **calls);
    /* How many handles of a kind are not freed. */
    size_t (*live)(SQLSMALLINT type);
    /* Whether a handle is one of the fake's, of that kind and not freed. */
    bool (*owns)(SQLSMALLINT type, SQLHANDLE handle);
    /* Waits until somebody waits inside `hold`. False if that takes too long. */
    bool (*held)(void);

    bool inert;              /* write down, answer, and look at no argument but the handle */
    bool quiet;              /* check the handle and nothing else: no lock, no writing down */
    bool lenient;            /* diagnostics may be asked for at any time */
    bool dead_refused;       /* SQL_ATTR_CONNECTION_DEAD is an error */
    SQLUINTEGER dead;        /* else the answer to it */
    unsigned rounds;         /* how often SQLBrowseConnect asks back */
    const char *completed;   /* what completed strings are; NULL: the input and ";FAKE=yes" */
    enum shim_function hold; /* waits inside this function for SQLCancel; 0: none */
};

/* The one symbol that a driver would not export. */
__attribute__((visibility("default"))) struct fake_control *fake_control(void);

#endif
