#!/usr/bin/env bats
# update.bats: new limits for a container that has some: what is named, in an order that works, all of it or nothing.

load helpers

needs() {
	skip_unless root cgroup
}

# running [FILTER OF JQ]: a container that sleeps, its resources edited
running() {
	new_bundle
	edit "${1:-.}"
	in_container 'exec sleep 1000'
	detached run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	PID=$(pid_of "$ID")
	# What the tests below change, as far as it is there.
	local dir file
	FILES=()
	dir=$(folder memory) && set -- "$dir"/memory.{limit_in_bytes,memsw.limit_in_bytes,soft_limit_in_bytes,max,swap.max,low}
	dir=$(folder cpu) && set -- "$@" "$dir"/cpu.{cfs_quota_us,cfs_period_us,cfs_burst_us,shares,max,max.burst,weight,idle}
	dir=$(folder pids) && set -- "$@" "$dir/pids.max"
	dir=$(folder cpuset)
	# v2 shows nothing in the others until they are written to, and never again afterwards.
	EFFECTIVE=
	[ ! -e "$dir/cpuset.cpus.effective" ] || EFFECTIVE=.effective
	set -- "$@" "$dir"/cpuset.{cpus,mems}$EFFECTIVE
	for file; do
		[ ! -e "$file" ] || FILES+=("$file")
	done
}

# folder CONTROLLER: of the container's cgroup; the unified one where the controller is v2's. In bash alone, as value: they
# are called hundreds of times, and a fork is slow where tests/vm is.
folder() {
	local number names path unified=/sys/fs/cgroup

	[ ! -d $unified/unified ] || unified+=/unified
	while IFS=: read -r number names path; do
		if [[ ,$names, == *,$1,* ]]; then
			echo "/sys/fs/cgroup/$1$path"
			return
		fi
		[ "$number" != 0 ] || unified+=$path
	done <"/proc/$PID/cgroup"
	echo "$unified"
}

# value CONTROLLER V1_FILE V2_FILE: its first line; "max" for no limit on both; nothing where there is no such file
value() {
	local dir text=

	dir=$(folder "$1")
	if [ -e "$dir/$2" ]; then
		read -r text <"$dir/$2"
	elif [ -e "$dir/$3" ]; then
		read -r text <"$dir/$3"
	fi
	case $text in
	-1 | 92233720368*) echo max ;;
	*) echo "$text" ;;
	esac
}

memory() {
	value memory memory.limit_in_bytes memory.max
}

# memory plus swap
swap() {
	local text

	text=$(value memory memory.memsw.limit_in_bytes memory.swap.max)
	[ -e "$(folder memory)/memory.max" ] && [ "$text" != max ] && text=$((text + $(memory)))
	echo "$text"
}

reservation() {
	value memory memory.soft_limit_in_bytes memory.low
}

# "QUOTA PERIOD"
bandwidth() {
	if [ -e "$(folder cpu)/cpu.max" ]; then
		cat "$(folder cpu)/cpu.max"
	else
		echo "$(value cpu cpu.cfs_quota_us) $(cat "$(folder cpu)/cpu.cfs_period_us")"
	fi
}

burst() {
	value cpu cpu.cfs_burst_us cpu.max.burst
}

# 1024 is 100 on v2
shares() {
	local text

	text=$(value cpu cpu.shares cpu.weight)
	[ ! -e "$(folder cpu)/cpu.weight" ] || case $text in
	100) text=1024 ;;
	1) text=2 ;;
	10000) text=262144 ;;
	*) text="weight $text" ;;
	esac
	echo "$text"
}

pids() {
	value pids pids.max pids.max
}

cpus() {
	value cpuset cpuset.cpus cpuset.cpus
}

# all: the FILES with their lines, into ALL, by one program: bats follows each command of bash. Fails when nothing is there to
# compare.
all() {
	ALL=$(grep -H . "${FILES[@]}")
}

