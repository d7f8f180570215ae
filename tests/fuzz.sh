#!/bin/sh
# fuzz.sh: each libFuzzer target for FUZZ_SECONDS (60), from its corpus, with ASan and UBSan. Needs clang. What is found
# stays in ./fuzz/NAME/ (the inputs that crash) and ./fuzz/corpus-NAME/ (those that reach something new).
set -eu
cd "${SRCDIR:-$(dirname "$0")/..}"
out=${BUILDDIR:-$PWD}/fuzz
command -v clang >/dev/null || {
	echo "clang is missing"
	exit 77
}

failed=0
n=0
for target in libocispec-lite/fuzz/fuzz_*.c tests/fuzz/fuzz_*.c; do
	[ -e "$target" ] || continue
	name=$(basename "$target" .c)
	corpus=$(dirname "$target")/corpus
	sources=$(find libocispec-lite -maxdepth 1 -name '*.c')
	case $target in tests/*) sources="$sources $(find src/base src/host src/check src/plan -name '*.c')" ;; esac
	mkdir -p "$out/$name" "$out/corpus-$name"
	echo "== $name: ${FUZZ_SECONDS:-60} s"
	# shellcheck disable=SC2046,SC2086 # lists of words
	clang -std=gnu11 -D_GNU_SOURCE -DNSRUN_COMMIT='""' -I. -Isrc -g -O1 -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=undefined -o "$out/$name/$name" "$target" $sources \
		$(pkg-config --cflags --libs yajl libcap)
	set --
	for dict in "$(dirname "$target")"/*.dict; do
		[ ! -e "$dict" ] || set -- "$@" "-dict=$dict"
	done
	"$out/$name/$name" -max_total_time="${FUZZ_SECONDS:-60}" -timeout=5 -rss_limit_mb=1024 -print_final_stats=1 \
		-artifact_prefix="$out/$name/" "$@" "$out/corpus-$name" "$corpus" >"$out/$name/log" 2>&1 || {
		failed=$((failed + 1))
		tail -n 40 "$out/$name/log"
	}
	grep -E '^(stat::number_of_executed_units|Done )' "$out/$name/log" || :
	n=$((n + 1))
done
echo "$((n - failed)) passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
