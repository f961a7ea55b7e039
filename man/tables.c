/* SPDX-License-Identifier: MIT */
/*
 * Makes a manual of its source at build time: reads it on standard input, puts the lists of
 * settings and figures in the place of their markers, and writes mdoc(7). They come from the .def
 * files that the programs are built from, so that a manual cannot say something else.
 *
 *     .\" @settings@      a line by itself: the settings of the shim
 *     .\" @metrics@       the figures of programs and hosts
 *     .\" @receiver@      the figures of the plugin on itself
 *     .\" @columns@       the columns of connmon's tables
 *     .\" @keys@          connmon's keys
 *     .\" @synopsis@      the subcommands of odbcshim with their options
 *     .\" @commands@      what they and their options mean
 *     .\" @steps@         the steps of odbcshim check
 *     @sysconfdir@ ...    anywhere: a folder that configure has set
 *
 * With the argument `names` it writes the name of every setting and figure instead, one a line.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/metrics.h"
#include "tools/setting_option.h"

#define LINE_BYTES  78 /* a source line of mdoc; its linter wants at most 80 */
#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* Limits are put in words by the preprocessor, so that a number stands as it is in the table. */
#define TEXT_0(maximum)                    "At most " #maximum " bytes."
#define TEXT_1(maximum)                    "Not empty, and at most " #maximum " bytes."
#define ALLOWED_text(minimum, maximum)     TEXT_##minimum(maximum)
#define ALLOWED_integer(minimum, maximum)  "A whole number from " #minimum " to " #maximum "."
#define ALLOWED_seconds(minimum, maximum)  "A number from " #minimum " to " #maximum "."
#define ALLOWED_flag(minimum, maximum)     "Yes, true, on or 1; or no, false, off or 0."
#define ALLOWED_checkout(minimum, maximum) ""
#define ALLOWED_plugin(minimum, maximum)   ""
#define ALLOWED_security(minimum, maximum) ""

