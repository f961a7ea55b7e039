/* SPDX-License-Identifier: MIT */
/*
 * Time as collectd counts it, in units of 2^-30 seconds; here always of a clock that does not jump.
 */
#ifndef PLUG_TICKS_H
#define PLUG_TICKS_H

#include <stdint.h>
#include <time.h>

static inline uint64_t plug_seconds(uint64_t seconds)
{
    return seconds << 30;
}

/* 0 rather than negative: two threads' readings of the clock may arrive in either order. */
static inline uint64_t plug_elapsed(uint64_t since, uint64_t now)
{
    return now > since ? now - since : 0;
}

static inline uint64_t plug_now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return ((uint64_t)t.tv_sec << 30) + (((uint64_t)t.tv_nsec << 30) / 1000000000);
}

#endif
