# runtime: the command itself is led astray: by an id, a folder, a config that is too large, programs of the image.
load attack

needs() {
	skip_unless root
}

@test "found in crun 1.8.1: an id that is a path, for each command" {
	mkdir -p "$WORK/deep/victim" "$ROOT/real"
	ROOT=$WORK/deep/state
	mkdir -m 700 "$ROOT"
	new_bundle
	local id n=0
	for id in ../victim .. . "$WORK/deep/victim" x/../../victim '' -x $'a\nb' a/ .cache "$(printf '%0256d' 0)"; do
		! enough $((n += 1)) || break
		run nsrun delete --force -- "$id"
		held "\"$id\" has been deleted" [ -d "$WORK/deep/victim" ]
		held "delete takes \"$id\"" [ "$status" -ne 0 ]
		detached create --bundle "$BUNDLE" -- "$id"
		held "create takes \"$id\"" [ "$status" -ne 0 ]
	done
	local command
	for command in state kill start pause resume ps events exec update checkpoint restore run delete stats; do
		run nsrun $command ../victim
		[ "$status" -ne 0 ]
		is_empty "$WORK/deep/victim"
	done
	held "something was made beside the state root" [ "$(ls "$WORK/deep")" = $'state\nvictim' ]
	is_empty "$ROOT"
	rmdir "$WORK/state/real" "$WORK/state"
}

@test "CVE-2019-12439 (bubblewrap): the state lies where somebody else can be first" {
	mkdir -m 755 "$WORK/theirs"
	chown 12345 "$WORK/theirs"
	mkdir "$WORK/open"
	chmod 777 "$WORK/open"
	local dir
	for dir in theirs open; do
		run "$NSRUN" --root "$WORK/$dir" list
		held "the state may be in a folder that is $dir" [ "$status" -ne 0 ]
		[[ $output == *"state root"* ]]
	done
	# Who has no /run of his own is not given /tmp.
	cp "$NSRUN" "$WORK/runtime"
	chmod 755 "$WORK/runtime"
	run env -i PATH="$PATH" ASAN_OPTIONS=detect_leaks=0 setpriv --reuid 12345 --regid 12345 --clear-groups "$WORK/runtime" list
	[ "$status" -ne 0 ]
	[[ $output == *"no place for the state"* ]]
}

@test "CVE-2020-5291 (bubblewrap): the runtime is set-user-id" {
	cp "$NSRUN" "$WORK/runtime"
	chmod 4755 "$WORK/runtime"
	mkdir -m 755 "$ROOT"
	run setpriv --reuid 12345 --regid 12345 --clear-groups "$WORK/runtime" --root "$ROOT" list
	held "it does what an ordinary user says: $output" [ "$status" -ne 0 ]
	[[ $output == *"set-user-id"* ]]
	rmdir "$ROOT"
}

@test "CVE-2021-43784 (runc): lengths that do not fit into what carries them" {
	new_bundle
	edit '.process.args = ["true"] | .linux.namespaces += [{type: "user"}]'
	edit '.linux |= (.uidMappings = [range(20000) | {containerID: ., hostID: (100000 + 2 * .), size: 1}] | .gidMappings = .uidMappings)'
	run timeout $((20 * NSRUN_SLOW)) "$NSRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" 3>&-
	held "20000 mappings: $status" [ "$status" -eq 1 ]
	[[ $output == *apping* ]]
	edit '.linux |= (.uidMappings = [{containerID: 0, hostID: 0, size: 1}] | .gidMappings = .uidMappings)
		| (.linux.namespaces[] | select(.type == "network")).path = "/" + ("x" * 65533)'
	run timeout $((20 * NSRUN_SLOW)) "$NSRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" 3>&-
	held "a path of 64 KiB: $status" [ "$status" -eq 1 ]
}

# traps FILE...: fifos in the image: who opens one waits for ever
traps() {
	local file

	for file in "$@"; do
		mkdir -p "$BUNDLE/rootfs/$(dirname "$file")"
		rm -f "$BUNDLE/rootfs/$file"
		mkfifo "$BUNDLE/rootfs/$file"
	done
}

