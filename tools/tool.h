/* SPDX-License-Identifier: MIT */
/*
 * What the subcommands share: their functions, the command line by the tables, and messages. The
 * program has one thread.
 */
#ifndef TOOL_TOOL_H
#define TOOL_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "odbcshim/settings.h"

enum tool_command {
#define TOOL_COMMAND(ID, ...) TOOL_##ID,
#include "tools/commands.def"
    TOOL_COMMANDS
};

enum tool_option {
#define TOOL_OPTION(COMMAND, ID, ...) TOOL_##COMMAND##_##ID,
#include "tools/options.def"
    TOOL_OPTIONS
};

/* Exit status of every command. */
enum tool_status {
    TOOL_FINE,
    TOOL_TROUBLE, /* something is wrong or could not be done; a message said what */
    TOOL_USAGE,   /* the command line makes no sense */
};

/* The subcommands: argv[0] is the name, argv[argc] is NULL. Each returns an enum tool_status. */
#define TOOL_COMMAND(ID, name, operands, sentence) int tool_##name(int argc, char **argv);
#include "tools/commands.def"

/* A command line that was read. */
struct tool_arguments {
    const char
        *given[TOOL_OPTIONS]; /* an option's argument, "" where it has none; NULL: not given */
    const char *settings[SHIM_SETTINGS]; /* of wrap; NULL: not given */
    char **operands;                     /* points into argv; the last is followed by NULL */
    size_t count;                        /* of operands: as many as commands.def says */
};

/* Reads the command line of a subcommand by options.def. Operands and options may be mixed, `--`
   ends the options. False: the command is done with *status, having printed its help (--help) or
   said what is wrong (TOOL_USAGE). What *a points to lives as long as argv. */
bool tool_arguments_read(struct tool_arguments *a, enum tool_command command, int argc, char **argv,
                         int *status) __attribute__((nonnull, warn_unused_result));

/* Prints a message to standard error, as a line that begins with "odbcshim: ". */
void tool_complain(const char *format, ...) __attribute__((nonnull, format(printf, 1, 2)));

/* Prints what all subcommands are, to the stream. */
void tool_print_usage(FILE *to) __attribute__((nonnull));

/* Prints text, broken at blanks so that no line passes 80 columns; each line but the first begins
   with `indent` blanks. The first is at that column already. */
void tool_print_wrapped(FILE *to, const char *text, int indent) __attribute__((nonnull));

#endif
