#!/usr/bin/env bats
# systemd.bats: containers whose cgroup systemd makes, as root. Needs systemd as process 1, on pure cgroup v2.

load ../run/helpers
load units

needs() {
	skip_unless root
	[ -d /run/systemd/system ] || skip "there is no systemd"
}

# bats test_tags=bed
@test "a container is a scope of system.slice, with its program in a sub-cgroup" {
	sleeper
	detached create "$ID"
	[ "$status" -eq 0 ]
	[ "$(status_of "$ID")" = created ]
	[ "$(property ActiveState)" = active ]
	[ "$(property Slice)" = system.slice ]
	[ "$(property Delegate)" = yes ]
	[ "$(property DefaultDependencies)" = no ]
	[ "$(property Description)" = "nsrun container $ID" ]
	[ "$(property ControlGroup)" = "/system.slice/$UNIT" ]
	[ "$(own_cgroup "$(pid_of "$ID")")" = "/system.slice/$UNIT/container" ]
	nsrun start "$ID"
	wait_for is_status "$ID" running
	nsrun kill "$ID" KILL
	wait_for is_status "$ID" stopped
	run -0 nsrun delete "$ID"
	[ -z "$output" ]
	is_no_unit
}

@test "run makes it, and nothing of it is left" {
	new_bundle
	name_unit
	in_container 'echo hello; exit 3'
	run -3 nsrun run "$ID"
	[ "$output" = hello ]
	is_no_unit
}

# bats test_tags=bed
@test "limits: systemd knows them, the sub-cgroup has them exactly, and daemon-reload changes nothing" {
	local before

	sleeper
	edit '.linux.resources += {
		memory: {limit: 67108864, reservation: 33554432, swap: 100663296},
		cpu: {shares: 2048, quota: 33333, period: 50000},
		pids: {limit: 33},
		unified: {"memory.high": "50331648"}}'
	detached create "$ID"
	[ "$status" -eq 0 ]
	[ "$(property MemoryMax)" = 67108864 ]
	[ "$(property MemoryLow)" = 33554432 ]
	[ "$(property MemoryHigh)" = 50331648 ]
	[ "$(property MemorySwapMax)" = 33554432 ]
	[ "$(property TasksMax)" = 33 ]
	# Up to a whole percent.
	[ "$(property CPUQuotaPerSecUSec)" = 670ms ]
	[ "$(property CPUQuotaPeriodUSec)" = 50ms ]
	[ "$(property CPUWeight)" -gt 100 ]
	[ "$(property DevicePolicy)" = strict ]
	folder=/sys/fs/cgroup/system.slice/$UNIT/container
	[ "$(cat "$folder/memory.max")" = 67108864 ]
	[ "$(cat "$folder/memory.low")" = 33554432 ]
	[ "$(cat "$folder/memory.high")" = 50331648 ]
	[ "$(cat "$folder/pids.max")" = 33 ]
	[ "$(cat "$folder/cpu.max")" = "33333 50000" ]
	[ ! -e "$folder/memory.swap.max" ] || [ "$(cat "$folder/memory.swap.max")" = 33554432 ]
	before=$(all_limits "$folder")
	systemctl daemon-reload
	[ "$(all_limits "$folder")" = "$before" ]
	[ "$(property MemorySwapMax)" = 33554432 ]
	# A reload that has to set up every cgroup again.
	systemctl set-property --runtime "$UNIT" TasksMax=44
	systemctl daemon-reload
	[ "$(all_limits "$folder")" = "$before" ]
}

# bats test_tags=bed
@test "swap equal to memory is no swap, also for systemd" {
	sleeper
	edit '.linux.resources.memory = {limit: 67108864, swap: 67108864}'
	detached create "$ID"
	[ "$status" -eq 0 ]
	[ "$(property MemorySwapMax)" = 0 ]
	systemctl daemon-reload
	[ "$(property MemorySwapMax)" = 0 ]
}

@test "a property that this systemd does not have is left out, the limit is not" {
	local version

	version=$(systemctl --version | awk 'NR == 1 { print $2 }')
	sleeper
	# A scope has OOMPolicy= from systemd 253 on.
	edit '.linux.resources = {unified: {"memory.oom.group": "1"}, pids: {limit: 33}}'
	detached create "$ID"
	[ "$status" -eq 0 ]
	[ "$(cat "/sys/fs/cgroup/system.slice/$UNIT/container/memory.oom.group")" = 1 ]
	[ "$(property TasksMax)" = 33 ]
	[ "$version" -lt 253 ] || [ "$(property OOMPolicy)" = kill ]
}

