# process: the container's process looks back at who makes it, or keeps what it ought to lose.
load attack

needs() {
	skip_unless root
}

@test "CVE-2019-5736 (runc, crun, LXC), CVE-2020-14298 (Docker): a container writes to the runtime's executable" {
	# With CAP_SYS_PTRACE nothing but the seal is in the way. It opens every executable that is not its own, keeps it,
	# and writes to it when nobody runs it any more.
	hostile 'while [ ! -e /go ]; do sleep 0.05; done
		n=4
		for p in /proc/[0-9]*; do
			case $(readlink $p/exe) in */busybox | "") ;; *) eval "exec $n<$p/exe" && n=$((n + 1)) ;; esac
		done
		echo $((n - 4)) >/have
		while [ ! -e /gone ]; do sleep 0.05; done
		while [ $((n -= 1)) -ge 4 ]; do
			echo x >>/proc/self/fd/$n && echo written >>/won
		done
		touch /over; sleep 1000' \
		'.process.capabilities |= map_values(. + ["CAP_SYS_PTRACE"])'
	cp "$NSRUN" "$WORK/runtime"
	local before
	before=$(sha256sum <"$WORK/runtime")
	"$WORK/runtime" --root "$ROOT" create --bundle "$BUNDLE" "$ID" >"$WORK/out" 2>&1 </dev/null 3>&-
	touch "$SPY/go"
	wait_for [ -s "$SPY/have" ]
	[ "$(cat "$SPY/have")" -ge 1 ]
	nsrun delete --force "$ID"
	touch "$SPY/gone"
	wait_for [ -e "$SPY/over" ]
	held "it could be written to" [ ! -e "$SPY/won" ]
	held "the executable has changed" [ "$(sha256sum <"$WORK/runtime")" = "$before" ]
	# The runtime is led to run itself.
	printf '#!/proc/self/exe\n' >"$BUNDLE/rootfs/bin/bad"
	chmod +x "$BUNDLE/rootfs/bin/bad"
	local program
	for program in /proc/self/exe /bin/bad; do
		edit '.process.args = [$program, "--version"]' --arg program "$program"
		run "$WORK/runtime" --root "$ROOT" run --bundle "$BUNDLE" "$ID" 3>&-
		held "the executable has changed" [ "$(sha256sum <"$WORK/runtime")" = "$before" ]
	done
}

@test "CVE-2016-9962 (runc), CVE-2016-8649 (LXC), CVE-2016-8659, CVE-2026-41163 (bubblewrap), CVE-2020-14300 (Docker): a container traces who enters it" {
	hostile 'while [ ! -e /go ]; do sleep 0.05; done
		for p in /proc/[0-9]*; do
			[ "$(cat $p/comm)" != sh ] || continue
			case $(readlink $p/exe) in */busybox) continue ;; esac
			for what in exe cwd root fd/0; do readlink $p/$what && echo "saw $what"; done
			cat $p/environ >/dev/null && echo "saw the environment"
			head -c 1 $p/mem >/dev/null && echo "saw memory"
		done >/seen 2>/dev/null
		touch /over
		# Those that pass by.
		while :; do
			for p in /proc/[0-9]*; do
				[ -e $p/exe ] && ! [ $p/exe -ef /bin/busybox ] && [ -e $p/exe ] && echo "caught $p" >>/seen
			done
		done'
	detached create --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	touch "$SPY/go"
	wait_for [ -e "$SPY/over" ]
	held "it $(tr '\n' ' ' <"$SPY/seen")" [ ! -s "$SPY/seen" ]
	local i
	nsrun start "$ID"
	for ((i = 0; i < (NSRUN_SLOW > 1 ? 1 : 10); i++)); do
		nsrun exec "${PREFIX}1" true
	done
	held "it $(tr '\n' ' ' <"$SPY/seen")" [ ! -s "$SPY/seen" ]
}

