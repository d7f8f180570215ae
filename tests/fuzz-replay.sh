#!/bin/sh
# fuzz-replay.sh: the corpus of each fuzz target once through it, as a plain program, without a fuzzer.
set -eu
cd "${SRCDIR:-.}"
export GOLDEN_DIR="${GOLDEN_DIR:-$PWD/tests/golden}"
n=0
for target in libocispec-lite/fuzz/fuzz_*.c tests/fuzz/fuzz_*.c; do
	name=$(basename "$target" .c)
	corpus=$(dirname "$target")/corpus
	[ ! -d "$corpus/${name#fuzz_}" ] || corpus=$corpus/${name#fuzz_}
	"${BUILDDIR:-.}/${target%.c}" "$corpus"/*
	n=$((n + $(find "$corpus" -type f | wc -l)))
done
echo "fuzz: $n inputs of the corpora replayed"
