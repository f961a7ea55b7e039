/* SPDX-License-Identifier: MIT */
/*
 * The console side: hands the figures that pass through this collectd to those who look at them,
 * who subscribe (Console) or are written down in the configuration (Monitor).
 */
#ifndef PLUG_CONSOLE_H
#define PLUG_CONSOLE_H

#include "collectd-plugin/address.h"
#include "collectd-plugin/outbox.h"

struct plug_console;

/* Opens the sockets and starts the thread, which takes no signals. NULL after a message in the log.
   A monitor whose name cannot be resolved is complained of and asked for again later. The
   endpoints' strings must live as long as the console. */
struct plug_console *plug_console_new(const struct plug_endpoints *consoles,
                                      const struct plug_endpoints *monitors)
    __attribute__((nonnull, warn_unused_result));

/* Stops the thread and frees everything. Takes NULL; sets it to NULL. */
void plug_console_free(struct plug_console **console) __attribute__((nonnull));

/* Hands over a value list. Copies it and returns; never waits for the network. Any thread. */
void plug_console_put(struct plug_console *console, const struct plug_outgoing *out)
    __attribute__((nonnull));

/* The port of the n-th Console socket, in host order; 0 if there is none. */
unsigned plug_console_port(const struct plug_console *console, size_t n) __attribute__((nonnull));

#endif
