# SPDX-License-Identifier: MIT
# The proxy driver. What knows nothing of widths is compiled once, the rest once for each library.

noinst_LTLIBRARIES += odbcshim/libshim.la
odbcshim_libshim_la_SOURCES = \
	odbcshim/alone.c odbcshim/alone.h \
	odbcshim/asked.c odbcshim/asked.h \
	odbcshim/connection_string.c odbcshim/connection_string.h \
	odbcshim/destination.c odbcshim/destination.h \
	odbcshim/driver.c odbcshim/driver.h \
	odbcshim/lifecycle.c odbcshim/lifecycle.h \
	odbcshim/lock.c odbcshim/lock.h \
	odbcshim/lookup.c odbcshim/lookup.h \
	odbcshim/profile.c odbcshim/profile.h \
	odbcshim/program_name.c odbcshim/program_name.h \
	odbcshim/registry.c odbcshim/registry.h \
	odbcshim/reporter.c odbcshim/reporter.h \
	odbcshim/sender.c odbcshim/sender.h \
	odbcshim/settings.c odbcshim/settings.def odbcshim/settings.h \
	odbcshim/settings_file.c odbcshim/settings_file.h \
	odbcshim/settings_values.c odbcshim/settings_values.h \
	odbcshim/strict.c odbcshim/strict.h \
	odbcshim/token.c odbcshim/token.h \
	odbcshim/units.c odbcshim/units.h
odbcshim_libshim_la_CFLAGS = $(AM_CFLAGS) $(HIDDEN_CFLAGS) $(INIH_CFLAGS) $(ODBCINST_CFLAGS)
odbcshim_libshim_la_LIBADD = protocol/libprotocol.la $(INIH_LIBS) $(ODBCINST_LIBS) $(PTHREAD_LIBS)

shim_driver_sources = \
	odbcshim/allocation.c \
	odbcshim/api.c odbcshim/api.h odbcshim/odbc_api.def \
	odbcshim/attribute_list.c odbcshim/attribute_list.h \
	odbcshim/attributes.c \
	odbcshim/connect.c \
	odbcshim/deprecated.c \
	odbcshim/descriptors.c \
	odbcshim/diagnostics.c odbcshim/diagnostics.h \
	odbcshim/functions.c \
	odbcshim/handles.c odbcshim/handles.h \
	odbcshim/journey.c odbcshim/journey.h \
	odbcshim/route.c odbcshim/route.h \
	odbcshim/statements.c \
	odbcshim/target.c odbcshim/target.h
shim_driver_cflags = $(AM_CFLAGS) $(HIDDEN_CFLAGS) $(ODBCINST_CFLAGS)

# -Bsymbolic: the driver manager exports the same names, and ours must be meant here. nodelete: the
# reporter's thread outlives dlclose. defs: every symbol has its library.
shim_driver_ldflags = $(AM_LDFLAGS) -module -avoid-version -shared \
	-Wl,-Bsymbolic -Wl,-z,nodelete $(NO_UNDEFINED_LDFLAGS)
shim_driver_libadd = odbcshim/libshim.la -ldl

odbcdriver_LTLIBRARIES += odbcshim/libodbcshim.la odbcshim/libodbcshima.la

odbcshim_libodbcshim_la_SOURCES = $(shim_driver_sources)
odbcshim_libodbcshim_la_CPPFLAGS = $(AM_CPPFLAGS) -DSHIM_WIDE=1
odbcshim_libodbcshim_la_CFLAGS = $(shim_driver_cflags)
odbcshim_libodbcshim_la_LDFLAGS = $(shim_driver_ldflags)
odbcshim_libodbcshim_la_LIBADD = $(shim_driver_libadd)

odbcshim_libodbcshima_la_SOURCES = $(shim_driver_sources)
odbcshim_libodbcshima_la_CPPFLAGS = $(AM_CPPFLAGS) -DSHIM_WIDE=0
odbcshim_libodbcshima_la_CFLAGS = $(shim_driver_cflags)
odbcshim_libodbcshima_la_LDFLAGS = $(shim_driver_ldflags)
odbcshim_libodbcshima_la_LIBADD = $(shim_driver_libadd)
