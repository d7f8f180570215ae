#!/bin/sh
# spelling.sh: codespell over all that people read; unit tests, goldens and netwrok misspell on purpose.
. "$(dirname "$0")/common.sh"
need codespell

found=$(codespell --quiet-level 2 --skip '*/corpus/*,tests/unit,tests/golden,*.o,*.a' \
	--ignore-words-list 'creat,inh,nam,netwrok,passt,te,upto' \
	$(ls README.md SECURITY.md ARCHITECTURE.md CONTRIBUTING.md CHANGELOG.md 2>/dev/null) configure.ac Makefile.am m4/nsrun.m4 \
	libocispec-lite src tests contrib docs man 2>&1) || :
[ -z "$found" ] || {
	echo "$found"
	bad=$(echo "$found" | wc -l)
}
done_with "spelling: sources, tests and pages"
