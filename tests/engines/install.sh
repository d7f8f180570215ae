#!/bin/sh
# install.sh: `make install-engines` puts drop-in files with the right path below DESTDIR, and touches no file that is there.
set -u
dest=$(mktemp -d) || exit 1
trap 'rm -rf "$dest"' EXIT
failed=0 passed=0

# check WHAT COMMAND...
check() {
	what=$1
	shift
	if "$@" >"$dest.log" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$what: failed"
		cat "$dest.log"
	fi
	rm -f "$dest.log"
}

install_engines() {
	sh "${SRCDIR:-.}/contrib/engines/install.sh" /opt/bin/nsrun "$dest"
}

three_files() {
	install_engines && [ "$(find "$dest" -type f | wc -l)" -eq 3 ] &&
		grep -q '^nsrun = \["/opt/bin/nsrun"\]' "$dest/etc/containers/containers.conf.d/nsrun.conf" &&
		grep -q '^runtime_path = "/opt/bin/nsrun"' "$dest/etc/crio/crio.conf.d/50-nsrun.conf" &&
		grep -q "BinaryName = '/opt/bin/nsrun'" "$dest/etc/containerd/conf.d/nsrun.toml" &&
		[ -z "$(find "$dest" -type f ! -perm 644)" ] && ! grep -r /usr/local/bin/nsrun "$dest"
}

kept() {
	echo mine >"$dest/etc/crio/crio.conf.d/50-nsrun.conf"
	rm "$dest/etc/containers/containers.conf.d/nsrun.conf"
	ln -s /nowhere "$dest/etc/containers/containers.conf.d/nsrun.conf"
	install_engines | grep 'left as it is' | wc -l | grep -qx 2 &&
		[ "$(cat "$dest/etc/crio/crio.conf.d/50-nsrun.conf")" = mine ] &&
		[ "$(readlink "$dest/etc/containers/containers.conf.d/nsrun.conf")" = /nowhere ] &&
		[ "$(find "$dest" ! -type d | wc -l)" -eq 3 ]
}

no_room() {
	rm -rf "$dest/etc"
	echo in the way >"$dest/etc"
	! install_engines
}

json_is_json() {
	! command -v jq >/dev/null || jq -e '.runtimes.nsrun.path' "${SRCDIR:-.}/contrib/engines/daemon.json"
}

check "three new files" three_files
check "files that are there are kept" kept
check "what cannot be made is an error" no_room
check "daemon.json is JSON" json_is_json
echo "$passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