update() {
	nsrun update "$@" "$ID"
}

# update_json TEXT [ARGUMENT]...: the object on stdin
update_json() {
	local text=$1
	shift
	printf '%s' "$text" | "$NSRUN" --root "$ROOT" update -r - "$@" "$ID" 3>&-
}

# refuses TEXT COMMAND...: it fails, says TEXT, and changes nothing
refuses() {
	local text=$1 before
	shift
	all && before=$ALL
	run "$@"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == *"$text"* ]]
	all && [ "$ALL" = "$before" ]
	[ ! -e "$ROOT/$ID/update.json" ]
}

# limited: a container with limits on everything
limited() {
	running '.linux.resources += {memory: {limit: 67108864, swap: 134217728, reservation: 33554432},
		cpu: {shares: 1024, quota: 50000, period: 100000}, pids: {limit: 100}}'
}

# bats test_tags=bed
@test "every flag arrives in its file" {
	running
	update --memory 64m
	[ "$(memory)" = 67108864 ]
	update --memory 64MiB --memory-swap 128M --memory-reservation 32m
	[ "$(swap)" = 134217728 ]
	[ "$(reservation)" = 33554432 ]
	update --cpu-quota 20000 --cpu-period 50000
	[ "$(bandwidth)" = "20000 50000" ]
	update --cpu-burst 5000
	[ "$(burst)" = 5000 ]
	update --cpu-share 262144
	[ "$(shares)" = 262144 ]
	update --cpu-idle 1
	[ "$(value cpu cpu.idle cpu.idle)" = 1 ]
	update --cpu-idle 0
	[ "$(value cpu cpu.idle cpu.idle)" = 0 ]
	# What was asked for is there again.
	[ "$(shares)" = 262144 ]
	if [ -e "$(folder cpuset)/cpuset.cpus" ]; then
		update --cpuset-cpus 0 --cpuset-mems 0
		[ "$(cpus)" = 0 ]
	fi
	update --pids-limit 77
	[ "$(pids)" = 77 ]
	update --kernel-memory 1g --kernel-memory-tcp 1g
}

@test "blkio-weight" {
	running
	[ -e "$(folder blkio)/blkio.bfq.weight" ] || [ -e "$(folder io)/io.bfq.weight" ] ||
		[ -e "$(folder io)/io.weight" ] || skip "this kernel has no weights"
	update --blkio-weight 300
	local weight
	weight=$(value blkio blkio.bfq.weight io.bfq.weight)
	[ -n "$weight" ] || weight=$(value io io.weight io.weight)
	[[ $weight == 300 || $weight == "default 300" || $weight == "default 2930" ]]
}

@test "realtime" {
	running
	[ -e "$(folder cpu)/cpu.rt_runtime_us" ] || skip "no realtime groups here"
	update --cpu-rt-period 500000 --cpu-rt-runtime 1000
	[ "$(value cpu cpu.rt_period_us)" = 500000 ]
	[ "$(value cpu cpu.rt_runtime_us)" = 1000 ]
	refuses "above the period" update --cpu-rt-runtime 600000
}

@test "-r: an object on stdin, in a file, on a pipe" {
	running
	update_json '{"memory":{"limit":67108864},"pids":{"limit":5},"cpu":{"quota":10000}}'
	[ "$(memory)" = 67108864 ]
	[ "$(pids)" = 5 ]
	[ "$(bandwidth)" = "10000 100000" ]
	echo '{"pids":{"limit":6}}' >r.json
	update --resources=r.json
	[ "$(pids)" = 6 ]
	update -r <(echo '{"pids":{"limit":7}}')
	[ "$(pids)" = 7 ]
	# Flags beside it are ignored, and so is what the spec does not know.
	run -0 update_json '{"pids":{"limit":8},"colour":"red"}' --pids-limit 9
	[ -z "$output" ]
	[ "$(pids)" = 8 ]
}

