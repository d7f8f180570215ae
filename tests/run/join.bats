#!/usr/bin/env bats
# join.bats: namespaces by path, in every combination of who owns them and of what is new beside them.

load helpers

needs() {
	skip_unless root
}

USERNS='.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
	| .linux.gidMappings = .linux.uidMappings'
TIME=.
[ ! -e /proc/self/ns/time ] || TIME='.linux.namespaces += [{type: "time"}]'
# A filter: each namespace of $types by the path of process $pid; those that are not there yet are added.
JOIN='reduce ($types | split(" ")[]) as $t (.; (if $t == "network" then "net" elif $t == "mount" then "mnt" else $t end) as $file
	| .linux.namespaces |= (map(select(.type != $t)) + [{type: $t, path: "/proc/\($pid)/ns/\($file)"}]))
	| if $types | test("uts") then del(.hostname) else . end
	| if $types | test("user") then del(.linux.uidMappings, .linux.gidMappings) else . end'

# ns PID KIND
ns() {
	readlink "/proc/$1/ns/$2"
}

# sleeping FILTER [ARGUMENT OF JQ]...: a running container in the background, changed with FILTER; sets PID
sleeping() {
	new_bundle
	edit "$@"
	in_container 'exec sleep 100'
	detached run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	PID=$(pid_of "$ID")
}

# same PID PID KIND...: both are in the same namespaces of these kinds
same() {
	local a=$1 b=$2 kind

	for kind in "${@:3}"; do
		[ -e "/proc/self/ns/$kind" ] || continue
		[ "$(ns "$a" "$kind")" = "$(ns "$b" "$kind")" ] || {
			echo "$kind is not the same"
			return 1
		}
	done
}

# refused TEXT: create says no with the text, and nothing is left
refused() {
	detached create --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 1 ]
	grep -qF -- "$1" <<<"$output"
	[ ! -e "$ROOT/$ID" ]
}

# holder COMMAND...: what keeps namespaces alive in the background; sets PID
holder() {
	"$@" sleep 100 </dev/null >/dev/null 2>&1 3>&- &
	PID=$!
	wait_for eval '[ "$(cat /proc/'"$PID"'/comm)" = sleep ]'
}

@test "all of a pod with a user namespace, at once" {
	sleeping "$USERNS | $TIME"
	local first=$PID types='user ipc uts network pid cgroup'
	[ "$TIME" = . ] || types+=' time'
	sleeping "$JOIN" --arg pid "$first" --arg types "$types"
	same "$PID" "$first" user ipc uts net pid cgroup time
	[ "$(ns "$PID" mnt)" != "$(ns "$first" mnt)" ]
	[ "$(stat -c %u "/proc/$PID")" = 100000 ]
	# In any order of the config.
	sleeping "$JOIN | .linux.namespaces |= reverse" --arg pid "$first" --arg types "$types"
	same "$PID" "$first" user ipc uts net pid cgroup time
	nsrun kill "$ID" KILL
	wait_for is_status "$ID" stopped
	kill -0 "$first"
}

@test "a joined user namespace owns what is new" {
	sleeping "$USERNS"
	local first=$PID
	new_bundle
	edit "$JOIN | $TIME" --arg pid "$first" --arg types user
	in_container 'hostname other && ip link add name d type dummy 2>/dev/null; ip link set lo up && mount -t tmpfs t /tmp && echo $(id -u) $(hostname) $$'
	edit '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN", "CAP_NET_ADMIN"])'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$output" = '0 other 1' ]
}

@test "namespaces of the host's owner beside a new user namespace" {
	sleeping "$TIME"
	local first=$PID types='ipc uts network pid'
	[ "$TIME" = . ] || types+=' time'
	sleeping "$USERNS | $JOIN | .mounts |= map(select((.type | IN(\"sysfs\", \"mqueue\", \"proc\"))
		or .destination == \"/sys/fs/cgroup\" | not)) | del(.linux.maskedPaths, .linux.readonlyPaths)" --arg pid "$first" --arg types "$types"
	same "$PID" "$first" ipc uts net pid time
	[ "$(ns "$PID" user)" != "$(ns self user)" ]
}

