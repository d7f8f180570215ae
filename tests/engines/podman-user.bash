# podman-user.bash: podman as an ordinary user, with subordinate ids.
STORAGE=vfs
# shellcheck source=podman.bash
. "$here/podman.bash"
ACTIONS=()
STATE_ROOTS="/run/user/$USER_ID/$NAME /run/$NAME"
KEPT_MOUNTS="/run/user/$USER_ID/.*|$BED/.*"
# A pod's own cgroup, named by its id alone, is podman's, and on a hybrid host stays on the unified tree.
KEPT_CGROUPS='libpod_parent(/conmon|/[0-9a-f]{64})?|conmon'

as_user() {
	cd "$BED/home" &&
		setpriv --reuid "$USER_ID" --regid "$USER_ID" --init-groups env -i PATH="$PATH" HOME="$BED/home" \
			USER=engines TMPDIR="$BED/tmp" XDG_RUNTIME_DIR="/run/user/$USER_ID" "$@"
}

# P ARGUMENT...: podman
P() {
	(as_user timeout --kill-after=5 "${LIMIT:-60}" podman --runtime "$NAME" "$@")
}

engine_up() {
	podman_settings
	# The user's own storage; nothing of root's.
	printf '[storage]\ndriver = "vfs"\n' >/etc/containers/storage.conf
	chmod 644 "$IMAGE_TAR"
	P import --change 'CMD ["/pause"]' --change 'ENV PATH=/bin' "$IMAGE_TAR" "$IMAGE"
}

engine_version() {
	as_user podman --version | awk '{ print $NF }'
}

user_run() {
	same '0 hello' "$(P run --rm "$IMAGE" sh -c 'echo $(id -u) hello')"
	code 7 P run --rm "$IMAGE" sh -c 'exit 7'
}

user_tty() {
	match '*/dev/pts/0*' "$(on_tty setpriv --reuid "$USER_ID" --regid "$USER_ID" --init-groups env -i PATH="$PATH" \
		HOME="$BED/home" XDG_RUNTIME_DIR="/run/user/$USER_ID" podman --runtime "$NAME" run --rm -it "$IMAGE" tty)"
}

user_map() {
	same '1 3000000 65536' "$(P run --rm "$IMAGE" awk 'NR == 2 { print $1, $2, $3 }' /proc/self/uid_map)"
	same 1000 "$(P run --rm --user user "$IMAGE" id -u)"
}

user_stop() {
	stay c1
	P stop --time 30 c1
	same 'exited 0' "$(status_of c1) $(P inspect --format '{{.State.ExitCode}}' c1)"
	P rm c1
}

action run user_run
action 'run -it' user_tty
action exec exec_
action logs logs
action 'stop, rm' user_stop
action kill kill_
action 'subordinate ids' user_map
action volumes volumes
action 'exit codes' exit_codes
