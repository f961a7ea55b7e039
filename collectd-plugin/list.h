/* SPDX-License-Identifier: MIT */
/*
 * Doubly linked lists whose links lie in the members themselves, so that a member is moved and
 * removed in constant time and without allocation. A head is a link too. The caller locks.
 */
#ifndef PLUG_LIST_H
#define PLUG_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* A member that is in no list has NULL in both. */
struct plug_link {
    struct plug_link *next;
    struct plug_link *previous;
};

/* The struct that `link` is the member `field` of. */
#define PLUG_OF(link, type, field) ((type *)(void *)((char *)(link)-offsetof(type, field)))

static inline void plug_list_init(struct plug_link *head)
{
    head->next = head->previous = head;
}

static inline bool plug_list_is_empty(const struct plug_link *head)
{
    return head->next == head;
}

static inline bool plug_link_is_in(const struct plug_link *link)
{
    return link->next != NULL;
}

/* Takes it out of its list, if it is in one. */
static inline void plug_link_remove(struct plug_link *link)
{
    if (link->next == NULL)
        return;
    link->next->previous = link->previous;
    link->previous->next = link->next;
    link->next = link->previous = NULL;
}

/* Moves it to the end of a list, from whichever it is in. */
static inline void plug_list_append(struct plug_link *head, struct plug_link *link)
{
    plug_link_remove(link);
    link->next = head;
    link->previous = head->previous;
    head->previous->next = link;
    head->previous = link;
}

#endif
