#!/usr/bin/env bats
# checkpoint.bats: checkpoint and restore, with a criu of ours that answers what the test wants, and with the real one
# where it works.

load helpers

needs() {
	skip_unless root cgroup
	[ -x "$(dirname "$NSRUN")/nsrun-criu" ] || skip "this build has no checkpoint and restore"
}

# fake MODE: tests/run/fakecriu is the criu of PATH, and does what MODE says
fake() {
	mkdir -p "$WORK/criu"
	cp "$TOOLS/fakecriu" "$WORK/criu/criu"
	echo "$1" >"$WORK/criu/mode"
	rm -f "$WORK/criu/request"
	PATH=$WORK/criu:$PATH
}

# asked LINE...: that is in the last request; see fakecriu.c
asked() {
	local line

	for line in "$@"; do
		grep -qxF -e "$line" "$WORK/criu/request" || {
			echo "the request lacks $line:"
			cat "$WORK/criu/request"
			return 1
		}
	done
}

# sleeping: a container that sleeps, made by create and start
sleeping() {
	new_bundle
	in_container 'sleep 1000'
	detached run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	PID=$(pid_of "$ID")
}

# restored: nothing is left of a restore that failed
nothing_left() {
	[ ! -e "$ROOT/$ID" ]
	[ -z "$(find /sys/fs/cgroup -type d -name "*$ID")" ]
	! pgrep -f "^$WORK/criu/criu" >/dev/null || false
}

@test "help exits with 0, and a flag without its value says what engines look for" {
	run -0 nsrun checkpoint --help
	[[ $output == *--parent-path* ]]
	run -0 nsrun restore --help
	run -1 nsrun restore --lsm-mount-context
	[[ $output == *"requires an argument"* ]]
	run -0 nsrun features
	[ "$(jq -r '.annotations["org.opencontainers.runc.checkpoint.enabled"]' <<<"$output")" = true ]
	jq -e '.potentiallyUnsafeConfigAnnotations | index("org.criu.config")' <<<"$output"
}

@test "a container in the host's mount namespace is not for criu" {
	fake ok
	new_bundle
	edit '.linux.namespaces |= map(select(.type != "mount")) | del(.linux.maskedPaths, .linux.readonlyPaths)'
	in_container 'sleep 1000'
	detached run --detach "$ID"
	run -1 nsrun checkpoint "$ID"
	[[ $output == *"a container in the host's mount namespace"*hint:* ]]
	is_status "$ID" running
	nsrun delete --force "$ID"
	run -1 nsrun restore --image-path "$WORK" --bundle "$BUNDLE" "$ID"
	[[ $output == *"a container in the host's mount namespace"*hint:* ]]
	[ ! -e "$ROOT/$ID" ]
}

@test "what cannot be checkpointed or restored is refused, and says why" {
	fake ok
	run -1 nsrun checkpoint nobody
	[[ $output == *"container does not exist"* ]]
	new_bundle
	in_container 'sleep 1000'
	detached create "$ID"
	run -1 nsrun checkpoint "$ID"
	[[ $output == *"cannot be checkpointed: it is created"* ]]
	run -1 nsrun restore --image-path "$WORK" "$ID"
	[[ $output == *"already exists"* ]]
	nsrun start "$ID"
	run -1 nsrun checkpoint --parent-path /abs "$ID"
	[[ $output == *"expected a relative path"* ]]
	run -1 nsrun checkpoint --page-server nowhere "$ID"
	[[ $output == *"expected ADDRESS:PORT"* ]]
	nsrun kill "$ID" KILL
	wait_for is_status "$ID" stopped
	run -1 nsrun checkpoint "$ID"
	[[ $output == *"cannot be checkpointed: it is stopped"* ]]
	run -1 nsrun restore --image-path "$WORK/none" other
	[[ $output == *"open the directory $WORK/none"* ]]
	[ ! -e "$ROOT/other" ]
	[ ! -e "$WORK/criu/request" ]
}

@test "without criu both say which package it is in" {
	sleeping
	mkdir "$WORK/empty"
	PATH=$WORK/empty run -1 "$NSRUN" --root "$ROOT" checkpoint "$ID"
	[[ $output == *"criu is not installed"*"install the package criu"* ]]
	PATH=$WORK/empty run -1 "$NSRUN" --root "$ROOT" restore --image-path "$WORK" other
	[[ $output == *"criu is not installed"* ]]
	[ "$(status_of "$ID")" = running ]
}

