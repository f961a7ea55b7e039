/* SPDX-License-Identifier: MIT */
/*
 * Owns the metric table as data. All of it comes from metrics.def; what stands here besides are the
 * compile-time checks that its rows are in the order that everything else relies on.
 */
#include "protocol/metrics.h"

#include <assert.h>

const struct cdp_metric_info cdp_metrics[] = {
#define CDP_METRIC(ID, GROUP, name, KIND, MERGE, type, unit, title, sentence)                      \
    [CDP_##ID] = {CDP_GROUP_##GROUP, CDP_##KIND, CDP_##MERGE, name, type, unit, title, sentence},
#include "protocol/metrics.def"
};
static_assert(sizeof(cdp_metrics) / sizeof(cdp_metrics[0]) == CDP_METRICS, "a row per metric");

/* FIRST_<group> is the index of the group's first metric: BEFORE_ takes back the number that the
   enumerator of the group itself used up. */
enum {
#define CDP_GROUP(ID, wire_type) FIRST_##ID, BEFORE_##ID = FIRST_##ID - 1,
#define CDP_METRIC(ID, ...)      AT_##ID,
#include "protocol/metrics.def"
    ROWS,
    FIRST_PLUGIN = CDP_WIRE_METRICS
};
static_assert((int)ROWS == (int)CDP_METRICS, "the groups' own enumerators take no number");

/* The number of rows of every group, in 8 bits each. */
#define COUNT_BITS 8
static_assert(COUNT_BITS * (CDP_WIRE_GROUPS + 1) <= 64, "the counts of all groups fit");
static_assert(CDP_METRICS < 1 << COUNT_BITS, "the count of one group fits");

enum counts {
    COUNTS = 0ull
#define CDP_METRIC(ID, GROUP, ...) +(1ull << (COUNT_BITS * CDP_GROUP_##GROUP))
#include "protocol/metrics.def"
};
#define COUNT(ID) ((COUNTS >> (COUNT_BITS * CDP_GROUP_##ID)) & ((1u << COUNT_BITS) - 1))

const struct cdp_group_info cdp_groups[] = {
#define CDP_GROUP(ID, wire_type)                                                                   \
    [CDP_GROUP_##ID] = {wire_type, (enum cdp_metric)FIRST_##ID, (size_t)COUNT(ID)},
#include "protocol/metrics.def"
};
static_assert(sizeof(cdp_groups) / sizeof(cdp_groups[0]) == CDP_WIRE_GROUPS, "a row per wire type");

/* The rows of a group stand together, directly below it, and the plugin's own come last. */
#define CDP_METRIC(ID, GROUP, ...)                                                                 \
    static_assert((int)CDP_##ID >= (int)FIRST_##GROUP &&                                           \
                      (int)CDP_##ID < (int)FIRST_##GROUP + (int)COUNT(GROUP),                      \
                  #ID " stands outside of its group");
#include "protocol/metrics.def"
