# podman_more.bash: what podman puts into a config.json and more containers than one. Sourced by podman.bash.

pod() {
	P pod create --name p1 --hostname pod --share ipc,net,uts,pid
	P run --detach --pod p1 --name c1 "$IMAGE" sh -c "$STAY"
	P run --detach --pod p1 --name c2 "$IMAGE" sh -c "$STAY"
	same pod "$(P exec c2 hostname)"
	local kind
	for kind in ipc net uts pid; do
		same "$(P exec c1 readlink /proc/self/ns/$kind)" "$(P exec c2 readlink /proc/self/ns/$kind)"
	done
	P pod stop --time 10 p1
	P pod rm --force --time 0 p1
}

kube_play() {
	cat >"$BED/tmp/kube.yaml" <<-END
		apiVersion: v1
		kind: Pod
		metadata: { name: k1 }
		spec:
		  containers:
		  - name: a
		    image: $IMAGE
		    imagePullPolicy: Never
		    command: [ sh, -c, 'echo from kube; sleep 1000' ]
		    resources: { limits: { memory: 64Mi } }
		    securityContext: { readOnlyRootFilesystem: true, capabilities: { drop: [ CHOWN ] } }
	END
	P kube play --network none "$BED/tmp/kube.yaml"
	reads '*from kube*' P logs k1-a
	same 67108864 "$(cgroup_value memory "$(pid_of k1-a)")"
	fails P exec k1-a touch /x
	P kube down "$BED/tmp/kube.yaml"
}

volumes() {
	P volume create v1
	P run --rm --volume v1:/data "$IMAGE" sh -c 'echo kept >/data/file'
	same kept "$(P run --rm --volume v1:/data:ro "$IMAGE" cat /data/file)"
	fails P run --rm --volume v1:/data:ro "$IMAGE" touch /data/other
	mkdir -p -m 777 "$BED/tmp/host"
	P run --rm --volume "$BED/tmp/host:/host:rslave" "$IMAGE" touch /host/made
	[ -e "$BED/tmp/host/made" ]
	P volume rm v1
}

tmpfs() {
	match '*tmpfs*noexec*' "$(P run --rm --tmpfs /scratch:size=1m,noexec "$IMAGE" grep ' /scratch ' /proc/mounts)"
}

user_namespace() {
	same '0 100000 65536' "$(P run --rm --uidmap 0:100000:65536 --gidmap 0:100000:65536 "$IMAGE" \
		awk '{ print $1, $2, $3 }' /proc/self/uid_map)"
	same '0:0' "$(P run --rm --uidmap 0:100000:65536 --gidmap 0:100000:65536 "$IMAGE" stat -c %u:%g /etc/passwd)"
}

seccomp_default() {
	same '2' "$(inside awk '/^Seccomp:/ { print $2 }' /proc/self/status)"
}

seccomp_profile() {
	deny_mkdir "$BED/tmp/profile.json"
	match '*not supported*' "$(P run --rm --security-opt "seccomp=$BED/tmp/profile.json" "$IMAGE" mkdir /tmp/x 2>&1 || :)"
	same 0 "$(P run --rm --security-opt seccomp=unconfined "$IMAGE" awk '/^Seccomp:/ { print $2 }' /proc/self/status)"
}

memory() {
	same 67108864 "$(P run --rm --memory 64m "$IMAGE" cat "$(limit_file memory)")"
}

pids_limit() {
	same 33 "$(P run --rm --pids-limit 33 "$IMAGE" cat "$(limit_file pids)")"
	match '*an*t fork*' "$(P run --rm --pids-limit 5 "$IMAGE" \
		sh -c 'for i in 1 2 3 4 5 6 7 8; do sleep 5 & done' 2>&1 || :)"
}

cpus() {
	match '50000*' "$(P run --rm --cpus 0.5 "$IMAGE" cat "$(limit_file cpu)")"
}

ulimit_() {
	same '100 200' "$(P run --rm --ulimit nofile=100:200 --ulimit nproc=100:100 "$IMAGE" sh -c 'echo $(ulimit -Sn) $(ulimit -Hn)')"
}

read_only() {
	fails P run --rm --read-only "$IMAGE" touch /x
	P run --rm --read-only "$IMAGE" touch /tmp/x
}

