#!/usr/bin/env bats
# seccomp: filters in the kernel do what the profile says; who gets their notifications; what is kept compiled.

load helpers

setup_file() {
	"${CC:-cc}" -static -o "$BATS_FILE_TMPDIR/trysys" "$BATS_TEST_DIRNAME/trysys.c" 2>/dev/null || :
}

# new_filtered PROFILE [FILTER OF JQ]: a bundle with that profile, and trysys in its /bin
new_filtered() {
	skip_unless seccomp
	[ -x "$BATS_FILE_TMPDIR/trysys" ] || skip "there is no static libc to link with"
	new_bundle
	cp "$BATS_FILE_TMPDIR/trysys" rootfs/bin/trysys
	edit '.linux.seccomp = $profile' --argjson profile "$1"
	[ $# -lt 2 ] || edit "$2"
}

# deny ACTION CALL [MEMBERS OF THE RULE]: a profile that allows the rest
deny() {
	jq -n --arg action "$1" --arg call "$2" --argjson more "${3:-{\}}" \
		'{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{action: $action, names: [$call]} + $more]}'
}

# tries STATUS OUTPUT CALL...: trysys of the calls, in a container
tries() {
	local status_wanted=$1 output_wanted=$2
	shift 2
	edit '.process.args = ($c | split(" "))' --arg c "trysys $*"
	run nsrun run --bundle "$BUNDLE" "$ID"
	echo "status $status: $output"
	[ "$status" -eq "$status_wanted" ]
	[ "$output" = "$output_wanted" ]
}

# agent [ERRNO]...: tests/run/agent.c in the background, at $WORK/agent.sock; what it got is in $WORK/told
agent() {
	rm -f "$WORK/agent.sock"
	"$TOOLS/agent" "$WORK/agent.sock" "$WORK/told" "$@" 3>&- &
	AGENT=$!
	wait_for test -S "$WORK/agent.sock"
}

@test "each action" {
	new_filtered "$(deny SCMP_ACT_ALLOW getpid)"
	local action expected
	while read -r action expected; do
		edit '.linux.seccomp.syscalls[0].action = $a' --arg a "$action"
		# SIGSYS, or the core dump that it asks for
		tries "${expected%,*}" "${expected#*,}" getpid
	done <<-END
		SCMP_ACT_ALLOW 0,0
		SCMP_ACT_LOG 0,0
		SCMP_ACT_ERRNO 0,1
		SCMP_ACT_TRACE 0,38
		SCMP_ACT_TRAP 159,
		SCMP_ACT_KILL 159,
		SCMP_ACT_KILL_THREAD 159,
		SCMP_ACT_KILL_PROCESS 159,
	END
	new_filtered "$(deny SCMP_ACT_ERRNO getpid '{"errnoRet": 99}')"
	tries 0 99 getpid
}

@test "each comparison, and several of one argument" {
	new_filtered "$(deny SCMP_ACT_ERRNO dup '{"errnoRet": 99}')"
	local op value two expected
	# dup of a descriptor that is not open: 9 where the filter lets it pass
	while read -r op value two expected; do
		edit '.linux.seccomp.syscalls[0].args = [{index: 0, op: $op, value: $v, valueTwo: $t}]' \
			--arg op "SCMP_CMP_$op" --argjson v "$value" --argjson t "$two"
		tries 0 "$(tr , '\n' <<<"$expected")" dup,50 dup,60 dup,70
	done <<-END
		NE 60 0 99,9,99
		LT 60 0 99,9,9
		LE 60 0 99,99,9
		EQ 60 0 9,99,9
		GE 60 0 9,99,99
		GT 60 0 9,9,99
		MASKED_EQ 15 12 9,99,9
	END
	edit '.linux.seccomp.syscalls[0].args = [{index: 0, op: "SCMP_CMP_EQ", value: 50}, {index: 0, op: "SCMP_CMP_EQ", value: 70}]'
	tries 0 $'99\n9\n99' dup,50 dup,60 dup,70
	edit '.linux.seccomp.syscalls[0].args = [{index: 0, op: "SCMP_CMP_GE", value: 60}, {index: 1, op: "SCMP_CMP_EQ", value: 5}]'
	tries 0 $'9\n99\n9' dup,50,5 dup,60,5 dup,60,6
	# 64 bits are compared, and neither half alone
	edit '.linux.seccomp.syscalls[0].args = [{index: 1, op: "SCMP_CMP_EQ", value: 4294967298}]'
	tries 0 $'99\n9\n9' dup,50,0x100000002 dup,50,2 dup,50,0x100000000
}

@test "architectures: the profile's, and no other" {
	[ "$(uname -m)" = x86_64 ] || skip "knows the numbers of x86 alone"
	new_filtered "$(deny SCMP_ACT_ERRNO chroot '{"errnoRet": 99}')" \
		'.linux.seccomp.architectures = ["SCMP_ARCH_X86", "SCMP_ARCH_X86_64", "SCMP_ARCH_X32", "SCMP_ARCH_X86"]'
	tries 0 $'99\n0' chroot getpid
	run nsrun run --bundle "$BUNDLE" "$ID"
	edit '.process.args = ["trysys", "32:20"]'
	run nsrun run --bundle "$BUNDLE" "$ID"
	[ "$output" = 0 ] || skip "this kernel runs no 32-bit programs"
	# 61 is chroot, 20 getpid
	tries 0 $'99\n0' 32:61 32:20
	edit '.linux.seccomp.architectures = ["SCMP_ARCH_X86_64"]'
	tries 159 "" 32:20
	edit '.linux.seccomp.architectures = ["SCMP_ARCH_X86"]'
	tries 0 $'99\n99' chroot 32:61
}

@test "flags reach the kernel; no flags are not the same as an empty list" {
	new_filtered "$(deny SCMP_ACT_ERRNO chroot)"
	skip_unless strace
	local flags expected
	while read -r flags expected; do
		edit 'if $f == null then del(.linux.seccomp.flags) else .linux.seccomp.flags = $f end' --argjson f "$flags"
		run strace -f -e trace=seccomp -o "$WORK/trace" "$NSRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null
		grep "SECCOMP_SET_MODE_FILTER" "$WORK/trace"
		grep -q "SECCOMP_SET_MODE_FILTER, $expected, {len" "$WORK/trace"
	done <<-END
		null SECCOMP_FILTER_FLAG_SPEC_ALLOW
		[] 0
		["SECCOMP_FILTER_FLAG_TSYNC"] 0
		["SECCOMP_FILTER_FLAG_LOG"] SECCOMP_FILTER_FLAG_LOG
		["SECCOMP_FILTER_FLAG_LOG","SECCOMP_FILTER_FLAG_SPEC_ALLOW"] SECCOMP_FILTER_FLAG_LOG|SECCOMP_FILTER_FLAG_SPEC_ALLOW
	END
}

@test "names that libseccomp does not know are skipped, unless the annotation wants to know" {
	new_filtered "$(deny SCMP_ACT_ERRNO no_such_call)" '.linux.seccomp.syscalls[0].names += ["chroot"]'
	tries 0 1 chroot
	edit '.annotations["run.oci.seccomp_fail_unknown_syscall"] = "0"'
	tries 0 1 chroot
	edit '.annotations["run.oci.seccomp_fail_unknown_syscall"] = "1"'
	run -1 nsrun create --bundle "$BUNDLE" "$ID"
	[[ $output == *"unknown system call no_such_call"* ]]
}

@test "what is newer than the profile is unknown, not forbidden" {
	[ "$(uname -m)" = x86_64 ] || skip "knows the numbers of x86 alone"
	new_filtered "$(cat "$BATS_TEST_DIRNAME/seccomp-profile.json")"
	# faccessat2 is named, futex_waitv (449) and what comes behind are not; mount (165) is older
	tries 0 $'38\n38\n38\n1' 449 470 511 165,0,0,0
	edit '.process.args = ["trysys", "32:20"]'
	run nsrun run --bundle "$BUNDLE" "$ID"
	[ "$output" != 0 ] || tries 0 $'38\n1' 32:449 32:21
	# an errno of its own is no other rule; whoever kills means it
	edit '.linux.seccomp.defaultErrnoRet = 13'
	tries 0 $'38\n13' 449 165
	edit '.linux.seccomp.defaultAction = "SCMP_ACT_KILL_PROCESS" | del(.linux.seccomp.defaultErrnoRet)'
	tries 159 "" 449
	edit '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{action: "SCMP_ACT_ERRNO", names: ["chroot"]}]}'
	tries 0 $'1\n0' chroot getpid
}

# Profiles of Docker before 20.10, and those of tools that were made from them: what they do not name is EPERM, and they
# do not name the calls that the C library makes today. The filter is in before the program is looked up.
@test "a profile that is older than faccessat2(2), statx(2) and close_range(2) does not hide the program" {
	new_filtered '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"action": "SCMP_ACT_ERRNO", "errnoRet": 1,
		"names": ["faccessat2", "openat2", "statx", "close_range", "clone3", "pidfd_open", "pidfd_getfd"]}]}'
	for edit in '.process.noNewPrivileges = false' '.process.noNewPrivileges = true'; do
		edit "$edit"
		tries 0 0 getpid
		edit '.process.args = ["/bin/trysys", "getpid"]'
		run -0 nsrun run --bundle "$BUNDLE" "$ID"
		[ "$output" = 0 ]
		edit '.process.args = ["/bin/none"]'
		run -1 nsrun create --bundle "$BUNDLE" "$ID"
		[[ $output == *'exec: "/bin/none": stat /bin/none: no such file or directory'* ]]
	done
}

