/* SPDX-License-Identifier: MIT */
/*
 * Owns the guess at what people call a process. Under an interpreter that is the script, and to
 * find it one must know which of the interpreter's options take an argument of their own, and
 * which say that there is no script: the table below.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* program_invocation_short_name */
#endif
#include "odbcshim/program_name.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME_SIZE 128 /* what fits into a report */
#define CMDLINE_MAX                                                                                \
    (1024 * 1024) /* a java class path can be long; the script stands before that                  \
                   */

/*
 * Short options stand in a cluster behind one dash, as letters:
 *     code    the program itself follows: there is no script
 *     takes   take an argument, the rest of the cluster or else the next word
 *     rest    take the rest of the cluster, if there is any
 *     script  as `takes`, and the argument is the script (or module)
 * Long options are whole words, separated by spaces, of the same three kinds; one written with
 * `=value` needs none of this unless it is a script's.
 */
struct interpreter {
    const char *name; /* followed by nothing but a version: python3.11, perl5.36.0, php8.2 */
    const char *code, *takes, *rest, *script;
    const char *long_code, *long_takes, *long_script;
    bool words; /* its options are words even behind one dash */
};

static const struct interpreter interpreters[] = {
    {"python", "c", "WX", "", "m", "", "--check-hash-based-pycs", "", false},
    {"pypy", "c", "WX", "", "m", "", "--jit", "", false},
    {"perl", "eE", "I", "CDFMVimx", "", "", "", "", false},
    {"ruby", "e", "CEIr", "FKTWix", "", "", "--encoding --require", "", false},
    {"php", "rBER", "cdgz", "", "fF", "--run", "--php-ini --define", "--file", false},
    {"node", "ep", "rC", "", "", "--eval --print",
     "--require --import --loader --experimental-loader --conditions --env-file --title", "",
     false},
    {"nodejs", "ep", "rC", "", "", "--eval --print",
     "--require --import --loader --experimental-loader --conditions", "", false},
    {"java", "", "", "", "", "",
     "-cp -classpath --class-path -p --module-path --upgrade-module-path --add-modules --add-opens "
     "--add-exports --add-reads --limit-modules --enable-native-access --source",
     "-jar -m --module", true},
    {"dotnet", "", "", "", "", "", "--additionalprobingpath --depsfile --runtimeconfig", "", true},
    {"mono", "", "", "", "", "", "--config", "", true},
    {"Rscript", "e", "", "", "", "", "", "", false},
    {"R", "e", "g", "", "f", "", "--gui", "--file", false},
    {"tclsh", "", "", "", "", "", "-encoding", "", true},
    {"wish", "", "", "", "", "", "-encoding", "", true},
    {"lua", "", "el", "", "", "", "", "", false},
    {"luajit", "", "ejlOb", "", "", "", "", "", false},
    {"guile", "c", "Llex", "", "s", "", "", "", false},
    {"sh", "c", "oO", "", "", "", "--rcfile --init-file", "", false},
    {"bash", "c", "oO", "", "", "", "--rcfile --init-file", "", false},
    {"dash", "c", "o", "", "", "", "", "", false},
    {"ksh", "c", "o", "", "", "", "", "", false},
    {"zsh", "c", "o", "", "", "", "", "", false},
};

/* The words of a command line, one after the other. */
struct words {
    const char *at, *end;
};