@test "a checkpoint asks what the flags say, and deletes the container" {
	sleeping
	fake ok
	nsrun checkpoint --image-path "$WORK/pre" --pre-dump "$ID"
	asked 2="$PID" 15=1
	[ "$(status_of "$ID")" = running ]
	nsrun checkpoint --image-path "$WORK/img" --leave-running --tcp-established --tcp-close --tcp-skip-in-flight \
		--ext-unix-sk --shell-job --lazy-pages --file-locks --link-remap --auto-dedup --empty-ns network \
		--manage-cgroups-mode full --network-lock skip --page-server 192.0.2.1:27 --parent-path ../pre "$ID"
	asked 3=1 4=1 5=1 7=1 8=1 14=../pre 15=1 16=1 18=1 34=4 38=1073741824 46=1 48=1 52=1 64=3 11.1=192.0.2.1 11.2=27 \
		1=3 17=4 10=dump.log 12=1 13="$BUNDLE/rootfs"
	[ "$(status_of "$ID")" = running ]
	[ -s "$WORK/img/descriptors.json" ]
	nsrun checkpoint --image-path "$WORK/img" "$ID"
	asked 34=3
	! grep -qE '^(3|4|5|7|8|14|16|18|38|46|48|52|64)=' "$WORK/criu/request" || false
	nothing_left
}

@test "a paused container can be checkpointed, and stays paused when it goes on" {
	sleeping
	fake ok
	nsrun pause "$ID"
	nsrun checkpoint --leave-running "$ID"
	[ "$(status_of "$ID")" = paused ]
	[ -d checkpoint ]
}

@test "a criu that fails, talks nonsense, says nothing or is too old is an error, and the container runs on" {
	sleeping
	while read -r mode text; do
		fake "$mode"
		run -1 nsrun checkpoint --image-path "$WORK/img" "$ID"
		echo "$mode: $output"
		[[ $output == *"$text"* ]]
		[ "$(status_of "$ID")" = running ]
		! pgrep -f "^$WORK/criu/criu" >/dev/null || false
	done <<-END
		fail criu cannot dump it: the reason
		garbage gave an answer that is none of criu's
		again gave an answer to nothing
		nothing ended without an answer: vdso: not here
		old criu 2.2 is too old
	END
	fake fail
	run -1 nsrun checkpoint --image-path "$WORK/img" --work-path "$WORK/logs" "$ID"
	[[ $output == *"hint: read $WORK/logs/dump.log"* ]]
	[ ! -e "$WORK/img/dump.log" ]
}

@test "a criu that never answers ends in time" {
	sleeping
	fake hang-version
	run -1 nsrun checkpoint "$ID"
	[[ $output == *"criu did not answer within 20 s"* ]]
	! pgrep -f "^$WORK/criu/criu" >/dev/null || false
	[ "$(status_of "$ID")" = running ]
}

# bats test_tags=faults
@test "a criu that stops answering ends in time" {
	skip_unless faults
	export NSRUN_CRIU_TIMEOUT=3000
	sleeping
	fake hang
	run -1 nsrun checkpoint --image-path "$WORK/img" "$ID"
	[[ $output == *"criu did not answer within 3 s"* ]]
	[ "$(status_of "$ID")" = running ]
	new_bundle
	run -1 nsrun restore --image-path "$WORK/img" "$ID"
	[[ $output == *"criu did not answer within 3 s"* ]]
	nothing_left
}

@test "a restore asks what config and flags say, and makes a container" {
	local hook=$WORK/hook

	new_bundle
	fake ok
	mkdir "$WORK/img" "$WORK/data"
	echo '["pipe:[77]","file[1b:3]",""]' >"$WORK/img/descriptors.json"
	printf '#!/bin/sh\nread -r state; echo "$1 $state" >>%s\n' "$WORK/hooks" >"$hook"
	chmod 755 "$hook"
	# shellcheck disable=SC2016 # jq's
	edit '.mounts += [{destination: "/data", type: "bind", source: $data, options: ["bind", "ro"]}]
		| .hooks = {prestart: [{path: $hook, args: ["h", "prestart"]}],
			createRuntime: [{path: $hook, args: ["h", "createRuntime"]}],
			poststart: [{path: $hook, args: ["h", "poststart"]}],
			poststop: [{path: $hook, args: ["h", "poststop"]}]}
		| .linux.resources.pids.limit = 33' --arg data "$WORK/data" --arg hook "$hook"
	detached restore --image-path "$WORK/img" --detach --pid-file "$WORK/pid" -no-subreaper --no-pivot \
		--lsm-profile apparmor:x --lsm-mount-context ctx --tcp-close --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	PID=$(cat "$WORK/pid")
	[ "$(pid_of "$ID")" = "$PID" ]
	[ "$(status_of "$ID")" = running ]
	asked 13="$BUNDLE/rootfs" 26=1 52=1 53=apparmor:x 63=ctx "37=mnt[/data]:$WORK/data" '37=mnt[/proc/keys]:/dev/null' \
		'27.1=pipe:[77]' 27.2=5 '27.1=file[1b:3]' 27.2=6 10=restore.log
	[ -d "$BUNDLE/rootfs/data" ]
	# In its cgroups, with their limits, like a container that was created.
	grep -q "$ID" "/proc/$PID/cgroup"
	grep -rqx 33 $(find /sys/fs/cgroup -path "*$ID/pids.max")
	[ "$(cut -d' ' -f1 "$WORK/hooks" | tr '\n' ' ')" = "prestart createRuntime poststart " ]
	grep -q "\"pid\":$PID" "$WORK/hooks"
	nsrun kill "$ID" KILL
	wait_for is_status "$ID" stopped
	nsrun delete "$ID"
	grep -q poststop "$WORK/hooks"
}

