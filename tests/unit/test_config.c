/* SPDX-License-Identifier: MIT */
/* The configuration of the plugin: what is taken, and what is said of what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include <liboconfig/oconfig.h>

#include "collectd-plugin/auth.h"
#include "collectd-plugin/config.h"
#include "collectd-plugin/ticks.h"

static char log_text[4096];

static void keep(enum plug_log_level level, const char *message)
{
    (void)level;
    assert_true(strlen(log_text) + strlen(message) + 2 < sizeof(log_text));
    strcat(strcat(log_text, message), "\n");
}

/* --- blocks as collectd's parser makes them --- */

enum { VALUES = 3, CHILDREN = 4 };

struct option {
    const char *key;
    const char *values[VALUES]; /* a # before a number without quotes, a ! before a boolean */
    struct {
        const char *key, *value;
    } children[CHILDREN];
};

static oconfig_value_t make_value(const char *text)
{
    oconfig_value_t value = {.type = OCONFIG_TYPE_STRING};

    if (text[0] == '#') {
        value.type = OCONFIG_TYPE_NUMBER;
        value.value.number = atof(text + 1);
    } else if (text[0] == '!') {
        value.type = OCONFIG_TYPE_BOOLEAN;
        value.value.boolean = 1;
    } else {
        value.value.string = strdup(text);
    }
    return value;
}

static void add_value(oconfig_item_t *item, const char *text)
{
    item->values = realloc(item->values, (size_t)(item->values_num + 1) * sizeof(*item->values));
    assert_non_null(item->values);
    item->values[item->values_num++] = make_value(text);
}

static oconfig_item_t *add_child(oconfig_item_t *item, const char *key)
{
    size_t n = (size_t)item->children_num + 1;

    item->children = realloc(item->children, n * sizeof(*item->children));
    assert_non_null(item->children);
    item->children[n - 1] = (oconfig_item_t){.key = strdup(key)};
    item->children_num++;
    return &item->children[n - 1];
}

static void free_item(oconfig_item_t *item)
{
    for (int i = 0; i < item->children_num; i++)
        free_item(&item->children[i]);
    for (int i = 0; i < item->values_num; i++)
        if (item->values[i].type == OCONFIG_TYPE_STRING)
            free(item->values[i].value.string);
    free(item->children);
    free(item->values);
    free(item->key);
}

static bool read_options(struct plug_config *config, const struct option *options, size_t count)
{
    oconfig_item_t block = {.key = strdup("Plugin")};
    bool ok;

    for (size_t i = 0; i < count && options[i].key != NULL; i++) {
        oconfig_item_t *item = add_child(&block, options[i].key);

        for (size_t v = 0; v < VALUES && options[i].values[v] != NULL; v++)
            add_value(item, options[i].values[v]);
        for (size_t c = 0; c < CHILDREN && options[i].children[c].key != NULL; c++)
            add_value(add_child(item, options[i].children[c].key), options[i].children[c].value);
    }
    log_text[0] = '\0';
    ok = plug_config_read(config, &block);
    free_item(&block);
    return ok;
}

static char auth_path[] = "/tmp/test_config.XXXXXX";

static void write_auth(const char *text)
{
    FILE *f = fopen(auth_path, "w");

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(auth_path, 0600), 0);
}

/* --- tests --- */

static void test_defaults(void **state)
{
    struct plug_config config;

    (void)state;
    plug_config_init(&config);
    assert_true(read_options(&config, NULL, 0));
    assert_true(plug_config_finish(&config));
    assert_int_equal(config.count, 2);
    assert_string_equal(config.listens[0].address, "::");
    assert_string_equal(config.listens[1].address, "0.0.0.0");
    assert_string_equal(config.listens[1].port, "25827");
    assert_int_equal(config.rows_max, 100000);
    assert_int_equal(config.log_level, PLUG_INFO);
    plug_config_fini(&config);
}

static void test_all_options(void **state)
{
    const struct option options[] = {
        {"Listen", {"127.0.0.1"}, {{0}}},
        {"listen", {"::1", "1"}, {{"SecurityLevel", "encrypt"}, {"AuthFile", auth_path}}},
        {"Listen", {"localhost", "#65535"}, {{"securitylevel", "None"}}},
        {"SecurityLevel", {"Sign"}, {{0}}},
        {"AuthFile", {auth_path}, {{0}}},
        {"LogLevel", {"DEBUG"}, {{0}}},
        {"MaxProcesses", {"#5"}, {{0}}},
    };
    struct plug_config config;

    (void)state;
    write_auth("u: p\n");
    plug_config_init(&config);
    assert_true(read_options(&config, options, sizeof(options) / sizeof(options[0])));
    assert_true(plug_config_finish(&config));
    assert_string_equal(log_text, "");
    assert_int_equal(config.count, 3);
    assert_string_equal(config.listens[0].port, "25827");
    assert_int_equal(config.listens[0].level, CDP_SECURITY_SIGN);
    assert_string_equal(config.listens[0].auth_file, auth_path);
    assert_string_equal(config.listens[1].port, "1");
    assert_int_equal(config.listens[1].level, CDP_SECURITY_ENCRYPT);
    assert_string_equal(config.listens[2].port, "65535");
    assert_int_equal(config.listens[2].level, CDP_SECURITY_NONE);
    assert_int_equal(config.log_level, PLUG_DEBUG);
    assert_int_equal(config.rows_max, 5);
    plug_config_fini(&config);
}

