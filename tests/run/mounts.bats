#!/usr/bin/env bats
# mounts.bats: the container's file system: mounts and their options, root, devices, what is covered, and attacks on all
# of that from the image.

load helpers

needs() {
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
	! has "$@" >/dev/null
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

@test "features names the mount options that nsrun knows, and no other" {
	run -0 nsrun features
	# config.md#linux-mount-options, then those that are not of the spec.
	diff <(jq -r '.mountOptions[]' <<<"$output") <(sort <<-END
		$(printf '%s\n' async atime bind defaults dev diratime dirsync exec iversion lazytime loud mand noatime nodev \
			nodiratime noexec noiversion nolazytime nomand norelatime nostrictatime nosuid nosymfollow private ratime \
			rbind rdev rdiratime relatime remount rexec rnoatime rnodev rnodiratime rnoexec rnorelatime \
			rnostrictatime rnosuid rnosymfollow ro rprivate rrelatime rro rrw rshared rslave rstrictatime rsuid \
			rsymfollow runbindable rw shared silent slave strictatime suid symfollow sync tmpcopyup unbindable \
			idmap ridmap)
		$(printf '%s\n' acl noacl copy-symlink src-nofollow dest-nofollow)
	END
	)
	[ "$(jq .linux.mountExtensions.idmap.enabled <<<"$output")" = true ]
}

# as_listed: the mounts /tmp/WORD of each line "WORD|OPTIONS|HAS|HAS NOT" of stdin are in output as they should be
as_listed() {
	local word with without option wrong=

	while IFS='|' read -r word _ with without; do
		[ -n "$(mounted "/tmp/$word$1")" ] || wrong+="$word: not mounted"$'\n'
		# shellcheck disable=SC2086 # words
		has "/tmp/$word$1" $with || wrong+="$word: $with"$'\n'
		for option in $without; do
			has_not "/tmp/$word$1" "$option" || wrong+="$word: not $option"$'\n'
		done
	done
	echo "$wrong"
	[ -z "$wrong" ]
}

@test "each mount option of the spec has its effect" {
	new_bundle
	# Of iversion, mand, silent and the like the kernel shows nothing, and mand is gone since Linux 5.15.
	cat >"$WORK/table" <<-'END'
		async|sync async||sync
		atime|noatime atime||noatime
		defaults|defaults|rw relatime|ro nosuid
		dev|nodev dev||nodev
		diratime|nodiratime diratime||nodiratime
		dirsync|dirsync|dirsync|
		exec|noexec exec||noexec
		iversion|iversion|rw|
		lazytime|lazytime|lazytime|
		loud|silent loud|rw|
		mand|mand|rw|
		noatime|noatime|noatime|relatime
		nodev|nodev|nodev|
		nodiratime|nodiratime|nodiratime|
		noexec|noexec|noexec|
		noiversion|iversion noiversion|rw|
		nolazytime|lazytime nolazytime||lazytime
		nomand|nomand|rw|
		norelatime|norelatime|rw|
		nostrictatime|strictatime nostrictatime|relatime|
		nosuid|nosuid|nosuid|
		nosymfollow|nosymfollow|nosymfollow|
		relatime|relatime|relatime|noatime
		ro|ro|ro|
		rw|ro rw|rw|ro
		silent|silent|rw|
		strictatime|strictatime|rw|relatime noatime
		suid|nosuid suid||nosuid
		symfollow|nosymfollow symfollow||nosymfollow
		sync|sync|sync|
	END
	# shellcheck disable=SC2016 # jq's variables
	edit '.mounts += [{destination: "/tmp", type: "tmpfs", source: "t"}] + [$table | split("\n")[] | select(. != "")
		| split("|") | {destination: "/tmp/\(.[0])", type: "tmpfs", source: "t", options: (.[1] | split(" "))}]' \
		--rawfile table "$WORK/table"
	show_mounts
	as_listed "" <"$WORK/table"
}

