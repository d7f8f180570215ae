/* cgroup: where the container's cgroups are (config-linux.md#cgroups-path), and the steps that make them. */
#include "base/str.h"
#include "plan/resources.h"
#include "plan/scope.h"
#include <string.h>

/* Enabled for the container whether they are limited or not: engines read their statistics. */
static const char *const counted[] = { "cpu", "cpuset", "io", "memory", "pids", "hugetlb", "rdma" };

/* Appends the components of path to buf as "/a/b". False: there is a "..", or it does not fit. */
static bool append_path(char *buf, size_t n, const char *path)
{
	while (*path) {
		size_t len = strcspn(path, "/");

		if (len == 2 && path[0] == '.' && path[1] == '.')
			return false;
		if (len && !(len == 1 && *path == '.') && !str_add(buf, n, "/%.*s", (int)len, path))
			return false;
		path += len + (path[len] == '/');
	}
	return true;
}

/* The container's path in h. An absolute cgroupsPath counts from the mount. Others begin at our own cgroup, on v2 at
 * its parent: a cgroup with processes cannot give controllers to its children. */
static const char *path_in(const struct hierarchy *h, const struct plan_in *in, struct arena *a)
{
	const struct oci_linux *l = in->c->linux_;
	const char *wanted = l && !str_empty(l->cgroups_path) ? l->cgroups_path
	                                                      : arena_fmt(a, "nsrun-%s", in->o->id);
	char buf[4096] = "";

	if (*wanted != '/') {
		if (!append_path(buf, sizeof buf, h->own))
			return NULL;
		char *last = strrchr(buf, '/');
		if (h->v2 && last)
			*last = '\0';
	}
	size_t base = strlen(buf);
	if (!append_path(buf, sizeof buf, wanted) || !buf[base])
		return NULL;
	return arena_str(a, buf, strlen(buf));
}

/* What of counted is in controllers, as "+cpu +memory". */
static const char *enable_list(const char *controllers, struct arena *a)
{
	char buf[128] = "";

	for (size_t i = 0; i < sizeof counted / sizeof *counted; i++)
		if (str_listed(controllers, ' ', counted[i]))
			str_add(buf, sizeof buf, "%s+%s", *buf ? " " : "", counted[i]);
	return arena_str(a, buf, strlen(buf));
}

/* Where systemd makes the container's cgroup: one path for all hierarchies. */
static int unit_path(struct plan *p, const struct plan_in *in, const char **unit, const char **sub)
{
	struct scope s;

	/* check/ has said more; clean-up plans without it. */
	if (!in->host->systemd_cgroup)
		return err_set(in->e, ERR_HOST, "systemd does not run here");
	if (scope_name(in, p->arena, &s) < 0)
		return -1;
	*unit = scope_path(in, p->arena, &s);
	*sub = *s.subgroup ? arena_fmt(p->arena, "%s/%s", *unit, s.subgroup) : *unit;
	return 0;
}

/* v1 shares realtime out: a child's comes out of its parent's. */
static void share_realtime(struct cgroup_dir *d, const struct plan_in *in, struct arena *a)
{
	const struct oci_linux *l = in->c->linux_;
	const struct oci_cpu *c = l && l->resources ? l->resources->cpu : NULL;

	if (!c || d->v2 || !str_listed(d->controllers, ',', "cpu"))
		return;
	if (c->realtime_period.v)
		d->rt_period = arena_fmt(a, "%llu", (unsigned long long)c->realtime_period.v);
	if (c->realtime_runtime.v)
		d->rt_runtime = arena_fmt(a, "%lld", (long long)c->realtime_runtime.v);
}

