#!/usr/bin/env bats
# exec.bats: one more program in a container: where it runs, as whom, how it ends, and what is refused.

load helpers

needs() {
	skip_unless root
}

# running [FILTER OF JQ]: a container that sleeps, its config edited before
running() {
	new_bundle
	[ $# -eq 0 ] || edit "$1"
	in_container 'exec sleep 1000'
	detached run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
}

# process FILTER: $WORK/process.json, from the process of the config
process() {
	jq ".process | .terminal = false | $1" "$BUNDLE/config.json" >"$WORK/process.json"
}

# refused TEXT ARGUMENTS...: exec with these says no with the text and ends with 255, and the container is as it was
refused() {
	local text=$1
	shift
	run -255 nsrun exec "$@"
	grep -qF -- "$text" <<<"$output"
	[[ ${lines[0]} == "nsrun: exec failed: "* ]]
	[ "$(nsrun ps --format json "$ID" | jq length)" -eq 1 ]
}

# bats test_tags=bed
@test "it runs in every namespace of the container, and in all of its cgroups" {
	local pid ns kinds='"pid", "network", "ipc", "uts", "mount", "cgroup"'
	[ ! -e /proc/self/ns/time ] || kinds+=', "time"'
	running ".linux.namespaces = [($kinds) | {type: .}]"
	pid=$(pid_of "$ID")
	for ns in /proc/self/ns/*; do
		ns=${ns##*/}
		[[ $ns != *_for_children ]] || continue
		run -0 nsrun exec "$ID" readlink "/proc/self/ns/$ns"
		[ "$output" = "$(readlink "/proc/$pid/ns/$ns")" ]
	done
	run -0 nsrun exec "$ID" cat /proc/self/cgroup
	[ "$output" = "$(nsrun exec "$ID" cat /proc/1/cgroup)" ]
	nsrun exec --detach "$ID" sleep 1000 >/dev/null
	run -0 nsrun ps --format json "$ID"
	[ "$(jq length <<<"$output")" -eq 2 ]
	# As the host sees it: not only the namespace's view is the same.
	local other
	other=$(jq "map(select(. != $pid))[0]" <<<"$output")
	[ "$(cat "/proc/$pid/cgroup")" = "$(cat "/proc/$other/cgroup")" ]
}

@test "its exit status is that of the program, or 128 and the signal" {
	running
	run -7 nsrun exec "$ID" sh -c 'exit 7'
	run -137 nsrun exec "$ID" sh -c 'kill -9 $$'
	run -0 nsrun exec "$ID" true
	[ -z "$output" ]
}

@test "stdin, stdout and stderr are the caller's" {
	running
	[ "$(echo hello | "$NSRUN" --root "$ROOT" exec "$ID" cat 3>&-)" = hello ]
	[ "$(nsrun exec "$ID" sh -c 'echo out; echo err >&2' 2>/dev/null)" = out ]
	[ "$(nsrun exec "$ID" sh -c 'echo out; echo err >&2' 2>&1 >/dev/null)" = err ]
}

@test "what follows the id is the program's, its flags too" {
	running
	run -0 nsrun exec "$ID" echo -u 5 --help -- x
	[ "$output" = "-u 5 --help -- x" ]
	run -0 nsrun exec "$ID" -- echo -n x
	[ "$output" = x ]
}

