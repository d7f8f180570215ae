#!/bin/bash
# syscalls.sh: kills each process of a command at each of its system calls, makes each call fail in six ways, and looks
# for what is left.
#
#	[NSRUN=PROGRAM] [FAULTS_SECONDS=110] [FAULTS_SEED=N] [FAULTS_FLAGS="..."] syscalls.sh [--all] [VERB]...
#
# A point is a verb (create, start, exec, update, delete), one of its processes, one of the system calls of that, and what
# happens there: SIGKILL, or EPERM, ENOMEM, ENOSPC, EMFILE, EINTR or EAGAIN instead of the call. tests/fail/inject.c does
# it. After a kill delete --force says 0 and leaves nothing. After a failed call the command fails with an error, by itself
# leaving nothing, or works, and then the process is as well isolated as that of a command that nobody disturbed: ids,
# groups, capabilities, filter, no_new_privs, directory, descriptors, namespaces, mounts with their flags, cgroups.
#
# Without --all as many points as FAULTS_SECONDS allow, spread evenly, others at each seed. With --all all of them, by
# NSRUN_JOBS processes (default: one for each processor), and a line for each 500: it takes twenty minutes.
# FAULTS_KILL=1: only SIGKILL. FAULTS_PART=I/N: of all points the I-th of N parts, counted from 0.
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
set -u
here=$(cd "$(dirname "$0")" && pwd)
NSRUN=$(readlink -f "${NSRUN:-$here/../../nsrun}")

skip() {
	echo "$1"
	exit 77
}
[ "$(id -u)" -eq 0 ] || skip "needs root"
for program in jq busybox; do
	command -v $program >/dev/null || skip "$program is missing"
done
! grep -q 'User Mode Linux' /proc/cpuinfo || skip "user-mode Linux traces its own processes: none here can be traced"
! grep -q __asan_init "$NSRUN" || skip "a sanitizer does not stand failing system calls"
INJECT=${BUILDDIR:-$here/../..}/tests/fail/inject
[ -x "$INJECT" ] || skip "$INJECT is not built"

WORK=$(mktemp -d "${TMPDIR:-/tmp}/nsrun-faults.XXXXXX") || exit 1
chmod 711 "$WORK"
ROOT=$WORK/state
ID=$(basename "$WORK" | tr . -)
BUNDLE=$WORK/bundle
actions=(kill 1 12 28 24 4 11)
names=(SIGKILL EPERM ENOMEM ENOSPC EMFILE EINTR EAGAIN)
[ -z "${FAULTS_KILL:-}" ] || actions=(kill)
MKNODAT=$(if [ "$(uname -m)" = x86_64 ]; then echo 259; else echo 33; fi)
verbs=(create start exec update delete)
cgroups=()
declare -A same
figures= workers=
points=0 failed=0 leaks=0 refused=0 worked=0 missed=0

clean_up() {
	# They do not hear ^C, as all that bash starts in the background.
	[ -z "$workers" ] || { kill $workers; wait; } 2>/dev/null
	nsrun delete --force "$ID" >/dev/null 2>&1
	rm -rf --one-file-system "$WORK"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

nsrun() {
	"$NSRUN" --root "$ROOT" "$@" </dev/null
}

make_bundle() {
	mkdir -p "$BUNDLE"/rootfs/{bin,dev,etc,proc,sys,tmp}
	cp "$(command -v busybox)" "$BUNDLE/rootfs/bin/busybox"
	chroot "$BUNDLE/rootfs" /bin/busybox --install /bin
	nsrun spec --bundle "$BUNDLE"
	# The filter is of what libseccomp has; limits and a filter are steps that a fault may lose.
	jq --argjson seccomp "$("$NSRUN" --version | grep -q 'libseccomp: [0-9]' && echo true || echo false)" '
		.process.terminal = false | .process.args = ["sleep", "1000"] | .process.cwd = "/tmp"
		| .process.user = {uid: 7, gid: 8, additionalGids: [9], umask: 63}
		| .linux.resources += {pids: {limit: 50}} | .process.oomScoreAdj = 100
		| if $seccomp then .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
			syscalls: [{names: ["getcwd"], action: "SCMP_ACT_ERRNO"}]} else . end' \
		"$BUNDLE/config.json" >"$WORK/new.json" && mv "$WORK/new.json" "$BUNDLE/config.json"
}

