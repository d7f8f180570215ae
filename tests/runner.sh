#!/bin/sh
# runner.sh: runs tests of three kinds, shows how each one closes, and counts.
#
#	runner.sh [--skip REASON] TEST...
#
# A TEST is a program (cmocka, where it prints "skip: REASON" before it skips; TAP; or one that closes with
# "N things, N failed"), a bats file, or a script (*.sh) that exits 0 (passed), 77 (skipped; its last line is the reason) or anything else (failed). A script that runs many cases
# closes with "N passed, N failed, N skipped".
# NSRUN_JOBS tests run at a time (default: 1); they are reported in the order of their names here.
# NSRUN_ONLY=TAG runs, of a bats file that has tests with this tag, only these.
# With --skip, everything behind it up to --run is only counted as skipped. Ends with one line for each reason to skip,
# and one line of sums; exits 1 when a test failed. Where NSRUN_TALLY names a file, the sums are added to it; where NSRUN_TIMES
# names one, it gets a line for each test of bats: its milliseconds, and its name.
set -u
passed=0 failed=0 skipped=0
out=$(mktemp -d) || exit 1
workers=
# shellcheck disable=SC2086 # a list
trap '[ -z "$workers" ] || kill $workers 2>/dev/null; rm -rf "$out"' EXIT
trap 'exit 130' INT TERM HUP
: >"$out/reasons"
export CMOCKA_MESSAGE_OUTPUT=STDOUT
export ASAN_OPTIONS="${ASAN_OPTIONS:-abort_on_error=0:exitcode=99}"

# add PASSED FAILED SKIPPED
add() {
	passed=$((passed + $1))
	failed=$((failed + $2))
	skipped=$((skipped + $3))
}

# skip N REASON
skip() {
	add 0 0 "$1"
	i=0
	while [ "$i" -lt "$1" ]; do
		printf '%s\n' "$2" >>"$out/reasons"
		i=$((i + 1))
	done
}

# number PATTERN: the number in the last line of the log that matches; 0 when none does
number() {
	n=$(sed -n "s/$1/\\1/p" "$out/log" | tail -n 1)
	echo "${n:-0}"
}

# execute TEST: runs it, its output to stdout
execute() {
	case $1 in
	*.bats)
		only=
		[ -z "${NSRUN_ONLY:-}" ] || ! grep -Eq "^# bats (test|file)_tags=$NSRUN_ONLY\$" "$1" || only="--filter-tags $NSRUN_ONLY"
		# shellcheck disable=SC2086 # flags or nothing
		bats --tap --timing $bats_flags $only "$1" 2>&1 </dev/null
		;;
	*.sh)
		case $(head -n 1 "$1") in *bash*) shell=bash ;; *) shell=sh ;; esac
		$shell "$1" 2>&1 </dev/null
		;;
	*) "$1" 2>&1 </dev/null ;;
	esac
}

