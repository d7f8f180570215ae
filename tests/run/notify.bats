#!/usr/bin/env bats
# notify.bats: a container that is a service tells systemd that it is ready (NOTIFY_SOCKET); what systemd passes on with
# it (LISTEN_FDS); who adopts orphans; the session keyring.

load helpers

needs() {
	skip_unless root
}

# systemd [COUNT] [SOCKET]: somebody listens at $WORK/host, for COUNT messages (2), and writes them to $WORK/heard
systemd() {
	rm -f "$WORK/host"
	"$TOOLS/listen" dgram "${2:-$WORK/host}" "${1:-2}" >"$WORK/heard" 2>&1 3>&- &
	LISTENER=$!
	wait_for grep -q ready "$WORK/heard"
}

# service: the container has a program, "say", that speaks to the socket of its environment
service() {
	cat >"$WORK/say.c" <<-'END'
		#include <stdio.h>
		#include <stdlib.h>
		#include <string.h>
		#include <sys/socket.h>
		#include <sys/un.h>
		#include <unistd.h>
		int main(int argc, char **argv)
		{
			struct sockaddr_un to = { .sun_family = AF_UNIX };
			int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
			snprintf(to.sun_path, sizeof to.sun_path, "%s", getenv("NOTIFY_SOCKET"));
			if (sendto(fd, argv[1], strlen(argv[1]), 0, (struct sockaddr *)&to, sizeof to) < 0)
				perror(to.sun_path);
			return argc < 2;
		}
	END
	[ -x "$BATS_RUN_TMPDIR/say" ] || ${CC:-cc} -static -o "$BATS_RUN_TMPDIR/say" "$WORK/say.c" || skip "no static libc"
	cp "$BATS_RUN_TMPDIR/say" "$BUNDLE/rootfs/bin/say"
}

@test "create and start: READY=1 of the container reaches the host, with MAINPID, and start waits for it" {
	skip_unless "${CC:-cc}"
	new_bundle
	service
	in_container 'echo $NOTIFY_SOCKET; until [ -e /tmp/go ]; do sleep 0.1; done
		say "STATUS=warming up"; say "STATUS=done
READY=1"; exec sleep 1000'
	edit '.root.readonly = false | .process.env += ["NOTIFY_SOCKET=/elsewhere"]'
	systemd
	NOTIFY_SOCKET=$WORK/host detached create --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	local pid
	pid=$(pid_of "$ID")
	grep -q ' /run/notify ro,nosuid,nodev,noexec' "/proc/$pid/mountinfo"
	NOTIFY_SOCKET=$WORK/host nsrun start "$ID" &
	local start=$!
	wait_for is_status "$ID" running
	# It waits, and holds nobody else up meanwhile.
	nsrun kill "$ID" WINCH
	kill -0 "$start"
	[ "$(cat "$WORK/heard")" = ready ]
	: >"$BUNDLE/rootfs/tmp/go"
	exits 0 "$start"
	exits 0 "$LISTENER"
	[ "$(head -n 4 "$WORK/heard")" = $'ready\nREADY=1\nMAINPID='"$pid"$'\nBARRIER=1' ]
	[ "$(cat "$WORK/out")" = /run/notify/notify.sock ]
	nsrun delete --force "$ID"
}

@test "run passes READY=1 on and stays the main process; run --detach is like start" {
	skip_unless "${CC:-cc}"
	new_bundle
	service
	in_container 'say READY=1; exit 7'
	systemd 1
	NOTIFY_SOCKET=$WORK/host run -7 nsrun run --bundle "$BUNDLE" "$ID"
	exits 0 "$LISTENER"
	[ "$(cat "$WORK/heard")" = $'ready\nREADY=1' ]
	in_container 'say READY=1; exec sleep 1000'
	systemd
	NOTIFY_SOCKET=$WORK/host detached run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	exits 0 "$LISTENER"
	grep -qx "MAINPID=$(pid_of "$ID")" "$WORK/heard"
	nsrun delete --force "$ID"
}

@test "a container that ends without a word ends start; one in a user namespace reaches the socket too" {
	skip_unless "${CC:-cc}"
	new_bundle
	service
	in_container 'exit 3'
	systemd
	NOTIFY_SOCKET=$WORK/host detached create --bundle "$BUNDLE" "$ID"
	NOTIFY_SOCKET=$WORK/host run -0 nsrun start "$ID"
	[ "$(cat "$WORK/heard")" = ready ]
	nsrun delete "$ID"
	in_container 'say READY=1; exec sleep 1000'
	edit '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1000}]
		| .linux.gidMappings = .linux.uidMappings | .process.user = {uid: 7, gid: 7}'
	chmod 711 "$WORK" "$BUNDLE"
	NOTIFY_SOCKET=$WORK/host detached run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	exits 0 "$LISTENER"
	grep -qx "MAINPID=$(pid_of "$ID")" "$WORK/heard"
}

