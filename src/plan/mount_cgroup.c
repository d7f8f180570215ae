/* mount_cgroup: see mount_cgroup.h.
 *
 * With a cgroup namespace the container mounts the hierarchies itself: their root is its own cgroup. Without one its
 * own directory is bound, because a mount would show the host's tree (CVE-2023-25809). Read-only unless "rw" says
 * otherwise; on v2 with a new namespace it is writable unless "ro" says otherwise, as config-linux.md#cgroup-ownership
 * has it. Where the container has no cgroup of its own (--cgroup-manager disabled, an ordinary user without delegation)
 * there is nothing of its own to show: on v2 with a namespace the tree from the runtime's cgroup down, read-only
 * whatever the options say, else an empty read-only tmpfs. */
#include "plan/mount_cgroup.h"
#include "base/str.h"
#include "base/sys.h"
#include "plan/mountopt.h"
#include <linux/sched.h>
#include <string.h>

#define SAFE (MS_NOSUID | MS_NODEV | MS_NOEXEC)

static struct step *emit(struct plan *p, const struct oci_mount *m, const char *target,
                         const char *fstype, unsigned long flags)
{
	struct step *s = plan_step(p, STEP_MOUNT, FROM(*m));

	s->mount.source = s->mount.fstype = fstype;
	s->mount.target = target;
	s->mount.data = "";
	s->mount.flags = flags;
	return s;
}

static void emit_bind(struct plan *p, const struct oci_mount *m, const char *target,
                      const char *source, unsigned long flags)
{
	struct step *s = emit(p, m, target, "bind", flags);

	s->mount.source = source;
	s->mount.how = MOUNT_BIND | MOUNT_REC;
}

static const char *own_dir(struct plan *p, const struct cgroup_dir *d)
{
	return arena_fmt(p->arena, "%s%s", d->mount, STR_EQ(d->path, "/") ? "" : d->path);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The mount itself, or a bind of the container's directory where the kernel refuses it (a cgroup namespace that an
 * outer user namespace owns). */
static void emit_tree(struct plan *p, const struct oci_mount *m, const struct cgroup_dir *d,
                      const char *target, unsigned long flags)
{
	bool own_ns = (p->new_ns | p->join_ns) & CLONE_NEWCGROUP;
	const char *dir = own_dir(p, d);

	if (!own_ns) {
		emit_bind(p, m, target, dir, flags);
		return;
	}
	struct step *s = emit(p, m, target, d->v2 ? "cgroup2" : "cgroup", flags);
	s->mount.instead = dir;
	if (!d->v2)
		s->mount.data = str_starts(d->controllers, "name=")
		                        ? arena_fmt(p->arena, "none,%s", d->controllers)
		                        : d->controllers;
}

/* "cpu" beside "cpu,cpuacct": programs look for either. */
static void emit_links(struct plan *p, const struct oci_mount *m, const char *dest,
                       const struct cgroup_dir *d)
{
	const char *name = base_name(d->mount);

	if (d->v2 || !strchr(d->controllers, ','))
		return;
	for (const char *c = d->controllers; *c; c += strspn(c, ",")) {
		size_t n = strcspn(c, ",");

		if (strlen(name) != n || memcmp(name, c, n) != 0) {
			struct step *s = plan_step(p, STEP_NODE, FROM(*m));
			s->node.path = arena_fmt(p->arena, "%s/%.*s", dest, (int)n, c);
			s->node.link = name;
			s->node.type = NODE_LINK;
		}
		c += n;
	}
}

static void emit_v1(struct plan *p, const struct oci_mount *m, unsigned long flags)
{
	const char *dest = m->destination;
	struct step *s = emit(p, m, dest, "tmpfs", flags & ~(unsigned long)MS_RDONLY);

	s->mount.data = "mode=755";
	for (uint32_t i = 0; i < p->n_cgroups; i++) {
		const struct cgroup_dir *d = &p->cgroups[i];

		emit_tree(p, m, d, arena_fmt(p->arena, "%s/%s", dest, base_name(d->mount)), flags);
		emit_links(p, m, dest, d);
	}
	if (!(flags & MS_RDONLY))
		return;
	s = plan_step(p, STEP_ATTR, FROM(*m));
	s->attr.target = dest;
	s->attr.set = MOUNT_ATTR_RDONLY;
}

static bool writable(const struct plan *p, const struct plan_in *in, const struct step *options)
{
	bool own_tree = in->host->cgroup_host == CGROUP_HOST_V2 && p->new_ns & CLONE_NEWCGROUP;

	if (!p->n_cgroups || options->mount.flags & MS_RDONLY)
		return false;
	return options->mount.cleared & MS_RDONLY || own_tree;
}

bool mount_cgroup_writable(const struct plan *p, const struct plan_in *in,
                           const struct oci_mount *m)
{
	struct step options = { 0 };

	mountopt_lower(m, &options, p->arena);
	return !(options.mount.how & (MOUNT_BIND | MOUNT_REMOUNT)) && writable(p, in, &options);
}

void plan_mount_cgroup(struct plan *p, const struct plan_in *in, const struct oci_mount *m)
{
	bool v2 = in->host->cgroup_host == CGROUP_HOST_V2;
	bool own_ns = (p->new_ns | p->join_ns) & CLONE_NEWCGROUP;
	struct step options = { 0 };

	mountopt_lower(m, &options, p->arena);
	unsigned long flags = options.mount.flags | SAFE;
	if (!writable(p, in, &options))
		flags |= MS_RDONLY;
	if (v2 && p->n_cgroups)
		emit_tree(p, m, &p->cgroups[0], m->destination, flags);
	else if (v2 && own_ns)
		emit(p, m, m->destination, "cgroup2", flags);
	else
		emit_v1(p, m, flags);
}
