#!/usr/bin/env bats
# stats.bats: events and stats of real containers, on whatever kind of host this is.

load helpers

needs() {
	skip_unless root cgroup jq
}

# running SCRIPT: a container with 32 MiB and 20 tasks that runs it
running() {
	new_bundle
	edit '.linux.resources = {memory: {limit: 33554432, swap: 33554432}, pids: {limit: 20}}'
	in_container "$1"
	detached run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
}

# sample FILTER: of one line of statistics
sample() {
	nsrun events --stats "$ID" | jq -c "$1"
}

# allocates: again and again more memory than the container may have. It is one process that allocates, and the one that
# the OOM killer likes best: with a second, such as the writer of a pipe, the kernel finds the first already reaped when
# the second asks for more, takes the next best, and that is init.
allocates='while sleep 0.2; do
	(echo 1000 >/proc/self/oom_score_adj; exec dd if=/dev/zero of=/dev/null bs=100M count=1 2>/dev/null)
done'

# are TYPE EVENT KEY...: each of these keys of the event's data has a value of this type
are() {
	local type=$1 event=$2 others

	shift 2
	others=$(jq -r --arg type "$type" '.data as $data | $ARGS.positional[]
		| select((. / ".") as $path | $data | getpath($path) | type != $type)' --args "$@" <<<"$event")
	[ -z "$others" ] || echo "not of type $type: $others"
	[ -z "$others" ]
}

# bats test_tags=bed
@test "events --stats is one line that has every key of the contract" {
	running 'exec sleep 100'
	run -0 nsrun events --stats "$ID"
	[ "${#lines[@]}" -eq 1 ]
	jq -c --arg id "$ID" 'select(.type == "stats" and .id == $id)' <<<"$output" >/dev/null
	# Numbers, then lists, then objects.
	are number "$output" cpu.usage.{total,kernel,user} cpu.throttling.{periods,throttledPeriods,throttledTime} \
		cpuset.{cpu_exclusive,mem_hardwall,mem_exclusive,memory_migrate,memory_spread_page} \
		cpuset.{memory_spread_slab,memory_pressure,sched_load_balance,sched_relax_domain_level} \
		memory.cache memory.{usage,swap,kernel,kernelTCP}.{limit,usage,max,failcnt} pids.{current,limit}
	are array "$output" cpu.usage.{percpu,percpu_kernel,percpu_user} cpuset.{cpus,mems} network_interfaces \
		blkio.{io{ServiceBytes,Serviced,Queue,ServiceTime,WaitTime,Merged,Time},sectors}Recursive
	jq -e '.data.memory.raw | length > 5 and all(type == "number")' <<<"$output"
	jq -e '.data.hugetlb | type == "object" and all(keys == ["failcnt", "max", "usage"])' <<<"$output"
	jq -e '.data | has("intel_rdt") | not' <<<"$output"
	jq -e '.data.network_interfaces[0] | .Name == "lo" and (del(.Name) | all(type == "number") and
		(keys | join(" ")) == "RxBytes RxDropped RxErrors RxPackets TxBytes TxDropped TxErrors TxPackets")' <<<"$output"
}

# bats test_tags=bed
@test "pressure where the kernel has it" {
	[ -e /proc/pressure/cpu ] || skip "this kernel has no PSI"
	grep -qw cgroup2 /proc/mounts || skip "needs a cgroup2 hierarchy"
	running 'exec sleep 100'
	sample .data.cpu.psi
	[ "$(sample '[.data.cpu.psi, .data.memory.psi, .data.blkio.psi | .some, .full | keys] | unique')" = \
		'[["avg10","avg300","avg60","total"]]' ]
}

# bats test_tags=bed
@test "limits and counts are the container's" {
	running 'sleep 100 & sleep 100 & wait'
	wait_for has_pids 3
	[ "$(sample .data.pids)" = '{"current":3,"limit":20}' ]
	[ "$(sample .data.memory.usage.limit)" = 33554432 ]
	[ "$(sample '.data.memory.usage.usage > 0 and .data.memory.usage.usage < 33554432')" = true ]
	[ "$(sample .data.cpuset.cpus)" != '[]' ] || [ ! -e /sys/fs/cgroup/cpuset ]
}

