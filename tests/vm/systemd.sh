#!/bin/sh
# systemd.sh: runs suites on a machine whose first process is systemd, as root and as a user with a manager of its own.
#
#	systemd.sh             the host matrix, and the tests of tests/systemd/*.bats with the tag "bed"
#	systemd.sh --all       all tests there
#	systemd.sh --shell [user]
#	                       a shell there, root's or the user's
#
# The machine is user-mode Linux with the root of tree.sh, read-only; sources and build are mounted in it.
bed=check-systemd kinds='v2-systemd user hybrid-systemd'
# shellcheck source=tests/vm/machine.sh
. "$(dirname "$0")/machine.sh"

bed_begin
root=$(sh "$SRCDIR/tests/vm/tree.sh") || {
	[ $? -eq 77 ] || exit 1
	bed_skip "$(echo "$root" | tail -n 1)"
}
root=$(echo "$root" | tail -n 1)
begun=$(date +%s)
only=bed
[ "${1:-}" != --all ] || only=
cat >"$lab/job" <<JOB
export NSRUN_ONLY=$only
guest=\$(tr ' ' '\n' </proc/cmdline | sed -n s/^guest=//p)
mkdir /lab/src /lab/build
mount -t hostfs -o '$SRCDIR' none /lab/src
mount -t hostfs -o '$BUILDDIR' none /lab/build
case \$guest in
shell*) exec setsid --ctty --wait sh /lab/src/tests/vm/systemd-job.sh "\$guest" </dev/console >/dev/console 2>&1 ;;
esac
exec sh /lab/src/tests/vm/systemd-job.sh "\$guest" >"/lab/job/\$guest.out" 2>&1 </dev/null
JOB
if [ "${1:-}" = --shell ]; then
	linux.uml mem=512M root=/dev/root rootfstype=hostfs rootflags="$root" ro init=/lib/systemd/systemd con=null \
		con0=fd:0,fd:1 uml_dir="$lab/" quiet lab="$lab" guest="shell${2:+-$2}"
	exit
fi
bed_boot root 2400 "$root" ro init=/lib/systemd/systemd
bed_boot user 2400 "$root" ro init=/lib/systemd/systemd
bed_boot hybrid 2400 "$root" ro init=/lib/systemd/systemd systemd.unified_cgroup_hierarchy=0 \
	systemd.legacy_systemd_cgroup_controller=0
bed_close
