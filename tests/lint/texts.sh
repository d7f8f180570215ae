#!/bin/sh
# texts.sh: a text that an engine looks for is written once, in src/base/engine_texts.h.
. "$(dirname "$0")/common.sh"

header=src/base/engine_texts.h
# The kernel's own are also in hints and in texts that no engine sees.
texts=$(sed -nE "/^#define TEXT_(ESRCH|EACCES|EPERM|EISDIR|ENOENT|ENOTDIR) /!s/^#define TEXT_[A-Z_]* +\"(.*)\".*/\1/p" "$header" | sed "s/%s.*//" | awk "length > 9")
old_ifs=$IFS
IFS='
'
n=0
for text in $texts; do
	n=$((n + 1))
	# shellcheck disable=SC2046 # file names without blanks
	found=$(grep -nF -- "$text" $(sources) | grep -v "^$header:" | grep '^[^:]*:[^:]*:[^*]*"' || :)
	[ -z "$found" ] || complain "${found%%	*}" "write the macro of $header for \"$text\""
done
IFS=$old_ifs
# An engine that reads the whole error takes advice for a cause.
advice=$(grep -nE 'no such process|permission denied|operation not permitted|is a directory|no such file|not a directory|does not exist|not found|not running' \
	src/apply/hint.c | grep '"' || :)
[ -z "$advice" ] || complain "$advice" "a hint has words that engines look for"
[ "$n" -ge 10 ] || complain "$header" "only $n texts were found in it"
done_with "texts: $n texts of engines are written once"
