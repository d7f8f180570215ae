/* op_mount: one mount of the config, made detached and put on a target that was resolved in the rootfs. */
#include "apply/copyup.h"
#include "apply/mnt.h"
#include "apply/ops.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "base/sys.h"
#include "base/unsafe.h"
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

#define PROC_ROOT_INODE 1
#define MQUEUE_MAGIC    0x19800202 /* ipc/mqueue.c */
#define ATIMES          (MS_NOATIME | MS_RELATIME | MS_STRICTATIME)

/* A tmpfs is filled and gets its owner before it is made read-only. */
static bool fills(const struct step *s)
{
	return s->mount.how & (MOUNT_COPYUP | MOUNT_INHERIT_MODE);
}

static struct mnt_want wanted(const struct step *s, unsigned long flags, unsigned long cleared)
{
	struct mnt_want w = mnt_want(flags, cleared);

	w.rec_set = s->mount.rec_set;
	w.rec_clear = s->mount.rec_clear;
	w.propagation = s->mount.propagation;
	return w;
}

static enum path_how how_to_look(const struct step *s)
{
	return (s->mount.how & MOUNT_STRICT ? PATH_NO_LINKS : 0) |
	       (s->mount.how & MOUNT_DEST_NOFOLLOW ? PATH_NO_FOLLOW : 0);
}

/* The target, made when it is missing, of the type that the mount needs. */
static int open_target(struct run *r, const struct step *s, bool dir)
{
	int root = r->fd[SLOT_ROOTFS];
	struct stat st;
	autofd fd = dir ? path_make_dir(root, s->mount.target, how_to_look(s))
	                : path_make_file(root, s->mount.target, how_to_look(s));

	if (fd == -ELOOP && s->mount.how & MOUNT_STRICT)
		return run_fail(r, ELOOP, "a symlink of the rootfs leads to %s", s->mount.target);
	if (fd < 0)
		return run_sys(r, -fd, "make %s", s->mount.target);
	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode) != dir)
		return run_fail(r, ENOTDIR,
		                dir ? "not a directory: %s"
		                    : "not a file, as the source is, but a directory: %s",
		                s->mount.target);
	return fd_take(&fd);
}

enum where { OUTSIDE, INSIDE, ROOT };

static enum where where_in_procfs(int fd)
{
	struct statfs fs;
	struct stat st;

	if (fstatfs(fd, &fs) < 0 || fs.f_type != PROC_SUPER_MAGIC)
		return OUTSIDE;
	return fstat(fd, &st) == 0 && st.st_ino == PROC_ROOT_INODE ? ROOT : INSIDE;
}

/* Nothing but a procfs comes on /proc, and below it only the files that check/ has let through by name (security.md
 * R14). A symlink of the rootfs may lead there from any other name. */
static int guard_proc(struct run *r, const struct step *s, bool procfs, int target)
{
	const char *path = s->mount.target + strspn(s->mount.target, "/");
	bool named = str_starts(path, "proc") && (!path[4] || path[4] == '/');
	bool below = named && path[4 + strspn(path + 4, "/")];
	enum where where = where_in_procfs(target);

	if ((where == OUTSIDE && !named) || unsafe("proc"))
		return 0;
	if (where != ROOT && below)
		return 0;
	if ((where == ROOT || named) && procfs)
		return 0;
	return run_fail(r, EPERM, "only a procfs may be mounted on %s, which is in /proc",
	                s->mount.target);
}

/* What a source that is a symlink says, as a symlink in the rootfs (copy-symlink). */
static int copy_symlink(struct run *r, const struct step *s, int source)
{
	char text[PATH_MAX], there[PATH_MAX];
	const char *name;
	ssize_t n = readlinkat(source, "", text, sizeof text - 1);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	autofd parent = path_parent(r->fd[SLOT_ROOTFS], s->mount.target, &name);
	if (parent < 0)
		return parent;
	if (symlinkat(text, parent, name) == 0)
		return 0;
	if (errno != EEXIST)
		return -errno;
	n = readlinkat(parent, name, there, sizeof there - 1);
	if (n >= 0) {
		there[n] = '\0';
		if (STR_EQ(there, text))
			return 0;
	}
	return run_fail(r, EEXIST, "another file is in the place of the symlink %s",
	                s->mount.target);
}

/* Why a bind mount could not be put in its place, where that is not plain. */
static int bind_failed(struct run *r, const struct step *s, int rc)
{
	if (rc == -EPERM && (s->mount.cleared || s->mount.rec_clear || s->mount.flags & ATIMES))
		return run_fail(
			r, EPERM,
			"an option would take away a restriction (ro, nodev, nosuid, noexec or "
			"an atime mode) that the owner of %s has locked",
			s->mount.how & MOUNT_REMOUNT ? s->mount.target : s->mount.source);
	if (rc == -ENOSYS)
		return run_fail(r, ENOSYS, "recursive mount options need Linux 5.12");
	return rc;
}

