/* op_cgroup: makes and opens the container's cgroup in one hierarchy, and puts init into it (cgroups(7), cgroup-v2). */
#include "apply/cgroup.h"
#include "apply/ops.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define TRIES 16

static bool not_allowed(int rc)
{
	return rc == -EPERM || rc == -EACCES || rc == -EROFS;
}

/* Is "+cpu" in a list like "cpu io memory"? */
static bool enabled(const char *list, const char *word)
{
	size_t n = strlen(++word);

	for (const char *s = strstr(list, word); s; s = strstr(s + n, word))
		if ((s == list || s[-1] == ' ') && (s[n] == ' ' || s[n] == '\n' || !s[n]))
			return true;
	return false;
}

static int explain_enable(struct run *r, int num, const struct cgroup_dir *d, const char *word)
{
	if (num == EBUSY)
		return run_fail(r, num,
		                "controllers %s cannot be enabled on the way to %s%s: there are "
		                "processes in a cgroup that is to have children",
		                word, d->mount, d->path);
	if (num == ENOENT || num == EINVAL)
		return run_fail(r, num, "controller %s is not available on the way to %s%s",
		                word + 1, d->mount, d->path);
	if (num == EOPNOTSUPP)
		return run_fail(r, num,
		                "controller %s cannot be enabled on the way to %s%s: a threaded "
		                "cgroup has no such children",
		                word + 1, d->mount, d->path);
	return run_sys(r, num, "enable controller %s on the way to %s%s", word + 1, d->mount,
	               d->path);
}

/* The next word of a list, into word; false at its end. */
static bool next_word(const char **list, char *word, size_t n)
{
	size_t len = strcspn(*list, " ");

	snprintf(word, n, "%.*s", (int)len, *list);
	*list += len + strspn(*list + len, " ");
	return len > 0;
}

/* Gives the controllers of words ("+cpu +memory") that dir's children do not have yet to them: at once, which nearly
 * always works, else one by one, because the kernel takes all of a write or nothing. must: a failure is one. */
static int enable(struct run *r, const struct cgroup_dir *d, int dir, const char *words, bool must)
{
	char have[256], word[64], missing[256] = "";

	if (!*words)
		return 0;
	if (io_read_small(dir, "cgroup.subtree_control", have, sizeof have) < 0)
		*have = '\0';
	for (const char *w = words; next_word(&w, word, sizeof word);)
		if (!enabled(have, word))
			str_add(missing, sizeof missing, "%s%s", *missing ? " " : "", word);
	if (!*missing)
		return 0;
	int rc = io_write_kernel(dir, "cgroup.subtree_control", missing, strlen(missing));
	/* Processes are in the way. One by one some would pass, and make the cgroup a threaded one. */
	if (rc == 0 || rc == -EBUSY)
		return rc == 0 || !must ? 0 : explain_enable(r, -rc, d, missing);
	for (const char *w = missing; next_word(&w, word, sizeof word);) {
		rc = io_write_kernel(dir, "cgroup.subtree_control", word, strlen(word));
		if (rc < 0 && must)
			return explain_enable(r, -rc, d, word);
	}
	return 0;
}

