#!/usr/bin/env bats
# ladder: each system call that a kernel or a seccomp profile may lack is taken away (tests/run/deny.c), once as on an
# old kernel (ENOSYS), once as by a profile that does not know it (EPERM). What has another way goes it, what has none
# is named, and nothing is left (teardown looks). cgroup.kill is no call: cgroup v1 is where it is missing.
# shellcheck disable=SC2154,SC2030,SC2031,SC2016 # bats sets status and output, each test is a process, jq has $names

load helpers

# What nsrun cannot do without, and the commands that need it. All of these are in Linux 5.10.
NEEDED="openat2 open_tree move_mount close_range pidfd_open pidfd_send_signal"
# What has another way: everything works with ENOSYS.
OTHERWISE="clone3 fsopen fsconfig fsmount mount_setattr pidfd_getfd memfd_create keyctl faccessat2"
# What is asked for by a property, and refused by its name.
BY_PROPERTY="bpf sched_setattr ioprio_set set_mempolicy"
# Older than every kernel that is supported (seccomp is of 3.17, execveat of 3.19, statx of 4.11, its ids of mounts of
# 5.8, vfork and the others of 2.4 and before), and allowed by every profile that lets a runtime work: no rung.
ALWAYS="capget capset clone getcwd getdents64 pivot_root rt_sigaction seccomp execveat statx"

# denied ERRNO CALL[,CALL]... COMMAND...: nsrun, without these calls
denied() {
	local errno=$1 calls=$2
	shift 2
	"$TOOLS/deny" "$errno" "$calls" "$NSRUN" --root "$ROOT" "$@" </dev/null 3>&-
}

# mounted_bundle [FLAG OF SPEC]...: a bundle with each kind of mount, whose program says how they are
mounted_bundle() {
	new_bundle "$@"
	mkdir -p "$BUNDLE/ro" "$BUNDLE/rootfs/hidden" "$BUNDLE/rootfs/fixed"
	touch "$BUNDLE/rootfs/hidden/x"
	edit '.mounts += [{destination: "/ro", type: "bind", source: $src, options: ["bind", "ro", "nosuid", "nodev"]},
			{destination: "/t", type: "tmpfs", source: "tmpfs", options: ["noatime", "noexec", "size=64k"]}]
		| .linux.maskedPaths += ["/hidden"] | .linux.readonlyPaths += ["/fixed"] | .linux.rootfsPropagation = "private"' \
		--arg src "$BUNDLE/ro"
	in_container 'grep -E " /(ro|t|fixed) " /proc/mounts | cut -d " " -f 2,4 | cut -d , -f 1-4 | sort
		touch /ro/x /fixed/x 2>/dev/null || echo read-only
		ls -A /hidden; test -c /dev/pts/ptmx -a -c /dev/null -a -e /sys/class && echo devices; id -u'
}

# expect_mounts: what such a program says
expect_mounts() {
	[[ $output == *"/ro ro,nosuid,nodev"* && $output == *"/t rw,noexec,noatime"* && $output == *"/fixed ro"* ]]
	[[ $output == *read-only$'\n'devices$'\n'0 ]]
}

# walks ERRNO CALLS: all of a container's life, and every kind of mount, with and without a user namespace
walks() {
	local errno=$1 calls=$2 flag

	for flag in --no-terminal --rootless; do
		mounted_bundle "$flag"
		run -0 denied "$errno" "$calls" run --bundle "$BUNDLE" "$ID"
		expect_mounts
	done
	new_bundle
	edit '.process.args = ["sleep", "1000"]'
	denied "$errno" "$calls" create --bundle "$BUNDLE" "$ID" >"$WORK/out" 2>&1
	[ ! -s "$WORK/out" ]
	denied "$errno" "$calls" start "$ID"
	[ "$(denied "$errno" "$calls" state "$ID" | jq -r .status)" = running ]
	denied "$errno" "$calls" pause "$ID"
	denied "$errno" "$calls" resume "$ID"
	denied "$errno" "$calls" list | grep -q "^$ID .*running"
	denied "$errno" "$calls" kill --all "$ID" KILL
	wait_for is_status "$ID" stopped
	denied "$errno" "$calls" delete "$ID"
	# A container that somebody else would have to clean up.
	detached run --detach --bundle "$BUNDLE" "$ID"
	denied "$errno" "$calls" delete --force "$ID"
}

