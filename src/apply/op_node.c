/* op_node: one device node, fifo or symlink in the rootfs. */
#include "apply/mnt.h"
#include "apply/ops.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "base/sys.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static mode_t format(const struct step *s)
{
	return s->node.type == NODE_BLOCK ? S_IFBLK : s->node.type == NODE_FIFO ? S_IFIFO : S_IFCHR;
}

static bool is_node(const struct step *s, const struct stat *st)
{
	return (st->st_mode & S_IFMT) == format(s) &&
	       (s->node.type == NODE_FIFO || st->st_rdev == s->node.dev);
}

/* What is in a link's place already stays. */
static int make_link(const struct step *s, int parent, const char *name)
{
	if (symlinkat(s->node.link, parent, name) < 0 && errno != EEXIST)
		return -errno;
	return 0;
}

static int bind_host_node(struct run *r, const struct step *s)
{
	const struct mnt_want w = { 0 };
	struct stat st;

	/* Before the pivot this is the host's. */
	autofd tree = sys_open_tree(AT_FDCWD, s->node.path,
	                            OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
	if (tree < 0)
		return run_sys(r, -tree, "open the host's %s", s->node.path);
	if (fstat(tree, &st) < 0)
		return -errno;
	if (!is_node(s, &st))
		return run_fail(r, ENODEV, "the host's %s is not device %u:%u", s->node.path,
		                major(s->node.dev), minor(s->node.dev));
	autofd target = path_make_file(r->fd[SLOT_ROOTFS], s->node.path, PATH_NO_FOLLOW);
	if (target < 0)
		return target;
	if (fstat(target, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode) || (s->node.must_match && !S_ISREG(st.st_mode) && !is_node(s, &st)))
		return run_fail(r, EEXIST, "another file is in the place of %s", s->node.path);
	return mnt_put(r->fd[SLOT_PROC], tree, target, &w);
}

/* Owner and mode as configured, of what was verified to be the node. */
static int dress(struct run *r, const struct step *s, int fd, const struct stat *st)
{
	char path[32];

	if ((st->st_uid != s->node.uid || st->st_gid != s->node.gid) &&
	    fchownat(fd, "", s->node.uid, s->node.gid, AT_EMPTY_PATH) < 0)
		return -errno;
	if ((st->st_mode & 07777) == s->node.mode)
		return 0;
	snprintf(path, sizeof path, "self/fd/%d", fd);
	return fchmodat(r->fd[SLOT_PROC], path, s->node.mode, 0) < 0 ? -errno : 0;
}

static int make_node(struct run *r, const struct step *s, int parent, const char *name)
{
	struct stat st;
	mode_t mask = umask(0);
	int made = mknodat(parent, name, format(s) | s->node.mode, s->node.dev) < 0 ? -errno : 0;

	umask(mask);
	/* Nodes may be forbidden to us (a device cgroup, an outer container) and still be there to lend. */
	if (made == -EPERM && s->node.type != NODE_FIFO)
		return bind_host_node(r, s);
	if (made < 0 && made != -EEXIST)
		return made;
	autofd fd = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (is_node(s, &st))
		return made == 0 || s->node.must_match ? dress(r, s, fd, &st) : 0;
	if (s->node.must_match || made == 0)
		return run_fail(r, EEXIST, "another file is in the place of %s", s->node.path);
	/* A default device has to be the real one, whatever the image brought. */
	return bind_host_node(r, s);
}

int op_node(struct run *r, const struct step *s)
{
	const char *name;

	if (s->node.bind)
		return bind_host_node(r, s);
	autofd parent = path_parent(r->fd[SLOT_ROOTFS], s->node.path, &name);
	if (parent < 0)
		return parent;
	return s->node.type == NODE_LINK ? make_link(s, parent, name)
	                                 : make_node(r, s, parent, name);
}
