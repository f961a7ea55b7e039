/* SPDX-License-Identifier: MIT */
/* `odbcshim wrap` and `odbcshim unwrap`: own what is said when a DSN cannot be changed. */
#include "tools/tool.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "odbcshim/settings_values.h"
#include "tools/dsn_edit.h"
#include "tools/registration.h"

struct wrapping {
    struct tool_files files;
    struct tool_file *file; /* that the DSN stands in */
    const char *name;       /* of the DSN, as it was typed */
    struct tool_dsn dsn;
    const char *values[SHIM_SETTINGS];
    const char *folder; /* of the shim's libraries */
    bool only_show;
};

/* --- finding the DSN --- */

static void complain_of_absence(const struct wrapping *w, bool user, bool system)
{
    const struct tool_file *files = w->files.at;

    for (int place = TOOL_USER_DSNS; place <= TOOL_SYSTEM_DSNS; place++) {
        size_t number = tool_ini_unreadable(files[place].ini);

        if ((place == TOOL_USER_DSNS ? user : system) && number > 0)
            tool_complain("the driver manager reads nothing of %s, because line %zu stands before "
                          "the first section and is no comment",
                          files[place].path, number);
    }
    if (user && system)
        tool_complain("there is no DSN [%s] in %s or %s; odbcshim list shows what there is",
                      w->name, files[TOOL_USER_DSNS].path, files[TOOL_SYSTEM_DSNS].path);
    else
        tool_complain("there is no DSN [%s] in %s; odbcshim list shows what there is", w->name,
                      files[user ? TOOL_USER_DSNS : TOOL_SYSTEM_DSNS].path);
    if (user && geteuid() == 0 && getenv("SUDO_USER") != NULL)
        fprintf(stderr, "A DSN of %s's own is found without sudo.\n", getenv("SUDO_USER"));
}

/* The DSN in the file that was asked for, else in the one that the driver manager would take. */
static bool find_dsn(struct wrapping *w, bool user, bool system)
{
    bool either = user == system;
    struct tool_ini_item item;

    w->file = NULL;
    if (either) {
        w->file = tool_files_dsn(&w->files, w->name, &item);
    } else {
        w->file = &w->files.at[user ? TOOL_USER_DSNS : TOOL_SYSTEM_DSNS];
        if (!w->file->readable || !tool_ini_section(w->file->ini, w->name, &item))
            w->file = NULL;
    }
    if (w->file == NULL) {
        complain_of_absence(w, either || user, either || system);
        return false;
    }
    if (tool_dsn_read(w->file->ini, w->name, &w->dsn) && w->dsn.has_driver)
        return true;
    tool_complain("[%s] in %s has no Driver, so there is nothing to monitor", w->name,
                  w->file->path);
    return false;
}

static int finish(struct wrapping *w, const char *what)
{
    bool changed = tool_ini_changed(w->file->ini);

    if (!tool_file_finish(w->file, w->only_show))
        return TOOL_TROUBLE;
    if (!w->only_show && changed)
        printf("[%s] in %s %s\n", w->name, w->file->path, what);
    return TOOL_FINE;
}

/* --- wrap --- */

static bool check_conflict(struct wrapping *w)
{
    enum shim_setting setting;
    size_t number = tool_dsn_conflict(w->file->ini, w->name, w->values, &setting);

    if (number == 0)
        return true;
    tool_complain("[%s] in %s has another %s already, in line %zu; change it there", w->name,
                  w->file->path, shim_setting_infos[setting].key, number);
    return false;
}

/* A DSN whose driver is the shim already. */
static int wrap_again(struct wrapping *w)
{
    bool any = false;

    for (int i = 0; i < SHIM_SETTINGS; i++)
        any |= w->values[i] != NULL;
    if (any && !(w->dsn.has_target && w->dsn.target.line > w->dsn.driver.line)) {
        tool_complain("[%s] in %s is monitored already, and not by this command, which leaves its "
                      "settings alone; write them there",
                      w->name, w->file->path);
        return TOOL_TROUBLE;
    }
    if (any && !check_conflict(w))
        return TOOL_TROUBLE;
    if (any)
        tool_dsn_update(w->file->ini, w->name, w->values);
    if (!tool_ini_changed(w->file->ini) && !w->only_show)
        printf("[%s] in %s is monitored already\n", w->name, w->file->path);
    return finish(w, "has these settings now");
}

