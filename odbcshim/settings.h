/* SPDX-License-Identifier: MIT */
/*
 * The settings of one connection, from all their sources: connection string, DSN, driver's
 * section, odbcshim.ini, default (the first that has the key wins). Read at connect on the
 * caller's thread; immutable afterwards.
 */
#ifndef SHIM_SETTINGS_H
#define SHIM_SETTINGS_H

#include "odbcshim/connection_string.h"
#include "odbcshim/profile.h"

enum shim_setting {
#define SHIM_SETTING(ID, ...) SHIM_SETTING_##ID,
#include "odbcshim/settings.def"
    SHIM_SETTINGS
};

enum shim_checkout {
    SHIM_CHECKOUT_AUTO,
    SHIM_CHECKOUT_MANAGER,
    SHIM_CHECKOUT_CONNECT,
    SHIM_CHECKOUT_ACTIVITY,
};
enum shim_plugin { SHIM_PLUGIN_ODBC, SHIM_PLUGIN_SQLALCHEMY };
enum shim_security { SHIM_SECURITY_NONE, SHIM_SECURITY_SIGN, SHIM_SECURITY_ENCRYPT };

/* Where a value came from. */
enum shim_origin {
    SHIM_ORIGIN_DEFAULT,
    SHIM_ORIGIN_FILE,   /* [odbcshim] in odbcshim.ini */
    SHIM_ORIGIN_DRIVER, /* the driver's section in odbcinst.ini */
    SHIM_ORIGIN_DSN,    /* the DSN's section in odbc.ini */
    SHIM_ORIGIN_STRING, /* the connection string */
};

struct shim_settings {
    char *target;     /* texts are never NULL; "" where not set */
    char *target_dsn; /* both are set only where one source has both */
    char *collectd_host;
    int collectd_port;
    char *program;     /* never "": the default is computed */
    char *report_host; /* likewise */
    double interval;
    enum shim_checkout checkout;
    enum shim_plugin plugin;
    enum shim_security security;
    char *username;
    char *password; /* taken as it stands; from all others white space around them is gone */
    bool enabled;
    enum shim_origin origin[SHIM_SETTINGS];
};

struct shim_setting_info {
    const char *key;
    const char *standard; /* the default as written */
    const char *sentence;
};

/* One row per setting, indexed by enum shim_setting. Static, immutable. */
extern const struct shim_setting_info shim_setting_infos[SHIM_SETTINGS];

/* Where to look, besides odbcshim.ini. Any may be NULL. */
struct shim_settings_from {
    struct shim_connection_string *string; /* SQLDriverConnect's and SQLBrowseConnect's input */
    const char *dsn;                       /* the section in odbc.ini */
    const char *driver;                    /* the section in odbcinst.ini */
};

/* An error for the application: SQLSTATE and a message that names the key, the value and the
   remedy. A password never stands in it. */
struct shim_error {
    char state[6];
    char message[512];
};

void shim_error_set(struct shim_error *e, const char *state, const char *format, ...)
    __attribute__((nonnull, format(printf, 3, 4)));

/* Loads the settings. A key of the connection string that begins with Collectd must be one. NULL
   with *error set if one makes no sense (01S00 where it stands in the connection string, else
   HY000), odbcshim.ini cannot be read or parsed (HY000) or memory is out (HY001). Freed by
   shim_settings_free. Any thread. */
struct shim_settings *shim_settings_new(const struct shim_settings_from *from,
                                        struct shim_error *error)
    __attribute__((nonnull, warn_unused_result));
void shim_settings_free(struct shim_settings **s) __attribute__((nonnull));

/* Writes a setting's value out as a user would; of the password only "set" or "not set". What does
   not fit is cut off, and what is no printable character is `?`. */
void shim_setting_show(const struct shim_settings *s, enum shim_setting setting, char *text,
                       size_t size) __attribute__((nonnull));

/* The setting with that key; SHIM_SETTINGS if there is none. */
enum shim_setting shim_setting_find(const char *key) __attribute__((nonnull));

/* The setting's key that a mistyped key is most like; NULL if it is like none. A literal. */
const char *shim_setting_nearest(const char *key) __attribute__((nonnull));

#endif
