/* SPDX-License-Identifier: MIT */
/*
 * The world of the conformance tests: files of the driver manager and the shim in a temporary
 * folder, libraries, sessions.
 */
#include "tests/unit/conformance.h"

#include <dirent.h>
#include <dlfcn.h>
#include <link.h>
#include <unistd.h>

#include "tests/unit/conformance_reports.h"

static const char *const fakes[] = {
    "fake_wide",
    "fake_ansi",
    "fake_wide_only",
    "fake_no_diag_field",
    "fake_no_bulk_operations",
    "fake_odbc2",
    "fake_no_odbc2",
    "fake_managed",
    "fake_no_get_functions",
};

const struct test_function test_functions[SHIM_FUNCTIONS] = {
#define SHIM_ANY(name, twin, kind, id, params, args)                                               \
    {#name, id, false}, SHIM_WIDE_##twin({#name "W", id, true}, )
#include "odbcshim/odbc_api.def"
};

static char folder[] = "/tmp/conformance-XXXXXX";
static struct library *libraries;

/* ---- files ----------------------------------------------------------------------------------- */

static FILE *create(const char *name, char *path, size_t size)
{
    snprintf(path, size, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    return f;
}

const char *world_file(const char *name, const char *content)
{
    static char path[256];
    FILE *f = create(name, path, sizeof path);
    fputs(content, f);
    assert_int_equal(fclose(f), 0);
    return path;
}

/* Each fake driver is registered twice, by itself and behind the shim, with a DSN for each; further
   DSNs carry the settings themselves. */
static void write_registrations(void)
{
    char path[256];
    FILE *drivers = create("odbcinst.ini", path, sizeof path);
    FILE *sources = create("odbc.ini", path, sizeof path);
    fprintf(drivers, "[ODBC]\nPooling = No\n");
    for (size_t i = 0; i < sizeof fakes / sizeof *fakes; i++) {
        fprintf(drivers, "[%s]\nDriver = %s\n[shim_%s]\nDriver = %s\nTarget = %s\n", fakes[i],
                fake_path(fakes[i]), fakes[i], shim_path(!fake_is_ansi(fakes[i])), fakes[i]);
        fprintf(sources, "[bare_%s]\nDriver = %s\n[shim_%s]\nDriver = shim_%s\n", fakes[i],
                fakes[i], fakes[i], fakes[i]);
        fprintf(sources, "[wraps_%s]\nDriver = %s\nTargetDSN = bare_%s\n", fakes[i],
                shim_path(!fake_is_ansi(fakes[i])), fakes[i]);
    }
    fprintf(sources, "[bad_port]\nDriver = shim_fake_wide\nCollectdPort = 70000\n");
    fprintf(sources, "[no_target]\nDriver = %s\n", shim_path(true));
    assert_int_equal(fclose(drivers), 0);
    assert_int_equal(fclose(sources), 0);
}

void world_begin(void)
{
    char settings[128];
    assert_non_null(mkdtemp(folder));
    write_registrations();
    setenv("ODBCSYSINI", folder, 1);
    setenv("ODBCINI", "/nowhere/odbc.ini", 1);
    snprintf(settings, sizeof settings,
             "[odbcshim]\nCollectdHost = 127.0.0.1\nCollectdPort = %d\nCollectdInterval = 0.1\n",
             reports_begin());
    setenv("ODBCSHIM_INI", world_file("odbcshim.ini", settings), 1);
}

void world_end(void)
{
    char path[512];
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d));) {
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        unlink(path);
    }
    if (d)
        closedir(d);
    rmdir(folder);
}

/* ---- libraries ------------------------------------------------------------------------------- */

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    if (!value) {
        fprintf(stderr, "%s is not set\n", name);
        exit(1);
    }
    return value;
}

const char *shim_path(bool wide)
{
    return variable(wide ? "SHIM_WIDE_LIBRARY" : "SHIM_ANSI_LIBRARY");
}

const char *fake_path(const char *fake)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s.so", variable("FAKE_DIR"), fake);
    return path;
}

