#!/bin/bash
# run.sh: runs container engines with low-level runtimes, and prints what works: engine, action, and a column a runtime.
#
#	run.sh [--runtime NAME=PATH]... [--engine NAME]... [--action LABEL] [--check FILE | --write FILE]
#
# Without --runtime: nsrun of NSRUN or of this tree, and crun and runc where they are on PATH; without --engine: all. The
# name of a runtime is the one by which engines know it. What nsrun fails and no rival passes is no failure of nsrun where
# there is a rival: then it is the engine's, or the host's, and is named. --check fails when FILE (README.md) has not the
# rows of nsrun that were found, --write puts them there. Needs root; touches no engine of this machine (bed.bash).
set -u
here=$(cd "$(dirname "$0")" && pwd)
SRCDIR=${SRCDIR:-$(cd "$here/../.." && pwd)}
export SRCDIR
ALL=(podman podman-user docker containerd cri buildah)
runtimes=() engines=() only= readme=

usage() {
	sed -n '4s/^#\t/usage: /p' "$0" >&2
	exit 2
}

while [ $# -gt 0 ]; do
	[ $# -ge 2 ] || usage
	case $1 in
	--runtime) [[ $2 == ?*=/* ]] && runtimes+=("$2") || usage ;;
	--engine) engines+=("$2") ;;
	--action) only=$2 ;;
	--check | --write) readme="$1 $2" ;;
	*) usage ;;
	esac
	shift 2
done
[ "$(id -u)" -eq 0 ] || {
	echo "skipped: engines need root"
	exit 77
}
if [ ${#runtimes[@]} -eq 0 ]; then
	runtimes=("nsrun=${NSRUN:-$SRCDIR/nsrun}")
	for name in crun runc; do
		runtimes+=("$name=$(command -v $name)")
	done
fi
[ ${#engines[@]} -gt 0 ] || engines=("${ALL[@]}")

top=$(mktemp -d "${TMPDIR:-/tmp}/nsrun-engines.XXXXXX") || exit 1
chmod 755 "$top"
results=${ENGINES_KEEP:-$top/results}
: >"$results"
tag=nsrun-engines-$$
jobs_running=() keys_running=()

# cgroup_tops: where the hierarchies of this host are mounted
cgroup_tops() {
	awk '$3 == "cgroup" || $3 == "cgroup2" { print $2 }' /proc/self/mounts
}

# cgroups_remove NAME: one of ours, in every hierarchy; says what was in it, and kills that
cgroups_remove() {
	local dir try
	cgroup_tops | while read -r dir; do
		[ -d "$dir/$1" ] || continue
		for ((try = 0; try < 100; try++)); do
			find "$dir/$1" -name cgroup.procs -exec cat {} + 2>/dev/null | xargs -r kill -KILL 2>/dev/null
			find "$dir/$1" -depth -type d -exec rmdir {} \; 2>/dev/null
			[ -d "$dir/$1" ] || break
			sleep 0.1
		done
		[ ! -d "$dir/$1" ] || echo "left behind: cgroup $dir/$1" >&2
	done
}

clean_up() {
	local pid dir
	# A second signal must not end this half-way.
	trap "" INT TERM HUP
	for pid in ${jobs_running[@]+"${jobs_running[@]}"}; do
		kill -KILL "$pid" 2>/dev/null
	done
	wait 2>/dev/null
	for dir in "$top"/*.bed; do
		[ -d "$dir" ] || continue
		cgroups_remove "$tag-$(basename "$dir" .bed)"
	done
	rm -rf "$top"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

# cgroups_enter NAME PID: a process goes into a new cgroup of every hierarchy
cgroups_enter() {
	local dir file
	cgroup_tops | while read -r dir; do
		mkdir "$dir/$1" || exit 1
		for file in cpuset.cpus cpuset.mems; do
			[ ! -e "$dir/cgroup.clone_children" ] || [ ! -e "$dir/$file" ] || cat "$dir/$file" >"$dir/$1/$file"
		done
		[ ! -e "$dir/cpuset.mems" ] || [ ! -e "$dir/cgroup.clone_children" ] || echo 1 >"$dir/$1/cgroup.clone_children"
		echo "$2" >"$dir/$1/cgroup.procs" || exit 1
	done
}

# session ENGINE NAME PATH: in the background; its process is the one that has made the namespaces
session() {
	local key=$1-$2
	mkdir -p "$top/$key.bed"
	printf '%s\t-\t%s\tbegun\t0\t\n' "$1" "$2" >>"$results"
	(
		trap - EXIT INT TERM HUP
		cgroups_enter "$tag-$key" "$BASHPID" || exit 1
		BED=$top/$key.bed exec unshare --cgroup --net --mount --pid --ipc --uts --fork --kill-child=KILL --mount-proc \
			bash "$here/session.sh" "$1" "$2" "$3" "$results" ${only:+"$only"}
	) >"$top/$key.log" 2>&1 </dev/null &
	jobs_running+=($!)
	keys_running+=("$key")
}

# absent ENGINE: why it cannot be run here; nothing when it can
absent() {
	local program
	case $1 in
	podman | podman-user) program=podman ;;
	docker) program=dockerd ;;
	containerd | cri) program=containerd ;;
	*) program=$1 ;;
	esac
	command -v "$program" >/dev/null || echo "$program is missing"
	[ "$1" != cri ] || /usr/bin/python3 -c 'import grpc' 2>/dev/null || echo "python3-grpcio is missing"
}

# finish: waits for the oldest session, removes what is left of it, and shows what it said
finish() {
	local key=${keys_running[0]}
	wait "${jobs_running[0]}"
	jobs_running=("${jobs_running[@]:1}")
	keys_running=("${keys_running[@]:1}")
	cgroups_remove "$tag-$key"
	rmdir "$top/$key.bed" 2>/dev/null
	cat "$top/$key.log"
}

# shellcheck source=bed.bash
. "$here/bed.bash"
begun=$(date +%s)
export IMAGE_TAR=$top/image.tar
bed_rootfs "$IMAGE_TAR"
for engine in "${engines[@]}"; do
	[ -r "$here/$engine.bash" ] || {
		echo "$0: no engine is named $engine: ${ALL[*]}" >&2
		exit 2
	}
	why=$(absent "$engine")
	[ -z "$why" ] || {
		printf '%s\t-\t-\tabsent\t0\t%s\n' "$engine" "$why" >>"$results"
		continue
	}
	for pair in "${runtimes[@]}"; do
		[ -n "${pair#*=}" ] || continue
		[ ${#jobs_running[@]} -lt "${ENGINES_AT_ONCE:-2}" ] || finish
		session "$engine" "${pair%%=*}" "${pair#*=}"
	done
done
while [ ${#jobs_running[@]} -gt 0 ]; do
	finish
done
names=$(printf '%s\n' "${runtimes[@]%%=*}" | paste -sd' ')
absent=
for pair in "${runtimes[@]}"; do
	[ -n "${pair#*=}" ] || absent="$absent ${pair%%=*}"
done
awk -v runtimes="$names" -v absent="$absent" -v tally="${NSRUN_TALLY:-}" -f "$here/table.awk" "$results"
rc=$?
echo "engines took $(($(date +%s) - begun)) s"
[ -z "$readme" ] || bash "$here/readme.sh" $readme "$results" "$names" || rc=1
exit $rc