@test "CVE-2024-21626 (runc), GHSA-xr7r-f8xq-vfvv (youki): the working directory is a descriptor of the runtime" {
	new_bundle
	edit '.root.readonly = false'
	in_container 'ls ../../../../../../../etc/shadow; echo inside'
	local fd dir
	for fd in 3 4 5 6 7 8 9 10 11; do
		! enough $((fd - 2)) || break
		ln -sfn "/proc/self/fd/$fd" "$BUNDLE/rootfs/link"
		for dir in "/proc/self/fd/$fd" $([ $fd -gt 4 ] || echo /link); do
			edit '.process.cwd = $dir' --arg dir "$dir"
			run nsrun run --bundle "$BUNDLE" "$ID"
			held "it runs in $dir: $output" lacks inside
			[ "$status" -ne 0 ]
		done
	done
	sleeping
	for fd in 3 4 6 8; do
		run nsrun exec --cwd "/proc/self/fd/$fd" "$ID" sh -c 'echo inside'
		held "exec runs in descriptor $fd: $output" lacks inside
	done
	# The program by way of a descriptor.
	run nsrun exec "$ID" /proc/self/fd/7/../../../../../../../../bin/true
	[ "$status" -ne 0 ]
}

@test "CVE-2015-3627 (Docker): descriptors of the caller and of the runtime reach the program" {
	new_bundle
	in_container 'ls /proc/self/fd | tr "\n" " "; echo; for fd in /proc/self/fd/*; do readlink $fd; done; true'
	run nsrun run --bundle "$BUNDLE" "$ID" 7</ 9<"$WORK"
	echo "$output"
	# ls has one of its own.
	held "it has $output" [ "$(head -n 1 <<<"$output" | wc -w)" -le 4 ]
	held "it has $output" lacks "$WORK"
	[ "$status" -eq 0 ]
	sleeping
	run nsrun exec "$ID" sh -c 'ls /proc/self/fd | tr "\n" " "; echo; for fd in /proc/self/fd/*; do readlink $fd; done; true' 7</ 9<"$WORK"
	held "exec has $output" [ "$(head -n 1 <<<"$output" | wc -w)" -le 4 ]
	held "exec has $output" lacks "$WORK"
}

@test "CVE-2026-30892 (crun), found in runc 1.3.6: exec --user with a number that becomes 0" {
	sleeping
	local user n=0
	for user in -1 4294967295 4294967296 18446744073709551616 0:-1 1:4294967296 +0 ' 0' 0x0 '' 0: :0 root; do
		! enough $((n += 1)) || break
		run nsrun exec --user "$user" "$ID" id -u
		held "\"$user\" runs as $output" [ "$status" -ne 0 ]
		[[ $output == *"--user"* ]]
	done
	run -0 nsrun exec --user 1 "$ID" id -u
	held "1 is $output" says 1
	run -0 nsrun exec --user 4294967294:4294967293 "$ID" sh -c 'id -u; id -g'
	held "4294967294 is $output" says $'4294967294\n4294967293'
}

@test "CVE-2024-40635 (containerd), found in crun 1.28: a uid of the config that becomes 0" {
	new_bundle
	in_container 'grep -E "^(Uid|Gid)" /proc/self/status | tr "\t\n" "  "'
	local id
	for id in 4294967295 4294967296 -1 18446744073709551616; do
		edit '.process.user = {uid: $id, gid: 1}' --argjson id "$id"
		# jq rounds what is too large.
		sed -i "s/18446744073709552000/18446744073709551616/" "$BUNDLE/config.json"
		run nsrun run --bundle "$BUNDLE" "$ID"
		held "uid $id runs: $output" [ "$status" -ne 0 ]
		edit '.process.user = {uid: 1, gid: $id, additionalGids: [$id]}' --argjson id "$id"
		run nsrun run --bundle "$BUNDLE" "$ID"
		held "gid $id runs: $output" [ "$status" -ne 0 ]
	done
	edit '.process.user = {uid: 2147483648, gid: 4294967294}'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	held "$output" says "Uid: 2147483648 2147483648 2147483648 2147483648 Gid: 4294967294 4294967294 4294967294 4294967294 "
}

