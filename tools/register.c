/* SPDX-License-Identifier: MIT */
/* `odbcshim register`: owns the shim's entries in odbcinst.ini, and what they take over from the
   real driver's. */
#include "tools/tool.h"

#include <stdlib.h>
#include <string.h>

#include "odbcshim/units.h"
#include "tools/registration.h"

/*
 * Every other key of a driver's section is taken over: the driver manager reads what concerns
 * itself (CPTimeout, Threading and so on) from the section that the DSN names, which is now the
 * shim's, and drivers look there too, as psqlodbc does for its defaults.
 */
static const char *const own_keys[] = {
    "Driver",      "Driver64",  /* the shim's are other libraries */
    "Setup",       "Setup64",   /* the shim has none */
    "Description",              /* likewise its own */
    "UsageCount",  "FileUsage", /* how often the real driver is installed */
    "Target",      "TargetDSN",
};

struct registering {
    struct tool_files files;
    struct tool_file *file; /* that is changed */
    const char *folder;     /* of the shim's libraries */
    FILE *report;           /* what was done, to be told when it is saved */
    int status;
};

/* Gives a section the value of a key, behind all of its keys where it is new. */
static void put_key(struct tool_ini *ini, const char *section, const char *key, const char *value)
{
    struct tool_ini_item item, last;

    if (tool_ini_get(ini, section, key, &item) != NULL) {
        if (strcmp(item.value, value) != 0)
            tool_ini_set(ini, &item, value);
        return;
    }
    if (!tool_ini_section(ini, section, &item))
        return;
    last = item;
    while (tool_ini_next(ini, &item) && !item.is_section)
        last = item;
    tool_ini_add(ini, &last, key, value);
}

static bool is_own(const char *key)
{
    for (size_t i = 0; i < sizeof(own_keys) / sizeof(own_keys[0]); i++)
        if (shim_same_key(key, own_keys[i]))
            return true;
    return false;
}

/* The n-th key, from 0, of a driver's section. */
static bool find_key(const struct tool_ini *ini, const char *driver, size_t n,
                     struct tool_ini_item *item)
{
    if (!tool_ini_section(ini, driver, item))
        return false;
    while (tool_ini_next(ini, item) && !item->is_section)
        if (n-- == 0)
            return true;
    return false;
}

/* `path`: of the shim's library. */
static void put_entry(struct registering *r, const char *driver, const char *name, const char *path)
{
    struct tool_ini *ini = r->file->ini;
    struct tool_ini_item item, first;
    const struct tool_file *from = tool_files_driver(&r->files, driver, &item);
    char description[TOOL_INI_TEXT_BYTES + 64];

    if (!tool_ini_section(ini, name, &item)) {
        (void)snprintf(description, sizeof(description), "%s, its connections shown in collectd",
                       driver);
        tool_ini_append(ini, name, &item);
        put_key(ini, name, "Description", description);
    }
    put_key(ini, name, "Driver", path);
    put_key(ini, name, "Target", driver);
    /* Found anew each time, for the entry may stand in the same file, and before it. Of a key that
       stands twice the first counts. */
    for (size_t n = 0; tool_ini_trouble(ini) == NULL && from != NULL; n++) {
        if (!find_key(from->ini, driver, n, &item))
            break;
        if (!is_own(item.name) && tool_ini_get(from->ini, driver, item.name, &first) != NULL &&
            first.line == item.line)
            put_key(ini, name, item.name, item.value);
    }
}

/* Registers the driver whose section is so called. `named`: somebody asked for it by name. */
static void register_driver(struct registering *r, const char *driver, bool named)
{
    char name[TOOL_INI_TEXT_BYTES + sizeof(TOOL_MONITORED)], shim[4096];
    struct tool_library library;
    struct tool_ini_item item, entry;
    const struct tool_file *there;
    const char *path = tool_files_library(&r->files, driver, &item);
    bool known;

    if (path == NULL) {
        if (named)
            tool_complain("[%s] in %s has no Driver", driver, r->file->path);
        r->status |= named ? TOOL_TROUBLE : TOOL_FINE;
        return;
    }
    tool_library_look(path, &library);
    if (shim_driver_is_shim(library.kind)) {
        if (named)
            tool_complain("%s is the monitoring driver itself", driver);
        r->status |= named ? TOOL_TROUBLE : TOOL_FINE;
        return;
    }
    (void)snprintf(name, sizeof(name), "%s" TOOL_MONITORED, driver);
    there = tool_files_driver(&r->files, name, &entry);
    known = there != NULL && tool_is_shim(&r->files, name);
    if (!shim_driver_is_driver(library.kind)) {
        /* Of those that nobody named it is no fault: Debian registers a driver that it does not
           have, SQLite. */
        tool_complain("%s is not registered: its library %s cannot be used: %s", driver, path,
                      library.reason);
        r->status |= named ? TOOL_TROUBLE : TOOL_FINE;
        return;
    }
    if (there != NULL && !known) {
        tool_complain("%s is not registered: [%s] in %s is another driver", driver, name,
                      there->path);
        r->status |= TOOL_TROUBLE;
        return;
    }
    if (!tool_shim_path(r->folder, library.kind, shim)) {
        r->status |= TOOL_TROUBLE;
        return;
    }
    if (there == NULL || there == r->file)
        put_entry(r, driver, name, shim);
    fprintf(r->report, "%s: %s, by the %s library\n", name,
            there != NULL ? "is registered" : "is registered now",
            shim_driver_is_wide(library.kind) ? "wide" : "ANSI");
}

/* --- taking entries away --- */

