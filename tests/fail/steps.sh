#!/bin/bash
# steps.sh: makes each step of real creates fail in turn, kills each process in each step, and looks for what is left.
#
#	[FULL=1] [NSRUN=PROGRAM] steps.sh [CONFIG]...
#
# For each step n of the plan of each CONFIG, with a build that can inject faults (--enable-faults):
#	NSRUN_FAIL_AT       the step fails: create says no, names the step, and leaves nothing; of a step behind "wait"
#	                    start says so
#	NSRUN_KILL_AT       the process that is in the step gets SIGKILL: delete --force says 0 and leaves nothing
#	NSRUN_KILL_INIT_AT  init gets SIGKILL while the host's side is in the step: the same
# Nothing left: no state, cgroup (in any hierarchy), mount or process; and the id can be used again.
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
set -u
here=$(cd "$(dirname "$0")" && pwd)
NSRUN=$(readlink -f "${NSRUN:-$here/../../nsrun}")

skip() {
	echo "$1"
	exit 77
}
[ "$(id -u)" -eq 0 ] || skip "needs root"
for program in jq busybox pgrep unshare setsid; do
	command -v $program >/dev/null || skip "$program is missing"
done
grep -q NSRUN_FAIL_AT "$NSRUN" || skip "this build cannot inject faults"

WORK=$(mktemp -d "${TMPDIR:-/tmp}/nsrun-fail.XXXXXX") || exit 1
chmod 711 "$WORK"
ROOT=$WORK/state
ID=$(basename "$WORK" | tr . -)
BUNDLE=$WORK/bundle
PAUSE=
flags=()
points=0 passed=0 failed=0 leaks=0 configs=0

clean_up() {
	[ -z "$PAUSE" ] || kill -KILL "$PAUSE" 2>/dev/null
	nsrun delete --force "$ID" >/dev/null 2>&1
	rm -rf --one-file-system "$WORK"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

nsrun() {
	"$NSRUN" --root "$ROOT" "$@" </dev/null
}

make_bundle() {
	mkdir -p "$BUNDLE"/rootfs/{bin,dev,etc,proc,sys,tmp}
	cp "$(command -v busybox)" "$BUNDLE/rootfs/bin/busybox"
	chroot "$BUNDLE/rootfs" /bin/busybox --install /bin
	nsrun spec --bundle "$BUNDLE"
	# The name of WORK is how a program that is left behind is found.
	edit '.process.terminal = false | .process.args = ["sh", "-c", $sh]' --arg sh "sleep 600; : $WORK"
	cp "$BUNDLE/config.json" "$WORK/spec.json"
}

edit() {
	local filter=$1
	shift
	jq "$@" "$filter" "$BUNDLE/config.json" >"$WORK/new.json" && mv "$WORK/new.json" "$BUNDLE/config.json"
}

# The configs: each begins as that of `nsrun spec`.
config_spec() { :; }

config_userns() {
	edit '.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
}

config_idmap() {
	config_userns
	mkdir -p "$WORK/volume" "$BUNDLE/rootfs/volume" "$BUNDLE/rootfs/other"
	edit '.mounts += [{destination: "/volume", source: $volume, options: ["rbind", "ridmap"]},
		{destination: "/other", source: $volume, options: ["bind", "idmap=uids=0-7-1;gids=0-7-1"]}]' \
		--arg volume "$WORK/volume"
}

# A class of resctrl of its own and a monitoring group in it; a directory stands for the mount.
config_rdt() {
	export NSRUN_RESCTRL=$WORK/resctrl
	mkdir -p "$NSRUN_RESCTRL/mon_groups"
	touch "$NSRUN_RESCTRL"/{schemata,tasks}
	edit '.linux.intelRdt = {l3CacheSchema: "L3:0=f", enableMonitoring: true}'
}

config_hooks() {
	local hook='{path: "/bin/sh", args: ["sh", "-c", "cat >/dev/null # \($work)"]}' filter

	cp "$(command -v busybox)" "$BUNDLE/rootfs/bin/sh.new" && mv "$BUNDLE/rootfs/bin/sh.new" "$BUNDLE/rootfs/bin/sh"
	filter=".hooks = {createRuntime: [$hook], prestart: [$hook], createContainer: [$hook],
		startContainer: [$hook], poststart: [$hook], poststop: [$hook]}"
	edit "$filter" --arg work "$WORK"
}

config_seccomp() {
	edit '.process.noNewPrivileges = false | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
		syscalls: [{names: ["getcwd"], action: "SCMP_ACT_ERRNO"}]}'
}

