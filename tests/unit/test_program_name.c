/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "odbcshim/program_name.h"
#include "odbcshim/token.h"

struct row {
    const char *cmdline;
    size_t length;
    const char *name;
};

#define ROW(cmdline, name)                                                                         \
    {                                                                                              \
        cmdline, sizeof(cmdline) - 1, name                                                         \
    }

static const struct row rows[] = {
    ROW("/usr/sbin/shopd\0--verbose\0", "shopd"),
    ROW("shopd", "shopd"),
    ROW("/opt/My Shop/shopd\0", "shopd"),
    ROW("./a.out\0x\0", "a.out"),
    ROW("", ""),
    ROW("\0", ""),
    ROW("-bash\0", "bash"),
    ROW("/", "/"),
    ROW("python-config\0", "python-config"),

    ROW("python3\0/srv/app.py\0--port\0", "app.py"),
    ROW("/usr/bin/python3.11\0-u\0-W\0ignore\0-X\0dev\0/srv/app.py\0", "app.py"),
    ROW("python3\0-Wignore\0-Xdev\0-Iu\0app.py\0", "app.py"),
    ROW("python3\0-IW\0ignore\0app.py\0", "app.py"),
    ROW("python3\0--check-hash-based-pycs\0never\0app.py\0", "app.py"),
    ROW("python3\0/usr/bin/gunicorn\0shop:app\0", "gunicorn"),
    ROW("python3\0-m\0http.server\0"
        "8000\0",
        "http.server"),
    ROW("python3\0-um\0http.server\0", "http.server"),
    ROW("python3\0-mflask\0run\0", "flask"),
    ROW("python3\0-c\0import x\0/not/this\0", "python3"),
    ROW("python3\0-Ic\0import x\0", "python3"),
    ROW("python3\0-W\0", "python3"),
    ROW("python3\0-\0x\0", "python3"),
    ROW("python3\0", "python3"),
    ROW("python3\0-u\0--\0-odd.py\0", "-odd.py"),
    ROW("/usr/bin/pypy3\0job.py\0", "job.py"),
    ROW("pypy3.9\0job.py\0", "job.py"),

    ROW("/usr/bin/perl\0-w\0/srv/report.pl\0x\0", "report.pl"),
    ROW("perl5.36.0\0-Tw\0-I\0lib\0-Ilib\0-MData::Dumper\0-i.bak\0report.pl\0", "report.pl"),
    ROW("perl\0-ne\0print\0file\0", "perl"),
    ROW("perl\0-lane\0print\0file\0", "perl"),
    ROW("perl\0-E\0say\0file\0", "perl"),

    ROW("php\0/srv/index.php\0", "index.php"),
    ROW("php8.2\0-d\0memory_limit=1G\0-c\0/etc/php\0-f\0/srv/index.php\0--\0x\0", "index.php"),
    ROW("php\0--file=/srv/index.php\0", "index.php"),
    ROW("php\0--file\0/srv/index.php\0", "index.php"),
    ROW("php\0-ddisplay_errors=1\0index.php\0", "index.php"),
    ROW("php\0-r\0echo 1;\0index.php\0", "php"),
    ROW("php-fpm: pool www                        \0", "php-fpm-www"),
    ROW("php-fpm: pool shop-2\0\0\0\0", "php-fpm-shop-2"),
    ROW("php-fpm: pool ", "php-fpm"),
    ROW("php-fpm: pool", "php-fpm"),
    ROW("php-fpm: poolside x", "php-fpm"),
    ROW("mine: pool www", "mine"),
    ROW("php-fpm8.2\0--nodaemonize\0", "php-fpm8.2"),
    ROW("/usr/sbin/php-fpm: master process (/etc/php.conf)", "php-fpm"),

    ROW("ruby\0-W0\0-I\0lib\0-rjson\0-r\0set\0/srv/shop.rb\0", "shop.rb"),
    ROW("ruby3.1\0bin/rails\0server\0", "rails"),
    ROW("ruby\0-e\0puts 1\0", "ruby"),

    ROW("node\0--max-old-space-size=4096\0-r\0dotenv\0server.js\0", "server.js"),
    ROW("nodejs\0--require\0./trace.js\0/srv/server.mjs\0", "server.mjs"),
    ROW("node\0--inspect\0server.js\0", "server.js"),
    ROW("node\0--eval\0code\0", "node"),
    ROW("node\0-p\0code\0", "node"),

    ROW("/usr/bin/java\0-Xmx4g\0-cp\0/lib/a.jar:/lib/b.jar\0com.example.Shop\0x\0",
        "com.example.Shop"),
    ROW("java\0-Dx=y\0-jar\0/srv/shop.jar\0--port\0", "shop.jar"),
    ROW("java\0--module-path=/mods\0--add-opens\0a/b=c\0-m\0com.example/com.example.Shop\0",
        "com.example.Shop"),
    ROW("java\0-version\0", "java"),
    ROW("dotnet\0/srv/Shop.dll\0", "Shop.dll"),

    ROW("/usr/lib/R/bin/exec/R\0--no-echo\0--no-restore\0--file=/srv/fit.R\0--args\0x.R\0",
        "fit.R"),
    ROW("R\0--no-save\0-f\0fit.R\0", "fit.R"),
    ROW("R\0--no-save\0--args\0fit.R\0", "R"),
    ROW("R\0", "R"),
    ROW("Rscript\0--vanilla\0fit.R\0", "fit.R"),
    ROW("tclsh8.6\0/srv/load.tcl\0", "load.tcl"),
    ROW("tclsh\0-encoding\0utf-8\0load.tcl\0", "load.tcl"),
    ROW("lua5.4\0-l\0socket\0-e\0x=1\0job.lua\0", "job.lua"),

    ROW("/bin/bash\0/srv/nightly.sh\0x\0", "nightly.sh"),
    ROW("bash\0-eu\0-o\0pipefail\0+x\0nightly.sh\0", "nightly.sh"),
    ROW("sh\0-c\0isql shop\0", "sh"),
    ROW("bash\0--rcfile\0x\0-lc\0isql shop\0", "bash"),
    ROW("dash\0./x.sh\0", "x.sh"),

    ROW("gunicorn: master [shop:app]", "gunicorn"),
    ROW("gunicorn: worker [shop:app]\0\0\0\0", "gunicorn"),
    ROW("uWSGI worker 1\0", "uWSGI"),
    ROW("uwsgi\0--ini\0/etc/uwsgi.ini\0", "uwsgi"),
    ROW("celeryd: shop@host: ForkPoolWorker-1", "celeryd"),
};

