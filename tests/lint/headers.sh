#!/bin/sh
# headers.sh: each header compiles alone, with every compiler that is here.
. "$(dirname "$0")/common.sh"
need cc

headers=$(sources -name '*.h' -not -name banned.h)
compilers=
for cc in gcc clang; do
	! command -v $cc >/dev/null || compilers="$compilers $cc"
done
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
for header in $headers; do
	unit=$tmp/$(echo "$header" | tr / _).c
	# Twice: a header that lacks #pragma once defines its structs again.
	printf '#include "%s"\n#include "%s"\n' "${header#src/}" "${header#src/}" >"$unit"
done
for cc in ${compilers:-cc}; do
	# One run of the compiler for all; it goes on after the first that fails.
	$cc -std=gnu11 -D_GNU_SOURCE -I. -Isrc -Wall -Wextra -Wshadow -Wstrict-prototypes -Werror -fsyntax-only \
		"$tmp"/*.c 2>"$tmp/log" || {
		cat "$tmp/log"
		bad=$((bad + $(grep -c ' error: ' "$tmp/log")))
	}
done
done_with "headers: $(echo "$headers" | wc -l) alone with${compilers:- cc}"
