/* SPDX-License-Identifier: MIT */
/*
 * Owns, with the reading half in its header, every bounds check of the wire format: the encoder
 * writes and the decoder reads through these functions alone.
 */
#include "protocol/buffer.h"

#include <endian.h>
#include <string.h>

void cdp_buffer_init(struct cdp_buffer *b, void *bytes, size_t size)
{
    *b = (struct cdp_buffer){.bytes = bytes, .size = size};
}

/* What follows a failed write is refused too, though it may be shorter: otherwise fields would
   stand where others belong. */
void cdp_buffer_put_bytes(struct cdp_buffer *b, const void *p, size_t n)
{
    if (b->failed || n > b->size - b->used) {
        b->failed = true;
        return;
    }
    if (n == 0)
        return;
    memcpy(b->bytes + b->used, p, n);
    b->used += n;
}

void cdp_buffer_put_u8(struct cdp_buffer *b, uint8_t v)
{
    cdp_buffer_put_bytes(b, &v, sizeof(v));
}

void cdp_buffer_put_u16(struct cdp_buffer *b, uint16_t v)
{
    v = htobe16(v);
    cdp_buffer_put_bytes(b, &v, sizeof(v));
}

void cdp_buffer_put_u64(struct cdp_buffer *b, uint64_t v)
{
    v = htobe64(v);
    cdp_buffer_put_bytes(b, &v, sizeof(v));
}

void cdp_buffer_put_gauge(struct cdp_buffer *b, double v)
{
    uint64_t bits;

    memcpy(&bits, &v, sizeof(bits));
    bits = htole64(bits);
    cdp_buffer_put_bytes(b, &bits, sizeof(bits));
}
