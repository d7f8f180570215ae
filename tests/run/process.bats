#!/usr/bin/env bats
# process.bats: what the program starts with: user, directory, environment, rights, limits, terminal, descriptors.

load helpers

needs() {
	skip_unless root
}

# says WANT SCRIPT: the container runs it with sh, and it prints that and nothing else
says() {
	in_container "$2"
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$output" = "$1" ] || {
		echo "wanted: $1"
		echo "got: $output"
		return 1
	}
}

# refused TEXT: create says no with the text, and nothing is left
refused() {
	detached create --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 1 ]
	grep -qF -- "$1" <<<"$output"
	[ -z "$(leftovers)" ]
}

# program NAME MODE: a program in the rootfs, its text from stdin
program() {
	cat >"$BUNDLE/rootfs/bin/$1"
	chmod "$2" "$BUNDLE/rootfs/bin/$1"
}

@test "an empty host name is none: without a UTS namespace the host keeps its own" {
	new_bundle
	edit '.hostname = "" | .domainname = "" | .linux.namespaces |= map(select(.type != "uts"))'
	in_container 'hostname'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$output" = "$(hostname 2>/dev/null || cat /proc/sys/kernel/hostname)" ]
	run -0 nsrun plan "$BUNDLE"
	[[ $output != *hostname* && $output != *domainname* ]]
}

@test "user, groups and umask" {
	new_bundle
	says '0 0 0 0022' 'echo "$(id -u) $(id -g) $(id -G) $(umask)"'
	edit '.process.user = {uid: 1000, gid: 2000, additionalGids: [3000, 4000], umask: 63}'
	says '1000 2000 2000 3000 4000 0077' 'echo "$(id -u) $(id -g) $(id -G) $(umask)"'
	says $'Uid:\t1000\t1000\t1000\t1000\nGid:\t2000\t2000\t2000\t2000' 'grep -E "^[UG]id:" /proc/self/status'
}

@test "the working directory is entered, and made when it is missing" {
	new_bundle
	edit '.process.cwd = "/tmp"'
	says /tmp pwd
	edit '.root.readonly = false | .process.cwd = "/new/dir"'
	says /new/dir pwd
	[ -d "$BUNDLE/rootfs/new/dir" ]
	echo >"$BUNDLE/rootfs/file"
	edit '.process.cwd = "/file"'
	refused 'not a directory'
}

@test "a working directory outside of the root is refused (CVE-2024-21626)" {
	new_bundle
	edit '.root.readonly = false'
	local fd
	for fd in 3 4 5 6 7 8 9 10 11 12 13; do
		edit '.process.cwd = "/proc/self/fd/\($fd)"' --arg fd $fd
		in_container 'ls ../../../etc/shadow; pwd'
		run nsrun run --bundle "$BUNDLE" "$ID"
		[ "$status" -ne 0 ]
		[[ $output != */etc/shadow ]]
	done
}

@test "the environment is the configured one, and HOME from the container's passwd" {
	new_bundle
	edit '.process.env = ["PATH=/bin", "A=b c", "EMPTY="] | .process.args = ["env"]'
	SECRET=1 run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$(sort <<<"$output")" = $'A=b c\nEMPTY=\nHOME=/root\nPATH=/bin' ]
	edit '.process.env += ["HOME=/x"]'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$(grep -c HOME= <<<"$output")" -eq 1 ]
	[[ $output == *HOME=/x* ]]
}

@test "arguments are passed as they are" {
	new_bundle
	edit '.process.args = ["printf", "[%s]", "", "a b", "*", "$HOME", "ü"]'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$output" = '[][a b][*][$HOME][ü]' ]
}

