#!/bin/sh
# lengths.sh: a file has at most 400 lines, a function at most 60. A longer one has the reason in a comment right above
# it ("long: ..."); a file that is one table of data has it in its first comment.
. "$(dirname "$0")/common.sh"

files=$(sources)
# shellcheck disable=SC2086 # file names without blanks
found=$(awk '
function flush_file() {
	if (file != "" && lines > 400 && !excused)
		print file ": " lines " lines, at most 400"
}
FNR == 1 {
	flush_file()
	file = FILENAME
	excused = 0
	reason = 0
}
{ lines = FNR }
FNR <= 5 && /long: / { excused = 1 }
/long: / { reason = FNR }
# Kernel layout: a function opens with a brace in the first column, and closes with one.
/^\{/ { open = FNR; why = FNR - reason <= 8 && reason > 5 }
/^\}/ {
	if (open && FNR - open - 1 > 60 && !why)
		print file ":" open ": a function of " FNR - open - 1 " lines, at most 60"
	open = 0
}
END { flush_file() }' $files)
[ -z "$found" ] || {
	echo "$found"
	bad=$(echo "$found" | wc -l)
}
done_with "lengths: $(echo "$files" | wc -l) files"
