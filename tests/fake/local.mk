# SPDX-License-Identifier: MIT
# The fake driver, whole and lacking one thing or another: modules for the conformance tests. What
# a variant exports is said by FAKE_WIDE and FAKE_NARROW (driver.c) and by its .map.

EXTRA_DIST += tests/fake/managed.map tests/fake/no_bulk_operations.map \
	tests/fake/no_diag_field.map tests/fake/no_get_functions.map tests/fake/no_odbc2.map \
	tests/fake/odbc2.map

fake_modules = tests/fake/fake_wide.la tests/fake/fake_ansi.la tests/fake/fake_wide_only.la \
	tests/fake/fake_no_diag_field.la tests/fake/fake_no_bulk_operations.la \
	tests/fake/fake_no_get_functions.la tests/fake/fake_no_odbc2.la tests/fake/fake_odbc2.la \
	tests/fake/fake_managed.la tests/fake/fake_ansi_managed.la
check_LTLIBRARIES += tests/fake/libfake.la tests/fake/libfake_driver.la $(fake_modules)

FAKE_CPPFLAGS = $(AM_CPPFLAGS) -DSHIM_WIDE=1
FAKE_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -rpath /nowhere

tests_fake_libfake_la_SOURCES = tests/fake/arguments.h tests/fake/behaviour.c \
	tests/fake/control.c tests/fake/diagnostics.c tests/fake/fake.h tests/fake/handles.c \
	tests/fake/inside.h
tests_fake_libfake_la_CPPFLAGS = $(FAKE_CPPFLAGS)
tests_fake_libfake_la_CFLAGS = $(AM_CFLAGS) $(HIDDEN_CFLAGS)
tests_fake_libfake_la_LIBADD = $(PTHREAD_LIBS)

# The functions of both widths, for the variants that a map makes.
tests_fake_libfake_driver_la_SOURCES = tests/fake/driver.c
tests_fake_libfake_driver_la_CPPFLAGS = $(FAKE_CPPFLAGS) -DFAKE_WIDE=1 -DFAKE_NARROW=1
tests_fake_libfake_driver_la_CFLAGS = $(AM_CFLAGS) $(HIDDEN_CFLAGS)
tests_fake_libfake_driver_la_LIBADD = tests/fake/libfake.la

tests_fake_fake_ansi_la_SOURCES = tests/fake/driver.c
tests_fake_fake_ansi_la_CPPFLAGS = $(FAKE_CPPFLAGS) -DFAKE_WIDE=0 -DFAKE_NARROW=1
tests_fake_fake_ansi_la_CFLAGS = $(AM_CFLAGS) $(HIDDEN_CFLAGS)
tests_fake_fake_ansi_la_LDFLAGS = $(FAKE_LDFLAGS)
tests_fake_fake_ansi_la_LIBADD = tests/fake/libfake.la

# In one word, or libtool would put the option behind the library that it is for.
managed_ldflags = -Wl,--no-as-needed,-lodbc

# Linked with the driver manager, which has the wide functions that it lacks.
tests_fake_fake_ansi_managed_la_SOURCES = tests/fake/driver.c
tests_fake_fake_ansi_managed_la_CPPFLAGS = $(FAKE_CPPFLAGS) -DFAKE_WIDE=0 -DFAKE_NARROW=1
tests_fake_fake_ansi_managed_la_CFLAGS = $(AM_CFLAGS) $(HIDDEN_CFLAGS)
tests_fake_fake_ansi_managed_la_LDFLAGS = $(FAKE_LDFLAGS) $(managed_ldflags)
tests_fake_fake_ansi_managed_la_LIBADD = tests/fake/libfake.la $(ODBC_LIBS)

tests_fake_fake_wide_only_la_SOURCES = tests/fake/driver.c
tests_fake_fake_wide_only_la_CPPFLAGS = $(FAKE_CPPFLAGS) -DFAKE_WIDE=1 -DFAKE_NARROW=0
tests_fake_fake_wide_only_la_CFLAGS = $(AM_CFLAGS) $(HIDDEN_CFLAGS)
tests_fake_fake_wide_only_la_LDFLAGS = $(FAKE_LDFLAGS)
tests_fake_fake_wide_only_la_LIBADD = tests/fake/libfake.la

tests_fake_fake_wide_la_SOURCES =
tests_fake_fake_wide_la_LDFLAGS = $(FAKE_LDFLAGS)
tests_fake_fake_wide_la_LIBADD = tests/fake/libfake_driver.la
tests_fake_fake_no_diag_field_la_SOURCES =
tests_fake_fake_no_diag_field_la_LDFLAGS = $(FAKE_LDFLAGS) \
	-Wl,--version-script=$(srcdir)/tests/fake/no_diag_field.map
EXTRA_tests_fake_fake_no_diag_field_la_DEPENDENCIES = tests/fake/no_diag_field.map
tests_fake_fake_no_diag_field_la_LIBADD = tests/fake/libfake_driver.la
tests_fake_fake_no_bulk_operations_la_SOURCES =
tests_fake_fake_no_bulk_operations_la_LDFLAGS = $(FAKE_LDFLAGS) \
	-Wl,--version-script=$(srcdir)/tests/fake/no_bulk_operations.map
EXTRA_tests_fake_fake_no_bulk_operations_la_DEPENDENCIES = tests/fake/no_bulk_operations.map
tests_fake_fake_no_bulk_operations_la_LIBADD = tests/fake/libfake_driver.la
tests_fake_fake_no_get_functions_la_SOURCES =
tests_fake_fake_no_get_functions_la_LDFLAGS = $(FAKE_LDFLAGS) \
	-Wl,--version-script=$(srcdir)/tests/fake/no_get_functions.map
EXTRA_tests_fake_fake_no_get_functions_la_DEPENDENCIES = tests/fake/no_get_functions.map
tests_fake_fake_no_get_functions_la_LIBADD = tests/fake/libfake_driver.la
tests_fake_fake_no_odbc2_la_SOURCES =
tests_fake_fake_no_odbc2_la_LDFLAGS = $(FAKE_LDFLAGS) \
	-Wl,--version-script=$(srcdir)/tests/fake/no_odbc2.map
EXTRA_tests_fake_fake_no_odbc2_la_DEPENDENCIES = tests/fake/no_odbc2.map
tests_fake_fake_no_odbc2_la_LIBADD = tests/fake/libfake_driver.la
tests_fake_fake_odbc2_la_SOURCES =
tests_fake_fake_odbc2_la_LDFLAGS = $(FAKE_LDFLAGS) \
	-Wl,--version-script=$(srcdir)/tests/fake/odbc2.map
EXTRA_tests_fake_fake_odbc2_la_DEPENDENCIES = tests/fake/odbc2.map
tests_fake_fake_odbc2_la_LIBADD = tests/fake/libfake_driver.la
tests_fake_fake_managed_la_SOURCES =
tests_fake_fake_managed_la_LDFLAGS = $(FAKE_LDFLAGS) $(managed_ldflags) \
	-Wl,--version-script=$(srcdir)/tests/fake/managed.map
EXTRA_tests_fake_fake_managed_la_DEPENDENCIES = tests/fake/managed.map
tests_fake_fake_managed_la_LIBADD = tests/fake/libfake_driver.la $(ODBC_LIBS)
