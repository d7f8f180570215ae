#!/bin/sh
# fuzz-replay.sh: the corpus of each fuzz target once through it, as a plain program, without a fuzzer.
set -eu
cd "${SRCDIR:-.}"
n=0
for target in libocispec-lite/fuzz/fuzz_*.c tests/fuzz/fuzz_*.c; do
	[ -e "$target" ] || continue
	corpus=$(dirname "$target")/corpus
	"${BUILDDIR:-.}/${target%.c}" "$corpus"/*
	n=$((n + $(find "$corpus" -type f | wc -l)))
done
echo "fuzz: $n inputs of the corpora replayed"
