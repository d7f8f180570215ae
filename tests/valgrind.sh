#!/bin/sh
# valgrind.sh: the unit tests, and commands that put no process into a container, under valgrind: no wrong access, no lost
# memory, no descriptor left open. Builds a dynamic nsrun in BUILDDIR/valgrind: in a static one valgrind cannot replace malloc.
#
#	valgrind.sh UNIT TEST...
#
# valgrind knows neither open_tree(2) nor clone(2) with namespaces: create, run, start and exec cannot run in it; for them there
# are the sanitizers (--enable-dev). What fails because valgrind lacks a call (3.19: openat2, pidfd_send_signal, ...) is
# skipped and named. Exits 77 where valgrind is missing.
set -u
command -v valgrind >/dev/null || { echo "valgrind is missing" && exit 77; }
src=$(cd "$(dirname "$0")/.." && pwd)
dir=$(mkdir -p "${BUILDDIR:-.}/valgrind" && cd "${BUILDDIR:-.}/valgrind" && pwd)
(
	cd "$dir" || exit 1
	[ -e Makefile ] || "$src/configure" -q --with-static-libs=no CFLAGS='-O1 -g' || exit 1
	make -s nsrun
) >"$dir/make.log" 2>&1 || { tail -n 20 "$dir/make.log" && exit 1; }
work=$(mktemp -d "${TMPDIR:-/tmp}/nsrun-valgrind.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0

# opened LOG: does it name a descriptor that was not inherited?
opened() {
	awk 'open { if (!/<inherited from parent>/) found = 1; open = 0 }
		/Open .*(descriptor|socket) [0-9]+/ { open = 1 }
		END { exit !found }' "$1"
}

# check NAME STATUS COMMAND...: it ends with that status, and valgrind finds nothing
check() {
	name=$1 wanted=$2 rc=0
	shift 2
	valgrind --leak-check=full --track-fds=yes --error-exitcode=99 --suppressions="$src/tests/valgrind.supp" \
		--log-file="$work/log.%p" "$@" </dev/null >"$work/out" 2>&1 &
	wait $! || rc=$?
	# What its children leave open ends with them.
	mv "$work/log.$!" "$work/main"
	cat "$work/main" "$work"/log.* >"$work/log" 2>/dev/null
	rm -f "$work"/log.*
	why=$(sed -n "s/^nsrun: \\(.*\\) is missing: nsrun needs.*/no \\1/p" "$work/out")
	[ -n "$why" ] || [ $rc -eq "$wanted" ] || why=$(grep -m 1 -o "unhandled .*syscall: [0-9]*" "$work/log")
	# Nothing that valgrind finds: make check has the tests without it.
	[ -n "$why" ] || [ $rc -eq "$wanted" ] || [ $rc -eq 99 ] || why="it ended with $rc, $(tail -n 1 "$work/out")"
	if [ -n "$why" ]; then
		skipped=$((skipped + 1))
		echo "skipped: $name: does not work in this valgrind: $why"
	elif [ $rc -eq "$wanted" ] && ! opened "$work/main" && ! grep -q "ERROR SUMMARY: [1-9]" "$work/log"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$name: status $rc, expected $wanted"
		tail -n 5 "$work/out"
		grep -v 'WARNING\|README_MISSING\|handler\|report$\|bug_reports' "$work/log" | head -n 60
	fi
}

for test in "$@"; do
	case $test in
	# They leave processes where clone(2) or their time fails them.
	*test_cgroup_freeze | *test_op_idmap)
		skipped=$((skipped + 1))
		echo "skipped: $test: does not work in valgrind"
		continue
		;;
	esac
	check "$test" 0 "$BUILDDIR/$test"
done

# verb STATUS ARGUMENTS...: of nsrun, in a bundle of its own
verb() {
	status=$1
	shift
	check "nsrun $*" "$status" "$dir/nsrun" --root "$work/state" "$@"
}
mkdir -p "$work/bundle/rootfs"
cd "$work/bundle" || exit 1
verb 0 --version
verb 0 --help
verb 0 spec
verb 0 check
verb 0 plan
verb 0 features
verb 0 features --kernel
verb 0 doctor
verb 0 list
verb 0 delete --force nobody
for words in state kill delete inspect ps 'update --pids-limit 5'; do
	# shellcheck disable=SC2086 # words
	verb 1 $words nobody
done
verb 1 check "$src/tests"
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