@test "a rule that is given twice, and one that changes nothing" {
	new_filtered "$(deny SCMP_ACT_ERRNO chroot)" '.linux.seccomp.syscalls += .linux.seccomp.syscalls
		| .linux.seccomp.syscalls += [{action: "SCMP_ACT_ALLOW", names: ["chroot", "getpid"]}]'
	tries 0 $'1\n0' chroot getpid
}

@test "the listener goes to the agent with the state, and the agent's answers count" {
	local nnp
	new_filtered "$(deny SCMP_ACT_NOTIFY chroot)" '.linux.seccomp.listenerMetadata = "a \"b\"\nc" | .annotations.x = "y"'
	edit '.linux.seccomp.listenerPath = $p' --arg p "$WORK/agent.sock"
	for nnp in true false; do
		edit ".process.noNewPrivileges = $nnp"
		agent 99 0
		# The second goes on, to EFAULT. The third finds nobody.
		tries 0 $'99\n14\n38' chroot,0 chroot,0 chroot,0
		exits 0 $AGENT
		sed -n 2,5p "$WORK/told" | grep -c . | grep -x 4
		[[ $(sed 1d "$WORK/told") == $'fds 1\nclosed\ncall '*$'\ncall '* ]]
		head -n 1 "$WORK/told" | jq -e --arg id "$ID" --arg b "$BUNDLE" '.ociVersion == "1.3.0" and .fds == ["seccompFd"]
			and .pid > 0 and .metadata == "a \"b\"\nc" and .state.pid == .pid and .state.status == "creating"
			and .state.id == $id and .state.bundle == $b and .state.ociVersion == "1.3.0"
			and .state.annotations == {x: "y"} and (keys | length) == 5'
	done
}

