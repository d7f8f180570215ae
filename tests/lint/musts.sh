#!/bin/sh
# musts.sh: every rule of tests/spec-musts.txt names a test that is there. A line is FILE#section, the word of the spec,
# the rule, and the test, with tabs between; a test is a @test of tests/run, a function of tests/unit, a folder of
# tests/golden or a script of tests/lint. "deviation: REASON" is a rule that nsrun does not keep, on purpose. "-" and a
# kind: nothing proves it yet.
. "$(dirname "$0")/common.sh"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
list=tests/spec-musts.txt

# lines that are no rule, on stdout; "NUMBER TAB TEST" of the others in $tmp/tests
awk -F '\t' -v tests="$tmp/tests" '
NF != 4 { print FNR ": " NF " fields, not 4"; next }
$1 !~ /^(config|config-linux|runtime|runtime-linux|features|features-linux)\.md#[a-z0-9-]+$/ {
	print FNR ": \"" $1 "\" is no section of the specification"
}
$2 !~ /^(MUST|MUST NOT|REQUIRED)$/ { print FNR ": \"" $2 "\" is not MUST, MUST NOT or REQUIRED" }
$3 == "" || length($3) > 100 { print FNR ": the rule has " length($3) " characters, not 1 to 100" }
($1, $3) in seen { print FNR ": the rule of line " seen[$1, $3] " again" }
!(($1, $3) in seen) { seen[$1, $3] = FNR }
$4 ~ /^-/ { print FNR ": no test proves: " $3 " (" substr($4, 2) ")"; next }
$4 ~ /^deviation: ./ { next }
{ print FNR "\t" $4 > tests }' "$list" >"$tmp/wrong"
while IFS=: read -r line text; do
	complain "$list:$line" "${text# }"
done <"$tmp/wrong"

touch "$tmp/tests"
while IFS='	' read -r line test; do
	has_test "$test" || complain "$list:$line" "there is no test $test"
done <"$tmp/tests"

awk -F '\t' '{ sub(/#.*/, "", $1); if (!($1 in n)) file[++files] = $1; n[$1]++; proven[$1] += $4 !~ /^(-|deviation: )/ }
$4 ~ /^deviation: / { print "not kept: " $3 " (" substr($4, 12) ")" }
END { for (i = 1; i <= files; i++) print file[i] ": " proven[file[i]] " of " n[file[i]] " rules are proven" }' "$list"
done_with "musts: $(wc -l <"$list") rules, $(grep -c '	deviation: ' "$list") deviations"
