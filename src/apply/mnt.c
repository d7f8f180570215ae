/* mnt: see mnt.h. */
#include "apply/mnt.h"
#include "base/fd.h"
#include "base/str.h"
#include "base/sys.h"
#include "base/unsafe.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#define ATIMES (MS_NOATIME | MS_RELATIME | MS_STRICTATIME)

uint64_t mnt_attrs(unsigned long flags)
{
	static const struct {
		unsigned long ms;
		uint64_t attr;
	} t[] = {
		{ MS_RDONLY, MOUNT_ATTR_RDONLY },
		{ MS_NOSUID, MOUNT_ATTR_NOSUID },
		{ MS_NODEV, MOUNT_ATTR_NODEV },
		{ MS_NOEXEC, MOUNT_ATTR_NOEXEC },
		{ MS_NODIRATIME, MOUNT_ATTR_NODIRATIME },
		{ MS_NOSYMFOLLOW, MOUNT_ATTR_NOSYMFOLLOW },
	};
	uint64_t attrs = 0;

	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		if (flags & t[i].ms)
			attrs |= t[i].attr;
	if (flags & MS_STRICTATIME)
		attrs |= MOUNT_ATTR_STRICTATIME;
	else if (flags & MS_NOATIME)
		attrs |= MOUNT_ATTR_NOATIME;
	return attrs;
}

struct mnt_want mnt_want(unsigned long flags, unsigned long cleared)
{
	if (unsafe("ro"))
		flags &= ~(unsigned long)MS_RDONLY;
	struct mnt_want w = { .set = mnt_attrs(flags),
		              .clear = mnt_attrs(cleared & ~(unsigned long)ATIMES) };

	/* To leave relatime is to choose another mode, by its own word. */
	if (flags & ATIMES || cleared & (MS_NOATIME | MS_STRICTATIME))
		w.clear |= MOUNT_ATTR__ATIME;
	return w;
}

/* SELinux puts its labels, which have commas in them, in quotes: context="u:r:t:s0:c1,c2". */
static bool is_quoted(const char *word)
{
	size_t key = strcspn(word, "=,");

	return key >= 7 && strncmp(word + key - 7, "context=\"", 9) == 0 &&
	       strchr(word + key + 2, '"');
}

/* How long the first option of data is. A comma behind a backslash belongs to the value (overlayfs). */
static size_t option_len(const char *data)
{
	size_t len = 0;

	if (is_quoted(data))
		return (size_t)(strchr(strchr(data, '"') + 1, '"') + 1 - data);
	while (data[len] && data[len] != ',')
		len += data[len] == '\\' && data[len + 1] ? 2 : 1;
	return len;
}

/* One "key=value" or "key" of a file system. */
static int set_option(int ctx, const char *word, size_t len, const char *drop)
{
	char buf[512];

	if (!len)
		return 0;
	if (len >= sizeof buf)
		return -ENOSYS;
	memcpy(buf, word, len);
	buf[len] = '\0';
	char *value = strchr(buf, '=');
	if (value)
		*value++ = '\0';
	/* The quotes are for mount(2), which takes all options as one text. */
	if (is_quoted(word)) {
		buf[len - 1] = '\0';
		value++;
	}
	if (drop && STR_EQ(buf, drop))
		return 0;
	/* fsconfig(2) takes keys and values of up to 255 bytes; an overlay's lowerdir may be longer. */
	if (strlen(buf) > 255 || (value && strlen(value) > 255))
		return -ENOSYS;
	return sys_fsconfig(ctx, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, buf, value, 0);
}

static int set_options(int ctx, const char *data, const char *drop)
{
	while (data && *data) {
		size_t len = option_len(data);
		int rc = set_option(ctx, data, len, drop);
		if (rc < 0)
			return rc;
		data += len + (data[len] == ',');
	}
	return 0;
}