@test "a program that cannot be run is refused at create, with the cause" {
	new_bundle
	edit '.root.readonly = false | .process.args = ["nonesuch"]'
	refused 'exec: "nonesuch": executable file not found in $PATH'
	edit '.process.args = ["/nonesuch"]'
	refused 'exec: "/nonesuch": stat /nonesuch: no such file or directory'
	edit '.process.args = ["/etc/passwd"]'
	refused 'exec: "/etc/passwd": permission denied'
	edit '.process.args = ["/etc"]'
	refused 'is a directory'
	edit '.process.args = ["/etc/passwd/x"]'
	refused 'not a directory'
	edit '.process.args = [""]'
	refused ''
	printf '#!/no/interpreter\n' | program script 755
	edit '.process.args = ["/bin/script"]'
	refused '/no/interpreter'
	[[ $output == *"no such file or directory"* ]]
	printf '#!/bin/sh\r\necho hi\r\n' | program script 755
	refused 'CR'
	printf '' | program script 755
	detached run --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 1 ]
	# A program whose ELF loader is not in the rootfs.
	if file=$(command -v bash) && readelf -l "$file" 2>/dev/null | grep -q interpreter; then
		program dynamic 755 <"$file"
		edit '.process.args = ["/bin/dynamic"]'
		refused 'ld-'
	fi
	# Only another user may run it.
	program private 700 <"$BUNDLE/rootfs/bin/busybox"
	edit '.process.args = ["/bin/private"] | .process.user = {uid: 1000, gid: 1000}'
	refused 'exec: "/bin/private": permission denied'
	edit '.process.args = ["private"]'
	refused 'exec: "private": executable file not found in $PATH'
}

@test "PATH is the container's" {
	new_bundle
	edit '.process.env = ["PATH=/nowhere:/opt"] | .process.args = ["tool"]'
	mkdir "$BUNDLE/rootfs/opt"
	printf '#!/bin/sh\necho found\n' >"$BUNDLE/rootfs/opt/tool"
	refused 'executable file not found in $PATH'
	chmod 755 "$BUNDLE/rootfs/opt/tool"
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$output" = found ]
}

@test "the five sets of capabilities are exactly the configured ones" {
	new_bundle
	edit 'del(.process.capabilities)'
	says $'CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nCapBnd:\t0000000000000000\nCapAmb:\t0000000000000000' \
		'grep ^Cap /proc/self/status'
	edit '.process.capabilities = {bounding: ["CAP_CHOWN", "CAP_KILL", "CAP_SYS_ADMIN"], permitted: ["CAP_CHOWN", "CAP_KILL"],
		effective: ["CAP_CHOWN"], inheritable: ["CAP_KILL"], ambient: ["CAP_KILL"]} | .process.user = {uid: 1, gid: 1}'
	says $'CapInh:\t0000000000000020\nCapPrm:\t0000000000000020\nCapEff:\t0000000000000020\nCapBnd:\t0000000000200021\nCapAmb:\t0000000000000020' \
		'grep ^Cap /proc/self/status'
}

@test "rlimits, no_new_privs, oom_score_adj, sysctl" {
	new_bundle
	edit '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 200}, {type: "RLIMIT_CORE", soft: 0, hard: 0},
		{type: "RLIMIT_FSIZE", soft: 77, hard: 77}]'
	in_container 'ulimit -n; ulimit -H -n; ulimit -c; ulimit -f'
	# jq counts in floating point.
	sed -i 's/\<77\>/18446744073709551615/' "$BUNDLE/config.json"
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$output" = $'100\n200\n0\nunlimited' ]
	edit 'del(.process.rlimits)'
	says $'NoNewPrivs:\t1' 'grep NoNewPrivs /proc/self/status'
	edit '.process.noNewPrivileges = false'
	says $'NoNewPrivs:\t0' 'grep NoNewPrivs /proc/self/status'
	edit '.process.oomScoreAdj = 321'
	says 321 'cat /proc/self/oom_score_adj'
	edit '.linux.sysctl = {"net.ipv4.ip_forward": "1", "kernel.msgmax": "4096", "kernel.domainname": "example.org"}'
	says $'1\n4096' 'cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax'
}

