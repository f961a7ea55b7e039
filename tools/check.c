/* SPDX-License-Identifier: MIT */
/*
 * `odbcshim check`: owns its command line and the order of its steps. No password comes from the
 * command line, which everybody on the machine can read.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "odbcshim/profile.h"
#include "tools/tool.h"
#include "tools/walk.h"

#define PATIENCE_S     15
#define PATIENCE_MAX_S 3600
/* Without a password in the environment. */
#define PASSWORD_VARIABLE "ODBCSHIM_PASSWORD"

static const struct {
    const char *name;
    enum tool_walk_step needs;
    bool (*check)(struct tool_walk *w);
} steps[] = {
#define TOOL_STEP(ID, name, NEEDS, sentence) {#name, TOOL_WALK_##NEEDS, tool_check_##name},
#include "tools/walk.def"
};

/* Where passwords stand in connection strings and DSNs. */
static const char *const password_keys[] = {"PWD", "Password", "CollectdPassword"};
enum { PASSWORD_KEYS = sizeof(password_keys) / sizeof(password_keys[0]) };

static int walk(struct tool_walk *w)
{
    bool well[TOOL_WALK_STEPS] = {false};

    for (size_t i = 0; i < TOOL_WALK_STEPS; i++) {
        w->steps.name = steps[i].name;
        if (steps[i].needs == i || well[steps[i].needs])
            well[i] = steps[i].check(w);
        else
            tool_step(&w->steps, TOOL_STEP_SKIPPED, "not tried: it needs the step %s",
                      steps[steps[i].needs].name);
    }
    if (w->steps.counts[TOOL_STEP_WRONG] > 0) {
        printf("\n%zu wrong, %zu not tried.\n", w->steps.counts[TOOL_STEP_WRONG],
               w->steps.counts[TOOL_STEP_SKIPPED]);
        return TOOL_TROUBLE;
    }
    puts(w->steps.counts[TOOL_STEP_WARNING] > 0 ? "\nIt works, with warnings." : "\nAll is well.");
    return TOOL_FINE;
}

/* A line of standard input without its end; NULL if there is none. The caller frees it. */
static char *read_line(const char *what)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t n = getline(&line, &room, stdin);

    if (n < 0) {
        tool_complain("there is no %s on standard input", what);
        free(line);
        return NULL;
    }
    line[strcspn(line, "\r\n")] = '\0';
    return line;
}

static bool read_timeout(const char *text, int *patience_ms)
{
    char *end;
    long seconds = text != NULL ? strtol(text, &end, 10) : PATIENCE_S;

    if (text != NULL && (end == text || *end != '\0' || seconds < 1 || seconds > PATIENCE_MAX_S)) {
        tool_complain("--timeout %s: it is a number of seconds from 1 to %d", text, PATIENCE_MAX_S);
        return false;
    }
    *patience_ms = (int)seconds * 1000;
    return true;
}

/* Takes a DSN or, by its `=`, a connection string; `-` is one that stands on standard input. *line
   is what to free. */
static bool read_operand(struct tool_walk *w, const char *operand, char **line)
{
    bool from_input = strcmp(operand, "-") == 0;

    if (from_input) {
        operand = *line = read_line("connection string");
        if (operand == NULL)
            return false;
    }
    if (!from_input && strchr(operand, '=') == NULL) {
        w->dsn = operand;
        return true;
    }
    w->string = shim_connection_string_new((struct shim_text){operand, strlen(operand), false});
    if (w->string == NULL) {
        tool_complain("memory is out");
        return false;
    }
    for (size_t i = 0; i < PASSWORD_KEYS; i++) {
        const char *value = shim_connection_string_get(w->string, password_keys[i]);

        if (value != NULL && !from_input) {
            tool_complain("%s in the connection string: everybody on this machine can read a "
                          "command line. Use --password-stdin, or give the connection string as - "
                          "and on standard input",
                          password_keys[i]);
            return false;
        }
    }
    return true;
}

static bool read_arguments(struct tool_walk *w, const struct tool_arguments *a, char **string_line,
                           char **password_line)
{
    if (!read_timeout(a->given[TOOL_CHECK_TIMEOUT], &w->patience_ms) ||
        !read_operand(w, a->operands[0], string_line))
        return false;
    w->user = a->given[TOOL_CHECK_USER];
    w->password = getenv(PASSWORD_VARIABLE);
    if (a->given[TOOL_CHECK_PASSWORD_STDIN] != NULL) {
        w->password = *password_line = read_line("password");
        return w->password != NULL;
    }
    return true;
}

/* All the passwords that there may be: no message of a driver shall show one. */
static void hide_passwords(struct tool_walk *w, char kept[PASSWORD_KEYS][2][256])
{
    const char *dsn = shim_lookup_dsn(w->dsn, w->string);

    tool_steps_hide(&w->steps, w->password);
    for (size_t i = 0; i < PASSWORD_KEYS; i++) {
        const char *value =
            w->string != NULL ? shim_connection_string_get(w->string, password_keys[i]) : NULL;

        (void)snprintf(kept[i][0], sizeof(kept[i][0]), "%s", value != NULL ? value : "");
        if (dsn == NULL ||
            !shim_profile_get("odbc.ini", dsn, password_keys[i], kept[i][1], sizeof(kept[i][1])))
            kept[i][1][0] = '\0';
        tool_steps_hide(&w->steps, kept[i][0]);
        tool_steps_hide(&w->steps, kept[i][1]);
    }
}

static void wipe(char **line)
{
    if (*line != NULL)
        explicit_bzero(*line, strlen(*line));
    free(*line);
    *line = NULL;
}

int tool_check(int argc, char **argv)
{
    char *string_line = NULL, *password_line = NULL;
    char kept[PASSWORD_KEYS][2][256];
    struct tool_walk *w;
    struct tool_arguments arguments;
    int status;

    if (!tool_arguments_read(&arguments, TOOL_CHECK, argc, argv, &status))
        return status;
    w = calloc(1, sizeof(*w));
    if (w == NULL) {
        tool_complain("memory is out");
        return TOOL_TROUBLE;
    }
    status = TOOL_USAGE;
    if (!read_arguments(w, &arguments, &string_line, &password_line))
        goto done;
    status = TOOL_TROUBLE;
    if (tool_files_init(&w->files)) {
        hide_passwords(w, kept);
        status = walk(w);
    }
    tool_files_fini(&w->files);
done:
    shim_settings_free(&w->settings);
    shim_connection_string_free(&w->string);
    wipe(&string_line);
    wipe(&password_line);
    explicit_bzero(kept, sizeof(kept));
    free(w);
    return status;
}
