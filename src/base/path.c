/* path: see path.h. */
#include "base/path.h"
#include "base/fd.h"
#include "base/sys.h"
#include "base/unsafe.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define TRIES     128 /* of a lookup that races with renames: openat2(2) says EAGAIN */
#define LINKS_MAX 40  /* as the kernel's own */

static int lookup(int root, const char *path, int flags, enum path_how how)
{
	struct open_how h = {
		.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
		.resolve = unsafe("root") ? 0 : RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	int fd = -EAGAIN;

	if (how & PATH_NO_LINKS && !unsafe("links"))
		h.resolve |= RESOLVE_NO_SYMLINKS;
	if (how & PATH_NO_FOLLOW && !unsafe("follow"))
		h.flags |= O_NOFOLLOW;
	/* In its own root a path starts where the root does. */
	path += strspn(path, "/");
	for (int i = 0; i < TRIES && (fd == -EAGAIN || fd == -EINTR); i++)
		fd = sys_openat2(root, *path ? path : ".", &h);
	return fd;
}

int path_open(int root, const char *path, enum path_how how)
{
	return lookup(root, path, O_PATH, how);
}

int path_open_file(int root, const char *path, int flags, enum path_how how)
{
	return lookup(root, path, flags & ~O_CREAT, how);
}

/* Where the last component starts and what its length is; trailing slashes do not count. */
static size_t last_component(const char *path, size_t *len)
{
	size_t end = strlen(path);

	while (end && path[end - 1] == '/')
		end--;
	size_t start = end;
	while (start && path[start - 1] != '/')
		start--;
	*len = end - start;
	return start;
}

static bool is_dots(const char *name)
{
	return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

/* Replaces the symlink at path[start, end), which is name in parent and leads nowhere yet, by what it says, so that
 * the next lookup resolves it in the root. 0; -EEXIST when it is no symlink. */
static int splice_link(int parent, const char *name, char path[PATH_MAX], size_t start, size_t end)
{
	char link[PATH_MAX], rest[PATH_MAX];
	ssize_t n = readlinkat(parent, name, link, sizeof link - 1);

	if (n < 0)
		return errno == EINVAL ? -EEXIST : -errno;
	link[n] = '\0';
	snprintf(rest, sizeof rest, "%s", path + end);
	if (link[0] == '/')
		start = 0;
	int len = snprintf(path + start, PATH_MAX - start, "%s%s", link, rest);
	return (size_t)len < PATH_MAX - start ? 0 : -ENAMETOOLONG;
}

/* One missing directory: made in parent, then opened without following anything that took its place meanwhile. */
static int make_one(int parent, const char *name)
{
	mode_t mask = umask(022);
	int rc = mkdirat(parent, name, 0755);
	int num = errno;

	umask(mask);
	if (rc < 0)
		return -num;
	rc = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return rc < 0 ? -errno : rc;
}

/* Walks path once, making what is missing. Each prefix is looked up from the root again: only so can the kernel follow
 * links and ".." in it. Returns the directory, or -ERESTART after a link was spliced into path. */
static int make_walk(int root, char path[PATH_MAX], enum path_how how)
{
	autofd parent = lookup(root, "", O_PATH | O_DIRECTORY, PATH_DEFAULT);
	size_t start = 0, end;

	for (; parent >= 0; start = end) {
		char name[NAME_MAX + 1];

		start += strspn(path + start, "/");
		end = start + strcspn(path + start, "/");
		if (end == start)
			return fd_take(&parent);
		if (end - start > NAME_MAX)
			return -ENAMETOOLONG;
		memcpy(name, path + start, end - start);
		name[end - start] = '\0';

		char after = path[end];
		path[end] = '\0';
		autofd next = lookup(root, path, O_PATH | O_DIRECTORY, how & PATH_NO_LINKS);
		path[end] = after;
		/* ".." is only ever the kernel's to resolve: from a directory that was moved meanwhile, it leads out. */
		if (next == -ENOENT && !is_dots(name))
			next = make_one(parent, name);
		if (next == -EEXIST && !(how & PATH_NO_LINKS)) {
			int rc = splice_link(parent, name, path, start, end);
			return rc < 0 ? rc : -ERESTART;
		}
		fd_close(&parent);
		parent = fd_take(&next);
	}
	return parent;
}

static int make_dirs(int root, char path[PATH_MAX], enum path_how how)
{
	int fd = lookup(root, path, O_PATH | O_DIRECTORY, how & PATH_NO_LINKS);

	if (fd != -ENOENT)
		return fd;
	/* -EEXIST: another process made the directory between our lookup and our mkdir. */
	for (int i = 0; i < LINKS_MAX; i++) {
		fd = make_walk(root, path, how);
		if (fd != -ERESTART && fd != -EEXIST)
			return fd;
	}
	return -ELOOP;
}

int path_parent(int root, const char *path, const char **name)
{
	char dir[PATH_MAX];
	size_t len, start = last_component(path, &len);

	if (start + len >= sizeof dir || len > NAME_MAX)
		return -ENAMETOOLONG;
	if (!len || path[start + len] || is_dots(path + start))
		return -EINVAL;
	memcpy(dir, path, start);
	dir[start] = '\0';
	int fd = make_dirs(root, dir, PATH_DEFAULT);
	if (fd >= 0)
		*name = path + start;
	return fd;
}

int path_make_dir(int root, const char *path, enum path_how how)
{
	char copy[PATH_MAX];
	int fd = path_open(root, path, how);

	if (fd != -ENOENT)
		return fd;
	if ((size_t)snprintf(copy, sizeof copy, "%s", path) >= sizeof copy)
		return -ENAMETOOLONG;
	return make_dirs(root, copy, how);
}

/* One try to make the file; -ERESTART when a link was spliced into path or somebody was faster. */
static int make_file(int root, char path[PATH_MAX], enum path_how how)
{
	char dir[PATH_MAX], name[NAME_MAX + 1];
	size_t len, start = last_component(path, &len);

	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(name, path + start, len);
	name[len] = '\0';
	if (!len || path[start + len] || is_dots(name))
		return -EISDIR;
	memcpy(dir, path, start);
	dir[start] = '\0';
	autofd parent = make_dirs(root, dir, how);
	if (parent < 0)
		return parent;
	const int fresh = unsafe("follow") ? 0 : O_EXCL | O_NOFOLLOW;
	autofd fd = openat(parent, name, O_WRONLY | O_CREAT | fresh | O_CLOEXEC, 0644);
	if (fd < 0 && errno == EEXIST) {
		int rc = how & PATH_NO_LINKS ? -EEXIST
		                             : splice_link(parent, name, path, start, start + len);
		return rc < 0 && rc != -EEXIST ? rc : -ERESTART;
	}
	if (fd < 0)
		return -errno;
	/* The same inode as an O_PATH descriptor: what lies under the name now may be another. */
	struct stat made, now;
	autofd there = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (there < 0 || fstat(fd, &made) < 0 || fstat(there, &now) < 0)
		return -errno;
	if (made.st_ino != now.st_ino || made.st_dev != now.st_dev)
		return -ERESTART;
	return fd_take(&there);
}

int path_make_file(int root, const char *path, enum path_how how)
{
	char copy[PATH_MAX];
	int fd = -ERESTART;

	if ((size_t)snprintf(copy, sizeof copy, "%s", path) >= sizeof copy)
		return -ENAMETOOLONG;
	for (int i = 0; i < LINKS_MAX && fd == -ERESTART; i++) {
		fd = path_open(root, copy, how);
		if (fd == -ENOENT)
			fd = make_file(root, copy, how);
	}
	return fd == -ERESTART ? -ELOOP : fd;
}