@test "each recursive mount option of the spec has its effect on what is mounted below" {
	new_bundle
	mkdir "$WORK/free" "$WORK/tight"
	for dir in free tight; do
		mount -t tmpfs tmpfs "$WORK/$dir"
		mkdir "$WORK/$dir/below"
		mount -t tmpfs tmpfs "$WORK/$dir/below"
	done
	mount -o remount,bind,ro,nosuid,nodev,noexec,noatime,nodiratime "$WORK/tight/below"
	cat >"$WORK/table" <<-'END'
		ratime|tight ratime|relatime|noatime
		rdev|tight rdev|nosuid|nodev
		rdiratime|tight rdiratime|noatime|nodiratime
		rexec|tight rexec|nosuid|noexec
		rnoatime|free rnoatime|noatime|relatime
		rnodev|free rnodev|nodev|nosuid
		rnodiratime|free rnodiratime|nodiratime relatime|
		rnoexec|free rnoexec|noexec|nosuid
		rnorelatime|free rnorelatime|rw|noatime
		rnostrictatime|tight rnostrictatime|relatime|noatime
		rnosuid|free rnosuid|nosuid|nodev
		rnosymfollow|free rnosymfollow|nosymfollow|
		rrelatime|tight rrelatime|relatime|noatime
		rro|free rro|ro|
		rrw|tight rrw|rw nosuid|ro
		rstrictatime|free rstrictatime|rw|relatime noatime
		rsuid|tight rsuid|nodev|nosuid
		rsymfollow|free rnosymfollow rsymfollow|rw|nosymfollow
	END
	# shellcheck disable=SC2016 # jq's variables
	edit '.mounts += [{destination: "/tmp", type: "tmpfs", source: "t"}] + [$table | split("\n")[] | select(. != "")
		| split("|") | {destination: "/tmp/\(.[0])", source: "\($work)/\(.[1] | split(" ")[0])",
			options: (["rbind"] + (.[1] | split(" ")[1:]))}]' --rawfile table "$WORK/table" --arg work "$WORK"
	show_mounts
	umount -R "$WORK/free" "$WORK/tight"
	as_listed /below <"$WORK/table"
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
	# As deep as it goes (copyup.c), which is what init's stack has to hold; one more level is an error.
	local deep=$(printf 'd/%.0s' {1..63})
	mkdir -p "$BUNDLE/rootfs/etc/$deep"
	echo bottom >"$BUNDLE/rootfs/etc/${deep}file"
	in_container "cat /etc/${deep}file"
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$output" = bottom ]
	mkdir "$BUNDLE/rootfs/etc/${deep}e"
	run -1 nsrun run --bundle "$BUNDLE" "$ID"
	[[ $output == *"copy what /etc holds: directories more than 64 deep"* ]]
}

@test "the host sees no mount of the container, and propagation is the configured one" {
	new_bundle
	show_mounts
	! mounted / | grep -q 'shared:' || false
	! grep -qF "$BUNDLE" /proc/self/mountinfo || false
	edit '.linux.rootfsPropagation = "shared"'
	show_mounts
	mounted / | grep -q 'shared:'
	edit 'del(.linux.rootfsPropagation) | .mounts += [{destination: "/tmp", type: "tmpfs", source: "t", options: ["rshared"]}]'
	show_mounts
	mounted /tmp | grep -q 'shared:'
	! mounted /proc | grep -q 'shared:' || false
}

# events PATH: how the mount shares events: shared, slave, shared slave, unbindable or private
events() {
	local found

	found=$(mounted "$1" | sed 's/ - .*//' | cut -d' ' -f7- -s | tr ' ' '\n' |
		sed 's/:.*//; s/master/slave/' | sort)
	echo "${found:-private}" | tr '\n' ' ' | sed 's/ $//'
}

