#!/usr/bin/env bats
# pause.bats: pause and resume, what a paused container takes and refuses, and signals to everyone in a container.

load helpers

needs() {
	skip_unless root cgroup
}

# counting: a container whose program counts in /tmp/n, ten times a second or more
counting() {
	edit '.root.readonly = false'
	# shellcheck disable=SC2016 # the container's variables
	in_container 'trap "echo term >/tmp/term; exit 0" TERM; i=0; while :; do i=$((i+1)); echo $i >/tmp/n; sleep 0.05; done'
	detached run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	PID=$(pid_of "$ID")
	wait_for test -s "$BUNDLE/rootfs/tmp/n"
}

# counts: does the number change within half a second?
counts() {
	local before

	before=$(cat "$BUNDLE/rootfs/tmp/n")
	sleep 0.5
	[ "$(cat "$BUNDLE/rootfs/tmp/n")" != "$before" ]
}

# own_cgroups: FOLDERS are those of the container's cgroups
own_cgroups() {
	FOLDERS=$(find /sys/fs/cgroup -type d -name "*$ID")
	[ -n "$FOLDERS" ]
}

# bats test_tags=view
@test "a paused container stands still until resume" {
	new_bundle
	counting
	wait_for counts
	run -0 nsrun pause "$ID"
	[ -z "$output" ]
	[ "$(status_of "$ID")" = paused ]
	run ! counts
	run -1 nsrun pause "$ID"
	[[ ${lines[0]} == "nsrun: container not running: $ID" ]]
	[[ $output == *"nsrun resume $ID"* ]]
	run -1 nsrun start "$ID"
	[[ $output == *"cannot start a container in the paused state"* ]]
	run -1 nsrun delete "$ID"
	[[ $output == *"not stopped: paused"* ]]
	run -0 nsrun resume "$ID"
	[ -z "$output" ]
	[ "$(status_of "$ID")" = running ]
	wait_for counts
	run -1 nsrun resume "$ID"
	[[ ${lines[0]} == "nsrun: container not paused: $ID" ]]
}

@test "a created container can be paused, and is created again afterwards" {
	new_bundle
	in_container 'echo started; exec sleep 100'
	detached create --bundle "$BUNDLE" "$ID"
	nsrun pause "$ID"
	[ "$(status_of "$ID")" = paused ]
	run -1 nsrun start "$ID"
	[[ $output == *"paused"* ]]
	nsrun resume "$ID"
	[ "$(status_of "$ID")" = created ]
	nsrun start "$ID"
	wait_for grep -q started "$WORK/out"
}

@test "SIGTERM to a paused container waits until it is resumed, SIGKILL does not" {
	new_bundle
	counting
	nsrun pause "$ID"
	nsrun kill "$ID" TERM
	sleep 0.3
	[ "$(status_of "$ID")" = paused ]
	[ ! -e "$BUNDLE/rootfs/tmp/term" ]
	nsrun resume "$ID"
	wait_for is_status "$ID" stopped
	[ -e "$BUNDLE/rootfs/tmp/term" ]
	nsrun delete "$ID"
	rm "$BUNDLE/rootfs/tmp/n"

	counting
	nsrun pause "$ID"
	nsrun kill "$ID" KILL
	wait_for is_status "$ID" stopped
	run -1 nsrun resume "$ID"
	[[ $output == *"container not paused: $ID"* ]]
	nsrun delete "$ID"
}

@test "kill --all of a paused container: who catches SIGTERM gets it afterwards, SIGKILL ends every process" {
	new_bundle
	edit '.linux.namespaces |= map(select(.type != "pid"))'
	counting
	nsrun pause "$ID"
	nsrun kill --all "$ID" TERM
	sleep 0.3
	[ "$(status_of "$ID")" = paused ]
	[ ! -e "$BUNDLE/rootfs/tmp/term" ]
	nsrun resume "$ID"
	wait_for is_status "$ID" stopped
	[ -e "$BUNDLE/rootfs/tmp/term" ]

	new_bundle
	edit '.linux.namespaces |= map(select(.type != "pid"))'
	in_container 'trap "" TERM; for i in 1 2 3; do sleep 100 & done; echo up; wait'
	detached run --detach --bundle "$BUNDLE" "$ID"
	wait_for grep -q up "$WORK/out"
	local pids pid
	nsrun pause "$ID"
	pids=$(nsrun ps --format json "$ID" | jq '.[]')
	[ "$(wc -w <<<"$pids")" -eq 4 ]
	nsrun kill --all "$ID" TERM
	[ "$(nsrun ps --format json "$ID" | jq '.[]')" = "$pids" ]
	nsrun kill --all "$ID" KILL
	for pid in $pids; do
		wait_for is_gone "$pid"
	done
	nsrun delete "$ID"
}

# bats test_tags=view
@test "delete --force takes a paused container away, at once" {
	new_bundle
	counting
	nsrun pause "$ID"
	SECONDS=0
	run -0 nsrun delete --force "$ID"
	[ "$SECONDS" -lt $((20 * NSRUN_SLOW)) ]
	is_gone "$PID"
	[ -z "$(find /sys/fs/cgroup -type d -name "*$ID*")" ]
}

