# SPDX-License-Identifier: MIT
# make check: units, with golden data, and no server. make check-live: real drivers, servers and
# collectd, on loopback.

# Everything of the live tests is source; what an in-tree build leaves there is not.
EXTRA_DIST += tests/golden tests/live
dist-hook:
	find $(distdir)/tests/live \( -name '*.o' -o -name '*.l[ao]' -o -name .deps -o -name .libs \
		-o -name .dirstamp -o -name __pycache__ \) -prune -exec rm -rf {} +

AM_TESTS_ENVIRONMENT = SHIM_STRICT=1; export SHIM_STRICT;

# One program per module, of the source of the same name. What a program links beyond its folder's
# objects stands below the lists.
unit_protocol_tests = tests/unit/test_buffer tests/unit/test_decode tests/unit/test_encode \
	tests/unit/test_metrics tests/unit/test_name tests/unit/test_probe tests/unit/test_replay \
	tests/unit/test_seal
unit_shim_tests = tests/unit/test_asked tests/unit/test_connection_string tests/unit/test_lifecycle \
	tests/unit/test_program_name tests/unit/test_registry tests/unit/test_reporter \
	tests/unit/test_settings
unit_plugin_tests = tests/unit/test_config tests/unit/test_console tests/unit/test_dispatch \
	tests/unit/test_gate tests/unit/test_receiver \
	tests/unit/test_table tests/unit/test_table_parts tests/unit/test_table_random
unit_connmon_tests = tests/unit/test_feed tests/unit/test_model
unit_tool_tests = tests/unit/test_check tests/unit/test_ini_edit tests/unit/test_ini_file
unit_whole_tests = tests/unit/test_conformance tests/unit/test_exports tests/unit/test_forward
unit_tests = $(unit_protocol_tests) $(unit_shim_tests) $(unit_plugin_tests) $(unit_connmon_tests) \
	$(unit_tool_tests) $(unit_whole_tests)
fuzz_replays = tests/fuzz/replay_console tests/fuzz/replay_decode tests/fuzz/replay_probe \
	tests/fuzz/replay_table tests/fuzz/replay_unseal

TESTS += $(fuzz_replays)
check_PROGRAMS += $(fuzz_replays)
if HAVE_CMOCKA
TESTS += $(unit_tests)
check_PROGRAMS += $(unit_tests)
else
EXTRA_PROGRAMS += $(unit_tests)
check-local:
	@echo "make check needs cmocka: install the package libcmocka-dev and run configure again" >&2
	@false
endif

LDADD = protocol/libprotocol.la $(CMOCKA_LIBS) $(PTHREAD_LIBS)
shim_ldadd = odbcshim/libshim.la $(LDADD)
plug_ldadd = collectd-plugin/libplug.la $(LDADD)
plug_cppflags = $(AM_CPPFLAGS) $(COLLECTD_CPPFLAGS)
# tests/unit/failing_alloc.h
failing_ldflags = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
tests_unit_test_asked_LDADD = $(shim_ldadd)
tests_unit_test_connection_string_LDADD = $(shim_ldadd)
tests_unit_test_connection_string_LDFLAGS = $(failing_ldflags)
tests_unit_test_lifecycle_LDADD = $(shim_ldadd)
tests_unit_test_program_name_LDADD = $(shim_ldadd)
tests_unit_test_registry_LDADD = $(shim_ldadd)
tests_unit_test_reporter_LDADD = $(shim_ldadd)
tests_unit_test_settings_LDADD = $(shim_ldadd)
tests_unit_test_settings_LDFLAGS = $(failing_ldflags)
tests_unit_test_config_CPPFLAGS = $(plug_cppflags)
tests_unit_test_config_LDADD = $(plug_ldadd)
tests_unit_test_console_LDADD = $(plug_ldadd)
tests_unit_test_feed_LDADD = connmon/libmon.la $(LDADD)
tests_unit_test_model_LDADD = connmon/libmon.la $(LDADD)
tests_unit_test_check_LDADD = tools/libcommands.la $(LDADD)
tests_unit_test_ini_file_LDADD = tools/libcommands.la $(LDADD)
tests_unit_test_ini_edit_LDADD = tools/libcommands.la $(LDADD)
tests_unit_test_ini_edit_LDFLAGS = $(failing_ldflags)
tests_unit_test_dispatch_CPPFLAGS = $(plug_cppflags)
tests_unit_test_dispatch_LDADD = $(plug_ldadd)
tests_unit_test_gate_LDADD = $(plug_ldadd)
tests_unit_test_receiver_CPPFLAGS = $(plug_cppflags)
tests_unit_test_receiver_LDADD = $(plug_ldadd)
tests_unit_test_table_LDADD = $(plug_ldadd)
tests_unit_test_table_parts_LDADD = $(plug_ldadd)
tests_unit_test_table_random_LDADD = $(plug_ldadd)

