/* SPDX-License-Identifier: MIT */
/* What becomes of names, by table; then every byte, and the cut at every place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "protocol/name.h"

static void test_table(void **state)
{
    static const struct {
        const char *name, *clean;
    } cases[] = {
        {"", ""},
        {"worker 0", "worker 0"},
        {"/", "_"},
        {"/usr/bin/isql", "_usr_bin_isql"},
        {"a\tb\nc\x1b[31m\x7f", "a_b_c_[31m_"},
        {"host", "host"},
        {"g\xc3\xbc\xc3\x9f \xe6\x97\xa5 \xf0\x9f\x90\x98",
         "g\xc3\xbc\xc3\x9f \xe6\x97\xa5 \xf0\x9f\x90\x98"},
        {"c1\xc2\x9bm\xc2\xa0", "c1_m\xc2\xa0"}, /* U+009B begins a terminal's command */
        {"\x9b\x80\xff\xfe", "____"},            /* bytes that begin no character */
        {"\xc3", "_"},                           /* broken off */
        {"\xe6\x97", "__"},
        {"\xf0\x9f\x90", "___"},
        {"\xc3(", "_("},
        {"\xc0\xaf", "__"}, /* '/' in an overlong form */
        {"\xe0\x80\xaf", "___"},
        {"\xf0\x80\x80\xaf", "____"},
        {"\xed\xa0\x80", "___"},      /* a surrogate */
        {"\xf4\x90\x80\x80", "____"}, /* past U+10FFFF */
        {"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},
        {"\xed\x9f\xbf\xee\x80\x80", "\xed\x9f\xbf\xee\x80\x80"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char out[CDP_NAME_MAX];

        assert_int_equal(cdp_name_clean(out, cases[i].name), strlen(cases[i].clean));
        assert_string_equal(out, cases[i].clean);
        assert_int_equal(cdp_name_clean(out, out), strlen(cases[i].clean));
        assert_string_equal(out, cases[i].clean);
    }
}

static void test_every_byte(void **state)
{
    (void)state;
    for (int c = 1; c < 256; c++) {
        char name[] = {'a', (char)c, 'z', '\0'}, out[CDP_NAME_MAX];
        int expected = c < 0x20 || c == '/' || c >= 0x7f ? '_' : c;

        assert_int_equal(cdp_name_clean(out, name), 3);
        assert_true(out[0] == 'a' && out[1] == expected && out[2] == 'z');
    }
}

/* Characters of one to four bytes behind so much ASCII that they stand at every place of the cut.
 */
static void test_cut_at_a_character(void **state)
{
    static const char *const characters[] = {"x", "\xc3\xbc", "\xe6\x97\xa5", "\xf0\x9f\x90\x98"};

    (void)state;
    for (size_t i = 0; i < sizeof(characters) / sizeof(characters[0]); i++) {
        size_t bytes = strlen(characters[i]);

        for (size_t before = 100; before < 140; before++) {
            char name[512], out[CDP_NAME_MAX];
            size_t n = before, expected = before;

            memset(name, 'a', before);
            for (int k = 0; k < 20; k++, n += bytes)
                memcpy(name + n, characters[i], bytes);
            name[n] = '\0';
            if (expected > CDP_NAME_MAX - 1)
                expected = CDP_NAME_MAX - 1;
            while (expected + bytes <= CDP_NAME_MAX - 1 && expected + bytes <= n)
                expected += bytes;
            assert_int_equal(cdp_name_clean(out, name), expected);
            assert_int_equal(strlen(out), expected);
            assert_memory_equal(out, name, expected);
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_cut_at_a_character),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
