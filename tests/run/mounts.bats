#!/usr/bin/env bats
# mounts.bats: the container's file system: mounts and their options, root, devices, what is covered, and attacks on all
# of that from the image.

load helpers

setup_file() {
	skip_unless root
}

# mounted PATH: the mountinfo line of PATH that the container saw; its output must hold /proc/self/mountinfo
mounted() {
	awk -v path="$1" '$5 == path' <<<"$output" | tail -n 1
}

# has PATH WORDS...: the mount has each of the options or fields
has() {
	local line word

	line=$(mounted "$1" | tr ', ' '\n\n')
	shift
	for word; do
		grep -qxF -- "$word" <<<"$line" || {
			echo "no $word in: $line"
			return 1
		}
	done
}

has_not() {
	! has "$@" 2>/dev/null
}

show_mounts() {
	edit '.process.args = ["cat", "/proc/self/mountinfo"]'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
}

# create_or_run_fails TEXT
fails() {
	run -1 nsrun run --bundle "$BUNDLE" "$ID"
	grep -qiF -- "$1" <<<"$output"
}

@test "each mount option of features works on a tmpfs" {
	new_bundle
	local word refused=
	for word in $(nsrun features | jq -r '.mountOptions[]'); do
		case $word in
		# What needs more than the word: a bind mount, an id map, or a file system that has it.
		bind | rbind | idmap | ridmap | remount | tmpcopyup | mand | nomand) continue ;;
		esac
		edit '.mounts |= map(select(.destination != "/tmp")) + [{destination: "/tmp", type: "tmpfs", source: "tmpfs",
			options: [$word]}] | .process.args = ["true"]' --arg word "$word"
		run nsrun run --bundle "$BUNDLE" "$ID"
		[ "$status" -eq 0 ] || refused+="$word: $output"$'\n'
	done
	echo "$refused"
	[ -z "$refused" ]
}

@test "mount options are what the program sees" {
	new_bundle
	edit '.mounts += [
		{destination: "/tmp/a", type: "tmpfs", source: "t", options: ["ro", "nosuid", "nodev", "noexec", "noatime", "size=64k", "mode=700"]},
		{destination: "/tmp/b", type: "tmpfs", source: "t", options: ["ro", "rw", "nosuid", "suid", "nodiratime", "strictatime"]},
		{destination: "/tmp/c", type: "tmpfs", source: "t", options: ["nosymfollow", "sync", "lazytime"]}]
		| .mounts = [.mounts[0:7][], {destination: "/tmp", type: "tmpfs", source: "t"}, .mounts[7:][]]'
	show_mounts
	has /tmp/a ro nosuid nodev noexec noatime size=64k mode=700
	has /tmp/b rw nodiratime
	has_not /tmp/b nosuid
	has_not /tmp/b relatime
	has /tmp/c nosymfollow sync lazytime
	has /proc proc
	has /dev tmpfs nosuid mode=755
	has / ro
}

@test "bind mounts of directories, files, sockets and fifos" {
	new_bundle
	mkdir "$WORK/dir"
	echo content >"$WORK/dir/file"
	echo single >"$WORK/single"
	mkfifo "$WORK/fifo"
	edit '.root.readonly = false | .mounts += [
		{destination: "/mnt/dir", type: "bind", source: "\($work)/dir", options: ["rbind", "ro"]},
		{destination: "/mnt/deep/single", source: "\($work)/single", options: ["bind"]},
		{destination: "/mnt/fifo", source: "\($work)/fifo", options: ["bind"]},
		{destination: "/mnt/relative", source: "../single", options: ["bind"]}]' --arg work "$WORK"
	in_container 'cat /mnt/dir/file /mnt/deep/single /mnt/relative; test -p /mnt/fifo && echo fifo
		echo x >/mnt/dir/file || echo refused; echo changed >/mnt/deep/single'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[[ $output == $'content\nsingle\nsingle\nfifo\n'*refused* ]]
	[ "$(cat "$WORK/single")" = changed ]
	[ "$(cat "$WORK/dir/file")" = content ]
	if command -v python3 >/dev/null; then
		python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$WORK/socket"
		edit '.mounts += [{destination: "/mnt/socket", source: "\($work)/socket", options: ["bind"]}]' --arg work "$WORK"
		in_container 'test -S /mnt/socket && echo socket'
		run -0 nsrun run --bundle "$BUNDLE" "$ID"
		[ "$output" = socket ]
	fi
	edit '.mounts += [{destination: "/mnt/none", source: "\($work)/none", options: ["bind"]}]' --arg work "$WORK"
	fails 'no such file or directory'
	[[ $output == *"/mounts/"* ]]
}

