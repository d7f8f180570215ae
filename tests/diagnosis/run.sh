#!/bin/bash
# run.sh [--table FILE]: breaks bundles and hosts in each way of cases.bash and looks whether nsrun names the cause, the
# place and the remedy. With --table also asks crun and runc, where they are on PATH, and writes what each says as a page.
# Needs root. NSRUN: the program under test.
set -u
: "${NSRUN:?}" "${SRCDIR:=.}"
here=$(cd "$(dirname "$0")" && pwd)
NSRUN=$(readlink -f "$NSRUN")
table=
[ "${1:-}" != --table ] || table=$(readlink -m "$2")
passed=0 failed=0 skipped=0

lacks() {
	echo "$1"
	exit 77
}
[ "$(id -u)" -eq 0 ] || lacks "needs root"
for program in jq busybox timeout unshare; do
	command -v $program >/dev/null || lacks "$program is missing"
done

work=$(mktemp -d "${TMPDIR:-/tmp}/nsrun-diagnosis.XXXXXX")
id=$(basename "$work" | tr . -)
trap 'cd /; rm -rf --one-file-system "$work"' EXIT
mkdir -p "$work/plain/rootfs"/{bin,dev,proc,sys,tmp}
cp "$(command -v busybox)" "$work/plain/rootfs/bin/busybox"
"$work/plain/rootfs/bin/busybox" --install "$work/plain/rootfs/bin"
"$NSRUN" spec --bundle "$work/plain" --no-terminal -- true
# A version that older rivals know too.
jq '.ociVersion = "1.0.2"' "$work/plain/config.json" >"$work/config" && mv "$work/config" "$work/plain/config.json"

# The crun of Debian 12 refuses hybrid hosts with controllers on v2: for rivals it is none.
cat >"$work/rival" <<'END'
#!/bin/sh
exec unshare -m sh -c 'umount /sys/fs/cgroup/unified 2>/dev/null; exec "$@"' sh "$@"
END
chmod 755 "$work/rival"

# has NEED: can the case be tried here?
has() {
	case $1 in
	userns) unshare -Ur true 2>/dev/null ;;
	seccomp) "$NSRUN" --version | grep -q "libseccomp: [0-9]" ;;
	memory) [ -d /sys/fs/cgroup/memory ] || grep -qsw memory /sys/fs/cgroup/cgroup.controllers ;;
	esac
}

# said RUNTIME [FLAG]...: what it says of the bundle here, nothing of which depends on where that is
said() {
	local runtime=$1
	shift
	# shellcheck disable=SC2086 # lists of words
	${wrap:-} ${as:-} timeout 60 "$runtime" --root "$work/state" "$@" run ${flags:-} "$id" </dev/null 2>&1 |
		tr -d '\r\000' | sed -E "s|$work/bundle|/bundle|g; s|$id|ID|g; s/time=\"[^\"]*\" //; s/^[0-9T:.-]{20,}Z: //"
	${as:-} timeout 60 "$runtime" --root "$work/state" delete --force "$id" >/dev/null 2>&1 </dev/null
}

# cell TEXT: on one line, for a table
cell() {
	tr '\n' ' ' <<<"$1" | sed 's/|/\\|/g; s/  */ /g; s/^ //; s/ $//' | cut -c 1-400
}

# row NAME: what each runtime on PATH says
row() {
	local rival text
	printf '\n**%s**\n\n* nsrun: `%s`\n' "$1" "$(cell "$output")" >>"$table"
	for rival in crun runc; do
		command -v $rival >/dev/null || continue
		text=$(as=$work/rival said "$(command -v $rival)")
		printf '* %s: `%s`\n' $rival "$(cell "${text:-(nothing)}")" >>"$table"
	done
}

# broken NAME FILTER CAUSE PLACE REMEDY: see cases.bash
broken() {
	local name=$1 filter=$2 cause=$3 place=$4 remedy=$5 need hint lost=''
	for need in ${needs:-}; do
		has "$need" && continue
		echo "skipped: $name: needs $need"
		skipped=$((skipped + 1))
		return
	done
	cp -al "$work/plain" "$work/bundle"
	rm -f "$work/bundle/config.json"
	cd "$work/bundle" || exit 1
	jq "$filter" "$work/plain/config.json" >config.json
	eval "${prepare:-:}"
	# shellcheck disable=SC2086 # a list of words
	output=$(said "$NSRUN" ${global:-})
	hint=$(sed -n 's/^ *hint: //p' <<<"$output")
	head -n 1 <<<"$output" | grep -Eq "^nsrun: .*($cause)" || lost="the cause ($cause)"
	grep -Eq "$place" <<<"$output" || lost="$lost the place ($place)"
	[ -n "$hint" ] && grep -Eq "$remedy" <<<"$hint" || lost="$lost the remedy ($remedy)"
	if [ -z "$lost" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAILED: %s: not named: %s\n%s\n' "$name" "$lost" "$output"
	fi
	[ -z "$table" ] || row "$name"
	cd "$work" || exit 1
	rm -rf --one-file-system "$work/bundle"
}

if [ -n "$table" ]; then
	cat >"$table" <<-'END'
	# What runtimes say

	Bundles and hosts that are broken in some way, and what each runtime says about them, cut at 400 characters. Made by
	`tests/diagnosis/run.sh --table docs/diagnosis.md`, which also looks whether nsrun names the cause, the place and the
	remedy each time.
	END
	"$NSRUN" --version | head -n 1 | sed 's/^/\n* /' >>"$table"
	for rival in crun runc; do
		! command -v $rival >/dev/null || $rival --version | head -n 1 | sed 's/^/* /' >>"$table"
	done
fi
# shellcheck source=/dev/null
. "$here/cases.bash"
[ -z "$(find "$work/state" -mindepth 1 -maxdepth 1 ! -name .cache 2>/dev/null)" ] || {
	echo "FAILED: a state is left"
	failed=$((failed + 1))
}
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
