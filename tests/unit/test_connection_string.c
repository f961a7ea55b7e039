/* SPDX-License-Identifier: MIT */
/* The grammar of connection strings, and that nothing changes but what is asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "odbcshim/connection_string.h"
#include "tests/unit/failing_alloc.h"

/* A string in the width that is asked for; ASCII only. */
static struct shim_connection_string *parse(const char *text, bool wide)
{
    uint16_t units[512];
    size_t length = strlen(text);
    struct shim_connection_string *s;

    assert_true(length < 512);
    for (size_t i = 0; i < length; i++)
        units[i] = (unsigned char)text[i];
    s = shim_connection_string_new((struct shim_text){
        .units = wide ? (const void *)units : text, .length = length, .wide = wide});
    assert_non_null(s);
    return s;
}

static void expect_written(int line, const struct shim_connection_string *s, const char *expected,
                           bool wide)
{
    char narrow[1024];
    size_t length;
    void *units = shim_connection_string_write(s, &length);

    assert_non_null(units);
    assert_true(length < sizeof(narrow));
    for (size_t i = 0; i <= length; i++)
        narrow[i] = wide ? (char)((uint16_t *)units)[i] : ((char *)units)[i];
    if (length != strlen(expected) || strcmp(narrow, expected) != 0)
        fail_msg("line %d: got <%s>, expected <%s>", line, narrow, expected);
    free(units);
}

static void expect_text(int line, const char *what, const char *got, const char *expected)
{
    if ((got == NULL) != (expected == NULL) || (got != NULL && strcmp(got, expected) != 0))
        fail_msg("line %d: %s is <%s>, expected <%s>", line, what, got != NULL ? got : "(null)",
                 expected != NULL ? expected : "(null)");
}

static void test_get(void **state)
{
    static const struct {
        int line;
        const char *text, *key, *value;
    } cases[] = {
        {__LINE__, "", "A", NULL},
        {__LINE__, ";", "A", NULL},
        {__LINE__, "A=1", "A", "1"},
        {__LINE__, "A=1", "B", NULL},
        {__LINE__, "A=1;B=2;", "B", "2"},
        {__LINE__, "a=1", "A", "1"},
        {__LINE__, "CollectdHOST=x", "collectdhost", "x"},
        {__LINE__, "A=1;a=2", "A", "1"}, /* the first counts */
        {__LINE__, "A=", "A", ""},
        {__LINE__, "A=;B=2", "A", ""},
        {__LINE__, "A==;B=2", "A", "="},
        {__LINE__, "A=b=c", "A", "b=c"},
        {__LINE__, "=1;A=2", "A", "2"},
        {__LINE__, "=1", "", "1"},
        {__LINE__, "  A=1", "A", "1"},
        {__LINE__, "\t\r\n ;; A=1", "A", "1"},
        {__LINE__, "A =1", "A", "1"},
        {__LINE__, "A= 1 ", "A", " 1 "},
        {__LINE__, "A b=1", "A b", "1"},
        {__LINE__, "A={1}", "A", "1"},
        {__LINE__, "A={}", "A", ""},
        {__LINE__, "A={1;B=2};C=3", "A", "1;B=2"},
        {__LINE__, "A={1;B=2};C=3", "B", NULL},
        {__LINE__, "A={1;B=2};C=3", "C", "3"},
        {__LINE__, "A={a}}b};C=3", "A", "a}b"},
        {__LINE__, "A={}}};C=3", "A", "}"},
        {__LINE__, "A={{a}};C=3", "A", "{a};C=3"},
        {__LINE__, "A={ 1 }", "A", " 1 "},
        {__LINE__, "A= {1};B=2", "A", " {1}"}, /* a brace counts directly behind the '=' */
        {__LINE__, "A=a{b;B=2", "A", "a{b"},
        {__LINE__, "A=a}b;B=2", "A", "a}b"},
        {__LINE__, "A={1}B=2", "B", "2"}, /* as the driver manager itself writes them */
        {__LINE__, "A={1} ;B=2", "B", "2"},
        {__LINE__, "A={1}junk;B=2", "A", "1"},
        {__LINE__, "A={1}junk;B=2", "B", "2"},
        {__LINE__, "A={1;B=2", "A", "1;B=2"}, /* never closed: all of it */
        {__LINE__, "A={1;B=2", "B", NULL},
        {__LINE__, "A={", "A", ""},
        {__LINE__, "A={a}}", "A", "a}"},
        {__LINE__, "junk;A=1", "A", "1"},
        {__LINE__, "junk", "junk", NULL},
        {__LINE__, "A=1;junk", "A", "1"},
    };

    (void)state;
    for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
        bool wide = i % 2 == 1;
        struct shim_connection_string *s = parse(cases[i / 2].text, wide);

        expect_text(cases[i / 2].line, "value", shim_connection_string_get(s, cases[i / 2].key),
                    cases[i / 2].value);
        expect_written(cases[i / 2].line, s, cases[i / 2].text, wide);
        shim_connection_string_free(&s);
        assert_null(s);
    }
}

