/* SPDX-License-Identifier: MIT */
/*
 * Encoding of reports as datagrams of collectd's binary protocol
 * (https://collectd.org/wiki/index.php/Binary_protocol). No allocation, no I/O: finished datagrams
 * go to the caller's function. Any thread; nothing is shared.
 */
#ifndef CDP_ENCODE_H
#define CDP_ENCODE_H

#include "protocol/buffer.h"
#include "protocol/metrics.h"
#include "protocol/name.h"

/* The part types of the protocol. */
enum cdp_part {
    CDP_PART_HOST = 0x0000,
    CDP_PART_TIME = 0x0001, /* whole seconds */
    CDP_PART_PLUGIN = 0x0002,
    CDP_PART_PLUGIN_INSTANCE = 0x0003,
    CDP_PART_TYPE = 0x0004,
    CDP_PART_TYPE_INSTANCE = 0x0005,
    CDP_PART_VALUES = 0x0006,
    CDP_PART_INTERVAL = 0x0007, /* whole seconds */
    CDP_PART_TIME_HR = 0x0008,  /* 2^-30 seconds, as collectd's cdtime_t */
    CDP_PART_INTERVAL_HR = 0x0009,
    CDP_PART_MESSAGE = 0x0100,
    CDP_PART_SEVERITY = 0x0101,
    CDP_PART_SIGNATURE = 0x0200,
    CDP_PART_ENCRYPTION = 0x0210,
    CDP_PART_PROBE = 0x0dbc, /* ours: probe.h; collectd skips what it does not know */
};

/* The kinds of a value in a values part. */
enum cdp_value_kind {
    CDP_VALUE_COUNTER = 0,
    CDP_VALUE_GAUGE = 1,
    CDP_VALUE_DERIVE = 2,
    CDP_VALUE_ABSOLUTE = 3,
};

struct cdp_value {
    enum cdp_value_kind kind;
    union {
        uint64_t counter;
        double gauge;
        int64_t derive;
        uint64_t absolute;
    };
};

/* collectd's network plugin sends and takes so much by default: an IPv4 or IPv6 frame on Ethernet.
 */
#define CDP_DATAGRAM_MAX 1452

/* Single parts. A string is written up to its NUL, and with it. What is too long for the 16 bits of
   a part's length fails the buffer. */
void cdp_put_string(struct cdp_buffer *b, enum cdp_part part, const char *s)
    __attribute__((nonnull));
void cdp_put_number(struct cdp_buffer *b, enum cdp_part part, uint64_t v) __attribute__((nonnull));
void cdp_put_values(struct cdp_buffer *b, const struct cdp_value *values, size_t count)
    __attribute__((nonnull));

/* The wire type of the part that identifies the sender: its values are session (ABSOLUTE),
   sequence (ABSOLUTE) and farewell (GAUGE 0 or 1). One stands in every datagram, before the
   programs, without plugin instance, with the process token as type instance. */
#define CDP_PROCESS_TYPE "odbc_process"

/* Who reports. `sequence` is the number of the next datagram; encoding advances it. */
struct cdp_sender {
    const char *host;
    const char *token; /* "PID:6 hex digits" */
    uint64_t session;
    uint64_t sequence;
};

struct cdp_program {
    const char *name;
    union cdp_number values[CDP_WIRE_METRICS];
};

struct cdp_report {
    uint64_t time;     /* 2^-30 seconds since 1970 */
    uint64_t interval; /* 2^-30 seconds */
    bool farewell;     /* the sender's last */
    const struct cdp_program *programs;
    size_t count;
};

/* Takes a finished datagram; it may not keep the pointer. */
typedef void cdp_emit(void *context, const uint8_t *datagram, size_t length);

/*
 * Encodes a report into as few datagrams as hold it, each at most `limit` bytes
 * (CDP_DATAGRAM_MAX, less what sealing adds), and passes each to `emit`. A report without programs
 * still makes one datagram. With `farewell`, every datagram of the report says so. Names are
 * cleaned (name.h). A program is never split; CDP_REPORT_MIN bytes hold any one, and below that
 * limit those that do not fit are left out.
 */
#define CDP_REPORT_MIN 1024
void cdp_encode_report(struct cdp_sender *sender, const struct cdp_report *report, size_t limit,
                       cdp_emit *emit, void *context) __attribute__((nonnull(1, 2, 4)));

/* The same in the shape that sqlalchemy-collectd's server takes: plugin `sqlalchemy`, the types
   sqlalchemy_pool and sqlalchemy_totals alone, one value list per datagram, whole seconds, parts
   in the order host, time, plugin, plugin instance, type, interval, type instance, values. That
   server reads ASCII, so other characters of a name become `_`. */
void cdp_encode_sqlalchemy(const struct cdp_sender *sender, const struct cdp_report *report,
                           cdp_emit *emit, void *context) __attribute__((nonnull(1, 2, 3)));

/* Seconds to and from collectd's unit of 2^-30 seconds. */
uint64_t cdp_time_from_seconds(double seconds);
double cdp_time_to_seconds(uint64_t time);

#endif
