#!/usr/bin/env bats
# hints: each row of the table of hints is provoked by a real command, or hints.tsv says why it cannot be here.
# shellcheck disable=SC2016 # jq and shells of containers have $names

load helpers

TOP=$BATS_TEST_DIRNAME/../..

# rows: KIND, ERRNO and text of each row of src/apply/hint.c, a line each
rows() {
	sed -n -e 's/^\t{ \([A-Z_]*\), *\(E[A-Z0-9]*\), *"\(.*\)" },$/\1 \2 \3/p' "$TOP/src/apply/hint.c" | sed 's/\\"/"/g'
}

# plain [FLAG OF SPEC]...: a bundle that provoke() begins with; its program ends at once
plain() {
	[ -e "$TOP/src/apply/hint.c" ] || skip "the sources are not here"
	# No loop: bats looks at each command of one.
	declare -gA TEXTS
	eval "TEXTS=($(rows | sed "s/'/'\\\\''/g; s/^\([^ ]* [^ ]*\) \(.*\)/['\1']='\2'/"))"
	new_bundle "$@"
	jq 'del(.linux.resources) | .process.args = ["true"]' config.json >plain.json
	GLOBAL='' FLAGS='' filter_here=
}

# hinted KIND ERRNO [COMMAND...]: what it says has that row's hint, and it fails. Without a COMMAND: run of the bundle here
hinted() {
	local kind=$1 num=$2 text out rc=0

	text=${TEXTS[$kind $num]}
	[ -n "$text" ]
	shift 2
	# shellcheck disable=SC2086 # lists of words
	[ $# -gt 0 ] || set -- "$NSRUN" --root "$ROOT" $GLOBAL run $FLAGS "$ID"
	out=$("$@" </dev/null 2>&1 3>&-) || rc=$?
	[ "$rc" -ne 0 ] && [[ $out == *"  hint: $text"* ]] || {
		echo "$kind $num: status $rc, expected: $text"
		echo "$out"
		return 1
	}
}

# provoke KIND ERRNO FILTER [WRAPPER...]: the same for a config that is changed so; WRAPPER starts nsrun
provoke() {
	local kind=$1 num=$2

	# Starting jq takes as long as a container.
	[ "$3" = "${filter_here:-}" ] || jq -c "$3" plain.json >config.json
	filter_here=$3
	shift 3
	if [ $# -eq 0 ]; then
		hinted "$kind" "$num"
	else
		# shellcheck disable=SC2086 # lists of words
		hinted "$kind" "$num" "$@" "$NSRUN" --root "$ROOT" $GLOBAL run $FLAGS "$ID"
	fi
}

# denied KIND ERRNO CALL [FILTER]: the same where a filter around nsrun makes that system call fail with ERRNO
denied() {
	provoke "$1" "$2" "${4:-.}" "$TOOLS/deny" "$2" "$3"
}

# in_mounts SCRIPT COMMAND...: COMMAND in a mount namespace of its own, behind SCRIPT
in_mounts() {
	local script=$1

	shift
	unshare -m sh -c "$script"' && exec "$@"' sh "$@"
}

# limited LIMITS COMMAND...: with these words of ulimit
limited() {
	local limits=$1

	shift
	sh -c "ulimit $limits; "'exec "$@"' sh "$@"
}

@test "each row is provoked here, or hints.tsv says why it is not" {
	[ -e "$TOP/src/apply/hint.c" ] || skip "the sources are not here"
	rows | sed 's/^\([A-Z_]* [A-Z0-9]*\) .*/\1/' | sort >"$WORK/all"
	[ "$(wc -l <"$WORK/all")" -gt 120 ]
	sed -n 's/^\t*\(!.*|| \)*\(provoke\|denied\|hinted\) \([A-Z]*_[A-Z_]* E[A-Z0-9]*\) .*/\3/p; s/^\t*\(denied\) \([A-Z]*_[A-Z_]* E[A-Z0-9]*\) .*/\2/p' \
		"$BATS_TEST_FILENAME" | sort -u >"$WORK/provoked"
	grep -v '^#' "$BATS_TEST_DIRNAME/hints.tsv" | awk -F '\t' 'NF != 3 || length($3) < 10 { exit 1 } { print $1 " " $2 }' | sort >"$WORK/told"
	diff "$WORK/all" <(sort "$WORK/provoked" "$WORK/told") || {
		echo "< rows that are in neither; > in both, or of no row"
		return 1
	}
}

@test "the root file system and its mounts" {
	skip_unless root
	plain
	provoke STEP_ROOTFS ENOENT '.root.path = "nowhere"'
	touch file && ln -s rootfs link && ln -s loop rootfs/loop
	provoke STEP_ROOTFS ENOTDIR '.root.path = "file"'
	provoke STEP_ROOTFS ELOOP '.root.path = "link"'
	mount() { echo ".mounts += [{destination: \"$1\", type: \"$2\", source: \"$3\", options: [${4:-}]}]"; }
	provoke STEP_MOUNT ENODEV "$(mount /x nosuchfs x)"
	! grep -qw ext4 /proc/filesystems || provoke STEP_MOUNT ENOTBLK "$(mount /x ext4 "$PWD/file")"
	provoke STEP_MOUNT ENOENT "$(mount /x bind /no/such '"bind"')"
	provoke STEP_MOUNT ENOTDIR "$(mount /bin/busybox bind /tmp '"bind"')"
	provoke STEP_MOUNT EISDIR "$(mount /tmp bind /etc/passwd '"bind"')"
	provoke STEP_MOUNT ELOOP "$(mount /loop/x tmpfs x)"
	provoke STEP_MOUNT EINVAL "$(mount /x tmpfs x '"sizee=1m"')"
	provoke STEP_MOUNT E2BIG "$(mount /x tmpfs x "\"x=$(printf '%05000d' 0)\"")"
	provoke HINT_ANY ENAMETOOLONG "$(mount "/$(printf '%0300d' 0)" tmpfs x)"
	mknod null b 4095 9
	! grep -qw ext4 /proc/filesystems || provoke STEP_MOUNT ENXIO "$(mount /x ext4 "$PWD/null")"
	provoke STEP_MOUNT EROFS "$(mount /not-there tmpfs x)" in_mounts 'mount --bind rootfs rootfs && mount -o remount,ro,bind rootfs'
	provoke STEP_MOUNT ENOSPC "$(mount /n/y/z tmpfs x)" \
		in_mounts 'mount -t tmpfs -o nr_inodes=5 x rootfs && mkdir rootfs/proc rootfs/dev rootfs/sys'
	provoke STEP_TREE ENOENT ".mounts += [{destination: \"/x\", type: \"bind\", source: \"/no/such\", options: [\"bind\", \"idmap=uids=0-1-10;gids=0-1-10\"]}]"
	provoke STEP_TREE ELOOP ".mounts += [{destination: \"/x\", type: \"bind\", source: \"$PWD/rootfs/loop\", options: [\"bind\", \"idmap=uids=0-1-10;gids=0-1-10\"]}]"
	provoke STEP_TREE EINVAL ".mounts += [{destination: \"/x\", type: \"bind\", source: \"/proc\", options: [\"bind\", \"idmap=uids=0-1-10;gids=0-1-10\"]}]"
	provoke STEP_COVER ELOOP '.linux.maskedPaths = ["/loop"]'
	mkdir jail jail/proc jail/sys jail/dev && mknod jail/dev/null c 1 3 && cp "$NSRUN" jail/nsrun && mv rootfs plain.json jail && cp jail/plain.json jail/config.json
	hinted STEP_PROPAGATE EINVAL in_mounts 'mount -t proc proc jail/proc' \
		chroot jail /nsrun --root /state --cgroup-manager disabled run "$ID"
}

@test "devices, the terminal and the keyring" {
	skip_unless root
	plain
	node() { echo ".mounts |= map(select(.destination | startswith(\"/dev\") | not)) | .linux.devices = [{path: \"$1\", type: \"c\", major: ${2:-1}, minor: 3}]"; }
	touch rootfs/dev/file
	provoke STEP_NODE EEXIST "$(node /dev/file)"
	provoke STEP_NODE ENOTDIR "$(node /bin/busybox/x)"
	provoke STEP_NODE EROFS "$(node /x/y)" in_mounts 'mount --bind rootfs rootfs && mount -o remount,ro,bind rootfs'
	provoke STEP_NODE ENOSPC '.mounts |= map(if .destination == "/dev" then .options += ["nr_inodes=3"] else . end) |
		.mounts |= map(select(.destination | startswith("/dev/") | not))'
	tty='.process.terminal = true'
	FLAGS="--detach --console-socket $WORK/tty"
	console() {
		local rc=0

		rm -f "$WORK/tty"
		"$TOOLS/recvtty" "$WORK/tty" >/dev/null 2>&1 </dev/null &
		wait_for test -S "$WORK/tty"
		"$@" || rc=$?
		kill $!
		return $rc
	}
	provoke STEP_TTY ENOENT "$tty | .mounts |= map(select(.destination != \"/dev/pts\"))" console
	mkdir rootfs/dev/console
	provoke STEP_TTY ENOTSUP "$tty | .mounts |= map(select(.destination != \"/dev\"))" console
}

@test "names, limits, scheduling and memory" {
	skip_unless root
	plain
	provoke STEP_RLIMIT EPERM '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 9, hard: 9999999999}]'
	provoke STEP_SCHED EINVAL '.process.scheduler = {policy: "SCHED_DEADLINE", runtime: 1025, deadline: 1026, period: 1027}'
	provoke STEP_SCHED EOPNOTSUPP '.process.scheduler = {policy: "SCHED_OTHER", flags: ["SCHED_FLAG_UTIL_CLAMP_MIN"]}'
	provoke STEP_MEMPOLICY EINVAL '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "60"}'
	provoke WRITE_SYSCTL ENOENT '.linux.sysctl = {"net.ipv4.nonsense": "1"}'
	provoke WRITE_SYSCTL EINVAL '.linux.sysctl = {"net.ipv4.ip_forward": "x"}'
	provoke WRITE_SYSCTL ERANGE '.linux.sysctl = {"kernel.shmmni": "99999999999999999999999"}'
}

@test "the program" {
	skip_unless root
	plain
	args() { echo ".process.args = [\"$1\"] | .process.noNewPrivileges = true"; }
	cp rootfs/bin/busybox prog
	provoke STEP_LOOKUP ENOENT "$(args nosuch)"
	echo >rootfs/prog
	provoke STEP_LOOKUP EACCES "$(args /prog)"
	provoke STEP_LOOKUP EISDIR "$(args /bin)"
	provoke STEP_LOOKUP ENOTDIR "$(args /bin/busybox/x)"
	ln -s loop rootfs/loop
	provoke STEP_LOOKUP ELOOP "$(args /loop)"
	chmod 755 rootfs/prog
	echo hello >rootfs/prog
	provoke STEP_EXEC ENOEXEC "$(args /prog)"
	printf '#!/no/interpreter\n' >rootfs/prog
	provoke STEP_LOOKUP ENOENT "$(args /prog)"
	printf '#!/prog\n' >rootfs/prog
	provoke STEP_EXEC ELOOP "$(args /prog)"
	provoke STEP_EXEC E2BIG '.process.args = ["true", "x" * 200000]'
	busy() { "$@" 9>>rootfs/prog; }
	cat prog >rootfs/prog
	provoke STEP_EXEC ETXTBSY "$(args /prog)" busy
	setpriv --reuid=54321 --clear-groups sleep 600 3>&- &
	wait_for grep -q '^Uid:.54321' "/proc/$!/status"
	provoke STEP_EXEC EAGAIN '.process.user = {uid: 54321, gid: 0} | .process.rlimits = [{type: "RLIMIT_NPROC", soft: 0, hard: 0}]'
	kill $!
	if command -v setcap >/dev/null && setcap cap_sys_boot+ep rootfs/prog; then
		provoke STEP_EXEC EPERM "$(args /prog) | .process.noNewPrivileges = false"
	fi
	cd() { echo ".process.cwd = \"$1\" | .process.user = {uid: 5, gid: 5}"; }
	touch rootfs/file
	provoke STEP_CHDIR ENOTDIR "$(cd /file)"
	provoke STEP_CHDIR ELOOP "$(cd /loop/x)"
	provoke STEP_CHDIR ENOENT "$(cd /proc/nowhere)"
	provoke STEP_CHDIR ENOSPC "$(cd /t/x) | .mounts += [{destination: \"/t\", type: \"tmpfs\", source: \"x\", options: [\"nr_inodes=1\"]}]"
	FLAGS=
	jq 'del(.process)' plain.json >config.json
	filter_here=
	detached create "$ID"
	hinted STEP_EXEC EINVAL "$NSRUN" --root "$ROOT" start "$ID"
}

@test "system call filters and their agents" {
	skip_unless root seccomp
	plain
	rules() { echo ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", architectures: [\"SCMP_ARCH_$(uname -m | tr a-z A-Z)\"], syscalls: $1} | $2"; }
	provoke STEP_FILTER EFAULT "$(rules '[{names: ["nosuch"], action: "SCMP_ACT_ERRNO"}]' '.annotations = {"run.oci.seccomp_fail_unknown_syscall": "1"}')"
	provoke STEP_FILTER E2BIG "$(rules '[range(3000) * 4294967297 | {names: ["getcwd"], action: "SCMP_ACT_ERRNO", args: [{index: 0, value: ., op: "SCMP_CMP_EQ"}]}]' .)"
	agent() { rules '[{names: ["getcwd"], action: "SCMP_ACT_NOTIFY"}]' ".linux.seccomp.listenerPath = \"$1\""; }
	provoke STEP_AGENT ENOENT "$(agent "$WORK/nobody")"
	touch file
	"$TOOLS/listen" dgram "$WORK/dgram" >/dev/null 3>&- &
	wait_for test -S "$WORK/dgram"
	provoke STEP_AGENT EPROTOTYPE "$(agent "$WORK/dgram")"
	kill $!
	wait $! || :
	provoke STEP_AGENT ECONNREFUSED "$(agent "$WORK/dgram")"
	"$TOOLS/agent" "$WORK/agent" "$WORK/said" 3>&- &
	wait_for test -S "$WORK/agent"
	provoke STEP_NOTIFY EPIPE "$(agent "$WORK/agent")"
	rm -f "$WORK/agent"
	"$TOOLS/agent" "$WORK/agent" "$WORK/said" 3>&- &
	wait_for test -S "$WORK/agent"
	provoke STEP_NOTIFY ECONNRESET "$(agent "$WORK/agent")"
}

@test "hooks and what is written at the end" {
	skip_unless root
	plain
	hook() { echo ".hooks.createRuntime = [{path: \"$1\"} + {${2:-}}]"; }
	echo hello >script
	provoke STEP_HOOK ENOENT "$(hook /no/such)"
	provoke STEP_HOOK EACCES "$(hook "$PWD/script")"
	chmod 755 script
	provoke STEP_HOOK ENOEXEC "$(hook "$PWD/script")"
	provoke STEP_HOOK ETIMEDOUT "$(hook /bin/sleep 'args: ["sleep", "60"], timeout: 1')"
	provoke STEP_HOOK ECANCELED "$(hook /bin/false)"
	provoke STEP_HOOK E2BIG "$(hook /bin/true 'args: ["true", "x" * 200000]')"
	provoke STEP_HOOK EINTR "$(hook /bin/sleep 'args: ["sleep", "60"]')" timeout -s TERM 1
	mkdir dir full
	FLAGS="--pid-file $PWD/dir"
	provoke STEP_PUBLISH EISDIR .
	FLAGS="--pid-file $PWD/dir/$(printf '%0256d' 0)"
	provoke STEP_PUBLISH ENAMETOOLONG .
	FLAGS="--pid-file $PWD/full/pid"
	provoke STEP_PUBLISH ENOSPC . in_mounts 'mount -t tmpfs -o nr_inodes=1 x full'
	provoke STEP_PUBLISH EROFS . in_mounts 'mount -t tmpfs -o ro x full'
}

@test "namespaces" {
	skip_unless root
	plain
	join() { echo ".linux.namespaces |= map(select(.type != \"$1\")) + [{type: \"$1\", path: \"$2\"}]"; }
	provoke STEP_OPEN_NS ENOENT "$(join network /proc/4194304/ns/net)"
	provoke STEP_OPEN_NS EINVAL "$(join network /proc/self/ns/uts)"
	provoke STEP_OPEN_NS ENOTDIR "$(join network /etc/passwd/x)"
	users='.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
	provoke STEP_ROOTFS EACCES "$users" in_mounts "chmod 700 '$WORK'"
	chmod 711 "$WORK"
	mkdir -m 700 secret
	mkdir -m 700 secret/in
	provoke STEP_MOUNT EACCES "$users | .mounts += [{destination: \"/x\", type: \"bind\", source: \"$PWD/secret/in\", options: [\"bind\"]}]"
	chmod -R go-w rootfs
	provoke STEP_NODE EACCES "$users | .mounts |= map(select(.destination | startswith(\"/dev\") | not))"
	mkdir -m 700 rootfs/closed && touch rootfs/closed/file
	provoke STEP_CHDIR EACCES "$users | .process.cwd = \"/closed/in\""
	provoke STEP_COVER EACCES "$users | .linux.maskedPaths = [\"/closed/file\"]"
}

@test "cgroups" {
	skip_unless root cgroup
	plain
	provoke STEP_CGROUP ENOTDIR '.linux.cgroupsPath = "/cgroup.procs/x"'
	provoke STEP_CGROUP EEXIST '.linux.cgroupsPath = "/cgroup.procs"'
	limit() { echo ".linux.resources = {$1}"; }
	provoke WRITE_CGROUP ENODEV "$(limit 'blockIO: {throttleReadBpsDevice: [{major: 4090, minor: 9, rate: 1000}]}')"
	provoke WRITE_CGROUP EINVAL "$(limit 'unified: {"cgroup.max.depth": "nonsense"}')"
	provoke WRITE_CGROUP ENOENT "$(limit 'unified: {"cgroup.max.nonsense": "1"}')"
	provoke WRITE_CGROUP ERANGE "$(limit 'unified: {"cgroup.max.depth": "-5"}')"
	if command -v chrt >/dev/null && [ -e /sys/fs/cgroup/cpu/cpu.rt_runtime_us ]; then
		provoke STEP_ATTACH EINVAL . chrt -f 1
	fi
}

# v2_root: V2, where cgroup v2 is
v2_root() {
	V2=/sys/fs/cgroup
	[ ! -d $V2/unified ] || V2=$V2/unified
	[ -w "$V2/cgroup.subtree_control" ] || skip "needs a writable cgroup v2"
}

@test "no more cgroups below one of cgroup v2" {
	skip_unless root
	v2_root
	plain
	mkdir "$V2/${PREFIX}full"
	echo 0 >"$V2/${PREFIX}full/cgroup.max.descendants"
	provoke STEP_CGROUP EAGAIN ".linux.cgroupsPath = \"/${PREFIX}full/x\""
	rmdir "$V2/${PREFIX}full"
}

@test "a threaded cgroup of cgroup v2" {
	skip_unless root
	v2_root
	[ ! -s "$V2/cgroup.controllers" ] || skip "where cgroup v2 has controllers, another step finds this"
	plain
	mkdir "$V2/${PREFIX}threads"
	echo threaded >"$V2/${PREFIX}threads/cgroup.type"
	provoke STEP_ATTACH EOPNOTSUPP ".linux.cgroupsPath = \"/${PREFIX}threads/x\""
	rmdir "$V2/${PREFIX}threads"
}

@test "more levels of user namespaces than the kernel has" {
	skip_unless root userns
	plain --rootless
	cp plain.json config.json
	printf '%s\n' 'n=$1 && shift' '[ $n -gt 0 ] || exec "$@"' \
		'exec unshare -U --map-root-user sh nest $((n - 1)) "$@"' >nest
	run -1 sh nest 33 "$NSRUN" --root "$WORK/nested" --cgroup-manager disabled run "$ID"
	[[ $output == *max_user_namespaces*'nest user and pid namespaces less deep'* ]]
	run -0 sh nest 32 "$NSRUN" --root "$WORK/nested" --cgroup-manager disabled run "$ID"
}

@test "network devices" {
	skip_unless root ip
	plain
	ip_net() {
		unshare -n sh -c 'ip link add va type veth peer name vb && ip link add br0 type bridge && ip link set vb master br0; exec "$@"' sh "$@"
	}
	provoke STEP_NETDEV ENODEV '.linux.netDevices = {nosuch0: {name: "eth0"}}'
	provoke STEP_NETDEV EINVAL '.linux.netDevices = {lo: {name: "eth0"}}' ip_net
}

@test "what no step knows of" {
	skip_unless root
	plain
	provoke HINT_ANY EMFILE . limited '-n 7'
	denied HINT_ANY ENOSYS sethostname
	denied HINT_ANY ENFILE fsmount
	denied HINT_ANY ENOMEM pivot_root
	denied HINT_ANY ESRCH pivot_root
}

@test "system calls that fail as this machine does not let them fail" {
	skip_unless root seccomp
	plain
	denied STEP_HOSTNAME EPERM sethostname
	denied STEP_HOSTNAME EINVAL sethostname
	denied STEP_DOMAINNAME EPERM setdomainname '.domainname = "x"'
	denied STEP_DOMAINNAME EINVAL setdomainname '.domainname = "x"'
	fifo='mknodat'
	denied STEP_FIFOS ENOSPC $fifo
	denied STEP_FIFOS EDQUOT $fifo
	denied STEP_FIFOS EROFS $fifo
	denied STEP_FIFOS EACCES $fifo
	denied STEP_FIFOS EPERM $fifo
	denied STEP_CLONE ENOMEM clone3
	denied STEP_CLONE EAGAIN clone3
	denied STEP_CLONE EINVAL clone3
	denied STEP_CLONE EBUSY clone3
	denied STEP_CLONE EACCES clone3
	denied STEP_CLONE EOPNOTSUPP clone3
	denied STEP_MOUNT EIO fsmount
	denied STEP_MOUNT EUCLEAN fsmount
	denied STEP_MOUNT EBUSY fsmount
	denied STEP_MOUNT EAGAIN fsmount
	denied STEP_MOUNT EDQUOT fsmount
	denied STEP_PIVOT EINVAL pivot_root
	denied STEP_PIVOT EPERM pivot_root
	denied STEP_PIVOT EBUSY pivot_root
	denied STEP_ATTR EINVAL mount_setattr '.root.readonly = true'
	users='.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
	denied STEP_BECOME EINVAL setresuid "$users"
	denied STEP_BECOME EPERM setresuid "$users"
	denied STEP_CAPS EPERM capset
	denied STEP_CAPS EINVAL capset
	denied STEP_RLIMIT EINVAL prlimit64 '.process.rlimits = [{type: "RLIMIT_CORE", soft: 0, hard: 0}]'
	filter='.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["getcwd"], action: "SCMP_ACT_ERRNO"}]}'
	denied STEP_SECCOMP EPERM seccomp "$filter"
	denied STEP_SECCOMP EACCES seccomp "$filter"
	denied STEP_SECCOMP EINVAL seccomp "$filter"
	denied STEP_SECCOMP ENOMEM seccomp "$filter"
	denied STEP_KEYRING ENOMEM keyctl
	denied STEP_KEYRING EACCES keyctl
	denied STEP_PERSONALITY EPERM personality '.linux.personality = {domain: "LINUX32"}'
	denied STEP_PERSONALITY EINVAL personality '.linux.personality = {domain: "LINUX32"}'
	policy='.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0"}'
	denied STEP_MEMPOLICY EPERM set_mempolicy "$policy"
	denied STEP_MEMPOLICY ENOSYS set_mempolicy "$policy"
	denied STEP_SCHED EPERM sched_setattr '.process.scheduler = {policy: "SCHED_FIFO", priority: 1}'
	denied STEP_SCHED EBUSY sched_setattr '.process.scheduler = {policy: "SCHED_FIFO", priority: 1}'
	denied STEP_IOPRIO EPERM ioprio_set '.process.ioPriority = {class: "IOPRIO_CLASS_RT", priority: 1}'
	denied STEP_USER EPERM setgroups '.process.user.additionalGids = [5]'
	denied STEP_USER EINVAL setresuid '.process.user = {uid: 5, gid: 5}'
	denied STEP_USER EAGAIN setresuid '.process.user = {uid: 5, gid: 5}'
	join='.linux.namespaces |= map(if .type == "uts" then .path = "/proc/self/ns/uts" else . end) | del(.hostname)'
	denied STEP_JOIN EPERM setns "$join"
	denied STEP_JOIN EINVAL setns "$join"
	denied STEP_JOIN EUSERS setns "$join"
	mapped='.mounts += [{destination: "/x", type: "bind", source: "/tmp", options: ["bind", "idmap=uids=0-1-10;gids=0-1-10"]}]'
	denied STEP_TREE ENOSYS mount_setattr "$mapped"
	denied STEP_TREE ENOSPC open_tree "$mapped"
}

@test "an ordinary user" {
	skip_unless root setpriv
	plain
	as() { setpriv --reuid=12345 --regid=12345 --clear-groups "$@"; }
	mkdir "$WORK/user" && chown 12345 "$WORK/user" "$BUNDLE"
	ROOT=$WORK/user
	chmod 755 "$WORK"
	nsrun spec --no-terminal --rootless --config rootless.json
	jq 'del(.linux.resources) | .process.args = ["true"] | .linux.uidMappings[0].hostID = 12345 | .linux.gidMappings[0].hostID = 12345' rootless.json >plain.json
	GLOBAL='--cgroup-manager disabled'
	provoke STEP_OPEN_NS EACCES '.linux.namespaces |= map(if .type == "uts" then .path = "/proc/1/ns/uts" else . end) | del(.hostname)' as
	provoke STEP_IOPRIO EPERM '.process.ioPriority = {class: "IOPRIO_CLASS_RT", priority: 1}' as
	provoke STEP_SCHED EPERM '.process.scheduler = {policy: "SCHED_FIFO", priority: 1}' as
	if "$NSRUN" --version | grep -q 'libseccomp: [0-9]'; then
		(umask 077 && exec "$TOOLS/listen" stream "$WORK/closed" 3>&-) >/dev/null &
		wait_for test -S "$WORK/closed"
		provoke STEP_AGENT EACCES ".process.noNewPrivileges = true | .linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\",
			listenerPath: \"$WORK/closed\", syscalls: [{names: [\"getcwd\"], action: \"SCMP_ACT_NOTIFY\"}]}" as
		kill $!
	fi
	# Nobody has given this user a range.
	provoke STEP_IDMAP EPERM '.linux.uidMappings += [{containerID: 1, hostID: 100000, size: 10}]' as
	provoke STEP_CLONE EAGAIN . as prlimit --nproc=1
}
