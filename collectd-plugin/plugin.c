/* SPDX-License-Identifier: MIT */
/*
 * Owns the plugin's life within collectd: configure, open, read at every interval, close. The only
 * module that calls collectd.
 */
#include <collectd/core/daemon/plugin.h>

#include <stdatomic.h>

#include "collectd-plugin/console.h"
#include "collectd-plugin/dispatch.h"
#include "collectd-plugin/ticks.h"

/* collectd looks it up by name. */
void module_register(void) __attribute__((visibility("default")));

/* Filled by collectd's main thread before its read threads run; `receiver` alone is shared. */
static struct plug_config configuration;
static bool configuration_is_bad;
static struct plug_receiver *receiver;
static struct plug_complaints complaints;
/* Set while write threads may run already: that of another plugin's values. */
static struct plug_console *_Atomic console;

static void log_to_collectd(enum plug_log_level level, const char *message)
{
    static const int severities[] = {
        [PLUG_DEBUG] = LOG_INFO, /* collectd as packaged has no debug messages */
        [PLUG_INFO] = LOG_INFO,
        [PLUG_WARNING] = LOG_WARNING,
        [PLUG_ERROR] = LOG_ERR,
    };

    plugin_log(severities[level], "odbc plugin: %s", message);
}

/* `out` is all zero. */
static void put_name(char out[DATA_MAX_NAME_LEN], const char *name)
{
    if (name != NULL)
        memcpy(out, name, strnlen(name, DATA_MAX_NAME_LEN - 1));
}

static void log_value(const value_list_t *list, const struct plug_value *value)
{
    if (value->is_derive)
        plug_log(PLUG_DEBUG, "%s/%s-%s/%s-%s %lld", list->host, list->plugin, list->plugin_instance,
                 list->type, list->type_instance, (long long)value->number.derive);
    else
        plug_log(PLUG_DEBUG, "%s/%s-%s/%s-%s %g", list->host, list->plugin, list->plugin_instance,
                 list->type, list->type_instance, value->number.gauge);
}

static void dispatch_to_collectd(void *context, const struct plug_value *value)
{
    const cdtime_t *now = context;
    value_t number;
    value_list_t list = {.values = &number, .values_len = 1, .time = *now};

    if (value->is_derive)
        number.derive = value->number.derive;
    else
        number.gauge = value->number.gauge;
    put_name(list.host, value->host != NULL ? value->host : hostname_g);
    put_name(list.plugin, value->plugin);
    put_name(list.plugin_instance, value->plugin_instance);
    put_name(list.type, value->type);
    put_name(list.type_instance, value->type_instance);
    if (plug_log_wants(PLUG_DEBUG))
        log_value(&list, value);
    plugin_dispatch_values(&list);
}

static int on_read(user_data_t *unused)
{
    int64_t counters[PLUG_COUNTERS];
    cdtime_t now = cdtime();

    (void)unused;
    plug_dispatch(receiver, plug_now(), dispatch_to_collectd, &now);
    plug_receiver_counters(receiver, counters);
    plug_complain(&complaints, counters, plug_now());
    return 0;
}

/* Every value list that passes through this collectd, from here or from elsewhere. */
static int on_write(const data_set_t *set, const value_list_t *list, user_data_t *unused)
{
    struct plug_console *c = atomic_load(&console);
    struct plug_outgoing out = {.host = list->host,
                                .plugin = list->plugin,
                                .plugin_instance = list->plugin_instance,
                                .type = list->type,
                                .type_instance = list->type_instance,
                                .time = list->time,
                                .interval = list->interval};

    (void)unused;
    if (c == NULL || list->values_len != 1 ||
        (strcmp(list->plugin, "odbc") != 0 && strcmp(list->plugin, "sqlalchemy") != 0))
        return 0;
    if (set->ds[0].type == DS_TYPE_GAUGE) {
        out.value.kind = CDP_VALUE_GAUGE;
        out.value.gauge = list->values[0].gauge;
    } else if (set->ds[0].type == DS_TYPE_DERIVE) {
        out.value.kind = CDP_VALUE_DERIVE;
        out.value.derive = list->values[0].derive;
    } else
        return 0;
    plug_console_put(c, &out);
    return 0;
}

static bool has_consoles(void)
{
    return configuration.consoles.count > 0 || configuration.monitors.count > 0;
}

/* A bad block makes collectd give up; one that does not is kept from running by on_init. */
static int on_config(oconfig_item_t *block)
{
    static bool writes;

    plug_log_to(log_to_collectd, PLUG_INFO);
    if (!plug_config_read(&configuration, block))
        configuration_is_bad = true;
    if (configuration_is_bad)
        return -1;
    /* Not later: collectd's list of writers is walked without a lock once values flow. */
    if (has_consoles() && !writes)
        writes = plugin_register_write("odbc", on_write, NULL) == 0;
    return 0;
}

static bool open_receiver(void)
{
    if (configuration.count == 0) {
        plug_log(PLUG_INFO, "no Listen: reports are not received here");
        return true;
    }
    receiver = plug_receiver_new(&configuration);
    if (receiver == NULL || !plug_receiver_start(receiver))
        return false;
    for (size_t i = 0; i < configuration.count; i++)
        plug_log(PLUG_INFO, "listening on \"%s\" port %s", configuration.listens[i].address,
                 configuration.listens[i].port);
    return true;
}

static bool open_console(void)
{
    struct plug_console *c;

    if (!has_consoles())
        return true;
    c = plug_console_new(&configuration.consoles, &configuration.monitors);
    atomic_store(&console, c);
    for (size_t i = 0; c != NULL && i < configuration.consoles.count; i++)
        plug_log(PLUG_INFO, "serving consoles on \"%s\" port %s",
                 configuration.consoles.list[i].address, configuration.consoles.list[i].port);
    return c != NULL;
}

static int on_init(void)
{
    if (receiver != NULL || atomic_load(&console) != NULL)
        return 0;
    plug_log_to(log_to_collectd, configuration.log_level);
    if (configuration_is_bad || !plug_config_finish(&configuration))
        return -1;
    if (!open_receiver() || !open_console()) {
        plug_receiver_free(&receiver);
        return -1;
    }
    return receiver == NULL ? 0 : plugin_register_complex_read(NULL, "odbc", on_read, 0, NULL);
}

/* No read or write callback runs any more. */
static int on_shutdown(void)
{
    struct plug_console *c = atomic_exchange(&console, NULL);

    plug_receiver_free(&receiver);
    plug_console_free(&c);
    plug_config_fini(&configuration);
    return 0;
}

void module_register(void)
{
    plug_config_init(&configuration);
    (void)plugin_register_complex_config("odbc", on_config);
    (void)plugin_register_init("odbc", on_init);
    (void)plugin_register_shutdown("odbc", on_shutdown);
}
