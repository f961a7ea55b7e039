# SPDX-License-Identifier: MIT
# The command. All but main is in a convenience library, for the tests.

noinst_LTLIBRARIES += tools/libcommands.la
tools_libcommands_la_SOURCES = \
	tools/arguments.c tools/tool.h tools/commands.def tools/options.def \
	tools/ask.c tools/ask.h \
	tools/check.c tools/walk.def tools/walk.h \
	tools/child.c tools/child.h \
	tools/connection.c tools/connection.h \
	tools/dsn_edit.c tools/dsn_edit.h \
	tools/ini_edit.c tools/ini_edit.h tools/ini_lines.h tools/ini_read.c \
	tools/ini_file.c tools/ini_file.h tools/ini_places.c \
	tools/library.c tools/library.h \
	tools/list.c \
	tools/pooling.c tools/pooling.h \
	tools/register.c \
	tools/registration.c tools/registration.h \
	tools/setting_option.h \
	tools/steps.c tools/steps.h \
	tools/walk_collectd.c tools/walk_database.c tools/walk_drivers.c tools/walk_settings.c \
	tools/wrap.c
tools_libcommands_la_CPPFLAGS = $(AM_CPPFLAGS) -DODBCDRIVERDIR='"$(odbcdriverdir)"'
tools_libcommands_la_CFLAGS = $(AM_CFLAGS) $(ODBC_CFLAGS)
tools_libcommands_la_LIBADD = odbcshim/libshim.la $(ODBC_LIBS) $(ODBCINST_LIBS) -ldl

bin_PROGRAMS += tools/odbcshim
tools_odbcshim_SOURCES = tools/main.c
tools_odbcshim_LDADD = tools/libcommands.la
