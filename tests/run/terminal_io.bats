#!/usr/bin/env bats
# terminal_io.bats: the container has a terminal and its caller none: pipes, files, nothing; the console socket; and
# which signals are passed on.

load helpers

# patient COMMAND...: wait_for, for a machine that does other things at the same time
patient() {
	NSRUN_SLOW=$((NSRUN_SLOW * 6)) wait_for "$@"
}

# with_terminal SCRIPT: a new bundle that runs it on a terminal
with_terminal() {
	new_bundle
	edit '.process.terminal = true | .root.readonly = false'
	in_container "$1"
}

# attached: run for the bundle, with the stdio of the caller
attached() {
	"$NSRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" 3>&-
}

# attendant: the pid of that nsrun
attendant() {
	pgrep -f "^$NSRUN --root $ROOT run"
}

# seen FILE REGEX
seen() {
	tr -d '\r' <"$1" | grep -qE -- "$2"
}

# ticks PID: processor time that it has used, 1/100 s
ticks() {
	local stat

	stat=$(sed 's/.*) //' "/proc/$1/stat")
	# shellcheck disable=SC2086 # proc_pid_stat(5), fields 14 and 15
	set -- $stat
	echo $(($12 + $13))
}

# idles PID: for two seconds it uses a tenth of the processor at most
idles() {
	local before after

	before=$(ticks "$1")
	sleep 2
	after=$(ticks "$1")
	echo "$((after - before)) ticks"
	[ $((after - before)) -le 20 ]
}