has_pids() {
	[ "$(sample .data.pids.current)" = "$1" ]
}

@test "cpu time grows under load, in nanoseconds" {
	running 'while :; do :; done'
	local begun before after
	begun=$(date +%s%N)
	before=$(sample .data.cpu.usage.total)
	wait_for has_used $((before + 200000000))
	after=$(sample .data.cpu.usage.total)
	echo "$before $after"
	# One thread, which cannot use more than the time that went by, but for the kernel's ticks.
	[ $((after - before)) -le $(($(date +%s%N) - begun + 100000000)) ]
	[ "$(sample '.data.cpu.usage | .user + .kernel > 0')" = true ]
}

# has_used NS: of cpu time
has_used() {
	[ "$(sample .data.cpu.usage.total)" -ge "$1" ]
}

# bats test_tags=bed
@test "events: a line every interval, one for each OOM kill, and the end with init" {
	running "$allocates"
	timeout 300 "$NSRUN" --root "$ROOT" events --interval 300ms "$ID" >"$WORK/events" 3>&- &
	local events=$!
	wait_for grep -q '"type":"oom"' "$WORK/events"
	# The statistics go on behind a kill.
	wait_for has_lines $(($(grep -c '"type":"stats"' "$WORK/events") + 3))
	kill -0 $events
	is_status "$ID" running
	nsrun kill "$ID" KILL
	exits 0 $events
	cat "$WORK/events"
	[ "$(jq -c 'select(.type == "oom")' "$WORK/events" | head -n 1)" = "{\"type\":\"oom\",\"id\":\"$ID\"}" ]
	[ "$(jq -r .type "$WORK/events" | sort -u | tr '\n' ' ')" = 'oom stats ' ]
}

has_lines() {
	[ "$(grep -c '"type":"stats"' "$WORK/events")" -ge "$1" ]
}

@test "events: an hour between two lines does not delay the end" {
	running 'exec sleep 100'
	timeout 300 "$NSRUN" --root "$ROOT" events --interval 1h "$ID" >"$WORK/events" 3>&- &
	local events=$!
	wait_for has_lines 1
	nsrun kill "$ID" KILL
	exits 0 $events
	[ "$(wc -l <"$WORK/events")" -eq 1 ]
}

@test "events: when nobody reads any more it ends" {
	running 'exec sleep 100'
	# shellcheck disable=SC2016 # the inner shell expands
	run -0 timeout 60 bash -c '"$0" --root "$1" events --interval 1h "$2" 2>/dev/null | head -n 1 | jq -r .type' \
		"$NSRUN" "$ROOT" "$ID" 3>&-
	[ "$output" = stats ]
}

@test "events: what cannot be" {
	local interval
	for interval in 0 0s -1 -5s 5x ''; do
		run -1 nsrun events --interval="$interval" nobody
		[[ $output == *interval* ]]
	done
	run -1 nsrun events --stats nobody
	[[ $output == *"container does not exist"* ]]
	new_bundle
	in_container 'exit 0'
	detached run --detach --bundle "$BUNDLE" "$ID"
	wait_for is_status "$ID" stopped
	run -1 nsrun events --stats "$ID"
	[[ $output == *"container not running: $ID"* ]]
	run -1 nsrun stats --no-stream "$ID"
	[[ $output == *"container not running: $ID"* ]]
}

@test "without a cgroup: events says so, stats shows the rest" {
	new_bundle
	edit 'del(.linux.resources, .linux.cgroupsPath)'
	in_container 'exec sleep 100'
	detached --cgroup-manager disabled run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	run -1 nsrun events --stats "$ID"
	[[ $output == *"has no cgroup"* ]]
	run -1 nsrun stats --no-stream "$ID"
	[[ $output == *"has no cgroup"* ]]
	run -0 nsrun stats --no-stream
	[[ ${lines[1]} =~ ^$ID\ +running\ +-\ +-\ +-\ +-\ +-\ +-\ +-$ ]]
}

