/* exec_cgroup: which cgroups a process enters that joins a container. */
#include "apply/cgroup.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/procfs.h"
#include "base/str.h"
#include "cmd/exec.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Does a cgroup have files of that controller? v1 says it by the name of the mount. */
static bool has(const struct cgroup_ref *ref, const char *controller)
{
	char text[256];

	if (!ref->v2)
		return cgroup_may_have(ref, controller);
	autofd fd = cgroup_open(ref);
	if (fd < 0 || io_read_small(fd, "cgroup.controllers", text, sizeof text) < 0)
		return false;
	text[strcspn(text, "\n")] = '\0';
	return str_listed(text, ' ', controller);
}

/* Is ref's hierarchy one of a list "cpu,memory", of n bytes? */
static bool is_named(const struct cgroup_ref *ref, const char *list, size_t n)
{
	char word[64];

	for (const char *s = list; s < list + n;) {
		size_t len = strcspn(s, ",:");

		snprintf(word, sizeof word, "%.*s", (int)len, s);
		if (has(ref, word))
			return true;
		s += len + 1;
	}
	return false;
}

static int below(struct cgroup_dir *d, const char *text, struct arena *a, struct err *e)
{
	const char *colon = strchr(text, ':'), *path = colon ? colon + 1 : text;
	struct cgroup_ref ref = { .mount = d->mount, .path = d->path, .v2 = d->v2 };

	if (str_climbs(path)) {
		err_set(e, ERR_USAGE, "flag --cgroup: \"%s\" leads out of the container's cgroup",
		        text);
		return err_hint(e, "write it as seen from the container's cgroup");
	}
	if (colon && !is_named(&ref, text, (size_t)(colon - text)))
		return 0;
	path += strspn(path, "/");
	ref.path = arena_fmt(a, "%s%s%s", d->path, *path ? "/" : "", path);
	autofd fd = cgroup_open(&ref);
	if (fd < 0) {
		err_sys(e, ERR_USAGE, -fd, "open cgroup %s%s", ref.mount, ref.path);
		return err_hint(e, "--cgroup names one that exists, below the container's own");
	}
	d->path = ref.path;
	return 1;
}

static int enter_below(const struct cli_strings *asked, struct cgroup_dir *d, uint32_t n,
                       struct arena *a, struct err *e)
{
	for (size_t i = 0; i < asked->n; i++) {
		int found = 0;

		for (uint32_t j = 0; j < n; j++) {
			int rc = below(&d[j], asked->v[i], a, e);

			if (rc < 0)
				return -1;
			found += rc;
		}
		if (!found)
			return err_set(e, ERR_USAGE,
			               "flag --cgroup: the container has no cgroup for \"%s\"",
			               asked->v[i]);
	}
	return 0;
}

static bool gives_controllers(const struct cgroup_dir *d)
{
	char text[256];
	autofd fd = cgroup_open(&(struct cgroup_ref){ .mount = d->mount, .path = d->path });

	return fd >= 0 && io_read_small(fd, "cgroup.subtree_control", text, sizeof text) > 0 &&
	       text[strspn(text, " \n")];
}

/* The cgroup of init in the unified hierarchy, cgroups(7): "0::/nsrun-c1/init". NULL when it is not below d. */
static const char *of_init(const struct found *f, const struct cgroup_dir *d, struct arena *a)
{
	char path[32], text[PATH_MAX + 1024];

	snprintf(path, sizeof path, "%d/cgroup", (int)f->record.pid.v);
	autofd fd = procfs_openat(f->proc, path, O_RDONLY);
	if (fd < 0 || io_read_small(fd, "", text, sizeof text) < 0)
		return NULL;
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		if (!str_starts(line, "0::"))
			continue;
		const char *at = arena_str(a, line + 3, strcspn(line + 3, "\n"));
		size_t n = strlen(d->path);

		return str_starts(at, d->path) && at[n] == '/' && !str_climbs(at) ? at : NULL;
	}
	return NULL;
}

int exec_cgroups(const struct found *f, const struct cli_strings *asked, struct cgroup_dir *out,
                 uint32_t *n, struct arena *a, struct err *e)
{
	const struct record *r = &f->record;
	bool ordinary = r->owner.v != 0;

	*n = 0;
	for (size_t i = 0; i < r->cgroups.n; i++) {
		struct cgroup_dir *d = &out[(*n)++];

		*d = (struct cgroup_dir){ .controllers = "",
			                  .mount = r->cgroups.v[i].mount,
			                  .path = r->cgroups.v[i].path,
			                  .enable = "",
			                  .need = "",
			                  .v2 = r->cgroups.v[i].v2.v,
			                  .optional = ordinary };
		if (!d->v2 || asked->n || !gives_controllers(d))
			continue;
		const char *at = of_init(f, d, a);
		if (at)
			d->path = at;
	}
	if (asked->n && !*n)
		return found_no_cgroup(r->id, e);
	return enter_below(asked, out, *n, a, e);
}
