#!/usr/bin/env bats
# oom.bats: what the kernel kills for lack of memory is told, with the limit that was in the way.

load helpers

needs() {
	skip_unless root cgroup
}

# limited BYTES SCRIPT: the program, with so much memory and no swap
limited() {
	edit '.linux.resources.memory = {limit: $bytes, swap: $bytes}' --argjson bytes "$1"
	in_container "$2"
}

# What touches 100 MiB at once.
DEVOUR='dd if=/dev/zero of=/dev/null bs=100M count=1'

# bats test_tags=bed
@test "run tells that the container was OOM-killed, and at which limit" {
	new_bundle
	limited 67108864 "exec $DEVOUR"
	run -137 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$output" = "nsrun: warning: the container was OOM-killed at limit 64 MiB (67108864 bytes)" ]
}

@test "run tells it of a shell whose program was killed, and leaves the log to errors" {
	new_bundle
	limited 16777216 "$DEVOUR 2>/dev/null; exit \$?"
	run -137 nsrun --log "$WORK/log" --log-format json run --keep --bundle "$BUNDLE" "$ID"
	[[ $output == *"the container was OOM-killed at limit 16 MiB (16777216 bytes)"* ]]
	[ ! -s "$WORK/log" ]
	run -0 nsrun delete "$ID"
	[ -z "$output" ]
}

@test "delete tells it only to who debugs" {
	new_bundle
	limited 16777216 "exec $DEVOUR"
	detached run --detach --bundle "$BUNDLE" "$ID"
	wait_for is_status "$ID" stopped
	run -0 nsrun --debug delete "$ID"
	[[ $output == *"1 processes of $ID were OOM-killed"* ]]
}

@test "no word of memory when somebody else has killed it, or when the program survives" {
	new_bundle
	limited 67108864 'exec sleep 100'
	nsrun run --bundle "$BUNDLE" "$ID" 2>"$WORK/err" &
	local job=$!
	wait_for is_status "$ID" running
	nsrun kill "$ID" KILL
	exits 137 $job
	[ ! -s "$WORK/err" ]

	new_bundle
	limited 16777216 "$DEVOUR; exit 3"
	run -3 nsrun run --bundle "$BUNDLE" "$ID"
	[[ $output != *OOM* ]]
}

# bats test_tags=bed
@test "a limit that init does not fit into: which step, which limit, what to do, and nothing left" {
	local bytes
	for bytes in 4096 65536; do
		new_bundle
		limited $bytes true
		run -1 nsrun create --bundle "$BUNDLE" "$ID"
		echo "$output"
		[[ ${lines[0]} == "nsrun: "*"init was OOM-killed at limit $((bytes / 1024)) KiB ($bytes bytes)"* ]]
		[[ ${lines[1]} == *"/linux/resources/memory/limit" ]]
		[[ ${lines[2]} == "  hint: raise /linux/resources/memory/limit"* ]]
		[ -z "$(find /sys/fs/cgroup -type d -name "*$ID*")" ]
	done
}

@test "init that is killed before it runs the program is an error of start" {
	new_bundle
	edit '.linux.namespaces |= map(select(.type != "pid"))
		| .hooks.startContainer = [{path: "/bin/sh", args: ["sh", "-c", "kill -9 $PPID"]}]'
	in_container 'echo ran'
	run -1 nsrun run --bundle "$BUNDLE" "$ID"
	[[ $output == *"init was killed before it could run the program"* ]]
	[[ $output != *ran* ]]
}