# look PID: what a process must not have more or less of, into looks. No program is started for it: there are many points.
look() {
	local dir=/proc/$1 file line a b rest

	looks=
	while read -r line; do
		case $line in
		Uid* | Gid* | Groups* | Cap???:* | NoNewPrivs* | Seccomp:* | Umask*) looks+=$line$'\n' ;;
		esac
	done <"$dir/status"
	[ "$dir/cwd" -ef "$BUNDLE/rootfs/tmp" ] && looks+="in /tmp"$'\n'
	[ "$dir/root" -ef "$BUNDLE/rootfs" ] && looks+="in its root"$'\n'
	for file in "$dir"/fd/*; do
		looks+="fd ${file##*/}"$'\n'
	done
	for file in cgroup ipc mnt net pid user uts; do
		[ "$dir/ns/$file" -ef "/proc/self/ns/$file" ] && looks+="the host's $file"$'\n'
	done
	# Numbers of mounts are new each time.
	while read -r _ _ _ a b rest _; do
		looks+="$a $b $rest"$'\n'
	done <"$dir/mountinfo"
	while IFS=: read -r _ a b; do
		looks+="$a $b"$'\n'
	done <"$dir/cgroup"
	read -r line <"$dir/oom_score_adj"
	looks+="oom $line"$'\n'
	while read -r line; do
		looks+=$line$'\n'
	done <"$dir/limits"
}

# report OK WHAT
report() {
	points=$((points + 1))
	[ "$1" != ok ] || return 0
	failed=$((failed + 1))
	echo "not ok $points - $2"
}

# left [exec] [PID]...: what is left of the container, or of an exec, and of these processes, into found; with a bound,
# until nothing is
left() {
	local try pid dir state mounts only=

	[ "${1:-}" != exec ] || { only=yes && shift; }
	for try in {1..100}; do
		found=
		for pid; do
			{ read -r state <"/proc/$pid/stat"; } 2>/dev/null || continue
			[[ $state == *') '[ZX]* ]] || found+=" process:${state%%)*})"
			# The program is the container's once it runs, whether exec has come to say so or not.
			[ -z "$only" ] || [[ $state != *'(sleep)'* ]] || kill -KILL "$pid"
		done
		[ -n "$only" ] || {
			[ ! -e "$ROOT/$ID" ] || found+=" state"
			for dir in "${cgroups[@]}"; do
				[ ! -d "$dir" ] || found+=" $dir"
			done
			read -r -d '' mounts </proc/self/mountinfo
			[[ $mounts != *"$WORK"* ]] || found+=" mount"
		}
		for dir in "$WORK"/* "$WORK"/.[!.]* "$BUNDLE"/* "$BUNDLE"/.[!.]* "$ROOT"/.[!.]*; do
			case $dir in
			*/state | */bundle | */config.json | */rootfs | *'*' | */said | */trace | */list | */.cache) ;;
			*) found+=" $dir" ;;
			esac
		done
		[ -n "$found" ] || return 0
		sleep 0.05
	done
}

# inject VERB PROCESS CALL ACTION: runs it so; its status in rc, what it says in text, its processes in pids
inject() {
	local args

	case $1 in
	create) args=(create --bundle "$BUNDLE" --pid-file "$WORK/pid" "$ID") ;;
	start) args=(start "$ID") ;;
	exec) args=(exec --pid-file "$WORK/pid" -d "$ID" sleep 1000) ;;
	update) args=(update --pids-limit 40 "$ID") ;;
	delete) args=(delete --force "$ID") ;;
	esac
	# The braces keep the shell's own word on a killed child out of our output.
	{ "$INJECT" "$2" "$3" "$4" "$WORK/trace" "$NSRUN" --root "$ROOT" "${args[@]}" </dev/null >"$WORK/said" 2>&1; } 2>/dev/null
	rc=$?
	read -r -d '' text <"$WORK/said"
	pid=
	[ ! -e "$WORK/pid" ] || { read -r pid <"$WORK/pid"; rm "$WORK/pid"; }
	pids=()
	hit=
	while read -r first second; do
		if [ "$first" = hit ]; then hit=$second; else pids+=("$first"); fi
	done <"$WORK/trace"
}

# get_ready VERB: what it finds
get_ready() {
	case $1 in
	create) ;;
	start | delete) nsrun create --bundle "$BUNDLE" "$ID" >/dev/null 2>&1 ;;
	*)
		[ -d "$ROOT/$ID" ] || nsrun run --detach --bundle "$BUNDLE" "$ID" >/dev/null 2>&1
		;;
	esac
}