@test "CVE-2016-3697 (runc): the image's passwd file has a user who is called by a number" {
	printf '%s\n' '1000:x:0:0:evil:/root:/bin/sh' 'evil:x:0:0::/:/bin/sh' >"$WORK/passwd"
	printf '%s\n' '1000:x:0:' >"$WORK/group"
	sleeping
	cp --remove-destination "$WORK/passwd" "$WORK/group" "$BUNDLE/rootfs/etc/"
	run -0 nsrun exec --user 1000:1000 "$ID" sh -c 'cat /proc/self/status | grep -E "^(Uid|Gid)" | tr "\t\n" "  "'
	held "1000 is $output" says "Uid: 1000 1000 1000 1000 Gid: 1000 1000 1000 1000 "
	run nsrun exec --user evil "$ID" id -u
	held "a name is looked up: $output" [ "$status" -ne 0 ]
}

# capabilities: a script that prints the five sets of its process
capabilities='sed -n "s/^Cap\(...\):.\(.*\)/\1 \2/p" /proc/self/status | tr "\n" " "'

@test "CVE-2022-29162 (runc), CVE-2022-27650 (crun), CVE-2025-27612 (youki): exec adds capabilities to the inheritable ones" {
	sleeping '.process.capabilities |= (.inheritable = [] | .ambient = [])'
	run -0 nsrun exec --cap CAP_NET_ADMIN "$ID" sh -c "$capabilities"
	held "$output" [ "$(grep -oE '(Inh|Amb) 0{16}' <<<"$output" | wc -l)" -eq 2 ]
	# CAP_NET_ADMIN is 12.
	(((0x$(sed 's/.*Eff \([0-9a-f]*\).*/\1/' <<<"$output") >> 12) & 1))
	jq -n '{args: ["sh", "-c", $script], cwd: "/", env: ["PATH=/bin"], user: {uid: 0, gid: 0},
		capabilities: {bounding: ["CAP_KILL"], permitted: ["CAP_KILL"], effective: ["CAP_KILL"]}}' \
		--arg script "$capabilities" >"$WORK/process.json"
	run -0 nsrun exec --process "$WORK/process.json" "$ID"
	held "$output" says "Inh 0000000000000000 Prm 0000000000000020 Eff 0000000000000020 Bnd 0000000000000020 Amb 0000000000000000 "
}

@test "CVE-2022-24769 (moby), CVE-2022-27649, CVE-2018-10856, CVE-2021-20188 (podman), CVE-2022-27651 (buildah), CVE-2016-8867 (Docker): the five sets are not those of the config" {
	new_bundle
	in_container "$capabilities"
	edit '.process.capabilities = {bounding: ["CAP_KILL", "CAP_CHOWN"], permitted: ["CAP_KILL"], effective: ["CAP_KILL"]}'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	held "$output" says "Inh 0000000000000000 Prm 0000000000000020 Eff 0000000000000020 Bnd 0000000000000021 Amb 0000000000000000 "
	edit '.process.user = {uid: 1000, gid: 1000}'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	held "$output" says "Inh 0000000000000000 Prm 0000000000000000 Eff 0000000000000000 Bnd 0000000000000021 Amb 0000000000000000 "
	edit 'del(.process.capabilities)'
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	held "$output" says "Inh 0000000000000000 Prm 0000000000000000 Eff 0000000000000000 Bnd 0000000000000000 Amb 0000000000000000 "
}

