#!/usr/bin/env bats
# idmap.bats: id-mapped mounts: whose ids are mapped, how deep, on which file systems, and what is refused.

load helpers

needs() {
	skip_unless root
}

# new_source: WORK/source, a tmpfs with files of the uids (and gids) 0, 5 and 1000, and WORK/source/below, another one.
# The test unmounts them with drop_source.
new_source() {
	local id

	mkdir "$WORK/source"
	mount -t tmpfs tmpfs "$WORK/source"
	mkdir "$WORK/source/below"
	mount -t tmpfs tmpfs "$WORK/source/below"
	for id in 0 5 1000; do
		touch "$WORK/source/$id" "$WORK/source/below/$id"
		chown $id:$id "$WORK/source/$id" "$WORK/source/below/$id"
	done
}

drop_source() {
	umount "$WORK/source/below" "$WORK/source"
}

# can_map DIR: skips the test, loudly, where this kernel has no id-mapped mounts of DIR's file system
can_map() {
	new_bundle
	edit '.root.readonly = false | .process.args = ["true"] | .mounts += [{destination: "/mnt", source: $dir,
		options: ["bind", "idmap=uids=0-1-1;gids=0-1-1"]}]' --arg dir "$1"
	run nsrun run --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ] || {
		umount -R "$WORK/source" 2>/dev/null || :
		skip "no id-mapped mounts of $(stat -f -c %T "$1") here: $output"
	}
}

# owned PATHS...: their owners as the container sees them
owned() {
	edit '.process.args = ["stat", "-c", "%u:%g"] + ($paths | split(" "))' --arg paths "$*"
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	output=$(tr '\n' ' ' <<<"$output")
	output=${output% }
}

# source_mount OPTIONS [MAPPINGS]: mounts WORK/source on /mnt of the container; both JSON
source_mount() {
	edit '.root.readonly = false | .mounts |= map(select(.destination != "/mnt"))
		+ [{destination: "/mnt", source: $source, options: $options} + $maps]' --arg source "$WORK/source" \
		--argjson options "$1" --argjson maps "${2:-{\}}"
}

# maps FIRST SECOND SIZE: the same for uids and gids
maps() {
	local map='[{"containerID": '$1', "hostID": '$2', "size": '$3'}]'

	echo "{\"uidMappings\": $map, \"gidMappings\": $map}"
}

user_namespace() {
	edit '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1},
		{containerID: 1, hostID: 200001, size: 65535}] | .linux.gidMappings = .linux.uidMappings'
}

# is_apart PID: it is in another user namespace than we are
is_apart() {
	[ "$(readlink "/proc/$1/ns/user")" != "$(readlink /proc/self/ns/user)" ]
}

# refused TEXT: check and create say it
refused() {
	run -1 nsrun check --bundle "$BUNDLE"
	grep -qF -- "$1" <<<"$output"
	run -1 nsrun run --bundle "$BUNDLE" "$ID"
	grep -qF -- "$1" <<<"$output"
}

@test "the mount's own mappings, with and without idmap" {
	new_source
	can_map "$WORK/source"
	local options
	for options in '["bind", "idmap"]' '["bind"]' '["rbind", "ridmap"]'; do
		source_mount "$options" "$(maps 0 7000 10)"
		owned /mnt/0 /mnt/5 /mnt/1000
		[ "$output" = "7000:7000 7005:7005 65534:65534" ]
	done
	drop_source
}

@test "uids and gids have mappings of their own, of several ranges" {
	new_source
	can_map "$WORK/source"
	source_mount '["bind", "idmap"]' '{"uidMappings": [{"containerID": 0, "hostID": 70, "size": 1},
		{"containerID": 1000, "hostID": 71, "size": 1}], "gidMappings": [{"containerID": 5, "hostID": 6, "size": 1}]}'
	owned /mnt/0 /mnt/5 /mnt/1000
	[ "$output" = "70:65534 65534:6 71:65534" ]
	drop_source
}

@test "idmap without mappings takes the container's user namespace" {
	new_source
	can_map "$WORK/source"
	user_namespace
	source_mount '["rbind", "idmap"]'
	in_container 'stat -c %u:%g /mnt/0 /mnt/5 /mnt/1000 /mnt/below/5; touch /mnt/new && stat -c %u:%g /mnt/new'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$(tr '\n' ' ' <<<"$output")" = "0:0 5:5 1000:1000 65534:65534 0:0 " ]
	# What root of the container makes is root's on disk.
	[ "$(stat -c %u:%g "$WORK/source/new")" = 0:0 ]
	# And the own mappings win.
	source_mount '["bind", "idmap"]' "$(maps 5 200007 1)"
	owned /mnt/0 /mnt/5
	[ "$output" = "65534:65534 7:7" ]
	drop_source
}

@test "ridmap reaches what is mounted below, idmap does not" {
	new_source
	can_map "$WORK/source"
	source_mount '["rbind", "idmap"]' "$(maps 0 7000 10)"
	owned /mnt/5 /mnt/below/5
	[ "$output" = "7005:7005 5:5" ]
	source_mount '["rbind", "ridmap"]' "$(maps 0 7000 10)"
	owned /mnt/5 /mnt/below/5
	[ "$output" = "7005:7005 7005:7005" ]
	user_namespace
	source_mount '["rbind", "ridmap"]'
	owned /mnt/5 /mnt/below/5
	[ "$output" = "5:5 5:5" ]
	drop_source
}

