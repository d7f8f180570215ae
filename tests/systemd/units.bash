# units.bash: what the suites of systemd add to helpers.bash, which is loaded first. UNIT is the unit of ID. SYSTEMCTL
# is "systemctl", or with --user.

SYSTEMCTL=systemctl
[ "$(id -u)" -eq 0 ] || SYSTEMCTL='systemctl --user'

# nsrun ARGUMENTS...: with the systemd cgroup manager
nsrun() {
	"$NSRUN" --root "$ROOT" --systemd-cgroup "$@" </dev/null 3>&-
}

eval "helpers_$(declare -f teardown)"
# No unit of a test outlives it.
teardown() {
	local left

	helpers_teardown || return 1
	left=$($SYSTEMCTL list-units --all --plain --no-legend "*$PREFIX*")
	[ -z "$left" ] || {
		printf 'left behind: %s\n' "$left"
		return 1
	}
}

# name_unit: UNIT is what nsrun calls the unit of ID
name_unit() {
	UNIT=nsrun-$ID.scope
}

# sleeper [FLAG OF SPEC]...: a new bundle whose program does nothing, for a while
sleeper() {
	new_bundle "$@"
	name_unit
	edit '.process.args = ["sleep", "100"]'
}

# property NAME: of UNIT
property() {
	$SYSTEMCTL show --property "$1" --value "$UNIT"
}

# is_property NAME VALUE: for wait_for
is_property() {
	[ "$(property "$1")" = "$2" ]
}

# is_no_unit: systemd does not know UNIT any more
is_no_unit() {
	[ -z "$($SYSTEMCTL list-units --all --plain --no-legend "$UNIT")" ]
}

# own_cgroup PID: its path on the unified tree
own_cgroup() {
	sed -n 's/^0:://p' "/proc/$1/cgroup"
}

# all_limits FOLDER: every file of a cgroup that holds a limit
all_limits() {
	(cd "$1" && grep -r . -s --include '*.max' --include '*.low' --include '*.high' --include '*.min' --include '*.weight' \
		--include 'cpuset.*' --include cgroup.subtree_control --include cgroup.controllers .) | LC_ALL=C sort
}

# listener NAME: a socket in WORK that takes connections and says nothing
listener() {
	systemd-socket-activate --listen "$WORK/$1" sleep 60 >/dev/null 2>&1 3>&- &
	LISTENER=$!
	wait_for test -S "$WORK/$1"
	# shellcheck disable=SC2064 # this one
	trap "kill $LISTENER 2>/dev/null" EXIT
}
