#!/usr/bin/env bats
# badinput.bats: what must be refused: exit 1, one error that names the place, at once, and nothing made.

load helpers

needs() {
	skip_unless root
}

# Checks what a refusal left in status and output. TEXT, a part of the message in any case, may be empty.
is_refusal() {
	local text=$1

	if [ "$status" -ne 1 ]; then
		echo "not refused: status $status, wanted \"$text\"; $output"
		return 1
	fi
	# One error: a line that begins with our name, then where and hint, indented.
	if [ "$(grep -c '^nsrun: ' <<<"$output")" -ne 1 ] || grep -qv -e '^nsrun: ' -e '^  ' <<<"$output"; then
		echo "not one error: $output"
		return 1
	fi
	if ! grep -qiF -- "$text" <<<"$output"; then
		echo "does not say \"$text\": $output"
		return 1
	fi
	if [ -n "$(leftovers)" ]; then
		echo "left behind: $(leftovers)"
		return 1
	fi
}

# create_refused TEXT ARGUMENTS...: of create
create_refused() {
	local text=$1

	shift
	status=0
	timeout 60 "$NSRUN" --root "$ROOT" create "$@" >"$WORK/out" 2>&1 </dev/null 3>&- || status=$?
	output=$(cat "$WORK/out")
	is_refusal "$text" || {
		echo "create $*" | cut -c1-200
		nsrun delete --force "$ID" || :
		return 1
	}
}