/* The source as a detached mount in *tree. *tree stays -1 when it was a symlink and is copied already. */
static int find_source(struct run *r, const struct step *s, const char *source, bool rec, int *tree)
{
	bool links = s->mount.how & (MOUNT_COPY_SYMLINK | MOUNT_SRC_NOFOLLOW);
	struct stat st;

	if (s->mount.tree)
		*tree = fd_take(&r->tree[s->mount.tree - 1]);
	if (*tree >= 0)
		return 0;

	/* Before the pivot the host's paths are still ours. A copy-symlink whose source is none is a bind mount. */
	autofd from = open(source, O_PATH | O_CLOEXEC | (links ? O_NOFOLLOW : 0));
	if (from < 0 || fstat(from, &st) < 0)
		return run_sys(r, errno, "open the source %s", source);
	if (S_ISLNK(st.st_mode) && s->mount.how & MOUNT_COPY_SYMLINK)
		return copy_symlink(r, s, from);
	if (s->mount.tree)
		return run_fail(r, EAGAIN, "%s was a symlink and is none any more", source);
	*tree = mnt_copy(from, rec);
	if (*tree == -EINVAL)
		return run_fail(r, EINVAL,
		                "%s is on an unbindable mount, or mounts below it are locked "
		                "(use rbind)",
		                source);
	return *tree < 0 ? *tree : 0;
}

static int bind(struct run *r, const struct step *s, const char *source, bool rec,
                const struct mnt_want *w)
{
	autofd tree = -1;
	struct stat st;

	int rc = find_source(r, s, source, rec, &tree);
	if (rc < 0 || tree < 0)
		return rc;
	if (fstat(tree, &st) < 0)
		return -errno;
	autofd target = open_target(r, s, S_ISDIR(st.st_mode));
	if (target < 0)
		return target;
	rc = guard_proc(r, s, where_in_procfs(tree) == ROOT, target);
	return rc < 0 ? rc : bind_failed(r, s, mnt_put(r->fd[SLOT_PROC], tree, target, w));
}

/* The mode and owner of the directory that a tmpfs covers. */
static void inherit(const struct stat *st, int tree)
{
	if (st->st_uid || st->st_gid)
		(void)!fchownat(tree, "", st->st_uid, st->st_gid, AT_EMPTY_PATH);
}

/* mount(2), for what fsconfig(2) cannot say. The new mount is then looked up again, only to be filled or changed: it
 * must be the root of another mount than the target was. */
static int old_mount(struct run *r, const struct step *s, const struct mnt_fs *fs, int target)
{
	char data[4096];
	struct statx before, after;
	bool two = !str_empty(fs->data) && fs->more;

	int n = snprintf(data, sizeof data, "%s%s%s", fs->data, two ? "," : "",
	                 fs->more ? fs->more : "");
	if ((size_t)n >= sizeof data)
		return run_fail(r, E2BIG, "the mount's options are longer than %zu bytes",
		                sizeof data - 1);
	int rc = mnt_mount(r->fd[SLOT_PROC], target, fs->source, fs->type, fs->flags, data);
	if (rc < 0)
		return rc;
	autofd fd = path_open(r->fd[SLOT_ROOTFS], s->mount.target, how_to_look(s));
	if (fd < 0)
		return fd;
	if (statx(target, "", AT_EMPTY_PATH, STATX_MNT_ID, &before) < 0 ||
	    statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &after) < 0)
		return -errno;
	if (!(after.stx_attributes & STATX_ATTR_MOUNT_ROOT) ||
	    before.stx_mnt_id == after.stx_mnt_id)
		return run_fail(r, EAGAIN, "%s was moved while it was mounted", s->mount.target);
	return fd_take(&fd);
}

/* Names an error by the file system's own words where it had some. */
static int fs_failed(struct run *r, int rc, const char *log)
{
	return *log ? run_sys(r, -rc, "%s", log) : rc;
}

