/* SPDX-License-Identifier: MIT */
/*
 * Signing and encryption of datagrams: collectd's parts 0x0200 (HMAC-SHA-256 over user name and
 * payload) and 0x0210 (AES-256-OFB with SHA-256 of the password as key). An encrypted datagram of
 * ours is signed as well: the signature part stands outside and covers the encryption part, for
 * the SHA-1 inside 0x0210 is no authentication. Uses libgcrypt; cdp_seal_init first.
 */
#ifndef CDP_SEAL_H
#define CDP_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cdp_security { CDP_SECURITY_NONE, CDP_SECURITY_SIGN, CDP_SECURITY_ENCRYPT };

/* What sealing adds at most to a datagram, for a user name of so many bytes. */
#define CDP_SEAL_OVERHEAD(user_bytes) (36u + (user_bytes) + 42u + (user_bytes))

/* Longest user name and password, in bytes, without NUL. */
#define CDP_USER_MAX     64
#define CDP_PASSWORD_MAX 255

struct cdp_credentials {
    char user[CDP_USER_MAX + 1];
    char password[CDP_PASSWORD_MAX + 1];
};

/* Prepares libgcrypt, unless the process has done so already, and changes none of its settings:
   an application that comes later may still make its own. Once per process or often; false if the
   library is too old. Thread-safe. */
bool cdp_seal_init(void) __attribute__((warn_unused_result));

/* Seals `length` bytes of `plain` into `out` and returns the sealed length; 0 if they do not fit
   into `size`, user or password are empty, or the library or the system's random numbers failed.
   Level NONE copies. The two memories may not overlap. Any thread. */
size_t cdp_seal(enum cdp_security level, const struct cdp_credentials *who, const uint8_t *plain,
                size_t length, uint8_t *out, size_t size)
    __attribute__((nonnull, warn_unused_result));

/* Finds the passwords of a user: writes up to `max` into passwords[] and returns how many there
   are; two at once make rotation possible. The pointers must live until cdp_unseal returns. */
typedef size_t cdp_find_passwords(void *context, const char *user, const char **passwords,
                                  size_t max);

#define CDP_PASSWORDS_PER_USER 2

struct cdp_unsealed {
    enum cdp_security level; /* what the datagram proved: signed, encrypted, or nothing */
    bool verified;           /* a signature covered it. An encrypted datagram without one can have
                                been altered by somebody who knew what was in it */
    const uint8_t *payload;  /* into the datagram, or into `scratch` */
    size_t length;
};

enum cdp_unseal_result {
    CDP_UNSEALED,
    CDP_UNSEAL_MALFORMED,
    CDP_UNSEAL_UNKNOWN_USER,
    CDP_UNSEAL_REFUSED, /* wrong signature, wrong password, or altered */
};

/*
 * Verifies and decrypts a datagram, ours or that of collectd's network plugin: signed, encrypted,
 * signed over encrypted, or plain (then level is NONE). `scratch` holds at least `length` bytes.
 * Comparison is in constant time. A signature covers all that follows it; bytes are never taken
 * from outside of what was verified. Nested deeper than sign over encrypt,
 * two different users, or bytes behind an encryption part: malformed. Only CDP_UNSEALED sets a
 * payload. Any thread.
 */
enum cdp_unseal_result cdp_unseal(const uint8_t *datagram, size_t length, uint8_t *scratch,
                                  cdp_find_passwords *find, void *context, struct cdp_unsealed *out)
    __attribute__((nonnull(1, 3, 4, 6), warn_unused_result));

#endif
