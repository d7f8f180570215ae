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
