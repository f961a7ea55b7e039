/* SPDX-License-Identifier: MIT */
/*
 * The generated half of the driver: the names of all functions, the functions that stand in for
 * what a target lacks, and the plain forwarders. A forwarder is two loads and a jump: it neither
 * counts nor looks at what comes back.
 */
#include "odbcshim/api.h"

#include "odbcshim/diagnostics.h"
#include "odbcshim/handles.h"

#include <assert.h>

#define ROW_IS_TWIN   true
#define ROW_IS_SINGLE false

const struct shim_function_info shim_functions[SHIM_FUNCTIONS] = {
#define SHIM_ANY(name, twin, kind, id, params, args)                                               \
    {#name, id, false, ROW_IS_##twin}, SHIM_WIDE_##twin({#name "W", id, true, true}, )
#include "odbcshim/odbc_api.def"
};

static_assert(sizeof(struct shim_api) == SHIM_FUNCTIONS * sizeof(void (*)(void)),
              "the table of entry points and the table of names have the same rows");
static_assert(SHIM_FUNCTIONS == (SHIM_WIDE ? 79 + 37 : 79), "a row came or went: adapt this count");

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"

/* What stands in the table where a target lacks the function. A handle that has no target stands
   in its own place as target, so that these find it either way. */
#define ABSENT_ENV  shim_absent(SQL_HANDLE_ENV, handle)
#define ABSENT_DBC  shim_absent(SQL_HANDLE_DBC, handle)
#define ABSENT_STMT shim_absent(SQL_HANDLE_STMT, handle)
#define ABSENT_DESC shim_absent(SQL_HANDLE_DESC, handle)
#define ABSENT_ANY  SQL_ERROR

#define TEXT SQLCHAR
#define SHIM_ANY(name, twin, kind, id, params, args)                                               \
    static SQLRETURN SQL_API absent_##name params                                                  \
    {                                                                                              \
        return ABSENT_##kind;                                                                      \
    }
#include "odbcshim/odbc_api.def"

#define TEXT SQLWCHAR
#define SHIM_ANY(name, twin, kind, id, params, args)                                               \
    SHIM_WIDE_##twin(static SQLRETURN SQL_API absent_##name##W params { return ABSENT_##kind; })
#include "odbcshim/odbc_api.def"

#pragma GCC diagnostic pop

const struct shim_api shim_api_absent = {
#define SHIM_ANY(name, twin, ...)                                                                  \
    .name = absent_##name, SHIM_WIDE_##twin(.name##W = absent_##name##W, )
#include "odbcshim/odbc_api.def"
};

/* A new call takes the shim's diagnostic off its handle. A statement that has one has
   shim_api_noted for that: there every load counts. */
#define TAKE_OFF(h)                                                                                \
    do {                                                                                           \
        if ((h)->own)                                                                              \
            shim_diagnostics_clear(h);                                                             \
    } while (0)
#define TAKE_OFF_ENV(h)  TAKE_OFF(h)
#define TAKE_OFF_DBC(h)  TAKE_OFF(h)
#define TAKE_OFF_DESC(h) TAKE_OFF(h)
#define TAKE_OFF_STMT(h) (void)0

/* The handle is exchanged in place, so that the row's own argument list makes the call. */
#define FORWARD(name, kind, args)                                                                  \
    {                                                                                              \
        struct shim_handle *h = handle;                                                            \
        TAKE_OFF_##kind(h);                                                                        \
        handle = h->target;                                                                        \
        return h->api->name args;                                                                  \
    }

#define TEXT SQLCHAR
#define SHIM_PLAIN(name, twin, kind, id, params, args)                                             \
    SQLRETURN SQL_API name params FORWARD(name, kind, args)
#include "odbcshim/odbc_api.def"

#define TEXT SQLWCHAR
#define SHIM_PLAIN(name, twin, kind, id, params, args)                                             \
    SHIM_WIDE_##twin(SQLRETURN SQL_API name##W params FORWARD(name##W, kind, args))
#include "odbcshim/odbc_api.def"

/* The table of a statement that a function was missing on: the next call of a plain function takes
   the diagnostic off and goes on as ever. All other functions take it off themselves. */
#define TEXT SQLCHAR
#define SHIM_PLAIN(name, twin, kind, id, params, args)                                             \
    static SQLRETURN SQL_API next_##name params                                                    \
    {                                                                                              \
        shim_diagnostics_clear(handle);                                                            \
        FORWARD(name, kind, args)                                                                  \
    }
#include "odbcshim/odbc_api.def"

#define TEXT SQLWCHAR
#define SHIM_PLAIN(name, twin, kind, id, params, args)                                             \
    SHIM_WIDE_##twin(static SQLRETURN SQL_API next_##name##W params {                              \
        shim_diagnostics_clear(handle);                                                            \
        FORWARD(name##W, kind, args)                                                               \
    })
#include "odbcshim/odbc_api.def"

const struct shim_api shim_api_noted = {
#define SHIM_PLAIN(name, twin, ...)                                                                \
    .name = next_##name, SHIM_WIDE_##twin(.name##W = next_##name##W, )
#define SHIM_ANY(name, twin, ...)                                                                  \
    .name = absent_##name, SHIM_WIDE_##twin(.name##W = absent_##name##W, )
#include "odbcshim/odbc_api.def"
};
