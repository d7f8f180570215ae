#!/bin/sh
# lists.sh: every file of the tree is in Makefile.am, so that a tarball has it.
. "$(dirname "$0")/common.sh"

files=$(find libocispec-lite src tests docs man contrib m4 -type f -not -name '.*' -not -name '*.o' -not -path '*/.deps/*' |
	LC_ALL=C sort)
listed=$(tr -s ' \t\\=' '\n\n\n\n' <Makefile.am | grep / || :)
for file in $files; do
	name=$file
	case $file in m4/*) continue ;; esac
	# A program with one source of the same name.
	! echo "$listed" | grep -qxF "${file%.c}" || continue
	while [ "$name" != . ]; do
		! echo "$listed" | grep -qxF "$name" || continue 2
		name=$(dirname "$name")
	done
	complain "$file" "is not in Makefile.am"
done
done_with "lists: $(echo "$files" | wc -l) files are in Makefile.am"