/* Tried with the driver manager: what it loads for each of these. */
static void test_source(void **state)
{
    static const struct {
        int line;
        const char *text, *source, *value;
    } cases[] = {
        {__LINE__, "", NULL, NULL},
        {__LINE__, "UID=x", NULL, NULL},
        {__LINE__, "DSN=a", "DSN", "a"},
        {__LINE__, "dsn=a;DRIVER=b", "DSN", "a"},
        {__LINE__, "UID=x;Driver={b};DSN=a", "DRIVER", "b"},
        {__LINE__, "FILEDSN=f;DRIVER=b", "FILEDSN", "f"},
        {__LINE__, "DRIVER=a;DRIVER=b", "DRIVER", "b"}, /* the last counts for it */
        {__LINE__, "DRIVER={b}Database=x;DRIVER=c", "DRIVER", "c"},
        {__LINE__, " DRIVER=b ;DSN=a", "DRIVER", "b "},
        {__LINE__, "DRIVER =a;DSN=b", "DSN", "b"},     /* "DRIVER " is another key */
        {__LINE__, "junk;DRIVER=a;DSN=b", "DSN", "b"}, /* "junk;DRIVER" likewise */
        {__LINE__, "DRIVER={b};junk;DRIVER=a", "DRIVER", "b"},
        {__LINE__, "x={1}junk;DRIVER=a;DSN=b", "DSN", "b"},
        {__LINE__, "x={1} ; ;DRIVER=a;DSN=b", "DRIVER", "a"}, /* white space is nothing */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct shim_connection_string *s = parse(cases[i].text, false);

        expect_text(cases[i].line, "source", shim_connection_string_source(s), cases[i].source);
        expect_text(cases[i].line, "its value", shim_connection_string_source_value(s),
                    cases[i].value);
        shim_connection_string_free(&s);
    }
}

static void test_keys(void **state)
{
    struct shim_connection_string *s = parse(";A=1;junk; b =2;A={3}C=4", false);

    (void)state;
    expect_text(__LINE__, "key 0", shim_connection_string_key(s, 0), "A");
    expect_text(__LINE__, "key 1", shim_connection_string_key(s, 1), "b");
    expect_text(__LINE__, "key 2", shim_connection_string_key(s, 2), "A");
    expect_text(__LINE__, "key 3", shim_connection_string_key(s, 3), "C");
    expect_text(__LINE__, "key 4", shim_connection_string_key(s, 4), NULL);
    shim_connection_string_free(&s);
    shim_connection_string_free(&s);
}

