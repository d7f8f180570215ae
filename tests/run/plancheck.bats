#!/usr/bin/env bats
# plancheck.bats: plan and check: for anyone, touching nothing.

load helpers

# plain COMMAND ARGUMENTS...: as an ordinary user, when we are root
plain() {
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid=12345 --regid=12345 --clear-groups env -i PATH="$PATH" "$NSRUN" "$@" </dev/null 3>&-
	else
		"$NSRUN" "$@" </dev/null 3>&-
	fi
}

@test "plan prints every step, with where it comes from, and touches nothing" {
	skip_unless setpriv
	new_bundle
	chmod 755 "$BUNDLE"
	local before
	before=$(find "$WORK" | sort)
	run -0 plain plan "$BUNDLE"
	[ "$(find "$WORK" | sort)" = "$before" ]
	[[ $output =~ host.*clone.*/linux/namespaces ]]
	[[ $output =~ init.*mount\ proc\ on\ /proc.*/mounts/0 ]]
	# Behind the steps: from where nsrun runs.
	output=$(grep -v '^nsrun runs ' <<<"$output")
	mapfile -t lines <<<"$output"
	[[ ${lines[-1]} =~ exec ]]
	# Numbered from 1 without a gap, and each with its origin.
	[ "$(awk '{ print $1 }' <<<"$output")" = "$(seq "${#lines[@]}")" ]
	! grep -vE '(/[a-zA-Z0-9/]+|\(.*\))( |$)' <<<"$output" || false
}

@test "plan --format json has the same steps" {
	new_bundle
	nsrun plan --format json "$BUNDLE" >"$WORK/plan.json"
	jq -e '.steps | length > 20 and all(.step and .lane and .phase and .kind and .label)' "$WORK/plan.json"
	[ "$(jq '.steps | length' "$WORK/plan.json")" = "$(nsrun plan "$BUNDLE" | grep -c '^ *[0-9]')" ]
}

@test "plan of a config that is wrong says what check says" {
	new_bundle
	edit '.process.cwd = "tmp"'
	run -1 nsrun plan "$BUNDLE"
	[[ $output == *"/process/cwd"* ]]
}

@test "check of what spec makes finds nothing" {
	new_bundle
	run -0 nsrun check "$BUNDLE"
	run -0 nsrun check --strict "$BUNDLE"
	new_bundle --rootless
	run -0 nsrun check --strict "$BUNDLE"
}

@test "check prints five mistakes with their places" {
	new_bundle
	cat >"$BUNDLE/config.json" <<-'JSON'
		{
		  "ociVersion": "1.3.0",
		  "process": {
		    "cwd": "tmp",
		    "args": ["sh"],
		    "user": { "uid": -1, "gid": 0 },
		    "capabilities": { "bounding": ["CAP_SYS_ADMIM"] }
		  },
		  "root": { "path": "rootfs" },
		  "linux": {
		    "namespaces": [ { "type": "mount" }, { "type": "netwrok" } ],
		    "maskedPaths": ["proc/kcore"]
		  }
		}
	JSON
	run -1 nsrun check "$BUNDLE"
	echo "$output"
	local place
	for place in 4:12 6:22 7:36 11:52 12:21; do
		grep -q "config.json:$place " <<<"$output"
	done
	[ "$(grep -c '^config.json:' <<<"$output")" -eq 5 ]
	[[ $output == *"4 errors, 1 warning"* ]]
	[[ $output == *CAP_SYS_ADMIN* && $output == *'"network"'* ]]
	nsrun check --format json "$BUNDLE" >"$WORK/found.json" || :
	jq -e . "$WORK/found.json"
	[ "$(jq -r '.. | .line? // empty' "$WORK/found.json" | sort -n | tr '\n' ' ')" = "4 6 7 11 12 " ]
}

@test "an unknown property is told, and only --strict minds it" {
	new_bundle
	edit '.linux.maskedPath = []'
	run -0 nsrun check "$BUNDLE"
	[[ $output == *maskedPath* ]]
	run -1 nsrun check --strict "$BUNDLE"
	[[ $output == *maskedPaths* ]]
}

@test "check says what is wrong with the bundle" {
	run -1 nsrun check "$WORK/none"
	[[ $output == *"no such file or directory"* ]]
	mkdir "$WORK/empty"
	run -1 nsrun check "$WORK/empty"
	[[ $output == *config.json* ]]
}

@test "spec does not overwrite, help and version are for all" {
	new_bundle
	run -1 nsrun spec --bundle "$BUNDLE"
	[[ $output == *config.json* ]]
	local command
	for command in create start state kill delete run list spec plan check features; do
		run -0 plain $command --help
		[[ ${lines[0]} == "nsrun $command: "* ]]
		run -0 plain help $command
	done
	run -0 plain --version
	[[ ${lines[0]} == "nsrun version "* ]]
	[[ $output == *"spec: 1."* ]]
	nsrun features | jq -e '.hooks | length == 6'
	[ -z "$(nsrun features 2>&1 >/dev/null)" ]
}

@test "plan --diff: what another config changes, and nothing else" {
	new_bundle
	jq '.hostname = "other" | .mounts |= [{destination: "/first", type: "tmpfs", source: "x"}] + .
		| del(.linux.maskedPaths[0])' config.json >other.json
	run -0 nsrun plan --diff other.json
	[ "$(grep -c '^+' <<<"$output")" -eq 2 ]
	[ "$(grep -c '^-' <<<"$output")" -eq 2 ]
	[ "${#lines[@]}" -eq 4 ]
	[[ $output == *"+ "*"mount tmpfs on /first "*"- "*"hostname nsrun"*"+ "*"hostname other "*"- "*"cover /proc/"* ]]
	run -0 nsrun plan --diff config.json
	[ -z "$output" ]
	run -0 nsrun plan --diff other.json --format json
	jq -e 'length == 4 and all(.step and .lane and .phase and .label and .why)
		and (map(.change) | sort) == ["+", "+", "-", "-"]' <<<"$output"
	# Another bundle.
	first=$BUNDLE
	new_bundle
	edit '.hostname = "second"'
	run -0 nsrun plan --diff "$first"
	[ "$(grep -c 'hostname' <<<"$output")" -eq 2 ]
	run -1 nsrun plan --diff nothing.json
	[[ $output == *"nothing.json"* ]]
	echo '{}' >bad.json
	run -1 nsrun plan --diff bad.json
	[[ $output == *"ociVersion"* ]]
}

@test "plan --why: the reason of a step, its place, its neighbours, and what its failures mean" {
	new_bundle
	edit '.mounts += [{destination: "/mine", type: "tmpfs", source: "x"}]'
	run -0 nsrun plan --why /mine
	[[ $output == "step "*": mount tmpfs on /mine"*"done by  init, in the phase rootfs"* ]]
	line=$(grep -n '"/mine"' config.json | cut -d: -f1)
	place=$(sed -n 's|.*because  config.json:\([0-9]*\):[0-9]* /mounts/[0-9]* asks.*|\1|p' <<<"$output")
	[ "$place" -le "$line" ]
	[ "$place" -ge $((line - 2)) ]
	[[ $output == *"no such device"*"module of that file system"* ]]
	n=$(nsrun plan | sed -n 's|^ *\([0-9]*\) .* mount tmpfs on /mine .*|\1|p')
	[ "$(nsrun plan --why "$n")" = "$output" ]
	run -0 nsrun plan --why pivot --format json
	jq -e 'length == 1 and .[0].kind == "pivot" and (.[0].failures | length > 0) and .[0].before and .[0].after' <<<"$output"
	run -1 nsrun plan --why nonsense
	[[ $output == *'the plan has no step "nonsense"'*"hint: give a number"* ]]
	run -1 nsrun plan --why pivot --seccomp
	[[ $output == *"exclude each other"* ]]
}

@test "plan --seccomp: the actions are those of the filter itself" {
	skip_unless seccomp
	new_bundle
	run -0 nsrun plan --seccomp
	[ "$output" = "no filter: every system call is allowed" ]
	edit '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 7, syscalls: [
		{names: ["read", "write"], action: "SCMP_ACT_ALLOW"}, {names: ["bpf"], action: "SCMP_ACT_KILL_PROCESS"},
		{names: ["personality"], action: "SCMP_ACT_ALLOW", args: [{index: 0, value: 0, op: "SCMP_CMP_EQ"}]}]}'
	nsrun plan --seccomp --format json >"$WORK/filter"
	of() { jq -r --arg call "$1" '.[] | select(.syscalls | index($call)).action' "$WORK/filter"; }
	[ "$(of read)" = SCMP_ACT_ALLOW ]
	[ "$(of bpf)" = SCMP_ACT_KILL_PROCESS ]
	[ "$(of getpid)" = 'SCMP_ACT_ERRNO(7)' ]
	[[ $(of personality) == *"SCMP_ACT_ERRNO(7)"*"SCMP_ACT_ALLOW, by its arguments" ]]
	[ "$(jq '[.[].syscalls[]] | length > 300 and length == (unique | length)' "$WORK/filter")" = true ]
	run -0 nsrun plan --seccomp
	[[ $output == *"SCMP_ACT_KILL_PROCESS: 1 system calls"*"bpf"* ]]
	[ "$(awk '{ if (length > max) max = length } END { print max }' <<<"$output")" -le 105 ]
}

