#!/bin/bash
# session.sh ENGINE NAME BINARY RESULTS [LABELS]: runs the tests of one engine with one runtime, in namespaces that run.sh
# has made: it is process 1 there. With LABELS, one a line, those rows alone.
#
# Adds one line a test to RESULTS: engine, row, runtime, ok|failed|skipped, seconds, and why (all separated by tabs); each
# test's output is in BED/log and printed when it failed.
set -u
# The engines of the packages, not what somebody has put beside them.
PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin
ENGINE=$1 NAME=$2 BINARY=$3 RESULTS=$4 ONLY=${5:-}
here=$(cd "$(dirname "$0")" && pwd)
SRCDIR=${SRCDIR:-$(cd "$here/../.." && pwd)}
# shellcheck source=lib.bash
. "$here/lib.bash"
# shellcheck source=bed.bash
. "$here/bed.bash"
STATE_ROOTS=/run/$NAME
KEPT_MOUNTS=
KEPT_CGROUPS=
# shellcheck source=/dev/null
. "$here/$ENGINE.bash"

# result LABEL VERDICT SECONDS LOG
result() {
	local why=
	case $2 in
	failed)
		why=$(grep -v '^+' "$4" | tail -n 1 | tr '\t' ' ' | cut -c1-300)
		{
			echo "---- $ENGINE with $NAME: $1: failed; the end of its output:"
			tail -n 12 "$4" | cut -c1-400 | sed 's/^/     /'
		} >&2
		;;
	skipped) why=$(sed -n 's/^skip: //p' "$4" | tail -n 1) ;;
	esac
	printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$ENGINE" "$1" "$NAME" "$2" "$3" "$why" >>"$RESULTS"
}

# note KIND [TEXT]: a line of RESULTS that is no test
note() {
	printf '%s\t-\t%s\t%s\t0\t%s\n' "$ENGINE" "$NAME" "$1" "${2:-}" >>"$RESULTS"
}

# run_test LABEL FUNCTION
run_test() {
	local log rc begun=$EPOCHREALTIME
	log=$BED/log/${1//[^a-z0-9]/_}
	# No condition around it: errexit would not count in there.
	(
		set -eu
		[ -z "${ENGINES_TRACE:-}" ] || set -x
		"$2"
	) >"$log" 2>&1 </dev/null
	rc=$?
	case $rc in
	0) set -- "$1" ok ;;
	77) set -- "$1" skipped ;;
	*) set -- "$1" failed ;;
	esac
	result "$1" "$2" "$(awk "BEGIN { printf \"%.1f\", $EPOCHREALTIME - $begun }")" "$log"
	[ "$2" != failed ] || engine_reset >>"$log" 2>&1 </dev/null
}

# all_failed WHY: the engine did not even come up
all_failed() {
	local pair
	for pair in "${ACTIONS[@]}"; do
		echo "$1" >"$BED/log/up"
		result "${pair%%=*}" failed 0 "$BED/log/up" 2>/dev/null
	done
	echo "---- $ENGINE with $NAME: $1" >&2
	tail -n 20 "$BED/log/engine" >&2
}

bed_open || exit 1
# shellcheck disable=SC2154 # rc is in the trap
trap 'engine_down >/dev/null 2>&1' EXIT
if ! (set -eu; engine_up) >"$BED/log/engine" 2>&1 </dev/null; then
	all_failed "the engine does not come up"
	note ended
	exit 0
fi
note version "$(engine_version)"
for pair in "${ACTIONS[@]}"; do
	[ -z "$ONLY" ] || grep -qxF -e "${pair%%=*}" <<<"$ONLY" || continue
	run_test "${pair%%=*}" "${pair#*=}"
done
nothing_left() {
	engine_reset >/dev/null 2>&1 || :
	bed_left
}
[ -n "$ONLY" ] || run_test 'nothing left' nothing_left
note ended