bool fake_is_ansi(const char *fake)
{
    return strcmp(fake, "fake_ansi") == 0 || strcmp(fake, "fake_odbc2") == 0;
}

/* Whether the symbol is the library's, and not that of one that it is linked with. */
static bool is_own(void *library, const void *symbol)
{
    struct link_map *map;
    Dl_info info;
    return symbol && dladdr(symbol, &info) && dlinfo(library, RTLD_DI_LINKMAP, &map) == 0 &&
           (uintptr_t)info.dli_fbase == map->l_addr;
}

const struct library *library_open(const char *path)
{
    for (struct library *l = libraries; l; l = l->next)
        if (strcmp(l->path, path) == 0)
            return l;
    struct library *l = calloc(1, sizeof *l);
    assert_non_null(l);
    snprintf(l->path, sizeof l->path, "%s", path);
    l->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!l->handle)
        fail_msg("%s", dlerror());
    for (size_t i = 0; i < SHIM_FUNCTIONS; i++) {
        void *p = dlsym(l->handle, test_functions[i].name);
        memcpy((char *)&l->api + i * sizeof p, &p, sizeof p);
        l->has[i] = is_own(l->handle, p);
    }
    l->next = libraries;
    libraries = l;
    return l;
}

struct fake_control *fake_of(const char *fake)
{
    struct fake_control *(*control)(void);
    void *p = dlsym(library_open(fake_path(fake))->handle, "fake_control");
    assert_non_null(p);
    memcpy(&control, &p, sizeof p);
    return control();
}

static const struct library *library_of(enum layer layer, const char *fake)
{
    switch (layer) {
    case DIRECT:
        return library_open(fake_path(fake));
    case SHIM:
        return library_open(shim_path(!fake_is_ansi(fake)));
    default:
        return library_open("libodbc.so.2");
    }
}

/* ---- sessions -------------------------------------------------------------------------------- */

void session_begin(struct session *s, enum layer layer, const char *fake, bool wide)
{
    *s = (struct session){.layer = layer, .fake = fake, .wide = wide};
    s->lib = library_of(layer, fake);
    s->control = fake_of(fake);
    s->control->reset();
    const struct shim_api *api = &s->lib->api;
    if (!api->SQLAllocHandle) { /* a driver of ODBC 2, called directly */
        assert_result(api->SQLAllocEnv(&s->env), SQL_SUCCESS);
        assert_result(api->SQLAllocConnect(s->env, &s->dbc), SQL_SUCCESS);
        return;
    }
    assert_result(api->SQLAllocHandle(SQL_HANDLE_ENV, NULL, &s->env), SQL_SUCCESS);
    assert_result(
        api->SQLSetEnvAttr(s->env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)(SQLULEN)SQL_OV_ODBC3_80, 0),
        SQL_SUCCESS);
    assert_result(api->SQLAllocHandle(SQL_HANDLE_DBC, s->env, &s->dbc), SQL_SUCCESS);
}

const char *session_string(const struct session *s, const char *more)
{
    static char string[1024];
    if (s->layer == SHIM)
        snprintf(string, sizeof string, "DRIVER={shim};Target=%s;%s", fake_path(s->fake), more);
    else
        snprintf(string, sizeof string, "DSN=%s_%s;%s", s->layer == MANAGED ? "shim" : "bare",
                 s->fake, more);
    return string;
}

SQLRETURN session_connect(struct session *s, const char *string)
{
    return CALL(s, SQLDriverConnect, s->dbc, NULL, in_width(s, string), SQL_NTS, NULL, 0, NULL,
                SQL_DRIVER_NOPROMPT);
}

void session_open(struct session *s, enum layer layer, const char *fake, bool wide)
{
    session_begin(s, layer, fake, wide);
    SQLRETURN r = session_connect(s, session_string(s, ""));
    if (!SQL_SUCCEEDED(r))
        expect_record(s, __LINE__, SQL_HANDLE_DBC, s->dbc, "none", NULL, NULL);
    assert_result(s->lib->api.SQLAllocHandle
                      ? s->lib->api.SQLAllocHandle(SQL_HANDLE_STMT, s->dbc, &s->stmt)
                      : s->lib->api.SQLAllocStmt(s->dbc, &s->stmt),
                  SQL_SUCCESS);
}

