/* hint: a table of (step kind, errno) -> advice, and the few that need more than a table. */
#include "apply/hint.h"
#include "base/sys.h"
#include "plan/kinds.h"
#include <errno.h>
#include <stddef.h>
#include <string.h>

#define ANY_KIND STEP__N

/* The first row that fits wins: the special before the general. */
/* clang-format off */
static const struct {
	enum step_kind kind;
	int num;
	const char *text;
} rows[] = {
	{ STEP_CGROUP,  EACCES, "let this user write the cgroup (systemd: Delegate=yes), or use --cgroup-manager disabled" },
	{ STEP_CGROUP,  EPERM,  "let this user write the cgroup (systemd: Delegate=yes), or use --cgroup-manager disabled" },
	{ STEP_CGROUP,  EROFS,  "mount /sys/fs/cgroup writable, or use --cgroup-manager disabled" },
	{ STEP_CGROUP,  ENOSPC, "raise cgroup.max.descendants or cgroup.max.depth of the parent, or give it cpuset.cpus and cpuset.mems" },
	{ STEP_CGROUP,  EBUSY,  "move the processes out of the parent cgroup: cgroup v2 allows them only in leaves" },
	{ STEP_CGROUP,  ENOENT, "enable the controller in the parent's cgroup.subtree_control" },
	{ STEP_ATTACH,  EBUSY,  "use another cgroupsPath: this one has children with controllers enabled" },
	{ STEP_ATTACH,  EACCES, "own the common ancestor of both cgroups: moving a process needs write access to its cgroup.procs" },
	{ STEP_ATTACH,  ENOSPC, "set cpuset.cpus and cpuset.mems of the parent cgroup" },
	{ STEP_ATTACH,  EAGAIN, "raise pids.max of the parent cgroup" },
	{ STEP_DEVICES, EPERM,  "drop /linux/resources/devices: device programs need CAP_SYS_ADMIN in the initial user namespace" },
	{ STEP_FILTER,  EINVAL, "look for a syscall argument that the rule's architecture does not have" },
	{ STEP_FIFOS,   ENOSPC, "free space or inodes where the state directory is, or give another with --root" },
	{ STEP_FIFOS,   EROFS,  "give a writable state directory with --root" },
	{ STEP_OPEN_NS, ENOENT, "check that the process or the pinned namespace still exists" },
	{ STEP_OPEN_NS, EACCES, "run as the user who owns the namespace, or as root" },
	{ STEP_CLONE,   ENOMEM, "free memory, or raise the memory limit of the cgroup that nsrun runs in" },
	{ STEP_CLONE,   EAGAIN, "raise pids.max of this cgroup, RLIMIT_NPROC, or kernel.pid_max" },
	{ STEP_CLONE,   EINVAL, "check that the kernel was built with every namespace that the config asks for (nsrun features)" },
	{ STEP_CLONE,   EUSERS, "nest user namespaces less deep: 32 levels are the limit" },
	{ STEP_IDMAP,   EPERM,  "map only ids that you own: your own id, or ranges of /etc/subuid and /etc/subgid by newuidmap" },
	{ STEP_IDMAP,   EINVAL, "look for overlapping or empty ranges in uidMappings and gidMappings" },
	{ STEP_JOIN,    EPERM,  "run as the owner of the namespace, or join its user namespace too" },
	{ STEP_JOIN,    EINVAL, "check that the namespace is not the one that nsrun is in already" },
	{ STEP_UNSHARE, EPERM,  "add {\"type\":\"user\"} to /linux/namespaces, or run as root" },
	{ STEP_BECOME,  EINVAL, "map container ids 0 in uidMappings and gidMappings" },
	{ STEP_ROOTFS,  ENOENT, "create the directory that /root/path names, or correct the path" },
	{ STEP_ROOTFS,  ENOTDIR, "point /root/path at a directory" },
	{ STEP_ROOTFS,  ELOOP,  "point /root/path at the directory itself, not at a symlink" },
	{ STEP_ROOTFS,  EACCES, "make every directory on the way to the rootfs searchable for the container's root" },
	{ STEP_ROOTFS,  EINVAL, "unmount what is locked below the rootfs, or run as the owner of that mount" },
	{ STEP_MOUNT,   ENODEV, "load the module of that file system, or look for a typing error in the mount's type" },
	{ STEP_MOUNT,   ENOENT, "create the mount's source, or correct its path" },
	{ STEP_MOUNT,   ENOTDIR, "bind a directory on a directory, and a file on a file" },
	{ STEP_MOUNT,   ELOOP,  "remove the symlink from the rootfs: nothing is mounted through one at this place" },
	{ STEP_MOUNT,   EINVAL, "check the mount's options against what its file system knows" },
	{ STEP_MOUNT,   EROFS,  "create the mount point in the rootfs beforehand: it is read-only" },
	{ STEP_MOUNT,   EBUSY,  "unmount what is mounted there, or use a bind mount of it" },
	{ STEP_MOUNT,   ENOSPC, "raise fs.mount-max, or free space in the rootfs" },
	{ STEP_MOUNT,   EACCES, "make the source readable for the container's root user" },
	{ STEP_NODE,    EPERM,  "run as root, or leave the device out of /linux/devices" },
	{ STEP_NODE,    EEXIST, "remove the file from the rootfs, or correct the device's type, major and minor" },
	{ STEP_NODE,    EROFS,  "mount a tmpfs on /dev, or create the node in the rootfs beforehand" },
	{ STEP_NODE,    ENOENT, "check that the device exists on the host" },
	{ STEP_PIVOT,   EINVAL, "use --no-pivot: the root is on rootfs (an initramfs), where pivot_root(2) cannot work" },
	{ STEP_COVER,   EPERM,  "check that the mount below this path is not locked by its owner" },
	{ STEP_HOSTNAME, EPERM, "add {\"type\":\"uts\"} to /linux/namespaces" },
	{ STEP_DOMAINNAME, EPERM, "add {\"type\":\"uts\"} to /linux/namespaces" },
	{ STEP_RLIMIT,  EPERM,  "lower the hard limit: raising it needs CAP_SYS_RESOURCE" },
	{ STEP_RLIMIT,  EINVAL, "make the soft limit at most the hard one" },
	{ STEP_USER,    EINVAL, "map the user's ids in /linux/uidMappings and /linux/gidMappings" },
	{ STEP_USER,    EPERM,  "leave out additionalGids, or map more than one id: setgroups is denied in this user namespace" },
	{ STEP_CAPS,    EPERM,  "ask for no capability that nsrun itself does not have" },
	{ STEP_SECCOMP, EACCES, "set /process/noNewPrivileges, or run with CAP_SYS_ADMIN" },
	{ STEP_SECCOMP, EINVAL, "check that the kernel was built with CONFIG_SECCOMP_FILTER and knows the profile's flags" },
	{ STEP_SECCOMP, ENOMEM, "make the profile smaller: a process's filters may have 32,768 instructions in all" },
	{ STEP_CHDIR,   EACCES, "let the container's user enter /process/cwd" },
	{ STEP_CHDIR,   ENOTDIR, "point /process/cwd at a directory" },
	{ STEP_CHDIR,   EROFS,  "create /process/cwd in the rootfs beforehand: it is read-only" },
	{ STEP_LOOKUP,  ENOENT, "check that /process/args/0 is in the rootfs, or its directory in the PATH of /process/env" },
	{ STEP_LOOKUP,  EACCES, "make the program executable for /process/user" },
	{ STEP_EXEC,    ENOEXEC, "start a script with #! and its interpreter, or use a program of this machine's architecture" },
	{ STEP_EXEC,    EACCES, "make the program executable, on a mount without noexec" },
	{ STEP_TTY,     ENOENT, "mount a devpts on /dev/pts in /mounts" },
	{ STEP_HOOK,    ENOENT, "correct the hook's path: it is resolved on the host, for startContainer in the container" },
	{ STEP_HOOK,    EACCES, "make the hook executable" },
	{ STEP_PUBLISH, ENOSPC, "free space where the state directory and the pid file are" },
	{ STEP_WRITE,   EACCES, "check that the controller is delegated to this user" },
	{ ANY_KIND,     EMFILE, "raise RLIMIT_NOFILE (ulimit -n) of the process that calls nsrun" },
	{ ANY_KIND,     ENFILE, "raise fs.file-max: the whole machine is out of open files" },
	{ ANY_KIND,     ENOMEM, "free memory, or raise the memory limit" },
};
/* clang-format on */

