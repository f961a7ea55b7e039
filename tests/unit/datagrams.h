/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the wire share: datagrams in memory of exactly their size, so that the address
 * sanitizer sees a read outside of them; the golden files; value lists kept for comparing.
 */
#ifndef TEST_DATAGRAMS_H
#define TEST_DATAGRAMS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/decode.h"

struct datagram {
    uint8_t *bytes;
    size_t length;
};

static const char *const golden_files[] = {
    "collectd-network/none.bin",      "collectd-network/sign.bin",
    "collectd-network/encrypt.bin",   "sqlalchemy-collectd/pool.bin",
    "sqlalchemy-collectd/totals.bin",
};
enum { GOLDEN_FILES = sizeof(golden_files) / sizeof(golden_files[0]) };

__attribute__((unused)) static struct datagram datagram_copy(const void *bytes, size_t length)
{
    struct datagram d = {malloc(length > 0 ? length : 1), length};

    if (d.bytes == NULL)
        abort();
    if (length > 0)
        memcpy(d.bytes, bytes, length);
    return d;
}

__attribute__((unused)) static void datagram_free(struct datagram *d)
{
    free(d->bytes);
    *d = (struct datagram){NULL, 0};
}

__attribute__((unused)) static struct datagram datagram_golden(const char *name)
{
    const char *top = getenv("srcdir");
    uint8_t bytes[2048];
    char path[4096];
    size_t length;
    FILE *f;

    snprintf(path, sizeof(path), "%s/tests/golden/%s", top != NULL ? top : ".", name);
    f = fopen(path, "rb");
    if (f == NULL) {
        perror(path);
        abort();
    }
    length = fread(bytes, 1, sizeof(bytes), f);
    fclose(f);
    return datagram_copy(bytes, length);
}

/* A value list that outlives its datagram. */
struct kept_list {
    char host[CDP_NAME_MAX], plugin[CDP_NAME_MAX], plugin_instance[CDP_NAME_MAX];
    char type[CDP_NAME_MAX], type_instance[CDP_NAME_MAX];
    struct cdp_value_list list; /* its strings are the ones above */
};

struct kept_lists {
    struct kept_list *lists;
    size_t count;
};

static const char *keep_string(char to[CDP_NAME_MAX], const char *s)
{
    if (strlen(s) >= CDP_NAME_MAX)
        abort();
    return strcpy(to, s);
}

/* A cdp_take: `context` is a struct kept_lists. */
__attribute__((unused)) static void keep_list(void *context, const struct cdp_value_list *list)
{
    struct kept_lists *kept = context;

    kept->lists = realloc(kept->lists, (kept->count + 1) * sizeof(*kept->lists));
    if (kept->lists == NULL || list->count == 0 || list->count > CDP_VALUES_MAX)
        abort();

    struct kept_list *k = &kept->lists[kept->count++];

    memset(k, 0, sizeof(*k));
    k->list.time = list->time;
    k->list.interval = list->interval;
    k->list.count = list->count;
    memcpy(k->list.values, list->values, list->count * sizeof(list->values[0]));
    keep_string(k->host, list->host);
    keep_string(k->plugin, list->plugin);
    keep_string(k->plugin_instance, list->plugin_instance);
    keep_string(k->type, list->type);
    keep_string(k->type_instance, list->type_instance);
}

/* The strings move when the array grows, so the pointers are set on the way out. */
__attribute__((unused)) static const struct cdp_value_list *kept_at(struct kept_lists *kept,
                                                                    size_t i)
{
    struct kept_list *k = &kept->lists[i];

    if (i >= kept->count)
        abort();
    k->list.host = k->host;
    k->list.plugin = k->plugin;
    k->list.plugin_instance = k->plugin_instance;
    k->list.type = k->type;
    k->list.type_instance = k->type_instance;
    return &k->list;
}

__attribute__((unused)) static void kept_free(struct kept_lists *kept)
{
    free(kept->lists);
    *kept = (struct kept_lists){NULL, 0};
}

/* A small generator, so that a random schedule is the same on every machine. */
__attribute__((unused)) static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

#endif