@test "init makes no call between the filter and the agent but read and write" {
	new_filtered "$(deny SCMP_ACT_NOTIFY getpid)"
	edit '.linux.seccomp.listenerPath = $p | .linux.seccomp.syscalls[0].names += ["read", "setresuid", "close", "rt_sigaction"]' \
		--arg p "$WORK/agent.sock"
	local answers=()
	for _ in {1..300}; do answers+=(0); done
	agent "${answers[@]}"
	tries 0 0 getpid
	kill $AGENT 2>/dev/null || :
	grep -q call "$WORK/told"
}

@test "run.oci.seccomp.receiver is a listenerPath" {
	new_filtered "$(deny SCMP_ACT_NOTIFY getpid)" \
		'.annotations["run.oci.seccomp.receiver"] = "/nowhere"'
	run -1 nsrun create --bundle "$BUNDLE" "$ID"
	[[ $output == *"connect to the seccomp agent /nowhere"* ]]
	edit '.annotations["run.oci.seccomp.receiver"] = $p' --arg p "$WORK/agent.sock"
	agent 7
	tries 0 7 getpid
	exits 0 $AGENT
}

@test "an agent that is not there, or goes, is an error that leaves nothing" {
	new_filtered "$(deny SCMP_ACT_NOTIFY getpid)"
	edit '.linux.seccomp.listenerPath = $p' --arg p "$WORK/agent.sock"
	run -1 nsrun create --bundle "$BUNDLE" "$ID"
	[[ $output == *"step 2 agent $WORK/agent.sock"*"/linux/seccomp/listenerPath"* ]]
	touch "$WORK/agent.sock"
	run -1 nsrun create --bundle "$BUNDLE" "$ID"
	[[ $output == *"onnection refused"* ]]
	agent
	detached create --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 1 ]
	[[ $output == *"send the seccomp listener"* ]]
	exits 0 $AGENT
	run -0 nsrun list --quiet
	[ -z "$output" ]
}

