#!/bin/bash
# run.sh: the validation programs of OCI runtime-tools, from outside, on nsrun and on the rivals that are on PATH: a
# table of programs by runtimes. Needs root.
#
#	run.sh [PROGRAM]...
#
# A cell is "pass", "fail N/M" (N of M statements are "not ok"), "skip", or what ended the program: "exit STATUS",
# "panic" or "time". A line ends with why nsrun does not pass, from known.tsv; where it says nothing, a rival that passes
# makes the test fail. A line PROGRAM@v2 of it counts on pure cgroup v2 only.
# CONFORM_RUNTIMES names other rivals than crun and runc; all output stays in BUILDDIR/conform.
set -u
here=$(cd "$(dirname "$0")" && pwd)
out=${BUILDDIR:-$here/../..}/conform
: "${NSRUN:=${BUILDDIR:-$here/../..}/nsrun}"

[ "$(id -u)" -eq 0 ] || {
	echo "skipped: needs root"
	exit 77
}
programs=$(sh "$here/programs.sh" | tail -n 1)
[ -d "$programs" ] || {
	echo "skipped: $programs"
	exit 77
}
rm -rf "$out"
mkdir -p "$out"
work=$(mktemp -d "${TMPDIR:-/tmp}/nsrun-conform.XXXXXX")
chmod 711 "$work"

# The cgroups that the programs name in their configs: those that are not there yet, and nobody else's.
strays=
for stray in cgrouptest testdir; do
	[ -n "$(find /sys/fs/cgroup -maxdepth 4 -type d -name $stray -print -quit)" ] || strays="$strays $stray"
done

clean_up() {
	local dir runtime stray

	for runtime in "$work"/state/*/; do
		for dir in "$runtime"*/; do
			[ ! -d "$dir" ] || "$work/$(basename "$runtime")" delete --force "$(basename "$dir")" >/dev/null 2>&1
		done
	done
	# runc leaves the cgroup above the container's.
	for stray in $strays; do
		find /sys/fs/cgroup -maxdepth 6 -depth -type d -path "*/$stray*" -exec rmdir {} + 2>/dev/null
	done
	rm -rf --one-file-system "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

# What the programs want in their working folder: themselves, runtimetest, and a root file system with busybox.
mkdir -p "$work/rootfs"/{bin,dev,etc,proc,root,sys,tmp,run,usr/bin,usr/sbin,sbin,home,var} "$work/run" "$work/state" "$work/tmp"
cp "$(command -v busybox)" "$work/rootfs/bin/busybox"
"$work/rootfs/bin/busybox" --install "$work/rootfs/bin"
printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' >"$work/rootfs/etc/passwd"
printf '%s\n' 'root:x:0:' >"$work/rootfs/etc/group"
arch=$(go env GOARCH)
tar -C "$work/rootfs" -czf "$work/run/rootfs-$arch.tar.gz" .
cp "$programs/runtimetest" "$work/run/"

# Each runtime with a state folder of its own, so that nothing of the machine's is touched.
runtimes=
for runtime in nsrun ${CONFORM_RUNTIMES-crun runc}; do
	binary=$(command -v "$runtime") || [ "$runtime" = nsrun ] || continue
	[ "$runtime" != nsrun ] || binary=$NSRUN
	printf '#!/bin/sh\nexec "%s" --root "%s" "$@"\n' "$binary" "$work/state/$runtime" >"$work/$runtime"
	chmod 755 "$work/$runtime"
	mkdir -p "$out/$runtime"
	runtimes="$runtimes $runtime"
done

# run_one PROGRAM RUNTIME: prints the cell
run_one() {
	local log=$out/$2/$1 rc=0 bad all

	# What a runtime mounts outside of its containers goes with the mount namespace.
	(cd "$work/run" && RUNTIME=$work/$2 TMPDIR=$work/tmp timeout -k 5 $((120 * ${NSRUN_SLOW:-1})) \
		unshare --mount --propagation slave "$programs/$1") >"$log" 2>&1 </dev/null || rc=$?
	bad=$(grep '^not ok' "$log" | grep -vc '# TODO')
	all=$(grep -cE '^(not )?ok' "$log")
	if [ $rc -eq 124 ]; then
		echo time
	elif grep -q '^panic:' "$log"; then
		echo panic
	elif [ "$bad" -gt 0 ]; then
		echo "fail $bad/$all"
	elif [ $rc -ne 0 ]; then
		echo "exit $rc"
	elif [ "$all" -gt 0 ] && [ "$all" -eq "$(grep -ciE '^ok.*# skip' "$log")" ]; then
		echo skip
	else
		echo pass
	fi
}

# shellcheck disable=SC2046 # a list of words
[ $# -gt 0 ] || set -- $(find "$programs" -type f ! -name runtimetest -printf '%f\n' | LC_ALL=C sort)
passed=0 failed=0 skipped=0
# shellcheck disable=SC2086 # a list of words
printf "%-36s$(printf '%%-12s%.0s' $runtimes)\n" program $runtimes | tee "$out/table"
for program in "$@"; do
	line=$(printf '%-36s' "$program") nsrun='' rival='' why=''
	for runtime in $runtimes; do
		cell=$(run_one "$program" "$runtime")
		line+=$(printf '%-12s' "$cell")
		if [ "$runtime" = nsrun ]; then nsrun=$cell; elif [ "$cell" = pass ]; then rival=$runtime; fi
	done
	why=$(sed -n "s/^$program\t//p" "$here/known.tsv" 2>/dev/null)
	[ -n "$why" ] || [ ! -e /sys/fs/cgroup/cgroup.controllers ] ||
		why=$(sed -n "s/^$program@v2\t//p" "$here/known.tsv" 2>/dev/null)
	case $nsrun in
	pass) passed=$((passed + 1)) ;;
	skip) skipped=$((skipped + 1)) ;;
	*)
		if [ -n "$why" ]; then
			line+=$why
			skipped=$((skipped + 1))
		elif [ -n "$rival" ] || [ "$runtimes" = " nsrun" ]; then
			line+="FAILED${rival:+: $rival passes}"
			failed=$((failed + 1))
		else
			line+='no rival passes'
			skipped=$((skipped + 1))
		fi
		;;
	esac
	echo "$line" | tee -a "$out/table"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
