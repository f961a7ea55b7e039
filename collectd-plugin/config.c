/* SPDX-License-Identifier: MIT */
/* Owns which options there are, what they may be, and what is said of a bad one. */
#include "collectd-plugin/config.h"

#include <liboconfig/oconfig.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "collectd-plugin/auth.h"
#include "protocol/subscription.h"

struct choice {
    const char *name;
    int value;
};

static const struct choice log_levels[] = {
    {"debug", PLUG_DEBUG},
    {"info", PLUG_INFO},
    {"warning", PLUG_WARNING},
    {"error", PLUG_ERROR},
    {0},
};
static const struct choice security_levels[] = {
    {"None", CDP_SECURITY_NONE},
    {"Sign", CDP_SECURITY_SIGN},
    {"Encrypt", CDP_SECURITY_ENCRYPT},
    {0},
};

void plug_config_init(struct plug_config *config)
{
    *config = (struct plug_config){
        .rows_max = PLUG_ROWS_DEFAULT, .log_level = PLUG_INFO, .level = CDP_SECURITY_NONE};
}

static void free_endpoints(struct plug_endpoints *endpoints)
{
    for (size_t i = 0; i < endpoints->count; i++)
        free(endpoints->list[i].address);
    free(endpoints->list);
}

void plug_config_fini(struct plug_config *config)
{
    for (size_t i = 0; i < config->count; i++) {
        free(config->listens[i].address);
        free(config->listens[i].auth_file);
    }
    free(config->listens);
    free(config->auth_file);
    free_endpoints(&config->consoles);
    free_endpoints(&config->monitors);
    plug_config_init(config);
}

/* An option's value as the user wrote it, for messages. */
static const char *show(const oconfig_item_t *item, int index, char text[64])
{
    const oconfig_value_t *value;

    if (index >= item->values_num)
        return "(nothing)";
    value = &item->values[index];
    if (value->type == OCONFIG_TYPE_STRING)
        return value->value.string;
    if (value->type == OCONFIG_TYPE_NUMBER)
        (void)snprintf(text, 64, "%.15g", value->value.number);
    else
        (void)snprintf(text, 64, "%s", value->value.boolean ? "true" : "false");
    return text;
}

static bool refuse(const oconfig_item_t *item, int index, const char *allowed)
{
    char text[64];

    plug_log(PLUG_ERROR, "%s \"%s\": %s", item->key, show(item, index, text), allowed);
    return false;
}

static bool has_values(const oconfig_item_t *item, int least, int most, const char *allowed)
{
    if (item->values_num >= least && item->values_num <= most)
        return true;
    plug_log(PLUG_ERROR, "%s has %d values: %s", item->key, item->values_num, allowed);
    return false;
}

static bool has_no_block(const oconfig_item_t *item)
{
    if (item->children_num == 0)
        return true;
    plug_log(PLUG_ERROR, "<%s>: this option has no block", item->key);
    return false;
}

static bool read_choice(const oconfig_item_t *item, const struct choice *choices, int *value)
{
    char allowed[128] = "allowed are";

    if (!has_no_block(item) || !has_values(item, 1, 1, "it takes one"))
        return false;
    for (const struct choice *c = choices; c->name != NULL; c++) {
        if (item->values[0].type == OCONFIG_TYPE_STRING &&
            strcasecmp(item->values[0].value.string, c->name) == 0) {
            *value = c->value;
            return true;
        }
        strcat(strcat(strcat(allowed, c == choices ? " \"" : ", \""), c->name), "\"");
    }
    return refuse(item, 0, allowed);
}

static bool copy_string(const oconfig_item_t *item, int index, char **out, const char *allowed)
{
    char *copy;

    if (item->values[index].type != OCONFIG_TYPE_STRING ||
        item->values[index].value.string[0] == '\0')
        return refuse(item, index, allowed);
    copy = strdup(item->values[index].value.string);
    if (copy == NULL)
        return refuse(item, index, "out of memory");
    free(*out);
    *out = copy;
    return true;
}

