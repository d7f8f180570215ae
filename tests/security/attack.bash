# shellcheck shell=bash
# attack: what the attacks share. Sourced by them, with the helpers of tests/run.
#
# A victim is something of the host, below $WORK, that no container has been given.

load ../run/helpers
SWAP=${BUILDDIR:-$BATS_TEST_DIRNAME/../..}/tests/security/swap

# held WHAT COMMAND...: COMMAND is true when the attack has failed; else WHAT is what the attacker has got. tests/security/
# run.sh looks for this very line when a protection is switched off: a test that fails for another reason shows nothing.
held() {
	local what=$1

	shift
	"$@" || {
		echo "the attack succeeded: $what"
		return 1
	}
}

# is_empty DIRECTORY
is_empty() {
	[ -z "$(ls -A "$1")" ]
}

# is_text FILE TEXT: FILE has this one line
is_text() {
	[ "$(cat "$1")" = "$2" ]
}

# lacks TEXT: the output has it nowhere
lacks() {
	[[ $output != *"$1"* ]]
}

# says TEXT: the output is TEXT
says() {
	[ "$output" = "$1" ]
}

# enough N: on a machine that takes ten times as long three rounds of a loop are, of which this is the N-th
enough() {
	[ "$NSRUN_SLOW" -gt 1 ] && [ "$1" -gt 3 ]
}

# no_mount_on_dev: the image's own /dev stays to be seen
no_mount_on_dev() {
	edit '.root.readonly = false | .mounts |= map(select(.destination | startswith("/dev") | not))'
}

# at_createRuntime SCRIPT: it runs on the host when the root file system is set up and before it is entered: the other
# container, whose race is won.
at_createRuntime() {
	edit '.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", $script], env: ["PATH=/bin:/usr/bin"]}]' \
		--arg script "$1"
}

# sleeping [FILTER OF EDIT]: a container that waits
sleeping() {
	new_bundle
	edit "${1:-.}"
	edit '.process.args = ["sleep", "1000"]'
	detached run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
}

# hostile SCRIPT [FILTER OF EDIT]: a container that runs it and stays, and the bundle of a second one, its victim, that
# joins its pid namespace. The attacker's files are in SPY.
hostile() {
	new_bundle
	edit '.root.readonly = false'
	edit "${2:-.}"
	in_container "$1"
	detached run --detach --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	SPY=$BUNDLE/rootfs
	SPY_PID=$(pid_of "$ID")
	new_bundle
	edit "${2:-.}"
	edit '(.linux.namespaces[] | select(.type == "pid")).path = "/proc/\($pid)/ns/pid" | .process.args = ["true"]' \
		--arg pid "$SPY_PID"
}