config_notify() {
	${CC:-cc} -D_GNU_SOURCE -o "$WORK/agent" "$here/../run/agent.c" || return 1
	edit '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: $path,
		syscalls: [{names: ["chroot"], action: "SCMP_ACT_NOTIFY"}]}' --arg path "$WORK/agent.sock"
}

config_joined() {
	unshare --net --ipc --uts --pid --fork --kill-child sleep 600 </dev/null >/dev/null 2>&1 &
	PAUSE=$!
	until pid=$(pgrep -P "$PAUSE"); do sleep 0.02; done
	edit '.linux.namespaces |= map(if .type | IN("network", "ipc", "uts", "pid")
		then .path = "/proc/\($pid)/ns/\(if .type == "network" then "net" else .type end)" else . end)' \
		--arg pid "$pid"
}

config_terminal() {
	${CC:-cc} -D_GNU_SOURCE -o "$WORK/recvtty" "$here/../run/recvtty.c" || return 1
	edit '.process.terminal = true'
	flags=(--console-socket "$WORK/tty")
}

config_limits() {
	edit '.linux.resources += {memory: {limit: 33554432}, cpu: {quota: 50000, period: 100000}, pids: {limit: 20}}
		| .process.rlimits += [{type: "RLIMIT_CORE", soft: 0, hard: 0}] | .process.oomScoreAdj = 100
		| .linux.sysctl = {"net.ipv4.ip_forward": "1"} | .domainname = "example.org"'
}

config_process() {
	config_userns
	edit '.process.scheduler = {policy: "SCHED_BATCH", nice: 3} | .process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6}
		| .linux.personality = {domain: "LINUX"} | .process.user.umask = 63'
	[ ! -e /proc/self/numa_maps ] || edit '.linux.memoryPolicy = {mode: "MPOL_PREFERRED", nodes: "0"}'
	[ ! -e /proc/self/ns/time ] ||
		edit '.linux.namespaces += [{type: "time"}] | .linux.timeOffsets = {boottime: {secs: 60}, monotonic: {secs: 60}}'
}

config_plain() {
	edit '.linux.namespaces |= map(select(.type | IN("pid", "mount", "uts"))) | .root.readonly = false
		| .mounts |= map(select(.type | IN("sysfs", "mqueue") | not))'
	flags=(--no-pivot)
}

config_hostmounts() {
	edit '.linux.namespaces |= map(select(.type != "mount")) | del(.linux.maskedPaths, .linux.readonlyPaths)'
}

