/* SPDX-License-Identifier: MIT */
/*
 * The largest of many numbers that change one at a time: a tournament, whose root is the maximum.
 * A change costs at most the logarithm of how many there are, usually nothing but its own place;
 * reading the maximum costs nothing. The caller locks.
 */
#ifndef PLUG_MAXIMUM_H
#define PLUG_MAXIMUM_H

#include <stddef.h>
#include <stdint.h>

/* All zero is an empty tournament. */
struct plug_maximum {
    int64_t *nodes;    /* nodes[1] is the root, nodes[capacity ..] the numbers */
    uint32_t capacity; /* a power of two, or 0 */
    uint32_t used;     /* places ever given out */
    uint32_t free;     /* 1 + a place that was given back, or 0 */
};

/* The place of a number that takes part in no tournament. */
#define PLUG_NO_PLACE UINT32_MAX

/* Sets the number at *place, which must not be negative. One without a place gets one when it is
   not 0; if memory is out it goes without, and is missing from the maximum. */
void plug_maximum_set(struct plug_maximum *m, uint32_t *place, int64_t number)
    __attribute__((nonnull));

/* Takes the number out; *place becomes PLUG_NO_PLACE. */
void plug_maximum_remove(struct plug_maximum *m, uint32_t *place) __attribute__((nonnull));

/* The largest number, 0 if there is none. */
int64_t plug_maximum_get(const struct plug_maximum *m) __attribute__((nonnull));

void plug_maximum_fini(struct plug_maximum *m) __attribute__((nonnull));

#endif