@test "every system call that may be missing is walked by a test of this file" {
	local call rest known
	known=" $NEEDED $OTHERWISE $BY_PROPERTY $ALWAYS "
	cd "${SRCDIR:-$BATS_TEST_DIRNAME/../..}"
	{
		sed -n 's/.*syscall(SYS_\([a-z0-9_]*\).*/\1/p' src/*/*.c
		grep -ohE '\b(memfd_create|execveat|statx)\(' src/*/*.c | tr -d '('
	} | sort -u >"$WORK/calls"
	[ "$(wc -l <"$WORK/calls")" -gt 20 ]
	while read -r call; do
		[[ $known == *" $call "* ]] || {
			echo "$call: no rung"
			false
		}
	done <"$WORK/calls"
	# What the program says of them is the same.
	nsrun features --kernel | sed 1,2d >"$WORK/kernel"
	while read -r call _ _ rest; do
		case $call in
		*[.A-Z]*) continue ;;
		esac
		if [[ $rest == needed:* ]]; then
			[[ " $NEEDED " == *" $call "* ]]
		else
			[[ " $OTHERWISE " == *" $call "* ]]
		fi
	done <"$WORK/kernel"
	for call in $NEEDED; do
		grep -q "^$call .* needed: " "$WORK/kernel"
	done
}

@test "without a system call that is needed nothing is begun, and it is named" {
	local call
	new_bundle
	for call in $NEEDED; do
		run -1 denied ENOSYS "$call" run --bundle "$BUNDLE" "$ID"
		[ "${lines[0]}" = "nsrun: $call(2) is missing: nsrun needs Linux 5.10" ]
		[[ ${lines[1]} == "  hint: boot a newer kernel, "* ]]
		run -1 denied EPERM "$call" create --bundle "$BUNDLE" "$ID"
		# move_mount says EPERM to those without rights too.
		[ "$call" = move_mount ] || [ "${lines[0]}" = "nsrun: $call(2) is denied: nsrun cannot work without it" ]
		[ "$(nsrun list --quiet)" = "" ]
		[ -z "$(leftovers)" ]
	done
}

@test "a container lives on while a command cannot do without a system call" {
	skip_unless root
	local call errno words
	new_bundle
	edit '.process.args = ["sleep", "1000"]'
	detached run --detach --bundle "$BUNDLE" "$ID"
	for errno in ENOSYS EPERM; do
		words="is missing: nsrun needs Linux 5.10"
		[ "$errno" = ENOSYS ] || words="is denied: nsrun cannot work without it"
		for call in state kill delete list; do
			# shellcheck disable=SC2046 # list takes no id
			run -1 denied "$errno" openat2 "$call" $([ "$call" = list ] || echo "$ID")
			[ "${lines[0]}" = "nsrun: openat2(2) $words" ]
		done
		for call in pidfd_open pidfd_send_signal; do
			run -1 denied "$errno" "$call" kill "$ID" KILL
			[ "${lines[0]}" = "nsrun: $call(2) $words" ]
			run -1 denied "$errno" "$call" delete --force "$ID"
			[ "${lines[0]}" = "nsrun: $call(2) $words" ]
		done
	done
	[ "$(status_of "$ID")" = running ]
	nsrun delete --force "$ID"
}

@test "without a system call that has another way everything works" {
	skip_unless root userns
	local call
	for call in $OTHERWISE; do
		echo "# $call"
		walks ENOSYS "$call"
	done
}

@test "without all of them at once too" {
	skip_unless root userns
	walks ENOSYS "$(tr ' ' , <<<"${OTHERWISE/ memfd_create/}")"
	# As the kernel that is the oldest.
	walks ENOSYS mount_setattr,pidfd_getfd
}

@test "a profile that forbids one is named, or does not matter" {
	skip_unless root
	local call
	for call in pidfd_getfd keyctl memfd_create; do
		mounted_bundle
		run -0 denied EPERM "$call" run --bundle "$BUNDLE" "$ID"
		expect_mounts
	done
	for call in clone3 fsconfig mount_setattr; do
		run -1 denied EPERM "$call" run --bundle "$BUNDLE" "$ID"
		[[ $output == *"operation not permitted"*"hint: allow $call(2) in the seccomp profile that nsrun "* ]]
	done
	for call in fsopen fsmount move_mount; do
		run -1 denied EPERM "$call" run --bundle "$BUNDLE" "$ID"
		[[ $output == *"operation not permitted"* ]]
	done
	[ -z "$(leftovers)" ]
}