static int set_flags(int ctx, unsigned long flags)
{
	static const struct {
		unsigned long ms;
		const char *key;
	} t[] = {
		{ MS_RDONLY, "ro" },     { MS_SYNCHRONOUS, "sync" },  { MS_DIRSYNC, "dirsync" },
		{ MS_MANDLOCK, "mand" }, { MS_LAZYTIME, "lazytime" },
	};

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		if (!(flags & t[i].ms))
			continue;
		int rc = sys_fsconfig(ctx, FSCONFIG_SET_FLAG, t[i].key, NULL, 0);
		if (rc < 0)
			return rc;
	}
	/* The only flag of mount(2) that each file system has to know by name. */
	if (flags & MS_I_VERSION && sys_fsconfig(ctx, FSCONFIG_SET_FLAG, "iversion", NULL, 0) < 0)
		return -ENOSYS;
	return 0;
}

static int configure(int ctx, const struct mnt_fs *fs)
{
	int rc = 0;

	if (!str_empty(fs->source)) {
		if (strlen(fs->source) > 255)
			return -ENOSYS;
		rc = sys_fsconfig(ctx, FSCONFIG_SET_STRING, "source", fs->source, 0);
	}
	if (rc == 0)
		rc = set_options(ctx, fs->data, fs->drop);
	if (rc == 0)
		rc = set_options(ctx, fs->more, NULL);
	if (rc == 0)
		rc = set_flags(ctx, fs->flags);
	if (rc == 0)
		rc = sys_fsconfig(ctx, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	return rc;
}

/* The last error message of the context: "e tmpfs: Unknown parameter 'foo'". */
static void read_log(int ctx, char *log, size_t n)
{
	char line[256];
	ssize_t len;

	while ((len = read(ctx, line, sizeof line - 1)) > 0) {
		line[len] = '\0';
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == 'e' && line[1] == ' ')
			snprintf(log, n, "%s", line + 2);
	}
}

int mnt_new(const struct mnt_fs *fs, char *log, size_t n)
{
	*log = '\0';
	autofd ctx = sys_fsopen(fs->type, FSOPEN_CLOEXEC);
	if (ctx < 0)
		return ctx;
	int rc = configure(ctx, fs);
	if (rc == 0) {
		rc = sys_fsmount(ctx, FSMOUNT_CLOEXEC, (unsigned)mnt_attrs(fs->flags));
		/* The attribute came with 5.14, the flag of mount(2) with 5.10. */
		if (rc == -EINVAL && fs->flags & MS_NOSYMFOLLOW)
			rc = -ENOSYS;
	}
	if (rc < 0)
		read_log(ctx, log, n);
	return rc;
}

int mnt_copy(int fd, bool rec)
{
	return sys_open_tree(fd, "",
	                     AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC |
	                             (rec ? AT_RECURSIVE : 0));
}

static int set_attr(int fd, uint64_t set, uint64_t clear, unsigned long propagation, bool rec)
{
	struct mount_attr attr = { .attr_set = set,
		                   .attr_clr = clear,
		                   .propagation = propagation & ~(unsigned long)MS_REC };

	if (!set && !clear && !propagation)
		return 0;
	return sys_mount_setattr(fd, "", AT_EMPTY_PATH | (rec ? AT_RECURSIVE : 0), &attr);
}

int mnt_idmap(int tree, int userns, bool rec)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)userns };

	return sys_mount_setattr(tree, "", AT_EMPTY_PATH | (rec ? AT_RECURSIVE : 0), &attr);
}

static int set_attrs(int fd, const struct mnt_want *w)
{
	int rc = set_attr(fd, w->set, w->clear, 0, false);

	return rc < 0 ? rc : set_attr(fd, w->rec_set, w->rec_clear, 0, true);
}

int mnt_propagate(int proc, int fd, unsigned long propagation)
{
	int rc = set_attr(fd, 0, 0, propagation, propagation & MS_REC);

	return rc == -ENOSYS ? mnt_mount(proc, fd, NULL, NULL, propagation, NULL) : rc;
}

