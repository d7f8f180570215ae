#!/usr/bin/env bats
# terminal.bats: run in real terminals, of tmux and of script: sessions, job control, sizes, and the terminal as it was
# after every kind of end. Each test has a server of tmux of its own.

load helpers

eval "$(declare -f teardown | sed '1s/teardown/teardown_all/')"
teardown() {
	local rc=0

	[ ! -d "${WORK:-/nonexistent}/tmux" ] || on_tmux kill-server 2>/dev/null || :
	teardown_all || rc=1
	return $rc
}

# on_tmux COMMAND...
on_tmux() {
	TMUX_TMPDIR=$WORK/tmux TMUX='' tmux -L t -f /dev/null "$@" 3>&-
}

# patient COMMAND...: wait_for, for a machine that does other things at the same time
patient() {
	NSRUN_SLOW=$((NSRUN_SLOW * 6)) wait_for "$@"
}

# new_terminal PROGRAM [ARGUMENT]...: the bundle runs it on a terminal, and an interactive bash in a window of 100 x 30
# is ready to. "go" is run for that bundle.
new_terminal() {
	skip_unless tmux
	new_bundle
	edit '.process.terminal = true | .process.args = $args | .root.readonly = false' \
		--argjson args "$(jq -nc '$ARGS.positional' --args -- "$@")"
	printf 'exec "%s" --root "%s" run --bundle "%s" %s\n' "$NSRUN" "$ROOT" "$BUNDLE" "$ID" >"$WORK/go"
	mkdir "$WORK/tmux"
	on_tmux new-session -d -x 100 -y 30 "cd $WORK && PATH=$PATH PS1='ready> ' bash --noprofile --norc -i"
	patient shows '^ready>'
	enter 'stty -g >before'
	patient test -s "$WORK/before"
}

# screen: what the window shows
screen() {
	on_tmux capture-pane -p -J
}

# shows REGEX, shows_not REGEX
shows() {
	screen | grep -qE -- "$1"
}
shows_not() {
	! shows "$1"
}

# enter TEXT: types it and a newline
enter() {
	on_tmux send-keys -l "$1"
	on_tmux send-keys Enter
}

# key KEY...: as tmux names them (C-c)
key() {
	on_tmux send-keys "$@"
}

# attendant: the pid of the nsrun in the window
attendant() {
	pgrep -f "^$NSRUN --root $ROOT run"
}

is_attended() {
	attendant >/dev/null && is_status "$ID" running
}

is_unattended() {
	! attendant >/dev/null
}

# as_before: the shell has the terminal, and it is as it was. What is typed before nsrun has ended is still the container's.
as_before() {
	patient is_unattended
	enter 'stty -g >after; echo compared'
	patient shows '^compared'
	diff "$WORK/before" "$WORK/after"
}

# child_is NAME: init of the container has a child of that name
child_is() {
	pgrep -P "$(pid_of "$ID")" -x "$1"
}

# is_raw: the window's terminal is
is_raw() {
	stty -a <"$(on_tmux display-message -p '#{pane_tty}')" | grep -q -- ' -icanon'
}

@test "a session: terminal, size, interrupt, stop, and the end of input" {
	new_terminal sh
	enter 'sh go; echo "status $?"'
	patient shows '/ #'
	enter 'tty; stty size'
	patient shows '^/dev/(pts/0|console)$'
	patient shows '^30 100$'
	shows_not 'job control turned off'
	# ^C and ^Z belong to the container's foreground: the container stays, and we with it.
	enter 'sleep 1000'
	patient child_is sleep
	key C-c
	enter 'echo "interrupted $?"'
	patient shows '^interrupted 130$'
	enter 'sleep 1001'
	patient child_is sleep
	key C-z
	patient shows 'Stopped.*sleep 1001'
	is_attended
	enter 'kill -9 %1; exec sh -c "cat; exit 5"'
	patient shows_not '^/ # $'
	enter 'echoed'
	patient eval '[ "$(screen | grep -c "^echoed")" -eq 2 ]'
	key C-d
	patient shows '^status 5'
	as_before
	run ! nsrun state "$ID"
}

@test "the window's new size reaches the container" {
	new_terminal sh -c 'trap "stty size" WINCH; echo waits; while :; do sleep 0.1; done'
	enter 'sh go'
	patient shows '^waits'
	on_tmux resize-window -x 70 -y 20
	patient shows '^20 70'
	on_tmux resize-window -x 120 -y 40
	patient shows '^40 120'
	nsrun kill "$ID" KILL
	patient shows '^ready>'
	as_before
}

@test "the real size wins over consoleSize, and is there from the first moment" {
	new_terminal stty size
	edit '.process.consoleSize = {height: 9, width: 33}'
	enter 'sh go'
	patient shows '^30 100'
	# stdin is no terminal, and there is one.
	enter 'clear; : | sh go'
	patient shows '^30 100'
	as_before
}

@test "a full-screen program ends, or its container is killed: the terminal is as before" {
	new_terminal sh -c 'vi /etc/passwd; echo vi ended'
	enter 'sh go'
	patient shows '^~'
	is_raw
	enter ':q!'
	patient shows '^vi ended'
	as_before
	enter 'clear; sh go'
	patient shows '^~'
	nsrun kill "$ID" KILL
	patient is_unattended
	enter 'clear; echo still a shell'
	patient shows '^still a shell'
	as_before
	run ! nsrun state "$ID"
}

