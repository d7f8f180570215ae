#!/bin/sh
# table.sh: what the runs of matrix.bats found, as the table of the README.
#
#	table.sh                  the table
#	table.sh --lines          one line for each kind of host
#	table.sh --check FILE     fails when the table in FILE is not this one
#	table.sh --write FILE     makes it so
#
# Reads BUILDDIR/hosts/KIND.tap. A kind that could not be run here (all skipped) is named, and not compared.
set -u
hosts=${BUILDDIR:-$(dirname "$0")/../..}/hosts
things='create limits update pause stats kill delete'

# label KIND
label() {
	case $1 in
	v1) echo 'cgroup v1' ;;
	hybrid) echo 'hybrid: v1, with v2 beside it' ;;
	v2) echo 'cgroup v2' ;;
	hybrid-systemd) echo 'hybrid, with systemd' ;;
	v2-systemd) echo 'cgroup v2, with systemd' ;;
	user) echo 'ordinary user, with the systemd of the user' ;;
	disabled) echo 'any, with cgroups switched off' ;;
	esac
}

# cell KIND THING: one sign; a kind that was never run is not skipped but wrong
cell() {
	case $(sed -n "s/^\(ok\|not ok\) [0-9]* $2\( # skip\)\{0,1\}.*/\1\2/p" "$hosts/$1.tap" 2>/dev/null) in
	ok) echo ✓ ;;
	'ok # skip') echo – ;;
	'not ok') echo ✗ ;;
	*) echo '?' ;;
	esac
}

# reason KIND: why nothing of it was run; empty when something was
reason() {
	[ ! -e "$hosts/$1.tap" ] || grep -q '^not ok\|^ok [0-9]* [a-z]*$' "$hosts/$1.tap" ||
		sed -n 's/^ok 1 .*# skip *//p' "$hosts/$1.tap"
}

# row KIND
row() {
	line="| $(label "$1") |"
	for thing in $things; do
		line="$line $(cell "$1" "$thing") |"
	done
	echo "$line"
}

kinds='v1 hybrid v2 hybrid-systemd v2-systemd user disabled'
case ${1:-} in
'')
	echo "| host | $(echo "$things" | sed 's/ / | /g') |"
	echo '|---|---|---|---|---|---|---|---|'
	for kind in $kinds; do
		row "$kind"
	done
	;;
--lines)
	for kind in $kinds; do
		why=$(reason "$kind")
		line=
		for thing in $things; do
			line="$line $thing $(cell "$kind" "$thing")"
		done
		echo "host $kind:${why:+ skipped: $why}$([ -n "$why" ] || echo "$line")"
	done
	;;
--check)
	file=${2:?the file with the table}
	wrong=0
	for kind in $kinds; do
		if [ -n "$(reason "$kind")" ]; then
			echo "$file: $(label "$kind"): not compared: $(reason "$kind")"
		elif ! grep -qxF -- "$(row "$kind")" "$file"; then
			echo "$file: does not have: $(row "$kind")"
			wrong=1
		fi
	done
	[ $wrong -eq 0 ] && echo "$file: its table of hosts is what the tests found"
	;;
--write)
	file=${2:?the file with the table}
	new=$(mktemp) || exit 1
	for kind in $kinds; do
		[ -n "$(reason "$kind")" ] || row "$kind"
	done >"$new"
	# A row is known by its first cell.
	awk -F'|' 'NR == FNR { row[$2] = $0; next } ($2 in row) && NF == 10 { $0 = row[$2] } { print }' "$new" "$file" \
		>"$new.file" && cat "$new.file" >"$file"
	rm -f "$new" "$new.file"
	;;
*)
	echo "usage: $0 [--lines | --check FILE | --write FILE]" >&2
	exit 2
	;;
esac
