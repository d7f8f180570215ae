/* scope_name: see scope.h. */
#include "base/str.h"
#include "plan/resources.h"
#include "plan/scope.h"
#include <string.h>

#define UNIT_MAX 255 /* UNIT_NAME_MAX without the NUL; also NAME_MAX, of the cgroup */
#define UNIT_NAME                                                                                  \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_." /* what it may hold */
#define SUBGROUP "run.oci.systemd.subgroup"

/* The container's id in a unit name: systemd.unit(5) has no "+", and writes what it has not as \xNN. */
static const char *escape_id(const char *id, struct arena *a)
{
	char buf[4 * UNIT_MAX] = "";

	for (; *id; id++)
		if (strchr(UNIT_NAME, *id))
			str_add(buf, sizeof buf, "%c", *id);
		else
			str_add(buf, sizeof buf, "\\x%02x", (unsigned char)*id);
	return arena_str(a, buf, strlen(buf));
}

static const char *subgroup(const struct plan_in *in)
{
	/* Beside v1 controllers the limits are not in the scope's tree: there is nothing to keep from systemd. */
	if (in->host->cgroup_host != CGROUP_HOST_V2)
		return "";
	for (size_t i = 0; i < in->c->annotations.n; i++)
		if (STR_EQ(in->c->annotations.v[i].key, SUBGROUP))
			return in->c->annotations.v[i].value;
	return "container";
}

static int refuse_path(const struct plan_in *in, const char *path)
{
	return lower_refuse(in, AT(in->c->linux_->cgroups_path),
	                    "write slice:prefix:name, as in system.slice:nsrun:c1",
	                    "cgroupsPath \"%s\" names no systemd unit", path);
}

int scope_name(const struct plan_in *in, struct arena *a, struct scope *s)
{
	const struct oci_linux *l = in->c->linux_;
	const char *path = l && !str_empty(l->cgroups_path)
	                           ? l->cgroups_path
	                           : arena_fmt(a, ":nsrun:%s", escape_id(in->o->id, a));
	size_t slice = strcspn(path, ":");
	const char *prefix = path[slice] ? path + slice + 1 : "";
	size_t n = strcspn(prefix, ":");
	const char *name = prefix[n] ? prefix + n + 1 : "";

	if (!*name || strchr(name, ':') || strchr(path, '/'))
		return refuse_path(in, path);
	*s = (struct scope){ .user = in->host->euid != 0 || in->host->in_userns };
	s->unit = arena_fmt(a, "%.*s%s%s.scope", (int)n, prefix, n ? "-" : "", name);
	s->subgroup = subgroup(in);
	s->slice = arena_str(a, path, slice);
	if (!slice)
		s->slice = s->user ? "user.slice" : "system.slice";
	else if (STR_EQ(s->slice, "-"))
		s->slice = "-.slice";
	if (strlen(s->unit) > UNIT_MAX) {
		err_set(in->e, ERR_CONFIG, "systemd takes no unit name of %zu bytes",
		        strlen(s->unit));
		return err_hint(in->e, "shorten the container's id, or give a cgroupsPath");
	}
	return 0;
}

/* systemd puts a "_" before names that the kernel's files in a cgroup could have. */
static const char *cgroup_mark(const char *name)
{
	static const char *const taken[] = { "_",        ".",        "cgroup.", "cpu.",
		                             "cpuacct.", "cpuset.",  "io.",     "blkio.",
		                             "memory.",  "devices.", "pids.",   NULL };

	for (const char *const *t = taken; *t; t++)
		if (str_starts(name, *t))
			return "_";
	return "";
}

const char *scope_path(const struct plan_in *in, struct arena *a, const struct scope *s)
{
	const char *own = in->host->systemd_cgroup, *path = STR_EQ(own, "/") ? "" : own;

	/* "a-b.slice" is in "a.slice"; "-.slice" is the root of them all. */
	for (size_t n = 1; s->slice[n] && *s->slice != '-'; n++) {
		if (s->slice[n] != '-' && !STR_EQ(s->slice + n, ".slice"))
			continue;
		const char *part = arena_fmt(a, "%.*s.slice", (int)n, s->slice);
		path = arena_fmt(a, "%s/%s%s", path, cgroup_mark(part), part);
	}
	return arena_fmt(a, "%s/%s%s", path, cgroup_mark(s->unit), s->unit);
}
