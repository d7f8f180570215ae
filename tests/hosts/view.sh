#!/bin/sh
# view.sh: runs a command in a mount namespace of its own, in which this hybrid host looks like another kind.
#
#	view.sh v1 COMMAND...    without the cgroup2 at "unified"
#	view.sh v2 COMMAND...    with nothing but it: no controllers, unless v1 left it some
#
# The command sees the same processes and cgroups as everybody. Exit status: the command's; 0 where this host is not hybrid,
# which is said and counts as a test that was skipped.
set -eu
kind=${1:?v1 or v2}
shift
[ -e /sys/fs/cgroup/unified/cgroup.procs ] || {
	echo "a view of cgroup $kind alone: skipped: this host is not hybrid"
	[ -z "${NSRUN_TALLY:-}" ] || printf '0 0 1\nreason this host is not hybrid\n' >>"$NSRUN_TALLY"
	exit 0
}
# shellcheck disable=SC2016 # for the other shell
case $kind in
v1) make='
	view=$(mktemp -d)
	mount -t tmpfs -o mode=755 v1 "$view"
	for dir in /sys/fs/cgroup/*/; do
		name=$(basename "$dir")
		[ "$name" != unified ] || continue
		if [ -L "${dir%/}" ]; then
			ln -s "$(readlink "${dir%/}")" "$view/$name"
		else
			mkdir "$view/$name"
			mount --bind "$dir" "$view/$name"
		fi
	done
	mount --move "$view" /sys/fs/cgroup
	rmdir "$view"' ;;
v2) make='mount --bind /sys/fs/cgroup/unified /sys/fs/cgroup' ;;
*)
	echo "$0: there is no view $kind" >&2
	exit 2
	;;
esac
exec unshare --mount --propagation private sh -euc "$make"'
	exec "$@"' sh "$@"
