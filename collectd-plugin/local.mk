# The plugin for collectd. What needs no collectd to run is in a convenience library, so that the
# tests link the objects that ship.

noinst_LTLIBRARIES += collectd-plugin/libplug.la

collectd_plugin_libplug_la_SOURCES = \
	collectd-plugin/address.c collectd-plugin/address.h \
	collectd-plugin/aggregate.c collectd-plugin/aggregate.h \
	collectd-plugin/auth.c collectd-plugin/auth.h \
	collectd-plugin/config.c collectd-plugin/config.h \
	collectd-plugin/console.c collectd-plugin/console.h \
	collectd-plugin/counters.def collectd-plugin/counters.h \
	collectd-plugin/dispatch.c collectd-plugin/dispatch.h \
	collectd-plugin/forgotten.c collectd-plugin/forgotten.h \
	collectd-plugin/gate.c collectd-plugin/gate.h \
	collectd-plugin/intake.c collectd-plugin/intake.h \
	collectd-plugin/list.h \
	collectd-plugin/log.c collectd-plugin/log.h \
	collectd-plugin/map.c collectd-plugin/map.h \
	collectd-plugin/maximum.c collectd-plugin/maximum.h \
	collectd-plugin/monitors.c collectd-plugin/monitors.h \
	collectd-plugin/outbox.c collectd-plugin/outbox.h \
	collectd-plugin/receiver.c collectd-plugin/receiver.h \
	collectd-plugin/rows.c collectd-plugin/rows.h \
	collectd-plugin/senders.c collectd-plugin/senders.h \
	collectd-plugin/sockets.c collectd-plugin/sockets.h \
	collectd-plugin/subscribers.c collectd-plugin/subscribers.h \
	collectd-plugin/table.c collectd-plugin/table.h \
	collectd-plugin/ticks.h \
	collectd-plugin/window.c collectd-plugin/window.h
collectd_plugin_libplug_la_CPPFLAGS = $(AM_CPPFLAGS) $(COLLECTD_CPPFLAGS)
collectd_plugin_libplug_la_CFLAGS = $(AM_CFLAGS) $(HIDDEN_CFLAGS)
collectd_plugin_libplug_la_LIBADD = protocol/libprotocol.la $(PTHREAD_LIBS)

# collectd opens it by its bare name, and refuses a symbolic link. What it calls of collectd is
# resolved when it is loaded.
collectdplugin_LTLIBRARIES += collectd-plugin/odbc.la

collectd_plugin_odbc_la_SOURCES = collectd-plugin/plugin.c
collectd_plugin_odbc_la_CPPFLAGS = $(AM_CPPFLAGS) $(COLLECTD_CPPFLAGS)
collectd_plugin_odbc_la_CFLAGS = $(AM_CFLAGS) $(HIDDEN_CFLAGS)
collectd_plugin_odbc_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared
collectd_plugin_odbc_la_LIBADD = collectd-plugin/libplug.la
