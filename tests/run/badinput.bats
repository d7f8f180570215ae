#!/usr/bin/env bats
# badinput.bats: what must be refused: exit 1, one error that names the place, at once, and nothing made.

load helpers

setup_file() {
	skip_unless root
}

# Checks what a refusal left in status and output. TEXT, a part of the message in any case, may be empty.
is_refusal() {
	local text=$1

	if [ "$status" -ne 1 ]; then
		echo "not refused: status $status, wanted \"$text\"; $output"
		return 1
	fi
	# One error: a line that begins with our name, then where and hint, indented.
	if [ "$(grep -c '^nsrun: ' <<<"$output")" -ne 1 ] || grep -qv -e '^nsrun: ' -e '^  ' <<<"$output"; then
		echo "not one error: $output"
		return 1
	fi
	if ! grep -qiF -- "$text" <<<"$output"; then
		echo "does not say \"$text\": $output"
		return 1
	fi
	if [ -n "$(leftovers)" ]; then
		echo "left behind: $(leftovers)"
		return 1
	fi
}

# create_refused TEXT ARGUMENTS...: of create
create_refused() {
	local text=$1

	shift
	status=0
	timeout 60 "$NSRUN" --root "$ROOT" create "$@" >"$WORK/out" 2>&1 </dev/null 3>&- || status=$?
	output=$(cat "$WORK/out")
	is_refusal "$text" || {
		echo "create $*" | cut -c1-200
		nsrun delete --force "$ID" || :
		return 1
	}
}

