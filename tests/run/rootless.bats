#!/usr/bin/env bats
# rootless.bats: containers of an ordinary user: no daemon, no setuid helper, no delegated cgroup. Root becomes another
# user for it, one with a name, which newuidmap(1) wants; an ordinary user stays what it is.

load helpers

needs() {
	skip_unless setpriv unshare
	[ "$(cat /proc/sys/user/max_user_namespaces)" -gt 0 ] || skip "user namespaces are switched off (user.max_user_namespaces)"
	if [ "$(cat /proc/sys/kernel/unprivileged_userns_clone 2>/dev/null)" = 0 ]; then
		skip "user namespaces are root's (kernel.unprivileged_userns_clone)"
	fi
}

OTHER=daemon

# user COMMAND...: as the ordinary user
user() {
	if [ "$(id -u)" -eq 0 ]; then
		chown $OTHER: "$WORK"
		setpriv --reuid=$OTHER --regid="$(id -g $OTHER)" --clear-groups env -i PATH="$PATH" HOME="$WORK" USER=$OTHER \
			XDG_RUNTIME_DIR="$WORK" "$@" </dev/null 3>&-
	else
		env XDG_RUNTIME_DIR="$WORK" "$@" </dev/null 3>&-
	fi
}

# user_bundle: as `nsrun spec --rootless` makes it for the ordinary user
user_bundle() {
	new_bundle
	rm "$BUNDLE/config.json"
	[ "$(id -u)" -ne 0 ] || chown -R $OTHER: "$BUNDLE" "$WORK"
	user "$NSRUN" spec --rootless --bundle "$BUNDLE"
	edit '.process.terminal = false'
	chmod 644 "$BUNDLE/config.json"
	[ "$(id -u)" -ne 0 ] || chown $OTHER: "$BUNDLE/config.json"
	ROOT=$WORK/nsrun
}

# edited FILTER...: edit, and the file is still readable for the user
edited() {
	edit "$@"
	chmod 644 "$BUNDLE/config.json"
}

@test "spec --rootless and run: root inside, its own host name, processes, mounts and network" {
	user_bundle
	in_container 'id -u; id -g; hostname; ps | grep -c "^ *1 "; echo "pid $$"; ip addr show lo | grep -c "inet 127.0.0.1/8"; ls /sys/class/net | tr "\n" " "
		mount | grep -c "^proc on /proc "; hostname other && hostname'
	edited '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])'
	run user "$NSRUN" run --bundle "$BUNDLE" "$ID"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == $'0\n0\nnsrun\n1\npid 1\n1\nlo '*$'\n1\nother' ]] || [[ $output == *$'pid 1\n'* ]]
	[ "$(head -n 3 <<<"$output")" = $'0\n0\nnsrun' ]
	[ "${lines[-1]}" = other ]
}

@test "the state is in XDG_RUNTIME_DIR, and the whole life works" {
	user_bundle
	in_container 'exec sleep 100'
	chmod 644 "$BUNDLE/config.json"
	user "$NSRUN" create --bundle "$BUNDLE" "$ID" >"$WORK/out" 2>&1
	[ -d "$WORK/nsrun/$ID" ]
	[ "$(user "$NSRUN" state "$ID" | jq -r .status)" = created ]
	user "$NSRUN" start "$ID"
	[ "$(user "$NSRUN" state "$ID" | jq -r .status)" = running ]
	local pid
	pid=$(user "$NSRUN" state "$ID" | jq .pid)
	[ "$(stat -c %u "/proc/$pid")" = "$(user id -u)" ]
	[ "$(user "$NSRUN" list -q)" = "$ID" ]
	user "$NSRUN" kill "$ID" KILL
	wait_for eval '[ "$(user "$NSRUN" state "$ID" | jq -r .status)" = stopped ]'
	user "$NSRUN" delete "$ID"
	[ ! -e "$WORK/nsrun/$ID" ]
}

@test "one id is mapped, and setgroups is denied" {
	user_bundle
	in_container 'cat /proc/self/uid_map /proc/self/gid_map | tr -s " "; cat /proc/self/setgroups'
	chmod 644 "$BUNDLE/config.json"
	run user "$NSRUN" run --bundle "$BUNDLE" "$ID"
	echo "$output"
	[ "$output" = " 0 $(user id -u) 1"$'\n'" 0 $(user id -g) 1"$'\n'deny ]
}

@test "files that the container makes belong to the user" {
	user_bundle
	edited '.root.readonly = false'
	in_container 'echo x >/tmp/made'
	chmod 644 "$BUNDLE/config.json"
	run user "$NSRUN" run --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	[ "$(stat -c %u "$BUNDLE/rootfs/tmp/made")" = "$(user id -u)" ]
}

@test "without a user namespace the error says what to add" {
	user_bundle
	edited '.linux.namespaces |= map(select(.type != "user")) | del(.linux.uidMappings, .linux.gidMappings)'
	run user "$NSRUN" run --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 1 ]
	echo "$output"
	[[ $output == *"user namespace"* && $output == *"spec --rootless"* ]]
	[ ! -e "$WORK/nsrun/$ID" ]
}

