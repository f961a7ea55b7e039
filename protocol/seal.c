/* SPDX-License-Identifier: MIT */
/*
 * Owns the cryptography of the wire and the layout of its two parts:
 *
 *     0x0200  length  HMAC (32)  user                              then what it covers besides user
 *     0x0210  length  user's length (2)  user  IV (16)  | SHA-1 of the payload (20)  payload |
 *                                                         all between the bars is encrypted
 *
 * It runs inside other people's processes. So it uses no secure memory and no random generator of
 * libgcrypt's: both are the application's to configure, and the generator has locks that a fork may
 * leave taken. Signing and verifying allocate nothing.
 */
#include "protocol/seal.h"

#include <errno.h>
#include <gcrypt.h>
#include <string.h>
#include <sys/random.h>

#include "protocol/encode.h"

enum {
    SHA256_BYTES = 32,
    SHA256_BLOCK_BYTES = 64,
    SHA1_BYTES = 20,
    IV_BYTES = 16,
    SIGNATURE_BYTES = 4 + SHA256_BYTES, /* without the user */
    ENCRYPTION_BYTES = 4 + 2 + IV_BYTES + SHA1_BYTES,
};

/* The first release whose locks need no help from the application. */
#define GCRYPT_NEEDED "1.6.0"

bool cdp_seal_init(void)
{
    /* Finishing the initialisation for an application that has yet to start its own would make it
       skip that; the library works without. */
    return gcry_check_version(GCRYPT_NEEDED) != NULL;
}

/* gcry_buffer_t has no const; nothing is written through it. */
static gcry_buffer_t piece(const void *p, size_t n)
{
    return (gcry_buffer_t){.size = n, .len = n, .data = (void *)(uintptr_t)p};
}

/* HMAC-SHA-256 (RFC 2104) out of the hash alone: libgcrypt's own allocates at every use. */
static bool hmac_sha256(const char *password, const void *data, size_t n, uint8_t mac[SHA256_BYTES])
{
    size_t password_bytes = strlen(password);
    uint8_t key[SHA256_BLOCK_BYTES] = {0};
    uint8_t inner[SHA256_BLOCK_BYTES], outer[SHA256_BLOCK_BYTES];
    bool ok = true;

    if (password_bytes <= sizeof(key)) {
        memcpy(key, password, password_bytes);
    } else {
        gcry_buffer_t whole[] = {piece(password, password_bytes)};

        ok = gcry_md_hash_buffers(GCRY_MD_SHA256, 0, key, whole, 1) == 0;
    }
    for (size_t i = 0; i < sizeof(key); i++) {
        inner[i] = key[i] ^ 0x36;
        outer[i] = key[i] ^ 0x5c;
    }

    gcry_buffer_t first[] = {piece(inner, sizeof(inner)), piece(data, n)};
    gcry_buffer_t second[] = {piece(outer, sizeof(outer)), piece(mac, SHA256_BYTES)};

    ok = ok && gcry_md_hash_buffers(GCRY_MD_SHA256, 0, mac, first, 2) == 0 &&
         gcry_md_hash_buffers(GCRY_MD_SHA256, 0, mac, second, 2) == 0;
    explicit_bzero(key, sizeof(key));
    explicit_bzero(inner, sizeof(inner));
    explicit_bzero(outer, sizeof(outer));
    return ok;
}

static bool sha1(const void *data, size_t n, uint8_t digest[SHA1_BYTES])
{
    gcry_buffer_t whole[] = {piece(data, n)};

    return gcry_md_hash_buffers(GCRY_MD_SHA1, 0, digest, whole, 1) == 0;
}

/* AES-256-OFB, keyed with SHA-256 of the password; in this mode encrypting is decrypting. */
static bool aes256_ofb(const char *password, const uint8_t iv[IV_BYTES], const void *from, void *to,
                       size_t n)
{
    gcry_buffer_t whole[] = {piece(password, strlen(password))};
    uint8_t key[SHA256_BYTES];
    gcry_cipher_hd_t cipher;
    bool ok;

    if (gcry_cipher_open(&cipher, GCRY_CIPHER_AES256, GCRY_CIPHER_MODE_OFB, 0) != 0)
        return false;
    ok = gcry_md_hash_buffers(GCRY_MD_SHA256, 0, key, whole, 1) == 0 &&
         gcry_cipher_setkey(cipher, key, sizeof(key)) == 0 &&
         gcry_cipher_setiv(cipher, iv, IV_BYTES) == 0 &&
         gcry_cipher_encrypt(cipher, to, n, from, n) == 0;
    gcry_cipher_close(cipher);
    explicit_bzero(key, sizeof(key));
    return ok;
}