/* What the DSN's Driver is to be instead: the shim's entry for it, or the shim's library where it
   is a path. False if there is none, which has been said. */
static bool choose_driver(struct wrapping *w, char to[4096])
{
    const char *driver = w->dsn.driver.value, *path;
    struct tool_library library, shim;
    struct tool_ini_item item;
    char name[TOOL_INI_TEXT_BYTES];
    /* A DSN of the system is for programs of every user. */
    bool for_all = w->file == &w->files.at[TOOL_SYSTEM_DSNS];

    path = tool_files_library(&w->files, driver, &item);
    if (path == NULL) {
        tool_complain("[%s] in %s: its Driver, %s, is no driver of %s", w->name, w->file->path,
                      driver, w->files.at[TOOL_SYSTEM_DRIVERS].path);
        return false;
    }
    tool_library_look(path, &library);
    if (!shim_driver_is_driver(library.kind)) {
        tool_complain("[%s] in %s: the library of its driver, %s, cannot be used: %s", w->name,
                      w->file->path, path, library.reason);
        return false;
    }
    if (path == driver)
        return tool_shim_path(w->folder, library.kind, to);
    if (!tool_registration_of(&w->files, driver, for_all, name)) {
        tool_complain("%s is not registered for monitoring; first do: sudo odbcshim register '%s'",
                      driver, driver);
        if (!for_all)
            fprintf(stderr, "or, for yourself alone: odbcshim register --user '%s'\n", driver);
        return false;
    }
    path = tool_files_library(&w->files, name, &item);
    if (path != NULL)
        tool_library_look(path, &shim);
    if (path == NULL || !shim_driver_is_shim(shim.kind) ||
        shim_driver_is_wide(shim.kind) != shim_driver_is_wide(library.kind)) {
        tool_complain("[%s] does not name the right library; first do: sudo odbcshim register '%s'",
                      name, driver);
        return false;
    }
    (void)snprintf(to, 4096, "%s", name);
    return true;
}

static int wrap(struct wrapping *w)
{
    const struct tool_ini_item *other = w->dsn.has_target ? &w->dsn.target : &w->dsn.target_dsn;
    char driver[4096];

    if (tool_is_shim(&w->files, w->dsn.driver.value))
        return wrap_again(w);
    if (w->dsn.has_target || w->dsn.has_target_dsn) {
        tool_complain("[%s] in %s has a %s in line %zu, which the monitoring driver would take for "
                      "its own; take it out if it is left from monitoring",
                      w->name, w->file->path, other->name, other->line + 1);
        return TOOL_TROUBLE;
    }
    if (!check_conflict(w) || !choose_driver(w, driver))
        return TOOL_TROUBLE;
    tool_dsn_wrap(w->file->ini, w->name, driver, w->values);
    return finish(w, "is monitored now, from the next connect on");
}

/* Whether a value makes sense, and is the same when it is read from the file again. */
static bool check_value(int setting, const char *value)
{
    const struct shim_setting_row *row = &shim_setting_rows[setting];
    const struct shim_found found = {.text = value, .length = strlen(value)};
    const char *key = shim_setting_infos[setting].key;
    struct shim_settings scratch = {0};
    char *field = (char *)&scratch + row->field;
    bool sense = row->parse(row, &found, field);

    if (row->is_text)
        free(*(char **)(void *)field);
    if (!sense) {
        tool_complain("%s = %s makes no sense; allowed is %s", key, value, row->allowed);
        return false;
    }
    for (const char *at = value; *at != '\0'; at++) {
        bool end = at == value || at[1] == '\0';

        if ((unsigned char)*at < ' ' || *at == 0x7f || (end && *at == ' ')) {
            tool_complain("%s: no value can have control characters, or blanks at its ends", key);
            return false;
        }
    }
    return true;
}