@test "notifications that nobody could answer are refused" {
	skip_unless seccomp
	local filter expected
	while IFS='>' read -r filter expected; do
		new_bundle
		edit "$filter"
		run nsrun create --bundle "$BUNDLE" "$ID"
		echo "$filter: $output"
		[ "$status" -ne 0 ]
		[[ $output == *"$expected"* ]]
	done <<-'END'
		.linux.seccomp = {defaultAction: "SCMP_ACT_NOTIFY", listenerPath: "/s"}>cannot be the default action
		.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerMetadata: "x"}>there is no listenerPath
		.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: "/s"}>no rule has SCMP_ACT_NOTIFY
		.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{action: "SCMP_ACT_NOTIFY", names: ["getpid"]}]}>there is no listenerPath
		.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: "/s", syscalls: [{action: "SCMP_ACT_NOTIFY", names: ["write"]}]}>cannot be used for the write syscall
		.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW"} | .annotations["run.oci.seccomp.plugins"] = "a.so">nsrun loads no code of others
		.annotations["run.oci.seccomp_bpf_data"] = "AAA">is not base64
		.annotations["run.oci.seccomp_bpf_data"] = "">is empty
		.annotations["run.oci.seccomp_bpf_data"] = "AAAAAA==">4 bytes
		.annotations["run.oci.seccomp_bpf_data"] = ("AAAAAAAA" * 5462)>more than 4096 instructions
	END
}

@test "run.oci.seccomp_bpf_data is a program in place of the profile" {
	new_filtered "$(deny SCMP_ACT_ERRNO getpid)"
	# ld [0]; jeq #SYS_chroot, 0, 1; ret ERRNO|99; ret ALLOW
	local chroot=161 program
	[ "$(uname -m)" = x86_64 ] || chroot=51
	program=$(printf '%b' '\x20\0\0\0\0\0\0\0' "\\x15\\0\\0\\x01\\x$(printf %x $chroot)\\0\\0\\0" \
		'\x06\0\0\0\x63\0\x05\0' '\x06\0\0\0\0\0\xff\x7f' | base64 -w 0)
	edit '.annotations["run.oci.seccomp_bpf_data"] = $p' --arg p "$program"
	tries 0 $'99\n0' chroot getpid
	# with the profile's flags, and without one
	edit 'del(.linux.seccomp)'
	tries 0 99 chroot
	# the kernel has the last word
	edit '.annotations["run.oci.seccomp_bpf_data"] = "/////////////w=="'
	run -1 nsrun create --bundle "$BUNDLE" "$ID"
	[[ $output == *"seccomp"* ]]
}

# compiles: does a create of BUNDLE use libseccomp?
compiles() {
	# A traced process cannot look for leaks.
	ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 strace -f -e trace=memfd_create -o "$WORK/trace" \
		"$NSRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null >"$WORK/out" 2>&1 3>&-
	grep -q 'memfd_create("seccomp"' "$WORK/trace"
}

@test "a profile is compiled once" {
	new_filtered "$(cat "$BATS_TEST_DIRNAME/seccomp-profile.json")" '.process.args = ["trysys", "165"]'
	skip_unless strace
	compiles
	! compiles || false
	[ "$(cat "$WORK/out")" = 1 ]
	[ "$(stat -c %a "$ROOT/.cache" "$ROOT"/.cache/seccomp "$ROOT"/.cache/seccomp/*)" = $'700\n700\n600' ]
	# another profile is another filter
	edit '.linux.seccomp.defaultErrnoRet = 13'
	compiles
	! compiles || false
	[ "$(cat "$WORK/out")" = 13 ]
	[ "$(ls "$ROOT/.cache/seccomp" | wc -l)" -eq 2 ]
	# and no container
	run -0 nsrun list --quiet
	[ -z "$output" ]
	run -1 nsrun state .cache
	[[ $output == *"invalid container ID"* ]]
}