/* The next word, NUL-terminated, or NULL. */
static const char *next_word(struct words *w)
{
    const char *word = w->at;

    if (w->at >= w->end)
        return NULL;
    w->at += strlen(word) + 1;
    return word;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

/* Whether `list`, words between spaces, has the `length` bytes of `word`. */
static bool list_has(const char *list, const char *word, size_t length)
{
    while (*list != '\0') {
        size_t n = strcspn(list, " ");

        if (n == length && memcmp(list, word, n) == 0)
            return true;
        list += n + (list[n] == ' ');
    }
    return false;
}

static bool has(const char *letters, char c)
{
    return c != '\0' && strchr(letters, c) != NULL;
}

static const struct interpreter *find_interpreter(const char *name)
{
    for (size_t i = 0; i < sizeof(interpreters) / sizeof(interpreters[0]); i++) {
        size_t n = strlen(interpreters[i].name);

        if (strncmp(name, interpreters[i].name, n) == 0 &&
            name[n + strspn(name + n, "0123456789.-")] == '\0')
            return &interpreters[i];
    }
    return NULL;
}

enum option { SKIPPED, NO_SCRIPT, SCRIPT };

static enum option take_next(struct words *w, const char **script, bool is_script)
{
    const char *word = next_word(w);

    if (!is_script)
        return SKIPPED;
    *script = word;
    return word != NULL ? SCRIPT : NO_SCRIPT;
}

static enum option long_option(const struct interpreter *i, const char *word, struct words *w,
                               const char **script)
{
    size_t length = strcspn(word, "=");

    if (list_has(i->long_code, word, length))
        return NO_SCRIPT;
    if (word[length] == '=') {
        *script = word + length + 1;
        return list_has(i->long_script, word, length) ? SCRIPT : SKIPPED;
    }
    if (list_has(i->long_script, word, length))
        return take_next(w, script, true);
    return list_has(i->long_takes, word, length) ? take_next(w, script, false) : SKIPPED;
}

static enum option short_options(const struct interpreter *i, const char *word, struct words *w,
                                 const char **script)
{
    for (const char *c = word + 1; *c != '\0'; c++) {
        if (has(i->code, *c))
            return NO_SCRIPT;
        if (has(i->rest, *c))
            return SKIPPED;
        if (!has(i->takes, *c) && !has(i->script, *c))
            continue;
        if (c[1] == '\0')
            return take_next(w, script, has(i->script, *c));
        *script = c + 1;
        return has(i->script, *c) ? SCRIPT : SKIPPED;
    }
    return SKIPPED;
}

/* The script that the interpreter was told to run, or NULL. */
static const char *find_script(const struct interpreter *i, struct words *w)
{
    const char *word, *script = NULL;

    while ((word = next_word(w)) != NULL) {
        enum option option;

        if (strcmp(word, "--") == 0)
            return next_word(w);
        if (strcmp(word, "-") == 0 || strcmp(word, "--args") == 0)
            return NULL;
        if (word[0] != '-' && word[0] != '+')
            return word;
        if (i->words || word[1] == '-')
            option = long_option(i, word, w, &script);
        else
            option = short_options(i, word, w, &script);
        if (option != SKIPPED)
            return option == SCRIPT ? script : NULL;
    }
    return NULL;
}

/* What a program calls itself when it has written a title over its command line: the word before
   ": " ("gunicorn: master [shop]"), else the first word. A path may hold spaces; a title has no
   slash before its first one. Returns the length to take of `word`. */
static size_t title_length(const char *word)
{
    size_t blank = strcspn(word, " ");
    const char *slash = memchr(word, '/', blank);

    if (word[blank] == '\0')
        return blank;
    if (blank > 0 && word[blank - 1] == ':')
        return blank - 1;
    return slash == NULL ? blank : strlen(word);
}

/* PHP-FPM's workers say which pool they are of ("php-fpm: pool shop"), and that is what tells one
   application from another. The pool's name, or NULL. */
static const char *find_pool(const char *program, const char *title)
{
    static const char says[] = ": pool ";
    const char *rest = title + strlen(program);

    if (strcmp(program, "php-fpm") != 0 || strncmp(rest, says, strlen(says)) != 0)
        return NULL;
    return rest + strlen(says);
}

static void copy(char *name, size_t size, const char *text, size_t length)
{
    if (length >= size)
        length = size - 1;
    memcpy(name, text, length);
    name[length] = '\0';
}

void shim_program_name_from(const char *cmdline, size_t length, char *name, size_t size)
{
    char *text = calloc(1, length + 1); /* so that the last word ends, too */
    struct words words;
    const char *program;
    char title[NAME_SIZE];

    if (size > 0)
        name[0] = '\0';
    if (text == NULL || size == 0)
        goto done;
    memcpy(text, cmdline, length);
    words = (struct words){text, text + length};
    program = next_word(&words);
    if (program == NULL)
        goto done;
    if (program[0] == '-' && program[1] != '\0')
        program++; /* a login shell */
    if (program[title_length(program)] != '\0') {
        const char *pool;

        copy(title, sizeof(title), program, title_length(program));
        copy(name, size, base_name(title), strlen(base_name(title)));
        pool = find_pool(title, program);
        if (pool != NULL && strcspn(pool, " ") > 0)
            snprintf(name, size, "%s-%.*s", title, (int)strcspn(pool, " "), pool);
    } else {
        const struct interpreter *interpreter = find_interpreter(base_name(program));
        const char *script = interpreter != NULL ? find_script(interpreter, &words) : NULL;

        if (script != NULL && *script != '\0')
            program = script;
        copy(name, size, base_name(program), strlen(base_name(program)));
    }
done:
    free(text);
}

static char the_name[NAME_SIZE];

static void find_the_name(void)
{
    int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    char *text = NULL;
    size_t used = 0;

    for (size_t room = 4096; fd >= 0 && room <= CMDLINE_MAX; room *= 2) {
        char *larger = realloc(text, room);
        ssize_t n = 0;

        if (larger == NULL)
            break;
        text = larger;
        while (used < room && (n = read(fd, text + used, room - used)) != 0) {
            if (n < 0 && errno != EINTR)
                break;
            used += n > 0 ? (size_t)n : 0;
        }
        if (used < room)
            break;
    }
    if (fd >= 0)
        close(fd);
    if (used > 0)
        shim_program_name_from(text, used, the_name, sizeof(the_name));
    if (the_name[0] == '\0')
        copy(the_name, sizeof(the_name), program_invocation_short_name,
             strlen(program_invocation_short_name));
    if (the_name[0] == '\0')
        copy(the_name, sizeof(the_name), "unknown", strlen("unknown"));
    free(text);
}

const char *shim_program_name(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, find_the_name);
    return the_name;
}
