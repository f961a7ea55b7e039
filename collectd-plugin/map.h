/* SPDX-License-Identifier: MIT */
/*
 * A hash table from 64-bit keys, and the keyed hash that makes them. The keys must come from
 * plug_hash: what senders choose (names, tokens) then cannot be chosen to collide. The caller
 * locks.
 */
#ifndef PLUG_MAP_H
#define PLUG_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The secret of one table: random, drawn once. */
struct plug_secret {
    uint64_t k0, k1;
};

/* SipHash-1-3 of some bytes (https://www.aumasson.jp/siphash/siphash.pdf). */
uint64_t plug_hash(const struct plug_secret *secret, const void *bytes, size_t n)
    __attribute__((nonnull(1)));

struct plug_slot {
    uint64_t key;
    void *item; /* NULL: free */
};

/* All zero is an empty map. */
struct plug_map {
    struct plug_slot *slots;
    size_t size; /* a power of two, or 0 */
    size_t used;
};

/* Whether an item with the right key is the one that is looked for. */
typedef bool plug_same(const void *item, const void *wanted);

/* The item that `same` says yes to, or NULL; without `same` any with that key. */
void *plug_map_find(const struct plug_map *map, uint64_t key, plug_same *same, const void *wanted)
    __attribute__((nonnull(1)));

/* Begins to fetch what plug_map_find will look at. */
static inline void plug_map_fetch(const struct plug_map *map, uint64_t key)
{
    if (map->size > 0)
        __builtin_prefetch(&map->slots[key & (map->size - 1)]);
}

/* Adds an item, which must not be in it. False if memory is out. */
bool plug_map_put(struct plug_map *map, uint64_t key, void *item)
    __attribute__((nonnull, warn_unused_result));

/* Takes that very item out, if it is in. */
void plug_map_remove(struct plug_map *map, uint64_t key, const void *item) __attribute__((nonnull));

/*
 * A map may count instead of holding items: keys alone identify, 64 keyed bits being enough that
 * two never meet. Counts up, and returns the new count; 0 if memory is out.
 */
size_t plug_map_count_up(struct plug_map *map, uint64_t key)
    __attribute__((nonnull, warn_unused_result));
/* Counts down, and returns what is left; at 0 the key leaves the map. A key that is not there
   stays at 0. */
size_t plug_map_count_down(struct plug_map *map, uint64_t key) __attribute__((nonnull));

/* Or it may hold numbers, by the same keys. The number of a key, 0 if it has none. */
uintptr_t plug_map_number(const struct plug_map *map, uint64_t key) __attribute__((nonnull));
/* The key's number becomes this one, unless it is higher already. False if memory is out. */
bool plug_map_raise(struct plug_map *map, uint64_t key, uintptr_t number)
    __attribute__((nonnull, warn_unused_result));

/* Frees the slots, not the items. The map is empty then. */
void plug_map_fini(struct plug_map *map) __attribute__((nonnull));

#endif