@test "-r: unified is written last, as it is" {
	running
	update_json '{"unified":{"cgroup.max.depth":"7"}}'
	[ "$(cat "$(folder none)/cgroup.max.depth")" = 7 ]
}

# bats test_tags=bed
@test "absent keeps, 0 keeps, -1 is no limit" {
	limited
	local before
	all && before=$ALL
	update_json '{}'
	update_json '{"memory":{},"cpu":{}}'
	update_json '{"memory":{"limit":0,"swap":0,"reservation":0},"blockIO":{"weight":0},
		"cpu":{"shares":0,"quota":0,"period":0,"burst":0,"cpus":"","mems":""}}'
	update --memory 0 --cpu-quota 0
	all && [ "$ALL" = "$before" ]
	# A quota alone keeps the period, a period alone the quota.
	update --cpu-quota 30000
	[ "$(bandwidth)" = "30000 100000" ]
	update --cpu-period 60000
	[ "$(bandwidth)" = "30000 60000" ]
	update --cpu-quota=-1
	[ "$(bandwidth)" = "max 60000" ]
	update --memory-swap -1
	[ "$(swap)" = max ]
	update --memory-reservation -1
	[ "$(reservation)" = max ]
	update --memory -1
	[ "$(memory)" = max ]
	update --pids-limit -1
	[ "$(pids)" = max ]
	# 0 processes is a limit.
	update --pids-limit 0
	[ "$(pids)" = 0 ]
}

# bats test_tags=bed
@test "memory and swap grow and shrink, together and alone" {
	limited
	update --memory 256m --memory-swap 512m
	[ "$(memory) $(swap)" = "268435456 536870912" ]
	update --memory 32m --memory-swap 64m
	[ "$(memory) $(swap)" = "33554432 67108864" ]
	update --memory 64m --memory-swap 64m
	[ "$(memory) $(swap)" = "67108864 67108864" ]
	update --memory-swap 256m
	[ "$(memory) $(swap)" = "67108864 268435456" ]
	# The sum stays.
	update --memory 128m
	[ "$(memory) $(swap)" = "134217728 268435456" ]
	update --memory 32m
	[ "$(memory) $(swap)" = "33554432 268435456" ]
	refuses "below the memory limit" update --memory 1g
	refuses "below the memory limit" update --memory-swap 16m
	update --memory -1
	[ "$(memory) $(swap)" = "max max" ]
	refuses "without memory limit" update --memory-swap 1g
	update --memory 64m --memory-swap 128m
	[ "$(memory) $(swap)" = "67108864 134217728" ]
}

@test "quota, period and burst in any direction" {
	running
	update --cpu-quota 90000 --cpu-period 100000 --cpu-burst 80000
	update --cpu-quota 9000 --cpu-period 10000 --cpu-burst 8000
	[ "$(bandwidth) $(burst)" = "9000 10000 8000" ]
	update --cpu-quota 900000 --cpu-period 1000000 --cpu-burst 800000
	[ "$(bandwidth) $(burst)" = "900000 1000000 800000" ]
	refuses "above the quota" update --cpu-quota 1000
	refuses "above the quota" update --cpu-burst 900001
}

@test "checkBeforeUpdate" {
	running
	refuses "rejecting memory limit 8192 <= usage" update_json '{"memory":{"limit":8192,"checkBeforeUpdate":true}}'
	refuses "rejecting memory+swap limit 8192 <= usage" \
		update_json '{"memory":{"limit":8192,"swap":8192,"checkBeforeUpdate":true}}'
}

