#!/usr/bin/env bats
# images.bats: the pictures of docs/ can be made, and are what a browser takes.
# shellcheck disable=SC2154 # bats sets status and output

load helpers

needs() {
	skip_unless root jq
}

# well_formed FILE
well_formed() {
	if command -v xmllint >/dev/null; then
		xmllint --noout "$1"
	else
		skip_unless python3
		python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$1"
	fi
}

@test "a run as a timeline, and a pod as a picture" {
	local root=$BATS_TEST_DIRNAME/../..
	mkdir "$WORK/images"
	run env NSRUN="$NSRUN" sh "$root/tests/images.sh" "$WORK/images" 3>&-
	echo "$output"
	[ "$status" -eq 0 ] || [ "$status" -eq 77 ]
	well_formed "$WORK/images/trace.svg"
	grep -q 'clone init' "$WORK/images/trace.svg"
	grep -q '>host: nsrun run<' "$WORK/images/trace.svg"
	grep -q '>init<' "$WORK/images/trace.svg"
	[ "$status" -eq 0 ] || skip "no picture of a pod: $output"
	well_formed "$WORK/images/pod.svg"
	grep -q '>pause<' "$WORK/images/pod.svg"
	# Those in docs are of the same kind.
	well_formed "$root/docs/trace.svg"
	well_formed "$root/docs/pod.svg"
	grep -q '>pause<' "$root/docs/pod.svg"
}
