#!/usr/bin/env bats
# exhaustion.bats: something of the machine has run out. Whatever it is: it takes no longer than it must, one error says
# what and what to do, nothing is left (security.md 3.5). badinput.bats has the full disk and the read-only one of a create.
# shellcheck disable=SC2154 # bats sets status and output

load helpers

needs() {
	skip_unless root
}

# limited COMMAND... -- ARGUMENTS...: nsrun below what COMMAND sets up, half a minute at most
limited() {
	local before=()

	while [ "$1" != -- ]; do before+=("$1") && shift; done
	shift
	status=0
	timeout -k 5 $((30 * NSRUN_SLOW)) "${before[@]}" "$NSRUN" --root "$ROOT" "$@" </dev/null >"$WORK/out" 2>&1 3>&- || status=$?
	output=$(cat "$WORK/out")
}

# refused TEXT: one error with this in it, and nothing left
refused() {
	echo "$status: $output"
	[ "$status" -eq 1 ]
	[ "$(grep -c '^nsrun: ' <<<"$output")" -eq 1 ]
	[[ $output == *$1* ]]
	[ -z "$(leftovers)" ]
}

# with_hint: the error says what to do
with_hint() {
	[[ $output == *"hint: "* ]]
}

@test "a state directory that is full after any number of pages or files" {
	new_bundle
	edit '.process.args = ["true"]'
	local option n bad=0
	mkdir -m 700 "$WORK/small"
	for option in size=4k size=8k size=16k nr_inodes=2 nr_inodes=4 nr_inodes=6; do
		mount -t tmpfs -o "$option,mode=700" tmpfs "$WORK/small"
		ROOT=$WORK/small limited -- run --bundle "$BUNDLE" "$ID"
		n=$(find "$WORK/small" -mindepth 1 ! -path '*/.cache*' | wc -l)
		umount "$WORK/small"
		echo "$option: $status, $n left: $output"
		[ "$n" -eq 0 ] || bad=1
		[ "$status" -eq 0 ] || { [ "$status" -eq 1 ] && [[ $output == *"no space left on device"* ]]; } || bad=1
		[ -z "$(leftovers)" ] || bad=1
	done
	[ $bad -eq 0 ]
}

@test "a state directory that becomes read-only while the container runs" {
	new_bundle
	edit '.process.args = ["sleep", "1000"]'
	mkdir -m 700 "$WORK/state"
	mount -t tmpfs -o mode=700 tmpfs "$WORK/state"
	detached run --detach --bundle "$BUNDLE" "$ID"
	mount -o remount,ro "$WORK/state"
	run -0 nsrun state "$ID"
	limited -- delete --force "$ID"
	local said=$output rc=$status
	mount -o remount,rw "$WORK/state"
	run -0 nsrun delete --force "$ID"
	umount "$WORK/state"
	echo "$rc: $said"
	[ "$rc" -eq 1 ]
	[[ $said == *"read-only file system"* ]]
	[ -z "$(leftovers)" ]
}

@test "few descriptors: an error or a container, and 16 are enough where there are no ten hierarchies" {
	new_bundle
	edit 'del(.process.rlimits) | .process.args = ["sleep", "1000"]'
	detached run --detach --bundle "$BUNDLE" "$ID"
	local n id=$ID bad=0
	for n in 6 8 9 10 11 12 13 14 16 20; do
		status=0
		(ulimit -n "$n" && exec timeout 30 "$NSRUN" --root "$ROOT" exec "$id" true) </dev/null >"$WORK/out" 2>&1 3>&- || status=$?
		echo "exec with $n: $status $(cat "$WORK/out")"
		[ "$status" -eq 0 ] || { [ "$status" -eq 255 ] && grep -q 'too many open files' "$WORK/out"; } || bad=1
		# What it cannot see it does not take for stopped.
		status=0
		(ulimit -n "$n" && exec timeout 30 "$NSRUN" --root "$ROOT" delete "$id") </dev/null >"$WORK/out" 2>&1 3>&- || status=$?
		echo "delete with $n: $status $(cat "$WORK/out")"
		[ "$status" -eq 1 ] && grep -q 'too many open files\|is not stopped' "$WORK/out" || bad=1
	done
	is_status "$id" running
	[ $bad -eq 0 ]
	run -0 nsrun delete --force "$id"
	edit '.process.args = ["true"]'
	# Those of bats do not count.
	exec 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
	(ulimit -n 16 && exec "$NSRUN" --root "$ROOT" --cgroup-manager disabled run --bundle "$BUNDLE" "$ID") </dev/null 3>&-
}