@test "stats: a table of all that run" {
	running 'exec sleep 100'
	local first=$ID
	running 'while :; do :; done'
	new_bundle
	in_container 'exit 0'
	detached run --detach --bundle "$BUNDLE" "$ID"
	wait_for is_status "$ID" stopped
	run -0 nsrun stats --no-stream
	echo "$output"
	[ "${#lines[@]}" -eq 3 ]
	[[ ${lines[0]} =~ ^ID\ +STATUS\ +"CPU %"\ +"MEMORY / LIMIT"\ +"MEM %"\ +PIDS ]]
	[[ ${lines[1]} =~ ^$first\ +running\ +[0-9.]+\ +[0-9.]+\ [KM]iB\ /\ 32\ MiB\ +[0-9.]+\ +1/20\ + ]]
	[[ ${lines[2]} == *-2\ *running* ]]
	# No control sequences into a file.
	[[ $output != *$'\033'* ]]
}

@test "stats: JSON is one array a sample, with numbers" {
	running 'while :; do :; done'
	run -0 nsrun stats --no-stream --format json "$ID"
	[ "${#lines[@]}" -eq 1 ]
	jq -e --arg id "$ID" --argjson pid "$(pid_of "$ID")" 'length == 1 and (.[0] | .id == $id and .pid == $pid and
		.status == "running" and .cpuPercent > 0 and .memory.usage > 0 and .memory.limit == 33554432 and
		.pids == {current: 1, limit: 20} and (.io | .read >= 0 and .write >= 0) and .oomKills == 0 and
		(.pressure | type == "object"))' <<<"$output"
	nsrun delete --force "$ID"
	[ "$(nsrun stats --no-stream --format json)" = '[]' ]
}

@test "stats: paused containers, OOM kills, containers that go, and the end" {
	running "$allocates"
	local first=$ID
	running 'exec sleep 100'
	timeout 300 "$NSRUN" --root "$ROOT" stats --interval 200ms --format json "$first" "$ID" >"$WORK/stats" 3>&- &
	local stats=$!
	nsrun pause "$ID"
	wait_for seen 'any(.status == "paused")'
	wait_for seen 'any(.oomKills > 0)'
	nsrun kill "$first" KILL
	wait_for seen 'length == 1'
	nsrun delete --force "$ID"
	exits 0 $stats
}

# seen FILTER: true of a line so far
seen() {
	jq -c "$1" "$WORK/stats" | grep -qx true
}

@test "stats ends at SIGINT and SIGTERM" {
	running 'exec sleep 100'
	local signal stats
	for signal in INT TERM; do
		: >"$WORK/stats"
		# A background job of a shell without job control ignores SIGINT; signalfd(2) does not see what is ignored.
		env --default-signal=INT timeout 300 "$NSRUN" --root "$ROOT" stats --interval 100ms >"$WORK/stats" 3>&- &
		stats=$!
		wait_for has_tables 2
		kill -s $signal $stats
		exits 0 $stats
	done
}

has_tables() {
	[ "$(grep -c ^ID "$WORK/stats")" -ge "$1" ]
}

@test "stats on a terminal draws over itself, within its size" {
	skip_unless script
	running 'exec sleep 100'
	running 'exec sleep 100'
	running 'exec sleep 100'
	local esc=$'\033' text job
	script -qfc "stty cols 40 rows 4; echo \$\$ >'$WORK/pid'; exec timeout --foreground 300 '$NSRUN' --root '$ROOT' stats --interval 200ms" \
		"$WORK/typescript" </dev/null >/dev/null 3>&- &
	job=$!
	drawn() { [ "$(grep -c "$esc\[HID" "$WORK/typescript")" -gt 2 ]; }
	wait_for drawn
	kill "$(cat "$WORK/pid")"
	wait $job || :
	text=$(sed '1d;$d' "$WORK/typescript" | tr -d '\r')
	[ "$(grep -c "$esc\[HID" <<<"$text")" -gt 1 ]
	grep -q "^2 more$esc\[K" <<<"$text"
	run -1 grep -E '^.{41}' <<<"${text//$esc\[[A-Z]/}"
}
