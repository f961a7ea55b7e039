/* SPDX-License-Identifier: MIT */
/*
 * Owns the layout of the datagrams that are sent. A datagram opens with what holds for all of it
 * (host, time, interval, plugin, process token); a reader keeps each field until another part
 * changes it, so that every value list of the datagram has them.
 */
#include "protocol/encode.h"

#include <assert.h>
#include <string.h>

#include "protocol/seal.h"

/* The bytes of a part with a string of so many bytes, and of one with so many values. */
#define STRING_BYTES(n) (4 + (n) + 1)
#define VALUES_BYTES(n) (4 + 2 + (n) * (1 + 8))
#define NUMBER_BYTES    (4 + 8)

/* The longest opening, and the longest program. */
enum {
    HEAD_MAX = 2 * STRING_BYTES(CDP_NAME_MAX - 1) + 2 * NUMBER_BYTES + STRING_BYTES(4) +
               STRING_BYTES(sizeof(CDP_PROCESS_TYPE) - 1) + VALUES_BYTES(3),
    PROGRAM_MAX = STRING_BYTES(CDP_NAME_MAX - 1) + CDP_WIRE_METRICS * (1 + 8)
#define CDP_GROUP(ID, wire_type) +STRING_BYTES(sizeof(wire_type) - 1) + VALUES_BYTES(0)
#include "protocol/metrics.def"
};
static_assert(HEAD_MAX + PROGRAM_MAX <= CDP_REPORT_MIN, "a program fits in a datagram");
static_assert(CDP_REPORT_MIN + CDP_SEAL_OVERHEAD(CDP_USER_MAX) <= CDP_DATAGRAM_MAX,
              "and does when sealed, whoever seals it");

static void put_header(struct cdp_buffer *b, enum cdp_part part, size_t content)
{
    if (content > UINT16_MAX - 4) {
        b->failed = true;
        return;
    }
    cdp_buffer_put_u16(b, (uint16_t)part);
    cdp_buffer_put_u16(b, (uint16_t)(4 + content));
}

void cdp_put_string(struct cdp_buffer *b, enum cdp_part part, const char *s)
{
    size_t n = strlen(s) + 1;

    put_header(b, part, n);
    cdp_buffer_put_bytes(b, s, n);
}

void cdp_put_number(struct cdp_buffer *b, enum cdp_part part, uint64_t v)
{
    put_header(b, part, sizeof(v));
    cdp_buffer_put_u64(b, v);
}

void cdp_put_values(struct cdp_buffer *b, const struct cdp_value *values, size_t count)
{
    if (count > UINT16_MAX / (1 + 8)) {
        b->failed = true;
        return;
    }
    put_header(b, CDP_PART_VALUES, VALUES_BYTES(count) - 4);
    cdp_buffer_put_u16(b, (uint16_t)count);
    for (size_t i = 0; i < count; i++)
        cdp_buffer_put_u8(b, (uint8_t)values[i].kind);
    for (size_t i = 0; i < count; i++) {
        if (values[i].kind == CDP_VALUE_GAUGE)
            cdp_buffer_put_gauge(b, values[i].gauge);
        else /* the other three are 64 bits under different names */
            cdp_buffer_put_u64(b, values[i].counter);
    }
}

/* The metrics of one group, as one values part. */
static void put_group(struct cdp_buffer *b, const struct cdp_group_info *group,
                      const struct cdp_program *program)
{
    struct cdp_value values[CDP_WIRE_METRICS];

    for (size_t i = 0; i < group->count; i++) {
        const union cdp_number *n = &program->values[group->first + i];

        if (cdp_metrics[group->first + i].kind == CDP_GAUGE)
            values[i] = (struct cdp_value){.kind = CDP_VALUE_GAUGE, .gauge = n->gauge};
        else
            values[i] = (struct cdp_value){.kind = CDP_VALUE_DERIVE, .derive = n->derive};
    }
    cdp_put_values(b, values, group->count);
}

static void put_program(struct cdp_buffer *b, const struct cdp_program *program)
{
    char name[CDP_NAME_MAX];

    cdp_name_clean(name, program->name);
    cdp_put_string(b, CDP_PART_PLUGIN_INSTANCE, name);
    for (size_t g = 0; g < CDP_WIRE_GROUPS; g++) {
        cdp_put_string(b, CDP_PART_TYPE, cdp_groups[g].wire_type);
        put_group(b, &cdp_groups[g], program);
    }
}

