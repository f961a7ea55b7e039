/* SPDX-License-Identifier: MIT */
/* Ini files: read as libodbcinst reads them, and changed without touching another byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <odbcinst.h>
#include <unistd.h>

#include "tests/unit/failing_alloc.h"
#include "tools/dsn_edit.h"
#include "tools/ini_edit.h"

static struct tool_ini *parse(const char *text, size_t length)
{
    struct tool_ini *ini = tool_ini_new(text, length);

    assert_non_null(ini);
    return ini;
}

static void expect_bytes(int line, const struct tool_ini *ini, const char *expected, size_t length)
{
    size_t got_length;
    char *got = tool_ini_write(ini, &got_length);

    assert_non_null(got);
    if (got_length != length || memcmp(got, expected, length) != 0)
        fail_msg("line %d: got <%.*s>, expected <%.*s>", line, (int)got_length, got, (int)length,
                 expected);
    free(got);
}

static void expect_text(int line, const struct tool_ini *ini, const char *expected)
{
    expect_bytes(line, ini, expected, strlen(expected));
}

#define FILE_ONE                                                                                   \
    "# c\n\n   \n;x\n[A]\nDriver = one\n  indented = two\n\ttabbed=3\n#c=4\ne=a=b\nf\ng =\n"       \
    "spaced key = v w  \nq=\"quoted\"\nr=x ; comment\ncr=dos\r\n[ B ]\nx=1\n[A]\nDriver=again\n"   \
    "only=second\n[C\nk=1\n[D] tail\nk=2\n [E]\nk=3\n[F]]\nk=f\n[G[H]\nlast=nonl"

static void test_get(void **state)
{
    static const struct {
        int line;
        const char *section, *key, *value;
    } cases[] = {
        {__LINE__, "A", "Driver", "one"},
        {__LINE__, "a", "dRIVER", "one"},
        {__LINE__, "A", "indented", "two"},
        {__LINE__, "A", "tabbed", "3"},
        {__LINE__, "A", "c", NULL},
        {__LINE__, "A", "e", "a=b"},
        {__LINE__, "A", "f", ""},
        {__LINE__, "A", "g", ""},
        {__LINE__, "A", "spaced key", "v w"},
        {__LINE__, "A", "q", "\"quoted\""},
        {__LINE__, "A", "r", "x ; comment"},
        {__LINE__, "A", "cr", "dos"},
        {__LINE__, "A", "only", NULL}, /* the second section of a name is never seen */
        {__LINE__, "B", "x", "1"},
        {__LINE__, "C", "k", "1"},
        {__LINE__, "D", "k", "2"},
        {__LINE__, "E", "k", "3"},
        {__LINE__, "F", "k", "f"},
        {__LINE__, "G[H", "last", "nonl"},
        {__LINE__, "G", "last", NULL},
        {__LINE__, "Z", "k", NULL},
    };
    struct tool_ini *ini = parse(FILE_ONE, strlen(FILE_ONE));

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tool_ini_item item;
        const char *value = tool_ini_get(ini, cases[i].section, cases[i].key, &item);

        if ((value == NULL) != (cases[i].value == NULL) ||
            (value != NULL && strcmp(value, cases[i].value) != 0))
            fail_msg("line %d: [%s] %s is <%s>", cases[i].line, cases[i].section, cases[i].key,
                     value != NULL ? value : "(none)");
    }
    assert_false(tool_ini_changed(ini));
    expect_text(__LINE__, ini, FILE_ONE);
    tool_ini_free(&ini);
    assert_null(ini);
}

