/* SPDX-License-Identifier: MIT */
/*
 * The clocks of the benchmarks. Processor time is what a figure rests on, for the machine may have
 * other work; only what waits for somebody else is timed by the wall.
 */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

#include <time.h>

static inline double bench_seconds(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

#define BENCH_WALL    bench_seconds(CLOCK_MONOTONIC)
#define BENCH_THREAD  bench_seconds(CLOCK_THREAD_CPUTIME_ID)
#define BENCH_PROCESS bench_seconds(CLOCK_PROCESS_CPUTIME_ID)

#endif
