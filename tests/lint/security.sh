#!/bin/sh
# security.sh [--write]: the advisories of tests/security/protections.tsv, their tests, the words of NSRUN_UNSAFE in the
# source and the table of SECURITY.md belong together. With --write the table is made anew.
. "$(dirname "$0")/common.sh"
list=tests/security/protections.tsv
page=SECURITY.md
mark='| advisory | test | switched off by |'
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# table: one line for each test, with all of its advisories
table() {
	printf '%s\n|---|---|---|\n' "$mark"
	awk -F '\t' '{
		key = $2 "\t" $3
		test = ""
		while ((getline line < ("tests/security/" $2 ".bats")) > 0)
			if (line ~ /^@test "/ && index(line, $1)) {
				test = line
				sub(/^@test "/, "", test)
				sub(/" \{$/, "", test)
			}
		close("tests/security/" $2 ".bats")
		key = $2 SUBSEP test
		if (!(key in row)) {
			order[++n] = key
			row[key] = $1
			suite[key] = $2
			what[key] = test
			sub(/.*[0-9v)]: /, "", what[key])
			words[key] = $3
		} else
			row[key] = row[key] ", " $1
	}
	END {
		for (i = 1; i <= n; i++)
			printf "| %s | `%s`: %s | %s |\n", row[order[i]], suite[order[i]], what[order[i]], \
				words[order[i]] == "-" ? "-" : "`" words[order[i]] "`"
	}' "$list"
}

if [ "${1:-}" = --write ]; then
	sed "/^| advisory |/,\$d" "$page" >"$tmp/page"
	table >>"$tmp/page"
	cat "$tmp/page" >"$page"
	exit
fi

n=0
while IFS='	' read -r advisory suite words why; do
	n=$((n + 1))
	found=$(grep -c "^@test \".*$advisory\b" "tests/security/$suite.bats" 2>/dev/null) || :
	[ "${found:-0}" -eq 1 ] || complain "$list:$n" "$suite.bats has ${found:-0} tests of $advisory"
	[ "$(cut -f1 "$list" | grep -cx "$advisory")" -eq 1 ] || complain "$list:$n" "$advisory is there twice"
	case $words in
	-) [ -n "$why" ] || complain "$list:$n" "why is there nothing to switch off?" ;;
	*)
		for word in $(echo "$words" | tr , ' '); do
			echo "$word" >>"$tmp/words"
			grep -rqF "unsafe(\"$word\")" src || complain "$list:$n" "no code asks for unsafe(\"$word\")"
		done
		;;
	esac
done <"$list"
for word in $(grep -rhoE 'unsafe\("[a-z-]*"\)' src | sed 's/unsafe("\(.*\)")/\1/' | sort -u); do
	grep -qx "$word" "$tmp/words" || complain src "unsafe(\"$word\") is in no line of $list"
done
# Each test is of an advisory.
for file in tests/security/*.bats; do
	suite=$(basename "$file" .bats)
	sed -n 's/^@test "\(.*\)" {$/\1/p' "$file" | while read -r name; do
		awk -F '\t' -v suite="$suite" -v name="$name" '$2 == suite && index(name, $1) { found = 1 } END { exit !found }' "$list" ||
			echo "$file: \"$name\" is in no line of $list"
	done
done >"$tmp/wrong"
while IFS=: read -r place text; do
	complain "$place" "${text# }"
done <"$tmp/wrong"
table >"$tmp/table"
sed -n '/^| advisory |/,$p' "$page" | cmp -s "$tmp/table" - || complain "$page" "not up to date: tests/lint/security.sh --write"
done_with "security: $n advisories, $(sort -u "$tmp/words" | wc -l) protections that can be switched off"
