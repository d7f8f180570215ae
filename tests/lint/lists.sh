#!/bin/sh
# lists.sh: every file of the tree is in Makefile.am, so that a tarball has it.
. "$(dirname "$0")/common.sh"

files=$(find libocispec-lite src tests docs man contrib -type f -not -name '.*' -not -name '*.o' -not -path '*/.deps/*' |
	LC_ALL=C sort)
# A file is listed by its name, by a folder above it, or as the program of its name with one source.
missing=$({
	tr -s ' \t\\=' '\n\n\n\n' <Makefile.am | grep /
	echo
	echo "$files"
} | awk '
	$0 == "" { files = 1; next }
	!files { listed[$0]; next }
	{
		name = $0
		program = $0
		sub(/\.c$/, "", program)
		found = program in listed
		while (!found && name != "") {
			found = name in listed
			if (!sub(/\/[^\/]*$/, "", name))
				name = ""
		}
		if (!found)
			print
	}')
for file in $missing; do
	complain "$file" "is not in Makefile.am"
done
done_with "lists: $(echo "$files" | wc -l) files are in Makefile.am"