/* One cgroup for each hierarchy of the host, wanted or not. */
static int list_all(struct plan *p, const struct plan_in *in)
{
	const char *unit = NULL, *sub = NULL;

	if (in->o->manager == CGROUP_MANAGER_SYSTEMD && unit_path(p, in, &unit, &sub) < 0)
		return -1;
	p->n_cgroups = 0;
	for (uint32_t i = 0; i < in->host->n_hierarchies; i++) {
		const struct hierarchy *h = &in->host->hierarchy[i];
		struct cgroup_dir *d = &p->cgroups[p->n_cgroups++];

		*d = (struct cgroup_dir){ .controllers = h->controllers,
			                  .mount = h->mount,
			                  .enable = "",
			                  .need = "",
			                  .v2 = h->v2 };
		/* systemd tracks processes in these; it may use others, and leaves them to whoever made them. */
		d->scope = unit && (h->v2 || STR_EQ(h->controllers, "name=systemd"));
		d->path = !unit ? path_in(h, in, p->arena) : d->scope ? sub : unit;
		if (!d->path)
			return lower_refuse(in, AT(in->c->linux_->cgroups_path),
			                    "write a path below the cgroup root, without \"..\"",
			                    "cgroupsPath \"%s\" does not name a cgroup",
			                    in->c->linux_->cgroups_path);
		/* Beside v1 the unified tree is joined; its controllers are only taken when they are needed. */
		if (h->v2 && in->host->cgroup_host == CGROUP_HOST_V2)
			d->enable = enable_list(h->controllers, p->arena);
		share_realtime(d, in, p->arena);
	}
	return 0;
}

static struct origin reason(const struct plan_in *in)
{
	if (in->c->linux_ && !str_empty(in->c->linux_->cgroups_path))
		return FROM(in->c->linux_->cgroups_path);
	return NEED("a container's processes are counted and killed by cgroup");
}

static int refuse_delegation(const struct plan_in *in, const struct cgroup_dir *d)
{
	return lower_refuse(in, AT(in->c->linux_->resources),
	                    "run it in a delegated cgroup (systemd-run --user --scope -p "
	                    "Delegate=yes), or remove the limits",
	                    "a limit needs a writable cgroup; delegation missing: %s%s", d->mount,
	                    d->path);
}

/* Drops the cgroups that we may not make and that nothing is asked of; the rest become steps. */
static int keep_some(struct plan *p, const struct plan_in *in, const struct lowering *l)
{
	const struct oci_linux *linux_ = in->c->linux_;
	bool absolute = linux_ && linux_->cgroups_path && *linux_->cgroups_path == '/';
	bool privileged = in->host->euid == 0 && !in->host->in_userns;
	uint32_t kept = 0, scopes = 0;

	for (uint32_t i = 0; i < p->n_cgroups; i++) {
		const struct hierarchy *h = &in->host->hierarchy[i];
		struct cgroup_dir *d = &p->cgroups[i];
		bool asked = l->asked & (1u << i);

		if (d->v2)
			d->need = arena_str(p->arena, l->need, strlen(l->need));
		if (d->scope) {
			p->cgroups[kept++] = *d;
			scopes++;
			continue;
		}
		if (!h->writable && asked && !absolute)
			return refuse_delegation(in, d);
		if (!h->writable && !absolute)
			continue;
		d->optional = !asked && !(privileged && h->writable);
		p->cgroups[kept] = *d;
		struct step *s = plan_step(p, STEP_CGROUP, reason(in));
		s->lenient = d->optional ? SKIP_EPERM : MUST;
		s->cgroup.index = (uint8_t)kept++;
	}
	p->n_cgroups = kept;
	if (in->o->manager == CGROUP_MANAGER_SYSTEMD && !scopes)
		return err_set(in->e, ERR_HOST, "the cgroups of systemd are not mounted here");
	return 0;
}

static struct lowering lowering(struct plan *p, const struct plan_in *in)
{
	return (struct lowering){ .p = p,
		                  .in = in,
		                  .r = in->c->linux_ ? in->c->linux_->resources : NULL };
}

int plan_cgroup(struct plan *p, const struct plan_in *in)
{
	struct lowering l = lowering(p, in);

	p->n_cgroups = 0;
	if (in->o->manager == CGROUP_MANAGER_DISABLED)
		return 0;
	if (list_all(p, in) < 0)
		return -1;
	l.dry = true;
	if (l.r && lower_resources(&l) < 0)
		return -1;
	return keep_some(p, in, &l);
}

int plan_resources(struct plan *p, const struct plan_in *in)
{
	struct lowering l = lowering(p, in);

	return l.r ? lower_resources(&l) : 0;
}
