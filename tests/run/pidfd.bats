#!/usr/bin/env bats
# pidfd.bats: --pidfd-socket and the annotation run.oci.pidfd_receiver.

load helpers

needs() {
	skip_unless root
}

# listening [NAME]: somebody waits at $WORK/NAME (sock) for one descriptor, and writes what came to $WORK/got
listening() {
	"$TOOLS/listen" stream "$WORK/${1:-sock}" >"$WORK/got" 2>&1 3>&- &
	LISTENER=$!
	wait_for grep -q ready "$WORK/got"
}

@test "create and run send a pidfd of init, by flag and by annotation" {
	new_bundle
	in_container 'exec sleep 1000'
	listening
	detached create --pidfd-socket "$WORK/sock" --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	exits 0 "$LISTENER"
	[ "$(cat "$WORK/got")" = $'ready\npidfd\npidfd '"$(pid_of "$ID")" ]
	nsrun delete "$ID"
	rm "$WORK/sock"
	listening
	detached run --detach --pidfd-socket="$WORK/sock" --bundle "$BUNDLE" "$ID"
	exits 0 "$LISTENER"
	[ "$(tail -n 1 "$WORK/got")" = "pidfd $(pid_of "$ID")" ]
	nsrun delete --force "$ID"
	edit '.annotations = {"run.oci.pidfd_receiver": $path}' --arg path "$WORK/other"
	listening other
	detached create --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	exits 0 "$LISTENER"
	[ "$(tail -n 1 "$WORK/got")" = "pidfd $(pid_of "$ID")" ]
	# The flag is the caller's word, and counts more.
	nsrun delete "$ID"
	rm "$WORK/sock"
	listening
	detached create --pidfd-socket "$WORK/sock" --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	exits 0 "$LISTENER"
	nsrun features | jq -e '.potentiallyUnsafeConfigAnnotations | index("run.oci.")'
}

@test "a peer that is none: one error, and nothing is made" {
	new_bundle
	in_container 'exec sleep 1000'
	local long path
	long=$WORK/$(printf 'x%.0s' {1..120})
	echo >"$WORK/file"
	mkfifo "$WORK/fifo"
	# A socket that nobody listens at any more.
	listening
	kill "$LISTENER"
	wait "$LISTENER" || :
	for path in "$WORK/none" "$WORK/file" "$WORK/fifo" "$WORK" "$WORK/sock" "$long"; do
		detached create --pidfd-socket "$path" --bundle "$BUNDLE" "$ID"
		[ "$status" -eq 1 ]
		[[ $output == *'connect to the pidfd socket: '* ]]
		[ "$(grep -c '^nsrun: ' "$WORK/out")" -eq 1 ]
		[ -z "$(leftovers)" ]
		edit '.annotations = {"run.oci.pidfd_receiver": $path}' --arg path "$path"
		detached create --bundle "$BUNDLE" "$ID"
		[ "$status" -eq 1 ]
		[[ $output == *'connect to the pidfd socket: '* ]]
		[ -z "$(leftovers)" ]
		edit 'del(.annotations)'
	done
}

@test "a peer that goes away before the pidfd comes: create fails, and nothing is left" {
	new_bundle
	in_container 'exec sleep 1000'
	skip_unless python3
	# Its connection waits in the backlog until the listener is closed; the hook holds create back for as long.
	python3 - "$WORK/sock" "$WORK/closed" "$WORK/hook" <<-'END' 3>&- &
		import os, socket, sys, time
		s = socket.socket(socket.AF_UNIX)
		s.bind(sys.argv[1])
		s.listen(1)
		while not os.path.exists(sys.argv[3]): time.sleep(.05)
		s.close()
		open(sys.argv[2], "w")
	END
	local closer=$!
	printf '#!/bin/sh\n: >%s\nwhile [ ! -e %s ]; do sleep 0.1; done\n' "$WORK/hook" "$WORK/closed" >"$WORK/wait.sh"
	chmod +x "$WORK/wait.sh"
	edit '.hooks.createRuntime = [{path: $path, env: ["PATH=/bin:/usr/bin"]}]' --arg path "$WORK/wait.sh"
	wait_for test -S "$WORK/sock"
	detached create --pidfd-socket "$WORK/sock" --bundle "$BUNDLE" "$ID"
	exits 0 "$closer"
	[ "$status" -eq 1 ]
	[[ $output == *'send the pidfd of init: '* ]]
	[ -z "$(leftovers)" ]
}