/* The settings of the command line; false if one cannot be, which has been said. */
static bool take_values(struct wrapping *w, const struct tool_arguments *a)
{
    for (int i = 0; i < SHIM_SETTINGS; i++) {
        const char *value = a->settings[i];

        if (i == SHIM_SETTING_PROGRAM && a->given[TOOL_WRAP_PROGRAM] != NULL)
            value = a->given[TOOL_WRAP_PROGRAM];
        if (value != NULL && i == SHIM_SETTING_PASSWORD) {
            tool_complain(
                "a password in a command line can be seen by all users; put it into " SYSCONFDIR
                "/odbcshim.ini, readable by the programs alone");
            return false;
        }
        if (value != NULL && !check_value(i, value))
            return false;
        w->values[i] = value;
    }
    return true;
}

int tool_wrap(int argc, char **argv)
{
    struct wrapping w = {.folder = ODBCDRIVERDIR};
    struct tool_arguments a;
    int status;

    if (!tool_arguments_read(&a, TOOL_WRAP, argc, argv, &status))
        return status;
    if (!take_values(&w, &a))
        return TOOL_USAGE;
    w.name = a.operands[0];
    w.only_show = a.given[TOOL_WRAP_DRY_RUN] != NULL;
    if (a.given[TOOL_WRAP_LIBRARIES] != NULL)
        w.folder = a.given[TOOL_WRAP_LIBRARIES];
    status = TOOL_TROUBLE;
    if (tool_files_init(&w.files) &&
        find_dsn(&w, a.given[TOOL_WRAP_USER] != NULL, a.given[TOOL_WRAP_SYSTEM] != NULL))
        status = wrap(&w);
    tool_files_fini(&w.files);
    return status;
}

/* --- unwrap --- */

static int unwrap(struct wrapping *w)
{
    const char *was = w->dsn.has_target ? w->dsn.target.value : NULL;
    struct tool_ini_item item;

    if (!tool_is_shim(&w->files, w->dsn.driver.value)) {
        printf("[%s] in %s is not monitored\n", w->name, w->file->path);
        return TOOL_FINE;
    }
    if (was == NULL && w->dsn.has_target_dsn) {
        tool_complain("[%s] in %s is a DSN of its own around [%s]: connect to that, and take this "
                      "one out",
                      w->name, w->file->path, w->dsn.target_dsn.value);
        return TOOL_TROUBLE;
    }
    if (was == NULL || *was == '\0')
        was = tool_files_driver_key(&w->files, w->dsn.driver.value, "Target", &item);
    if (was == NULL || *was == '\0') {
        tool_complain("[%s] in %s: neither it nor [%s] in %s has a Target, so its real driver is "
                      "not known; write it to its Driver",
                      w->name, w->file->path, w->dsn.driver.value,
                      w->files.at[TOOL_SYSTEM_DRIVERS].path);
        return TOOL_TROUBLE;
    }
    tool_dsn_unwrap(w->file->ini, w->name, was);
    return finish(w, "is no longer monitored, from the next connect on");
}

int tool_unwrap(int argc, char **argv)
{
    struct wrapping w = {0};
    struct tool_arguments a;
    int status;

    if (!tool_arguments_read(&a, TOOL_UNWRAP, argc, argv, &status))
        return status;
    w.name = a.operands[0];
    w.only_show = a.given[TOOL_UNWRAP_DRY_RUN] != NULL;
    status = TOOL_TROUBLE;
    if (tool_files_init(&w.files) &&
        find_dsn(&w, a.given[TOOL_UNWRAP_USER] != NULL, a.given[TOOL_UNWRAP_SYSTEM] != NULL))
        status = unwrap(&w);
    tool_files_fini(&w.files);
    return status;
}