static void test_unreadable(void **state)
{
    static const struct {
        int line;
        const char *text;
        size_t number;
    } cases[] = {
        {__LINE__, "", 0},
        {__LINE__, "[A]\nx=1", 0},
        {__LINE__, "# c\n  # d\n\n ;\n[A]\n", 0},
        {__LINE__, "#\njunk\n[A]\n", 2},
        {__LINE__, " [A]\n", 1}, /* the first section must stand at the beginning of its line */
        {__LINE__, "\xef\xbb\xbf[A]\n", 1},
        {__LINE__, "#only a comment", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tool_ini *ini = parse(cases[i].text, strlen(cases[i].text));

        if (tool_ini_unreadable(ini) != cases[i].number)
            fail_msg("line %d: %zu", cases[i].line, tool_ini_unreadable(ini));
        tool_ini_free(&ini);
    }
}

/* --- wrapping --- */

#define NEW "X (monitored)"

static const char *const no_values[SHIM_SETTINGS];
static const char *const two_values[SHIM_SETTINGS] = {
    [SHIM_SETTING_HOST] = "h", [SHIM_SETTING_PROGRAM] = "p q"};

static const struct wrapping {
    int line;
    const char *before;
    const char *const *values;
    const char *after;
} wrappings[] = {
    {__LINE__, "[A]\nDriver=X\nz=1\n", no_values, "[A]\nDriver=" NEW "\nTarget=X\nz=1\n"},
    {__LINE__, "[A]\nDriver=X", no_values, "[A]\nDriver=" NEW "\nTarget=X"},
    {__LINE__, "[A]\r\nDriver=X\r\n", no_values, "[A]\r\nDriver=" NEW "\r\nTarget=X\r\n"},
    {__LINE__, "[A]\r\nDriver=X", no_values, "[A]\r\nDriver=" NEW "\nTarget=X"},
    {__LINE__, "[A]\r\nDriver=X\r", no_values, "[A]\r\nDriver=" NEW "\r\nTarget=X\r"},
    {__LINE__, "#c\n[a]\nz=1\n\tdriver\t =  X y \t \n#d\n", no_values,
     "#c\n[a]\nz=1\n\tdriver\t =  " NEW " \t \n\tTarget  =  X y\n#d\n"},
    {__LINE__, "[A]\nDriver     = X\nServername = y\n", two_values,
     "[A]\nDriver     = " NEW "\nCollectdHost = h\nCollectdProgramName = p q\nTarget     = X\n"
     "Servername = y\n"},
    {__LINE__, "[A]\nCollectdHost=h\nDriver=X\nCollectdPort=1\n", two_values,
     "[A]\nCollectdHost=h\nDriver=" NEW "\nCollectdProgramName=p q\nTarget=X\nCollectdPort=1\n"},
    {__LINE__, "[B]\nDriver=Y\n[A]\nDriver=X\n[A]\nDriver=Z\n", no_values,
     "[B]\nDriver=Y\n[A]\nDriver=" NEW "\nTarget=X\n[A]\nDriver=Z\n"},
    {__LINE__, "[A]\nDriver=X\nDriver=Z\n", no_values, "[A]\nDriver=" NEW "\nTarget=X\nDriver=Z\n"},
    {__LINE__, "[A]\nDriver==X=\n", no_values, "[A]\nDriver=" NEW "\nTarget==X=\n"},
};

static void test_wrap(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(wrappings) / sizeof(wrappings[0]); i++) {
        const struct wrapping *w = &wrappings[i];
        struct tool_ini *ini = parse(w->before, strlen(w->before));
        struct tool_dsn dsn;

        tool_dsn_wrap(ini, "A", NEW, w->values);
        assert_null(tool_ini_trouble(ini));
        expect_text(w->line, ini, w->after);
        tool_dsn_update(ini, "A", w->values); /* once more changes nothing */
        expect_text(w->line, ini, w->after);
        tool_ini_free(&ini);

        ini = parse(w->after, strlen(w->after));
        assert_true(tool_dsn_read(ini, "A", &dsn));
        tool_dsn_unwrap(ini, "A", dsn.target.value);
        expect_text(w->line, ini, w->before);
        tool_ini_free(&ini);
    }
}