static void names(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char name[128], *exact = malloc(rows[i].length + 1);

        assert_non_null(exact);
        memcpy(exact, rows[i].cmdline, rows[i].length);
        exact = realloc(exact, rows[i].length > 0 ? rows[i].length : 1);
        shim_program_name_from(exact, rows[i].length, name, sizeof(name));
        free(exact);
        if (strcmp(name, rows[i].name) != 0)
            fail_msg("row %zu, %s...: `%s', expected `%s'", i, rows[i].cmdline, name, rows[i].name);
    }
}

static void long_names_are_cut(void **state)
{
    char name[8], path[3000];

    (void)state;
    memset(path, 'x', sizeof(path));
    shim_program_name_from(path, sizeof(path), name, sizeof(name));
    assert_string_equal(name, "xxxxxxx");
    memset(name, 'y', sizeof(name));
    shim_program_name_from(path, sizeof(path), name, 0);
    assert_int_equal(name[0], 'y');
}

static void random_bytes_do_no_harm(void **state)
{
    static const char *const words[] = {"python3", "java", "-", "--",  "-jar", "-m", "--file=",
                                        "-c",      "",     "=", "x y", "a: b", "/",  "+"};

    (void)state;
    srand(1);
    for (int i = 0; i < 20000; i++) {
        char line[64], name[16], *exact;
        size_t length = 0;

        while (length < 40 && rand() % 5 != 0) {
            const char *word = words[(size_t)rand() % (sizeof(words) / sizeof(words[0]))];

            memcpy(line + length, word, strlen(word) + 1);
            length += strlen(word) + (rand() % 4 != 0);
        }
        exact = malloc(length + 1);
        assert_non_null(exact);
        memcpy(exact, line, length);
        exact = realloc(exact, length > 0 ? length : 1);
        shim_program_name_from(exact, length, name, sizeof(name));
        assert_true(strlen(name) < sizeof(name));
        free(exact);
    }
}

static void of_this_process(void **state)
{
    (void)state;
    assert_non_null(strstr(shim_program_name(), "test_program_name"));
    assert_ptr_equal(shim_program_name(), shim_program_name());
}

/* ---- the token, too, is a name ------------------------------------------------------------ */

#define NUMBERS "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 "
#define STAT    "77 (sh) S " NUMBERS

static void token_digits(void **state)
{
    unsigned one = shim_token_hash("boot\n", "pid:[1]", STAT "999 20 21\n");

    (void)state;
    assert_true(one <= 0xffffff);
    assert_int_equal(one, shim_token_hash("boot", "pid:[1]", STAT "999 22 23 24\n"));
    assert_int_equal(one, shim_token_hash("boot", "pid:[1]", "78 (a) (b c) S " NUMBERS "999\n"));
    assert_int_not_equal(one, shim_token_hash("boot", "pid:[1]", STAT "998 20 21\n"));
    assert_int_not_equal(one, shim_token_hash("boot", "pid:[2]", STAT "999 20 21\n"));
    assert_int_not_equal(one, shim_token_hash("toob", "pid:[1]", STAT "999 20 21\n"));
    assert_true(shim_token_hash("", "", "") <= 0xffffff);
    assert_true(shim_token_hash("", "", "1 (x) S 2") <= 0xffffff);
}

static void token_of_this_process(void **state)
{
    char token[SHIM_TOKEN_SIZE], again[SHIM_TOKEN_SIZE], *end;
    int status;
    pid_t child;

    (void)state;
    shim_token(token);
    shim_token(again);
    assert_string_equal(token, again);
    assert_int_equal(strtol(token, &end, 10), getpid());
    assert_int_equal(*end, ':');
    assert_int_equal(strspn(end + 1, "0123456789abcdef"), 6);
    assert_int_equal(strlen(end), 7);
    child = fork();
    if (child == 0) {
        shim_token(again);
        _exit(strcmp(token, again) != 0 && atoi(again) == getpid() ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(long_names_are_cut),
        cmocka_unit_test(random_bytes_do_no_harm),
        cmocka_unit_test(of_this_process),
        cmocka_unit_test(token_digits),
        cmocka_unit_test(token_of_this_process),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
