#!/usr/bin/env bats
# lifecycle.bats: a container from create to delete, and what each command says when its turn has not come.

load helpers

needs() {
	skip_unless root
}

# marked: the program leaves $BUNDLE/rootfs/tmp/ran behind
marked() {
	edit '.root.readonly = false'
	in_container 'echo yes >/tmp/ran; exec sleep 100'
}

# left_of ID: what is left of one container of this test
left_of() {
	find "$ROOT" -mindepth 1 -name "$1"
	find /sys/fs/cgroup -type d -name "*$1*"
	grep -F "$WORK" /proc/self/mountinfo || :
}

# bats test_tags=view
@test "create, start, kill, delete: each state, and nothing left" {
	new_bundle
	marked
	detached create --bundle "$BUNDLE" --pid-file "$WORK/pid" "$ID"
	[ "$status" -eq 0 ] && [ -z "$output" ]
	[ "$(status_of "$ID")" = created ]
	local pid
	pid=$(nsrun state "$ID" | jq .pid)
	[ "$(cat "$WORK/pid")" = "$pid" ]
	[ "$(wc -c <"$WORK/pid")" -eq "${#pid}" ]
	kill -0 "$pid"
	[[ $(readlink "/proc/$pid/exe") != "$BUNDLE"* ]]
	[ ! -e "$BUNDLE/rootfs/tmp/ran" ]
	sleep 0.2
	[ ! -e "$BUNDLE/rootfs/tmp/ran" ]

	run -0 nsrun start "$ID"
	[ -z "$output" ]
	[ "$(status_of "$ID")" = running ]
	wait_for test -e "$BUNDLE/rootfs/tmp/ran"
	[[ $(readlink "/proc/$pid/exe") == /bin/* ]]

	run -0 nsrun kill "$ID" KILL
	wait_for is_status "$ID" stopped
	[ "$(nsrun state "$ID" | jq .pid)" = 0 ]
	run -0 nsrun delete "$ID"
	[ -z "$output" ]
	[ -z "$(left_of "$ID")" ]
	is_gone "$pid"
	run -1 nsrun state "$ID"
	[[ $output == *"container does not exist"* ]]
}

@test "create takes the bundle as an operand, as a flag, and from the working directory" {
	new_bundle
	in_container true
	detached create "$ID" "$BUNDLE"
	[ "$status" -eq 0 ]
	nsrun delete "$ID"
	detached create -bundle="$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	nsrun delete "$ID"
	cd "$BUNDLE"
	detached create "$ID"
	[ "$status" -eq 0 ]
	[ "$(nsrun state "$ID" | jq -r .bundle)" = "$BUNDLE" ]
	nsrun delete "$ID"
	detached create "$ID" --pid-file "$WORK/pid"
	[ "$status" -eq 0 ]
	[ -s "$WORK/pid" ]
	run -1 nsrun create --bundle "$BUNDLE" "$ID-2" "$BUNDLE"
}

@test "run ends with the program's exit status and leaves nothing" {
	new_bundle
	in_container 'exit 0'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	in_container 'exit 3'
	run -3 nsrun run --bundle "$BUNDLE" "$ID"
	in_container 'exit 255'
	run -255 nsrun run --bundle "$BUNDLE" "$ID"
	# As pid 1 only a program that asks for it dies by a signal: its parent's namespace sends one.
	in_container 'sleep 100'
	nsrun run --bundle "$BUNDLE" "$ID" &
	local attached=$!
	wait_for is_status "$ID" running
	nsrun kill "$ID" 9
	exits 137 "$attached"
	[ -z "$(left_of "$ID")" ]
}

@test "run ends with 128+15 when the program dies by SIGTERM" {
	new_bundle
	# Without a pid namespace the program is not pid 1, to which the kernel gives no default action.
	edit '.linux.namespaces |= map(select(.type != "pid")) | .process.args = ["sleep", "100"]'
	nsrun run --bundle "$BUNDLE" "$ID" &
	local attached=$!
	wait_for is_status "$ID" running
	nsrun kill "$ID"
	exits 143 "$attached"
	[ -z "$(left_of "$ID")" ]
}

@test "run passes signals on to the program" {
	new_bundle
	in_container 'trap "echo got it; exit 7" USR1; echo ready; while :; do sleep 0.1; done'
	nsrun run --bundle "$BUNDLE" "$ID" >"$WORK/said" &
	local attached=$!
	wait_for grep ready "$WORK/said"
	# The shell's job is a subshell; nsrun is its child.
	kill -USR1 "$(pgrep -P "$attached" -x nsrun || echo "$attached")"
	exits 7 "$attached"
	grep -q "got it" "$WORK/said"
}

@test "run prints what the program prints, and gives it its stdin" {
	new_bundle
	in_container 'cat; echo error >&2'
	printf 'a\nb\n' | "$NSRUN" --root "$ROOT" run -b "$BUNDLE" "$ID" >"$WORK/1" 2>"$WORK/2" 3>&-
	[ "$(cat "$WORK/1")" = $'a\nb' ]
	[ "$(cat "$WORK/2")" = error ]
}

@test "run --detach returns; run --keep leaves a stopped container" {
	new_bundle
	in_container 'exec sleep 100'
	detached run --detach --bundle "$BUNDLE" --pid-file "$WORK/pid" "$ID"
	[ "$status" -eq 0 ]
	[ "$(status_of "$ID")" = running ]
	[ "$(cat "$WORK/pid")" = "$(nsrun state "$ID" | jq .pid)" ]
	nsrun delete --force "$ID"
	in_container 'exit 5'
	run -5 nsrun run --keep --bundle "$BUNDLE" "$ID"
	[ "$(status_of "$ID")" = stopped ]
	run -0 nsrun delete "$ID"
}

@test "the container's oom_score_adj is not that of the command that stays" {
	local own

	read -r own </proc/self/oom_score_adj
	new_bundle
	edit '.process.oomScoreAdj = 300'
	in_container 'cat /proc/self/oom_score_adj; exec sleep 100'
	nsrun run --bundle "$BUNDLE" "$ID" >"$WORK/out" 2>&1 &
	local job=$!
	wait_for grep -q . "$WORK/out"
	[ "$(cat "$WORK/out" /proc/$job/oom_score_adj)" = $'300\n'"$own" ]
	nsrun kill "$ID" KILL
	exits 137 $job
	# What ends at once shares init's memory, but for a hook that would inherit it.
	detached run --detach --bundle "$BUNDLE" "$ID"
	[ "$(cat "/proc/$(pid_of "$ID")/oom_score_adj")" = 300 ]
	nsrun delete --force "$ID"
	edit '.hooks.poststart = [{path: "/bin/sh", args: ["sh", "-c", "cat /proc/self/oom_score_adj >" + $file]}]' --arg file "$WORK/hook"
	detached run --detach --bundle "$BUNDLE" "$ID"
	[ "$(cat "/proc/$(pid_of "$ID")/oom_score_adj" "$WORK/hook")" = $'300\n'"$own" ]
	nsrun delete --force "$ID"
}

@test "delete removes a created container without --force" {
	new_bundle
	marked
	detached create --bundle "$BUNDLE" "$ID"
	run -0 nsrun delete "$ID"
	[ -z "$(left_of "$ID")" ]
	[ ! -e "$BUNDLE/rootfs/tmp/ran" ]
}

@test "delete refuses a running container; --force does not, and does not mind an unknown id" {
	new_bundle
	in_container 'exec sleep 100'
	detached run --detach --bundle "$BUNDLE" "$ID"
	run -1 nsrun delete "$ID"
	[[ $output == *"cannot delete container $ID that is not stopped: running"* ]]
	[ "$(status_of "$ID")" = running ]
	run -0 nsrun delete --force "$ID"
	[ -z "$output" ]
	[ -z "$(left_of "$ID")" ]
	run -0 nsrun delete --force "$ID"
	run -1 nsrun delete "$ID"
	[[ $output == *"container does not exist"* ]]
}

@test "start of a running, a stopped and an unknown container says why not" {
	new_bundle
	in_container 'exec sleep 100'
	detached run --detach --bundle "$BUNDLE" "$ID"
	run -1 nsrun start "$ID"
	[[ $output == *"cannot start an already running container"* ]]
	nsrun kill "$ID" KILL
	wait_for is_status "$ID" stopped
	run -1 nsrun start "$ID"
	[[ $output == *"cannot start a container that has stopped"* ]]
	run -1 nsrun start "$ID-unknown"
	[[ $output == *"container does not exist"* ]]
}

@test "kill takes names and numbers, and says what is wrong" {
	new_bundle
	in_container 'trap "exit 9" HUP USR2; echo up; while :; do sleep 0.1; done'
	local sig
	for sig in HUP sighup SIGUSR2 12 1; do
		detached run --detach --bundle "$BUNDLE" "$ID"
		wait_for grep up "$WORK/out"
		run -0 nsrun kill "$ID" $sig
		wait_for is_status "$ID" stopped
		run -1 nsrun kill "$ID" $sig
		[[ $output == *"container not running"* ]]
		nsrun delete "$ID"
	done
	run -1 nsrun kill "$ID-unknown" KILL
	[[ $output == *"container does not exist"* ]]
	detached create --bundle "$BUNDLE" "$ID"
	run -1 nsrun kill "$ID" SIGTREM
	[[ $output == *SIGTREM* ]]
	[[ $output == *'did you mean'* ]]
	for sig in 65 -1 "" 9x; do
		run -1 nsrun kill "$ID" "$sig"
		[ "$(status_of "$ID")" = created ]
	done
	run -0 nsrun kill "$ID" KILL
	wait_for is_status "$ID" stopped
}

# bats test_tags=view
@test "kill --all reaches every process of the container" {
	new_bundle
	edit '.linux.namespaces |= map(select(.type != "pid"))'
	in_container 'sleep 1000 & sleep 1000 & echo up; wait'
	detached run --detach --bundle "$BUNDLE" "$ID"
	wait_for grep up "$WORK/out"
	local pid
	pid=$(nsrun state "$ID" | jq .pid)
	[ "$(pgrep -c -P "$pid")" -eq 2 ]
	local children
	children=$(pgrep -P "$pid")
	run -0 nsrun kill --all "$ID" KILL
	wait_for is_status "$ID" stopped
	for pid in $children; do
		wait_for is_gone "$pid"
	done
}

@test "an id can be used once" {
	new_bundle
	in_container true
	detached create --bundle "$BUNDLE" "$ID"
	detached create --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 1 ]
	[[ $output == *"container with given ID already exists"* ]]
	[ "$(status_of "$ID")" = created ]
}

@test "state prints the keys of the specification in their order" {
	new_bundle
	edit '.annotations = {"org.example.key": "value"}'
	in_container 'exec sleep 100'
	detached create --bundle "$BUNDLE" "$ID"
	nsrun state "$ID" >"$WORK/json"
	[ "$(jq -c keys_unsorted "$WORK/json")" = '["ociVersion","id","pid","status","bundle","rootfs","created","annotations","owner"]' ]
	jq -e --arg id "$ID" --arg bundle "$BUNDLE" '.ociVersion == "1.3.0" and .id == $id and .bundle == $bundle
		and .rootfs == $bundle + "/rootfs" and .annotations["org.example.key"] == "value"
		and (.created | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}[.][0-9]+Z$"))' "$WORK/json"
	nsrun start "$ID"
	[ "$(nsrun state "$ID" | jq -r .created)" = "$(jq -r .created "$WORK/json")" ]
}

# schema_is_kept STATUS: what state prints is what state-schema.json of the specification wants, and has that status
schema_is_kept() {
	nsrun state "$ID" | jq -e --arg status "$1" '
		def text: type == "string" and . != "";
		type == "object" and (.ociVersion | test("^[0-9]+[.][0-9]+[.][0-9]+(-[0-9A-Za-z.-]+)?$")) and (.id | text)
		and .status == $status and (.bundle | text) and (.pid | type == "number" and . >= 0 and . == floor)
		and (.annotations // {} | type == "object" and all(keys[]; text) and all(.[]; type == "string"))'
}

@test "state is what the schema wants, whatever the container does" {
	new_bundle
	edit '.annotations = {"org.example.key": "value", "empty": ""}'
	in_container 'exec sleep 100'
	detached create --bundle "$BUNDLE" "$ID"
	schema_is_kept created
	nsrun start "$ID"
	schema_is_kept running
	nsrun kill "$ID" KILL
	wait_for is_status "$ID" stopped
	schema_is_kept stopped
	nsrun delete "$ID"
	edit 'del(.annotations)'
	detached create --bundle "$BUNDLE" "$ID"
	schema_is_kept created
}

@test "create applies everything but process; start has only that to do" {
	skip_unless nsenter
	new_bundle
	edit '.hostname = "box" | .domainname = "example" | .root.readonly = true
		| .mounts += [{destination: "/tmp", type: "tmpfs", source: "tmpfs", options: ["noexec", "size=64k"]}]
		| .linux.sysctl = {"kernel.msgmax": "4242"} | .linux.maskedPaths = ["/etc/group"]
		| .linux.readonlyPaths = ["/tmp"]
		| .linux.devices = [{type: "c", path: "/dev/mine", major: 1, minor: 3, fileMode: 438}]'
	in_container 'exec sleep 100'
	nsrun plan --format json | jq -e '[.steps | .[(map(.kind == "publish") | index(true)) + 1:][]
		| select(.kind != "wait" and (.pointer // "" | startswith("/process") | not))] == []'
	detached create --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	local pid
	pid=$(pid_of "$ID")
	[ "$(nsenter --uts="/proc/$pid/ns/uts" cat /proc/sys/kernel/hostname)" = box ]
	[ "$(nsenter --uts="/proc/$pid/ns/uts" cat /proc/sys/kernel/domainname)" = example ]
	[ "$(nsenter --ipc="/proc/$pid/ns/ipc" cat /proc/sys/kernel/msgmax)" = 4242 ]
	[[ $(awk '$5 == "/" { print $6 }' "/proc/$pid/mountinfo") == ro,* ]]
	awk '$5 == "/tmp" { print $6, $NF }' "/proc/$pid/mountinfo" >"$WORK/tmp"
	grep -q '^rw,.*noexec.* .*size=64k' "$WORK/tmp"
	grep -q '^ro,' "$WORK/tmp"
	[ -s "$BUNDLE/rootfs/etc/group" ] && [ ! -s "/proc/$pid/root/etc/group" ]
	[ "$(stat -c %t:%T "/proc/$pid/root/dev/mine")" = 1:3 ]
	[ "$(status_of "$ID")" = created ]
}

# bats test_tags=view
@test "delete leaves a cgroup that create found, and what else is in it" {
	local base=/sys/fs/cgroup/pids
	[ -d $base ] || base=/sys/fs/cgroup
	[ -w $base ] || skip "needs a writable cgroup tree"
	new_bundle
	edit '.linux.cgroupsPath = "/\($id)/box"' --arg id "$ID"
	mkdir "$base/$ID" "$base/$ID/other"
	in_container 'exec sleep 100'
	detached run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	[ -d "$base/$ID/box" ]
	nsrun delete --force "$ID"
	[ -d "$base/$ID/other" ] && [ ! -e "$base/$ID/box" ]
	rmdir "$base/$ID/other" "$base/$ID"
	[ -z "$(left_of "$ID")" ]
}

@test "list prints a table, JSON and ids" {
	mkdir -m 700 "$ROOT"
	[ "$(nsrun list --format json)" = '[]' ]
	[ "$(nsrun list | wc -l)" -eq 1 ]
	new_bundle
	in_container 'exec sleep 100'
	detached create --bundle "$BUNDLE" "$ID"
	detached run --detach --bundle "$BUNDLE" "$ID-b"
	run -0 nsrun list
	[[ ${lines[0]} =~ ^ID\ +PID\ +STATUS\ +BUNDLE\ +CREATED\ +OWNER ]]
	[ "${#lines[@]}" -eq 3 ]
	[ "$(nsrun list -q | sort)" = "$(printf '%s\n' "$ID" "$ID-b" | sort)" ]
	nsrun list -f json >"$WORK/list"
	[ "$(wc -l <"$WORK/list")" -le 1 ]
	[ "$(jq -c --arg id "$ID" 'map(select(.id == $id)) | map([.status, .owner])' "$WORK/list")" = '[["created","root"]]' ]
	[ "$(jq -r --arg id "$ID-b" '.[] | select(.id == $id) | .status' "$WORK/list")" = running ]
}

@test "of four starts at once one wins, and the others end soon" {
	new_bundle
	marked
	local round i began
	for round in 1 2 3; do
		detached create --bundle "$BUNDLE" "$ID"
		began=$(date +%s%N)
		local jobs=() won=0
		for i in 1 2 3 4; do
			nsrun start "$ID" >"$WORK/start$i" 2>&1 &
			jobs+=($!)
		done
		for i in "${jobs[@]}"; do
			! wait "$i" || won=$((won + 1))
		done
		echo "round $round: $won won in $((($(date +%s%N) - began) / 1000000)) ms"
		cat "$WORK"/start?
		[ "$won" -eq 1 ]
		[ $((($(date +%s%N) - began) / 1000000)) -lt 30000 ]
		[ "$(status_of "$ID")" = running ]
		nsrun delete --force "$ID"
	done
}

@test "of four creates at once one wins" {
	new_bundle
	in_container 'exec sleep 100'
	local round i
	for round in 1 2 3; do
		local jobs=() won=0
		for i in 1 2 3 4; do
			nsrun create --bundle "$BUNDLE" "$ID" >"$WORK/create$i" 2>&1 &
			jobs+=($!)
		done
		for i in "${jobs[@]}"; do
			! wait "$i" || won=$((won + 1))
		done
		cat "$WORK"/create?
		[ "$won" -eq 1 ]
		[ "$(cat "$WORK"/create? | grep -c 'container with given ID already exists')" -eq 3 ]
		[ "$(status_of "$ID")" = created ]
		nsrun delete "$ID"
		[ -z "$(left_of "$ID")" ]
	done
}

@test "create and delete --force at once never leave half a container" {
	new_bundle
	in_container 'exec sleep 100'
	local round create
	for round in 1 2 3 4 5 6; do
		nsrun create --bundle "$BUNDLE" "$ID" >"$WORK/out" 2>&1 &
		create=$!
		sleep "0.00$((round * 3))"
		nsrun delete --force "$ID"
		if wait "$create" && [ -d "$ROOT/$ID" ]; then
			nsrun delete "$ID"
		fi
		[ -z "$(left_of "$ID")" ]
	done
}

@test "the config is read once: what changes later does not count" {
	new_bundle
	in_container 'hostname'
	detached create --bundle "$BUNDLE" "$ID"
	edit '.hostname = "other"'
	nsrun start "$ID"
	wait_for grep . "$WORK/out"
	[ "$(cat "$WORK/out")" = nsrun ]
}

@test "what is left by a tamperer of the state is deleted by --force" {
	new_bundle
	in_container 'exec sleep 100'
	local harm pid
	for harm in ': >state.json' 'echo garbage >state.json' 'rm state.json' 'rm state.json && mkfifo state.json' \
		'rm state.json && mkdir state.json' 'rm state.json && ln -s /etc/passwd state.json' \
		'truncate -s 20 state.json'; do
		detached create --bundle "$BUNDLE" "$ID"
		[ "$status" -eq 0 ]
		pid=$(nsrun state "$ID" | jq .pid)
		(cd "$ROOT/$ID" && eval "$harm")
		run -1 timeout 60 "$NSRUN" --root "$ROOT" state "$ID"
		run -0 timeout 60 "$NSRUN" --root "$ROOT" delete --force "$ID"
		echo "$harm"
		[ -z "$(left_of "$ID")" ]
		wait_for is_gone "$pid"
	done
}