# pids_below N: a cgroup of the test for at most N processes, in PIDS; skips where there can be none
pids_below() {
	local top=/sys/fs/cgroup/pids

	[ -d $top ] || top=/sys/fs/cgroup
	# Our ids begin with PREFIX: leftovers() finds it.
	PIDS=$top/${PREFIX}pids
	mkdir "$PIDS" || skip "needs a writable cgroup tree"
	[ -e "$PIDS/pids.max" ] || { rmdir "$PIDS" && skip "the root cgroup does not give its children the pids controller"; }
	echo "$1" >"$PIDS/pids.max"
}

@test "no more processes: each number of them" {
	local n bad=0
	new_bundle
	edit '.process.args = ["true"]'
	for n in 1 2 3; do
		pids_below $n
		# shellcheck disable=SC2016 # for the shell
		timeout -k 5 60 sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$PIDS" "$NSRUN" --root "$ROOT" run --bundle "$BUNDLE" \
			"$ID" </dev/null >"$WORK/out" 2>&1 3>&- && status=0 || status=$?
		rmdir "$PIDS"
		echo "$n: $status $(cat "$WORK/out")"
		[ "$status" -eq 0 ] || { [ "$status" -eq 1 ] && grep -q 'resource temporarily unavailable' "$WORK/out"; } || bad=1
		[ $n -gt 1 ] || { [ "$status" -eq 1 ] && grep -q hint: "$WORK/out"; } || bad=1
		[ -z "$(leftovers)" ] || bad=1
	done
	[ $bad -eq 0 ]
}

@test "a memory limit that is too small for init" {
	skip_unless cgroup
	local n bad=0
	new_bundle
	edit '.process.args = ["true"]'
	for n in 1 4096 65536 262144; do
		edit '.linux.resources.memory.limit = $n' --argjson n $n
		limited -- run --bundle "$BUNDLE" "$ID"
		echo "$n: $status $output"
		[[ $output != *"controller \"memory\" is not available"* && $output != *"no memory controller"* ]] ||
			skip "this host has no memory controller"
		[ "$status" -eq 0 ] || { [ "$status" -eq 1 ] && [[ $output == *memory* ]]; } || [ "$status" -eq 137 ] || bad=1
		[ -z "$(leftovers)" ] || bad=1
	done
	[ $bad -eq 0 ]
}

@test "no more cgroups" {
	local top=/sys/fs/cgroup
	[ -e $top/cgroup.controllers ] || top=/sys/fs/cgroup/unified
	[ -e $top/cgroup.controllers ] || skip "needs a cgroup2 hierarchy"
	mkdir "$top/${PREFIX}few" || skip "needs a writable cgroup tree"
	echo 0 >"$top/${PREFIX}few/cgroup.max.descendants"
	new_bundle
	edit '.linux.cgroupsPath = $path' --arg path "/${PREFIX}few/c"
	limited -- create --bundle "$BUNDLE" "$ID"
	rmdir "$top/${PREFIX}few"
	refused 'resource temporarily unavailable'
	with_hint
	[[ $output == *cgroup.max.d* ]]
}

@test "no more namespaces of each type" {
	skip_unless userns
	local type bad=0
	new_bundle --rootless
	for type in uts ipc mnt pid net cgroup user; do
		[ -e /proc/sys/user/max_${type}_namespaces ] || continue
		# The limits are those of a new user namespace: the host's stay.
		# shellcheck disable=SC2016 # for the shell
		limited unshare -Ur sh -c 'echo 0 >"/proc/sys/user/max_$0_namespaces" && exec "$@"' $type -- run --bundle "$BUNDLE" "$ID"
		echo "$type: $status $output"
		# What the config does not ask for is not missed.
		if jq -e --arg t "$type" '{mnt: "mount", net: "network"}[$t] // $t | IN($ARGS.named.c[0].linux.namespaces[].type)' \
			--slurpfile c "$BUNDLE/config.json" -n >/dev/null; then
			[ "$status" -eq 1 ] && [[ $output == *"max_${type}_namespaces"*hint:* ]] || bad=1
		else
			[ "$status" -le 1 ] || bad=1
		fi
		[ -z "$(leftovers)" ] || bad=1
	done
	[ $bad -eq 0 ]
}

