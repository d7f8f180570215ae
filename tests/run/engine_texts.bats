#!/usr/bin/env bats
# engine_texts.bats: what engines do with an error of ours, each by its own rule, written down here; and how errors get
# to them: stderr, the log file, the local log services (engine-contract.md 1.8).

load helpers

needs() {
	skip_unless root
}

# fails COMMAND...: nsrun fails with a log. $output: what it has said in all; $msg: the message of the log.
fails() {
	rm -f "$WORK/log"
	status=0
	nsrun --log "$WORK/log" --log-format json "$@" >"$WORK/out" 2>&1 || status=$?
	output=$(cat "$WORK/out")
	[ "$status" -eq 1 ] || {
		echo "nsrun $*: status $status: $output"
		return 1
	}
	[ "$(wc -l <"$WORK/log")" -eq 1 ]
	msg=$(jq -r .msg "$WORK/log")
}

# The engines. Each prints what it makes of the error.

# containerd, the shim's Delete over go-runc, whose error is "exit status 1: " and all output
shim_delete() {
	case "exit status 1: $output" in
	*'does not exist'*) echo ignored ;;
	*) echo error ;;
	esac
}

# containerd, checkKillError()
shim_kill() {
	local text="exit status 1: $output"

	if [[ $text == *'os: process already finished'* || $text == *'container not running'* ||
		${text,,} == *'no such process'* ]]; then
		echo finished
	elif [[ $text == *'does not exist'* ]]; then
		echo 'no such container'
	else
		echo unknown
	fi
}

# CRI-O's kill: the case counts
crio_kill() {
	case $output in
	*'no such process'* | *'container not running'* | *'invalid process'*) echo dead ;;
	*) echo error ;;
	esac
}

# docker, setExitCodeFromError(), over containerd, which has the last line of the log with "level":"error"
docker_status() {
	local text=${msg,,} rc=128

	case $text in
	*'executable file not found'* | *'no such file or directory'* | *'system cannot find the file specified'*) rc=127 ;;
	*'failed to run runc create/exec call'*) rc=127 ;;
	esac
	case $text in *'permission denied'* | *'is a directory'*) rc=126 ;; esac
	case $text in *'not a directory'*) rc=127 ;; esac
	echo $rc
}

# podman, getOCIRuntimeError(), over the log as one object; its regular expressions ignore case
podman_status() {
	jq -s -e 'length == 1' "$WORK/log" >/dev/null || {
		echo 'not one object'
		return
	}
	if grep -qiE 'permission denied|operation not permitted' <<<"$msg"; then
		echo 126
	elif grep -qiE 'executable file not found in|no such file or directory|open executable' <<<"$msg"; then
		echo 127
	elif grep -qE '`/proc/[a-z0-9-].+/attr.*`' <<<"$msg"; then
		echo 'security attribute'
	else
		echo 125
	fi
}

@test "containerd: delete of what is not there is no error, of what runs it is" {
	new_bundle
	in_container 'exec sleep 1000'
	fails delete "$ID"
	[ "$(shim_delete)" = ignored ]
	detached run --detach --bundle "$BUNDLE" "$ID"
	fails delete "$ID"
	[ "$(shim_delete)" = error ]
	[[ $msg == "cannot delete container $ID that is not stopped: running"* ]]
	# Also without any state directory.
	rm -f "$WORK/log"
	run -1 "$NSRUN" --root "$WORK/none" delete "$ID"
	[ "$(shim_delete)" = ignored ]
}

@test "containerd and CRI-O: kill of what is dead or not there" {
	new_bundle
	in_container 'exec sleep 1000'
	fails kill "$ID" 15
	[ "$(shim_kill)" = 'no such container' ]
	[ "$(crio_kill)" = error ]
	detached run --detach --bundle "$BUNDLE" "$ID"
	fails kill "$ID" NOSUCHSIGNAL
	[ "$(shim_kill)" = unknown ]
	[ "$(crio_kill)" = error ]
	nsrun kill "$ID" KILL
	wait_for is_status "$ID" stopped
	local sig
	for sig in 9 15 KILL; do
		fails kill "$ID" "$sig"
		[ "$(shim_kill)" = finished ]
		[ "$(crio_kill)" = dead ]
	done
}