# shared_volume: WORK/vol and WORK/vol/below, shared mounts
shared_volume() {
	mkdir "$WORK/vol"
	mount -t tmpfs tmpfs "$WORK/vol"
	mkdir "$WORK/vol/below" "$WORK/vol/inside" "$WORK/vol/outside"
	mount -t tmpfs tmpfs "$WORK/vol/below"
	mount --make-rshared "$WORK/vol"
}

@test "propagation of a bind mount: all eight forms" {
	new_bundle
	shared_volume
	local word
	edit '.linux.rootfsPropagation = "shared" | .root.readonly = false
		| .mounts += [("private", "rprivate", "shared", "rshared", "slave", "rslave", "unbindable", "runbindable")
			| {destination: "/mnt/\(.)", source: $vol, options: ["rbind", .]}]' \
		--arg vol "$WORK/vol"
	show_mounts
	umount -R "$WORK/vol"
	for word in private shared slave unbindable; do
		[ "$(events "/mnt/$word")" = $word ]
		[ "$(events "/mnt/$word/below")" = shared ]
		[ "$(events "/mnt/r$word")" = $word ]
		[ "$(events "/mnt/r$word/below")" = $word ]
	done
	has_not /mnt/shared slave
}

@test "propagation of the root: all eight forms" {
	new_bundle
	local word
	mount --bind "$BUNDLE" "$BUNDLE"
	mount --make-shared "$BUNDLE"
	cd "$BUNDLE"
	edit '.mounts += [{destination: "/tmp", type: "tmpfs", source: "t"}]'
	for word in private shared slave unbindable; do
		for rec in '' r; do
			edit '.linux.rootfsPropagation = $word' --arg word "$rec$word"
			show_mounts
			echo "$rec$word: / $(events /), /tmp $(events /tmp)"
			[[ " $(events /) " == *" $word "* ]]
			[ "$rec$word" = rshared ] || [ "$rec$word" = runbindable ] || [ "$(events /tmp)" = private ]
			[ "$rec$word" != rshared ] || [ "$(events /tmp)" = shared ]
			[ "$rec$word" != runbindable ] || [ "$(events /tmp)" = unbindable ]
			[ "$word" = shared ] || [[ $(events /) != *shared* ]]
		done
	done
	# From the host, of a container that is only created.
	edit '.linux.rootfsPropagation = "shared"'
	detached create --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	output=$(cat "/proc/$(pid_of "$ID")/mountinfo")
	[[ $(events /) == *shared* ]]
	run -1 grep -F " $BUNDLE/rootfs" /proc/self/mountinfo
	nsrun delete --force "$ID"
	cd "$WORK"
	umount "$BUNDLE"
}

@test "which mounts pass between host and container" {
	new_bundle
	shared_volume
	edit '.linux.rootfsPropagation = "shared" | .root.readonly = false
		| .process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])'
	in_container 'mount -t tmpfs t /mnt/inside && touch /mnt/ready && until [ -e /mnt/go ]; do sleep 0.02; done
		grep -c /mnt/outside /proc/self/mountinfo'
	local word want given taken
	for word in rshared rslave rprivate; do
		edit '.mounts |= map(select(.destination != "/mnt"))
			+ [{destination: "/mnt", source: $vol, options: ["rbind", $word]}]' \
			--arg vol "$WORK/vol" --arg word $word
		nsrun run --bundle "$BUNDLE" "$ID" >"$WORK/out" 2>&1 &
		wait_for test -e "$WORK/vol/ready"
		given=$(grep -c "$WORK/vol/inside" /proc/self/mountinfo) || :
		mount -t tmpfs t "$WORK/vol/outside"
		touch "$WORK/vol/go"
		wait $! || :
		taken=$(cat "$WORK/out")
		umount "$WORK/vol/outside"
		umount "$WORK/vol/inside" 2>/dev/null || :
		rm "$WORK/vol/go" "$WORK/vol/ready"
		want="1 1"
		[ $word != rslave ] || want="0 1"
		[ $word != rprivate ] || want="0 0"
		echo "$word: given $given, taken $taken"
		[ "$given $taken" = "$want" ]
	done
	umount -R "$WORK/vol"
}

