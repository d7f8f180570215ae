#!/usr/bin/env bats
# namespaces.bats: all eight kinds, new ones and joined ones.

load helpers

needs() {
	skip_unless root
}

# A time namespace, where the kernel has them; the others are everywhere.
TIME='[]'
[ ! -e /proc/self/ns/time ] || TIME='[{type: "time"}]'

# ns PID KIND
ns() {
	readlink "/proc/$1/ns/$2"
}

# sleeping FILTER: a running container in the background, changed with FILTER; sets PID
sleeping() {
	new_bundle
	edit "$@"
	in_container 'exec sleep 100'
	detached run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	PID=$(pid_of "$ID")
}

# bats test_tags=view
@test "each namespace is new when configured, and the host's when not" {
	sleeping '.linux.namespaces += [{type: "user"}] + '"$TIME"' | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	local kind
	for kind in mnt pid net ipc uts cgroup user time; do
		[ -e /proc/self/ns/$kind ] || continue
		echo $kind
		[ "$(ns "$PID" $kind)" != "$(ns self $kind)" ]
	done
	sleeping '.linux.namespaces = [{type: "mount"}] | del(.hostname) | .mounts |= map(select(.type | IN("sysfs", "mqueue") | not))'
	for kind in pid net ipc uts cgroup user; do
		echo $kind
		[ "$(ns "$PID" $kind)" = "$(ns self $kind)" ]
	done
}

@test "each namespace can be joined by its path" {
	sleeping ".linux.namespaces += $TIME"
	local first=$PID kind type
	for kind in pid net ipc uts cgroup time; do
		[ -e /proc/self/ns/$kind ] || continue
		type=$kind
		[ $kind != net ] || type=network
		sleeping '.linux.namespaces |= map(if .type == $type then .path = $path else . end)
			| if $type == "time" then .linux.namespaces += [{type: "time", path: $path}] else . end
			| if $type == "uts" then del(.hostname) else . end' --arg type $type --arg path "/proc/$first/ns/$kind"
		echo "$kind"
		[ "$(ns "$PID" $kind)" = "$(ns "$first" $kind)" ]
		[ "$(ns "$PID" mnt)" != "$(ns "$first" mnt)" ]
		nsrun delete --force "$ID"
	done
}

@test "a pod: net, ipc, uts and pid are one for two containers" {
	sleeping '.hostname = "pod"'
	local first=$PID
	new_bundle
	edit 'del(.hostname) | .linux.namespaces |= map(if .type | IN("network", "ipc", "uts", "pid")
		then .path = "/proc/\($pid)/ns/\(if .type == "network" then "net" else .type end)" else . end)' --arg pid "$first"
	in_container 'hostname; ps -o pid,args | grep -c "[s]leep 100"; echo $$ >/dev/shm/x; exec sleep 200'
	detached run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	wait_for grep 1 "$WORK/out"
	[ "$(cat "$WORK/out")" = $'pod\n1' ]
	local kind
	for kind in net ipc uts pid; do
		[ "$(ns "$(pid_of "$ID")" $kind)" = "$(ns "$first" $kind)" ]
	done
	nsrun kill "$ID" KILL
	wait_for is_status "$ID" stopped
	nsrun delete "$ID"
	kill -0 "$first"
}

# bats test_tags=view
@test "a user namespace is joined, with the others of it" {
	sleeping '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	local first=$PID
	sleeping '.linux.namespaces += [{type: "user", path: "/proc/\($pid)/ns/user"}] | .linux.namespaces |= map(if .type | IN("network", "uts", "ipc")
		then .path = "/proc/\($pid)/ns/\(if .type == "network" then "net" else .type end)" else . end) | del(.hostname)' --arg pid "$first"
	[ "$(ns "$PID" user)" = "$(ns "$first" user)" ]
	[ "$(ns "$PID" net)" = "$(ns "$first" net)" ]
	[ "$(stat -c %u "/proc/$PID")" = 100000 ]
}

@test "a mount namespace is joined" {
	# One in which the bundle is where it is for us.
	unshare --mount sleep 100 </dev/null >/dev/null 2>&1 3>&- &
	local first=$!
	wait_for eval '[ "$(ns "$first" mnt)" != "$(ns self mnt)" ]'
	sleeping '.linux.namespaces |= map(if .type == "mount" then .path = "/proc/\($pid)/ns/mnt" else . end) | .mounts = []
		| del(.linux.maskedPaths, .linux.readonlyPaths) | .root.readonly = false' --arg pid "$first"
	[ "$(ns "$PID" mnt)" = "$(ns "$first" mnt)" ]
	nsrun delete --force "$ID"
	kill "$first"
}

@test "what is pinned by a bind mount is joined like any other" {
	skip_unless ip
	mkdir "$WORK/pins"
	touch "$WORK/pins/net"
	unshare --net="$WORK/pins/net" true 2>/dev/null || {
		mount --bind "$WORK/pins" "$WORK/pins" && mount --make-private "$WORK/pins"
		unshare --net="$WORK/pins/net" ip link set lo up
	}
	new_bundle
	edit '.linux.namespaces |= map(if .type == "network" then .path = $path else . end)' --arg path "$WORK/pins/net"
	in_container 'readlink /proc/self/ns/net'
	run nsrun run --bundle "$BUNDLE" "$ID"
	local inode
	inode=$(stat -Lc %i "$WORK/pins/net")
	umount "$WORK/pins/net"
	umount "$WORK/pins" 2>/dev/null || :
	[ "$status" -eq 0 ]
	[ "$output" = "net:[$inode]" ]
}

