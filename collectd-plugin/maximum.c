/* SPDX-License-Identifier: MIT */
/*
 * Owns the tournament tree. A free place holds the number of the next free one, as -1 - n: less
 * than any number, so that it never wins.
 */
#include "collectd-plugin/maximum.h"

#include <stdlib.h>
#include <string.h>

enum { CAPACITY_MIN = 4 };

static int64_t winner(const struct plug_maximum *m, uint32_t node)
{
    int64_t left = m->nodes[2 * node], right = m->nodes[2 * node + 1];
    int64_t larger = left > right ? left : right;

    return larger > 0 ? larger : 0;
}

static void put(struct plug_maximum *m, uint32_t place, int64_t number)
{
    uint32_t node = m->capacity + place;

    m->nodes[node] = number;
    for (node /= 2; node > 0; node /= 2) {
        int64_t won = winner(m, node);

        if (m->nodes[node] == won)
            break;
        m->nodes[node] = won;
    }
}

static int grow(struct plug_maximum *m)
{
    uint32_t capacity = m->capacity == 0 ? CAPACITY_MIN : m->capacity * 2;
    struct plug_maximum bigger = *m;

    bigger.capacity = capacity;
    bigger.nodes = calloc(2 * (size_t)capacity, sizeof(*bigger.nodes));
    if (bigger.nodes == NULL)
        return -1;
    if (m->capacity > 0)
        memcpy(&bigger.nodes[capacity], &m->nodes[m->capacity], m->capacity * sizeof(*m->nodes));
    for (uint32_t node = capacity - 1; node > 0; node--)
        bigger.nodes[node] = winner(&bigger, node);
    free(m->nodes);
    *m = bigger;
    return 0;
}

static uint32_t take_place(struct plug_maximum *m)
{
    if (m->free > 0) {
        uint32_t place = m->free - 1;

        m->free = (uint32_t)(-1 - m->nodes[m->capacity + place]);
        return place;
    }
    if (m->used == m->capacity && grow(m) != 0)
        return PLUG_NO_PLACE;
    return m->used++;
}

void plug_maximum_set(struct plug_maximum *m, uint32_t *place, int64_t number)
{
    if (*place == PLUG_NO_PLACE && number > 0)
        *place = take_place(m);
    if (*place != PLUG_NO_PLACE)
        put(m, *place, number);
}

void plug_maximum_remove(struct plug_maximum *m, uint32_t *place)
{
    if (*place == PLUG_NO_PLACE)
        return;
    put(m, *place, -1 - (int64_t)m->free);
    m->free = *place + 1;
    *place = PLUG_NO_PLACE;
}

int64_t plug_maximum_get(const struct plug_maximum *m)
{
    return m->capacity == 0 ? 0 : m->nodes[1];
}

void plug_maximum_fini(struct plug_maximum *m)
{
    free(m->nodes);
    *m = (struct plug_maximum){0};
}