@test "CVE-2022-2989, CVE-2022-2995 (podman, CRI-O), CVE-2022-2990 (buildah), CVE-2022-36109 (moby), CVE-2023-25173 (containerd): groups that are not the config's" {
	new_bundle
	edit '.process.user = {uid: 1000, gid: 1001, additionalGids: [5, 6]}'
	in_container 'grep ^Groups /proc/self/status | tr -s "\t " " "'
	run -0 setpriv --groups 0,7,8 "$NSRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" 3>&-
	held "$output" [ "${output% }" = "Groups: 5 6" ]
	# Root's own are never kept.
	edit 'del(.process.user.additionalGids) | .annotations = {"run.oci.keep_original_groups": "1"}'
	run -0 setpriv --groups 0,7,8 "$NSRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" 3>&-
	output=$(grep ^Groups <<<"$output")
	held "$output" [ "${output% }" = "Groups:" ]
}

@test "CVE-2020-14370, CVE-2026-57231 (podman): the caller's environment reaches the program" {
	new_bundle
	edit '.process.env = ["PATH=/bin", "A=b"] | .process.args = ["env"]'
	SECRET=token run -0 nsrun run --bundle "$BUNDLE" "$ID"
	held "it has $output" lacks SECRET
	[ "$(sort <<<"$output")" = $'A=b\nHOME=/root\nPATH=/bin' ]
	sleeping
	SECRET=token run -0 nsrun exec "$ID" env
	held "exec has $output" lacks SECRET
}

@test "CVE-2017-5226 (bubblewrap), CVE-2016-10124 (LXC): the program has the terminal of the caller (TIOCSTI)" {
	skip_unless script
	new_bundle
	in_container 'echo injected >/dev/tty && echo "has a terminal"; cut -d" " -f7 /proc/self/stat | sed "s/^/tty /"'
	run script -qec "'$NSRUN' --root '$ROOT' run --bundle '$BUNDLE' '$ID'" /dev/null 3>&- </dev/null
	echo "$output"
	held "the caller's terminal can be written to" lacks injected
	held "the caller's terminal is the program's" lacks "has a terminal"
	[[ $output == *"tty 0"* ]]
}

@test "CVE-2024-9676 (podman, CRI-O): the image's passwd file is a fifo, a link or endless" {
	new_bundle
	edit '.root.readonly = false | .process.args = ["sh", "-c", "echo $HOME"] | .process.env = ["PATH=/bin"]'
	echo 'root:x:0:0::/from/the/host:/bin/sh' >"$BUNDLE/rootfs/tmp/passwd"
	local kind
	for kind in fifo link device large; do
		rm -f "$BUNDLE/rootfs/etc/passwd"
		case $kind in
		fifo) mkfifo "$BUNDLE/rootfs/etc/passwd" ;;
		link) ln -s ../tmp/passwd "$BUNDLE/rootfs/etc/passwd" ;;
		device) mknod "$BUNDLE/rootfs/etc/passwd" c 1 5 ;;
		large)
			echo 'x:x:7:0::/x:/bin/sh' >"$BUNDLE/rootfs/etc/passwd"
			truncate -s 8G "$BUNDLE/rootfs/etc/passwd"
			;;
		esac
		# Who hangs keeps a pipe open.
		status=0
		timeout -k 1 $((5 * NSRUN_SLOW)) "$NSRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" >"$WORK/out" 2>&1 3>&- </dev/null || status=$?
		output=$(cat "$WORK/out")
		held "a $kind: $status $output" says /
		[ "$status" -eq 0 ]
	done
}

@test "CVE-2022-4318 (CRI-O): a HOME with a line break writes a line of passwd" {
	new_bundle
	edit '.root.readonly = false | .process.args = ["true"] | .process.user = {uid: 7, gid: 7}
		| .process.env = ["PATH=/bin", "HOME=/x:/bin/sh\nevil:x:0:0::/:/bin/sh\n"]'
	local before
	before=$(sha256sum <"$BUNDLE/rootfs/etc/passwd")
	run -0 nsrun run --bundle "$BUNDLE" "$ID"
	held "the passwd file was written to" [ "$(sha256sum <"$BUNDLE/rootfs/etc/passwd")" = "$before" ]
}
