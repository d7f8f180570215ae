#!/usr/bin/env bats
# live_mounts.bats: `nsrun mounts add` and `remove`, in containers that run.

load helpers

needs() {
	skip_unless root
}

# running [FILTER]: a container that runs, whose root can be written to; FILTER edits its config
running() {
	new_bundle
	edit '.root.readonly = false | '"${1:-.}"
	in_container 'echo up; exec sleep 1000'
	detached run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	wait_for grep up "$WORK/out"
	PID=$(pid_of "$ID")
}

# seen: what is mounted in the container, "PATH OPTIONS" a line, without the root. What is put back is last in the
# kernel's list.
seen() {
	awk '$5 != "/" { print $5, $6 }' "/proc/$PID/mountinfo" | sort
}

# change add|remove JSON [ARGUMENTS OF JQ]: with the array on stdin
change() {
	local action=$1 filter=$2
	shift 2
	status=0
	jq -n "$@" "$filter" | "$NSRUN" --root "$ROOT" mounts "$action" "$ID" - >"$WORK/out" 2>&1 3>&- || status=$?
	output=$(cat "$WORK/out")
	[ "$status" -eq 0 ] || echo "mounts $action: status $status: $output"
}

# refused TEXT: the change has failed with it, and the container's mounts are what they were
refused() {
	[ "$status" -eq 1 ]
	grep -qF -- "$1" <<<"$output"
	[ "$(seen)" = "$before" ]
}

@test "add: a bind mount and a tmpfs appear, remove: they go" {
	mkdir "$WORK/source"
	echo hello >"$WORK/source/file"
	running
	before=$(seen)
	change add '[{destination: "/mnt/bound", source: $s, options: ["rbind", "ro", "nosuid"]},
		{destination: "/mnt/tmp", type: "tmpfs", source: "tmpfs", options: ["size=64k", "mode=700", "nodev"]},
		{destination: "/one", type: "bind", source: ($s + "/file"), options: ["bind"]}]' --arg s "$WORK/source"
	[ "$status" -eq 0 ] && [ -z "$output" ]
	[ "$(cat "/proc/$PID/root/mnt/bound/file")" = hello ]
	[ "$(cat "/proc/$PID/root/one")" = hello ]
	seen | grep -q '^/mnt/bound ro,nosuid'
	seen | grep -q '^/mnt/tmp rw,nodev'
	[ "$(stat -c %a "/proc/$PID/root/mnt/tmp")" = 700 ]
	# Nothing of it on the host, and no descriptor or process of ours in the container.
	! grep -F "$BUNDLE/rootfs/mnt" /proc/self/mountinfo || false
	run -1 nsrun mounts remove "$ID" "$WORK/nonesuch.json"
	jq -n '[{destination: "/one"}, {destination: "/mnt/bound"}, {destination: "/mnt/tmp"}]' >"$WORK/remove.json"
	run -0 nsrun mounts remove "$ID" "$WORK/remove.json"
	[ -z "$output" ]
	[ "$(seen)" = "$before" ]
	[ "$(status_of "$ID")" = running ]
}

@test "a proc, a mqueue and a sysfs are those of the container's namespaces" {
	running
	change add '[{destination: "/p", type: "proc", source: "proc"}]'
	[ "$status" -eq 0 ] || [[ $output == *"operation not permitted"* ]]
	[ "$status" -ne 0 ] || {
		# Only the container's processes are in it.
		[ "$(cat "/proc/$PID/root/p/1/cmdline" | tr '\0' ' ')" = 'sleep 1000 ' ]
		[ ! -e "/proc/$PID/root/p/$$" ] || [ "$$" -le 2 ]
	}
	change add '[{destination: "/s", type: "sysfs", source: "sysfs", options: ["ro"]}]'
	[ "$status" -eq 0 ]
	[ "$(ls "/proc/$PID/root/s/class/net")" = lo ]
	change add '[{destination: "/q", type: "mqueue", source: "mqueue"}]'
	[ "$status" -eq 0 ]
	seen | grep -q '^/q '
}

