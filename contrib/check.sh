#!/bin/sh
# check.sh: installs what the tests need, and runs all of them. Needs root. CI runs this and nothing else.
#
#	sudo contrib/check.sh
#
# Builds with gcc, with clang, with fault injection, for developers (that, ASan, UBSan), and without what is optional; in the
# end one line counts the tests of all.
set -u
cd "$(dirname "$0")/.." || exit 1
[ "$(id -u)" -eq 0 ] || {
	echo "$0: the tests make containers as root; run: sudo $0" >&2
	exit 1
}
work=$(mktemp -d "${TMPDIR:-/tmp}/check-nsrun.XXXXXX") || exit 1
chmod 755 "$work"
user=nsrun-test
export NSRUN_TALLY="$work/tally" NSRUN_TIMES="$work/times"
export NSRUN_JOBS="${NSRUN_JOBS:-$(nproc)}"
: >"$NSRUN_TALLY"
: >"$NSRUN_TIMES"
failed_steps=
begun=$(date +%s)

clean_up() {
	! id "$user" >/dev/null 2>&1 || userdel "$user" >/dev/null 2>&1
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

# failures: failed tests so far
failures() {
	awk '$1 != "reason" { n += $2 } END { print n + 0 }' "$NSRUN_TALLY"
}

# step NAME COMMAND...: runs it; its tests count themselves, a step that fails without a failed test is one
step() {
	name=$1
	shift
	before=$(failures)
	printf '\n==== %s (%s s)\n' "$name" "$(($(date +%s) - begun))"
	if "$@" </dev/null; then
		return 0
	fi
	failed_steps="$failed_steps
  $name"
	[ "$(failures)" -gt "$before" ] || echo "0 1 0" >>"$NSRUN_TALLY"
	return 1
}

# once NAME COMMAND...: a step that is one test itself
once() {
	before=$(failures)
	step "$@" && [ "$(failures)" -eq "$before" ] && echo "1 0 0" >>"$NSRUN_TALLY"
}

# skip_step NAME REASON
skip_step() {
	printf '\n==== %s\nskipped: %s\n' "$1" "$2"
	printf '0 0 1\nreason %s\n' "$2" >>"$NSRUN_TALLY"
}

# in_build FOLDER TARGET...
in_build() {
	folder=$1
	shift
	make --no-print-directory -s -C "build/$folder" "$@"
}

# Suites of containers as root run once, these with sanitizers: they are about what comes in from outside. All of them both
# ways, and the beds in full, take an hour more: make check-root in a build with --enable-dev, tests/vm/v2.sh --all,
# tests/vm/systemd.sh --all.
sanitized=" badinput badinput_table cgroups hooks idmap netdev process update "

# suites [-v]: those with sanitizers, or with -v all others
suites() {
	for suite in tests/run/*.bats; do
		name=$(basename "$suite" .bats)
		case $name in rootless*) continue ;; esac
		case "$sanitized" in
		*" $name "*) [ $# -gt 0 ] || printf '%s ' "$suite" ;;
		*) [ $# -eq 0 ] || printf '%s ' "$suite" ;;
		esac
	done
}

# Leaks of memory are looked for but where hundreds of commands do nothing else than refuse: that takes two thirds of a
# command's time.
sanitized_suites() {
	refusing="tests/run/badinput.bats tests/run/badinput_table.bats"
	others=
	for suite in $(suites); do
		case " $refusing " in *" $suite "*) ;; *) others="$others $suite" ;; esac
	done
	in_build check-dev check-root RUN_TESTS="$others"
	rc=$?
	ASAN_OPTIONS=abort_on_error=0:exitcode=99:detect_leaks=0 in_build check-dev check-root RUN_TESTS="$refusing" && return $rc
}

# Those with the tag; the others that need it are in the suites with sanitizers.
fault_tests() {
	NSRUN_ONLY=faults in_build check-faults check-root RUN_TESTS="$(grep -lE '^# bats (test|file)_tags=faults$' tests/run/*.bats | tr '\n' ' ')"
}

# hosts_table [FLAG...]
hosts_table() {
	BUILDDIR=build/check sh tests/hosts/table.sh "$@"
}

# engines: with nsrun; crun and runc, where they are there, run only what fails ("make check-engines" has them beside it).
# The packages are a step of their own: where one cannot be had, its engine is skipped and named. An engine has time-outs of
# its own, which a loaded machine may miss: what fails has a second try, and says so.
engines() {
	sh contrib/deps.sh engines || echo "not every engine could be installed"
	cp "$NSRUN_TALLY" "$work/tally.before"
	run_engines && return
	echo "==== engines: a second try"
	cp "$work/tally.before" "$NSRUN_TALLY"
	run_engines
}

run_engines() {
	in_build check check-engines ENGINES_FLAGS="--rivals failed --check $PWD/README.md"
}

no_warnings() {
	! grep -h 'warning:' build/*/build.log
}

distcheck() {
	(
		unset NSRUN_TALLY # it is one test
		in_build check distcheck
	) >"$work/distcheck.log" 2>&1 || {
		tail -n 60 "$work/distcheck.log"
		return 1
	}
	grep -E '^[0-9]+ passed|is ready' "$work/distcheck.log"
	grep 'tar\.' "$work/distcheck.log" | tail -n 1
}

# What an ordinary user can do: a user of our own, with subordinate ids, in a folder that it can read.
as_user() {
	! id "$user" >/dev/null 2>&1 || userdel "$user"
	mkdir -p "$work/user/tests" "$work/user/home/run"
	cp build/check/nsrun "$work/user/"
	cp -R tests/run tests/runner.sh "$work/user/tests/"
	find build/check/tests/run -type f -perm -u+x -exec cp {} "$work/user/tests/run/" \;
	useradd --no-create-home --home-dir "$work/user/home" --shell /bin/sh --comment 'tests of nsrun' "$user" || return 1
	grep -qs "^$user:" /etc/subuid || usermod --add-subuids 2000000-2065535 --add-subgids 2000000-2065535 "$user"
	touch "$NSRUN_TALLY"
	chown -R "$user:" "$work/user/home" "$NSRUN_TALLY"
	chmod 700 "$work/user/home/run"
	(
		cd "$work/user" && setpriv --reuid "$user" --regid "$user" --init-groups \
			env -i PATH="$PATH" HOME="$work/user/home" USER="$user" XDG_RUNTIME_DIR="$work/user/home/run" \
			NSRUN_TALLY="$NSRUN_TALLY" NSRUN_JOBS="$NSRUN_JOBS" NSRUN="$work/user/nsrun" SRCDIR="$work/user" BUILDDIR="$work/user" \
			sh tests/runner.sh tests/run/rootless*.bats
	)
}

step "packages" sh contrib/deps.sh build test || {
	echo "0 passed, 1 failed, 0 skipped"
	exit 1
}
sh tests/leak-check.sh begin "$work/leaks" || exit 1

if step "build: gcc" sh contrib/build.sh build/check; then
	step "units, golden plans, lint" in_build check check
	step "containers as root" in_build check check-root RUN_TESTS="$(suites -v)"
	if ! command -v useradd >/dev/null; then
		skip_step "containers as an ordinary user" "useradd is missing"
	elif ls tests/run/rootless*.bats >/dev/null 2>&1; then
		step "containers as an ordinary user" as_user
	fi
	step "instructions of each command, memory, scale" in_build check check-bench
	step "this host: hybrid, v1, without cgroups" in_build check check-hosts
	step "system calls that fail, and kills at them" in_build check check-faults FAULTS_SECONDS=60 FAULTS_SEED=1
	step "a machine with pure cgroup v2" in_build check check-v2
	step "machines with systemd: root's, a user's, hybrid" in_build check check-systemd
	once "the README's table of hosts" hosts_table --check README.md
	step "engines" engines
fi
if step "build: for developers" sh contrib/build.sh build/check-dev --enable-dev; then
	# Lint reads the sources: once is enough.
	step "units, golden plans, with sanitizers" in_build check-dev check LINT_TESTS=
	step "containers as root, with sanitizers" sanitized_suites
fi
# Hundreds of commands each, which sanitizers make three times as slow.
if step "build: with fault injection" sh contrib/build.sh build/check-faults --enable-faults; then
	step "advisories, with and without what keeps them out" in_build check-faults check-security
	step "every step of a create fails" in_build check-faults fail
	step "tests that need fault injection" fault_tests
fi
if command -v clang >/dev/null; then
	once "build: clang" sh contrib/build.sh build/check-clang CC=clang
	if clang -fsanitize=fuzzer,address -x c -o "$work/fuzz" - <<-C 2>/dev/null; then
		int LLVMFuzzerTestOneInput(void) { return 0; }
	C
		once "fuzz targets, for a moment each" in_build check-clang fuzz FUZZ_SECONDS=3
	else
		skip_step "fuzz targets" "clang has no libFuzzer here"
	fi
else
	skip_step "build: clang" "clang is missing"
fi
once "build: without seccomp, systemd and criu, shared libraries" sh contrib/build.sh build/check-small \
	--disable-seccomp --disable-systemd --disable-criu --with-static-libs=no
once "no warning in any build" no_warnings
once "make distcheck" distcheck
once "leak check" sh tests/leak-check.sh end "$work/leaks"

printf '\n==== the slowest tests, in ms\n'
sort -rn "$NSRUN_TIMES" | head -n 10
printf '\n==== all of it, in %s s\n' "$(($(date +%s) - begun))"
hosts_table --lines
[ -z "$failed_steps" ] || echo "failed:$failed_steps"
sed -n 's/^reason //p' "$NSRUN_TALLY" | sort | uniq -c | sed 's/^ *\([0-9]*\) \(.*\)/skipped: \2 x\1/'
awk '$1 != "reason" { p += $1; f += $2; s += $3 }
	END { printf "%d passed, %d failed, %d skipped\n", p, f, s; exit f > 0 }' "$NSRUN_TALLY"
