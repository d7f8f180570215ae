#!/bin/sh
# format.sh: .clang-format is the law of layout; `make format` applies it.
. "$(dirname "$0")/common.sh"
need clang-format

files=$(find libocispec-lite src tests -name '*.[ch]' | LC_ALL=C sort)
# shellcheck disable=SC2086 # file names without blanks
found=$(clang-format --dry-run $files 2>&1 | sed -n 's/ warning: code should be clang-formatted.*//p' |
	cut -d: -f1 | uniq -c)
[ -z "$found" ] || {
	echo "$found" | while read -r n file; do echo "$file: $n places, run make format"; done
	bad=$(echo "$found" | wc -l)
}
done_with "format: $(echo "$files" | wc -l) files"