# edits_refused: reads lines "FILTER => TEXT": each makes a config that is refused with the text and its place
edits_refused() {
	local line filter text bad=0

	cp "$BUNDLE/config.json" "$WORK/good.json"
	while read -r line; do
		[[ $line == *" => "* ]] || continue
		filter=${line%% => *} text=${line##* => }
		cp "$WORK/good.json" "$BUNDLE/config.json"
		edit "$filter"
		create_refused "$text" --bundle "$BUNDLE" "$ID" || {
			echo "--- $filter"
			bad=$((bad + 1))
			continue
		}
		grep -qE 'config.json:[0-9]+:[0-9]+' <<<"$output" || {
			echo "--- $filter: no place: $output"
			bad=$((bad + 1))
		}
	done
	echo "$bad of them are not refused as they must be"
	[ "$bad" -eq 0 ]
}

@test "ids" {
	new_bundle
	local id bad=0
	for id in '' . .. a/b /a ../x 'a b' $'a\nb' 'a:b' 'a%b' 'ä' "$(printf '%0300d' 0)"; do
		create_refused 'invalid container ID format' --bundle "$BUNDLE" "$id" || bad=$((bad + 1))
		for command in start state kill 'delete --force' delete; do
			run timeout 60 "$NSRUN" --root "$ROOT" $command "$id"
			is_refusal 'invalid container ID format' || { echo "$command '$id'"; bad=$((bad + 1)); }
		done
	done
	create_refused '' --bundle "$BUNDLE" -a
	create_refused 'invalid container ID format' --bundle "$BUNDLE" -- -a
	[ "$bad" -eq 0 ]
	for id in a A_b+c.d-e .x "$(printf '%0255d' 0)"; do
		[ "${#id}" -le 200 ] || edit '.linux.cgroupsPath = "/\($p)long"' --arg p "$PREFIX"
		detached create --bundle "$BUNDLE" "$id"
		[ "$status" -eq 0 ]
		nsrun delete "$id"
	done
}

@test "the command line" {
	new_bundle
	create_refused 'did you mean' --bundel "$BUNDLE" "$ID"
	create_refused '' --bundle "$BUNDLE"
	create_refused '' --bundle
	create_refused '' "$ID" "$BUNDLE" more
	local n
	for n in -1 x 1.5 '' 99999999999 4294967296; do
		create_refused 'preserve-fds' --bundle "$BUNDLE" --preserve-fds "$n" "$ID"
	done
	create_refused 'not open' --bundle "$BUNDLE" --preserve-fds 5 "$ID"
	create_refused 'pid file' --bundle "$BUNDLE" --pid-file "$WORK/no/pid" "$ID"
	create_refused '' --bundle "$BUNDLE" --pid-file "$WORK/" "$ID"
	edit '.process.terminal = true'
	create_refused 'console' --bundle "$BUNDLE" "$ID"
	create_refused 'no such file' --bundle "$BUNDLE" --console-socket "$WORK/none" "$ID"
	create_refused '' --bundle "$BUNDLE" --console-socket "$WORK/$(printf '%0120d' 0)" "$ID"
	edit '.process.terminal = false'
	create_refused 'console' --bundle "$BUNDLE" --console-socket "$WORK/none" "$ID"
	run -1 nsrun staet "$ID"
	[[ $output == *'did you mean'*start* || $output == *'did you mean'*state* ]]
	run -1 nsrun
	run -1 nsrun --root / list
	run -1 nsrun --log-format xml list
}

@test "a pid file that is a symbolic link or a fifo is replaced, not followed" {
	new_bundle
	echo precious >"$WORK/precious"
	ln -s precious "$WORK/pid"
	detached create --bundle "$BUNDLE" --pid-file "$WORK/pid" "$ID"
	[ "$status" -eq 0 ]
	[ "$(cat "$WORK/precious")" = precious ]
	[ "$(cat "$WORK/pid")" = "$(pid_of "$ID")" ]
	nsrun delete "$ID"
	rm "$WORK/pid"
	mkfifo "$WORK/pid"
	status=0
	timeout 60 "$NSRUN" --root "$ROOT" create --bundle "$BUNDLE" --pid-file "$WORK/pid" "$ID" >"$WORK/out" 2>&1 3>&- || status=$?
	[ "$status" -ne 124 ]
}

@test "bundles" {
	new_bundle
	create_refused 'no such file or directory' --bundle "$WORK/none" "$ID"
	echo >"$WORK/file"
	create_refused 'not a directory' --bundle "$WORK/file" "$ID"
	mkfifo "$WORK/fifo"
	create_refused 'not a directory' --bundle "$WORK/fifo" "$ID"
	create_refused '' --bundle '' "$ID"
	create_refused '' --bundle "$WORK/$(printf '%05000d' 0)" "$ID"
	mkdir "$WORK/empty"
	create_refused 'config.json' --bundle "$WORK/empty" "$ID"
	[[ $output == *'nsrun spec'* ]]
	rm -r "$BUNDLE/rootfs"
	create_refused 'rootfs' --bundle "$BUNDLE" "$ID"
	echo >"$BUNDLE/rootfs"
	create_refused 'rootfs' --bundle "$BUNDLE" "$ID"
}

@test "an unreadable bundle" {
	skip_unless setpriv
	new_bundle --rootless
	chmod 700 "$BUNDLE"
	mkdir -m 700 "$WORK/user"
	chown 12345 "$WORK/user"
	run setpriv --reuid=12345 --regid=12345 --clear-groups "$NSRUN" --root "$WORK/user" create --bundle "$BUNDLE" "$ID"
	is_refusal 'permission denied'
	chmod 755 "$BUNDLE"
	chmod 000 "$BUNDLE/config.json"
	run setpriv --reuid=12345 --regid=12345 --clear-groups "$NSRUN" --root "$WORK/user" create --bundle "$BUNDLE" "$ID"
	is_refusal 'permission denied'
}

@test "config files" {
	new_bundle
	local c=$BUNDLE/config.json
	mv "$c" "$WORK/good.json"
	create_refused 'no such file or directory' --bundle "$BUNDLE" "$ID"
	: >"$c"
	create_refused 'config.json' --bundle "$BUNDLE" "$ID"
	rm "$c" && mkdir "$c"
	create_refused 'not a regular file' --bundle "$BUNDLE" "$ID"
	rmdir "$c" && mkfifo "$c"
	create_refused 'not a regular file' --bundle "$BUNDLE" "$ID"
	rm "$c" && ln -s /dev/zero "$c"
	create_refused '' --bundle "$BUNDLE" "$ID"
	rm "$c" && truncate -s 1G "$c"
	create_refused 'larger than' --bundle "$BUNDLE" "$ID"
	rm "$c"
	printf '%010000d' 0 | tr 0 '[' >"$c"
	create_refused 'config.json:1:' --bundle "$BUNDLE" "$ID"
	{ printf '{"x":%.0s' {1..10000}; } >"$c"
	create_refused 'config.json:1:' --bundle "$BUNDLE" "$ID"
	jq '.hostname = "H"' "$WORK/good.json" | tr H '\377' >"$c"
	create_refused 'utf-8' --bundle "$BUNDLE" "$ID"
	local text
	for text in 'null' '[]' '1' '"a"' '{' '{}x' '{} {}' '{"a":1,}' '{"a" 1}' "{'a':1}" '{"a":tru}' '{/**/}' '{"hostname":"a\ud800b"}' \
		'{"ociVersion":"1.0.0","hostname":"a","hostname":"b"}' '{"hostname":"a\u0000b"}' '{"a":01}' '{"a":+1}' '{"a":.5}'; do
		printf %s "$text" >"$c"
		create_refused 'config.json' --bundle "$BUNDLE" "$ID"
	done
	(cat "$WORK/good.json"; echo x) >"$c"
	create_refused 'config.json:' --bundle "$BUNDLE" "$ID"
	head -c 500 "$WORK/good.json" >"$c"
	create_refused 'config.json:' --bundle "$BUNDLE" "$ID"
}

@test "wrong types, numbers out of range, missing members" {
	new_bundle
	edits_refused <<-'LIST'
		.ociVersion = 1 => /ociVersion
		del(.ociVersion) => ociVersion
		.ociVersion = "2.0.0" => /ociVersion
		.ociVersion = "x" => /ociVersion
		.process = [] => /process
		.process.terminal = "false" => /process/terminal
		.process.terminal = 0 => /process/terminal
		.process.args = "sh" => /process/args
		.process.args = [] => /process/args
		.process.args = [1] => /process/args/0
		.process.env = {} => /process/env
		.process.user.uid = "0" => /process/user/uid
		.process.user.uid = -1 => /process/user/uid
		.process.user.uid = 1.5 => /process/user/uid
		.process.user.uid = 4294967295 => /process/user/uid
		.process.user.uid = 4294967296 => /process/user/uid
		.process.user.gid = 4294967295 => /process/user/gid
		.process.user.additionalGids = [4294967295] => /process/user/additionalGids/0
		.process.user.umask = 512 => /process/user/umask
		.process.oomScoreAdj = 1001 => /process/oomScoreAdj
		.process.oomScoreAdj = -1001 => /process/oomScoreAdj
		.process.rlimits[0].soft = -1 => /process/rlimits/0/soft
		.process.rlimits[0].soft = 2000 => /process/rlimits/0
		.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 1}] => /process/rlimits/0
		.process.rlimits += [.process.rlimits[0]] => /process/rlimits/1
		.root = "rootfs" => /root
		.root = {} => path
		.mounts = {} => /mounts
		.mounts[0].options = "ro" => /mounts/0/options
		.hooks.createRuntime = [{}] => path
		.hooks.createRuntime = [{path: "/bin/true", timeout: 0}] => timeout
		.hooks.createRuntime = [{path: "/bin/true", timeout: -1}] => timeout
		.linux.resources.memory = {limit: "1M"} => /linux/resources/memory/limit
		.linux.resources.memory = {limit: 1.5} => /linux/resources/memory/limit
		.linux.resources.memory = {limit: 9223372036854775808} => /linux/resources/memory/limit
		.linux.resources.pids = {limit: 1e3000} => /linux/resources/pids/limit
		.linux.resources.pids = {} => limit
		.annotations = {"a": 1} => /annotations
		.annotations = ["a"] => /annotations
	LIST
}

