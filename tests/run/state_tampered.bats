#!/usr/bin/env bats
# state_tampered: the state directory is input too (security.md 3.3, bar 13). Whatever somebody has made of it, delete
# --force leaves nothing or says what is left, no command hangs, and a process that is not the container's is never
# signalled.
# shellcheck disable=SC2154 # bats sets status and output

load helpers

needs() {
	skip_unless root jq
}

# running: a container that runs, its init in init; a process that is a stranger to it in STRANGER
running() {
	new_bundle
	edit '.process.args = ["sleep", "1000"]'
	detached run --detach "$ID"
	[ "$status" -eq 0 ]
	init=$(pid_of "$ID")
	S=$ROOT/$ID/state.json
	sleep 1000 </dev/null >/dev/null 2>&1 3>&- &
	STRANGER=$!
}

# tamper FILTER: of the record
tamper() {
	jq -c "$@" "$S" >"$WORK/new.json" && cat "$WORK/new.json" >"$S"
}

# all_commands: each ends in time with an error, not with a signal
all_commands() {
	local command

	for command in state start kill "kill --all" pause resume "update --pids-limit 5" "events --stats" ps delete; do
		status=0
		# shellcheck disable=SC2086 # words
		timeout 60 "$NSRUN" --root "$ROOT" $command "$ID" >"$WORK/out" 2>&1 </dev/null 3>&- || status=$?
		[ "$status" -eq 1 ] || { echo "$command: status $status: $(cat "$WORK/out")"; return 1; }
		[ "$(grep -c '^nsrun: ' "$WORK/out")" -eq 1 ]
	done
	status=0
	timeout 60 "$NSRUN" --root "$ROOT" exec "$ID" true >"$WORK/out" 2>&1 </dev/null 3>&- || status=$?
	[ "$status" -eq 255 ]
	timeout 60 "$NSRUN" --root "$ROOT" list >"$WORK/out" 2>&1 </dev/null 3>&-
}

# forced: delete --force ends in time and leaves nothing, and the stranger lives; then they are cleaned up
forced() {
	run -0 timeout 60 "$NSRUN" --root "$ROOT" delete --force "$ID" 3>&-
	[ ! -e "$ROOT/$ID" ]
	wait_for is_gone "$init"
	kill -0 "$STRANGER"
	kill -KILL "$STRANGER"
}

@test "the state is empty, garbage, cut off, of the future, another container's" {
	skip_unless cgroup
	local how
	for how in empty garbage cut future other array deep; do
		running
		echo "--- $how"
		case $how in
		empty) : >"$S" ;;
		garbage) head -c 2000 /dev/urandom >"$S" ;;
		cut) head -c 100 "$S" >"$WORK/x" && cat "$WORK/x" >"$S" ;;
		future) tamper '.format = 2' ;;
		other) tamper '.id = "other"' ;;
		array) echo '[]' >"$S" ;;
		deep) printf '%01000d' 0 | tr 0 '[' >"$S" ;;
		esac
		all_commands
		forced
	done
}

@test "the state is a fifo, a symbolic link, a directory, huge, somebody else's, gone" {
	skip_unless cgroup
	local how
	for how in fifo link dangling directory huge owner socket gone unreadable; do
		running
		echo "--- $how"
		cp "$S" "$WORK/good.json"
		rm "$S"
		case $how in
		fifo) mkfifo "$S" ;;
		link) ln -s "$WORK/good.json" "$S" ;;
		dangling) ln -s /nonexistent "$S" ;;
		directory) mkdir "$S" ;;
		huge) truncate -s 1G "$S" ;;
		owner) cp "$WORK/good.json" "$S" && chown 12345 "$S" ;;
		socket) mknod "$S" c 1 5 ;;
		gone) ;;
		unreadable) cp "$WORK/good.json" "$S" && chmod 000 "$S" ;;
		esac
		[ "$how" = unreadable ] || all_commands
		forced
	done
}

@test "a pid that is another process's is never signalled" {
	skip_unless cgroup
	local how
	for how in stranger zero nostart init self; do
		running
		echo "--- $how"
		case $how in
		# The pid was used again: all but the start time fits.
		stranger) tamper --argjson pid "$STRANGER" '.pid = $pid' ;;
		zero) tamper --argjson pid "$STRANGER" '.pid = $pid | .start = 0' ;;
		nostart) tamper --argjson pid "$STRANGER" '.pid = $pid | del(.start)' ;;
		init) tamper '.pid = 1' ;;
		self) tamper --argjson pid $$ '.pid = $pid' ;;
		esac
		nsrun kill "$ID" KILL >/dev/null 2>&1 || :
		kill -0 "$STRANGER"
		forced
	done
	# With its start time it is the container's, as far as anybody can say; without cgroups of ours it is not found.
}