# bats test_tags=bed
@test "cgroupsPath: a nested slice, a prefix, the root slice" {
	sleeper
	edit '.linux.cgroupsPath = "nsrun-test-deep.slice:pod:" + $id' --arg id "$ID"
	UNIT=pod-$ID.scope
	detached create "$ID"
	[ "$status" -eq 0 ]
	[ "$(own_cgroup "$(pid_of "$ID")")" = "/nsrun.slice/nsrun-test.slice/nsrun-test-deep.slice/$UNIT/container" ]
	nsrun delete --force "$ID"
	is_no_unit

	sleeper
	edit '.linux.cgroupsPath = "-:pod:" + $id' --arg id "$ID"
	UNIT=pod-$ID.scope
	detached create "$ID"
	[ "$status" -eq 0 ]
	[ "$(own_cgroup "$(pid_of "$ID")")" = "/$UNIT/container" ]
	systemctl stop nsrun.slice
}

@test "the sub-cgroup has another name, or there is none" {
	sleeper
	edit '.annotations["run.oci.systemd.subgroup"] = "payload"'
	detached create "$ID"
	[ "$(own_cgroup "$(pid_of "$ID")")" = "/system.slice/$UNIT/payload" ]

	sleeper
	edit '.annotations["run.oci.systemd.subgroup"] = "" | .linux.resources.pids.limit = 33'
	detached create "$ID"
	[ "$(own_cgroup "$(pid_of "$ID")")" = "/system.slice/$UNIT" ]
	[ "$(cat "/sys/fs/cgroup/system.slice/$UNIT/pids.max")" = 33 ]
}

@test "a limit whose controller systemd does not know reaches the container too" {
	grep -qw hugetlb /sys/fs/cgroup/cgroup.controllers || skip "this kernel has no hugetlb controller"
	sleeper
	edit '.linux.resources.hugepageLimits = [{pageSize: "2MB", limit: 4194304}]'
	detached create "$ID"
	[ "$status" -eq 0 ]
	[ "$(cat "/sys/fs/cgroup/system.slice/$UNIT/container/hugetlb.2MB.max")" = 4194304 ]
}

# bats test_tags=bed
@test "a unit that has failed does not keep its name" {
	sleeper
	systemd-run --quiet --scope --unit "$UNIT" --property RuntimeMaxSec=1 sleep 60 || :
	wait_for is_property ActiveState failed
	detached create "$ID"
	[ "$status" -eq 0 ]
	[ "$(property ActiveState)" = active ]
}

@test "a unit of that name that runs is an error, and goes on running" {
	sleeper
	systemd-run --quiet --scope --unit "$UNIT" sleep 60 &
	wait_for is_property ActiveState active
	run -1 nsrun create "$ID"
	echo "$output"
	[[ $output == *"systemd has a unit $UNIT already"* ]]
	[[ $output == *"hint: use another name in cgroupsPath"* ]]
	[ "$(property ActiveState)" = active ]
	[ ! -e "$ROOT/$ID" ]
	systemctl stop "$UNIT"
	wait
}

# bats test_tags=bed
@test "annotations org.systemd.property.*" {
	sleeper
	edit '.annotations = {
		"org.systemd.property.KillSignal": "10",
		"org.systemd.property.TimeoutStopUSec": "uint64 7000000",
		"org.systemd.property.After": "[\u0027basic.target\u0027, \u0027dbus.service\u0027]",
		"org.systemd.property.CollectMode": "\u0027inactive\u0027",
		"org.systemd.property.SendSIGHUP": "true",
		"org.systemd.property.MemoryMin": "uint64 4096"}'
	detached create "$ID"
	[ "$status" -eq 0 ]
	[ "$(property KillSignal)" = 10 ]
	[ "$(property TimeoutStopUSec)" = 7s ]
	[[ $(property After) == *basic.target* ]]
	[[ $(property After) == *dbus.service* ]]
	[ "$(property CollectMode)" = inactive ]
	[ "$(property SendSIGHUP)" = yes ]
	[ "$(property MemoryMin)" = 4096 ]

	sleeper
	edit '.annotations["org.systemd.property.TimeoutStopSec"] = "9"'
	detached create "$ID"
	[ "$(property TimeoutStopUSec)" = 9s ]
}

@test "annotations that are wrong are errors" {
	sleeper
	edit '.annotations["org.systemd.property.KillSignal"] = "fifteen"'
	run -1 nsrun create "$ID"
	echo "$output"
	[[ $output == *'annotation org.systemd.property.KillSignal: "fifteen" is not a GVariant'* ]]
	edit '.annotations = {"org.systemd.property.KillSignal": "\u0027TERM\u0027"}'
	run -1 nsrun create "$ID"
	echo "$output"
	[[ $output == *"systemd does not start $UNIT"* ]]
	edit '.annotations = {"org.systemd.property.NoSuchThing": "1"}'
	run -1 nsrun create "$ID"
	echo "$output"
	[[ $output == *NoSuchThing* ]]
	[ ! -e "$ROOT/$ID" ]
	is_no_unit
}

