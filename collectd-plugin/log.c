/* SPDX-License-Identifier: MIT */
/* Owns what is logged and where to. */
#include "collectd-plugin/log.h"

#include <stdarg.h>
#include <stdio.h>

static plug_log_sink *log_sink;
static enum plug_log_level log_from = PLUG_INFO;

void plug_log_to(plug_log_sink *sink, enum plug_log_level from)
{
    log_sink = sink;
    log_from = from;
}

bool plug_log_wants(enum plug_log_level level)
{
    return log_sink != NULL && level >= log_from;
}

void plug_log(enum plug_log_level level, const char *message, ...)
{
    char text[1024];
    va_list arguments;

    if (!plug_log_wants(level))
        return;
    va_start(arguments, message);
    (void)vsnprintf(text, sizeof(text), message, arguments);
    va_end(arguments);
    log_sink(level, text);
}