@test "idmap takes the user namespace that is joined" {
	new_source
	can_map "$WORK/source"
	local pid
	unshare --user sleep 60 </dev/null >/dev/null 2>&1 3>&- &
	pid=$!
	wait_for is_apart "$pid"
	echo 0 300000 1001 >"/proc/$pid/uid_map"
	echo 0 300000 1000 >"/proc/$pid/gid_map"
	edit '.linux.namespaces += [{type: "user", path: "/proc/\($pid)/ns/user"}]' --arg pid "$pid"
	source_mount '["bind", "idmap"]'
	owned /mnt/0 /mnt/5 /mnt/1000
	kill -KILL "$pid"
	drop_source
	[ "$output" = "0:0 5:5 1000:65534" ]
}

@test "crun's form of mappings: idmap=uids=...;gids=..., and ids of the container with @" {
	new_source
	can_map "$WORK/source"
	source_mount '["bind", "idmap=uids=0-7000-1#5-8000-10;gids=0-9000-10"]'
	owned /mnt/0 /mnt/5
	[ "$output" = "7000:9000 8000:9005" ]
	source_mount '["rbind", "ridmap=uids=0-7000-10;gids=0-9000-10"]'
	owned /mnt/below/5
	[ "$output" = 7005:9005 ]
	# 0 and 1 of the container are in different ranges of the host.
	user_namespace
	source_mount '["bind", "idmap=uids=@0-0-10;gids=0-100000-1#@5-3-1"]'
	owned /mnt/0 /mnt/5
	[ "$output" = "0:0 5:3" ]
	drop_source
}

@test "files are mapped too, and the other options still count" {
	new_source
	can_map "$WORK/source"
	edit '.root.readonly = false | .mounts |= map(select(.destination != "/mnt")) + [{destination: "/mnt/file",
		source: "\($work)/source/5", options: ["bind", "ro", "noexec", "idmap"]} + $maps,
		{destination: "/mnt/link", source: "\($work)/link", options: ["bind", "copy-symlink", "idmap"]} + $maps]' \
		--arg work "$WORK" --argjson maps "$(maps 0 7000 10)"
	ln -s file "$WORK/link"
	in_container 'stat -c %u:%g /mnt/file; readlink /mnt/link; grep " /mnt/file " /proc/self/mountinfo
		echo x >/mnt/file || echo refused'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[[ $output == $'7005:7005\nfile\n'*' ro,noexec'*refused ]]
	drop_source
}

@test "an id-mapped volume gives the host no mounts of the container" {
	new_source
	mount --make-rshared "$WORK/source"
	chown 1000:1000 "$WORK/source"
	can_map "$WORK/source"
	edit '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])'
	source_mount '["rbind", "idmap"]' "$(maps 1000 0 10)"
	in_container 'mkdir /mnt/inside && mount -t tmpfs tmpfs /mnt/inside && grep -c /mnt/inside /proc/self/mountinfo'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$output" = 1 ]
	run -1 grep -F "$WORK/source/inside" /proc/self/mountinfo
	drop_source
}

@test "many volumes with the same mappings" {
	new_source
	can_map "$WORK/source"
	edit '.root.readonly = false | .mounts |= map(select(.destination != "/mnt"))
		+ [range(40) | {destination: "/mnt/\(.)", source: $source, options: ["bind", "idmap"]} + $maps]' \
		--arg source "$WORK/source" --argjson maps "$(maps 0 7000 10)"
	in_container 'stat -c %u:%g /mnt/*/5 | sort | uniq -c'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	echo "$output"
	[ "$(tr -s ' \n' ' ' <<<"$output")" = " 40 7005:7005 " ]
	drop_source
}

@test "a file system that cannot be id-mapped is named" {
	new_bundle
	edit '.process.args = ["true"] | .root.readonly = false
		| .mounts += [{destination: "/mnt", source: "/sys", options: ["bind", "idmap"]} + $maps]' \
		--argjson maps "$(maps 0 7000 10)"
	run -1 nsrun run --bundle "$BUNDLE" "$ID"
	echo "$output"
	[[ $output == *'of the file system sysfs'*'/mounts/'*'hint: '* ]]
}

@test "id-mapped mounts that are wrong are refused" {
	new_bundle
	mkdir "$WORK/source"
	source_mount '["bind", "idmap"]'
	refused 'has no mappings, and the container no user namespace'
	source_mount '["rbind", "ridmap"]'
	refused 'has no mappings, and the container no user namespace'
	source_mount '["bind"]' '{"gidMappings": [{"containerID": 0, "hostID": 0, "size": 1}]}'
	refused 'id-mapped mounts must have both uid and gid mappings specified'
	source_mount '["bind"]' '{"uidMappings": [{"containerID": 0, "hostID": 0, "size": 1}]}'
	refused 'id-mapped mounts must have both uid and gid mappings specified'
	source_mount '["bind", "idmap=uids=0-1-1"]'
	refused 'id-mapped mounts must have both uid and gid mappings specified'
	source_mount '["bind", "idmap=uids=0-1;gids=0-1-1"]'
	refused 'is not a mapping of ids'
	source_mount '["bind", "idmap=uids=@0-1-1;gids=0-1-1"]'
	refused 'but there is none'
	source_mount '["bind", "idmap", "ridmap"]' "$(maps 0 1 1)"
	refused 'exclude each other'
	source_mount '["bind", "idmap"]' "$(maps 0 1 0)"
	refused 'the size of the mapping is 0'
	edit '.mounts |= map(select(.destination != "/mnt")) + [{destination: "/mnt", type: "tmpfs", source: "t"} + $maps]' \
		--argjson maps "$(maps 0 1 1)"
	refused 'id-mapped mounts are only supported for bind-mounts'
	user_namespace
	source_mount '["bind", "idmap=uids=@0-65530-10;gids=0-100000-1"]'
	run -1 nsrun run --bundle "$BUNDLE" "$ID"
	echo "$output"
	[[ $output == *'ids that the container does not have'*'/options/1'* ]]
}
