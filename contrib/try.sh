#!/bin/sh
# try.sh: from a fresh clone to a container that lives and dies, step by step. Needs root; leaves only build/.
#
#	sudo contrib/try.sh
set -eu
cd "$(dirname "$0")/.."
[ "$(id -u)" -eq 0 ] || {
	echo "$0: this makes a container as root; run: sudo $0" >&2
	exit 1
}

say() {
	printf '\n\033[1m%s\033[0m\n' "$*"
}
[ -t 1 ] || say() {
	printf '\n%s\n' "$*"
}

# show COMMAND...: the command as one would type it, then what it prints
show() {
	echo "\$ $*" | sed "s|$work|\$WORK|g"
	"$@"
}

say "1. What the build needs"
sh contrib/deps.sh build

say "2. Build"
sh contrib/build.sh build/try
PATH=$PWD/build/try:$PATH

work=$(mktemp -d "${TMPDIR:-/tmp}/nsrun-try.XXXXXX")
# All that it keeps lies in $work.
nsrun() {
	command nsrun --root "$work/state" "$@"
}
clean_up() {
	nsrun delete --force hello >/dev/null 2>&1 || :
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

say "3. A bundle: a root file system (busybox) and a config.json (nsrun spec)"
mkdir -p "$work/bundle/rootfs/bin" "$work/bundle/rootfs/etc"
cp "$(command -v busybox)" "$work/bundle/rootfs/bin/busybox"
"$work/bundle/rootfs/bin/busybox" --install "$work/bundle/rootfs/bin"
echo 'root:x:0:0:root:/root:/bin/sh' >"$work/bundle/rootfs/etc/passwd"
echo "WORK=$work; nsrun is: $PWD/build/try/nsrun --root \$WORK/state"
show nsrun spec --bundle "$work/bundle"
# The program of the demonstration: it says hello, and waits until it is killed. It has no terminal.
program='"sh", "-c", "echo hello from $(hostname), I am process $$ in here; exec sleep 1000"'
awk -v program="$program" '
/"terminal":/ { sub(/true/, "false") }
/"args":/ { print "\t\t\"args\": [" program "],"; skip = !/\]/; next }
skip { skip = !/\]/; next }
{ print }' "$work/bundle/config.json" >"$work/config.json"
mv "$work/config.json" "$work/bundle/config.json"
ls "$work/bundle"

say "4. The plan: every step that create would take, in its order, with its reason. Nothing is touched."
show nsrun plan "$work/bundle" >"$work/plan"
awk 'NR == 1 { print; next }
	{ phase = $2 " " $3 }
	phase != last { last = phase; n = 0 }
	++n <= 4
	n == 5 { print "     ..." }' "$work/plan" | cut -c 1-120
echo "-> $(grep -c '^ *[0-9]' "$work/plan") steps. host: this command; init: the process that becomes the container's."

say "5. create: the container is set up, and its program waits"
echo '$ nsrun create --bundle $WORK/bundle hello'
# The program inherits this output, and must not hold ours.
nsrun create --bundle "$work/bundle" hello >"$work/output" 2>&1 </dev/null || {
	cat "$work/output"
	exit 1
}
show nsrun state hello
echo
echo "-> created: there is a process, with its own root, pids, mounts and host name; sh has not been started."

say "6. start: now the program runs"
show nsrun start hello
sleep 0.3
sed -n '/^hello/p' "$work/output"
show nsrun state hello | grep -E '"(id|pid|status)"'
show nsrun list
echo "-> running."

say "7. kill: one signal to its first process"
show nsrun kill hello KILL
for _ in 1 2 3 4 5 6 7 8 9 10; do
	! nsrun state hello | grep -q stopped || break
	sleep 0.1
done
show nsrun state hello | grep -E '"(id|pid|status)"'
echo "-> stopped: the process is gone, what the container was is still known."

say "8. delete: and nothing is left"
show nsrun delete hello
show nsrun list
left=$(find /sys/fs/cgroup -type d -name '*hello*' 2>/dev/null)
[ -z "$left" ] || {
	echo "left behind: $left"
	exit 1
}
! grep -q "$work" /proc/self/mountinfo || {
	echo "left behind: a mount below $work"
	exit 1
}
echo "-> no state, no cgroup, no mount, no process."

say "How to go on"
cat <<END
  build/try/nsrun is yours to try: nsrun --help, and man ./man/nsrun.1
  in one command, without root:    nsrun spec --rootless --bundle DIR; nsrun run --bundle DIR hello
  what is wrong with a config:     nsrun check DIR
  into the system:                 make -C build/try install
  all tests:                       sudo contrib/check.sh
END
