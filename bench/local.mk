# SPDX-License-Identifier: MIT
# What scripts/bench measures with. Compiled by make check, so that they keep compiling; run by
# nothing in it.

bench_programs = bench/aggregate bench/forward bench/work
check_PROGRAMS += $(bench_programs)
dist_noinst_SCRIPTS += scripts/bench
EXTRA_DIST += bench/README.md bench/bench.py bench/rows.py

bench_aggregate_SOURCES = bench/aggregate.c bench/clock.h
bench_aggregate_CPPFLAGS = $(AM_CPPFLAGS) $(COLLECTD_CPPFLAGS)
bench_aggregate_LDADD = collectd-plugin/libplug.la protocol/libprotocol.la $(PTHREAD_LIBS)

bench_forward_SOURCES = bench/clock.h bench/forward.c
bench_forward_CPPFLAGS = $(AM_CPPFLAGS) -DSHIM_WIDE=1
bench_forward_LDADD = -ldl

bench_work_SOURCES = bench/clock.h bench/work.c
bench_work_CFLAGS = $(AM_CFLAGS) $(ODBC_CFLAGS)
bench_work_LDADD = $(ODBC_LIBS) $(PTHREAD_LIBS)

bench-programs: $(bench_programs) tests/fake/fake_wide.la
.PHONY: bench-programs
