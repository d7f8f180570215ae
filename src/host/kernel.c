/* kernel: see kernel.h. No call here changes anything: each has an argument that every kernel refuses. */
#include "host/kernel.h"
#include "base/fd.h"
#include "base/sys.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mempolicy.h>
#include <linux/seccomp.h>
#include <sys/vfs.h>
#include <unistd.h>

#define BAD ~0u /* flags that no call has */

/* Since when: the man page of each call. */
#ifndef MPOL_F_NUMA_BALANCING
#define MPOL_F_NUMA_BALANCING (1 << 13)
#endif
#define PREFERRED_MANY      5 /* of enum, not of macros */
#define WEIGHTED_INTERLEAVE 6

static int ask_openat2(void)
{
	return sys_openat2(-1, "", &(struct open_how){ .resolve = UINT64_MAX });
}

static int ask_clone3(void)
{
	return sys_clone3(&(struct clone_args){ .flags = UINT64_MAX, .exit_signal = UINT64_MAX });
}

static int ask_fsopen(void)
{
	return sys_fsopen(NULL, BAD);
}

static int ask_fsconfig(void)
{
	return sys_fsconfig(-1, BAD, NULL, NULL, 0);
}

static int ask_fsmount(void)
{
	return sys_fsmount(-1, BAD, 0);
}

static int ask_open_tree(void)
{
	return sys_open_tree(-1, "", BAD);
}

static int ask_move_mount(void)
{
	return sys_move_mount(-1, "", -1, "", BAD);
}

static int ask_mount_setattr(void)
{
	return sys_mount_setattr(-1, "", BAD, &(struct mount_attr){ 0 });
}

static int ask_close_range(void)
{
	return sys_close_range(1, 0, BAD);
}

static int ask_pidfd_open(void)
{
	return sys_pidfd_open(-1, BAD);
}

static int ask_pidfd_send_signal(void)
{
	return sys_pidfd_send_signal(-1, 0);
}

static int ask_pidfd_getfd(void)
{
	return sys_pidfd_getfd(-1, -1);
}

static int ask_wait_killable(void)
{
	/* Known flags get as far as the filter that is not there. */
	int rc = sys_seccomp(SECCOMP_SET_MODE_FILTER, 1u << 5 | SECCOMP_FILTER_FLAG_NEW_LISTENER,
	                     NULL);

	return rc == -EINVAL ? -ENOSYS : rc;
}

/* The mode is looked at before the nodes, which are not there. */
static int ask_mempolicy(int mode)
{
	int rc = sys_set_mempolicy(mode, (const unsigned long *)8, 64);

	return rc == -EINVAL ? -ENOSYS : rc;
}

static int ask_preferred_many(void)
{
	return ask_mempolicy(PREFERRED_MANY);
}

static int ask_weighted(void)
{
	return ask_mempolicy(WEIGHTED_INTERLEAVE);
}

static int ask_balancing(void)
{
	return ask_mempolicy(MPOL_BIND | MPOL_F_NUMA_BALANCING);
}

