/* cgroup_dir: see cgroup_dir.h. */
#include "apply/cgroup_dir.h"
#include "base/fd.h"
#include "base/str.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

int cgroup_open_dir(int dirfd, const char *name, int flags)
{
	int fd = openat(dirfd, name, flags | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

bool cgroup_may_have(const struct cgroup_ref *ref, const char *controller)
{
	const char *slash = strrchr(ref->mount, '/');

	return ref->v2 || str_listed(slash ? slash + 1 : ref->mount, ',', controller);
}

int cgroup_open(const struct cgroup_ref *ref)
{
	autofd dir = cgroup_open_dir(AT_FDCWD, ref->mount, O_PATH);
	const char *path = ref->path + strspn(ref->path, "/");

	if (!*path)
		return -EINVAL;
	while (dir >= 0 && *path) {
		size_t len = strcspn(path, "/");
		char name[NAME_MAX + 1];

		if (len > NAME_MAX)
			return -ENAMETOOLONG;
		snprintf(name, sizeof name, "%.*s", (int)len, path);
		int next = STR_EQ(name, "..") ? -EINVAL : cgroup_open_dir(dir, name, O_PATH);
		fd_close(&dir);
		/* A file in its way: it cannot have been made. */
		dir = next == -ENOTDIR ? -ENOENT : next;
		path += len + strspn(path + len, "/");
	}
	return fd_take(&dir);
}

bool cgroup_next_child(struct cgroup_children *c, char name[NAME_MAX + 1])
{
	for (;;) {
		if (c->at >= c->len) {
			c->at = 0;
			c->len = getdents64(c->dir, c->buf, sizeof c->buf);
			if (c->len <= 0)
				return false;
		}
		const struct dirent64 *d = (const void *)(c->buf + c->at);

		c->at += d->d_reclen;
		if (d->d_type == DT_DIR && !STR_EQ(d->d_name, ".") && !STR_EQ(d->d_name, "..")) {
			snprintf(name, NAME_MAX + 1, "%s", d->d_name);
			return true;
		}
	}
}

void cgroup_pause(long ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

long cgroup_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}