@test "cgroups that are not the container's are neither killed nor removed" {
	skip_unless cgroup
	local path
	for path in / /.. /../x /a/../../b ../x a ''; do
		running
		tamper --arg path "$path" '.cgroups |= map(.path = $path)'
		echo "--- $path"
		all_commands
		forced
	done
	running
	tamper '.cgroups |= map(.mount = "/tmp/..")'
	all_commands
	forced
}

@test "the other files: the saved config, the fifos, journals, the lock" {
	skip_unless cgroup
	local how
	for how in config-fifo config-link config-huge go-file go-link err-dir update-garbage update-climbs resources-fifo extra-tmp; do
		running
		echo "--- $how"
		case $how in
		config-fifo) rm "$ROOT/$ID/config.json" && mkfifo "$ROOT/$ID/config.json" ;;
		config-link) ln -sf /etc/shadow "$ROOT/$ID/config.json" ;;
		config-huge) truncate -s 1G "$ROOT/$ID/config.json" ;;
		go-file) rm -f "$ROOT/$ID/go" && echo >"$ROOT/$ID/go" ;;
		go-link) ln -sf "$WORK/precious" "$ROOT/$ID/go" && echo precious >"$WORK/precious" ;;
		err-dir) rm -f "$ROOT/$ID/err" && mkdir "$ROOT/$ID/err" ;;
		update-garbage) head -c 100 /dev/urandom >"$ROOT/$ID/update.json" ;;
		update-climbs)
			echo '{"writes":[{"cgroup":0,"file":"../cgroup.procs","old":"1"}],"resources":{}}' >"$ROOT/$ID/update.json"
			;;
		resources-fifo) mkfifo "$ROOT/$ID/resources.json" ;;
		extra-tmp) echo x >"$ROOT/$ID/.state.json.tmp" ;;
		esac
		# Some of them do without the file: they end, one way or the other.
		for command in state start "kill --all" "update --pids-limit 5"; do
			status=0
			# shellcheck disable=SC2086 # words
			timeout 60 "$NSRUN" --root "$ROOT" $command "$ID" >"$WORK/out" 2>&1 </dev/null 3>&- || status=$?
			[ "$status" -le 1 ]
		done
		status=0
		timeout 60 "$NSRUN" --root "$ROOT" exec "$ID" true >"$WORK/out" 2>&1 </dev/null 3>&- || status=$?
		[ "$status" -eq 0 ] || [ "$status" -eq 255 ]
		forced
		[ ! -e "$WORK/precious" ] || [ "$(cat "$WORK/precious")" = precious ]
		rm -f "$WORK/precious"
	done
}

@test "files that are not nsrun's stay, and are named" {
	skip_unless cgroup
	running
	echo x >"$ROOT/$ID/theirs"
	run -1 timeout 60 "$NSRUN" --root "$ROOT" delete --force "$ID" 3>&-
	[[ $output == *"remove the state directory of $ID"*hint:*"not nsrun's"* ]]
	[ -e "$ROOT/$ID/theirs" ]
	wait_for is_gone "$init"
	rm "$ROOT/$ID/theirs"
	forced
}

@test "a container's directory that is a link, a file or somebody else's" {
	new_bundle
	mkdir -m 700 -p "$ROOT" "$WORK/elsewhere"
	echo precious >"$WORK/elsewhere/state.json"
	ln -s "$WORK/elsewhere" "$ROOT/$ID"
	for command in state start kill delete "delete --force"; do
		# shellcheck disable=SC2086 # words
		run -1 timeout 60 "$NSRUN" --root "$ROOT" $command "$ID" 3>&-
	done
	run -1 timeout 60 "$NSRUN" --root "$ROOT" create "$ID" 3>&-
	[ "$(cat "$WORK/elsewhere/state.json")" = precious ]
	rm "$ROOT/$ID"
	echo precious >"$ROOT/$ID"
	run -1 timeout 60 "$NSRUN" --root "$ROOT" delete --force "$ID" 3>&-
	[ "$(cat "$ROOT/$ID")" = precious ]
	rm "$ROOT/$ID"
}

@test "a root that its group or others can write to, or that belongs to somebody else, is refused by every command" {
	new_bundle
	local mode command
	mkdir -m 700 "$ROOT"
	for mode in 770 702 777 1777 foreign; do
		chown 0 "$ROOT"
		chmod 700 "$ROOT"
		if [ "$mode" = foreign ]; then chown 12345 "$ROOT"; else chmod "$mode" "$ROOT"; fi
		for command in "create --bundle $BUNDLE" state start kill delete "delete --force" pause ps; do
			# shellcheck disable=SC2086 # words
			run -1 timeout 60 "$NSRUN" --root "$ROOT" $command "$ID" 3>&-
			[[ $output == *"state root $ROOT"* ]]
		done
		run -1 timeout 60 "$NSRUN" --root "$ROOT" list 3>&-
	done
	chown 0 "$ROOT"
	chmod 700 "$ROOT"
}
