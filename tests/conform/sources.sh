#!/bin/sh
# sources.sh: gets the sources of OCI runtime-tools, which hold the validation programs, unless the cache has them. They
# are those of Debian's source package: apt fetches them from where it gets this machine's packages, from the suite of
# this machine or a newer one, and the sum in apt's signed lists is compared. Nothing is installed.
# contrib/deps.sh conform runs it.
set -eu
package=golang-github-opencontainers-runtime-tools
cache=${XDG_CACHE_HOME:-/var/cache}/nsrun
[ ! -d "$cache/runtime-tools" ] || exit 0

command -v apt-get >/dev/null || {
	echo "$0: no apt-get here: unpack the sources of runtime-tools into $cache/runtime-tools" >&2
	exit 1
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/source"
# shellcheck disable=SC2016 # fields of apt's
archive=$(apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' 'Created-By: Packages' |
	sed -n 's/^Debian //p' | grep -v security | head -n 1)
[ -n "$archive" ] || {
	echo "$0: apt has no packages of Debian: unpack the sources of runtime-tools into $cache/runtime-tools" >&2
	exit 1
}
# apt_get ARGUMENTS...: with lists of our own
apt_get() {
	tool=$1
	shift
	"$tool" -qq -o Dir::Etc::SourceList="$work/list" -o Dir::Etc::SourceParts=/dev/null -o APT::Sandbox::User=root \
		-o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache" "$@"
}
cd "$work/source"
for suite in $(
	# shellcheck disable=SC1091 # of this machine
	. /etc/os-release && echo "${VERSION_CODENAME:-}") stable sid; do
	echo "deb-src $archive $suite main" >"$work/list"
	apt_get apt-get update || continue
	# A mirror may lack one of the three files of a package: only the sources themselves are wanted.
	apt_get apt-get --download-only source "$package" >/dev/null 2>&1 || :
	for file in "$package"_*.orig.tar.*; do
		[ -f "$file" ] || continue
		sum=$(sha256sum "$file" | cut -d' ' -f1)
		apt_get apt-cache showsrc "$package" | grep -q "$sum.* $file" || continue
		mkdir -p "$cache"
		mkdir "$work/new"
		tar -xf "$file" -C "$work/new" --strip-components=1
		mv "$work/new" "$cache/runtime-tools"
		echo "the sources of runtime-tools are in $cache/runtime-tools ($file)"
		exit 0
	done
done
echo "$0: no suite of this mirror has the sources of $package" >&2
exit 1
