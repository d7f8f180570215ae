#!/bin/sh
# command.sh COMMAND: the page nsrun-COMMAND(1) on stdout, from its part of nsrun.1. NSRUN_PAGE: that page.
set -eu
: "${NSRUN_PAGE:=$(dirname "$0")/nsrun.1}"
sed -n "s/^\.TH NSRUN /.TH NSRUN-$(echo "$1" | tr '[:lower:]' '[:upper:]') /p" "$NSRUN_PAGE"
awk -v command="$1" '
function heading(text) { print ".SH " text }
/^\.S[HS] / { on = index($0 " ", ".SS nsrun " command " ") == 1; if (!on) next }
!on { next }
/^\.SS / {
	usage = $0
	sub(/^\.SS nsrun [a-z]+ ?/, "", usage)
	print ".SH NAME\nnsrun\\-" command " \\- part of nsrun, a container runtime"
	print ".SH SYNOPSIS\n.B nsrun\n[\\fIGLOBAL FLAGS\\fR]\n.B " command "\n" usage
	heading("DESCRIPTION")
	next
}
/^\.TP/ && !flags++ { heading("FLAGS") }
{ print }
END {
	heading("SEE ALSO")
	print ".BR nsrun (1),\nwhich has the global flags, exit status, errors, files and formats."
}' "$NSRUN_PAGE"
