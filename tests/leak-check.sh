#!/bin/sh
# leak-check.sh: what the tests left on this machine.
#
#	leak-check.sh begin FILE     notes what is there
#	leak-check.sh end FILE       compares, names what is new, and fails when something is
set -eu
[ $# -eq 2 ] || {
	echo "usage: $0 begin|end FILE" >&2
	exit 2
}

# One line for each thing that a container could leave behind: its kind and its name.
snapshot() {
	find /sys/fs/cgroup -type d 2>/dev/null | sed 's/^/cgroup /'
	# The mount id changes with every mount; what counts is what is mounted where.
	awk '{ print "mount", $5, $(NF - 2) }' /proc/self/mountinfo
	for dir in /proc/[0-9]*; do
		{ name=$(tr '\0' ' ' <"$dir/cmdline"); } 2>/dev/null || continue
		case "$(cat "$dir/comm" 2>/dev/null) ${name%% *}" in
		*nsrun* | *linux.uml*) echo "process ${dir#/proc/} $name" ;;
		esac
	done
	for state in /run/nsrun /run/user/*/nsrun; do
		[ ! -d "$state" ] || find "$state" -mindepth 1 -maxdepth 1 ! -name .cache | sed 's/^/state /'
	done
	find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'nsrun*' | sed 's/^/file /'
	# A root of the systemd machine that never became complete.
	find "${XDG_CACHE_HOME:-/var/cache}/nsrun" -maxdepth 1 -name '.new.*' 2>/dev/null | sed 's/^/file /'
	ls /sys/class/net | sed 's/^/network device /'
	ipcs 2>/dev/null | sed -n 's/^0x[0-9a-f]* *\([0-9]*\) .*/ipc \1/p'
}

case $1 in
begin) snapshot | LC_ALL=C sort -u >"$2" ;;
end)
	# A process that was killed may need a moment to go.
	for try in 1 2 3 4 5 6 7 8 9 10; do
		left=$(snapshot | LC_ALL=C sort -u | LC_ALL=C comm -13 "$2" -)
		[ -n "$left" ] || break
		[ "$try" -eq 10 ] || sleep 0.2
	done
	if [ -n "$left" ]; then
		echo "$left" | sed 's/^/left behind: /'
		echo "leak check: $(echo "$left" | wc -l) left behind"
		exit 1
	fi
	echo "leak check: no cgroup, mount, process, state, file, network device or ipc left behind"
	;;
*)
	echo "$0: $1: begin or end" >&2
	exit 2
	;;
esac
