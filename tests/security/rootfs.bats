# rootfs: the image, or another container that shares a volume, leads the runtime out of the root file system.
load attack

needs() {
	skip_unless root
}

@test "CVE-2021-30465 (runc), CVE-2019-18837 (crun), CVE-2015-1335 (LXC): mount destinations that are links to the host" {
	new_bundle
	mkdir "$WORK/victim" "$WORK/source"
	edit '.root.readonly = false | .mounts += [
		{destination: "/link/made", source: "\($work)/source", options: ["bind"]},
		{destination: "/up/made", type: "tmpfs", source: "t"},
		{destination: "/last", type: "tmpfs", source: "t"}]' --arg work "$WORK"
	ln -s "$WORK/victim" "$BUNDLE/rootfs/link"
	ln -s ../../victim "$BUNDLE/rootfs/up"
	ln -s "$WORK/victim/new" "$BUNDLE/rootfs/last"
	in_container 'grep -cE " /(made|.*/made|.*/new) " /proc/self/mountinfo'
	run nsrun run --bundle "$BUNDLE" "$ID"
	held "directories were made on the host" is_empty "$WORK/victim"
	held "files were made in the source" is_empty "$WORK/source"
	[ "$status" -eq 0 ]
	[ "$output" = 3 ]
}

@test "CVE-2026-87766 (bubblewrap): the parent of a mount point is a magic link" {
	new_bundle
	mkdir "$WORK/victim"
	edit '.root.readonly = false | .process.args = ["true"]
		| .mounts += [{destination: "/link/made", type: "tmpfs", source: "t"}]'
	local target
	for target in /proc/self/root"$WORK"/victim /proc/1/cwd /proc/self/fd/{3,4,5,6,7}; do
		ln -sfn "$target" "$BUNDLE/rootfs/link"
		run nsrun run --bundle "$BUNDLE" "$ID"
		held "a directory was made through $target" is_empty "$WORK/victim"
	done
}

@test "CVE-2024-45310 (runc): directories are made while a part of their path is swapped for a link" {
	new_bundle
	mkdir -p "$WORK/victim" "$BUNDLE/rootfs/volume/a"
	ln -s "$WORK/victim" "$BUNDLE/rootfs/volume/b"
	edit '.root.readonly = false | .process.cwd = "/volume/a/new/cwd" | .process.args = ["true"]
		| .mounts += [{destination: "/volume/a/x/y", type: "tmpfs", source: "t"},
			{destination: "/volume/a/file", source: "/dev/null", options: ["bind"]}]'
	"$SWAP" "$BUNDLE/rootfs/volume/a" "$BUNDLE/rootfs/volume/b" 3>&- &
	local swap=$! i started=0
	for ((i = 0; i < (NSRUN_SLOW > 1 ? 3 : 12); i++)); do
		run timeout $((20 * NSRUN_SLOW)) "$NSRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
		[ "$status" -ne 0 ] || started=$((started + 1))
		[ "$status" -le 1 ] || break
		is_empty "$WORK/victim" || break
	done 3>&-
	kill "$swap"
	wait "$swap" || :
	echo "$started of $i have started; the last one: $status $output"
	held "something was made on the host" is_empty "$WORK/victim"
	[ "$status" -le 1 ]
}

@test "CVE-2026-41579 (runc), CVE-2026-47766 (crun): /dev of the image is a link to the host" {
	new_bundle
	mkdir "$WORK/victim"
	touch "$WORK/victim/ptmx"
	no_mount_on_dev
	edit '.process.args = ["true"]'
	rmdir "$BUNDLE/rootfs/dev"
	local target
	for target in "$WORK/victim" ../../victim; do
		ln -sfn "$target" "$BUNDLE/rootfs/dev"
		run nsrun run --bundle "$BUNDLE" "$ID"
		held "the host's directory has: $(ls -A "$WORK/victim")" [ "$(ls -A "$WORK/victim")" = ptmx ]
	done
}

@test "CVE-2026-88264 (crun): /dev/console of the image is a link to where the host has nothing yet" {
	new_bundle
	mkdir "$WORK/victim"
	echo precious >"$WORK/victim/file"
	no_mount_on_dev
	edit '.process.terminal = true | .process.args = ["true"]
		| .mounts += [{destination: "/dev/pts", type: "devpts", source: "devpts", options: ["newinstance", "ptmxmode=0666"]}]'
	ln -s "$WORK/victim/new" "$BUNDLE/rootfs/dev/console"
	# The terminal is made behind the pivot, where a link leads nowhere; the other nodes before.
	ln -s "$WORK/victim/new" "$BUNDLE/rootfs/dev/zero"
	run nsrun run --bundle "$BUNDLE" "$ID"
	held "a file was made on the host" [ ! -e "$WORK/victim/new" ]
	[[ $output == *console* ]]
	ln -sfn "$WORK/victim/file" "$BUNDLE/rootfs/dev/console"
	run nsrun run --bundle "$BUNDLE" "$ID"
	held "a file of the host was changed" is_text "$WORK/victim/file" precious
}