@test "what a pipe brings is typed, and its end is the end of input" {
	with_terminal 'stty -echo; cat; echo "end $?"; exit 3'
	local text
	for text in 'a line\n' 'one\ntwo' ''; do
		# shellcheck disable=SC2059 # a format
		run -3 bash -c 'printf "$1" | "$2" --root "$3" run --bundle "$4" "$5" 3>&-' - "$text" "$NSRUN" "$ROOT" "$BUNDLE" "$ID"
		output=${output//$'\r'/}
		# shellcheck disable=SC2059 # the same
		[[ $output == *"$(printf "$text")"*'end 0' ]]
	done
	run -3 attached </dev/null
	[[ ${output//$'\r'/} == *'end 0' ]]
	printf 'from a file\n' >"$WORK/in"
	run -3 attached <"$WORK/in"
	[[ ${output//$'\r'/} == *'from a file'*'end 0' ]]
}

@test "megabytes arrive whole, also when they are read late" {
	with_terminal 'seq 1 300000; exit 4'
	{
		local rc=0
		attached </dev/null || rc=$?
		echo "status $rc"
	} | (sleep 1 && tr -d '\r') | diff - <(seq 1 300000 && echo status 4)
	attached </dev/null >"$WORK/out" || :
	tr -d '\r' <"$WORK/out" | diff - <(seq 1 300000)
}

# full_pipe: descriptor 7, the pipe $WORK/full, takes no byte more; sets filled to how many are in it
full_pipe() {
	mkfifo "$WORK/full"
	exec 7<>"$WORK/full"
	# It ends with "resource temporarily unavailable".
	filled=$(dd if=/dev/zero of="$WORK/full" oflag=nonblock bs=4096 2>&1 | sed -n 's/ bytes.*//p')
	[ "$filled" -gt 4096 ]
}

@test "nobody reads our output: it costs no time, and nothing of it is lost when the program is killed" {
	with_terminal 'seq 1 500; echo >/done; exec sleep 100'
	local filled nsrun
	full_pipe
	attached </dev/null >"$WORK/full" 7>&- &
	patient test -e "$BUNDLE/rootfs/done"
	nsrun=$(attendant)
	idles "$nsrun"
	nsrun kill "$ID" KILL
	# It waits for a reader, with patience.
	sleep 0.5
	idles "$nsrun"
	head -c "$((filled + 2392))" <"$WORK/full" | tail -c 2392 | tr -d '\r' | diff - <(seq 1 500)
	exits 137 $!
	exec 7>&-
	run ! nsrun state "$ID"
}

@test "nobody will ever read our output: a signal ends the wait, a container that is there does not suffer" {
	with_terminal 'trap "echo TERM >/got" TERM; seq 1 500; echo >/done; while :; do sleep 0.1; done'
	local filled nsrun
	full_pipe
	attached </dev/null >"$WORK/full" 7>&- &
	patient test -e "$BUNDLE/rootfs/done"
	nsrun=$(attendant)
	kill -TERM "$nsrun"
	patient test -e "$BUNDLE/rootfs/got"
	kill -0 "$nsrun"
	nsrun kill "$ID" KILL
	patient is_status "$ID" stopped
	kill -TERM "$nsrun"
	exits 137 $!
	exec 7>&-
	run ! nsrun state "$ID"
}

@test "a reader that goes takes the terminal along, and the program's SIGPIPE is not ours" {
	with_terminal 'trap "echo hung up >/hup" HUP; trap "echo pipe >/pipe" PIPE; while echo y; do :; done 2>/dev/null; exit 5'
	run -0 bash -c '"$0" --root "$1" run --bundle "$2" "$3" 3>&- </dev/null | head -n 1; exit $((PIPESTATUS[0] - 5))' \
		"$NSRUN" "$ROOT" "$BUNDLE" "$ID"
	[ "${output//$'\r'/}" = y ]
	[ -e "$BUNDLE/rootfs/hup" ]
	[ ! -e "$BUNDLE/rootfs/pipe" ]
	# A disk that is full is an error that is told.
	run -1 bash -c '"$0" --root "$1" run --bundle "$2" "$3" 2>&1 >/dev/full 3>&- </dev/null' \
		"$NSRUN" "$ROOT" "$BUNDLE" "$ID"
	[[ $output == *'write what the container prints to stdout: no space left on device'* ]]
}

@test "no terminal, no input, no output: it costs no time" {
	with_terminal 'echo waits >/waits; exec sleep 100'
	local how in out
	for how in '/dev/null /dev/null' '/dev/null /dev/full' "$WORK/empty $WORK/out"; do
		: >"$WORK/empty"
		read -r in out <<<"$how"
		rm -f "$BUNDLE/rootfs/waits"
		attached <"$in" >"$out" 2>&1 &
		patient test -e "$BUNDLE/rootfs/waits"
		idles "$(attendant)"
		nsrun kill "$ID" KILL
		exits 137 $!
	done
	attached <&- >&- 2>&- &
	patient is_status "$ID" running
	idles "$(attendant)"
	nsrun kill "$ID" KILL
	exits 137 $!
}

@test "our stdin and stdout are left as they were: nobody else finds them non-blocking" {
	with_terminal 'echo x >/waits; read -r x; exit 0'
	mkfifo "$WORK/in" "$WORK/out"
	exec 7<>"$WORK/in" 8<>"$WORK/out"
	attached <&7 >&8 &
	patient test -e "$BUNDLE/rootfs/waits"
	local fd
	for fd in 7 8; do
		run ! grep -q '^flags:.*4...$' "/proc/$$/fdinfo/$fd"
		run ! grep -q '^flags:.*4...$' "/proc/$BASHPID/fdinfo/$fd"
	done
	echo end >&7
	exits 0 $!
	for fd in 7 8; do
		run ! grep -q '^flags:.*4...$' "/proc/$BASHPID/fdinfo/$fd"
	done
	exec 7>&- 8>&-
}

@test "a program that closes its terminal can open it again" {
	with_terminal 'echo first; exec <&- >&- 2>&-; sleep 1; echo second >/dev/console; exec </dev/console >/dev/console; echo third; stty size; exit 2'
	edit '.process.consoleSize = {height: 7, width: 77}'
	run -2 attached </dev/null
	[ "${output//$'\r'/}" = $'first\nsecond\nthird\n7 77' ]
}

@test "an ordinary user of the container can open his terminal by name" {
	with_terminal 'echo out >/dev/stdout; echo tty >/dev/tty; echo console >/dev/console'
	edit '.process.user = {uid: 1000, gid: 1000}'
	run -0 attached </dev/null
	[ "${output//$'\r'/}" = $'out\ntty\nconsole' ]
}

# got SIGNAL: the program has it
got() {
	grep -qx "$1" "$BUNDLE/rootfs/got"
}

# catching: a container without a terminal that writes the names of the signals it gets
catching() {
	new_bundle
	edit '.root.readonly = false'
	in_container 'for s in HUP INT QUIT ABRT USR1 USR2 PIPE ALRM TERM CONT TSTP TTIN TTOU WINCH URG CHLD; do
		trap "echo $s >>/got" $s; done; echo waits >>/got; while read -r x </go; do :; done & while ! test -e /end; do sleep 0.2; done'
	mkfifo "$BUNDLE/rootfs/go"
}

@test "signals are passed on, those of job control too; nsrun itself is not stopped" {
	catching
	env --default-signal=HUP,INT,QUIT "$NSRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null 3>&- &
	local signal nsrun
	patient got waits
	nsrun=$(attendant)
	for signal in HUP INT QUIT ABRT USR1 USR2 PIPE ALRM TERM TSTP TTIN TTOU CONT; do
		kill -s $signal "$nsrun"
		patient got $signal
		grep -q '^State:.[SR]' "/proc/$nsrun/status"
	done
	kill -s WINCH "$nsrun"
	kill -s URG "$nsrun"
	kill -s CHLD "$nsrun"
	# Signals of one process are taken in order of their numbers: this comes last.
	kill -s USR1 "$nsrun"
	patient eval '[ "$(grep -cx USR1 "$BUNDLE/rootfs/got")" -eq 2 ]'
	run ! got WINCH
	run ! got URG
	touch "$BUNDLE/rootfs/end"
	exits 0 $!
}

@test "nohup keeps hang-ups away; what somebody sends on purpose arrives" {
	catching
	# Without job control a shell has its background jobs ignore INT and QUIT.
	env --ignore-signal=HUP,INT,QUIT "$NSRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null 3>&- &
	local nsrun
	patient got waits
	nsrun=$(attendant)
	kill -s HUP "$nsrun"
	kill -s INT "$nsrun"
	patient got INT
	kill -s QUIT "$nsrun"
	patient got QUIT
	run ! got HUP
	touch "$BUNDLE/rootfs/end"
	exits 0 $!
}

@test "a console socket that is none, or nobody's, is one clear error, and nothing is left" {
	with_terminal 'true'
	local name long
	long=$(printf '%0120d' 0)
	: >"$WORK/file"
	# The socket of somebody who has gone.
	"$TOOLS/recvtty" "$WORK/gone" 3>&- &
	patient test -S "$WORK/gone"
	kill $! && wait $! || :
	for name in "$WORK/file:connection refused" "$WORK/gone:connection refused" "$WORK/none:no such file or directory" \
		"$WORK:connection refused" "$WORK/$long:file name too long"; do
		run -1 timeout 60 "$NSRUN" --root "$ROOT" create --console-socket "${name%:*}" --bundle "$BUNDLE" "$ID" </dev/null 3>&-
		[ "${lines[0]}" = "nsrun: connect to the console socket: ${name##*:}" ]
		run ! nsrun state "$ID"
	done
}

@test "a console socket whose path is longer than an address" {
	with_terminal 'tty'
	local folder
	folder=$WORK/$(printf '%0100d' 0)
	mkdir "$folder"
	ln -s "$folder" "$WORK/l"
	"$TOOLS/recvtty" "$WORK/l/tty" >"$WORK/said" 2>&1 3>&- &
	patient test -S "$folder/tty"
	detached run --detach --console-socket "$folder/tty" --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	exits 0 $!
	patient seen "$WORK/said" '^/dev/(pts/0|console)$'
	patient is_status "$ID" stopped
}

@test "a listener that hangs up unread is one clear error, and nothing is left" {
	with_terminal 'true'
	"$TOOLS/recvtty" -c "$WORK/tty" 3>&- &
	local receiver=$!
	patient test -S "$WORK/tty"
	edit '.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", $wait]}]' \
		--arg wait "while kill -0 $receiver; do sleep 0.1; done 2>/dev/null"
	{ wait $receiver; } 2>/dev/null &
	run -1 timeout 60 "$NSRUN" --root "$ROOT" create --console-socket "$WORK/tty" --bundle "$BUNDLE" "$ID" </dev/null 3>&-
	[[ ${lines[0]} == *'send the terminal to the console socket: broken pipe' ]]
	run ! nsrun state "$ID"
}

@test "a terminal without a socket, a socket without a terminal: the texts of the contract" {
	with_terminal 'true'
	run -1 nsrun create --bundle "$BUNDLE" "$ID"
	[[ $output == *'cannot allocate tty if nsrun will detach without setting console socket'* ]]
	run -1 nsrun run --detach --bundle "$BUNDLE" "$ID"
	[[ $output == *'cannot allocate tty if nsrun will detach without setting console socket'* ]]
	run -1 nsrun run --console-socket "$WORK/tty" --bundle "$BUNDLE" "$ID"
	[[ $output == *'cannot use console socket if nsrun will not detach or allocate tty'* ]]
	edit '.process.terminal = false'
	run -1 nsrun create --console-socket "$WORK/tty" --bundle "$BUNDLE" "$ID"
	[[ $output == *'cannot use console socket if nsrun will not detach or allocate tty'* ]]
}
