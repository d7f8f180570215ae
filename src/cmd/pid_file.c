/* pid_file: see pid_file.h. */
#include "cmd/pid_file.h"
#include "base/fd.h"
#include "base/io.h"
#include "cmd/bundle.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int pid_file_open(struct pid_file *f, const char *path, struct arena *a, struct err *e)
{
	char dir[PATH_MAX];

	*f = (struct pid_file){ .dir = -1 };
	if (!path)
		return 0;
	char *full = arena_alloc(a, PATH_MAX, 1);
	int rc = absolute_path(path, full, PATH_MAX);
	if (rc < 0)
		return err_sys(e, ERR_USAGE, -rc, "pid file %s", path);
	const char *slash = strrchr(full, '/');
	snprintf(dir, sizeof dir, "%.*s", (int)(slash - full) + 1, full);
	f->path = full;
	f->name = slash + 1;
	f->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->dir < 0) {
		err_sys(e, ERR_USAGE, errno, "open the directory of the pid file %s", full);
		return err_hint(e, "make the directory, or give another --pid-file");
	}
	return *f->name ? 0 : err_sys(e, ERR_USAGE, EISDIR, "pid file %s", full);
}

/* Without a temporary name, which nobody would look for if we were killed then. For who may name an unnamed file
 * (linkat(2), AT_EMPTY_PATH), where the file system has them, and when there is no such file yet. */
static int put_unnamed(const struct pid_file *f, const char *text, size_t n)
{
	autofd fd = openat(f->dir, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0644);

	if (fd < 0)
		return -errno;
	if (fchmod(fd, 0644) < 0)
		return -errno;
	int rc = io_write_all(fd, text, n);
	if (rc < 0)
		return rc;
	return linkat(fd, "", f->dir, f->name, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

int pid_file_write(const struct pid_file *f, pid_t pid)
{
	char text[16];
	int n = snprintf(text, sizeof text, "%d", (int)pid);

	if (f->dir < 0 || put_unnamed(f, text, (size_t)n) == 0)
		return 0;
	return io_replace(f->dir, f->name, text, (size_t)n, 0644);
}

void pid_file_remove(const struct pid_file *f)
{
	if (f->dir >= 0)
		unlinkat(f->dir, f->name, 0);
}

void pid_file_close(struct pid_file *f)
{
	fd_close(&f->dir);
}
