/* SPDX-License-Identifier: MIT */
/*
 * How a console subscribes to a collectd's figures, by UDP.
 *
 *     console                          collectd
 *        HELO version 0 0 0 cookie  ->          the cookie is 0 at first
 *                                  <-  COOK version 0 0 0 cookie
 *        HELO version 0 0 0 cookie  ->          from here on the figures come
 *                                  <-  COOK version 0 0 0 cookie
 *
 * The cookie is good for the address that it was given to, for a minute or two; each answer brings
 * a fresh one. So nobody can have figures sent to an address that is not his own. A console on
 * loopback needs none. The console repeats itself every CDP_SUBSCRIPTION_REPEAT_S; after
 * CDP_SUBSCRIPTION_S without that it is forgotten. An answer is as long as the request, so that
 * nothing is amplified; FULL in the place of COOK says that there are too many consoles.
 *
 * A collectd that pushes (Monitor) needs no subscription. A console that it pushes to says HELO
 * back to where the figures come from, as often, to have them in full datagrams; one that does not
 * gets one value list per datagram, as sqlalchemy-collectd's console wants them.
 *
 * The four bytes HELO alone are sqlalchemy-collectd's console, which is taken on loopback only.
 *
 * The figures come as datagrams of collectd's binary protocol.
 */
#ifndef CDP_SUBSCRIPTION_H
#define CDP_SUBSCRIPTION_H

#include "protocol/buffer.h"

#define CDP_CONSOLE_PORT          "25828"
#define CDP_SUBSCRIPTION_VERSION  1
#define CDP_SUBSCRIPTION_BYTES    16
#define CDP_SUBSCRIPTION_S        30
#define CDP_SUBSCRIPTION_REPEAT_S 5

#define CDP_HELO "HELO"
#define CDP_COOK "COOK"
#define CDP_FULL "FULL"

/* Writes one message of the exchange. */
static inline void cdp_subscription_put(uint8_t out[CDP_SUBSCRIPTION_BYTES], const char word[5],
                                        uint64_t cookie)
{
    struct cdp_buffer b;

    cdp_buffer_init(&b, out, CDP_SUBSCRIPTION_BYTES);
    cdp_buffer_put_bytes(&b, word, 4);
    cdp_buffer_put_u8(&b, CDP_SUBSCRIPTION_VERSION);
    cdp_buffer_put_bytes(&b, "\0\0", 3);
    cdp_buffer_put_u64(&b, cookie);
}

/* Whether these bytes are that message; if so its cookie. */
__attribute__((warn_unused_result)) static inline bool
cdp_subscription_get(const uint8_t *bytes, size_t length, const char word[5], uint64_t *cookie)
{
    static const uint8_t version[4] = {CDP_SUBSCRIPTION_VERSION};
    struct cdp_cursor c = {.at = bytes + 8, .left = 8};

    return length == CDP_SUBSCRIPTION_BYTES && memcmp(bytes, word, 4) == 0 &&
           memcmp(bytes + 4, version, 4) == 0 && cdp_cursor_u64(&c, cookie);
}

#endif
