/* SPDX-License-Identifier: MIT */
/* Owns the command lines of the subcommands, their help, and the form of messages. */
#include "tools/tool.h"
#include "tools/setting_option.h"

#include <assert.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 80

static const struct command_row {
    const char *name, *operands, *sentence;
} commands[] = {
#define TOOL_COMMAND(ID, name, operands, sentence) {#name, operands, sentence},
#include "tools/commands.def"
};
static_assert(sizeof(commands) / sizeof(commands[0]) == TOOL_COMMANDS, "a row for each command");

static const struct option_row {
    enum tool_command command;
    const char *name, *argument, *sentence;
} options[] = {
#define TOOL_OPTION(COMMAND, ID, name, argument, sentence)                                         \
    {TOOL_##COMMAND, name, argument, sentence},
#include "tools/options.def"
};
static_assert(sizeof(options) / sizeof(options[0]) == TOOL_OPTIONS, "a row for each option");

void tool_complain(const char *format, ...)
{
    va_list arguments;

    fputs("odbcshim: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

void tool_print_wrapped(FILE *to, const char *text, int indent)
{
    int column = indent;

    while (*(text += strspn(text, " ")) != '\0') {
        int length = (int)strcspn(text, " ");

        if (column > indent && column + 1 + length > COLUMNS) {
            fprintf(to, "\n%*s", indent, "");
            column = indent;
        }
        column += fprintf(to, "%s%.*s", column > indent ? " " : "", length, text);
        text += length;
    }
    fputc('\n', to);
}

void tool_print_usage(FILE *to)
{
    fputs("Usage: odbcshim COMMAND [OPTION]...\n"
          "Puts the monitoring driver before the drivers and DSNs of unixODBC.\n\n",
          to);
    for (size_t i = 0; i < TOOL_COMMANDS; i++) {
        const struct command_row *c = &commands[i];
        const char *blank = c->operands[0] != '\0' ? " " : "";

        fprintf(to, "  %s%s%s\n      ", c->name, blank, c->operands);
        tool_print_wrapped(to, c->sentence, 6);
    }
    fputs("\n  COMMAND --help    the options of a command\n"
          "  --help, --version\n\n"
          "Exit status: 0 fine, 1 something is wrong, 2 a wrong option.\n",
          to);
}

/* Whether the command takes this setting as an option. Which driver is wrapped is no choice. */
static bool takes_setting(enum tool_command command, int setting)
{
    return command == TOOL_WRAP && setting != SHIM_SETTING_TARGET &&
           setting != SHIM_SETTING_TARGET_DSN;
}

static void print_option(const char *name, const char *argument, const char *sentence)
{
    printf("  --%s%s%s\n      ", name, argument[0] != '\0' ? " " : "", argument);
    tool_print_wrapped(stdout, sentence, 6);
}

static void print_help(enum tool_command command)
{
    const struct command_row *c = &commands[command];
    char name[TOOL_SETTING_OPTION_BYTES];

    printf("Usage: odbcshim %s [OPTION]...%s%s\n", c->name, c->operands[0] != '\0' ? " " : "",
           c->operands);
    tool_print_wrapped(stdout, c->sentence, 0);
    putchar('\n');
    for (size_t i = 0; i < TOOL_OPTIONS; i++)
        if (options[i].command == command)
            print_option(options[i].name, options[i].argument, options[i].sentence);
    for (int i = 0; i < SHIM_SETTINGS; i++)
        if (takes_setting(command, i) && i != SHIM_SETTING_PASSWORD) {
            tool_setting_option(shim_setting_infos[i].key, name);
            print_option(name, "VALUE", shim_setting_infos[i].sentence);
        }
    puts("  --help");
}

/* As many operands as the command's row says? */
static bool check_count(enum tool_command command, size_t count)
{
    const char *operands = commands[command].operands;
    size_t length = strlen(operands);
    size_t least = length > 0 && operands[0] != '[';
    bool many = length > 3 && strcmp(operands + length - 3, "...") == 0;

    if (count >= least && (many || count <= (length > 0)))
        return true;
    if (length > 0)
        tool_complain("%s takes one %s", commands[command].name, operands);
    else
        tool_complain("%s takes no further word", commands[command].name);
    return false;
}

/* What getopt_long knows, and what it answers: an option's index and 1, then the settings. */
struct known {
    struct option options[TOOL_OPTIONS + SHIM_SETTINGS + 2];
    char settings[SHIM_SETTINGS][TOOL_SETTING_OPTION_BYTES];
};

enum {
    FIRST_OPTION = 1,
    FIRST_SETTING = FIRST_OPTION + TOOL_OPTIONS,
    HELP = FIRST_SETTING + SHIM_SETTINGS
};

static void know(struct known *k, enum tool_command command)
{
    size_t count = 1;

    memset(k, 0, sizeof(*k));
    k->options[0] = (struct option){"help", no_argument, NULL, HELP};
    for (int i = 0; i < TOOL_OPTIONS; i++)
        if (options[i].command == command)
            k->options[count++] = (struct option){
                options[i].name, options[i].argument[0] != '\0' ? required_argument : no_argument,
                NULL, FIRST_OPTION + i};
    for (int i = 0; i < SHIM_SETTINGS; i++)
        if (takes_setting(command, i)) {
            tool_setting_option(shim_setting_infos[i].key, k->settings[i]);
            k->options[count++] =
                (struct option){k->settings[i], required_argument, NULL, FIRST_SETTING + i};
        }
}

bool tool_arguments_read(struct tool_arguments *a, enum tool_command command, int argc, char **argv,
                         int *status)
{
    static char program[] = "odbcshim";
    struct known known;
    int option;

    *a = (struct tool_arguments){0};
    know(&known, command);
    argv[0] = program; /* which getopt's messages begin with */
    optind = 0;        /* glibc's getopt begins anew */
    while ((option = getopt_long(argc, argv, "", known.options, NULL)) != -1) {
        if (option == HELP) {
            print_help(command);
            *status = TOOL_FINE;
            return false;
        }
        if (option < FIRST_OPTION || option > HELP)
            goto wrong;
        if (option >= FIRST_SETTING)
            a->settings[option - FIRST_SETTING] = optarg;
        else
            a->given[option - FIRST_OPTION] = optarg != NULL ? optarg : "";
    }
    a->operands = argv + optind;
    a->count = (size_t)(argc - optind);
    if (check_count(command, a->count))
        return true;
wrong:
    fprintf(stderr, "Try odbcshim %s --help.\n", commands[command].name);
    *status = TOOL_USAGE;
    return false;
}