static void test_remove(void **state)
{
    static const struct {
        int line;
        const char *text, *key;
        size_t removed;
        const char *left;
    } cases[] = {
        {__LINE__, "", "A", 0, ""},
        {__LINE__, "A=1", "A", 1, ""},
        {__LINE__, "A=1;", "A", 1, ""},
        {__LINE__, "A=1;B=2", "A", 1, "B=2"},
        {__LINE__, "A=1;B=2", "B", 1, "A=1"},
        {__LINE__, "A=1;B=2;", "B", 1, "A=1;"},
        {__LINE__, "A=1;B=2;C=3", "b", 1, "A=1;C=3"},
        {__LINE__, "A=1;B=2;a=3", "A", 2, "B=2"},
        {__LINE__, "A=1; B =2 ; C=3", "B", 1, "A=1; C=3"},
        {__LINE__, "A=1;;B=2;;", "B", 1, "A=1;;;"},
        {__LINE__, "A={1}B=2;C=3", "B", 1, "A={1};C=3"},
        {__LINE__, "A={1}B={2}C=3", "B", 1, "A={1}C=3"},
        {__LINE__, "B={2}C=3", "B", 1, "C=3"},
        {__LINE__, "C=3;B={2;A=1", "B", 1, "C=3"},
        {__LINE__, "C=3;junk;B=2", "B", 1, "C=3;junk"},
        {__LINE__, "B=2;B=2;B={2}B=2", "B", 4, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct shim_connection_string *s = parse(cases[i].text, true);

        if (shim_connection_string_remove(s, cases[i].key) != cases[i].removed)
            fail_msg("line %d: not %zu removed", cases[i].line, cases[i].removed);
        expect_written(cases[i].line, s, cases[i].left, true);
        shim_connection_string_free(&s);
    }
}

static void test_replace(void **state)
{
    static const struct {
        int line;
        const char *text, *old_key, *new_key, *value, *result;
    } cases[] = {
        {__LINE__, "", "A", "A", "1", "A=1"},
        {__LINE__, "DSN=x;UID=y", "DSN", "DRIVER", "z", "DRIVER=z;UID=y"},
        {__LINE__, "UID=y;dsn=x;", "DSN", "DSN", "z", "UID=y;dsn=z;"},
        {__LINE__, "DSN=x;A=1;DSN=y", "DSN", "DSN", "z", "DSN=z;A=1"},
        {__LINE__, "A=1", "B", "B", "2", "A=1;B=2"},
        {__LINE__, "A=1;", "B", "B", "2", "A=1;B=2;"},
        {__LINE__, "A=1", "A", "A", "", "A="},
        {__LINE__, "A=1", "A", "A", "a;b", "A={a;b}"},
        {__LINE__, "A=1", "A", "A", "a}b", "A=a}b"},
        {__LINE__, "A=1", "A", "A", "a;}b}", "A={a;}}b}}}"},
        {__LINE__, "A=1", "A", "A", "{a}", "A={{a}}}"},
        {__LINE__, "A=1", "A", "A", " a", "A={ a}"},
        {__LINE__, "A=1", "A", "A", "a ", "A={a }"},
        {__LINE__, "A=1", "A", "A", "/usr/lib/x (y).so", "A=/usr/lib/x (y).so"},
        {__LINE__, "A={1}B=2", "A", "A", "3", "A={3};B=2"},
        {__LINE__, "A={1}", "B", "B", "2", "A={1};B=2"},
        {__LINE__, "A={1", "B", "B", "2", "B=2;A={1"},
        {__LINE__, "C=3;A={1", "B", "B", "2", "C=3;B=2;A={1"},
        {__LINE__, "A={1", "A", "A", "2", "A={2}"},
        {__LINE__, "junk", "B", "B", "2", "B=2;junk"},
        {__LINE__, "A=1;junk", "B", "B", "2", "A=1;B=2;junk"},
        {__LINE__, "A=1; ", "B", "B", "2", "A=1;B=2; "},
        {__LINE__, "A=1;;", "B", "B", "2", "A=1;B=2;;"},
    };

    (void)state;
    for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
        bool wide = i % 2 == 1;
        struct shim_connection_string *s = parse(cases[i / 2].text, wide);

        assert_true(shim_connection_string_replace(s, cases[i / 2].old_key, cases[i / 2].new_key,
                                                   cases[i / 2].value));
        expect_written(cases[i / 2].line, s, cases[i / 2].result, wide);
        expect_text(cases[i / 2].line, "value", shim_connection_string_get(s, cases[i / 2].new_key),
                    cases[i / 2].value);
        shim_connection_string_free(&s);
    }
}

