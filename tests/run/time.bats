#!/usr/bin/env bats
# time.bats: linux.timeOffsets: clocks that are ahead of or behind the host's.

load helpers

needs() {
	skip_unless root
	[ -e /proc/self/ns/time ] || skip "needs time namespaces"
}

USERNS='.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
	| .linux.gidMappings = .linux.uidMappings'

# offset CLOCK: "SECS NANOSECS", as the program sees it; the last word of output is the uptime in whole seconds
offset() {
	awk -v clock="$1" '$1 == clock { print $2, $3 }' <<<"$output"
}

# refused TEXT: create says no with the text, and nothing is left
refused() {
	detached create --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 1 ]
	grep -qF -- "$1" <<<"$output"
	[ -z "$(leftovers)" ]
}

@test "the clocks have their offsets, with and without a user namespace" {
	new_bundle
	edit '.linux.namespaces += [{type: "time"}]
		| .linux.timeOffsets = {boottime: {secs: 1000000, nanosecs: 0}, monotonic: {secs: 500, nanosecs: 5}}'
	in_container 'cat /proc/self/timens_offsets; cut -d. -f1 /proc/uptime; readlink /proc/self/ns/time; readlink /proc/self/ns/time_for_children'
	local filter inside host
	for filter in . "$USERNS"; do
		edit "$filter"
		run -0 nsrun run --bundle "$BUNDLE" "$ID"
		[ "$(offset monotonic)" = '500 5' ]
		[ "$(offset boottime)" = '1000000 0' ]
		inside=${lines[2]} host=$(cut -d. -f1 /proc/uptime)
		[ $((inside - host)) -ge 999990 ]
		[ $((inside - host)) -le 1000000 ]
		# The program is in it, not only its children.
		[ "${lines[3]}" = "${lines[4]}" ]
		[ "${lines[3]}" != "$(readlink /proc/self/ns/time)" ]
	done
	[ "$(cat /proc/self/timens_offsets | tr -s ' \n' ' ')" = 'monotonic 0 0 boottime 0 0 ' ]
}

@test "one clock alone, and one that is behind" {
	new_bundle
	edit '.linux.namespaces += [{type: "time"}] | .linux.timeOffsets = {boottime: {secs: -1, nanosecs: 999999999}}'
	in_container 'cat /proc/self/timens_offsets'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$(offset boottime)" = '-1 999999999' ]
	[ "$(offset monotonic)" = '0 0' ]
	edit '.linux.timeOffsets = {}'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$(offset boottime)" = '0 0' ]
}

@test "a new time namespace beside joined ones" {
	new_bundle
	edit "$USERNS"
	in_container 'exec sleep 100'
	detached run --detach --bundle "$BUNDLE" "$ID"
	local pid
	pid=$(pid_of "$ID")
	new_bundle
	edit '.linux.namespaces |= map(if .type | IN("network", "pid") then .path = "/proc/\($pid)/ns/\(if .type == "network" then "net" else .type end)" else . end)
		| .linux.namespaces += [{type: "time"}, {type: "user", path: "/proc/\($pid)/ns/user"}]
		| .linux.timeOffsets = {boottime: {secs: 77}}' --arg pid "$pid"
	in_container 'cat /proc/self/timens_offsets; id -u'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$(offset boottime)" = '77 0' ]
	[ "${lines[-1]}" = 0 ]
}

@test "an ordinary user's clocks have offsets too" {
	skip_unless setpriv
	new_bundle
	edit '.linux.namespaces |= map(select(.type != "cgroup")) | .linux.namespaces += [{type: "user"}, {type: "time"}]
		| del(.linux.resources, .linux.cgroupsPath) | .mounts |= map(select(.type != "cgroup"))
		| .linux.uidMappings = [{containerID: 0, hostID: 1, size: 1}] | .linux.gidMappings = .linux.uidMappings
		| .mounts |= map(if .type == "devpts" then .options -= ["gid=5"] else . end)
		| .process.rlimits = [] | .linux.timeOffsets = {monotonic: {secs: 9}}'
	in_container 'cat /proc/self/timens_offsets; id -u'
	chown -R 1:1 "$BUNDLE" "$WORK"
	run setpriv --reuid=1 --regid=1 --clear-groups env XDG_RUNTIME_DIR="$WORK" "$NSRUN" run --bundle "$BUNDLE" "$ID" </dev/null 3>&-
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(offset monotonic)" = '9 0' ]
	[ "${lines[-1]}" = 0 ]
}

@test "offsets that cannot be are refused" {
	new_bundle
	edit '.linux.timeOffsets = {boottime: {secs: 1}}'
	refused "time namespace offsets specified, but time namespace isn't enabled in the config"
	edit '.linux.namespaces += [{type: "time", path: "/proc/1/ns/time"}]'
	refused 'time namespace enabled, but both namespace path and time offsets specified'
	edit 'del(.linux.namespaces[-1].path)'
	edit '.linux.timeOffsets = {boottime: {secs: -4000000000}}'
	refused 'the clock would be below 0'
	edit '.linux.timeOffsets = {boottime: {secs: 4611686018}}'
	refused 'beyond what can be counted'
	edit '.linux.timeOffsets = {boottime: {secs: 4611686019}}'
	refused '/linux/timeOffsets/boottime/secs'
	edit '.linux.timeOffsets = {monotonic: {secs: 1, nanosecs: 1000000000}}'
	refused '/linux/timeOffsets/monotonic/nanosecs'
	edit '.linux.timeOffsets = {monotonic: {nanosecs: -1}}'
	refused '/linux/timeOffsets/monotonic/nanosecs'
}
