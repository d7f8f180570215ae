# shellcheck shell=sh
# machine.sh: what the beds share: a folder that host and guest see (lab), guests, and their results. Sourced, with the
# name of the bed in `bed`.
#
# A guest is user-mode Linux, a process of this machine, with a folder of this machine as its root. It runs lab/job,
# which adds its sums to lab/NAME.tally; when that came to its end there is lab/NAME.ended.
set -u
: "${bed:?}" "${kinds:?}"
SRCDIR=${SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILDDIR=${BUILDDIR:-$SRCDIR}
NSRUN=${NSRUN:-$BUILDDIR/nsrun}
lab=
running=
begun=$(date +%s)

# bed_skip REASON: says so and ends
bed_skip() {
	echo "$bed: skipped: $1"
	# shellcheck disable=SC2086 # a list of words
	sh "$SRCDIR/tests/hosts/run.sh" --skip "$1" $kinds >/dev/null
	[ -z "${NSRUN_TALLY:-}" ] || printf '0 0 1\nreason %s\n' "$1" >>"$NSRUN_TALLY"
	exit 0
}

# bed_begin: what a guest needs is here, and there is a lab
bed_begin() {
	[ "$(id -u)" -eq 0 ] || bed_skip "needs root"
	command -v linux.uml >/dev/null || bed_skip "linux.uml is missing"
	lab=$(mktemp -d "${TMPDIR:-/tmp}/nsrun-$bed.XXXXXX") || exit 1
	trap bed_end EXIT
	trap 'exit 130' INT TERM HUP
	chmod 755 "$lab"
	# They travel on the kernel's command line.
	case $lab in *[!-+.,:@_/A-Za-z0-9]*)
		echo "$bed: a kernel cannot be told the path $lab: set TMPDIR" >&2
		exit 1
		;;
	esac
	# The guest's memory is a file: in /dev/shm, unless that is as small as containers have it.
	[ "$(df -Pk /dev/shm 2>/dev/null | awk 'END { print $4 + 0 }')" -ge 600000 ] || export TMPDIR="$lab"
}

bed_end() {
	[ -z "$running" ] || kill "$running" 2>/dev/null
	wait
	rm -rf "$lab"
}

# bed_boot NAME SECONDS ROOT KERNEL_ARGUMENT...: a guest, which may take so long, from its begin to its end. One at a time:
# two at once wait for each other's page faults where the machine is itself a guest, and take longer than one by one.
bed_boot() {
	guest=$1 seconds=$2 root=$3
	shift 3
	timeout --kill-after=5 "$seconds" linux.uml mem=512M root=/dev/root rootfstype=hostfs rootflags="$root" con=null \
		con0=null,fd:1 uml_dir="$lab/" umid="$guest" quiet lab="$lab" guest="$guest" "$@" \
		>"$lab/$guest.console" 2>&1 </dev/null &
	running=$!
	names="${names:-} $guest"
	wait "$running"
	running=
}

# bed_close: shows what the guests wrote, counts. Returns 1 when a test failed or a guest did.
bed_close() {
	dead=0
	for guest in $names; do
		[ ! -e "$lab/$guest.out" ] || cat "$lab/$guest.out"
		[ -e "$lab/$guest.ended" ] || {
			echo "$bed: machine $guest did not come to its end; its console:"
			tail -n 20 "$lab/$guest.console"
			dead=1
		}
	done
	cat "$lab"/*.tally >"$lab/sums" 2>/dev/null || :
	[ -z "${NSRUN_TALLY:-}" ] || cat "$lab/sums" >>"$NSRUN_TALLY"
	[ -z "${NSRUN_TIMES:-}" ] || cat "$lab"/*.times >>"$NSRUN_TIMES" 2>/dev/null
	sed -n 's/^reason //p' "$lab/sums" | sort | uniq -c | sed 's/^ *\([0-9]*\) \(.*\)/skipped: \2 x\1/'
	awk -v bed="$bed" -v seconds="$(($(date +%s) - begun))" -v dead="$dead" '
		$1 != "reason" { p += $1; f += $2; s += $3 }
		END { printf "%s: %d passed, %d failed, %d skipped, in %d s\n", bed, p, f, s, seconds
			exit f > 0 || dead > 0 || p + f + s == 0 }' "$lab/sums"
}
