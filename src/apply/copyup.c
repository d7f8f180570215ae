/* copyup: see copyup.h. */
#include "apply/copyup.h"
#include "base/fd.h"
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define DEPTH_MAX   64
#define ENTRIES_MAX 65536

struct copy {
	int proc;
	unsigned depth, entries;
};

/* What getdents64(2) writes. */
struct entry {
	uint64_t ino;
	int64_t off;
	uint16_t len;
	uint8_t type;
	char name[];
};

static int copy_dir(struct copy *c, int from, int to);

/* Owner first: chown(2) takes set-id bits away. */
static int same_owner(struct copy *c, int fd, const struct stat *st)
{
	char path[32];

	if (fchownat(fd, "", st->st_uid, st->st_gid, AT_EMPTY_PATH) < 0)
		return -errno;
	if (S_ISLNK(st->st_mode))
		return 0;
	snprintf(path, sizeof path, "self/fd/%d", fd);
	return fchmodat(c->proc, path, st->st_mode & 07777, 0) < 0 ? -errno : 0;
}

/* As many bytes as the file had when it was opened: it may grow for ever. */
static int copy_bytes(int from, int to, off_t size)
{
	while (size > 0) {
		ssize_t n = sendfile(to, from, NULL, size > INT_MAX ? INT_MAX : (size_t)size);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return 0;
		if (n > 0)
			size -= n;
	}
	return 0;
}

static int copy_file(struct copy *c, int from, int to, const char *name)
{
	struct stat st;
	autofd in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (in < 0 || fstat(in, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EAGAIN;
	autofd out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0)
		return -errno;
	int rc = copy_bytes(in, out, st.st_size);
	return rc < 0 ? rc : same_owner(c, out, &st);
}

static int copy_link(int from, int to, const char *name)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(from, name, text, sizeof text - 1);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	return symlinkat(text, to, name) < 0 ? -errno : 0;
}

static int make_node(int to, const char *name, const struct stat *st)
{
	int rc = S_ISDIR(st->st_mode)
	                 ? mkdirat(to, name, 0700)
	                 : mknodat(to, name, (st->st_mode & S_IFMT) | 0600, st->st_rdev);

	return rc < 0 ? -errno : 0;
}

static int copy_entry(struct copy *c, int from, int to, const char *name)
{
	struct stat st;

	if (++c->entries > ENTRIES_MAX)
		return -EOVERFLOW;
	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (S_ISREG(st.st_mode))
		return copy_file(c, from, to, name);
	if (S_ISSOCK(st.st_mode))
		return 0; /* nobody listens at a copy */
	int rc = S_ISLNK(st.st_mode) ? copy_link(from, to, name) : make_node(to, name, &st);
	if (rc < 0)
		return rc;
	autofd made = openat(to, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (made < 0)
		return -errno;
	if (S_ISDIR(st.st_mode)) {
		autofd sub = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		rc = sub < 0 ? -errno : copy_dir(c, sub, made);
	}
	return rc < 0 ? rc : same_owner(c, made, &st);
}

static int copy_dir(struct copy *c, int from, int to)
{
	_Alignas(struct entry) char buf[2048];
	long n;
	int rc = ++c->depth > DEPTH_MAX ? -ENAMETOOLONG : 0;

	while (rc == 0 && (n = syscall(SYS_getdents64, from, buf, sizeof buf)) != 0) {
		if (n < 0)
			return -errno;
		for (long at = 0; at < n && rc == 0;) {
			const struct entry *e = (const struct entry *)(buf + at);
			const char *name = e->name;

			at += e->len;
			if (name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2])))
				continue;
			rc = copy_entry(c, from, to, name);
		}
	}
	c->depth--;
	return rc;
}

int copyup(int proc, int from, int to)
{
	struct copy c = { .proc = proc };
	autofd dir = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return dir < 0 ? -errno : copy_dir(&c, dir, to);
}