static void put_head(struct cdp_buffer *b, const struct cdp_sender *sender,
                     const struct cdp_report *report)
{
    const struct cdp_value process[] = {
        {.kind = CDP_VALUE_ABSOLUTE, .absolute = sender->session},
        {.kind = CDP_VALUE_ABSOLUTE, .absolute = sender->sequence},
        {.kind = CDP_VALUE_GAUGE, .gauge = report->farewell ? 1 : 0},
    };
    char name[CDP_NAME_MAX];

    cdp_name_clean(name, sender->host);
    cdp_put_string(b, CDP_PART_HOST, name);
    cdp_put_number(b, CDP_PART_TIME_HR, report->time);
    cdp_put_number(b, CDP_PART_INTERVAL_HR, report->interval);
    cdp_put_string(b, CDP_PART_PLUGIN, "odbc");
    cdp_name_clean(name, sender->token);
    cdp_put_string(b, CDP_PART_TYPE_INSTANCE, name);
    cdp_put_string(b, CDP_PART_TYPE, CDP_PROCESS_TYPE);
    cdp_put_values(b, process, sizeof(process) / sizeof(process[0]));
}

/* Adds programs from `next` on while they fit, and returns the first that did not. One that would
   not fit in any datagram is passed over, so that each call gets further. */
static size_t put_programs(struct cdp_buffer *b, const struct cdp_report *report, size_t next)
{
    size_t head = b->used;

    for (; next < report->count; next++) {
        size_t mark = b->used;

        put_program(b, &report->programs[next]);
        if (!b->failed)
            continue;
        b->failed = false;
        b->used = mark;
        if (mark != head)
            break;
    }
    return next;
}

void cdp_encode_report(struct cdp_sender *sender, const struct cdp_report *report, size_t limit,
                       cdp_emit *emit, void *context)
{
    uint8_t bytes[CDP_DATAGRAM_MAX];
    size_t next = 0;

    do {
        struct cdp_buffer b;

        cdp_buffer_init(&b, bytes, limit < sizeof(bytes) ? limit : sizeof(bytes));
        put_head(&b, sender, report);
        if (b.failed)
            return;
        next = put_programs(&b, report, next);
        sender->sequence++;
        emit(context, bytes, b.used);
    } while (next < report->count);
}

/* Writes a name with `_` for each character that is not ASCII. */
static void put_ascii(struct cdp_buffer *b, enum cdp_part part, const char *name)
{
    char clean[CDP_NAME_MAX];
    size_t used = 0;

    cdp_name_clean(clean, name);
    for (const char *s = clean; *s != '\0'; s++) {
        uint8_t c = (uint8_t)*s;

        if (c < 0x80)
            clean[used++] = *s;
        else if (c >= 0xc0) /* the first byte of a character; the others add nothing */
            clean[used++] = '_';
    }
    clean[used] = '\0';
    cdp_put_string(b, part, clean);
}

void cdp_encode_sqlalchemy(const struct cdp_sender *sender, const struct cdp_report *report,
                           cdp_emit *emit, void *context)
{
    static const struct {
        const char *type;
        enum cdp_group group;
    } lists[] = {
        {"sqlalchemy_pool", CDP_GROUP_POOL},
        {"sqlalchemy_totals", CDP_GROUP_TOTALS},
    };
    uint64_t interval = (report->interval >> 30) + (report->interval >> 29 & 1); /* rounded */

    for (size_t i = 0; i < 2 * report->count; i++) {
        const struct cdp_program *program = &report->programs[i / 2];
        uint8_t bytes[CDP_DATAGRAM_MAX];
        struct cdp_buffer b;

        cdp_buffer_init(&b, bytes, sizeof(bytes));
        put_ascii(&b, CDP_PART_HOST, sender->host);
        cdp_put_number(&b, CDP_PART_TIME, report->time >> 30);
        cdp_put_string(&b, CDP_PART_PLUGIN, "sqlalchemy");
        put_ascii(&b, CDP_PART_PLUGIN_INSTANCE, program->name);
        cdp_put_string(&b, CDP_PART_TYPE, lists[i % 2].type);
        cdp_put_number(&b, CDP_PART_INTERVAL, interval > 0 ? interval : 1);
        put_ascii(&b, CDP_PART_TYPE_INSTANCE, sender->token);
        put_group(&b, &cdp_groups[lists[i % 2].group], program);
        if (!b.failed)
            emit(context, bytes, b.used);
    }
}

/* 2^30, and the first number of seconds that 64 bits do not hold: 2^34. */
#define UNITS_PER_SECOND 1073741824.0
#define SECONDS_MAX      17179869184.0

uint64_t cdp_time_from_seconds(double seconds)
{
    if (!(seconds > 0)) /* NaN too */
        return 0;
    if (seconds >= SECONDS_MAX)
        return UINT64_MAX;
    return (uint64_t)(seconds * UNITS_PER_SECOND + 0.5);
}

double cdp_time_to_seconds(uint64_t time)
{
    return (double)time / UNITS_PER_SECOND;
}