@test "relative paths where absolute ones are required" {
	new_bundle
	edits_refused <<-'LIST'
		.process.cwd = "tmp" => /process/cwd
		.process.cwd = "" => /process/cwd
		del(.process.cwd) => cwd
		.mounts[0].destination = "" => /mounts/0/destination
		.linux.maskedPaths = ["proc/kcore"] => /linux/maskedPaths/0
		.linux.readonlyPaths = ["proc/sys"] => /linux/readonlyPaths/0
		.linux.devices = [{path: "dev/x", type: "c", major: 1, minor: 3}] => /linux/devices/0/path
		.hooks.createRuntime = [{path: "bin/true"}] => /hooks/createRuntime/0/path
		.linux.namespaces[0].path = "proc/1/ns/pid" => /linux/namespaces/0/path
		.root.path = "" => /root/path
	LIST
}

@test "namespaces, hostname, sysctl" {
	new_bundle
	edits_refused <<-'LIST'
		.linux.namespaces += [{type: "netwrok"}] => did you mean
		.linux.namespaces += [{type: "pid"}] => /linux/namespaces/6
		.linux.namespaces += [{}] => type
		.linux.namespaces[1].path = "/proc/self/ns/uts" => /linux/namespaces/1
		.linux.namespaces[1].path = "/etc/passwd" => /linux/namespaces/1
		.linux.namespaces[1].path = "/no/such/ns" => /linux/namespaces/1
		.linux.namespaces |= map(select(.type != "uts")) => /hostname
		.domainname = "x" | del(.hostname) | .linux.namespaces |= map(select(.type != "uts")) => /domainname
		.linux.namespaces |= map(select(.type != "mount")) => mount
		.linux.sysctl = {"net.ipv4.ip_forward": "1"} | .linux.namespaces |= map(select(.type != "network")) => /linux/sysctl
		.linux.sysctl = {"kernel.msgmax": "1"} | .linux.namespaces |= map(select(.type != "ipc")) => /linux/sysctl
		.linux.sysctl = {"kernel.panic": "1"} => /linux/sysctl
		.linux.sysctl = {"vm.swappiness": "1"} => /linux/sysctl
		.linux.sysctl = {"net/../kernel/panic": "1"} => /linux/sysctl
		.linux.timeOffsets = {"monotonic": {"secs": 1}} => /linux/timeOffsets
		.hostname = ("x" * 65) => /hostname
		.linux.rootfsPropagation = "sharde" => /linux/rootfsPropagation
	LIST
}

