#!/usr/bin/env bats
# systemd.bats: the systemd cgroup manager where there is no systemd. Where there is one: tests/systemd.

load helpers

needs() {
	[ ! -d /run/systemd/system ] || skip "systemd runs here"
}

@test "--systemd-cgroup says that there is no systemd, and makes nothing" {
	new_bundle
	for flags in --systemd-cgroup '--cgroup-manager systemd'; do
		for command in "create $ID" plan; do
			# shellcheck disable=SC2086 # lists of words
			run -1 nsrun $flags $command
			echo "$output"
			[[ $output == *"systemd does not run here"*"hint: use --cgroup-manager cgroupfs"* ]]
			[ ! -e "$ROOT/$ID" ]
		done
	done
}

@test "features names the systemd cgroup manager" {
	[ -e "$(dirname "$NSRUN")/nsrun-systemd" ] || skip "this build has no systemd cgroup manager"
	run -0 nsrun features
	[ "$(jq -c '.linux.cgroup | [.systemd, .systemdUser, .rdma]' <<<"$output")" = '[true,true,true]' ]
}
