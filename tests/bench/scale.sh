#!/bin/bash
# scale.sh: what create, state, delete and list cost while N containers are alive, and what N containers leave.
#
#	[NSRUN=PROGRAM] [SCALE_AT="10 100 1000 3000"] scale.sh [--smoke]
#
# --smoke: 3 and 10 containers, few rounds: shows that it runs, and that nothing is left.
#
# All containers run, from one bundle. With each N: how many containers are created in a second by 1, 2 and 8 nsrun at a
# time; medians of the cpu time of create, state and delete of one container, which should not grow with N, and of list,
# which should grow as N does. In the end no process, cgroup, mount or file may be left: else it fails. A machine that cannot hold N containers
# says so, and what was measured until then is shown.
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
set -eu
here=$(cd "$(dirname "$0")" && pwd)
NSRUN=$(readlink -f "${NSRUN:-$here/../../nsrun}")
at=${SCALE_AT:-10 100 1000 3000}
rounds=15 batch=24
# shellcheck disable=SC2086 # words
[ -z "${SCALE_FLAGS:-}" ] || set -- $SCALE_FLAGS "$@"
case ${1:-} in
'') ;;
--smoke) at="3 10" rounds=2 batch=8 ;;
*) sed -n '2,/^\[/{/^#/s/^# \?//p}' "$0" && exit 2 ;;
esac
[ "$(id -u)" -eq 0 ] || { echo "needs root" && exit 77; }
command -v busybox >/dev/null || { echo "busybox is missing" && exit 77; }

work=$(mktemp -d "${TMPDIR:-/tmp}/nsscale-XXXXXX")
state=$(mktemp -d "$([ -d /dev/shm ] && echo /dev/shm || echo "$work")/nsscale-state-XXXXXX")
prefix=$(basename "$work")
alive=0

nsrun() {
	"$NSRUN" --root "$state/nsrun" "$@" </dev/null
}

# many COUNT AT_A_TIME COMMAND...: the command with {} as 1 to COUNT; what it says goes to said
many() {
	local count=$1 parallel=$2
	shift 2
	seq "$count" | xargs -P "$parallel" -I '{}' "$NSRUN" --root "$state/nsrun" "$@" >"$work/said" 2>&1
}

delete_all() {
	ls "$state/nsrun" 2>/dev/null |
		xargs -r -P 2 -n 1 "$NSRUN" --root "$state/nsrun" delete --force >/dev/null 2>&1 || :
}

