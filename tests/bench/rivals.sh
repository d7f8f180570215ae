#!/bin/bash
# Fetch the newest crun and runc into a folder, runnable on this machine, for `make bench`.
#
# usage: rivals.sh DIR [SUITE]     (SUITE: sid)
# The packages of SUITE, with every library they need, are unpacked under DIR/tree: nothing is
# installed. The binaries are copied to DIR/bin and told to use the loader and the libraries of that
# tree. The mirror and the keys are those of the machine's own apt configuration. The last line
# printed is RIVALS="name=path ...", as bench.sh takes it.
set -euo pipefail

if [ $# -lt 1 ] || [ $# -gt 2 ]; then
	echo "usage: $0 DIR [SUITE]" >&2
	exit 2
fi
mkdir -p "$1"
dir=$(cd "$1" && pwd)
suite=${2:-sid}
for tool in apt-get dpkg-deb patchelf; do
	command -v "$tool" >/dev/null || { echo "$0: needs $tool" >&2; exit 1; }
done

# The archive this machine's own release comes from: it carries the other suites too.
# shellcheck source=/dev/null
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
uri=$(apt-get indextargets --format "\$(RELEASE) \$(COMPONENT) \$(REPO_URI)" \
	'Identifier: Packages' | awk -v r="$release" '$1 == r && $2 == "main" { print $3; exit }')
[ -n "$uri" ] || { echo "$0: apt is not configured for $release main" >&2; exit 1; }

# An apt of its own: its lists, its cache, and a machine where nothing is installed, so that the
# whole closure of libraries is downloaded.
apt=$dir/apt
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$dir/bin"
: >"$apt/status"
echo "deb $uri $suite main" >"$apt/sources.list"
private() {
	apt-get -qq -o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
		-o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
		-o Dir::State::Lists="$apt/lists" -o Dir::State::Status="$apt/status" \
		-o Dir::Cache="$apt/cache" -o APT::Sandbox::User=root \
		-o APT::Update::Post-Invoke::= -o APT::Install-Recommends=false "$@" >&2
}
private update
private --yes --download-only install crun runc

rm -rf "$dir/tree"
mkdir "$dir/tree"
for deb in "$apt"/cache/archives/*.deb; do
	case ${deb##*/} in
	crun_* | runc_* | lib*) dpkg-deb -x "$deb" "$dir/tree" ;;
	esac
done

loader=$(find "$dir/tree" -name 'ld-linux*.so.*' | head -n 1)
libs=$(find "$dir/tree" -name '*.so.*' -printf '%h\n' | sort -u | paste -sd:)
rivals=
for name in crun runc; do
	binary=$(find "$dir/tree" -path "*bin/$name" -type f | head -n 1)
	cp "$binary" "$dir/bin/$name"
	patchelf --set-interpreter "$loader" --set-rpath "$libs" "$dir/bin/$name"
	"$dir/bin/$name" --version | sed -n 1p >&2
	rivals+="${rivals:+ }$name-$suite=$dir/bin/$name"
done
echo "RIVALS=\"$rivals\""