# One suite on the fake driver, direct and through every layer above it.
AM_TESTS_ENVIRONMENT += SHIM_WIDE_LIBRARY='$(abs_top_builddir)/odbcshim/.libs/libodbcshim.so'; \
	SHIM_ANSI_LIBRARY='$(abs_top_builddir)/odbcshim/.libs/libodbcshima.so'; \
	FAKE_DIR='$(abs_top_builddir)/tests/fake/.libs'; \
	export SHIM_WIDE_LIBRARY SHIM_ANSI_LIBRARY FAKE_DIR;

tests_unit_test_conformance_SOURCES = tests/unit/conformance.c tests/unit/conformance.h \
	tests/unit/conformance_reports.c tests/unit/conformance_reports.h \
	tests/unit/test_conformance.c tests/unit/test_conformance_attributes.c \
	tests/unit/test_conformance_connecting.c tests/unit/test_conformance_diagnostics.c \
	tests/unit/test_conformance_handles.c tests/unit/test_conformance_input.c \
	tests/unit/test_conformance_plain.c tests/unit/test_conformance_sessions.c \
	tests/unit/test_conformance_threads.c
tests_unit_test_conformance_CPPFLAGS = $(AM_CPPFLAGS) -DSHIM_WIDE=1
tests_unit_test_conformance_LDADD = $(LDADD) -ldl
tests_unit_test_forward_CPPFLAGS = $(AM_CPPFLAGS) -DSHIM_WIDE=1
tests_unit_test_forward_LDADD = $(LDADD) -ldl
tests_unit_test_exports_CPPFLAGS = $(AM_CPPFLAGS) -DSHIM_WIDE=1

# The fuzz targets on their corpus.
tests_fuzz_replay_decode_SOURCES = tests/fuzz/replay_main.c tests/fuzz/fuzz_decode.c
tests_fuzz_replay_decode_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"tests/fuzz/corpus/decode"'
tests_fuzz_replay_console_SOURCES = tests/fuzz/replay_main.c tests/fuzz/fuzz_console.c
tests_fuzz_replay_console_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"tests/fuzz/corpus/console"'
tests_fuzz_replay_console_LDADD = connmon/libmon.la $(plug_ldadd)
tests_fuzz_replay_probe_SOURCES = tests/fuzz/replay_main.c tests/fuzz/fuzz_probe.c
tests_fuzz_replay_probe_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"tests/fuzz/corpus/probe"'
tests_fuzz_replay_probe_LDADD = $(plug_ldadd)
tests_fuzz_replay_table_SOURCES = tests/fuzz/replay_main.c tests/fuzz/fuzz_table.c
tests_fuzz_replay_table_CPPFLAGS = $(plug_cppflags) -DFUZZ_CORPUS='"tests/fuzz/corpus/table"'
tests_fuzz_replay_table_LDADD = $(plug_ldadd)
tests_fuzz_replay_unseal_SOURCES = tests/fuzz/replay_main.c tests/fuzz/fuzz_unseal.c
tests_fuzz_replay_unseal_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"tests/fuzz/corpus/unseal"'

# And with clang's fuzzer: scripts/fuzz.
fuzz_programs = tests/fuzz/fuzz_console tests/fuzz/fuzz_decode tests/fuzz/fuzz_probe \
	tests/fuzz/fuzz_table tests/fuzz/fuzz_unseal