static void test_copy(void **state)
{
    static const struct {
        int line;
        const char *to, *from, *result;
    } cases[] = {
        {__LINE__, "", "B=1", ""},
        {__LINE__, "", "A=1", "A=1"},
        {__LINE__, "B=2", " a = 1 ;C=3", "B=2; a = 1 "},
        {__LINE__, "B=2;", "A={1}C=3", "B=2;A={1};"},
        {__LINE__, "B=2", "A=1;C=3;A={2;}", "B=2;A=1;A={2;}"},
        {__LINE__, "B={2", "A=1;A=2", "A=1;A=2;B={2"},
        {__LINE__, "B=2", "A={1;x", "B=2;A={1;x}"}, /* closed, so that nothing falls into it */
    };

    (void)state;
    for (size_t i = 0; i < 4 * sizeof(cases) / sizeof(cases[0]); i++) {
        bool wide_to = i % 2 == 1, wide_from = i / 2 % 2 == 1;
        struct shim_connection_string *to = parse(cases[i / 4].to, wide_to);
        struct shim_connection_string *from = parse(cases[i / 4].from, wide_from);

        /* From one width to the other goes the value, not how it was written. */
        if (wide_to == wide_from || strpbrk(cases[i / 4].from, " {") == NULL) {
            assert_true(shim_connection_string_copy(to, from, "A"));
            expect_written(cases[i / 4].line, to, cases[i / 4].result, wide_to);
        } else {
            assert_true(shim_connection_string_copy(to, from, "A"));
            expect_text(cases[i / 4].line, "value", shim_connection_string_get(to, "A"),
                        shim_connection_string_get(from, "A"));
        }
        shim_connection_string_free(&to);
        shim_connection_string_free(&from);
    }
}

/* Nobody reads behind a NUL inside a counted text; it is kept, and nothing is put behind it. */
static void test_nul(void **state)
{
    static const char text[] = "A=1;B=\0C=3;A=2";
    struct shim_connection_string *s =
        shim_connection_string_new((struct shim_text){text, sizeof(text) - 1, false});
    size_t length;
    char *written;

    (void)state;
    assert_non_null(s);
    expect_text(__LINE__, "B", shim_connection_string_get(s, "B"), "");
    expect_text(__LINE__, "C", shim_connection_string_get(s, "C"), NULL);
    written = shim_connection_string_write(s, &length);
    assert_int_equal(length, sizeof(text) - 1);
    assert_memory_equal(written, text, sizeof(text));
    free(written);

    assert_int_equal(shim_connection_string_remove(s, "C"), 0);
    assert_true(shim_connection_string_replace(s, "A", "A", "1"));
    assert_true(shim_connection_string_replace(s, "E", "E", "5"));
    written = shim_connection_string_write(s, &length);
    assert_memory_equal(written, "A=1;B=;E=5;\0C=3;A=2", sizeof("A=1;B=;E=5;\0C=3;A=2"));
    free(written);
    shim_connection_string_free(&s);
}

static void test_no_text(void **state)
{
    static const bool widths[] = {false, true};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct shim_connection_string *s =
            shim_connection_string_new((struct shim_text){NULL, 7, widths[i]});

        assert_non_null(s);
        expect_written(__LINE__, s, "", widths[i]);
        shim_connection_string_free(&s);
    }
}

