/* SPDX-License-Identifier: MIT */
/*
 * Decoding of datagrams of collectd's binary protocol. Nothing is allocated; whatever the bytes,
 * nothing outside the datagram is read. Any thread; nothing is shared.
 */
#ifndef CDP_DECODE_H
#define CDP_DECODE_H

#include "protocol/encode.h"

/* The values of one part that are looked at; a part with more is malformed. The largest wire type
   of metrics.def has 5, the stock types.db at most 16 that anybody sends. */
#define CDP_VALUES_MAX 32

/* One value list. The strings point into the datagram, are NUL-terminated, shorter than
   CDP_NAME_MAX, "" where the datagram did not say, and live as long as the datagram. */
struct cdp_value_list {
    const char *host;
    const char *plugin;
    const char *plugin_instance;
    const char *type;
    const char *type_instance;
    /* 2^-30 seconds, whichever part said it; 0: not said; UINT64_MAX: more seconds than fit. */
    uint64_t time;
    uint64_t interval; /* likewise */
    size_t count;
    struct cdp_value values[CDP_VALUES_MAX];
};

enum cdp_decoded {
    /* Every part was well-formed, and there was one; unknown part types were skipped. */
    CDP_DECODED,
    /* Decoding stopped at a part that is not, or at padding; what came before was delivered. */
    CDP_MALFORMED,
    /* A signature or encryption part came first: see seal.h. Further on it is malformed. */
    CDP_SEALED,
};

/* Called for each values part in turn; `list` is valid during the call only. */
typedef void cdp_take(void *context, const struct cdp_value_list *list);

enum cdp_decoded cdp_decode(const uint8_t *datagram, size_t length, cdp_take *take, void *context)
    __attribute__((nonnull(1, 3), warn_unused_result));

/* The wire group that a type names ("odbc_pool"), or CDP_WIRE_GROUPS if it names none. */
enum cdp_group cdp_group_of(const char *type) __attribute__((nonnull));

/* The same for sqlalchemy-collectd's types: "sqlalchemy_pool" and "sqlalchemy_totals" carry the
   values of the groups POOL and TOTALS. */
enum cdp_group cdp_sqlalchemy_group_of(const char *type) __attribute__((nonnull));

/* What a list of type CDP_PROCESS_TYPE says of its sender. */
struct cdp_process {
    uint64_t session;
    uint64_t sequence;
    bool farewell;
};

/* False, with nothing changed, if the type, the count or the kinds are not those that the encoder
   writes. */
bool cdp_process_from_list(const struct cdp_value_list *list, struct cdp_process *process)
    __attribute__((nonnull, warn_unused_result));

/* Puts the values of a list of the given group into numbers[first ..]. False, with nothing
   changed, if their count or kinds are not those of metrics.def, a gauge is not finite or is
   negative, or a derive is negative. */
bool cdp_numbers_from_list(const struct cdp_value_list *list, enum cdp_group group,
                           union cdp_number numbers[CDP_WIRE_METRICS])
    __attribute__((nonnull, warn_unused_result));

#endif