/* A v1 cpuset without cpus or memory nodes takes no processes: a new one gets its parent's. */
static int inherit_cpuset(int parent, int child)
{
	static const char *const files[] = { "cpuset.cpus", "cpuset.mems" };
	char text[4096];

	for (size_t i = 0; i < 2; i++) {
		ssize_t len = io_read_small(child, files[i], text, sizeof text);

		if (len < 0)
			return (int)len;
		if (text[0] != '\n' && text[0])
			continue;
		len = io_read_small(parent, files[i], text, sizeof text);
		if (len < 0)
			return (int)len;
		int rc = io_write_kernel(child, files[i], text, (size_t)len);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* One component: made when it is missing, opened into *dir instead of its parent. */
static int step_into(const struct cgroup_dir *d, int *dir, const char *name, bool *made)
{
	*made = mkdirat(*dir, name, 0755) == 0;
	if (!*made && errno != EEXIST)
		return -errno;
	autofd next = openat(*dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (next < 0)
		return -errno;
	if (!d->v2 && STR_EQ(d->controllers, "cpuset")) {
		int rc = inherit_cpuset(*dir, next);

		if (rc < 0)
			return rc;
	}
	fd_close(dir);
	*dir = fd_take(&next);
	return 0;
}

/* A cgroup that was there before us may belong to somebody: limits and kill would hit his processes too. */
static int verify_unused(struct run *r, int cgroup)
{
	ssize_t n = cgroup_count(cgroup);

	if (n < 0)
		return (int)n;
	if (n > 0)
		return run_fail(r, EBUSY, "container's cgroup is not empty: %zd process(es) found",
		                n);
	if (cgroup_is_frozen(cgroup))
		return run_fail(r, EBUSY, "container's cgroup unexpectedly frozen");
	return 0;
}

static int make(struct run *r, const struct cgroup_dir *d)
{
	autofd dir = open(d->mount, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *path = d->path + strspn(d->path, "/");
	bool made = false;
	int rc = dir < 0 ? -errno : 0;

	while (rc == 0 && *path) {
		size_t len = strcspn(path, "/");
		char name[NAME_MAX + 1];

		if (len > NAME_MAX)
			return -ENAMETOOLONG;
		snprintf(name, sizeof name, "%.*s", (int)len, path);
		path += len + strspn(path + len, "/");
		if (d->v2) {
			enable(r, d, dir, d->enable, false);
			rc = enable(r, d, dir, d->need, true);
		}
		if (rc == 0)
			rc = step_into(d, &dir, name, &made);
	}
	if (rc == 0 && !made)
		rc = verify_unused(r, dir);
	return rc < 0 ? rc : fd_take(&dir);
}

int op_cgroup(struct run *r, const struct step *s)
{
	int fd = make(r, &r->plan->cgroups[s->cgroup.index]);

	if (fd < 0)
		return s->lenient == SKIP_EPERM && not_allowed(fd) ? 0 : fd;
	r->cgroup[s->cgroup.index] = fd;
	return 0;
}

/* v1's "tasks" moves one thread: for the only thread of the writer the kernel need not stop every fork and exit of the
 * machine, which takes about 1 ms for each hierarchy otherwise (cgroup_threadgroup_rwsem). A v1 directory is of no
 * more use then; a v2 one is where clone3(2) puts init. */
int cgroup_entry(struct run *r, uint32_t i)
{
	const struct cgroup_dir *d = &r->plan->cgroups[i];
	const char *file = d->v2 ? "cgroup.procs" : "tasks";

	if (r->entry[i] >= 0 || r->cgroup[i] < 0)
		return 0;
	r->entry[i] = openat(r->cgroup[i], file, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	if (r->entry[i] < 0)
		return d->optional && not_allowed(-errno)
		               ? 0
		               : run_sys(r, errno, "open %s%s/%s", d->mount, d->path, file);
	if (!d->v2)
		fd_close(&r->cgroup[i]);
	return 0;
}

static int explain_attach(struct run *r, int num, const struct cgroup_dir *d)
{
	const char *why = num == EBUSY        ? "it gives controllers to its children"
	                  : num == EOPNOTSUPP ? "it is a threaded cgroup, or below one"
	                  : num == ENOSPC     ? "its cpuset has no cpus or no memory nodes"
	                  : num == EACCES
	                          ? "no right to move processes from our cgroup; delegation "
	                            "missing"
	                          : NULL;

	if (why)
		return run_fail(r, num, "init cannot enter cgroup %s%s: %s", d->mount, d->path,
		                why);
	return run_sys(r, num, "init cannot enter cgroup %s%s", d->mount, d->path);
}

int op_attach(struct run *r, const struct step *s)
{
	(void)s;
	for (uint32_t i = 0; i < r->plan->n_cgroups; i++) {
		const struct cgroup_dir *d = &r->plan->cgroups[i];

		if ((int)i == r->cloned_into)
			continue;
		int rc = cgroup_entry(r, i);
		if (rc < 0)
			return rc;
		if (r->entry[i] >= 0 && write(r->entry[i], "0", 1) < 0 &&
		    !(d->optional && not_allowed(-errno)))
			return explain_attach(r, errno, d);
	}
	run_drop_cgroups(r);
	return 0;
}
