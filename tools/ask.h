/* SPDX-License-Identifier: MIT */
/* Finding the collectd that reports would go to, and asking it: protocol/probe.h. */
#ifndef TOOL_ASK_H
#define TOOL_ASK_H

#include "odbcshim/sender.h"
#include "protocol/probe.h"

/* The addresses of a host, as the shim would find them. */
struct tool_addresses {
    struct shim_addresses found;
    char reason[256]; /* why there are none; "" if there are */
};

/* Asks the name service, for at most 20 seconds. */
void tool_resolve(const char *host, int port, struct tool_addresses *addresses)
    __attribute__((nonnull));

/* Writes an address out, without its port. */
void tool_address_show(const struct sockaddr_storage *address, socklen_t length, char text[64])
    __attribute__((nonnull));

enum tool_heard_what {
    TOOL_HEARD_ANSWER,
    TOOL_HEARD_REFUSAL, /* the host says that nobody listens at this port */
    TOOL_HEARD_NOTHING,
    TOOL_HEARD_TROUBLE, /* it cannot be asked: `error` says why */
};

struct tool_heard {
    enum tool_heard_what what;
    int error;
    struct cdp_probe_answer answer;
};

/* Asks up to four times within two seconds. */
void tool_ask(const struct sockaddr_storage *address, socklen_t length, enum cdp_security level,
              const struct cdp_credentials *who, struct tool_heard *heard) __attribute__((nonnull));

#endif
