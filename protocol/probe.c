/* SPDX-License-Identifier: MIT */
/* Owns the layout of the probe part, and what may stand in it. */
#include "protocol/probe.h"

#include <assert.h>
#include <string.h>

#include "protocol/encode.h"

#define VERSION  1
#define QUESTION '?'
#define ANSWER   '!'

enum { HEAD_BYTES = 4 + 4 }; /* the part's header, and version to level */
static_assert(HEAD_BYTES + CDP_PROBE_NONCE_BYTES + CDP_PROBE_TEXT_BYTES == CDP_PROBE_BYTES,
              "the layout of the header's drawing");
static_assert(CDP_PROBE_QUESTION_MAX <= CDP_DATAGRAM_MAX, "a question is one datagram");

static void put_part(struct cdp_buffer *b, uint8_t word, const struct cdp_probe_answer *says,
                     const uint8_t nonce[CDP_PROBE_NONCE_BYTES])
{
    char text[CDP_PROBE_TEXT_BYTES] = {0};

    memcpy(text, says->version, strnlen(says->version, sizeof(text) - 1));
    cdp_buffer_put_u16(b, CDP_PART_PROBE);
    cdp_buffer_put_u16(b, CDP_PROBE_BYTES);
    cdp_buffer_put_u8(b, VERSION);
    cdp_buffer_put_u8(b, word);
    cdp_buffer_put_u8(b, (uint8_t)says->verdict);
    cdp_buffer_put_u8(b, (uint8_t)says->demanded);
    cdp_buffer_put_bytes(b, nonce, CDP_PROBE_NONCE_BYTES);
    cdp_buffer_put_bytes(b, text, sizeof(text));
}

/* Whether a part begins as it should; *nonce and *text point into it. */
static bool open_part(const uint8_t *bytes, size_t length, uint8_t word,
                      struct cdp_probe_answer *says, const uint8_t **nonce, const uint8_t **text)
{
    struct cdp_cursor c = {.at = bytes, .left = length};
    uint16_t part, part_length;
    uint8_t version, is, verdict, level;

    if (!cdp_cursor_u16(&c, &part) || part != CDP_PART_PROBE || !cdp_cursor_u16(&c, &part_length) ||
        part_length != CDP_PROBE_BYTES || !cdp_cursor_u8(&c, &version) || version != VERSION ||
        !cdp_cursor_u8(&c, &is) || is != word || !cdp_cursor_u8(&c, &verdict) ||
        verdict > CDP_PROBE_CREDENTIALS || !cdp_cursor_u8(&c, &level) ||
        level > CDP_SECURITY_ENCRYPT || !cdp_cursor_bytes(&c, CDP_PROBE_NONCE_BYTES, nonce) ||
        !cdp_cursor_bytes(&c, CDP_PROBE_TEXT_BYTES, text))
        return false;
    says->verdict = (enum cdp_probe_verdict)verdict;
    says->demanded = (enum cdp_security)level;
    return true;
}

size_t cdp_probe_ask(enum cdp_security level, const struct cdp_credentials *who,
                     const uint8_t nonce[CDP_PROBE_NONCE_BYTES], uint8_t *out, size_t size)
{
    const struct cdp_probe_answer nothing = {.verdict = CDP_PROBE_WELCOME};
    uint8_t part[CDP_PROBE_BYTES];
    struct cdp_buffer b;
    size_t sealed;

    cdp_buffer_init(&b, part, sizeof(part));
    put_part(&b, QUESTION, &nothing, nonce);
    if (size < sizeof(part))
        return 0;
    memcpy(out, part, sizeof(part));
    sealed = cdp_seal(level, who, part, sizeof(part), out + sizeof(part), size - sizeof(part));
    return sealed > 0 ? sizeof(part) + sealed : 0;
}

bool cdp_probe_is_question(const uint8_t *datagram, size_t length)
{
    static const uint8_t blank[CDP_PROBE_TEXT_BYTES];
    struct cdp_probe_answer says;
    const uint8_t *nonce, *text;

    return length > CDP_PROBE_BYTES &&
           open_part(datagram, length, QUESTION, &says, &nonce, &text) &&
           says.verdict == CDP_PROBE_WELCOME && says.demanded == CDP_SECURITY_NONE &&
           memcmp(text, blank, sizeof(blank)) == 0;
}

void cdp_probe_reply(const uint8_t *question, const struct cdp_probe_answer *answer,
                     uint8_t out[CDP_PROBE_BYTES])
{
    struct cdp_buffer b;

    cdp_buffer_init(&b, out, CDP_PROBE_BYTES);
    put_part(&b, ANSWER, answer, question + HEAD_BYTES);
}

bool cdp_probe_read(const uint8_t *datagram, size_t length,
                    const uint8_t nonce[CDP_PROBE_NONCE_BYTES], struct cdp_probe_answer *answer)
{
    const uint8_t *echo, *text;
    struct cdp_probe_answer says;

    if (length != CDP_PROBE_BYTES || !open_part(datagram, length, ANSWER, &says, &echo, &text) ||
        memcmp(echo, nonce, CDP_PROBE_NONCE_BYTES) != 0 ||
        memchr(text, '\0', CDP_PROBE_TEXT_BYTES) == NULL)
        return false;
    memcpy(says.version, text, sizeof(says.version));
    for (char *at = says.version; *at != '\0'; at++) /* it will be shown on a terminal */
        if (*at < ' ' || *at > '~')
            *at = '?';
    *answer = says;
    return true;
}
