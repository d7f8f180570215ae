#!/usr/bin/env bats
# cgroups.bats: a container's cgroup in every hierarchy: made, limited, joined, removed.

load helpers

needs() {
	skip_unless root cgroup
}

sleeping() {
	in_container 'exec sleep 100'
	detached run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	PID=$(pid_of "$ID")
}

# dir CONTROLLER: the folder of the container's cgroup, seen from the host; unified where the controller is v2's
dir() {
	local path

	path=$(awk -F: -v c="$1" '{ n = split($2, names, ","); for (i = 1; i <= n; i++) if (names[i] == c) print $3 }' "/proc/$PID/cgroup")
	if [ -n "$path" ]; then
		echo "/sys/fs/cgroup/$1$path"
	else
		path=$(sed -n 's/^0:://p' "/proc/$PID/cgroup")
		[ -d /sys/fs/cgroup/unified ] && echo "/sys/fs/cgroup/unified$path" || echo "/sys/fs/cgroup$path"
	fi
}

# limit CONTROLLER V1_FILE V2_FILE: what is in it
limit() {
	local folder

	folder=$(dir "$1")
	cat "$folder/$2" 2>/dev/null || cat "$folder/$3"
}

# V2: where the v2 tree is, pure or beside v1's; "" without one
V2=/sys/fs/cgroup
[ -e $V2/cgroup.controllers ] || V2=$V2/unified
[ -e $V2/cgroup.controllers ] || V2=''

# number FILE KEY: of "KEY NUMBER"
number() {
	awk -v k="$2" '$1 == k { print $2 }' "$1"
}

# refused TEXT...: create fails, and says all of them
refused() {
	local text

	detached create --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 1 ]
	for text; do
		[[ $output == *"$text"* ]] || {
			echo "does not say: $text"
			return 1
		}
	done
}