@test "what is wrong is refused with its place, and nothing changes" {
	limited
	refuses "nothing to update" update
	refuses "no cpu 99" update --cpuset-cpus 99
	[[ $output == *"at --cpuset-cpus"* ]]
	refuses 'expected bytes' update --memory 12x
	refuses 'expected a number' update --pids-limit many
	refuses 'expected 10 to 1000' update --blkio-weight 5
	refuses 'not supported by this version' update --l3-cache-schema x
	refuses 'not supported by this version' update --mem-bw-schema x
	refuses 'stdin:1:48 /memory/swap' update_json '{"pids":{"limit":1},"memory":{"limit":9,"swap":5}}'
	refuses 'stdin:2:11 /memory/limit' update_json $'{"memory":\n{"limit": "64m"}}'
	refuses 'stdin:1:' update_json '{"memory":'
	refuses 'not the name of a cgroup file' update_json '{"unified":{"../x.y":"1"}}'
	refuses '/unified/nosuch.file' update_json '{"unified":{"nosuch.file":"1"}}'
	# Either the size or the controller is what the host has not.
	refuses 'huge' update_json '{"hugepageLimits":[{"pageSize":"3MB","limit":1}]}'
	echo '{"cpu":{"idle":7}}' >r.json
	refuses 'r.json:1:16 /cpu/idle' update -r r.json
	refuses 'no such file' update -r nowhere.json
	update --cpu-idle 1
	refuses 'cpu.idle is 1' update --cpu-share 5
	[[ $output == *"at --cpu-share"* ]]
}

@test "only what lives can be updated: created, running and paused" {
	new_bundle
	in_container 'exec sleep 1000'
	detached create --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	PID=$(pid_of "$ID")
	update --pids-limit 50
	[ "$(pids)" = 50 ]
	nsrun start "$ID"
	update --pids-limit 51
	[ "$(pids)" = 51 ]
	if nsrun pause "$ID"; then
		update --pids-limit 52
		[ "$(pids)" = 52 ]
		nsrun resume "$ID"
	fi
	nsrun kill "$ID" KILL
	wait_for is_status "$ID" stopped
	run update --pids-limit 53
	[ "$status" -eq 1 ]
	[[ $output == *"container not running: $ID"* ]]
	run nsrun update --pids-limit 5 nobody
	[ "$status" -eq 1 ]
	[[ $output == *"does not exist"* ]]
}

@test "what was asked for is kept for the next update" {
	limited
	update --cpu-share 2 --pids-limit 60
	update_json '{"unified":{"cgroup.max.depth":"9"}}'
	jq -e '.resources | .memory.limit == 67108864 and .memory.swap == 134217728 and .cpu.shares == 2
		and .cpu.quota == 50000 and .pids.limit == 60 and .unified["cgroup.max.depth"] == "9"' "$ROOT/$ID/resources.json"
	# The config is what create was given.
	[ "$(jq .linux.resources.pids.limit "$ROOT/$ID/config.json")" = 100 ]
	[ ! -e "$ROOT/$ID/update.json" ]
}

@test "devices are never touched" {
	limited
	local list before
	list=$(folder devices)/devices.list
	[ ! -e "$list" ] || before=$(cat "$list")
	update_json '{"devices":[{"allow":true,"access":"rwm"}],"pids":{"limit":44}}'
	[ "$(pids)" = 44 ]
	[ ! -e "$list" ] || [ "$(cat "$list")" = "$before" ]
	nsrun update --pids-limit 45 "$ID"
	diff <(jq .resources.devices "$ROOT/$ID/resources.json") <(jq .linux.resources.devices "$BUNDLE/config.json")
}

# A value that no check can see through, in the file that is written last.
# bats test_tags=bed
@test "a write that the kernel refuses undoes all others" {
	limited
	local before sets=''
	[ ! -e "$(folder cpuset)/cpuset.cpus" ] || sets=',"cpus":"0","mems":"0"'
	all && before=$ALL
	refuses 'cgroup.max.depth = deep' update_json '{"memory":{"limit":33554432,"swap":50331648,"reservation":16777216},
		"cpu":{"shares":2,"quota":10000,"period":20000,"burst":1000'"$sets"'},"pids":{"limit":9},
		"unified":{"cgroup.max.depth":"deep"}}'
	[[ $output == *"stdin:3:"*"/unified/cgroup.max.depth"* ]]
	# The same from files without a limit, which do not show what they take.
	update --memory -1 --memory-reservation -1 --cpu-quota -1 --pids-limit -1
	refuses 'cgroup.max.depth = deep' update_json '{"memory":{"limit":33554432,"swap":50331648,"reservation":16777216},
		"cpu":{"quota":10000,"period":20000,"idle":1},"pids":{"limit":9},"unified":{"cgroup.max.depth":"deep"}}'
	[ ! -e "$ROOT/$ID/update.json" ]
}

