#!/bin/sh
# build.sh: builds into a folder of its own, quietly, as the owner of the clone even under sudo.
#
#	contrib/build.sh FOLDER [FLAG OF CONFIGURE]...
#
# FOLDER is seen from the top of the clone. Leaves FOLDER/nsrun; when something fails, the end of FOLDER/build.log is shown.
set -eu
cd "$(dirname "$0")/.."
top=$PWD
folder=$1
shift

# Root's files in a user's clone would be in the way later on.
owner=$(stat -c %u .)
if [ "$(id -u)" -eq 0 ] && [ "$owner" -ne 0 ] &&
	setpriv --reuid "$owner" --regid "$(stat -c %g .)" --clear-groups test -w . 2>/dev/null; then
	exec setpriv --reuid "$owner" --regid "$(stat -c %g .)" --clear-groups \
		env HOME="${TMPDIR:-/tmp}" sh "$0" "$folder" "$@"
fi

mkdir -p "$folder"
log=$top/$folder/build.log
trap '[ $? -eq 0 ] || { tail -n 40 "$log"; echo "$folder: the build failed, all of it is in $log"; } >&2' EXIT
: >"$log"

# Automake builds nowhere else when the clone itself is configured: then from a copy.
source=$top
if [ -e config.status ]; then
	source=$top/$folder/source
	rm -rf "$source"
	mkdir "$source"
	tar -cf - --exclude=./build --exclude=./config.status --exclude=./config.h --exclude=./stamp-h1 \
		--exclude='*.o' --exclude='*.a' --exclude=./Makefile --exclude=./nsrun . | tar -xf - -C "$source"
fi
cd "$source"
if [ ! -e configure ] || [ -n "$(find configure.ac Makefile.am m4/nsrun.m4 -newer configure)" ]; then
	./autogen.sh >>"$log" 2>&1
fi
cd "$top/$folder"
# Configured already, with the same flags: make does the rest.
if [ ! -e Makefile ] || [ "$(cat flags 2>/dev/null)" != "$*" ]; then
	"$source/configure" "$@" >>"$log" 2>&1
	echo "$*" >flags
fi
make -j"$(nproc)" >>"$log" 2>&1
# One after the other: both make the archives.
make -j"$(nproc)" check-programs >>"$log" 2>&1
echo "$folder/nsrun is built${*:+ with $*}: $(grep -c 'warning:' "$log" || :) warnings"
