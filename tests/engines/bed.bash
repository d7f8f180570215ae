# bed.bash: the place in which one engine runs with one runtime: namespaces, folders and settings of its own.
#
# Sourced by session.sh, which is process 1 of a PID namespace, in its own mount, network and cgroup namespaces. What an
# engine keeps is on file systems of that mount namespace; when process 1 ends, all of it is gone.

# bed_cgroups: shows our cgroup as the top of every hierarchy
bed_cgroups() {
	local type options dir controllers name
	local list=$BED.cgroups
	awk '$3 == "cgroup" || $3 == "cgroup2" { print $2, $3, $4 }' /proc/self/mounts >"$list"
	mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup 2>/dev/null
	CGROUPS=v1
	while read -r dir type options; do
		if [ "$type" = cgroup2 ]; then
			[ "$dir" != /sys/fs/cgroup ] || CGROUPS=v2
			mkdir -p "$dir"
			mount -t cgroup2 cgroup2 "$dir"
			# Processes stand in the way of the limits of the cgroups below them.
			mkdir "$dir/init"
			echo $$ >"$dir/init/cgroup.procs"
		else
			controllers=$(tr ',' '\n' <<<"$options" |
				grep -vx 'rw\|ro\|nosuid\|nodev\|noexec\|relatime\|xattr\|release_agent=.*\|clone_children' | paste -sd,)
			mkdir -p "$dir"
			mount -t cgroup -o "$controllers" cgroup "$dir"
			for name in ${controllers//,/ }; do
				[ -e "/sys/fs/cgroup/${name#name=}" ] || ln -s "${dir##*/}" "/sys/fs/cgroup/${name#name=}"
			done
		fi
	done < <(LC_ALL=C sort "$list")
	rm -f "$list"
	if [ $CGROUPS = v2 ]; then
		for name in $(cat /sys/fs/cgroup/cgroup.controllers); do
			echo "+$name" >/sys/fs/cgroup/cgroup.subtree_control 2>/dev/null || :
		done
	elif [ "$NAME" = crun ] && grep -qs . /sys/fs/cgroup/unified/cgroup.controllers; then
		# crun refuses a hybrid host where a controller is on the unified tree; nsrun needs no such help.
		mount --bind /dev/null /sys/fs/cgroup/unified/cgroup.controllers
	fi
}

# bed_folders: what engines write to, outside the folders that they are given
bed_folders() {
	local dir
	mount -t tmpfs -o mode=755 tmpfs "$BED"
	mkdir -m 755 "$BED/bin" "$BED/etc" "$BED/log" "$BED/home"
	mkdir -m 1777 "$BED/tmp"
	for dir in /run /var/tmp /var/lib/containers /var/lib/docker /var/lib/containerd /var/lib/cni /etc/cni \
		/etc/containers /etc/docker /etc/containerd /etc/criu; do
		[ ! -d "$dir" ] || mount -t tmpfs -o mode=755 tmpfs "$dir"
	done
	chmod 1777 /var/tmp
	mkdir -p /run/lock /run/containers /run/user
}

# The ordinary user's; no system hands it out.
USER_ID=61234

# bed_user: an ordinary user with subordinate ids, whom only this bed knows
bed_user() {
	local file
	for file in passwd group subuid subgid; do
		[ -e "/etc/$file" ] || continue
		cp "/etc/$file" "$BED/etc/$file"
		mount --bind "$BED/etc/$file" "/etc/$file"
	done
	echo "engines:x:$USER_ID:$USER_ID:tests of nsrun:$BED/home:/bin/sh" >>/etc/passwd
	echo "engines:x:$USER_ID:" >>/etc/group
	echo "engines:3000000:65536" >>/etc/subuid
	echo "engines:3000000:65536" >>/etc/subgid
	mkdir -m 700 "/run/user/$USER_ID"
	chown "$USER_ID:$USER_ID" "$BED/home" "/run/user/$USER_ID"
}

# bed_rootfs ARCHIVE: a root file system of busybox alone. Called once, outside of any bed.
bed_rootfs() {
	local root=$1.root
	mkdir -p "$root"/{bin,etc,proc,sys,dev,run,root,home,var,usr}
	mkdir -m 1777 "$root/tmp"
	cp "$(command -v busybox)" "$root/bin/busybox"
	chroot "$root" /bin/busybox --install -s /bin
	printf 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/home:/bin/sh\n' >"$root/etc/passwd"
	printf 'root:x:0:\nuser:x:1000:\n' >"$root/etc/group"
	# What holds the namespaces of a pod must end when it is told to.
	printf '#!/bin/sh\ntrap "exit 0" TERM INT\nsleep 1000000 & wait\n' >"$root/pause"
	chmod 755 "$root/pause"
	tar -C "$root" -cf "$1" .
	rm -rf "$root"
}

# oci_image FILE NAME: the archive as an image in an OCI layout
oci_image() {
	local dir=$BED/layout layer config manifest
	mkdir -p "$dir/blobs/sha256"
	layer=$(sha256sum <"$IMAGE_TAR" | cut -d' ' -f1)
	cp "$IMAGE_TAR" "$dir/blobs/sha256/$layer"
	config=$(blob "$dir" "{\"architecture\":\"$(go_arch)\",\"os\":\"linux\",\"config\":{\"Cmd\":[\"/pause\"],
		\"Env\":[\"PATH=/bin\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:$layer\"]}}")
	manifest=$(blob "$dir" "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",
		\"config\":$(descriptor "$dir" image.config.v1+json "$config"),
		\"layers\":[$(descriptor "$dir" image.layer.v1.tar "$layer")]}")
	manifest=$(descriptor "$dir" image.manifest.v1+json "$manifest")
	echo "{\"schemaVersion\":2,\"manifests\":[${manifest%\}},\"annotations\":{\"io.containerd.image.name\":\"$2\"}}]}" \
		>"$dir/index.json"
	echo '{"imageLayoutVersion":"1.0.0"}' >"$dir/oci-layout"
	tar -C "$dir" -cf "$1" oci-layout index.json blobs
	rm -rf "$dir"
}

# blob LAYOUT TEXT: prints its digest
blob() {
	local digest
	digest=$(printf %s "$2" | sha256sum | cut -d' ' -f1)
	printf %s "$2" >"$1/blobs/sha256/$digest"
	echo "$digest"
}

# descriptor LAYOUT TYPE DIGEST
descriptor() {
	printf '{"mediaType":"application/vnd.oci.%s","digest":"sha256:%s","size":%s}' "$2" "$3" \
		"$(stat -c %s "$1/blobs/sha256/$3")"
}

go_arch() {
	case $(uname -m) in
	x86_64) echo amd64 ;;
	aarch64) echo arm64 ;;
	*) uname -m ;;
	esac
}