@test "id maps" {
	new_bundle
	edit '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	edits_refused <<-'LIST'
		.linux.uidMappings = [] => /linux
		del(.linux.uidMappings) => uidMappings
		del(.linux.gidMappings) => gidMappings
		.linux.uidMappings += [{containerID: 10, hostID: 300000, size: 10}] => /linux/uidMappings/1
		.linux.uidMappings += [{containerID: 100000, hostID: 100010, size: 10}] => /linux/uidMappings/1
		.linux.uidMappings[0].size = 0 => mapped
		.linux.uidMappings[0].hostID = 4294967290 => /linux/uidMappings/0
		.linux.uidMappings[0].containerID = 5 => user
		.process.user.uid = 70000 => /process/user
		.process.user.additionalGids = [70000] => /process/user/additionalGids
		.linux.namespaces |= map(select(.type != "user")) => Mappings
	LIST
}

@test "capabilities that are not permitted, unknown rlimits, mount options, seccomp words" {
	new_bundle
	edits_refused <<-'LIST'
		.process.capabilities.effective += ["CAP_SYS_ADMIN"] => /process/capabilities
		.process.rlimits += [{type: "RLIMIT_NOFIEL", soft: 1, hard: 1}] => RLIMIT_NOFILE
		.mounts[1].options += ["noxec"] => noxec
		.mounts[0].type = "porc" => /mounts/0
		.linux.seccomp = {} => defaultAction
		.linux.seccomp = {defaultAction: "SCMP_ACT_ALOW"} => SCMP_ACT_ALLOW
		.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X87"]} => /linux/seccomp/architectures/0
		.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", flags: ["SECCOMP_FILTER_FLAG_X"]} => /linux/seccomp/flags/0
		.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["read"], action: "NO"}]} => /linux/seccomp/syscalls/0/action
		.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: [], action: "SCMP_ACT_ERRNO"}]} => /linux/seccomp/syscalls/0
		.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["read"], action: "SCMP_ACT_ERRNO", args: [{index: 6, value: 1, op: "SCMP_CMP_EQ"}]}]} => /linux/seccomp/syscalls/0/args/0
		.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["read"], action: "SCMP_ACT_ERRNO", args: [{index: 0, value: 1, op: "EQ"}]}]} => /linux/seccomp/syscalls/0/args/0
		.linux.seccomp = {defaultAction: "SCMP_ACT_NOTIFY"} => /linux/seccomp
		.linux.devices = [{path: "/dev/x", type: "z"}] => /linux/devices/0/type
		.linux.devices = [{path: "/dev/x", type: "c"}] => /linux/devices/0
		.linux.resources.devices[0].access = "rwx" => /linux/resources/devices/0/access
		.linux.cgroupsPath = "/../x" => /linux/cgroupsPath
	LIST
}

