#!/usr/bin/env bats
# inspect.bats: what inspect says of a real container is what the container, and the kernel's files, say.

load helpers

needs() {
	skip_unless root cgroup jq
}

# running FILTER: a container that sleeps, with a changed config
running() {
	new_bundle
	edit "$1"
	in_container 'echo up; exec sleep 1000'
	detached run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	wait_for grep -q up "$WORK/out"
	PID=$(pid_of "$ID")
}

# look FILTER [ID]: of the document of a container
look() {
	nsrun inspect --format json "${2:-$ID}" | jq -c "$1"
}

# inode NAMESPACE PID
inode() {
	readlink "/proc/$2/ns/$1" | tr -dc 0-9
}

@test "namespaces: their inodes, whose they are, and who owns them" {
	running .
	for pair in user:user ipc:ipc uts:uts network:net pid:pid mount:mnt; do
		type=${pair%:*} file=${pair#*:}
		[ "$(look ".namespaces[] | select(.type == \"$type\").inode")" = "$(inode "$file" "$PID")" ]
		same=false
		[ "$(inode "$file" "$PID")" != "$(inode "$file" self)" ] || same=true
		[ "$(look ".namespaces[] | select(.type == \"$type\").host")" = $same ]
	done
	[ "$(look '.namespaces[] | select(.type == "network").owner')" = "$(inode user self)" ]
	[ "$(look '.namespaces[] | select(.type == "pid").parent')" = "$(inode pid self)" ]
	[ "$(look '[.namespaces[].sharedWith[]]')" = '[]' ]
}

@test "a user namespace: its maps, and that it owns the others" {
	skip_unless userns
	running '.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings | del(.linux.resources)'
	[ "$(look .uidMappings)" = '[{"containerID":0,"hostID":100000,"size":65536}]' ]
	[ "$(look .gidMappings)" = '[{"containerID":0,"hostID":100000,"size":65536}]' ]
	[ "$(look '.user')" = '"100000:100000"' ]
	[ "$(look '.namespaces[] | select(.type == "network").owner')" = "$(inode user "$PID")" ]
	[ "$(look '.namespaces[] | select(.type == "user").parent')" = "$(inode user self)" ]
}

@test "rights, limits, mounts, descriptors, hooks and annotations are the container's" {
	for controller in memory pids; do
		[ -d /sys/fs/cgroup/$controller ] || grep -qsw $controller /sys/fs/cgroup/cgroup.controllers ||
			skip "needs the $controller controller"
	done
	running '.process.capabilities.ambient = ["CAP_KILL"] | .process.capabilities.inheritable = ["CAP_KILL"]
		| .process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 200}]
		| .linux.resources = {memory: {limit: 33554432}, pids: {limit: 17}}
		| .mounts += [{destination: "/mine", type: "tmpfs", source: "mine", options: ["ro"]}]
		| .hooks = {poststop: [{path: "/bin/true", args: ["true", "x"]}]}
		| .annotations = {"org.example": "yes"}'
	[ "$(look '.capabilities.effective | sort')" = "$(jq -c '.process.capabilities.effective | sort' config.json)" ]
	[ "$(look .capabilities.ambient)" = '["CAP_KILL"]' ]
	[ "$(look .noNewPrivileges)" = true ]
	[ "$(look '.rlimits[] | select(.type == "RLIMIT_NOFILE") | .soft, .hard' | paste -sd,)" = '"100","200"' ]
	[ "$(look '.mounts[] | select(.destination == "/mine") | .type, .source' | paste -sd,)" = '"tmpfs","mine"' ]
	[ "$(look '.descriptors | map(.fd)')" = '[0,1,2]' ]
	[ "$(look .hooks)" = '[{"kind":"poststop","path":"/bin/true","args":["true","x"]}]' ]
	[ "$(look '.annotations["org.example"]')" = '"yes"' ]
	[ "$(look '.limits[] | select(.name == "tasks") | .used, .limit' | paste -sd,)" = 1,17 ]
	[ "$(look '.limits[] | select(.name == "memory").limit')" = 33554432 ]
	[ "$(look .command)" = '["sleep","1000"]' ]
	run -0 nsrun inspect "$ID"
	[[ $output == *"tasks"*"1 used, limit 17"* && $output == *"RLIMIT_NOFILE"*"100, at most 200 files"* ]]
}

@test "the filter of system calls is counted" {
	skip_unless seccomp
	running '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
		syscalls: [{names: ["swapon"], action: "SCMP_ACT_ERRNO"}]}'
	[ "$(look .seccomp.mode)" = '"filter"' ]
	# What runs the test may have a filter too.
	mine=$(awk '/^Seccomp_filters/ { print $2 }' /proc/self/status)
	[ "$(look .seccomp.filters)" -eq $((${mine:-0} + 1)) ]
}

