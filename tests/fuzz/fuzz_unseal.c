/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: any bytes as a sealed datagram. No fuzzer finds a valid signature, so each input is
 * also signed, which puts it where an encryption part may stand, and sealed at every level and
 * opened again, where it must come out as it went in.
 */
#include <stdlib.h>
#include <string.h>

#include "protocol/decode.h"
#include "protocol/seal.h"
#include "tests/fuzz/fuzz.h"

static const struct cdp_credentials odbc = {"odbc", "correct horse"};

static void require(bool promise)
{
    if (!promise)
        abort();
}

static size_t find(void *context, const char *user, const char **passwords, size_t max)
{
    (void)context;
    require(max >= 2 && strlen(user) > 0 && strlen(user) <= CDP_USER_MAX);
    if (strcmp(user, odbc.user) != 0)
        return 0;
    passwords[0] = "the next one, which is longer than a block of the hash, 64 bytes, by far";
    passwords[1] = odbc.password;
    return 2;
}

static void ignore(void *context, const struct cdp_value_list *list)
{
    (void)context, (void)list;
}

static bool is_within(const uint8_t *p, size_t n, const uint8_t *outer, size_t size)
{
    return p >= outer && p + n <= outer + size;
}

static enum cdp_unseal_result unseal(const uint8_t *data, size_t size, struct cdp_unsealed *out,
                                     uint8_t *scratch)
{
    enum cdp_unseal_result result = cdp_unseal(data, size, scratch, find, NULL, out);

    if (result != CDP_UNSEALED) {
        require(out->payload == NULL && out->length == 0 && out->level == CDP_SECURITY_NONE);
        return result;
    }
    require(is_within(out->payload, out->length, data, size) ||
            is_within(out->payload, out->length, scratch, size));
    require(out->level != CDP_SECURITY_NONE || (out->payload == data && out->length == size));
    if (cdp_decode(out->payload, out->length, ignore, NULL) == CDP_SEALED)
        abort(); /* what came out is sealed still */
    return result;
}

static void check_round_trip(enum cdp_security level, const uint8_t *data, size_t size, bool sealed)
{
    size_t room = size + CDP_SEAL_OVERHEAD(4);
    uint8_t *bytes = malloc(room), *exact, *scratch;
    struct cdp_unsealed out;
    size_t length;

    if (bytes == NULL)
        return;
    length = cdp_seal(level, &odbc, data, size, bytes, room);
    exact = malloc(length);
    scratch = malloc(length);
    require(length >= size && exact != NULL && scratch != NULL);
    memcpy(exact, bytes, length);
    if (unseal(exact, length, &out, scratch) == CDP_UNSEALED) {
        require(out.level == CDP_SECURITY_ENCRYPT || out.level == level);
        require(out.verified);
        if (!sealed)
            require(out.length == size && memcmp(out.payload, data, size) == 0);
    } else {
        require(sealed || (level == CDP_SECURITY_ENCRYPT && size == 0));
    }
    free(bytes);
    free(exact);
    free(scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* Whether the input itself begins as a sealed datagram does. */
    bool sealed = size >= 2 && data[0] == 0x02 && (data[1] == 0x00 || data[1] == 0x10);
    struct cdp_unsealed out;
    uint8_t *scratch;

    if (!cdp_seal_init())
        abort();
    if (size == 0 || size > 4096)
        return 0;
    scratch = malloc(size);
    if (scratch == NULL)
        return 0;
    (void)!unseal(data, size, &out, scratch);
    free(scratch);
    check_round_trip(CDP_SECURITY_SIGN, data, size, sealed);
    check_round_trip(CDP_SECURITY_ENCRYPT, data, size, sealed);
    return 0;
}
