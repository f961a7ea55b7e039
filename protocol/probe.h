/* SPDX-License-Identifier: MIT */
/*
 * How somebody who is about to report finds out whether a collectd takes reports from him, by UDP,
 * on the port of the reports.
 *
 *     asks:     probe part, then the same part sealed as a report would be (seal.h)
 *     answers:  probe part
 *
 *     0x0dbc  48  version (1)  word (1)  verdict (1)  level (1)  nonce (16)  text (24)
 *
 * The answer repeats the question's nonce, so that nobody who does not see the question can give
 * it. It says whether the seal would do for a report, which level the listener demands, and the
 * plugin's version. The first part of a question is in the clear, for a password that is refused
 * must not keep the answer away; whatever else reads collectd's protocol skips a part of that type.
 * An answer is shorter than its question, so that nothing is amplified, and an answer is never
 * answered. It is not sealed: it is advice to a person. Any thread; nothing is shared.
 */
#ifndef CDP_PROBE_H
#define CDP_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/seal.h"

#define CDP_PROBE_BYTES       48 /* a part, and an answer */
#define CDP_PROBE_NONCE_BYTES 16
#define CDP_PROBE_TEXT_BYTES  24
/* The longest question. */
#define CDP_PROBE_QUESTION_MAX (2 * CDP_PROBE_BYTES + CDP_SEAL_OVERHEAD(CDP_USER_MAX))

enum cdp_probe_verdict {
    CDP_PROBE_WELCOME,     /* a report sealed like that is taken */
    CDP_PROBE_LEVEL,       /* it is not signed or not encrypted, and must be */
    CDP_PROBE_CREDENTIALS, /* user and password are not accepted */
};

struct cdp_probe_answer {
    enum cdp_probe_verdict verdict;
    enum cdp_security demanded;
    char version[CDP_PROBE_TEXT_BYTES]; /* the plugin's; NUL-terminated, printable ASCII */
};

/* Writes a question and returns its length; 0 as cdp_seal. The nonce is to be random. */
size_t cdp_probe_ask(enum cdp_security level, const struct cdp_credentials *who,
                     const uint8_t nonce[CDP_PROBE_NONCE_BYTES], uint8_t *out, size_t size)
    __attribute__((nonnull, warn_unused_result));

/* Whether a datagram is a question. What is sealed in it begins at CDP_PROBE_BYTES, is at least one
   byte long, and must be equal to the CDP_PROBE_BYTES before it when it is unsealed. */
bool cdp_probe_is_question(const uint8_t *datagram, size_t length)
    __attribute__((nonnull, warn_unused_result));

/* Writes the answer to a question. A version that is too long is cut. */
void cdp_probe_reply(const uint8_t *question, const struct cdp_probe_answer *answer,
                     uint8_t out[CDP_PROBE_BYTES]) __attribute__((nonnull));

/* Whether a datagram is an answer to the question with that nonce; if so what it says. */
bool cdp_probe_read(const uint8_t *datagram, size_t length,
                    const uint8_t nonce[CDP_PROBE_NONCE_BYTES], struct cdp_probe_answer *answer)
    __attribute__((nonnull, warn_unused_result));

#endif