# bats test_tags=bed
@test "a cgroup of its own in every hierarchy, and none afterwards" {
	new_bundle
	sleeping
	cat "/proc/$PID/cgroup"
	local line
	while IFS= read -r line; do
		[[ ${line##*:} == *"$ID"* ]] || {
			echo "not in a cgroup of its own: $line"
			return 1
		}
	done <"/proc/$PID/cgroup"
	nsrun delete --force "$ID"
	[ -z "$(find /sys/fs/cgroup -type d -name "*$ID*")" ]
}

# bats test_tags=bed
@test "memory, pids and cpu limits are in the files" {
	new_bundle
	edit '.linux.resources += {memory: {limit: 67108864}, pids: {limit: 33}, cpu: {shares: 512, quota: 25000, period: 50000}}'
	sleeping
	[ "$(limit memory memory.limit_in_bytes memory.max)" = 67108864 ]
	[ "$(limit pids pids.max pids.max)" = 33 ]
	[[ $(limit cpu cpu.cfs_quota_us cpu.max) == 25000* ]]
	[ ! -e "$(dir cpu)/cpu.shares" ] || [ "$(cat "$(dir cpu)/cpu.shares")" = 512 ]
}

@test "100 sleeps with room for 18, as docs/cgroups.md shows it" {
	local script folder
	script=$(sed -n "s/.*--config pids.json --no-terminal -- sh -c '\(.*\)'\$/\1/p" "$BATS_TEST_DIRNAME/../../docs/cgroups.md")
	[[ $script == *100* ]]
	new_bundle
	edit '.linux.resources.pids.limit = 20'
	in_container "$script"
	detached run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	PID=$(pid_of "$ID")
	wait_for grep -q fork "$WORK/out"
	[[ $(cat "$WORK/out") == "$(seq -s ' ' 18) "*"can't fork"* ]]
	folder=$(dir pids)
	[ "$(cat "$folder/pids.max")" = 20 ]
	wait_for eval "[ \"\$(cat '$folder/pids.current')\" -eq 19 ]"
	[ "$(wc -l <"$folder/cgroup.procs")" -eq 19 ]
	[ "$(number "$folder/pids.events" max)" = 1 ]
	[ "$(status_of "$ID")" = running ]
}

# bats test_tags=bed
@test "pids.limit 0 forbids every fork, -1 none" {
	new_bundle
	edit '.linux.resources.pids.limit = 0'
	in_container 'true & echo forked'
	run timeout 60 "$NSRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" 3>&- </dev/null
	[[ $output == *fork* && $output != *forked* ]]
	edit '.linux.resources.pids.limit = -1'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$output" = forked ]
}

# usage: ns of cpu time that the container has had
usage() {
	local file

	file=$(dir cpuacct)/cpuacct.usage
	if [ -e "$file" ]; then cat "$file"; else echo $(($(number "$(dir cpu)/cpu.stat" usage_usec) * 1000)); fi
}

# bats test_tags=bed
@test "a quota of 10 % is at most 10 % of a cpu" {
	new_bundle
	edit '.linux.resources.cpu = {quota: 10000, period: 100000}'
	in_container 'while :; do :; done'
	detached run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	PID=$(pid_of "$ID")
	# It wants more than it may have, also where others leave it little.
	wait_for throttled 5
	local used since percent
	used=$(usage)
	since=$(date +%s%N)
	wait_for throttled 20
	percent=$((($(usage) - used) * 100 / ($(date +%s%N) - since)))
	echo "$percent % of a cpu"
	[ "$percent" -ge 1 ]
	[ "$percent" -le 15 ]
}

# throttled N: that many periods, or more
throttled() {
	[ "$(number "$(dir cpu)/cpu.stat" nr_throttled)" -ge "$1" ]
}

@test "a limit of huge pages is where the host has the controller" {
	new_bundle
	edit '.linux.resources.hugepageLimits = [{pageSize: "2MB", limit: 4194304}]'
	if ! grep -qsw hugetlb $V2/cgroup.controllers && [ ! -d /sys/fs/cgroup/hugetlb ]; then
		refused 'hugetlb" is not available'
		skip "no hugetlb controller here"
	fi
	[ -d /sys/kernel/mm/hugepages/hugepages-2048kB ] || skip "no huge pages of 2 MB"
	sleeping
	[ "$(limit hugetlb hugetlb.2MB.limit_in_bytes hugetlb.2MB.max)" = 4194304 ]
	[ "$(limit hugetlb hugetlb.2MB.rsvd.limit_in_bytes hugetlb.2MB.rsvd.max)" = 4194304 ]
	nsrun delete --force "$ID"
	edit '.linux.resources.hugepageLimits[0].pageSize = "4MB"'
	refused 'this host has no huge pages of 4MB' 'use one of: '
}

@test "a cpuset: the parent's, or what the config says" {
	[ -d /sys/fs/cgroup/cpuset ] || grep -qsw cpuset /sys/fs/cgroup/cgroup.controllers || skip "no cpuset controller"
	new_bundle
	in_container 'grep Cpus_allowed_list /proc/self/status; exec sleep 100'
	detached run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	PID=$(pid_of "$ID")
	wait_for grep -q . "$WORK/out"
	[ "$(cut -f2 "$WORK/out")" = "$(cat /sys/devices/system/cpu/online)" ]
	[ ! -d /sys/fs/cgroup/cpuset ] || [ "$(cat "$(dir cpuset)/cpuset.cpus")" = "$(cat "$(dir cpuset)/../cpuset.cpus")" ]
	nsrun delete --force "$ID"
	edit '.linux.resources.cpu = {cpus: "0", mems: "0"} | .linux.cgroupsPath = "/\($id)/deep"' --arg id "$ID"
	detached run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	PID=$(pid_of "$ID")
	wait_for grep -q . "$WORK/out"
	[ "$(cut -f2 "$WORK/out")" = 0 ]
	[ "$(limit cpuset cpuset.mems cpuset.mems)" = 0 ]
}

@test "realtime: what the leaf gets its parents get, and too little in a parent is named" {
	[ -e /sys/fs/cgroup/cpu/cpu.rt_runtime_us ] || skip "no realtime of cgroups in this kernel"
	new_bundle
	edit '.linux.cgroupsPath = "/\($id)/deep" | .linux.resources.cpu = {realtimeRuntime: 5000, realtimePeriod: 500000}' --arg id "$ID"
	sleeping
	[ "$(cat "$(dir cpu)/cpu.rt_runtime_us")" = 5000 ]
	[ "$(cat "$(dir cpu)/../cpu.rt_runtime_us")" = 5000 ]
	nsrun delete --force "$ID"
	mkdir "/sys/fs/cgroup/cpu/$ID"
	detached create --bundle "$BUNDLE" "$ID"
	rmdir "/sys/fs/cgroup/cpu/$ID"
	[ "$status" -eq 1 ]
	[[ $output == *"does not fit into the parent cgroup /sys/fs/cgroup/cpu/$ID, whose cpu.rt_runtime_us is 0"* ]]
}

@test "a cgroup that was refused on the way leaves nothing, also of the way" {
	[ -e /sys/fs/cgroup/cpu/cpu.rt_runtime_us ] || skip "no realtime of cgroups in this kernel"
	new_bundle
	edit '.linux.cgroupsPath = "/\($id)/a/b" | .linux.resources.cpu = {realtimeRuntime: 499999, realtimePeriod: 500000}' --arg id "$ID"
	detached create --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 1 ]
	[[ $output == *"does not fit into the parent cgroup"*"hint: lower realtimeRuntime"* ]]
	[ -z "$(find /sys/fs/cgroup -name "$ID*")" ]
}

@test "the memory limit kills what exceeds it" {
	new_bundle
	edit '.linux.resources.memory = {limit: 8388608, swap: 8388608} | .mounts += [{destination: "/tmp", type: "tmpfs", source: "t"}]'
	in_container 'head -c 50000000 /dev/zero >/tmp/file; echo survived'
	run nsrun run --bundle "$BUNDLE" "$ID"
	[ "$output" != survived ] || [ "$status" -ne 0 ]
}

# bats test_tags=bed
@test "a limit of one MiB is enough to start" {
	new_bundle
	edit '.linux.resources.memory.limit = 1048576'
	in_container 'echo started'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$output" = started ]
}

# bats test_tags=bed
@test "cgroupsPath: absolute from the root of each hierarchy, relative below ours; parents are made" {
	new_bundle
	edit '.linux.cgroupsPath = "/\($id)/deep/er"' --arg id "$ID"
	sleeping
	! grep -v ":/$ID/deep/er\$" "/proc/$PID/cgroup" || false
	nsrun delete --force "$ID"
	find /sys/fs/cgroup -depth -type d -path "*/$ID*" -exec rmdir {} + 2>/dev/null
	edit '.linux.cgroupsPath = "\($id)-rel"' --arg id "$ID"
	sleeping
	! grep -v "/$ID-rel\$" "/proc/$PID/cgroup" || false
	nsrun delete --force "$ID"
	[ -z "$(find /sys/fs/cgroup -type d -name "*$ID-rel*")" ]
}

# bats test_tags=bed
@test "a cgroup that has processes is refused, and stays as it is" {
	new_bundle
	local base=/sys/fs/cgroup/pids
	[ -d $base ] || base=/sys/fs/cgroup
	mkdir "$base/$ID"
	sleep 100 3>&- &
	local other=$!
	echo $other >"$base/$ID/cgroup.procs"
	edit '.linux.cgroupsPath = "/\($id)"' --arg id "$ID"
	detached create --bundle "$BUNDLE" "$ID"
	echo "$output"
	local survived=no
	! kill -0 $other || survived=yes
	kill $other
	wait $other || :
	nsrun delete --force "$ID" || :
	rmdir "$base/$ID" 2>/dev/null || :
	[ "$status" -eq 1 ]
	[[ $output == *"not empty"* ]]
	[ "$survived" = yes ]
}

@test "an empty cgroup that is there already is used" {
	new_bundle
	local base=/sys/fs/cgroup/pids
	[ -d $base ] || base=/sys/fs/cgroup
	mkdir "$base/$ID"
	edit '.linux.cgroupsPath = "/\($id)"' --arg id "$ID"
	sleeping
	grep -q "/$ID\$" "/proc/$PID/cgroup"
	nsrun delete --force "$ID"
	rmdir "$base/$ID" 2>/dev/null || :
}

@test "--cgroup-manager disabled touches none" {
	new_bundle
	edit 'del(.linux.resources) | .mounts |= map(select(.type != "cgroup"))'
	in_container 'exec sleep 100'
	detached --cgroup-manager disabled run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	PID=$(pid_of "$ID")
	[ "$(sort "/proc/$PID/cgroup")" = "$(sort /proc/self/cgroup)" ] || {
		diff "/proc/$PID/cgroup" /proc/self/cgroup
		return 1
	}
	[ -z "$(find /sys/fs/cgroup -type d -name "*$ID*")" ]
}

# bats test_tags=bed
@test "the container sees its own cgroup as the root" {
	new_bundle
	in_container 'cut -d: -f3 /proc/self/cgroup | sort -u; ls /sys/fs/cgroup | head -n 1 | grep -c .; echo x >/sys/fs/cgroup/x'
	run nsrun run --bundle "$BUNDLE" "$ID"
	[ "${lines[0]}" = / ]
	[ "${lines[1]}" = 1 ]
	[[ $output == *"Read-only"* ]]
}

# bats test_tags=bed
@test "the container's cgroup mounts: every controller, and writable only when that is asked for" {
	new_bundle
	in_container 'ls -l /sys/fs/cgroup; find /sys/fs/cgroup -name cgroup.procs -maxdepth 2; mkdir /sys/fs/cgroup/*/new /sys/fs/cgroup/new'
	run nsrun run --bundle "$BUNDLE" "$ID"
	echo "$output"
	[[ $output == *"cgroup.procs"* && $output == *"Read-only"* ]]
	local controllers
	if [ ! -e /sys/fs/cgroup/cgroup.controllers ]; then
		# Hybrid and v1: a directory for each hierarchy, a link for each controller that shares one.
		while IFS=: read -r _ controllers _; do
			for controllers in ${controllers//,/ }; do
				[[ $output == *" ${controllers#name=}"* ]] || {
					echo "$controllers is not there"
					return 1
				}
			done
		done </proc/self/cgroup
		[ ! -d /sys/fs/cgroup/unified ] || [[ $output == *"/sys/fs/cgroup/unified/cgroup.procs"* ]]
	fi
	edit '(.mounts[] | select(.type == "cgroup").options) = ["rw", "nosuid", "nodev", "noexec"]'
	in_container 'cd /sys/fs/cgroup; [ -e cgroup.procs ] || cd pids; mkdir new && echo made && rmdir new'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$output" = made ]
}

# bats test_tags=bed
@test "a delegated cgroup is its user's: he makes cgroups in it, and cannot lift his limits" {
	skip_unless cgroup2 userns
	new_bundle
	edit '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1000}]
		| .linux.gidMappings = .linux.uidMappings | .linux.resources.pids.limit = 50
		| (.mounts[] | select(.type == "cgroup").options) = ["rw", "nosuid", "nodev", "noexec"]'
	in_container 'cd /sys/fs/cgroup; mkdir inner && echo 1 >inner/cgroup.procs && cat /proc/self/cgroup
		echo +pids >cgroup.subtree_control && mkdir more && echo 5 >more/pids.max && cat more/pids.max
		echo max >pids.max; exec sleep 100'
	detached run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	wait_for grep -q pids.max "$WORK/out"
	cat "$WORK/out"
	grep -qx '0::/inner' "$WORK/out"
	grep -qx 5 "$WORK/out"
	grep -qi 'pids.max.*denied' "$WORK/out"
	local folder
	folder=$V2$(sed -n 's/^0:://; s/\/inner$//p' "/proc/$(pid_of "$ID")/cgroup")
	[ "$(stat -c %u:%g "$folder" "$folder/cgroup.procs" "$folder/cgroup.subtree_control" "$folder/cgroup.threads" | uniq)" = 100000:0 ]
	[ "$(stat -c %u "$folder/pids.max" "$folder/../cgroup.procs" | uniq)" = 0 ]
	[ "$(cat "$folder/pids.max")" = 50 ]
}

# bats test_tags=bed
@test "init is born in its v2 cgroup" {
	[ -n "$V2" ] || skip "no cgroup v2"
	skip_unless strace
	new_bundle
	edit '.process.args = ["true"]'
	strace -f -qq -e trace=clone3 -o "$WORK/strace" "$NSRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" 3>&- </dev/null ||
		skip "strace does not work here"
	grep -q 'clone3' "$WORK/strace" || skip "no clone3(2) here"
	cat "$WORK/strace"
	grep -q 'CLONE_INTO_CGROUP.*cgroup=[0-9].*= [1-9]' "$WORK/strace"
}

# bats test_tags=bed
@test "a v2 cgroup that is threaded, frozen, or in the way is refused with the reason" {
	[ -n "$V2" ] || skip "no cgroup v2"
	new_bundle
	local top=$V2/$ID
	mkdir "$top" "$top/t"
	echo threaded >"$top/t/cgroup.type" || {
		rmdir "$top/t" "$top"
		skip "no threaded cgroups here"
	}
	edit '.linux.cgroupsPath = "/\($id)/t"' --arg id "$ID"
	refused "cgroup $top/t: it is a threaded cgroup" 'outside of the threaded cgroup'
	edit '.linux.cgroupsPath = "/\($id)/t/x"' --arg id "$ID"
	refused "init cannot enter cgroup $top/t/x: it is a threaded cgroup, or below one" 'outside of the threaded cgroup'
	rmdir "$top/t"
	rmdir "$top"
	mkdir "$top"
	echo 1 >"$top/cgroup.freeze"
	edit '.linux.cgroupsPath = "/\($id)"' --arg id "$ID"
	refused "container's cgroup unexpectedly frozen" 'or thaw this one'
	echo 0 >"$top/cgroup.freeze"
	echo 1 >"$top/cgroup.max.depth"
	edit '.linux.cgroupsPath = "/\($id)/a/b"' --arg id "$ID"
	refused "make cgroup \"b\" in $top/a: resource temporarily unavailable" 'raise cgroup.max.descendants or cgroup.max.depth'
	edit '.linux.cgroupsPath = "/cgroup.procs/\($id)"' --arg id "$ID"
	refused 'not a directory' 'there is a file in its way'
	rmdir "$top"
}

# bats test_tags=bed
@test "a v2 cgroup with processes cannot have children with limits: it is named" {
	[ -n "$V2" ] || skip "no cgroup v2"
	new_bundle
	local top=$V2/$ID controllers
	controllers=$(cat $V2/cgroup.controllers)
	case " $controllers " in
	*" memory "*) edit '.linux.resources.memory.limit = 100000000' ;;
	*" hugetlb "*) edit '.linux.resources.hugepageLimits = [{pageSize: "2MB", limit: 0}]' ;;
	*) skip "no such controller in the v2 tree" ;;
	esac
	mkdir "$top"
	sleep 100 3>&- &
	local other=$!
	echo $other >"$top/cgroup.procs"
	edit '.linux.cgroupsPath = "/\($id)/x"' --arg id "$ID"
	detached create --bundle "$BUNDLE" "$ID"
	kill $other
	wait $other || :
	rmdir "$top"
	[ "$status" -eq 1 ]
	[[ $output == *"cgroup $top has processes, so it cannot give +"*" to its children"* ]]
	[[ $output == *"hint: use another cgroupsPath, or move the processes out"* ]]
}

