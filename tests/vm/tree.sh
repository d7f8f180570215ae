#!/bin/sh
# tree.sh: makes the root of the systemd machine unless the cache has it; its path is the last line it prints. Needs root.
#
# The packages come from wherever apt on this machine gets those of its distribution. The tree is keyed by what is in
# it, made under a temporary name, and never written to afterwards: machines boot from it read-only. Exits 77, with the
# reason, where it cannot be made.
set -eu

packages='systemd systemd-sysv dbus dbus-user-session libpam-systemd libsystemd0 libglib2.0-0 uidmap iproute2 procps
	util-linux passwd bats jq busybox-static strace libyajl2 libseccomp2 libcap2'

cannot() {
	echo "$1"
	exit 77
}

[ "$(id -u)" -eq 0 ] || cannot "needs root"
[ -r /etc/os-release ] || cannot "there is no /etc/os-release"
# shellcheck disable=SC1091 # of this machine
. /etc/os-release
suite=${VERSION_CODENAME:-none}
cache=${XDG_CACHE_HOME:-/var/cache}/nsrun
key=$({
	echo "$ID $suite $(uname -m) $packages"
	cat "$0"
} | sha256sum | cut -c1-16)
tree=$cache/systemd-$key
[ ! -d "$tree" ] || {
	echo "$tree"
	exit 0
}
for tool in mmdebstrap apt-get; do
	command -v "$tool" >/dev/null || cannot "$tool is missing"
done
# The files of apt that name the distribution's own packages, and no others: "ORIGIN FILE:LINE".
# shellcheck disable=SC2016 # fields of apt's
sources=$(apt-get indextargets --format '$(ORIGIN) $(SOURCESENTRY)' 'Created-By: Packages' |
	sed -n "s/^$ID \(.*\):[0-9]*\$/\1/Ip" | sort -u)
[ -n "$sources" ] || cannot "apt has no packages of $ID: apt-get update"

mkdir -p "$cache"
chmod 755 "$cache"
new=$cache/.new.$$
trap 'rm -rf --one-file-system "$new"' EXIT
trap 'exit 130' INT TERM HUP
mkdir "$new"
echo "making the root of a systemd machine ($ID $suite): a minute" >&2
# shellcheck disable=SC2086 # lists of words
mmdebstrap --mode=root --variant=minbase --skip=output/dev --aptopt='APT::Install-Recommends "false"' \
	--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
	--dpkgopt='path-exclude=/usr/share/locale/*' \
	--include="$(echo $packages | tr ' ' ,)" "$suite" "$new/root" $sources >"$new/log" 2>&1 </dev/null || {
	tail -n 5 "$new/log" >&2
	cannot "mmdebstrap cannot get the packages of a systemd machine (is there a network?)"
}

# What a machine that lives for a minute has no use for.
for unit in getty.target getty@.service serial-getty@.service console-getty.service remote-fs.target \
	systemd-udevd.service systemd-udev-trigger.service systemd-udevd-control.socket systemd-udevd-kernel.socket \
	systemd-resolved.service systemd-networkd.service systemd-timesyncd.service systemd-journal-flush.service \
	systemd-journald-audit.socket systemd-hwdb-update.service systemd-sysusers.service systemd-update-utmp.service \
	systemd-random-seed.service systemd-remount-fs.service systemd-firstboot.service systemd-binfmt.service \
	systemd-modules-load.service systemd-machine-id-commit.service proc-sys-fs-binfmt_misc.automount \
	dev-hugepages.mount sys-kernel-debug.mount sys-kernel-tracing.mount timers.target apt-daily.timer \
	apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer \
	systemd-pcrphase.service systemd-pcrphase-sysinit.service; do
	ln -sf /dev/null "$new/root/etc/systemd/system/$unit"
done
echo 00000000000000000000000000000001 >"$new/root/etc/machine-id"
echo nsrun-test >"$new/root/etc/hostname"
for dir in /tmp /var/tmp /var/log /var/lib/systemd /home /lab; do
	mkdir -p "$new/root$dir"
	echo "tmpfs $dir tmpfs mode=$([ "${dir%tmp}" = "$dir" ] && echo 755 || echo 1777) 0 0"
done >"$new/root/etc/fstab"
chroot "$new/root" useradd --no-create-home --home-dir /home/tester --shell /bin/sh --uid 1000 tester
grep -qs ^tester: "$new/root/etc/subuid" || {
	echo tester:100000:65536 >>"$new/root/etc/subuid"
	echo tester:100000:65536 >>"$new/root/etc/subgid"
}
# "lab" on the kernel's command line is the folder of the machine that started this one, where the job is.
cat >"$new/root/etc/systemd/system/lab.service" <<'UNIT'
[Unit]
Description=the job of a test machine
After=local-fs.target dbus.service systemd-logind.service systemd-user-sessions.service
[Service]
Delegate=yes
ExecStart=/bin/sh -c 'lab=$$(tr " " "\\n" </proc/cmdline | sed -n s/^lab=//p) && mkdir -p /lab/job && \
	mount -t hostfs -o "$$lab" none /lab/job && exec sh /lab/job/job'
ExecStopPost=/bin/systemctl poweroff --force
[Install]
WantedBy=multi-user.target
UNIT
mkdir -p "$new/root/etc/systemd/system/multi-user.target.wants"
ln -s ../lab.service "$new/root/etc/systemd/system/multi-user.target.wants/lab.service"
# Another run may have been quicker.
mv -T "$new/root" "$tree" 2>/dev/null || [ -d "$tree" ]
echo "$tree"
