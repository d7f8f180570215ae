#!/usr/bin/env bats
# hooks.bats: the six hooks: when they run, what they see, and what happens when one fails.

load helpers

needs() {
	skip_unless root
}

# Each hook appends a line to $WORK/log: its name, and what it finds. In the container that is /log.
with_hooks() {
	new_bundle
	edit '.root.readonly = false | .annotations = {"org.example.key": "value"}'
	cat >"$WORK/hook" <<-HOOK
		#!/bin/sh
		printf '%s %s %s %s\n' "\$1" "\$(pwd)" "\$(readlink /proc/self/ns/mnt)" "\$(readlink /proc/self/ns/net)" >>"$WORK/log"
		cat >"$WORK/state.\$1"
		echo "env \$1 \$(cat /proc/self/environ | tr '\0' ' ')" >>"$WORK/env"
	HOOK
	chmod 755 "$WORK/hook"
	cat >"$WORK/inside" <<-HOOK
		#!/bin/sh
		cat >/state.startContainer
		echo "startContainer \$(pwd) \$(readlink /proc/self/ns/mnt) \$(readlink /proc/self/ns/net)" >/log
	HOOK
	chmod 755 "$WORK/inside"
	mkdir "$BUNDLE/rootfs/hooks"
	mv "$WORK/inside" "$BUNDLE/rootfs/hooks/inside"
	edit '.hooks = ([["prestart", "createRuntime", "createContainer", "poststart", "poststop"][]
		| {key: ., value: [{path: ($work + "/hook"), args: ["hook", .], env: ["A=b"]}]}] | from_entries)
		+ {startContainer: [{path: "/hooks/inside", args: ["inside"]}]}' --arg work "$WORK"
}

# fails HOOK WHAT: the create or start of a container whose hook of that type is WHAT (members of a hook object)
fails() {
	new_bundle
	edit '.hooks = {($type): [{path: "/bin/true"}, $hook]} | .hooks.poststop = [{path: "/bin/sh",
		args: ["sh", "-c", "echo poststop >>\($work)/poststop"]}]' --arg type "$1" --argjson hook "$2" --arg work "$WORK"
	rm -f "$WORK/poststop"
	in_container 'echo ran >>/tmp/ran'
	detached create --bundle "$BUNDLE" "$ID"
	if [ "$1" = startContainer ] || [ "$1" = poststart ]; then
		[ "$status" -eq 0 ]
		detached start "$ID"
	fi
	[ "$status" -eq 1 ]
	echo "$output"
	[[ $output == *"hook $1 1 "* ]]
}

# nothing_left: of a create that failed
nothing_left() {
	[ -z "$(leftovers)" ]
}

