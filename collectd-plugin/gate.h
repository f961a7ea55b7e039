/* SPDX-License-Identifier: MIT */
/*
 * What a listener does with a datagram before anybody looks for a report in it: unseals it, judges
 * the seal, and answers it if it is a probe (protocol/probe.h). One thread; the caller sends.
 */
#ifndef PLUG_GATE_H
#define PLUG_GATE_H

#include "collectd-plugin/counters.h"
#include "collectd-plugin/sockets.h"
#include "protocol/probe.h"

/* Probes are a person's, a few a day; more than this are somebody who tries passwords, or has us
   send answers to an address that is not his own. They are not even unsealed. */
#define PLUG_PROBES_PER_SECOND 20

/* All zero at first. */
struct plug_gate {
    uint64_t second; /* the one in which */
    unsigned probes; /* so many have been judged */
};

struct plug_opened {
    /* PLUG_COUNT_RECEIVED: there may be a report in the payload, and it may be taken. Else the
       datagram is done with, and counts there. */
    enum plug_counter counted;
    bool is_guarded; /* its listener wants to know who sent it */
    bool is_signed;  /* and a signature says so */
    const uint8_t *payload;
    size_t length;
    bool is_answered; /* `answer` is to be sent to where it came from */
    uint8_t answer[CDP_PROBE_BYTES];
};

/* `scratch` holds at least `length` bytes; the payload lies there or in the datagram. */
void plug_gate_open(struct plug_gate *gate, const struct plug_socket *socket,
                    const uint8_t *datagram, size_t length, uint8_t *scratch, uint64_t now,
                    struct plug_opened *out) __attribute__((nonnull));

#endif
