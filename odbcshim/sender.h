/* SPDX-License-Identifier: MIT */
/*
 * One report, out of the door: addresses, encoding, sealing, sending. Nothing waits but
 * shim_addresses_resolve; nothing of the rest allocates but what sealing needs.
 */
#ifndef SHIM_SENDER_H
#define SHIM_SENDER_H

#include "odbcshim/destination.h"

/* The addresses of a host that takes no name service: numeric ones, and `localhost`, which is
   127.0.0.1 and then ::1 (a collectd that listens on 0.0.0.0 is the common one). False for any
   other name; then *a has no address. */
bool shim_addresses_known(struct shim_addresses *a, const char *host, int port)
    __attribute__((nonnull, warn_unused_result));

/* Asks the name services, which can take long and much stack. False if there is no answer: then *a
   has not changed. */
bool shim_addresses_resolve(struct shim_addresses *a, const char *host, int port)
    __attribute__((nonnull, warn_unused_result));

/* Sends a report of `count` programs on a socket opened and closed for it; without waiting. False
   if a datagram could not be handed to the network. The caller holds the sending lock. */
bool shim_send_report(struct shim_destination *d, const struct cdp_program *programs, size_t count,
                      bool farewell) __attribute__((nonnull(1), warn_unused_result));

#endif
