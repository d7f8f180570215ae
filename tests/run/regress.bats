# regress: bugs that were found once, each with the test that keeps it away.
load helpers

@test "--config counts from the bundle, for every command, and is part of the advice" {
	new_bundle
	cd "$WORK"
	nsrun spec --bundle "$BUNDLE" --config other.json --no-terminal -- hostname
	[ -e "$BUNDLE/other.json" ]
	run -0 nsrun run --bundle "$BUNDLE" --config other.json "$ID"
	[ "$output" = nsrun ]
	run -0 nsrun check --config other.json "$BUNDLE"
	run -0 nsrun check --config "$BUNDLE/other.json" "$BUNDLE"
	# What is missing is named, and the advice makes just that file.
	run -1 nsrun create --bundle "$BUNDLE" --config no.json "$ID"
	[[ $output == *"at $BUNDLE/no.json"* ]]
	[[ $output == *"nsrun spec --bundle $BUNDLE --config no.json"* ]]
	jq '.process.cwd = "x" | .process.args = []' "$BUNDLE/other.json" >"$BUNDLE/bad.json"
	run -1 nsrun create --bundle "$BUNDLE" --config bad.json "$ID"
	[[ $output == *"nsrun check --config bad.json $BUNDLE"* ]]
}

@test "a tmpfs without mode on a missing mount point is the same at every run" {
	skip_unless root
	new_bundle
	edit '.mounts += [{destination: "/new", type: "tmpfs", source: "tmpfs"}] | .root.readonly = false'
	in_container 'stat -c %a /new'
	run -0 nsrun run "$ID"
	[ "$output" = 755 ]
	run -0 nsrun run "$ID"
	[ "$output" = 755 ]
}

@test "findings are in the order of the text" {
	new_bundle
	edit '.mounts[0].destination = "proc" | .process.cwd = "x" | .process.args = [] | .hostnme = 1
		| .linux.namespaces += [{type: "pid"}]'
	run -1 nsrun check
	grep -o '^config.json:[0-9]*:[0-9]*' <<<"$output" >"$WORK/places"
	[ "$(wc -l <"$WORK/places")" -ge 5 ]
	sort -t: -k2,2n -k3,3n -c "$WORK/places"
	run -1 nsrun check --format json
	jq -e '[.findings[] | [.line, .column]] | . == sort' <<<"$output"
}

@test "errors of the common mistakes say what to do" {
	run -1 nsrun
	[[ $output == *"no command is given"*hint:* ]]
	new_bundle
	edit '.process.cwd = "/etc/passwd"'
	run -1 nsrun run "$ID"
	[[ $output == *"hint: point /process/cwd at a directory"* ]]
	skip_unless root
	: >"$BUNDLE/image"
	edit '.process.cwd = "/" | .mounts += [{destination: "/new", type: "ext4", source: $image}]' --arg image "$BUNDLE/image"
	run -1 nsrun run "$ID"
	[[ $output == *"block device required"*"hint: give a block device"* ]]
}

@test "start of a stopped container says what to do" {
	new_bundle
	detached create --bundle "$BUNDLE" "$ID"
	nsrun kill "$ID" KILL
	wait_for is_status "$ID" stopped
	run -1 nsrun start "$ID"
	[[ $output == *"cannot start a container that has stopped"*"hint: run \"nsrun delete $ID\""* ]]
}

# bats test_tags=view
@test "the parents of a cgroup go with the container that made them, unless they are in use" {
	skip_unless root cgroup
	new_bundle
	local top=$PREFIX-top
	edit '.linux.cgroupsPath = $path' --arg path "/$top/mid/c1"
	detached create --bundle "$BUNDLE" "$ID"
	[ -n "$(find /sys/fs/cgroup -type d -name "$top")" ]
	nsrun delete --force "$ID"
	[ -z "$(find /sys/fs/cgroup -type d -name "$top")" ]
	# A container beside it keeps them.
	detached create --bundle "$BUNDLE" "$ID"
	edit '.linux.cgroupsPath = $path' --arg path "/$top/c2"
	detached create --bundle "$BUNDLE" "$ID-b"
	nsrun delete --force "$ID"
	[ -z "$(find /sys/fs/cgroup -type d -path "*/$top/mid")" ]
	[ -n "$(find /sys/fs/cgroup -type d -path "*/$top/c2")" ]
	nsrun delete --force "$ID-b"
	find /sys/fs/cgroup -depth -type d -name "$top" -exec rmdir {} +
	# A failed create leaves none.
	edit '.linux.cgroupsPath = $path | .process.args = ["/nosuch"]' --arg path "/$top/c1"
	run -1 nsrun create "$ID"
	[ -z "$(find /sys/fs/cgroup -type d -name "$top")" ]
}

@test "kill --all does not signal without the lock" {
	skip_unless flock
	new_bundle
	in_container 'exec sleep 100'
	detached run --detach "$ID"
	exec 9<"$ROOT/$ID"
	flock 9
	run -1 nsrun kill --all "$ID" KILL 9<&-
	[[ $output == *"is busy with another command"*hint:* ]]
	[ "$(status_of "$ID")" = running ]
	# Init alone is found without it.
	run -0 nsrun kill "$ID" KILL 9<&-
	exec 9<&-
	wait_for is_status "$ID" stopped
}

@test "the intent gives way to the state, and delete removes what is there" {
	new_bundle
	detached create --bundle "$BUNDLE" "$ID"
	[ -e "$ROOT/$ID/state.json" ]
	[ ! -e "$ROOT/$ID/intent.json" ]
	# As a kill between the two would leave it.
	cp "$ROOT/$ID/state.json" "$ROOT/$ID/intent.json"
	: >"$ROOT/$ID/.intent.json.tmp"
	run -0 nsrun delete --force "$ID"
	[ ! -e "$ROOT/$ID" ]
}

@test "delete --force of a create that was killed while it wrote its intent" {
	new_bundle
	mkdir -p -m 700 "$ROOT/$ID"
	: >"$ROOT/$ID/.intent.json.tmp"
	run -0 nsrun delete --force "$ID"
	[ ! -e "$ROOT/$ID" ]
}
