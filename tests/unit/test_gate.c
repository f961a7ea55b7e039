/* SPDX-License-Identifier: MIT */
/*
 * The gate: every level that a listener may demand against every way to seal a probe; what a
 * question must be to be answered at all; how many are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "collectd-plugin/auth.h"
#include "collectd-plugin/gate.h"
#include "collectd-plugin/ticks.h"
#include "tests/unit/datagrams.h"

#define N CDP_SECURITY_NONE
#define S CDP_SECURITY_SIGN
#define E CDP_SECURITY_ENCRYPT

static struct plug_auth *auth;
static const struct cdp_credentials ada = {.user = "ada", .password = "one"};
static const struct cdp_credentials ada_new = {.user = "ada", .password = "two"};
static const struct cdp_credentials ada_wrong = {.user = "ada", .password = "three"};
static const struct cdp_credentials bob = {.user = "bob", .password = "one"};
static const uint8_t nonce[CDP_PROBE_NONCE_BYTES] = "0123456789abcde";

static struct plug_opened open_bytes(struct plug_gate *gate, const struct plug_socket *s,
                                     const uint8_t *bytes, size_t length, uint64_t now)
{
    struct datagram d = datagram_copy(bytes, length), scratch = datagram_copy(bytes, length);
    struct plug_opened out = {.counted = PLUG_COUNT_RECEIVED};

    plug_gate_open(gate, s, d.bytes, d.length, scratch.bytes, now, &out);
    datagram_free(&d);
    datagram_free(&scratch);
    return out;
}

static void test_verdicts(void **state)
{
    static const struct {
        enum cdp_security demanded, sent;
        const struct cdp_credentials *who;
        bool has_no_auth;
        enum plug_counter counted;
        enum cdp_probe_verdict verdict;
    } cases[] = {
        {N, N, &ada, true, PLUG_COUNT_PROBES, CDP_PROBE_WELCOME},
        {N, S, &ada, true, PLUG_COUNT_REFUSED_SIGNATURE, CDP_PROBE_CREDENTIALS},
        {N, N, &ada, false, PLUG_COUNT_PROBES, CDP_PROBE_WELCOME},
        {N, E, &ada, false, PLUG_COUNT_PROBES, CDP_PROBE_WELCOME},
        {N, S, &ada_wrong, false, PLUG_COUNT_REFUSED_SIGNATURE, CDP_PROBE_CREDENTIALS},
        {S, N, &ada, false, PLUG_COUNT_REFUSED_LEVEL, CDP_PROBE_LEVEL},
        {S, S, &ada, false, PLUG_COUNT_PROBES, CDP_PROBE_WELCOME},
        {S, S, &ada_new, false, PLUG_COUNT_PROBES, CDP_PROBE_WELCOME},
        {S, E, &ada, false, PLUG_COUNT_PROBES, CDP_PROBE_WELCOME},
        {S, S, &bob, false, PLUG_COUNT_REFUSED_SIGNATURE, CDP_PROBE_CREDENTIALS},
        {S, E, &ada_wrong, false, PLUG_COUNT_REFUSED_SIGNATURE, CDP_PROBE_CREDENTIALS},
        {E, N, &ada, false, PLUG_COUNT_REFUSED_LEVEL, CDP_PROBE_LEVEL},
        {E, S, &ada, false, PLUG_COUNT_REFUSED_LEVEL, CDP_PROBE_LEVEL},
        {E, E, &ada, false, PLUG_COUNT_PROBES, CDP_PROBE_WELCOME},
        {E, E, &bob, false, PLUG_COUNT_REFUSED_SIGNATURE, CDP_PROBE_CREDENTIALS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct plug_socket s = {.level = cases[i].demanded,
                                .auth = cases[i].has_no_auth ? NULL : auth};
        struct plug_gate gate = {0};
        uint8_t question[CDP_PROBE_QUESTION_MAX];
        size_t n = cdp_probe_ask(cases[i].sent, cases[i].who, nonce, question, sizeof(question));
        struct plug_opened out = open_bytes(&gate, &s, question, n, plug_seconds(7));
        struct cdp_probe_answer answer;

        if (out.counted != cases[i].counted || !out.is_answered ||
            !cdp_probe_read(out.answer, sizeof(out.answer), nonce, &answer) ||
            answer.verdict != cases[i].verdict || answer.demanded != cases[i].demanded)
            fail_msg("case %zu", i);
        assert_string_equal(answer.version, ODBCSHIM_VERSION);
        assert_true(sizeof(out.answer) <= n / 2);
    }
}

/* A probe that proves nothing, or something else than what it asks. */
static void test_silence(void **state)
{
    enum { CUT, OTHER_NONCE, UNSIGNED, ALTERED_LENGTH, CASES };
    const struct plug_socket s = {.level = E, .auth = auth};

    (void)state;
    for (int i = 0; i < CASES; i++) {
        static const enum plug_counter counted[] = {PLUG_COUNT_MALFORMED, PLUG_COUNT_MALFORMED,
                                                    PLUG_COUNT_REFUSED_LEVEL, PLUG_COUNT_MALFORMED};
        const size_t signature = 36 + 3, part = CDP_PROBE_BYTES;
        struct plug_gate gate = {0};
        struct plug_opened out;
        uint8_t question[CDP_PROBE_QUESTION_MAX];
        size_t n = cdp_probe_ask(E, &ada, nonce, question, sizeof(question));

        if (i == CUT)
            n = part + 20;
        else if (i == OTHER_NONCE) /* one that was overheard, with a new question before it */
            question[8] ^= 1;
        else if (i == UNSIGNED)
            memmove(question + part, question + part + signature, (n -= signature) - part);
        else
            question[part + 3] = 3; /* the length of the signature */
        out = open_bytes(&gate, &s, question, n, plug_seconds(7));
        if (out.counted != counted[i] || out.is_answered != (i == UNSIGNED))
            fail_msg("case %d", i);
    }
}

