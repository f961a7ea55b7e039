/* SPDX-License-Identifier: MIT */
/* Bytes and their order, and every way of running off the end, of protocol/buffer.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "protocol/buffer.h"
#include "tests/unit/datagrams.h"

static void test_put(void **state)
{
    static const uint8_t expected[] = {
        0xab,                                           /* u8 */
        0x01, 0x02,                                     /* u16, big-endian */
        0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, /* u64, big-endian */
        0,    0,    0,    0,    0,    0,    0xf0, 0x3f, /* 1.0, little-endian */
        'x',  'y',
    };
    uint8_t bytes[sizeof(expected)];
    struct cdp_buffer b;

    (void)state;
    cdp_buffer_init(&b, bytes, sizeof(bytes));
    cdp_buffer_put_u8(&b, 0xab);
    cdp_buffer_put_u16(&b, 0x0102);
    cdp_buffer_put_u64(&b, 0x0102030405060708);
    cdp_buffer_put_gauge(&b, 1.0);
    cdp_buffer_put_bytes(&b, "xy", 2);
    cdp_buffer_put_bytes(&b, NULL, 0);
    assert_false(b.failed);
    assert_int_equal(b.used, sizeof(expected));
    assert_memory_equal(bytes, expected, sizeof(expected));
}

static void put_u8(struct cdp_buffer *b)
{
    cdp_buffer_put_u8(b, 1);
}

static void put_u16(struct cdp_buffer *b)
{
    cdp_buffer_put_u16(b, 1);
}

static void put_u64(struct cdp_buffer *b)
{
    cdp_buffer_put_u64(b, 1);
}

static void put_gauge(struct cdp_buffer *b)
{
    cdp_buffer_put_gauge(b, 1);
}

static void put_bytes(struct cdp_buffer *b)
{
    cdp_buffer_put_bytes(b, "12345", 5);
}

static void test_put_past_the_end(void **state)
{
    static const struct {
        void (*put)(struct cdp_buffer *b);
        size_t bytes;
    } puts[] = {{put_u8, 1}, {put_u16, 2}, {put_u64, 8}, {put_gauge, 8}, {put_bytes, 5}};

    (void)state;
    for (size_t i = 0; i < sizeof(puts) / sizeof(puts[0]); i++) {
        for (size_t size = 0; size <= puts[i].bytes; size++) {
            struct datagram d = datagram_copy("........", size);
            struct cdp_buffer b;

            cdp_buffer_init(&b, d.bytes, size);
            puts[i].put(&b);
            assert_int_equal(b.failed, size < puts[i].bytes);
            if (b.failed) {
                assert_int_equal(b.used, 0);
                assert_memory_equal(d.bytes, "........", size);
                cdp_buffer_put_bytes(&b, "", 0); /* would fit, but something is missing already */
                put_u8(&b);
                assert_true(b.failed);
                assert_int_equal(b.used, 0);
            }
            datagram_free(&d);
        }
    }
}

static void test_read(void **state)
{
    static const uint8_t bytes[] = {0xab, 1, 2, 1, 2, 3, 4,    5,    6,   7,  8,
                                    0,    0, 0, 0, 0, 0, 0xf0, 0x3f, 'x', 'y'};
    struct datagram d = datagram_copy(bytes, sizeof(bytes));
    struct cdp_cursor c = {d.bytes, d.length};
    const uint8_t *p = NULL;
    uint8_t v8;
    uint16_t v16;
    uint64_t v64;

    (void)state;
    assert_true(cdp_cursor_u8(&c, &v8));
    assert_int_equal(v8, 0xab);
    assert_true(cdp_cursor_u16(&c, &v16));
    assert_int_equal(v16, 0x0102);
    assert_true(cdp_cursor_u64(&c, &v64));
    assert_true(v64 == 0x0102030405060708);
    assert_true(cdp_cursor_bytes(&c, 8, &p));
    assert_true(cdp_gauge_at(p) == 1.0);
    assert_true(cdp_cursor_bytes(&c, 2, &p));
    assert_memory_equal(p, "xy", 2);
    assert_int_equal(c.left, 0);
    assert_true(cdp_cursor_bytes(&c, 0, &p));
    assert_false(cdp_cursor_u8(&c, &v8));
    datagram_free(&d);
}

static void test_read_past_the_end(void **state)
{
    (void)state;
    for (size_t size = 0; size < 8; size++) {
        struct datagram d = datagram_copy("\1\2\3\4\5\6\7\10", size);
        struct cdp_cursor c = {d.bytes, d.length};
        const uint8_t *p = NULL;
        uint64_t v64 = 99;
        uint16_t v16 = 99;
        uint8_t v8 = 99;

        assert_false(cdp_cursor_u64(&c, &v64));
        assert_false(cdp_cursor_bytes(&c, size + 1, &p));
        assert_false(cdp_cursor_bytes(&c, SIZE_MAX, &p));
        assert_true(v64 == 99 && p == NULL);
        if (size < 2)
            assert_false(cdp_cursor_u16(&c, &v16));
        if (size < 1)
            assert_false(cdp_cursor_u8(&c, &v8));
        assert_true(v16 == 99 && v8 == 99);
        assert_ptr_equal(c.at, d.bytes);
        assert_int_equal(c.left, size);
        datagram_free(&d);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_put),
        cmocka_unit_test(test_put_past_the_end),
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_read_past_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
