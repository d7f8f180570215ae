#!/usr/bin/env bats
# badinput_table: each line of badinput.tsv is refused: one error that says where, exit status 1 (of exec 255), no signal,
# no hang, and nothing made.
# shellcheck disable=SC2154 # bats sets status and output

load helpers

needs() {
	skip_unless root jq
}

# from_the_top: each test reads the table anew
from_the_top() {
	exec 7<"${SRCDIR:-$BATS_TEST_DIRNAME/../..}/tests/run/badinput.tsv"
}

# Called by each test: new_bundle, and the counters.
begin() {
	new_bundle
	N=0 BAD=0
	from_the_top
}

# next KIND: the next line of that kind, its parts in input and text
next() {
	local kind line

	while IFS= read -r line <&7; do
		kind=${line%%$'\t'*} line=${line#*$'\t'}
		[ "$kind" = "$1" ] || continue
		input=${line%$'\t'*} text=${line##*$'\t'}
		return 0
	done
	return 1
}

# refused ARGUMENTS...: of nsrun, as next() said
refused() {
	local why=

	N=$((N + 1))
	status=0
	timeout 60 "$NSRUN" --root "$ROOT" "$@" >"$WORK/out" 2>&1 </dev/null 3>&- 7<&- || status=$?
	output=$(<"$WORK/out")
	if [ "$status" -ne 1 ] && { [ "$status" -ne 255 ] || [ "$1" != exec ]; }; then
		why="status $status"
	elif [[ $'\n'$output != $'\nnsrun: '* || $output == *$'\nnsrun: '* || $output == *$'\n'[^\ ]* ]]; then
		why="not one error"
	elif [[ ${output,,} != *"${text,,}"* ]]; then
		why="does not say \"$text\""
	elif [ -e "$ROOT/$ID" ]; then
		why="a state is left"
	fi
	[ -n "$why" ] || return 0
	# For the next one.
	[ ! -e "$ROOT/$ID" ] || "$NSRUN" --root "$ROOT" delete --force "$ID" >/dev/null 2>&1 3>&- 7<&- || :
	BAD=$((BAD + 1))
	echo "--- $input: $why: $output"
}

# all_refused AT_LEAST: how many there were, and what they left
all_refused() {
	exec 7<&-
	rm -f "$WORK/out"
	echo "$N inputs, $BAD are not refused as they must be"
	echo "# bad inputs, $BATS_TEST_DESCRIPTION: $N" >&3
	[ "$BAD" -eq 0 ]
	[ "$N" -ge "$1" ]
}

# changed KIND: the config with each change of that kind
changed() {
	cp "$BUNDLE/config.json" "$WORK/good.json"
	while next "$1"; do
		jq "$input" "$WORK/good.json" >"$BUNDLE/config.json"
		refused create --bundle "$BUNDLE" "$ID"
		# A line and a column, or what was asked for is not there.
		[[ $output =~ config.json:[0-9]+:[0-9]+ || $text == rootfs ]] || {
			BAD=$((BAD + 1))
			echo "--- $input: no place: $output"
		}
	done
}

@test "configs" {
	begin
	changed config
	[ -z "$(leftovers)" ]
	all_refused 250
}

@test "configs with a user namespace" {
	begin
	edit '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	changed maps
	[ -z "$(leftovers)" ]
	all_refused 18
}

@test "texts of config.json" {
	begin
	while next text; do
		printf %b "$input" >"$BUNDLE/config.json"
		refused create --bundle "$BUNDLE" "$ID"
	done
	[ -z "$(leftovers)" ]
	all_refused 25
}

@test "ids, on every command" {
	begin
	local id command
	local commands=("create --bundle $BUNDLE" "run --bundle $BUNDLE" start state kill "kill --all" pause resume delete
		"delete --force" ps "events --stats" "update --memory 1m" "checkpoint --image-path $WORK"
		"restore --image-path $WORK --bundle $BUNDLE" "mounts add")
	while next id; do
		printf -v id %b "$input"
		# The check is one for all of them: the first ids show that nobody goes without.
		[ "$N" -lt $((6 * ${#commands[@]})) ] || commands=("create --bundle $BUNDLE" state "delete --force")
		for command in "${commands[@]}"; do
			# shellcheck disable=SC2086 # a command and its flags
			case $command in
			"mounts add") refused mounts add "$id" /dev/null ;;
			*) refused $command "$id" ;;
			esac
		done
		refused exec "$id" true
		refused stats --no-stream "$id"
	done
	[ -z "$(leftovers)" ]
	all_refused 130
}

# words KIND: command lines in words, with $ID and $LIVE
words() {
	local line

	set -f
	while next "$1"; do
		line=${input//\$ID/$ID}
		# shellcheck disable=SC2086 # words
		eval 'refused '"$(printf '%q ' ${line//\$LIVE/$LIVE})"
	done
	set +f
}

@test "command lines" {
	begin
	LIVE=
	words flags
	[ -z "$(leftovers)" ]
	all_refused 50
}

@test "flags and files of exec and update, on a running container" {
	skip_unless cgroup
	begin
	edit '.process.args = ["sleep", "1000"]'
	detached run --detach "$ID"
	[ "$status" -eq 0 ]
	LIVE=$ID ID=$PREFIX-none
	nsrun update --pids-limit 100 --memory 64m "$LIVE"
	words live
	find "$ROOT/$LIVE" -type f -exec md5sum {} + | sort >"$WORK/before"
	from_the_top
	while next process; do
		printf %b "$input" >"$WORK/process.json"
		refused exec --process "$WORK/process.json" "$LIVE"
	done
	from_the_top
	while next resources; do
		printf %b "$input" >"$WORK/resources.json"
		refused update -r "$WORK/resources.json" "$LIVE"
	done
	# Nothing of it came into force, and nothing but the program runs.
	find "$ROOT/$LIVE" -type f -exec md5sum {} + | sort | cmp - "$WORK/before"
	[ "$(nsrun ps -f json "$LIVE" | jq length)" -eq 1 ]
	all_refused 80
}