@test "limits" {
	new_bundle
	edits_refused <<-'LIST'
		.linux.resources.memory = {limit: 100000000, swap: 99999999} => /linux/resources/memory/swap
		.linux.resources.memory = {swap: 100000000} => unable to set swap limit without memory limit
		.linux.resources.memory = {limit: -1, swap: 100000000} => /linux/resources/memory/swap
		.linux.resources.memory = {limit: -2} => /linux/resources/memory/limit
		.linux.resources.memory = {swappiness: 101} => /linux/resources/memory/swappiness
		.linux.resources.cpu = {quota: 10} => /linux/resources/cpu/quota
		.linux.resources.cpu = {period: 10} => /linux/resources/cpu/period
		.linux.resources.cpu = {quota: 10000, burst: 10001} => /linux/resources/cpu/burst
		.linux.resources.cpu = {idle: 2} => /linux/resources/cpu/idle
		.linux.resources.cpu = {cpus: "0-"} => /linux/resources/cpu/cpus
		.linux.resources.cpu = {cpus: "0-99999"} => /linux/resources/cpu/cpus
		.linux.resources.cpu = {mems: "0,999"} => /linux/resources/cpu/mems
		.linux.resources.cpu = {realtimeRuntime: 1000, realtimePeriod: 999} => /linux/resources/cpu/realtimeRuntime
		.linux.resources.pids = {limit: -2} => expected -1 to
		.linux.resources.blockIO = {weight: 9} => /linux/resources/blockIO/weight
		.linux.resources.blockIO = {weight: 1001} => /linux/resources/blockIO/weight
		.linux.resources.blockIO = {weightDevice: [{major: 8, minor: 0, weight: 1001}]} => /linux/resources/blockIO/weightDevice/0/weight
		.linux.resources.blockIO = {throttleReadBpsDevice: [{major: 8, minor: 0}]} => /linux/resources/blockIO/throttleReadBpsDevice/0
		.linux.resources.hugepageLimits = [{pageSize: "2M", limit: 0}] => /linux/resources/hugepageLimits
		.linux.resources.hugepageLimits = [{pageSize: "3MB", limit: 0}] => /linux/resources/hugepageLimits
		.linux.resources.rdma = {"": {hcaHandles: 1}} => /linux/resources/rdma
		.linux.resources.network = {priorities: [{name: "", priority: 1}]} => /linux/resources/network/priorities
		.linux.resources.unified = {"foo.max": "1"} => /linux/resources/unified/foo.max
		.linux.resources.unified = {"memory/high": "1"} => /linux/resources/unified/memory~1high
		.linux.resources.unified = {"../cgroup.procs": "1"} => is not the name of a cgroup file
		.linux.resources.unified = {"memory": "1"} => CONTROLLER.PARAM
		.linux.resources.unified = {"cgroup.kill": "1"} => /linux/resources/unified/cgroup.kill
	LIST
	edit '.linux.resources.pids.limit = 5'
	run nsrun --cgroup-manager disabled create --bundle "$BUNDLE" "$ID"
	is_refusal 'cgroups are disabled'
}

@test "a full disk" {
	new_bundle
	mkdir "$WORK/small"
	mount -t tmpfs -o size=8k,mode=700 tmpfs "$WORK/small"
	head -c 8k /dev/zero >"$WORK/small/filler" || :
	run nsrun --root "$WORK/small" create --bundle "$BUNDLE" "$ID"
	echo "$output"
	rm "$WORK/small/filler"
	ls -A "$WORK/small" >"$WORK/ls"
	umount "$WORK/small"
	[ ! -s "$WORK/ls" ]
	is_refusal 'no space left on device'
	mount -t tmpfs -o nr_inodes=3,mode=700 tmpfs "$WORK/small"
	run nsrun --root "$WORK/small" create --bundle "$BUNDLE" "$ID"
	echo "$output"
	ls -A "$WORK/small" >"$WORK/ls"
	umount "$WORK/small"
	[ ! -s "$WORK/ls" ]
	is_refusal 'no space left on device'
}

@test "a state directory that is read-only, shared or somebody else's" {
	new_bundle
	mkdir -m 700 "$WORK/ro"
	mount -t tmpfs -o ro,mode=700 tmpfs "$WORK/ro"
	run nsrun --root "$WORK/ro" create --bundle "$BUNDLE" "$ID"
	umount "$WORK/ro"
	is_refusal 'read-only file system'
	mkdir "$WORK/wide"
	chmod 777 "$WORK/wide"
	run nsrun --root "$WORK/wide" create --bundle "$BUNDLE" "$ID"
	is_refusal 'written by others'
	mkdir -m 700 "$WORK/foreign"
	chown 12345 "$WORK/foreign"
	run nsrun --root "$WORK/foreign" create --bundle "$BUNDLE" "$ID"
	is_refusal 'belongs to'
	echo >"$WORK/file"
	run nsrun --root "$WORK/file" create --bundle "$BUNDLE" "$ID"
	is_refusal 'not a directory'
}

@test "few descriptors, a file size limit, closed standard descriptors: no crash, nothing left" {
	new_bundle
	edit '.process.args = ["true"] | del(.process.rlimits)'
	local n
	for n in 6 8 10 12 14 16 18 20; do
		status=0
		(ulimit -n $n; exec "$NSRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" 3>&-) >"$WORK/out" 2>&1 </dev/null || status=$?
		echo "$n: $status $(cat "$WORK/out")"
		[ "$status" -le 1 ]
		[ -z "$(leftovers)" ]
	done
	(ulimit -n 32; exec "$NSRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" 3>&-) </dev/null
	status=0
	(ulimit -f 1; exec "$NSRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" 3>&-) </dev/null >"$WORK/out" 2>&1 || status=$?
	[ "$status" -le 1 ]
	[ -z "$(leftovers)" ]
	"$NSRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" <&- >&- 2>&- 3>&-
}