@test "a list is made as a whole, or not at all" {
	mkdir "$WORK/a"
	running
	before=$(seen)
	change add '[{destination: "/x/a", source: $s, options: ["bind"]}, {destination: "/x/t", type: "tmpfs"},
		{destination: "/x/bad", type: "tmpfs", options: ["sizee=1"]}, {destination: "/x/never", type: "tmpfs"}]' --arg s "$WORK/a"
	refused 'tmpfs'
	[[ $output == *'stdin:'*' /2'* ]]
	change add '[{destination: "/x/a", source: $s, options: ["bind"]},
		{destination: "/x/b", source: ($s + "/none"), options: ["bind"]}]' --arg s "$WORK/a"
	refused 'no such file or directory'
	# What one covers the next is below.
	change add '[{destination: "/x", type: "tmpfs"}, {destination: "/x/y", type: "tmpfs"}, {destination: "/bin/sh", type: "tmpfs"}]'
	refused 'not a directory'
	# Remove: the second is none, so the first stays, with what is in it.
	change add '[{destination: "/x", type: "tmpfs"}, {destination: "/x/y", type: "tmpfs"}]'
	[ "$status" -eq 0 ]
	echo kept >"/proc/$PID/root/x/y/file"
	before=$(seen)
	change remove '[{destination: "/tmp"}, {destination: "/x"}, {destination: "/x/y"}]'
	refused 'nothing is mounted on /tmp'
	[ "$(cat "/proc/$PID/root/x/y/file")" = kept ]
	change remove '[{destination: "/x"}, {destination: "/x/y"}]'
	[ "$status" -eq 0 ]
}

@test "a destination that is used is told, and stays" {
	running
	change add '[{destination: "/x", type: "tmpfs"}]'
	[ "$status" -eq 0 ]
	exec 9>"/proc/$PID/root/x/file"
	before=$(seen)
	change remove '[{destination: "/x"}]'
	refused 'device or resource busy'
	[[ $output == *hint:* ]]
	exec 9>&-
	change remove '[{destination: "/x"}]'
	[ "$status" -eq 0 ]
}

@test "symbolic links of the container lead nowhere but into it" {
	mkdir "$WORK/host" "$WORK/source"
	running
	ln -s "$WORK/host" "$BUNDLE/rootfs/absolute"
	ln -s "../../../../../../..$WORK/host" "$BUNDLE/rootfs/relative"
	ln -s /proc/1/root "$BUNDLE/rootfs/magic"
	ln -s "/proc/$$/root/$WORK/host" "$BUNDLE/rootfs/magic2"
	local link
	for link in absolute relative; do
		change add '[{destination: ("/" + $l), source: $s, options: ["bind"]}]' --arg l $link --arg s "$WORK/source"
		[ "$status" -eq 0 ]
		seen | grep -qF "$WORK/host "
		! grep -F "$WORK/host" /proc/self/mountinfo || false
		[ -d "/proc/$PID/root$WORK/host" ]
		change remove '[{destination: ("/" + $l)}]' --arg l $link
		[ "$status" -eq 0 ]
		! seen | grep -F "$WORK/host" || false
	done
	before=$(seen)
	for link in magic/x magic2 ../../../../../proc/sys; do
		change add '[{destination: ("/" + $l), source: $s, options: ["bind"]}]' --arg l $link --arg s "$WORK/source"
		refused nsrun:
		! grep -F "$WORK/host" /proc/self/mountinfo || false
	done
	# A source is the host's file, also where the container has another of that name.
	mkdir -p "$BUNDLE/rootfs$WORK/source"
	echo host >"$WORK/source/who"
	echo container >"$BUNDLE/rootfs$WORK/source/who"
	change add '[{destination: "/who", source: $s, options: ["bind"]}]' --arg s "$WORK/source"
	[ "$status" -eq 0 ]
	[ "$(cat "/proc/$PID/root/who/who")" = host ]
}

