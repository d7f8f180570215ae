#!/bin/sh
# init.sh: the first process of a machine with pure cgroup v2 whose root is another machine's: it sees that nothing of
# the other's is written to but $lab, runs the job there, and switches off. The kernel hands over $lab and $guest.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH HOME=/root lab guest

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /root
# A devtmpfs is there, but nobody has made the links in it.
mkdir -p /dev/pts /dev/shm
ln -s /proc/self/fd /dev/fd
ln -s fd/0 /dev/stdin
ln -s fd/1 /dev/stdout
ln -s fd/2 /dev/stderr
mount -t devpts -o mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
# /tmp stays: the build may be there.
mkdir -m 1777 /run/tests
mount -t tmpfs -o mode=1777 tmpfs /run/tests
export TMPDIR=/run/tests
ip link set lo up

if [ "$guest" = shell ]; then
	setsid --ctty sh -i </dev/console >/dev/console 2>&1
else
	sh "$lab/job" >"$lab/$guest.out" 2>&1 </dev/null && touch "$lab/$guest.ended"
fi
poweroff -f
