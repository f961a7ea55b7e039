/* SPDX-License-Identifier: MIT */
/*
 * Sealed datagrams: those of collectd's network plugin, our own at every level and size, and every
 * way to be wrong: other passwords, altered bytes, cuts, nesting, allocations that fail.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* memmem */
#endif
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <gcrypt.h>

#include "protocol/seal.h"
#include "tests/unit/datagrams.h"

static const struct cdp_credentials odbc = {"odbc", "correct horse"};

/* What the verifier knows: up to three passwords of one user. */
struct book {
    const char *user;
    const char *passwords[3];
};

static size_t find_in_book(void *context, const char *user, const char **passwords, size_t max)
{
    const struct book *book = context;
    size_t n = 0;

    if (strcmp(user, book->user) != 0)
        return 0;
    while (n < 3 && book->passwords[n] != NULL) {
        if (n < max)
            passwords[n] = book->passwords[n];
        n++;
    }
    return n; /* more than max, if there are more: a careless finder must do no harm */
}

static struct book golden_book = {"odbc", {"correct horse"}};

/* The result of unsealing; the payload stays until the next call. */
static enum cdp_unseal_result unseal(const void *bytes, size_t length, struct book *book,
                                     struct cdp_unsealed *out)
{
    static struct datagram d, scratch;
    enum cdp_unseal_result result;

    datagram_free(&d);
    datagram_free(&scratch);
    d = datagram_copy(bytes, length);
    scratch = datagram_copy(bytes, length);
    result = cdp_unseal(d.bytes, d.length, scratch.bytes, find_in_book, book, out);
    if (result != CDP_UNSEALED) {
        assert_true(out->level == CDP_SECURITY_NONE && !out->verified);
        assert_true(out->payload == NULL && out->length == 0);
    }
    return result;
}

static struct datagram seal(enum cdp_security level, const struct cdp_credentials *who,
                            const void *plain, size_t length)
{
    static uint8_t bytes[UINT16_MAX + 1000];

    return datagram_copy(bytes, cdp_seal(level, who, plain, length, bytes, sizeof(bytes)));
}

static void test_golden(void **state)
{
    static const enum cdp_security levels[] = {CDP_SECURITY_NONE, CDP_SECURITY_SIGN,
                                               CDP_SECURITY_ENCRYPT};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct datagram d = datagram_golden(golden_files[i]);
        struct kept_lists kept = {NULL, 0};
        struct cdp_unsealed out;

        assert_int_equal(unseal(d.bytes, d.length, &golden_book, &out), CDP_UNSEALED);
        assert_int_equal(out.level, levels[i]);
        assert_int_equal(out.verified, levels[i] == CDP_SECURITY_SIGN);
        assert_int_equal(cdp_decode(out.payload, out.length, keep_list, &kept), CDP_DECODED);
        assert_true(kept.count >= 20);
        for (size_t k = 0; k < kept.count; k++)
            assert_string_equal(kept_at(&kept, k)->host, "golden");
        kept_free(&kept);
        datagram_free(&d);
    }
}

