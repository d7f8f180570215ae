/* selfexe: see selfexe.h. */
#include "host/selfexe.h"
#include "base/fd.h"
#include "base/sys.h"
#include "base/unsafe.h"
#include "host/exeswap.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U /* Linux 6.3 */
#endif
#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC 0x0020 /* Linux 6.3 */
#endif
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static bool read_only(int fd)
{
	struct statvfs fs;

	return fstatvfs(fd, &fs) == 0 && (fs.f_flag & ST_RDONLY);
}

static bool sealed(int fd)
{
	int seals = fcntl(fd, F_GET_SEALS);

	return seals >= 0 && (seals & SEALS) == SEALS;
}

/* Neither we nor the ids that we map into a container can open it for writing. */
static bool out_of_reach(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_uid != geteuid() &&
	       faccessat(AT_FDCWD, "/proc/self/exe", W_OK, AT_EACCESS) < 0 && errno == EACCES;
}

/* A detached clone of the mount, read-only. It is in no mount namespace, so nobody can make it writable again; that
 * holds as long as its descriptor does not survive the exec (security.md 2.3). */
static int clone_read_only(int exe)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
		                               MOUNT_ATTR_NODEV };
	autofd fd = sys_open_tree(exe, "",
	                          AT_EMPTY_PATH | OPEN_TREE_CLONE | (unsigned)OPEN_TREE_CLOEXEC);

	if (fd < 0)
		return fd;
	int rc = sys_mount_setattr(fd, "", AT_EMPTY_PATH, &attr);
	if (rc < 0)
		return rc;
	return read_only(fd) ? fd_take(&fd) : -EIO;
}

/* The process goes on from the clone, when it may. The mount stays with what is mapped from it. */
static bool swap_to(int clone)
{
	char path[32];

	/* The clone's descriptor is a place, not an open file. */
	snprintf(path, sizeof path, "/proc/self/fd/%d", clone);
	autofd fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || exeswap(fd) < 0)
		return false;
	autofd exe = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	return exe >= 0 && read_only(exe);
}

static int copy_sealed(int exe)
{
	const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	autofd fd = memfd_create("nsrun", flags | MFD_EXEC);
	ssize_t n;

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("nsrun", flags);
	if (fd < 0)
		return -errno;
	do
		n = sendfile(fd, exe, NULL, 1 << 20);
	while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		return -errno;
	if (fcntl(fd, F_ADD_SEALS, SEALS | F_SEAL_EXEC) < 0 && fcntl(fd, F_ADD_SEALS, SEALS) < 0)
		return -errno;
	return sealed(fd) ? fd_take(&fd) : -EIO;
}

/* Is the file at an absolute path the one that runs? */
static bool is_self(const char *path)
{
	struct stat there, self;

	return *path == '/' && stat(path, &there) == 0 && stat("/proc/self/exe", &self) == 0 &&
	       there.st_dev == self.st_dev && there.st_ino == self.st_ino;
}

bool selfexe_path(const char *argv0, char *buf, size_t n)
{
	ssize_t len = readlink("/proc/self/exe", buf, n);

	if (len > 0 && (size_t)len < n) {
		buf[len] = '\0';
		if (is_self(buf))
			return true;
	}
	return snprintf(buf, n, "%s", argv0) < (int)n && is_self(buf);
}

const char *selfexe_how(void)
{
	autofd exe = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	if (exe >= 0 && read_only(exe))
		return "as it is: it lies on a read-only mount";
	if (exe >= 0 && sealed(exe))
		return "as it is: it is a sealed copy in memory";
	if (exe >= 0 && out_of_reach(exe))
		return "as it is: neither this user nor a container can write to it";
	autofd clone = exe < 0 ? exe : clone_read_only(exe);
	return clone >= 0 ? "from a detached read-only mount" : "from a sealed copy in memory";
}

int selfexe_seal(char *argv[], char *const envp[], struct err *e)
{
	static char path[PATH_MAX];
	autofd exe = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	if (exe < 0)
		return err_sys(e, ERR_HOST, errno, "open /proc/self/exe");
	if (read_only(exe) || sealed(exe)) {
		/* Run by its descriptor, a process is called by the number of it. */
		prctl(PR_SET_NAME, "nsrun", 0, 0, 0);
		return 0;
	}
	if (out_of_reach(exe) || unsafe("exe"))
		return 0;
	if (selfexe_path(argv[0], path, sizeof path))
		argv[0] = path;
	autofd clone = clone_read_only(exe);
	if (clone >= 0 && swap_to(clone))
		return 0;
	if (clone >= 0)
		execveat(clone, "", argv, envp, AT_EMPTY_PATH);
	autofd copy = copy_sealed(exe);
	if (copy >= 0)
		execveat(copy, "", argv, envp, AT_EMPTY_PATH);
	int num = copy < 0 ? -copy : errno;
	err_sys(e, ERR_HOST, num, "protect our own executable from the container");
	return err_hint(e, "put nsrun on a read-only mount: mount --bind -o ro NSRUN NSRUN");
}