@test "all six run once, in their order, and see their state on stdin" {
	with_hooks
	in_container 'exec sleep 100'
	detached create --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	[ "$(cut -d' ' -f1 "$WORK/log" | tr '\n' ' ')" = "prestart createRuntime createContainer " ] ||
		[ "$(cut -d' ' -f1 "$WORK/log" | tr '\n' ' ')" = "createRuntime prestart createContainer " ]
	local pid
	pid=$(pid_of "$ID")
	detached start "$ID"
	[ "$status" -eq 0 ]
	[ "$(tail -n 1 "$WORK/log" | cut -d' ' -f1)" = poststart ]
	nsrun delete --force "$ID"
	[ "$(tail -n 1 "$WORK/log" | cut -d' ' -f1)" = poststop ]
	[ "$(wc -l <"$WORK/log")" -eq 5 ]

	local hook want
	for hook in prestart:creating createRuntime:creating createContainer:creating poststart:running poststop:stopped; do
		want=${hook#*:}
		hook=${hook%:*}
		echo "$hook: $(cat "$WORK/state.$hook")"
		jq -e --arg id "$ID" --arg bundle "$BUNDLE" --arg status "$want" '.ociVersion == "1.3.0" and .id == $id
			and .status == $status and .bundle == $bundle and .annotations["org.example.key"] == "value"' \
			"$WORK/state.$hook"
		[ "$(wc -l <"$WORK/state.$hook")" -le 1 ]
	done
	for hook in prestart createRuntime poststart; do
		[ "$(jq .pid "$WORK/state.$hook")" = "$pid" ]
	done
	jq -e '.status == "created" and .pid == 1' "$BUNDLE/rootfs/state.startContainer"
}

@test "each runs in its namespaces and its directory, with its own environment" {
	with_hooks
	in_container 'readlink /proc/self/ns/mnt; readlink /proc/self/ns/net; exec sleep 100'
	detached create --bundle "$BUNDLE" "$ID"
	nsrun start "$ID"
	wait_for grep -q net: "$WORK/out"
	local host mnt net type cwd
	host="$(readlink /proc/self/ns/mnt) $(readlink /proc/self/ns/net)"
	mnt=$(readlink "/proc/$(pid_of "$ID")/ns/mnt")
	net=$(readlink "/proc/$(pid_of "$ID")/ns/net")
	nsrun delete --force "$ID"
	cat "$WORK/log" "$BUNDLE/rootfs/log" "$WORK/env"
	for type in prestart createRuntime poststart poststop; do
		grep -qxF "$type $BUNDLE $host" "$WORK/log"
	done
	grep "^createContainer $BUNDLE/rootfs " "$WORK/log" | grep -qF "$mnt $net"
	grep -q "^startContainer / " "$BUNDLE/rootfs/log"
	grep -qF "$mnt $net" "$BUNDLE/rootfs/log"
	[ "$(grep -c ' A=b ' "$WORK/env")" -eq 5 ]
	! grep -q PATH= "$WORK/env" || false
}

@test "hooks of one type run in the order of the config" {
	new_bundle
	edit '.hooks = ([["prestart", "createRuntime", "createContainer", "poststart", "poststop"][] as $type
		| {key: $type, value: [range(3) | {path: "/bin/sh", args: ["sh", "-c", "echo \($type) \(.) >>\($work)/order"]}]}]
		| from_entries) + {startContainer: [range(3) | {path: "/bin/sh",
		args: ["sh", "-c", "echo startContainer \(.) >>/tmp/order"]}]} | .root.readonly = false' --arg work "$WORK"
	in_container 'exec sleep 100'
	detached run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	nsrun delete --force "$ID"
	local type
	for type in prestart createRuntime createContainer poststart poststop; do
		[ "$(grep "^$type " "$WORK/order" | tr '\n' ' ')" = "$type 0 $type 1 $type 2 " ]
	done
	[ "$(tr '\n' ' ' <"$BUNDLE/rootfs/tmp/order")" = "startContainer 0 startContainer 1 startContainer 2 " ]
}

@test "a startContainer hook has its own environment, and no other" {
	new_bundle
	edit '.root.readonly = false | .hooks.startContainer = [{path: "/bin/cp", env: ["A=b", "C=d e"],
		args: ["cp", "/proc/self/environ", "/tmp/env"]}]'
	in_container 'exec sleep 100'
	detached run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	tr '\0' '|' <"$BUNDLE/rootfs/tmp/env"
	[ "$(tr '\0' '|' <"$BUNDLE/rootfs/tmp/env")" = "A=b|C=d e|" ]
}

@test "a poststop hook finds neither processes nor cgroups of the container" {
	new_bundle
	cat >"$WORK/hook" <<-HOOK
		#!/bin/sh
		PATH=/usr/bin:/bin
		exec >"$WORK/found" 2>&1
		find /sys/fs/cgroup -name "*$ID*"
		grep '^State:.[^ZX]' "/proc/\$(cat "$WORK/pid")/status" 2>/dev/null
		echo done
	HOOK
	chmod 755 "$WORK/hook"
	edit '.hooks.poststop = [{path: ($work + "/hook")}]' --arg work "$WORK"
	in_container 'exec sleep 100'
	detached run --detach --bundle "$BUNDLE" --pid-file "$WORK/pid" "$ID"
	[ "$status" -eq 0 ]
	nsrun delete --force "$ID"
	cat "$WORK/found"
	[ "$(cat "$WORK/found")" = done ]
}

@test "a hook that exits with an error: the text names it, and nothing is left" {
	local type
	for type in prestart createRuntime createContainer; do
		fails $type '{"path": "/bin/sh", "args": ["sh", "-c", "echo the reason >&2; exit 3"]}'
		[[ $output == *"/bin/sh"* && $output == *3* && $output == *"the reason"* ]]
		nothing_left
		[ "$(cat "$WORK/poststop")" = poststop ]
	done
}

@test "a startContainer hook that fails fails start" {
	fails startContainer '{"path": "/bin/sh", "args": ["sh", "-c", "echo the reason >&2; exit 3"]}'
	[[ $output == *3* && $output == *"the reason"* ]]
	[ "$(status_of "$ID")" = stopped ]
	run -0 nsrun delete "$ID"
	[ "$(cat "$WORK/poststop")" = poststop ]
}

