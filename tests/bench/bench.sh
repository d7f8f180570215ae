#!/bin/bash
# Measure nsrun beside the raw-syscall floor and every rival runtime, interleaved round by round.
#
# usage: bench.sh [--smoke] [--json FILE] [--help-crun] [--config NAME]
#   --smoke      3 rounds: shows only that everything runs
#   --json FILE  write the results to FILE too
#   --help-crun  on a host with hybrid cgroups: hide the unified tree, in a mount namespace of the
#                bench's own, because crun refuses such hosts. Everything is then measured so.
#   --config NAME  another bundle than that of `spec`; there is no floor for these, and they need jq
#         seccomp  the default profile of engines (tests/run/seccomp-profile.json)
#         pod      the net, ipc and uts namespaces of a process that is already there
#         mounts   100 bind mounts more
#         hooks    10 createRuntime hooks, /bin/true each
#         userns   a user namespace with id maps
#         rootless an ordinary user (SUDO_UID, or nobody), one id mapped, without cgroups
# environment:
#   NSRUN=PATH   the nsrun to measure (./nsrun)       ROUNDS=N  rounds to measure (100)
#   RIVALS="name=path ..."  (crun runc youki, those on PATH; see rivals.sh)
#   BUSYBOX=PATH a static busybox (the one on PATH)   CC, CFLAGS  for the C files here
#
# Everything made lives in one temporary folder and under ids that begin with its name; all of it
# is removed at the end, also after an interrupt. A rival that cannot run the bundle here is
# reported as such; nsrun that cannot makes the bench fail.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
all_args=("$@")
rounds=${ROUNDS:-100}
json=
help_crun=
config=spec

die() {
	echo "bench.sh: $*" >&2
	exit 1
}

while [ $# -gt 0 ]; do
	case $1 in
	--smoke) rounds=3 ;;
	--json) shift && json=${1:?--json needs a file} ;;
	--help-crun) help_crun=yes ;;
	--config) shift && config=${1:?--config needs a name} ;;
	*) sed -n '2,/^set /{/^#/s/^# \?//p}' "$0" && exit 2 ;;
	esac
	shift
done
[ -n "${BENCH_AS_USER:-}" ] || [ "$(id -u)" = 0 ] || die "needs root"
case $config in
spec) ;;
seccomp | pod | mounts | hooks | userns | rootless) command -v jq >/dev/null || die "--config needs jq" ;;
*) die "no configuration is named $config" ;;
esac

if [ -n "$help_crun" ] && [ -z "${BENCH_IN_VIEW:-}" ]; then
	BENCH_IN_VIEW=1 exec "$here/crun-view.sh" bash "$0" ${all_args[@]+"${all_args[@]}"}
fi

# In the view, which takes root to make.
if [ $config = rootless ] && [ -z "${BENCH_AS_USER:-}" ]; then
	user=${SUDO_UID:-65534} group=${SUDO_GID:-65534}
	[ -z "$json" ] || { : >"$json" && chown "$user" "$json"; }
	BENCH_AS_USER=1 exec setpriv --reuid "$user" --regid "$group" --clear-groups --inh-caps=-all \
		bash "$0" ${all_args[@]+"${all_args[@]}"}
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/nsbench-XXXXXX")
# States live where /run does on nearly every host: in memory. A disk's file system would be measured instead.
state=$(mktemp -d "$([ -d /dev/shm ] && echo /dev/shm || echo "$work")/nsbench-state-XXXXXX")
prefix=$(basename "$work")
declare -A path=() cannot=()
runtimes=()
declare -A global=() # flags before the command
rounds_pid= # pid of the measuring program while it runs
pod_pid=    # of the process whose namespaces are joined
target_pid= # of unshare, whose child has the namespaces that the floor's exec enters

