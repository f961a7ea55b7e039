/* SPDX-License-Identifier: MIT */
/* Owns the rules for what a whole datagram may say. */
#include "collectd-plugin/intake.h"

#include <string.h>

#include "collectd-plugin/counters.h"
#include "protocol/decode.h"

/* The plugin names that are for us, and what their types mean. */
static const struct source {
    const char *plugin;
    enum plug_source source;
    enum cdp_group (*group_of)(const char *type);
} sources[] = {
    {"odbc", PLUG_ODBC, cdp_group_of},
    {"sqlalchemy", PLUG_SQLALCHEMY, cdp_sqlalchemy_group_of},
};

struct intake {
    struct plug_report *report;
    const struct source *source; /* NULL until something was for us */
    const char *host, *token;    /* as the datagram has them */
    const char *program;         /* of the last of report->programs */
    const char *plugin;          /* of the last list; a sender says it once */
    const struct source *speaks; /* whose that is */
    enum cdp_group next;         /* after that of the last list; senders keep to the order */
    bool malformed;
};

static const struct source *source_of(const char *plugin)
{
    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
        if (strcmp(plugin, sources[i].plugin) == 0)
            return &sources[i];
    return NULL;
}

/* What a type names, the next in order first. */
static enum cdp_group group_of(struct intake *in, const char *type)
{
    enum cdp_group group = in->next;

    if (in->speaks->source != PLUG_ODBC || group >= CDP_WIRE_GROUPS ||
        strcmp(type, cdp_groups[group].wire_type) != 0)
        group = in->speaks->group_of(type);
    in->next = group < CDP_WIRE_GROUPS ? group + 1 : 0;
    return group;
}

static bool is_same(const char *a, const char *b)
{
    return a == b || strcmp(a, b) == 0;
}

static void clean_program(char out[CDP_NAME_MAX], const char *name)
{
    size_t n = cdp_name_clean(out, name);

    if (n == 0)
        strcpy(out, "unnamed");
    else if (strcmp(out, "host") == 0 || strcmp(out, PLUG_SELF) == 0)
        strcpy(out + n, "_");
}

/* The first list says who speaks; the others must say the same. */
static bool take_identity(struct intake *in, const struct source *source,
                          const struct cdp_value_list *list)
{
    struct plug_report *report = in->report;

    if (in->source != NULL)
        return source == in->source && is_same(list->host, in->host) &&
               is_same(list->type_instance, in->token);
    if (list->host[0] == '\0' || list->type_instance[0] == '\0')
        return false;
    in->source = source;
    in->host = list->host;
    in->token = list->type_instance;
    report->source = source->source;
    cdp_name_clean(report->host, list->host);
    if (report->host[0] == '.')
        report->host[0] = '_';
    cdp_name_clean(report->token, list->type_instance);
    report->time = list->time;
    report->interval = list->interval;
    return true;
}

/* The process part comes once, before the programs. */
static bool take_process(struct plug_report *report, const struct cdp_value_list *list)
{
    struct cdp_process process;

    if (report->sequenced || report->count > 0 || !cdp_process_from_list(list, &process))
        return false;
    report->sequenced = true;
    report->session = process.session;
    report->sequence = process.sequence;
    report->farewell = process.farewell;
    return true;
}

static bool take_group(struct intake *in, enum cdp_group group, const struct cdp_value_list *list)
{
    struct plug_report *report = in->report;
    struct plug_program *program;

    if (report->count == 0 || !is_same(list->plugin_instance, in->program)) {
        if (report->count == PLUG_PROGRAMS_MAX)
            return false;
        program = &report->programs[report->count++];
        program->groups = 0;
        clean_program(program->name, list->plugin_instance);
        in->program = list->plugin_instance;
    }
    program = &report->programs[report->count - 1];
    program->groups |= 1u << group;
    return cdp_numbers_from_list(list, group, program->values);
}

static void take_list(void *context, const struct cdp_value_list *list)
{
    struct intake *in = context;
    bool is_process, taken;
    enum cdp_group group;

    if (in->malformed)
        return;
    if (list->plugin != in->plugin) {
        in->plugin = list->plugin;
        in->speaks = source_of(list->plugin);
    }
    if (in->speaks == NULL)
        return;
    is_process = in->speaks->source == PLUG_ODBC && strcmp(list->type, CDP_PROCESS_TYPE) == 0;
    group = is_process ? CDP_WIRE_GROUPS : group_of(in, list->type);
    if (group == CDP_WIRE_GROUPS && !is_process)
        return; /* of a later version */
    taken = take_identity(in, in->speaks, list) &&
            (is_process ? take_process(in->report, list) : take_group(in, group, list));
    in->malformed = !taken;
}

enum plug_intake plug_intake(const uint8_t *datagram, size_t length, struct plug_report *report)
{
    struct intake in = {.report = report};

    report->sequenced = report->farewell = report->is_proven = false;
    report->session = report->sequence = report->key = 0;
    report->count = 0;
    if (cdp_decode(datagram, length, take_list, &in) != CDP_DECODED || in.malformed)
        return PLUG_INTAKE_MALFORMED;
    return in.source != NULL ? PLUG_REPORT : PLUG_INTAKE_FOREIGN;
}
