#!/usr/bin/env bats
# matrix.bats: what must work on every kind of host: nsrun does it, the kernel shows it. run.sh runs it for one KIND at
# a time; NSRUN_FLAGS are global flags of nsrun. With cgroups switched off, what needs one must be refused by name.

load ../run/helpers

nsrun() {
	# shellcheck disable=SC2086 # a list of flags
	"$NSRUN" --root "$ROOT" ${NSRUN_FLAGS:-} "$@" </dev/null 3>&-
}

without_cgroups() {
	[ "$KIND" = disabled ]
}

LIMITS='{memory: {limit: 67108864}, pids: {limit: 33}, cpu: {quota: 25000, period: 50000}}'

# host_bundle: as the kind needs it; ordinary users have theirs of `spec --rootless`
host_bundle() {
	if [ "$(id -u)" -eq 0 ]; then new_bundle; else new_bundle --rootless; fi
	if without_cgroups; then
		edit 'del(.linux.resources) | .mounts |= map(select(.type != "cgroup"))'
	else
		edit ".linux.resources += $LIMITS"
	fi
	# Two processes, so that there is something to count.
	in_container 'sleep 100 & exec sleep 100'
}

# started: a running container of host_bundle, whose process on the host is PID
started() {
	host_bundle
	detached run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	PID=$(pid_of "$ID")
}

# folder CONTROLLER: of the container's cgroup
folder() {
	local path

	path=$(awk -F: -v c="$1" '{ n = split($2, names, ","); for (i = 1; i <= n; i++) if (names[i] == c) print $3 }' \
		"/proc/$PID/cgroup")
	if [ -n "$path" ]; then
		echo "/sys/fs/cgroup/$1$path"
	elif [ -d /sys/fs/cgroup/unified ]; then
		echo "/sys/fs/cgroup/unified$(sed -n 's/^0:://p' "/proc/$PID/cgroup")"
	else
		echo "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$PID/cgroup")"
	fi
}

# value CONTROLLER V1_FILE V2_FILE: what the kernel has in it
value() {
	cat "$(folder "$1")/$2" 2>/dev/null || cat "$(folder "$1")/$3"
}

# has CONTROLLER V1_FILE V2_FILE VALUE
has() {
	local found

	found=$(value "$1" "$2" "$3") || return 1
	[ "$found" = "$4" ] || {
		echo "$(folder "$1"): $2 or $3 is '$found', not '$4'"
		return 1
	}
}

# cpu_is QUOTA PERIOD
cpu_is() {
	if [ -e "$(folder cpu)/cpu.max" ]; then
		has cpu cpu.max cpu.max "$1 $2"
	else
		has cpu cpu.cfs_quota_us - "$1" && has cpu cpu.cfs_period_us - "$2"
	fi
}

# processes: those in the container's cgroup, in their order
processes() {
	sort -n "$(folder pids)/cgroup.procs"
}

# is_frozen YES|NO
is_frozen() {
	# On a hybrid host either hierarchy may be the one that freezes.
	case $(cat "$(folder freezer)"/freezer.state "$(folder unified)"/cgroup.events 2>/dev/null) in
	*FROZEN* | *"frozen 1"*) [ "$1" = yes ] ;;
	*) [ "$1" = no ] ;;
	esac
}

# refused ARGUMENTS...: nsrun exits 1, and says that there is no cgroup
refused() {
	run nsrun "$@"
	echo "$1: $status: $output"
	[ "$status" -eq 1 ]
	[[ $output == nsrun:* && $output == *cgroup* ]]
}

@test "create" {
	host_bundle
	detached create --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	is_status "$ID" created
	PID=$(pid_of "$ID")
	cat "/proc/$PID/cgroup"
	if without_cgroups; then
		diff <(sort "/proc/$PID/cgroup") <(sort /proc/self/cgroup)
		[ -z "$(find /sys/fs/cgroup -type d -name "*$ID*")" ]
	else
		[ -d "$(folder pids)" ]
		[[ $(folder pids) == *"$ID"* ]]
		[ "$(processes)" = "$PID" ]
		# systemd's is a scope.
		[[ $NSRUN_FLAGS != *systemd* || $(folder pids) == *"$ID.scope"* ]]
	fi
	nsrun start "$ID"
	is_status "$ID" running
	wait_for grep -q sleep "/proc/$PID/cmdline"
}

@test "limits" {
	if without_cgroups; then
		host_bundle
		edit ".linux.resources = $LIMITS"
		refused create --bundle "$BUNDLE" "$ID"
		return
	fi
	started
	has memory memory.limit_in_bytes memory.max 67108864
	has pids pids.max pids.max 33
	cpu_is 25000 50000
	# The limit is felt: 33 processes, and no more.
	nsrun delete --force "$ID"
	in_container 'i=0; while [ $i -lt 40 ]; do sleep 60 & i=$((i + 1)); done; echo "40 processes"'
	run nsrun run --bundle "$BUNDLE" "$ID"
	echo "$output"
	[[ $output == *fork* && $output != *"40 processes"* ]]
}

@test "update" {
	started
	if without_cgroups; then
		refused update --pids-limit 44 "$ID"
		return
	fi
	nsrun update --pids-limit 44 --memory 96m "$ID"
	has pids pids.max pids.max 44
	has memory memory.limit_in_bytes memory.max 100663296
	# What was not named is as it was.
	cpu_is 25000 50000
}

@test "pause" {
	started
	if without_cgroups; then
		refused pause "$ID"
		return
	fi
	nsrun pause "$ID"
	is_status "$ID" paused
	is_frozen yes
	nsrun resume "$ID"
	is_status "$ID" running
	is_frozen no
}

@test "stats" {
	started
	if without_cgroups; then
		refused events --stats "$ID"
		refused stats --no-stream "$ID"
		return
	fi
	two() { [ "$(processes | wc -l)" -eq 2 ]; }
	wait_for two
	run -0 nsrun ps -f json "$ID"
	[ "$(jq -c sort <<<"$output")" = "$(processes | jq -sc .)" ]
	run -0 nsrun events --stats "$ID"
	echo "$output"
	[ "$(jq .data.pids.current <<<"$output")" = "$(value pids pids.current pids.current)" ]
	[ "$(jq .data.pids.limit <<<"$output")" = 33 ]
	[ "$(jq .data.memory.usage.limit <<<"$output")" = 67108864 ]
	jq -e '.data.memory.usage.usage > 0 and .data.cpu.usage.total > 0' <<<"$output"
	run -0 nsrun stats --no-stream --format json "$ID"
	echo "$output"
	[[ $output == *"\"$ID\""* ]]
}

@test "kill" {
	local pids pid

	started
	if without_cgroups; then
		pids=$PID
	else
		two() { [ "$(processes | wc -l)" -eq 2 ]; }
		wait_for two
		pids=$(processes)
	fi
	nsrun kill --all "$ID" KILL
	wait_for is_status "$ID" stopped
	for pid in $pids; do
		wait_for is_gone "$pid"
	done
}

@test "delete" {
	local dir=/

	started
	without_cgroups || dir=$(folder pids)
	[ -d "$dir" ]
	run nsrun delete "$ID"
	[ "$status" -eq 1 ]
	kill -0 "$PID"
	nsrun delete --force "$ID"
	wait_for is_gone "$PID"
	without_cgroups || [ ! -e "$dir" ]
	[ -z "$(find /sys/fs/cgroup -type d -name "*$ID*")" ]
	run nsrun state "$ID"
	[ "$status" -eq 1 ]
}