static const struct credentials_case {
    struct cdp_credentials who;
} credentials_cases[] = {
    {{"odbc", "correct horse"}},
    {{"u", "p"}},
    {{"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "x"}},
    /* a password as long as SHA-256's block, one byte longer, and the longest */
    {{"odbc", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}},
    {{"odbc", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0"}},
    {{"g\xc3\xbcnther", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
                        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
                        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
                        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde"}},
};
enum { CREDENTIALS_CASES = sizeof(credentials_cases) / sizeof(credentials_cases[0]) };

static void test_round_trip(void **state)
{
    static const size_t lengths[] = {0, 1, 15, 16, 17, 64, 1000, CDP_DATAGRAM_MAX};
    uint8_t plain[CDP_DATAGRAM_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(plain); i++)
        plain[i] = (uint8_t)(i * 31 + 1);
    for (size_t c = 0; c < CREDENTIALS_CASES; c++) {
        const struct cdp_credentials *who = &credentials_cases[c].who;
        struct book book = {who->user, {who->password}};

        for (int level = CDP_SECURITY_NONE; level <= CDP_SECURITY_ENCRYPT; level++) {
            for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
                struct datagram d = seal((enum cdp_security)level, who, plain, lengths[i]);
                struct cdp_unsealed out;

                assert_true(d.length <= lengths[i] + CDP_SEAL_OVERHEAD(strlen(who->user)));
                if (level == CDP_SECURITY_ENCRYPT && lengths[i] == 0) {
                    /* collectd takes no encryption part around nothing */
                    assert_int_equal(unseal(d.bytes, d.length, &book, &out), CDP_UNSEAL_MALFORMED);
                    datagram_free(&d);
                    continue;
                }
                assert_int_equal(unseal(d.bytes, d.length, &book, &out), CDP_UNSEALED);
                assert_int_equal(out.level, level);
                assert_int_equal(out.verified, level != CDP_SECURITY_NONE);
                assert_int_equal(out.length, lengths[i]);
                assert_memory_equal(out.payload, plain, lengths[i]);
                datagram_free(&d);
            }
        }
    }
}

/* The signature is the one that libgcrypt's own HMAC makes. */
static void test_signature_is_hmac(void **state)
{
    (void)state;
    for (size_t c = 0; c < CREDENTIALS_CASES; c++) {
        const struct cdp_credentials *who = &credentials_cases[c].who;
        struct datagram d = seal(CDP_SECURITY_SIGN, who, "payload", 7);
        gcry_md_hd_t hmac;

        assert_int_equal(gcry_md_open(&hmac, GCRY_MD_SHA256, GCRY_MD_FLAG_HMAC), 0);
        assert_int_equal(gcry_md_setkey(hmac, who->password, strlen(who->password)), 0);
        gcry_md_write(hmac, who->user, strlen(who->user));
        gcry_md_write(hmac, "payload", 7);
        assert_int_equal(d.length, 36 + strlen(who->user) + 7);
        assert_memory_equal(d.bytes + 4, gcry_md_read(hmac, GCRY_MD_SHA256), 32);
        gcry_md_close(hmac);
        datagram_free(&d);
    }
}

static void test_encryption_hides(void **state)
{
    static const char plain[] = "the name of a program and of a host";
    struct datagram a = seal(CDP_SECURITY_ENCRYPT, &odbc, plain, sizeof(plain));
    struct datagram b = seal(CDP_SECURITY_ENCRYPT, &odbc, plain, sizeof(plain));

    (void)state;
    assert_int_equal(a.length, sizeof(plain) + CDP_SEAL_OVERHEAD(4));
    assert_null(memmem(a.bytes, a.length, "program", 7));
    assert_null(memmem(a.bytes, a.length, "horse", 5));
    /* no initialisation vector twice: nothing behind the user repeats */
    assert_memory_not_equal(a.bytes + 50, b.bytes + 50, 16);
    assert_memory_not_equal(a.bytes + 66, b.bytes + 66, a.length - 66);
    datagram_free(&a);
    datagram_free(&b);
}

static void test_does_not_fit(void **state)
{
    static const size_t overhead[] = {0, 36 + 4, CDP_SEAL_OVERHEAD(4)};
    static uint8_t plain[UINT16_MAX], out[UINT16_MAX + 1000];
    static const struct cdp_credentials nobody = {"", "x"}, open_door = {"odbc", ""};

    (void)state;
    for (int level = CDP_SECURITY_NONE; level <= CDP_SECURITY_ENCRYPT; level++) {
        for (size_t size = 0; size <= 20 + overhead[level]; size++) {
            struct datagram d = datagram_copy(out, size);
            size_t expected = size < 20 + overhead[level] ? 0 : size;

            assert_int_equal(cdp_seal((enum cdp_security)level, &odbc, plain, 20, d.bytes, size),
                             expected);
            datagram_free(&d);
        }
        if (level == CDP_SECURITY_NONE)
            continue;
        assert_int_equal(cdp_seal((enum cdp_security)level, &nobody, plain, 20, out, sizeof(out)),
                         0);
        assert_int_equal(
            cdp_seal((enum cdp_security)level, &open_door, plain, 20, out, sizeof(out)), 0);
    }
    /* longer than the 16 bits of the encryption part's length */
    assert_int_equal(
        cdp_seal(CDP_SECURITY_ENCRYPT, &odbc, plain, UINT16_MAX - 45, out, sizeof(out)), 0);
    assert_true(cdp_seal(CDP_SECURITY_ENCRYPT, &odbc, plain, UINT16_MAX - 46, out, sizeof(out)) >
                0);
}

/* Sealed datagrams to do harm to: both levels, collectd's and ours. */
static struct datagram victim(size_t i)
{
    static const uint8_t plain[] =
        "\x00\x00\x00\x06h\0\x00\x06\x00\x0f\x00\x01\x02\0\0\0\0\0\0\0\7";

    switch (i) {
    case 0:
        return datagram_golden("collectd-network/sign.bin");
    case 1:
        return datagram_golden("collectd-network/encrypt.bin");
    case 2:
        return seal(CDP_SECURITY_SIGN, &odbc, plain, sizeof(plain) - 1);
    default:
        return seal(CDP_SECURITY_ENCRYPT, &odbc, plain, sizeof(plain) - 1);
    }
}
enum { VICTIMS = 4 };

static void test_passwords(void **state)
{
    static const struct {
        struct book book;
        enum cdp_unseal_result result;
    } cases[] = {
        {{"odbc", {"correct horse"}}, CDP_UNSEALED},
        {{"odbc", {"correct horse", "new"}}, CDP_UNSEALED},
        {{"odbc", {"new", "correct horse"}}, CDP_UNSEALED},
        {{"odbc", {"", "correct horse"}}, CDP_UNSEALED},
        {{"odbc", {"one", "two", "correct horse"}}, CDP_UNSEAL_REFUSED}, /* two, not three */
        {{"odbc", {"wrong", "new"}}, CDP_UNSEAL_REFUSED},
        {{"odbc", {"correct hors"}}, CDP_UNSEAL_REFUSED},
        {{"odbc", {"correct horse "}}, CDP_UNSEAL_REFUSED},
        {{"odbc", {""}}, CDP_UNSEAL_REFUSED},
        {{"odbc", {NULL}}, CDP_UNSEAL_UNKNOWN_USER},
        {{"odb", {"correct horse"}}, CDP_UNSEAL_UNKNOWN_USER},
        {{"odbcc", {"correct horse"}}, CDP_UNSEAL_UNKNOWN_USER},
    };

    (void)state;
    for (size_t v = 0; v < VICTIMS; v++) {
        struct datagram d = victim(v);

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
            struct book book = cases[i].book;
            struct cdp_unsealed out;

            assert_int_equal(unseal(d.bytes, d.length, &book, &out), cases[i].result);
        }
        datagram_free(&d);
    }
}

/* An encryption part by "odbc" whose password is empty, which cdp_seal will not make. */
static struct datagram seal_with_empty_password(void)
{
    uint8_t bytes[] = "\x02\x10\x00\x32\x00\x04odbcIV IV IV IV IV..SHA-1 SHA-1 SHA-1 ..text";
    uint8_t *hash = bytes + 4 + 2 + 4 + 16, *plain = hash + 20;
    gcry_cipher_hd_t cipher;
    uint8_t key[32];

    gcry_md_hash_buffer(GCRY_MD_SHA1, hash, plain, 4);
    gcry_md_hash_buffer(GCRY_MD_SHA256, key, "", 0);
    assert_int_equal(gcry_cipher_open(&cipher, GCRY_CIPHER_AES256, GCRY_CIPHER_MODE_OFB, 0), 0);
    assert_int_equal(gcry_cipher_setkey(cipher, key, sizeof(key)), 0);
    assert_int_equal(gcry_cipher_setiv(cipher, hash - 16, 16), 0);
    assert_int_equal(gcry_cipher_encrypt(cipher, hash, 24, NULL, 0), 0);
    gcry_cipher_close(cipher);
    return datagram_copy(bytes, sizeof(bytes) - 1);
}

/* Nobody's empty password opens anything, even if it was the sealer's. */
static void test_empty_password(void **state)
{
    struct datagram d = victim(2), e = seal_with_empty_password();
    struct book book = {"odbc", {""}};
    struct cdp_unsealed out;
    gcry_md_hd_t hmac;

    (void)state;
    assert_int_equal(gcry_md_open(&hmac, GCRY_MD_SHA256, GCRY_MD_FLAG_HMAC), 0);
    assert_int_equal(gcry_md_setkey(hmac, "", 0), 0);
    gcry_md_write(hmac, d.bytes + 36, d.length - 36);
    memcpy(d.bytes + 4, gcry_md_read(hmac, GCRY_MD_SHA256), 32);
    gcry_md_close(hmac);
    assert_int_equal(unseal(d.bytes, d.length, &book, &out), CDP_UNSEAL_REFUSED);
    assert_int_equal(e.length, 0x32);
    assert_int_equal(unseal(e.bytes, e.length, &book, &out), CDP_UNSEAL_REFUSED);
    datagram_free(&d);
    datagram_free(&e);
}

/* An altered part type makes a datagram that claims nothing; all else is refused. */
static void test_every_byte_altered(void **state)
{
    (void)state;
    for (size_t v = 0; v < VICTIMS; v++) {
        struct datagram d = victim(v);

        for (size_t n = 0; n < d.length; n++) {
            uint8_t kept = d.bytes[n];

            for (int bit = 0; bit < 8; bit++) {
                struct cdp_unsealed out;
                enum cdp_unseal_result result;

                d.bytes[n] = (uint8_t)(kept ^ 1 << bit);
                result = unseal(d.bytes, d.length, &golden_book, &out);
                if (n >= 2)
                    assert_int_not_equal(result, CDP_UNSEALED);
                else if (result == CDP_UNSEALED)
                    assert_true(out.level == CDP_SECURITY_NONE && !out.verified);
            }
            d.bytes[n] = kept;
        }
        datagram_free(&d);
    }
}

static void test_every_truncation(void **state)
{
    (void)state;
    for (size_t v = 0; v < VICTIMS; v++) {
        struct datagram d = victim(v);

        for (size_t n = 0; n < d.length; n++) {
            struct cdp_unsealed out;
            enum cdp_unseal_result result = unseal(d.bytes, n, &golden_book, &out);

            if (n >= 2)
                assert_int_not_equal(result, CDP_UNSEALED);
            else
                assert_int_equal(out.level, CDP_SECURITY_NONE);
        }
        datagram_free(&d);
    }
}

/* Bytes behind the sealed ones are covered by a signature; behind an encryption part, by nothing.
 */
static void test_appended(void **state)
{
    (void)state;
    for (size_t v = 0; v < VICTIMS; v++) {
        struct datagram d = victim(v);
        uint8_t bytes[2048];
        struct cdp_unsealed out;

        memcpy(bytes, d.bytes, d.length);
        memcpy(bytes + d.length, "\x00\x00\x00\x06h", 6);
        assert_int_equal(unseal(bytes, d.length + 6, &golden_book, &out),
                         v == 1 ? CDP_UNSEAL_MALFORMED : CDP_UNSEAL_REFUSED);
        datagram_free(&d);
    }
}

#define BYTES(s) s, sizeof(s) - 1
#define HASH     "abcdefghijklmnopqrstuvwxyzabcdef"

/* Around these, a valid signature of ours is put as well. */
static const struct malformed {
    const char *what;
    const char *bytes;
    size_t length;
    enum cdp_unseal_result bare, signed_too;
} malformed[] = {
    {"signature of a header", BYTES("\x02\x00\x00\x04"), CDP_UNSEAL_MALFORMED,
     CDP_UNSEAL_MALFORMED},
    {"signature too short", BYTES("\x02\x00\x00\x23" HASH), CDP_UNSEAL_MALFORMED,
     CDP_UNSEAL_MALFORMED},
    {"signature, length 0", BYTES("\x02\x00\x00\x00" HASH "odbc"), CDP_UNSEAL_MALFORMED,
     CDP_UNSEAL_MALFORMED},
    {"signature without user", BYTES("\x02\x00\x00\x24" HASH "x"), CDP_UNSEAL_MALFORMED,
     CDP_UNSEAL_MALFORMED},
    {"signature past the end", BYTES("\x02\x00\x00\x29" HASH "odbc"), CDP_UNSEAL_MALFORMED,
     CDP_UNSEAL_MALFORMED},
    {"signature, length 65535", BYTES("\x02\x00\xff\xff" HASH "odbc"), CDP_UNSEAL_MALFORMED,
     CDP_UNSEAL_MALFORMED},
    {"NUL in the user", BYTES("\x02\x00\x00\x2a" HASH "odbc\0x"), CDP_UNSEAL_MALFORMED,
     CDP_UNSEAL_MALFORMED},
    {"signature of nothing", BYTES("\x02\x00\x00\x28" HASH "odbc"), CDP_UNSEAL_REFUSED,
     CDP_UNSEAL_MALFORMED},
    {"encryption of a header", BYTES("\x02\x10\x00\x04"), CDP_UNSEAL_MALFORMED,
     CDP_UNSEAL_MALFORMED},
    {"user of length 0", BYTES("\x02\x10\x00\x2c\x00\x00" HASH "123456"), CDP_UNSEAL_MALFORMED,
     CDP_UNSEAL_MALFORMED},
    {"user beyond the part", BYTES("\x02\x10\x00\x2f\x00\x2a" HASH "123456789"),
     CDP_UNSEAL_MALFORMED, CDP_UNSEAL_MALFORMED},
    {"user of length 65535", BYTES("\x02\x10\x00\x2f\xff\xff" HASH "123456789"),
     CDP_UNSEAL_MALFORMED, CDP_UNSEAL_MALFORMED},
    {"no payload", BYTES("\x02\x10\x00\x2e\x00\x04odbc" HASH "1234"), CDP_UNSEAL_MALFORMED,
     CDP_UNSEAL_MALFORMED},
    {"payload of one byte", BYTES("\x02\x10\x00\x2f\x00\x04odbc" HASH "12345"), CDP_UNSEAL_REFUSED,
     CDP_UNSEAL_REFUSED},
    {"encryption by another", BYTES("\x02\x10\x00\x2f\x00\x04odbx" HASH "12345"),
     CDP_UNSEAL_UNKNOWN_USER, CDP_UNSEAL_UNKNOWN_USER},
    {"encryption past the end", BYTES("\x02\x10\x00\x30\x00\x04odbc" HASH "12345"),
     CDP_UNSEAL_MALFORMED, CDP_UNSEAL_MALFORMED},
    {"behind the encryption", BYTES("\x02\x10\x00\x2f\x00\x04odbc" HASH "12345\0\0\0\0"),
     CDP_UNSEAL_MALFORMED, CDP_UNSEAL_MALFORMED},
    {"plain", BYTES("\x00\x00\x00\x06h\0"), CDP_UNSEALED, CDP_UNSEALED},
    {"nothing", BYTES(""), CDP_UNSEALED, CDP_UNSEALED},
};

static void test_malformed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
        const struct malformed *m = &malformed[i];
        struct datagram d = seal(CDP_SECURITY_SIGN, &odbc, m->bytes, m->length);
        struct cdp_unsealed out;
        enum cdp_unseal_result bare = unseal(m->bytes, m->length, &golden_book, &out);
        enum cdp_unseal_result signed_too = unseal(d.bytes, d.length, &golden_book, &out);

        if (bare != m->bare || signed_too != m->signed_too)
            fail_msg("%s: %d, signed %d", m->what, (int)bare, (int)signed_too);
        datagram_free(&d);
    }
}

static void test_user_too_long(void **state)
{
    char bytes[36 + CDP_USER_MAX + 1] = "\x02\x00\x00\x65";
    struct cdp_unsealed out;

    (void)state;
    memset(bytes + 36, 'u', CDP_USER_MAX + 1);
    assert_int_equal(unseal(bytes, sizeof(bytes), &golden_book, &out), CDP_UNSEAL_UNKNOWN_USER);
}

/* Sealed twice over: only encryption inside a signature is taken. */
static void test_nested(void **state)
{
    static const uint8_t plain[] = "\x00\x00\x00\x06h";
    static const struct cdp_credentials other = {"other", "correct horse"};
    static const enum cdp_security levels[] = {CDP_SECURITY_SIGN, CDP_SECURITY_ENCRYPT};
    struct cdp_unsealed out;

    (void)state;
    for (size_t inner = 0; inner < 2; inner++) {
        struct datagram in = seal(levels[inner], &odbc, plain, sizeof(plain));
        /* the encryption part of ours without the signature around it */
        struct datagram bare = datagram_copy(in.bytes + 40, in.length - 40);

        for (size_t outer = 0; outer < 2; outer++) {
            struct datagram twice = seal(levels[outer], &odbc, in.bytes, in.length);
            struct datagram once = seal(levels[outer], &odbc, bare.bytes, bare.length);
            bool fine = levels[outer] == CDP_SECURITY_SIGN || levels[inner] == CDP_SECURITY_SIGN;

            assert_int_equal(unseal(twice.bytes, twice.length, &golden_book, &out),
                             CDP_UNSEAL_MALFORMED);
            assert_int_equal(unseal(once.bytes, once.length, &golden_book, &out),
                             fine ? CDP_UNSEALED : CDP_UNSEAL_MALFORMED);
            if (fine)
                assert_memory_equal(out.payload, plain, sizeof(plain));
            datagram_free(&twice);
            datagram_free(&once);
        }
        if (levels[inner] == CDP_SECURITY_ENCRYPT) {
            struct datagram two = seal(CDP_SECURITY_SIGN, &other, bare.bytes, bare.length);

            assert_int_equal(unseal(bare.bytes, bare.length, &golden_book, &out), CDP_UNSEALED);
            assert_true(out.level == CDP_SECURITY_ENCRYPT && !out.verified);
            assert_int_equal(unseal(two.bytes, two.length, &golden_book, &out),
                             CDP_UNSEAL_UNKNOWN_USER);
            datagram_free(&two);
        }
        datagram_free(&in);
        datagram_free(&bare);
    }
}

/* Knows everybody, by the same password. */
static size_t find_anybody(void *context, const char *user, const char **passwords, size_t max)
{
    (void)context, (void)user, (void)max;
    passwords[0] = "correct horse";
    return 1;
}

static void test_two_users(void **state)
{
    static const struct cdp_credentials other = {"other", "correct horse"};
    struct datagram in = victim(3);
    struct datagram d = seal(CDP_SECURITY_SIGN, &other, in.bytes + 40, in.length - 40);
    struct datagram scratch = datagram_copy(d.bytes, d.length);
    struct cdp_unsealed out;

    (void)state;
    assert_int_equal(cdp_unseal(in.bytes, in.length, scratch.bytes, find_anybody, NULL, &out),
                     CDP_UNSEALED);
    assert_int_equal(cdp_unseal(d.bytes, d.length, scratch.bytes, find_anybody, NULL, &out),
                     CDP_UNSEAL_MALFORMED);
    datagram_free(&in);
    datagram_free(&d);
    datagram_free(&scratch);
}

/* The allocator that libgcrypt is given: counts, and fails from a certain allocation on. */
static size_t allocations, allocations_allowed = SIZE_MAX;

static void *counting_malloc(size_t n)
{
    return allocations++ < allocations_allowed ? malloc(n) : NULL;
}

static void *counting_realloc(void *p, size_t n)
{
    return allocations++ < allocations_allowed ? realloc(p, n) : NULL;
}

static int never_secure(const void *p)
{
    (void)p;
    return 0;
}

static void test_allocations(void **state)
{
    struct datagram plain = victim(2), sealed[2] = {victim(2), victim(3)};
    uint8_t out[2048];

    (void)state;
    for (int level = CDP_SECURITY_SIGN; level <= CDP_SECURITY_ENCRYPT; level++) {
        struct datagram *d = &sealed[level - CDP_SECURITY_SIGN];
        struct cdp_unsealed unsealed;
        size_t length = 0;

        for (allocations_allowed = 0; length == 0; allocations_allowed++) {
            allocations = 0;
            length = cdp_seal((enum cdp_security)level, &odbc, plain.bytes, plain.length, out,
                              sizeof(out));
            assert_true(allocations_allowed < 10);
        }
        assert_int_equal(allocations > 0, level == CDP_SECURITY_ENCRYPT);
        for (allocations_allowed = 0;; allocations_allowed++) {
            allocations = 0;
            if (unseal(d->bytes, d->length, &golden_book, &unsealed) == CDP_UNSEALED)
                break;
            assert_true(allocations_allowed < 10);
        }
        assert_int_equal(allocations > 0, level == CDP_SECURITY_ENCRYPT);
    }
    allocations_allowed = SIZE_MAX;
    datagram_free(&plain);
    datagram_free(&sealed[0]);
    datagram_free(&sealed[1]);
}

/* An application that prepares libgcrypt after us is not in the way of it, nor we in its. */
static void test_application_comes_later(void **state)
{
    struct cdp_unsealed out;

    (void)state;
    assert_false(gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P));
    gcry_control(GCRYCTL_SUSPEND_SECMEM_WARN);
    assert_int_equal(gcry_control(GCRYCTL_INIT_SECMEM, 16384, 0), 0);
    gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
    assert_true(cdp_seal_init());
    for (size_t v = 0; v < VICTIMS; v++) {
        struct datagram d = victim(v);

        assert_int_equal(unseal(d.bytes, d.length, &golden_book, &out), CDP_UNSEALED);
        datagram_free(&d);
    }
    unseal("", 0, &golden_book, &out);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_signature_is_hmac),
        cmocka_unit_test(test_encryption_hides),
        cmocka_unit_test(test_does_not_fit),
        cmocka_unit_test(test_passwords),
        cmocka_unit_test(test_empty_password),
        cmocka_unit_test(test_every_byte_altered),
        cmocka_unit_test(test_every_truncation),
        cmocka_unit_test(test_appended),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_user_too_long),
        cmocka_unit_test(test_nested),
        cmocka_unit_test(test_two_users),
        cmocka_unit_test(test_allocations),
        cmocka_unit_test(test_application_comes_later),
    };

    gcry_set_allocation_handler(counting_malloc, counting_malloc, never_secure, counting_realloc,
                                free);
    if (!cdp_seal_init())
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
