dnl SPDX-License-Identifier: MIT

dnl ODBCSHIM_MISSING(WHAT, DEBIAN-PACKAGE)
dnl Ends configure with the package to install.
AC_DEFUN([ODBCSHIM_MISSING],
[AC_MSG_ERROR([$1 is missing: install the package $2 (apt-get install $2), or run scripts/install-deps])])

dnl ODBCSHIM_NEED(VARIABLE, PKG-CONFIG-MODULE, DEBIAN-PACKAGE)
dnl VARIABLE_CFLAGS and VARIABLE_LIBS, or an error that names the package.
AC_DEFUN([ODBCSHIM_NEED],
[PKG_CHECK_MODULES([$1], [$2], [], [ODBCSHIM_MISSING([$2], [$3])])])

dnl ODBCSHIM_STRICT
dnl --enable-strict: every warning of the list is an error.
AC_DEFUN([ODBCSHIM_STRICT],
[AC_ARG_ENABLE([strict],
    [AS_HELP_STRING([--enable-strict], [make warnings errors])],
    [], [enable_strict=no])
WARN_CFLAGS="-Wall -Wextra"
AS_IF([test "$enable_strict" = yes],
    [WARN_CFLAGS="$WARN_CFLAGS -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith dnl
-Wcast-qual -Wwrite-strings -Wundef -Wformat=2 -Werror"])
HIDDEN_CFLAGS=-fvisibility=hidden
AC_SUBST([WARN_CFLAGS])
AC_SUBST([HIDDEN_CFLAGS])])

dnl ODBCSHIM_SANITIZER
dnl --enable-sanitizer=LIST: everything is built with -fsanitize=LIST, and a finding ends the program.
AC_DEFUN([ODBCSHIM_SANITIZER],
[AC_ARG_ENABLE([sanitizer],
    [AS_HELP_STRING([--enable-sanitizer=LIST],
        [build with -fsanitize=LIST: address,undefined or thread])],
    [], [enable_sanitizer=no])
SANITIZER_CFLAGS=
AS_CASE([$enable_sanitizer],
    [no], [],
    [yes], [AC_MSG_ERROR([--enable-sanitizer needs a list: address,undefined or thread])],
    [SANITIZER_CFLAGS="-fsanitize=$enable_sanitizer -fno-sanitize-recover=all -fno-omit-frame-pointer"
     odbcshim_saved_CFLAGS=$CFLAGS
     CFLAGS="$CFLAGS $SANITIZER_CFLAGS"
     AC_LINK_IFELSE([AC_LANG_PROGRAM()], [],
         [AC_MSG_ERROR([the compiler $CC does not link with -fsanitize=$enable_sanitizer])])
     CFLAGS=$odbcshim_saved_CFLAGS])
AC_SUBST([SANITIZER_CFLAGS])
dnl A library leaves no symbol open, but for those of a sanitizer's runtime.
AS_IF([test "$enable_sanitizer" = no],
    [NO_UNDEFINED_LDFLAGS=-Wl,-z,defs], [NO_UNDEFINED_LDFLAGS=])
AC_SUBST([NO_UNDEFINED_LDFLAGS])
dnl Programs that were not built with it, as collectd and Python, get its runtime by LD_PRELOAD.
SANITIZER_PRELOAD=
AS_CASE([$enable_sanitizer],
    [*address*], [SANITIZER_PRELOAD=`$CC -print-file-name=libasan.so`],
    [*thread*], [SANITIZER_PRELOAD=`$CC -print-file-name=libtsan.so`])
AC_SUBST([SANITIZER_PRELOAD])
dnl A library has its symbols from those it names. (clang leaves the sanitizer's to the program.)
NO_UNDEFINED_LDFLAGS=-Wl,-z,defs
AS_CASE([$enable_sanitizer,`$CC --version 2>&1`],
    [no,*], [],
    [*clang*], [NO_UNDEFINED_LDFLAGS=])
AC_SUBST([NO_UNDEFINED_LDFLAGS])])

dnl ODBCSHIM_COLLECTD
dnl The headers for collectd's plugins, which want three directories and HAVE_CONFIG_H, and the
dnl directory that the plugin goes to.
AC_DEFUN([ODBCSHIM_COLLECTD],
[AC_ARG_WITH([collectd-includes],
    [AS_HELP_STRING([--with-collectd-includes=DIR],
        [the directory that holds core/daemon/plugin.h [/usr/include/collectd]])],
    [], [with_collectd_includes=/usr/include/collectd])
AS_CASE([$with_collectd_includes],
    [yes|no], [AC_MSG_ERROR([--with-collectd-includes needs a directory])])
collectd_includes=$with_collectd_includes
COLLECTD_CPPFLAGS="-DHAVE_CONFIG_H=1 -isystem $collectd_includes/core -isystem $collectd_includes/core/daemon dnl
-isystem $collectd_includes -isystem ${collectd_includes%/*}"
AC_MSG_CHECKING([for collectd's headers in $collectd_includes])
odbcshim_saved_CPPFLAGS=$CPPFLAGS
CPPFLAGS="$CPPFLAGS $COLLECTD_CPPFLAGS"
mv confdefs.h confdefs.h.odbcshim
: >confdefs.h
AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include "collectd.h"
#include "plugin.h"]], [[return plugin_register_shutdown("x", NULL);]])],
    [odbcshim_collectd=yes], [odbcshim_collectd=no])
mv confdefs.h.odbcshim confdefs.h
CPPFLAGS=$odbcshim_saved_CPPFLAGS
AC_MSG_RESULT([$odbcshim_collectd])
AS_IF([test "$odbcshim_collectd" = no],
    [AC_MSG_ERROR([collectd's headers are missing or do not compile in $collectd_includes: install the package collectd-dev (apt-get install collectd-dev), run scripts/install-deps, or point --with-collectd-includes at the directory that holds core/daemon/plugin.h])])
AC_SUBST([COLLECTD_CPPFLAGS])
AC_ARG_WITH([collectd-plugindir],
    [AS_HELP_STRING([--with-collectd-plugindir=DIR],
        [where collectd looks for its plugins [LIBDIR/collectd]])],
    [collectdplugindir=$with_collectd_plugindir], [collectdplugindir='${libdir}/collectd'])
AC_SUBST([collectdplugindir])])
