/* SPDX-License-Identifier: MIT */
/* What the parts of the fake driver know of each other. */
#ifndef FAKE_INSIDE_H
#define FAKE_INSIDE_H

#include "tests/fake/fake.h"

#define FAKE_ATTRIBUTES 16

struct fake_handle {
    uint32_t magic;
    SQLSMALLINT type;
    bool dead;
    bool connected;
    bool transaction;
    bool implicit;   /* a descriptor of its statement */
    unsigned rounds; /* of SQLBrowseConnect so far */
    SQLRETURN last;  /* what the last call on it returned */
    struct fake_record records[FAKE_RECORDS];
    size_t first, count; /* records; SQLError takes off the first */
    struct fake_handle *parent;
    struct fake_handle *descriptors[4], *implicits[4]; /* of a statement: in force, its own */
    struct {
        SQLINTEGER attribute;
        uintptr_t value;
    } attributes[FAKE_ATTRIBUTES];
    size_t attribute_count;
    struct fake_handle *children, *sibling; /* dead ones among them */
    struct fake_handle *next;               /* of all */
};

extern struct fake_control fake_switches;

/* Every function of the driver is this one. */
SQLRETURN fake_called(enum shim_function fn, const uintptr_t *words, size_t count);

/* The handle behind a word; ends the process if it is none of that kind. */
struct fake_handle *fake_handle_of(SQLSMALLINT type, uintptr_t word);

/* Handles; the lock is held. */
struct fake_handle *fake_handle_new(SQLSMALLINT type, struct fake_handle *parent);
void fake_handle_kill(struct fake_handle *h);
bool fake_handle_has_children(const struct fake_handle *h, SQLSMALLINT type);
void fake_handle_each(void (*visit)(struct fake_handle *h, void *context), void *context);

/* Frees all handles, dead or alive; whether a handle is alive; how many are. */
void fake_handles_forget(void);
bool fake_handle_is(SQLSMALLINT type, SQLHANDLE handle);
size_t fake_handles_live(SQLSMALLINT type);

/* Puts one record on a handle; returns SQL_ERROR. */
SQLRETURN fake_fail(struct fake_handle *h, const char *state, const char *text);

/* Puts a text of ASCII into a buffer of so many units of a width, as ODBC has it. */
SQLRETURN fake_put_text(const char *text, void *buffer, SQLINTEGER units, bool wide,
                        SQLINTEGER *length);

/* What a function does by itself; NULL: nothing. `h` is the handle that it works on. */
typedef SQLRETURN fake_behaviour(enum shim_function fn, struct fake_handle *h,
                                 const uintptr_t *words);
extern fake_behaviour *const fake_behaviours[SHIM_FUNCTIONS];

fake_behaviour fake_get_record, fake_get_field, fake_next_record;

/* Whether diagnostics are what the function is asked for. */
bool fake_is_diagnostic(enum shim_function fn);

/* Whether the function is a wide one. */
bool fake_is_wide(enum shim_function fn);

#endif
