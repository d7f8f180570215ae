#!/bin/sh
# map.sh [--write]: src/README.md has one line for each module, the first sentence of its header (or source) comment.
# With --write it is made anew.
. "$(dirname "$0")/common.sh"

sentence() { # the first comment of a file, up to the first full stop that ends a sentence
	awk '{ text = text " " $0 } /\*\// { exit }
	END {
		sub(/^ *\/\* */, "", text); sub(/ *\*\/.*/, "", text); gsub(/ +\* +/, " ", text)
		sub(/^[a-z0-9_]+: */, "", text)
		if (match(text, /\. [A-Z]/)) text = substr(text, 1, RSTART)
		sub(/[.:] *$/, "", text); print text
	}' "$1"
}

map() {
	cat <<-'END'
	# The source, file by file

	ARCHITECTURE.md says how the stages fit together; this is one line for each module, taken from its first comment by
	`tests/lint/map.sh --write`. Data flows downwards: no folder includes one that stands below it, `cmd` apart.
	END
	for dir in base host check plan apply stats store cmd systemd criu; do
		printf '\n## %s/\n\n| module | job |\n|---|---|\n' "$dir"
		for file in src/"$dir"/*.[ch]; do
			stem=${file%.[ch]}
			case $file in
			*.c) [ ! -f "$stem.h" ] || continue ;;
			esac
			printf '| `%s` | %s |\n' "${stem##*/}" "$(sentence "$file")"
		done
	done
}

if [ "${1:-}" = --write ]; then
	map >src/README.md
	exit
fi
map | diff -u src/README.md - || complain src/README.md "not up to date: tests/lint/map.sh --write"
done_with "map: $(grep -c '^| `' src/README.md) modules"
