/* SPDX-License-Identifier: MIT */
/*
 * The plugin's own log levels: collectd's packages compile its debug messages out, and its level
 * holds for all plugins. Any thread.
 */
#ifndef PLUG_LOG_H
#define PLUG_LOG_H

#include <stdbool.h>

enum plug_log_level { PLUG_DEBUG, PLUG_INFO, PLUG_WARNING, PLUG_ERROR };

/* Takes a message without a line end. */
typedef void plug_log_sink(enum plug_log_level level, const char *message);

/* From where on messages are logged, and where to; NULL: nowhere. Before other threads run. */
void plug_log_to(plug_log_sink *sink, enum plug_log_level from);

/* Whether a message of this level would go anywhere. */
bool plug_log_wants(enum plug_log_level level);

/* Longer messages than 1023 bytes are cut. No secrets. */
void plug_log(enum plug_log_level level, const char *message, ...)
    __attribute__((nonnull, format(printf, 2, 3)));

#endif
