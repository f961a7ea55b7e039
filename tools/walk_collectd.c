/* SPDX-License-Identifier: MIT */
/* Owns what is said of the collectd that reports would go to. */
#include "tools/walk.h"

#include <stdio.h>
#include <string.h>

#include "tools/ask.h"

/* Ini files give values as they stand, with quotes and whatever is meant as a comment. */
static void say_unresolved(struct tool_walk *w)
{
    const char *host = w->settings->collectd_host;
    const char *strange = strpbrk(host, "\"'[]#; \t");

    if (strange != NULL)
        tool_step(
            &w->steps, TOOL_STEP_WRONG,
            "CollectdHost=%s cannot be resolved: no name and no address has '%c' in it, which "
            "is read as a part of it here. Take it out",
            host, *strange);
    else
        tool_step(&w->steps, TOOL_STEP_WRONG,
                  "CollectdHost=%s cannot be resolved: %s. Correct it, or give its address", host,
                  w->addresses.reason);
}

bool tool_check_address(struct tool_walk *w)
{
    const struct shim_settings *s = w->settings;
    char all[4 * 66] = "", one[64];

    tool_resolve(s->collectd_host, s->collectd_port, &w->addresses);
    if (w->addresses.found.count == 0) {
        say_unresolved(w);
        return false;
    }
    for (size_t i = 0; i < w->addresses.found.count; i++) {
        tool_address_show(&w->addresses.found.address[i], w->addresses.found.length[i], one);
        strcat(strcat(all, i > 0 ? ", " : ""), one);
    }
    tool_step(&w->steps, TOOL_STEP_OK, "%s is %s", s->collectd_host, all);
    return true;
}

static const char *const level_names[] = {"None", "Sign", "Encrypt"};

/* What the listener's answer means; true if reports are taken. */
static bool say_answer(struct tool_walk *w, const char *where, const struct cdp_probe_answer *a)
{
    const struct shim_settings *s = w->settings;

    switch (a->verdict) {
    case CDP_PROBE_WELCOME:
        tool_step(&w->steps, TOOL_STEP_OK,
                  "%s answers: plugin odbc, version %s, takes reports at CollectdSecurityLevel=%s",
                  where, a->version, level_names[s->security]);
        return true;
    case CDP_PROBE_LEVEL:
        tool_step(&w->steps, TOOL_STEP_WRONG,
                  "%s refuses reports at CollectdSecurityLevel=%s, for its SecurityLevel is %s: "
                  "set CollectdSecurityLevel to that, with CollectdUsername and CollectdPassword",
                  where, level_names[s->security], level_names[a->demanded]);
        return false;
    case CDP_PROBE_CREDENTIALS:
        tool_step(&w->steps, TOOL_STEP_WRONG,
                  "%s refuses CollectdUsername or CollectdPassword: compare them with the AuthFile "
                  "of its Listen, if it has one (its SecurityLevel is %s)",
                  where, level_names[a->demanded]);
        break;
    }
    return false;
}

static void say_silence(struct tool_walk *w, const char *where, const struct tool_heard *heard)
{
    int port = w->settings->collectd_port;

    if (heard->what == TOOL_HEARD_REFUSAL)
        tool_step(&w->steps, TOOL_STEP_WRONG,
                  "nobody listens at %s: start collectd there, with LoadPlugin odbc and a Listen "
                  "for this address and port; see collectd-odbc(5)",
                  where);
    else if (heard->what == TOOL_HEARD_TROUBLE)
        tool_step(&w->steps, TOOL_STEP_WRONG, "%s cannot be asked: %s", where,
                  strerror(heard->error));
    else if (w->settings->plugin == SHIM_PLUGIN_SQLALCHEMY)
        tool_step(&w->steps, TOOL_STEP_WARNING,
                  "%s does not answer, as a server of sqlalchemy-collectd would not; the plugin "
                  "odbc would",
                  where);
    else
        tool_step(&w->steps, TOOL_STEP_WRONG,
                  "%s does not answer: collectd with the plugin odbc is not running there, or has "
                  "no Listen for this port, or something else has it, or a firewall drops UDP port "
                  "%d",
                  where, port);
}

/* The shim sends to the first address that does not refuse. */
bool tool_check_collectd(struct tool_walk *w)
{
    static const enum cdp_security levels[] = {CDP_SECURITY_NONE, CDP_SECURITY_SIGN,
                                               CDP_SECURITY_ENCRYPT};
    const struct shim_addresses *all = &w->addresses.found;
    struct cdp_credentials who = {.user = ""};
    struct tool_heard heard = {.what = TOOL_HEARD_NOTHING};
    char address[64], where[80];

    (void)snprintf(who.user, sizeof(who.user), "%s", w->settings->username);
    (void)snprintf(who.password, sizeof(who.password), "%s", w->settings->password);
    for (size_t i = 0; i < all->count; i++) {
        tool_ask(&all->address[i], all->length[i], levels[w->settings->security], &who, &heard);
        tool_address_show(&all->address[i], all->length[i], address);
        (void)snprintf(where, sizeof(where), "%s port %d", address, w->settings->collectd_port);
        if (heard.what != TOOL_HEARD_REFUSAL && heard.what != TOOL_HEARD_TROUBLE)
            break;
    }
    explicit_bzero(&who, sizeof(who));
    if (heard.what == TOOL_HEARD_ANSWER)
        return say_answer(w, where, &heard.answer);
    say_silence(w, where, &heard);
    return false;
}