static const struct setting {
    const char *key, *standard, *allowed, *sentence;
} settings[] = {
#define SHIM_SETTING(ID, Key, type, field, standard, minimum, maximum, sentence)                   \
    {Key, standard, ALLOWED_##type(minimum, maximum), sentence},
#include "odbcshim/settings.def"
};

#define KIND_GAUGE  "gauge"
#define KIND_DERIVE "total"
#define MERGE_SUM   ""
#define MERGE_MAX   "; of several processes the largest"

static const struct metric {
    const char *type, *name, *kind, *unit, *merge, *sentence;
} metrics[] = {
#define CDP_METRIC(ID, GROUP, name, KIND, MERGE, type, unit, title, sentence)                      \
    {type, name, KIND_##KIND, unit, MERGE_##MERGE, sentence},
#include "protocol/metrics.def"
};

#define TYPE_GAUGE  "count"
#define TYPE_DERIVE "derive"

static const struct counter {
    const char *type, *name, *kind, *sentence;
} counters[] = {
#define PLUG_COUNTER(ID, KIND, name, complaint, sentence)                                          \
    {TYPE_##KIND, name, KIND_##KIND, sentence},
#include "collectd-plugin/counters.def"
};

static const struct column {
    const char *heading;
    int metric; /* that it shows; METRICS: none */
    const char *sentence;
} columns[] = {
#define MON_COLUMN(ID, heading, METRIC, FORM, CONCERN, width, rank, sentence)                      \
    {heading, CDP_##METRIC, sentence},
#include "connmon/columns.def"
};

static const struct key {
    const char *name, *sentence;
} keys[] = {
#define MON_KEY(ID, name, code, other, hint, sentence) {name, sentence},
#include "connmon/keys.def"
};

enum command_id {
#define TOOL_COMMAND(ID, ...) TOOL_##ID,
#include "tools/commands.def"
};

static const struct command {
    const char *name, *operands, *sentence;
} commands[] = {
#define TOOL_COMMAND(ID, name, operands, sentence) {#name, operands, sentence},
#include "tools/commands.def"
};

static const struct option {
    enum command_id command;
    const char *name, *argument, *sentence;
} options[] = {
#define TOOL_OPTION(COMMAND, ID, name, argument, sentence)                                         \
    {TOOL_##COMMAND, name, argument, sentence},
#include "tools/options.def"
};

static const struct step {
    const char *name, *sentence;
} steps[] = {
#define TOOL_STEP(ID, name, NEEDS, sentence) {#name, sentence},
#include "tools/walk.def"
};

/* Whether a sentence ends with this word: in mdoc the next begins a line. */
static bool ends_sentence(const char *word, size_t length)
{
    while (length > 0 && (word[length - 1] == ')' || word[length - 1] == '"'))
        length--;
    return length > 0 && strchr(".!?", word[length - 1]) != NULL;
}

/* Writes text as lines of mdoc. */
static void put_text(const char *text)
{
    size_t column = 0;
    bool ended = false;

    while (*(text += strspn(text, " ")) != '\0') {
        size_t length = strcspn(text, " ");

        if (column > 0 && (ended || column + 1 + length > LINE_BYTES)) {
            putchar('\n');
            column = 0;
        }
        if (column > 0)
            putchar(' ');
        else if (*text == '.' || *text == '\'')
            fputs("\\&", stdout); /* or it would be a request */
        column += length + 1;
        ended = ends_sentence(text, length);
        for (const char *end = text + length; text < end; text++) {
            if (*text == '\\')
                fputs("\\e", stdout);
            else
                putchar(*text);
        }
    }
    if (column > 0)
        putchar('\n');
}

static void put_settings(void)
{
    puts(".Bl -tag -width Ds");
    for (size_t i = 0; i < ROWS(settings); i++) {
        printf(".It Cm %s\n", settings[i].key);
        put_text(settings[i].sentence);
        put_text(settings[i].allowed);
        if (settings[i].standard[0] != '\0')
            printf("The default is\n.Cm %s .\n", settings[i].standard);
    }
    puts(".El");
}

static void put_metrics(void)
{
    puts(".Bl -tag -width Ds");
    for (size_t i = 0; i < ROWS(metrics); i++) {
        const struct metric *m = &metrics[i];

        printf(".It Va %s-%s Pq %s, %s%s\n", m->type, m->name, m->kind, m->unit, m->merge);
        put_text(m->sentence);
    }
    puts(".El");
}

static void put_receiver(void)
{
    puts(".Bl -tag -width Ds");
    for (size_t i = 0; i < ROWS(counters); i++) {
        printf(".It Va %s-%s Pq %s\n", counters[i].type, counters[i].name, counters[i].kind);
        put_text(counters[i].sentence);
    }
    puts(".El");
}

static void put_columns(void)
{
    puts(".Bl -tag -width Ds");
    for (size_t i = 0; i < ROWS(columns); i++) {
        /* "In" would be a macro. */
        printf(".It Sy \\&%s", columns[i].heading);
        if (columns[i].metric < CDP_METRICS) {
            printf(" Pq Va %s\n", metrics[columns[i].metric].name);
            put_text(metrics[columns[i].metric].sentence);
        } else
            putchar('\n');
        put_text(columns[i].sentence);
    }
    puts(".El");
}

static void put_keys(void)
{
    puts(".Bl -tag -width Ctrl-L");
    for (size_t i = 0; i < ROWS(keys); i++) {
        printf(".It Ic \\&%s\n", keys[i].name); /* a mark alone would end a sentence */
        put_text(keys[i].sentence);
    }
    puts(".El");
}

/* Operands as commands.def has them: NAME, or [NAME]... */
static void put_operands(const char *operands)
{
    if (operands[0] == '[')
        printf(" Op Ar %.*s ...", (int)strcspn(operands + 1, "]"), operands + 1);
    else if (operands[0] != '\0')
        printf(" Ar %s", operands);
    putchar('\n');
}

static void put_synopsis(void)
{
    for (size_t c = 0; c < ROWS(commands); c++) {
        printf(".Nm\n.Cm %s", commands[c].name);
        put_operands(commands[c].operands);
        for (size_t i = 0; i < ROWS(options); i++)
            if (options[i].command == c)
                printf(".Op Fl Fl %s%s%s\n", options[i].name,
                       options[i].argument[0] != '\0' ? " Ar " : "", options[i].argument);
        if (c == TOOL_WRAP)
            puts(".Op Fl Fl Ar setting value");
    }
}

/* The settings that wrap takes: not those that it sets itself, nor the password. */
static void put_setting_options(void)
{
    char name[TOOL_SETTING_OPTION_BYTES];

    for (size_t i = 0; i < ROWS(settings); i++) {
        if (strncmp(settings[i].key, "Collectd", 8) != 0 ||
            strcmp(settings[i].key, "CollectdPassword") == 0)
            continue;
        tool_setting_option(settings[i].key, name);
        printf(".It Fl Fl %s Ar value\n", name);
        put_text(settings[i].sentence);
    }
}

static void put_commands(void)
{
    puts(".Bl -tag -width Ds");
    for (size_t c = 0; c < ROWS(commands); c++) {
        printf(".It Cm %s", commands[c].name);
        put_operands(commands[c].operands);
        put_text(commands[c].sentence);
        puts(".Bl -tag -width Ds");
        for (size_t i = 0; i < ROWS(options); i++)
            if (options[i].command == c) {
                printf(".It Fl Fl %s%s%s\n", options[i].name,
                       options[i].argument[0] != '\0' ? " Ar " : "", options[i].argument);
                put_text(options[i].sentence);
            }
        if (c == TOOL_WRAP)
            put_setting_options();
        puts(".El");
    }
    puts(".El");
}

static void put_steps(void)
{
    puts(".Bl -tag -width connection");
    for (size_t i = 0; i < ROWS(steps); i++) {
        printf(".It Cm %s\n", steps[i].name);
        put_text(steps[i].sentence);
    }
    puts(".El");
}

static void put_names(void)
{
    for (size_t i = 0; i < ROWS(settings); i++)
        puts(settings[i].key);
    for (size_t i = 0; i < ROWS(metrics); i++)
        printf("%s\n%s-%s\n", metrics[i].name, metrics[i].type, metrics[i].name);
    for (size_t i = 0; i < ROWS(counters); i++)
        printf("%s\n%s-%s\n", counters[i].name, counters[i].type, counters[i].name);
}

static const struct list {
    const char *marker;
    void (*put)(void);
} lists[] = {
    {".\\\" @settings@\n", put_settings}, {".\\\" @metrics@\n", put_metrics},
    {".\\\" @receiver@\n", put_receiver}, {".\\\" @columns@\n", put_columns},
    {".\\\" @keys@\n", put_keys},         {".\\\" @synopsis@\n", put_synopsis},
    {".\\\" @commands@\n", put_commands}, {".\\\" @steps@\n", put_steps},
};

static const struct folder {
    const char *marker, *path;
} folders[] = {
    {"@sysconfdir@", SYSCONFDIR},
    {"@odbcdriverdir@", ODBCDRIVERDIR},
    {"@collectdplugindir@", COLLECTDPLUGINDIR},
};

/* Writes a line with its folders put in. */
static void put_line(const char *line)
{
    while (*line != '\0') {
        const struct folder *found = NULL;

        for (size_t i = 0; i < ROWS(folders) && found == NULL; i++)
            if (strncmp(line, folders[i].marker, strlen(folders[i].marker)) == 0)
                found = &folders[i];
        if (found == NULL) {
            putchar(*line++);
            continue;
        }
        fputs(found->path, stdout);
        line += strlen(found->marker);
    }
}

static void put_page(void)
{
    char line[1024];

    while (fgets(line, sizeof(line), stdin) != NULL) {
        const struct list *found = NULL;

        for (size_t i = 0; i < ROWS(lists) && found == NULL; i++)
            if (strcmp(line, lists[i].marker) == 0)
                found = &lists[i];
        if (found != NULL)
            found->put();
        else
            put_line(line);
    }
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "names") == 0)
        put_names();
    else
        put_page();
    return ferror(stdin) || fflush(stdout) != 0 || ferror(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}
