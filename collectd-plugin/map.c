/* SPDX-License-Identifier: MIT */
/*
 * Owns the hash table: open addressing with linear probing. Removal moves the followers up, so that
 * no dead slots gather however long the process lives, and a table whose items left shrinks.
 */
#include "collectd-plugin/map.h"

#include <stdlib.h>
#include <string.h>

/* The fewest slots, and when to grow and to shrink: over 3/4 or under 1/8 full. */
#define SIZE_MIN         64
#define IS_FULL(map)     ((map)->used + 1 > (map)->size / 4 * 3)
#define IS_DESERTED(map) ((map)->size > SIZE_MIN && (map)->used < (map)->size / 8)

static uint64_t rotate(uint64_t v, int bits)
{
    return v << bits | v >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32) + v[3];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
}

uint64_t plug_hash(const struct plug_secret *secret, const void *bytes, size_t n)
{
    uint64_t v[4] = {
        secret->k0 ^ UINT64_C(0x736f6d6570736575),
        secret->k1 ^ UINT64_C(0x646f72616e646f6d),
        secret->k0 ^ UINT64_C(0x6c7967656e657261),
        secret->k1 ^ UINT64_C(0x7465646279746573),
    };
    const char *at = bytes;
    size_t left = n;
    uint64_t word;

    /* Words in the machine's own byte order: the hash never leaves the process. */
    for (; left >= sizeof(word); left -= sizeof(word), at += sizeof(word)) {
        memcpy(&word, at, sizeof(word));
        sip_word(v, word);
    }
    word = 0;
    if (left > 0)
        memcpy(&word, at, left);
    sip_word(v, word ^ (uint64_t)n << 56);
    v[2] ^= 0xff;
    sip_round(v);
    sip_round(v);
    sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static struct plug_slot *slot_of(const struct plug_map *map, uint64_t key, plug_same *same,
                                 const void *wanted)
{
    if (map->size == 0)
        return NULL;
    for (size_t i = key & (map->size - 1); map->slots[i].item != NULL;
         i = (i + 1) & (map->size - 1)) {
        struct plug_slot *slot = &map->slots[i];

        if (slot->key == key && (same == NULL || same(slot->item, wanted)))
            return slot;
    }
    return NULL;
}

void *plug_map_find(const struct plug_map *map, uint64_t key, plug_same *same, const void *wanted)
{
    struct plug_slot *slot = slot_of(map, key, same, wanted);

    return slot != NULL ? slot->item : NULL;
}

static void place(struct plug_map *map, uint64_t key, void *item)
{
    size_t i = key & (map->size - 1);

    while (map->slots[i].item != NULL)
        i = (i + 1) & (map->size - 1);
    map->slots[i] = (struct plug_slot){.key = key, .item = item};
}

static bool resize(struct plug_map *map, size_t size)
{
    struct plug_map bigger = {.size = size, .used = map->used};

    bigger.slots = calloc(size, sizeof(*bigger.slots));
    if (bigger.slots == NULL)
        return false;
    for (size_t i = 0; i < map->size; i++)
        if (map->slots[i].item != NULL)
            place(&bigger, map->slots[i].key, map->slots[i].item);
    free(map->slots);
    *map = bigger;
    return true;
}

bool plug_map_put(struct plug_map *map, uint64_t key, void *item)
{
    if (IS_FULL(map) && !resize(map, map->size == 0 ? SIZE_MIN : map->size * 2))
        return false;
    place(map, key, item);
    map->used++;
    return true;
}

/* Frees a slot, and moves into the gap whatever would no longer be found behind it. */
static void vacate(struct plug_map *map, struct plug_slot *slot)
{
    size_t mask = map->size - 1;
    size_t gap = (size_t)(slot - map->slots);

    for (size_t i = (gap + 1) & mask; map->slots[i].item != NULL; i = (i + 1) & mask) {
        size_t home = map->slots[i].key & mask;

        if (((i - home) & mask) < ((i - gap) & mask))
            continue;
        map->slots[gap] = map->slots[i];
        gap = i;
    }
    map->slots[gap].item = NULL;
    map->used--;
    if (IS_DESERTED(map))
        (void)resize(map, map->size / 2); /* if memory is out it stays as it is */
}

static bool is_it(const void *item, const void *wanted)
{
    return item == wanted;
}

void plug_map_remove(struct plug_map *map, uint64_t key, const void *item)
{
    struct plug_slot *slot = slot_of(map, key, is_it, item);

    if (slot != NULL)
        vacate(map, slot);
}

size_t plug_map_count_up(struct plug_map *map, uint64_t key)
{
    struct plug_slot *slot = slot_of(map, key, NULL, NULL);

    if (slot == NULL)
        return plug_map_put(map, key, (void *)(uintptr_t)1) ? 1 : 0;

    uintptr_t count = (uintptr_t)slot->item + 1;

    slot->item = (void *)count;
    return count;
}

size_t plug_map_count_down(struct plug_map *map, uint64_t key)
{
    struct plug_slot *slot = slot_of(map, key, NULL, NULL);

    if (slot == NULL)
        return 0;

    uintptr_t left = (uintptr_t)slot->item - 1;

    if (left == 0)
        vacate(map, slot);
    else
        slot->item = (void *)left;
    return left;
}

uintptr_t plug_map_number(const struct plug_map *map, uint64_t key)
{
    const struct plug_slot *slot = slot_of(map, key, NULL, NULL);

    return slot != NULL ? (uintptr_t)slot->item : 0;
}

bool plug_map_raise(struct plug_map *map, uint64_t key, uintptr_t number)
{
    struct plug_slot *slot = slot_of(map, key, NULL, NULL);

    if (slot == NULL)
        return number == 0 || plug_map_put(map, key, (void *)number);
    if (number > (uintptr_t)slot->item)
        slot->item = (void *)number;
    return true;
}

void plug_map_fini(struct plug_map *map)
{
    free(map->slots);
    *map = (struct plug_map){0};
}
