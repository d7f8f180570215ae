#!/bin/sh
# programs.sh: builds the validation programs of OCI runtime-tools, unless the cache has them; its last line is their
# folder. Exits 77, with the reason, where they cannot be built. Downloads and installs nothing.
#
# The sources are those of Debian's source package golang-github-opencontainers-runtime-tools, unpacked in
# NSRUN_RUNTIME_TOOLS or where `contrib/deps.sh conform` puts them; the libraries are packages too. The one library that
# Debian has not, tap-go, is tap.go.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-/var/cache}/nsrun
sources=${NSRUN_RUNTIME_TOOLS:-$cache/runtime-tools}
libraries=/usr/share/gocode

cannot() {
	echo "$1"
	exit 77
}

command -v go >/dev/null || cannot "go is missing: contrib/deps.sh conform"
[ -d "$sources/validation" ] || cannot "the sources of runtime-tools are not in $sources: contrib/deps.sh conform"
[ -d "$libraries/src/github.com/google/uuid" ] || cannot "Go libraries are missing: contrib/deps.sh conform"
key=$({
	go version
	cat "$0" "$here/tap.go"
	find "$sources/validation" "$sources/cmd/runtimetest" -name '*.go' | LC_ALL=C sort | xargs sha256sum
} | sha256sum | cut -c1-16)
programs=$cache/conform-$key
[ ! -d "$programs" ] || {
	echo "$programs"
	exit 0
}

mkdir -p "$cache"
new=$cache/.conform.$$
trap 'rm -rf "$new"' EXIT
trap 'exit 130' INT TERM HUP
mkdir -p "$new/go/src/github.com/opencontainers" "$new/go/src/github.com/mndrix/tap-go" "$new/bin"
cp "$here/tap.go" "$new/go/src/github.com/mndrix/tap-go/"
cp -R "$sources" "$new/go/src/github.com/opencontainers/runtime-tools"
cd "$new/go/src/github.com/opencontainers/runtime-tools"
# No network, no modules; static, since runtimetest runs in the container.
export GOPATH="$new/go:$libraries" GO111MODULE=off GOFLAGS="" GOPROXY=off GOCACHE="$new/cache" CGO_ENABLED=0
echo "building the validation programs of runtime-tools: minutes" >&2
go build -o "$new/bin/runtimetest" ./cmd/runtimetest >&2 || cannot "runtimetest does not compile with these libraries"
for dir in validation/*/; do
	name=$(basename "$dir")
	[ "$name" = util ] || go build -o "$new/bin/$name" "./$dir" >&2 ||
		cannot "$name does not compile with these libraries"
done
chmod -R u+w "$new/cache"
mv "$new/bin" "$programs"
echo "$programs"