cap_drop() {
	same 0000000000000000 "$(P run --rm --cap-drop all "$IMAGE" awk '/^CapEff/ { print $2 }' /proc/self/status)"
	same 0000000000000400 "$(P run --rm --cap-drop all --cap-add NET_BIND_SERVICE "$IMAGE" \
		awk '/^CapBnd/ { print $2 }' /proc/self/status)"
	same 1 "$(P run --rm --security-opt no-new-privileges "$IMAGE" awk '/^NoNewPrivs/ { print $2 }' /proc/self/status)"
}

hostname_() {
	same name "$(P run --rm --hostname name "$IMAGE" hostname)"
}

network_none() {
	same lo "$(P run --rm --network none "$IMAGE" ls /sys/class/net)"
	same "$(readlink /proc/self/ns/net)" "$(P run --rm --network host "$IMAGE" readlink /proc/self/ns/net)"
}

shared_namespaces() {
	stay c1
	same "$(P exec c1 readlink /proc/self/ns/ipc)" "$(P run --rm --ipc container:c1 "$IMAGE" readlink /proc/self/ns/ipc)"
	match '*sleep 1000*' "$(P run --rm --pid container:c1 "$IMAGE" ps)"
	gone c1
}

user() {
	same '1000 1000' "$(P run --rm --user user "$IMAGE" sh -c 'echo $(id -u) $(id -g)')"
	same /home "$(P run --rm --workdir /home "$IMAGE" pwd)"
}

privileged() {
	P run --rm --privileged "$IMAGE" mount -t tmpfs tmpfs /tmp
	fails P run --rm "$IMAGE" mount -t tmpfs tmpfs /tmp
}

device() {
	match 'c*' "$(P run --rm --device /dev/full:/dev/mine "$IMAGE" stat -c %A /dev/mine)"
	fails P run --rm --device /dev/full:/dev/mine "$IMAGE" sh -c 'echo x >/dev/mine'
}

sysctl_() {
	same 77 "$(P run --rm --sysctl kernel.msgmni=77 "$IMAGE" cat /proc/sys/kernel/msgmni)"
}

cgroups_disabled() {
	P run --rm --cgroups disabled "$IMAGE" true
}

preserve_fds() {
	echo passed >"$BED/tmp/fd"
	same passed "$(P run --rm --preserve-fds 1 "$IMAGE" sh -c 'cat <&3' 3<"$BED/tmp/fd")"
}

many() {
	local i
	for i in 1 2 3 4; do
		P run --detach --name "m$i" "$IMAGE" sh -c "$STAY"
	done
	same 4 "$(P ps --quiet | wc -l)"
	gone m1 m2 m3 m4
	same 0 "$(P ps --all --quiet | wc -l)"
}

checkpoint() {
	criu_works
	P run --detach --name c1 "$IMAGE" sh -c 'i=0; while :; do i=$((i + 1)); echo $i >/tmp/count; sleep 0.1; done'
	reads '[1-9]*' P exec c1 cat /tmp/count
	P container checkpoint c1
	same exited "$(status_of c1)"
	local before
	before=$(cat "$(P mount c1)/tmp/count")
	P umount c1
	P container restore c1
	same running "$(status_of c1)"
	# It goes on from where it was.
	counts_on "$before"
	gone c1
}

# counts_on N: the counter of c1 goes beyond N
counts_on() {
	local before=$1 try now
	for ((try = 0; try < 100; try++)); do
		now=$(P exec c1 cat /tmp/count)
		[ "${now:-0}" -le "$before" ] || return 0
		sleep 0.2
	done
	echo "the counter stays at $now, it was $before"
	return 1
}

podman_more() {
	action pod pod
	action 'kube play' kube_play
	action 'shared namespaces' shared_namespaces
	action volumes volumes
	action tmpfs tmpfs
	action '--uidmap' user_namespace
	action 'seccomp, default' seccomp_default
	action 'seccomp, profile' seccomp_profile
	action '--memory' memory
	action '--pids-limit' pids_limit
	action '--cpus' cpus
	action '--ulimit' ulimit_
	action '--read-only' read_only
	action capabilities cap_drop
	action '--hostname' hostname_
	action '--network' network_none
	action '--user' user
	action '--privileged' privileged
	action '--device' device
	action '--sysctl' sysctl_
	action '--cgroups disabled' cgroups_disabled
	action '--preserve-fds' preserve_fds
	action 'four at once' many
	action checkpoint checkpoint
}