@test "cgroups that the container has made are removed with it" {
	new_bundle
	name_unit
	edit '.linux.namespaces |= (map(select(.type != "cgroup")) + [{type: "cgroup"}]) |
		.mounts |= map(select(.type != "cgroup")) + [{destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup",
			options: ["rw"]}]'
	in_container 'mkdir -p /sys/fs/cgroup/a/b && echo 0 >/sys/fs/cgroup/a/b/cgroup.procs; echo made >/dev/null; sleep 60'
	detached run --detach "$ID"
	[ "$status" -eq 0 ]
	wait_for test -d "/sys/fs/cgroup/system.slice/$UNIT/container/a/b"
	nsrun delete --force "$ID"
	is_no_unit
	[ ! -e "/sys/fs/cgroup/system.slice/$UNIT" ]
}

# bats test_tags=bed
@test "out of memory: nothing of the unit is left" {
	new_bundle
	name_unit
	edit '.linux.resources.memory = {limit: 16777216, swap: 16777216}'
	in_container 'tail /dev/zero'
	run nsrun run "$ID"
	[ "$status" -ne 0 ]
	is_no_unit
}

@test "a create that is killed at any step: delete --force leaves no unit" {
	local first last step

	skip_unless faults
	sleeper
	first=$("$NSRUN" --systemd-cgroup plan | awk '$4 == "scope" { print $1 }')
	last=$("$NSRUN" --systemd-cgroup plan | awk '$4 == "publish" { print $1 }')
	[ "$first" -gt 0 ]
	for step in $((first - 1)) "$first" $((first + 1)) $((first + 2)) $((first + 3)) "$last" $((last + 1)); do
		NSRUN_KILL_AT=$step nsrun create "$ID" >/dev/null 2>&1 || :
		run -0 nsrun delete --force "$ID"
		wait_for is_no_unit
		[ ! -e "/sys/fs/cgroup/system.slice/$UNIT" ]
	done
}

# bats test_tags=bed
@test "a create that fails after the scope is made leaves none" {
	local first

	skip_unless faults
	sleeper
	first=$("$NSRUN" --systemd-cgroup plan | awk '$4 == "scope" { print $1 }')
	NSRUN_FAIL_AT=$((first + 1)) run -1 nsrun create "$ID"
	[ ! -e "$ROOT/$ID" ]
	is_no_unit
}

# bats test_tags=bed
@test "a SIGKILL at any moment: delete --force leaves no unit" {
	local ms

	sleeper
	for ms in 02 05 10 15 20 25 30 40 50; do
		nsrun create "$ID" >/dev/null 2>&1 &
		sleep "0.$ms"
		kill -9 $! 2>/dev/null || :
		wait $! 2>/dev/null || :
		run -0 nsrun delete --force "$ID"
		wait_for is_no_unit
	done
}

# bats test_tags=bed
@test "a bus that says nothing is an error when the time is up" {
	skip_unless faults
	sleeper
	listener silent
	SECONDS=0
	DBUS_SYSTEM_BUS_ADDRESS=unix:path=$WORK/silent NSRUN_SYSTEMD_TIMEOUT=1000 run -1 nsrun create "$ID"
	echo "$output"
	[ $SECONDS -le 5 ]
	[[ $output == *"systemd did not answer within 1 s"* ]]
	[ ! -e "$ROOT/$ID" ]
	is_no_unit
}

@test "without a bus there is an error, and a container stays until there is one" {
	sleeper
	DBUS_SYSTEM_BUS_ADDRESS=unix:path=$WORK/none run -1 nsrun create "$ID"
	echo "$output"
	[[ $output == *"cannot connect to the systemd bus: no such file or directory"* ]]
	[[ $output == *"hint: start the system bus"* ]]
	[ ! -e "$ROOT/$ID" ]
	detached create "$ID"
	[ "$status" -eq 0 ]
	DBUS_SYSTEM_BUS_ADDRESS=unix:path=$WORK/none run -1 nsrun delete --force "$ID"
	[[ $output == *"cannot connect to the systemd bus"* ]]
	[ -d "$ROOT/$ID" ]
	run -0 nsrun delete --force "$ID"
	is_no_unit
}

@test "without its helper program nsrun says so" {
	[ ! -e /usr/local/libexec/nsrun/nsrun-systemd ] || skip "nsrun is installed here"
	sleeper
	cp "$NSRUN" "$WORK/nsrun"
	NSRUN=$WORK/nsrun run -1 nsrun create "$ID"
	echo "$output"
	[[ $output == *"the helper program nsrun-systemd is missing"* ]]
	# A link does not lead away from it.
	ln -s "$NSRUN" "$WORK/runc"
	(PATH=$WORK:$PATH && exec runc --root "$ROOT" --systemd-cgroup create "$ID" </dev/null >"$WORK/out" 2>&1 3>&-)
	[ "$(status_of "$ID")" = created ]
}

@test "a container whose state is unreadable is found by its unit" {
	sleeper
	edit '.linux.cgroupsPath = "system.slice:pod:" + $id' --arg id "$ID"
	UNIT=pod-$ID.scope
	detached create "$ID"
	[ "$status" -eq 0 ]
	echo '{' >"$ROOT/$ID/state.json"
	run -0 nsrun delete --force "$ID"
	is_no_unit
}