@test "a scheduling policy, and why the kernel refuses one" {
	skip_unless chrt
	new_bundle
	# running FILTER: chrt(1) speaks of the container's program
	running() {
		edit "$1"
		in_container 'exec sleep 100'
		detached run --detach --bundle "$BUNDLE" "$ID"
		[ "$status" -eq 0 ]
		chrt -p "$(pid_of "$ID")"
		cat "/proc/$(pid_of "$ID")/stat" | cut -d ' ' -f 19
		nsrun delete --force "$ID"
	}
	[[ $(running '.process.scheduler = {policy: "SCHED_BATCH", nice: 5}') == *SCHED_BATCH*$'\n'5 ]]
	[[ $(running '.process.scheduler = {policy: "SCHED_IDLE"}') == *SCHED_IDLE* ]]
	[[ $(running '.process.scheduler = {policy: "SCHED_OTHER", nice: -5, flags: ["SCHED_FLAG_RESET_ON_FORK"]}') == *SCHED_OTHER*RESET*$'\n'-5 ]]
	# The kernel asks for a capability of the host's user namespace, so the host's side does it.
	[[ $(running '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings') == *SCHED_OTHER*$'\n'-5 ]]
	edit '.process.scheduler = {policy: "SCHED_FIFO", priority: 7}'
	if [ -e /sys/fs/cgroup/cpu/cpu.rt_runtime_us ]; then
		refused "the container's cgroup has no realtime bandwidth"
		edit '.linux.resources.cpu = {realtimeRuntime: 1000, realtimePeriod: 1000000}'
	fi
	[[ $(running .) == *SCHED_FIFO*priority:\ 7* ]]
	edit 'del(.linux.resources.cpu) | .process.scheduler = {policy: "SCHED_DEADLINE", runtime: 1000000, deadline: 9000000, period: 90000000}'
	[[ $(running .) == *SCHED_DEADLINE* ]]
	edit '.process.scheduler.period = 900000000000 | .process.scheduler.deadline = 900000000000'
	refused 'invalid argument'
}

@test "an I/O priority" {
	skip_unless ionice
	new_bundle
	edit '.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6}'
	says 'best-effort: prio 6' 'ionice -p $$'
	edit '.process.ioPriority = {class: "IOPRIO_CLASS_IDLE", priority: 0} | .process.user.uid = 5'
	says 'idle' 'ionice -p $$'
	edit '.process.ioPriority = {class: "IOPRIO_CLASS_RT", priority: 1} | .linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
	says 'realtime: prio 1' 'ionice -p $$'
}

@test "a memory policy, and nodes that are not there" {
	[ -e /proc/self/numa_maps ] || skip "needs a kernel with NUMA"
	new_bundle
	in_container 'head -n 1 /proc/self/numa_maps | cut -d " " -f 2'
	local mode
	for mode in BIND:bind:0 INTERLEAVE:interleave:0 PREFERRED:prefer:0; do
		edit '.linux.memoryPolicy = {mode: "MPOL_\($mode)", nodes: "0"}' --arg mode "${mode%%:*}"
		run -0 nsrun run --bundle "$BUNDLE" "$ID"
		[ "$output" = "${mode#*:}" ]
	done
	edit '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_STATIC_NODES"]}'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$output" = bind=static:0 ]
	edit '.linux.memoryPolicy = {mode: "MPOL_LOCAL"}'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$output" = local ]
	edit '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "1000"}'
	refused 'none of the memory nodes 1000 is there'
}

@test "a personality" {
	new_bundle
	edit '.linux.personality = {domain: "LINUX32"}'
	says 00000008 'cat /proc/self/personality'
	edit '.linux.personality = {domain: "LINUX"}'
	says 00000000 'cat /proc/self/personality'
	edit '.linux.personality = {domain: "LINUX", flags: ["X"]}'
	refused '/linux/personality/flags'
}

@test "a label without its security module is refused, one of it is applied" {
	new_bundle
	edit '.process.apparmorProfile = "nsrun-none-such"'
	if [ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ]; then
		refused 'write to `/proc/self/attr/apparmor/exec`: the profile is not loaded'
	else
		refused 'apparmor: config provided but apparmor not supported: there is no `/proc/self/attr/apparmor/exec`'
	fi
	edit '.process.apparmorProfile = "unconfined"'
	says ok 'echo ok'
	edit 'del(.process.apparmorProfile) | .process.selinuxLabel = "system_u:system_r:none_t:s0"'
	if [ -e /sys/fs/selinux/enforce ]; then
		refused 'write to `/proc/self/attr/'
	else
		refused 'selinux label is specified in config, but selinux is disabled or not supported'
	fi
}