/* A whole number, written with or without quotes. */
static bool read_number(const oconfig_item_t *item, int index, const char *what, long least,
                        long most, long *out)
{
    char text[64];
    char allowed[64];
    char *end;
    const char *shown = show(item, index, text);

    *out = strtol(shown, &end, 10);
    if (end != shown && *end == '\0' && *out >= least && *out <= most &&
        item->values[index].type != OCONFIG_TYPE_BOOLEAN)
        return true;
    (void)snprintf(allowed, sizeof(allowed), "allowed is a %s from %ld to %ld", what, least, most);
    return refuse(item, index, allowed);
}

static bool read_level(const oconfig_item_t *item, enum cdp_security *level)
{
    int value;

    if (!read_choice(item, security_levels, &value))
        return false;
    *level = (enum cdp_security)value;
    return true;
}

static bool read_auth_file(const oconfig_item_t *item, char **path)
{
    return has_no_block(item) && has_values(item, 1, 1, "it takes the path of one file") &&
           copy_string(item, 0, path, "allowed is the path of a file");
}

static bool read_listen_option(struct plug_listen *listen, const oconfig_item_t *item)
{
    if (strcasecmp(item->key, "SecurityLevel") == 0) {
        listen->has_level = true;
        return read_level(item, &listen->level);
    }
    if (strcasecmp(item->key, "AuthFile") == 0)
        return read_auth_file(item, &listen->auth_file);
    return refuse(item, 0, "no such option in <Listen>; there are SecurityLevel and AuthFile");
}

static struct plug_listen *add_listen(struct plug_config *config)
{
    struct plug_listen *more =
        realloc(config->listens, (config->count + 1) * sizeof(*config->listens));

    if (more == NULL) {
        plug_log(PLUG_ERROR, "Listen: out of memory");
        return NULL;
    }
    config->listens = more;
    more[config->count] = (struct plug_listen){.port = PLUG_PORT_DEFAULT};
    return &more[config->count++];
}

/* The second value. */
static bool read_port(const oconfig_item_t *item, char port[6])
{
    long number;

    if (!read_number(item, 1, "port number", 1, 65535, &number))
        return false;
    (void)snprintf(port, 6, "%u", (unsigned)number & 0xffff);
    return true;
}

static bool read_listen(struct plug_config *config, const oconfig_item_t *item)
{
    struct plug_listen *listen;
    bool ok = true;

    if (!has_values(item, 1, 2,
                    "it takes an address, and a port if it is not " PLUG_PORT_DEFAULT) ||
        (listen = add_listen(config)) == NULL)
        return false;
    if (!copy_string(item, 0, &listen->address, "allowed is the name or the address of this host"))
        ok = false;
    if (item->values_num == 2)
        ok &= read_port(item, listen->port);
    for (int i = 0; i < item->children_num; i++)
        ok &= read_listen_option(listen, &item->children[i]);
    return ok;
}

static bool read_endpoint(struct plug_endpoints *endpoints, const oconfig_item_t *item,
                          const char *allowed)
{
    struct plug_endpoint *more;

    if (!has_no_block(item) ||
        !has_values(item, 1, 2, "it takes an address, and a port if it is not " CDP_CONSOLE_PORT))
        return false;
    more = realloc(endpoints->list, (endpoints->count + 1) * sizeof(*endpoints->list));
    if (more == NULL)
        return refuse(item, 0, "out of memory");
    endpoints->list = more;
    more += endpoints->count++;
    *more = (struct plug_endpoint){.port = CDP_CONSOLE_PORT};
    return copy_string(item, 0, &more->address, allowed) &&
           (item->values_num == 1 || read_port(item, more->port));
}

static bool read_console(struct plug_config *config, const oconfig_item_t *item)
{
    return read_endpoint(&config->consoles, item,
                         "allowed is the name or the address of this host");
}

static bool read_monitor(struct plug_config *config, const oconfig_item_t *item)
{
    return read_endpoint(&config->monitors, item, "allowed is the name or the address of a host");
}

static bool read_log_level(struct plug_config *config, const oconfig_item_t *item)
{
    int value;

    if (!read_choice(item, log_levels, &value))
        return false;
    config->log_level = (enum plug_log_level)value;
    return true;
}

