/* cgroup_remove: a container's cgroups are removed. See cgroup.h. */
#include "apply/cgroup.h"
#include "apply/cgroup_dir.h"
#include "base/fd.h"
#include "base/io.h"
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#define PATIENCE 10000 /* ms: for processes that were killed to leave */
#define BACK_OFF 64    /* ms: the longest nap where the kernel does not tell */

/* Removes the cgroup name in dir, and those below it first. */
static int remove_tree(int dir, const char *name, unsigned depth)
{
	char child[NAME_MAX + 1];
	int rc = 0;

	if (unlinkat(dir, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	if (errno != EBUSY || !depth)
		return -errno;
	autofd fd = cgroup_open_dir(dir, name, O_RDONLY);
	struct cgroup_children c = { .dir = fd };

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	while (cgroup_next_child(&c, child)) {
		int one = remove_tree(fd, child, depth - 1);

		rc = rc < 0 ? rc : one;
	}
	if (rc < 0)
		return rc;
	return unlinkat(dir, name, AT_REMOVEDIR) < 0 && errno != ENOENT ? -errno : 0;
}

/* Sleeps until the cgroup's processes may have left: v2 tells, v1 has to be asked again. */
static void wait_empty(const struct cgroup_ref *ref, long ms, long back_off)
{
	autofd cgroup = ref->v2 ? cgroup_open(ref) : -1;
	autofd events = cgroup >= 0 ? openat(cgroup, "cgroup.events", O_RDONLY | O_CLOEXEC) : -1;
	char text[64];

	/* Reading arms the notification. */
	if (events >= 0 && io_read_small(events, "", text, sizeof text) > 0 &&
	    strstr(text, "populated 1"))
		poll(&(struct pollfd){ .fd = events, .events = POLLPRI }, 1, (int)ms);
	else
		cgroup_pause(back_off < ms ? back_off : ms);
}

/* Opens the directory around the last component of ref->path, and says which that is. */
static int open_above(const struct cgroup_ref *ref, const char **name)
{
	const char *slash = strrchr(ref->path, '/');
	char above[PATH_MAX];

	if (!slash || !slash[1])
		return -EINVAL;
	*name = slash + 1;
	snprintf(above, sizeof above, "%.*s", (int)(slash - ref->path), ref->path);
	if (!*above)
		return cgroup_open_dir(AT_FDCWD, ref->mount, O_PATH);
	return cgroup_open(&(struct cgroup_ref){ .mount = ref->mount, .path = above });
}

/* The parents that were made for it, from below. What is in use by now is its user's. */
static void remove_parents(const struct cgroup_ref *ref)
{
	char path[PATH_MAX];
	struct cgroup_ref parent = { .mount = ref->mount, .path = path };

	snprintf(path, sizeof path, "%s", ref->path);
	for (uint64_t left = ref->made; left > 1; left--) {
		const char *name;

		*strrchr(path, '/') = '\0';
		autofd dir = *path ? open_above(&parent, &name) : -EINVAL;
		if (dir == -ENOENT)
			continue;
		if (dir < 0 || (unlinkat(dir, name, AT_REMOVEDIR) < 0 && errno != ENOENT))
			return;
	}
}

static int remove_one(const struct cgroup_ref *ref, long deadline)
{
	const char *name;
	autofd dir = open_above(ref, &name);
	int rc = dir == -ENOENT ? 0 : dir;

	for (long back_off = 1; dir >= 0; back_off += back_off < BACK_OFF ? back_off : 0) {
		rc = remove_tree(dir, name, CGROUP_DEPTH);
		long left = deadline - cgroup_now();

		if (rc != -EBUSY || left <= 0)
			break;
		wait_empty(ref, left, back_off);
	}
	if (rc == 0)
		remove_parents(ref);
	return rc;
}

int cgroup_remove(const struct cgroup_ref *refs, size_t n)
{
	long deadline = cgroup_now() + PATIENCE;
	int first = 0;

	for (size_t i = 0; i < n; i++) {
		int rc = remove_one(&refs[i], deadline);

		first = first < 0 ? first : rc;
	}
	return first;
}

bool cgroup_remove_empty(const struct cgroup_ref *refs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *name;
		autofd dir = open_above(&refs[i], &name);

		if (dir != -ENOENT &&
		    (dir < 0 || (unlinkat(dir, name, AT_REMOVEDIR) < 0 && errno != ENOENT)))
			return false;
		/* Also when not all of them were made. */
		remove_parents(&refs[i]);
	}
	return true;
}
