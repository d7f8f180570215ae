#!/usr/bin/env bats
# users.bats: root's containers with user namespaces: ids that are mapped directly. The ordinary user's: rootless.bats.

load helpers

needs() {
	skip_unless root
}

mapped_bundle() {
	new_bundle
	edit '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = [{containerID: 0, hostID: 200000, size: 65536}]'
}

@test "ids are mapped as configured, and the process has the host's" {
	mapped_bundle
	in_container 'tr -s " " </proc/self/uid_map; tr -s " " </proc/self/gid_map; id -u; exec sleep 100'
	detached run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	wait_for grep -x 0 "$WORK/out"
	[ "$(cat "$WORK/out")" = $' 0 100000 65536\n 0 200000 65536\n0' ]
	[ "$(stat -c %u:%g "/proc/$(pid_of "$ID")")" = 100000:200000 ]
}

@test "another user of the namespace, with groups" {
	mapped_bundle
	edit '.process.user = {uid: 1000, gid: 1001, additionalGids: [7, 8]}'
	in_container 'id -u; id -g; id -G; exec sleep 100'
	detached run --detach --bundle "$BUNDLE" "$ID"
	wait_for grep 7 "$WORK/out"
	[ "$(cat "$WORK/out")" = $'1000\n1001\n1001 7 8' ]
	[ "$(stat -c %u:%g "/proc/$(pid_of "$ID")")" = 101000:201001 ]
}

@test "several ranges" {
	mapped_bundle
	edit '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 10}, {containerID: 10, hostID: 300000, size: 5},
		{containerID: 1000, hostID: 1000, size: 1}]'
	in_container 'tr -s " " </proc/self/uid_map'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$output" = $' 0 100000 10\n 10 300000 5\n 1000 1000 1' ]
}

@test "files of unmapped owners are nobody's; the container cannot write to them" {
	mapped_bundle
	edit '.root.readonly = false | .process.capabilities |= map_values(. + ["CAP_DAC_OVERRIDE"])'
	in_container 'stat -c %u /etc/passwd; echo x >>/etc/passwd || echo refused'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[[ $output == 65534* && $output == *refused ]]
}

@test "devices, proc, sysfs, terminal names and hostname work in a user namespace" {
	mapped_bundle
	in_container 'echo x >/dev/null && head -c 1 /dev/zero | wc -c; hostname; ls -d /sys/class /proc/1; ls /dev/pts | grep -c ptmx'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$output" = $'1\nnsrun\n/proc/1\n/sys/class\n1' ]
}

@test "all capabilities in a user namespace are none outside" {
	mapped_bundle
	edit '.process.capabilities = {} | .process.capabilities = (["bounding", "effective", "permitted"] | map({key: .,
		value: ["CAP_SYS_ADMIN", "CAP_SYS_TIME", "CAP_MKNOD", "CAP_SYS_PTRACE"]}) | from_entries) | .root.readonly = false'
	in_container 'date -s 2020-01-01 2>&1 | grep -q "not permitted" && echo no date; mknod /tmp/x c 1 3 2>/dev/null || echo no node; hostname ok && hostname'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[[ $output == *"no date"*"no node"*ok ]]
}
