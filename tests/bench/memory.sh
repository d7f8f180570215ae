#!/bin/bash
# memory.sh: the smallest memory limit with which each runtime runs /bin/true, and what its waiting init has of its own.
#
#	[NSRUN=PROGRAM] [RIVALS="name=path ..."] memory.sh [--smoke]      (on a hybrid host: crun-view.sh memory.sh)
#
# The limit is linux.resources.memory.limit of config.json, found by halving, in steps of 32 KiB; it counts when three runs
# in a row work. All is done on one cpu: the kernel charges 128 KiB ahead for each cpu that a container was on. The init is
# that of a container that is created and not started, beside another one of the same runtime: what one more takes. What it
# has of its own are the lines Private_* of its smaps_rollup. The program is a static busybox; the floor, on cgroup v1, is
# what a shell needs that enters a cgroup with the limit and executes it.
# --smoke: nsrun alone, few runs; it fails when no limit up to 2 MiB is enough, or the init of nsrun has more than 300 KiB.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
NSRUN=$(readlink -f "${NSRUN:-$here/../../nsrun}")
# shellcheck disable=SC2086 # words
[ -z "${MEMORY_FLAGS:-}" ] || set -- $MEMORY_FLAGS "$@"
low=32 high=8192 tries=3
[ "${1:-}" != --smoke ] || { RIVALS='' high=2048 tries=1; }
[ "$(id -u)" -eq 0 ] || { echo "needs root" && exit 77; }
for program in busybox jq taskset; do
	command -v $program >/dev/null || { echo "$program is missing" && exit 77; }
done
! grep -q __asan_init "$NSRUN" || { echo "a build with sanitizers has other memory" && exit 77; }
[ -d /sys/fs/cgroup/memory ] || grep -qsw memory /sys/fs/cgroup/cgroup.controllers || { echo "no memory controller" && exit 77; }
# shellcheck source=tests/bench/on-path.sh
. "$here/on-path.sh"

work=$(mktemp -d "${TMPDIR:-/tmp}/nsmemory-XXXXXX")
id=$(basename "$work")
runtime=$NSRUN
cgroup=/sys/fs/cgroup/memory$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)/$id-floor
cpu=$(taskset -cp $$ | sed 's/.*: //; s/[,-].*//') # the first that we may use

rt() {
	timeout 30 taskset -c "$cpu" "$runtime" --root "$work/state" "$@" </dev/null >"$work/said" 2>&1
}

clean_up() {
	rt delete --force "$id" || :
	rt delete --force "$id-2" || :
	[ ! -d "$cgroup" ] || rmdir "$cgroup"
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

# set_up LIMIT_IN_KIB PROGRAM...; 0: no limit
set_up() {
	local limit=$1
	shift
	jq --argjson limit $((limit * 1024)) '.process.args = $ARGS.positional
		| if $limit > 0 then .linux.resources.memory.limit = $limit else . end' --args "$@" \
		<"$work/spec.json" >"$work/bundle/config.json"
}

# works LIMIT_IN_KIB
works() {
	local i
	if [ "$runtime" = floor ]; then
		for ((i = 0; i < tries; i++)); do
			[ ! -d "$cgroup" ] || rmdir "$cgroup"
			mkdir "$cgroup"
			echo $(($1 * 1024)) >"$cgroup/memory.limit_in_bytes"
			# The braces keep the shell's own word on a killed child out of our output.
			# shellcheck disable=SC2016 # for the other shell
			{ taskset -c "$cpu" sh -c 'echo $$ >"$0/tasks" && exec "$1" true' "$cgroup" "$work/bundle/rootfs/bin/busybox"; } \
				>/dev/null 2>&1 || return 1
		done
		return
	fi
	set_up "$1" /bin/true
	for ((i = 0; i < tries; i++)); do
		rt run --bundle "$work/bundle" "$id" || { rt delete --force "$id" || :; return 1; }
	done
}

smallest() {
	local a=$low b=$high middle
	works $b || { echo "-" && return; }
	while [ $((b - a)) -gt 32 ]; do
		middle=$(((a + b) / 64 * 32))
		if works $middle; then b=$middle; else a=$middle; fi
	done
	echo $b
}

# private: KiB
private() {
	local pid
	set_up 0 /bin/true
	rt create --bundle "$work/bundle" "$id" || { echo "-" && return; }
	rt create --pid-file "$work/pid" --bundle "$work/bundle" "$id-2" || { echo "-" && return; }
	read -r pid <"$work/pid"
	awk '/^Private_(Clean|Dirty)/ { n += $2 } END { print n }' "/proc/$pid/smaps_rollup"
	rt delete --force "$id"
	rt delete --force "$id-2"
}

mkdir -p "$work/bundle/rootfs"/{bin,dev,etc,proc,sys,tmp}
cp "$(command -v busybox)" "$work/bundle/rootfs/bin/busybox"
ln -s busybox "$work/bundle/rootfs/bin/true"
"$NSRUN" spec --no-terminal --bundle "$work/bundle"
# Old rivals know no newer one.
jq '.ociVersion = "1.0.2"' "$work/bundle/config.json" >"$work/spec.json"
printf '%-10s %22s %22s\n' runtime 'smallest limit (KiB)' 'init, private (KiB)'
if [ -d /sys/fs/cgroup/memory ] && [ "${1:-}" != --smoke ]; then
	runtime=floor
	printf '%-10s %22s\n' floor "$(smallest)"
fi
for entry in "nsrun=$NSRUN" $RIVALS; do
	runtime=${entry#*=}
	limit=$(smallest) own=$(private)
	printf '%-10s %22s %22s\n' "${entry%%=*}" "$limit" "$own"
	[ "${1:-}" != --smoke ] || { [ "$limit" != - ] && [ "$own" -le 300 ]; }
done
