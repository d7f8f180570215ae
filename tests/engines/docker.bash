# docker.bash: dockerd, which has a containerd of its own, with the runtime under its name.

KEPT_CGROUPS='docker(/buildkit)?|buildkit'
STATE_ROOTS="/run/docker/runtime-$NAME/moby /run/docker/runtime-runc/moby /run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby"
KEPT_MOUNTS="$BED/docker(/.*)?|/run/docker/.*"
IMAGE=box
export DOCKER_HOST=unix:///run/docker.sock DOCKER_CONFIG=$BED/home/.docker

# D ARGUMENT...: docker
D() {
	t docker "$@"
}

engine_up() {
	mkdir -p /etc/docker
	# Docker knows runc already, and does not let it be described.
	if [ "$NAME" = runc ]; then
		echo '{}'
	else
		snippet daemon.json
	fi >/etc/docker/daemon.json
	# BuildKit takes the runtime from its environment.
	DOCKER_BUILDKIT_RUNC_COMMAND=$RUNTIME dockerd --config-file /etc/docker/daemon.json --data-root "$BED/docker" \
		--exec-root /run/docker --pidfile /run/docker.pid --host "$DOCKER_HOST" --default-runtime "$NAME" \
		--bridge none --iptables=false --ip6tables=false --storage-driver "${STORAGE:-overlay2}" \
		--exec-opt native.cgroupdriver=cgroupfs >"$BED/log/dockerd" 2>&1 &
	comes_up $! docker info
	D import "$IMAGE_TAR" "$IMAGE"
}

engine_reset() {
	# shellcheck disable=SC2046 # a list of words
	D rm --force $(D ps --all --quiet) || :
}

engine_down() {
	engine_reset
	kill "$(cat /run/docker.pid)"
	wait
}

engine_version() {
	docker --version | sed 's/.*version \([0-9.]*\).*/\1/'
}

# R FLAG...: docker run, without a network
R() {
	D run --network none "$@"
}

stay() {
	local name=$1
	shift
	R --detach --name "$name" "$@" "$IMAGE" sh -c "$STAY"
	reads '*ready*' D logs "$name"
}

gone() {
	D rm --force "$@"
}

inspect() {
	D inspect --format "{{.$1}}" "$2"
}

run_() {
	same hello "$(R --rm "$IMAGE" echo hello)"
	same fed "$(echo fed | R --rm -i "$IMAGE" cat)"
}

run_tty() {
	match '*/dev/pts/0*' "$(on_tty docker run --network none --rm -it "$IMAGE" tty)"
}

exec_() {
	stay c1 --env OF=container
	same 'container 1' "$(D exec c1 sh -c 'echo $OF $(grep -c sh /proc/1/comm)')"
	same '1000 /tmp x' "$(D exec --user 1000 --workdir /tmp --env A=x c1 sh -c 'echo $(id -u) $(pwd) $A')"
	code 5 D exec c1 sh -c 'exit 5'
	# Older ones have 126 for both.
	one_of 126,127 D exec c1 missing
	code 126 D exec c1 /etc/passwd
	match '*/dev/pts/*' "$(on_tty docker exec -it c1 tty)"
	gone c1
}

logs() {
	R --name c1 "$IMAGE" sh -c 'echo out; echo err >&2'
	same 'out err' "$(D logs c1 2>&1 | sort -r | paste -sd' ')"
	gone c1
}

stats() {
	stay c1
	match '[1-9]* *iB / *B' "$(D stats --no-stream --format '{{.PIDs}} {{.MemUsage}}' c1)"
	gone c1
}

top() {
	stay c1
	match '*sleep 1000*' "$(D top c1)"
	gone c1
}

stop() {
	stay c1
	D stop --time 30 c1
	same 'exited 0' "$(inspect State.Status c1) $(inspect State.ExitCode c1)"
	gone c1
}

kill_() {
	stay c1
	D kill c1
	reads 'exited 137' D inspect --format '{{.State.Status}} {{.State.ExitCode}}' c1
	gone c1
}

pause() {
	stay c1
	D pause c1
	same paused "$(inspect State.Status c1)"
	frozen "$(inspect State.Pid c1)" yes
	D unpause c1
	same running "$(inspect State.Status c1)"
	frozen "$(inspect State.Pid c1)" no
	gone c1
}