static bool read_max_processes(struct plug_config *config, const oconfig_item_t *item)
{
    long rows;

    if (!has_no_block(item) || !has_values(item, 1, 1, "it takes one") ||
        !read_number(item, 0, "number", 1, PLUG_ROWS_MAX, &rows))
        return false;
    config->rows_max = (size_t)rows;
    return true;
}

static bool read_default_level(struct plug_config *config, const oconfig_item_t *item)
{
    return read_level(item, &config->level);
}

static bool read_default_auth_file(struct plug_config *config, const oconfig_item_t *item)
{
    return read_auth_file(item, &config->auth_file);
}

static const struct option {
    const char *name;
    bool (*read)(struct plug_config *config, const oconfig_item_t *item);
} options[] = {
    {"AuthFile", read_default_auth_file},
    {"Console", read_console},
    {"Listen", read_listen},
    {"LogLevel", read_log_level},
    {"MaxProcesses", read_max_processes},
    {"Monitor", read_monitor},
    {"SecurityLevel", read_default_level},
};

static bool read_option(struct plug_config *config, const oconfig_item_t *item)
{
    char known[160] = "no such option; there are";

    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (strcasecmp(item->key, options[i].name) == 0)
            return options[i].read(config, item);
        strcat(strcat(known, i == 0 ? " " : ", "), options[i].name);
    }
    return refuse(item, 0, known);
}

/* Where it listens if nothing else is said. */
static char everywhere[][sizeof("0.0.0.0")] = {"::", "0.0.0.0"};

static bool add_defaults(struct plug_config *config)
{
    for (size_t i = 0; i < sizeof(everywhere) / sizeof(everywhere[0]); i++) {
        struct plug_listen *listen = add_listen(config);

        if (listen == NULL || (listen->address = strdup(everywhere[i])) == NULL)
            return false;
        listen->is_default = true;
    }
    return true;
}

static bool finish_listen(const struct plug_config *config, struct plug_listen *listen)
{
    if (!listen->has_level)
        listen->level = config->level;
    if (listen->auth_file == NULL && config->auth_file != NULL &&
        (listen->auth_file = strdup(config->auth_file)) == NULL)
        return false;
    if (listen->auth_file != NULL) {
        char error[512];
        struct plug_auth *auth = plug_auth_new(listen->auth_file, error, sizeof(error));

        if (auth == NULL) {
            plug_log(PLUG_ERROR, "%s", error);
            return false;
        }
        plug_auth_free(&auth);
        return true;
    }
    if (listen->level == CDP_SECURITY_NONE)
        return true;
    plug_log(PLUG_ERROR,
             "SecurityLevel \"%s\" of Listen \"%s\" \"%s\": it needs an AuthFile with the users "
             "and passwords that are accepted",
             security_levels[listen->level].name, listen->address, listen->port);
    return false;
}

/* One that has something to do without a listener gets none that nobody asked for. */
static bool wants_defaults(const struct plug_config *config)
{
    return config->count == 0 && config->consoles.count == 0 && config->monitors.count == 0;
}

/* What a block says must make sense by the end of that block: there is no later moment at which a
   plugin can keep collectd from starting. */
static bool finish_block(struct plug_config *config, size_t first)
{
    struct plug_listen any = {.address = everywhere[0], .port = PLUG_PORT_DEFAULT};
    bool ok = true;

    for (size_t i = first; i < config->count; i++)
        ok &= finish_listen(config, &config->listens[i]);
    if (!wants_defaults(config))
        return ok;
    ok = finish_listen(config, &any); /* as the default ones will be */
    free(any.auth_file);
    return ok;
}

bool plug_config_read(struct plug_config *config, const oconfig_item_t *block)
{
    size_t first = config->count;
    bool ok = true;

    for (int i = 0; i < block->children_num; i++)
        ok &= read_option(config, &block->children[i]);
    return ok && finish_block(config, first);
}

bool plug_config_finish(struct plug_config *config)
{
    bool ok = !wants_defaults(config) || add_defaults(config);

    for (size_t i = 0; i < config->count; i++)
        if (config->listens[i].is_default)
            ok = ok && finish_listen(config, &config->listens[i]);
    return ok;
}
