/* op_root: the host's mounts cut off, the rootfs as a mount of its own, attributes of what is mounted. */
#include "apply/mnt.h"
#include "apply/ops.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/sys.h"
#include <fcntl.h>
#include <sys/stat.h>

int op_propagate(struct run *r, const struct step *s)
{
	(void)r;
	return mount(NULL, "/", NULL, s->propagate.flags, NULL) < 0 ? -errno : 0;
}

/* Makes the mount that dir is on a slave, so that what is attached there stays here; pivot_root(2) refuses a shared
 * parent anyway. ".." leads to the root of a mount, whatever it is called. */
static int cut_off_parent(int proc, int dir)
{
	const struct mnt_want slave = { .propagation = MS_SLAVE };
	autofd fd = openat(dir, ".", O_PATH | O_CLOEXEC);

	for (int i = 0; fd >= 0 && i < PATH_MAX / 2; i++) {
		struct statx st;

		if (statx(fd, "", AT_EMPTY_PATH, STATX_INO, &st) < 0)
			return -errno;
		if (st.stx_attributes & STATX_ATTR_MOUNT_ROOT)
			return mnt_change(proc, fd, &slave);
		int up = openat(fd, "..", O_PATH | O_CLOEXEC);
		fd_close(&fd);
		fd = up;
	}
	return fd < 0 ? -errno : -ELOOP;
}

int op_rootfs(struct run *r, const struct step *s)
{
	struct mnt_want w = { 0 };
	struct stat st;

	autofd dir = open(s->rootfs.path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0 || fstat(dir, &st) < 0)
		return run_sys(r, errno, "open the rootfs");
	if (S_ISLNK(st.st_mode))
		return run_fail(r, ELOOP, "%s is a symlink", s->rootfs.path);
	if (!S_ISDIR(st.st_mode))
		return run_fail(r, ENOTDIR, "%s is not a directory", s->rootfs.path);
	if (s->rootfs.shared) {
		int rc = cut_off_parent(r->fd[SLOT_PROC], dir);
		if (rc < 0)
			return run_sys(r, -rc, "cut the rootfs off from the host's mounts");
		w.propagation = MS_SLAVE | MS_REC;
	}
	autofd tree = mnt_copy(dir, true);
	if (tree < 0)
		return tree;
	int rc = mnt_put(r->fd[SLOT_PROC], tree, dir, &w);
	if (rc < 0)
		return rc;
	fd_close(&r->fd[SLOT_ROOTFS]);
	r->fd[SLOT_ROOTFS] = fd_take(&tree);
	return 0;
}

int op_attr(struct run *r, const struct step *s)
{
	const struct mnt_want w = { .set = s->attr.set,
		                    .clear = s->attr.clear,
		                    .propagation = s->attr.propagation };
	autofd fd = path_open(r->fd[SLOT_ROOTFS], s->attr.target, PATH_DEFAULT);

	return fd < 0 ? fd : mnt_change(r->fd[SLOT_PROC], fd, &w);
}
