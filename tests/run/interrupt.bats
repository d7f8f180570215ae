#!/usr/bin/env bats
# interrupt.bats: whoever asks a command to end while it makes a container is heard, also when a hook hangs: it ends at
# once with 128 + the signal, says in which step it was, and nothing is left.
# shellcheck disable=SC2154 # bats sets status and output

load helpers

needs() {
	skip_unless root
	env --default-signal=INT true 2>/dev/null || skip "env cannot set signals: needs coreutils 8.31"
}

# hangs HOOK: a bundle whose hook of that type says that it runs, and waits for ever. In the container that is $BUNDLE/rootfs/tmp.
hangs() {
	local at=$WORK/hangs

	new_bundle
	[ "$1" != startContainer ] || at=/tmp/hangs
	edit '.root.readonly = false | .process.args = ["sleep", "1000"] | .hooks[$type] = [{path: "/bin/sh",
		args: ["sh", "-c", "echo >\($at); exec sleep 1000"]}]' --arg type "$1" --arg at "$at"
	rm -f "$WORK/hangs"
	HANGS=$WORK/hangs
	[ "$1" != startContainer ] || HANGS=$BUNDLE/rootfs/tmp/hangs
}

# interrupted SIGNAL ARGUMENTS...: nsrun gets the signal when the hook hangs. Its status in status, its words in output.
interrupted() {
	local sig=$1 pid began

	shift
	# A shell without job control has its background jobs ignore SIGINT.
	env --default-signal=HUP,INT,QUIT,TERM "$NSRUN" --root "$ROOT" "$@" </dev/null >"$WORK/out" 2>&1 3>&- &
	pid=$!
	wait_for test -e "$HANGS"
	began=$SECONDS
	kill -"$sig" $pid
	status=0
	wait $pid || status=$?
	output=$(cat "$WORK/out")
	echo "$sig $*: $status after $((SECONDS - began)) s: $output"
	[ $((SECONDS - began)) -lt $((20 * NSRUN_SLOW)) ]
}

@test "create and run are ended while a hook hangs, and nothing is left" {
	local hook sig n=0 signals=(TERM INT HUP QUIT)
	local -A number=([HUP]=1 [INT]=2 [QUIT]=3 [TERM]=15)
	for hook in createRuntime createContainer; do
		hangs $hook
		for verb in create run "run --detach"; do
			rm -f "$WORK/hangs"
			sig=${signals[n++ % 4]}
			# shellcheck disable=SC2086 # words
			interrupted $sig $verb --bundle "$BUNDLE" "$ID"
			[ "$status" -eq $((128 + number[$sig])) ]
			[[ $output == *"hook $hook 0 "*"SIG$sig"*"at config.json:"*"/hooks/$hook/0"*hint:* ]]
			[ -z "$(leftovers)" ]
			! pgrep -f "echo >$WORK" || false
		done
	done
}

@test "what is ignored stays ignored" {
	hangs createRuntime
	edit '.hooks.createRuntime[0].args[2] = "echo >\($work)/hangs; while [ ! -e \($work)/go ]; do sleep 0.1; done"
		| .process.args = ["true"]' --arg work "$WORK"
	(trap '' HUP; exec "$NSRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID") </dev/null >"$WORK/out" 2>&1 3>&- &
	wait_for test -e "$HANGS"
	kill -HUP $!
	echo >"$WORK/go"
	exits 0 $!
}

@test "start is ended while a hook hangs, and the container is stopped" {
	local hook
	for hook in startContainer poststart; do
		hangs $hook
		detached create --bundle "$BUNDLE" "$ID"
		[ "$status" -eq 0 ]
		interrupted TERM start "$ID"
		[ "$status" -eq 143 ]
		[[ $output == *SIGTERM* ]]
		wait_for is_status "$ID" stopped
		run -0 nsrun delete "$ID"
		rm -f "$HANGS"
		interrupted INT run --bundle "$BUNDLE" "$ID"
		[ "$status" -eq 130 ]
		[ -z "$(leftovers)" ]
	done
}

@test "a poststop hook that hangs is ended, and the container is deleted nevertheless" {
	hangs poststop
	detached create --bundle "$BUNDLE" "$ID"
	interrupted TERM delete "$ID"
	[ "$status" -eq 0 ]
	[[ $output == *"warning: hook poststop 0"*SIGTERM* ]]
	[ -z "$(leftovers)" ]
	rm "$HANGS"
	edit '.process.args = ["true"]'
	interrupted HUP run --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	[ -z "$(leftovers)" ]
}

@test "exec is ended while it waits in a frozen cgroup" {
	skip_unless cgroup
	new_bundle
	edit '.process.args = ["sleep", "1000"]'
	detached run --detach --bundle "$BUNDLE" "$ID"
	nsrun pause "$ID" || skip "this host cannot pause"
	env --default-signal=TERM "$NSRUN" --root "$ROOT" exec --ignore-paused "$ID" true </dev/null >"$WORK/out" 2>&1 3>&- &
	local pid=$!
	# It has come as far as its child.
	wait_for grep -q . "/proc/$pid/task/$pid/children"
	kill -TERM $pid
	exits 143 $pid
	cat "$WORK/out"
	grep -q SIGTERM "$WORK/out"
	nsrun resume "$ID"
}
