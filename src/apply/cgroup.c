/* cgroup: the processes in a container's cgroups, counted, frozen, killed. See cgroup.h. */
#include "apply/cgroup.h"
#include "apply/cgroup_dir.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include <fcntl.h>
#include <signal.h>
#include <string.h>

#define ROUNDS 100
#define HOLD   50 /* ms for the freezer to hold what is signalled */

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

/* each_pid() over a cgroup and everything below it. */
static ssize_t each_pid_below(int cgroup, unsigned depth, pid_fn *f, void *ctx)
{
	autofd dir = cgroup_open_dir(cgroup, ".", O_RDONLY);
	struct cgroup_children c = { .dir = dir };
	char name[NAME_MAX + 1];
	ssize_t sum;

	if (dir < 0)
		return dir;
	sum = each_pid(cgroup, f, ctx);
	while (sum >= 0 && cgroup_next_child(&c, name)) {
		autofd child = cgroup_open_dir(dir, name, O_PATH);
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
		bool freezer = cgroup_may_have(&refs[i], "freezer");
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
	return each_pid_below(fd, CGROUP_DEPTH, collect, &p);
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
	/* As far as it goes: who would not be held is signalled again below, or was not able to fork anyway. */
	if (!frozen)
		cgroup_freeze(refs, n, HOLD);
	rc = each_pid_below(fd, CGROUP_DEPTH, send_signal, &sig);
	/* A paused container stays paused, and gets the signal when it is resumed. */
	if (!frozen || sig == SIGKILL)
		cgroup_thaw(refs, n);
	/* Without a freezer a fork may have run ahead of us. */
	for (int round = 0; rc > 0 && sig == SIGKILL && round < ROUNDS; round++) {
		cgroup_pause(1);
		rc = each_pid_below(fd, CGROUP_DEPTH, send_signal, &sig);
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
	cgroup_thaw(refs, n);
	return 0;
}