/* Settings that are given again, in a file that was edited since. */
static void test_update(void **state)
{
    static const char *const values[SHIM_SETTINGS] = {
        [SHIM_SETTING_HOST] = "other", [SHIM_SETTING_PORT] = "7"};
    static const struct {
        int line;
        const char *before, *after, *unwrapped;
    } cases[] = {
        {__LINE__, "[A]\nDriver=N\nCollectdHost=h\nTarget=X\nz=1\n",
         "[A]\nDriver=N\nCollectdHost=other\nCollectdPort=7\nTarget=X\nz=1\n",
         "[A]\nDriver=X\nz=1\n"},
        {__LINE__, "[A]\nDriver=N\nTarget=X\n",
         "[A]\nDriver=N\nCollectdHost=other\nCollectdPort=7\nTarget=X\n", "[A]\nDriver=X\n"},
        {__LINE__, "[A]\nDriver=N\n# note\nUID=me\nCollectdHost = h\nTarget=X",
         "[A]\nDriver=N\n# note\nUID=me\nCollectdHost = other\nCollectdPort = 7\nTarget=X",
         "[A]\nDriver=X\n# note\nUID=me"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tool_ini *ini = parse(cases[i].before, strlen(cases[i].before));

        tool_dsn_update(ini, "A", values);
        expect_text(cases[i].line, ini, cases[i].after);
        tool_dsn_unwrap(ini, "A", "X");
        expect_text(cases[i].line, ini, cases[i].unwrapped);
        tool_ini_free(&ini);
    }
}

static void test_conflict(void **state)
{
    static const struct {
        int line;
        const char *text;
        size_t number;
    } cases[] = {
        {__LINE__, "[A]\nDriver=X\n", 0},
        {__LINE__, "[A]\nDriver=X\nCollectdHost=h\n", 0},
        {__LINE__, "[A]\nDriver=X\nCollectdHost=g\n", 3},
        {__LINE__, "[A]\nDriver=X\nCollectdHost=g\nTarget=Y\n", 0},
        {__LINE__, "[A]\ncollectdhost=g\nDriver=X\nTarget=Y\n", 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tool_ini *ini = parse(cases[i].text, strlen(cases[i].text));
        enum shim_setting setting = SHIM_SETTINGS;

        if (tool_dsn_conflict(ini, "A", two_values, &setting) != cases[i].number)
            fail_msg("line %d", cases[i].line);
        assert_int_equal(setting, cases[i].number != 0 ? SHIM_SETTING_HOST : SHIM_SETTINGS);
        tool_ini_free(&ini);
    }
}

/* --- sections --- */

static void test_sections(void **state)
{
    static const struct {
        int line;
        const char *before, *after;
    } cases[] = {
        {__LINE__, "", "[S]\nk = v\nl = w\n"},
        {__LINE__, "\n", "\n\n[S]\nk = v\nl = w\n"},
        {__LINE__, "[A]\nx=1\n", "[A]\nx=1\n\n[S]\nk = v\nl = w\n"},
        {__LINE__, "[A]\nx=1\n\n", "[A]\nx=1\n\n\n[S]\nk = v\nl = w\n"},
        {__LINE__, "[A]\nx=1", "[A]\nx=1\n\n[S]\nk = v\nl = w"},
        {__LINE__, "[A]\r\nx=1\r\n", "[A]\r\nx=1\r\n\r\n[S]\r\nk = v\r\nl = w\r\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tool_ini *ini = parse(cases[i].before, strlen(cases[i].before));
        struct tool_ini_item item;

        tool_ini_append(ini, "S", &item);
        tool_ini_add(ini, &item, "k", "v");
        tool_ini_add(ini, &item, "l", "w");
        expect_text(cases[i].line, ini, cases[i].after);
        tool_ini_free(&ini);
        ini = parse(cases[i].after, strlen(cases[i].after));
        assert_true(tool_ini_section(ini, "S", &item));
        tool_ini_remove_section(ini, &item);
        expect_text(cases[i].line, ini, cases[i].before);
        tool_ini_free(&ini);
    }
}

/* Whatever was written behind a section or within it stays, but for the section's own keys. */
static void test_remove_section(void **state)
{
    static const char before[] = "[A]\n\n[S]\nk=1\n#in\nl=2\n# behind\n\n[T]\nm=1\n";
    struct tool_ini *ini = parse(before, strlen(before));
    struct tool_ini_item item;

    (void)state;
    assert_true(tool_ini_section(ini, "S", &item));
    tool_ini_remove_section(ini, &item);
    expect_text(__LINE__, ini, "[A]\n# behind\n\n[T]\nm=1\n");
    tool_ini_free(&ini);
}

static void test_limits(void **state)
{
    static const char nul[] = "[A]\nDriver=X\0y\n";
    char text[3000], value[1200];
    struct tool_ini *ini = parse(nul, sizeof(nul) - 1);

    (void)state;
    tool_dsn_wrap(ini, "A", NEW, no_values);
    assert_non_null(tool_ini_trouble(ini));
    expect_bytes(__LINE__, ini, nul, sizeof(nul) - 1);
    tool_ini_free(&ini);

    memset(value, 'v', sizeof(value));
    for (int length = 980; length <= 1010; length++) {
        snprintf(text, sizeof(text), "[A]\nDriver=%.*s\n", length, value);
        ini = parse(text, strlen(text));
        tool_dsn_wrap(ini, "A", NEW, no_values);
        /* "Driver=" has seven bytes: 991 and they make 998. */
        assert_int_equal(tool_ini_trouble(ini) == NULL, length <= 991);
        tool_ini_free(&ini);
    }
}

static void test_changes(void **state)
{
    static const char before[] = "[A]\nDriver=X\nPWD=secret\n[B]\nDriver=Y\r\n";
    static const char *const values[SHIM_SETTINGS] = {[SHIM_SETTING_PASSWORD] = "secret"};
    struct tool_ini *ini = parse(before, strlen(before));
    char shown[1000] = "";
    FILE *to = fmemopen(shown, sizeof(shown), "w");

    (void)state;
    assert_non_null(to);
    tool_ini_print_changes(ini, "f", to);
    tool_dsn_wrap(ini, "A", NEW, values);
    tool_dsn_wrap(ini, "B", NEW, no_values);
    tool_ini_print_changes(ini, "f", to);
    fclose(to);
    assert_string_equal(shown, "--- f\n+++ f\n"
                               "@@ -2 +2,3 @@\n-Driver=X\n+Driver=" NEW
                               "\n+CollectdPassword=***\n+Target=X\n"
                               "@@ -5 +7,2 @@\n-Driver=Y\n+Driver=" NEW "\n+Target=Y\n");
    tool_ini_free(&ini);
}

/* --- memory that runs out --- */

static int attempt(void *context)
{
    const char *text = context;
    struct tool_ini *ini = tool_ini_new(text, strlen(text));
    struct tool_ini_item item;
    size_t length;
    char *written;
    int done;

    if (ini == NULL)
        return 0;
    tool_dsn_wrap(ini, "A", NEW, two_values);
    tool_ini_append(ini, "S", &item);
    if (tool_ini_trouble(ini) == NULL)
        tool_ini_add(ini, &item, "k", "v");
    tool_dsn_unwrap(ini, "A", "X");
    done = tool_ini_trouble(ini) == NULL;
    written = tool_ini_write(ini, &length);
    if (written != NULL && done)
        assert_string_equal(written, "[A]\nDriver=X\nz=1\n\n[S]\nk = v\n");
    done = done && written != NULL;
    free(written);
    tool_ini_free(&ini);
    return done;
}

static void test_memory(void **state)
{
    char text[] = "[A]\nDriver=X\nz=1\n";

    (void)state;
    assert_true(fail_each_allocation(attempt, text) > 8);
}

/* --- at random --- */

static uint32_t random_state = 2463534242;

static uint32_t random_below(uint32_t n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state % n;
}

static size_t make_file(char *text, size_t size)
{
    static const char *const parts[] = {
        "[A]",
        "[B]",
        "\n",
        "\n",
        "\n",
        "\r\n",
        "Driver=X",
        "driver = Y",
        "z=1",
        "Target",
        "=",
        " ",
        "\t",
        "#",
        ";",
        "[",
        "]",
        "Driver",
        "\r",
        "\xc3\xa4",
        "\xff",
        "[C]\n",
        "[A]\nDriver = X\n",
        "CollectdHost=q\n",
        "x y = z ",
        "\n\n",
        "\v",
        "\f",
    };
    size_t length = 0;

    for (uint32_t n = random_below(40); n > 0; n--) {
        const char *part = parts[random_below(sizeof(parts) / sizeof(parts[0]))];
        size_t times = random_below(200) == 0 ? 600 : 1;

        for (; times > 0 && length + strlen(part) < size; times--) {
            memcpy(text + length, part, strlen(part));
            length += strlen(part);
        }
    }
    return length;
}

/* Wrapped and unwrapped, each after writing and reading, any file is what it was. */
static void test_round_trip(void **state)
{
    static char text[65536];
    int wrapped = 0;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        size_t length = make_file(text, sizeof(text)), between_length;
        struct tool_ini *ini = parse(text, length);
        struct tool_dsn dsn;
        char *between;

        expect_bytes(__LINE__, ini, text, length);
        if (!tool_dsn_read(ini, "A", &dsn) || !dsn.has_driver || dsn.has_target) {
            tool_ini_free(&ini);
            continue;
        }
        tool_dsn_wrap(ini, "A", NEW, random_below(2) == 0 ? no_values : two_values);
        if (tool_ini_trouble(ini) != NULL) {
            tool_ini_free(&ini);
            continue;
        }
        between = tool_ini_write(ini, &between_length);
        assert_non_null(between);
        tool_ini_free(&ini);
        ini = parse(between, between_length);
        free(between);
        if (!tool_dsn_read(ini, "A", &dsn) || !dsn.has_target || strcmp(dsn.driver.value, NEW) != 0)
            fail_msg("wrapping went wrong in round %d: <%.*s>", round, (int)length, text);
        tool_dsn_unwrap(ini, "A", dsn.target.value);
        expect_bytes(round, ini, text, length);
        tool_ini_free(&ini);
        wrapped++;
    }
    assert_true(wrapped > 2000);
}

/* A key of each section of a random file, as libodbcinst gives it. */
static void test_as_libodbcinst(void **state)
{
    static const char *const sections[] = {"A", "B", "C", "[A", "A["};
    static const char *const keys[] = {"Driver", "z", "Target", "x y", "CollectdHost"};
    static char text[65536], folder[] = "/tmp/odbc-ini.XXXXXX";
    char path[64];

    (void)state;
    assert_non_null(mkdtemp(folder));
    for (int round = 0; round < 1000; round++) {
        size_t length = make_file(text, sizeof(text));
        struct tool_ini *ini = parse(text, length);
        FILE *file;

        snprintf(path, sizeof(path), "%s/%d", folder, round); /* it remembers what a file had */
        file = fopen(path, "w");
        assert_non_null(file);
        assert_int_equal(fwrite(text, 1, length, file), length);
        fclose(file);
        for (size_t i = 0; i < 25; i++) {
            struct tool_ini_item item;
            char theirs[1200] = "";
            const char *section = sections[i % 5], *key = keys[i / 5], *ours = NULL;

            if (tool_ini_unreadable(ini) == 0)
                ours = tool_ini_get(ini, section, key, &item);
            if (SQLGetPrivateProfileString(section, key, "(none)", theirs, sizeof(theirs), path) <
                0)
                strcpy(theirs, "(none)");
            if (strcmp(theirs, ours != NULL ? ours : "(none)") != 0)
                fail_msg("[%s] %s: libodbcinst reads <%s>, we <%s>, in:\n%.*s", section, key,
                         theirs, ours != NULL ? ours : "(none)", (int)length, text);
        }
        tool_ini_free(&ini);
        unlink(path);
    }
    rmdir(folder);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_get),
        cmocka_unit_test(test_unreadable),
        cmocka_unit_test(test_wrap),
        cmocka_unit_test(test_update),
        cmocka_unit_test(test_conflict),
        cmocka_unit_test(test_sections),
        cmocka_unit_test(test_remove_section),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_as_libodbcinst),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
