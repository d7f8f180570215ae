/*
 * floor.c - the raw-syscall floor: what the kernel alone costs for the container of `nsrun spec`.
 *
 * `floor run ROOTFS NAME` does create, exec, wait and clean-up of that container with /bin/true in
 * it, each effect by the cheapest interface the kernel has: no JSON, no state, no check of a path,
 * no safety of any kind. No runtime can be faster than this without doing less. `floor exec` enters
 * the namespaces of a process and runs a program there, and no more. `floor empty` ends at once: it is
 * the floor of a command that makes nothing, such as state or kill.
 *
 * Knows cgroup v1, hybrid and v2, found as folders of /sys/fs/cgroup. Needs root, Linux 5.14.
 */
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <net/if.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define MNT_DETACH   2 /* <sys/mount.h> cannot be included beside <linux/mount.h> */
#define FLAGS_NONE   (MS_NOSUID | MS_NOEXEC | MS_NODEV)
#define ATTR_CGROUP  (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODEV | MOUNT_ATTR_RDONLY)
#define CLONE_SPACES (CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)
#define CAPS_KEPT    ((1U << CAP_AUDIT_WRITE) | (1U << CAP_KILL) | (1U << CAP_NET_BIND_SERVICE))

/* Ends the program when a call failed; else returns what it returned. */
int attempt(const char *what, long result)
{
	if (result < 0) {
		fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
		_exit(125);
	}
	return (int)result;
}

static int mount_fs(const char *type, const char *target, unsigned long flags, const char *data)
{
	return (int)syscall(SYS_mount, type, target, type, flags, data);
}

