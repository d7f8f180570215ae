# helpers.bash: bundles, a private state directory, and a teardown that proves that nothing is left.
#
#	load helpers
#	@test "the program sees its host name" {
#		new_bundle
#		edit '.hostname = "box" | .process.args = ["hostname"]'
#		run -0 nsrun run "$ID"
#		[ "$output" = box ]
#	}
#
# NSRUN is the program under test, TOOLS the folder of the compiled tests/run/*.c. Each test has: WORK (its folder), ROOT (its state directory), BUNDLE and ID (those of
# the last new_bundle). All ids of a test begin with $PREFIX, so that what is left behind has a name.

bats_require_minimum_version 1.5.0 2>/dev/null || :

: "${NSRUN:=$BATS_TEST_DIRNAME/../../nsrun}"
NSRUN=$(readlink -f "$NSRUN")
# The programs of tests/run/*.c, compiled.
TOOLS=${BUILDDIR:-$BATS_TEST_DIRNAME/../..}/tests/run

# How many times longer a call takes than on hardware; what a test allows for is multiplied by it.
: "${NSRUN_SLOW:=1}"

# Starting a program is what takes time here, and a fork of bats itself no less: what bash can do, it does.
setup() {
	# What all tests of a file need, they say in a function of this name: bats before 1.9 cannot skip in setup_file.
	! declare -F needs >/dev/null || needs
	WORK=${TMPDIR:-/tmp}/nsrun-test.$BASHPID$RANDOM$RANDOM
	# The root of a user namespace must be able to walk to its root file system.
	mkdir -m 711 "$WORK" || return 1
	ROOT=$WORK/state
	PREFIX=${WORK##*/}-
	PREFIX=${PREFIX//./-}
	N_BUNDLES=0
	cd "$WORK" || return 1
}

# Deletes every container of the test, then fails it when something of it is still there.
teardown() {
	local id left='' found dir try

	[ -n "${WORK:-}" ] || return 0
	for dir in "$ROOT"/*/ "$ROOT"-*/*/; do
		[ -d "$dir" ] || continue
		dir=${dir%/} && id=${dir##*/}
		"$NSRUN" --root "${dir%/*}" delete --force "$id" >/dev/null 2>&1 3>&- </dev/null ||
			left+="delete --force $id failed"$'\n'
	done
	for try in 1 2 3 4 5 6 7 8 9 10; do
		found=$(leftovers)
		[ -n "$found" ] || break
		sleep 0.1
	done
	left+=$found
	cd /
	[ -n "$left" ] || rm -rf --one-file-system "$WORK" || left="$WORK cannot be removed"
	[ -z "$left" ] || {
		printf 'left behind: %s\n' "$left"
		return 1
	}
}

# leftovers: cgroups, mounts, processes and states of this test, one per line
leftovers() (
	# bats would follow each command of these loops.
	set +T
	trap - DEBUG
	shopt -s globstar nullglob dotglob
	for file in /sys/fs/cgroup/**/"$PREFIX"*/; do
		printf '%s\n' "$file"
	done
	while read -r line; do
		[[ $line != *"$WORK"* ]] || printf '%s\n' "$line"
	done </proc/self/mountinfo
	# An nsrun that still works on this test's state.
	for file in /proc/[0-9]*/cmdline; do
		mapfile -d '' -t words <"$file" || continue
		[[ ${words[*]} != *nsrun*"$ROOT"* ]] || printf 'process %s\n' "${words[*]}"
	done 2>/dev/null
	for file in "$ROOT"/*; do
		[ "$file" = "$ROOT/.cache" ] || printf '%s\n' "$file"
	done
)

# nsrun ARGUMENTS...: the program under test, with the test's own state directory
nsrun() {
	"$NSRUN" --root "$ROOT" "$@" </dev/null 3>&-
}

# detached ARGUMENTS...: the same for what leaves a container behind (create, run --detach). The container keeps the
# stdio that it was given, and `run` waits until its pipe is closed; here stdio is the file $WORK/out. Sets status and
# output as `run` does.
detached() {
	status=0
	nsrun "$@" >"$WORK/out" 2>&1 || status=$?
	output=$(cat "$WORK/out")
	[ "$status" -eq 0 ] || echo "nsrun $*: status $status: $output"
}

# new_bundle [FLAG OF SPEC]...: a new BUNDLE (busybox, config.json of `nsrun spec`, no terminal), which becomes the
# working directory, and a new ID
new_bundle() {
	N_BUNDLES=$((N_BUNDLES + 1))
	BUNDLE=$WORK/bundle$N_BUNDLES
	ID=$PREFIX$N_BUNDLES
	make_rootfs
	mkdir "$BUNDLE"
	# Files are linked, not copied: a test that writes to one must replace it.
	cp -al "$BATS_RUN_TMPDIR/rootfs" "$BUNDLE/rootfs"
	nsrun spec --no-terminal --bundle "$BUNDLE" "$@"
	cd "$BUNDLE" || return 1
}

# make_rootfs: the template, once per run of bats
make_rootfs() {
	local template=$BATS_RUN_TMPDIR/rootfs new=$BATS_RUN_TMPDIR/rootfs.$BASHPID

	[ ! -d "$template" ] || return 0
	mkdir -p "$new"/{bin,dev,etc,proc,root,sys,tmp}
	cp "$(command -v busybox)" "$new/bin/busybox"
	"$new/bin/busybox" --install "$new/bin"
	printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'daemon:x:1:1:daemon:/:/bin/false' >"$new/etc/passwd"
	printf '%s\n' 'root:x:0:' 'daemon:x:1:' >"$new/etc/group"
	mv "$new" "$template"
}

# edit FILTER [ARGUMENT OF JQ]...: changes the config.json of BUNDLE
edit() {
	local filter=$1
	shift
	filter=$(jq "$@" "$filter" "$BUNDLE/config.json") && printf '%s\n' "$filter" >"$BUNDLE/config.json"
}

# in_container SCRIPT: the container runs it with sh
in_container() {
	edit '.process.args = ["sh", "-c", $script]' --arg script "$1"
}

# status_of ID: creating, created, running, paused or stopped
status_of() {
	nsrun state "$1" | jq -r .status
}

# wait_for COMMAND...: until it succeeds, half a minute at most, on hardware
wait_for() {
	local i

	for ((i = 0; i < 300 * NSRUN_SLOW; i++)); do
		! "$@" >/dev/null 2>&1 || return 0
		sleep 0.1
	done
	echo "never came true: $*"
	return 1
}

# is_status ID STATUS: for wait_for
is_status() {
	[ "$(status_of "$1")" = "$2" ]
}

# skip_unless NEED...: skips the test, naming what this machine lacks. A NEED is root, user (not root), userns, subids,
# cgroup (one may be made), cgroup1, cgroup2 (pure), seccomp, faults, ps (one
# that works: user-mode Linux has no boot time for it), or the name of a program.
skip_unless() {
	local need

	for need in "$@"; do
		case $need in
		root) [ "$EUID" -eq 0 ] || skip "needs root" ;;
		user) [ "$EUID" -ne 0 ] || skip "needs an ordinary user" ;;
		userns) unshare -Ur true 2>/dev/null || skip "needs user namespaces" ;;
		subids)
			command -v newuidmap >/dev/null || skip "newuidmap is missing"
			grep -q "^$(id -un):" /etc/subuid || skip "needs subordinate ids in /etc/subuid"
			;;
		cgroup) [ -w /sys/fs/cgroup ] || [ -w /sys/fs/cgroup/pids ] || skip "needs a writable cgroup tree" ;;
		cgroup1) [ -d /sys/fs/cgroup/pids ] || skip "needs cgroup v1" ;;
		cgroup2) [ -e /sys/fs/cgroup/cgroup.controllers ] || skip "needs pure cgroup v2" ;;
		seccomp) "$NSRUN" --version | grep -q "libseccomp: [0-9]" || skip "this build has no seccomp" ;;
		faults) grep -q NSRUN_FAIL_AT "$NSRUN" || skip "this build cannot inject faults" ;;
		ps) ps -ef >/dev/null 2>&1 || skip "ps does not work here: $(ps -ef 2>&1 >/dev/null | head -n 1)" ;;
		*) command -v "$need" >/dev/null || skip "$need is missing" ;;
		esac
	done
}

# exits STATUS PID: the background command ends with it
exits() {
	local rc=0

	wait "$2" || rc=$?
	[ "$rc" -eq "$1" ] || echo "exit status $rc, expected $1"
	[ "$rc" -eq "$1" ]
}

# is_gone PID: it has ended; whether its new parent has fetched its status is not our business
is_gone() {
	! grep -q '^State:.[^ZX]' "/proc/$1/status" 2>/dev/null
}

# pid_of ID
pid_of() {
	nsrun state "$1" | jq .pid
}
