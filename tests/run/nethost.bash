# nethost.bash: network namespaces that play the host and what is around it, so that this machine's network is not
# touched. A suite makes HOLDER, the host's, with new_net.

# has_net PID: the process is in a network namespace of its own by now
has_net() {
	[ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

# new_net VARIABLE: the pid of a process that keeps a new network namespace, until the test ends
new_net() {
	unshare --net sleep 600 </dev/null >/dev/null 2>&1 3>&- &
	NETS="${NETS:-} $!"
	printf -v "$1" %s $!
	wait_for has_net $!
}

eval "$(declare -f teardown | sed '1s/teardown/teardown_all/')"
teardown() {
	local rc=0

	teardown_all || rc=1
	# shellcheck disable=SC2086 # a list of pids
	[ -z "${NETS:-}" ] || kill $NETS
	return $rc
}

# on_host COMMAND...: in the network namespace that plays the host
on_host() {
	nsenter --net="/proc/$HOLDER/ns/net" "$@" 3>&-
}

# Every nsrun of a test with a host of its own has that host.
nsrun() {
	if [ -n "${HOLDER:-}" ]; then
		on_host "$NSRUN" --root "$ROOT" "$@" </dev/null
	else
		"$NSRUN" --root "$ROOT" "$@" </dev/null 3>&-
	fi
}

# in_box ID COMMAND...: in the network namespace of the container
in_box() {
	nsenter --net="/proc/$(pid_of "$1")/ns/net" "${@:2}" 3>&-
}

# no_device NAME: the host has none of that name
no_device() {
	! on_host ip link show "$1" 2>/dev/null
}
