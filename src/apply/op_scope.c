/* op_scope: has systemd make the container's cgroup as a scope with init in it, and goes on below it. */
#include "apply/cgroup.h"
#include "apply/ops.h"
#include "apply/systemd.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/procfs.h"
#include "base/str.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define CGROUP_MAX 32768 /* bytes of /proc/PID/cgroup: a path for each hierarchy */

/* How much of d->path is systemd's: without the sub-cgroup, which the last component is on pure v2. */
static size_t scope_length(const struct cgroup_dir *d, const struct scope *s)
{
	char below[NAME_MAX * 2 + 2];
	size_t n = strlen(d->path);

	if (!d->v2 || !*s->subgroup)
		return n;
	snprintf(below, sizeof below, "%s/%s", s->unit, s->subgroup);
	return str_ends(d->path, below) ? n - strlen(s->subgroup) - 1 : n;
}

/* The path in the line of d's hierarchy, "4:memory:/a/b" or "0::/a/b", and its length; NULL when there is none. */
static const char *path_in(const char *text, const struct cgroup_dir *d, size_t *len)
{
	const char *list = d->v2 ? "" : d->controllers;
	size_t n = strlen(list);

	for (const char *line = text; *line; line += *len, line += *line == '\n') {
		*len = strcspn(line, "\n");
		const char *s = memchr(line, ':', *len);

		if (!s || strncmp(s + 1, list, n) != 0 || s[1 + n] != ':')
			continue;
		*len -= (size_t)(s + 2 + n - line);
		return s + 2 + n;
	}
	return NULL;
}

/* Another manager than the one that was planned with, or a slice of that name elsewhere: limits and kill would go to
 * the wrong cgroup. */
static int verify(struct run *r, const struct cgroup_dir *d, size_t length, const char *text)
{
	size_t len;
	const char *path = path_in(text, d, &len);

	if (!path)
		return run_fail(r, ENOENT, "init is in no cgroup of %s", d->mount);
	if (len == length && strncmp(path, d->path, len) == 0)
		return 0;
	return run_fail(r, EXDEV, "systemd put init into %.*s, not %.*s", (int)len, path,
	                (int)length, d->path);
}

/* The payload's own cgroup below the scope's. A cgroup with processes cannot give controllers to its children: init
 * goes first. */
static int enter_subgroup(struct run *r, const struct cgroup_dir *d, const struct scope *s,
                          size_t length)
{
	char path[PATH_MAX], pid[16];
	int n = snprintf(pid, sizeof pid, "%d", r->pid);

	snprintf(path, sizeof path, "%.*s", (int)length, d->path);
	autofd scope = cgroup_open(&(struct cgroup_ref){ .mount = d->mount, .path = path });
	if (scope < 0)
		return run_sys(r, -scope, "open cgroup %s%s", d->mount, path);
	if (mkdirat(scope, s->subgroup, 0755) < 0 && errno != EEXIST)
		return run_sys(r, errno, "make cgroup \"%s\" in %s%s", s->subgroup, d->mount, path);
	autofd sub = openat(scope, s->subgroup, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int rc = sub < 0 ? -errno : io_write_kernel(sub, "cgroup.procs", pid, (size_t)n);
	return rc < 0 ? run_sys(r, -rc, "move init into cgroup %s%s", d->mount, d->path) : 0;
}

static int open_scopes(struct run *r, const struct scope *s, const char *text)
{
	for (uint32_t i = 0; i < r->plan->n_cgroups; i++) {
		const struct cgroup_dir *d = &r->plan->cgroups[i];
		size_t length = scope_length(d, s);
		int rc;

		if (!d->scope)
			continue;
		if ((rc = verify(r, d, length, text)) < 0 ||
		    (d->path[length] && (rc = enter_subgroup(r, d, s, length)) < 0))
			return rc;
		r->cgroup[i] = cgroup_make(r, d, false);
		if (r->cgroup[i] < 0)
			return r->cgroup[i];
	}
	return 0;
}

int op_scope(struct run *r, const struct step *s)
{
	const struct systemd_call start = { .verb = "start", .scope = &s->scope, .pid = r->pid };
	char file[32], text[CGROUP_MAX];
	struct err e = { 0 };

	if (systemd_call(&start, &e) < 0) {
		r->err = e;
		return -(e.num ? e.num : EIO);
	}
	snprintf(file, sizeof file, "%d/cgroup", r->pid);
	autofd fd = procfs_openat(r->fd[SLOT_PROC], file, O_RDONLY);
	ssize_t len = fd < 0 ? fd : io_read_small(fd, "", text, sizeof text);
	if (len < 0)
		return run_sys(r, (int)-len, "read the cgroups of init");
	return open_scopes(r, &s->scope, text);
}
