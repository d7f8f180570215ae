#!/usr/bin/env bats
# trace.bats: --trace tells each step of each process, in the format of trace viewers and as a timeline.
# shellcheck disable=SC2154 # bats sets status and output

load helpers

needs() {
	skip_unless root cgroup jq
}

# events FILTER: of the trace that was written last
events() {
	jq -c "[.traceEvents[] | select(.ph == \"X\")] | $1" "$WORK/trace"
}

# well_formed: what viewers need: each event has a name, a process, a begin and a duration; each process a name
well_formed() {
	jq -e '.displayTimeUnit == "ms" and (.traceEvents | length > 0)
		and all(.traceEvents[]; (.name | length > 0) and (.pid | type) == "number" and .tid == .pid)
		and all(.traceEvents[] | select(.ph == "X"); .ts >= 0 and .dur >= 0)
		and all(.traceEvents[]; .ph == "X" or (.ph == "M" and .name == "process_name" and .args.name != ""))
		and ([.traceEvents[] | select(.ph == "X").pid] | unique) ==
			([.traceEvents[] | select(.ph == "M").pid] | unique)' "$WORK/trace"
}

@test "run: every step of the plan, in both processes, inside the time that it took" {
	new_bundle
	in_container true
	before=$(date +%s%N)
	run -0 nsrun --trace "$WORK/trace" run "$ID"
	took=$(($(date +%s%N) - before))
	[ -z "$output" ]
	well_formed
	[ "$(events '[.[] | select(.args).args.step] == [range(1; ([.[] | select(.args)] | length) + 1)]')" = true ]
	[ "$(events '[.[] | select(.args)] | length')" -gt 30 ]
	[ "$(events 'map(.pid) | unique | length')" -eq 2 ]
	[ "$(events 'map(select(.name | startswith("mount proc"))) | length')" -eq 1 ]
	[ "$(events 'map(.name) | contains(["config checked", "init let go, program runs", "state removed"])')" = true ]
	[ "$(events "map(.ts + .dur) | max * 1000 < $took")" = true ]
	# No process is in two steps at once.
	[ "$(events '[group_by(.pid)[] | map(select(.args)) | sort_by(.args.step)
		| [.[:-1], .[1:]] | transpose[] | .[0].ts + .[0].dur <= .[1].ts + 0.01] | all')" = true ]
}

@test "create, start, exec and delete each write their own" {
	new_bundle
	in_container 'exec sleep 1000'
	edit '.hooks.poststart = [{path: "/bin/true"}] | .hooks.poststop = [{path: "/bin/true"}]
		| .hooks.createRuntime = [{path: "/bin/true"}]'
	detached --trace "$WORK/trace" create --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	well_formed
	[ "$(events 'map(.name) | any(startswith("hook createRuntime"))')" = true ]
	[ "$(events 'map(.name) | any(startswith("exec"))')" = false ]
	run -0 nsrun --trace "$WORK/trace" start "$ID"
	well_formed
	[ "$(events 'map(.name)')" = '["init let go, program runs","hook poststart"]' ]
	run -0 nsrun --trace "$WORK/trace" exec "$ID" true
	well_formed
	[ "$(events 'map(.name) | any(startswith("exec true"))')" = true ]
	[ "$(events 'map(.pid) | unique | length >= 2')" = true ]
	run -0 nsrun --trace "$WORK/trace" delete --force "$ID"
	well_formed
	[ "$(events 'map(.name)')" = '["init is gone","cgroups removed","hook poststop","state removed"]' ]
}

@test "a create that fails: the step that failed is the last of its process" {
	new_bundle
	edit '.mounts += [{destination: "/x", type: "tmpfs", source: "x", options: ["nonsense=1"]}]'
	run -1 nsrun --trace "$WORK/trace" create --bundle "$BUNDLE" "$ID"
	well_formed
	[ "$(events 'map(select(.cat == "rootfs")) | max_by(.args.step).name')" = '"mount tmpfs on /x"' ]
	[ "$(events 'map(.name) | contains(["cleaned up after the failure", "state removed"])')" = true ]
}

@test "behind the filter there is no clock: the steps are there, without a duration" {
	skip_unless seccomp
	new_bundle
	in_container true
	edit '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["clock_gettime"], action: "SCMP_ACT_KILL"}]}'
	run -0 nsrun --trace "$WORK/trace" run "$ID"
	well_formed
	[ "$(events 'map(select(.cat == "start")) | length')" -ge 2 ]
	[ "$(events 'map(.ts + .dur) | max < 600000000')" = true ]
}

@test "\"-\" is a timeline on stderr, with bars" {
	new_bundle
	in_container 'echo out'
	nsrun --trace - run "$ID" >"$WORK/stdout" 2>"$WORK/stderr"
	[ "$(cat "$WORK/stdout")" = out ]
	grep -Eq '^ +[0-9.]+ +[0-9.]+  init rootfs   \|[ #.]{40}\| [0-9]+ mount proc on /proc$' "$WORK/stderr"
	[ "$(grep -c '|.*|' "$WORK/stderr")" -gt 30 ]
	grep -q '#' "$WORK/stderr"
}

@test "a file that cannot be written is an error before anything is made; without --trace there is none" {
	new_bundle
	run -1 nsrun --trace "$WORK/no/trace" create --bundle "$BUNDLE" "$ID"
	[[ $output == *"open --trace $WORK/no/trace: no such file or directory"*"hint: give --trace a file"* ]]
	[ ! -e "$ROOT/$ID" ]
}