# report OK WHAT: counts one point; shows what failed
report() {
	points=$((points + 1))
	if [ "$1" = ok ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "not ok $points - $2"
	fi
}

# left_behind: what is left of the container, one per line
left_behind() {
	local found

	for _ in 1 2 3 4 5; do
		found=$(
			find "$ROOT" -mindepth 1 -name .cache -prune -o -mindepth 1 -print 2>/dev/null
			find /sys/fs/cgroup -type d -name "*$ID*" 2>/dev/null
			find "$WORK/resctrl" -name "*$ID*" 2>/dev/null
			grep -F "$WORK" /proc/self/mountinfo
			pgrep -a -f "$WORK" 2>/dev/null | grep -v -e recvtty -e "$WORK/agent"
		)
		[ -n "$found" ] || return 0
		# The orphan of a killed command has its death signal on the way.
		sleep 0.1
	done
	echo "$found"
}

# create [VARIABLE=VALUE]...: its status in rc, what it says in text
create() {
	local socket_owner=

	rm -f "$WORK/pid" "$WORK/tty" "$WORK/agent.sock"
	if [ -x "$WORK/recvtty" ] && [ ${#flags[@]} -gt 0 ] && [ "${flags[0]}" = --console-socket ]; then
		"$WORK/recvtty" "$WORK/tty" </dev/null >/dev/null 2>&1 &
		socket_owner=$!
		until [ -S "$WORK/tty" ]; do sleep 0.005; done
	fi
	if [ "$config" = notify ]; then
		"$WORK/agent" "$WORK/agent.sock" "$WORK/told" 0 </dev/null >/dev/null 2>&1 &
		socket_owner=$!
		until [ -S "$WORK/agent.sock" ]; do sleep 0.005; done
	fi
	# The braces keep the shell's own word on a killed child out of our output.
	{
		env "$@" timeout 20 "$NSRUN" --root "$ROOT" create --bundle "$BUNDLE" --pid-file "$WORK/pid" \
			"${flags[@]}" "$ID" </dev/null >"$WORK/said" 2>&1
	} 2>/dev/null
	rc=$?
	text=$(cat "$WORK/said")
	[ -z "$socket_owner" ] || [ $rc -eq 0 ] || { kill $socket_owner && wait $socket_owner; } 2>/dev/null
}

# expect_nothing WHERE: forces the container away and proves that it is gone and its id free
expect_nothing() {
	local said left problem=

	said=$(nsrun delete --force "$ID" 2>&1) || problem+=" delete --force failed: $said;"
	left=$(left_behind)
	[ -z "$left" ] || {
		leaks=$((leaks + 1))
		problem+=" left: $left;"
		reset_leak
	}
	create
	[ $rc -eq 0 ] || problem+=" cannot create again: $text;"
	nsrun delete --force "$ID" >/dev/null 2>&1
	[ -z "$problem" ] && report ok || report no "$1:$problem"
}

# So that one leak is not found again at each later point.
reset_leak() {
	pkill -KILL -f "$WORK/bundle" 2>/dev/null
	sleep 0.05
	find /sys/fs/cgroup -depth -type d -name "*$ID*" -exec rmdir {} \; 2>/dev/null
	rm -rf "${ROOT:?}/$ID"
}

# fail_step N WAIT LABEL
fail_step() {
	local n=$1 where="$config: fail at $1 $3"

	create NSRUN_FAIL_AT="$n"
	if [ "$n" -gt "$2" ] && [ $rc -eq 0 ]; then
		text=$(nsrun start "$ID" 2>&1)
		rc=$?
	elif [ "$n" -gt "$2" ]; then
		rc=0 text="create must succeed: $text"
	elif [ "$n" -eq "$2" ]; then
		expect_nothing "$where"
		return
	else
		[ ! -e "$WORK/pid" ] || text="the pid file is left"
		[ -z "$(left_behind)" ] || text="left by a failed create: $(left_behind)"
	fi
	if [ $rc -eq 0 ] || [ $rc -ge 124 ]; then
		report no "$where: exit status $rc: $text"
	elif ! grep -q "step $n " <<<"$text"; then
		report no "$where: the error does not name it: $text"
	else
		report ok
	fi
	nsrun delete --force "$ID" >/dev/null 2>&1
}

# kill_step VARIABLE N LABEL WHAT: WHAT of create's error must be there, unless it is empty
kill_step() {
	local where="$config: $1=$2 $3"

	create "$1=$2"
	if [ $rc -eq 124 ]; then
		report no "$where: create hangs"
	elif [ -n "$4" ] && { [ $rc -ne 1 ] || [[ $text != *"$4"* ]]; }; then
		report no "$where: exit status $rc, the error does not say \"$4\": $text"
	fi
	expect_nothing "$where"
}

run_config() {
	local wait clone n lane label missed

	config=$1
	configs=$((configs + 1))
	flags=()
	cp "$WORK/spec.json" "$BUNDLE/config.json"
	"config_$config" || { report no "$config: cannot be made"; return; }
	create
	[ $rc -eq 0 ] || { report no "$config: does not even work: $text"; expect_nothing "$config"; return; }
	nsrun delete --force "$ID"
	nsrun plan --format json "$BUNDLE" | jq -r '.steps[] | "\(.step) \(.lane) \(.label)"' >"$WORK/steps"
	wait=$(awk '$3 == "wait" { print $1 }' "$WORK/steps")
	clone=$(awk '$3 == "clone" { n = $1 } END { print n + 0 }' "$WORK/steps")
	while read -r n lane label <&9; do
		fail_step "$n" "$wait" "$label"
		# A process that is killed before "created" is missed, and the board knows where.
		missed=
		[ "$lane" = host ] || [ "$n" -ge "$wait" ] || missed="step $n "
		kill_step NSRUN_KILL_AT "$n" "$label" "$missed"
		[ "$lane" != host ] || [ "$n" -le "$clone" ] || kill_step NSRUN_KILL_INIT_AT "$n" "$label" ""
	done 9<"$WORK/steps"
	echo "# $config: $(wc -l <"$WORK/steps") steps, $points points so far, $SECONDS s"
	[ -z "$PAUSE" ] || { kill -KILL "$PAUSE" && wait "$PAUSE"; } 2>/dev/null
	PAUSE=
}

all=(spec userns idmap hooks seccomp notify joined terminal limits process plain rdt hostmounts)
some=(spec userns hooks joined)
[ $# -eq 0 ] && { [ -n "${FULL:-}" ] && set -- "${all[@]}" || set -- "${some[@]}"; }
make_bundle
for name; do
	run_config "$name"
done
echo "fail: steps x configs = $points points in $configs configs, $leaks leaks"
echo "$passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