# Containers first, by their runtime; then whatever of ours is still in a cgroup.
clean_up() {
	local name id dir pid
	trap '' INT TERM HUP
	if [ -n "$rounds_pid" ]; then
		kill -TERM "$rounds_pid" 2>/dev/null || true
		wait "$rounds_pid" || true
	fi
	for name in "${runtimes[@]}"; do
		for dir in "$state/$name"/*/; do
			id=$(basename "$dir")
			"${path[$name]}" --root "$state/$name" delete --force "$id" \
				>/dev/null 2>&1 || true
		done
	done
	while read -r dir; do
		while read -r pid; do
			kill -KILL "$pid" 2>/dev/null || true
		done < <(cat "$dir/cgroup.procs" 2>/dev/null)
		for _ in 1 2 3 4 5 6 7 8 9 10; do
			rmdir "$dir" 2>/dev/null && break
			sleep 0.1
		done
	done < <(find /sys/fs/cgroup -depth -type d -name "$prefix*")
	[ -z "$pod_pid$target_pid" ] || kill -KILL $pod_pid $target_pid 2>/dev/null || true
	rm -rf "$work" "$state"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

compile() {
	local flags="-std=gnu11 -D_GNU_SOURCE -O2 ${CFLAGS:-} -static"
	# shellcheck disable=SC2086
	${CC:-cc} $flags -o "$work/floor" "$here/floor.c" "$here/floor_cgroup.c"
	# shellcheck disable=SC2086
	${CC:-cc} $flags -o "$work/rounds" "$here/rounds.c"
	# shellcheck disable=SC2086
	${CC:-cc} $flags -o "$work/report" "$here/report.c"
}

find_runtimes() {
	local entry
	if [ -z "${NSRUN:-}" ] && [ -x ./nsrun ]; then
		NSRUN=./nsrun
	fi
	if [ -n "${NSRUN:-}" ]; then
		[ -x "$NSRUN" ] || die "no program at NSRUN=$NSRUN"
		runtimes+=(nsrun)
		path[nsrun]=$(realpath "$NSRUN")
	fi
	# shellcheck source=tests/bench/on-path.sh
	. "$here/on-path.sh"
	for entry in $RIVALS; do
		[ -x "${entry#*=}" ] || die "no program at ${entry#*=} (RIVALS)"
		runtimes+=("${entry%%=*}")
		path[${entry%%=*}]=$(realpath "${entry#*=}")
	done
	# runc sees by itself that it may not.
	[ $config != rootless ] || global=([nsrun]=--cgroup-manager=disabled [crun]=--cgroup-manager=disabled)
}

# The same config.json for all: of the first runtime here that knows `spec`, without a terminal and
# with a cgroup namespace; $1 is the bundle, $2 the JSON of args.
make_bundle() {
	local name namespaces
	mkdir -p "$1"
	for name in "${runtimes[@]}"; do
		(cd "$1" && "${path[$name]}" spec >/dev/null 2>&1) && [ -s "$1/config.json" ] && break
	done
	[ -s "$1/config.json" ] || die "no runtime here can write a spec"
	namespaces=$(tr -d ' \t\n' <"$1/config.json" | grep -o '"namespaces":\[[^]]*\]')
	sed -z -i -e 's/"terminal": *true/"terminal": false/' \
		-e 's|"ociVersion": *"[^"]*"|"ociVersion": "1.0.2"|' \
		-e "s|\"args\": *\[[^]]*\]|\"args\": $2|" \
		-e 's|"path": *"rootfs"|"path": "../rootfs"|' "$1/config.json"
	case $namespaces in
	*'"type":"cgroup"'*) ;;
	*) sed -z -i 's/"namespaces": *\[/&{"type": "cgroup"},/' "$1/config.json" ;;
	esac
}

# What --config adds to the bundle $1.
configure_bundle() {
	local change=.
	case $config in
	spec) return ;;
	seccomp) change='.linux.seccomp = $profile[0]' ;;
	pod)
		if [ -z "$pod_pid" ]; then
			# It execs: the process is the one that has the namespaces. Those are there once its program runs.
			unshare --net --ipc --uts sleep 100000 </dev/null >/dev/null 2>&1 &
			pod_pid=$!
			disown
			until [ "$(cat "/proc/$pod_pid/comm")" = sleep ]; do sleep 0.05; done
		fi
		change='(.linux.namespaces[] | select(.type | IN("network", "ipc", "uts"))) |=
			(.path = "/proc/" + $pid + "/ns/" + (if .type == "network" then "net" else .type end)) | del(.hostname)'
		;;
	mounts)
		mkdir -p "$work/rootfs/m"/{1..100}
		change='.mounts += [range(1; 101) | {destination: "/m/\(.)", type: "bind", source: "/etc", options: ["bind", "ro", "nosuid"]}]'
		;;
	hooks) change='.hooks.createRuntime = [range(10) | {path: "/bin/true"}]' ;;
	userns)
		change='.linux.namespaces += [{type: "user"}]
			| .linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
		;;
	rootless)
		# What a single mapped id and no cgroup of one's own leave of it.
		change='.linux.namespaces |= (map(select(.type != "cgroup")) + [{type: "user"}]) | del(.linux.resources)
			| .linux.uidMappings = [{containerID: 0, hostID: ($uid | tonumber), size: 1}]
			| .linux.gidMappings = [{containerID: 0, hostID: ($gid | tonumber), size: 1}]
			| .mounts |= map(select(.type != "cgroup") | if .options then .options -= ["gid=5"] else . end)'
		;;
	esac
	jq --arg pid "$pod_pid" --arg uid "$(id -u)" --arg gid "$(id -g)" --slurpfile profile "$here/../run/seccomp-profile.json" "$change" "$1/config.json" >"$work/new"
	mv "$work/new" "$1/config.json"
}

make_rootfs() {
	local busybox=${BUSYBOX:-$(command -v busybox || true)} dir
	[ -n "$busybox" ] || die "no busybox (package busybox-static)"
	for dir in bin dev etc proc sys tmp; do
		mkdir -p "$work/rootfs/$dir"
	done
	cp "$busybox" "$work/rootfs/bin/busybox"
	ln -s busybox "$work/rootfs/bin/true"
	ln -s busybox "$work/rootfs/bin/sleep"
	${BENCH_AS_USER:+unshare --map-root-user} chroot "$work/rootfs" /bin/true 2>/dev/null || die "$busybox is not static (busybox-static)"
}

# Runs the bundle once with each runtime; those that cannot say why.
probe() {
	local name able=()
	for name in "${runtimes[@]}"; do
		if timeout 20 "${path[$name]}" ${global[$name]:-} --root "$state/$name" \
			run --bundle "$work/true" "$prefix-$name-probe" >"$work/out" 2>&1 </dev/null; then
			able+=("$name")
		else
			cannot[$name]=$(grep . "$work/out" | tail -n 1 | tr '\t' ' ' || true)
			timeout 20 "${path[$name]}" --root "$state/$name" delete --force \
				"$prefix-$name-probe" >/dev/null 2>&1 </dev/null || true
		fi
	done
	runtimes=("${able[@]}")
}

# One line of the plan: runtime, action, command, separated by tabs.
plan() {
	local IFS=$'\t'
	echo "$*"
}

# The process that the floor's exec enters: no container, only its namespaces.
make_target() {
	unshare --mount --uts --ipc --net --pid --cgroup --fork --kill-child sleep 100000 </dev/null >/dev/null 2>&1 &
	target_pid=$!
	disown
	until target=$(cat "/proc/$target_pid/task/$target_pid/children") && [ -n "$target" ] &&
		[ "$(cat "/proc/${target% }/comm")" = sleep ]; do sleep 0.05; done
	target=${target% }
}

make_plan() {
	local action name id args
	[ $config != spec ] || plan floor run "$work/floor" run "$work/rootfs" "$prefix-floor-%"
	for action in run create start exec state kill delete; do
		case $action in
		exec) [ -z "$target_pid" ] || plan floor exec "$work/floor" exec "$target" "$work/rootfs/bin/true" ;;
		state | kill) plan floor "$action" "$work/floor" empty ;;
		esac
		for name in "${runtimes[@]}"; do
			id=$prefix-$name-%
			case $action in
			run) args=(--bundle "$work/true" "$id") ;;
			create) args=(--bundle "$work/sleep" "$id") ;;
			exec) args=("$id" /bin/true) ;;
			kill) args=("$id" KILL) ;;
			*) args=("$id") ;;
			esac
			# shellcheck disable=SC2086 # none, or one word
			plan "$name" "$action" "${path[$name]}" ${global[$name]:-} --root "$state/$name" \
				"$action" "${args[@]}"
		done
	done
}

note_runtimes() {
	local name
	plan '!' bundle is "$config"
	plan '!' host is "Linux $(uname -r), $(nproc) cpus, load $(cut -d' ' -f1 /proc/loadavg)"
	for name in "${!path[@]}"; do
		plan '!' "$name" version "$("${path[$name]}" --version 2>/dev/null | head -n 1)"
	done
	for name in "${!cannot[@]}"; do
		plan '!' "$name" cannot "${cannot[$name]:-(no error text)}"
	done
}

compile
find_runtimes
if [ ${#runtimes[@]} -gt 0 ]; then
	make_bundle "$work/true" '["/bin/true"]'
	make_bundle "$work/sleep" '["/bin/sleep", "1000"]'
fi
make_rootfs
if [ ${#runtimes[@]} -gt 0 ]; then
	configure_bundle "$work/true"
	configure_bundle "$work/sleep"
fi
probe
[ $config != spec ] || make_target
make_plan >"$work/plan"
"$work/rounds" "$work/plan" "$rounds" </dev/null 2>"$work/errors" >"$work/samples" &
rounds_pid=$!
if ! wait "$rounds_pid"; then
	tail -n 5 "$work/errors" >&2
	die "stopped"
fi
rounds_pid=
note_runtimes >>"$work/samples"
"$work/report" "$work/samples" ${json:+"$json"}
[ -z "${cannot[nsrun]+set}" ] || die "nsrun cannot run the bundle: ${cannot[nsrun]}"
