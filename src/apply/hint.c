/* hint: a table of (step kind, errno) -> advice, and the few that need more than a table. */
#include "apply/hint.h"
#include "base/sys.h"
#include "plan/kinds.h"
#include <errno.h>
#include <stddef.h>
#include <string.h>

/* The first row that fits wins: the special before the general. */
/* clang-format off */
const struct hint_row hint_rows[] = {
	{ STEP_CGROUP,  EACCES, "let this user write the cgroup (systemd: Delegate=yes), or use --cgroup-manager disabled" },
	{ STEP_CGROUP,  EPERM,  "let this user write the cgroup (systemd: Delegate=yes), or use --cgroup-manager disabled" },
	{ STEP_CGROUP,  EROFS,  "mount /sys/fs/cgroup writable, or use --cgroup-manager disabled" },
	{ STEP_CGROUP,  ENOSPC, "raise cgroup.max.descendants or cgroup.max.depth of the parent, or give it cpuset.cpus and cpuset.mems" },
	{ STEP_CGROUP,  EAGAIN, "raise cgroup.max.descendants or cgroup.max.depth of the parent" },
	{ STEP_CGROUP,  EBUSY,  "use another cgroupsPath, or move the processes out: cgroup v2 allows them only in leaves" },
	{ STEP_CGROUP,  ENOENT, "enable the controller in the parent's cgroup.subtree_control" },
	{ STEP_CGROUP,  EINVAL, "enable the controller in the parent's cgroup.subtree_control, or use a cgroupsPath without line breaks" },
	{ STEP_CGROUP,  EOPNOTSUPP, "use a cgroupsPath outside of the threaded cgroup" },
	{ STEP_CGROUP,  ENOTDIR, "use another cgroupsPath: there is a file in its way" },
	{ STEP_CGROUP,  ELOOP,  "use another cgroupsPath: there is a symlink in its way" },
	{ STEP_CGROUP,  EEXIST, "use another cgroupsPath: there is a file in its way" },
	{ STEP_ATTACH,  EBUSY,  "use another cgroupsPath: this one has children with controllers enabled" },
	{ STEP_ATTACH,  EACCES, "own the common ancestor of both cgroups: moving a process needs write access to its cgroup.procs" },
	{ STEP_ATTACH,  EPERM,  "own the common ancestor of both cgroups: moving a process needs write access to its cgroup.procs" },
	{ STEP_ATTACH,  EROFS,  "mount /sys/fs/cgroup writable, or use --cgroup-manager disabled" },
	{ STEP_ATTACH,  EINVAL, "give the cgroup realtime bandwidth (cpu.rt_runtime_us), or start nsrun without a realtime scheduler" },
	{ STEP_ATTACH,  ENOSPC, "set cpuset.cpus and cpuset.mems of the parent cgroup" },
	{ STEP_ATTACH,  EAGAIN, "raise pids.max of the parent cgroup" },
	{ STEP_ATTACH,  ENOENT, "keep other programs from removing the container's cgroup" },
	{ STEP_ATTACH,  ENODEV, "keep other programs from removing the container's cgroup" },
	{ STEP_ATTACH,  EOPNOTSUPP, "use a cgroupsPath outside of the threaded cgroup" },
	{ STEP_DEVICES, EPERM,  "drop /linux/resources/devices: device programs need CAP_SYS_ADMIN in the initial user namespace" },
	{ STEP_DEVICES, EBUSY,  "detach one (bpftool cgroup tree, bpftool cgroup detach), or use another cgroupsPath" },
	{ STEP_DEVICES, EINVAL, "boot a kernel with CONFIG_CGROUP_BPF, or drop /linux/resources/devices" },
	{ STEP_DEVICES, ENOSYS, "boot a kernel with CONFIG_CGROUP_BPF, or drop /linux/resources/devices" },
	{ STEP_DEVICES, E2BIG,  "give fewer rules in /linux/resources/devices" },
	{ STEP_DELEGATE, EPERM, "run as root, or mount the cgroup read-only: an ordinary user gives no file away" },
	{ STEP_DELEGATE, EROFS, "mount /sys/fs/cgroup writable, or the container's cgroup read-only" },
	{ STEP_FILTER,  EINVAL, "look for a syscall argument that the rule's architecture does not have" },
	{ STEP_FILTER,  EFAULT, "look for a syscall or an architecture that this libseccomp does not know" },
	{ STEP_FILTER,  EEXIST, "remove the rule that is given twice with different actions" },
	{ STEP_FILTER,  ENOSYS, "build nsrun with libseccomp, or remove /linux/seccomp" },
	{ STEP_AGENT,   ENOENT, "start the agent before the container, or correct listenerPath" },
	{ STEP_AGENT,   ECONNREFUSED, "start the agent again: nobody listens at its socket" },
	{ STEP_AGENT,   EAGAIN, "look at the agent: it does not accept connections" },
	{ STEP_AGENT,   EACCES, "let this user write the agent's socket" },
	{ STEP_AGENT,   EPROTOTYPE, "give a socket of the type SOCK_STREAM" },
	{ STEP_NOTIFY,  EPERM,  "run as root, or give the container a pid namespace of its own; kernel.yama.ptrace_scope must not be 3" },
	{ STEP_NOTIFY,  EPIPE,  "look at the agent: it has closed the connection" },
	{ STEP_NOTIFY,  ECONNRESET, "look at the agent: it has closed the connection" },
	{ STEP_NOTIFY,  ETIMEDOUT, "look at the agent: it does not read" },
	{ STEP_FILTER,  E2BIG,  "make the profile smaller: a filter has at most 4,096 instructions" },
	{ STEP_FIFOS,   ENOSPC, "free space or inodes where the state directory is, or give another with --root" },
	{ STEP_FIFOS,   EDQUOT, "free space or inodes where the state directory is, or give another with --root" },
	{ STEP_FIFOS,   EROFS,  "give a writable state directory with --root" },
	{ STEP_FIFOS,   EACCES, "give a writable state directory with --root" },
	{ STEP_FIFOS,   EPERM,  "give a state directory with --root on a file system that has fifos" },
	{ STEP_OPEN_NS, ENOENT, "check that the process or the pinned namespace still exists" },
	{ STEP_OPEN_NS, ESRCH,  "check that the process still exists" },
	{ STEP_OPEN_NS, EACCES, "run as the user who owns the namespace, or as root" },
	{ STEP_OPEN_NS, EPERM,  "run as the user who owns the namespace, or as root" },
	{ STEP_OPEN_NS, EINVAL, "give the path of a namespace of that type, as in /proc/PID/ns/net" },
	{ STEP_OPEN_NS, ENOTDIR, "give the path of a namespace of that type, as in /proc/PID/ns/net" },
	{ STEP_TREE,    EINVAL, "put the source on a file system that can be id-mapped (ext4, xfs, btrfs, tmpfs since Linux 6.3), or remove idmap and the mappings" },
	{ STEP_TREE,    EPERM,  "give the source without an id map of its own, or remove idmap and the mappings" },
	{ STEP_TREE,    ENOSYS, "boot Linux 5.12 or newer, or remove idmap and the mappings" },
	{ STEP_TREE,    ENOENT, "create the mount's source, or correct its path" },
	{ STEP_TREE,    ELOOP,  "remove the loop of symlinks on the way to the source" },
	{ STEP_TREE,    ENOSPC, "raise that limit, or fs.mount-max" },
	{ STEP_CLONE,   ENOMEM, "free memory, or raise the memory limit of the cgroup that nsrun runs in" },
	{ STEP_CLONE,   EAGAIN, "raise pids.max of this cgroup, RLIMIT_NPROC, or kernel.pid_max" },
	{ STEP_CLONE,   EINVAL, "check that the kernel was built with every namespace that the config asks for (nsrun features)" },
	{ STEP_CLONE,   EBUSY,  "use another cgroupsPath: this one has children with controllers enabled" },
	{ STEP_CLONE,   EACCES, "own the common ancestor of both cgroups: moving a process needs write access to its cgroup.procs" },
	{ STEP_CLONE,   EOPNOTSUPP, "use a cgroupsPath outside of the threaded cgroup" },
	{ STEP_CLONE,   ESRCH,  "keep the first process of that pid namespace alive: without it no other can be born there" },
	{ STEP_ADOPT,   ESRCH,  "look into the kernel log (dmesg) for what has killed init" },
	{ STEP_IDMAP,   EPERM,  "map only ids that you own: your own id, or ranges of /etc/subuid and /etc/subgid by newuidmap" },
	{ STEP_IDMAP,   EINVAL, "look for overlapping or empty ranges in uidMappings and gidMappings" },
	{ STEP_IDMAP,   ENOENT, "install newuidmap and newgidmap (package uidmap or shadow)" },
	{ STEP_IDMAP,   EACCES, "make newuidmap and newgidmap executable for this user" },
	{ STEP_JOIN,    EPERM,  "run as the owner of the namespace, or join its user namespace too" },
	{ STEP_JOIN,    EINVAL, "check that the namespace is not the one that nsrun is in already" },
	{ STEP_JOIN,    EUSERS, "run as a process that has one thread and shares nothing with others" },
	{ STEP_UNSHARE, EPERM,  "add {\"type\":\"user\"} to /linux/namespaces, or run as root" },
	{ STEP_UNSHARE, EINVAL, "check that the kernel was built with every namespace that the config asks for (nsrun features)" },
	{ STEP_NETDEV,  ENODEV, "make the device, or correct its name: \"ip link\" shows those that are there" },
	{ STEP_NETDEV,  EEXIST, "give it another name in /linux/netDevices, or one that ends in %d" },
	{ STEP_NETDEV,  EINVAL, "name a device that can leave its namespace (lo and bridges cannot), and another namespace than the host's" },
	{ STEP_NETDEV,  EPERM,  "run as root: moving a device takes CAP_NET_ADMIN in both network namespaces" },
	{ STEP_NETDEV,  EBUSY,  "take the device out of its bridge or bond first" },
	{ STEP_NETDEV,  E2BIG,  "leave fewer addresses on the device" },
	{ STEP_RDT,     ENODEV, "mount it (mount -t resctrl resctrl /sys/fs/resctrl): it takes a CPU with Intel RDT or AMD QoS" },
	{ STEP_RDT,     ENOENT, "make the class beforehand, or give it a schema in /linux/intelRdt" },
	{ STEP_RDT,     EEXIST, "use another id or closID, or give the schema that the class has" },
	{ STEP_RDT,     ENOSPC, "remove a class or monitoring group in /sys/fs/resctrl: the CPU has no more of them" },
	{ STEP_RDT,     EINVAL, "give a schema of resources and cache ids that /sys/fs/resctrl/schemata shows" },
	{ STEP_RDT,     EACCES, "run as root: only it may write to resctrl" },
	{ STEP_RDT,     EPERM,  "run as root: only it may write to resctrl" },
	{ STEP_BECOME,  EINVAL, "map container ids 0 in uidMappings and gidMappings" },
	{ STEP_BECOME,  EPERM,  "map container ids 0 in uidMappings and gidMappings" },
	{ STEP_LINK_UP, EPERM,  "run as the owner of the network namespace, or as root" },
	{ STEP_PROPAGATE, EPERM, "run as root, or add {\"type\":\"user\"} to /linux/namespaces" },
	{ STEP_PROPAGATE, EINVAL, "make \"/\" a mount point: this process was put under its root by chroot (mount --rbind DIR DIR)" },
	{ STEP_ROOTFS,  ENOENT, "create the directory that /root/path names, or correct the path" },
	{ STEP_ROOTFS,  ENOTDIR, "point /root/path at a directory" },
	{ STEP_ROOTFS,  ELOOP,  "point /root/path at the directory itself, not at a symlink" },
	{ STEP_ROOTFS,  EACCES, "make every directory on the way to the rootfs searchable for the container's root" },
	{ STEP_ROOTFS,  EPERM,  "run as root, or add {\"type\":\"user\"} to /linux/namespaces" },
	{ STEP_ROOTFS,  EINVAL, "unmount what is locked below the rootfs, or run as the owner of that mount" },
	{ STEP_ROOTFS,  ENOSPC, "raise fs.mount-max" },
	{ STEP_MOUNT,   ENODEV, "load the module of that file system, or look for a typing error in the mount's type" },
	{ STEP_MOUNT,   ENOTBLK, "give a block device as the source: an image needs one of losetup" },
	{ STEP_MOUNT,   ENXIO,  "check that the device behind the source exists" },
	{ STEP_MOUNT,   EIO,    "check the file system of the source, and the kernel log (dmesg)" },
	{ STEP_MOUNT,   EUCLEAN, "check the file system of the source, and the kernel log (dmesg)" },
	{ STEP_MOUNT,   ENOENT, "create the mount's source, or correct its path" },
	{ STEP_MOUNT,   ENOTDIR, "bind a directory on a directory, and a file on a file" },
	{ STEP_MOUNT,   EISDIR, "bind a directory on a directory, and a file on a file" },
	{ STEP_MOUNT,   EEXIST, "remove the file from the rootfs, or choose another destination" },
	{ STEP_MOUNT,   ELOOP,  "remove the symlink from the rootfs: nothing is mounted through one at this place" },
	{ STEP_MOUNT,   EINVAL, "check the mount's options against what its file system knows" },
	{ STEP_MOUNT,   ERANGE, "check the numbers in the mount's options" },
	{ STEP_MOUNT,   E2BIG,  "give shorter options" },
	{ STEP_MOUNT,   EROFS,  "create the mount point in the rootfs beforehand: it is read-only" },
	{ STEP_MOUNT,   EBUSY,  "unmount what is mounted there, or use a bind mount of it" },
	{ STEP_MOUNT,   ENOSPC, "raise fs.mount-max, or free space in the rootfs" },
	{ STEP_MOUNT,   EDQUOT, "free space in the rootfs" },
	{ STEP_MOUNT,   EACCES, "make the source readable for the container's root user, and the rootfs writable, or create the mount point beforehand" },
	{ STEP_MOUNT,   EAGAIN, "keep other processes from renaming directories in the rootfs meanwhile" },
	{ STEP_MOUNT,   ENOSYS, "remove the recursive options (rro and the like), or boot Linux 5.12 or newer" },
	{ STEP_NODE,    EPERM,  "run as root, or leave the device out of /linux/devices" },
	{ STEP_NODE,    EACCES, "make the directory in the rootfs writable for the container's root user" },
	{ STEP_NODE,    EEXIST, "remove the file from the rootfs, or correct the device's type, major and minor" },
	{ STEP_NODE,    EROFS,  "mount a tmpfs on /dev, or create the node in the rootfs beforehand" },
	{ STEP_NODE,    ENOENT, "check that the device exists on the host" },
	{ STEP_NODE,    ENODEV, "check the device's type, major and minor against the host's" },
	{ STEP_NODE,    ENOTDIR, "remove the file from the rootfs that is in the place of a directory" },
	{ STEP_NODE,    ENOSPC, "free space or inodes in the rootfs" },
	{ STEP_RETURN,  EPERM,  "run as root, or add {\"type\":\"mount\"} to /linux/namespaces" },
	{ STEP_RETURN,  EINVAL, "add {\"type\":\"mount\"} to /linux/namespaces: something below the rootfs cannot be copied (it is unbindable)" },
	{ STEP_PIVOT,   EINVAL, "use --no-pivot: the root is on rootfs (an initramfs), where pivot_root(2) cannot work" },
	{ STEP_PIVOT,   EPERM,  "run as root, or add {\"type\":\"user\"} to /linux/namespaces" },
	{ STEP_PIVOT,   EBUSY,  "use another /root/path: this is the root of the host" },
	{ STEP_COVER,   EPERM,  "check that the mount below this path is not locked by its owner" },
	{ STEP_COVER,   EACCES, "make the directories on the way searchable for the container's root user" },
	{ STEP_COVER,   ELOOP,  "remove the symlink from the rootfs, or the path from the config" },
	{ STEP_COVER,   ENOSPC, "raise fs.mount-max" },
	{ STEP_ATTR,    EPERM,  "leave the option out: the owner of the mount has locked it" },
	{ STEP_ATTR,    EINVAL, "choose another /linux/rootfsPropagation" },
	{ STEP_TTY,     ENOENT, "mount a devpts on /dev/pts in /mounts" },
	{ STEP_TTY,     ENODEV, "mount a devpts on /dev/pts in /mounts, with newinstance and ptmxmode=0666" },
	{ STEP_TTY,     EACCES, "give the devpts in /mounts the option ptmxmode=0666" },
	{ STEP_TTY,     ENOSPC, "raise kernel.pty.max, or the option max of the devpts in /mounts" },
	{ STEP_TTY,     ENOTSUP, "remove /dev/console from the rootfs" },
	{ STEP_TTY,     EPIPE,  "keep the reader of the console socket open until the terminal has arrived" },
	{ STEP_TTY,     ECONNRESET, "keep the reader of the console socket open until the terminal has arrived" },
	{ STEP_KEYRING, ENOMEM, "free memory, raise the memory limit, or use --no-new-keyring" },
	{ STEP_KEYRING, EACCES, "use --no-new-keyring" },
	{ STEP_HOSTNAME, EPERM, "add {\"type\":\"uts\"} to /linux/namespaces" },
	{ STEP_HOSTNAME, EINVAL, "give a name of at most 64 bytes" },
	{ STEP_DOMAINNAME, EPERM, "add {\"type\":\"uts\"} to /linux/namespaces" },
	{ STEP_DOMAINNAME, EINVAL, "give a name of at most 64 bytes" },
	{ STEP_RLIMIT,  EPERM,  "lower the hard limit: raising it needs CAP_SYS_RESOURCE, and RLIMIT_NOFILE ends at fs.nr_open" },
	{ STEP_RLIMIT,  EINVAL, "make the soft limit at most the hard one" },
	{ STEP_SCHED,   EPERM,  "run as root, choose another policy, or give the cgroup realtime bandwidth (/linux/resources/cpu/realtimeRuntime)" },
	{ STEP_SCHED,   EINVAL, "give a deadline and period within kernel.sched_deadline_period_min_us and _max_us, or another policy" },
	{ STEP_SCHED,   EBUSY,  "ask for a smaller runtime, or a longer deadline and period" },
	{ STEP_SCHED,   EOPNOTSUPP, "remove the SCHED_FLAG_UTIL_CLAMP_* flags" },
	{ STEP_IOPRIO,  EPERM,  "use IOPRIO_CLASS_BE, or run as root" },
	{ STEP_PERSONALITY, EPERM, "remove /linux/personality, or allow personality(2) in the profile that nsrun itself runs under" },
	{ STEP_PERSONALITY, EINVAL, "remove /linux/personality" },
	{ STEP_MEMPOLICY, EINVAL, "choose nodes of /linux/resources/cpu/mems that are online (/sys/devices/system/node/online)" },
	{ STEP_MEMPOLICY, EPERM, "allow set_mempolicy(2) in the profile that nsrun itself runs under" },
	{ STEP_MEMPOLICY, ENOSYS, "remove /linux/memoryPolicy: this kernel was built without NUMA" },
	{ STEP_CHDIR,   ENOENT, "create /process/cwd in the rootfs, or correct it" },
	{ STEP_CHDIR,   EACCES, "let the container's user enter /process/cwd" },
	{ STEP_CHDIR,   EPERM,  "create /process/cwd in the rootfs beforehand" },
	{ STEP_CHDIR,   ENOTDIR, "point /process/cwd at a directory" },
	{ STEP_CHDIR,   ELOOP,  "remove the loop of symlinks, or the link of /proc, on the way to /process/cwd" },
	{ STEP_CHDIR,   EROFS,  "create /process/cwd in the rootfs beforehand: it is read-only" },
	{ STEP_CHDIR,   ENOSPC, "free space or inodes in the rootfs" },
	{ STEP_CHDIR,   EXDEV,  "give a /process/cwd below the container's root" },
	{ STEP_FDS,     EBADF,  "open the descriptor before calling nsrun, or lower --preserve-fds" },
	{ STEP_USER,    EINVAL, "map the user's ids in /linux/uidMappings and /linux/gidMappings" },
	{ STEP_USER,    EPERM,  "leave out additionalGids, or map more than one id: setgroups is denied in this user namespace" },
	{ STEP_USER,    EAGAIN, "raise RLIMIT_NPROC of that user" },
	{ STEP_CAPS,    EPERM,  "ask for no capability that nsrun itself does not have" },
	{ STEP_CAPS,    EINVAL, "ask for no capability that this kernel does not know (nsrun check)" },
	{ STEP_SECCOMP, EACCES, "set /process/noNewPrivileges, or run with CAP_SYS_ADMIN" },
	{ STEP_SECCOMP, EPERM,  "allow seccomp(2) in the profile that nsrun itself runs under" },
	{ STEP_SECCOMP, EINVAL, "check that the kernel was built with CONFIG_SECCOMP_FILTER and knows the profile's flags" },
	{ STEP_SECCOMP, ENOMEM, "make the profile smaller: a process's filters may have 32,768 instructions in all" },
	{ STEP_LOOKUP,  ENOENT, "check that /process/args/0 is in the rootfs, and the interpreter that its #! line names, or its directory in the PATH of /process/env" },
	{ STEP_LOOKUP,  EACCES, "make the program executable for /process/user, on a mount without noexec" },
	{ STEP_LOOKUP,  EISDIR, "name a program in /process/args/0" },
	{ STEP_LOOKUP,  ENOTDIR, "correct /process/args/0: a file is in the place of a directory" },
	{ STEP_LOOKUP,  ELOOP,  "remove the loop of symlinks on the way to the program" },
	{ STEP_EXEC,    ENOEXEC, "start a script with #! and its interpreter, or use a program of this machine's architecture" },
	{ STEP_EXEC,    ENOENT, "add the interpreter or loader that the program needs to the rootfs" },
	{ STEP_EXEC,    EACCES, "make the program executable, on a mount without noexec" },
	{ STEP_EXEC,    EPERM,  "run it without file capabilities that the bounding set lacks, or add them to /process/capabilities" },
	{ STEP_EXEC,    ETXTBSY, "close the program's file: somebody has it open for writing" },
	{ STEP_EXEC,    ELOOP,  "give the script an interpreter that is no script" },
	{ STEP_EXEC,    E2BIG,  "shorten /process/args and /process/env, or raise RLIMIT_STACK" },
	{ STEP_EXEC,    EAGAIN, "raise RLIMIT_NPROC of /process/user" },
	{ STEP_EXEC,    EINVAL, "add /process to the config: without it a container can be created, not started" },
	{ STEP_HOOK,    ENOENT, "correct the hook's path: it is resolved on the host, for startContainer in the container" },
	{ STEP_HOOK,    EACCES, "make the hook executable" },
	{ STEP_HOOK,    ENOEXEC, "begin the hook's script with #! and its interpreter" },
	{ STEP_HOOK,    ETIMEDOUT, "raise the hook's timeout, or find out what it waits for" },
	{ STEP_HOOK,    EINTR,     "give the hook a timeout in config.json, or find out what it waits for" },
	{ STEP_HOOK,    ECANCELED, "run the hook by hand, with the output of \"nsrun state\" on its stdin" },
	{ STEP_HOOK,    E2BIG,  "shorten the hook's args and env" },
	{ STEP_PUBLISH, ENOSPC, "free space where the state directory and the pid file are" },
	{ STEP_PUBLISH, EDQUOT, "free space where the state directory and the pid file are" },
	{ STEP_PUBLISH, EACCES, "let this user write the directory of the pid file" },
	{ STEP_PUBLISH, EROFS,  "give a --pid-file on a writable file system" },
	{ STEP_PUBLISH, EISDIR, "give a --pid-file that is no directory" },
	{ STEP_PUBLISH, ENAMETOOLONG, "give a --pid-file with a shorter name" },
	{ HINT_ANY,     ESRCH,  "look into the kernel log (dmesg) for what has killed it" },
	{ HINT_ANY,     EMFILE, "raise RLIMIT_NOFILE (ulimit -n) of the process that calls nsrun" },
	{ HINT_ANY,     ENFILE, "raise fs.file-max: the whole machine is out of open files" },
	{ HINT_ANY,     ENOMEM, "free memory, or raise the memory limit" },
	{ HINT_ANY,     ENAMETOOLONG, "give a shorter path or name" },
	{ HINT_ANY,     ENOSYS, "boot a newer kernel (5.10 is the oldest that nsrun supports), or allow the call in nsrun's own seccomp profile" },
};

