/* SPDX-License-Identifier: MIT */
/* Owns the advice, and puts host and port into it. */
#include "connmon/advice.h"

#include <stdio.h>
#include <string.h>

/* HOST and PORT stand for where we look. */
static const char *const advice_silence[] = {
    "Nothing answers at HOST, port PORT. Check that",
    "- collectd runs there: systemctl status collectd",
    "- its configuration has, within <Plugin odbc>:  Console \"HOST\" \"PORT\"",
    "- from another host: the Console address is one that this host can reach, and a",
    "  firewall lets UDP through to port PORT and back",
    NULL,
};
static const char *const advice_refused[] = {
    "Nobody listens at HOST, port PORT. Check that",
    "- collectd runs there: systemctl status collectd",
    "- its configuration has, within <Plugin odbc>:  Console \"HOST\" \"PORT\"",
    "- its log says nothing of a Console that could not be opened",
    NULL,
};
static const char *const advice_full[] = {
    "The collectd at HOST, port PORT serves as many consoles as it can.",
    "Close some; one that was killed is forgotten after half a minute.",
    NULL,
};
static const char *const advice_no_figures[] = {
    "The collectd at HOST, port PORT answers, but has no figures yet. They come once",
    "in each of its intervals (10 s, if it does not say otherwise). If none come, check that",
    "- programs use a DSN of the shim: odbcshim list",
    "- they report to this collectd: CollectdHost and CollectdPort in odbcshim.ini",
    "- on an aggregating collectd: the other hosts' network plugin sends here",
    NULL,
};
static const char *const advice_listening[] = {
    "Listening on HOST, port PORT, and nothing has come. Check that",
    "- collectd runs, and its configuration has, within <Plugin odbc>:",
    "  Monitor \"this host\" \"PORT\"",
    "- a firewall lets UDP in to port PORT",
    NULL,
};
static const char *const advice_stopped[] = {
    "Figures came from HOST, port PORT, and have stopped. Check that collectd still runs.",
    NULL,
};

static const char *const *advice_for(enum mon_feed_state state, bool listens)
{
    switch (state) {
    case MON_FEED_WAITING:
        return listens ? advice_listening : advice_silence;
    case MON_FEED_REFUSED:
        return advice_refused;
    case MON_FEED_FULL:
        return advice_full;
    case MON_FEED_ANSWERED:
        return advice_no_figures;
    case MON_FEED_STOPPED:
        return advice_stopped;
    case MON_FEED_FLOWING:
        break;
    }
    return NULL;
}

bool mon_advice(enum mon_feed_state state, bool listens, const char *host, const char *port,
                size_t n, char line[MON_ADVICE_BYTES])
{
    const char *const *lines = advice_for(state, listens);
    size_t used = 0;

    while (lines != NULL && n > 0 && lines[0] != NULL) {
        lines++;
        n--;
    }
    if (lines == NULL || lines[0] == NULL)
        return false;
    line[0] = '\0';
    for (const char *s = lines[0]; *s != '\0' && used + 1 < MON_ADVICE_BYTES;) {
        bool is_host = strncmp(s, "HOST", 4) == 0, is_port = strncmp(s, "PORT", 4) == 0;
        char one[2] = {*s, '\0'};

        used += (size_t)snprintf(line + used, MON_ADVICE_BYTES - used, "%s",
                                 is_host   ? host
                                 : is_port ? port
                                           : one);
        s += is_host || is_port ? 4 : 1;
    }
    return true;
}
