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

static bool not_allowed(int rc)
{
	return rc == -EPERM || rc == -EACCES || rc == -EROFS;
}

/* Where cgroup_make() is on its way from a hierarchy's root to the container's cgroup. */
struct walk {
	const struct cgroup_dir *d;
	int dir;          /* opened so far, owned */
	const char *rest; /* of d->path, what is not opened yet */
};

/* The path of w->dir, as "%s%.*s": mount, and what of d->path is opened. */
#define HERE(w) (w)->d->mount, (int)((w)->rest - (w)->d->path), (w)->d->path

static int explain_enable(struct run *r, int num, const struct walk *w, const char *words)
{
	if (num == EBUSY)
		return run_fail(r, num,
		                "cgroup %s%.*s has processes, so it cannot give %s to its children",
		                HERE(w), words);
	if (num == ENOENT || num == EINVAL)
		return run_fail(r, num, "controller \"%s\" is not available under %s%.*s",
		                words + 1, HERE(w));
	if (num == EOPNOTSUPP)
		return run_fail(
			r, num,
			"cgroup %s%.*s is threaded, or below one that is: it cannot give %s "
			"to its children",
			HERE(w), words);
	return run_sys(r, num, "give %s to the children of cgroup %s%.*s", words, HERE(w));
}

/* The next word of a list, into word; false at its end. */
static bool next_word(const char **list, char *word, size_t n)
{
	size_t len = strcspn(*list, " ");

	snprintf(word, n, "%.*s", (int)len, *list);
	*list += len + strspn(*list + len, " ");
	return len > 0;
}

/* Gives the controllers of words ("+cpu +memory") that the children of w->dir do not have yet to them: at once, which
 * nearly always works, else one by one, because the kernel takes all of a write or nothing. must: a failure is one. */
static int enable(struct run *r, const struct walk *w, const char *words, bool must)
{
	char have[256], word[64], missing[256] = "";

	if (!*words)
		return 0;
	if (io_read_small(w->dir, "cgroup.subtree_control", have, sizeof have) < 0)
		*have = '\0';
	have[strcspn(have, "\n")] = '\0';
	for (const char *s = words; next_word(&s, word, sizeof word);)
		if (!str_listed(have, ' ', word + 1))
			str_add(missing, sizeof missing, "%s%s", *missing ? " " : "", word);
	if (!*missing)
		return 0;
	int rc = io_write_kernel(w->dir, "cgroup.subtree_control", missing, strlen(missing));
	/* Processes are in the way. One by one some would pass, and make the cgroup a threaded one. */
	if (rc == 0 || rc == -EBUSY)
		return rc == 0 || !must ? 0 : explain_enable(r, -rc, w, missing);
	for (const char *s = missing; next_word(&s, word, sizeof word);) {
		rc = io_write_kernel(w->dir, "cgroup.subtree_control", word, strlen(word));
		if (rc < 0 && must)
			return explain_enable(r, -rc, w, word);
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

static int write_text(int dir, const char *file, const char *text)
{
	return text ? io_write_kernel(dir, file, text, strlen(text)) : 0;
}

/* A v1 cgroup's realtime is taken from its parent's, and a new one has none: all that are made get the leaf's. */
static int give_realtime(struct run *r, const struct walk *w, int child)
{
	char left[32];
	int rc = write_text(child, "cpu.rt_period_us", w->d->rt_period);

	if (rc == 0)
		rc = write_text(child, "cpu.rt_runtime_us", w->d->rt_runtime);
	if (rc != -EINVAL || io_read_small(w->dir, "cpu.rt_runtime_us", left, sizeof left) < 0)
		return rc;
	err_hint(&r->err, "lower realtimeRuntime, or raise cpu.rt_runtime_us of the parent");
	return run_fail(r, EINVAL,
	                "realtimeRuntime %s does not fit into the parent cgroup %s%.*s, whose "
	                "cpu.rt_runtime_us is %.*s",
	                w->d->rt_runtime ? w->d->rt_runtime : "0", HERE(w),
	                (int)strcspn(left, "\n"), left);
}

/* What a new v1 directory needs before it can be of use; a cpuset that was there may need it too. */
static int prepare(struct run *r, const struct walk *w, int child, bool made)
{
	int rc = 0;

	if (w->d->v2)
		return 0;
	if (str_listed(w->d->controllers, ',', "cpuset"))
		rc = inherit_cpuset(w->dir, child);
	return rc == 0 && made ? give_realtime(r, w, child) : rc;
}

/* One component: made when it is missing, opened into w->dir instead of its parent. */
static int step_into(struct run *r, struct walk *w, bool *made)
{
	const char *start = w->rest + strspn(w->rest, "/");
	size_t len = strcspn(start, "/");
	char name[NAME_MAX + 1];

	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	snprintf(name, sizeof name, "%.*s", (int)len, start);
	*made = mkdirat(w->dir, name, 0755) == 0;
	if (!*made && errno != EEXIST)
		return run_sys(r, errno, "make cgroup \"%s\" in %s%.*s", name, HERE(w));
	autofd next = openat(w->dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (next < 0)
		return -errno;
	int rc = prepare(r, w, next, *made);
	if (rc < 0)
		return rc;
	fd_close(&w->dir);
	w->dir = fd_take(&next);
	w->rest = start + len;
	return 0;
}

/* A cgroup that was there before us may belong to somebody: limits and kill would hit his processes too. */
static int verify_unused(struct run *r, int cgroup)
{
	ssize_t n = cgroup_count(cgroup);

	if (n < 0)
		return n == -EOPNOTSUPP ? run_fail(r, EOPNOTSUPP, "it is a threaded cgroup")
		                        : (int)n;
	if (n > 0) {
		run_fail(r, EBUSY, "container's cgroup is not empty: %zd process(es) found", n);
		err_hint(&r->err, "use another cgroupsPath, or end the processes of this one");
		return -EBUSY;
	}
	if (cgroup_is_frozen(cgroup)) {
		run_fail(r, EBUSY, "container's cgroup unexpectedly frozen");
		err_hint(
			&r->err,
			"use another cgroupsPath, or thaw this one (cgroup.freeze, freezer.state)");
		return -EBUSY;
	}
	return 0;
}

int cgroup_make(struct run *r, const struct cgroup_dir *d, bool unused)
{
	struct walk w = { .d = d, .rest = d->path };
	bool made = false;
	int rc = 0;

	w.dir = open(d->mount, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (w.dir < 0)
		return -errno;
	while (rc == 0 && w.rest[strspn(w.rest, "/")]) {
		if (d->v2) {
			enable(r, &w, d->enable, false);
			rc = enable(r, &w, d->need, true);
		}
		if (rc == 0)
			rc = step_into(r, &w, &made);
	}
	if (rc == 0 && !made && unused)
		rc = verify_unused(r, w.dir);
	if (rc < 0)
		fd_close(&w.dir);
	return rc < 0 ? rc : w.dir;
}

static int open_existing(struct run *r, const struct step *s)
{
	const struct cgroup_dir *d = &r->plan->cgroups[s->cgroup.index];
	int fd = cgroup_open(&(struct cgroup_ref){ .mount = d->mount, .path = d->path });

	if (fd < 0)
		return s->lenient == SKIP_ENOENT && fd == -ENOENT ? 0 : fd;
	r->cgroup[s->cgroup.index] = fd;
	return 0;
}

int op_cgroup(struct run *r, const struct step *s)
{
	if (s->cgroup.existing)
		return open_existing(r, s);
	int fd = cgroup_make(r, &r->plan->cgroups[s->cgroup.index], true);

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

		if ((int)i == r->cloned_into || d->scope)
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
