# SPDX-License-Identifier: MIT
# The manuals. Their lists are made from the .def files when they are built, so that no manual says
# something else than the programs do.

noinst_PROGRAMS += man/tables
man_tables_SOURCES = man/tables.c
man_tables_CPPFLAGS = $(AM_CPPFLAGS) -DODBCDRIVERDIR='"$(odbcdriverdir)"' \
	-DCOLLECTDPLUGINDIR='"$(collectdplugindir)"'
man_tables_LDADD =

manuals = man/odbcshim.1 man/odbcshim.7 man/collectd-odbc.5 man/connmon.1
nodist_man_MANS += $(manuals)
CLEANFILES += $(manuals)
EXTRA_DIST += man/odbcshim.1.in man/odbcshim.7.in man/collectd-odbc.5.in man/connmon.1.in man/check-manuals
TESTS += man/check-manuals

man/odbcshim.1: $(srcdir)/man/odbcshim.1.in man/tables$(EXEEXT)
	$(AM_V_GEN)man/tables$(EXEEXT) <$(srcdir)/man/odbcshim.1.in >$@.tmp && mv $@.tmp $@

man/odbcshim.7: $(srcdir)/man/odbcshim.7.in man/tables$(EXEEXT)
	$(AM_V_GEN)man/tables$(EXEEXT) <$(srcdir)/man/odbcshim.7.in >$@.tmp && mv $@.tmp $@

man/collectd-odbc.5: $(srcdir)/man/collectd-odbc.5.in man/tables$(EXEEXT)
	$(AM_V_GEN)man/tables$(EXEEXT) <$(srcdir)/man/collectd-odbc.5.in >$@.tmp && mv $@.tmp $@

man/connmon.1: $(srcdir)/man/connmon.1.in man/tables$(EXEEXT)
	$(AM_V_GEN)man/tables$(EXEEXT) <$(srcdir)/man/connmon.1.in >$@.tmp && mv $@.tmp $@