EXTRA_PROGRAMS += $(fuzz_programs)
fuzz_ldflags = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_console_LDADD = $(tests_fuzz_replay_console_LDADD)
tests_fuzz_fuzz_console_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_decode_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_probe_LDADD = $(plug_ldadd)
tests_fuzz_fuzz_probe_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_table_CPPFLAGS = $(plug_cppflags)
tests_fuzz_fuzz_table_LDADD = $(plug_ldadd)
tests_fuzz_fuzz_table_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_unseal_LDFLAGS = $(fuzz_ldflags)
fuzz-programs: $(fuzz_programs)
.PHONY: fuzz-programs

EXTRA_DIST += tests/unit/counted.h tests/unit/datagrams.h tests/unit/failing_alloc.h \
	tests/fuzz/fuzz.h tests/fuzz/corpus tests/fuzz/make_corpus.py tests/fuzz/protocol.dict

# What the live tests run.
check_PROGRAMS += tests/live/workload
tests_live_workload_SOURCES = tests/live/workload.c
tests_live_workload_CFLAGS = $(AM_CFLAGS) $(ODBC_CFLAGS)
tests_live_workload_LDADD = $(ODBC_LIBS) $(PTHREAD_LIBS)

check_PROGRAMS += tests/live/pool_client
tests_live_pool_client_SOURCES = tests/live/pool_client.c
tests_live_pool_client_CFLAGS = $(AM_CFLAGS) $(ODBC_CFLAGS)
tests_live_pool_client_LDADD = -ldl

check_LTLIBRARIES += tests/live/hanging_resolver.la
tests_live_hanging_resolver_la_SOURCES = tests/live/hanging_resolver.c
tests_live_hanging_resolver_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -rpath /nowhere

check_LTLIBRARIES += tests/live/bad_driver.la
tests_live_bad_driver_la_SOURCES = tests/live/bad_driver.c
tests_live_bad_driver_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -rpath /nowhere

check_PROGRAMS += tests/live/session/session
tests_live_session_session_SOURCES = tests/live/session/catalogue.c \
	tests/live/session/connecting.c tests/live/session/cursors.c \
	tests/live/session/descriptors.c tests/live/session/dialect.c \
	tests/live/session/dialect.h tests/live/session/handles.c tests/live/session/information.c \
	tests/live/session/long_data.c tests/live/session/old.c tests/live/session/parameters.c \
	tests/live/session/results.c tests/live/session/say.c tests/live/session/say.h \
	tests/live/session/sections.h tests/live/session/session.c tests/live/session/work.c
tests_live_session_session_LDADD = $(ODBC_LIBS) $(PTHREAD_LIBS)

check_PROGRAMS += tests/live/flood
tests_live_flood_SOURCES = tests/live/flood.c
tests_live_flood_LDADD = protocol/libprotocol.la

session_programs = tests/live/session/loading tests/live/session/processes
check_PROGRAMS += $(session_programs)
tests_live_session_loading_SOURCES = tests/live/session/loading.c
tests_live_session_loading_LDADD = $(PTHREAD_LIBS) -ldl
tests_live_session_processes_SOURCES = tests/live/session/processes.c
tests_live_session_processes_LDADD = $(ODBC_LIBS) $(PTHREAD_LIBS)

live_programs = tests/live/workload tests/live/flood tests/live/pool_client tests/live/hanging_resolver.la \
	tests/live/bad_driver.la tests/live/session/session tests/fake/fake_ansi.la
demo-programs: tests/live/workload
test-programs: $(check_PROGRAMS) $(check_LTLIBRARIES)
.PHONY: demo-programs test-programs

# LIVE_TESTS names test modules to run instead of all; LIVE_LEFT_OUT some to leave out.
check-live: all $(live_programs) $(session_programs)
	abs_top_builddir='$(abs_top_builddir)' SANITIZER_PRELOAD='$(SANITIZER_PRELOAD)' \
		$(PYTHON3) -B $(srcdir)/tests/live/run $(LIVE_LEFT_OUT:%=--without %) $(LIVE_TESTS)