@test "an AppArmor profile confines the program" {
	[ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ] || skip "needs AppArmor"
	skip_unless apparmor_parser
	cat >"$WORK/profile" <<-'END'
		profile nsrun-test flags=(attach_disconnected,mediate_deleted) {
			file,
			deny /denied r,
		}
	END
	apparmor_parser -r -W "$WORK/profile" || skip "profiles cannot be loaded here"
	new_bundle
	echo secret >"$BUNDLE/rootfs/denied"
	local nnp ok=0
	for nnp in true false; do
		edit '.process.apparmorProfile = "nsrun-test" | .process.noNewPrivileges = $nnp' --argjson nnp $nnp
		in_container 'cat /proc/self/attr/current /denied'
		run nsrun run --bundle "$BUNDLE" "$ID"
		echo "$output"
		[[ $status -eq 1 && $output == *"nsrun-test (enforce)"*/denied*"Permission denied"* ]] || ok=1
	done
	apparmor_parser -R "$WORK/profile"
	return $ok
}

@test "the session keyring is the container's own, or with --no-new-keyring the caller's" {
	[ -r /proc/keys ] || skip "needs a kernel with keys"
	new_bundle
	edit 'del(.linux.maskedPaths)'
	in_container 'grep -w keyring /proc/keys; true'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[[ $output == *" $ID: empty"* ]]
	# The kernel removes that one in its own time.
	ID=$ID-kept
	run -0 nsrun run --no-new-keyring --bundle "$BUNDLE" "$ID"
	[[ $output != *" $ID: "* ]]
}

@test "a capability that nobody knows is a warning, and not granted" {
	new_bundle
	edit '.process.capabilities.bounding = ["CAP_KILL", "CAP_NONE_SUCH"] | .process.capabilities.permitted = ["CAP_KILL"]
		| .process.capabilities.effective = ["CAP_KILL"] | .process.capabilities.inheritable = [] | .process.capabilities.ambient = []'
	in_container 'grep CapBnd /proc/self/status'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[[ $output == *'"CAP_NONE_SUCH" is not a capability: it is not granted'* ]]
	[[ $output == *$'CapBnd:\t0000000000000020'* ]]
}

@test "sysctls of each namespace, in both spellings" {
	skip_unless ip
	new_bundle
	edit '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings | .linux.sysctl = {"kernel.shmmni": "77", "kernel/sem": "250 32000 100 200",
			"fs.mqueue.msg_max": "11", "net.ipv4.conf.lo.forwarding": "1", "net/ipv4/conf/lo/rp_filter": "2",
			"user.max_mnt_namespaces": "33", "kernel.domainname": "example.org"}'
	local f='/proc/sys/kernel/shmmni /proc/sys/kernel/sem /proc/sys/fs/mqueue/msg_max /proc/sys/net/ipv4/conf/lo/forwarding
		/proc/sys/net/ipv4/conf/lo/rp_filter /proc/sys/user/max_mnt_namespaces /proc/sys/kernel/domainname'
	says $'77\n250 32000 100 200\n11\n1\n2\n33\nexample.org' "cat $(tr '\n\t' '  ' <<<"$f") | tr '\t' ' '"
	# An interface with a dot in its name: the other separator stands for it.
	touch "$WORK/net"
	unshare --net="$WORK/net" ip link add name a.1 type veth peer name b.1 || skip "no veth here"
	edit '.linux.sysctl = {"net.ipv4.conf.a/1.forwarding": "1", "net/ipv4/conf/b.1/forwarding": "1"}
		| del(.linux.uidMappings, .linux.gidMappings) | .mounts |= map(select(.type != "sysfs"))
		| .linux.namespaces |= map(select(.type != "user") | if .type == "network" then .path = $path else . end)' --arg path "$WORK/net"
	in_container 'cat /proc/sys/net/ipv4/conf/a.1/forwarding /proc/sys/net/ipv4/conf/b.1/forwarding'
	run nsrun run --bundle "$BUNDLE" "$ID"
	umount "$WORK/net"
	[ "$status" -eq 0 ]
	[ "$output" = $'1\n1' ]
	edit '.linux.sysctl = {"kernel.hostname": "x"}'
	refused 'conflicts with the OCI "hostname" field'
	edit '.linux.sysctl = {"kernel.pid_max": "1000"}'
	refused 'is not in a separate kernel namespace'
	edit '.linux.namespaces |= map(del(.path)) | .linux.sysctl = {"net.ipv4.none_such": "1"}'
	refused 'no such file or directory'
}