/* A file of /proc/sys/user that limits what is asked for; user_namespaces(7), namespaces(7). */
static const char *namespace_limit(const struct plan *p)
{
	if (p->new_ns & CLONE_NEWUSER)
		return "raise /proc/sys/user/max_user_namespaces, or the max_*_namespaces beside it";
	if (p->new_ns & CLONE_NEWNET)
		return "raise /proc/sys/user/max_net_namespaces, or the max_*_namespaces beside it";
	return "raise the limit in /proc/sys/user/max_*_namespaces that is too low";
}

static const char *clone_denied(const struct plan *p)
{
	if (p->new_ns & CLONE_NEWUSER)
		return "allow user namespaces: kernel.unprivileged_userns_clone=1, "
		       "kernel.apparmor_restrict_unprivileged_userns=0";
	return "add {\"type\":\"user\"} with id mappings to the config (nsrun spec --rootless), or run as "
	       "root";
}

static const char *mount_denied(const struct step *s, const struct plan *p)
{
	const char *type = s->mount.fstype ? s->mount.fstype : "";

	if (strcmp(type, "sysfs") == 0 && !((p->new_ns | p->join_ns) & CLONE_NEWNET))
		return "give the container its own network namespace (add {\"type\":\"network\"} to "
		       "/linux/namespaces), or bind /sys";
	if (strcmp(type, "proc") == 0)
		return "give the container its own pid namespace, and unmount what covers parts of /proc here";
	if (s->mount.how & MOUNT_BIND)
		return "keep the flags of the source (nodev, nosuid, noexec, ro): in a user namespace they are "
		       "locked";
	return "run as root, or use a file system that can be mounted in a user namespace (tmpfs, proc, sysfs, "
	       "overlay, fuse)";
}

const char *hint_for(const struct step *s, int num, const struct plan *p)
{
	if (s->kind == STEP_CLONE && num == ENOSPC)
		return namespace_limit(p);
	if (s->kind == STEP_CLONE && num == EPERM)
		return clone_denied(p);
	if (s->kind == STEP_MOUNT && num == EPERM)
		return mount_denied(s, p);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if ((rows[i].kind == s->kind || rows[i].kind == ANY_KIND) && rows[i].num == num)
			return rows[i].text;
	return NULL;
}
