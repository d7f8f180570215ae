#!/usr/bin/env bats
# ps.bats: the processes of a container, as JSON and as the host's ps prints them.

load helpers

needs() {
	skip_unless root cgroup
}

# three: a container of three processes; PIDS are theirs on the host
three() {
	in_container 'sleep 100 & sleep 101 & echo up; wait'
	detached "$@" run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	PID=$(pid_of "$ID")
	wait_for grep -q up "$WORK/out"
	PIDS=$(printf '%s\n' "$PID" $(pgrep -P "$PID") | sort -n)
}

# bats test_tags=view
@test "ps --format json prints the pids on the host, in one line" {
	new_bundle
	three
	run -0 nsrun ps --format json "$ID"
	[ "$output" = "[$(paste -s -d , <<<"$PIDS")]" ]
	run -0 nsrun ps -f json "$ID"
	[ "${#lines[@]}" -eq 1 ]
	nsrun pause "$ID"
	[ "$(nsrun ps -f json "$ID" | jq length)" -eq 3 ]
}

@test "ps prints the heading and the lines of the host's ps" {
	skip_unless ps
	new_bundle
	three
	run -0 nsrun ps "$ID"
	[ "${#lines[@]}" -eq 4 ]
	[ "${lines[0]}" = "$(ps -ef | head -n 1)" ]
	[ "$(printf '%s\n' "${lines[@]:1}" | awk '{ print $2 }' | sort -n)" = "$PIDS" ]
}

@test "what follows the id goes to ps" {
	skip_unless ps
	new_bundle
	three
	run -0 nsrun ps "$ID" -e -o pid,args
	[ "$(printf '%s\n' "${lines[@]:1}" | awk '{ print $1 }' | sort -n)" = "$PIDS" ]
	[[ $output == *"sleep 101"* ]]
	run -0 nsrun ps "$ID" -- -e -o user,pid
	[ "${#lines[@]}" -eq 4 ]
	run -0 nsrun ps --format table "$ID" aux
	[[ ${lines[0]} == USER*PID* ]]
	run -1 nsrun ps "$ID" -e -o comm
	[[ $output == *"ps prints no column PID"* ]]
	run -1 nsrun ps "$ID" --format json
	[[ $output == *"ps exited with status"*"before the id"* ]]
}

@test "ps of a created, a stopped and an unknown container, and without a ps" {
	skip_unless ps
	new_bundle
	in_container 'true'
	detached create --bundle "$BUNDLE" "$ID"
	[ "$(nsrun ps -f json "$ID")" = "[$(pid_of "$ID")]" ]
	nsrun start "$ID"
	wait_for is_status "$ID" stopped
	[ "$(nsrun ps -f json "$ID")" = "[]" ]
	run -0 nsrun ps "$ID"
	[ "${#lines[@]}" -eq 1 ]
	PATH=$WORK run -1 nsrun ps "$ID"
	[[ $output == *"this host has no ps"*"--format json"* ]]
	run -1 nsrun ps nosuch
	[[ $output == *"container does not exist: nosuch"* ]]
}

@test "ps has no limit of processes" {
	new_bundle
	# shellcheck disable=SC2016 # the container's variables
	in_container 'i=0; while [ $i -lt 250 ]; do sleep 100 & i=$((i+1)); done; echo up; wait'
	edit '.process.rlimits = []'
	detached run --detach --bundle "$BUNDLE" "$ID"
	wait_for grep -q up "$WORK/out"
	run -0 nsrun ps -f json "$ID"
	[ "$(jq length <<<"$output")" -eq 251 ]
	[ "$(jq -c 'sort | unique' <<<"$output")" = "$output" ]
}

@test "without a cgroup ps goes by the pid namespace, and says when there is none" {
	new_bundle
	edit 'del(.linux.resources) | .mounts |= map(select(.type != "cgroup"))'
	three --cgroup-manager disabled
	run -0 nsrun ps -f json "$ID"
	[ "$output" = "[$(paste -s -d , <<<"$PIDS")]" ]

	new_bundle
	edit 'del(.linux.resources) | .mounts |= map(select(.type != "cgroup"))
		| .linux.namespaces |= map(select(.type != "pid"))'
	in_container 'exec sleep 100'
	detached --cgroup-manager disabled run --detach --bundle "$BUNDLE" "$ID"
	run -1 nsrun ps -f json "$ID"
	[[ $output == *"neither a cgroup nor a pid namespace of its own"* ]]
}