@test "CVE-2025-52565 (runc): /dev/pts/N of the image is a link, and becomes /dev/console" {
	new_bundle
	echo precious >"$WORK/victim"
	no_mount_on_dev
	# The kernel's terminals, under a name in a directory of the image.
	edit '.process.terminal = true | .mounts += [{destination: "/dev/pts/ptmx", source: "/dev/pts/ptmx", options: ["bind"]},
		{destination: "/dev/pts/pts", source: "/dev/pts", options: ["bind"]}]'
	mkdir "$BUNDLE/rootfs/dev/pts"
	touch "$BUNDLE/rootfs/dev/pts/ptmx"
	local i
	for ((i = 0; i < 64; i++)); do
		ln -s /etc/target "$BUNDLE/rootfs/dev/pts/$i"
	done
	echo attacker >"$BUNDLE/rootfs/etc/target"
	in_container 'stat -c %F /dev/console'
	run nsrun run --bundle "$BUNDLE" "$ID"
	held "/dev/console is a $output" lacks regular
	[ "$status" -eq 0 ]
	[[ $output == *"character special file"* ]]
}

@test "CVE-2025-31133 (runc), CVE-2025-62161 (youki): /dev/null of the image is another file, and masks a path" {
	new_bundle
	echo precious >"$WORK/victim"
	echo secret >"$BUNDLE/rootfs/etc/masked"
	no_mount_on_dev
	edit '.linux.maskedPaths = ["/etc/masked"]'
	in_container 'cat /etc/masked; echo x >>/etc/masked'
	# From the start: then the real one is put over it.
	local link
	for link in "$WORK/victim" ../../../victim /etc/masked; do
		ln -sfn "$link" "$BUNDLE/rootfs/dev/null"
		run nsrun run --bundle "$BUNDLE" "$ID"
		held "the masked path shows: $output" lacks precious
		held "the masked path shows: $output" lacks secret
	done
	# Swapped in behind the runtime's check of it.
	rm -f "$BUNDLE/rootfs/dev/null"
	at_createRuntime "rm -f $BUNDLE/rootfs/dev/null; ln -s $WORK/victim $BUNDLE/rootfs/dev/null"
	run nsrun run --bundle "$BUNDLE" "$ID"
	held "the masked path shows: $output" lacks precious
	held "the masked path shows: $output" lacks secret
	held "a file of the host was written to" is_text "$WORK/victim" precious
}

@test "CVE-2026-88265 (crun): /dev/null of the image is another file, and becomes stdio and the user's" {
	new_bundle
	echo precious >"$WORK/victim"
	no_mount_on_dev
	edit '.process.user = {uid: 1000, gid: 1000}'
	ln -s "$WORK/victim" "$BUNDLE/rootfs/dev/null"
	in_container 'cat; echo x'
	: >"$WORK/log"
	nsrun run --bundle "$BUNDLE" "$ID" >>"$WORK/log" 2>&1 || :
	cat "$WORK/log"
	held "stdin was a file of the host" [ "$(grep -c precious "$WORK/log")" -eq 0 ]
	held "a file of the host was written to" is_text "$WORK/victim" precious
	held "a file of the host was given away" [ "$(stat -c %u "$WORK/victim")" -eq 0 ]
	held "the log was given away" [ "$(stat -c %u "$WORK/log")" -eq 0 ]
}

@test "CVE-2025-24965 (crun), CVE-2024-5154 (CRI-O): files that a runtime might write into the image are links to the host" {
	new_bundle
	mkdir "$WORK/victim"
	local file
	for file in .krun_config.json etc/mtab etc/hostname etc/hosts etc/resolv.conf run .containerenv .dockerenv; do
		rm -rf "$BUNDLE/rootfs/$file"
		ln -s "$WORK/victim/new" "$BUNDLE/rootfs/$file"
	done
	edit '.root.readonly = false | .hostname = "box" | .process.args = ["true"]'
	(cd "$BUNDLE/rootfs" && find . -exec stat -c '%n %F %s %a %u' {} +) >"$WORK/before"
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	edit '.annotations = {"run.oci.handler": "krun"}'
	run nsrun run --bundle "$BUNDLE" "$ID"
	held "a file was made on the host" is_empty "$WORK/victim"
	(cd "$BUNDLE/rootfs" && find . -exec stat -c '%n %F %s %a %u' {} +) >"$WORK/after"
	diff "$WORK/before" "$WORK/after"
}