@test "what is refused, and what is said" {
	running
	before=$(seen)
	change add '{destination: "/x", type: "tmpfs"}'
	refused 'expected an array'
	change add '[5]'
	refused 'expected an object'
	change add '[{type: "tmpfs"}]'
	refused destination
	change add '[{destination: "/x"}]'
	refused 'the mount has no type'
	change add '[{destination: "/", type: "tmpfs"}]'
	refused 'nothing can be mounted on /'
	change add '[{destination: "/proc/sys", type: "tmpfs"}]'
	refused 'inside /proc'
	change add '[{destination: "/x", type: "cgroup", source: "cgroup"}]'
	refused 'cgroups cannot be mounted'
	change add '[{destination: "/tmp", options: ["remount", "ro"]}]'
	refused 'cannot be changed'
	change remove '[{destination: "/proc"}]'
	refused 'cannot be taken away'
	change remove '[{destination: "/"}]'
	refused 'cannot be taken away'
	change remove '[{destination: "/proc/kcore"}]'
	refused 'cannot be taken away'
	change add '[]'
	[ "$status" -eq 0 ]
	run -1 nsrun mounts
	run -1 nsrun mounts move "$ID" -
	[[ $output == *'expected add or remove'* ]]
	run -1 nsrun mounts add ../x -
	[[ $output == *'invalid container ID format'* ]]
	run -1 nsrun mounts add "$ID-none" <(echo '[]')
	[[ $output == *'container does not exist'* ]]
	nsrun kill "$ID" KILL
	wait_for is_status "$ID" stopped
	change add '[{destination: "/x", type: "tmpfs"}]'
	[[ $status -eq 1 && $output == *'container not running'* ]]
}

@test "created and paused containers have mounts added too; one with a user namespace is refused" {
	new_bundle
	edit '.root.readonly = false'
	in_container 'echo mine >/x/file; exec sleep 1000'
	detached create --bundle "$BUNDLE" "$ID"
	PID=$(pid_of "$ID")
	change add '[{destination: "/x", type: "tmpfs"}]'
	[ "$status" -eq 0 ]
	nsrun start "$ID"
	wait_for grep -q mine "/proc/$PID/root/x/file"
	[ ! -e "$BUNDLE/rootfs/x/file" ]
	skip_unless cgroup
	run -0 nsrun pause "$ID"
	change add '[{destination: "/y", type: "tmpfs"}]'
	[ "$status" -eq 0 ]
	nsrun resume "$ID"
	running '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1000}]
		| .linux.gidMappings = .linux.uidMappings'
	before=$(seen)
	change add '[{destination: "/x", type: "tmpfs"}]'
	refused 'has a user namespace'
}

@test "who is in the pid namespace of the container to mount a procfs has closed all that is the host's" {
	skip_unless strace
	running
	echo '[{"destination": "/p", "type": "proc"}]' >"$WORK/add.json"
	# The sanitizer of leaks and strace do not meet.
	ASAN_OPTIONS=detect_leaks=0 strace -f -o "$WORK/trace" -e trace=setns,close_range,fsopen,open_tree,move_mount \
		"$NSRUN" --root "$ROOT" mounts add "$ID" "$WORK/add.json" </dev/null 3>&-
	# The process that makes the procfs: everything up to the end of the table is closed before it does.
	local worker
	worker=$(awk '/fsopen\("proc"/ { pid = $1 } END { print pid }' "$WORK/trace")
	[ -n "$worker" ]
	# Before it, not behind it; the trace may split a call in two lines.
	awk -v pid="$worker" '$1 == pid && /close_range.*4294967295/ { closed = 1 } $1 == pid && /fsopen\("proc"/ { exit !closed }' \
		"$WORK/trace" || {
		cat "$WORK/trace"
		false
	}
}