/* Says which DSNs are without a driver when this entry is gone. */
static void warn_of_users(struct registering *r, const char *name)
{
    for (int place = TOOL_USER_DSNS; place <= TOOL_SYSTEM_DSNS; place++) {
        const struct tool_file *file = &r->files.at[place];
        struct tool_ini_item section = {0}, key;

        while (tool_file_next_section(file, &section)) {
            const char *driver = tool_ini_get(file->ini, section.name, "Driver", &key);

            if (driver == NULL || !shim_same_key(driver, name))
                continue;
            tool_complain("[%s] in %s still names it: odbcshim unwrap '%s'", section.name,
                          file->path, section.name);
            r->status |= TOOL_TROUBLE;
        }
    }
}

/* Whether a section is an entry that this command makes: NAME (monitored) with Target = NAME. */
static bool is_entry(struct registering *r, const struct tool_ini_item *section)
{
    char name[TOOL_INI_TEXT_BYTES + sizeof(TOOL_MONITORED)];
    struct tool_ini_item key = *section;

    if (!tool_ini_key(r->file->ini, "Target", &key))
        return false;
    (void)snprintf(name, sizeof(name), "%s" TOOL_MONITORED, key.value);
    return shim_same_key(name, section->name) && tool_is_shim(&r->files, section->name);
}

static void unregister(struct registering *r, const struct tool_ini_item *section)
{
    fprintf(r->report, "%s: is no longer registered\n", section->name);
    warn_of_users(r, section->name);
    tool_ini_remove_section(r->file->ini, section);
}

static void unregister_named(struct registering *r, const char *driver)
{
    char name[TOOL_INI_TEXT_BYTES + sizeof(TOOL_MONITORED)];
    struct tool_ini_item section;

    (void)snprintf(name, sizeof(name), "%.990s" TOOL_MONITORED, driver);
    if ((tool_ini_section(r->file->ini, name, &section) && is_entry(r, &section)) ||
        (tool_ini_section(r->file->ini, driver, &section) && is_entry(r, &section))) {
        unregister(r, &section);
        return;
    }
    tool_complain("%s has no entry [%s] of this command", r->file->path, name);
    r->status |= TOOL_TROUBLE;
}

static void unregister_all(struct registering *r)
{
    struct tool_ini_item section = {0};

    /* What is taken out of a file that was read leaves the numbers of its lines as they are. */
    while (tool_file_next_section(r->file, &section))
        if (is_entry(r, &section))
            unregister(r, &section);
}

/* --- the command --- */

static void register_named(struct registering *r, const char *driver)
{
    struct tool_ini_item section;

    if (tool_files_driver(&r->files, driver, &section) != NULL) {
        register_driver(r, section.name, true);
        return;
    }
    tool_complain("%s has no driver [%s]; odbcshim list shows what there is",
                  r->files.at[TOOL_SYSTEM_DRIVERS].path, driver);
    r->status |= TOOL_TROUBLE;
}

/* Registers the drivers that stand in a file, each once. */
static void register_all(struct registering *r, const struct tool_file *file)
{
    for (size_t n = 0;; n++) { /* found anew each time, for entries are added */
        struct tool_ini_item section = {0};

        for (size_t i = 0; i <= n; i++)
            if (!tool_file_next_section(file, &section))
                return;
        if (tool_files_is_driver(&r->files, file, &section))
            register_driver(r, section.name, false);
    }
}

static void run(struct registering *r, const struct tool_arguments *a)
{
    bool away = a->given[TOOL_REGISTER_UNREGISTER] != NULL;

    for (size_t i = 0; i < a->count; i++) {
        if (away)
            unregister_named(r, a->operands[i]);
        else
            register_named(r, a->operands[i]);
    }
    if (a->count > 0)
        return;
    if (away) {
        unregister_all(r);
        return;
    }
    register_all(r, &r->files.at[TOOL_SYSTEM_DRIVERS]);
    if (r->file == &r->files.at[TOOL_USER_DRIVERS])
        register_all(r, r->file);
}

/* Changes the file, or shows how it would be. */
static void change(struct registering *r, const struct tool_arguments *a)
{
    bool only_show = a->given[TOOL_REGISTER_DRY_RUN] != NULL;
    char *told = NULL;
    size_t length;

    if (!r->file->readable) {
        tool_complain("%s stays as it is: the driver manager cannot read it", r->file->path);
        r->status = TOOL_TROUBLE;
        return;
    }
    r->report = open_memstream(&told, &length);
    if (r->report == NULL) {
        tool_complain("memory is out");
        r->status = TOOL_TROUBLE;
        return;
    }
    run(r, a);
    (void)fclose(r->report);
    if (!tool_file_finish(r->file, only_show))
        r->status = TOOL_TROUBLE;
    else if (!only_show && told != NULL)
        fputs(told, stdout);
    free(told);
}

int tool_register(int argc, char **argv)
{
    struct registering r = {.folder = ODBCDRIVERDIR, .status = TOOL_FINE};
    struct tool_arguments a;

    if (!tool_arguments_read(&a, TOOL_REGISTER, argc, argv, &r.status))
        return r.status;
    if (a.given[TOOL_REGISTER_LIBRARIES] != NULL)
        r.folder = a.given[TOOL_REGISTER_LIBRARIES];
    if (tool_files_init(&r.files)) {
        r.file =
            &r.files
                 .at[a.given[TOOL_REGISTER_USER] != NULL ? TOOL_USER_DRIVERS : TOOL_SYSTEM_DRIVERS];
        change(&r, &a);
    } else {
        r.status = TOOL_TROUBLE;
    }
    tool_files_fini(&r.files);
    return r.status;
}