# user_namespace [SIZE]: the container has one; it maps SIZE ids
user_namespace() {
	edit '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: $size}]
		| .linux.gidMappings = .linux.uidMappings' --argjson size "${1:-65536}"
}

@test "in a user namespace the flags of a source stay, and taking them away is refused" {
	new_bundle
	user_namespace
	mkdir "$WORK/locked"
	mount -t tmpfs -o ro,nosuid,nodev,noexec,noatime tmpfs "$WORK/locked"
	local option
	mkdir "$BUNDLE/rootfs/mnt"
	edit '.mounts += [{destination: "/mnt", source: $source, options: ["rbind"]}]' --arg source "$WORK/locked"
	show_mounts
	has /mnt ro nosuid nodev noexec noatime
	edit '.mounts[-1].options = ["rbind", "nosuid", "ro", "rprivate"]'
	show_mounts
	has /mnt ro nosuid nodev noexec noatime
	# What mount(8) calls a remount would clear what it does not name.
	edit '.mounts += [{destination: "/mnt", options: ["remount", "bind", "nosymfollow"]}]'
	show_mounts
	has /mnt ro nosuid nodev noexec noatime nosymfollow
	for option in rw suid dev exec atime strictatime rrw rexec; do
		edit '.mounts = .mounts[:-2] + [{destination: "/mnt", source: $source, options: ["rbind", $option]}, .mounts[-1]]' \
			--arg source "$WORK/locked" --arg option $option
		fails 'that the owner of'
		[[ $output == *'/mounts/'*'hint: '* ]]
	done
	edit '.mounts = .mounts[:-2] + [{destination: "/mnt", source: $source, options: ["rbind"]},
		{destination: "/mnt", options: ["remount", "bind", "exec"]}]' --arg source "$WORK/locked"
	fails 'that the owner of'
	umount "$WORK/locked"
}

@test "copy-symlink, src-nofollow and dest-nofollow" {
	new_bundle
	echo target >"$WORK/target"
	ln -s target "$WORK/link"
	ln -s /nowhere "$WORK/dangling"
	ln -s kept "$BUNDLE/rootfs/at"
	echo kept >"$BUNDLE/rootfs/kept"
	edit '.root.readonly = false | .mounts += [
		{destination: "/new/copied", source: "\($work)/dangling", options: ["bind", "copy-symlink"]},
		{destination: "/new/file", source: "\($work)/target", options: ["bind", "copy-symlink"]},
		{destination: "/new/followed", source: "\($work)/link", options: ["bind"]},
		{destination: "/new/link", source: "\($work)/link", options: ["bind", "src-nofollow"]},
		{destination: "/at", source: "\($work)/target", options: ["bind", "dest-nofollow"]}]' --arg work "$WORK"
	in_container 'readlink /new/copied; cat /new/file /new/followed; readlink /new/link; cat /at /kept'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$output" = $'/nowhere\ntarget\ntarget\ntarget\ntarget\nkept' ]
	# The same text is no reason to fail, another one is.
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	ln -sfn elsewhere "$WORK/dangling"
	fails 'in the place of the symlink'
	# Without dest-nofollow what the link names is mounted on.
	edit '.mounts |= map(select(.destination != "/new/copied")) | .mounts[-1].options = ["bind"]'
	in_container 'readlink /at; cat /kept'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$output" = $'kept\ntarget' ]
}