/* Takes as long for equal bytes as for others. */
static bool is_equal(const uint8_t *a, const uint8_t *b, size_t n)
{
    volatile uint8_t differences = 0;

    for (size_t i = 0; i < n; i++)
        differences |= a[i] ^ b[i];
    return differences == 0;
}

/* A repeated IV would give the encrypted text away, so it comes from the kernel, which knows of
   forks; at an early boot without random numbers nothing is sent. */
static bool make_iv(uint8_t iv[IV_BYTES])
{
    ssize_t n;

    do
        n = getrandom(iv, IV_BYTES, GRND_NONBLOCK);
    while (n < 0 && errno == EINTR);
    return n == IV_BYTES;
}

/* Puts the encryption part of `plain` into b. */
static bool encrypt(struct cdp_buffer *b, const struct cdp_credentials *who, const uint8_t *plain,
                    size_t length)
{
    size_t user_bytes = strlen(who->user);
    size_t part_bytes = ENCRYPTION_BYTES + user_bytes + length;
    uint8_t iv[IV_BYTES], digest[SHA1_BYTES];
    uint8_t *secret;

    if (part_bytes > UINT16_MAX || !make_iv(iv) || !sha1(plain, length, digest))
        return false;
    cdp_buffer_put_u16(b, CDP_PART_ENCRYPTION);
    cdp_buffer_put_u16(b, (uint16_t)part_bytes);
    cdp_buffer_put_u16(b, (uint16_t)user_bytes);
    cdp_buffer_put_bytes(b, who->user, user_bytes);
    cdp_buffer_put_bytes(b, iv, sizeof(iv));
    secret = b->bytes + b->used;
    cdp_buffer_put_bytes(b, digest, sizeof(digest));
    cdp_buffer_put_bytes(b, plain, length);
    if (b->failed)
        return false;
    return aes256_ofb(who->password, iv, secret, secret, SHA1_BYTES + length);
}

size_t cdp_seal(enum cdp_security level, const struct cdp_credentials *who, const uint8_t *plain,
                size_t length, uint8_t *out, size_t size)
{
    const size_t user_at = SIGNATURE_BYTES;
    size_t user_bytes = strlen(who->user);
    uint8_t mac[SHA256_BYTES] = {0};
    struct cdp_buffer b;

    cdp_buffer_init(&b, out, size);
    if (level != CDP_SECURITY_NONE) {
        if (user_bytes == 0 || who->password[0] == '\0')
            return 0;
        cdp_buffer_put_u16(&b, CDP_PART_SIGNATURE);
        cdp_buffer_put_u16(&b, (uint16_t)(SIGNATURE_BYTES + user_bytes));
        cdp_buffer_put_bytes(&b, mac, sizeof(mac));
        cdp_buffer_put_bytes(&b, who->user, user_bytes);
    }
    if (level != CDP_SECURITY_ENCRYPT)
        cdp_buffer_put_bytes(&b, plain, length);
    else if (b.failed || !encrypt(&b, who, plain, length))
        return 0;
    if (b.failed)
        return 0;
    if (level != CDP_SECURITY_NONE) {
        if (!hmac_sha256(who->password, out + user_at, b.used - user_at, mac))
            return 0;
        memcpy(out + 4, mac, sizeof(mac));
    }
    return b.used;
}

/* The user of one sealed datagram, and the passwords that may be meant. */
struct keys {
    char user[CDP_USER_MAX + 1];
    const char *passwords[CDP_PASSWORDS_PER_USER];
    size_t count;
};

static enum cdp_unseal_result find_keys(struct keys *keys, const uint8_t *user, size_t user_bytes,
                                        cdp_find_passwords *find, void *context)
{
    if (user_bytes == 0 || memchr(user, '\0', user_bytes) != NULL)
        return CDP_UNSEAL_MALFORMED;
    if (user_bytes > CDP_USER_MAX)
        return CDP_UNSEAL_UNKNOWN_USER;
    memcpy(keys->user, user, user_bytes);
    keys->user[user_bytes] = '\0';
    keys->count = find(context, keys->user, keys->passwords, CDP_PASSWORDS_PER_USER);
    if (keys->count > CDP_PASSWORDS_PER_USER)
        keys->count = CDP_PASSWORDS_PER_USER;
    return keys->count > 0 ? CDP_UNSEALED : CDP_UNSEAL_UNKNOWN_USER;
}

/* Whether the cursor stands at a part of this type. */
static bool is_at(struct cdp_cursor c, enum cdp_part part)
{
    uint16_t type;

    return cdp_cursor_u16(&c, &type) && type == part;
}

