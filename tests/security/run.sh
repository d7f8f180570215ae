#!/bin/sh
# run.sh: an attack for each published advisory; with a build that can inject faults each of them once more, with the
# protection switched off that keeps it out: then it has to succeed.
#
#	run.sh [SUITE]...		these; or all
#
# protections.tsv has a line for each advisory: its number, the suite, the words of NSRUN_UNSAFE, or "-" and why there is
# nothing to switch off; tabs between. NSRUN_JOBS attacks run at a time. Needs root.
set -u
here=$(cd "$(dirname "$0")" && pwd)
SRCDIR=${SRCDIR:-$(cd "$here/../.." && pwd)}
NSRUN=${NSRUN:-$SRCDIR/nsrun}
# What leaks is the business of tests/run: looking for it takes longer than a command.
ASAN_OPTIONS=${ASAN_OPTIONS:-abort_on_error=0:exitcode=99}:detect_leaks=0
export SRCDIR NSRUN ASAN_OPTIONS
# shellcheck disable=SC2046 # file names without blanks
[ $# -gt 0 ] || set -- $(echo "$here"/*.bats)
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT
trap 'exit 130' INT TERM HUP
failed=0

# The lines of the suites that run.
for suite in "$@"; do
	awk -F '\t' -v suite="$(basename "$suite" .bats)" '$2 == suite' "$here/protections.tsv"
done >"$out/list"
list=$out/list

# tests SUITE: "NUMBER TAB NAME" of each
tests() {
	sed -n 's/^@test "\(.*\)" {$/\1/p' "$here/$1.bats" | awk '{ print NR "\t" $0 }'
}

# Each suite's results as TAP: the numbers of those that held go to SUITE.held.
hold() {
	suite=$(basename "$1" .bats)
	bats --tap "$here/$suite.bats" >"$out/$suite.tap" 2>&1 </dev/null
	sed -n '/# skip/d; s/^ok \([0-9]*\) .*/\1/p' "$out/$suite.tap" >"$out/$suite.held"
	sed -n 's/^ok \([0-9]*\) .*# skip.*/\1/p' "$out/$suite.tap" >"$out/$suite.skipped"
}

# attack NUMBER SUITE WORDS NAME: the test without its protection, "yes" to NUMBER.let when the attack has succeeded
attack() {
	NSRUN_UNSAFE=$3 bats --tap --filter "^$(printf '%s' "$4" | sed 's/[][(){}.*+?^$|\\]/./g')\$" "$here/$2.bats" \
		>"$out/$1.log" 2>&1 </dev/null
	if grep -q '^not ok ' "$out/$1.log" && grep -q '^# the attack succeeded: ' "$out/$1.log"; then
		echo yes >"$out/$1.let"
	else
		echo "no" >"$out/$1.let"
	fi
}

# jobs FILE: runs the lines of FILE, "COMMAND ARGUMENT...", several at a time
jobs() {
	i=0
	while [ $i -lt "${NSRUN_JOBS:-1}" ]; do
		n=0
		while IFS='	' read -r a b c d e; do
			n=$((n + 1))
			mkdir "$out/taken.$(basename "$1").$n" 2>/dev/null || continue
			$a "$b" "$c" "$d" "$e"
		done <"$1" &
		i=$((i + 1))
	done
	wait
}

[ "$(id -u)" -eq 0 ] || {
	echo "security: skipped: needs root"
	[ -z "${NSRUN_TALLY:-}" ] || printf '0 0 1\nreason needs root\n' >>"$NSRUN_TALLY"
	exit 0
}
for suite in "$@"; do
	printf 'hold\t%s\n' "$suite"
done >"$out/holds"
jobs "$out/holds"
for suite in "$@"; do
	name=$(basename "$suite" .bats)
	f=$(grep -c '^not ok ' "$out/$name.tap")
	s=$(wc -l <"$out/$name.skipped")
	p=$(wc -l <"$out/$name.held")
	[ $((p + f + s)) -ge "$(tests "$name" | wc -l)" ] || f=$((f + 1))
	[ "$f" -eq 0 ] || grep -v '^ok ' "$out/$name.tap"
	printf '%-28s %s tests, %s failures, %s skipped\n' "tests/security/$name.bats" $((p + f + s)) "$f" "$s"
	failed=$((failed + f))
	[ -z "${NSRUN_TALLY:-}" ] || {
		echo "$p $f $s" >>"$NSRUN_TALLY"
		sed -n 's/^ok .*# skip *(*\(.*[^)]\))*$/reason \1/p' "$out/$name.tap" >>"$NSRUN_TALLY"
	}
done

# "SUITE TAB WORDS TAB TEST'S NUMBER TAB NAME" for each test once, and how many advisories hold.
: >"$out/seen"
all=0 held=0
while IFS='	' read -r advisory suite words _; do
	number=$(tests "$suite" | grep -F "$advisory" | cut -f1 | head -n 1)
	all=$((all + 1))
	if grep -qx "${number:-none}" "$out/$suite.held" 2>/dev/null; then
		held=$((held + 1))
		[ "$words" = - ] || printf '%s\t%s\t%s\n' "$suite" "$words" "$number" >>"$out/seen"
	fi
done <"$list"
kind=v1
[ ! -e /sys/fs/cgroup/unified/cgroup.procs ] || kind=hybrid
[ ! -e /sys/fs/cgroup/cgroup.procs ] || kind=v2
sum="security: $held of $all advisories hold on $kind ($(uname -sr))"

if ! grep -q NSRUN_UNSAFE "$NSRUN"; then
	echo "$sum; this build cannot switch protections off"
	[ $failed -eq 0 ]
	exit
fi
sort -u "$out/seen" | while IFS='	' read -r suite words number; do
	printf 'attack\t%s-%s\t%s\t%s\t%s\n' "$suite" "$number" "$suite" "$words" \
		"$(tests "$suite" | sed -n "${number}p" | cut -f2)"
done >"$out/attacks"
jobs "$out/attacks"
fell=0 wanted=0 bad=0
while IFS='	' read -r _ id suite words name; do
	[ "$(cat "$out/$id.let")" != yes ] || continue
	bad=$((bad + 1))
	cat "$out/$id.log"
	echo "with NSRUN_UNSAFE=$words the attack ought to succeed: $name"
done <"$out/attacks"
while IFS='	' read -r advisory suite words _; do
	[ "$words" != - ] || continue
	wanted=$((wanted + 1))
	number=$(tests "$suite" | grep -F "$advisory" | cut -f1 | head -n 1)
	[ "$(cat "$out/$suite-$number.let" 2>/dev/null)" != yes ] || fell=$((fell + 1))
done <"$list"
[ -z "${NSRUN_TALLY:-}" ] || echo "$(($(wc -l <"$out/attacks") - bad)) $bad 0" >>"$NSRUN_TALLY"
echo "$sum; $fell of $wanted fail without their protection"
[ $failed -eq 0 ] && [ $bad -eq 0 ]
