/* SPDX-License-Identifier: MIT */
/*
 * From what an application connects with to a connection of the right target: the settings, the
 * target's library, the connection string that the target is to see, and the one that the
 * application gets back.
 */
#ifndef SHIM_ROUTE_H
#define SHIM_ROUTE_H

#include "odbcshim/handles.h"

/* What the application gave, as UTF-8 where it was wide. */
struct shim_request {
    const char *dsn;                       /* of SQLConnect */
    const char *user, *password;           /* likewise; NULL: none */
    struct shim_connection_string *string; /* of the other two; NULL: it is SQLConnect */
};

/* Loads settings and target and attaches the connection to it; enters it in the registry. On
   success dbc->settings, dbc->counted and the target's handle are in place; otherwise the
   connection has a diagnostic. */
SQLRETURN shim_route(struct shim_dbc *dbc, const struct shim_request *request)
    __attribute__((nonnull, warn_unused_result));

/* The data source name that the target is to be given in place of the application's; NULL: that. */
const char *shim_route_dsn(const struct shim_settings *settings) __attribute__((nonnull));

/* Makes the connection string that the target is to see: none of the shim's settings, and, where it
   begins a connect and is not an answer of a browse, its own DRIVER or DSN. *changed tells whether
   that is another string. False when memory is out. */
bool shim_route_outward(const struct shim_settings *settings, struct shim_connection_string *string,
                        bool begins, bool *changed) __attribute__((nonnull, warn_unused_result));

/* Makes of the target's completed string one that connects through the shim: with the DRIVER or DSN
   and the settings of `input`, the string that the application gave. */
bool shim_route_homeward(const struct shim_settings *settings,
                         struct shim_connection_string *completed,
                         struct shim_connection_string *input)
    __attribute__((nonnull, warn_unused_result));

#endif
