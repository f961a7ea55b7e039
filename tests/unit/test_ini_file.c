/* SPDX-License-Identifier: MIT */
/* Files are replaced as a whole or not at all; libraries are known for what they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/ini_file.h"
#include "tools/library.h"

static char folder[] = "/tmp/odbcshim-files.XXXXXX", path[64];

static int set_up(void **state)
{
    (void)state;
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof(path), "%s/odbc.ini", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder); /* which fails where anything was left behind */
}

static void put(const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void expect(const char *text)
{
    char found[256] = "";
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    (void)fread(found, 1, sizeof(found) - 1, file);
    fclose(file);
    assert_string_equal(found, text);
}

static void append(struct tool_file *file)
{
    struct tool_ini_item item;

    tool_ini_append(file->ini, "S", &item);
    tool_ini_add(file->ini, &item, "k", "v");
}

static void test_replace(void **state)
{
    struct tool_file file;
    struct stat now;

    (void)state;
    put("[A]\n");
    assert_int_equal(chmod(path, 0604), 0);
    assert_true(tool_file_load(&file, path));
    assert_true(file.exists && file.readable);
    append(&file);
    assert_true(tool_file_save(&file));
    expect("[A]\n\n[S]\nk = v\n");
    assert_int_equal(stat(path, &now), 0);
    assert_int_equal(now.st_mode & 07777, 0604);
    assert_true(now.st_ino != file.state.st_ino);
    tool_file_fini(&file);
}

static void test_make(void **state)
{
    struct tool_file file;

    (void)state;
    assert_true(tool_file_load(&file, path));
    assert_true(!file.exists && file.readable);
    assert_true(tool_file_save(&file)); /* nothing was changed, so nothing is made */
    assert_int_equal(access(path, F_OK), -1);
    append(&file);
    assert_true(tool_file_save(&file));
    expect("[S]\nk = v\n");
    tool_file_fini(&file);
}

/* What somebody else has written since the file was read is not lost. */
static void test_changed_meanwhile(void **state)
{
    struct tool_file file;

    (void)state;
    put("[A]\n");
    assert_true(tool_file_load(&file, path));
    append(&file);
    put("[A]\n[B]\n");
    assert_false(tool_file_save(&file));
    expect("[A]\n[B]\n");
    tool_file_fini(&file);
}

/* A disk that is full, as far as a test can have one. */
static void test_no_room(void **state)
{
    struct tool_file file;
    struct rlimit before, limit;

    (void)state;
    put("[A]\n");
    assert_true(tool_file_load(&file, path));
    append(&file);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = (struct rlimit){.rlim_cur = 6, .rlim_max = before.rlim_max};
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_false(tool_file_save(&file));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    expect("[A]\n");
    tool_file_fini(&file);
}

/* None of these hangs, and none is taken for an empty file that may be replaced. */
static void test_no_file(void **state)
{
    struct tool_file file;

    (void)state;
    assert_true(tool_file_load(&file, folder));
    assert_false(file.readable);
    tool_file_fini(&file);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_true(tool_file_load(&file, path));
    assert_false(file.readable);
    tool_file_fini(&file);
}

static void test_not_read_by_the_manager(void **state)
{
    struct tool_file file;

    (void)state;
    put("words\n[A]\n");
    assert_true(tool_file_load(&file, path));
    assert_true(file.exists && !file.readable);
    assert_int_equal(tool_ini_unreadable(file.ini), 1);
    tool_file_fini(&file);
}

static void test_libraries(void **state)
{
    static const struct {
        const char *variable, *name;
        enum shim_driver_kind kind;
    } cases[] = {
        {"SHIM_WIDE_LIBRARY", "", SHIM_DRIVER_SHIM_WIDE},
        {"SHIM_ANSI_LIBRARY", "", SHIM_DRIVER_SHIM_ANSI},
        {"FAKE_DIR", "/fake_wide.so", SHIM_DRIVER_WIDE},
        {"FAKE_DIR", "/fake_wide_only.so", SHIM_DRIVER_WIDE},
        {"FAKE_DIR", "/fake_ansi.so", SHIM_DRIVER_ANSI},
        /* linked with the driver manager, which has the wide functions */
        {"FAKE_DIR", "/fake_ansi_managed.so", SHIM_DRIVER_ANSI},
        {"FAKE_DIR", "/fake_no_such.so", SHIM_DRIVER_ABSENT},
        {NULL, "libodbcinst.so.2", SHIM_DRIVER_FOREIGN},
        {NULL, "no-such-driver.so", SHIM_DRIVER_ABSENT},
        {NULL, "/etc/passwd", SHIM_DRIVER_ABSENT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *start = cases[i].variable != NULL ? getenv(cases[i].variable) : "";
        struct tool_library library;
        char name[4096];

        assert_non_null(start);
        snprintf(name, sizeof(name), "%s%s", start, cases[i].name);
        tool_library_look(name, &library);
        if (library.kind != cases[i].kind)
            fail_msg("%s: kind %d: %s", name, (int)library.kind, library.reason);
        assert_int_equal(library.reason[0] != '\0',
                         library.kind == SHIM_DRIVER_ABSENT || library.kind == SHIM_DRIVER_FOREIGN);
    }
}

/* By its name alone: that it is there and cannot be loaded is said, not that there is none. */
static void test_library_beside(void **state)
{
    static const char name[] = "broken-driver.so";
    char beside[4096];
    ssize_t n = readlink("/proc/self/exe", beside, sizeof(beside) - sizeof(name));
    struct tool_library library;
    FILE *file;

    (void)state;
    assert_true(n > 0);
    beside[n] = '\0';
    strcpy(strrchr(beside, '/') + 1, name);
    file = fopen(beside, "w");
    assert_non_null(file);
    assert_true(fputs("no library", file) >= 0 && fclose(file) == 0);
    tool_library_look(name, &library);
    assert_int_equal(unlink(beside), 0);
    assert_int_equal(library.kind, SHIM_DRIVER_ABSENT);
    if (strstr(library.reason, "/broken-driver.so: ") == NULL)
        fail_msg("%s", library.reason);
    tool_library_look(name, &library);
    assert_int_equal(library.kind, SHIM_DRIVER_ABSENT);
    assert_null(strchr(library.reason, '/'));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_replace, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_make, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_changed_meanwhile, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_room, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_not_read_by_the_manager, set_up, tear_down),
        cmocka_unit_test(test_libraries),
        cmocka_unit_test(test_library_beside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
