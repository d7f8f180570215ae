#!/bin/sh
# deps.sh: installs, by package name, what the build or the tests need. Says what it runs; does nothing for what is there.
#
#	contrib/deps.sh build|test|engines|conform...
set -eu

here=$(cd "$(dirname "$0")" && pwd)
case " $* " in *' build '* | *' test '* | *' engines '* | *' conform '*) ;; *)
	echo "usage: $0 build|test|engines|conform..." >&2
	exit 2
	;;
esac

if command -v apt-get >/dev/null; then
	manager=apt-get
	build='build-essential autoconf automake pkg-config libyajl-dev libseccomp-dev libcap-dev busybox-static git
		ca-certificates'
	# Without these there is no checkpoint and restore, and all else is built.
	optional='protobuf-c-compiler libprotobuf-c-dev'
	test='libcmocka-dev bats jq strace uidmap clang clang-format libclang-rt-dev valgrind codespell groff-base procps iproute2
		nftables util-linux tmux xz-utils user-mode-linux mmdebstrap criu protobuf-c-compiler libprotobuf-c-dev libunicorn-dev'
	# crun and runc are the rivals; no recommended package, of which many are services.
	engines='podman crun runc containerd docker.io buildah criu slirp4netns fuse-overlayfs containernetworking-plugins
		python3-grpcio'
	# With it come the libraries that the programs of runtime-tools are built with.
	conform='golang-go golang-github-opencontainers-runtime-tools-dev golang-github-google-uuid-dev crun runc'
elif command -v dnf >/dev/null; then
	manager=dnf
	build='gcc make autoconf automake pkgconf-pkg-config yajl-devel libseccomp-devel libcap-devel busybox git-core
		ca-certificates xz'
	optional='protobuf-c-compiler protobuf-c-devel'
	test='libcmocka-devel bats jq strace shadow-utils clang clang-tools-extra compiler-rt valgrind codespell groff-base procps-ng
		iproute nftables util-linux tmux libasan libubsan glibc-static criu protobuf-c-compiler protobuf-c-devel
		unicorn-devel'
	engines='podman crun runc containerd moby-engine buildah criu slirp4netns fuse-overlayfs python3-grpcio'
elif command -v pacman >/dev/null; then
	manager=pacman
	build='base-devel yajl libseccomp libcap busybox git ca-certificates'
	optional='protobuf-c'
	test='cmocka bats jq strace shadow clang compiler-rt valgrind codespell groff procps-ng iproute2 nftables util-linux tmux criu
		protobuf-c'
	engines='podman crun runc containerd docker buildah criu slirp4netns fuse-overlayfs python-grpcio'
elif command -v apk >/dev/null; then
	manager=apk
	build='build-base autoconf automake pkgconf yajl-dev libseccomp-dev libseccomp-static libcap-dev libcap-static
		linux-headers busybox-static git ca-certificates'
	optional='protobuf-c-compiler protobuf-c-dev'
	test='bash cmocka-dev bats jq strace shadow shadow-subids clang clang-extra-tools compiler-rt valgrind codespell groff procps
		iproute2 nftables util-linux setpriv tmux criu protobuf-c-compiler protobuf-c-dev'
	engines='podman crun runc containerd docker buildah criu slirp4netns fuse-overlayfs py3-grpcio'
else
	echo "$0: no apt-get, dnf, pacman or apk here; install by hand: a C compiler, autoconf, automake, make," \
		"pkg-config, and the headers of yajl, libseccomp and libcap" >&2
	exit 1
fi

# present PACKAGE
present() {
	case $manager in
	apt-get) [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ] ;;
	dnf) rpm -q --whatprovides "$1" >/dev/null 2>&1 ;;
	pacman) pacman -Qi "$1" >/dev/null 2>&1 || pacman -Qg "$1" >/dev/null 2>&1 ;;
	apk) apk info -e "$1" >/dev/null 2>&1 ;;
	esac
}

# as_root COMMAND...: says it and runs it
as_root() {
	echo "+ $*"
	if [ "$(id -u)" -eq 0 ]; then
		"$@" </dev/null
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		echo "$0: this needs root, and there is no sudo" >&2
		exit 1
	fi
}

wanted=
for what in "$@"; do
	case $what in
	build) wanted="$wanted $build" ;;
	test) wanted="$wanted $test" ;;
	engines) wanted="$wanted $engines" ;;
	conform)
		[ -n "${conform:-}" ] || {
			echo "$0: conform: the validation programs are built from Debian's packages only" >&2
			exit 1
		}
		wanted="$wanted $conform"
		;;
	*)
		echo "$0: $what: build, test, engines or conform" >&2
		exit 2
		;;
	esac
done
# get_sources: of the programs that are no packages
get_sources() {
	case " $* " in *' conform '*) sh "$here/../tests/conform/sources.sh" ;; esac
}

missing=
for package in $wanted; do
	present "$package" || missing="$missing $package"
done
wished=
case " $* " in *' build '*)
	for package in $optional; do
		present "$package" || wished="$wished $package"
	done
	;;
esac
[ -n "$missing$wished" ] || {
	echo "$manager: nothing to install for: $*"
	get_sources "$@"
	exit 0
}

# Debian's packages start the services that they bring. The engines are for tests, which start their own: where there is
# no policy about it, there is one while this installs.
policy=/usr/sbin/policy-rc.d
no_services() {
	[ "$(id -u)" -eq 0 ] && [ ! -e "$policy" ] && [ ! -L "$policy" ] || return 0
	trap 'rm -f "$policy"' EXIT
	trap 'exit 130' INT TERM HUP
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
}

# install PACKAGE...
install() {
	case $manager in
	apt-get)
		as_root env DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 -qq -y \
			--no-install-recommends install "$@"
		;;
	dnf) as_root dnf -q -y install "$@" ;;
	pacman) as_root pacman -Sy --noconfirm --needed "$@" ;;
	apk) as_root apk add --quiet "$@" ;;
	esac
}

# The lists of a bare machine are empty, those of an old one stale; a mirror may need a second try.
if [ "$manager" = apt-get ]; then
	case " $* " in *' engines '*) no_services ;; esac
	for try in 1 2 3; do
		as_root apt-get -o Acquire::Retries=3 -qq update && break
		[ "$try" -eq 3 ] || sleep $((try * 5))
	done
fi
# shellcheck disable=SC2086 # lists of words
{
	[ -z "$missing" ] || install $missing
	[ -z "$wished" ] || install $wished ||
		echo "$0: without$wished nsrun is built without checkpoint and restore"
}
get_sources "$@"