@test "recursive options reach the mounts below a bind" {
	new_bundle
	mkdir "$WORK/tree"
	mount -t tmpfs tmpfs "$WORK/tree"
	mkdir "$WORK/tree/below"
	mount -t tmpfs tmpfs "$WORK/tree/below"
	edit '.root.readonly = false | .mounts += [
		{destination: "/mnt/ro", source: "\($work)/tree", options: ["rbind", "ro"]},
		{destination: "/mnt/rro", source: "\($work)/tree", options: ["rbind", "rro", "rnosuid", "rnoexec", "rnodev"]},
		{destination: "/mnt/one", source: "\($work)/tree", options: ["bind", "ro"]}]' --arg work "$WORK"
	show_mounts
	umount "$WORK/tree/below" "$WORK/tree"
	has /mnt/ro ro
	has /mnt/ro/below rw
	has /mnt/rro ro nosuid noexec nodev
	has /mnt/rro/below ro nosuid noexec nodev
	[ -z "$(mounted /mnt/one/below)" ]
}

@test "tmpcopyup copies what the image has" {
	new_bundle
	edit '.mounts += [{destination: "/etc", type: "tmpfs", source: "tmpfs", options: ["tmpcopyup", "mode=755"]}]'
	mkdir -m 750 "$BUNDLE/rootfs/etc/sub"
	ln -s passwd "$BUNDLE/rootfs/etc/link"
	echo deep >"$BUNDLE/rootfs/etc/sub/file"
	chown 12:34 "$BUNDLE/rootfs/etc/sub/file"
	in_container 'cat /etc/sub/file; readlink /etc/link; stat -c "%a %u:%g" /etc/sub /etc/sub/file; echo new >/etc/new && cat /etc/new
		head -n 1 /etc/passwd'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$output" = $'deep\npasswd\n750 0:0\n644 12:34\nnew\nroot:x:0:0:root:/root:/bin/sh' ]
	[ ! -e "$BUNDLE/rootfs/etc/new" ]
}

@test "the host sees no mount of the container, and propagation is the configured one" {
	new_bundle
	show_mounts
	! mounted / | grep -q 'shared:'
	! grep -qF "$BUNDLE" /proc/self/mountinfo
	edit '.linux.rootfsPropagation = "shared"'
	show_mounts
	mounted / | grep -q 'shared:'
	edit 'del(.linux.rootfsPropagation) | .mounts += [{destination: "/tmp", type: "tmpfs", source: "t", options: ["rshared"]}]'
	show_mounts
	mounted /tmp | grep -q 'shared:'
	! mounted /proc | grep -q 'shared:'
}

@test "--no-pivot shows the same file system" {
	new_bundle
	in_container 'ls / | tr "\n" " "; test -e /proc/1/root/etc/shadow || echo safe'
	run -0 nsrun run --no-pivot --bundle "$BUNDLE" "$ID"
	[ "$output" = "bin dev etc proc root sys tmp safe" ]
}

@test "masked paths are empty, read-only paths read-only" {
	new_bundle
	edit '.root.readonly = false | .linux.maskedPaths += ["/etc/passwd", "/root", "/none"]
		| .linux.readonlyPaths += ["/tmp", "/none"]'
	echo secret >"$BUNDLE/rootfs/root/secret"
	in_container 'wc -c </etc/passwd; ls /root | wc -l; echo x >/root/x || echo root; echo x >/etc/passwd; wc -c </etc/passwd
		echo x >/tmp/x || echo tmp; echo 1 >/proc/sys/kernel/panic || echo sys
		echo x >/etc/new && echo writable'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	echo "$output" | grep -v "can't create"
	[ "$(grep -v "can't create" <<<"$output")" = $'0\n0\nroot\n0\ntmp\nsys\nwritable' ]
}

@test "a read-only root" {
	new_bundle
	in_container 'echo x >/x || echo refused; echo x >/dev/shm/x && echo shm'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[[ $output == *refused*shm ]]
	[ ! -e "$BUNDLE/rootfs/x" ]
	edit '.root.readonly = false'
	in_container 'echo x >/x && echo written'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$output" = written ]
}

@test "the default devices work, and others cannot be made" {
	new_bundle
	edit '.process.capabilities |= map_values(. + ["CAP_MKNOD"]) | .root.readonly = false'
	in_container 'for d in null zero full random urandom tty; do stat -c "%n %t:%T %a" /dev/$d; done
		for l in fd stdin stdout stderr ptmx; do echo "$l $(readlink /dev/$l)"; done
		head -c 3 /dev/zero | od -An -c; echo x >/dev/null; head -c 9 /dev/urandom | wc -c
		mknod /tmp/kmsg c 1 11 && head -c 1 /tmp/kmsg || echo no kmsg'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	echo "$output"
	[[ $output == $'/dev/null 1:3 666\n/dev/zero 1:5 666\n/dev/full 1:7 666\n/dev/random 1:8 666\n/dev/urandom 1:9 666\n/dev/tty 5:0 666\nfd /proc/self/fd\nstdin /proc/self/fd/0\nstdout /proc/self/fd/1\nstderr /proc/self/fd/2\nptmx pts/ptmx'* ]]
	[[ $output == *'\0  \0  \0'* ]]
	[[ $output == *"no kmsg" ]]
}

@test "configured devices" {
	new_bundle
	edit '.linux.devices = [{path: "/dev/mynull", type: "c", major: 1, minor: 3, fileMode: 438, uid: 5, gid: 6},
		{path: "/dev/sub/zero", type: "c", major: 1, minor: 5}, {path: "/dev/queue", type: "p"}]'
	in_container 'stat -c "%n %t:%T %a %u:%g" /dev/mynull; stat -c %t:%T /dev/sub/zero; test -p /dev/queue && echo fifo; echo x >/dev/mynull && echo written'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$output" = $'/dev/mynull 1:3 666 5:6\n1:5\nfifo\nwritten' ]
}

