/* SPDX-License-Identifier: MIT */
#ifndef CDP_METRICS_H
#define CDP_METRICS_H

#include <stddef.h>
#include <stdint.h>

/* The wire types, in the order of metrics.def; CDP_GROUP_PLUGIN is not on the wire. */
enum cdp_group {
#define CDP_GROUP(ID, wire_type) CDP_GROUP_##ID,
#include "protocol/metrics.def"
    CDP_GROUP_PLUGIN,
    CDP_WIRE_GROUPS = CDP_GROUP_PLUGIN
};

/* The metrics, in the order of metrics.def. */
enum cdp_metric {
#define CDP_METRIC(ID, ...) CDP_##ID,
#include "protocol/metrics.def"
    CDP_METRICS
};

/* Those that a process reports are the first CDP_WIRE_METRICS; the rest the plugin computes. */
enum { CDP_WIRE_METRICS = CDP_NUMPROCS };

enum cdp_kind { CDP_GAUGE, CDP_DERIVE };
enum cdp_merge { CDP_SUM, CDP_MAX };

struct cdp_metric_info {
    enum cdp_group group;
    enum cdp_kind kind;
    enum cdp_merge merge;
    const char *name;
    const char *type;
    const char *unit;
    const char *title;
    const char *sentence;
};

/* One row per metric, indexed by enum cdp_metric. Static, immutable; any thread. */
extern const struct cdp_metric_info cdp_metrics[CDP_METRICS];

struct cdp_group_info {
    const char *wire_type;
    enum cdp_metric first; /* the group's metrics are first .. first + count - 1 */
    size_t count;
};

/* One row per wire type, indexed by enum cdp_group. Static, immutable; any thread. */
extern const struct cdp_group_info cdp_groups[CDP_WIRE_GROUPS];

/* A metric's value; which member holds follows from cdp_metrics[].kind. */
union cdp_number {
    double gauge;
    int64_t derive;
};

#endif
