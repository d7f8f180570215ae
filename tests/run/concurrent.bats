#!/usr/bin/env bats
# concurrent: many commands on few ids at the same time (security.md 3.4). No crash, no hang, no leak, every error is one
# of those that are written down, and one winner where there can be only one.
# shellcheck disable=SC2154 # bats sets status and output

load helpers

# Seconds of the random walk, and how many walk. NSRUN_LONG=1: a minute of 64, not for each run.
[ -z "${NSRUN_LONG:-}" ] || : "${NSRUN_WALK:=60}" "${NSRUN_WALKERS:=64}"
: "${NSRUN_WALK:=12}"
: "${NSRUN_WALKERS:=16}"

needs() {
	skip_unless root cgroup
}

# quietly ARGUMENTS...: nsrun, with its status in rc and its words in said; a hang is status 124
quietly() {
	local err=$WORK/err.$BASHPID

	rc=0
	# A container keeps the stdio that it was given: a pipe would be open for as long as it lives.
	timeout 60 "$NSRUN" --root "$ROOT" "$@" </dev/null >/dev/null 2>"$err" 3>&- || rc=$?
	said=$(<"$err")
}

# What a command may say when another one was faster.
is_documented() {
	case $1 in
	*"already exists"* | *"does not exist"* | *"is busy with another command"* | *"is still being created"*) return 0 ;;
	*"not running"* | *"is not stopped"* | *"not stopped:"* | *"has stopped"* | *"already running"*) return 0 ;;
	*"cannot start"* | *"cannot pause"* | *"cannot resume"* | *"not paused"* | *"is paused"* | *"paused container"*) return 0 ;;
	# Killed by delete --force, or its directory gone under it.
	*"was killed before it could run"* | *"killed by signal 9"* | *"ended without a word"* | *"claim the state directory"* | *"read the state of"*) return 0 ;;
	*"has no cgroup"* | *"stopped container"*) return 0 ;;
	esac
	return 1
}

# walk SEED: random commands until the time is over; writes what must not happen to $WORK/bad.SEED
walk() {
	local end=$((SECONDS + NSRUN_WALK)) id verb n=0

	RANDOM=$1
	while [ "$SECONDS" -lt "$end" ]; do
		id=$PREFIX$((RANDOM % 8))
		case $((RANDOM % 12)) in
		0 | 1 | 2) quietly create --bundle "$BUNDLE" "$id" ;;
		3 | 4) quietly start "$id" ;;
		5) quietly exec "$id" true ;;
		6) quietly kill "$id" KILL ;;
		7) quietly delete "$id" ;;
		8) quietly delete --force "$id" ;;
		9) quietly state "$id" ;;
		10) quietly pause "$id" && quietly resume "$id" ;;
		11) quietly update --pids-limit 30 "$id" ;;
		esac
		n=$((n + 1))
		[ "$rc" -eq 0 ] || { [ "$rc" -eq 1 ] && is_documented "$said"; } || { [ "$rc" -eq 255 ] && is_documented "$said"; } ||
			# The program of exec may be killed with its container.
			[ "$rc" -eq 137 ] || echo "status $rc: $said" >>"$WORK/bad.$1"
	done
	echo $n >"$WORK/count.$1"
}

@test "random commands of many processes on eight ids" {
	new_bundle
	edit '.process.args = ["sleep", "1000"]'
	local i id seed=${NSRUN_SEED:-$RANDOM} pids=() total=0
	for ((i = 0; i < NSRUN_WALKERS; i++)); do
		walk $((seed + i)) 3>&- &
		pids+=($!)
	done
	wait "${pids[@]}"
	for ((i = 0; i < NSRUN_WALKERS; i++)); do
		total=$((total + $(cat "$WORK/count.$((seed + i))")))
	done
	echo "# concurrent: $total commands of $NSRUN_WALKERS processes in $NSRUN_WALK s, seed $seed" >&3
	cat "$WORK"/bad.* 2>/dev/null | sort | uniq -c | head -20
	[ -z "$(cat "$WORK"/bad.* 2>/dev/null)" ]
	for id in 0 1 2 3 4 5 6 7; do
		quietly delete --force "$PREFIX$id"
		[ "$rc" -eq 0 ]
	done
	[ -z "$(leftovers)" ]
}

# at_once N ARGUMENTS...: N processes of the same command; how many said 0 in winners
at_once() {
	local n=$1 i pids=()

	shift
	for ((i = 0; i < n; i++)); do
		timeout 60 "$NSRUN" --root "$ROOT" "$@" </dev/null >"$WORK/said.$i" 2>&1 3>&- &
		pids+=($!)
	done
	winners=0
	for ((i = 0; i < n; i++)); do
		rc=0
		wait "${pids[i]}" || rc=$?
		if [ "$rc" -eq 0 ]; then
			winners=$((winners + 1))
		elif [ "$rc" -ne 1 ] || ! is_documented "$(cat "$WORK/said.$i")"; then
			echo "status $rc: $(cat "$WORK/said.$i")"
			return 1
		fi
	done
}

@test "of creates of one id one wins, of starts one, and each delete --force is content" {
	new_bundle
	edit '.process.args = ["sleep", "1000"]'
	local round
	for round in 1 2 3 4 5 6; do
		at_once 6 create --bundle "$BUNDLE" "$ID"
		[ "$winners" -eq 1 ]
		at_once 6 start "$ID"
		[ "$winners" -eq 1 ]
		at_once 6 delete --force "$ID"
		[ "$winners" -eq 6 ]
		[ ! -e "$ROOT/$ID" ]
	done
}

# beside COMMAND... -- COMMAND...: both at the same time; neither hangs or dies of a signal
beside() {
	local first=() pid

	while [ "$1" != -- ]; do first+=("$1") && shift; done
	shift
	timeout 60 "$NSRUN" --root "$ROOT" "${first[@]}" </dev/null >"$WORK/first" 2>&1 3>&- &
	pid=$!
	quietly "$@"
	[ "$rc" -le 1 ] || [ "$rc" -eq 255 ] || [ "$rc" -eq 137 ] || { echo "$*: status $rc: $said" && return 1; }
	rc=0
	wait "$pid" || rc=$?
	[ "$rc" -le 1 ] || [ "$rc" -eq 255 ] || [ "$rc" -eq 137 ] || { echo "${first[*]}: status $rc: $(cat "$WORK/first")" && return 1; }
}

@test "delete against exec, kill against start, delete against create" {
	new_bundle
	edit '.process.args = ["sleep", "1000"]'
	local round
	for round in 1 2 3 4 5 6; do
		detached run --detach --bundle "$BUNDLE" "$ID"
		[ "$status" -eq 0 ]
		beside exec "$ID" true -- delete --force "$ID"
		run -0 nsrun delete --force "$ID"
		[ -z "$(leftovers)" ]
		detached create --bundle "$BUNDLE" "$ID"
		beside start "$ID" -- kill "$ID" KILL
		wait_for is_status "$ID" stopped
		run -0 nsrun delete "$ID"
		beside create --bundle "$BUNDLE" "$ID" -- delete --force "$ID"
		run -0 nsrun delete --force "$ID"
		[ -z "$(leftovers)" ]
	done
}
