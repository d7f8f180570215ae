#!/usr/bin/env bats
# user.bats: the same for an ordinary user with a systemd manager of his own, which is what rootless podman has.

load ../run/helpers
load units

needs() {
	skip_unless user
	[ -S "${XDG_RUNTIME_DIR:-/nowhere}/bus" ] || skip "this user has no systemd manager"
}

@test "a container is a scope of user.slice, below the user's manager" {
	sleeper --rootless
	edit '.linux.resources = {memory: {limit: 67108864, swap: 67108864}, pids: {limit: 33}}'
	detached create "$ID"
	[ "$status" -eq 0 ]
	[ "$(property ActiveState)" = active ]
	[ "$(property Slice)" = user.slice ]
	[ "$(property MemoryMax)" = 67108864 ]
	[ "$(property MemorySwapMax)" = 0 ]
	path=$(own_cgroup "$(pid_of "$ID")")
	[[ $path == */user@*.service/user.slice/"$UNIT"/container ]]
	[ "$(cat "/sys/fs/cgroup$path/memory.max")" = 67108864 ]
	[ "$(cat "/sys/fs/cgroup$path/pids.max")" = 33 ]
	before=$(all_limits "/sys/fs/cgroup$path")
	systemctl --user daemon-reload
	[ "$(all_limits "/sys/fs/cgroup$path")" = "$before" ]
	nsrun start "$ID"
	wait_for is_status "$ID" running
	run -0 nsrun delete --force "$ID"
	is_no_unit
}

@test "run makes it, and nothing of it is left" {
	new_bundle --rootless
	name_unit
	in_container 'echo hello; exit 3'
	run -3 nsrun run "$ID"
	[ "$output" = hello ]
	is_no_unit
}

@test "annotations org.systemd.property.*, and a slice" {
	sleeper --rootless
	edit '.annotations["org.systemd.property.KillSignal"] = "10" | .linux.cgroupsPath = "app-box.slice:pod:" + $id' \
		--arg id "$ID"
	UNIT=pod-$ID.scope
	detached create "$ID"
	[ "$status" -eq 0 ]
	[ "$(property KillSignal)" = 10 ]
	[ "$(property Slice)" = app-box.slice ]
}

@test "without a bus there is an error, and nothing is left" {
	sleeper --rootless
	DBUS_SESSION_BUS_ADDRESS=unix:path=$WORK/none run -1 nsrun create "$ID"
	echo "$output"
	[[ $output == *"cannot connect to the systemd bus: no such file or directory"* ]]
	[[ $output == *"hint: set XDG_RUNTIME_DIR or DBUS_SESSION_BUS_ADDRESS"* ]]
	[ ! -e "$ROOT/$ID" ]
	is_no_unit
}

@test "a create that is killed at the scope: delete --force leaves no unit" {
	local first step

	skip_unless faults
	sleeper --rootless
	first=$("$NSRUN" --systemd-cgroup plan | awk '$4 == "scope" { print $1 }')
	[ "$first" -gt 0 ]
	for step in "$first" $((first + 1)); do
		NSRUN_KILL_AT=$step nsrun create "$ID" >/dev/null 2>&1 || :
		run -0 nsrun delete --force "$ID"
		wait_for is_no_unit
	done
}