/* A detached mount of the step's file system, or with *old one that is in its place already. */
static int make_fs(struct run *r, const struct step *s, int target, const char *mode, bool *old)
{
	char log[256];
	struct mnt_fs fs = {
		.type = s->mount.fstype,
		.source = s->mount.source,
		.data = s->mount.data,
		.more = mode,
		.flags = s->mount.flags & ~(fills(s) ? (unsigned long)MS_RDONLY : 0),
	};
	int tree = mnt_new(&fs, log, sizeof log);

	/* The group of terminals may have no place in a user namespace's map. */
	if ((tree == -EINVAL || tree == -EPERM) && STR_EQ(fs.type, "devpts")) {
		fs.drop = "gid";
		tree = mnt_new(&fs, log, sizeof log);
	}
	*old = tree == -ENOSYS;
	if (*old)
		return old_mount(r, s, &fs, target);
	/* What can be bound instead has the last word. */
	return tree < 0 && !s->mount.instead ? fs_failed(r, tree, log) : tree;
}

static int relabel(struct run *r, const struct step *s, int tree)
{
	const char *label = s->mount.relabel;
	autofd fd = openat(tree, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsetxattr(fd, "security.selinux", label, strlen(label), 0) < 0)
		return run_sys(r, errno, "give %s the label %s", s->mount.target, label);
	return 0;
}

static int copy_failed(struct run *r, const struct step *s, int rc)
{
	const char *limit = rc == -ENAMETOOLONG ? "directories more than 64 deep"
	                    : rc == -EOVERFLOW  ? "more than 65,536 files"
	                                        : NULL;

	if (!limit)
		return run_sys(r, -rc, "copy what %s holds", s->mount.target);
	return run_fail(r, -rc, "copy what %s holds: %s", s->mount.target, limit);
}

static int new_fs(struct run *r, const struct step *s)
{
	struct mnt_want w = wanted(s, fills(s) ? s->mount.flags & MS_RDONLY : 0, 0);
	char mode[16] = "";
	struct stat st;
	bool old;

	autofd target = open_target(r, s, true);
	if (target < 0)
		return target;
	int rc = guard_proc(r, s, STR_EQ(s->mount.fstype, "proc"), target);
	if (rc < 0)
		return rc;
	/* Also from one that was made just now: it stays, and the next container would inherit from it. */
	bool like = s->mount.how & MOUNT_INHERIT_MODE && fstat(target, &st) == 0;
	if (like)
		snprintf(mode, sizeof mode, "mode=%o", st.st_mode & 07777);
	autofd tree = make_fs(r, s, target, *mode ? mode : NULL, &old);
	if (tree < 0)
		return tree;
	if (like)
		inherit(&st, tree);
	if (s->mount.how & MOUNT_COPYUP)
		rc = copyup(r->fd[SLOT_PROC], target, tree);
	if (rc < 0)
		return copy_failed(r, s, rc);
	rc = old ? mnt_change(r->fd[SLOT_PROC], tree, &w)
	         : mnt_put(r->fd[SLOT_PROC], tree, target, &w);
	if (rc == 0 && s->mount.relabel)
		rc = relabel(r, s, tree);
	return rc == -ENOSYS ? bind_failed(r, s, rc) : rc;
}

static int remount(struct run *r, const struct step *s)
{
	struct mnt_want w = wanted(s, 0, 0);
	unsigned long bind_flag = s->mount.how & MOUNT_BIND ? MS_BIND : 0;
	autofd fd = path_open(r->fd[SLOT_ROOTFS], s->mount.target, how_to_look(s));

	if (fd < 0)
		return fd;
	int rc = mnt_remount(r->fd[SLOT_PROC], fd, s->mount.flags | bind_flag, s->mount.cleared,
	                     bind_flag ? NULL : s->mount.data);
	if (rc == 0)
		rc = mnt_change(r->fd[SLOT_PROC], fd, &w);
	return bind_failed(r, s, rc);
}

/* A directory is what there is of /dev/mqueue where nobody has mounted one. */
static bool can_stand_in(const struct step *s)
{
	struct statfs fs;

	return s->mount.instead && statfs(s->mount.instead, &fs) == 0 &&
	       (!STR_EQ(s->mount.fstype, "mqueue") || fs.f_type == MQUEUE_MAGIC);
}

int op_mount(struct run *r, const struct step *s)
{
	struct mnt_want w = wanted(s, s->mount.flags, s->mount.cleared);

	if (s->mount.how & MOUNT_REMOUNT)
		return remount(r, s);
	if (s->mount.how & MOUNT_BIND)
		return bind(r, s, s->mount.source, s->mount.how & MOUNT_REC, &w);
	int rc = new_fs(r, s);
	if ((rc != -EPERM && rc != -EBUSY && rc != -EACCES) || !can_stand_in(s))
		return rc;
	/* All of it as restricted as the mount itself should have been: submounts of /sys are the host's. */
	w.rec_set |= w.set;
	return bind(r, s, s->mount.instead, true, &w);
}
