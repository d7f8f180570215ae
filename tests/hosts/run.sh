#!/bin/sh
# run.sh: runs matrix.bats for one kind of host, on which it must be, and leaves TAP in BUILDDIR/hosts/KIND.tap.
#
#	run.sh KIND                    v1, hybrid, v2, hybrid-systemd, v2-systemd, user, disabled
#	run.sh --skip REASON KIND...   notes that there is no such host
#
# Ends with one line for people; the sums are added to the file of NSRUN_TALLY.
set -u
here=$(cd "$(dirname "$0")" && pwd)
hosts=${BUILDDIR:-$here/../..}/hosts
mkdir -p "$hosts" || exit 1

# tally PASSED FAILED SKIPPED
tally() {
	[ -z "${NSRUN_TALLY:-}" ] || echo "$@" >>"$NSRUN_TALLY"
}

# skipped KIND REASON
skipped() {
	{
		n=0
		echo 1..7
		for test in create limits update pause stats kill delete; do
			n=$((n + 1))
			echo "ok $n $test # skip $2"
		done
	} >"$hosts/$1.tap"
	echo "host $1: skipped: $2"
}

if [ "${1:-}" = --skip ]; then
	reason=$2
	shift 2
	for kind in "$@"; do
		skipped "$kind" "$reason"
	done
	exit 0
fi

kind=${1:?the kind of host}
missing=
within=
flags=
case $kind in
v1)
	[ -d /sys/fs/cgroup/pids ] || missing="this host has no cgroup v1"
	[ ! -d /sys/fs/cgroup/unified ] || within="sh $here/view.sh v1"
	;;
hybrid) [ -d /sys/fs/cgroup/pids ] && [ -d /sys/fs/cgroup/unified ] || missing="this host is not hybrid" ;;
v2) [ -e /sys/fs/cgroup/cgroup.controllers ] || missing="this host has more than cgroup v2" ;;
hybrid-systemd | v2-systemd | user)
	[ -d /run/systemd/system ] || missing="there is no systemd"
	flags=--systemd-cgroup
	;;
disabled) flags='--cgroup-manager disabled' ;;
*)
	echo "$0: no kind of host is named $kind" >&2
	exit 2
	;;
esac
command -v bats >/dev/null || missing="bats is missing"
[ -z "$missing" ] || {
	skipped "$kind" "$missing"
	tally 0 0 7
	i=0
	while [ -n "${NSRUN_TALLY:-}" ] && [ $i -lt 7 ]; do
		echo "reason $missing" >>"$NSRUN_TALLY"
		i=$((i + 1))
	done
	exit 0
}

tap=$hosts/$kind.tap
# AS_USER is the command line by which root becomes the user of that kind; the file is root's.
# shellcheck disable=SC2046,SC2086 # lists of words
KIND=$kind NSRUN_FLAGS=$flags $within ${AS_USER:-} \
	bats --tap $(bats --help | grep -o -- --print-output-on-failure) "$here/matrix.bats" >"$tap" 2>&1 </dev/null
p=$(grep -c '^ok ' "$tap")
f=$((7 - p))
[ "$f" -eq 0 ] || grep -v '^ok ' "$tap"
signs=$(sed -n 's/^ok [0-9]* \([a-z]*\).*/\1 ✓/p; s/^not ok [0-9]* \([a-z]*\).*/\1 ✗/p' "$tap" | paste -sd ' ')
echo "host $kind: $signs"
tally "$p" "$f" 0
[ "$f" -eq 0 ]
