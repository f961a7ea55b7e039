/* SPDX-License-Identifier: MIT */
/* Owns the choice of the subcommand. */
#include <string.h>

#include "tools/tool.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} commands[] = {
#define TOOL_COMMAND(ID, name, operands, sentence) {#name, tool_##name},
#include "tools/commands.def"
};

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--version") == 0) {
        puts("odbcshim " ODBCSHIM_VERSION);
        return TOOL_FINE;
    }
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)) {
        tool_print_usage(stdout);
        return TOOL_FINE;
    }
    for (size_t i = 0; argc > 1 && i < TOOL_COMMANDS; i++)
        if (strcmp(argv[1], commands[i].name) == 0) {
            int status = commands[i].run(argc - 1, argv + 1);

            if (fflush(stdout) == 0 && !ferror(stdout))
                return status;
            tool_complain("the output cannot be written");
            return TOOL_TROUBLE;
        }
    if (argc > 1)
        tool_complain("%s is no command", argv[1]);
    tool_print_usage(stderr);
    return TOOL_USAGE;
}
