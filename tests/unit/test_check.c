/* SPDX-License-Identifier: MIT */
/*
 * What `odbcshim check` stands on: lines without secrets and control characters, children that
 * crash and hang, and the asking of a collectd that answers, refuses, says nothing, or is somebody
 * else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tools/ask.h"
#include "tools/child.h"
#include "tools/connection.h"
#include "tools/steps.h"

static void test_clean(void **state)
{
    static const struct {
        const char *text, *shown;
    } cases[] = {
        {"", ""},
        {"plain text", "plain text"},
        {"password is s3cret", "password is ***"},
        {"s3cret", "***"},
        {"s3crets3cret", "******"},
        {"s3cre", "s3cre"},
        {"s3cret and more: s3cret and more", "***: ***"}, /* the longer of two */
        {"one\ntwo\x1b[31m\x7f", "one?two?[31m?"},
        {"c1 \xc2\x9b\x33 end", "c1 ?3 end"},
        {"\xc3\xa4 \xe2\x82\xac", "\xc3\xa4 \xe2\x82\xac"},
        {"\xc2", "\xc2"},
    };
    struct tool_steps steps = {0};
    char out[64];

    (void)state;
    tool_steps_hide(&steps, NULL);
    tool_steps_hide(&steps, "");
    tool_steps_hide(&steps, "s3cret");
    tool_steps_hide(&steps, "s3cret and more");
    assert_int_equal(steps.secrets_count, 2);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        tool_steps_clean(&steps, cases[i].text, out, sizeof(out));
        assert_string_equal(out, cases[i].shown);
    }
    /* What is cut off is never half of a secret's place. */
    for (size_t size = 1; size < 16; size++) {
        tool_steps_clean(&steps, "password is s3cret", out, size);
        assert_true(strlen(out) < size);
        assert_null(strstr(out, "s3"));
        assert_memory_equal(out, "password is ***", strlen(out));
    }
}

/* --- children --- */

static void add_one(const void *order, void *result)
{
    printf("nobody sees this\n");
    *(int *)result = *(const int *)order + 1;
}

static void crash(const void *order, void *result)
{
    (void)order;
    *(int *)result = 7;
    (void)raise(SIGKILL);
}

static void leave(const void *order, void *result)
{
    (void)order;
    *(int *)result = 7;
    _exit(0);
}

static void hang(const void *order, void *result)
{
    (void)order;
    *(int *)result = 7;
    for (;;)
        (void)pause();
}

static void test_children(void **state)
{
    static const struct {
        tool_child_work *work;
        enum tool_child_end end;
        int result;
    } cases[] = {
        {add_one, TOOL_CHILD_DONE, 42},
        {crash, TOOL_CHILD_ENDED, 0},
        {leave, TOOL_CHILD_ENDED, 0},
        {hang, TOOL_CHILD_LATE, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int order = 41, result = 1;
        int patience_ms = cases[i].end == TOOL_CHILD_LATE ? 10 : 60000;

        assert_int_equal(tool_child_do(cases[i].work, &order, &result, sizeof(result), patience_ms),
                         cases[i].end);
        assert_int_equal(result, cases[i].result);
    }
}

/* More than a pipe holds. */
static void fill(const void *order, void *result)
{
    (void)order;
    memset(result, 'x', 1000000);
}

static void test_large_result(void **state)
{
    char *result = malloc(1000000);

    (void)state;
    assert_non_null(result);
    assert_int_equal(tool_child_do(fill, NULL, result, 1000000, 60000), TOOL_CHILD_DONE);
    for (size_t i = 0; i < 1000000; i++)
        assert_int_equal(result[i], 'x');
    free(result);
}

/* --- asking --- */

struct listener {
    int fd;
    struct sockaddr_storage address;
    bool answers;
    pthread_t thread;
};

static void *listen_once(void *context)
{
    static const struct cdp_probe_answer says = {CDP_PROBE_LEVEL, CDP_SECURITY_SIGN, "9.8"};
    const struct listener *l = context;
    uint8_t question[CDP_PROBE_QUESTION_MAX], answer[CDP_PROBE_BYTES];
    struct sockaddr_storage from;
    socklen_t from_bytes = sizeof(from);
    ssize_t n =
        recvfrom(l->fd, question, sizeof(question), 0, (struct sockaddr *)&from, &from_bytes);

    if (n < 0 || !cdp_probe_is_question(question, (size_t)n) || !l->answers)
        return NULL;
    /* First what is none: an answer to another question, and its own question. */
    question[8] ^= 1;
    cdp_probe_reply(question, &says, answer);
    (void)!sendto(l->fd, answer, sizeof(answer), 0, (struct sockaddr *)&from, from_bytes);
    question[8] ^= 1;
    (void)!sendto(l->fd, question, (size_t)n, 0, (struct sockaddr *)&from, from_bytes);
    cdp_probe_reply(question, &says, answer);
    (void)!sendto(l->fd, answer, sizeof(answer), 0, (struct sockaddr *)&from, from_bytes);
    return NULL;
}

static void open_listener(struct listener *l, bool answers)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)&l->address;
    socklen_t bytes = sizeof(*v4);

    *l = (struct listener){.fd = socket(AF_INET, SOCK_DGRAM, 0), .answers = answers};
    v4->sin_family = AF_INET;
    v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(l->fd, (struct sockaddr *)v4, bytes), 0);
    assert_int_equal(getsockname(l->fd, (struct sockaddr *)v4, &bytes), 0);
    assert_int_equal(pthread_create(&l->thread, NULL, listen_once, l), 0);
}

