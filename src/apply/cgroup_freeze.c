/* cgroup_freeze: a container's processes are stopped, and let go on. See cgroup.h. */
#include "apply/cgroup.h"
#include "apply/cgroup_dir.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include <fcntl.h>
#include <poll.h>
#include <string.h>

#define V1_PATIENCE 16 /* rounds in FREEZING before all are thawed for a moment */

bool cgroup_is_frozen(int cgroup)
{
	char text[32];

	if (io_read_small(cgroup, "cgroup.freeze", text, sizeof text) > 0)
		return text[0] == '1';
	/* "FREEZING": told to, and not there yet. */
	return io_read_small(cgroup, "freezer.state", text, sizeof text) > 0 &&
	       str_starts(text, "FR");
}

int cgroup_frozen(const struct cgroup_ref *refs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		autofd fd = cgroup_may_have(&refs[i], "freezer") ? cgroup_open(&refs[i]) : -ENOENT;

		if (fd < 0 && fd != -ENOENT)
			return fd;
		if (fd >= 0 && cgroup_is_frozen(fd))
			return 1;
	}
	return 0;
}

/* The cgroup of that version that has a freezer, or -ENOENT. */
static int open_freezer(const struct cgroup_ref *refs, size_t n, bool v2)
{
	for (size_t i = 0; i < n; i++) {
		bool here = refs[i].v2 == v2 && cgroup_may_have(&refs[i], "freezer");
		autofd fd = here ? cgroup_open(&refs[i]) : -ENOENT;

		if (fd >= 0 && faccessat(fd, v2 ? "cgroup.freeze" : "freezer.state", F_OK, 0) == 0)
			return fd_take(&fd);
		if (fd < 0 && fd != -ENOENT)
			return fd;
	}
	return -ENOENT;
}

static int freeze_v2(int cgroup, long deadline)
{
	autofd events = openat(cgroup, "cgroup.events", O_RDONLY | O_CLOEXEC);
	struct pollfd p = { .fd = events, .events = POLLPRI };
	char text[64];
	int rc = events < 0 ? -errno : io_write_kernel(cgroup, "cgroup.freeze", "1", 1);

	while (rc == 0) {
		/* Reading arms the notification. */
		ssize_t len = pread(events, text, sizeof text - 1, 0);
		long left = deadline - cgroup_now();

		if (len < 0)
			return -errno;
		text[len] = '\0';
		if (strstr(text, "frozen 1"))
			return 0;
		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(&p, 1, (int)left) < 0 && errno != EINTR)
			return -errno;
	}
	return rc;
}

/* v1 may stay FREEZING for as long as it is not told again, and may need all to run for a moment: a process that waits
 * for one that is held already, or one that forks faster than it is held. Documentation/cgroup-v1/freezer-subsystem. */
static int freeze_v1(int cgroup, long deadline)
{
	char text[32];

	for (unsigned round = 1;; round++) {
		int rc = io_write_kernel(cgroup, "freezer.state", "FROZEN", 6);
		ssize_t len = rc < 0 && rc != -EBUSY
		                      ? rc
		                      : io_read_small(cgroup, "freezer.state", text, sizeof text);

		if (len < 0)
			return (int)len;
		if (str_starts(text, "FROZEN"))
			return 0;
		if (cgroup_now() >= deadline)
			return -ETIMEDOUT;
		if (round % V1_PATIENCE == 0)
			io_write_kernel(cgroup, "freezer.state", "THAWED", 6);
		cgroup_pause(round < 8 ? 1 : 10);
	}
}

int cgroup_freeze(const struct cgroup_ref *refs, size_t n, long ms)
{
	long deadline = cgroup_now() + ms;
	autofd v2 = open_freezer(refs, n, true);

	if (v2 >= 0)
		return freeze_v2(v2, deadline);
	autofd v1 = v2 == -ENOENT ? open_freezer(refs, n, false) : v2;
	if (v1 == -ENOENT)
		return -ENOTSUP;
	return v1 < 0 ? fd_take(&v1) : freeze_v1(v1, deadline);
}

int cgroup_thaw(const struct cgroup_ref *refs, size_t n)
{
	int first = 0;

	for (size_t i = 0; i < n; i++) {
		autofd fd = cgroup_may_have(&refs[i], "freezer") ? cgroup_open(&refs[i]) : -ENOENT;
		int rc = fd == -ENOENT ? 0 : fd;

		if (fd >= 0 && refs[i].v2)
			rc = io_write_kernel(fd, "cgroup.freeze", "0", 1);
		else if (fd >= 0)
			rc = io_write_kernel(fd, "freezer.state", "THAWED", 6);
		/* The root, and kernels before 5.2, have no such file. */
		first = first < 0 || rc == -ENOENT ? first : rc;
	}
	return first;
}
