#!/bin/sh
# autogen.sh: makes ./configure. Needs autoconf, automake and pkg-config (contrib/deps.sh build installs them).
set -eu
cd "$(dirname "$0")"
for tool in autoreconf automake pkg-config; do
	command -v "$tool" >/dev/null || {
		echo "autogen.sh: $tool is missing; run contrib/deps.sh build" >&2
		exit 1
	}
done
exec autoreconf --force --install --warnings=all,no-obsolete
