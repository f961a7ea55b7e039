/* SPDX-License-Identifier: MIT */
/*
 * The sockets, the thread that reads them, and the table that it fills, behind one lock.
 */
#ifndef PLUG_RECEIVER_H
#define PLUG_RECEIVER_H

#include "collectd-plugin/config.h"
#include "collectd-plugin/counters.h"
#include "collectd-plugin/table.h"

struct plug_receiver;

/* Opens the sockets of a finished configuration, which is not needed afterwards. NULL after a
   message in the log that says what to do. */
struct plug_receiver *plug_receiver_new(const struct plug_config *config)
    __attribute__((nonnull, warn_unused_result));

/* Starts the thread, which takes no signals. False after a message. */
bool plug_receiver_start(struct plug_receiver *receiver)
    __attribute__((nonnull, warn_unused_result));

/* Stops the thread, waits for it, closes and frees everything. Takes NULL; sets it to NULL. */
void plug_receiver_free(struct plug_receiver **receiver) __attribute__((nonnull));

/* The port of the n-th socket, in host order; 0 if there is none. */
unsigned plug_receiver_port(const struct plug_receiver *receiver, size_t n)
    __attribute__((nonnull));

/* The table, for the caller alone until it unlocks. The thread waits so long: be short. */
struct plug_table *plug_receiver_lock(struct plug_receiver *receiver) __attribute__((nonnull));
void plug_receiver_unlock(struct plug_receiver *receiver) __attribute__((nonnull));

/* How the counters stand; takes the lock itself. Any thread. */
void plug_receiver_counters(struct plug_receiver *receiver, int64_t counters[PLUG_COUNTERS])
    __attribute__((nonnull));

#endif