@test "devices of all four types, their modes in decimal, and a file that is another" {
	new_bundle
	edit '.root.readonly = false | .linux.devices = [
		{path: "/dev/mem0", type: "c", major: 1, minor: 3, fileMode: 384, uid: 5, gid: 6},
		{path: "/dev/unbuffered", type: "u", major: 1, minor: 5},
		{path: "/dev/pipe", type: "p", fileMode: 416},
		{path: "/srv/block", type: "b", major: 7, minor: 9, fileMode: 511}]'
	says $'600 5 6 character special file 1 3\n666 0 0 character special file 1 5\n640 0 0 fifo 0 0\n777 0 0 block special file 7 9' \
		'stat -c "%a %u %g %F %t %T" /dev/mem0 /dev/unbuffered /dev/pipe /srv/block'
	edit '.linux.devices = [{path: "/srv/block", type: "c", major: 1, minor: 3}]'
	refused '/linux/devices/0'
	rm "$BUNDLE/rootfs/srv/block"
	echo >"$BUNDLE/rootfs/srv/block"
	refused '/linux/devices/0'
}

@test "seccomp, with and without no_new_privs" {
	skip_unless seccomp
	new_bundle
	edit '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir", "mkdirat"],
		action: "SCMP_ACT_ERRNO", errnoRet: 28}]} | .root.readonly = false'
	local nnp
	for nnp in true false; do
		edit ".process.noNewPrivileges = $nnp"
		in_container 'grep -E "^Seccomp:" /proc/self/status; mkdir /tmp/x'
		run -1 nsrun run --bundle "$BUNDLE" "$ID"
		[[ $output == *$'Seccomp:\t2'* ]]
		[[ $output == *"No space left on device"* ]]
	done
	edit '.linux.seccomp.syscalls[0].action = "SCMP_ACT_KILL_PROCESS" | del(.linux.seccomp.syscalls[0].errnoRet)
		| .process.args = ["mkdir", "/tmp/x"]'
	run -159 nsrun run --bundle "$BUNDLE" "$ID"
	# What nsrun itself needs between the filter and the program is the profile's business only with privileges.
	edit '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO", syscalls: [{action: "SCMP_ACT_ALLOW", names: ["read", "write",
		"execve", "exit_group", "exit", "brk", "arch_prctl", "set_tid_address", "set_robust_list", "rseq", "prlimit64",
		"mprotect", "getrandom", "readlink", "readlinkat", "newfstatat", "fstat", "ioctl", "getuid", "setuid", "setgid", "getgid", "prctl",
		"close", "rt_sigaction", "rt_sigprocmask"]}]} | .process.noNewPrivileges = true | .process.args = ["echo", "hi"]'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$output" = hi ]
}

@test "a seccomp filter on arguments and on the 32-bit architecture" {
	skip_unless seccomp
	new_bundle
	edit '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
		syscalls: [{names: ["kill"], action: "SCMP_ACT_ERRNO", args: [{index: 1, value: 10, op: "SCMP_CMP_EQ"}]}]}'
	says $'refused\nsent' 'sh -c "kill -10 \$\$" 2>/dev/null || echo refused; trap "echo sent" USR2; kill -12 $$'
}

@test "the program has no signal blocked or ignored, and its own session" {
	new_bundle
	in_container 'grep -E "^Sig(Blk|Ign)" /proc/self/status; cut -d" " -f6 /proc/self/stat'
	trap '' PIPE USR1
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$output" = $'SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n1' ]
}

@test "the program has 0, 1 and 2, and nothing of ours" {
	new_bundle
	exec 7</etc/passwd
	edit '.process.args = ["ls", "/proc/self/fd"]'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	# 3 is the directory that ls reads.
	[ "$output" = $'0\n1\n2\n3' ]
	exec 7<&-
}