@test "a path of the wrong type is refused with both types" {
	new_bundle
	edit '.linux.namespaces |= map(if .type == "network" then .path = $path else . end)' --arg path "/proc/$$/ns/uts"
	run -1 nsrun create --bundle "$BUNDLE" "$ID"
	echo "$output"
	[[ $output == *network* && $output == *uts* && $output == *"/linux/namespaces/1"* ]]
	edit '.linux.namespaces |= map(if .type == "network" then .path = "/proc/999999999/ns/net" else . end)'
	run -1 nsrun create --bundle "$BUNDLE" "$ID"
	[[ $output == *"no such file or directory"* ]]
}

@test "hostname and domainname" {
	new_bundle
	edit '.hostname = "box" | .domainname = "example.org"'
	in_container 'hostname; cat /proc/sys/kernel/domainname'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$output" = $'box\nexample.org' ]
	[ "$(hostname)" != box ]
}

@test "a container without a pid namespace leaves no process behind" {
	new_bundle
	edit '.linux.namespaces |= map(select(.type != "pid"))'
	in_container 'sleep 987 & sleep 987 & exec sleep 987'
	detached run --detach --bundle "$BUNDLE" "$ID"
	wait_for eval '[ "$(pgrep -c -x -f "sleep 987")" -eq 3 ]'
	nsrun delete --force "$ID"
	wait_for eval '! pgrep -r S,R,D -x -f "sleep 987"'
}

# host_mounts: those of this test and of nobody's: other tests run beside it
host_mounts() {
	awk -v own="${WORK##*/}" 'index($0, own) || !/nsrun-test/' /proc/self/mountinfo
}

# bats test_tags=view
@test "without a mount namespace it is in the host's, and its mounts are nobody's" {
	local before
	before=$(host_mounts)
	sleeping '.linux.namespaces |= map(select(.type != "mount")) | del(.linux.maskedPaths, .linux.readonlyPaths)
		| .mounts += [{destination: "/tmp", type: "tmpfs", source: "tmpfs"}] | .process.cwd = "/tmp" | .root.readonly = true'
	[ "$(ns "$PID" mnt)" = "$(ns self mnt)" ]
	[ "$(host_mounts)" = "$before" ]
	# exec comes to the same tree.
	run -0 nsrun exec "$ID" sh -c 'pwd && touch x && ls / && cat /proc/1/comm && stat -c %m /tmp . 2>/dev/null; ! touch /x'
	[ "${lines[0]}" = /tmp ]
	grep -qw proc <<<"$output"
	grep -qw sleep <<<"$output"
	[ -e "/proc/$PID/root/tmp/x" ]
	[ ! -e "$BUNDLE/rootfs/tmp/x" ]
	run -0 nsrun inspect "$ID"
	run -0 nsrun check --bundle "$BUNDLE"
	grep -qF "without a mount namespace" <<<"$output"
	echo '[{"destination": "/tmp", "type": "tmpfs", "source": "tmpfs"}]' >"$WORK/mounts.json"
	run -1 nsrun mounts add "$ID" "$WORK/mounts.json"
	grep -qF "is in our own mount namespace" <<<"$output"
	nsrun delete --force "$ID"
	[ "$(host_mounts)" = "$before" ]
}

@test "without a mount namespace a tree that cannot be copied is an error, and nothing is left" {
	new_bundle
	edit '.linux.namespaces |= map(select(.type != "mount")) | del(.linux.maskedPaths, .linux.readonlyPaths)
		| .linux.rootfsPropagation = "unbindable"'
	run -1 nsrun create --bundle "$BUNDLE" "$ID"
	[[ $output == *" return: copy the container's mounts: "*"hint: add {"*'"mount"'* ]]
	[ -z "$(leftovers)" ]
}

@test "without a mount namespace no way leads out of its root, and none to the host's mounts" {
	new_bundle
	edit '.linux.namespaces |= map(select(.type != "mount")) | del(.linux.maskedPaths, .linux.readonlyPaths)
		| .process.capabilities |= map_values(. + ["CAP_SYS_CHROOT", "CAP_SYS_ADMIN"]) | .root.readonly = false'
	# The classic way out of a chroot: a root below the directory that one keeps open.
	in_container 'ls -di / && mkdir -p /tmp/x && chroot /tmp/x/../.. /bin/ls -di ../../../../../.. && ls -di /../../.. && exec mount -t tmpfs tmpfs /tmp'
	run nsrun run --bundle "$BUNDLE" "$ID"
	[ "$status" -ne 0 ]
	grep -qF "mounting tmpfs on /tmp failed" <<<"$output"
	[ "$(grep -cE '^ *[0-9]+ ' <<<"$output")" -eq 3 ]
	[ "$(grep -E '^ *[0-9]+ ' <<<"$output" | awk '{ print $1 }' | sort -u | wc -l)" -eq 1 ]
}
