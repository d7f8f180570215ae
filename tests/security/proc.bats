# proc: a /proc, a /sys or a cgroup tree that is not what the runtime takes it for.
load attack

needs() {
	skip_unless root
}

# refused WHAT: the container is not made
refused() {
	detached create --bundle "$BUNDLE" "$ID"
	held "$1" [ "$status" -ne 0 ]
}

@test "CVE-2019-19921, CVE-2023-27561, CVE-2023-28642 (runc), CVE-2025-54867 (youki): /proc or /sys of the image is a link" {
	new_bundle
	mkdir "$WORK/victim" "$BUNDLE/rootfs/fake"
	local name target
	for name in proc sys; do
		rmdir "$BUNDLE/rootfs/$name"
		for target in fake /fake "$WORK/victim" ../../victim; do
			ln -sfn "$target" "$BUNDLE/rootfs/$name"
			refused "/$name may be $target"
			[[ $output == *"/$name"* ]]
		done
		held "something was made on the host" is_empty "$WORK/victim"
		rm "$BUNDLE/rootfs/$name"
		mkdir "$BUNDLE/rootfs/$name"
	done
	# By way of the other one's magic links.
	rmdir "$BUNDLE/rootfs/sys"
	ln -s proc/self/root/fake "$BUNDLE/rootfs/sys"
	refused "/sys may be a link through /proc"
}

@test "CVE-2019-16884 (runc, crun), CVE-2015-3631 (Docker): a volume over /proc, or over files in it" {
	new_bundle
	mkdir -p "$WORK/volume/attr"
	touch "$WORK/volume/attr/exec"
	edit '.process.args = ["true"] | .mounts += [{destination: "/proc", source: "\($work)/volume", options: ["bind"]}]' --arg work "$WORK"
	refused "a volume may lie on /proc"
	edit '.mounts[-1] = {destination: "/proc/self/attr", type: "tmpfs", source: "t"}'
	refused "a volume may lie on /proc/self/attr"
	edit '.mounts[-1].destination = "/tmp/../proc/self/attr"'
	refused "a volume may lie on /proc/self/attr"
	# The image has another name for it.
	ln -s proc/self/attr "$BUNDLE/rootfs/attr"
	ln -s /proc "$BUNDLE/rootfs/data"
	edit '.mounts[-1] = {destination: "/attr", source: "\($work)/volume/attr", options: ["bind"]}' --arg work "$WORK"
	refused "a volume may lie on /proc/self/attr, called /attr"
	edit '.mounts[-1] = {destination: "/data", source: "\($work)/volume", options: ["rbind"]}' --arg work "$WORK"
	refused "a volume may lie on /proc, called /data"
}

@test "CVE-2025-52881 (runc), CVE-2025-62596 (youki): what is written to /proc lands in a /proc of the image" {
	new_bundle
	# Without a mount on it the image's own directory is /proc: files to be written to, and links.
	edit '.root.readonly = false | .mounts |= map(select(.destination != "/proc")) | .linux.maskedPaths = [] | .linux.readonlyPaths = []
		| .linux.sysctl = {"net.ipv4.ip_default_ttl": "77", "kernel.shm_rmid_forced": "1"}'
	mkdir -p "$BUNDLE"/rootfs/proc/sys/{net/ipv4,kernel}
	echo fake >"$BUNDLE/rootfs/proc/sys/net/ipv4/ip_default_ttl"
	echo precious >"$BUNDLE/rootfs/etc/victim"
	ln -s /etc/victim "$BUNDLE/rootfs/proc/sys/kernel/shm_rmid_forced"
	detached create --bundle "$BUNDLE" "$ID"
	held "a sysctl was written to a file of the image" is_text "$BUNDLE/rootfs/proc/sys/net/ipv4/ip_default_ttl" fake
	held "a sysctl was written through a link" is_text "$BUNDLE/rootfs/etc/victim" precious
	[ "$status" -eq 0 ]
	run -0 nsenter -t "$(pid_of "$ID")" -n cat /proc/sys/net/ipv4/ip_default_ttl
	held "the sysctl was not set" says 77
}