# init_of: the pid of the container's init, into pid
init_of() {
	local record

	read -r -d '' record <"$ROOT/$ID/state.json"
	[[ $record =~ \"pid\":([0-9]+) ]] && pid=${BASH_REMATCH[1]}
}

# compare VERB: is pid as it is when nobody disturbs? Adds to problem.
compare() {
	local device

	look "$pid"
	# A device node that may not be made is the host's, mounted.
	[ "$hit" != "$MKNODAT" ] || for device in null zero full random urandom tty; do
		looks=$(grep -v "^/$device /dev/$device " <<<"$looks")$'\n'
	done
	[ "$looks" = "${same[$1]}" ] || problem+=" isolated in another way: $(diff <(echo "${same[$1]}") <(echo "$looks"))"
}

# after_success VERB: nothing about it may be weaker; adds to problem
after_success() {
	local said

	case $1 in
	create) said=$(nsrun start "$ID" 2>&1) && compare create || problem+=" start: $said" ;;
	start) init_of && compare create ;;
	exec) compare exec ;;
	update)
		read -r said <"$pids_max"
		[ "$said" = 40 ] || problem+=" the limit is $said"
		;;
	esac
}

# one VERB PROCESS CALL INDEX: a point
one() {
	local verb=$1 action=${actions[$4]} problem= said
	local where="$1: process $2, call $3, ${names[$4]}"

	get_ready "$verb"
	inject "$verb" "$2" "$3" "$action"
	[ -n "$hit" ] || missed=$((missed + 1))
	where+=" (system call ${hit:-none})"
	if [ "$rc" -eq 124 ]; then
		problem="hangs"
	elif [ "$action" != kill ] && [ "$rc" -ne 0 ]; then
		refused=$((refused + 1))
		# The C library's words come before main().
		[[ $rc -eq 1 || $rc -eq 255 || $rc -eq 127 ]] || problem="status $rc: $text"
		[[ $rc -eq 127 || $text == *nsrun:* || $text == *"out of memory"* ]] || problem="no error is told: $text"
		# What it failed to make is gone.
		[ "$verb" != create ] || left "${pids[@]}"
		[ "$verb" != create ] || [ -z "$found" ] || problem+=" left before delete:$found"
	elif [ "$rc" -eq 0 ]; then
		worked=$((worked + 1))
		[ "$action" = kill ] || after_success "$verb"
	fi
	case $verb in
	exec)
		# The container is used again.
		left exec "${pids[@]}"
		[ -z "$found" ] || { leaks=$((leaks + 1)) && problem+=" left:$found"; }
		[ -z "$problem" ] || force
		;;
	update)
		# The next command that takes the lock undoes it or keeps it.
		said=$(nsrun update --pids-limit 50 "$ID" 2>&1) || problem+=" the next update: $said"
		[ -z "$problem" ] || force
		;;
	*) force ;;
	esac
	[ -z "$problem" ] && report ok || report no "$where: $problem"
}

# force: delete --force says 0, and nothing is left; adds to problem
force() {
	said=$(nsrun delete --force "$ID" 2>&1) || problem+=" delete --force: $said"
	left "${pids[@]}"
	[ -n "$found" ] || return 0
	leaks=$((leaks + 1))
	problem+=" left:$found"
	# So that it is not found again at each later point.
	nsrun delete --force "$ID" >/dev/null 2>&1
	rm -rf "${ROOT:?}/$ID"
}

# survey: what is isolated how, and how many system calls each process of each verb makes: "VERB PROCESS CALLS"
survey() {
	local verb i

	nsrun run --detach --bundle "$BUNDLE" "$ID" >/dev/null 2>&1 && init_of && look "$pid" || return 1
	same[create]=$looks
	nsrun exec -d --pid-file "$WORK/pid" "$ID" sleep 1000 >/dev/null 2>&1 || return 1
	read -r pid <"$WORK/pid"
	look "$pid"
	same[exec]=$looks
	rm "$WORK/pid"
	mapfile -t cgroups < <(find /sys/fs/cgroup -type d -name "*$ID*")
	pids_max=$(find "${cgroups[@]}" -maxdepth 1 -name pids.max | head -n 1)
	nsrun delete --force "$ID"
	for verb in "${verbs[@]}"; do
		get_ready "$verb"
		inject "$verb" 0 0 kill
		[ "$rc" -eq 0 ] || { echo "$verb does not even work: $text"; return 1; }
		i=0
		while read -r _ calls; do
			echo "$verb $i $calls"
			i=$((i + 1))
		done <"$WORK/trace" >>"$WORK/list"
		nsrun delete --force "$ID" >/dev/null 2>&1
	done
}