# find TEST: where it is. Automake names its programs without a folder when they lie in the current one.
find_test() {
	case $1 in /*) test=$1 ;; *) test=./$1 ;; esac
	[ -e "$test" ] || test=${SRCDIR:-.}/$1
}

# work [ARGUMENT OF THE RUNNER]...: runs what nobody has taken yet, the n-th test into N.log, its exit status into N.rc
work() {
	n=0 skips=
	while [ $# -gt 0 ]; do
		case $1 in
		--skip) skips=yes && shift ;;
		--run) skips= ;;
		*)
			n=$((n + 1))
			find_test "$1"
			if [ -z "$skips" ] && mkdir "$out/$n.taken" 2>/dev/null; then
				execute "$test" >"$out/$n.log"
				echo $? >"$out/$n.done"
				mv "$out/$n.done" "$out/$n.rc"
			fi
			;;
		esac
		shift
	done
}

# working: is one of the workers still there?
working() {
	for worker in $workers; do
		! kill -0 "$worker" 2>/dev/null || return 0
	done
	return 1
}

# await N: the output of the n-th test is in log, its exit status in rc
await() {
	while [ ! -e "$out/$1.rc" ]; do
		if ! working && [ ! -e "$out/$1.rc" ]; then
			echo "who ran it was killed" >>"$out/$1.log"
			echo 1 >"$out/$1.rc"
		fi
		sleep 0.1
	done
	rc=$(cat "$out/$1.rc")
	mv "$out/$1.log" "$out/log"
}

run_program() {
	if grep -q '^1\.\.[0-9]' "$out/log"; then
		count_tap
		return
	fi
	last=$(tail -n 1 "$out/log")
	counts=$(echo "$last" | sed -n 's/^\([0-9]*\) [a-z]*, \([0-9]*\) failed$/\1 \2/p')
	if [ -n "$counts" ]; then
		p=${counts% *} f=${counts#* }
		[ $rc -eq 0 ] || [ "$f" -gt 0 ] || f=1
		[ "$f" -eq 0 ] || cat "$out/log"
		printf '%-28s %s\n' "$name" "$last"
		add $((p - f)) "$f" 0
		return
	fi
	p=$(number '^\[  PASSED  \] \([0-9]*\) test(s).*')
	f=$(number '^\[  FAILED  \] \([0-9]*\) test(s).*')
	s=$(number '^\[  SKIPPED \] \([0-9]*\) test(s).*')
	if [ $rc -ne 0 ] || [ "$f" -gt 0 ]; then
		cat "$out/log"
		# It died before it could count, or a group failed in its set-up.
		[ "$f" -gt 0 ] || f=1
		echo "$name: exit status $rc"
	fi
	printf '%-28s %s\n' "$name" "$(grep '^\[  PASSED  \]' "$out/log" | tail -n 1)"
	sed -n 's/^skip: //p' "$out/log" | head -n "$s" >"$out/why"
	cat "$out/why" >>"$out/reasons"
	n=$(wc -l <"$out/why")
	add "$p" "$f" "$n"
	[ "$s" -eq "$n" ] || skip $((s - n)) "$name gives no reason"
}

run_bats() {
	if ! command -v bats >/dev/null; then
		n=$(grep -c '^@test' "$1")
		printf '%-28s skipped: bats is missing\n' "$name"
		skip "$n" "bats is missing"
		return
	fi
	count_tap
}

# count_tap: the log holds TAP, rc is the exit status of what wrote it
count_tap() {
	s=$(grep -c '^ok .*# skip' "$out/log")
	p=$(($(grep -c '^ok ' "$out/log") - s))
	f=$(grep -c '^not ok ' "$out/log")
	planned=$(number '^1\.\.\([0-9]*\)$')
	[ $((p + f + s)) -ge "$planned" ] || f=$((f + planned - p - f - s))
	[ $rc -eq 0 ] || [ "$f" -gt 0 ] || f=1
	[ "$f" -eq 0 ] || grep -v '^ok ' "$out/log"
	printf '%-28s %s tests, %s failures, %s skipped\n' "$name" "$((p + f + s))" "$f" "$s"
	[ -z "${NSRUN_TIMES:-}" ] || sed -n "s|^\(not \)*ok [0-9]* \(.*\) in \([0-9]*\)ms.*|\3 $name: \2|p" "$out/log" >>"$NSRUN_TIMES"
	sed -n 's/^ok .*# skip *(*\(.*[^)]\))*$/\1/p; s/^ok .*# skip$/no reason given/p' "$out/log" >>"$out/reasons"
	add "$p" "$f" "$s"
}

run_script() {
	last=$(tail -n 1 "$out/log")
	counts=$(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p' "$out/log" | tail -n 1)
	if [ $rc -eq 77 ]; then
		skip 1 "$last"
		last="skipped: $last"
	elif [ -n "$counts" ]; then
		# shellcheck disable=SC2086 # three words
		set -- $counts
		[ $rc -eq 0 ] || [ "$2" -gt 0 ] || set -- "$1" 1 "$3"
		add "$1" "$2" 0
		[ "$3" -eq 0 ] || skip "$3" "$name: see its output"
		[ "$2" -eq 0 ] || cat "$out/log"
	elif [ $rc -eq 0 ]; then
		add 1 0 0
	else
		add 0 1 0
		cat "$out/log"
		last="FAILED (exit status $rc)"
	fi
	printf '%-28s %s\n' "$name" "$last"
}

bats_flags=
case "$*" in *.bats*)
	bats_flags=$(bats --help 2>/dev/null | grep -o -- --print-output-on-failure)
	;;
esac
why= nth=0 jobs=0
while [ $jobs -lt "${NSRUN_JOBS:-1}" ]; do
	work "$@" &
	workers="$workers $!"
	jobs=$((jobs + 1))
done
while [ $# -gt 0 ]; do
	name=$(echo "$1" | sed "s|^${SRCDIR:-/}/*||")
	case $1 in
	--skip) why=$2 && shift ;;
	--run) why= ;;
	*)
		nth=$((nth + 1))
		if [ -n "$why" ]; then
			printf '%-28s skipped: %s\n' "$name" "$why"
			skip 1 "$why"
		else
			find_test "$1"
			await $nth
			case $1 in
			*.bats) run_bats "$test" ;;
			*.sh) run_script "$test" ;;
			*) run_program "$test" ;;
			esac
		fi
		;;
	esac
	shift
done
workers=

sort "$out/reasons" | uniq -c | sed 's/^ *\([0-9]*\) \(.*\)/skipped: \2 x\1/'
echo "$passed passed, $failed failed, $skipped skipped"
if [ -n "${NSRUN_TALLY:-}" ]; then
	echo "$passed $failed $skipped" >>"$NSRUN_TALLY"
	sed 's/^/reason /' "$out/reasons" >>"$NSRUN_TALLY"
fi
[ "$failed" -eq 0 ]
