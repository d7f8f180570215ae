# podman.bash: podman as root, the manager of cgroups being cgroupfs.
. "$here/podman_more.bash"

KEPT_MOUNTS="$BED/storage(/overlay)?|/run/(netns|containers/.*)|/var/lib/containers.*"
# A pod's own cgroup, named by its id alone, is podman's, and on a hybrid host stays on the unified tree.
KEPT_CGROUPS='libpod_parent(/conmon|/[0-9a-f]{64})?|conmon'
IMAGE=localhost/box

# P ARGUMENT...: podman
P() {
	t podman --runtime "$NAME" "$@"
}

engine_up() {
	podman_settings
	P import --change 'CMD ["/pause"]' --change 'ENV PATH=/bin' "$IMAGE_TAR" "$IMAGE"
}

# podman_settings: what /etc/containers holds, in which there is nothing but this
podman_settings() {
	mkdir -p /etc/containers/containers.conf.d
	snippet podman.conf >/etc/containers/containers.conf.d/nsrun.conf
	cat >/etc/containers/containers.conf <<-END
		[containers]
		log_driver = "k8s-file"
		netns = "none"
		# podman's own are higher than what a root without CAP_SYS_RESOURCE may set.
		default_ulimits = ["nofile=$(ulimit -Hn):$(ulimit -Hn)", "nproc=1000:1000"]
		[engine]
		cgroup_manager = "cgroupfs"
		events_logger = "file"
		infra_image = "$IMAGE"
	END
	printf '[storage]\ndriver = "%s"\ngraphroot = "%s"\nrunroot = "/run/podman-bed"\n' "${STORAGE:-overlay}" \
		"$BED/storage" >/etc/containers/storage.conf
	echo '{"default":[{"type":"insecureAcceptAnything"}]}' >/etc/containers/policy.json
}

engine_reset() {
	P pod rm --all --force --time 0 || :
	P rm --all --force --time 0 || :
	P volume rm --all --force || :
}

engine_down() {
	engine_reset
}

engine_version() {
	podman --version | awk '{ print $NF }'
}

# stay NAME FLAG...: a container that stays, and has said so
stay() {
	local name=$1
	shift
	P run --detach --name "$name" "$@" "$IMAGE" sh -c "$STAY"
	reads '*ready*' P logs "$name"
}

gone() {
	P rm --force --time 0 "$@"
}

# inside COMMAND...: what it prints in a container
inside() {
	P run --rm "$IMAGE" "$@"
}

pid_of() {
	P inspect --format '{{.State.Pid}}' "$1"
}

status_of() {
	P inspect --format '{{.State.Status}}' "$1"
}

run_() {
	same hello "$(inside echo hello)"
	code 7 P run --rm "$IMAGE" sh -c 'exit 7'
}

run_tty() {
	match '*/dev/pts/0*' "$(on_tty podman --runtime "$NAME" run --rm -it "$IMAGE" sh -c 'tty; ls -l /dev/console')"
}

run_stdin() {
	same fed "$(echo fed | P run --rm -i "$IMAGE" cat)"
}

exec_() {
	stay c1 --env OF=container
	same 'container 1' "$(P exec c1 sh -c 'echo $OF $(cat /proc/1/comm | grep -c sh)')"
	same 'fed' "$(echo fed | P exec -i c1 cat)"
	same '1000 /tmp x' "$(P exec --user 1000 --workdir /tmp --env A=x c1 sh -c 'echo $(id -u) $(pwd) $A')"
	code 5 P exec c1 sh -c 'exit 5'
	code 127 P exec c1 /missing
	code 126 P exec c1 /etc/passwd
	gone c1
}

exec_tty() {
	stay c1
	match '*/dev/pts/*' "$(on_tty podman --runtime "$NAME" exec -it c1 tty)"
	gone c1
}

exec_detached() {
	stay c1
	P exec --detach c1 sh -c 'echo done >/tmp/mark'
	reads done P exec c1 cat /tmp/mark
	gone c1
}

