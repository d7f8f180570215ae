#!/bin/sh
# install.sh BINARY [DESTDIR]: drop-in files for the engines that have such, with the path of nsrun in them.
#
# Makes new files only; what is there is left as it is, and named. Exits 1 when one could not be made.
set -u
here=$(cd "$(dirname "$0")" && pwd)
binary=${1:?the path of nsrun}
dest=${2:-}
rc=0

# drop_in FILE TARGET
drop_in() {
	target=$dest$2
	if [ -e "$target" ] || [ -L "$target" ]; then
		if sed "s|/usr/local/bin/nsrun|$binary|g" "$here/$1" | cmp -s - "$target"; then
			echo "$target is there already"
		else
			echo "$target is there already and is left as it is; it would have been $here/$1"
		fi
		return
	fi
	mkdir -p "$(dirname "$target")" || {
		rc=1
		return
	}
	# Made beside it and linked, so that no half of it is ever read, and nothing is replaced.
	new=$(mktemp "$target.XXXXXX") || {
		rc=1
		return
	}
	sed "s|/usr/local/bin/nsrun|$binary|g" "$here/$1" >"$new" && chmod 644 "$new" && ln "$new" "$target" &&
		echo "$target is made" || rc=1
	rm -f "$new"
}

# old_containerd: one that would refuse to start over a file for 2.x, were it to import it
old_containerd() {
	[ -z "$dest" ] && containerd --version 2>/dev/null | grep -q ' v\{0,1\}1\.'
}

drop_in podman.conf /etc/containers/containers.conf.d/nsrun.conf
drop_in crio.conf /etc/crio/crio.conf.d/50-nsrun.conf
if old_containerd; then
	echo "containerd here is 1.x: $here/containerd-1.toml says what goes into its config.toml"
else
	drop_in containerd-2.toml /etc/containerd/conf.d/nsrun.toml
fi
exit $rc