@test "a namespace limit that is hit is named" {
	user_bundle
	edited '.process.args = ["true"]'
	local kind
	for kind in user net uts; do
		cat >"$WORK/limited" <<-SH
			echo 0 >/proc/sys/user/max_${kind}_namespaces && exec "$NSRUN" --root "$WORK/limited-$kind" run --bundle "$BUNDLE" "$ID"
		SH
		# Limits count per user namespace: that of unshare is ours to limit.
		run user unshare -Ur sh "$WORK/limited"
		echo "$output"
		[ "$status" -eq 1 ]
		[[ $output == *"/proc/sys/user/max_${kind}_namespaces"* ]]
	done
}

@test "as root of a user namespace that has only itself" {
	user_bundle
	in_container 'id -u; cat /proc/self/uid_map | tr -s " "'
	chmod 644 "$BUNDLE/config.json"
	edited '.linux.uidMappings = [{containerID: 0, hostID: 0, size: 1}] | .linux.gidMappings = .linux.uidMappings'
	run user unshare -Ur "$NSRUN" --root "$WORK/inner" run --bundle "$BUNDLE" "$ID"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = 0 ]
	# And without another user namespace: the one that we are in is root enough.
	edited '.linux.namespaces |= map(select(.type != "user")) | del(.linux.uidMappings, .linux.gidMappings)'
	run user unshare -Urm "$NSRUN" --root "$WORK/inner" run --bundle "$BUNDLE" "$ID"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = 0 ]
}

@test "ranges of ids through newuidmap" {
	command -v newuidmap newgidmap >/dev/null || skip "newuidmap is missing (uidmap)"
	[ "$(id -u)" -eq 0 ] || skip_unless subids
	user_bundle
	local name base
	if [ "$(id -u)" -eq 0 ]; then
		[ -w /etc ] || skip "/etc/subuid cannot be written"
		name=$OTHER
		base=3000000
		cp -a /etc/subuid "$WORK/subuid" 2>/dev/null || :
		cp -a /etc/subgid "$WORK/subgid" 2>/dev/null || :
		echo "$name:$base:65536" >>/etc/subuid
		echo "$name:$base:65536" >>/etc/subgid
	else
		base=$(awk -F: -v user="$(id -un)" '$1 == user { print $2; exit }' /etc/subuid)
	fi
	edited '.linux.uidMappings = [{containerID: 0, hostID: $id, size: 1}, {containerID: 1, hostID: $base, size: 65535}]
		| .linux.gidMappings = .linux.uidMappings' --argjson id "$(user id -u)" --argjson base "$base"
	in_container 'tr -s " " </proc/self/uid_map; cat /proc/self/setgroups; id -u; id -G'
	edited '.process.user = {uid: 1000, gid: 1000, additionalGids: [5, 6]}'
	run user "$NSRUN" run --bundle "$BUNDLE" "$ID"
	if [ "$(id -u)" -eq 0 ]; then
		for file in subuid subgid; do
			if [ -e "$WORK/$file" ]; then
				cp -a "$WORK/$file" "/etc/$file"
			else
				rm -f "/etc/$file"
			fi
		done
	fi
	echo "$output"
	if [ "$status" -ne 0 ] && [ "$(stat -c %a "$(command -v newuidmap)")" = 755 ] && [[ $output == *newuidmap* ]]; then
		skip "newuidmap has no rights of its own"
	fi
	[ "$status" -eq 0 ]
	[ "$output" = " 0 $(user id -u) 1"$'\n'" 1 $base 65535"$'\n'allow$'\n'1000$'\n'"1000 5 6" ]
}

@test "an id that the user may not map is refused with the reason" {
	user_bundle
	edited '.linux.uidMappings = [{containerID: 0, hostID: 0, size: 1}]'
	run user "$NSRUN" run --bundle "$BUNDLE" "$ID"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == *"/linux/uidMappings"* || $output == *newuidmap* ]]
	[ ! -e "$WORK/nsrun/$ID" ]
}

@test "cgroup limits without delegation are refused, not forgotten" {
	user_bundle
	[ ! -w /sys/fs/cgroup ] || [ "$(id -u)" -eq 0 ] || skip "this user has a cgroup"
	edited '.linux.resources.memory.limit = 100000000'
	run user "$NSRUN" run --bundle "$BUNDLE" "$ID"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == *cgroup* || $output == *resources* ]]
}

@test "an ordinary user moves no network device: refused before anything is made" {
	user_bundle
	edited '.linux.netDevices = {lo: {name: "x"}}'
	run ! user "$NSRUN" create --bundle "$BUNDLE" "$ID"
	[[ $output == *'network devices are not supported for ordinary users'* ]]
	[[ $output == *'/linux/netDevices'* ]]
	[ ! -e "$WORK/nsrun/$ID" ]
}