@test "a cached filter that others may have written is not used" {
	new_filtered "$(deny SCMP_ACT_ERRNO chroot)" '.process.args = ["trysys", "chroot"]'
	skip_unless strace root
	local cache=$ROOT/.cache/seccomp file how
	compiles
	file=$(echo "$cache"/*)
	# text of another profile under this one's name; cut; one instruction other; not ours; writable; a link; no file
	for how in 's=$(stat -c %s "$file"); sed -i s/SCMP_ACT_ERRNO/SCMP_ACT_TRACE/ "$file"; [ "$(stat -c %s "$file")" = "$s" ]' \
		'truncate -s -8 "$file"' \
		'printf "\377" | dd of="$file" bs=1 seek=$(($(stat -c %s "$file") - 1)) conv=notrunc status=none' \
		': >"$file"' \
		'chown 1 "$file"' 'chmod 660 "$file"' 'mv "$file" "$WORK/x"; ln -s "$WORK/x" "$file"'; do
		eval "$how"
		echo "$how"
		compiles
		[ "$(cat "$WORK/out")" = 1 ]
		[ -f "$file" ] && [ ! -L "$file" ]
		! compiles || false
	done
	# A directory that is not ours alone: no cache, and nothing is written there.
	for how in 'chmod 770 "$cache"' 'chown 1 "$cache"' 'chmod 701 "$ROOT/.cache"' \
		'mv "$cache" "$WORK/cache"; ln -s "$WORK/cache" "$cache"'; do
		eval "$how"
		echo "$how"
		compiles
		compiles
		chmod 700 "$ROOT/.cache" "$cache"
		chown 0 "$cache"
	done
	rm "$cache"
	echo >"$cache"
	compiles
	[ "$(cat "$WORK/out")" = 1 ]
	rm "$cache"
}

@test "the cache keeps 64 filters, and lets go of the oldest" {
	new_filtered "$(deny SCMP_ACT_ERRNO chroot)" '.process.args = ["trysys", "chroot"]'
	mkdir -p -m 700 "$ROOT/.cache/seccomp"
	chmod 700 "$ROOT" "$ROOT/.cache"
	local i
	for i in {1..70}; do
		touch -d "@$((1600000000 + i))" "$ROOT/.cache/seccomp/old$i"
	done
	tries 0 1 chroot
	[ "$(ls "$ROOT/.cache/seccomp" | wc -l)" -eq 64 ]
	[ ! -e "$ROOT/.cache/seccomp/old7" ]
	[ -e "$ROOT/.cache/seccomp/old8" ]
}

@test "features lists what there is" {
	skip_unless seccomp
	run -0 nsrun features
	jq -e '.linux.seccomp | .enabled and (.actions | length) == 9 and (.actions | index("SCMP_ACT_NOTIFY"))
		and (.operators | length) == 7 and (.archs | index("SCMP_ARCH_X86_64")) and (.knownFlags | length) == 4
		and (.supportedFlags | index("SECCOMP_FILTER_FLAG_SPEC_ALLOW"))' <<<"$output"
	# Each of them is recognised.
	local arch flag
	new_bundle
	for arch in $(jq -r '.linux.seccomp.archs[]' <<<"$output"); do
		edit '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: [$a]}' --arg a "$arch"
		run -0 nsrun check "$BUNDLE"
	done
	for flag in $(nsrun features | jq -r '.linux.seccomp.supportedFlags[] | select(test("KILLABLE") | not)'); do
		edit '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", flags: [$f]} | .process.args = ["true"]' --arg f "$flag"
		run -0 nsrun run --bundle "$BUNDLE" "$ID"
	done
}

@test "an ordinary user's container hands its listener over too" {
	skip_unless root userns seccomp
	[ -x "$BATS_FILE_TMPDIR/trysys" ] || skip "there is no static libc to link with"
	new_bundle --rootless
	cp "$BATS_FILE_TMPDIR/trysys" rootfs/bin/trysys
	edit '.linux.seccomp = $profile | .linux.seccomp.listenerPath = $p | .process.args = ["trysys", "getpid"]
		| .linux.uidMappings[0].hostID = 4242 | .linux.gidMappings[0].hostID = 4242' \
		--argjson profile "$(deny SCMP_ACT_NOTIFY getpid)" --arg p "$WORK/agent.sock"
	mkdir -m 700 "$WORK/user"
	chown 4242:4242 "$WORK/user" config.json
	agent 99
	chmod 777 "$WORK/agent.sock"
	run -0 setpriv --reuid 4242 --regid 4242 --clear-groups env XDG_RUNTIME_DIR="$WORK/user" USER=x \
		"$NSRUN" --root "$WORK/user/state" --cgroup-manager disabled run --bundle "$BUNDLE" "$ID" </dev/null
	[ "$output" = 99 ]
	exits 0 $AGENT
}
