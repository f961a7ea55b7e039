/* SPDX-License-Identifier: MIT */
/*
 * Owns the fake's handles. A freed one stays in memory until the reset, so that its further use is
 * told from that of any other.
 */
#include "tests/fake/inside.h"

#include <stdio.h>
#include <stdlib.h>

#define MAGIC 0xFA4EFA4Eu

static struct fake_handle *handles;

__attribute__((noreturn)) static void end(const char *what, SQLSMALLINT type, uintptr_t word)
{
    fprintf(stderr, "fake driver: %s (kind %d, %p)\n", what, type, (void *)word);
    abort();
}

struct fake_handle *fake_handle_of(SQLSMALLINT type, uintptr_t word)
{
    struct fake_handle *h = (struct fake_handle *)word;
    if (!h)
        end("no handle", type, word);
    if (h->magic != MAGIC)
        end("a handle of somebody else", type, word);
    if (h->type != type)
        end("a handle of another kind", type, word);
    if (h->dead)
        end("a handle that was freed", type, word);
    return h;
}

struct fake_handle *fake_handle_new(SQLSMALLINT type, struct fake_handle *parent)
{
    struct fake_handle *h = calloc(1, sizeof *h);
    if (!h)
        end("memory is out", type, 0);
    h->magic = MAGIC;
    h->type = type;
    h->parent = parent;
    h->next = handles;
    handles = h;
    if (parent) {
        h->sibling = parent->children;
        parent->children = h;
    }
    for (size_t i = 0; type == SQL_HANDLE_STMT && i < 4; i++) {
        h->implicits[i] = h->descriptors[i] = fake_handle_new(SQL_HANDLE_DESC, h);
        h->implicits[i]->implicit = true;
    }
    return h;
}

/* An explicit descriptor goes: the statements that it was set on have their own again. */
static void forget_descriptor(struct fake_handle *descriptor)
{
    for (struct fake_handle *h = descriptor->parent->children; h; h = h->sibling)
        for (size_t i = 0; h->type == SQL_HANDLE_STMT && i < 4; i++)
            if (h->descriptors[i] == descriptor)
                h->descriptors[i] = h->implicits[i];
}

void fake_handle_kill(struct fake_handle *h)
{
    if (h->type == SQL_HANDLE_DESC && !h->implicit)
        forget_descriptor(h);
    h->dead = true;
    for (struct fake_handle *c = h->children; c; c = c->sibling)
        if (!c->dead)
            fake_handle_kill(c);
}

bool fake_handle_has_children(const struct fake_handle *h, SQLSMALLINT type)
{
    for (struct fake_handle *c = h->children; c; c = c->sibling)
        if (!c->dead && c->type == type)
            return true;
    return false;
}

void fake_handle_each(void (*visit)(struct fake_handle *h, void *context), void *context)
{
    for (struct fake_handle *h = handles; h; h = h->next)
        if (!h->dead)
            visit(h, context);
}

void fake_handles_forget(void)
{
    while (handles) {
        struct fake_handle *h = handles;
        handles = h->next;
        h->magic = 0;
        free(h);
    }
}

bool fake_handle_is(SQLSMALLINT type, SQLHANDLE handle)
{
    for (struct fake_handle *h = handles; h; h = h->next)
        if (h == handle)
            return h->type == type && !h->dead;
    return false;
}

size_t fake_handles_live(SQLSMALLINT type)
{
    size_t n = 0;
    for (struct fake_handle *h = handles; h; h = h->next)
        n += h->type == type && !h->dead && !h->implicit;
    return n;
}
