/* SPDX-License-Identifier: MIT */
/*
 * Owns the memory of sessions that the table has forgotten. The maps hold numbers: of each session
 * the lowest sequence that would be new, or ALL_OLD.
 */
#include "collectd-plugin/forgotten.h"

#include "collectd-plugin/ticks.h"

#define ALL_OLD UINTPTR_MAX

static void begin_generation(struct plug_forgotten *f, uint64_t now)
{
    plug_map_fini(&f->older);
    f->older = f->younger;
    f->younger = (struct plug_map){0};
    f->began = now;
}

void plug_forgotten_add(struct plug_forgotten *f, uint64_t key, uint64_t highest, uint64_t now)
{
    uintptr_t lowest_new = highest < ALL_OLD ? (uintptr_t)highest + 1 : ALL_OLD;

    if (plug_elapsed(f->began, now) >= plug_seconds(PLUG_FORGOTTEN_S) || f->younger.used >= f->max)
        begin_generation(f, now);
    (void)!plug_map_raise(&f->younger, key, lowest_new);
}

static bool is_old(const struct plug_map *map, uint64_t key, uint64_t sequence)
{
    uintptr_t lowest_new = plug_map_number(map, key);

    return sequence < lowest_new || lowest_new == ALL_OLD;
}

bool plug_forgotten_has(const struct plug_forgotten *f, uint64_t key, uint64_t sequence)
{
    return is_old(&f->younger, key, sequence) || is_old(&f->older, key, sequence);
}

void plug_forgotten_fini(struct plug_forgotten *f)
{
    plug_map_fini(&f->younger);
    plug_map_fini(&f->older);
}