/* The flags that a mount has now, as mount(2) wants to hear them again. */
static int flags_of(int fd, unsigned long *flags)
{
	static const struct {
		unsigned long st, ms;
	} t[] = {
		{ ST_RDONLY, MS_RDONLY },     { ST_NOSUID, MS_NOSUID },
		{ ST_NODEV, MS_NODEV },       { ST_NOEXEC, MS_NOEXEC },
		{ ST_NOATIME, MS_NOATIME },   { ST_NODIRATIME, MS_NODIRATIME },
		{ ST_RELATIME, MS_RELATIME }, { 8192 /* ST_NOSYMFOLLOW */, MS_NOSYMFOLLOW },
	};
	struct statvfs fs;

	if (fstatvfs(fd, &fs) < 0)
		return -errno;
	*flags = 0;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		if (fs.f_flag & t[i].st)
			*flags |= t[i].ms;
	/* None of the three is how the kernel shows the fourth mode. */
	if (!(*flags & (MS_NOATIME | MS_RELATIME)))
		*flags |= MS_STRICTATIME;
	return 0;
}

int mnt_mount(int proc, int fd, const char *source, const char *type, unsigned long flags,
              const char *data)
{
	char path[32];
	autofd back = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (back < 0 || fchdir(proc) < 0)
		return -errno;
	snprintf(path, sizeof path, "self/fd/%d", fd);
	int rc = mount(source, path, type, flags, data) < 0 ? -errno : 0;
	if (fchdir(back) < 0)
		return -errno;
	return rc;
}

int mnt_remount(int proc, int fd, unsigned long flags, unsigned long cleared, const char *data)
{
	const unsigned long lockable = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME |
	                               MS_NODIRATIME | MS_RELATIME | MS_STRICTATIME;
	int rc = mnt_mount(proc, fd, NULL, NULL, flags | MS_REMOUNT, data);
	unsigned long now;

	if (rc != -EPERM || flags_of(fd, &now) < 0)
		return rc;
	now &= lockable;
	if (now & cleared)
		return rc;
	/* The mode of access times is locked as it is. */
	flags = (flags & ~(unsigned long)ATIMES) | now;
	return mnt_mount(proc, fd, NULL, NULL, flags | MS_REMOUNT, data);
}

/* Before 5.12: bind remounts, which set every flag of one mount. */
static int change_by_remount(int proc, int fd, const struct mnt_want *w)
{
	unsigned long had, flags;

	if (w->rec_set || w->rec_clear)
		return -ENOSYS;
	if (!w->set && !w->clear)
		return 0;
	int rc = flags_of(fd, &had);
	if (rc < 0)
		return rc;
	flags = had;
	if (w->clear & MOUNT_ATTR__ATIME)
		flags &= ~(unsigned long)ATIMES;
	for (unsigned long ms = 1; ms <= MS_STRICTATIME; ms <<= 1) {
		if (mnt_attrs(ms) & w->clear)
			flags &= ~ms;
		if (mnt_attrs(ms) & w->set)
			flags |= ms;
	}
	return mnt_remount(proc, fd, flags | MS_BIND, had & ~flags, NULL);
}

int mnt_change(int proc, int fd, const struct mnt_want *w)
{
	int rc = set_attrs(fd, w);

	if (rc == -ENOSYS)
		rc = change_by_remount(proc, fd, w);
	return rc < 0 ? rc : mnt_propagate(proc, fd, w->propagation);
}

int mnt_put(int proc, int tree, int target, const struct mnt_want *w)
{
	int changed = set_attrs(tree, w);

	if (changed < 0 && changed != -ENOSYS)
		return changed;
	int rc = sys_move_mount(tree, "", target, "",
	                        MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
	if (rc == 0 && changed < 0)
		rc = change_by_remount(proc, tree, w);
	/* Only now: on a shared mount everything that is attached becomes shared, and nothing unbindable may be. */
	return rc < 0 ? rc : mnt_propagate(proc, tree, w->propagation);
}
