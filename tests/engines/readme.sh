#!/bin/bash
# readme.sh --check|--write FILE RESULTS RUNTIMES: the rows of the README that say what works with the first of RUNTIMES.
#
# --check fails when a row names what did not work, or lacks what did. What was skipped here, and an engine that is not
# here, is not compared. --write makes them what was found.
set -u
how=$1 file=$2 results=$3 runtimes=$4
here=$(cd "$(dirname "$0")" && pwd)

# rows 1|2: see table.awk
rows() {
	awk -v runtimes="$runtimes" -v rows="$1" -f "$here/table.awk" "$results"
}

# words: the actions of a row, one a line
words() {
	sed 's/^ *//; s/ *$//; s/ · /\n/g' | LC_ALL=C sort
}

# differ TITLE WORKS: lines that say what the row in FILE has too much or too little
differ() {
	local listed skipped
	listed=$(grep -F "| $1 |" "$file" | tail -n 1 | cut -d'|' -f3 | words)
	skipped=$(rows 2 | sed -n "s/^$1|//p")
	{
		LC_ALL=C comm -23 <(echo "$listed") <(words <<<"$2") | grep -vxF -- "$skipped" | sed 's/^/listed, but not ok: /'
		LC_ALL=C comm -13 <(echo "$listed") <(words <<<"$2") | sed 's/^/ok, but not listed: /'
	} | sed "s/^/$1: /"
}

case $how in
--check)
	wrong=$(rows 1 | while IFS='|' read -r _ title works _; do
		title=${title# }
		differ "${title% }" "$works"
	done)
	[ -z "$wrong" ] || {
		echo "$wrong" | sed "s|^|$file: |"
		exit 1
	}
	echo "$file: its table of engines is what the tests found"
	;;
--write)
	new=$(mktemp) || exit 1
	rows 1 >"$new"
	# A row is known by its first cell.
	awk -F'|' 'NR == FNR { row[$2] = $0; next } ($2 in row) && NF == 4 { $0 = row[$2] } { print }' "$new" "$file" \
		>"$new.file" && cat "$new.file" >"$file"
	rm -f "$new" "$new.file"
	;;
esac
