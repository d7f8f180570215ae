# buildah.bash: buildah, which calls the runtime itself.
# shellcheck source=podman.bash
. "$here/podman.bash"
ACTIONS=()
BASE=localhost/box

# B ARGUMENT...: buildah
B() {
	t buildah "$@"
}

engine_up() {
	podman_settings
	local c
	c=$(B from scratch)
	B add "$c" "$IMAGE_TAR" /
	B config --cmd /pause "$c"
	B commit "$c" "$BASE"
	B rm "$c"
}

engine_reset() {
	B rm --all || :
}

engine_version() {
	buildah --version | sed 's/.*version \([0-9.]*\).*/\1/'
}

# run_in CONTAINER COMMAND...: buildah run
run_in() {
	B run --runtime "$RUNTIME" --isolation oci --network none "$@"
}

from_run() {
	local c
	c=$(B from "$BASE")
	same hello "$(run_in "$c" echo hello)"
	same fed "$(echo fed | run_in "$c" cat)"
	B rm "$c"
}

run_code() {
	local c
	c=$(B from "$BASE")
	code 3 run_in "$c" sh -c 'exit 3'
	fails run_in "$c" /missing
	B rm "$c"
}

run_tty() {
	local c
	c=$(B from "$BASE")
	match '*/dev/pts/*' "$(on_tty buildah run --runtime "$RUNTIME" --isolation oci --network none --tty "$c" tty)"
	B rm "$c"
}

run_volume() {
	local c
	c=$(B from "$BASE")
	mkdir -p "$BED/tmp/host"
	run_in --volume "$BED/tmp/host:/host" "$c" touch /host/made
	[ -e "$BED/tmp/host/made" ]
	B rm "$c"
}

commit() {
	local c
	c=$(B from "$BASE")
	run_in "$c" sh -c 'echo kept >/made'
	B commit "$c" localhost/made
	B rm "$c"
	c=$(B from localhost/made)
	same kept "$(run_in "$c" cat /made)"
	B rm "$c"
	B rmi localhost/made
}

build() {
	mkdir -p "$BED/tmp/build"
	printf 'FROM %s\nRUN echo built >/built\nRUN test -e /built\n' "$BASE" >"$BED/tmp/build/Containerfile"
	B build --runtime "$RUNTIME" --isolation oci --network none --tag localhost/built "$BED/tmp/build"
	B rmi localhost/built
}

action 'from, run' from_run
action 'exit codes' run_code
action 'run --tty' run_tty
action 'run --volume' run_volume
action commit commit
action build build