static void test_wide_text(void **state)
{
    /* A=äœ😀 and unpaired surrogates, low, then high, then high at the end */
    static const uint16_t text[] = {'A',    '=', 0xe4, 0x153, 0xd83d, 0xde00, 0xdc01,
                                    0xd802, 'x', ';',  'B',   '=',    0xd803};
    static const char utf8[] = "\xc3\xa4\xc5\x93\xf0\x9f\x98\x80\xed\xb0\x81\xed\xa0\x82x";
    /* as UTF-8, then what is none: bytes alone, overlong forms, too high, cut off */
    static const char mixed[] =
        "\xc3\xa4|\xe4|\xc0\xaf|\xe0\x80\xaf|\xf4\x90\x80\x80|\xff|\xe4\xbd";
    static const uint16_t mixed_units[] = {0xe4, '|',  0xe4, '|', 0xc0, 0xaf, '|',
                                           0xe0, 0x80, 0xaf, '|', 0xf4, 0x90, 0x80,
                                           0x80, '|',  0xff, '|', 0xe4, 0xbd};
    size_t count = sizeof(text) / sizeof(text[0]), length;
    struct shim_connection_string *s =
        shim_connection_string_new((struct shim_text){text, count, true});
    uint16_t *written;

    (void)state;
    assert_non_null(s);
    expect_text(__LINE__, "A", shim_connection_string_get(s, "A"), utf8);
    expect_text(__LINE__, "B", shim_connection_string_get(s, "B"), "\xed\xa0\x83");
    written = shim_connection_string_write(s, &length);
    assert_int_equal(length, count);
    assert_memory_equal(written, text, sizeof(text));
    assert_int_equal(written[count], 0);
    free(written);

    assert_true(shim_connection_string_replace(s, "A", "A", utf8));
    written = shim_connection_string_write(s, &length);
    assert_int_equal(length, count);
    assert_memory_equal(written, text, sizeof(text));
    free(written);

    assert_int_equal(shim_connection_string_remove(s, "B"), 1);
    assert_true(shim_connection_string_replace(s, "A", "A", mixed));
    written = shim_connection_string_write(s, &length);
    assert_int_equal(length, 2 + sizeof(mixed_units) / sizeof(mixed_units[0]));
    assert_memory_equal(written + 2, mixed_units, sizeof(mixed_units));
    free(written);
    shim_connection_string_free(&s);
}

static void test_narrow_bytes(void **state)
{
    static const char text[] = "A=\xe4\xff;\xc3\xa4=\x80";
    struct shim_connection_string *s = parse(text, false);

    (void)state;
    expect_text(__LINE__, "A", shim_connection_string_get(s, "A"), "\xe4\xff");
    expect_text(__LINE__, "ä", shim_connection_string_get(s, "\xc3\xa4"), "\x80");
    expect_written(__LINE__, s, text, false);
    shim_connection_string_free(&s);
}

/* A generator of our own, so that a failure can be repeated from its number. */
static uint64_t random_state;

static unsigned random_below(unsigned n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(random_state >> 33) % n;
}

static uint16_t random_unit(bool wide)
{
    static const char often[] = "AaBb==;;{{}}  x";

    if (random_below(8) > 0)
        return (unsigned char)often[random_below(sizeof(often) - 1)];
    return (uint16_t)random_below(wide ? 0x10000 : 0x100);
}

/* What stands in memory must be what a reader of the written string finds. */
static void expect_reread(uint64_t number, const struct shim_connection_string *s, bool wide)
{
    struct shim_connection_string *again;
    size_t length, n = 0;
    void *units = shim_connection_string_write(s, &length);

    assert_non_null(units);
    again = shim_connection_string_new((struct shim_text){units, length, wide});
    assert_non_null(again);
    for (const char *key = ""; key != NULL; n++) {
        const char *other = shim_connection_string_key(again, n);

        key = shim_connection_string_key(s, n);
        if ((key == NULL) != (other == NULL) || (key != NULL && strcmp(key, other) != 0))
            fail_msg("run %llu: key %zu is read as <%s>, not <%s>", (unsigned long long)number, n,
                     other != NULL ? other : "(null)", key != NULL ? key : "(null)");
        if (key != NULL)
            expect_text((int)number, "value", shim_connection_string_get(again, key),
                        shim_connection_string_get(s, key));
    }
    expect_text((int)number, "source", shim_connection_string_source(again),
                shim_connection_string_source(s));
    expect_text((int)number, "source value", shim_connection_string_source_value(again),
                shim_connection_string_source_value(s));
    shim_connection_string_free(&again);
    free(units);
}