update() {
	stay c1 --memory 64m --memory-swap 64m
	D update --memory 32m --memory-swap 32m --cpus 0.5 c1
	same 33554432 "$(cgroup_value memory "$(inspect State.Pid c1)")"
	match '50000*' "$(cgroup_value cpu "$(inspect State.Pid c1)")"
	gone c1
}

restart() {
	stay c1
	D restart --time 10 c1
	reads '*ready*ready*' D logs c1
	same running "$(inspect State.Status c1)"
	gone c1
}

restart_policy() {
	R --detach --name c1 --restart on-failure:2 "$IMAGE" sh -c 'echo tried; exit 1'
	reads '*tried*tried*tried*' D logs c1
	gone c1
}

build_file() {
	mkdir -p "$BED/tmp/build"
	printf 'FROM %s\nRUN echo %s >/built\nCMD ["cat", "/built"]\n' "$IMAGE" "$1" >"$BED/tmp/build/Dockerfile"
}

build() {
	build_file classic
	DOCKER_BUILDKIT=0 D build --network none --quiet --tag built "$BED/tmp/build"
	same classic "$(R --rm built)"
	D rmi built
}

build_kit() {
	build_file buildkit
	DOCKER_BUILDKIT=1 D build --help >/dev/null 2>&1 || skip "this docker has no buildx"
	DOCKER_BUILDKIT=1 D build --network none --progress plain --tag built "$BED/tmp/build"
	same buildkit "$(R --rm built)"
	D rmi built
}

exit_codes() {
	code 125 R --rm --no-such-flag "$IMAGE" true
	code 126 R --rm "$IMAGE" /etc/passwd
	code 127 R --rm "$IMAGE" missing
	code 127 R --rm "$IMAGE" /missing
	code 3 R --rm "$IMAGE" sh -c 'exit 3'
}

limits() {
	same 67108864 "$(R --rm --memory 64m --memory-swap 64m "$IMAGE" cat "$(limit_file memory)")"
	same 33 "$(R --rm --pids-limit 33 "$IMAGE" cat "$(limit_file pids)")"
}

read_only() {
	fails R --rm --read-only "$IMAGE" touch /x
	R --rm --read-only --tmpfs /tmp "$IMAGE" touch /tmp/x
}

confinement() {
	same 2 "$(R --rm "$IMAGE" awk '/^Seccomp:/ { print $2 }' /proc/self/status)"
	deny_mkdir "$BED/tmp/profile.json"
	fails R --rm --security-opt "seccomp=$BED/tmp/profile.json" "$IMAGE" mkdir /tmp/x
	same 0000000000000000 "$(R --rm --cap-drop all "$IMAGE" awk '/^CapEff/ { print $2 }' /proc/self/status)"
}

privileged() {
	R --rm --privileged "$IMAGE" mount -t tmpfs tmpfs /tmp
}

volumes() {
	D volume create v1
	R --rm --volume v1:/data "$IMAGE" sh -c 'echo kept >/data/file'
	same kept "$(R --rm --volume v1:/data:ro "$IMAGE" cat /data/file)"
	D volume rm v1
}

shared_namespaces() {
	stay c1 --ipc shareable
	same "$(D exec c1 readlink /proc/self/ns/net)" "$(D run --rm --network container:c1 "$IMAGE" readlink /proc/self/ns/net)"
	same "$(D exec c1 readlink /proc/self/ns/ipc)" "$(R --rm --ipc container:c1 "$IMAGE" readlink /proc/self/ns/ipc)"
	match '*sleep 1000*' "$(R --rm --pid container:c1 "$IMAGE" ps)"
	gone c1
}

init() {
	match '*init*' "$(R --rm --init "$IMAGE" cat /proc/1/comm)"
}

action run run_
action 'run -it' run_tty
action exec exec_
action logs logs
action stats stats
action top top
action stop stop
action kill kill_
action 'pause, unpause' pause
action update update
action restart restart
action --restart restart_policy
action build build
action 'build, BuildKit' build_kit
action 'exit codes' exit_codes
action limits limits
action --read-only read_only
action confinement confinement
action --privileged privileged
action volumes volumes
action 'shared namespaces' shared_namespaces
action --init init