@test "restore in the foreground waits for init and returns its status" {
	new_bundle
	fake ok
	mkdir "$WORK/img"
	nsrun restore --image-path "$WORK/img" "$ID" >"$WORK/out" 2>&1 &
	wait_for is_status "$ID" running
	nsrun kill "$ID" KILL
	exits 137 $!
	nothing_left
}

@test "a restore by a criu without notifications is one all the same" {
	new_bundle
	fake silent
	mkdir "$WORK/img"
	detached restore --image-path "$WORK/img" --detach "$ID"
	[ "$status" -eq 0 ]
	[ "$(status_of "$ID")" = running ]
	kill -KILL "$(pid_of "$ID")"
	wait_for is_status "$ID" stopped
}

@test "a restore that fails leaves nothing" {
	new_bundle
	mkdir "$WORK/img"
	while read -r mode text; do
		fake "$mode"
		run -1 nsrun restore --image-path "$WORK/img" --detach --pid-file "$WORK/pid" "$ID"
		echo "$mode: $output"
		[[ $output == *"$text"* ]]
		nothing_left
		[ ! -e "$WORK/pid" ]
	done <<-END
		fail criu cannot restore it: the reason
		garbage gave an answer that is none of criu's
		nothing ended without an answer: vdso: not here
		old criu 2.2 is too old
	END
	fake ok
	edit '.hooks.createRuntime = [{path: "/bin/false"}]'
	run -1 nsrun restore --image-path "$WORK/img" --detach --pid-file "$WORK/pid" "$ID"
	[[ $output == *"hook"*"exited with status 1"* ]]
	nothing_left
	edit 'del(.hooks) | .annotations = {"org.criu.config": "/nowhere"}'
	run -1 nsrun restore --image-path "$WORK/img" --detach "$ID"
	[[ $output == *"org.criu.config names \"/nowhere\", which cannot be read"* ]]
	nothing_left
	edit '.annotations = {}'
	run -1 nsrun restore --image-path "$WORK/img" --detach --pid-file "$WORK/none/pid" "$ID"
	nothing_left
}

# real: skips unless the criu of this machine works on its kernel; CRIU names another one
real() {
	local why

	[ -z "${CRIU:-}" ] || PATH=$(dirname "$CRIU"):$PATH
	skip_unless criu
	why=$(criu check 2>&1) || skip "criu does not work here: $(grep Error <<<"$why" | tail -n 1)"
}

# counting: a container whose program counts in /tmp/n, whose size stays the same: criu compares it with what it was
counting() {
	edit '.root.readonly = false'
	# shellcheck disable=SC2016 # the container's variables
	in_container 'i=100000000; while :; do i=$((i+1)); echo $i 1<>/tmp/n; sleep 0.05; done'
	detached run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	wait_for test -s "$BUNDLE/rootfs/tmp/n"
}

# above N: the container has counted beyond N
above() {
	[ "$(cat "$BUNDLE/rootfs/tmp/n")" -gt "$1" ]
}