@test "CVE-2015-3630 (Docker): what of /proc is the host's can be neither read nor changed" {
	new_bundle
	# Their own values: nothing changes when it does not hold.
	in_container 'for f in /proc/sys/kernel/printk_ratelimit /proc/sys/vm/swappiness /proc/sys/fs/file-max; do
			cat $f >$f && echo "wrote $f"
		done
		for f in /proc/kcore /proc/keys /proc/timer_list /proc/sched_debug; do
			[ ! -s $f ] || echo "read $f"
			[ -z "$(head -c 1 $f 2>/dev/null)" ] || echo "read $f"
		done
		for d in /proc/irq /proc/bus /proc/fs /proc/sysrq-trigger; do
			if : >>$d || : >>$d/x; then echo "wrote $d"; fi
		done
		[ -z "$(ls /sys/firmware)" ] || echo "read /sys/firmware"
		: done'
	run nsrun run --bundle "$BUNDLE" "$ID"
	output=$(grep -E '^(wrote|read)' <<<"$output" || :)
	held "$output" says ""
}

@test "CVE-2022-0811 (CRI-O): a sysctl that is not the container's, or two in one" {
	new_bundle
	edit '.process.args = ["true"]'
	local now
	now=$(cat /proc/sys/kernel/printk_ratelimit)
	edit '.linux.sysctl = {"kernel.printk_ratelimit": $now}' --arg now "$now"
	refused "a sysctl of the host can be set"
	edit '.linux.sysctl = {"net.ipv4.ip_default_ttl": "64\nkernel.printk_ratelimit=\($now)"}' --arg now "$now"
	refused "a value may have two lines"
	edit '.linux.sysctl = {"net.ipv4.ip_default_ttl": "64+kernel.printk_ratelimit=\($now)"}' --arg now "$now"
	detached create --bundle "$BUNDLE" "$ID"
	[ "$(cat /proc/sys/kernel/printk_ratelimit)" = "$now" ]
	[ "$status" -ne 0 ]
	local key
	for key in net/../kernel/printk_ratelimit net.ipv4/../../kernel.printk_ratelimit ../kernel.printk_ratelimit \
		"net.ipv4.ip_default_ttl kernel.printk_ratelimit" net..kernel ""; do
		edit '.linux.sysctl = {($key): $now}' --arg key "$key" --arg now "$now"
		refused "the sysctl \"$key\" can be set"
	done
}

@test "CVE-2023-25809 (runc): without a cgroup namespace the host's cgroups can be written to" {
	skip_unless cgroup
	new_bundle
	edit '.linux.namespaces |= map(select(.type != "cgroup"))
		| .mounts |= map(select(.destination != "/sys/fs/cgroup"))
		+ [{destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["nosuid", "nodev", "noexec", "relatime", "ro"]}]'
	in_container 'find /sys/fs/cgroup -name cgroup.procs | while read -r f; do echo seen; echo 0 >"$f" && echo "wrote $f"; done
		find /sys/fs/cgroup -name "'"$ID"'*" -o -name system.slice'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[[ $output == *seen* ]]
	held "$output" lacks wrote
	held "the host's tree is to be seen: $output" lacks "$ID"
	held "the host's tree is to be seen: $output" lacks system.slice
}

@test "runc #1962: with --no-pivot the host's /proc stays, and a full one can be mounted" {
	new_bundle
	mkdir "$BUNDLE/rootfs/tmp/p"
	# In a namespace of its own it may mount one, unless what is to be seen of the old ones is partly covered.
	edit '.process.user = {uid: 1000, gid: 1000}'
	in_container 'unshare -Urmpf mount -t proc proc /tmp/p && echo mounted'
	run nsrun run --no-pivot --bundle "$BUNDLE" "$ID"
	echo "$output"
	held "a second procfs, without masks" lacks mounted
	[[ $output == *"permission denied"* ]]
}
