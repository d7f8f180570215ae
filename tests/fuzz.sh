#!/bin/sh
# fuzz.sh: each libFuzzer target for FUZZ_SECONDS (60), from its corpus, with ASan and UBSan. Needs clang and a configured
# folder, BUILDDIR. FUZZ_ONLY="NAME..." takes only these. What is found stays in fuzz/NAME/ of that folder (the inputs that
# crash) and fuzz/corpus-NAME/ (those that reach something new).
set -eu
cd "${SRCDIR:-$(dirname "$0")/..}"
build=${BUILDDIR:-$PWD}
out=$build/fuzz
command -v clang >/dev/null || {
	echo "clang is missing"
	exit 77
}
[ -e "$build/config.h" ] || {
	echo "$build is not configured"
	exit 1
}
flags="-std=gnu11 -D_GNU_SOURCE -include $build/config.h -include string.h -DPKGLIBEXECDIR=\"\" -I. -Isrc -Itests/golden -Itests/fuzz -gline-tables-only -O1
	-fsanitize=address,undefined -fno-sanitize-recover=undefined $(pkg-config --cflags yajl libcap libseccomp)"
libs=$(pkg-config --libs yajl libcap libseccomp)

# All but the program itself and its helpers, compiled once for all targets.
mkdir -p "$out/objects"
# shellcheck disable=SC2016,SC2086 # the inner shell's; a list of flags
find libocispec-lite src tests/golden/facts_file.c tests/fuzz/fuzz.c tests/fuzz/tree.c -name '*.c' \
	! -path '*/fuzz/fuzz_*' ! -path 'src/main.c' ! -path 'src/systemd/*' ! -path 'src/criu/*' |
	xargs -P "$(nproc)" -I '{}' sh -c 'o=$1/$(echo "$2" | tr / _).o; source=$2; shift 2
		[ -z "$(find "$source" -newer "$o" 2>/dev/null || echo new)" ] || clang "$@" -fsanitize=fuzzer-no-link -c -o "$o" "$source"' \
		sh "$out/objects" '{}' $flags
rm -f "$out/all.a"
ar rcs "$out/all.a" "$out"/objects/*.o

failed=0
n=0
for target in libocispec-lite/fuzz/fuzz_*.c tests/fuzz/fuzz_*.c; do
	name=$(basename "$target" .c)
	case " ${FUZZ_ONLY:-$name} " in *" $name "*) ;; *) continue ;; esac
	corpus=$(dirname "$target")/corpus
	[ ! -d "$corpus/${name#fuzz_}" ] || corpus=$corpus/${name#fuzz_}
	mkdir -p "$out/$name" "$out/corpus-$name"
	# shellcheck disable=SC2086 # lists of words
	clang $flags -fsanitize=fuzzer -o "$out/$name/$name" "$target" "$out/all.a" $libs
	# The changes of fuzz_config are not text.
	dict=tests/fuzz/dict/${name#fuzz_}.dict
	[ -e "$dict" ] || dict=libocispec-lite/fuzz/oci.dict
	set -- "-dict=$dict"
	[ "$name" != fuzz_config ] || set --
	GOLDEN_DIR=$PWD/tests/golden "$out/$name/$name" -max_total_time="${FUZZ_SECONDS:-60}" -timeout=10 -rss_limit_mb=1024 \
		-print_final_stats=1 -artifact_prefix="$out/$name/" "$@" "$out/corpus-$name" "$corpus" >"$out/$name/log" 2>&1 || {
		failed=$((failed + 1))
		tail -n 40 "$out/$name/log"
	}
	# The last line of a run has how much of the code was reached.
	echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$out/$name/log") inputs in ${FUZZ_SECONDS:-60} s," \
		"$(sed -n 's/^#.*DONE *\(cov: [0-9]*\) \(ft: [0-9]*\) \(corp: [^ ]*\).*/\1, \2, \3/p' "$out/$name/log")"
	n=$((n + 1))
done
echo "$((n - failed)) passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