@test "each kind of file can be undone" {
	running
	[ -e "$(folder cpuset)/cpuset.cpus" ] || skip "this kernel has no cpuset controller"
	local v1='' hugetlb='' weight='' device
	if [ -e "$(folder memory)/memory.swappiness" ]; then
		v1=',"memory":{"swappiness":7,"disableOOMKiller":true}'
	fi
	device=$(awk 'NR > 2 { print "\"major\":" $1 ",\"minor\":" $2; exit }' /proc/partitions)
	if [ -n "$device" ]; then
		weight=",\"throttleReadBpsDevice\":[{$device,\"rate\":1000000}],\"throttleWriteIOPSDevice\":[{$device,\"rate\":1000}]"
	fi
	if [ -e "$(folder blkio)/blkio.bfq.weight" ] || [ -e "$(folder io)/io.weight" ]; then
		weight=",\"weight\":300$weight"
	fi
	[ ! -e "$(folder hugetlb)/hugetlb.2MB.max" ] || hugetlb=',"hugepageLimits":[{"pageSize":"2MB","limit":4194304}]'
	snapshot() {
		local dir
		for dir in memory blkio hugetlb cpuset; do
			(cd "$(folder $dir)" && grep -H . memory.swappiness memory.oom_control blkio.throttle.*_device io.max \
				blkio.bfq.weight* io.*weight hugetlb.*.max cpuset.cpus$EFFECTIVE cgroup.max.* 2>/dev/null |
				grep -v 'oom_kill ' | sed 's/92233720368.*/max/') || :
		done
	}
	local text="{\"cpu\":{\"cpus\":\"0\"}$v1$hugetlb,\"blockIO\":{\"leafWeight\":0$weight}" before after
	before=$(snapshot)
	run update_json "$text,\"unified\":{\"cgroup.max.descendants\":\"5\",\"cgroup.pressure\":\"bad\"}}"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == *"cgroup.pressure = bad"* ]]
	diff <(snapshot) <(echo "$before")
	# And it was the last write that was wrong.
	update_json "$text,\"unified\":{\"cgroup.max.descendants\":\"5\"}}"
	after=$(snapshot)
	[ "$after" != "$before" ]
	run update_json "{\"cpu\":{\"cpus\":\"0-1\"}$hugetlb,\"blockIO\":{\"leafWeight\":0${weight//1000/2000}},
		\"unified\":{\"cgroup.max.descendants\":\"max\",\"cgroup.pressure\":\"bad\"}}"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == *"cgroup.pressure = bad"* ]]
	diff <(snapshot) <(echo "$after")
}

A='{"memory":{"limit":67108864,"swap":134217728},"pids":{"limit":50},
	"cpu":{"shares":1024,"quota":20000,"period":100000}}'
B='{"memory":{"limit":268435456,"swap":536870912},"pids":{"limit":90},
	"cpu":{"shares":2,"quota":40000,"period":50000}}'

