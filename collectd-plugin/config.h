/* SPDX-License-Identifier: MIT */
/*
 * The plugin's configuration: what stands in <Plugin odbc>. Before other threads run.
 */
#ifndef PLUG_CONFIG_H
#define PLUG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "collectd-plugin/console.h"
#include "collectd-plugin/log.h"
#include "protocol/seal.h"

struct oconfig_item_s;

#define PLUG_PORT_DEFAULT "25827"

/* MaxProcesses: a row costs some 600 bytes. */
#define PLUG_ROWS_DEFAULT 100000
#define PLUG_ROWS_MAX     10000000

struct plug_listen {
    char *address;
    char port[6];
    bool is_default; /* not configured: an address family that the host lacks is no error */
    bool has_level;
    enum cdp_security level;
    char *auth_file; /* NULL: none */
};

struct plug_config {
    struct plug_listen *listens;
    size_t count;
    size_t rows_max;
    enum plug_log_level log_level;
    enum cdp_security level; /* of the listeners that do not say their own */
    char *auth_file;         /* likewise; NULL: none */
    struct plug_endpoints consoles, monitors;
};

/* The defaults, without a listener. */
void plug_config_init(struct plug_config *config) __attribute__((nonnull));
void plug_config_fini(struct plug_config *config) __attribute__((nonnull));

/* Takes the options of one <Plugin odbc> block; there may be several. SecurityLevel and AuthFile
   hold for the block's listeners that do not say their own, wherever they stand in it. False after
   messages in the log, each naming the option, its value and what is allowed. */
bool plug_config_read(struct plug_config *config, const struct oconfig_item_s *block)
    __attribute__((nonnull, warn_unused_result));

/* To be called when all blocks have been read: makes the default listeners if there is none, unless
   there is a console or a monitor: a collectd may serve these alone. False after a message if they
   cannot work. */
bool plug_config_finish(struct plug_config *config) __attribute__((nonnull, warn_unused_result));

#endif