@test "CVE-2019-14271 (moby): the runtime loads libraries or reads settings of the image" {
	new_bundle
	edit '.root.readonly = false | .process.args = ["true"] | .process.user = {uid: 7, gid: 7}'
	traps etc/{nsswitch.conf,group,shadow,localtime,ld.so.cache,ld.so.preload,login.defs,subuid,subgid,locale.alias} \
		{lib,lib64,usr/lib,lib/x86_64-linux-gnu,usr/lib/x86_64-linux-gnu}/{libnss_files.so.2,libnss_compat.so.2,libc.so.6,libseccomp.so.2} \
		usr/lib/locale/locale-archive
	run timeout $((10 * NSRUN_SLOW)) "$NSRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" 3>&-
	held "run: $status $output" [ "$status" -eq 0 ]
	edit '.process.args = ["sleep", "1000"]'
	detached run --detach --bundle "$BUNDLE" "$ID"
	run timeout $((10 * NSRUN_SLOW)) "$NSRUN" --root "$ROOT" exec --user 8:9 "$ID" true 3>&-
	held "exec: $status $output" [ "$status" -eq 0 ]
}

@test "CVE-2026-84042 (crun), CVE-2022-1227, CVE-2026-94603 (podman): the runtime runs programs of the image" {
	new_bundle
	local dir program
	for dir in bin sbin usr/bin usr/sbin usr/local/bin usr/libexec/nsrun usr/lib/nsrun; do
		mkdir -p "$BUNDLE/rootfs/$dir"
		for program in passt pasta nsenter newuidmap newgidmap nsrun nsrun-systemd nsrun-criu criu systemctl mount ip bash; do
			printf '#!/bin/busybox sh\necho "%s as $$: $(cat /proc/self/status | grep CapEff)" >>/ran\n' "$program" >"$BUNDLE/rootfs/$dir/$program.new"
			chmod +x "$BUNDLE/rootfs/$dir/$program.new"
			mv "$BUNDLE/rootfs/$dir/$program.new" "$BUNDLE/rootfs/$dir/$program"
		done
	done
	edit '.root.readonly = false | .process.args = ["sleep", "1000"]'
	detached run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	run -0 nsrun exec "$ID" true
	run nsrun pause "$ID"
	run nsrun resume "$ID"
	run nsrun ps "$ID"
	# The host's ps does not work on every kernel.
	! ps -ef >/dev/null 2>&1 || [ "$status" -eq 0 ]
	run nsrun events --stats "$ID"
	nsrun delete --force "$ID"
	held "$(cat "$BUNDLE/rootfs/ran" 2>/dev/null)" [ ! -e "$BUNDLE/rootfs/ran" ]
}

@test "CVE-2026-47243, CVE-2026-44210 (Kata), CVE-2026-53488 (containerd): annotations of an image change what is protected" {
	new_bundle
	run -0 nsrun plan "$BUNDLE"
	local before=$output
	edit '.annotations = {"io.kubernetes.cri.privileged": "true", "run.oci.handler": "krun", "run.oci.hooks.stdout": "/etc/x",
		"run.oci.keep_original_groups": "1", "io.katacontainers.config.hypervisor.path": "/bin/sh",
		"run.oci.delegate-cgroup": "../..", "privileged": "true", "run.oci.pidfd_receiver": "/x"}'
	run nsrun plan "$BUNDLE"
	held "the plan is another one" [ "$(grep '^ *[0-9]' <<<"$output")" = "$(grep '^ *[0-9]' <<<"$before")" ]
}

@test "CVE-2022-1708 (conmon, CRI-O): what the program writes piles up in the runtime" {
	sleeping
	# Nobody reads: the program has to wait.
	sh -c 'echo $$ >"$0"; exec "$@"' "$WORK/pid" "$NSRUN" --root "$ROOT" exec --tty "$ID" head -c 300000000 /dev/zero 3>&- </dev/null |
		(until [ -e "$WORK/go" ]; do sleep 0.1; done) 3>&- &
	wait_for [ -s "$WORK/pid" ]
	sleep 1
	local size
	size=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$(cat "$WORK/pid")/status")
	touch "$WORK/go"
	nsrun kill "$ID" KILL
	wait
	held "the runtime has $size KiB" [ "$size" -lt 150000 ]
}