@test "a user namespace of another owner, alone and with what it owns" {
	skip_unless setpriv unshare
	holder setpriv --reuid=1 --regid=1 --clear-groups unshare --user --map-root-user --net --uts --ipc
	local first=$PID
	sleeping "$JOIN | .process.rlimits = [] | del(.linux.resources)
		| .mounts |= map(if .type == \"devpts\" then .options -= [\"gid=5\"] else . end)" --arg pid "$first" --arg types 'user network uts ipc'
	same "$PID" "$first" user net uts ipc
	[ "$(stat -c %u "/proc/$PID")" = 1 ]
	# setgroups is denied there: root's groups are gone before.
	grep -qE '^Groups:[[:space:]]*$' "/proc/$PID/status"
	nsrun delete --force "$ID"
	# One that has no id 0.
	kill "$first"
	holder setpriv --reuid=1 --regid=1 --clear-groups unshare --user --map-user=5 --map-group=5
	new_bundle
	edit "$JOIN" --arg pid "$PID" --arg types user
	refused 'become gid 0 of the user namespace'
	kill "$PID"
}

@test "the pod of an ordinary user" {
	skip_unless setpriv unshare
	# user COMMAND...: as the ordinary user
	user() {
		setpriv --reuid=daemon --regid=daemon --clear-groups env XDG_RUNTIME_DIR="$WORK" "$@" </dev/null 3>&-
	}
	# pod FILTER...: a container of the user; sets PID
	pod() {
		new_bundle
		rm "$BUNDLE/config.json"
		chown -R daemon: "$WORK"
		user "$NSRUN" spec --rootless --bundle "$BUNDLE"
		edit '.process.terminal = false'
		edit "$@"
		in_container 'exec sleep 100'
		chmod 644 "$BUNDLE/config.json"
		ROOT=$WORK/nsrun
		user "$NSRUN" run --detach --bundle "$BUNDLE" "$ID" >"$WORK/out" 2>&1 || {
			cat "$WORK/out"
			return 1
		}
		PID=$(user "$NSRUN" state "$ID" | jq .pid)
	}
	user unshare --user true 2>/dev/null || skip "user namespaces are root's here"
	pod .
	local first=$PID
	pod "$JOIN" --arg pid "$first" --arg types 'user ipc uts network pid'
	same "$PID" "$first" user ipc uts net pid
	[ "$(ns "$PID" mnt)" != "$(ns "$first" mnt)" ]
	local pod=$PREFIX$((N_BUNDLES - 1))
	user "$NSRUN" delete --force "$ID"
	kill -0 "$first"
	user "$NSRUN" delete --force "$pod"
	# Not what is somebody else's.
	new_bundle
	rm "$BUNDLE/config.json"
	chown -R daemon: "$BUNDLE"
	user "$NSRUN" spec --rootless --bundle "$BUNDLE"
	edit "$JOIN | .process.terminal = false" --arg pid $$ --arg types network
	chmod 644 "$BUNDLE/config.json"
	run -1 user "$NSRUN" create --bundle "$BUNDLE" "$ID"
	echo "$output"
	[[ $output == *"permission denied"*"/linux/namespaces/"* ]]
}

@test "our own namespaces by their paths are as if they were not listed" {
	local kind
	sleeping '.linux.namespaces = [{type: "mount"}] + ($kinds | split(" ") | map({type: ., path: "/proc/self/ns/\(if . == "network" then "net" else . end)"}))
		| del(.hostname) | .mounts |= map(select(.type | IN("sysfs", "mqueue") | not))' \
		--arg kinds "network uts ipc pid cgroup user$([ "$TIME" = . ] || echo ' time')"
	same self "$PID" net uts ipc pid cgroup user time
}

@test "what is no namespace, or of another type, is refused before anything is made" {
	new_bundle
	local type file other
	cp "$BUNDLE/config.json" "$WORK/spec.json"
	mkfifo "$WORK/fifo"
	for type in mount:mnt network:net uts:uts ipc:ipc pid:pid cgroup:cgroup user:user time:time; do
		file=${type#*:}
		[ -e "/proc/self/ns/$file" ] || continue
		other=uts
		[ $file != uts ] || other=ipc
		for path in "/proc/$$/ns/$other" /etc/passwd /etc "$WORK/fifo" /dev/null; do
			cp "$WORK/spec.json" "$BUNDLE/config.json"
			edit '.linux.namespaces |= map(select(.type != $t)) + [{type: $t, path: $path}] | del(.hostname)' \
				--arg t ${type%:*} --arg path "$path"
			case $path in
			/proc/*) refused "is a namespace of type $other, not ${type%:*}" ;;
			*) refused "$path is not a namespace" ;;
			esac
		done
	done
}

@test "a process that has ended, and a pid namespace whose first process has" {
	skip_unless unshare
	new_bundle
	edit "$JOIN" --arg pid 4194304 --arg types network
	refused 'no such file or directory'
	mkdir "$WORK/pins"
	touch "$WORK/pins/pid"
	mount --bind "$WORK/pins" "$WORK/pins"
	mount --make-private "$WORK/pins"
	unshare --pid="$WORK/pins/pid" --fork true
	edit '.linux.namespaces |= map(select(.type | IN("network", "pid") | not)) + [{type: "pid", path: $path}]' --arg path "$WORK/pins/pid"
	detached create --bundle "$BUNDLE" "$ID"
	umount "$WORK/pins/pid" "$WORK/pins"
	[ "$status" -eq 1 ]
	[[ $output == *"the first process of the joined pid namespace has ended"* ]]
	[ -z "$(leftovers)" ]
}

@test "a pid namespace that is not below ours" {
	skip_unless unshare
	new_bundle
	edit '.linux.namespaces |= map(if .type == "pid" then .path = $path else . end)' --arg path "/proc/$$/ns/pid"
	run -1 unshare --pid --fork "$NSRUN" --root "$ROOT" create --bundle "$BUNDLE" "$ID"
	[[ $output == *"it is not below the one of nsrun"* || $output == *"ns/pid"* ]]
	[ -z "$(leftovers)" ]
}