static void test_ask(void **state)
{
    static const struct cdp_credentials nobody, ada = {.user = "ada", .password = "one"};
    struct listener l;
    struct tool_heard heard;

    (void)state;
    for (int answers = 1; answers >= 0; answers--) {
        open_listener(&l, answers);
        tool_ask(&l.address, sizeof(struct sockaddr_in), CDP_SECURITY_SIGN, &ada, &heard);
        assert_int_equal(pthread_join(l.thread, NULL), 0);
        assert_int_equal(heard.what, answers ? TOOL_HEARD_ANSWER : TOOL_HEARD_NOTHING);
        assert_string_equal(heard.answer.version, answers ? "9.8" : "");
        assert_int_equal(heard.answer.verdict, answers ? CDP_PROBE_LEVEL : CDP_PROBE_WELCOME);
        if (answers)
            (void)close(l.fd);
    }
    /* Now it listens to nobody else, and still keeps the port from others. */
    assert_int_equal(connect(l.fd, (struct sockaddr *)&l.address, sizeof(struct sockaddr_in)), 0);
    tool_ask(&l.address, sizeof(struct sockaddr_in), CDP_SECURITY_NONE, &nobody, &heard);
    assert_int_equal(heard.what, TOOL_HEARD_REFUSAL);
    /* What cannot be sealed cannot be asked. */
    tool_ask(&l.address, sizeof(struct sockaddr_in), CDP_SECURITY_SIGN, &nobody, &heard);
    assert_int_equal(heard.what, TOOL_HEARD_TROUBLE);
    (void)close(l.fd);
}

static void test_resolve(void **state)
{
    struct tool_addresses found;
    char text[64];

    (void)state;
    tool_resolve("127.0.0.5", 25827, &found);
    assert_int_equal(found.found.count, 1);
    assert_string_equal(found.reason, "");
    tool_address_show(&found.found.address[0], found.found.length[0], text);
    assert_string_equal(text, "127.0.0.5");
    tool_resolve("::1", 25827, &found);
    assert_int_equal(found.found.count, 1);
    tool_address_show(&found.found.address[0], found.found.length[0], text);
    assert_string_equal(text, "::1");
    tool_resolve("no.such.name.invalid", 25827, &found);
    assert_int_equal(found.found.count, 0);
    assert_string_not_equal(found.reason, "");
}

static void test_advice(void **state)
{
    (void)state;
    assert_non_null(strstr(tool_connect_advice("28000"), "--password-stdin"));
    assert_non_null(strstr(tool_connect_advice("08001"), "reached"));
    assert_non_null(strstr(tool_connect_advice("HYT00"), "in time"));
    assert_null(tool_connect_advice("HY000"));
    assert_null(tool_connect_advice(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clean),        cmocka_unit_test(test_children),
        cmocka_unit_test(test_large_result), cmocka_unit_test(test_ask),
        cmocka_unit_test(test_resolve),      cmocka_unit_test(test_advice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
