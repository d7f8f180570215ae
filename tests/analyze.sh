#!/bin/sh
# analyze.sh: gcc's -fanalyzer, cppcheck and clang-tidy over src and libocispec-lite. Builds in BUILDDIR/analyze, prints what was found and
# counts; a finding that tests/analyze.tsv has no reason for fails. Minutes, so not part of check. Exits 77 when none is here.
set -eu
src=$(cd "$(dirname "$0")/.." && pwd)
dir=${BUILDDIR:-.}/analyze
mkdir -p "$dir"
cd "$dir"
found=found.tsv
: >$found
tools=

# A finding is known by tool, file and name: lines move.
if gcc -fanalyzer -E -x c /dev/null >/dev/null 2>&1; then
	tools="gcc -fanalyzer"
	"$src/configure" -q CC=gcc CFLAGS='-O2 -fanalyzer' >configure.log 2>&1 || { cat configure.log && exit 1; }
	make -s clean >/dev/null
	make -k >gcc.log 2>&1 || { tail -n 20 gcc.log && exit 1; }
	sed -nE 's#^.*((src|libocispec-lite)/[^: ]*):[0-9:]* warning: .*\[(-Wanalyzer[^]]*)\]$#gcc\t\1\t\3#p' gcc.log >>$found
fi
if command -v cppcheck >/dev/null; then
	tools="${tools:+$tools, }cppcheck"
	(cd "$src" && cppcheck --quiet --std=c11 --enable=warning,portability --suppress=missingInclude -D_GNU_SOURCE -DHAVE_SECCOMP=1 \
		-I src -I . --template='cppcheck\t{file}\t{id}\t{line}: {message}' src libocispec-lite) 2>cppcheck.log
	grep '^cppcheck' cppcheck.log | cut -f 1-3 >>$found || :
fi
# Off is what finds style: (char)n, names of the kernel's headers, tables of pointers, snprintf(3) that may cut, Annex K, which
# glibc lacks. A process for each file: in one for several clang 14 takes the va_list of the second for uninitialized.
if command -v clang-tidy >/dev/null && [ -e ../config.h ]; then
	tools="${tools:+$tools, }clang-tidy"
	checks='-*,bugprone-*,clang-analyzer-*,cert-*'
	checks="$checks,-bugprone-easily-swappable-parameters,-bugprone-narrowing-conversions,-bugprone-reserved-identifier"
	checks="$checks,-bugprone-sizeof-expression,-cert-dcl37-c,-cert-dcl51-cpp,-cert-err33-c"
	checks="$checks,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling,-clang-analyzer-security.insecureAPI.vfork"
	build=$(cd .. && pwd)
	find "$src/src" "$src/libocispec-lite" -name '*.c' ! -path '*/fuzz/*' | sort | while read -r file; do
		clang-tidy --quiet --checks="$checks" "$file" -- -std=gnu11 -D_GNU_SOURCE -include "$build/config.h" \
			-I "$src" -I "$src/src" -I "$build/src" -DPKGLIBEXECDIR='"/"' </dev/null 2>>tidy.err || :
	done >tidy.log
	sed -nE 's#^.*/((src|libocispec-lite)/[^:]*):[0-9:]* warning: .*\[([^],]*)[^]]*\]$#clang-tidy\t\1\t\3#p' tidy.log >>$found
fi
[ -n "$tools" ] || { echo "none of gcc with -fanalyzer, cppcheck and clang-tidy is here" && exit 77; }
sort -u $found | awk -F '\t' -v tools="$tools" '
FNR == NR { if (!/^#/) reason[$1 FS $2 FS $3] = $4; next }
{
	n++
	if ($0 in reason) next
	print "no reason: " $0
	bad++
}
END {
	printf "analyze: %s: %d findings, %d with a reason in tests/analyze.tsv\n", tools, n, n - bad
	exit bad > 0
}' "$src/tests/analyze.tsv" -
