#!/bin/bash
# filtered.sh: what a system call costs inside a container, under the default seccomp profile of engines.
#
#	[NSRUN=PROGRAM] [RIVALS="name=path ..."] [ROUNDS=5] filtered.sh      (on a hybrid host: crun-view.sh filtered.sh)
#
# The call is getppid(2), which the profile allows without conditions (tests/run/seccomp-profile.json); the kernel asks the
# filter for it each time, except where it remembers that the answer is always "allow" (Linux 5.11), so a profile with a
# condition for getppid is measured too, whose answer it cannot remember. The runtimes run in turns; the least of the
# rounds is printed, and how many times the call without a filter it is.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
NSRUN=$(readlink -f "${NSRUN:-$here/../../nsrun}")
rounds=${ROUNDS:-5}
[ "$(id -u)" -eq 0 ] || { echo "needs root" && exit 77; }
command -v jq >/dev/null || { echo "jq is missing" && exit 77; }
# shellcheck source=tests/bench/on-path.sh
. "$here/on-path.sh"

work=$(mktemp -d "${TMPDIR:-/tmp}/nsfiltered-XXXXXX")
id=$(basename "$work")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
mkdir -p "$work/rootfs"/{bin,dev,etc,proc,sys,tmp}
${CC:-cc} -std=gnu11 -D_GNU_SOURCE -O2 -static -o "$work/rootfs/bin/filtered" "$here/filtered.c"
for kind in none default condition; do
	mkdir "$work/$kind"
	"$NSRUN" spec --no-terminal --bundle "$work/$kind" -- /bin/filtered
	# Old rivals know no newer version. The condition is one that getppid, which has no argument, always meets.
	jq --arg kind $kind --slurpfile profile "$here/../run/seccomp-profile.json" '.ociVersion = "1.0.2" | .root.path = "../rootfs"
		| if $kind != "none" then .linux.seccomp = $profile[0] else . end
		| if $kind == "condition" then .linux.seccomp.syscalls |= (map(.names -= ["getppid"]) + [{names: ["getppid"],
			action: "SCMP_ACT_ALLOW", args: [{index: 5, value: 81985529216486895, op: "SCMP_CMP_NE"}]}]) else . end' \
		"$work/$kind/config.json" >"$work/new" && mv "$work/new" "$work/$kind/config.json"
done
for ((i = 0; i < rounds; i++)); do
	for entry in "nsrun=$NSRUN" $RIVALS; do
		for kind in none default condition; do
			ns=$(timeout 60 "${entry#*=}" --root "$work/state" run --bundle "$work/$kind" "$id" 2>"$work/said" </dev/null) || {
				[ "${entry%%=*}" != nsrun ] || { cat "$work/said" && exit 1; }
				ns=
			}
			[ -z "$ns" ] || echo "${entry%%=*} $kind $ns" >>"$work/samples"
		done
	done
done
sort -k1,1 -k2,2 -k3,3n "$work/samples" | awk '
	{ key = $1 " " $2; v[key, ++n[key]] = $3; names[$1] }
	function least(name, kind) { return v[name " " kind, 1] }
	END {
		printf "%-10s %12s %20s %24s\n", "runtime", "no filter", "default profile", "getppid by condition"
		for (name in names) {
			base = least(name, "none")
			printf "%-10s %9.1f ns %9.1f ns %5.2f x %14.1f ns %5.2f x\n", name, base, least(name, "default"),
				least(name, "default") / base, least(name, "condition"), least(name, "condition") / base
		}
	}'
