#!/usr/bin/env bats
# cgroups.bats: a container's cgroup in every hierarchy: made, limited, joined, removed.

load helpers

setup_file() {
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

@test "a cgroup of its own in every hierarchy, and none afterwards" {
	new_bundle
	sleeping
	cat "/proc/$PID/cgroup"
	local line mine
	mine=$(cut -d: -f3 /proc/self/cgroup | sort -u)
	while IFS= read -r line; do
		[[ ${line##*:} == *"$ID"* ]] || {
			echo "not in a cgroup of its own: $line"
			return 1
		}
	done <"/proc/$PID/cgroup"
	nsrun delete --force "$ID"
	[ -z "$(find /sys/fs/cgroup -type d -name "*$ID*")" ]
}

@test "memory, pids and cpu limits are in the files" {
	new_bundle
	edit '.linux.resources += {memory: {limit: 67108864}, pids: {limit: 33}, cpu: {shares: 512, quota: 25000, period: 50000}}'
	sleeping
	[ "$(limit memory memory.limit_in_bytes memory.max)" = 67108864 ]
	[ "$(limit pids pids.max pids.max)" = 33 ]
	[[ $(limit cpu cpu.cfs_quota_us cpu.max) == 25000* ]]
	[ ! -e "$(dir cpu)/cpu.shares" ] || [ "$(cat "$(dir cpu)/cpu.shares")" = 512 ]
}

@test "pids.max stops forks" {
	new_bundle
	edit '.linux.resources.pids.limit = 4'
	in_container 'for i in 1 2 3 4 5 6; do sleep 5 & done; wait'
	run timeout 20 "$NSRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" 3>&- </dev/null
	[[ $output == *"fork"* ]]
}

@test "the memory limit kills what exceeds it" {
	new_bundle
	edit '.linux.resources.memory = {limit: 8388608, swap: 8388608} | .mounts += [{destination: "/tmp", type: "tmpfs", source: "t"}]'
	in_container 'head -c 50000000 /dev/zero >/tmp/file; echo survived'
	run nsrun run --bundle "$BUNDLE" "$ID"
	[ "$output" != survived ] || [ "$status" -ne 0 ]
}

@test "a limit of one MiB is enough to start" {
	new_bundle
	edit '.linux.resources.memory.limit = 1048576'
	in_container 'echo started'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$output" = started ]
}

@test "cgroupsPath: absolute from the root of each hierarchy, relative below ours; parents are made" {
	new_bundle
	edit '.linux.cgroupsPath = "/\($id)/deep/er"' --arg id "$ID"
	sleeping
	! grep -v ":/$ID/deep/er\$" "/proc/$PID/cgroup"
	nsrun delete --force "$ID"
	find /sys/fs/cgroup -depth -type d -path "*/$ID*" -exec rmdir {} + 2>/dev/null
	edit '.linux.cgroupsPath = "\($id)-rel"' --arg id "$ID"
	sleeping
	! grep -v "/$ID-rel\$" "/proc/$PID/cgroup"
	nsrun delete --force "$ID"
	[ -z "$(find /sys/fs/cgroup -type d -name "*$ID-rel*")" ]
}

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

@test "the container sees its own cgroup as the root" {
	new_bundle
	in_container 'cut -d: -f3 /proc/self/cgroup | sort -u; ls /sys/fs/cgroup | head -n 1 | grep -c .; echo x >/sys/fs/cgroup/x'
	run nsrun run --bundle "$BUNDLE" "$ID"
	[ "${lines[0]}" = / ]
	[ "${lines[1]}" = 1 ]
	[[ $output == *"Read-only"* ]]
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

@test "delete --force ends a fork bomb" {
	new_bundle
	edit '.linux.resources.pids.limit = 200'
	in_container 'while :; do sleep 1000 & done 2>/dev/null; wait'
	detached run --detach --bundle "$BUNDLE" "$ID"
	sleep 0.3
	run -0 timeout 10 "$NSRUN" --root "$ROOT" delete --force "$ID"
	[ -z "$(find /sys/fs/cgroup -type d -name "*$ID*")" ]
}
