/* SPDX-License-Identifier: MIT */
/*
 * Owns the judgement of seals, and the answers to probes. A probe goes through the same judgement
 * as a report, and what refuses it counts as if it had been one: whoever tries passwords is seen.
 */
#include "collectd-plugin/gate.h"

#include <string.h>

#include "collectd-plugin/auth.h"
#include "collectd-plugin/ticks.h"

static enum plug_counter refusal_of(enum cdp_unseal_result result)
{
    switch (result) {
    case CDP_UNSEALED:
        return PLUG_COUNT_RECEIVED;
    case CDP_UNSEAL_MALFORMED:
        return PLUG_COUNT_MALFORMED;
    case CDP_UNSEAL_UNKNOWN_USER:
    case CDP_UNSEAL_REFUSED:
        return PLUG_COUNT_REFUSED_SIGNATURE;
    }
    return PLUG_COUNT_MALFORMED;
}

static void unseal(const struct plug_socket *s, const uint8_t *bytes, size_t length,
                   uint8_t *scratch, struct plug_opened *out)
{
    struct cdp_unsealed unsealed = {.level = CDP_SECURITY_NONE};

    out->counted =
        refusal_of(cdp_unseal(bytes, length, scratch, plug_auth_find, s->auth, &unsealed));
    if (out->counted == PLUG_COUNT_RECEIVED && unsealed.level < s->level)
        out->counted = PLUG_COUNT_REFUSED_LEVEL;
    out->is_guarded = s->level > CDP_SECURITY_NONE;
    out->is_signed = unsealed.verified;
    out->payload = unsealed.payload;
    out->length = unsealed.length;
}

static bool may_judge(struct plug_gate *gate, uint64_t now)
{
    uint64_t second = now / plug_seconds(1);

    if (second != gate->second)
        *gate = (struct plug_gate){.second = second};
    return gate->probes++ < PLUG_PROBES_PER_SECOND;
}

/* What is sealed in a question. */
static void judge_probe(const struct plug_socket *s, const uint8_t *question, size_t length,
                        uint8_t *scratch, struct plug_opened *out)
{
    struct cdp_probe_answer answer = {.demanded = s->level, .version = ODBCSHIM_VERSION};

    unseal(s, question + CDP_PROBE_BYTES, length - CDP_PROBE_BYTES, scratch, out);
    if (out->counted == PLUG_COUNT_RECEIVED && out->is_guarded && !out->is_signed)
        out->counted = PLUG_COUNT_REFUSED_LEVEL;
    if (out->counted == PLUG_COUNT_RECEIVED)
        out->counted =
            out->length == CDP_PROBE_BYTES && memcmp(out->payload, question, CDP_PROBE_BYTES) == 0
                ? PLUG_COUNT_PROBES
                : PLUG_COUNT_MALFORMED;
    if (out->counted == PLUG_COUNT_MALFORMED)
        return;
    answer.verdict = out->counted == PLUG_COUNT_PROBES          ? CDP_PROBE_WELCOME
                     : out->counted == PLUG_COUNT_REFUSED_LEVEL ? CDP_PROBE_LEVEL
                                                                : CDP_PROBE_CREDENTIALS;
    cdp_probe_reply(question, &answer, out->answer);
    out->is_answered = true;
}

void plug_gate_open(struct plug_gate *gate, const struct plug_socket *s, const uint8_t *datagram,
                    size_t length, uint8_t *scratch, uint64_t now, struct plug_opened *out)
{
    out->is_answered = false;
    if (!cdp_probe_is_question(datagram, length))
        unseal(s, datagram, length, scratch, out);
    else if (may_judge(gate, now))
        judge_probe(s, datagram, length, scratch, out);
    else
        out->counted = PLUG_COUNT_PROBES;
}
