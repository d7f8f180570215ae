#!/bin/sh
# support.sh [--write]: docs/support.md says of every property of config.json since when the specification has it, which
# step applies it, and which test proves that. The properties come from the tables of libocispec-lite, the rest from
# tests/support.tsv: property, version, step kinds (or "check", "command", "ignored: other platform", "later"), test;
# tabs between. Needs tests/lint/schema_paths, built in BUILDDIR. With --write the page is made anew.
. "$(dirname "$0")/common.sh"
paths=${BUILDDIR:-.}/tests/lint/schema_paths
[ -x "$paths" ] || {
	echo "nothing is built in ${BUILDDIR:-.}"
	exit 77
}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
list=tests/support.tsv
page=docs/support.md
"$paths" >"$tmp/properties"
sed -n 's/^\t\[STEP_[A-Z_]*\] *= { "\([a-z-]*\)".*/\1/p' src/plan/kinds.c >"$tmp/kinds"

# table: the page, in the order of the schema; a heading for each object that holds other objects
table() {
	awk -F '\t' -v list="$list" '
	function heading(path,   part, n) {
		n = split(path, part, ".")
		if (n > 3 && part[1] "." part[2] == "linux.resources")
			return part[1] "." part[2] "." part[3]
		if (n > 2 && part[1] == "linux")
			return part[1] "." part[2]
		return n > 1 ? part[1] : "top"
	}
	FILENAME == list { since[$1] = $2; how[$1] = $3; test[$1] = $4; next }
	{
		h = heading($1)
		sub(/(\[\])?(\.\*)?$/, "", h)
		if (!(h in text))
			order[++headings] = h
		# A test is named by its file and its own name; a step kind is code.
		gsub(/[a-z-]+/, "`&`", how[$1])
		if (how[$1] ~ /ignored/)
			how[$1] = "ignored: other platform"
		text[h] = text[h] "| `" $1 "` | " since[$1] " | " how[$1] " | " \
			(test[$1] == "-" ? "-" : "`" test[$1] "`") " |\n"
	}
	END {
		for (i = 1; i <= headings; i++)
			printf "\n## %s\n\n| property | since | applied by | tested by |\n|---|---|---|---|\n%s",
				order[i], text[order[i]]
	}' "$list" "$tmp/properties"
}

support() {
	cat <<-'END'
		# What nsrun does with each property of config.json

		One line for each value that runtime-spec 1.3 knows, made by `tests/lint/support.sh --write` from the tables of
		libocispec-lite and tests/support.tsv. `a[].b` is a member of each item of an array, `a.*.b` one under free keys.
		"applied by" names the kinds of steps that `nsrun plan` prints; `check` is for what is looked at and changes nothing,
		`command` for what a command does without a step. Properties that no list here has are ignored, as the
		specification wants it.
	END
	table
}

if [ "${1:-}" = --write ]; then
	support >"$page"
	exit
fi

# "NUMBER TAB TEST" of each line whose test must be there in $tmp/tests
awk -F '\t' -v tests="$tmp/tests" -v kinds="$tmp/kinds" -v properties="$tmp/properties" '
FILENAME == kinds { kind[$1]; next }
FILENAME == properties { wanted[$1] = ++n; next }
NF != 4 { print FNR ": " NF " fields, not 4"; next }
!($1 in wanted) { print FNR ": config.json has no property " $1; next }
$1 in row { print FNR ": the property of line " row[$1] " again"; next }
{ row[$1] = FNR }
$2 !~ /^1\.[0-9](\.[0-9])?$/ { print FNR ": \"" $2 "\" is no version of the specification" }
$3 == "later" { print FNR ": " $1 " is not supported yet"; next }
{
	if ($3 != "ignored: other platform") {
		m = split($3, part, ", ")
		for (i = 1; i <= m; i++)
			if (!(part[i] in kind) && part[i] != "check" && part[i] != "command")
				print FNR ": no kind of step is called \"" part[i] "\""
		if (!m)
			print FNR ": nothing applies " $1
	}
	if ($4 == "-" && $3 == "ignored: other platform")
		next
	if ($4 == "-")
		print FNR ": no test proves " $1
	else
		print FNR "\t" $4 > tests
}
END {
	for (p in wanted)
		if (!(p in row))
			print "0: has no line for " p
}' "$tmp/kinds" "$tmp/properties" "$list" >"$tmp/wrong"
while IFS=: read -r line text; do
	complain "$list:$line" "${text# }"
done <"$tmp/wrong"

touch "$tmp/tests"
while IFS='	' read -r line test; do
	has_test "$test" || complain "$list:$line" "there is no test $test"
done <"$tmp/tests"
support | cmp -s "$page" - || complain "$page" "not up to date: tests/lint/support.sh --write"
done_with "support: $(wc -l <"$tmp/properties") properties"
