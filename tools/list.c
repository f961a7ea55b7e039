/* SPDX-License-Identifier: MIT */
/* `odbcshim list`: owns the table of drivers and DSNs. */
#include "tools/tool.h"

#include <stdlib.h>
#include <string.h>

#include "tools/dsn_edit.h"
#include "tools/pooling.h"
#include "tools/registration.h"

enum { COLUMNS = 5, CELL_BYTES = 3 * TOOL_INI_TEXT_BYTES + 64 };

struct table {
    char *(*rows)[COLUMNS];
    size_t count, room;
    bool starved;
};

static void add_row(struct table *t, const char *const cells[COLUMNS])
{
    if (t->count == t->room) {
        size_t room = t->room * 2 + 16;
        void *rows = realloc(t->rows, room * sizeof(*t->rows));

        if (rows == NULL) {
            t->starved = true;
            return;
        }
        t->rows = rows;
        t->room = room;
    }
    for (size_t i = 0; i < COLUMNS; i++) {
        t->rows[t->count][i] = strdup(cells[i]);
        t->starved |= t->rows[t->count][i] == NULL;
    }
    t->count++;
}

/* Prints the rows, each column as wide as it needs to be but the last, and empties the table. */
static bool print_table(struct table *t)
{
    size_t widths[COLUMNS] = {0};

    for (size_t r = 0; r < t->count && !t->starved; r++)
        for (size_t c = 0; c + 1 < COLUMNS; c++)
            if (strlen(t->rows[r][c]) > widths[c])
                widths[c] = strlen(t->rows[r][c]);
    for (size_t r = 0; r < t->count; r++) {
        for (size_t c = 0; c < COLUMNS; c++) {
            if (!t->starved)
                printf("%-*s%s", (int)widths[c], t->rows[r][c], c + 1 < COLUMNS ? "  " : "\n");
            free(t->rows[r][c]);
        }
    }
    free(t->rows);
    t->rows = NULL;
    t->count = t->room = 0;
    return !t->starved;
}

static void describe_pooling(struct tool_files *files, const char *driver, char cell[CELL_BYTES])
{
    static const char *const words[] = {
        [TOOL_POOLING_ON] = "on",
        [TOOL_POOLING_BRIEF] = "within 1 s",
        [TOOL_POOLING_OFF] = "off",
    };
    struct tool_pooling pooling;

    tool_pooling_of(files, driver, &pooling);
    snprintf(cell, CELL_BYTES, "%s: %s", words[pooling.state], pooling.why);
}

/* --- drivers --- */

/* What is wrong with a library is told in `notes`, below the table. */
static void add_driver(struct table *t, struct tool_files *files, const char *name,
                       const char *path, FILE *notes)
{
    static const char *const kinds[] = {
        [SHIM_DRIVER_ABSENT] = "missing",     [SHIM_DRIVER_FOREIGN] = "no driver",
        [SHIM_DRIVER_WIDE] = "wide",          [SHIM_DRIVER_ANSI] = "ANSI",
        [SHIM_DRIVER_SHIM_WIDE] = "odbcshim", [SHIM_DRIVER_SHIM_ANSI] = "odbcshim",
    };
    char pooling[CELL_BYTES], monitored[CELL_BYTES], entry[TOOL_INI_TEXT_BYTES];
    struct tool_library library;
    struct tool_ini_item item;
    const char *target = tool_files_driver_key(files, name, "Target", &item);

    tool_library_look(path, &library);
    describe_pooling(files, name, pooling);
    if (shim_driver_is_shim(library.kind))
        snprintf(monitored, sizeof(monitored), "monitors %s",
                 target != NULL ? target : "what a DSN's Target names");
    else if (!shim_driver_is_driver(library.kind))
        snprintf(monitored, sizeof(monitored), "no: see below");
    else if (tool_registration_of(files, name, false, entry))
        snprintf(monitored, sizeof(monitored), "as %s", entry);
    else
        snprintf(monitored, sizeof(monitored), "no: odbcshim register '%s'", name);
    if (library.reason[0] != '\0')
        fprintf(notes, "[%s]: its library %s cannot be used: %s\n", name, path, library.reason);
    add_row(t,
            (const char *const[COLUMNS]){"driver", name, kinds[library.kind], monitored, pooling});
}

