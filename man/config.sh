#!/bin/sh
# config.sh: the page nsrun-config(5) on stdout, from docs/support.md. NSRUN_SUPPORT: that page.
set -eu
: "${NSRUN_SUPPORT:=$(dirname "$0")/../docs/support.md}"
cat <<'PAGE'
.\" Made by man/config.sh.
.TH NSRUN-CONFIG 5 2026-11 nsrun "File Formats"
.SH NAME
nsrun\-config \- what nsrun does with each property of config.json
.SH DESCRIPTION
The file is that of the OCI runtime specification, version 1.3.
.B nsrun check
finds what is wrong in one, and
.B nsrun plan
shows what will be done.
.PP
Below are the properties, the version of the specification that each came with, and the kinds of steps that apply it; see
.BR nsrun\-plan (7).
.I check
is for what is looked at and changes nothing,
.I command
for what a command does without a step.
.I a[].b
is a member of each item of an array,
.I a.*.b
one under free keys.
Properties that are not here are ignored, as the specification wants it.
PAGE
sed -e 's/\\/\\e/g; s/-/\\-/g; s/`//g' "$NSRUN_SUPPORT" | awk -F ' [|] ' '
/^## / { print ".SH " toupper(substr($0, 4)); next }
/^[|] / && !/^[|] property / {
	printf ".TP\n.B %s\nSince %s: %s.\n", substr($1, 3), $2, $3
}'
cat <<'PAGE'
.SH SEE ALSO
.BR nsrun (1),
.BR nsrun\-plan (7)
PAGE
