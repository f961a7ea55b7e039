/* SPDX-License-Identifier: MIT */
/* Owns the list of loaded targets. */
#include "odbcshim/target.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "odbcshim/driver.h"

/* By these symbols one of the two libraries is known, whatever its file is called. */
__attribute__((visibility("default"))) extern const char odbcshim_width[], odbcshim_version[];
const char odbcshim_version[] = ODBCSHIM_VERSION;
#if SHIM_WIDE
const char odbcshim_width[] = "wide";
#define THIS_LIBRARY  "libodbcshim.so"
#define OTHER_LIBRARY "libodbcshima.so"
#define OTHER_WIDTH   "an ANSI"
#else
const char odbcshim_width[] = "ANSI";
#define THIS_LIBRARY  "libodbcshima.so"
#define OTHER_LIBRARY "libodbcshim.so"
#define OTHER_WIDTH   "a wide (Unicode)"
#endif

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct shim_target *targets;

const struct shim_target *shim_target_of(const struct shim_api *api)
{
    return api == &shim_api_absent ? NULL : (const struct shim_target *)(const void *)api;
}

bool shim_target_has(const struct shim_api *api, enum shim_function fn)
{
    const struct shim_target *t = shim_target_of(api);
    return t && t->has[fn];
}

/* A narrow function may go by its name with an A, as the driver manager accepts it. */
static void *own_function(void *library, const struct shim_function_info *f)
{
    char ansi[64];
    void *p = shim_driver_function(library, f->name);
    if (p || f->wide || !f->twin)
        return p;
    snprintf(ansi, sizeof ansi, "%sA", f->name);
    return shim_driver_function(library, ansi);
}

#if SHIM_WIDE
/* Twins that differ in nothing where the attribute is no text. The driver manager asks for such
   attributes by the narrow form where there is one, as there always is here. */
static void fill_narrow_gaps(struct shim_target *t)
{
#define FILL(name)                                                                                 \
    if (!t->has[SHIM_FN_##name] && t->has[SHIM_FN_##name##W])                                      \
        t->api.name = t->api.name##W;
    FILL(SQLGetConnectAttr)
    FILL(SQLGetStmtAttr)
    FILL(SQLGetTypeInfo)
    FILL(SQLSetConnectAttr)
    FILL(SQLSetStmtAttr)
#undef FILL
}
#endif

static void take_functions(struct shim_target *t, void *library)
{
    t->api = shim_api_absent;
    for (size_t i = 0; i < SHIM_FUNCTIONS; i++) {
        void *p = own_function(library, &shim_functions[i]);
        if (!p)
            continue;
        /* The table is an array of pointers to functions, each in the place of its row. */
        memcpy((char *)&t->api + i * sizeof p, &p, sizeof p);
        t->has[i] = true;
    }
#if SHIM_WIDE
    fill_narrow_gaps(t);
#endif
    for (size_t i = 0; i < SHIM_FUNCTIONS; i++)
        for (size_t k = 0; k < SHIM_FUNCTIONS; k++)
            t->offers[i] |= t->has[k] && shim_functions[k].id == shim_functions[i].id;
}

/* Says why a library cannot be a target; true if it can. */
static bool check_library(void *library, const char *path, const char *setting,
                          struct shim_error *error)
{
    enum shim_driver_kind kind = shim_driver_kind(library);
    if (shim_driver_is_shim(kind)) {
        shim_error_set(error, "IM003",
                       "%s: %s is odbcshim itself; name the real driver by Target=, its section in "
                       "odbcinst.ini or its path, or a DSN of it by TargetDSN=",
                       setting, path);
        return false;
    }
    if (!shim_driver_is_driver(kind)) {
        shim_error_set(error, "IM003",
                       "%s: %s is a library but no ODBC driver (it exports no SQLConnect)", setting,
                       path);
        return false;
    }
    if (shim_driver_is_wide(kind) != SHIM_WIDE) {
        shim_error_set(error, "IM003",
                       "%s: %s is " OTHER_WIDTH " driver and this is " THIS_LIBRARY
                       "; register " OTHER_LIBRARY " for it instead",
                       setting, path);
        return false;
    }
    return true;
}

static struct shim_target *load(const char *path, const char *setting, struct shim_error *error)
{
    void *library = shim_driver_open(path);
    if (!library) {
        shim_error_set(error, "IM003", "%s: the driver cannot be loaded: %s", setting, dlerror());
        return NULL;
    }
    if (!check_library(library, path, setting, error)) {
        dlclose(library);
        return NULL;
    }
    struct shim_target *t = calloc(1, sizeof *t);
    if (!t || !(t->library = strdup(path))) {
        free(t);
        dlclose(library);
        shim_error_set(error, "HY001", "memory is out");
        return NULL;
    }
    take_functions(t, library);
    return t;
}

static struct shim_target *find_locked(const char *path)
{
    for (struct shim_target *t = targets; t; t = t->next)
        if (strcmp(t->library, path) == 0)
            return t;
    return NULL;
}

const struct shim_target *shim_target_load(const char *library, const char *setting,
                                           struct shim_error *error)
{
    pthread_mutex_lock(&lock);
    struct shim_target *t = find_locked(library);
    pthread_mutex_unlock(&lock);
    if (t)
        return t;

    /* dlopen runs the library's constructors: no lock is held across them. */
    struct shim_target *loaded = load(library, setting, error);
    if (!loaded)
        return NULL;
    pthread_mutex_lock(&lock);
    t = find_locked(library);
    if (!t) {
        loaded->next = targets;
        targets = t = loaded;
        loaded = NULL;
    }
    pthread_mutex_unlock(&lock);
    if (loaded) { /* another thread was faster */
        free(loaded->library);
        free(loaded);
    }
    return t;
}

SQLRETURN shim_target_alloc(const struct shim_api *api, SQLSMALLINT type, SQLHANDLE input,
                            SQLHANDLE *output)
{
    if (shim_target_has(api, SHIM_FN_SQLAllocHandle))
        return api->SQLAllocHandle(type, input, output);
    switch (type) {
    case SQL_HANDLE_ENV:
        return api->SQLAllocEnv(output);
    case SQL_HANDLE_DBC:
        return api->SQLAllocConnect(input, output);
    case SQL_HANDLE_STMT:
        return api->SQLAllocStmt(input, output);
    default:
        return SQL_ERROR;
    }
}

SQLRETURN shim_target_free(const struct shim_api *api, SQLSMALLINT type, SQLHANDLE handle)
{
    if (shim_target_has(api, SHIM_FN_SQLFreeHandle))
        return api->SQLFreeHandle(type, handle);
    switch (type) {
    case SQL_HANDLE_ENV:
        return api->SQLFreeEnv(handle);
    case SQL_HANDLE_DBC:
        return api->SQLFreeConnect(handle);
    case SQL_HANDLE_STMT:
        return api->SQLFreeStmt(handle, SQL_DROP);
    default:
        return SQL_ERROR;
    }
}