static void add_drivers(struct table *t, struct tool_files *files, FILE *notes)
{
    for (int place = TOOL_SYSTEM_DRIVERS; place <= TOOL_USER_DRIVERS; place++) {
        const struct tool_file *file = &files->at[place];
        struct tool_ini_item section = {0}, item;

        while (tool_file_next_section(file, &section)) {
            const char *path = NULL;

            if (tool_files_is_driver(files, file, &section))
                path = tool_files_library(files, section.name, &item);
            if (path != NULL)
                add_driver(t, files, section.name, path, notes);
        }
    }
}

/* --- DSNs --- */

static void add_dsn(struct table *t, struct tool_files *files, const char *name, const char *where,
                    const struct tool_dsn *dsn)
{
    char pooling[CELL_BYTES], monitored[CELL_BYTES];
    const char *driver = dsn->driver.value;

    describe_pooling(files, driver, pooling);
    if (tool_is_shim(files, driver))
        snprintf(monitored, sizeof(monitored), "yes: %s", driver);
    else
        snprintf(monitored, sizeof(monitored), "no: %s", driver);
    add_row(t, (const char *const[COLUMNS]){"DSN", name, where, monitored, pooling});
}

static void add_dsns(struct table *t, struct tool_files *files, enum tool_place place)
{
    const struct tool_file *file = &files->at[place], *user = &files->at[TOOL_USER_DSNS];
    struct tool_ini_item section = {0}, first;
    const char *where = place == TOOL_USER_DSNS ? "user" : "system";
    struct tool_dsn dsn;

    if (file != user && strcmp(file->path, user->path) == 0)
        return; /* one file for both */
    while (tool_file_next_section(file, &section)) {
        bool hidden;

        if (!tool_ini_section(file->ini, section.name, &first) || first.line != section.line)
            continue;
        hidden = tool_files_dsn(files, section.name, &first) != file;
        if (tool_dsn_read(file->ini, section.name, &dsn) && dsn.has_driver)
            add_dsn(t, files, section.name, hidden ? "system, hidden by the user's" : where, &dsn);
    }
}

/* What of the files is not read as it is meant, a line each. */
static void add_notes(struct tool_files *files, FILE *notes)
{
    char text[CELL_BYTES + 4096];

    for (size_t n = 0; tool_pooling_mistake(files, n, text, sizeof(text)); n++)
        fprintf(notes, "%s\n", text);
    for (int place = 0; place < TOOL_PLACES; place++) {
        size_t number = tool_ini_unreadable(files->at[place].ini);

        if (number > 0)
            fprintf(notes,
                    "%s, line %zu: this is no comment and stands before the first section, so the "
                    "driver manager reads nothing of the file\n",
                    files->at[place].path, number);
    }
}

static bool list(struct tool_files *files, bool user, bool system)
{
    static const char *const heads[2][COLUMNS] = {
        {"", "NAME", "LIBRARY", "MONITORED", "POOLING"},
        {"", "NAME", "FILE", "MONITORED", "POOLING"},
    };
    struct table table = {0};
    char *told = NULL;
    size_t length;
    FILE *notes = open_memstream(&told, &length);
    bool fine;

    if (notes == NULL)
        return false;
    add_row(&table, heads[0]);
    add_drivers(&table, files, notes);
    fine = print_table(&table);
    putchar('\n');
    add_row(&table, heads[1]);
    if (user)
        add_dsns(&table, files, TOOL_USER_DSNS);
    if (system)
        add_dsns(&table, files, TOOL_SYSTEM_DSNS);
    fine = print_table(&table) && fine;
    add_notes(files, notes);
    fine = fclose(notes) == 0 && fine;
    if (told != NULL && *told != '\0')
        printf("\n%s", told);
    free(told);
    return fine;
}

int tool_list(int argc, char **argv)
{
    struct tool_arguments a;
    struct tool_files files;
    int status;

    if (!tool_arguments_read(&a, TOOL_LIST, argc, argv, &status))
        return status;
    status = TOOL_FINE;
    if (!tool_files_init(&files) ||
        !list(&files, a.given[TOOL_LIST_SYSTEM] == NULL || a.given[TOOL_LIST_USER] != NULL,
              a.given[TOOL_LIST_USER] == NULL || a.given[TOOL_LIST_SYSTEM] != NULL))
        status = TOOL_TROUBLE;
    tool_files_fini(&files);
    return status;
}