@test "plan says from where nsrun runs: as it is, a detached read-only mount, or a sealed copy" {
	skip_unless root unshare
	new_bundle
	run -0 nsrun plan "$BUNDLE"
	[[ $output == *$'\nnsrun runs from a detached read-only mount' ]] || [[ $output == *$'\nnsrun runs as it is: '* ]]
	[ "nsrun runs $(nsrun plan --format json "$BUNDLE" | jq -r .executable)" = "${lines[-1]}" ]
	run -0 unshare -m sh -c 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && "$1" plan "$2"' sh "$NSRUN" "$BUNDLE"
	[[ $output == *$'\nnsrun runs as it is: it lies on a read-only mount' ]]
	# Without the right to make a mount.
	run -0 setpriv --bounding-set -sys_admin --inh-caps -sys_admin "$NSRUN" plan "$BUNDLE"
	[[ $output == *$'\nnsrun runs from a sealed copy in memory' ]] || [[ $output == *$'\nnsrun runs as it is: '* ]]
}

@test "plan on a terminal has colours and groups, and none with NO_COLOR or elsewhere" {
	skip_unless script
	new_bundle
	local plain=$WORK/plain coloured
	nsrun plan >"$plain"
	coloured=$(TERM=xterm NO_COLOR='' script -qec "'$NSRUN' plan" /dev/null </dev/null | tr -d '\r')
	[[ $coloured == *$'\033[32minit rootfs'* ]]
	grep -q '^$' <<<"$coloured"
	diff "$plain" <(sed -e 's/\x1b\[[0-9]*m//g' <<<"$coloured" | grep -v '^$')
	diff "$plain" <(TERM=xterm NO_COLOR=1 script -qec "'$NSRUN' plan" /dev/null </dev/null | tr -d '\r')
	diff "$plain" <(TERM=dumb NO_COLOR='' script -qec "'$NSRUN' plan" /dev/null </dev/null | tr -d '\r')
}