logs() {
	stay c1
	P run --name c2 "$IMAGE" sh -c 'echo out; echo err >&2'
	same 'out err' "$(P logs c2 2>&1 | sort -r | paste -sd' ')"
	gone c1 c2
}

attach() {
	P run --detach --interactive --name c1 "$IMAGE" sh -c 'read line; echo "got $line"'
	same 'got word' "$(echo word | P attach c1)"
	gone c1
}

stop() {
	stay c1
	P stop --time 30 c1
	same 'exited 0' "$(status_of c1) $(P inspect --format '{{.State.ExitCode}}' c1)"
	gone c1
}

kill_() {
	stay c1
	P kill --signal USR1 c1 # ends a program that does not expect it, but not process 1
	same running "$(status_of c1)"
	P kill c1
	same 137 "$(P wait c1)"
	gone c1
}

start_again() {
	stay c1
	P restart --time 10 c1
	reads '*ready*ready*' P logs c1
	same running "$(status_of c1)"
	gone c1
}

wait_() {
	P run --detach --name c1 "$IMAGE" sh -c 'exit 9'
	same 9 "$(P wait c1)"
	gone c1
}

pause() {
	stay c1
	P pause c1
	same paused "$(status_of c1)"
	frozen "$(pid_of c1)" yes
	P unpause c1
	same running "$(status_of c1)"
	frozen "$(pid_of c1)" no
	gone c1
}

stats() {
	stay c1 --pids-limit 50
	match '[1-9]* *B / *B' "$(P stats --no-stream --format '{{.PIDS}} {{.MemUsage}}' c1)"
	gone c1
}

top() {
	stay c1
	match '*sleep 1000*' "$(P top c1)"
	match '*sleep 1000*' "$(P top c1 -ef)"
	gone c1
}

update() {
	P update --help | grep -q -- --memory || skip "podman $(podman --version | awk '{ print $3 }') has no update"
	stay c1 --memory 64m
	P update --memory 32m c1
	same 33554432 "$(cgroup_value memory "$(pid_of c1)")"
	gone c1
}

healthcheck() {
	stay c1 --health-cmd 'test ! -e /tmp/sick' --health-interval disable
	P healthcheck run c1
	P exec c1 touch /tmp/sick
	code 1 P healthcheck run c1
	gone c1
}

cp_() {
	stay c1
	echo text >"$BED/tmp/file"
	P cp "$BED/tmp/file" c1:/tmp/file
	same text "$(P exec c1 cat /tmp/file)"
	gone c1
}

commit() {
	P run --name c1 "$IMAGE" touch /made
	P commit --quiet c1 localhost/made
	P run --rm localhost/made test -e /made
	gone c1
	P rmi localhost/made
}

build() {
	mkdir -p "$BED/tmp/build"
	printf 'FROM %s\nRUN echo built >/built\nCMD ["cat", "/built"]\n' "$IMAGE" >"$BED/tmp/build/Containerfile"
	P build --isolation oci --network none --quiet --tag localhost/built "$BED/tmp/build"
	same built "$(P run --rm localhost/built)"
	P rmi localhost/built
}

exit_codes() {
	code 125 P run --rm --no-such-flag "$IMAGE" true
	code 126 P run --rm "$IMAGE" /etc/passwd
	code 126 P run --rm "$IMAGE" /tmp
	code 127 P run --rm "$IMAGE" /missing
	code 127 P run --rm "$IMAGE" missing
	code 3 P run --rm "$IMAGE" sh -c 'exit 3'
	# shellcheck disable=SC2016 # for the shell in there
	code 143 P run --rm "$IMAGE" sh -c 'sh -c "kill -TERM \$\$"; exit $?'
}

action run run_
action 'run -it' run_tty
action 'run -i' run_stdin
action exec exec_
action 'exec -it' exec_tty
action 'exec -d' exec_detached
action logs logs
action attach attach
action stop stop
action kill kill_
action restart start_again
action wait wait_
action pause pause
action stats stats
action top top
action update update
action healthcheck healthcheck
action cp cp_
action commit commit
action build build
action 'exit codes' exit_codes
podman_more