@test "user, groups, directory and environment by flags" {
	running '.process.user = {uid: 3, gid: 4, additionalGids: [5]} | .process.env += ["A=1", "B=2"]'
	run -0 nsrun exec "$ID" id
	[ "$output" = "uid=3 gid=4 groups=4,5" ] || [ "$output" = "uid=3 gid=4 groups=5,4" ] ||
		[ "$output" = "uid=3 gid=4 groups=5" ]
	run -0 nsrun exec --user 1000 "$ID" sh -c 'echo $(id -u):$(id -g)'
	[ "$output" = 1000:4 ]
	run -0 nsrun exec -u 1000:2000 -g 7 -g 8 "$ID" grep -E '^(Uid|Gid|Groups):' /proc/self/status
	[ "${lines[0]}" = $'Uid:\t1000\t1000\t1000\t1000' ]
	[ "${lines[1]}" = $'Gid:\t2000\t2000\t2000\t2000' ]
	[ "${lines[2]}" = $'Groups:\t5 7 8 ' ]
	run -0 nsrun exec --cwd /tmp --env B=3 -e C=4 "$ID" sh -c 'echo $PWD $A $B $C'
	[ "$output" = "/tmp 1 3 4" ]
}

@test "a user id that is none is refused, whatever the parser of a rival makes of it" {
	running
	local user
	for user in -1 4294967295 4294967296 18446744073709551616 '' ' 1' +1 0x10 1: :1 1:-1 1:4294967295 root 01; do
		run -255 nsrun exec --user="$user" "$ID" id
		[[ $output == *--user* ]]
		[[ $output != *uid=* ]]
	done
}

@test "capabilities are added as to runc's, never to what is inheritable" {
	running '.process.capabilities = {bounding: ["CAP_KILL"], permitted: ["CAP_KILL"], effective: ["CAP_KILL"]}'
	run -0 nsrun exec -c CAP_CHOWN "$ID" grep ^Cap /proc/self/status
	[ "$(tr -d '\n\t' <<<"$output")" = CapInh:0000000000000000CapPrm:0000000000000021CapEff:0000000000000021CapBnd:0000000000000021CapAmb:0000000000000000 ]
	refused 'is not a capability' -c CAP_NOSUCH "$ID" true
	refused 'did you mean "CAP_CHOWN"' -c CHOWN "$ID" true
}

@test "no_new_privs, limits and oom_score_adj" {
	running '.process.noNewPrivileges = false | .process.rlimits = [{type: "RLIMIT_NOFILE", soft: 99, hard: 100}] |
		.process.oomScoreAdj = 77'
	run -0 nsrun exec "$ID" sh -c 'grep NoNewPrivs /proc/self/status; ulimit -n; cat /proc/self/oom_score_adj'
	[ "$(tr -s '\t\n' '  ' <<<"$output")" = "NoNewPrivs: 0 99 77 " ]
	run -0 nsrun exec --no-new-privs "$ID" grep NoNewPrivs /proc/self/status
	[ "$output" = $'NoNewPrivs:\t1' ]
}

@test "the container's filter holds for it too" {
	skip_unless seccomp
	running '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir", "mkdirat"],
		action: "SCMP_ACT_ERRNO", errnoRet: 95}]} | .root.readonly = false'
	run -1 nsrun exec "$ID" mkdir /tmp/x
	[[ $output == *"not supported"* ]]
	run -0 nsrun exec "$ID" grep ^Seccomp: /proc/self/status
	[ "$output" = $'Seccomp:\t2' ]
}

@test "--process takes all from the file, whose mistakes have a place" {
	running
	process '.args = ["sh", "-c", "id -u; pwd; echo $X"] | .user = {uid: 11, gid: 12} | .cwd = "/tmp" | .env += ["X=y"]'
	# The flags that describe a process count for nothing.
	run -0 nsrun exec --user 5 --cwd /bin --process "$WORK/process.json" "$ID"
	[ "$output" = $'11\n/tmp\ny' ]
	run -0 nsrun exec --process="$WORK/process.json" "$ID" echo no
	[ "$output" = $'11\n/tmp\ny' ]
	printf '{"cwd": "/",\n "args": ["true"], "user": {"uid": 1, "gid": "x"}}' >"$WORK/process.json"
	refused 'process.json:2:' --process "$WORK/process.json" "$ID"
	printf '{"cwd": "/",\n "args": []}' >"$WORK/process.json"
	refused 'process.json:2:' --process "$WORK/process.json" "$ID"
	printf '{"cwd": "/", "args": ["true"]} x' >"$WORK/process.json"
	refused 'process.json:1:' --process "$WORK/process.json" "$ID"
	: >"$WORK/process.json"
	refused process.json --process "$WORK/process.json" "$ID"
	refused "no such file or directory" --process "$WORK/nosuch" "$ID"
	refused "not a regular file" --process "$WORK" "$ID"
	mkfifo "$WORK/fifo"
	refused "not a regular file" --process "$WORK/fifo" "$ID"
}