@test "without NOTIFY_SOCKET, or with one that is none, there is no mount; plan shows the one that is made" {
	local socket
	new_bundle
	in_container 'echo "[$NOTIFY_SOCKET]"; grep -c /run/notify /proc/self/mountinfo; exit 0'
	for socket in '' relative @ "/$(printf 'x%.0s' {1..120})" vsock:2:1; do
		NOTIFY_SOCKET=$socket run -0 nsrun run --bundle "$BUNDLE" "$ID"
		[ "$output" = $'[]\n0' ]
	done
	run -0 nsrun plan "$BUNDLE"
	[[ $output != */run/notify* ]]
	NOTIFY_SOCKET=/run/systemd/notify run -0 nsrun plan "$BUNDLE"
	grep -q "mount bind $ROOT/ID/notify on /run/notify.*NOTIFY_SOCKET" <<<"$output"
	# Created with it and started without: nobody waits.
	NOTIFY_SOCKET=$WORK/host detached create --bundle "$BUNDLE" "$ID"
	run -0 nsrun start "$ID"
	wait_for is_status "$ID" stopped
	run -0 nsrun delete "$ID"
	[ -z "$(leftovers)" ]
	# Nobody listens on the host's: no failure.
	NOTIFY_SOCKET=$WORK/host run -0 nsrun run --bundle "$BUNDLE" "$ID"
}

@test "LISTEN_FDS: the descriptors are passed, LISTEN_PID is 1, and only for the process that they are for" {
	new_bundle
	echo three >"$WORK/three"
	echo four >"$WORK/four"
	in_container 'echo "$LISTEN_FDS $LISTEN_PID"; cat <&3; cat <&4; ls /proc/self/fd | wc -l'
	# $BASHPID is what exec makes nsrun's.
	run -0 bash -c 'exec 3<"$1/three" 4<"$1/four"
		LISTEN_FDS=2 LISTEN_PID=$BASHPID exec "$2" --root "$3" run --bundle "$4" "$5"' - "$WORK" "$NSRUN" "$ROOT" "$BUNDLE" "$ID" </dev/null
	[ "${lines[0]}" = '2 1' ]
	[ "${lines[1]} ${lines[2]}" = 'three four' ]
	in_container 'echo "[$LISTEN_FDS$LISTEN_PID]"; ls -l /proc/self/fd | grep -c "$1" || :'
	LISTEN_FDS=2 LISTEN_PID=1 run -0 nsrun run --bundle "$BUNDLE" "$ID"
	[ "${lines[0]}" = '[]' ]
}

@test "run adopts orphans, --no-subreaper leaves them to others" {
	new_bundle
	edit '.linux.namespaces |= map(select(.type != "pid"))'
	in_container '(sleep 1000 & echo $! >/tmp/orphan); until [ -e /tmp/go ]; do sleep 0.1; done'
	edit '.root.readonly = false'
	local flag parent job
	for flag in '' --no-subreaper; do
		rm -f "$BUNDLE"/rootfs/tmp/*
		# shellcheck disable=SC2086 # a flag or nothing
		"$NSRUN" --root "$ROOT" run $flag --bundle "$BUNDLE" "$ID" </dev/null >"$WORK/out" 2>&1 3>&- &
		job=$!
		wait_for test -s "$BUNDLE/rootfs/tmp/orphan"
		orphan=$(cat "$BUNDLE/rootfs/tmp/orphan")
		parent=$(awk '/^PPid:/ { print $2 }' "/proc/$orphan/status")
		if [ -z "$flag" ]; then
			[ "$parent" -eq "$job" ]
		else
			[ "$parent" -ne "$job" ]
		fi
		: >"$BUNDLE/rootfs/tmp/go"
		exits 0 "$job"
	done
}

@test "--no-new-keyring keeps the caller's session keyring; without it there is a new one" {
	skip_unless "${CC:-cc}"
	new_bundle
	# ring: prints how the session keyring is called; ring NAME PROGRAM...: runs it in one of that name.
	cat >"$WORK/ring.c" <<-'END'
		#include <linux/keyctl.h>
		#include <stdio.h>
		#include <sys/syscall.h>
		#include <unistd.h>
		int main(int argc, char **argv)
		{
			char text[300] = "";
			if (argc > 2) {
				if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, argv[1]) < 0)
					return 77;
				execv(argv[2], argv + 2);
				return 1;
			}
			if (syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, text, sizeof text - 1) < 0)
				perror("keyctl");
			puts(text);
			return 0;
		}
	END
	"${CC:-cc}" -static -o "$WORK/ring" "$WORK/ring.c" || skip "no static libc"
	"$WORK/ring" test /bin/true || skip "session keyrings are refused here"
	cp "$WORK/ring" "$BUNDLE/rootfs/bin/ring"
	edit '.process.args = ["ring"]'
	run -0 "$WORK/ring" nsrun-test-ring "$NSRUN" --root "$ROOT" run --no-new-keyring --bundle "$BUNDLE" "$ID"
	[[ $output == keyring*\;nsrun-test-ring ]]
	run -0 "$WORK/ring" nsrun-test-ring "$NSRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	[[ $output == keyring*\;"$ID" ]]
}
