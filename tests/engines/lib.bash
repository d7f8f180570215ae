# lib.bash: what the tests of every engine use. Sourced inside the bed (bed.bash).
#
# A test is a function that fails by its exit status; `skip` ends it. Nothing in here waits for a time, only for states.

# What a container does that is to stay: it says so, and ends on SIGTERM.
# shellcheck disable=SC2034 # used by the engines
STAY='trap "exit 0" TERM; echo ready; sleep 1000 & wait'

# action LABEL FUNCTION: one row of the table
ACTIONS=()
action() {
	ACTIONS+=("$1=$2")
}

# t COMMAND...: with the time-out that every command of an engine has
t() {
	timeout --kill-after=5 "${LIMIT:-60}" "$@"
}

# skip REASON: this engine, or this machine, cannot do it, with whatever runtime
skip() {
	echo "skip: $*"
	exit 77
}

# has PROGRAM
has() {
	command -v "$1" >/dev/null
}

# same WANTED GOT
same() {
	[ "$1" = "$2" ] || {
		printf 'wanted: %s\ngot:    %s\n' "$1" "$2"
		return 1
	}
}

# match PATTERN TEXT: TEXT is like the pattern of the shell
match() {
	# shellcheck disable=SC2053 # a pattern is meant
	[[ $2 == $1 ]] || {
		printf 'wanted: %s\ngot:    %s\n' "$1" "$2"
		return 1
	}
}

# code N COMMAND...: it ends with that exit status
code() {
	local wanted=$1 rc=0
	shift
	"$@" || rc=$?
	same "exit status $wanted" "exit status $rc"
}

# fails COMMAND...: it ends with an exit status of its own other than 0, not by the time-out
fails() {
	local rc=0
	"$@" || rc=$?
	[ "$rc" -ne 0 ] && [ "$rc" -ne 124 ] && [ "$rc" -ne 137 ] || {
		echo "wanted: a failure; got: exit status $rc: $*"
		return 1
	}
}

# until_true COMMAND...: tries again for a generous time
until_true() {
	local try
	for ((try = 0; try < 150; try++)); do
		! "$@" >/dev/null 2>&1 || return 0
		sleep 0.2
	done
	echo "never came true: $*"
	"$@"
}

# reads PATTERN COMMAND...: what the command prints becomes like the pattern
reads() {
	local pattern=$1 got='' try
	shift
	for ((try = 0; try < 150; try++)); do
		got=$("$@" 2>&1) || :
		# shellcheck disable=SC2053 # a pattern is meant
		[[ $got != $pattern ]] || return 0
		sleep 0.2
	done
	match "$pattern" "$got"
}

# comes_up PID COMMAND...: the command works at last, while that daemon lives
comes_up() {
	local pid=$1 try
	shift
	for ((try = 0; try < 300; try++)); do
		kill -0 "$pid" || return 1
		! timeout 5 "$@" >/dev/null 2>&1 || return 0
		sleep 0.2
	done
	return 1
}

# on_tty COMMAND...: with a terminal of its own; a terminal ends lines with CR LF
on_tty() {
	t script --quiet --return --command "$(printf '%q ' "$@")" /dev/null </dev/null | tr -d '\r'
}

# one_of CODE,CODE... COMMAND...: it ends with one of those
one_of() {
	local wanted=,$1, rc=0
	shift
	"$@" || rc=$?
	match "*,$rc,*" "$wanted"
}

# limit_file NAME: where a container reads its limit, memory or pids
limit_file() {
	case $CGROUPS.$1 in
	v2.memory) echo /sys/fs/cgroup/memory.max ;;
	v2.pids) echo /sys/fs/cgroup/pids.max ;;
	v2.cpu) echo /sys/fs/cgroup/cpu.max ;;
	*.memory) echo /sys/fs/cgroup/memory/memory.limit_in_bytes ;;
	*.pids) echo /sys/fs/cgroup/pids/pids.max ;;
	*.cpu) echo /sys/fs/cgroup/cpu/cpu.cfs_quota_us ;;
	esac
}

# cgroup_value CONTROLLER PID: the limit of the cgroup that a process of the bed is in
cgroup_value() {
	local file path
	file=$(limit_file "$1")
	if [ "$CGROUPS" = v2 ]; then
		path=$(sed -n 's/^0:://p' "/proc/$2/cgroup")
	else
		path=$(sed -n "s/^[0-9]*:\([^:]*,\)*$1\(,[^:]*\)*:\(.*\)/\3/p" "/proc/$2/cgroup")
	fi
	cat "${file%/*}/$path/${file##*/}"
}

# frozen PID yes|no: by its state in the kernel, in the hierarchy of v1 or in that of v2, whichever the runtime takes
frozen() {
	local path state=no
	# The last one: those that are covered are listed too.
	path=$(awk '$3 == "cgroup2" { print $2 }' /proc/self/mounts | tail -n 1)
	path=$path$(sed -n 's/^0:://p' "/proc/$1/cgroup")
	! grep -qsx 'frozen 1' "$path/cgroup.events" || state=yes
	path=/sys/fs/cgroup/freezer$(sed -n 's/^[0-9]*:freezer://p' "/proc/$1/cgroup")
	! grep -qsx 'FR[A-Z]*' "$path/freezer.state" || state=yes
	same "frozen: $2" "frozen: $state"
}

# criu_works: a reason to skip what needs criu
criu_works() {
	has criu || skip "criu is missing"
	t criu check >/dev/null 2>&1 || skip "criu check fails on this kernel"
}

# deny_mkdir FILE: a profile of seccomp, in the words of podman and docker, under which mkdir fails
deny_mkdir() {
	cat >"$1" <<-'END'
	{ "defaultAction": "SCMP_ACT_ALLOW",
	  "syscalls": [ { "names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95 } ] }
	END
}