static void random_change(struct shim_connection_string *s, struct shim_connection_string *other)
{
    static const char *const keys[] = {"A", "b", "ab", "DSN", "Driver"};
    const char *key = keys[random_below(5)];
    char value[12];
    size_t length = random_below(sizeof(value));

    for (size_t i = 0; i < length; i++) {
        do {
            value[i] = (char)(random_unit(false) & 0x7f);
        } while (value[i] == '\0');
    }
    value[length] = '\0';
    switch (random_below(3)) {
    case 0:
        shim_connection_string_remove(s, key);
        assert_null(shim_connection_string_get(s, key));
        break;
    case 1:
        assert_true(shim_connection_string_replace(s, key, keys[random_below(5)], value));
        break;
    default:
        assert_true(shim_connection_string_copy(s, other, key));
        break;
    }
}

static void test_random(void **state)
{
    (void)state;
    for (uint64_t number = 0; number < 20000; number++) {
        bool wide = number % 2 == 1;
        size_t count, length;
        uint16_t units[40];
        unsigned char bytes[40];
        const void *text = wide ? (const void *)units : bytes;
        struct shim_connection_string *s, *other;
        void *written;

        random_state = number;
        count = random_below(40);
        for (size_t i = 0; i < count; i++) {
            units[i] = random_unit(wide);
            bytes[i] = (unsigned char)units[i];
        }
        s = shim_connection_string_new((struct shim_text){text, count, wide});
        assert_non_null(s);
        written = shim_connection_string_write(s, &length);
        assert_int_equal(length, count);
        assert_memory_equal(written, text, count * (wide ? 2 : 1));
        free(written);

        other = shim_connection_string_new((struct shim_text){text, count / 2, wide});
        for (unsigned changes = 0; changes < 4; changes++) {
            random_change(s, other);
            expect_reread(number, s, wide);
        }
        shim_connection_string_free(&other);
        shim_connection_string_free(&s);
    }
}

static int change_much(void *context)
{
    static const char text[] = "A=1;B=2;C=3;D=4;E=5;F=6;G=7;A={8}DSN=x";
    struct shim_connection_string *s = NULL, *from = context;
    const char *expected = text;
    size_t length;
    char *written = NULL;
    int done = 0;

    s = shim_connection_string_new((struct shim_text){text, sizeof(text) - 1, false});
    if (s == NULL)
        return 0;
    if (!shim_connection_string_replace(s, "DSN", "DRIVER", "a;b"))
        goto done;
    expected = "A=1;B=2;C=3;D=4;E=5;F=6;G=7;A={8}DRIVER={a;b}";
    if (!shim_connection_string_replace(s, "H", "H", "9"))
        goto done;
    expected = "A=1;B=2;C=3;D=4;E=5;F=6;G=7;A={8}DRIVER={a;b};H=9";
    if (!shim_connection_string_copy(s, from, "X"))
        goto done;
    expected = "A=1;B=2;C=3;D=4;E=5;F=6;G=7;A={8}DRIVER={a;b};H=9;X=1;X=2";
    written = shim_connection_string_write(s, &length);
    done = written != NULL;
    free(written);
done:
    allocations_left = -1; /* a change that failed has changed nothing */
    expect_written(__LINE__, s, expected, false);
    shim_connection_string_free(&s);
    return done;
}

static void test_memory_out(void **state)
{
    struct shim_connection_string *from = parse("X=1;Y=2;X=2", false);

    (void)state;
    assert_true(fail_each_allocation(change_much, from) > 30);
    shim_connection_string_free(&from);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_get),       cmocka_unit_test(test_source),
        cmocka_unit_test(test_keys),      cmocka_unit_test(test_remove),
        cmocka_unit_test(test_replace),   cmocka_unit_test(test_copy),
        cmocka_unit_test(test_nul),       cmocka_unit_test(test_no_text),
        cmocka_unit_test(test_wide_text), cmocka_unit_test(test_narrow_bytes),
        cmocka_unit_test(test_random),    cmocka_unit_test(test_memory_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
