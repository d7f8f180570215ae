#!/bin/bash
# What a kubelet's exec probes cost: ten containers, and in each of them /bin/true once a second.
#
# usage: probes.sh [SECONDS]        (default: 10)
# environment: NSRUN, RIVALS="name=path ..." and BUSYBOX as for bench.sh. Needs root.
#
# Prints, for each runtime, the cpu time of one exec (user and system, of the runtime and of all that it starts) and what
# the ten probes take of one cpu. crun must see a host that it works on: crun-view.sh probes.sh.
set -euo pipefail
seconds=${1:-10}
containers=10
[ "$(id -u)" = 0 ] || { echo "probes.sh: needs root" >&2 && exit 1; }

work=$(mktemp -d "${TMPDIR:-/tmp}/nsprobes-XXXXXX")
prefix=$(basename "$work")
runtimes=()

clean_up() {
	local entry i
	for entry in "${runtimes[@]}"; do
		for ((i = 0; i < containers; i++)); do
			"${entry#*=}" --root "$work/${entry%%=*}" delete --force "$prefix-${entry%%=*}-$i" >/dev/null 2>&1 || true
		done
	done
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

busybox=${BUSYBOX:-$(command -v busybox)}
mkdir -p "$work/rootfs"/{bin,dev,etc,proc,sys,tmp}
cp "$busybox" "$work/rootfs/bin/busybox"
ln -s busybox "$work/rootfs/bin/true"
ln -s busybox "$work/rootfs/bin/sleep"
NSRUN=${NSRUN:-./nsrun}
"$NSRUN" spec --no-terminal --bundle "$work" -- /bin/sleep 1000
# Old rivals know no newer one.
sed -i 's|"ociVersion": *"[^"]*"|"ociVersion": "1.0.2"|' "$work/config.json"

# shellcheck source=tests/bench/on-path.sh
. "$(dirname "$0")/on-path.sh"


printf '%-10s %14s %18s\n' runtime 'cpu/exec (ms)' 'of one cpu (%)'
for entry in "nsrun=$NSRUN" $RIVALS; do
	name=${entry%%=*} path=${entry#*=}
	runtimes+=("$entry")
	able=yes
	for ((i = 0; i < containers; i++)); do
		"$path" --root "$work/$name" run --detach --bundle "$work" "$prefix-$name-$i" >"$work/out" 2>&1 </dev/null ||
			able=
	done
	if [ -z "$able" ]; then
		printf '%-10s cannot run the bundle here: %s\n' "$name" "$(tail -n 1 "$work/out")"
		continue
	fi
	times >"$work/before"
	execs=0
	for ((s = 0; s < seconds; s++)); do
		second=$EPOCHREALTIME
		for ((i = 0; i < containers; i++)); do
			"$path" --root "$work/$name" exec "$prefix-$name-$i" /bin/true </dev/null
			execs=$((execs + 1))
		done
		sleep "$(awk -v t="$second" -v now="$EPOCHREALTIME" 'BEGIN { d = t + 1 - now; print (d > 0) ? d : 0 }')"
	done
	times >"$work/after"
	# The second line is that of the children. The sleeps and their awk are a few ms for ten execs.
	tail -qn 1 "$work/before" "$work/after" | awk -v name="$name" -v execs=$execs -v seconds="$seconds" '
		function ms(t) { split(t, x, /[ms]/); return (x[1] * 60 + x[2]) * 1000 }
		{ sum[NR] = ms($1) + ms($2) }
		END { cpu = sum[2] - sum[1]; printf "%-10s %14.2f %18.2f\n", name, cpu / execs, cpu / seconds / 10 }'
done