# Killed in the middle, alone: its parent undoes what it has done. Killed with its parent: the next command does.
@test "the process that writes dies at every step" {
	skip_unless faults
	running
	update_json "$A"
	local before at after
	all && before=$ALL
	for at in 1 2 3 4 5 6 7; do
		run env NSRUN_UPDATE_FAIL_AT=$at "$NSRUN" --root "$ROOT" update -r <(echo "$B") "$ID"
		all
		[ "$ALL" = "$before" ] || [ "$status" -eq 0 ]
		[ "$status" -eq 1 ] || break
		run env NSRUN_UPDATE_KILL_AT=$at "$NSRUN" --root "$ROOT" update -r <(echo "$B") "$ID"
		echo "$output"
		[ "$status" -eq 1 ]
		[[ $output == *"was killed"* ]]
		all && [ "$ALL" = "$before" ]
		run env NSRUN_UPDATE_KILL_BOTH_AT=$at "$NSRUN" --root "$ROOT" update -r <(echo "$B") "$ID"
		[ "$status" -eq 137 ]
		[ -e "$ROOT/$ID/update.json" ]
		all
		[ "$at" -eq 1 ] || [ "$ALL" != "$before" ]
		nsrun kill "$ID" CONT
		all && [ "$ALL" = "$before" ]
		[ ! -e "$ROOT/$ID/update.json" ]
	done
	[ "$at" -ge 5 ]
	# Dead before the commit: nothing was said, nothing stays.
	after=$(jq -c .resources "$ROOT/$ID/resources.json")
	update_json "$A"
	[ "$(jq -c .resources "$ROOT/$ID/resources.json")" != "$after" ]
}

# An update that nobody could undo does not stop a delete.
@test "delete of a container whose update was killed" {
	skip_unless faults
	running
	update_json "$A"
	run env NSRUN_UPDATE_KILL_BOTH_AT=3 "$NSRUN" --root "$ROOT" update -r <(echo "$B") "$ID"
	nsrun delete --force "$ID"
	[ ! -e "$ROOT/$ID" ]
}

@test "100 SIGKILLs: all values are old, or all are new" {
	running
	local a b i now pid set nap began longest a_seen=0 b_seen=0 kills=$((100 / NSRUN_SLOW))
	exec 7<> <(:)
	echo "$A" >a.json
	echo "$B" >b.json
	nsrun update -r a.json "$ID"
	all && a=$ALL
	began=$(date +%s%N)
	nsrun update -r b.json "$ID"
	# A nap is between nothing and twice what an update takes here and now, in tenths of a millisecond.
	longest=$((($(date +%s%N) - began) / 50000))
	all && b=$ALL
	[ "$a" != "$b" ]
	# Where it then takes longer, and the one or the other never was done, there are more of them, with longer naps.
	for ((i = 0; i < kills || ((a_seen == 0 || b_seen == 0) && i < 5 * kills); i++)); do
		((i % 2)) && set=a.json || set=b.json
		setsid "$NSRUN" --root "$ROOT" update -r "$set" "$ID" >/dev/null 2>&1 3>&- 7>&- </dev/null &
		pid=$!
		((i < kills)) || longest=$((longest < 5000 ? longest + longest / 10 + 1 : longest))
		# by a read that finds nothing
		printf -v nap '0.%04d' $((RANDOM % (longest < 9999 ? longest : 9999)))
		read -rt "$nap" -u 7 || :
		if ((i % 4 < 2)); then
			kill -KILL $pid 2>/dev/null || :
		else
			kill -KILL -- -$pid 2>/dev/null || :
		fi
		wait $pid 2>/dev/null || :
		nsrun kill "$ID" CONT
		all && now=$ALL
		[ "$now" = "$a" ] || [ "$now" = "$b" ] || {
			echo "$i: $now"
			return 1
		}
		if [ "$now" = "$a" ]; then
			((a_seen += 1))
			[ "$(jq .resources.pids.limit "$ROOT/$ID/resources.json")" = 50 ]
		else
			((b_seen += 1))
			[ "$(jq .resources.pids.limit "$ROOT/$ID/resources.json")" = 90 ]
		fi
		[ ! -e "$ROOT/$ID/update.json" ]
	done
	echo "$i kills: the one and the other: $a_seen, $b_seen"
	[ $a_seen -gt 0 ]
	[ $b_seen -gt 0 ]
}