# walk: the points of the list in the order of their numbers, or of a walk that spreads them; until the time is over
walk() {
	local total=0 verb process calls n i at start=$SECONDS
	local -a firsts=() lines=()

	while read -r verb process calls; do
		firsts+=("$total") lines+=("$verb $process $calls")
		total=$((total + calls * ${#actions[@]}))
	done <"$WORK/list"
	# A step near the golden section of all, and prime to it, meets each once and leaves no gap at any time.
	step=1
	[ -n "$all" ] || { step=$((total * 618 / 1000)) && while [ "$(gcd $step $total)" -ne 1 ]; do step=$((step + 1)); done; }
	for ((n = ${part%/*}; n < total; n += ${part#*/})); do
		[ -n "$all" ] || [ $((SECONDS - start)) -lt "$seconds" ] || break
		[ -z "$all" ] || [ $((points % 500)) -gt 0 ] ||
			echo "# part $part: $points points, $leaks leaks, $failed failed, $((SECONDS - start)) s"
		at=$(((seed + n * step) % total))
		for ((i = ${#firsts[@]} - 1; firsts[i] > at; i--)); do :; done
		read -r verb process calls <<<"${lines[i]}"
		at=$((at - firsts[i]))
		[ "$verb" = "${before:-$verb}" ] || nsrun delete --force "$ID" >/dev/null 2>&1
		before=$verb
		one "$verb" "$process" $((at / ${#actions[@]} + 1)) $((at % ${#actions[@]}))
	done
	figures="faults: $points of $total points (${verbs[*]}; system calls x ${#actions[@]}), $leaks leaks, $failed failed;"
	figures+=" $refused refused, $worked worked, $missed not met; seed $seed, $((SECONDS - start)) s"
}

# in_parts JOBS: all points, a part for each of so many processes; the sums of what they print into figures
in_parts() {
	local i

	for ((i = 0; i < $1; i++)); do
		: >"$WORK/part.$i"
		FAULTS_FLAGS= FAULTS_PART=$i/$1 bash "$0" --all "${verbs[@]}" >"$WORK/part.$i" 2>&1 &
		workers+=" $!"
		tail -n +1 -f --pid=$! "$WORK/part.$i" | grep --line-buffered -E "^(#|not ok)" &
	done
	wait
	workers=
	read -r points failed figures < <(cat "$WORK"/part.* | awk -v jobs="$1" '
		/^faults: / {
			ended++
			if ($4 > total) total = $4
			sub(/ \(.*\)/, "")
			points += $2; leaks += $6; failed += $8; refused += $10; worked += $12; missed += $14
		}
		END {
			# One that did not come to its end has failed.
			printf "%d %d faults: %d of %d points, %d leaks, %d failed; %d refused, %d worked, %d not met, in %d parts\n",
				points, failed + jobs - ended, points, total, leaks, failed, refused, worked, missed, jobs
		}')
	figures+=", $SECONDS s"
}

gcd() {
	local a=$1 b=$2 t

	while [ "$b" -gt 0 ]; do t=$((a % b)) a=$b b=$t; done
	echo "$a"
}

# shellcheck disable=SC2086 # words
[ -z "${FAULTS_FLAGS:-}" ] || set -- $FAULTS_FLAGS "$@"
all=
seconds=${FAULTS_SECONDS:-110}
[ "${1:-}" != --all ] || { all=yes && shift; }
[ $# -eq 0 ] || verbs=("$@")
seed=${FAULTS_SEED:-$((RANDOM * 32768 + RANDOM))}
[ -z "$all" ] || seed=0
part=${FAULTS_PART:-0/1}
if [ -n "$all" ] && [ -z "${FAULTS_PART:-}" ]; then
	in_parts "${NSRUN_JOBS:-$(nproc)}"
else
	make_bundle
	survey || { echo "the survey failed"; exit 1; }
	walk
fi
echo "$((points - failed)) passed, $failed failed, 0 skipped"
# The runner shows the last line.
echo "$figures"
[ "$failed" -eq 0 ]