@test "a poststart hook that fails stops the container" {
	fails poststart '{"path": "/bin/sh", "args": ["sh", "-c", "echo the reason >&2; exit 3"]}'
	[[ $output == *"the reason"* ]]
	wait_for is_status "$ID" stopped
	run -0 nsrun delete "$ID"
	[ "$(cat "$WORK/poststop")" = poststop ]
}

@test "a poststop hook that fails is a warning, and the next one runs" {
	new_bundle
	edit '.hooks.poststop = [{path: "/bin/false"}, {path: "/bin/sh", args: ["sh", "-c", "echo second >\($work)/second"]}]' \
		--arg work "$WORK"
	detached create --bundle "$BUNDLE" "$ID"
	run -0 nsrun delete "$ID"
	echo "$output"
	[[ $output == *"hook poststop 0"* ]]
	[ -e "$WORK/second" ]
}

@test "a hook that hangs is killed when its time is over" {
	local type began
	for type in createRuntime createContainer startContainer poststart; do
		began=$SECONDS
		fails $type "{\"path\": \"/bin/sh\", \"args\": [\"sh\", \"-c\", \"sleep 600; : $WORK\"], \"timeout\": 1}"
		[ $((SECONDS - began)) -lt 60 ]
		[[ $output == *"1"*"s"* ]]
		[ "$type" = poststart ] || [ "$type" = startContainer ] || nothing_left
		wait_for eval '! pgrep -f "sleep 600; : $WORK"'
	done
}

@test "a poststop hook that hangs is killed when its time is over, and delete ends" {
	new_bundle
	edit '.hooks.poststop = [{path: "/bin/sh", args: ["sh", "-c", "sleep 600; : \($work)"], timeout: 1}]' --arg work "$WORK"
	detached create --bundle "$BUNDLE" "$ID"
	local began=$SECONDS
	run -0 nsrun delete "$ID"
	echo "$output"
	[ $((SECONDS - began)) -lt 60 ]
	[[ $output == *"hook poststop 0"* ]]
	nothing_left
	wait_for eval '! pgrep -f "sleep 600; : $WORK"'
}

@test "a hook that is killed by a signal is named with it" {
	fails createRuntime '{"path": "/bin/sh", "args": ["sh", "-c", "kill -SEGV $$"]}'
	[[ $output == *signal* ]]
	nothing_left
}

@test "a hook that is missing or cannot be executed is named with the cause" {
	fails createRuntime '{"path": "/no/such/hook"}'
	[[ $output == *"/no/such/hook"* && $output == *"no such file or directory"* ]]
	nothing_left
	fails createRuntime '{"path": "/etc/passwd"}'
	[[ $output == *"/etc/passwd"* && $output == *"permission denied"* ]]
	nothing_left
	fails createContainer '{"path": "/no/such/hook"}'
	[[ $output == *"no such file or directory"* ]]
	nothing_left
	fails startContainer '{"path": "/no/such/hook"}'
	[[ $output == *"/no/such/hook"* ]]
}

@test "a hook that reads nothing and one that prints much stop nobody" {
	new_bundle
	edit '.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", "exec <&-"]},
		{path: "/bin/sh", args: ["sh", "-c", "head -c 300000 /dev/zero"]}] | .process.args = ["true"]'
	run -0 timeout 60 "$NSRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
}

@test "a hook gets no descriptor of ours" {
	new_bundle
	edit '.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", "ls /proc/self/fd >\($work)/fds"]}]
		| .process.args = ["true"]' --arg work "$WORK"
	nsrun run --bundle "$BUNDLE" "$ID"
	# 3 is the directory that ls reads.
	[ "$(tr '\n' ' ' <"$WORK/fds")" = "0 1 2 3 " ]
}

@test "a host hook can prepare the container's network" {
	skip_unless ip
	unshare -n ip link add dummy7 type dummy 2>/dev/null || unshare -n ip tuntap add tap7 mode tap 2>/dev/null ||
		skip "this kernel has neither dummy nor tap devices"
	new_bundle
	cat >"$WORK/hook" <<-'HOOK'
		#!/bin/sh
		pid=$(sed 's/.*"pid":\([0-9]*\).*/\1/')
		PATH=/usr/sbin:/sbin:/usr/bin:/bin
		nsenter -t "$pid" -n ip link add dummy7 type dummy || nsenter -t "$pid" -n ip tuntap add tap7 mode tap
	HOOK
	chmod 755 "$WORK/hook"
	edit '.hooks.createRuntime = [{path: "\($work)/hook"}] | .process.args = ["ls", "/sys/class/net"]' --arg work "$WORK"
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[[ $output == *dummy7* || $output == *tap7* ]]
}
