# containerd.bash: containerd with its runc shim, through ctr.

KEPT_CGROUPS='engines'
STATE_ROOTS="/run/$NAME /run/containerd/runc/engines"
KEPT_MOUNTS='none'
IMAGE=localhost/box:latest

# C ARGUMENT...: ctr
C() {
	t ctr --namespace engines "$@"
}

engine_up() {
	containerd_up
	oci_image "$BED/oci.tar" "$IMAGE"
	C images import "$BED/oci.tar"
}

# containerd_up: the daemon, with the CRI service for those tests only
containerd_up() {
	mkdir -p /etc/containerd/conf.d
	local without=', "io.containerd.grpc.v1.cri"'
	[ "$ENGINE" != cri ] || without=
	cat >/etc/containerd/config.toml <<-END
		version = 2
		root = "$BED/containerd"
		state = "/run/containerd"
		disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs",
		  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.aufs"$without]
		imports = ["/etc/containerd/conf.d/*.toml"]
	END
	containerd --config /etc/containerd/config.toml >"$BED/log/containerd" 2>&1 &
	echo $! >"$BED/containerd.pid"
	comes_up $! ctr --connect-timeout 2s version
}

engine_reset() {
	local id
	for id in $(C tasks list --quiet); do
		C tasks kill --signal KILL "$id" || :
		C tasks delete --force "$id" || :
	done
	for id in $(C containers list --quiet); do
		C containers delete "$id" || :
	done
}

engine_down() {
	engine_reset
	kill "$(cat "$BED/containerd.pid")"
}

engine_version() {
	containerd --version | sed 's/.* \([0-9][^ ~]*\).*/\1/'
}

# ctr_run ARGUMENT...
ctr_run() {
	C run --runc-binary "$RUNTIME" "$@"
}

# stay NAME FLAG...
stay() {
	local name=$1
	shift
	ctr_run --detach --null-io "$@" "$IMAGE" "$name" sh -c "echo \$\$ >/tmp/up; $STAY"
	reads 1 C tasks exec --exec-id "up$RANDOM" "$name" cat /tmp/up
}

gone() {
	C tasks kill --signal KILL "$1" || :
	until_true stopped "$1"
	C tasks delete "$1" || :
	C containers delete "$1"
}

stopped() {
	[ "$(status_of "$1")" = STOPPED ]
}

status_of() {
	C tasks list | awk -v id="$1" '$1 == id { print $3 }'
}

pid_of() {
	C tasks list | awk -v id="$1" '$1 == id { print $2 }'
}

inside() {
	ctr_run --rm "$IMAGE" once "$@"
}

run_() {
	same hello "$(inside echo hello)"
	code 7 ctr_run --rm "$IMAGE" c1 sh -c 'exit 7'
	fails ctr_run --rm "$IMAGE" c1 /missing
	C containers delete c1 || :
}

run_tty() {
	match '*/dev/pts/0*' "$(on_tty ctr --namespace engines run --runc-binary "$RUNTIME" --rm --tty "$IMAGE" c1 tty)"
}

exec_() {
	stay c1
	same 'in 1' "$(C tasks exec --exec-id e1 c1 sh -c 'echo in $(grep -c sh /proc/1/comm)')"
	code 5 C tasks exec --exec-id e2 c1 sh -c 'exit 5'
	same 1000 "$(C tasks exec --exec-id e3 --user 1000 c1 id -u)"
	fails C tasks exec --exec-id e4 c1 /missing
	gone c1
}

exec_tty() {
	stay c1
	match '*/dev/pts/*' "$(on_tty ctr --namespace engines tasks exec --tty --exec-id e1 c1 tty)"
	gone c1
}

kill_() {
	stay c1
	C tasks kill --signal USR1 c1
	same RUNNING "$(status_of c1)"
	C tasks kill --signal TERM c1
	until_true stopped c1
	C tasks delete c1
	C containers delete c1
}

kill_all() {
	stay c1
	C tasks exec --detach --exec-id e1 c1 sleep 1000
	C tasks kill --all --signal KILL c1
	until_true stopped c1
	match '*137*' "$(C tasks delete c1 2>&1)"
	C containers delete c1
}

pause() {
	stay c1
	local pid
	pid=$(pid_of c1)
	C tasks pause c1
	same PAUSED "$(status_of c1)"
	frozen "$pid" yes
	C tasks resume c1
	same RUNNING "$(status_of c1)"
	frozen "$pid" no
	gone c1
}

metrics() {
	stay c1 --memory-limit 67108864
	match '*pids.current*' "$(C tasks metrics c1)"
	match '*67108864*' "$(C tasks metrics c1)"
	gone c1
}

ps_() {
	stay c1
	match "*$(pid_of c1)*" "$(C tasks ps c1)"
	gone c1
}

limits() {
	stay c1 --memory-limit 67108864
	same 67108864 "$(cgroup_value memory "$(pid_of c1)")"
	gone c1
}

running() {
	[ "$(status_of "$1")" = RUNNING ]
}

read_only() {
	fails ctr_run --rm --read-only "$IMAGE" c1 touch /x
	C containers delete c1 || :
}

seccomp() {
	same 2 "$(ctr_run --rm --seccomp "$IMAGE" c1 awk '/^Seccomp:/ { print $2 }' /proc/self/status)"
}

capabilities() {
	same 0 "$(ctr_run --rm --cap-drop CAP_CHOWN "$IMAGE" c1 sh -c \
		'echo $(( 0x$(awk "/^CapEff/ { print \$2 }" /proc/self/status) & 1 ))')"
}

mounts() {
	mkdir -p "$BED/tmp/host"
	echo shared >"$BED/tmp/host/file"
	same shared "$(ctr_run --rm --mount "type=bind,src=$BED/tmp/host,dst=/host,options=rbind:ro" "$IMAGE" c1 cat /host/file)"
}

join() {
	stay c1
	same "$(C tasks exec --exec-id e1 c1 readlink /proc/self/ns/ipc)" \
		"$(ctr_run --rm --with-ns "ipc:/proc/$(pid_of c1)/ns/ipc" "$IMAGE" c2 readlink /proc/self/ns/ipc)"
	gone c1
}

privileged() {
	ctr_run --rm --privileged "$IMAGE" c1 mount -t tmpfs tmpfs /tmp
}

no_pivot() {
	same hello "$(ctr_run --rm --no-pivot "$IMAGE" c1 echo hello)"
}

checkpoint() {
	criu_works
	stay c1
	C containers checkpoint --task --rw --image c1 localhost/saved:latest
	gone c1
	C containers restore --live --rw c1 localhost/saved:latest
	until_true running c1
	gone c1
	C images delete localhost/saved:latest
}

[ "$ENGINE" != containerd ] || {
	action run run_
	action 'run -t' run_tty
	action exec exec_
	action 'exec -t' exec_tty
	action kill kill_
	action 'kill --all' kill_all
	action 'pause, resume' pause
	action metrics metrics
	action ps ps_
	action --memory-limit limits
	action --read-only read_only
	action --seccomp seccomp
	action --cap-drop capabilities
	action --mount mounts
	action --with-ns join
	action --privileged privileged
	action --no-pivot no_pivot
	action checkpoint checkpoint
}