@test "what a container names cannot move the cursor" {
	new_bundle
	edit '.process.args = ["sh", "-c", "echo up; exec sleep 1000 # \u001b[31m \u009b31m"]'
	detached run --detach --bundle "$BUNDLE" "$ID"
	wait_for grep -q up "$WORK/out"
	nsrun inspect "$ID" >"$WORK/text"
	nsrun inspect --format json "$ID" | jq -e .pid
	! LC_ALL=C grep -q "$(printf '\033')" "$WORK/text"
}

@test "two that share a network: both say so, --dot draws it, --diff is silent about it" {
	running .
	first=$ID
	net=$(inode net "$PID")
	running ".linux.namespaces |= map(if .type == \"network\" then .path = \"/proc/$PID/ns/net\" else . end)"
	[ "$(look '.namespaces[] | select(.type == "network").sharedWith' "$first")" = "[\"$ID\"]" ]
	[ "$(look '.namespaces[] | select(.type == "network").sharedWith')" = "[\"$first\"]" ]
	run -0 nsrun inspect --dot
	[[ $output == "graph nsrun {"*"}" ]]
	[ "$(grep -c -- "-- \":network:$net\";" <<<"$output")" -eq 2 ]
	[ "$(nsrun inspect --dot "$ID" | grep -c -- "-- \":network:$net\";")" -eq 2 ]
	if command -v dot >/dev/null; then
		nsrun inspect --dot | dot -Tsvg >"$WORK/picture.svg"
		sed 's/&#45;/-/g' "$WORK/picture.svg" | grep -q "$first"
	fi
	run -0 nsrun inspect --diff --format json "$first" "$ID"
	jq -e 'map(select(.section == "namespaces").key) | contains(["pid", "uts"])' <<<"$output"
	jq -e "map(select(.key == \"pid\" and .section == \"container\")) == [{section: \"container\", key: \"pid\",
		a: \"$(pid_of "$first")\", b: \"$PID\"}]" <<<"$output"
	run -0 nsrun inspect --diff "$first" "$ID"
	[[ $output == *"container pid"*"- "*"+ $PID"* ]]
}

@test "the host, and how a container differs from it" {
	run -0 nsrun inspect --host --format json
	[ "$(jq '.namespaces[] | select(.type == "network").inode' <<<"$output")" = "$(inode net self)" ]
	jq -e 'has("id") | not' <<<"$output"
	running .
	run -0 nsrun inspect --host --diff --format json "$ID"
	jq -e 'map(select(.section == "namespaces" and .key == "network")) | length == 1' <<<"$output"
}

@test "a created and a stopped one, one that is none, and wrong ways to ask" {
	new_bundle
	in_container true
	detached create --bundle "$BUNDLE" "$ID"
	[ "$(look .status)" = '"created"' ]
	[ "$(look '.namespaces | length > 5')" = true ]
	nsrun start "$ID"
	wait_for is_status "$ID" stopped
	[ "$(look 'del(.id, .created) | keys')" = '["bundle","rootfs","status"]' ]
	run -1 nsrun inspect nobody
	[[ $output == *"does not exist"* ]]
	run -1 nsrun inspect
	[[ $output == *"hint: give one id"* ]]
	run -1 nsrun inspect --diff "$ID"
	[[ $output == *"1 containers are given, 2 expected"* ]]
	run -1 nsrun inspect ../x
}