# snippet FILE [NAME]: a file of contrib/engines, with this runtime, by that name, in the place of nsrun
snippet() {
	sed -e "s|/usr/local/bin/nsrun|@PATH@|g" -e "s|nsrun|${2:-$NAME}|g" -e "s|@PATH@|$RUNTIME|g" "$SRCDIR/contrib/engines/$1"
}

# bed_open: all of it. Sets RUNTIME (a copy that an ordinary user can read) and CGROUPS (v1 or v2).
bed_open() {
	mount --make-rshared /
	bed_cgroups
	bed_folders
	cp "$BINARY" "$BED/bin/$NAME"
	chmod 755 "$BED/bin/$NAME"
	RUNTIME=$BED/bin/$NAME
	bed_user
	ip link set lo up
	export TMPDIR=$BED/tmp HOME=$BED/home
	unset XDG_RUNTIME_DIR
	MOUNTS_BEFORE=$(bed_mounts)
}

# bed_mounts: what is mounted, one line each
bed_mounts() {
	awk '{ print $5, $(NF - 2) }' /proc/self/mountinfo | LC_ALL=C sort
}

# bed_left: what is still there when the engine says that it has no container: processes, cgroups, mounts, states.
# Waits a moment for what is just ending.
bed_left() {
	local try left
	for ((try = 0; try < 50; try++)); do
		left=$(bed_left_now)
		[ -n "$left" ] || return 0
		sleep 0.2
	done
	echo "$left"
	return 1
}

# An engine says what it keeps itself by KEPT_MOUNTS and KEPT_CGROUPS, regular expressions over whole paths, and where the
# runtime has its states by STATE_ROOTS.
bed_left_now() {
	local dir mine name
	mine=$(readlink /proc/1/ns/pid)
	for dir in /proc/[0-9]*; do
		name=$(tr '\0' ' ' <"$dir/cmdline" | cut -c1-120)
		case ${name%% *} in
		*/"$NAME" | *conmon | *containerd-shim* | *criu | *slirp4netns) ;;
		*) [ "$(readlink "$dir/ns/pid" || echo "$mine")" != "$mine" ] || continue ;;
		esac
		echo "process ${dir#/proc/} $name"
	done 2>/dev/null
	awk '$3 == "cgroup" || $3 == "cgroup2" { print $2 }' /proc/self/mounts | while read -r dir; do
		find "$dir" -mindepth 1 -type d 2>/dev/null | grep -vxE "$dir/(init|${KEPT_CGROUPS:-init})" | sed 's/^/cgroup /'
	done
	comm -13 <(echo "$MOUNTS_BEFORE") <(bed_mounts) | grep -vE "^(${KEPT_MOUNTS:-none}) " | sed 's/^/mount /'
	for dir in $STATE_ROOTS; do
		find "$dir" -mindepth 1 -maxdepth 1 ! -name '.*' 2>/dev/null | sed 's/^/state /'
	done
}
