# SPDX-License-Identifier: MIT
# The programs that scripts/bench measures with. Built by `make bench-programs` alone.

bench_programs = bench/forward bench/work bench/aggregate
EXTRA_PROGRAMS = $(bench_programs)
CLEANFILES += $(bench_programs)
EXTRA_DIST += bench/README.md bench/bench.py bench/rows.py

bench_forward_SOURCES = bench/clock.h bench/forward.c
bench_forward_CPPFLAGS = $(AM_CPPFLAGS) -DSHIM_WIDE=1
bench_forward_LDADD = -ldl

bench_work_SOURCES = bench/clock.h bench/work.c
bench_work_CFLAGS = $(AM_CFLAGS) $(ODBC_CFLAGS)
bench_work_LDADD = $(ODBC_LIBS) $(PTHREAD_LIBS)

bench_aggregate_SOURCES = bench/aggregate.c bench/clock.h
bench_aggregate_CPPFLAGS = $(AM_CPPFLAGS) $(COLLECTD_CPPFLAGS)
bench_aggregate_LDADD = collectd-plugin/libplug.la protocol/libprotocol.la $(PTHREAD_LIBS)

bench-programs: $(bench_programs) tests/fake/fake_wide.la
.PHONY: bench-programs
