#!/bin/sh
# coverage.sh: which lines and functions of src and libocispec-lite the tests execute, per folder, and which functions of
# src/apply none of them does. Builds in BUILDDIR/coverage, with clang and fault injection.
#
#	coverage.sh TEST...
#
# The counters are a file that each process has mapped (clang's continuous mode). gcc's are memory that is written at exit, and
# lost with who is killed, executes, or cannot open the file behind pivot_root(2): that is init, of which this sees all. Not seen:
# nsrun as another user than root, which cannot open the file. Counting costs descriptors and time: a test that fails here is
# named, and does not fail this. Exits 77 where clang or llvm is missing.
set -eu
for tool in clang llvm-profdata llvm-cov; do
	command -v $tool >/dev/null || { echo "$tool is missing" && exit 77; }
done
src=$(cd "$(dirname "$0")/.." && pwd)
dir=$(mkdir -p "${BUILDDIR:-.}/coverage/raw" && cd "${BUILDDIR:-.}/coverage" && pwd)
cd "$dir"
[ -e Makefile ] || "$src/configure" -q CC=clang --enable-faults CFLAGS="-O0 -g \
-fprofile-instr-generate=$dir/raw/%m%c.profraw -fcoverage-mapping -mllvm -runtime-counter-relocation \
-Wno-unused-command-line-argument" >configure.log 2>&1 || { cat configure.log && exit 1; }
make -s -j"$(nproc)" >make.log 2>&1 && make -s -j"$(nproc)" check-programs >>make.log 2>&1 || { tail -n 20 make.log && exit 1; }
rm -f raw/*
NSRUN=$dir/nsrun BUILDDIR=$dir SRCDIR=$src CC=clang sh "$src/tests/runner.sh" "$@" || echo "coverage: what failed above is not told by the figures"

llvm-profdata merge -sparse -o profile raw/*.profraw
set -- "$dir/nsrun"
for program in nsrun-systemd nsrun-criu tests/unit/test_* tests/golden/golden_*; do
	[ ! -x "$program" ] || [ -d "$program" ] || set -- "$@" -object "$program"
done
# Names in the report begin where those of all files differ.
files=$(find "$src/src" "$src/libocispec-lite" -name '*.c' ! -path '*/fuzz/*' | sort)
# shellcheck disable=SC2086 # a list
llvm-cov report "$@" -instr-profile=profile $files >report.txt
# shellcheck disable=SC2046 # a list
llvm-cov report "$@" -instr-profile=profile -show-functions $(echo "$files" | grep /src/apply/) >functions.txt
awk '
# Filename, regions, functions, lines: of each how many, missed, covered.
NF >= 10 && $1 ~ /\.c$/ && $2 ~ /^[0-9]+$/ {
	folder = $1
	sub(/.*libocispec-lite\/.*/, "libocispec-lite", folder)
	sub(/^(.*\/)?src\//, "", folder)
	sub(/\/[^\/]*$/, "", folder)
	if (folder ~ /\.c$/) folder = "src"
	else if (folder != "libocispec-lite") folder = "src/" folder
	f[folder] += $5; fm[folder] += $6; l[folder] += $8; lm[folder] += $9
	F += $5; FM += $6; L += $8; LM += $9
}
function row(name, l, lm, f, fm) {
	printf "%-18s %6d lines %5.1f %%   %5d functions %5.1f %%\n", name, l, 100 * (l - lm) / l, f, 100 * (f - fm) / f
}
END {
	for (name in l) row(name, l[name], lm[name], f[name], fm[name])
	row("all", L, LM, F, FM)
}' report.txt | sort
echo "never called in src/apply:"
awk '
/^File / { file = $2; gsub(/.*\/|[\x27:]/, "", file) }
NF >= 7 && $2 ~ /^[0-9]+$/ && $1 != "TOTAL" && $5 > 0 && $5 == $6 { sub(/.*:/, "", $1); print "\t" file "\t" $1; n++ }
END { if (!n) print "\tnone" }' functions.txt