@test "bind mounts of devices, and targets of the right type" {
	new_bundle
	mknod "$WORK/zero" c 1 5
	mkdir "$WORK/dir"
	edit '.root.readonly = false | .mounts += [{destination: "/mnt/a/zero", source: "\($work)/zero", options: ["bind"]},
		{destination: "/mnt/a/dir", source: "\($work)/dir", options: ["bind"]}]' --arg work "$WORK"
	in_container 'head -c 2 /mnt/a/zero | od -An -c; test -c /mnt/a/zero && test -d /mnt/a/dir && echo right'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[[ $output == *'\0  \0'*right ]]
	[ -f "$BUNDLE/rootfs/mnt/a/zero" ]
	[ -d "$BUNDLE/rootfs/mnt/a/dir" ]
	edit '.mounts += [{destination: "/mnt/a/dir", source: "\($work)/zero", options: ["bind"]}]' --arg work "$WORK"
	fails 'a directory'
}

@test "a relative destination counts from the root of the container" {
	new_bundle
	edit '.mounts += [{destination: "tmp/relative", type: "tmpfs", source: "t"}] | .root.readonly = false'
	run -0 nsrun check --bundle "$BUNDLE"
	[[ $output == *'relative destination path is deprecated'* ]]
	show_mounts
	has /tmp/relative tmpfs
}

@test "an overlay, with a lowerdir beyond what fsconfig takes" {
	new_bundle
	local long
	long=$WORK/long/$(printf 'x%.0s' {1..200})
	mkdir -p "$long/1" "$long/2" "$WORK/upper" "$WORK/work"
	echo one >"$long/1/one"
	echo two >"$long/2/two"
	edit '.root.readonly = false | .mounts += [{destination: "/mnt", type: "overlay", source: "overlay",
		options: ["nosuid", "lowerdir=\($long)/1:\($long)/2", "upperdir=\($work)/upper", "workdir=\($work)/work"]}]' \
		--arg long "$long" --arg work "$WORK"
	in_container 'cat /mnt/one /mnt/two; echo new >/mnt/new; grep -c " /mnt .*nosuid.* - overlay" /proc/self/mountinfo'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "$output" = $'one\ntwo\n1' ]
	[ "$(cat "$WORK/upper/new")" = new ]
	edit '.mounts[-1].options |= map(select(startswith("work") | not))'
	run -1 nsrun run --bundle "$BUNDLE" "$ID"
	echo "$output"
	[[ $output == *'overlay'* ]]
}

@test "in a user namespace: sysfs, mqueue and devpts without what they need" {
	new_bundle
	# One id: the terminals' group 5 has no place in it.
	user_namespace 1
	edit '.linux.namespaces |= map(select(.type != "network"))'
	show_mounts
	has /sys sysfs
	has /dev/mqueue mqueue
	has /dev/pts devpts
	has_not /dev/pts gid=5
	# Without an own ipc namespace the host's queues are shown, where it has them mounted.
	edit '.linux.namespaces |= map(select(.type != "ipc"))'
	local made=
	[ -d /dev/mqueue ] || { mkdir /dev/mqueue && made=yes; }
	if ! grep -q ' /dev/mqueue ' /proc/self/mountinfo; then
		fails 'mqueue'
		[[ $output == *'ipc'* ]]
		mount -t mqueue mqueue /dev/mqueue
		show_mounts
		umount /dev/mqueue
	else
		show_mounts
	fi
	[ -z "$made" ] || rmdir /dev/mqueue
	has /dev/mqueue mqueue nosuid nodev noexec
}

@test "mount labels need SELinux" {
	[ ! -e /sys/fs/selinux/enforce ] || skip "this host has SELinux"
	new_bundle
	edit '.linux.mountLabel = "system_u:object_r:container_file_t:s0:c1,c2"'
	fails 'selinux label is specified in config, but selinux is disabled or not supported'
	[[ $output == */linux/mountLabel* ]]
	edit 'del(.linux.mountLabel) | .annotations = {"run.oci.mount_context_type": "rotcontext"}'
	fails 'is no mount option of SELinux'
	[[ $output == *'did you mean "rootcontext"'* ]]
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
