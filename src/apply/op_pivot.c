/* op_pivot: the rootfs becomes "/" and the host's tree goes away; or, without a mount namespace, stays where it is. */
#include "apply/ops.h"
#include "base/fd.h"
#include "base/procfs.h"
#include "base/str.h"
#include "base/sys.h"
#include "base/unsafe.h"
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* The host's /dev/null as a detached mount: masked files are covered with it when the host's paths and mounts are gone.
 * What a container could have put in its own /dev is never used (CVE-2025-31133). */
static int keep_null(struct run *r)
{
	struct stat st;
	autofd fd = sys_open_tree(AT_FDCWD, "/dev/null",
	                          OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);

	if (unsafe("null")) {
		fd_close(&r->fd[SLOT_NULL]);
		r->fd[SLOT_NULL] = sys_open_tree(r->fd[SLOT_ROOTFS], "dev/null",
		                                 OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
		return 0;
	}
	if (fd < 0)
		return run_sys(r, -fd, "open the host's /dev/null");
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3))
		return run_fail(r, ENODEV, "the host's /dev/null is not the null device");
	fd_close(&r->fd[SLOT_NULL]);
	r->fd[SLOT_NULL] = fd_take(&fd);
	return 0;
}

static int pivot(int root)
{
	autofd old = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (old < 0 || fchdir(root) < 0)
		return -errno;
	/* The old root lands on top of the new one: no directory is needed for it. */
	int rc = sys_pivot_root(".", ".");
	if (rc < 0)
		return rc;
	/* What is still shared with the host would be unmounted there as well. */
	if (fchdir(old) < 0 || mount(NULL, ".", NULL, MS_SLAVE | MS_REC, NULL) < 0 ||
	    umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return -errno;
	return 0;
}

static bool octal(char c)
{
	return c >= '0' && c <= '7';
}

/* Decodes mountinfo's "\040" in place. */
static void decode(char *path)
{
	char *to = path;

	for (const char *from = path; *from; to++) {
		if (from[0] == '\\' && octal(from[1]) && octal(from[2]) && octal(from[3])) {
			*to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

/* The n-th word of a line, from 0; cut off at its end. */
static char *word(char *line, int n)
{
	for (; line && n > 0; n--) {
		line = strchr(line, ' ');
		line = line ? line + 1 : NULL;
	}
	if (line)
		line[strcspn(line, " ")] = '\0';
	return line;
}

/* Takes away the mount of a line of mountinfo if it is a procfs or sysfs outside of the rootfs. Where the kernel does
 * not let go of it (locked by an outer user namespace) it is covered. */
static int drop_one(char *line, const char *rootfs)
{
	char *rest = strstr(line, " - ");
	if (!rest)
		return -EIO;
	const char *type = word(rest + 3, 0);
	if (!STR_EQ(type, "proc") && !STR_EQ(type, "sysfs"))
		return 0;
	char *path = word(line, 4);
	if (!path)
		return -EIO;
	decode(path);
	size_t n = strlen(rootfs);
	if (strncmp(path, rootfs, n) == 0 && (!path[n] || path[n] == '/'))
		return 0;
	if (mount(NULL, path, NULL, MS_SLAVE | MS_REC, NULL) == 0 && umount2(path, MNT_DETACH) == 0)
		return 0;
	if (errno == ENOENT)
		return 0; /* gone with a mount above it */
	if (errno != EINVAL && errno != EPERM)
		return -errno;
	return mount("tmpfs", path, "tmpfs", MS_RDONLY, "nr_inodes=1") < 0 ? -errno : 0;
}

/* A procfs or sysfs that stays mounted somewhere under a chroot lets a container mount a full one of its own: the
 * kernel's test asks for any visible mount of the namespace. */
static int drop_kernel_mounts(struct run *r)
{
	char rootfs[PATH_MAX], self[32], buf[2 * PATH_MAX];
	size_t have = 0;
	ssize_t n;

	snprintf(self, sizeof self, "self/fd/%d", r->fd[SLOT_ROOTFS]);
	n = readlinkat(r->fd[SLOT_PROC], self, rootfs, sizeof rootfs - 1);
	if (n < 0)
		return -errno;
	rootfs[n] = '\0';
	autofd fd = procfs_openat(r->fd[SLOT_PROC], "self/mountinfo", O_RDONLY);
	if (fd < 0)
		return fd;
	while ((n = read(fd, buf + have, sizeof buf - 1 - have)) != 0) {
		char *line = buf, *end;

		if (n < 0)
			return -errno;
		buf[have += (size_t)n] = '\0';
		while ((end = strchr(line, '\n'))) {
			*end = '\0';
			int rc = drop_one(line, rootfs);
			if (rc < 0)
				return rc;
			line = end + 1;
		}
		have = strlen(line);
		memmove(buf, line, have + 1);
		if (have == sizeof buf - 1)
			return -E2BIG;
	}
	return 0;
}

/* --no-pivot: for roots that pivot_root(2) cannot leave (initramfs). The rootfs is moved over "/" and entered. */
static int move_root(struct run *r)
{
	int root = r->fd[SLOT_ROOTFS];
	int rc = unsafe("kernel-mounts") ? 0 : drop_kernel_mounts(r);

	if (rc < 0)
		return run_sys(r, -rc, "unmount the host's procfs and sysfs");
	if (fchdir(root) < 0)
		return -errno;
	rc = sys_move_mount(root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH);
	if (rc < 0)
		return rc;
	return chroot(".") < 0 || chdir("/") < 0 ? -errno : 0;
}

/* The copy belongs to no mount namespace: ".." does not lead out of it, mount(2) and umount(2) do not reach it, and it
 * goes with the last process whose root it is. The namespace that it was made in goes now. */
int op_return(struct run *r, const struct step *s)
{
	int *host = &r->ns[namespace_by_flag(CLONE_NEWNS) - namespace_defs];
	autofd tree =
		sys_open_tree(AT_FDCWD, "/", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

	(void)s;
	if (tree < 0)
		return run_sys(r, -tree, "copy the container's mounts");
	if (setns(*host, CLONE_NEWNS) < 0)
		return run_sys(r, errno, "go back to the host's mount namespace");
	fd_close(host);
	if (fchdir(tree) < 0 || chroot(".") < 0)
		return -errno;
	fd_close(&r->fd[SLOT_ROOTFS]);
	r->fd[SLOT_ROOTFS] = fd_take(&tree);
	return 0;
}

int op_pivot(struct run *r, const struct step *s)
{
	int rc = keep_null(r);

	if (rc < 0)
		return rc;
	return s->pivot.how == PIVOT_MOVE ? move_root(r) : pivot(r->fd[SLOT_ROOTFS]);
}
