dnl nsrun.m4: what configure.ac says more than once.

dnl NSRUN_FLAGS(RESULT, FLAGS, FLAG...): adds to RESULT each flag with which a program compiles and links without a
dnl warning. FLAGS is where the flag goes: CFLAGS or LDFLAGS.
AC_DEFUN([NSRUN_FLAGS],
[for nsrun_flag in m4_normalize([$3]); do
  AC_MSG_CHECKING([whether $CC takes $nsrun_flag])
  nsrun_saved=$$2
  $2="$$2 -Werror $nsrun_flag"
  AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <stdio.h>]], [[puts("")]])],
   [AC_MSG_RESULT([yes]); $1="$$1 $nsrun_flag"],
   [AC_MSG_RESULT([no])])
  $2=$nsrun_saved
done
])

dnl NSRUN_LIBRARY(PREFIX, MODULE, ARCHIVE, FUNCTION): PREFIX_CFLAGS and PREFIX_LIBS of a pkg-config module that must be
dnl there, and PREFIX_ARCHIVE, its static archive, empty where there is none that links into our kind of program.
AC_DEFUN([NSRUN_LIBRARY],
[PKG_CHECK_MODULES([$1], [$2], [],
  [AC_MSG_ERROR([$2 is missing: run contrib/deps.sh build, or install the package that has $2.pc])])
 AC_MSG_CHECKING([for $3])
 $1_ARCHIVE=
 for nsrun_file in "`$CC -print-file-name=$3`" "`$PKG_CONFIG --variable=libdir $2`/$3"; do
   test -f "$nsrun_file" || continue
   nsrun_saved=$LIBS
   LIBS="$nsrun_file $LIBS"
   AC_LINK_IFELSE([AC_LANG_CALL([], [$4])], [$1_ARCHIVE=$nsrun_file])
   LIBS=$nsrun_saved
   test -z "$$1_ARCHIVE" || break
 done
 AC_MSG_RESULT([${$1_ARCHIVE:-no}])
 test -n "$$1_ARCHIVE" || nsrun_archives=no
])
