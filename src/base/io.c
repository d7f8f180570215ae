/* io: see io.h. */
#include "base/io.h"
#include "base/fd.h"
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

static int open_at(int dirfd, const char *path, int flags, mode_t mode)
{
	int fd;

	do
		fd = openat(dirfd, path, flags | O_CLOEXEC, mode);
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : fd;
}

ssize_t io_read_small(int dirfd, const char *path, char *buf, size_t n)
{
	autofd own = -1;
	int fd = dirfd;

	if (*path) {
		own = fd = open_at(dirfd, path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW, 0);
		if (fd < 0)
			return fd;
	}
	ssize_t len = io_read_all(fd, buf, n);
	if (len < 0)
		return len;
	if ((size_t)len == n)
		return -EFBIG;
	buf[len] = '\0';
	return len;
}

int io_write_kernel(int dirfd, const char *path, const char *text, size_t len)
{
	autofd fd = open_at(dirfd, path, O_WRONLY | O_NOFOLLOW, 0);
	ssize_t rc;

	if (fd < 0)
		return fd;
	do
		rc = write(fd, text, len);
	while (rc < 0 && errno == EINTR);
	if (rc < 0)
		return -errno;
	return (size_t)rc == len ? 0 : -EIO;
}

int io_write_all(int fd, const void *buf, size_t len)
{
	const char *p = buf;

	while (len) {
		ssize_t rc = write(fd, p, len);

		if (rc < 0 && errno == EINTR)
			continue;
		if (rc < 0)
			return -errno;
		p += rc;
		len -= (size_t)rc;
	}
	return 0;
}

ssize_t io_read_all(int fd, void *buf, size_t n)
{
	char *p = buf;
	size_t got = 0;

	while (got < n) {
		ssize_t rc = read(fd, p + got, n - got);

		if (rc < 0 && errno == EINTR)
			continue;
		if (rc < 0)
			return -errno;
		if (rc == 0)
			break;
		got += (size_t)rc;
	}
	return (ssize_t)got;
}

/* A new file of our own with the whole text in it; it is gone again after an error. */
static int write_new(int dirfd, const char *name, const char *text, size_t len, mode_t mode)
{
	autofd fd = open_at(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);

	if (fd < 0)
		return fd;
	int rc = fchmod(fd, mode) < 0 ? -errno : io_write_all(fd, text, len); /* umask */
	if (rc < 0)
		unlinkat(dirfd, name, 0);
	return rc;
}

int io_replace(int dirfd, const char *path, const char *text, size_t len, mode_t mode)
{
	char tmp[256];
	int n = snprintf(tmp, sizeof tmp, ".%s.tmp", path);

	if (n < 0 || (size_t)n >= sizeof tmp)
		return -ENAMETOOLONG;
	if (strchr(path, '/'))
		return -EINVAL;
	int rc = write_new(dirfd, tmp, text, len, mode);
	if (rc == -EEXIST && unlinkat(dirfd, tmp, 0) == 0)
		rc = write_new(dirfd, tmp, text, len, mode);
	if (rc < 0)
		return rc;
	if (renameat(dirfd, tmp, dirfd, path) < 0) {
		rc = -errno;
		unlinkat(dirfd, tmp, 0);
	}
	return rc;
}

/* The text is copied, not mapped from the file: somebody else could still change or shorten the file (SIGBUS) between
 * the check of a config and its use. */
int io_load(int dirfd, const char *path, size_t max, const char **text, size_t *len)
{
	autofd fd = open_at(dirfd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ENOTSUP;
	if ((uint64_t)st.st_size > max)
		return -EFBIG;
	if (st.st_size == 0) {
		*text = "";
		*len = 0;
		return 0;
	}
	size_t size = (size_t)st.st_size;
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return -errno;
	ssize_t got = io_read_all(fd, p, size);
	if (got < 0) {
		munmap(p, size);
		return (int)got;
	}
	mprotect(p, size, PROT_READ);
	*text = p;
	*len = (size_t)got;
	return 0;
}

int io_may(const char *path, int mode)
{
	if (faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0 ||
	    (errno == EPERM && access(path, mode) == 0))
		return 0;
	return -errno;
}
