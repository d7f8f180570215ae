/* procfs: see procfs.h. */
#include "base/procfs.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "base/sys.h"
#include "base/unsafe.h"
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define PROC_ROOT_INODE 1 /* of every procfs, fs/proc/root.c */
#define TRIES           128
#define PF_FORKNOEXEC   0x40 /* include/linux/sched.h */

/* The root of a procfs, and nothing that is mounted or linked in its place. */
static int verify(int fd)
{
	struct statfs fs;
	struct stat st;

	if (fstatfs(fd, &fs) < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (fs.f_type != PROC_SUPER_MAGIC || st.st_ino != PROC_ROOT_INODE)
		return -EXDEV;
	return 0;
}

static int open_new(void)
{
	autofd ctx = sys_fsopen("proc", FSOPEN_CLOEXEC);

	if (ctx < 0)
		return ctx;
	int rc = sys_fsconfig(ctx, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	if (rc < 0)
		return rc;
	return sys_fsmount(ctx, FSMOUNT_CLOEXEC,
	                   MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
}

int procfs_open(void)
{
	autofd fd = open_new();

	/* Without the right to mount one: a copy without what is mounted over its files; without the right to
	 * copy: the host's, where RESOLVE_NO_XDEV refuses such files. */
	if (fd < 0)
		fd = sys_open_tree(AT_FDCWD, "/proc", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (fd < 0)
		fd = open("/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int rc = verify(fd);
	return rc < 0 ? rc : fd_take(&fd);
}

int procfs_openat(int proc, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS,
	};
	int fd = -EAGAIN;

	/* What every runtime did once: by name, wherever "/" is by now, and through whatever lies there. */
	bool writes = (flags & O_ACCMODE) == O_WRONLY && !(flags & O_PATH);
	autofd named = writes && unsafe("procfs") ? open("/proc", O_PATH | O_CLOEXEC) : -1;
	if (named >= 0)
		proc = named, how.resolve = 0;
	for (int i = 0; i < TRIES && (fd == -EAGAIN || fd == -EINTR); i++)
		fd = sys_openat2(proc, path, &how);
	return fd;
}

/* The text of the n-th field after the name, cut off at its end; field 3 of the man page is n = 0. */
static char *field(char *text, int n)
{
	/* The name is in parentheses and may hold anything, these too. */
	char *p = strrchr(text, ')');

	if (!p || p[1] != ' ')
		return NULL;
	for (p += 2; n > 0; n--) {
		p = strchr(p, ' ');
		if (!p)
			return NULL;
		p++;
	}
	p[strcspn(p, " \n")] = '\0';
	return p;
}

static int read_stat(int proc, pid_t pid, char *text, size_t n)
{
	char path[32];

	snprintf(path, sizeof path, "%d/stat", (int)pid);
	autofd fd = procfs_openat(proc, path, O_RDONLY);
	if (fd < 0)
		return fd == -ENOENT ? -ESRCH : fd;
	ssize_t len = io_read_small(fd, "", text, n);
	return len < 0 ? (int)len : 0;
}

int procfs_stat(int proc, pid_t pid, uint64_t *start_time, char *state)
{
	char text[1024];
	int rc = read_stat(proc, pid, text, sizeof text);

	if (rc < 0)
		return rc;
	const char *start = field(text, 19);
	uint64_t ticks;
	if (!start || str_u64(start, UINT64_MAX, &ticks) < 0)
		return -EIO;
	char letter = *field(text, 0);
	*start_time = ticks;
	*state = letter;
	return 0;
}

int procfs_executed(int proc, pid_t pid)
{
	char text[1024];
	int rc = read_stat(proc, pid, text, sizeof text);
	const char *flags = rc < 0 ? NULL : field(text, 6);
	uint64_t v;

	if (rc < 0)
		return rc;
	return flags && str_u64(flags, UINT32_MAX, &v) == 0 ? !(v & PF_FORKNOEXEC) : -EIO;
}

int procfs_killed_by(int proc, pid_t pid)
{
	char text[1024];
	int rc = read_stat(proc, pid, text, sizeof text);
	const char *code = rc < 0 ? NULL : field(text, 49);
	uint64_t v;

	if (rc < 0)
		return rc;
	/* As wait(2) has it. */
	return code && str_u64(code, UINT16_MAX, &v) == 0 ? (int)(v & 0x7f) : -EIO;
}

/* A magic link of a process, whose directory is reached without any. */
static int follow(int proc, pid_t pid, const char *dir, const char *link, int flags)
{
	char path[32];

	snprintf(path, sizeof path, "%d%s", (int)pid, dir);
	autofd at = procfs_openat(proc, path, O_PATH | O_DIRECTORY);
	if (at < 0)
		return at;
	int fd = openat(at, link, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int procfs_open_root(int proc, pid_t pid)
{
	return follow(proc, pid, "", "root", O_PATH | O_DIRECTORY);
}

int procfs_open_ns(int proc, pid_t pid, const char *file)
{
	return follow(proc, pid, "/ns", file, O_RDONLY);
}
