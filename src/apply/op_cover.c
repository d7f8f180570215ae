/* op_cover: masked paths get the null device or an empty directory over them, read-only paths themselves. After the
 * pivot. */
#include "apply/mnt.h"
#include "apply/ops.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/sys.h"
#include "base/unsafe.h"
#include <sys/stat.h>

#define HARD (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)

/* The empty directory of all masked ones: made once, then copied. -1 until then; init is a process of its own, and the
 * descriptor is swept with the others before exec. */
static int empty_dir = -1;

/* Puts a mount, or another copy of it, on target. Before 6.15 a detached mount cannot be copied: it is used up by the
 * first target, and copied from there. */
static int put_copy(struct run *r, int tree, int target, const struct mnt_want *w)
{
	autofd copy = mnt_copy(tree, false);

	if (copy < 0 && copy != -EINVAL)
		return copy;
	return mnt_put(r->fd[SLOT_PROC], copy < 0 ? tree : copy, target, w);
}

static int mask_dir(struct run *r, int target)
{
	const struct mnt_fs fs = {
		.type = "tmpfs", .source = "tmpfs", .data = "nr_blocks=1,nr_inodes=1", .flags = HARD
	};
	const struct mnt_want w = { 0 };
	char log[128];

	if (empty_dir < 0)
		empty_dir = mnt_new(&fs, log, sizeof log);
	if (empty_dir == -ENOSYS)
		return mnt_mount(r->fd[SLOT_PROC], target, fs.source, fs.type, fs.flags, fs.data);
	if (empty_dir < 0)
		return *log ? run_sys(r, -empty_dir, "%s", log) : empty_dir;
	return put_copy(r, empty_dir, target, &w);
}

/* Read-only with all that is below; what it was denied already it stays denied. */
static int make_readonly(struct run *r, int target)
{
	struct mnt_want w = { .rec_set = MOUNT_ATTR_RDONLY };
	const struct mnt_want top = { .set = MOUNT_ATTR_RDONLY };

	autofd tree = mnt_copy(target, true);
	if (tree < 0)
		return tree;
	int rc = mnt_put(r->fd[SLOT_PROC], tree, target, &w);
	/* Before 5.12 only the uppermost mount can be changed, and it is in its place already. */
	return rc == -ENOSYS ? mnt_change(r->fd[SLOT_PROC], tree, &top) : rc;
}

int op_cover(struct run *r, const struct step *s)
{
	/* The node is the host's: its mode and owner are not the container's to change. */
	const struct mnt_want null = { .set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
		                              MOUNT_ATTR_NOEXEC };
	struct stat st;
	autofd target = path_open(r->fd[SLOT_ROOTFS], s->cover.path, PATH_DEFAULT);

	/* Only a path that is not there needs no cover. */
	if (target == -ENOENT || target == -ENOTDIR || unsafe("cover"))
		return 0;
	if (target < 0)
		return target;
	if (fstat(target, &st) < 0)
		return -errno;
	if (s->cover.how == COVER_READONLY)
		return make_readonly(r, target);
	return S_ISDIR(st.st_mode) ? mask_dir(r, target)
	                           : put_copy(r, r->fd[SLOT_NULL], target, &null);
}