@test "TERM, HUP and INT for nsrun end what the container makes them end; the terminal is as before" {
	new_terminal sh -c 'for s in TERM HUP INT; do trap "echo got $s; exit 9" $s; done; echo waits; while :; do sleep 0.1; done'
	local signal
	for signal in TERM HUP INT; do
		enter 'clear; sh go; echo "status $?"'
		patient shows '^waits'
		patient is_raw
		kill -s $signal "$(attendant)"
		patient shows "^got $signal"
		patient shows '^status 9'
		as_before
	done
}

@test "nsrun killed cannot put the terminal back; the container's hangs up, and nothing hides it" {
	new_terminal sh -c 'trap "echo hung up >/hup" HUP; echo waits; read -r x; exit 4'
	enter 'sh go; stty sane'
	patient shows '^waits'
	patient is_raw
	kill -KILL "$(attendant)"
	patient is_status "$ID" stopped
	[ "$(cat "$BUNDLE/rootfs/hup")" = 'hung up' ]
	nsrun delete "$ID"
	# What nsrun(1) says to do.
	enter 'clear; echo sane again'
	patient shows '^sane again'
}

@test "a background job leaves the shell its terminal, and takes it when it comes to the foreground" {
	new_terminal sh -c 'echo "runs"; read -r x; echo "read $x"; stty size; exit 3'
	enter 'sh go &'
	patient shows 'runs$'
	patient is_attended
	# What is typed is the shell's, and its terminal works.
	enter 'echo "sum $((40 + 2))"'
	patient shows '^sum 42'
	enter 'stty -g >background'
	patient test -s "$WORK/background"
	diff "$WORK/before" "$WORK/background"
	shows_not '^read '
	# The shell sends no signal to a job that runs already.
	enter 'fg; echo "status $?"'
	patient is_raw
	enter 'mine'
	patient shows '^read mine'
	patient shows '^30 100'
	patient shows '^status 3'
	as_before
}

@test "a job that ends in the background does not touch the terminal" {
	new_terminal sh -c 'echo runs; while ! test -e /end; do sleep 0.1; done; echo ends'
	enter 'sh go &'
	patient shows 'runs$'
	enter 'stty -echo; stty -g >chosen; cat'
	patient test -s "$WORK/chosen"
	touch "$BUNDLE/rootfs/end"
	patient shows 'ends$'
	patient run ! attendant
	key C-c
	enter 'stty -g >after; stty echo; echo compared'
	patient shows '^compared'
	diff "$WORK/chosen" "$WORK/after"
}

@test "stopped and continued: the shell has the terminal meanwhile, then it is the container's again" {
	new_terminal sh -c 'echo waits; read -r x; echo "read $x"; read -r x; echo "read $x"'
	enter 'sh go'
	patient shows '^waits'
	patient is_raw
	kill -STOP "$(attendant)"
	patient shows 'Stopped'
	enter 'echo "sum $((40 + 2))"'
	patient shows '^sum 42'
	enter 'fg'
	patient is_raw
	enter 'one'
	patient shows '^read one'
	# Continued without having come to the foreground, it keeps its hands off.
	kill -STOP "$(attendant)"
	patient eval '[ "$(screen | grep -c Stopped)" -eq 2 ]'
	enter 'bg'
	enter 'echo "sum $((50 + 2))"'
	patient shows '^sum 52'
	shows_not '^read echo'
	enter 'fg'
	patient is_raw
	enter 'two'
	patient shows '^read two'
	patient shows '^ready>'
	as_before
}

@test "the terminal goes away: the container's hangs up, nsrun ends with it, nothing is left" {
	new_terminal sh -c 'trap "echo hung up >/hup" HUP; echo waits; read -r x; exit 4'
	enter 'sh go'
	patient shows '^waits'
	patient is_raw
	on_tmux kill-server
	patient run ! attendant
	[ "$(cat "$BUNDLE/rootfs/hup")" = 'hung up' ]
	run ! nsrun state "$ID"
}

@test "an error of run leaves the terminal as before" {
	new_terminal /no/such/program
	enter 'sh go; echo "status $?"'
	patient shows '^status 1'
	as_before
	edit '.process.args = ["true"] | .hooks.poststart = [{path: "/bin/false"}]'
	enter 'clear; sh go; echo "status $?"'
	patient shows '^status 1'
	as_before
	run ! nsrun state "$ID"
}

@test "script: a session is recorded whole, with the status of the program" {
	skip_unless script
	new_bundle
	edit '.process.terminal = true'
	in_container 'test -t 2 && stty size; seq 1 20000; exit 6'
	cat >"$WORK/session" <<-SH
		stty cols 91 rows 17
		stty -g
		"$NSRUN" --root "$ROOT" run --bundle "$BUNDLE" $ID
		echo "status \$?"
		stty -g
	SH
	# At the end of its input script types one of its own.
	mkfifo "$WORK/silent"
	script -qec "sh $WORK/session" "$WORK/typescript" <>"$WORK/silent" >"$WORK/out" 3>&-
	tr -d '\r' <"$WORK/out" >"$WORK/plain"
	[ "$(sed -n 2p "$WORK/plain")" = '17 91' ]
	sed -n '3,20002p' "$WORK/plain" | diff - <(seq 1 20000)
	[ "$(sed -n 20003p "$WORK/plain")" = 'status 6' ]
	[ "$(sed -n 20004p "$WORK/plain")" = "$(sed -n 1p "$WORK/plain")" ]
}
