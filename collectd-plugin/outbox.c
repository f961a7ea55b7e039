/* SPDX-License-Identifier: MIT */
/* Owns the layout of waiting value lists in memory, and on the wire to consoles. */
#include "collectd-plugin/outbox.h"

#include <stdlib.h>

#include "collectd-plugin/counters.h"

/* A record is one of these and then the strings, each with its NUL. */
struct record {
    uint64_t time, interval;
    struct cdp_value value;
    uint16_t strings; /* their bytes */
};

/* The strings of a value list, in the order of a record. */
#define STRINGS 5
static const char **string_of(struct plug_outgoing *out, size_t i)
{
    const char **strings[STRINGS] = {&out->host, &out->plugin, &out->plugin_instance, &out->type,
                                     &out->type_instance};

    return strings[i];
}

bool plug_outbox_init(struct plug_outbox *box)
{
    *box = (struct plug_outbox){.bytes = malloc(PLUG_OUTBOX_BYTES)};
    return box->bytes != NULL;
}

void plug_outbox_fini(struct plug_outbox *box)
{
    free(box->bytes);
    *box = (struct plug_outbox){0};
}

bool plug_outbox_put(struct plug_outbox *box, const struct plug_outgoing *out)
{
    struct plug_outgoing copy = *out;
    struct record record = {.time = out->time, .interval = out->interval, .value = out->value};
    size_t lengths[STRINGS];
    uint8_t *to;

    for (size_t i = 0; i < STRINGS; i++) {
        lengths[i] = strnlen(*string_of(&copy, i), CDP_NAME_MAX - 1);
        record.strings = (uint16_t)(record.strings + lengths[i] + 1);
    }
    if (box->used + sizeof(record) + record.strings > PLUG_OUTBOX_BYTES)
        return false;
    to = box->bytes + box->used;
    memcpy(to, &record, sizeof(record));
    to += sizeof(record);
    for (size_t i = 0; i < STRINGS; i++) {
        memcpy(to, *string_of(&copy, i), lengths[i]);
        to[lengths[i]] = '\0';
        to += lengths[i] + 1;
    }
    box->used += sizeof(record) + record.strings;
    return true;
}

bool plug_outbox_next(const struct plug_outbox *box, size_t *at, struct plug_outgoing *out)
{
    struct record record;
    const char *s;

    if (*at >= box->used)
        return false;
    memcpy(&record, box->bytes + *at, sizeof(record));
    s = (const char *)box->bytes + *at + sizeof(record);
    *out = (struct plug_outgoing){
        .time = record.time, .interval = record.interval, .value = record.value};
    for (size_t i = 0; i < STRINGS; i++) {
        *string_of(out, i) = s;
        s += strlen(s) + 1;
    }
    *at += sizeof(record) + record.strings;
    return true;
}

/* A datagram in the making, and what it has said so far. */
struct packer {
    struct cdp_buffer buffer;
    uint8_t bytes[CDP_DATAGRAM_MAX];
    struct plug_outgoing said;
    bool any;
};

static void begin(struct packer *p)
{
    cdp_buffer_init(&p->buffer, p->bytes, sizeof(p->bytes));
    p->said = (struct plug_outgoing){"", "", "", "", "", 0, 0, {0}};
    p->any = false;
}

static void say(struct packer *p, enum cdp_part part, const char *said, const char *s)
{
    if (strcmp(said, s) != 0)
        cdp_put_string(&p->buffer, part, s);
}

static void pack_one(struct packer *p, const struct plug_outgoing *out)
{
    say(p, CDP_PART_HOST, p->said.host, out->host);
    if (out->time != p->said.time)
        cdp_put_number(&p->buffer, CDP_PART_TIME_HR, out->time);
    if (out->interval != p->said.interval)
        cdp_put_number(&p->buffer, CDP_PART_INTERVAL_HR, out->interval);
    say(p, CDP_PART_PLUGIN, p->said.plugin, out->plugin);
    say(p, CDP_PART_PLUGIN_INSTANCE, p->said.plugin_instance, out->plugin_instance);
    say(p, CDP_PART_TYPE, p->said.type, out->type);
    say(p, CDP_PART_TYPE_INSTANCE, p->said.type_instance, out->type_instance);
    cdp_put_values(&p->buffer, &out->value, 1);
}

void plug_outbox_pack(const struct plug_outbox *box, cdp_emit *emit, void *context)
{
    struct packer p;
    struct plug_outgoing out;
    size_t at = 0;

    begin(&p);
    while (plug_outbox_next(box, &at, &out)) {
        size_t before = p.buffer.used;

        pack_one(&p, &out);
        if (p.buffer.failed) { /* one list alone always fits */
            emit(context, p.bytes, before);
            begin(&p);
            pack_one(&p, &out);
        }
        p.said = out;
        p.any = true;
    }
    if (p.any)
        emit(context, p.bytes, p.buffer.used);
}

static void put_ascii(struct cdp_buffer *b, enum cdp_part part, const char *s)
{
    char ascii[CDP_NAME_MAX];
    size_t n = 0;

    for (; *s != '\0'; s++)
        if (((unsigned char)*s & 0xc0) != 0x80) /* one `_` per character */
            ascii[n++] = (unsigned char)*s < 0x80 ? *s : '_';
    ascii[n] = '\0';
    cdp_put_string(b, part, ascii);
}

static uint64_t whole_seconds(uint64_t time)
{
    return time >> 30;
}

void plug_outbox_pack_singly(const struct plug_outbox *box, cdp_emit *emit, void *context)
{
    uint8_t bytes[CDP_DATAGRAM_MAX];
    struct plug_outgoing out;
    size_t at = 0;

    while (plug_outbox_next(box, &at, &out)) {
        uint64_t interval = whole_seconds(out.interval);
        struct cdp_buffer b;

        if (strcmp(out.type, "count") != 0 && strcmp(out.type, "derive") != 0)
            continue; /* it complains of any other */
        if (strcmp(out.plugin_instance, PLUG_SELF) == 0)
            continue; /* it takes that for a program */
        cdp_buffer_init(&b, bytes, sizeof(bytes));
        put_ascii(&b, CDP_PART_HOST, out.host);
        cdp_put_number(&b, CDP_PART_TIME, whole_seconds(out.time));
        put_ascii(&b, CDP_PART_PLUGIN, out.plugin);
        put_ascii(&b, CDP_PART_PLUGIN_INSTANCE, out.plugin_instance);
        put_ascii(&b, CDP_PART_TYPE, out.type);
        cdp_put_number(&b, CDP_PART_INTERVAL, interval > 0 ? interval : 1);
        put_ascii(&b, CDP_PART_TYPE_INSTANCE, out.type_instance);
        cdp_put_values(&b, &out.value, 1);
        emit(context, bytes, b.used);
    }
}
