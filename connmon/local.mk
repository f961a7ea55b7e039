# SPDX-License-Identifier: MIT
# The console. All but main and what touches the terminal is in a convenience library, for the tests.

noinst_LTLIBRARIES += connmon/libmon.la
connmon_libmon_la_SOURCES = \
	connmon/advice.c connmon/advice.h \
	connmon/attention.c connmon/attention.h \
	connmon/cell.c connmon/cell.h \
	connmon/columns.c connmon/columns.def connmon/columns.h \
	connmon/feed.c connmon/feed.h \
	connmon/fleet.c connmon/fleet.h \
	connmon/json.c connmon/json.h \
	connmon/model.c connmon/model.h \
	connmon/series.c connmon/series.h \
	connmon/text.c connmon/text.h \
	connmon/view.c connmon/view.h
connmon_libmon_la_LIBADD = protocol/libprotocol.la -lm

bin_PROGRAMS += connmon/connmon
connmon_connmon_SOURCES = \
	connmon/input.c connmon/input.h \
	connmon/keys.def \
	connmon/main.c \
	connmon/options.c connmon/options.h \
	connmon/overview.c connmon/overview.h \
	connmon/pager.c connmon/pager.h \
	connmon/pages.c connmon/pages.h \
	connmon/screen.c connmon/screen.h \
	connmon/terminal.c connmon/terminal.h
connmon_connmon_CFLAGS = $(AM_CFLAGS) $(NCURSESW_CFLAGS)
connmon_connmon_LDADD = connmon/libmon.la $(NCURSESW_LIBS)