@test "detached: the pid file names a process that runs the program" {
	running
	detached exec --detach --pid-file "$WORK/pid" "$ID" sleep 1000
	[ "$status" -eq 0 ]
	[[ $(cat "$WORK/pid") =~ ^[0-9]+$ ]]
	[ "$(tr '\0' ' ' <"/proc/$(cat "$WORK/pid")/cmdline")" = "sleep 1000 " ]
	kill "$(cat "$WORK/pid")"
	wait_for is_gone "$(cat "$WORK/pid")"
}

@test "a pid file appears only when the program runs" {
	running
	refused 'exec: "nosuch": executable file not found in $PATH' --detach --pid-file "$WORK/pid" "$ID" nosuch
	[ ! -e "$WORK/pid" ]
	# What is found and cannot be executed fails in execve itself.
	printf '\177ELFgarbage' >"$BUNDLE/rootfs/bin/garbage"
	chmod 755 "$BUNDLE/rootfs/bin/garbage"
	run -255 nsrun exec --detach --pid-file "$WORK/pid" "$ID" garbage
	[ ! -e "$WORK/pid" ]
	# A pid file that cannot be written ends the process that it would have named.
	mkdir "$WORK/dir"
	refused 'pid file' --detach --pid-file "$WORK/dir" "$ID" sleep 1000
	refused 'pid file' --detach --pid-file "$WORK/nosuch/pid" "$ID" sleep 1000
}

@test "what cannot be executed" {
	running
	refused 'exec: "/nosuch": stat /nosuch: no such file or directory' "$ID" /nosuch
	refused 'exec: "/etc": is a directory' "$ID" /etc
	refused 'exec: "/etc/passwd": permission denied' "$ID" /etc/passwd
	refused 'no command is given' "$ID"
	refused 'executable path is empty' "$ID" ''
	refused 'cwd "/nosuch"' --cwd /nosuch "$ID" true
	refused 'is not an absolute path' --cwd tmp "$ID" true
}

@test "a container that is missing, stopped, paused or only created" {
	run -255 nsrun exec nobody true
	[[ $output == *"container does not exist"* ]]
	running
	nsrun pause "$ID"
	run -255 nsrun exec "$ID" true
	[[ $output == *"cannot exec in a paused container (use --ignore-paused to override)"* ]]
	nsrun resume "$ID"
	nsrun kill "$ID" KILL
	wait_for is_status "$ID" stopped
	run -255 nsrun exec "$ID" true
	[[ $output == *"cannot exec in a stopped container"* ]]
	new_bundle
	detached create --bundle "$BUNDLE" "$ID"
	run -0 nsrun exec "$ID" echo early
	[ "$output" = early ]
	[ "$(status_of "$ID")" = created ]
}

# bats test_tags=bed
@test "--ignore-paused waits in the freezer" {
	skip_unless cgroup
	running
	nsrun pause "$ID"
	"$NSRUN" --root "$ROOT" exec --ignore-paused "$ID" true </dev/null 3>&- &
	local exec=$!
	sleep 0.3
	kill -0 $exec
	nsrun resume "$ID"
	exits 0 $exec
}

