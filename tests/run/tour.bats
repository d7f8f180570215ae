#!/usr/bin/env bats
# tour.bats: types every command of docs/tour.md, stop by stop, and compares what it prints with the page.
# shellcheck disable=SC2154,SC2034 # bats sets status and output; what the page sets is used by the page

load helpers
load nethost

PAGE=$BATS_TEST_DIRNAME/../../docs/tour.md

eval "$(declare -f teardown | sed '1s/teardown/teardown_net/')"
teardown() {
	[ -z "${queue:-}" ] || ipcrm -q "$queue" 2>/dev/null || :
	umount "$WORK/tour/pinned" 2>/dev/null || :
	teardown_net
}

# An ordinary user writes another config; the page says so.
eval "$(declare -f nsrun | sed '1s/nsrun/nsrun_plain/')"
nsrun() {
	if [ "$1" = spec ] && [ "$(id -u)" -ne 0 ]; then
		shift
		set -- spec --rootless "$@"
	fi
	nsrun_plain "$@"
}

# blocks HEADING: the lines of the console blocks below that heading ("": before the first)
blocks() {
	awk -v want="$1" '/^## / { here = index($0, want) == 4; next } /^```console$/ { on = want == "" ? !seen : here; seen = 1; next }
		/^```/ { on = 0 } on' "$PAGE" | sed "s/tour-\([a-z]\)/$PREFIX\1/g"
}

# matches PATTERN TEXT: "..." stands for anything, also for nothing; blanks for any number of blanks
matches() {
	local pattern=${1//\\/\\\\} text=$2 c

	for c in '[' ']' '*' '?'; do
		pattern=${pattern//"$c"/\\"$c"}
	done
	shopt -s extglob
	pattern=${pattern//+([[:blank:]])/ } text=${text//+([[:blank:]])/ }
	shopt -u extglob
	text=${text//' '$'\n'/$'\n'} text=${text%' '}
	pattern=${pattern//' ... '/' *'}
	pattern=${pattern//.../*}
	# shellcheck disable=SC2053 # a pattern
	[[ $text == $pattern ]]
}

# type_in COMMAND EXPECTED: what it prints is what the page says. What only looks is typed again until it is.
type_in() {
	local tries=1 i

	case $1 in cat* | ls* | grep* | 'nsrun exec'* | 'nsrun inspect'* | 'nsrun ps'* | 'nsrun list'* | ping*) tries=$((60 * NSRUN_SLOW)) ;; esac
	for ((i = 0; i < tries; i++)); do
		# In this shell: the page sets variables.
		eval "$1" >"$WORK/typed" 2>&1 3>&- || :
		! matches "$2" "$(<"$WORK/typed")" || return 0
		[ $((i + 1)) -eq "$tries" ] || sleep 0.1
	done
	printf '%s\n' "typed: $1" 'printed:' "$(cat "$WORK/typed")" 'the page says:' "$2"
	return 1
}

# visit HEADING: types what is below it
visit() {
	local line command='' expected=''

	[ -n "$(blocks "$1")" ]
	while IFS= read -r line <&4; do
		if [[ $line == '# '* ]]; then
			[ -z "$command" ] || type_in "$command" "$expected" || return 1
			command=${line#'# '} expected=''
		else
			expected+=${expected:+$'\n'}$line
		fi
	done 4< <(blocks "$1")
	type_in "$command" "$expected"
}

# stop NUMBER NEED...
stop() {
	local n=$1
	shift
	skip_unless jq busybox "$@"
	[ "$(id -u)" -eq 0 ] || skip_unless userns
	cd "$WORK"
	visit ""
	visit "$n. "
}

@test "stop 1: UTS" {
	stop 1
}

@test "stop 2: IPC" {
	stop 2 root ipcmk ipcs ipcrm
}

@test "stop 3: PID" {
	stop 3
}

@test "stop 4: mount" {
	stop 4
}

@test "stop 5: user" {
	stop 5 root userns
}

@test "stop 6: network with a bridge" {
	skip_unless root ip nsenter unshare
	new_net HOLDER
	on_host ip link add probe type bridge 2>/dev/null || skip "this kernel has no bridge"
	on_host ip link delete probe
	on_host ip link add pa type veth peer name pb 2>/dev/null || skip "this kernel has no veth"
	on_host ip link delete pa
	# The host of this stop is a network namespace, so that this machine's is not touched.
	ip() { on_host ip "$@"; }
	ping() { on_host busybox ping "$@"; }
	stop 6
}

@test "stop 7: cgroup" {
	skip_unless root cgroup
	[ -d /sys/fs/cgroup/pids ] || grep -qsw pids /sys/fs/cgroup/cgroup.controllers || skip "needs the pids controller"
	stop 7
}

@test "stop 8: time" {
	[ -e /proc/self/ns/time ] || skip "needs time namespaces"
	stop 8 root
}

@test "stop 9: joining" {
	stop 9 root nsenter hostname
}

@test "stop 10: persisting" {
	stop 10 root nsenter hostname
}

@test "there are ten stops, each with commands and what they show" {
	[ "$(grep -c '^## [0-9]*\. ' "$PAGE")" -eq 10 ]
	for part in Inside Outside 'It shows'; do
		[ "$(grep -c "^\* \*\*$part\*\*" "$PAGE")" -eq 10 ]
	done
	[ "$(grep -c '^```console' "$PAGE")" -eq 11 ]
	for n in 1 2 3 4 5 6 7 8 9 10; do
		[ "$(blocks "$n. " | grep -c '^# ')" -ge 5 ]
	done
}
