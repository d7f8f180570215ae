/* rootfs: the file system of the container, in the order of the config: nothing is sorted, nothing looked at. */
#include "base/str.h"
#include "base/sys.h"
#include "plan/devices.h"
#include "plan/mount_cgroup.h"
#include "plan/mountopt.h"
#include <linux/sched.h>
#include <string.h>

/* rootfsPropagation as MS_* flags; 0 when there is none. */
static unsigned long propagation(const struct oci_config *c)
{
	static const struct {
		const char *word;
		unsigned long flags;
	} t[] = {
		{ "shared", MS_SHARED },         { "rshared", MS_SHARED | MS_REC },
		{ "slave", MS_SLAVE },           { "rslave", MS_SLAVE | MS_REC },
		{ "private", MS_PRIVATE },       { "rprivate", MS_PRIVATE | MS_REC },
		{ "unbindable", MS_UNBINDABLE }, { "runbindable", MS_UNBINDABLE | MS_REC },
	};

	if (!c->linux_ || !c->linux_->rootfs_propagation)
		return 0;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		if (STR_EQ(t[i].word, c->linux_->rootfs_propagation))
			return t[i].flags;
	return 0;
}

static unsigned long cut_off(unsigned long asked)
{
	return (asked & MS_PRIVATE ? MS_PRIVATE : MS_SLAVE) | MS_REC;
}

/* The host's tree around us: a slave, so that no mount of ours reaches the host. Only for "shared" it stays as it is,
 * because volumes that are shared with the host come out of it; the rootfs itself is cut off then. */
static void emit_propagate(struct plan *p, const struct plan_in *in)
{
	unsigned long asked = propagation(in->c);
	struct step *s = plan_step(p, STEP_PROPAGATE,
	                           asked ? FROM(in->c->linux_->rootfs_propagation)
	                                 : NEED("our mounts must not reach the host"));

	s->propagate.flags = asked & MS_SHARED ? asked : cut_off(asked);
}

unsigned long plan_events(const struct plan *p, const struct plan_in *in)
{
	unsigned long asked = propagation(in->c);

	/* To a mount namespace of another user the kernel gives slaves. */
	return asked & MS_SHARED && !((p->new_ns | p->join_ns) & CLONE_NEWUSER) ? 0
	                                                                        : cut_off(asked);
}

const char *plan_source(struct plan *p, const struct plan_in *in, const char *path)
{
	return *path == '/' ? path : arena_fmt(p->arena, "%s/%s", in->o->bundle, path);
}

static void emit_rootfs(struct plan *p, const struct plan_in *in)
{
	struct step *s = plan_step(p, STEP_ROOTFS, FROM(in->c->root->path));
	const char *path = plan_source(p, in, in->c->root->path);
	size_t n = strlen(path);

	/* A slash at the end would follow a symlink. */
	while (n > 1 && path[n - 1] == '/')
		n--;
	s->rootfs.path = arena_str(p->arena, path, n);
	s->rootfs.shared = propagation(in->c) & MS_SHARED;
}

/* How SELinux is to take the label of a mount: podman asks for rootcontext. */
static const char *context_type(const struct oci_config *c)
{
	for (size_t i = 0; i < c->annotations.n; i++)
		if (STR_EQ(c->annotations.v[i].key, "run.oci.mount_context_type"))
			return c->annotations.v[i].value;
	return "context";
}

/* linux.mountLabel on a new file system. Those of the kernel's own have their labels; a message queue's can be changed
 * behind the mount only. */
static void add_label(struct plan *p, const struct plan_in *in, struct step *s)
{
	static const char *const own[] = { "proc", "sysfs", "cgroup", "cgroup2" };
	const struct oci_linux *l = in->c->linux_;
	const char *type = s->mount.fstype, *data = s->mount.data;

	if (!l || str_empty(l->mount_label) || s->mount.how & (MOUNT_BIND | MOUNT_REMOUNT))
		return;
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (type && STR_EQ(own[i], type))
			return;
	if (type && STR_EQ(type, "mqueue")) {
		s->mount.relabel = l->mount_label;
		return;
	}
	s->mount.data = arena_fmt(p->arena, "%s%s%s=\"%s\"", data, *data ? "," : "",
	                          context_type(in->c), l->mount_label);
}

