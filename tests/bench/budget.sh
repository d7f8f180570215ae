#!/bin/bash
# budget.sh: do the commands execute more instructions than budget.txt has for them?
#
#	[NSRUN=PROGRAM] [CC=COMPILER] [CFLAGS=FLAGS] budget.sh [--write]
#
# count.c counts them in an emulator, so they are the same on every machine and at any load. What they depend on is the
# compiler that made the program, and its flags: these are in budget.txt, and with others nothing is compared. The rows that
# are named NAME+cgroups also depend on the cgroup hierarchies of the host.
#
# A command that takes more than 5 % more fails. So does one that takes more than 5 % less: the gain would be spent again
# unseen. Either way budget.txt is written anew (--write), on purpose and in the same commit.
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
set -eu
here=$(cd "$(dirname "$0")" && pwd)
budget=$here/budget.txt
NSRUN=$(readlink -f "${NSRUN:-$here/../../nsrun}")

skip() {
	echo "$1"
	exit 77
}

# measure NAME COMMAND...: in the view of --inside
measure() {
	local name=$1
	shift
	"$place/count" "$place/state/n" "$place/nsrun" "$@" </dev/null >"$place/state/out" 2>&1 || {
		echo "$name: exit status $?: $(tail -n 1 "$place/state/out")" >&2
		exit 1
	}
	echo "$name $(cat "$place/state/n")"
}

# All paths are the same on each machine; the emulator, which nsrun takes for its own executable, is on a read-only mount.
inside() {
	local manager suffix
	id=nsrun-budget-$$
	place=/mnt
	mount -t tmpfs budget $place
	mkdir -p $place/state $place/bundle/rootfs/{bin,dev,etc,proc,sys,tmp}
	cp "$NSRUN" $place/nsrun
	cp "$work/count" $place/
	cp "$(command -v busybox)" $place/bundle/rootfs/bin/busybox
	ln -s busybox $place/bundle/rootfs/bin/true
	ln -s busybox $place/bundle/rootfs/bin/sleep
	"$NSRUN" spec --no-terminal --bundle $place/bundle -- sleep 1000
	mount -t tmpfs state $place/state
	mount -o remount,ro $place
	for manager in disabled cgroupfs; do
		suffix=
		[ $manager = disabled ] || suffix=+cgroups
		flags=(--root $place/state/nsrun --cgroup-manager $manager)
		trap '"$NSRUN" "${flags[@]}" delete --force $id >/dev/null 2>&1 || :' EXIT
		measure create$suffix "${flags[@]}" create --bundle $place/bundle $id
		measure state$suffix "${flags[@]}" state $id
		measure start$suffix "${flags[@]}" start $id
		measure exec$suffix "${flags[@]}" exec --detach $id true
		measure delete$suffix "${flags[@]}" delete --force $id
	done
}

# head_of: what the numbers depend on
head_of() {
	echo "compiler $(readelf -p .comment "$NSRUN" | sed -n 's/^ *\[ *[0-9a-f]*\] *//p' | paste -sd';')"
	echo "flags ${CFLAGS:-}"
	echo "cgroups $(cut -d: -f2 /proc/self/cgroup | LC_ALL=C sort | paste -sd' ')"
}

# compare MEASURED
compare() {
	awk '
	FNR == 1 { nth++ }
	/^#/ { next }
	$1 == "compiler" || $1 == "flags" { next }
	$1 == "cgroups" { $1 = ""; cgroups[nth] = $0; next }
	nth == 1 { budget[$1] = $2; order[++n] = $1; next }
	{ is[$1] = $2 }
	END {
		for (i = 1; i <= n; i++) {
			name = order[i]
			if (name ~ /\+cgroups$/ && cgroups[1] != cgroups[2]) {
				skipped++
				continue
			}
			change = 100 * (is[name] / budget[name] - 1)
			word = "ok"
			if (!(name in is) || change > 5 || change < -5) {
				word = "not ok"
				failed++
			} else
				passed++
			printf "%-6s %-16s %9d, budget %9d: %+.2f %%\n", word, name, is[name], budget[name], change
		}
		for (name in is)
			if (!(name in budget)) {
				print "not ok " name " has no budget"
				failed++
			}
		if (failed)
			print "if that is on purpose: make check-budget BUDGET_FLAGS=--write, in the same commit"
		if (skipped)
			print "cgroup hierarchies are not those of budget.txt: nothing compared with them"
		printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
		exit failed > 0
	}' "$budget" "$1"
}

if [ "${1:-}" = --inside ]; then
	work=$2
	inside
	exit
fi
# shellcheck disable=SC2086 # words
[ -z "${BUDGET_FLAGS:-}" ] || set -- $BUDGET_FLAGS "$@"
[ "$(id -u)" -eq 0 ] || skip "needs root"
for program in busybox readelf unshare "${CC:-cc}"; do
	command -v "${program%% *}" >/dev/null || skip "$program is missing"
done
! grep -q __asan_init "$NSRUN" || skip "a build with sanitizers has other counts"
work=$(mktemp -d "${TMPDIR:-/tmp}/nsrun-budget.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
head_of >"$work/head"
if [ "${1:-}" != --write ]; then
	for line in compiler flags; do
		ours=$(grep "^$line" "$work/head") theirs=$(grep "^$line" "$budget")
		[ "$ours" = "$theirs" ] || skip "nothing compared: budget.txt is of $theirs, this build of $ours"
	done
fi
# shellcheck disable=SC2086 # words
${CC:-cc} -std=gnu11 -D_GNU_SOURCE -O2 -o "$work/count" "$here/count.c" -lunicorn 2>"$work/errors" ||
	skip "libunicorn is missing: $(head -n 1 "$work/errors")"
status=0
NSRUN=$NSRUN unshare --mount --propagation private bash "$0" --inside "$work" >"$work/is" 2>"$work/errors" || status=$?
if [ $status -ne 0 ]; then
	cat "$work/is" "$work/errors"
	case $(cat "$work/errors") in *"exit status 77"*) exit 77 ;; esac
	exit 1
fi
if [ "${1:-}" = --write ]; then
	{
		echo "# Instructions of each command, all processes together, by tests/bench/budget.sh --write."
		cat "$work/head" "$work/is"
	} >"$budget"
	cat "$budget"
	exit
fi
cat "$work/head" "$work/is" >"$work/all"
compare "$work/all"
