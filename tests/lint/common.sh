# common.sh: what the lint scripts share. Sourced; leaves the working directory at the top of the sources.
set -eu
cd "$(dirname "$0")/../.."
bad=0

# complain PLACE TEXT: one finding
complain() {
	printf '%s: %s\n' "$1" "$2"
	bad=$((bad + 1))
}

# sources [FIND ARGUMENTS]: our C files, the tests' not among them
sources() {
	find libocispec-lite src -name '*.[ch]' -not -path '*/fuzz/*' "$@" | LC_ALL=C sort
}

# need TOOL...: skips the script where one is missing
need() {
	for tool in "$@"; do
		command -v "$tool" >/dev/null || {
			echo "$tool is missing"
			exit 77
		}
	done
}

# done_with TEXT: the closing line, and the verdict
done_with() {
	if [ "$bad" -gt 0 ]; then
		echo "$1: $bad wrong"
		exit 1
	fi
	echo "$1"
}

# has_test TEST: is there such a test? 'tests/run/a.bats: "name"', "tests/unit/test_a.c: function", tests/golden/plan-a
# or tests/lint/a.sh
has_test() {
	file=${1%%:*}
	name=${1#*: }
	case $1 in
	tests/run/*.bats:\ \"*\") [ -f "$file" ] && grep -qF "@test $name {" "$file" ;;
	tests/unit/test_*.c:\ *) # a function in a list of tests, whatever macro made it
		[ -f "$file" ] && grep -qE "cmocka_unit_test[a-z_]*\(${name}[,)]" "$file"
		;;
	tests/golden/check-* | tests/golden/plan-*) [ -d "$1" ] ;;
	tests/lint/*.sh) [ -f "$1" ] ;;
	*) return 1 ;;
	esac
}