@test "--preserve-fds keeps that many, LISTEN_FDS its own, and not one more" {
	new_bundle
	edit '.process.args = ["sh", "-c", "ls /proc/self/fd; read -r line <&3; echo $line; echo $LISTEN_FDS $LISTEN_PID"]'
	echo three >"$WORK/3"
	"$NSRUN" --root "$ROOT" run --bundle "$BUNDLE" --preserve-fds 2 "$ID" 3<"$WORK/3" 4</dev/null 5</dev/null >"$WORK/out"
	[ "$(cat "$WORK/out")" = $'0\n1\n2\n3\n4\n5\nthree' ] || [ "$(cat "$WORK/out")" = $'0\n1\n2\n3\n4\n5\nthree\n ' ] || {
		cat "$WORK/out"
		return 1
	}
	cat >"$WORK/listen" <<-'SH'
		export LISTEN_PID=$$ LISTEN_FDS=1
		exec "$@" 3<"$WORK/3" 4</dev/null
	SH
	WORK=$WORK sh "$WORK/listen" "$NSRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" >"$WORK/out"
	[ "$(cat "$WORK/out")" = $'0\n1\n2\n3\n4\nthree\n1 1' ]
}

@test "a terminal goes to the console socket" {
	skip_unless "${CC:-cc}"
	${CC:-cc} -D_GNU_SOURCE -o "$WORK/recvtty" "$BATS_TEST_DIRNAME/recvtty.c"
	new_bundle
	edit '.process.terminal = true | .process.consoleSize = {height: 40, width: 100}'
	in_container 'tty; stty size; ls -l /dev/console | cut -c1; test -t 0 && test -t 1 && test -t 2 && echo all; read -r x; echo "got $x"'
	"$WORK/recvtty" "$WORK/tty" $'hello\n' >"$WORK/said" 2>&1 3>&- &
	local receiver=$!
	wait_for test -S "$WORK/tty"
	detached run --detach --console-socket "$WORK/tty" --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	exits 0 "$receiver"
	tr -d '\r' <"$WORK/said" >"$WORK/plain"
	cat "$WORK/plain"
	grep -q '^name: /dev/p' "$WORK/plain"
	grep -qE '^/dev/(pts/0|console)$' "$WORK/plain"
	grep -qx '40 100' "$WORK/plain"
	grep -qx c "$WORK/plain"
	grep -qx all "$WORK/plain"
	grep -qx 'got hello' "$WORK/plain"
	wait_for is_status "$ID" stopped
}

@test "run makes a terminal for itself" {
	new_bundle
	edit '.process.terminal = true'
	in_container 'test -t 0 && test -t 1 && echo a terminal; exit 6'
	run -6 nsrun run --bundle "$BUNDLE" "$ID"
	[[ $output == *"a terminal"* ]]
}

@test "the program is not dumpable into our executable: /proc/PID/exe cannot be written (CVE-2019-5736)" {
	new_bundle
	detached create --bundle "$BUNDLE" "$ID"
	local pid before
	pid=$(pid_of "$ID")
	before=$(sha256sum <"$NSRUN")
	run ! bash -c "echo x >>/proc/$pid/exe"
	[ "$(sha256sum <"$NSRUN")" = "$before" ]
	nsrun delete --force "$ID"
	# The container asks for the runtime itself to be run as its program.
	edit '.process.args = ["/proc/self/exe", "--version"] | .root.readonly = false'
	run nsrun run --bundle "$BUNDLE" "$ID"
	[ "$(sha256sum <"$NSRUN")" = "$before" ]
}

@test "no protection can be switched off in a build without fault injection" {
	! grep -q NSRUN_FAIL_AT "$NSRUN" || skip "this build can inject faults"
	run ! grep -q NSRUN_UNSAFE "$NSRUN"
	new_bundle
	mkdir "$WORK/victim"
	ln -s "$WORK/victim" "$BUNDLE/rootfs/link"
	edit '.root.readonly = false | .process.args = ["id", "-u"] | .process.user.uid = 4294967295'
	export NSRUN_UNSAFE=root,links,follow,ids,exe,id,caps,fds,dumpable
	run ! nsrun run --bundle "$BUNDLE" "$ID"
	edit '.process.user.uid = 7 | .mounts += [{destination: "/link/made", type: "tmpfs", source: "t"}]'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$output" = 7 ]
	[ -z "$(ls -A "$WORK/victim")" ]
	run ! nsrun delete --force ../victim
	unset NSRUN_UNSAFE
}
