/* SPDX-License-Identifier: MIT */
/*
 * Probes: what is asked and answered, at every level; that an answer is shorter than its question;
 * and all that is no question, or no answer to it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "protocol/probe.h"
#include "tests/unit/datagrams.h"

static const struct cdp_credentials longest = {
    .user = "uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu", .password = "one"};
static const struct cdp_credentials ada = {.user = "ada", .password = "one"}, nobody;
static const uint8_t nonce[CDP_PROBE_NONCE_BYTES] = "0123456789abcde";

static size_t find(void *context, const char *user, const char **passwords, size_t max)
{
    (void)context, (void)user;
    assert_true(max > 0);
    passwords[0] = "one";
    return 1;
}

static void ignore(void *context, const struct cdp_value_list *list)
{
    (void)list;
    ++*(int *)context;
}

static void test_ask(void **state)
{
    static const struct {
        enum cdp_security level;
        const struct cdp_credentials *who;
    } cases[] = {
        {CDP_SECURITY_NONE, &nobody}, {CDP_SECURITY_NONE, &ada},        {CDP_SECURITY_SIGN, &ada},
        {CDP_SECURITY_ENCRYPT, &ada}, {CDP_SECURITY_ENCRYPT, &longest},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t question[CDP_PROBE_QUESTION_MAX], scratch[CDP_PROBE_QUESTION_MAX];
        struct cdp_unsealed out;
        int lists = 0;
        size_t n = cdp_probe_ask(cases[i].level, cases[i].who, nonce, question, sizeof(question));

        if (n < 2 * CDP_PROBE_BYTES || !cdp_probe_is_question(question, n))
            fail_msg("case %zu: %zu bytes", i, n);
        assert_int_equal(
            cdp_unseal(question + CDP_PROBE_BYTES, n - CDP_PROBE_BYTES, scratch, find, NULL, &out),
            CDP_UNSEALED);
        assert_int_equal(out.level, cases[i].level);
        assert_int_equal(out.length, CDP_PROBE_BYTES);
        assert_memory_equal(out.payload, question, CDP_PROBE_BYTES);
        /* A reader that knows of no probes finds parts to skip, and nothing to take. */
        assert_int_equal(cdp_decode(question, n, ignore, &lists),
                         cases[i].level == CDP_SECURITY_NONE ? CDP_DECODED : CDP_MALFORMED);
        assert_int_equal(lists, 0);
        for (size_t size = 0; size < n; size++)
            assert_int_equal(cdp_probe_ask(cases[i].level, cases[i].who, nonce, question, size), 0);
    }
}

static void test_no_credentials(void **state)
{
    uint8_t question[CDP_PROBE_QUESTION_MAX];

    (void)state;
    assert_int_equal(cdp_probe_ask(CDP_SECURITY_SIGN, &nobody, nonce, question, sizeof(question)),
                     0);
}

static void test_answer(void **state)
{
    static const struct {
        struct cdp_probe_answer says;
        const char *version; /* as it arrives */
    } cases[] = {
        {{CDP_PROBE_WELCOME, CDP_SECURITY_NONE, "0.1.0"}, "0.1.0"},
        {{CDP_PROBE_LEVEL, CDP_SECURITY_SIGN, ""}, ""},
        {{CDP_PROBE_CREDENTIALS, CDP_SECURITY_ENCRYPT, "12345678901234567890123"},
         "12345678901234567890123"},
        {{CDP_PROBE_WELCOME, CDP_SECURITY_NONE, "1\x1b[2J\x7f\xc3\xa4"}, "1?[2J???"},
    };
    uint8_t question[CDP_PROBE_QUESTION_MAX], other[CDP_PROBE_NONCE_BYTES] = {0};

    (void)state;
    assert_true(cdp_probe_ask(CDP_SECURITY_NONE, &nobody, nonce, question, sizeof(question)) > 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cdp_probe_answer got;
        uint8_t answer[CDP_PROBE_BYTES];

        cdp_probe_reply(question, &cases[i].says, answer);
        if (!cdp_probe_read(answer, sizeof(answer), nonce, &got))
            fail_msg("case %zu", i);
        assert_int_equal(got.verdict, cases[i].says.verdict);
        assert_int_equal(got.demanded, cases[i].says.demanded);
        assert_string_equal(got.version, cases[i].version);
        assert_false(cdp_probe_read(answer, sizeof(answer), other, &got));
        assert_false(cdp_probe_is_question(answer, sizeof(answer)));
    }
}

/* What a question and an answer become when one byte is another, or one is missing or more. */
static void test_altered(void **state)
{
    static const struct cdp_probe_answer says = {CDP_PROBE_LEVEL, CDP_SECURITY_SIGN, "0.1.0"};
    uint8_t question[CDP_PROBE_QUESTION_MAX], answer[CDP_PROBE_BYTES];
    size_t n = cdp_probe_ask(CDP_SECURITY_NONE, &nobody, nonce, question, sizeof(question));
    struct cdp_probe_answer got;

    (void)state;
    cdp_probe_reply(question, &says, answer);
    for (size_t i = 0; i < CDP_PROBE_BYTES; i++) {
        bool is_nonce = i >= 8 && i < 8 + CDP_PROBE_NONCE_BYTES;

        question[i] ^= 0x80;
        if (cdp_probe_is_question(question, n) != is_nonce)
            fail_msg("byte %zu of the question", i);
        question[i] ^= 0x80;
        answer[i] ^= 0x80;
        /* The text may be any, as long as it ends somewhere. */
        if (cdp_probe_read(answer, sizeof(answer), nonce, &got) != (i >= 8 && !is_nonce))
            fail_msg("byte %zu of the answer", i);
        answer[i] ^= 0x80;
    }
    memset(answer + 8 + CDP_PROBE_NONCE_BYTES, 'x', CDP_PROBE_TEXT_BYTES);
    assert_false(cdp_probe_read(answer, sizeof(answer), nonce, &got)); /* no end */
    for (size_t length = 0; length <= CDP_PROBE_BYTES + 1; length++) {
        struct datagram cut = datagram_copy(question, length);

        assert_int_equal(cdp_probe_is_question(cut.bytes, cut.length), length > CDP_PROBE_BYTES);
        assert_false(cdp_probe_read(cut.bytes, cut.length, nonce, &got));
        datagram_free(&cut);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ask),
        cmocka_unit_test(test_no_credentials),
        cmocka_unit_test(test_answer),
        cmocka_unit_test(test_altered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
