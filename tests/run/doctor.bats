#!/usr/bin/env bats
# doctor.bats: what doctor says of this host is so; no container is made but to see that one can run.
# shellcheck disable=SC2154 # bats sets status and output

load helpers

# finding GROUP NAME: its status
finding() {
	jq -r --arg g "$1" --arg n "$2" '.findings[] | select(.group == $g and .name == $n).status' <<<"$output"
}

@test "the text: a mark for each finding, and advice for whatever is missing" {
	run nsrun doctor
	[ -n "$output" ]
	while IFS= read -r line; do
		case $line in
		'  ✓ '*': '*) want= ;;
		'  ✗ '* | '  ? '*) want=yes ;;
		'      '*)
			[ "$want" = yes ]
			want=
			;;
		*) [ -z "$want" ] ;;
		esac
	done <<<"$output"
	[[ ${lines[-1]} == "nsrun can"* ]]
}

@test "JSON: each finding has its parts, and the same verdict as the exit status" {
	skip_unless jq
	run nsrun doctor --format json
	jq -e '.findings | length > 30 and all((.group, .name, .status, .detail | type) == "string")' <<<"$output"
	jq -e '.findings | all(.status == "yes" or (.advice | length > 5))' <<<"$output"
	jq -e '[.findings[] | .group + .name] | length == (unique | length)' <<<"$output"
	[ "$(jq .canRun <<<"$output")" = "$([ "$status" -eq 0 ] && echo true || echo false)" ]
}

@test "it says that a container can run, and one can" {
	skip_unless root cgroup jq
	run -0 nsrun doctor
	new_bundle
	in_container 'echo up'
	run -0 nsrun run "$ID"
	[ "$output" = up ]
}

@test "programs are there or not, as \$PATH says" {
	skip_unless jq
	run -0 env PATH=/nowhere "$NSRUN" doctor --format json
	[ "$(finding users newuidmap)" = no ]
	[ "$(finding programs criu)" = no ]
	[ "$(finding engines all)" = no ]
	mkdir "$WORK/bin"
	printf '#!/bin/sh\n' | tee "$WORK/bin/newuidmap" >"$WORK/bin/buildah"
	chmod +x "$WORK"/bin/*
	run -0 env PATH="$WORK/bin" "$NSRUN" doctor --format json
	[ "$(finding users newuidmap)" = yes ]
	[ "$(finding users newgidmap)" = no ]
	[ "$(finding engines buildah)" = yes ]
}

@test "without a call that it needs it exits 1 and says which; without another it says what is lost" {
	skip_unless root jq seccomp
	[ -x "$TOOLS/deny" ] || skip "$TOOLS/deny was not built"
	run -1 "$TOOLS/deny" ENOSYS openat2 "$NSRUN" doctor --format json
	[ "$(finding kernel openat2)" = fatal ]
	[ "$(jq .canRun <<<"$output")" = false ]
	run -0 "$TOOLS/deny" EPERM pidfd_getfd "$NSRUN" doctor --format json
	[ "$(finding kernel pidfd_getfd)" = no ]
	[[ $(jq -r '.findings[] | select(.name == "pidfd_getfd").advice' <<<"$output") == "allow it"* ]]
}

@test "a limit of namespaces that is 0 is named, with what to do" {
	skip_unless userns jq
	# shellcheck disable=SC2016 # for the shell inside
	run -0 unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_user_namespaces || exit 77
		exec "$1" doctor --format json' sh "$NSRUN"
	[ "$(finding limits user.max_user_namespaces)" = no ]
	[ "$(finding users 'user namespaces')" = no ]
	[[ $(jq -r '.findings[] | select(.name == "user namespaces").advice' <<<"$output") == "sysctl user.max_user"* ]]
}

@test "an ordinary user is told what he lacks" {
	skip_unless root setpriv jq
	setpriv --reuid=12345 --regid=12345 --clear-groups unshare -Ur true 2>/dev/null || skip "needs user namespaces"
	cp "$NSRUN" "$WORK/nsrun"
	run -0 setpriv --reuid=12345 --regid=12345 --clear-groups "$WORK/nsrun" doctor --format json
	[ "$(finding users root)" = no ]
	[ "$(finding users 'user namespaces')" = yes ]
	[ "$(finding users /etc/subuid)" = no ]
	[ "$(finding 'id-mapped mounts' all)" = unknown ]
}
