/* SPDX-License-Identifier: MIT */
/*
 * Where figures come from: subscribes to a collectd (protocol/subscription.h), or listens for one
 * that pushes. What comes goes into the model. Never blocks; one thread.
 */
#ifndef MON_FEED_H
#define MON_FEED_H

#include <poll.h>

#include "connmon/model.h"

struct mon_feed;

enum mon_feed_state {
    MON_FEED_WAITING,  /* nothing has come yet */
    MON_FEED_REFUSED,  /* the host says that nobody listens there */
    MON_FEED_FULL,     /* the collectd serves as many consoles as it can */
    MON_FEED_ANSWERED, /* the collectd has answered; no figures so far */
    MON_FEED_FLOWING,  /* figures come */
    MON_FEED_STOPPED,  /* they came, and no longer do */
};

/* A name may have addresses of either family: the first that answers is kept. */
#define MON_FEED_SOCKETS 4

/* Opens the sockets. NULL with a message in `error`, which names host and port. */
struct mon_feed *mon_feed_connect(const char *host, const char *port, char *error,
                                  size_t error_bytes) __attribute__((nonnull, warn_unused_result));
struct mon_feed *mon_feed_listen(const char *host, const char *port, char *error,
                                 size_t error_bytes) __attribute__((nonnull, warn_unused_result));
void mon_feed_free(struct mon_feed **feed) __attribute__((nonnull));

/* What to poll for input; returns how many. */
size_t mon_feed_poll(const struct mon_feed *feed, struct pollfd polled[MON_FEED_SOCKETS])
    __attribute__((nonnull));

/* Says HELO where it is due, also to those who push, and takes what has come. Returns whether
 * figures did. */
bool mon_feed_run(struct mon_feed *feed, struct mon_model *model, double now)
    __attribute__((nonnull));

enum mon_feed_state mon_feed_state(const struct mon_feed *feed, double now)
    __attribute__((nonnull));

/* The n-th line of what to check when nothing comes, or NULL. The string lives until the next. */
const char *mon_feed_advice(struct mon_feed *feed, double now, size_t n) __attribute__((nonnull));

/* Takes one datagram as it came: the answer of a collectd, or figures. Returns whether there were
   any. For the tests. */
bool mon_feed_take(struct mon_feed *feed, struct mon_model *model, const uint8_t *bytes,
                   size_t length, double now) __attribute__((nonnull));

/* A feed without sockets, for the tests. NULL if memory is out. */
struct mon_feed *mon_feed_new(const char *host, const char *port)
    __attribute__((nonnull, warn_unused_result));

#endif