clean_up() {
	trap '' INT TERM HUP
	delete_all
	rm -rf "$work" "$state"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

# left: what is of this test and should not be, one line each
left() {
	local dir
	find /sys/fs/cgroup -type d -name "*$prefix*" 2>/dev/null | sed 's/^/cgroup /'
	grep -h "$prefix" /proc/self/mountinfo | sed 's/^/mount /' || :
	ls "$state/nsrun" | sed 's/^/state /'
	for dir in /proc/[0-9]*; do
		[ "$dir/root" -ef "$work/bundle/rootfs" ] && echo "process ${dir#/proc/}" || :
	done
}

# ours: how many processes are nsrun's
ours() {
	local exe n=0
	for exe in /proc/[0-9]*/exe; do
		[ "$exe" -ef "$NSRUN" ] && n=$((n + 1)) || :
	done
	echo "$n"
}

make_bundle() {
	mkdir -p "$work/bundle/rootfs"/{bin,dev,etc,proc,sys,tmp}
	cp "$(command -v busybox)" "$work/bundle/rootfs/bin/busybox"
	ln -s busybox "$work/bundle/rootfs/bin/sleep"
	nsrun spec --no-terminal --bundle "$work/bundle" -- sleep 100000
}

# grow N: until so many are alive
grow() {
	local more=$(($1 - alive)) free
	free=$(awk '$1 == "MemAvailable:" { print int($2 / 1024) }' /proc/meminfo)
	# Some 300 KiB each, most of it the kernel's.
	[ "$free" -gt $((512 + more)) ] || { echo "stopped at $alive containers: $free MiB of memory are free" && return 1; }
	many "$more" 2 run --detach --bundle "$work/bundle" "$prefix-$alive-{}" || {
		echo "stopped below $1 containers: $(grep -v '^$' "$work/said" | head -n 1)"
		return 1
	}
	alive=$1
}

# rate AT_A_TIME: containers in a second
rate() {
	local begin=$EPOCHREALTIME end
	many $batch "$1" create --bundle "$work/bundle" "$prefix-rate-{}" || { cat "$work/said" >&2 && return 1; }
	end=$EPOCHREALTIME
	many $batch 2 delete --force "$prefix-rate-{}"
	awk -v n=$batch -v b="$begin" -v e="$end" 'BEGIN { printf "%.1f\n", n / (e - b) }'
}

# measure N: a line of the table
measure() {
	local IFS=$'\t' one=$prefix-0-1
	local run=("$NSRUN" --root "$state/nsrun")
	{
		echo "n${IFS}create${IFS}${run[*]}${IFS}create${IFS}--bundle${IFS}$work/bundle${IFS}$prefix-round-%"
		echo "n${IFS}state${IFS}${run[*]}${IFS}state${IFS}$one"
		echo "n${IFS}delete${IFS}${run[*]}${IFS}delete${IFS}--force${IFS}$prefix-round-%"
		echo "n${IFS}list${IFS}${run[*]}${IFS}list"
	} >"$work/plan"
	"$work/rounds" "$work/plan" $rounds >"$work/samples" </dev/null
	for action in create state delete list; do
		awk -v a=$action '$2 == a { print $4 }' "$work/samples" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
	done | paste -s >"$work/medians"
	IFS=' '
	echo "$1 $(rate 1) $(rate 2) $(rate 8) $(tr '\t' ' ' <"$work/medians")" >>"$work/table"
}

show() {
	awk '
	NR == 1 { for (i = 5; i <= 8; i++) first[i] = $i; n1 = $1
		printf "%6s %29s   %17s %17s %17s %22s\n", "", "created in a second by", "create, cpu", "state, cpu", "delete, cpu", "list, cpu"
		printf "%6s %9s %9s %9s   %17s %17s %17s %22s\n", "alive", "1", "2", "8", "ms  ratio", "ms  ratio", "ms  ratio",
			"ms  us per container" }
	{
		printf "%6d %9.1f %9.1f %9.1f  ", $1, $2, $3, $4
		for (i = 5; i <= 7; i++)
			printf " %10.2f %6.2f", $i / 1000, $i / first[i]
		printf " %10.2f", $8 / 1000
		printf NR == 1 ? " %11s\n" : " %11.1f\n", NR == 1 ? "-" : ($8 - first[8]) / ($1 - n1)
	}' "$work/table"
}

make_bundle
cc=${CC:-cc}
# shellcheck disable=SC2086 # words
$cc -std=gnu11 -D_GNU_SOURCE -O2 -static -o "$work/rounds" "$here/rounds.c"
before=$(ours)
stopped=
for n in $at; do
	stopped=$(grow "$n") || break
	alive=$n
	measure "$n"
done
[ ! -s "$work/table" ] || show
[ -z "$stopped" ] || echo "$stopped"
stay=$(($(ours) - before))
echo "nsrun's own processes with $alive containers alive: $stay; its files for each: $(du -sk "$state/nsrun" |
	awk -v n=$alive '{ printf "%.1f", $1 / n }') KiB"
delete_all
lost=$(left)
[ -z "$lost" ] || printf 'left behind:\n%s\n' "$(printf '%s\n' "$lost" | head -n 20)"
[ -n "$lost" ] || echo "nothing is left behind"
[ -z "$lost" ] && [ $stay -le 0 ] && { [ -z "$stopped" ] || [ "${1:-}" != --smoke ]; }
