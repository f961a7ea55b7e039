/* SPDX-License-Identifier: MIT */
/* Owns the command lines of the subcommands, their help, and the form of messages. */
#include "tools/tool.h"

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

static void print_option(const struct option_row *o)
{
    const char *blank = o->argument[0] != '\0' ? " " : "";

    printf("  --%s%s%s\n      ", o->name, blank, o->argument);
    tool_print_wrapped(stdout, o->sentence, 6);
}

static void print_help(enum tool_command command)
{
    const struct command_row *c = &commands[command];

    printf("Usage: odbcshim %s [OPTION]...%s%s\n", c->name, c->operands[0] != '\0' ? " " : "",
           c->operands);
    tool_print_wrapped(stdout, c->sentence, 0);
    putchar('\n');
    for (size_t i = 0; i < TOOL_OPTIONS; i++)
        if (options[i].command == command)
            print_option(&options[i]);
    puts("  --help");
}

bool tool_arguments_read(struct tool_arguments *a, enum tool_command command, int argc, char **argv,
                         int *status)
{
    enum { HELP = TOOL_OPTIONS + 1 };
    static char program[] = "odbcshim";
    struct option known[TOOL_OPTIONS + 2] = {{"help", no_argument, NULL, HELP}};
    size_t count = 1;
    int option;

    *a = (struct tool_arguments){0};
    for (int i = 0; i < TOOL_OPTIONS; i++)
        if (options[i].command == command)
            known[count++] = (struct option){
                options[i].name, options[i].argument[0] != '\0' ? required_argument : no_argument,
                NULL, i + 1};
    argv[0] = program; /* which getopt's messages begin with */
    optind = 0;        /* glibc's getopt begins anew */
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (option == HELP) {
            print_help(command);
            *status = TOOL_FINE;
            return false;
        }
        if (option < 1 || option > TOOL_OPTIONS) {
            fprintf(stderr, "Try odbcshim %s --help.\n", commands[command].name);
            *status = TOOL_USAGE;
            return false;
        }
        a->given[option - 1] = optarg != NULL ? optarg : "";
    }
    a->operands = argv + optind;
    a->count = (size_t)(argc - optind);
    return true;
}
