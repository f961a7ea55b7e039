/* SPDX-License-Identifier: MIT */
/*
 * Owns the judgement of what arrives: which parts are well-formed, and which value lists say what
 * metrics.def says. Stricter than collectd where that costs no honest sender anything: a string
 * with a NUL inside and a number of another length are malformed.
 */
#include "protocol/decode.h"

#include <float.h>
#include <stddef.h>
#include <string.h>

/* How the content of a part is read. */
enum form { VALUES, STRING, SECONDS, HIGH_RESOLUTION };

/* The part types that make a value list, and which field of it each sets. */
static const struct field {
    enum form form;
    size_t offset;
} fields[] = {
    [CDP_PART_HOST] = {STRING, offsetof(struct cdp_value_list, host)},
    [CDP_PART_TIME] = {SECONDS, offsetof(struct cdp_value_list, time)},
    [CDP_PART_PLUGIN] = {STRING, offsetof(struct cdp_value_list, plugin)},
    [CDP_PART_PLUGIN_INSTANCE] = {STRING, offsetof(struct cdp_value_list, plugin_instance)},
    [CDP_PART_TYPE] = {STRING, offsetof(struct cdp_value_list, type)},
    [CDP_PART_TYPE_INSTANCE] = {STRING, offsetof(struct cdp_value_list, type_instance)},
    [CDP_PART_VALUES] = {VALUES, offsetof(struct cdp_value_list, values)},
    [CDP_PART_INTERVAL] = {SECONDS, offsetof(struct cdp_value_list, interval)},
    [CDP_PART_TIME_HR] = {HIGH_RESOLUTION, offsetof(struct cdp_value_list, time)},
    [CDP_PART_INTERVAL_HR] = {HIGH_RESOLUTION, offsetof(struct cdp_value_list, interval)},
};

/* The one NUL of a string is its last byte. */
static bool read_string(const struct cdp_cursor *content, const char **s)
{
    size_t n = content->left;

    if (n == 0 || n > CDP_NAME_MAX || memchr(content->at, '\0', n) != content->at + n - 1)
        return false;
    *s = (const char *)content->at;
    return true;
}

static bool read_number(struct cdp_cursor *content, enum form form, uint64_t *number)
{
    uint64_t v;

    if (!cdp_cursor_u64(content, &v) || content->left != 0)
        return false;
    if (form == SECONDS)
        v = v <= UINT64_MAX >> 30 ? v << 30 : UINT64_MAX;
    *number = v;
    return true;
}

static bool read_values(struct cdp_cursor *content, struct cdp_value_list *list)
{
    const uint8_t *kinds, *numbers;
    uint16_t count;

    if (!cdp_cursor_u16(content, &count) || count == 0 || count > CDP_VALUES_MAX ||
        !cdp_cursor_bytes(content, count, &kinds) ||
        !cdp_cursor_bytes(content, count * sizeof(uint64_t), &numbers) || content->left != 0)
        return false;
    for (size_t i = 0; i < count; i++, numbers += sizeof(uint64_t)) {
        struct cdp_value *value = &list->values[i];

        if (kinds[i] > CDP_VALUE_ABSOLUTE)
            return false;
        value->kind = (enum cdp_value_kind)kinds[i];
        if (value->kind == CDP_VALUE_GAUGE)
            value->gauge = cdp_gauge_at(numbers);
        else /* the other three are 64 bits under different names */
            value->counter = cdp_u64_at(numbers);
    }
    list->count = count;
    return true;
}

static bool read_field(struct cdp_cursor *content, const struct field *field,
                       struct cdp_value_list *list)
{
    void *at = (char *)list + field->offset;

    switch (field->form) {
    case VALUES:
        return read_values(content, list);
    case STRING:
        return read_string(content, at);
    case SECONDS:
    case HIGH_RESOLUTION:
        return read_number(content, field->form, at);
    }
    return false;
}

enum cdp_decoded cdp_decode(const uint8_t *datagram, size_t length, cdp_take *take, void *context)
{
    struct cdp_cursor c = {.at = datagram, .left = length};
    struct cdp_value_list list;

    list.host = list.plugin = list.plugin_instance = list.type = list.type_instance = "";
    list.time = list.interval = 0;
    list.count = 0;
    do {
        bool first = c.at == datagram;
        uint16_t part, part_length;
        struct cdp_cursor content;

        if (!cdp_cursor_u16(&c, &part) || !cdp_cursor_u16(&c, &part_length) || part_length < 4)
            return CDP_MALFORMED;
        content.left = part_length - 4u;
        if (!cdp_cursor_bytes(&c, content.left, &content.at))
            return CDP_MALFORMED;
        if (part == CDP_PART_SIGNATURE || part == CDP_PART_ENCRYPTION)
            return first ? CDP_SEALED : CDP_MALFORMED;
        if (part >= sizeof(fields) / sizeof(fields[0]))
            continue; /* a notification's, or one of another day */
        if (!read_field(&content, &fields[part], &list))
            return CDP_MALFORMED;
        if (part == CDP_PART_VALUES)
            take(context, &list);
    } while (c.left > 0);
    return CDP_DECODED;
}

enum cdp_group cdp_group_of(const char *type)
{
    for (size_t g = 0; g < CDP_WIRE_GROUPS; g++)
        if (strcmp(type, cdp_groups[g].wire_type) == 0)
            return (enum cdp_group)g;
    return CDP_WIRE_GROUPS;
}

enum cdp_group cdp_sqlalchemy_group_of(const char *type)
{
    if (strcmp(type, "sqlalchemy_pool") == 0)
        return CDP_GROUP_POOL;
    if (strcmp(type, "sqlalchemy_totals") == 0)
        return CDP_GROUP_TOTALS;
    return CDP_WIRE_GROUPS;
}

bool cdp_process_from_list(const struct cdp_value_list *list, struct cdp_process *process)
{
    const struct cdp_value *v = list->values;

    if (strcmp(list->type, CDP_PROCESS_TYPE) != 0 || list->count != 3 ||
        v[0].kind != CDP_VALUE_ABSOLUTE || v[1].kind != CDP_VALUE_ABSOLUTE ||
        v[2].kind != CDP_VALUE_GAUGE || (v[2].gauge != 0 && v[2].gauge != 1))
        return false;
    *process = (struct cdp_process){
        .session = v[0].absolute, .sequence = v[1].absolute, .farewell = v[2].gauge == 1};
    return true;
}

static bool is_sound(const struct cdp_value *value, enum cdp_kind kind)
{
    if (kind == CDP_GAUGE)
        return value->kind == CDP_VALUE_GAUGE && value->gauge >= 0 && value->gauge <= DBL_MAX;
    return value->kind == CDP_VALUE_DERIVE && value->derive >= 0;
}

bool cdp_numbers_from_list(const struct cdp_value_list *list, enum cdp_group group,
                           union cdp_number numbers[CDP_WIRE_METRICS])
{
    if (group >= CDP_WIRE_GROUPS || list->count != cdp_groups[group].count)
        return false;

    const struct cdp_metric_info *info = &cdp_metrics[cdp_groups[group].first];
    union cdp_number *number = &numbers[cdp_groups[group].first];

    for (size_t i = 0; i < list->count; i++)
        if (!is_sound(&list->values[i], info[i].kind))
            return false;
    for (size_t i = 0; i < list->count; i++) {
        if (info[i].kind == CDP_GAUGE)
            number[i].gauge = list->values[i].gauge;
        else
            number[i].derive = list->values[i].derive;
    }
    return true;
}
