#!/bin/sh
# systemd-job.sh: what runs on a systemd machine, as a service: the suites of root or of user, on hybrid cgroups the
# matrix alone; or a shell.
#
#	systemd-job.sh root|user|hybrid|shell|shell-user
set -u
who=$1
export SRCDIR=/lab/src BUILDDIR=/lab/build NSRUN=/lab/build/nsrun NSRUN_TALLY="/lab/job/$who.tally"
export NSRUN_TIMES="/lab/job/$who.times"
export NSRUN_SLOW=10 TMPDIR=/tmp HOME=/root AS_USER=
ip link set lo up
cd /lab/build || exit 1
# The user adds to it too.
touch "$NSRUN_TALLY" "$NSRUN_TIMES"
chmod 666 "$NSRUN_TALLY" "$NSRUN_TIMES"

case $who in
*user)
	install -d -o tester -g tester /home/tester
	loginctl enable-linger tester
	try=0
	while [ ! -S /run/user/1000/bus ] && [ $try -lt 20 ]; do
		sleep 1
		try=$((try + 1))
	done
	AS_USER="setpriv --reuid tester --regid tester --init-groups env HOME=/home/tester USER=tester
		XDG_RUNTIME_DIR=/run/user/1000 DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus"
	;;
esac

# run.sh takes AS_USER too, but writes as root.
# shellcheck disable=SC2086 # a command line
case $who in
shell*)
	cd /
	exec $AS_USER bash -i
	;;
root)
	sh "$SRCDIR/tests/hosts/run.sh" v2-systemd
	for suite in "$SRCDIR"/tests/systemd/*.bats; do
		case $suite in
		*/user*) ;;
		*) [ ! -e "$suite" ] || sh "$SRCDIR/tests/runner.sh" "$suite" ;;
		esac
	done
	;;
user)
	sh "$SRCDIR/tests/hosts/run.sh" user
	for suite in "$SRCDIR"/tests/systemd/user*.bats; do
		[ ! -e "$suite" ] || $AS_USER sh "$SRCDIR/tests/runner.sh" "$suite"
	done
	;;
hybrid) sh "$SRCDIR/tests/hosts/run.sh" hybrid-systemd ;;
esac
touch "/lab/job/$who.ended"