# edits_refused: reads lines "FILTER => TEXT": each makes a config that is refused with the text and its place
edits_refused() {
	local line filter text bad=0

	cp "$BUNDLE/config.json" "$WORK/good.json"
	while read -r line; do
		[[ $line == *" => "* ]] || continue
		filter=${line%% => *} text=${line##* => }
		cp "$WORK/good.json" "$BUNDLE/config.json"
		edit "$filter"
		create_refused "$text" --bundle "$BUNDLE" "$ID" || {
			echo "--- $filter"
			bad=$((bad + 1))
			continue
		}
		grep -qE 'config.json:[0-9]+:[0-9]+' <<<"$output" || {
			echo "--- $filter: no place: $output"
			bad=$((bad + 1))
		}
	done
	echo "$bad of them are not refused as they must be"
	[ "$bad" -eq 0 ]
}

@test "ids" {
	new_bundle
	local id bad=0
	for id in '' . .. a/b /a ../x 'a b' $'a\nb' 'a:b' 'a%b' 'ä' "$(printf '%0300d' 0)"; do
		create_refused 'invalid container ID format' --bundle "$BUNDLE" "$id" || bad=$((bad + 1))
		for command in start state kill 'delete --force' delete; do
			run timeout 60 "$NSRUN" --root "$ROOT" $command "$id"
			is_refusal 'invalid container ID format' || { echo "$command '$id'"; bad=$((bad + 1)); }
		done
	done
	create_refused '' --bundle "$BUNDLE" -a
	create_refused 'invalid container ID format' --bundle "$BUNDLE" -- -a
	[ "$bad" -eq 0 ]
	for id in a A_b+c.d-e .x "$(printf '%0255d' 0)"; do
		[ "${#id}" -le 200 ] || edit '.linux.cgroupsPath = "/\($p)long"' --arg p "$PREFIX"
		detached create --bundle "$BUNDLE" "$id"
		[ "$status" -eq 0 ]
		nsrun delete "$id"
	done
}

@test "the command line" {
	new_bundle
	create_refused 'did you mean' --bundel "$BUNDLE" "$ID"
	create_refused '' --bundle "$BUNDLE"
	create_refused '' --bundle
	create_refused '' "$ID" "$BUNDLE" more
	local n
	for n in -1 x 1.5 '' 99999999999 4294967296; do
		create_refused 'preserve-fds' --bundle "$BUNDLE" --preserve-fds "$n" "$ID"
	done
	create_refused 'not open' --bundle "$BUNDLE" --preserve-fds 5 "$ID"
	create_refused 'pid file' --bundle "$BUNDLE" --pid-file "$WORK/no/pid" "$ID"
	create_refused '' --bundle "$BUNDLE" --pid-file "$WORK/" "$ID"
	edit '.process.terminal = true'
	create_refused 'console' --bundle "$BUNDLE" "$ID"
	create_refused 'no such file' --bundle "$BUNDLE" --console-socket "$WORK/none" "$ID"
	create_refused '' --bundle "$BUNDLE" --console-socket "$WORK/$(printf '%0120d' 0)" "$ID"
	edit '.process.terminal = false'
	create_refused 'console' --bundle "$BUNDLE" --console-socket "$WORK/none" "$ID"
	run -1 nsrun staet "$ID"
	[[ $output == *'did you mean'*start* || $output == *'did you mean'*state* ]]
	run -1 nsrun
	run -1 nsrun --root / list
	run -1 nsrun --log-format xml list
}

@test "a pid file that is a symbolic link or a fifo is replaced, not followed" {
	new_bundle
	echo precious >"$WORK/precious"
	ln -s precious "$WORK/pid"
	detached create --bundle "$BUNDLE" --pid-file "$WORK/pid" "$ID"
	[ "$status" -eq 0 ]
	[ "$(cat "$WORK/precious")" = precious ]
	[ "$(cat "$WORK/pid")" = "$(pid_of "$ID")" ]
	nsrun delete "$ID"
	rm "$WORK/pid"
	mkfifo "$WORK/pid"
	status=0
	timeout 60 "$NSRUN" --root "$ROOT" create --bundle "$BUNDLE" --pid-file "$WORK/pid" "$ID" >"$WORK/out" 2>&1 3>&- || status=$?
	[ "$status" -ne 124 ]
}

@test "bundles" {
	new_bundle
	create_refused 'no such file or directory' --bundle "$WORK/none" "$ID"
	echo >"$WORK/file"
	create_refused 'not a directory' --bundle "$WORK/file" "$ID"
	mkfifo "$WORK/fifo"
	create_refused 'not a directory' --bundle "$WORK/fifo" "$ID"
	create_refused '' --bundle '' "$ID"
	create_refused '' --bundle "$WORK/$(printf '%05000d' 0)" "$ID"
	mkdir "$WORK/empty"
	create_refused 'config.json' --bundle "$WORK/empty" "$ID"
	[[ $output == *'nsrun spec'* ]]
	rm -r "$BUNDLE/rootfs"
	create_refused 'rootfs' --bundle "$BUNDLE" "$ID"
	echo >"$BUNDLE/rootfs"
	create_refused 'rootfs' --bundle "$BUNDLE" "$ID"
}

@test "an unreadable bundle" {
	skip_unless setpriv
	new_bundle --rootless
	chmod 700 "$BUNDLE"
	mkdir -m 700 "$WORK/user"
	chown 12345 "$WORK/user"
	run setpriv --reuid=12345 --regid=12345 --clear-groups "$NSRUN" --root "$WORK/user" create --bundle "$BUNDLE" "$ID"
	is_refusal 'permission denied'
	chmod 755 "$BUNDLE"
	chmod 000 "$BUNDLE/config.json"
	run setpriv --reuid=12345 --regid=12345 --clear-groups "$NSRUN" --root "$WORK/user" create --bundle "$BUNDLE" "$ID"
	is_refusal 'permission denied'
}

@test "config files" {
	new_bundle
	local c=$BUNDLE/config.json
	mv "$c" "$WORK/good.json"
	create_refused 'no such file or directory' --bundle "$BUNDLE" "$ID"
	: >"$c"
	create_refused 'config.json' --bundle "$BUNDLE" "$ID"
	rm "$c" && mkdir "$c"
	create_refused 'not a regular file' --bundle "$BUNDLE" "$ID"
	rmdir "$c" && mkfifo "$c"
	create_refused 'not a regular file' --bundle "$BUNDLE" "$ID"
	rm "$c" && ln -s /dev/zero "$c"
	create_refused '' --bundle "$BUNDLE" "$ID"
	rm "$c" && truncate -s 1G "$c"
	create_refused 'larger than' --bundle "$BUNDLE" "$ID"
	rm "$c"
	printf '%010000d' 0 | tr 0 '[' >"$c"
	create_refused 'config.json:1:' --bundle "$BUNDLE" "$ID"
	{ printf '{"x":%.0s' {1..10000}; } >"$c"
	create_refused 'config.json:1:' --bundle "$BUNDLE" "$ID"
	jq '.hostname = "H"' "$WORK/good.json" | tr H '\377' >"$c"
	create_refused 'utf-8' --bundle "$BUNDLE" "$ID"
	local text
	for text in 'null' '[]' '1' '"a"' '{' '{}x' '{} {}' '{"a":1,}' '{"a" 1}' "{'a':1}" '{"a":tru}' '{/**/}' '{"hostname":"a\ud800b"}' \
		'{"ociVersion":"1.0.0","hostname":"a","hostname":"b"}' '{"hostname":"a\u0000b"}' '{"a":01}' '{"a":+1}' '{"a":.5}'; do
		printf %s "$text" >"$c"
		create_refused 'config.json' --bundle "$BUNDLE" "$ID"
	done
	(cat "$WORK/good.json"; echo x) >"$c"
	create_refused 'config.json:' --bundle "$BUNDLE" "$ID"
	head -c 500 "$WORK/good.json" >"$c"
	create_refused 'config.json:' --bundle "$BUNDLE" "$ID"
}

@test "limits without cgroups" {
	new_bundle
	edit '.linux.resources.pids.limit = 5'
	run nsrun --cgroup-manager disabled create --bundle "$BUNDLE" "$ID"
	is_refusal 'cgroups are disabled'
}

@test "a full disk" {
	new_bundle
	mkdir "$WORK/small"
	mount -t tmpfs -o size=8k,mode=700 tmpfs "$WORK/small"
	head -c 8k /dev/zero >"$WORK/small/filler" || :
	run nsrun --root "$WORK/small" create --bundle "$BUNDLE" "$ID"
	echo "$output"
	rm "$WORK/small/filler"
	ls -A "$WORK/small" >"$WORK/ls"
	umount "$WORK/small"
	[ ! -s "$WORK/ls" ]
	is_refusal 'no space left on device'
	mount -t tmpfs -o nr_inodes=3,mode=700 tmpfs "$WORK/small"
	run nsrun --root "$WORK/small" create --bundle "$BUNDLE" "$ID"
	echo "$output"
	ls -A "$WORK/small" >"$WORK/ls"
	umount "$WORK/small"
	[ ! -s "$WORK/ls" ]
	is_refusal 'no space left on device'
}

@test "a state directory that is read-only, shared or somebody else's" {
	new_bundle
	mkdir -m 700 "$WORK/ro"
	mount -t tmpfs -o ro,mode=700 tmpfs "$WORK/ro"
	run nsrun --root "$WORK/ro" create --bundle "$BUNDLE" "$ID"
	umount "$WORK/ro"
	is_refusal 'read-only file system'
	mkdir "$WORK/wide"
	chmod 777 "$WORK/wide"
	run nsrun --root "$WORK/wide" create --bundle "$BUNDLE" "$ID"
	is_refusal 'written by others'
	mkdir -m 700 "$WORK/foreign"
	chown 12345 "$WORK/foreign"
	run nsrun --root "$WORK/foreign" create --bundle "$BUNDLE" "$ID"
	is_refusal 'belongs to'
	echo >"$WORK/file"
	run nsrun --root "$WORK/file" create --bundle "$BUNDLE" "$ID"
	is_refusal 'not a directory'
}

@test "few descriptors, a file size limit, closed standard descriptors: no crash, nothing left" {
	new_bundle
	edit '.process.args = ["true"] | del(.process.rlimits)'
	local n
	for n in 6 8 10 12 14 16 18 20; do
		status=0
		(ulimit -n $n; exec "$NSRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" 3>&-) >"$WORK/out" 2>&1 </dev/null || status=$?
		echo "$n: $status $(cat "$WORK/out")"
		[ "$status" -le 1 ]
		[ -z "$(leftovers)" ]
	done
	(ulimit -n 32; exec "$NSRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" 3>&-) </dev/null
	status=0
	(ulimit -f 1; exec "$NSRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" 3>&-) </dev/null >"$WORK/out" 2>&1 || status=$?
	[ "$status" -le 1 ]
	[ -z "$(leftovers)" ]
	"$NSRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" <&- >&- 2>&- 3>&-
}