@test "what cannot be paused says why" {
	new_bundle
	run -1 nsrun pause "$ID"
	[[ $output == *"container does not exist: $ID"* ]]
	in_container 'true'
	nsrun run --keep --bundle "$BUNDLE" "$ID"
	run -1 nsrun pause "$ID"
	[[ ${lines[0]} == "nsrun: container not running: $ID" ]]
	run -1 nsrun resume "$ID"
	[[ ${lines[0]} == "nsrun: container not paused: $ID" ]]

	new_bundle
	edit 'del(.linux.resources) | .mounts |= map(select(.type != "cgroup"))'
	in_container 'exec sleep 100'
	detached --cgroup-manager disabled run --detach --bundle "$BUNDLE" "$ID"
	run -1 nsrun pause "$ID"
	[[ $output == *"container $ID has no cgroup"* ]]
	[[ $output == *"hint: create it without --cgroup-manager disabled"* ]]
	[ "$(status_of "$ID")" = running ]
}

# bats test_tags=view
@test "processes that do not freeze are named, and all run again" {
	# What the v1 freezer holds elsewhere cannot stop for v2's.
	skip_unless cgroup1
	[ -d /sys/fs/cgroup/unified ] && [ -d /sys/fs/cgroup/freezer ] || skip "needs both freezers"
	new_bundle
	counting
	sleep 100 3>&- &
	local other=$! folder holder=/sys/fs/cgroup/freezer/$PREFIX-holder
	own_cgroups
	for folder in $FOLDERS; do
		[[ $folder != *unified* ]] || echo $other >"$folder/cgroup.procs"
	done
	mkdir "$holder"
	echo $other >"$holder/cgroup.procs"
	echo FROZEN >"$holder/freezer.state"
	run nsrun pause "$ID"
	echo "$output"
	echo THAWED >"$holder/freezer.state"
	kill $other
	wait $other || :
	rmdir "$holder"
	[ "$status" -eq 1 ]
	[[ ${lines[0]} == *"did not freeze in 5 seconds"*": $other" ]]
	[ "$(status_of "$ID")" = running ]
	wait_for counts
	nsrun pause "$ID"
	[ "$(status_of "$ID")" = paused ]
}

@test "a container that the v1 freezer holds is paused, resumed, killed and deleted like any other" {
	skip_unless cgroup1
	[ -d /sys/fs/cgroup/freezer ] || skip "needs the v1 freezer"
	new_bundle
	counting
	own_cgroups
	local freezer
	freezer=$(grep ^/sys/fs/cgroup/freezer/ <<<"$FOLDERS")/freezer.state
	echo FROZEN >"$freezer"
	[ "$(status_of "$ID")" = paused ]
	nsrun resume "$ID"
	[ "$(cat "$freezer")" = THAWED ]
	wait_for counts
	echo FROZEN >"$freezer"
	nsrun kill "$ID" KILL
	wait_for is_gone "$PID"
	nsrun delete "$ID"
	rm "$BUNDLE/rootfs/tmp/n"

	counting
	echo FROZEN >"$freezer"
	SECONDS=0
	nsrun delete --force "$ID"
	[ "$SECONDS" -lt $((20 * NSRUN_SLOW)) ]
	is_gone "$PID"
}

@test "SIGKILL to a container without a pid namespace of its own ends all its processes" {
	new_bundle
	edit '.linux.namespaces |= map(select(.type != "pid"))'
	in_container 'sleep 100 & sleep 100 & echo up; wait'
	detached run --detach --bundle "$BUNDLE" "$ID"
	wait_for grep -q up "$WORK/out"
	local pids pid
	pids=$(nsrun ps --format json "$ID" | jq '.[]')
	[ "$(wc -w <<<"$pids")" -eq 3 ]
	nsrun kill "$ID" KILL
	for pid in $pids; do
		wait_for is_gone "$pid"
	done
}

# bats test_tags=view
@test "kill --all and delete reach what is in cgroups below the container's" {
	new_bundle
	edit '.linux.namespaces |= map(select(.type != "pid"))'
	in_container 'for i in 1 2 3 4 5 6; do sleep 100 & done; echo up; wait'
	detached run --detach --bundle "$BUNDLE" "$ID"
	wait_for grep -q up "$WORK/out"
	local pids pid folder
	pids=$(nsrun ps --format json "$ID" | jq '.[]')
	[ "$(wc -w <<<"$pids")" -eq 7 ]
	own_cgroups
	for folder in $FOLDERS; do
		mkdir -p "$folder/a/b"
		case $folder in
		# An empty v1 cpuset takes no process.
		*/cpuset/*) continue ;;
		esac
		pid=$(tail -n 1 <<<"$pids")
		echo "$pid" >"$folder/a/b/cgroup.procs"
	done
	[ "$(nsrun ps --format json "$ID" | jq '.[]')" = "$pids" ]
	nsrun kill --all "$ID" KILL
	for pid in $pids; do
		wait_for is_gone "$pid"
	done
	nsrun delete "$ID"
	[ -z "$(find /sys/fs/cgroup -type d -name "*$ID*")" ]
}

@test "delete waits for the many processes that a container has left behind" {
	new_bundle
	edit '.linux.namespaces |= map(select(.type != "pid")) | .process.rlimits = []'
	# shellcheck disable=SC2016
	in_container 'i=0; while [ $i -lt 300 ]; do sleep 100 & i=$((i+1)); done; echo up'
	detached run --detach --bundle "$BUNDLE" "$ID"
	wait_for is_status "$ID" stopped
	[ "$(nsrun ps --format json "$ID" | jq length)" -eq 300 ]
	local folder
	own_cgroups
	for folder in $FOLDERS; do
		mkdir -p "$folder/a/b/c" "$folder/d"
	done
	run -0 nsrun delete "$ID"
	[ -z "$output" ]
	[ -z "$(find /sys/fs/cgroup -type d -name "*$ID*")" ]
}