# dead PATH [WORD]...: a file system that answers nothing there (tests/run/deadfuse.c); its server is $DEAD
dead() {
	[ -x "$TOOLS/deadfuse" ] || skip "tests/run/deadfuse is not built"
	[ -c /dev/fuse ] || skip "needs /dev/fuse"
	"$TOOLS/deadfuse" "$@" >"$1.log" 2>&1 3>&- &
	DEAD=$!
	wait_for eval "grep -q mounted '$1.log' || ! kill -0 $DEAD 2>/dev/null"
	grep -q mounted "$1.log" || skip "FUSE does not work here: $(cat "$1.log")"
}

# dead_rootfs: it is the rootfs of a new bundle
dead_rootfs() {
	new_bundle
	mkdir "$WORK/dead"
	edit '.root.path = $path' --arg path "$WORK/dead"
	dead "$WORK/dead"
}

@test "a rootfs on a file system that does not answer: SIGTERM ends it, and SIGKILL leaves what delete --force removes" {
	dead_rootfs
	local pid
	"$NSRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null >"$WORK/out" 2>&1 3>&- &
	pid=$!
	wait_for grep -q . "/proc/$pid/task/$pid/children"
	kill -TERM $pid
	exits 143 $pid
	local said left
	said=$(<"$WORK/out")
	left=$(leftovers | grep -v " $WORK/dead " || :)
	"$NSRUN" --root "$ROOT" create --bundle "$BUNDLE" "$ID" </dev/null >"$WORK/out" 2>&1 3>&- &
	pid=$!
	wait_for grep -q . "/proc/$pid/task/$pid/children"
	kill -KILL $pid
	exits 137 $pid
	limited -- delete --force "$ID"
	# Its requests end with its server.
	kill -KILL $DEAD
	wait $DEAD || :
	umount "$WORK/dead"
	echo "$said; $output"
	[ "$status" -eq 0 ]
	[ -z "$left" ]
	[ -z "$(leftovers)" ]
	[[ $said == *"rootfs $WORK/dead: interrupted by SIGTERM"* ]]
}

# waits_for NAME: WORDS, which is what "nsrun" runs then into the server $WORK/NAME, of a new bundle
waits_for() {
	new_bundle
	case $1 in
	rootfs | source)
		mkdir "$WORK/$1"
		edit '.root.path = $path' --arg path "$WORK/rootfs"
		[ "$1" = rootfs ] || edit '.root.path = "rootfs" | .mounts += [{destination: "/mnt", source: $path, options: ["bind"]}]' \
			--arg path "$WORK/source/sub"
		dead "$WORK/$1" reads
		WORDS=(create --bundle "$BUNDLE" "$ID")
		;;
	start | exec)
		: >"$WORK/$1"
		edit '.process.args = [$program, "1000"] | .mounts += [{destination: "/bin/dead", source: $path, options: ["bind"]}]' \
			--arg path "$WORK/$1" --arg program "$([ "$1" = start ] && echo dead || echo sleep)"
		dead "$WORK/$1" reads file
		detached create --bundle "$BUNDLE" "$ID"
		WORDS=(start "$ID")
		[ "$1" = start ] || { nsrun start "$ID" && WORDS=(exec "$ID" /bin/dead); }
		;;
	esac
}

