/* SPDX-License-Identifier: MIT */
/* Owns the options, their limits and the help. */
#include "connmon/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/subscription.h"

#define STATUS_USAGE 2

static const char help[] =
    "Usage: connmon [connect|listen] [OPTION]...\n"
    "Shows how programs and hosts use their database connections, live.\n"
    "\n"
    "  connect           subscribe to a collectd that serves consoles (the default):\n"
    "                    Console \"127.0.0.1\" \"" CDP_CONSOLE_PORT "\" within its <Plugin odbc>\n"
    "  listen            wait for a collectd that pushes: Monitor \"HOST\" \"PORT\"\n"
    "\n"
    "  --host HOST       where to connect or to listen [127.0.0.1]\n"
    "  --port PORT       and at which UDP port [" CDP_CONSOLE_PORT "]\n"
    "  --once            print one table as soon as every figure is there, and end\n"
    "  --json            print the same as JSON, and end\n"
    "  --timeout SECONDS end those after so long with what is there [30]\n"
    "  --hosts           begin with a row per host\n"
    "  --fleet           begin with a row per program, all its hosts together\n"
    "  --filter TEXT     begin with the rows that have this text in a name\n"
    "  --oldest SECONDS  an older checkout asks for attention [60]\n"
    "  --interval SECONDS  draw so often [1]\n"
    "  --ascii           use no other characters\n"
    "  --help, --version\n"
    "\n"
    "Exit status: 0 fine, 1 no figures came, 2 a wrong option. Press ? for the keys.\n";

enum choice {
    HOST = 256,
    PORT,
    ONCE,
    JSON,
    TIMEOUT,
    HOSTS,
    FLEET,
    FILTER,
    OLDEST,
    INTERVAL,
    ASCII,
    HELP,
    VERSION
};

static const struct option_limits {
    const char *name;
    double least, most;
} limits[] = {
    [TIMEOUT - HOST] = {"--timeout", 1, 86400},
    [OLDEST - HOST] = {"--oldest", 0, 1e9},
    [INTERVAL - HOST] = {"--interval", 0.1, 3600},
};

static bool read_number(int option, const char *text, double *value)
{
    const struct option_limits *limit = &limits[option - HOST];
    char *end;

    *value = strtod(text, &end);
    if (end != text && *end == '\0' && *value >= limit->least && *value <= limit->most)
        return true;
    fprintf(stderr, "connmon: %s %s: allowed is a number from %g to %g\n", limit->name, text,
            limit->least, limit->most);
    return false;
}

static bool check_port(const char *text)
{
    char *end;
    long port = strtol(text, &end, 10);

    if (end != text && *end == '\0' && port >= 1 && port <= 65535 && strlen(text) <= 5)
        return true;
    fprintf(stderr, "connmon: --port %s: allowed is a number from 1 to 65535\n", text);
    return false;
}

static bool read_filter(struct mon_options *o, const char *text)
{
    if (strlen(text) < sizeof(o->view.filter)) {
        strcpy(o->view.filter, text);
        return true;
    }
    fprintf(stderr, "connmon: --filter: at most %zu bytes\n", sizeof(o->view.filter) - 1);
    return false;
}

/* False: the option is wrong, which has been said. */
static bool take(struct mon_options *o, int option, const char *argument)
{
    switch (option) {
    case HOST:
        o->host = argument;
        return true;
    case PORT:
        o->port = argument;
        return check_port(argument);
    case ONCE:
        o->output = MON_ONCE;
        return true;
    case JSON:
        o->output = MON_JSON;
        return true;
    case TIMEOUT:
        return read_number(option, argument, &o->timeout);
    case HOSTS:
        o->view.kind = MON_HOST;
        return true;
    case FLEET:
        o->view.kind = MON_FLEET;
        return true;
    case FILTER:
        return read_filter(o, argument);
    case OLDEST:
        return read_number(option, argument, &o->view.oldest_limit);
    case INTERVAL:
        return read_number(option, argument, &o->interval);
    case ASCII:
        o->ascii = true;
        return true;
    default:
        return false;
    }
}

static bool take_words(struct mon_options *o, int argc, char **argv)
{
    for (int i = optind; i < argc; i++) {
        if (i > optind || (strcmp(argv[i], "connect") != 0 && strcmp(argv[i], "listen") != 0)) {
            fprintf(stderr, "connmon: %s: say connect or listen, once\n", argv[i]);
            return false;
        }
        o->listens = strcmp(argv[i], "listen") == 0;
    }
    return true;
}

bool mon_options_read(struct mon_options *o, int argc, char **argv, int *status)
{
    static const struct option options[] = {{"host", required_argument, NULL, HOST},
                                            {"port", required_argument, NULL, PORT},
                                            {"once", no_argument, NULL, ONCE},
                                            {"json", no_argument, NULL, JSON},
                                            {"timeout", required_argument, NULL, TIMEOUT},
                                            {"hosts", no_argument, NULL, HOSTS},
                                            {"fleet", no_argument, NULL, FLEET},
                                            {"filter", required_argument, NULL, FILTER},
                                            {"oldest", required_argument, NULL, OLDEST},
                                            {"interval", required_argument, NULL, INTERVAL},
                                            {"ascii", no_argument, NULL, ASCII},
                                            {"help", no_argument, NULL, HELP},
                                            {"version", no_argument, NULL, VERSION},
                                            {0}};
    int option;

    *o = (struct mon_options){
        .host = "127.0.0.1", .port = CDP_CONSOLE_PORT, .interval = 1, .timeout = 30};
    mon_view_init(&o->view);
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == HELP || option == VERSION) {
            *status = EXIT_SUCCESS;
            fputs(option == HELP ? help : "connmon " ODBCSHIM_VERSION "\n", stdout);
            return false;
        }
        if (!take(o, option, optarg))
            goto wrong;
    }
    if (take_words(o, argc, argv))
        return true;
wrong:
    fprintf(stderr, "Try connmon --help.\n");
    *status = STATUS_USAGE;
    return false;
}
