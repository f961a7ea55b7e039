# SPDX-License-Identifier: MIT
# make check: units, with golden data, and no server. make check-live: real drivers, servers and
# collectd, on loopback.

EXTRA_DIST += tests/golden tests/live/run tests/live/harness.py tests/live/client.py \
	tests/live/report.py tests/live/demo.py tests/live/test_bad_input.py \
	tests/live/test_clients.py tests/live/test_programs.py tests/live/test_sample.py \
	tests/live/test_totals.py tests/live/test_valgrind.py

AM_TESTS_ENVIRONMENT = SHIM_STRICT=1; export SHIM_STRICT;

# One program per module, of the source of the same name. What a program links beyond the folder's
# objects stands below the list.
unit_protocol_tests = tests/unit/test_buffer tests/unit/test_decode tests/unit/test_encode \
	tests/unit/test_metrics tests/unit/test_name tests/unit/test_replay tests/unit/test_seal
unit_shim_tests = tests/unit/test_connection_string tests/unit/test_lifecycle \
	tests/unit/test_settings
unit_tests = $(unit_protocol_tests) $(unit_shim_tests)

if HAVE_CMOCKA
TESTS += $(unit_tests)
check_PROGRAMS += $(unit_tests)
else
EXTRA_PROGRAMS = $(unit_tests)
check-local:
	@echo "make check needs cmocka: install the package libcmocka-dev and run configure again" >&2
	@false
endif

LDADD = protocol/libprotocol.la $(CMOCKA_LIBS) $(PTHREAD_LIBS)
shim_ldadd = odbcshim/libshim.la $(LDADD)
# tests/unit/failing_alloc.h
failing_ldflags = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
tests_unit_test_connection_string_LDADD = $(shim_ldadd)
tests_unit_test_connection_string_LDFLAGS = $(failing_ldflags)
tests_unit_test_lifecycle_LDADD = $(shim_ldadd)
tests_unit_test_settings_LDADD = $(shim_ldadd)
tests_unit_test_settings_LDFLAGS = $(failing_ldflags)

EXTRA_DIST += tests/unit/datagrams.h tests/unit/failing_alloc.h

# What the live tests run.
check_PROGRAMS += tests/live/workload
tests_live_workload_SOURCES = tests/live/workload.c
tests_live_workload_CFLAGS = $(AM_CFLAGS) $(ODBC_CFLAGS)
tests_live_workload_LDADD = $(ODBC_LIBS) $(PTHREAD_LIBS)

check_LTLIBRARIES += tests/live/hanging_resolver.la
tests_live_hanging_resolver_la_SOURCES = tests/live/hanging_resolver.c
tests_live_hanging_resolver_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -rpath /nowhere

live_programs = tests/live/workload tests/live/hanging_resolver.la
demo-programs: tests/live/workload
test-programs: $(check_PROGRAMS) $(check_LTLIBRARIES)
.PHONY: demo-programs test-programs

# LIVE_TESTS names test modules to run instead of all; LIVE_LEFT_OUT some to leave out.
check-live: all $(live_programs)
	abs_top_builddir='$(abs_top_builddir)' SANITIZER_PRELOAD='$(SANITIZER_PRELOAD)' \
		$(PYTHON3) -B $(srcdir)/tests/live/run $(LIVE_LEFT_OUT:%=--without %) $(LIVE_TESTS)