@test "the real criu: a container goes on where it was, with the mounts, limits and hooks of its config" {
	local n
	real

	new_bundle
	mkdir "$WORK/host"
	echo hello >"$WORK/host/file"
	# Twice the same source: criu forgets what is denied on the second.
	# shellcheck disable=SC2016 # jq's
	edit '.mounts += [{destination: "/a", type: "bind", source: $h, options: ["rbind"]},
		{destination: "/b", type: "bind", source: $h, options: ["rbind", "ro", "nosuid"]}]
		| .linux.resources.pids.limit = 33' --arg h "$WORK/host"
	counting
	nsrun checkpoint --image-path "$WORK/img" "$ID"
	nothing_left
	n=$(cat "$BUNDLE/rootfs/tmp/n")
	detached restore --image-path "$WORK/img" --detach --pid-file "$WORK/pid" --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	wait_for above "$n"
	PID=$(cat "$WORK/pid")
	[ "$(status_of "$ID")" = running ]
	grep -q "$ID" "/proc/$PID/cgroup"
	grep -rqx 33 $(find /sys/fs/cgroup -path "*$ID/pids.max")
	[ "$(cat "/proc/$PID/root/b/file")" = hello ]
	grep -q ' /b ro,nosuid' "/proc/$PID/mountinfo"
	grep -q ' /a rw' "/proc/$PID/mountinfo"
	! grep -E ' /proc/(keys|timer_list) rw' "/proc/$PID/mountinfo" || false
	# Again, from a container that was restored, and with the caller staying.
	nsrun checkpoint --image-path "$WORK/img2" "$ID"
	nsrun restore --image-path "$WORK/img2" "$ID" >"$WORK/out" 2>&1 &
	wait_for is_status "$ID" running
	nsrun kill "$ID" KILL
	exits 137 $!
	nothing_left
}

@test "the real criu: with --leave-running the container runs on, and a copy can be made" {
	real

	new_bundle
	counting
	nsrun checkpoint --image-path "$WORK/img" --leave-running "$ID"
	[ "$(status_of "$ID")" = running ]
	wait_for above "$(cat "$BUNDLE/rootfs/tmp/n")"
	detached restore --image-path "$WORK/img" --detach "${ID}b"
	[ "$status" -eq 0 ]
	[ "$(status_of "${ID}b")" = running ]
}

@test "the real criu: its own failure is told, and the container runs on" {
	real

	new_bundle
	# shellcheck disable=SC2016 # the container's
	in_container 'exec 9>/tmp/lock; flock 9; sleep 1000 & wait'
	edit '.root.readonly = false'
	detached run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	mkdir "$WORK/img"
	echo garbage >"$WORK/img/inventory.img"
	new_bundle
	run -1 nsrun restore --image-path "$WORK/img" "$ID"
	echo "$output"
	[[ $output == *"criu cannot restore it: "*"hint: read $WORK/img/restore.log"* ]]
	nothing_left
}

@test "the real criu: pipes of the caller are those of the caller of restore" {
	real

	new_bundle
	edit '.root.readonly = false'
	# shellcheck disable=SC2016 # the container's
	in_container 'echo begin; touch /tmp/n; while [ ! -e /tmp/go ]; do sleep 0.05; done; echo end'
	nsrun run --detach "$ID" 2>&1 | cat >"$WORK/first" &
	wait_for test -e "$BUNDLE/rootfs/tmp/n"
	nsrun checkpoint --image-path "$WORK/img" "$ID"
	wait $!
	touch "$BUNDLE/rootfs/tmp/go"
	nsrun restore --image-path "$WORK/img" "$ID" | cat >"$WORK/second"
	[ "$(cat "$WORK/first")" = begin ]
	[ "$(cat "$WORK/second")" = end ]
}

@test "the real criu: a terminal comes back over the console socket" {
	real

	new_bundle
	edit '.root.readonly = false | .process.terminal = true'
	# shellcheck disable=SC2016 # the container's
	in_container 'touch /tmp/n; while [ ! -e /tmp/go ]; do sleep 0.05; done; echo on the terminal; sleep 1000'
	"$TOOLS/recvtty" "$WORK/tty1" >"$WORK/out1" 2>&1 3>&- &
	wait_for test -S "$WORK/tty1"
	nsrun run --detach --console-socket "$WORK/tty1" "$ID"
	wait_for test -e "$BUNDLE/rootfs/tmp/n"
	nsrun checkpoint --image-path "$WORK/img" "$ID"
	touch "$BUNDLE/rootfs/tmp/go"
	"$TOOLS/recvtty" "$WORK/tty2" >"$WORK/out2" 2>&1 3>&- &
	wait_for test -S "$WORK/tty2"
	nsrun restore --image-path "$WORK/img" --detach --console-socket "$WORK/tty2" "$ID"
	wait_for grep -q "on the terminal" "$WORK/out2"
	nsrun delete --force "$ID"
}