@test "our own executable is protected by a mount, by a copy, or not run" {
	skip_unless root
	new_bundle
	[ "$(findmnt -no OPTIONS -T "$NSRUN" | grep -c '^ro')" -eq 0 ] || skip "nsrun is on a read-only mount"
	denied ENOSYS mount_setattr create --bundle "$BUNDLE" "$ID" >"$WORK/out" 2>&1
	[ "$(readlink "/proc/$(pid_of "$ID")/exe")" = "/memfd:nsrun (deleted)" ]
	nsrun delete --force "$ID"
	denied ENOSYS memfd_create create --bundle "$BUNDLE" "$ID" >"$WORK/out" 2>&1
	[[ $(readlink "/proc/$(pid_of "$ID")/exe") != /memfd:* ]]
	nsrun delete --force "$ID"
	run -1 denied ENOSYS mount_setattr,memfd_create run --bundle "$BUNDLE" "$ID"
	[[ ${lines[0]} == "nsrun: protect our own executable from the container: "* ]]
	[[ ${lines[1]} == "  hint: put nsrun on a read-only mount: "* ]]
	# Without the means to change the file of a process it is executed once more.
	denied ENOSYS mremap create --bundle "$BUNDLE" "$ID" >"$WORK/out" 2>&1
	run ! bash -c "echo x >>/proc/$(pid_of "$ID")/exe"
	nsrun delete --force "$ID"
	run -1 denied ENOSYS mremap,execveat run --bundle "$BUNDLE" "$ID"
	[[ ${lines[0]} == "nsrun: protect our own executable from the container: "* ]]
}

@test "what mount_setattr alone can do is refused without it" {
	skip_unless root userns
	local option
	new_bundle
	for option in rro rnosuid rnodev; do
		edit '.mounts[7] = {destination: "/tree", type: "bind", source: $w, options: ["rbind", $o]}' \
			--arg w "$WORK" --arg o "$option"
		run -1 denied ENOSYS mount_setattr run --bundle "$BUNDLE" "$ID"
		[[ $output == *"recursive mount options need Linux 5.12"*"hint: remove the recursive options"* ]]
	done
	edit '.mounts[7] = {destination: "/tree", type: "bind", source: $w, options: ["bind"],
		uidMappings: [{containerID: 0, hostID: 1000, size: 1}], gidMappings: [{containerID: 0, hostID: 1000, size: 1}]}
		| .linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 0, size: 1000}]
		| .linux.gidMappings = .linux.uidMappings' --arg w "$WORK"
	run -1 denied ENOSYS mount_setattr run --bundle "$BUNDLE" "$ID"
	[[ $output == *"id-mapped mounts need Linux 5.12"*"hint: boot Linux 5.12 or newer, or remove idmap"* ]]
}

@test "a time namespace needs clone3" {
	skip_unless root
	[ -e /proc/self/ns/time ] || skip "this kernel has no time namespaces"
	new_bundle
	edit '.linux.namespaces += [{type: "time"}] | .process.args = ["true"]'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	run -1 denied ENOSYS clone3 run --bundle "$BUNDLE" "$ID"
	[[ $output == *"a new time namespace needs clone3(2), Linux 5.6"* ]]
}

@test "a listener is taken from init by pidfd_getfd alone" {
	skip_unless root seccomp
	new_bundle
	edit '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: $p,
		syscalls: [{names: ["chroot"], action: "SCMP_ACT_NOTIFY"}]}' --arg p "$WORK/agent.sock"
	"$TOOLS/agent" "$WORK/agent.sock" "$WORK/told" 0 3>&- &
	local agent=$!
	wait_for test -S "$WORK/agent.sock"
	run denied ENOSYS pidfd_getfd create --bundle "$BUNDLE" "$ID"
	kill "$agent" 2>/dev/null || :
	[ "$status" -eq 1 ]
	[[ $output == *"linux.seccomp.listenerPath needs pidfd_getfd(2), Linux 5.6"* ]]
}

@test "a property whose system call is missing is refused by its name" {
	skip_unless root
	new_bundle
	edit '.process.args = ["true"] | .process.scheduler = {policy: "SCHED_BATCH"}'
	run -1 denied ENOSYS sched_setattr run --bundle "$BUNDLE" "$ID"
	[[ $output == *"/process/scheduler"* ]]
	edit 'del(.process.scheduler) | .process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 4}'
	run -1 denied ENOSYS ioprio_set run --bundle "$BUNDLE" "$ID"
	[[ $output == *"/process/ioPriority"* ]]
	edit 'del(.process.ioPriority) | .linux.memoryPolicy = {mode: "MPOL_INTERLEAVE", nodes: "0"}'
	run -1 denied ENOSYS set_mempolicy run --bundle "$BUNDLE" "$ID"
	[[ $output == *"/linux/memoryPolicy"*"NUMA"* ]]
	# Cgroup v1 has files for it.
	edit 'del(.linux.memoryPolicy)'
	if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
		run -1 denied ENOSYS bpf run --bundle "$BUNDLE" "$ID"
		[[ $output == *"/linux/resources/devices"*"CONFIG_CGROUP_BPF"* ]]
	else
		run -0 denied ENOSYS bpf run --bundle "$BUNDLE" "$ID"
	fi
}

@test "hooks need memfd_create" {
	skip_unless root
	new_bundle
	edit '.process.args = ["true"] | .hooks.createRuntime = [{path: "/bin/true"}]'
	run -1 denied ENOSYS memfd_create run --bundle "$BUNDLE" "$ID"
	[[ $output == *"/hooks/createRuntime/0"* ]]
}