void session_close(struct session *s)
{
    const struct shim_api *api = &s->lib->api;
    if (s->stmt)
        assert_result(api->SQLFreeStmt(s->stmt, SQL_DROP), SQL_SUCCESS);
    if (s->dbc && s->control->live(SQL_HANDLE_DBC))
        api->SQLDisconnect(s->dbc);
    if (s->dbc)
        assert_result(api->SQLFreeHandle ? api->SQLFreeHandle(SQL_HANDLE_DBC, s->dbc)
                                         : api->SQLFreeConnect(s->dbc),
                      SQL_SUCCESS);
    assert_result(api->SQLFreeHandle ? api->SQLFreeHandle(SQL_HANDLE_ENV, s->env)
                                     : api->SQLFreeEnv(s->env),
                  SQL_SUCCESS);
    assert_int_equal(s->control->live(SQL_HANDLE_STMT), 0);
    assert_int_equal(s->control->live(SQL_HANDLE_DBC), 0);
    assert_int_equal(s->control->live(SQL_HANDLE_ENV), 0);
    s->control->reset();
}

/* ---- texts ----------------------------------------------------------------------------------- */

#define TEXTS 16
#define UNITS 1024

static void *next_text(void)
{
    static _Thread_local SQLWCHAR texts[TEXTS][UNITS];
    static _Thread_local size_t used;
    return texts[used++ % TEXTS];
}

void *in_width(const struct session *s, const char *text)
{
    SQLWCHAR *wide = next_text();
    char *narrow = (char *)wide;
    size_t n = strlen(text);
    assert_true(n < UNITS);
    for (size_t i = 0; i <= n; i++) {
        if (s->wide)
            wide[i] = (unsigned char)text[i];
        else
            narrow[i] = text[i];
    }
    return wide;
}

const char *from_width(const struct session *s, const void *text)
{
    char *narrow = next_text();
    size_t i = 0;
    do
        narrow[i] = s->wide ? (char)((const SQLWCHAR *)text)[i] : ((const char *)text)[i];
    while (narrow[i++] && i < UNITS);
    return narrow;
}

/* ---- the fake's book ------------------------------------------------------------------------- */

size_t calls_of(const struct session *s, enum shim_function fn)
{
    const struct fake_call *calls;
    size_t n = s->control->calls(&calls), found = 0;
    for (size_t i = 0; i < n; i++)
        found += calls[i].fn == fn;
    return found;
}

const struct fake_call *last_call(const struct session *s, enum shim_function fn)
{
    const struct fake_call *calls;
    size_t n = s->control->calls(&calls);
    while (n && calls[n - 1].fn != fn)
        n--;
    if (!n)
        fail_msg("the driver was not called: %s", test_functions[fn].name);
    return &calls[n - 1];
}

const char *text_given(const struct fake_call *call, size_t n)
{
    const struct session width = {.wide = test_functions[call->fn].wide};
    return call->texts[n].bytes ? from_width(&width, call->texts[n].bytes) : "(null)";
}

/* ---- diagnostics ----------------------------------------------------------------------------- */

void expect_record(const struct session *s, int line, SQLSMALLINT type, SQLHANDLE handle,
                   const char *state, const char *word, const char *another)
{
    SQLWCHAR states[6] = {0}, texts[SQL_MAX_MESSAGE_LENGTH] = {0};
    SQLINTEGER native;
    SQLSMALLINT length;
    SQLRETURN r = CALL(s, SQLGetDiagRec, type, handle, 1, (void *)states, &native, (void *)texts,
                       SQL_MAX_MESSAGE_LENGTH, &length);
    const char *got = from_width(s, states), *message = from_width(s, texts);
    if (!SQL_SUCCEEDED(r) || strcmp(got, state) != 0 || (word && !strstr(message, word)) ||
        (another && !strstr(message, another)))
        fail_msg("line %d: result %d, record %s <%s>, expected %s <%s> <%s>", line, r, got, message,
                 state, word ? word : "", another ? another : "");
}
