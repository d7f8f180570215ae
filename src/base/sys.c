/* sys: see sys.h. */
#include "base/sys.h"
#include <errno.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The numbers are the same on every architecture since 5.0. */
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

static long result(long rc)
{
	return rc < 0 ? -errno : rc;
}

int sys_openat2(int dirfd, const char *path, const struct open_how *how)
{
	return (int)result(syscall(SYS_openat2, dirfd, path, how, sizeof *how));
}

pid_t sys_clone3(struct clone_args *args)
{
	return (pid_t)result(syscall(SYS_clone3, args, sizeof *args));
}

int sys_fsopen(const char *fstype, unsigned flags)
{
	return (int)result(syscall(SYS_fsopen, fstype, flags));
}

int sys_fsconfig(int fd, unsigned cmd, const char *key, const void *value, int aux)
{
	return (int)result(syscall(SYS_fsconfig, fd, cmd, key, value, aux));
}

int sys_fsmount(int fd, unsigned flags, unsigned attr_flags)
{
	return (int)result(syscall(SYS_fsmount, fd, flags, attr_flags));
}

int sys_open_tree(int dirfd, const char *path, unsigned flags)
{
	return (int)result(syscall(SYS_open_tree, dirfd, path, flags));
}

int sys_move_mount(int from, const char *from_path, int to, const char *to_path, unsigned flags)
{
	return (int)result(syscall(SYS_move_mount, from, from_path, to, to_path, flags));
}

int sys_mount_setattr(int dirfd, const char *path, unsigned flags, struct mount_attr *attr)
{
	return (int)result(syscall(SYS_mount_setattr, dirfd, path, flags, attr, sizeof *attr));
}

int sys_close_range(unsigned first, unsigned last, unsigned flags)
{
	return (int)result(syscall(SYS_close_range, first, last, flags));
}

int sys_pidfd_open(pid_t pid, unsigned flags)
{
	return (int)result(syscall(SYS_pidfd_open, pid, flags));
}

int sys_pidfd_send_signal(int pidfd, int sig)
{
	return (int)result(syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0));
}

int sys_pidfd_getfd(int pidfd, int fd)
{
	return (int)result(syscall(SYS_pidfd_getfd, pidfd, fd, 0));
}

int sys_pivot_root(const char *new_root, const char *put_old)
{
	return (int)result(syscall(SYS_pivot_root, new_root, put_old));
}

int sys_capset(const uint32_t effective[2], const uint32_t permitted[2],
               const uint32_t inheritable[2])
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	for (int i = 0; i < 2; i++) {
		data[i].effective = effective[i];
		data[i].permitted = permitted[i];
		data[i].inheritable = inheritable[i];
	}
	return (int)result(syscall(SYS_capset, &head, data));
}

int sys_capget(uint32_t effective[2], uint32_t permitted[2], uint32_t inheritable[2])
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	int rc = (int)result(syscall(SYS_capget, &head, data));

	if (rc < 0)
		return rc;
	for (int i = 0; i < 2; i++) {
		effective[i] = data[i].effective;
		permitted[i] = data[i].permitted;
		inheritable[i] = data[i].inheritable;
	}
	return 0;
}

int sys_seccomp(unsigned op, unsigned flags, const void *args)
{
	return (int)result(syscall(SYS_seccomp, op, flags, args));
}

int sys_set_mempolicy(int mode, const unsigned long *nodes, unsigned long bits)
{
	return (int)result(syscall(SYS_set_mempolicy, mode, nodes, bits));
}

int sys_signal_default(int sig)
{
	/* The kernel's struct sigaction, at most this large on every architecture; zero is SIG_DFL. */
	static const uint64_t action[8];

	return (int)result(syscall(SYS_rt_sigaction, sig, action, NULL, _NSIG / 8));
}
