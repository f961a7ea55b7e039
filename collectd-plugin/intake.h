/* SPDX-License-Identifier: MIT */
/*
 * From a datagram to a report: what the decoder finds, judged as a whole. Any thread; nothing is
 * shared.
 */
#ifndef PLUG_INTAKE_H
#define PLUG_INTAKE_H

#include "collectd-plugin/table.h"

enum plug_intake {
    PLUG_REPORT,           /* *report is one */
    PLUG_INTAKE_MALFORMED, /* some part of it is wrong: nothing of it is to be taken */
    PLUG_INTAKE_FOREIGN,   /* nothing in it is for this plugin */
};

/*
 * Reads a datagram that needs no unsealing any more: our own, or one of sqlalchemy-collectd. It
 * speaks for one process of one host. Names are cleaned (name.h); a program that has the name of a
 * plugin instance of ours, `host` or PLUG_SELF, gets a `_` behind it, one without a name is called
 * `unnamed`, and no host name begins with a dot, which in a writer's folder could lead outside.
 * Only what the report's count says of its programs is written.
 */
enum plug_intake plug_intake(const uint8_t *datagram, size_t length, struct plug_report *report)
    __attribute__((nonnull, warn_unused_result));

#endif