@test "docker and podman: the exit status of a program that cannot be run" {
	new_bundle
	edit '.root.readonly = false'
	# In PATH, and nobody may run it: not found, for both, as with runc.
	printf '#!/bin/sh\n' >"$BUNDLE/rootfs/bin/private"
	chmod 644 "$BUNDLE/rootfs/bin/private"
	local program docker podman
	while read -r program docker podman; do
		edit '.process.args = [$program]' --arg program "$program"
		fails create --bundle "$BUNDLE" "$ID"
		[ "$(docker_status) $(podman_status)" = "$docker $podman" ] || {
			echo "$program: $(docker_status) $(podman_status): $msg"
			false
		}
		[[ $msg == *"exec: \"$program\": "* ]]
	done <<-'END'
		nonesuch 127 127
		private 127 127
		/nonesuch 127 127
		/no/such 127 127
		/etc/passwd 126 126
		/etc 126 125
		/etc/passwd/x 127 125
	END
	# Only found at start: somebody took it away.
	cp "$BUNDLE/rootfs/bin/busybox" "$BUNDLE/rootfs/bin/once"
	edit '.process.args = ["/bin/once"]'
	detached create --bundle "$BUNDLE" "$ID"
	rm "$BUNDLE/rootfs/bin/once"
	fails start "$ID"
	[ "$(docker_status) $(podman_status)" = '127 127' ]
	# A mistake of another kind is neither.
	edit '.process.args = ["true"] | .hostname = "x" | .linux.namespaces |= map(select(.type != "uts"))'
	fails create --bundle "$BUNDLE" "$ID-b"
	[ "$(docker_status) $(podman_status)" = '128 125' ]
}

@test "podman: a label that the kernel refuses" {
	new_bundle
	# What op_write says is pinned where there is no security module, too: tests/unit/test_op_misc.c.
	grep -q . /sys/module/apparmor/parameters/enabled 2>/dev/null && grep -q Y /sys/module/apparmor/parameters/enabled ||
		skip "needs AppArmor"
	edit '.process.apparmorProfile = "no-such-profile"'
	fails create --bundle "$BUNDLE" "$ID"
	[ "$(podman_status)" = 'security attribute' ]
}

@test "podman: a flag without its value" {
	run -1 nsrun create --pid-file
	[[ $output == *'requires an argument'* ]]
	run -1 nsrun create --pid-file= "$PREFIX"
	[[ $output == *'requires an argument'* ]]
}

@test "the life of a container: texts that are handed on" {
	new_bundle
	in_container 'exec sleep 1000'
	detached create --bundle "$BUNDLE" "$ID"
	fails create --bundle "$BUNDLE" "$ID"
	[[ $msg == 'container with given ID already exists'* ]]
	fails resume "$ID"
	[[ $msg == 'container not paused'* ]]
	nsrun start "$ID"
	fails start "$ID"
	[[ $msg == 'cannot start an already running container'* ]]
	nsrun kill "$ID" KILL
	wait_for is_status "$ID" stopped
	fails start "$ID"
	[[ $msg == 'cannot start a container that has stopped'* ]]
	fails pause "$ID"
	[[ $msg == 'container not running'* ]]
	fails state .
	[[ $msg == *'invalid container ID format'* ]]
}