const size_t hint_rows_n = sizeof hint_rows / sizeof *hint_rows;

/* The same for STEP_WRITE, by where it writes. */
static const struct {
	enum write_to to;
	int num;
	const char *text;
} writes[] = {
	{ WRITE_CGROUP, EACCES, "check that the controller is delegated to this user" },
	{ WRITE_CGROUP, EPERM,  "check that the controller is delegated to this user" },
	{ WRITE_CGROUP, EROFS,  "mount /sys/fs/cgroup writable, or remove the limit" },
	{ WRITE_CGROUP, ENOENT, "remove the limit, or boot a kernel that has it" },
	{ WRITE_CGROUP, EINVAL, "give a value that the kernel takes, and that the parent cgroup allows" },
	{ WRITE_CGROUP, ERANGE, "give a value that the kernel takes, and that the parent cgroup allows" },
	{ WRITE_CGROUP, EBUSY,  "raise the limit: the cgroup holds more than that already" },
	{ WRITE_CGROUP, ENODEV, "check major and minor: there is no such device, or it is a partition" },
	{ WRITE_CGROUP, ENOSPC, "raise the cpus of the cgroups beside it, or give the parent cpuset.cpus and cpuset.mems" },
	{ WRITE_CGROUP, EOPNOTSUPP, "remove the limit, or boot a kernel that has it" },
	{ WRITE_SYSCTL, ENOENT, "correct the name: this kernel has no such sysctl" },
	{ WRITE_SYSCTL, EINVAL, "give a value that this sysctl takes" },
	{ WRITE_SYSCTL, ERANGE, "give a value that this sysctl takes" },
	{ WRITE_SYSCTL, EACCES, "remove it: only root of the namespace that owns this sysctl may set it" },
	{ WRITE_SYSCTL, EPERM,  "remove it: only root of the namespace that owns this sysctl may set it" },
	{ WRITE_SYSCTL, EROFS,  "remove it: /proc/sys is read-only here" },
	{ WRITE_INIT,   EACCES, "raise /process/oomScoreAdj: lowering it needs CAP_SYS_RESOURCE" },
	{ WRITE_INIT,   EPERM,  "raise /process/oomScoreAdj: lowering it needs CAP_SYS_RESOURCE" },
	{ WRITE_SELF,   ENOENT, "load the profile with apparmor_parser, or correct its name" },
	{ WRITE_SELF,   EACCES, "let the profile or domain that nsrun itself runs under change to this one" },
	{ WRITE_SELF,   EPERM,  "let the profile or domain that nsrun itself runs under change to this one" },
	{ WRITE_SELF,   EINVAL, "give a label that the loaded policy knows" },
	{ WRITE_SELF,   ERANGE, "give an offset that leaves the clock at 0 or later, and far from its end" },
};
/* clang-format on */

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
	if (strcmp(type, "mqueue") == 0)
		return "give the container its own ipc namespace (add {\"type\":\"ipc\"} to /linux/namespaces), or mount "
		       "an mqueue on the host's /dev/mqueue";
	if (strcmp(type, "cgroup") == 0 || strcmp(type, "cgroup2") == 0)
		return "give the container its own cgroup namespace (add {\"type\":\"cgroup\"} to /linux/namespaces), or "
		       "bind /sys/fs/cgroup";
	if (strcmp(type, "overlay") == 0)
		return "boot Linux 5.11 or newer for an overlay in a user namespace, or mount it with fuse-overlayfs "
		       "beforehand";
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
	/* op_clone and op_unshare name the file. */
	if ((s->kind == STEP_CLONE || s->kind == STEP_UNSHARE) && num == ENOSPC)
		/* The kernel says the same of both. */
		return p->new_ns & (CLONE_NEWUSER | CLONE_NEWPID)
		               ? "raise that limit, end containers that are not needed, or nest "
		                 "user and pid namespaces less deep (33 and 32 levels are the most)"
		               : "raise that limit, or end containers that are not needed";
	if (s->kind == STEP_CLONE && num == EPERM)
		return clone_denied(p);
	if (s->kind == STEP_MOUNT && num == EPERM)
		return mount_denied(s, p);
	/* The others are about ids. */
	if (s->kind == STEP_TREE && !(s->tree.how & MOUNT_IDMAP) && num != ENOENT && num != ELOOP)
		return NULL;
	for (size_t i = 0; s->kind == STEP_WRITE && i < sizeof writes / sizeof *writes; i++)
		if (writes[i].to == s->write.to && writes[i].num == num)
			return writes[i].text;
	for (size_t i = 0; i < hint_rows_n; i++)
		if ((hint_rows[i].kind == s->kind || hint_rows[i].kind == HINT_ANY) &&
		    hint_rows[i].num == num)
			return hint_rows[i].text;
	return NULL;
}
