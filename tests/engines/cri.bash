# cri.bash: the CRI service of containerd, as a kubelet calls it, with a runtime handler of the runtime's name (cri.py).
# shellcheck source=containerd.bash
. "$here/containerd.bash"
KEPT_CGROUPS='kubepods'
STATE_ROOTS="/run/$NAME /run/containerd/runc/k8s.io"
IMAGE=localhost/box:latest
# Not runc, which is there already.
HANDLER=by-$NAME

# K CALL ARGUMENT...
K() {
	t /usr/bin/python3 "$here/cri.py" /run/containerd/containerd.sock "$@"
}

engine_up() {
	mkdir -p /etc/containerd/conf.d /run/cri-logs
	{
		snippet containerd-1.toml "$HANDLER"
		# A file that is imported replaces what others say of the same plugin.
		printf '\n[plugins."io.containerd.grpc.v1.cri"]\n  sandbox_image = "%s"\n' "$IMAGE"
		# The pod's score is lower than ours, which needs CAP_SYS_RESOURCE.
		printf '  restrict_oom_score_adj = true\n'
	} >/etc/containerd/conf.d/nsrun.toml
	containerd_up
	oci_image "$BED/oci.tar" "$IMAGE"
	t ctr --namespace k8s.io images import "$BED/oci.tar"
	until_true K version
}

engine_reset() {
	local pod
	for pod in $(K list); do
		K stop_pod "$pod" || :
		K remove_pod "$pod" || :
	done
}

engine_version() {
	containerd --version | sed 's/.* \([0-9][^ ~]*\).*/\1/'
}

# pod NAME: sets POD
pod() {
	POD=$(K run_pod "$1" /kubepods "$HANDLER")
}

# container NAME MEMORY COMMAND...: sets CONTAINER, in POD of pod p1
container() {
	CONTAINER=$(K create "$POD" p1 /kubepods "$IMAGE" "$@")
	K start "$CONTAINER"
}

pod_gone() {
	K stop_pod "$POD"
	K remove_pod "$POD"
}

exec_says() {
	K exec "$CONTAINER" "$@"
}

sandbox() {
	pod p1
	same ready "$(K pod_state "$POD")"
	K stop_pod "$POD"
	same notready "$(K pod_state "$POD")"
	K remove_pod "$POD"
	same '' "$(K list)"
}

life() {
	pod p1
	container a 0 sh -c "$STAY"
	same 'running 0' "$(K state "$CONTAINER")"
	reads '*ready*' cat /run/cri-logs/a.log
	K stop "$CONTAINER" 30
	same 'exited 0' "$(K state "$CONTAINER")"
	K remove "$CONTAINER"
	pod_gone
}

exit_code() {
	pod p1
	container a 0 sh -c 'exit 4'
	reads 'exited 4' K state "$CONTAINER"
	K remove "$CONTAINER"
	CONTAINER=$(K create "$POD" p1 /kubepods "$IMAGE" b 0 /missing)
	fails K start "$CONTAINER"
	pod_gone
}

killed() {
	pod p1
	container a 0 sleep 1000
	K stop "$CONTAINER" 0
	same 'exited 137' "$(K state "$CONTAINER")"
	pod_gone
}

exec_sync() {
	pod p1
	container a 0 sh -c "$STAY"
	same "$(readlink /proc/self/ns/net) ok" "$(exec_says sh -c 'echo $(readlink /proc/self/ns/net) ok')"
	code 5 exec_says sh -c 'exit 5'
	fails exec_says /missing
	pod_gone
}

update() {
	pod p1
	container a 67108864 sh -c "$STAY"
	same 67108864 "$(exec_says cat "$(limit_file memory)")"
	K memory "$CONTAINER" 33554432
	same 33554432 "$(exec_says cat "$(limit_file memory)")"
	pod_gone
}

stats() {
	pod p1
	container a 0 sh -c "$STAY"
	match '[1-9]*' "$(K used "$CONTAINER")"
	pod_gone
}

two() {
	pod p1
	container a 0 sh -c "$STAY"
	local a
	a=$(exec_says readlink /proc/self/ns/ipc)
	container b 0 sh -c "$STAY"
	same "$a" "$(exec_says readlink /proc/self/ns/ipc)"
	pod_gone
}

action sandbox sandbox
action 'create, start, stop, remove' life
action 'exit codes' exit_code
action 'stop, killed' killed
action ExecSync exec_sync
action 'update, memory' update
action stats stats
action 'two in a pod' two