@test "a failure is one object of the log, and the same text on stderr" {
	new_bundle
	edit '.process.args = ["nonesuch"] | .process.capabilities.bounding += ["CAP_NO_SUCH"]'
	fails create --bundle "$BUNDLE" "$ID"
	jq -e '.level == "error" and .code == "step" and .stage == "create" and .pointer == "/process/args" and .errno == 2
		and (.time | test("^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{9}Z$"))' "$WORK/log"
	[[ $output == "nsrun: ${msg%%; at *}"* ]]
	fails state "$ID"
	jq -e '.code == "state" and .stage == "state" and (has("pointer") | not)' "$WORK/log"
	[[ $output == "nsrun: ${msg%%; hint: *}"* ]]
	fails state --nonesuch "$ID"
	jq -e '.code == "usage" and .hint == (.msg | split("; hint: ")[1])' "$WORK/log"
	edit '.hostname = 5'
	fails create --bundle "$BUNDLE" "$ID"
	jq -e '.code == "config" and .pointer == "/hostname"' "$WORK/log"
	# Whatever the bundle is called, the line is JSON and one line.
	local name
	name=$(printf '\001%.0s' {1..200})$'\n"\\'
	fails create --bundle "$WORK/$name" "$ID"
	jq -e '.code' "$WORK/log"
	# The log's own file cannot be opened: stderr has it.
	run -1 nsrun --log "$WORK/no/log" --log-format json state "$ID"
	[[ $output == *'open the log file'* ]]
}

@test "stderr is silent when nothing is wrong: CRI-O reads it with stdout" {
	local args
	for args in --version -v features '--debug features' '--log-level debug --version'; do
		# shellcheck disable=SC2086 # words
		nsrun $args >"$WORK/out" 2>"$WORK/err"
		[ -s "$WORK/out" ]
		[ ! -s "$WORK/err" ]
	done
}

# listened SOCKET COMMAND...: WORK/heard is what a service that listens on SOCKET hears while COMMAND runs. In a mount
# namespace of its own, where /run is empty and /dev has what a program needs.
listened() {
	# shellcheck disable=SC2016 # for the inner shell
	unshare --mount --propagation private bash -c '
		socket=$1 tool=$2 work=$3
		shift 3
		mkdir -p "$work/dev"
		mount -t tmpfs none "$work/dev" || exit 1
		touch "$work"/dev/{null,urandom}
		for node in null urandom; do mount --bind "/dev/$node" "$work/dev/$node" || exit 1; done
		mount --rbind "$work/dev" /dev && mount -t tmpfs none /run && mkdir -p "${socket%/*}" || exit 1
		"$tool" dgram "$socket" >"$work/heard" &
		for ((i = 0; i < 600; i++)); do
			[ ! -S "$socket" ] || break
			sleep 0.1
		done
		"$@" >"$work/out" 2>&1
		echo $? >"$work/rc"
		wait' - "$1" "$TOOLS/listen" "$WORK" "${@:2}" </dev/null 3>&-
}

@test "--log journald: is one datagram of fields, whatever the error says" {
	listened /run/systemd/journal/socket "$NSRUN" --root "$ROOT" --log journald:c1 state $'a\nPRIORITY=0'
	[ "$(cat "$WORK/rc")" -eq 1 ]
	grep -q 'invalid container ID format' "$WORK/out"
	grep -qx PRIORITY=3 "$WORK/heard"
	grep -qx SYSLOG_IDENTIFIER=c1 "$WORK/heard"
	grep -q '^MESSAGE=.*invalid container ID format' "$WORK/heard"
	[ "$(grep -c '^PRIORITY=' "$WORK/heard")" -eq 1 ]
}

@test "--log syslog: is one line; file: is a file; nobody listening is no failure" {
	listened /dev/log "$NSRUN" --root "$ROOT" --log syslog:c1 state $'a\nb'
	[ "$(cat "$WORK/rc")" -eq 1 ]
	[ "$(wc -l <"$WORK/heard")" -eq 2 ]
	grep -qE '^<27>c1\[[0-9]+\]: .*invalid container ID format' "$WORK/heard"
	run -1 nsrun --log file:"$WORK/log" state "$PREFIX"
	grep -q 'level=error msg="container does not exist' "$WORK/log"
	run -1 nsrun --log 'syslog:a=b' state "$PREFIX"
	[[ $output == *identifier* ]]
	local to
	for to in journald:x syslog:x journald: syslog:; do
		# Where nothing is mounted over it, nobody listens either, or what we say is heard.
		run -1 nsrun --log "$to" --log-format json state "$PREFIX"
		[[ $output == *'container does not exist'* ]]
		run -0 nsrun --log "$to" features
	done
}