/* A console or a monitor needs no listener, and gets none. */
static void test_consoles(void **state)
{
    static const struct {
        struct option options[3];
        size_t count, consoles, monitors, listens;
    } cases[] = {
        {{{"Console", {"::1", "1"}, {{0}}}}, 1, 1, 0, 0},
        {{{"monitor", {"h.example"}, {{0}}}}, 1, 0, 1, 0},
        {{{"Console", {"a"}, {{0}}}, {"Monitor", {"b"}, {{0}}}, {"Console", {"c"}, {{0}}}},
         3,
         2,
         1,
         0},
        {{{"Listen", {"a"}, {{0}}}, {"Console", {"a"}, {{0}}}}, 2, 1, 0, 1},
        {{{"LogLevel", {"info"}, {{0}}}}, 1, 0, 0, 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct plug_config config;

        plug_config_init(&config);
        assert_true(read_options(&config, cases[i].options, cases[i].count));
        assert_true(plug_config_finish(&config));
        assert_int_equal(config.consoles.count, cases[i].consoles);
        assert_int_equal(config.monitors.count, cases[i].monitors);
        assert_int_equal(config.count, cases[i].listens);
        if (config.consoles.count > 0)
            assert_string_equal(config.consoles.list[0].port, i == 0 ? "1" : "25828");
        plug_config_fini(&config);
    }
}

static void test_refused(void **state)
{
    static const struct {
        struct option option;
        const char *expected[3]; /* what the message must have in it */
    } cases[] = {
        {{"Listen", {"h", "70000"}, {{0}}}, {"Listen", "\"70000\"", "from 1 to 65535"}},
        {{"Listen", {"h", "#0"}, {{0}}}, {"Listen", "\"0\"", "from 1 to 65535"}},
        {{"Listen", {"h", "http"}, {{0}}}, {"Listen", "\"http\"", "from 1 to 65535"}},
        {{"Listen", {"h", "#25827.5"}, {{0}}}, {"Listen", "\"25827.5\"", "from 1 to 65535"}},
        {{"Listen", {""}, {{0}}}, {"Listen", "\"\"", "allowed"}},
        {{"Listen", {"#12"}, {{0}}}, {"Listen", "\"12\"", "allowed"}},
        {{"Listen", {NULL}, {{0}}}, {"Listen", "0 values", "address"}},
        {{"Listen", {"a", "1", "2"}, {{0}}}, {"Listen", "3 values", "address"}},
        {{"Listen", {"a"}, {{"SecurityLevel", "Strong"}}},
         {"SecurityLevel", "\"Strong\"", "\"None\", \"Sign\", \"Encrypt\""}},
        {{"Listen", {"a"}, {{"SecurityLevel", "Sign"}}},
         {"SecurityLevel \"Sign\"", "\"a\"", "AuthFile"}},
        {{"Listen", {"a"}, {{"AuthFile", "/nowhere/at/all"}}},
         {"AuthFile", "\"/nowhere/at/all\"", "cannot be read"}},
        {{"Listen", {"a"}, {{"Interface", "eth0"}}}, {"Interface", "\"eth0\"", "AuthFile"}},
        {{"LogLevel", {"loud"}, {{0}}}, {"LogLevel", "\"loud\"", "\"debug\""}},
        {{"LogLevel", {"!"}, {{0}}}, {"LogLevel", "\"true\"", "\"debug\""}},
        {{"LogLevel", {"info"}, {{"Listen", "x"}}}, {"LogLevel", "no block", ""}},
        {{"MaxProcesses", {"0"}, {{0}}}, {"MaxProcesses", "\"0\"", "from 1 to 10000000"}},
        {{"MaxProcesses", {"many"}, {{0}}}, {"MaxProcesses", "\"many\"", "from 1"}},
        {{"MaxProcesses", {"-3"}, {{0}}}, {"MaxProcesses", "\"-3\"", "from 1"}},
        {{"SecurityLevel", {"Sign"}, {{0}}}, {"SecurityLevel", "\"Sign\"", "AuthFile"}},
        {{"AuthFile", {"/"}, {{0}}}, {"AuthFile", "\"/\"", "is not a file"}},
        {{"Console", {"h", "0"}, {{0}}}, {"Console", "\"0\"", "from 1 to 65535"}},
        {{"Console", {NULL}, {{0}}}, {"Console", "0 values", "25828"}},
        {{"Console", {"h"}, {{"Listen", "x"}}}, {"Console", "no block", ""}},
        {{"Monitor", {""}, {{0}}}, {"Monitor", "\"\"", "allowed"}},
        {{"Monitor", {"h", "1", "2"}, {{0}}}, {"Monitor", "3 values", "address"}},
        {{"Lisen", {"a"}, {{0}}}, {"Lisen", "no such option", "Listen, LogLevel"}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct plug_config config;
        bool ok;

        plug_config_init(&config);
        ok = read_options(&config, &cases[i].option, 1);
        for (size_t k = 0; k < 3; k++)
            if (ok || strstr(log_text, cases[i].expected[k]) == NULL)
                fail_msg("case %zu, %s: no \"%s\" in: %s", i, cases[i].option.key,
                         cases[i].expected[k], log_text);
        plug_config_fini(&config);
    }
}

static void test_auth_file(void **state)
{
    static const struct {
        const char *text;
        const char *error; /* NULL: it is taken */
        const char *user;
        const char *passwords[2];
    } cases[] = {
        {"u: p\n", NULL, "u", {"p"}},
        {"# a comment\n\n  u:\tp q \r\nv:w:x", NULL, "u", {"p q "}},
        {"u: p\nv:w:x", NULL, "v", {"w:x"}},
        {"u: old\nu: new\n", NULL, "u", {"old", "new"}},
        {"u: p\n", NULL, "U", {NULL}},
        {"u: 1\nu: 2\nu: 3\n", "line 3", NULL, {NULL}},
        {"u: p\nsecret\n", "line 2 has no colon", NULL, {NULL}},
        {": p\n", "line 1: a user name", NULL, {NULL}},
        {"u:\n", "line 1: a password", NULL, {NULL}},
        {"# nobody\n", "names no user", NULL, {NULL}},
        {"", "names no user", NULL, {NULL}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *found[2] = {NULL, NULL};
        char error[256] = "";
        struct plug_auth *auth;
        size_t n;

        write_auth(cases[i].text);
        auth = plug_auth_new(auth_path, error, sizeof(error));
        if (cases[i].error != NULL) {
            assert_null(auth);
            assert_non_null(strstr(error, cases[i].error));
            assert_null(strstr(error, "secret"));
            continue;
        }
        assert_non_null(auth);
        n = plug_auth_find(auth, cases[i].user, found, 2);
        assert_int_equal(n, (cases[i].passwords[0] != NULL) + (cases[i].passwords[1] != NULL));
        for (size_t k = 0; k < n; k++)
            assert_string_equal(found[k], cases[i].passwords[k]);
        plug_auth_free(&auth);
    }
    assert_int_equal(plug_auth_find(NULL, "u", (const char *[2]){NULL, NULL}, 2), 0);
}

static void test_auth_changes(void **state)
{
    const char *found[2];
    char error[256];
    struct plug_auth *auth;

    (void)state;
    write_auth("u: one\n");
    auth = plug_auth_new(auth_path, error, sizeof(error));
    assert_non_null(auth);
    write_auth("u: one\nu: second\n"); /* of another size: the clock of a file may be coarse */
    plug_auth_refresh(auth, plug_seconds(10));
    assert_int_equal(plug_auth_find(auth, "u", found, 2), 2);
    assert_string_equal(found[1], "second");
    log_text[0] = '\0';
    plug_auth_refresh(auth, plug_seconds(11)); /* as it was */
    assert_string_equal(log_text, "");
    write_auth("nonsense");
    plug_auth_refresh(auth, plug_seconds(11)); /* too soon to look */
    assert_string_equal(log_text, "");
    plug_auth_refresh(auth, plug_seconds(12));
    assert_non_null(strstr(log_text, "stays valid"));
    assert_int_equal(plug_auth_find(auth, "u", found, 2), 2);
    write_auth("u: third\n");
    plug_auth_refresh(auth, plug_seconds(14));
    assert_int_equal(plug_auth_find(auth, "u", found, 2), 1);
    assert_string_equal(found[0], "third");
    assert_int_equal(unlink(auth_path), 0);
    log_text[0] = '\0';
    plug_auth_refresh(auth, plug_seconds(16));
    assert_non_null(strstr(log_text, "stays valid"));
    assert_int_equal(plug_auth_find(auth, "u", found, 2), 1);
    plug_auth_free(&auth);
}

static int set_up(void **state)
{
    int fd = mkstemp(auth_path);

    (void)state;
    plug_log_to(keep, PLUG_INFO);
    return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(auth_path);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),  cmocka_unit_test(test_all_options),
        cmocka_unit_test(test_consoles),  cmocka_unit_test(test_refused),
        cmocka_unit_test(test_auth_file), cmocka_unit_test(test_auth_changes),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