@test "a terminal" {
	running
	run -0 nsrun exec -t "$ID" sh -c 'tty; test -t 0 && test -t 1 && test -t 2 && echo yes'
	[[ $output == /dev/pts/*yes* ]]
	run -255 nsrun exec -t --detach "$ID" true
	[[ $output == *"cannot allocate tty if nsrun will detach without setting console socket"* ]]
	run -255 nsrun exec --detach --console-socket "$WORK/nobody" "$ID" true
	[[ $output == *"cannot use console socket"* ]]
	run -255 nsrun exec --detach -t --console-socket "$WORK/nobody" "$ID" true
	[[ $output == *"connect to the console socket"* ]]
}

@test "a terminal over a console socket" {
	running
	"$TOOLS/recvtty" "$WORK/console" >"$WORK/tty" 3>&- &
	local tty=$!
	wait_for test -S "$WORK/console"
	detached exec -t --detach --console-socket "$WORK/console" --pid-file "$WORK/pid" "$ID" sh -c 'tty; echo done'
	[ "$status" -eq 0 ]
	wait_for grep -q done "$WORK/tty"
	grep -q /dev/pts/ "$WORK/tty"
	wait_for is_gone "$(cat "$WORK/pid")"
	kill $tty 2>/dev/null || :
	wait $tty || :
}

@test "descriptors: none of ours, those that are to be preserved" {
	running
	run -0 nsrun exec "$ID" sh -c 'ls /proc/self/fd | tr "\n" " "'
	[ "$output" = "0 1 2 3 " ] # 3 is the directory that ls reads
	echo kept >"$WORK/file"
	run -0 "$NSRUN" --root "$ROOT" exec --preserve-fds 1 "$ID" sh -c 'cat <&3' </dev/null 3<"$WORK/file"
	[ "$output" = kept ]
	run -255 nsrun exec --preserve-fds 1 "$ID" true
	[[ $output == *"descriptor 3 is to be preserved and is not open"* ]]
}

@test "cpus: one list before the cgroup, one in it" {
	[ "$(nproc)" -ge 2 ] || skip "needs two cpus"
	running
	process '.args = ["grep", "Cpus_allowed_list", "/proc/self/status"] | .execCPUAffinity = {initial: "0", final: "1"}'
	run -0 nsrun exec --process "$WORK/process.json" "$ID"
	[ "$output" = $'Cpus_allowed_list:\t1' ]
	# Where the caller may run is nothing to the container.
	run -0 taskset -c 0 "$NSRUN" --root "$ROOT" exec "$ID" grep Cpus_allowed_list /proc/self/status </dev/null 3>&-
	[ "$output" = "$(grep Cpus_allowed_list "/proc/$(pid_of "$ID")/status")" ]
	process '.args = ["true"] | .execCPUAffinity = {final: "4000"}'
	refused 'none of the cpus 4000' --process "$WORK/process.json" "$ID"
}

@test "cpus of the container's config hold for exec where the process has none" {
	[ "$(nproc)" -ge 2 ] || skip "needs two cpus"
	running '.process.execCPUAffinity = {final: "1"}'
	run -0 nsrun exec "$ID" grep Cpus_allowed_list /proc/self/status
	[ "$output" = $'Cpus_allowed_list:\t1' ]
	process '.args = ["grep", "Cpus_allowed_list", "/proc/self/status"] | del(.execCPUAffinity)'
	run -0 nsrun exec --process "$WORK/process.json" "$ID"
	[ "$output" = $'Cpus_allowed_list:\t1' ]
}

# bats test_tags=bed
@test "--cgroup: one below the container's, and no other" {
	skip_unless cgroup1
	running
	mkdir "/sys/fs/cgroup/pids/nsrun-$ID/sub"
	run -0 nsrun exec --cgroup pids:/sub "$ID" sleep 0
	detached exec --detach --cgroup pids:sub --pid-file "$WORK/pid" "$ID" sleep 1000
	grep -q ":pids:.*/nsrun-$ID/sub$" "/proc/$(cat "$WORK/pid")/cgroup"
	! grep -q ":memory:.*/sub$" "/proc/$(cat "$WORK/pid")/cgroup"
	kill "$(cat "$WORK/pid")"
	wait_for is_gone "$(cat "$WORK/pid")"
	refused 'leads out of the container' --cgroup pids:/../x "$ID" true
	refused 'leads out of the container' --cgroup .. "$ID" true
	refused 'no such file or directory' --cgroup pids:nosuch "$ID" true
	refused 'no cgroup for' --cgroup nosuch:/sub "$ID" true
	rmdir "/sys/fs/cgroup/pids/nsrun-$ID/sub"
}

# bats test_tags=bed
@test "cgroup v2: where the container's own gives controllers away, it is the one that init is in" {
	running
	local cgroup
	cgroup=$(find /sys/fs/cgroup -maxdepth 2 -type d -name "nsrun-$ID" -exec test -e {}/cgroup.controllers \; -print)
	[ -n "$cgroup" ] || skip "needs a cgroup2 hierarchy"
	[ -s "$cgroup/cgroup.controllers" ] || skip "the cgroup2 hierarchy has no controllers"
	mkdir "$cgroup/init"
	pid_of "$ID" >"$cgroup/init/cgroup.procs"
	echo "+$(cut -d' ' -f1 "$cgroup/cgroup.controllers")" >"$cgroup/cgroup.subtree_control"
	detached exec --detach --pid-file "$WORK/pid" "$ID" sleep 1000
	[ "$status" -eq 0 ]
	grep -q "^0::.*/nsrun-$ID/init$" "/proc/$(cat "$WORK/pid")/cgroup"
	run -255 nsrun exec --cgroup / "$ID" true
	[[ $output == *"gives controllers to its children"* ]]
}

# bats test_tags=bed
@test "a user namespace: ids of the container, limits by the host" {
	skip_unless userns
	running '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1000}] |
		.linux.gidMappings = .linux.uidMappings | .process.rlimits = [{type: "RLIMIT_NOFILE", soft: 99, hard: 100}]'
	run -0 nsrun exec "$ID" sh -c 'id -u; ulimit -n; cat /proc/self/uid_map'
	[ "$(tr -s ' \n' ' ' <<<"$output")" = "0 99 0 100000 1000 " ]
	run -0 nsrun exec -u 5:6 "$ID" sh -c 'id -u; id -g'
	[ "$output" = $'5\n6' ]
	refused 'uid 1000 is not mapped into the user namespace' -u 1000 "$ID" true
	detached exec --detach --pid-file "$WORK/pid" -u 5 "$ID" sleep 1000
	grep -q $'^Uid:\t100005\t' "/proc/$(cat "$WORK/pid")/status"
	kill "$(cat "$WORK/pid")"
	wait_for is_gone "$(cat "$WORK/pid")"
}

@test "the container's /proc and /dev decide nothing" {
	# A /proc that lies, and a /dev whose null and ptmx lead elsewhere.
	running '.root.readonly = false | .mounts |= map(select(.destination != "/proc" and .destination != "/dev/pts")) |
		.linux.maskedPaths = [] | .linux.readonlyPaths = []'
	mkdir -p "$BUNDLE/rootfs/proc/self/attr" "$BUNDLE/rootfs/proc/1/ns"
	ln -s /etc/passwd "$BUNDLE/rootfs/proc/self/cgroup"
	run -0 nsrun exec "$ID" sh -c 'echo fine; ls /proc'
	[[ $output == fine* ]]
	run -255 nsrun exec -t "$ID" true
	[[ $output == */dev/pts/ptmx* ]]
}

# bats test_tags=faults
@test "when nsrun is ended in the middle nothing is left" {
	skip_unless faults
	running
	local n last
	last=$(nsrun --debug exec "$ID" true 2>&1 | wc -l)
	for n in $(seq 1 60); do
		run env NSRUN_FAIL_AT=$n "$NSRUN" --root "$ROOT" exec "$ID" true </dev/null 3>&-
		[ "$status" -eq 255 ] || break
		[[ $output == *"step $n "* ]]
		[ "$(nsrun ps --format json "$ID" | jq length)" -eq 1 ]
		run env NSRUN_KILL_AT=$n "$NSRUN" --root "$ROOT" exec "$ID" true </dev/null 3>&-
		[ "$status" -ne 0 ]
		wait_for alone
	done
	echo "$n steps, status $status, $last"
	[ "$n" -gt 20 ]
	[ "$status" -eq 0 ]
	# And with no way to the end the container is still of use.
	run -0 nsrun exec "$ID" echo alive
	[ "$output" = alive ]
}

alone() {
	[ "$(nsrun ps --format json "$ID" | jq length)" -eq 1 ]
}

@test "a container that is deleted under a running exec takes it along" {
	running
	"$NSRUN" --root "$ROOT" exec "$ID" sleep 1000 </dev/null 3>&- &
	local exec=$!
	wait_for two
	nsrun delete --force "$ID"
	exits 137 $exec
}

# of_exec PID: the command and its processes, one per line
of_exec() {
	local child

	echo "$1"
	for child in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
		of_exec "$child"
	done
}

# has_state STATE PID: one of them has it (proc(5)), and its pid is in found
has_state() {
	local pid

	for pid in $(of_exec "$2"); do
		! grep -qs "^State:.$1" "/proc/$pid/status" || {
			found=$pid
			return
		}
	done
	return 1
}

# stopped_or_gone PID: for wait_for
stopped_or_gone() {
	has_state T "$1" || is_gone "$1"
}

# gone_or_waiting DELETION EXEC: for wait_for; a delete waits for the stopped exec to see its process end
gone_or_waiting() {
	is_gone "$1" || has_state Z "$2"
}

# The kernel keeps init until the parents of all that were in its pid namespace have seen them end: delete cannot, while
# the one of an exec is stopped.
# bats test_tags=faults
@test "a container that is deleted at any step of an exec has stopped: no other answer" {
	skip_unless faults
	local n exec deletion found said rc
	for n in $(seq 1 60); do
		running
		NSRUN_STOP_AT=$n "$NSRUN" --root "$ROOT" exec "$ID" true </dev/null >"$WORK/said" 2>&1 3>&- &
		exec=$!
		wait_for stopped_or_gone $exec
		nsrun delete --force "$ID" &
		deletion=$!
		wait_for gone_or_waiting $deletion $exec
		! has_state T $exec || kill -CONT "$found"
		exits 0 $deletion
		rc=0
		wait $exec || rc=$?
		# What stops after the program's start, if anything, is too late.
		[ $rc -ne 0 ] || break
		said=$(<"$WORK/said")
		echo "step $n: status $rc: $said"
		[[ $rc -eq 255 && $said == "nsrun: exec failed: cannot exec in a stopped container"* ]]
	done
	echo "$n steps"
	[ "$n" -gt 20 ] && [ "$n" -lt 60 ]
}

two() {
	[ "$(nsrun ps --format json "$ID" | jq length)" -eq 2 ]
}

# NSRUN_EXECS of them: 1000 is what a container may see in an hour.
@test "many, eight at a time: no process, cgroup, file or descriptor is left of them" {
	running '.linux.resources.pids.limit = 200'
	local i each=$((${NSRUN_EXECS:-40} / 8)) before
	left_by_exec >"$WORK/before"
	for i in $(seq 1 8); do
		(for ((j = 0; j < each; j++)); do nsrun exec "$ID" true || echo failed; done) >>"$WORK/all" 2>&1 &
	done
	wait
	[ ! -s "$WORK/all" ]
	left_by_exec >"$WORK/after"
	diff "$WORK/before" "$WORK/after"
}

# left_by_exec: what is there of the container
left_by_exec() {
	nsrun ps --format json "$ID"
	find /sys/fs/cgroup -type d -name "nsrun-$ID*" | sort
	find "$ROOT" | sort
	ls "/proc/$(pid_of "$ID")/fd"
}
