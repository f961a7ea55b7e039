# SPDX-License-Identifier: MIT
# Debian's packages (debian/) and the RPM's (packaging/odbcshim.spec, which configure fills in). Both
# are in the tarball, so that whoever has it can build them.

EXTRA_DIST += packaging/check-versions packaging/odbcshim.spec \
	debian/changelog debian/collectd-odbc.README.Debian debian/collectd-odbc.install \
	debian/collectd-odbc.prerm debian/connmon.install debian/control debian/copyright \
	debian/not-installed debian/odbcshim.README.Debian debian/odbcshim.docs \
	debian/odbcshim.examples debian/odbcshim.install debian/odbcshim.postinst \
	debian/odbcshim.prerm debian/rules debian/source/format tests/packages/newcomer
dist_noinst_SCRIPTS += scripts/build-packages scripts/check-packages
TESTS += packaging/check-versions
