/* SPDX-License-Identifier: MIT */
/*
 * Bounded writing and reading of the bytes of one datagram. Nothing is allocated; the memory is
 * the caller's. All multi-byte integers are in network byte order. A buffer belongs to one thread.
 */
#ifndef CDP_BUFFER_H
#define CDP_BUFFER_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A write past the end sets `failed` and changes nothing else: write all fields, test once. */
struct cdp_buffer {
    uint8_t *bytes;
    size_t size;
    size_t used;
    bool failed;
};

void cdp_buffer_init(struct cdp_buffer *b, void *bytes, size_t size) __attribute__((nonnull));
void cdp_buffer_put_u8(struct cdp_buffer *b, uint8_t v) __attribute__((nonnull));
void cdp_buffer_put_u16(struct cdp_buffer *b, uint16_t v) __attribute__((nonnull));
void cdp_buffer_put_u64(struct cdp_buffer *b, uint64_t v) __attribute__((nonnull));
/* A double in little-endian order, as collectd sends gauges. */
void cdp_buffer_put_gauge(struct cdp_buffer *b, double v) __attribute__((nonnull));
void cdp_buffer_put_bytes(struct cdp_buffer *b, const void *p, size_t n)
    __attribute__((nonnull(1)));

/* What is left to read. A read past the end returns false, and leaves cursor and target alone. The
   functions are inline because the receiver calls them dozens of times per datagram. */
struct cdp_cursor {
    const uint8_t *at;
    size_t left;
};

/* The number at p, where 8 bytes are. */
__attribute__((nonnull)) static inline uint64_t cdp_u64_at(const uint8_t *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof(v));
    return be64toh(v);
}

/* A double in little-endian order. */
__attribute__((nonnull)) static inline double cdp_gauge_at(const uint8_t *p)
{
    uint64_t bits;
    double v;

    memcpy(&bits, p, sizeof(bits));
    bits = le64toh(bits);
    memcpy(&v, &bits, sizeof(v));
    return v;
}

#define CDP_READ __attribute__((nonnull, warn_unused_result)) static inline bool

/* *p points into the cursor's memory and lives as long as that. */
CDP_READ cdp_cursor_bytes(struct cdp_cursor *c, size_t n, const uint8_t **p)
{
    if (n > c->left)
        return false;
    *p = c->at;
    c->at += n;
    c->left -= n;
    return true;
}

CDP_READ cdp_cursor_u8(struct cdp_cursor *c, uint8_t *v)
{
    const uint8_t *p;

    if (!cdp_cursor_bytes(c, sizeof(*v), &p))
        return false;
    *v = *p;
    return true;
}

CDP_READ cdp_cursor_u16(struct cdp_cursor *c, uint16_t *v)
{
    const uint8_t *p;

    if (!cdp_cursor_bytes(c, sizeof(*v), &p))
        return false;
    memcpy(v, p, sizeof(*v));
    *v = be16toh(*v);
    return true;
}

CDP_READ cdp_cursor_u64(struct cdp_cursor *c, uint64_t *v)
{
    const uint8_t *p;

    if (!cdp_cursor_bytes(c, sizeof(*v), &p))
        return false;
    *v = cdp_u64_at(p);
    return true;
}

#endif