@test "an ordinary user without delegation is told so" {
	skip_unless setpriv
	new_bundle --rootless
	chmod 711 "$BUNDLE"
	mkdir -m 700 "$WORK/user"
	chown 12345 "$WORK/user"
	edit '.linux.uidMappings[0].hostID = 12345 | .linux.gidMappings[0].hostID = 12345 | .linux.resources.pids.limit = 5'
	chmod 644 "$BUNDLE/config.json"
	as_user() { setpriv --reuid=12345 --regid=12345 --clear-groups "$NSRUN" --root "$WORK/user" "$@" </dev/null 3>&-; }
	run -1 as_user create --bundle "$BUNDLE" "$ID"
	[[ $output == *'controller "pids" is not yours to use'*'/linux/resources/pids'*delegated* ]]
	# A cgroup of theirs that nsrun itself is not below: init may not be moved there.
	[ -e /sys/fs/cgroup/cgroup.controllers ] || return 0
	mkdir "$V2/$ID"
	chown 12345 "$V2/$ID" "$V2/$ID/cgroup.procs" "$V2/$ID/cgroup.subtree_control"
	echo +pids >$V2/cgroup.subtree_control
	edit '.linux.cgroupsPath = "/\($id)/x"' --arg id "$ID"
	chmod 644 "$BUNDLE/config.json"
	run -1 as_user create --bundle "$BUNDLE" "$ID"
	rmdir "$V2/$ID"
	[[ $output == *"init cannot enter cgroup $V2/$ID/x"*"delegation missing"* ]]
}

@test "processes that the program leaves in its cgroup go with delete" {
	new_bundle
	edit '.linux.namespaces |= map(select(.type != "pid"))'
	in_container 'setsid sleep 876 & sleep 0.2; exit 0'
	detached run --keep --bundle "$BUNDLE" "$ID"
	nsrun delete "$ID"
	wait_for eval '! pgrep -r S,R,D -x -f "sleep 876"'
	[ -z "$(find /sys/fs/cgroup -type d -name "*$ID*")" ]
}

# bats test_tags=bed
@test "delete --force ends a fork bomb" {
	new_bundle
	edit '.linux.resources.pids.limit = 200'
	in_container 'while :; do sleep 1000 & done 2>/dev/null; wait'
	detached run --detach --bundle "$BUNDLE" "$ID"
	sleep 0.3
	run -0 timeout 60 "$NSRUN" --root "$ROOT" delete --force "$ID"
	[ -z "$(find /sys/fs/cgroup -type d -name "*$ID*")" ]
}
