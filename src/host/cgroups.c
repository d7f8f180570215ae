/* cgroups: see cgroups.h. On the way of every create: a statfs(2) per hierarchy and often no more, no mountinfo. */
#include "host/cgroups.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/procfs.h"
#include "base/str.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#define ROOT "/sys/fs/cgroup"

/* Is that an answer about what is there, and no failure to look? */
static bool absent(int num)
{
	return num == ENOENT || num == ENOTDIR || num == EACCES;
}

/* The type of the file system at path, 0 when there is nothing for us. Negative errno when that cannot be known: a
 * hierarchy that is taken for absent would be one without limits. */
static long magic_of(const char *path, bool *read_only)
{
	struct statfs st;

	if (statfs(path, &st) < 0)
		return absent(errno) ? 0 : -errno;
	*read_only = st.f_flags & ST_RDONLY;
	return (long)st.f_type;
}

/* A cgroup outside of our cgroup namespace shows as "/../x": what we see of the tree then begins at our root. */
static const char *visible(const char *own)
{
	return str_starts(own, "/../") || STR_EQ(own, "/..") ? "/" : own;
}

/* May a container's cgroup be made where it goes by default: v1 below our own cgroup, v2 beside it, because a cgroup
 * with processes cannot give controllers to its children. Root of the machine may in the root cgroup. 1 or 0; negative
 * errno when that cannot be known, for the same reason as above. */
static int writable(const struct facts *f, const struct hierarchy *h)
{
	const char *slash = strrchr(h->own, '/');
	int len = h->v2 && slash ? (int)(slash - h->own) : (int)strlen(h->own);
	char path[PATH_MAX];

	if (f->euid == 0 && !f->in_userns && STR_EQ(h->own, "/"))
		return 1;
	if (snprintf(path, sizeof path, "%s%.*s", h->mount, len, h->own) >= (int)sizeof path)
		return 0;
	int rc = io_may(path, W_OK);
	if (absent(-rc) || rc == -EROFS || rc == -EPERM)
		return 0;
	return rc < 0 ? rc : 1;
}

static int add(struct facts *f, struct hierarchy h, bool read_only)
{
	if (f->n_hierarchies == FACTS_HIERARCHIES)
		return 0;
	h.own = visible(h.own);
	int may = read_only ? 0 : writable(f, &h);
	if (may < 0)
		return may;
	h.writable = may;
	f->hierarchy[f->n_hierarchies++] = h;
	return 0;
}

static int add_v2(struct facts *f, const char *mount, const char *own, bool read_only,
                  struct arena *a)
{
	char path[64], text[512];

	snprintf(path, sizeof path, "%s/cgroup.controllers", mount);
	ssize_t len = io_read_small(AT_FDCWD, path, text, sizeof text);
	if (len < 0 && !absent((int)-len))
		return (int)len;
	if (len < 0)
		text[0] = '\0';
	return add(f,
	           (struct hierarchy){ .controllers = arena_str(a, text, strcspn(text, "\n")),
	                               .mount = mount,
	                               .own = own,
	                               .v2 = true },
	           read_only);
}

/* The mount is named after all of its controllers, in the kernel's order or another, with a symlink for each. */
static int add_v1(struct facts *f, char *controllers, const char *own, struct arena *a)
{
	const char *name = str_starts(controllers, "name=") ? controllers + 5 : controllers;
	char mount[NAME_MAX];
	bool read_only;

	snprintf(mount, sizeof mount, ROOT "/%s", name);
	long magic = magic_of(mount, &read_only);
	if (magic >= 0 && magic != CGROUP_SUPER_MAGIC) {
		snprintf(mount, sizeof mount, ROOT "/%.*s", (int)strcspn(name, ","), name);
		magic = magic_of(mount, &read_only);
	}
	if (magic != CGROUP_SUPER_MAGIC)
		return magic < 0 ? (int)magic : 0;
	return add(f,
	           (struct hierarchy){ .controllers = controllers,
	                               .mount = arena_str(a, mount, strlen(mount)),
	                               .own = own },
	           read_only);
}

/* One line of /proc/self/cgroup: "4:memory:/a/b", "9:name=systemd:/", "0::/". read_only: the mount at ROOT is. */
static int parse_line(struct facts *f, char *line, bool read_only, struct arena *a)
{
	char *controllers = strchr(line, ':');
	char *own = controllers ? strchr(controllers + 1, ':') : NULL;

	if (!own || own[1] != '/')
		return 0;
	*own++ = '\0';
	if (controllers[1])
		return f->cgroup_host == CGROUP_HOST_V2 ? 0 : add_v1(f, controllers + 1, own, a);
	if (f->cgroup_host == CGROUP_HOST_V2)
		return add_v2(f, ROOT, own, read_only, a);
	long magic = magic_of(ROOT "/unified", &read_only);
	if (magic != CGROUP2_SUPER_MAGIC)
		return magic < 0 ? (int)magic : 0;
	f->cgroup_host = CGROUP_HOST_HYBRID;
	return add_v2(f, ROOT "/unified", own, read_only, a);
}

static int unknown(int num, struct err *e)
{
	err_sys(e, ERR_HOST, num, "look at what is mounted at " ROOT " and below it");
	return err_hint(e, "see with \"findmnt -R " ROOT "\" which of the mounts does not answer");
}

int cgroups_probe(struct facts *f, int self, struct arena *a, struct err *e)
{
	char text[16384];
	bool read_only = false;
	long magic = magic_of(ROOT, &read_only);
	autofd fd = -1;
	ssize_t len;

	if (magic < 0)
		return unknown((int)-magic, e);
	f->n_hierarchies = 0;
	f->cgroup_host = magic == CGROUP2_SUPER_MAGIC ? CGROUP_HOST_V2
	                 : magic == TMPFS_MAGIC       ? CGROUP_HOST_V1
	                                              : CGROUP_HOST_NONE;
	if (f->cgroup_host == CGROUP_HOST_NONE)
		return 0;
	fd = procfs_openat(self, "cgroup", O_RDONLY);
	len = fd < 0 ? fd : io_read_small(fd, "", text, sizeof text);
	if (len == -ENOENT) { /* a kernel without cgroups */
		f->cgroup_host = CGROUP_HOST_NONE;
		return 0;
	}
	if (len < 0)
		return err_sys(e, ERR_HOST, (int)-len, "read /proc/self/cgroup");

	char *line = arena_str(a, text, (size_t)len);
	for (char *next; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		int rc = parse_line(f, line, read_only, a);
		if (rc < 0)
			return unknown(-rc, e);
	}
	if (f->n_hierarchies == 0)
		f->cgroup_host = CGROUP_HOST_NONE;
	return 0;
}