/* Somebody who tries passwords gets few answers, whatever he asks, and reports pass meanwhile. */
static void test_many(void **state)
{
    const struct plug_socket s = {.level = N, .auth = auth};
    static const uint8_t report[] = {0, 0, 0, 6, 'h', 0};
    struct plug_gate gate = {0};
    uint8_t question[CDP_PROBE_QUESTION_MAX];
    size_t n = cdp_probe_ask(S, &ada_wrong, nonce, question, sizeof(question));

    (void)state;
    for (unsigned second = 7; second < 10; second++) {
        unsigned answered = 0, uncounted = 0;

        for (unsigned i = 0; i < 1000; i++) {
            struct plug_opened out = open_bytes(&gate, &s, question, n,
                                                plug_seconds(second) + i * plug_seconds(1) / 1000);

            answered += out.is_answered;
            uncounted += out.counted != PLUG_COUNT_REFUSED_SIGNATURE &&
                         !(out.counted == PLUG_COUNT_PROBES && !out.is_answered);
            out = open_bytes(&gate, &s, report, sizeof(report), plug_seconds(second));
            uncounted += out.counted != PLUG_COUNT_RECEIVED || out.is_answered;
        }
        assert_int_equal(answered, PLUG_PROBES_PER_SECOND);
        assert_int_equal(uncounted, 0);
    }
}

static int set_up(void **state)
{
    static const char text[] = "ada: one\nada: two\n";
    char path[] = "/tmp/test_gate.XXXXXX", error[512];
    int fd = mkstemp(path);

    (void)state;
    if (fd < 0 || write(fd, text, sizeof(text) - 1) != (ssize_t)sizeof(text) - 1 || close(fd) != 0)
        return -1;
    auth = plug_auth_new(path, error, sizeof(error));
    return unlink(path) != 0 || auth == NULL || !cdp_seal_init();
}

static int tear_down(void **state)
{
    (void)state;
    plug_auth_free(&auth);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_silence),
        cmocka_unit_test(test_many),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
