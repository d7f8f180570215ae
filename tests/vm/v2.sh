#!/bin/sh
# v2.sh: runs suites on a machine with nothing but cgroup v2: user-mode Linux, whose root is that of this machine.
#
#	v2.sh                the host matrix, and the tests of tests/run with the tag "bed"
#	v2.sh --all          all suites of tests/run but those of ordinary users
#	v2.sh --security     the attacks of tests/security, with and without what keeps them out
#	v2.sh SUITE...       these, as paths below the sources
#	v2.sh --shell        a shell there
#
# The unit tests that call the kernel come along. A call takes ten to twenty times as long here: therefore the tag "bed" is
# on one test for each thing that v2 does in another way than v1 and that needs controllers ("view", without: make
# check-hosts); the others run only with --all.
bed=check-v2 kinds=v2
# shellcheck source=tests/vm/machine.sh
. "$(dirname "$0")/machine.sh"

bed_begin
what=${1:-bed} only=
case $what in
--shell) what=shell ;;
--all)
	# shellcheck disable=SC2046 # a list of words
	set -- $(cd "$SRCDIR" && find tests/run -name '*.bats' ! -name 'rootless*')
	;;
--security)
	# shellcheck disable=SC2046 # a list of words
	set -- $(cd "$SRCDIR" && echo tests/security/*.bats)
	;;
bed)
	only=bed
	# shellcheck disable=SC2046 # a list of words
	set -- $(cd "$SRCDIR" && grep -l '^# bats test_tags=bed$' tests/run/*.bats)
	;;
esac
units=$(cd "$BUILDDIR" && find tests/unit -type f -perm -u+x -name 'test_*' 2>/dev/null |
	grep -E '/test_(base|host|op|apply|store)_[a-z_]*$' | sort)
seconds=2400
[ "$what" != --security ] || seconds=5400
# shellcheck disable=SC2086,SC2116 # on one line
units=$(echo $units)
cat >"$lab/job" <<JOB
export SRCDIR='$SRCDIR' BUILDDIR='$BUILDDIR' NSRUN='$NSRUN' NSRUN_TALLY="\$lab/\$guest.tally"
export NSRUN_TIMES="\$lab/\$guest.times"
export srcdir='$SRCDIR' GOLDEN_DIR='$SRCDIR/tests/golden' NSRUN_SLOW=10 NSRUN_ONLY=$only
cd '$BUILDDIR'
if [ '$what' = --security ]; then
	for suite in $*; do
		sh '$SRCDIR/tests/security/run.sh' '$SRCDIR/'\$suite
	done
else
	sh '$SRCDIR/tests/hosts/run.sh' v2
	sh '$SRCDIR/tests/runner.sh' $* $units | grep -v -e '^[0-9]* passed, ' -e '^skipped: '
fi
JOB
if [ "$what" = --shell ]; then
	linux.uml mem=512M root=/dev/root rootfstype=hostfs rootflags=/ rw init="$SRCDIR/tests/vm/init.sh" con=null \
		con0=fd:0,fd:1 uml_dir="$lab/" quiet lab="$lab" guest=shell
	exit
fi
bed_boot v2 $seconds / rw init="$SRCDIR/tests/vm/init.sh"
bed_close