static int open_cgroup2(void)
{
	static const char *const places[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
	struct statfs fs;

	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (statfs(places[i], &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC)
			return open(places[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return -1;
}

/* Does a v2 cgroup have the file of newer kernels beside the older one? The uppermost has neither, so its children are
 * looked at. -ENODATA: nothing to see. */
static int ask_cgroup(const char *file, const char *older)
{
	int fd = open_cgroup2(), rc = -ENODATA;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *d;

	while (dir && rc == -ENODATA && (d = readdir(dir))) {
		autofd child = d->d_type == DT_DIR
		                       ? openat(fd, d->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC)
		                       : -1;

		if (child >= 0 && faccessat(child, older, F_OK, 0) == 0)
			rc = faccessat(child, file, F_OK, 0) == 0 ? 0 : -ENOSYS;
	}
	if (dir)
		closedir(dir);
	return rc;
}

static int ask_cgroup_kill(void)
{
	return ask_cgroup("cgroup.kill", "cgroup.freeze");
}

static int ask_burst(void)
{
	return ask_cgroup("cpu.max.burst", "cpu.max");
}

static int ask_idle(void)
{
	return ask_cgroup("cpu.idle", "cpu.max");
}

/* clang-format off */
#define CALL     RUNG_CALL
#define NEEDED   (RUNG_CALL | RUNG_NEEDED)
#define RIGHTS   RUNG_RIGHTS
#define BY_MOUNT "mount(2), which says less about errors"
const struct kernel_rung kernel_rungs[] = {
	{ "pidfd_send_signal", "5.1", NEEDED, "signals reach the process that was meant", ask_pidfd_send_signal },
	{ "open_tree", "5.2", NEEDED, "the root file system and bind mounts", ask_open_tree },
	{ "move_mount", "5.2", NEEDED | RIGHTS, "mounts are put where they belong", ask_move_mount },
	{ "fsopen", "5.2", CALL | RIGHTS, BY_MOUNT, ask_fsopen },
	{ "fsconfig", "5.2", CALL, BY_MOUNT, ask_fsconfig },
	{ "fsmount", "5.2", CALL | RIGHTS, BY_MOUNT, ask_fsmount },
	{ "pidfd_open", "5.3", NEEDED, "processes are known by more than a number", ask_pidfd_open },
	{ "clone3", "5.3", CALL, "no new time namespaces", ask_clone3 },
	{ "openat2", "5.6", NEEDED, "paths do not lead out of the container's root", ask_openat2 },
	{ "pidfd_getfd", "5.6", CALL, "no linux.seccomp.listenerPath", ask_pidfd_getfd },
	{ "close_range", "5.9", NEEDED, "the program inherits no descriptor of nsrun", ask_close_range },
	{ "mount_setattr", "5.12", CALL, "no recursive mount options (rro and the like), no id-mapped mounts; read-only "
	  "paths without what is mounted below them", ask_mount_setattr },
	{ "MPOL_F_NUMA_BALANCING", "5.12", 0, "no such flag in linux.memoryPolicy", ask_balancing },
	{ "cgroup.kill", "5.14", 0, "the processes of a cgroup are frozen and killed one by one", ask_cgroup_kill },
	{ "cpu.max.burst", "5.14", 0, "no linux.resources.cpu.burst on cgroup v2", ask_burst },
	{ "MPOL_PREFERRED_MANY", "5.15", 0, "no such mode in linux.memoryPolicy", ask_preferred_many },
	{ "cpu.idle", "5.15", 0, "no linux.resources.cpu.idle on cgroup v2", ask_idle },
	{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", "5.19", 0, "no such flag in linux.seccomp", ask_wait_killable },
	{ "MPOL_WEIGHTED_INTERLEAVE", "6.9", 0, "no such mode in linux.memoryPolicy", ask_weighted },
	{ 0 },
};
/* clang-format on */

enum kernel_answer kernel_ask(const struct kernel_rung *rung)
{
	switch (rung->ask()) {
	case -ENOSYS: return KERNEL_LACKS;
	case -EPERM: return rung->kind & RUNG_RIGHTS ? KERNEL_HAS : KERNEL_DENIES;
	case -ENODATA: return KERNEL_HIDES;
	default: return KERNEL_HAS;
	}
}

int kernel_verify(struct err *e)
{
	for (const struct kernel_rung *x = kernel_rungs; x->name; x++) {
		enum kernel_answer is = x->kind & RUNG_NEEDED ? kernel_ask(x) : KERNEL_HAS;

		if (is == KERNEL_LACKS) {
			err_set(e, ERR_HOST, "%s(2) is missing: nsrun needs Linux " KERNEL_OLDEST,
			        x->name);
			return err_hint(e, "boot a newer kernel, or allow the call in the seccomp "
			                   "profile that nsrun itself runs under");
		}
		if (is == KERNEL_DENIES) {
			err_set(e, ERR_HOST, "%s(2) is denied: nsrun cannot work without it",
			        x->name);
			return err_hint(e, "allow it in the seccomp profile that nsrun itself runs "
			                   "under");
		}
	}
	return 0;
}

void kernel_explain(struct err *e)
{
	for (const struct kernel_rung *x = kernel_rungs; e->num == EPERM && x->name; x++)
		if (x->kind & RUNG_CALL && kernel_ask(x) == KERNEL_DENIES) {
			*e->hint = '\0';
			err_hint(e,
			         "allow %s(2) in the seccomp profile that nsrun itself runs under, "
			         "or let it fail with ENOSYS",
			         x->name);
			return;
		}
}