@test "attack: /proc of the image is a symbolic link (CVE-2019-19921)" {
	new_bundle
	mkdir "$WORK/victim"
	rmdir "$BUNDLE/rootfs/proc"
	local target
	for target in tmp /tmp "$WORK/victim" ../../victim; do
		ln -sfn "$target" "$BUNDLE/rootfs/proc"
		fails ''
		[[ $output == */mounts/0* ]]
		[ -z "$(ls -A "$WORK/victim")" ]
	done
	rm "$BUNDLE/rootfs/proc"
	mkdir "$BUNDLE/rootfs/proc"
	rmdir "$BUNDLE/rootfs/sys"
	ln -s proc "$BUNDLE/rootfs/sys"
	fails '/sys'
}

@test "attack: mount destinations that are links to the host stay in the root (CVE-2021-30465)" {
	new_bundle
	mkdir "$WORK/victim" "$WORK/source"
	edit '.root.readonly = false | .mounts += [{destination: "/link/made", source: "\($work)/source", options: ["bind"]},
		{destination: "/up/made", type: "tmpfs", source: "t"}]' --arg work "$WORK"
	ln -s "$WORK/victim" "$BUNDLE/rootfs/link"
	ln -s ../../victim "$BUNDLE/rootfs/up"
	in_container 'grep -c made /proc/self/mountinfo'
	run nsrun run --bundle "$BUNDLE" "$ID"
	echo "$output"
	[ -z "$(ls -A "$WORK/victim")" ]
	[ -z "$(ls -A "$WORK/source")" ]
	[ "$status" -ne 0 ] || [ "$output" = 2 ]
}

@test "attack: /dev of the image is a link to the host (CVE-2026-47766, CVE-2026-41579)" {
	new_bundle
	mkdir "$WORK/victim"
	touch "$WORK/victim/ptmx"
	edit '.root.readonly = false | .mounts |= map(select(.destination | startswith("/dev") | not)) | .process.args = ["true"]'
	rmdir "$BUNDLE/rootfs/dev"
	local target
	for target in "$WORK/victim" ../../victim; do
		ln -sfn "$target" "$BUNDLE/rootfs/dev"
		run nsrun run --bundle "$BUNDLE" "$ID"
		[ "$(ls -A "$WORK/victim")" = ptmx ]
	done
}

@test "attack: files of the image in place of devices (CVE-2025-31133, CVE-2026-88264)" {
	new_bundle
	echo precious >"$WORK/victim"
	edit '.root.readonly = false | .mounts |= map(select(.destination | startswith("/dev") | not))
		| .linux.maskedPaths = ["/etc/passwd"]'
	ln -s ../../../victim "$BUNDLE/rootfs/dev/null"
	ln -s "$WORK/victim" "$BUNDLE/rootfs/dev/console"
	ln -s "$WORK/victim" "$BUNDLE/rootfs/dev/zero"
	in_container 'wc -c </etc/passwd; echo x >/etc/passwd; echo x >/dev/null'
	run nsrun run --bundle "$BUNDLE" "$ID"
	echo "$output"
	[ "$(cat "$WORK/victim")" = precious ]
	[ "$status" -ne 0 ] || [[ $output == 0* ]]
}

@test "attack: a cwd made through a link stays in the root (CVE-2024-45310)" {
	new_bundle
	mkdir "$WORK/victim"
	ln -s "$WORK/victim" "$BUNDLE/rootfs/link"
	edit '.root.readonly = false | .process.cwd = "/link/new" | .process.args = ["true"]'
	run nsrun run --bundle "$BUNDLE" "$ID"
	[ -z "$(ls -A "$WORK/victim")" ]
}

@test "nothing but proc may be mounted on /proc (CVE-2019-16884)" {
	new_bundle
	mkdir "$WORK/fake"
	edit '.mounts += [{destination: "/proc", source: "\($work)/fake", options: ["bind"]}] | .process.args = ["true"]' --arg work "$WORK"
	fails '/proc'
	edit '.mounts[-1] = {destination: "/proc/self/attr", type: "tmpfs", source: "t"}'
	fails '/proc'
}
