/* cgroup: see cgroup.h. */
#include "apply/cgroup.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "base/sys.h"
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define DEPTH    64   /* of cgroups that a container made below its own */
#define PATIENCE 1000 /* ms: for processes that were killed to leave */
#define ROUNDS   100

static int open_dir(int dirfd, const char *name, int flags)
{
	int fd = openat(dirfd, name, flags | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int cgroup_open(const struct cgroup_ref *ref)
{
	autofd dir = open_dir(AT_FDCWD, ref->mount, O_PATH);
	const char *path = ref->path + strspn(ref->path, "/");

	if (!*path)
		return -EINVAL;
	while (dir >= 0 && *path) {
		size_t len = strcspn(path, "/");
		char name[NAME_MAX + 1];

		if (len > NAME_MAX)
			return -ENAMETOOLONG;
		snprintf(name, sizeof name, "%.*s", (int)len, path);
		int next = STR_EQ(name, "..") ? -EINVAL : open_dir(dir, name, O_PATH);
		fd_close(&dir);
		dir = next;
		path += len + strspn(path + len, "/");
	}
	return fd_take(&dir);
}

/* Calls f for each process of a cgroup; f returns 0 or -errno, which ends it. Returns how many there are. */
typedef int pid_fn(void *ctx, pid_t pid);
static ssize_t each_pid(int cgroup, pid_fn *f, void *ctx)
{
	autofd fd = openat(cgroup, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	ssize_t count = 0, n;
	char buf[4096];
	long pid = 0;

	if (fd < 0)
		return -errno;
	while ((n = read(fd, buf, sizeof buf)) > 0)
		for (ssize_t i = 0; i < n; i++) {
			if (buf[i] >= '0' && buf[i] <= '9') {
				pid = pid * 10 + (buf[i] - '0');
				continue;
			}
			int rc = f ? f(ctx, (pid_t)pid) : 0;
			if (rc < 0)
				return rc;
			count++;
			pid = 0;
		}
	return n < 0 ? -errno : count;
}

ssize_t cgroup_count(int cgroup)
{
	return each_pid(cgroup, NULL, NULL);
}

/* A reading of the child cgroups of dir (O_RDONLY), without opendir(3)'s memory. */
struct children {
	int dir;
	ssize_t len, at;
	char buf[2048] __attribute__((aligned(8)));
};

static bool next_child(struct children *c, char name[NAME_MAX + 1])
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

/* each_pid() over a cgroup and everything below it. */
static ssize_t each_pid_below(int cgroup, unsigned depth, pid_fn *f, void *ctx)
{
	autofd dir = open_dir(cgroup, ".", O_RDONLY);
	struct children c = { .dir = dir };
	char name[NAME_MAX + 1];
	ssize_t sum;

	if (dir < 0)
		return dir;
	sum = each_pid(cgroup, f, ctx);
	while (sum >= 0 && next_child(&c, name)) {
		autofd child = open_dir(dir, name, O_PATH);
		ssize_t n = child < 0 ? child
		            : depth   ? each_pid_below(child, depth - 1, f, ctx)
		                      : -ELOOP;

		if (n < 0 && n != -ENOENT && n != -ENODEV)
			return n;
		sum += n > 0 ? n : 0;
	}
	return sum == -ENODEV ? 0 : sum; /* it went away under us */
}

/* Every process is in every hierarchy; v2 is asked first, then the freezer, which can hold them. */
static int open_best(const struct cgroup_ref *refs, size_t n)
{
	autofd best = -ENOENT;

	for (size_t i = 0; i < n; i++) {
		autofd fd = cgroup_open(&refs[i]);

		if (fd < 0 && fd != -ENOENT)
			return fd;
		if (fd < 0)
			continue;
		bool freezer = !refs[i].v2 && faccessat(fd, "freezer.state", F_OK, 0) == 0;
		if (best >= 0 && !refs[i].v2 && !freezer)
			continue;
		fd_close(&best);
		best = fd_take(&fd);
		if (refs[i].v2)
			break;
	}
	return fd_take(&best);
}

struct pids {
	pid_t *out;
	size_t n, max;
};

static int collect(void *ctx, pid_t pid)
{
	struct pids *p = ctx;

	if (p->n < p->max)
		p->out[p->n++] = pid;
	return 0;
}

ssize_t cgroup_procs(const struct cgroup_ref *refs, size_t n, pid_t *out, size_t max)
{
	struct pids p = { .out = out, .max = max };
	autofd fd = open_best(refs, n);

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	return each_pid_below(fd, DEPTH, collect, &p);
}

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
		autofd fd = cgroup_open(&refs[i]);

		if (fd < 0 && fd != -ENOENT)
			return fd;
		if (fd >= 0 && cgroup_is_frozen(fd))
			return 1;
	}
	return 0;
}

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

/* Freezes or thaws wherever there is a freezer. Freezing waits until it holds, but not for ever: a process in the
 * kernel's hands may take its time, and signals are sent again then. */
static void set_frozen(const struct cgroup_ref *refs, size_t n, bool on)
{
	for (size_t i = 0; i < n; i++) {
		autofd fd = cgroup_open(&refs[i]);
		const char *state = on ? "FROZEN" : "THAWED";
		char text[64];

		if (fd < 0)
			continue;
		if (refs[i].v2)
			io_write_kernel(fd, "cgroup.freeze", on ? "1" : "0", 1);
		else if (io_write_kernel(fd, "freezer.state", state, strlen(state)) < 0)
			continue;
		for (int tries = 0; on && tries < 20; tries++) {
			const char *file = refs[i].v2 ? "cgroup.events" : "freezer.state";
			const char *done = refs[i].v2 ? "frozen 1" : "FROZEN";

			if (io_read_small(fd, file, text, sizeof text) < 0 || strstr(text, done))
				break;
			pause_ms(1);
		}
	}
}

static int send_signal(void *ctx, pid_t pid)
{
	int sig = *(int *)ctx;

	if (pid <= 0) /* of another pid namespace: not ours to name, and 0 would be our own group */
		return -EPERM;
	return kill(pid, sig) < 0 && errno != ESRCH ? -errno : 0;
}

/* 0 when the kernel has killed all by itself. */
static int kill_by_kernel(const struct cgroup_ref *refs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		autofd fd = refs[i].v2 ? cgroup_open(&refs[i]) : -ENOENT;

		if (fd >= 0 && io_write_kernel(fd, "cgroup.kill", "1", 1) == 0)
			return 0;
	}
	return -ENOENT;
}