/* Reads a part's header and makes `content` what the header says belongs to it. */
static bool open_part(struct cdp_cursor *c, struct cdp_cursor *content)
{
    uint16_t part, length;

    if (!cdp_cursor_u16(c, &part) || !cdp_cursor_u16(c, &length) || length < 4)
        return false;
    content->left = length - 4u;
    return cdp_cursor_bytes(c, content->left, &content->at);
}

/* Verifies the signature part at the cursor and moves behind it. */
static enum cdp_unseal_result verify(struct cdp_cursor *c, struct keys *keys,
                                     cdp_find_passwords *find, void *context)
{
    struct cdp_cursor content;
    const uint8_t *mac;
    enum cdp_unseal_result found;

    if (!open_part(c, &content) || !cdp_cursor_bytes(&content, SHA256_BYTES, &mac))
        return CDP_UNSEAL_MALFORMED;
    found = find_keys(keys, content.at, content.left, find, context);
    if (found != CDP_UNSEALED)
        return found;
    for (size_t i = 0; i < keys->count; i++) {
        uint8_t expected[SHA256_BYTES];

        /* The user and all that follows lie one behind the other. */
        if (keys->passwords[i][0] != '\0' &&
            hmac_sha256(keys->passwords[i], content.at, content.left + c->left, expected) &&
            is_equal(mac, expected, sizeof(expected)))
            return CDP_UNSEALED;
    }
    return CDP_UNSEAL_REFUSED;
}

/* Decrypts the encryption part at the cursor into `scratch`, and makes the cursor what was in it.
   `signer` is the user that signed it, or "". */
static enum cdp_unseal_result decrypt(struct cdp_cursor *c, const char *signer, uint8_t *scratch,
                                      cdp_find_passwords *find, void *context)
{
    struct cdp_cursor content;
    const uint8_t *user, *iv;
    uint16_t user_bytes;
    struct keys keys;
    enum cdp_unseal_result found;

    if (!open_part(c, &content) || c->left != 0 || !cdp_cursor_u16(&content, &user_bytes) ||
        !cdp_cursor_bytes(&content, user_bytes, &user) ||
        !cdp_cursor_bytes(&content, IV_BYTES, &iv) || content.left <= SHA1_BYTES)
        return CDP_UNSEAL_MALFORMED;
    found = find_keys(&keys, user, user_bytes, find, context);
    if (found != CDP_UNSEALED)
        return found;
    if (signer[0] != '\0' && strcmp(signer, keys.user) != 0)
        return CDP_UNSEAL_MALFORMED;
    for (size_t i = 0; i < keys.count; i++) {
        struct cdp_cursor plain = {.at = scratch + SHA1_BYTES, .left = content.left - SHA1_BYTES};
        uint8_t digest[SHA1_BYTES];

        if (keys.passwords[i][0] != '\0' &&
            aes256_ofb(keys.passwords[i], iv, content.at, scratch, content.left) &&
            sha1(plain.at, plain.left, digest) && is_equal(scratch, digest, sizeof(digest))) {
            *c = plain;
            return CDP_UNSEALED;
        }
    }
    return CDP_UNSEAL_REFUSED;
}

enum cdp_unseal_result cdp_unseal(const uint8_t *datagram, size_t length, uint8_t *scratch,
                                  cdp_find_passwords *find, void *context, struct cdp_unsealed *out)
{
    struct cdp_cursor c = {.at = datagram, .left = length};
    struct keys signer = {.count = 0};
    enum cdp_security level = CDP_SECURITY_NONE;
    enum cdp_unseal_result result;
    bool verified = false;

    *out = (struct cdp_unsealed){.level = CDP_SECURITY_NONE};
    if (is_at(c, CDP_PART_SIGNATURE)) {
        result = verify(&c, &signer, find, context);
        if (result != CDP_UNSEALED)
            return result;
        level = CDP_SECURITY_SIGN;
        verified = true;
    }
    if (is_at(c, CDP_PART_ENCRYPTION)) {
        result = decrypt(&c, signer.user, scratch, find, context);
        if (result != CDP_UNSEALED)
            return result;
        level = CDP_SECURITY_ENCRYPT;
    }
    if (level != CDP_SECURITY_NONE &&
        (is_at(c, CDP_PART_SIGNATURE) || is_at(c, CDP_PART_ENCRYPTION)))
        return CDP_UNSEAL_MALFORMED;
    *out = (struct cdp_unsealed){
        .level = level, .verified = verified, .payload = c.at, .length = c.left};
    return CDP_UNSEALED;
}