struct step *plan_mount(struct plan *p, const struct plan_in *in, const struct oci_mount *m,
                        uint8_t *trees)
{
	if (m->type && (STR_EQ(m->type, "cgroup") || STR_EQ(m->type, "cgroup2"))) {
		struct step s = { 0 };

		mountopt_lower(m, &s, p->arena);
		if (!(s.mount.how & (MOUNT_BIND | MOUNT_REMOUNT))) {
			plan_mount_cgroup(p, in, m);
			return NULL;
		}
	}
	struct step *s = plan_step(p, STEP_MOUNT, FROM(*m));
	mountopt_lower(m, s, p->arena);
	if (s->mount.how & MOUNT_BIND && !str_empty(m->source))
		s->mount.source = plan_source(p, in, m->source);
	if (s->mount.how & MOUNT_IDMAP)
		s->mount.tree = ++*trees;
	/* These belong to a namespace: with a foreign one only the host's can be shown. */
	if (m->type && STR_EQ(m->type, "sysfs") && !(p->new_ns & CLONE_NEWNET))
		s->mount.instead = "/sys";
	if (m->type && STR_EQ(m->type, "mqueue") && !(p->new_ns & CLONE_NEWIPC))
		s->mount.instead = "/dev/mqueue";
	add_label(p, in, s);
	return s;
}

bool plan_notify_tree(const struct plan *p, const struct plan_in *in)
{
	return in->o->notify && in->host->cap_sys_admin && (p->new_ns | p->join_ns) & CLONE_NEWUSER;
}

/* Behind the config's mounts, one of which may be /run. Nothing is written there: who connects needs no right to. */
static void emit_notify(struct plan *p, const struct plan_in *in, uint8_t trees)
{
	if (!in->o->notify)
		return;
	struct step *s = plan_step(p, STEP_MOUNT, NEED("NOTIFY_SOCKET: it tells when it is ready"));
	s->mount.source = in->o->notify;
	s->mount.target = NOTIFY_TARGET;
	s->mount.data = "";
	s->mount.how = MOUNT_BIND;
	s->mount.flags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
	if (plan_notify_tree(p, in))
		s->mount.tree = trees + 1;
}

int plan_rootfs(struct plan *p, const struct plan_in *in)
{
	const struct oci_config *c = in->c;
	uint8_t trees = 0;

	if (!c->root || str_empty(c->root->path))
		return err_set(in->e, ERR_CONFIG, "the config has no root.path");
	emit_propagate(p, in);
	emit_rootfs(p, in);
	for (size_t i = 0; i < c->mounts.n; i++)
		plan_mount(p, in, &c->mounts.v[i], &trees);
	emit_notify(p, in, trees);
	plan_devices(p, in);
	return 0;
}

void plan_pivot(struct plan *p, const struct plan_in *in)
{
	struct step *s = plan_step(p, STEP_PIVOT, NEED("the host's files must be out of reach"));

	s->pivot.how = in->o->no_pivot ? PIVOT_MOVE : PIVOT_ROOT;
}

/* Behind the pivot, when the config's own mounts are all there. The root becomes read-only last: until then mount points
 * may have to be made in it. */
void plan_restrict(struct plan *p, const struct plan_in *in)
{
	const struct oci_config *c = in->c;
	const struct oci_linux *l = c->linux_;
	struct step *s;

	for (size_t i = 0; l && i < l->readonly_paths.n; i++) {
		s = plan_step(p, STEP_COVER, FROM(l->readonly_paths.v[i]));
		s->cover.path = l->readonly_paths.v[i];
		s->cover.how = COVER_READONLY;
	}
	for (size_t i = 0; l && i < l->masked_paths.n; i++) {
		s = plan_step(p, STEP_COVER, FROM(l->masked_paths.v[i]));
		s->cover.path = l->masked_paths.v[i];
		s->cover.how = COVER_MASK;
	}
	if (propagation(c)) {
		s = plan_step(p, STEP_ATTR, FROM(l->rootfs_propagation));
		s->attr.target = "/";
		s->attr.propagation = propagation(c);
	}
	if (c->root->readonly.v) {
		s = plan_step(p, STEP_ATTR, FROM(c->root->readonly));
		s->attr.target = "/";
		s->attr.set = MOUNT_ATTR_RDONLY;
	}
}
