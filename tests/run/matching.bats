#!/usr/bin/env bats
# matching.bats: kill and delete for all ids that a regular expression matches; --config; the formats of list.

load helpers

needs() {
	skip_unless root
}

# several NAME...: running containers $PREFIX<NAME>
several() {
	local name

	new_bundle
	in_container 'exec sleep 1000'
	for name; do
		detached run --detach --bundle "$BUNDLE" "$PREFIX$name"
		[ "$status" -eq 0 ]
	done
}

@test "kill --regex signals all that match and no other" {
	several aa ab b
	run -0 nsrun kill --regex "^${PREFIX}a" KILL
	[ -z "$output" ]
	wait_for is_status "${PREFIX}aa" stopped
	wait_for is_status "${PREFIX}ab" stopped
	[ "$(status_of "${PREFIX}b")" = running ]
	# An extended expression, anywhere in the id; with --all too.
	run -0 nsrun kill -a -r '(x|b)$' KILL
	wait_for is_status "${PREFIX}b" stopped
	# One that fails does not keep the others from their signal; the error names it.
	detached run --detach --bundle "$BUNDLE" "${PREFIX}zz"
	run -1 nsrun kill -r 'zz|aa' KILL
	[[ $output == *"container not running: ${PREFIX}aa"* ]]
	wait_for is_status "${PREFIX}zz" stopped
}

@test "delete --regex deletes all that match, --force those that run too" {
	several aa ab b
	run -1 nsrun delete --regex "${PREFIX}a"
	[[ $output == *"cannot delete container ${PREFIX}aa that is not stopped: running"* ]]
	[ "$(nsrun list -q | wc -l)" -eq 3 ]
	run -0 nsrun delete --force -r "${PREFIX}a"
	[ "$(nsrun list -q)" = "${PREFIX}b" ]
	nsrun kill "${PREFIX}b" KILL
	wait_for is_status "${PREFIX}b" stopped
	run -0 nsrun delete -r 'b$'
	[ -z "$(nsrun list -q)" ]
}

@test "no match is an error, but not for delete --force; a bad expression always is" {
	local command
	new_bundle
	for command in 'kill' 'delete'; do
		run -1 nsrun $command --regex nonesuch
		[[ $output == *'container does not exist: no id matches nonesuch'* ]]
		run -1 nsrun $command -r '('
		[[ $output == *'not a regular expression'* ]]
		# Without the flag it is an id, and checked as one.
		run -1 nsrun $command '.*'
		[[ $output == *'invalid container ID format'* ]]
	done
	run -0 nsrun delete --force --regex nonesuch
	run -1 nsrun delete --force --regex '('
	# An expression leads nowhere but to ids.
	detached create --bundle "$BUNDLE" "$ID"
	run -1 nsrun kill --regex '../'"$ID" KILL
	run -0 nsrun delete --force --regex '\.cache'
	[ "$(status_of "$ID")" = created ]
	run -0 nsrun delete --regex '.*'
}

@test "list has the flags of runc and crun" {
	several a
	run -0 nsrun list
	[[ ${lines[0]} == ID*PID*STATUS*BUNDLE*CREATED*OWNER ]]
	local flag
	for flag in '-f json' '--format json' '--format=json' '-format json'; do
		# shellcheck disable=SC2086 # words
		nsrun list $flag | jq -e --arg id "${PREFIX}a" 'length == 1 and .[0].id == $id'
	done
	for flag in -q --quiet -quiet '-q -f json'; do
		# shellcheck disable=SC2086 # words
		[ "$(nsrun list $flag)" = "${PREFIX}a" ]
	done
	[ "$(nsrun list -f table)" = "$(nsrun list)" ]
	run -1 nsrun list -f xml
}

@test "create and run --config: a file of the bundle, or an absolute path" {
	new_bundle
	in_container 'echo from another'
	mkdir "$BUNDLE/etc"
	mv "$BUNDLE/config.json" "$BUNDLE/etc/other.json"
	run -0 nsrun run --bundle "$BUNDLE" --config etc/other.json "$ID"
	[ "$output" = 'from another' ]
	mv "$BUNDLE/etc/other.json" "$WORK/far.json"
	run -0 nsrun run --bundle "$BUNDLE" -f "$WORK/far.json" "$ID"
	[ "$output" = 'from another' ]
	detached create --bundle "$BUNDLE" --config="$WORK/far.json" "$ID"
	[ "$status" -eq 0 ]
	nsrun start "$ID"
	wait_for is_status "$ID" stopped
	grep -qx 'from another' "$WORK/out"
	run -0 nsrun delete "$ID"
	run -1 nsrun create --bundle "$BUNDLE" --config nonesuch.json "$ID"
	[[ $output == *nonesuch.json* ]]
}