static int kill_one_by_one(const struct cgroup_ref *refs, size_t n, int sig)
{
	autofd fd = open_best(refs, n);
	bool frozen = cgroup_frozen(refs, n) > 0;
	ssize_t rc;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	set_frozen(refs, n, true);
	rc = each_pid_below(fd, DEPTH, send_signal, &sig);
	/* A paused container stays paused, and gets the signal when it is resumed. */
	if (!frozen || sig == SIGKILL)
		set_frozen(refs, n, false);
	/* Without a freezer a fork may have run ahead of us. */
	for (int round = 0; rc > 0 && sig == SIGKILL && round < ROUNDS; round++) {
		pause_ms(1);
		rc = each_pid_below(fd, DEPTH, send_signal, &sig);
	}
	return rc < 0 ? (int)rc : 0;
}

int cgroup_kill_all(const struct cgroup_ref *refs, size_t n, int sig)
{
	for (size_t i = 0; i < n; i++)
		if (!refs[i].path[strspn(refs[i].path, "/")])
			return -EINVAL;
	if (sig != SIGKILL || kill_by_kernel(refs, n) < 0)
		return kill_one_by_one(refs, n, sig);
	/* The v1 freezer keeps even the killed. */
	for (size_t i = 0; i < n; i++)
		if (!refs[i].v2)
			set_frozen(&refs[i], 1, false);
	return 0;
}

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Removes the cgroup name in dir, and those below it first. */
static int remove_tree(int dir, const char *name, unsigned depth)
{
	char child[NAME_MAX + 1];
	int rc = 0;

	if (unlinkat(dir, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	if (errno != EBUSY || !depth)
		return -errno;
	autofd fd = open_dir(dir, name, O_RDONLY);
	struct children c = { .dir = fd };

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	while (next_child(&c, child)) {
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
		pause_ms(back_off < ms ? back_off : ms);
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
		return open_dir(AT_FDCWD, ref->mount, O_PATH);
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

	for (long back_off = 1; dir >= 0; back_off *= 2) {
		rc = remove_tree(dir, name, DEPTH);
		long left = deadline - now_ms();

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
	long deadline = now_ms() + PATIENCE;
	int first = 0;

	for (size_t i = 0; i < n; i++) {
		int rc = remove_one(&refs[i], deadline);

		first = first < 0 ? first : rc;
	}
	return first;
}