# What a server has taken the kernel waits for, SIGKILL or not, until the server answers or is gone.
@test "a file system that takes requests and does not answer: the command ends, and delete --force removes what is left" {
	local -A says=([rootfs]="rootfs $WORK/rootfs: interrupted by SIGTERM" [source]="$WORK/source/sub on /.*: interrupted by SIGTERM"
		[start]='interrupted by SIGTERM before the program ran' [exec]='exec /bin/dead: interrupted by SIGTERM')
	local -A pid id
	local name began remover bad=0 servers=() paths=()
	for name in rootfs source start exec; do
		waits_for $name
		servers+=("$DEAD") paths+=("$WORK/$name")
		id[$name]=$ID
		"$NSRUN" --root "$ROOT" "${WORDS[@]}" </dev/null >"$WORK/$name.out" 2>&1 3>&- &
		pid[$name]=$!
		wait_for grep -q took "$WORK/$name.log"
	done
	began=$SECONDS
	kill -TERM "${pid[@]}"
	# start does not wait for init, which it has killed. It holds no lock any more when it has ended.
	for name in start rootfs source exec; do
		status=0
		wait "${pid[$name]}" || status=$?
		echo "$name: $status after $((SECONDS - began)) s: $(cat "$WORK/$name.out")"
		[ $status -eq 143 ] && grep -q "${says[$name]}" "$WORK/$name.out" && [ $((SECONDS - began)) -lt $((30 * NSRUN_SLOW)) ] || bad=1
		[ $name = start ] || continue
		timeout 60 "$NSRUN" --root "$ROOT" delete --force "${id[start]}" </dev/null >"$WORK/delete.out" 2>&1 3>&- &
		remover=$!
	done
	! wait $remover || bad=1
	cat "$WORK/delete.out"
	grep -q 'does not die' "$WORK/delete.out" && grep -q 'hint: .*/proc/' "$WORK/delete.out" || bad=1
	kill -KILL "${servers[@]}"
	for name in "${!id[@]}"; do
		limited -- delete --force "${id[$name]}"
		echo "delete --force, $name: $status $output"
		[ "$status" -eq 0 ] || bad=1
	done
	umount "${paths[@]}"
	[ -z "$(leftovers)" ]
	[ $bad -eq 0 ]
}

# on_a_dead_bus ARGUMENTS...: nsrun where there is a systemd whose bus takes connections and does not answer
on_a_dead_bus() {
	# shellcheck disable=SC2016 # for the shell
	DBUS_SYSTEM_BUS_ADDRESS=unix:path=$WORK/bus exec unshare -m sh -c \
		'mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system && exec "$@"' - "$NSRUN" --root "$ROOT" --systemd-cgroup "$@" \
		</dev/null >"$WORK/out" 2>&1 3>&-
}

@test "a bus that does not answer: the time that it gets, and SIGTERM before" {
	[ -e "${NSRUN%/*}/nsrun-systemd" ] || skip "this build has no systemd cgroup manager"
	[ ! -d /run/systemd/system ] || skip "systemd runs here"
	[ -d /sys/fs/cgroup/systemd ] || [ -e /sys/fs/cgroup/cgroup.controllers ] || skip "needs a cgroup tree for systemd"
	local began bus pid
	new_bundle
	"$TOOLS/listen" silent "$WORK/bus" 2 >"$WORK/bus.log" 3>&- &
	bus=$!
	wait_for grep -q ready "$WORK/bus.log"
	(on_a_dead_bus create --bundle "$BUNDLE" "$ID") &
	pid=$!
	# Its helper and init.
	wait_for eval "[ \$(wc -w </proc/$pid/task/$pid/children) -ge 2 ]"
	began=$SECONDS
	kill -TERM $pid
	exits 143 $pid || { cat "$WORK/out" && return 1; }
	cat "$WORK/out"
	[ $((SECONDS - began)) -lt $((20 * NSRUN_SLOW)) ]
	grep -q 'interrupted by SIGTERM: systemd has not answered' "$WORK/out"
	[ -z "$(leftovers)" ]
	if grep -q NSRUN_SYSTEMD_TIMEOUT "$NSRUN"; then
		status=0
		(NSRUN_SYSTEMD_TIMEOUT=700 on_a_dead_bus create --bundle "$BUNDLE" "$ID") || status=$?
		cat "$WORK/out"
		[ $status -eq 1 ]
		grep -q 'systemd did not answer within 700 ms' "$WORK/out"
		[ -z "$(leftovers)" ]
	fi
	kill $bus
}
