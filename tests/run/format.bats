#!/usr/bin/env bats
# format: every command that prints something has --format json, and all of it is one JSON document with the members that
# its page names.
# shellcheck disable=SC2154 # bats sets status and output

load helpers

# silent_or_json COMMAND: why a command has no --format; fails when it is none of those
silent_or_json() {
	case $1 in
	create | start | kill | pause | resume | update | mounts | checkpoint | restore | delete) echo 'prints nothing' ;;
	run | exec) echo "prints what the container's program does" ;;
	state | events) echo 'prints JSON only' ;;
	spec) echo 'writes a file of JSON' ;;
	*) return 1 ;;
	esac
}

# json FILTER ARGUMENTS...: what nsrun prints for them on stdout is one JSON document of which FILTER is true, and nothing
# is on stderr
json() {
	local filter=$1

	shift
	output=$(nsrun "$@" 2>"$WORK/stderr") || {
		cat "$WORK/stderr"
		return 1
	}
	[ ! -s "$WORK/stderr" ]
	jq -es "length == 1 and (.[0] | $filter)" <<<"$output" >"$WORK/verdict" || {
		echo "nsrun $*: not ($filter): $output"
		return 1
	}
}

# has MEMBER...: a filter: an object with just these
has() {
	local list

	printf -v list ',"%s"' "$@"
	echo "(keys == ([${list:1}] | sort))"
}

@test "every command that prints has --format, with json among its words and no others than help says" {
	run -0 nsrun help --format json
	local all=$output
	[ "$(jq '.commands | length' <<<"$all")" -gt 20 ]
	while read -r command words help; do
		if [ "$words" = - ]; then
			silent_or_json "$command"
			continue
		fi
		[ "$words" = text,json ] || [ "$words" = table,json ]
		[ "$help" = "${words%,json} or json" ]
		[[ $(! nsrun "$command" --format xml 2>&1) == *"flag --format is \"xml\", expected ${words%,json} or json"* ]]
	done < <(jq -r '.commands[] | .name + " " + ((.flags[] | select(.name == "format") | (.values | join(",")) + " " + .help) // "-")' <<<"$all")
}

@test "what people get without a container, as JSON" {
	new_bundle
	edit '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
		syscalls: [{names: ["getcwd"], action: "SCMP_ACT_ERRNO"}]}'
	json "$(has version commit spec libseccomp) and all(.[]; type == \"string\" and . != \"\")" --version --format json
	[ "$(jq -r .version <<<"$output")" = "$(nsrun --version | sed -n 's/^nsrun version //p')" ]
	json "$(has release oldest features) and (.features | length > 10 and all(.[]; $(has name since here needed text)
		and (.here | IN(\"yes\", \"no\", \"denied\", \"unknown\")) and (.needed | type == \"boolean\")))" \
		features --kernel --format json
	diff <(jq -r '.features[] | "\(.since) \(.here)"' <<<"$output") \
		<(nsrun features --kernel --format table | tail -n +3 | cut -c 41-53 | sed 's/ *$//; s/  */ /g')
	json 'has("ociVersionMin")' features --format json
	json '.canRun == true and (.findings | length > 10 and all(.[]; has("group") and has("name") and has("status")))' \
		doctor --format json
	json '.findings == []' check --format json
	json '.steps | length > 10 and all(.[]; has("kind"))' plan --format json
	json 'type == "array" and length > 0 and all(.[]; has("label") and has("failures"))' plan --why mount --format json
	jq '.hostname = "other"' config.json >other.json
	json '[.[].change] | sort == ["+", "-"]' plan --diff other.json --format json
	! nsrun --version | grep -q 'libseccomp: [0-9]' ||
		json 'any(.[]; .action == "SCMP_ACT_ERRNO(1)" or (.syscalls | index("getcwd")))' plan --seccomp --format json
}

@test "what people get of containers, as JSON" {
	new_bundle
	detached create "$ID"
	[ "$status" -eq 0 ]
	json ".[0].id == \"$ID\" and .[0].status == \"created\"" list --format json
	json 'length == 1 and all(.[]; type == "number")' ps --format json "$ID"
	json ".[0].id == \"$ID\"" stats --no-stream --format json "$ID"
	json ".id == \"$ID\" and (.namespaces | length > 3)" inspect --format json "$ID"
	json 'has("id") | not' inspect --host --format json
	json 'length > 0 and all(.[]; has("section") and has("key"))' inspect --host --diff --format json "$ID"
	# The picture and its list have the same namespaces, and the host's is not the container's.
	json "all(.[]; $(has type inode host containers)) and
		(.[] | select(.type == \"mount\" and (.host | not)) | .containers == [\"$ID\"])" inspect --dot --format json "$ID"
	diff <(jq -r '.[] | ":\(.type):\(.inode)"' <<<"$output" | sort) \
		<(nsrun inspect --dot "$ID" | sed -n 's/^\t"\(:[a-z]*:[0-9]*\)" \[.*/\1/p' | sort)
	# What prints JSON only.
	json ".id == \"$ID\"" state "$ID"
	json ".type == \"stats\"" events --stats "$ID"
}

@test "help as JSON has each flag that help as text has" {
	run -0 nsrun help --format json
	{
		nsrun help
		for command in $(jq -r '.commands[].name' <<<"$output"); do
			nsrun help "$command"
		done
	} | awk '/^ +-/ { sub(/^ +/, ""); sub(/  .*/, ""); if ($0 != "-h, --help" || !n++) print }' >"$WORK/text"
	jq -r '(., .commands[]) | (.flags[] | (if .letter then "-" + .letter + ", " else "" end) + "--" + .name +
		(if .argument then " " + .argument else "" end)), (if .commands then "-h, --help" else empty end)' \
		<<<"$output" >"$WORK/json"
	[ -s "$WORK/json" ]
	diff "$WORK/json" "$WORK/text"
	jq '.commands[] | select(.name == "update")' <<<"$output" >"$WORK/update"
	json '.name == "update"' help update --format json
	diff <(jq . <<<"$output") "$WORK/update"
}

@test "a format where there is none is an error with a hint" {
	run -1 nsrun --format json list
	[[ $output == *'--format before a command is for --version only'*'behind the command'* ]]
	run -1 nsrun --version --format table
	[[ $output == *'expected text or json'* ]]
	run -1 nsrun features --format table
	[[ $output == *'JSON only'*'--kernel'* ]]
}