/* Shows source at target with the attributes added; a missing source is left out. */
static void mount_bind(const char *source, const char *target, uint64_t attributes)
{
	struct mount_attr attr = { .attr_set = attributes };
	unsigned int flags = AT_EMPTY_PATH | AT_RECURSIVE;
	int tree = (int)syscall(SYS_open_tree, AT_FDCWD, source,
	                        OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

	if (tree < 0 && errno == ENOENT)
		return;
	attempt("open_tree", tree);
	if (attributes)
		try(syscall, SYS_mount_setattr, tree, "", flags, &attr, sizeof(attr));
	try(syscall, SYS_move_mount, tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH);
	close(tree);
}

/* Below sys/fs/cgroup of the new root: every hierarchy, read-only, as the container sees it. */
static void mount_cgroups(void)
{
	char target[64];

	if (cgroups_count == 1 && cgroups[0].name[0] == '\0') {
		try(mount_fs, "cgroup2", "sys/fs/cgroup", FLAGS_NONE | MS_RDONLY, NULL);
		return;
	}
	try(mount_fs, "tmpfs", "sys/fs/cgroup", FLAGS_NONE, "mode=755");
	for (size_t i = 0; i < cgroups_count; i++) {
		snprintf(target, sizeof(target), "sys/fs/cgroup/%.31s", cgroups[i].name);
		try(mkdir, target, 0755);
		mount_bind(cgroups[i].path, target, ATTR_CGROUP);
	}
	try(mount_fs, "none", "sys/fs/cgroup", MS_REMOUNT | MS_BIND | FLAGS_NONE | MS_RDONLY, NULL);
}

static void make_dev(void)
{
	static const char *const links[][2] = {
		{ "/proc/self/fd", "dev/fd" },       { "/proc/self/fd/0", "dev/stdin" },
		{ "/proc/self/fd/1", "dev/stdout" }, { "/proc/self/fd/2", "dev/stderr" },
		{ "pts/ptmx", "dev/ptmx" },          { "/proc/kcore", "dev/core" },
	};

	for (size_t i = 0; i < N(devices); i++) {
		const struct device *d = &devices[i];

		if (d->node)
			try(mknod, d->node, S_IFCHR | 0666,
			    makedev((unsigned int)d->major, (unsigned int)d->minor));
	}
	for (size_t i = 0; i < N(links); i++)
		try(symlink, links[i][0], links[i][1]);
}

static void mount_all(void)
{
	try(mount_fs, "proc", "proc", 0, NULL);
	try(mount_fs, "tmpfs", "dev", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k");
	try(mkdir, "dev/pts", 0755);
	try(mount_fs, "devpts", "dev/pts", MS_NOSUID | MS_NOEXEC,
	    "newinstance,ptmxmode=0666,mode=0620,gid=5");
	try(mkdir, "dev/shm", 0755);
	try(mount_fs, "tmpfs", "dev/shm", FLAGS_NONE, "mode=1777,size=65536k");
	try(mkdir, "dev/mqueue", 0755);
	try(mount_fs, "mqueue", "dev/mqueue", FLAGS_NONE, NULL);
	try(mount_fs, "sysfs", "sys", FLAGS_NONE | MS_RDONLY, NULL);
	mount_cgroups();
	make_dev();
}

/* Files go under /dev/null, folders under one empty read-only tmpfs shared by all of them. */
static void mask(void)
{
	static const char *const masked[] = {
		"/proc/acpi",          "/proc/asound",     "/proc/kcore",       "/proc/keys",
		"/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
		"/sys/firmware",       "/proc/scsi",
	};
	static const char *const readonly[] = { "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
		                                "/proc/sysrq-trigger" };
	const char *empty = NULL;

	for (size_t i = 0; i < N(masked); i++) {
		const char *path = masked[i];

		if (syscall(SYS_mount, "/dev/null", path, NULL, MS_BIND, NULL) == 0)
			continue;
		if (errno == ENOENT)
			continue;
		if (empty)
			try(syscall, SYS_mount, empty, path, NULL, MS_BIND, NULL);
		else
			try(mount_fs, "tmpfs", path, MS_RDONLY, "nr_blocks=1,nr_inodes=1");
		empty = path;
	}
	for (size_t i = 0; i < N(readonly); i++)
		mount_bind(readonly[i], readonly[i], MOUNT_ATTR_RDONLY);
}

static void enter_root(const char *rootfs)
{
	struct mount_attr readonly = { .attr_set = MOUNT_ATTR_RDONLY };

	try(syscall, SYS_mount, NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	mount_bind(rootfs, rootfs, 0);
	try(chdir, rootfs);
	mount_all();
	try(syscall, SYS_mount_setattr, AT_FDCWD, ".", 0, &readonly, sizeof(readonly));
	try(syscall, SYS_pivot_root, ".", ".");
	try(syscall, SYS_umount2, ".", MNT_DETACH);
	try(chdir, "/");
	mask();
}

static void loopback_up(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = try(socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	try(ioctl, fd, SIOCSIFFLAGS, &request);
	close(fd);
}

static void become(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2] = { { .effective = CAPS_KEPT,
		                                    .permitted = CAPS_KEPT } };
	struct rlimit files = { 1024, 1024 };

	try(setsid, );
	try(syscall, SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	try(setrlimit, RLIMIT_NOFILE, &files);
	try(syscall, SYS_setgroups, 0, NULL);
	for (int cap = 0; cap < 64; cap++)
		if ((cap >= 32 || !(CAPS_KEPT >> cap & 1)) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0))
			break; /* beyond the last one of this kernel */
	try(syscall, SYS_capset, &header, caps);
	try(prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	umask(022);
}

static void init(const char *rootfs)
{
	char *argv[] = { (char[]){ "/bin/true" }, NULL };
	char *envp[] = { (char[]){ "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:"
		                   "/bin" },
		         (char[]){ "TERM=xterm" }, NULL };

	for (size_t i = 0; i < cgroups_count; i++)
		if (cgroups[i].enter >= 0)
			try(write, cgroups[i].enter, "0", 1);
	try(syscall, SYS_unshare, CLONE_NEWCGROUP);
	umask(0);
	enter_root(rootfs);
	loopback_up();
	try(sethostname, "floor", 5);
	become();
	try(syscall, SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC);
	try(execve, argv[0], argv, envp);
}

static int run(const char *rootfs, const char *id)
{
	struct clone_args args = { .flags = CLONE_SPACES, .exit_signal = SIGCHLD };
	int status;
	int pid;

	cgroups_make(id);
	if (cgroup2_fd >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)cgroup2_fd;
	}
	pid = try(syscall, SYS_clone3, &args, sizeof(args));
	if (pid == 0)
		init(rootfs);
	try(waitpid, pid, &status, 0);
	for (size_t i = 0; i < cgroups_count; i++)
		try(rmdir, cgroups[i].path);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* A process of the namespaces of pid that runs the program. */
static int enter(const char *pid, char *program)
{
	int status, target = (int)syscall(SYS_pidfd_open, atoi(pid), 0);

	attempt("pidfd_open", target);
	try(setns, target, CLONE_SPACES | CLONE_NEWCGROUP);
	pid_t child = try(vfork);
	if (child == 0) {
		execv(program, (char *[]){ program, NULL });
		_exit(127);
	}
	try(waitpid, child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 125;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "empty") == 0)
		return 0;
	if (argc == 4 && strcmp(argv[1], "run") == 0)
		return run(argv[2], argv[3]);
	if (argc == 4 && strcmp(argv[1], "exec") == 0)
		return enter(argv[2], argv[3]);
	fputs("usage: floor run ROOTFS NAME | floor exec PID PROGRAM | floor empty\n", stderr);
	return 2;
}
