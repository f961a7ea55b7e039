/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: any bytes through the decoder and through all that reads a value list. Aborts where
 * a promise of decode.h does not hold.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/decode.h"
#include "tests/fuzz/fuzz.h"

static void require(bool promise)
{
    if (!promise)
        abort();
}

/* Where the bytes are, so that a list can be held against them. */
struct input {
    const uint8_t *bytes;
    size_t length;
    size_t lists;
};

static void check_string(const struct input *in, const char *s)
{
    const uint8_t *at = (const uint8_t *)s;
    char clean[CDP_NAME_MAX];
    size_t n = strlen(s);

    require(n < CDP_NAME_MAX);
    require(n == 0 || (at >= in->bytes && at + n < in->bytes + in->length));
    require(cdp_name_clean(clean, s) == strlen(clean) && strlen(clean) <= n);
    for (const char *c = clean; *c != '\0'; c++)
        require(*c != '/' && (unsigned char)*c >= 0x20 && *c != 0x7f);
}

static void check_numbers(const struct cdp_value_list *list, enum cdp_group group)
{
    union cdp_number numbers[CDP_WIRE_METRICS];

    if (!cdp_numbers_from_list(list, group, numbers))
        return;
    for (size_t i = 0; i < cdp_groups[group].count; i++) {
        size_t m = cdp_groups[group].first + i;

        if (cdp_metrics[m].kind == CDP_GAUGE)
            require(isfinite(numbers[m].gauge) && numbers[m].gauge >= 0);
        else
            require(numbers[m].derive >= 0);
    }
}

static void take(void *context, const struct cdp_value_list *list)
{
    struct input *in = context;
    struct cdp_process process;

    in->lists++;
    check_string(in, list->host);
    check_string(in, list->plugin);
    check_string(in, list->plugin_instance);
    check_string(in, list->type);
    check_string(in, list->type_instance);
    require(list->count >= 1 && list->count <= CDP_VALUES_MAX);
    for (size_t i = 0; i < list->count; i++)
        require(list->values[i].kind <= CDP_VALUE_ABSOLUTE);
    for (size_t g = 0; g < CDP_WIRE_GROUPS; g++)
        check_numbers(list, (enum cdp_group)g);
    (void)!cdp_process_from_list(list, &process);
    require(cdp_group_of(list->type) <= CDP_WIRE_GROUPS);
    require(cdp_sqlalchemy_group_of(list->type) <= CDP_WIRE_GROUPS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size, 0};
    enum cdp_decoded result = cdp_decode(data, size, take, &in);

    require(result != CDP_SEALED || in.lists == 0);
    require(in.lists <= size / 15); /* the shortest values part */
    return 0;
}
