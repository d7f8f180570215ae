/* devices: see devices.h. */
#include "plan/devices.h"
#include "base/str.h"
#include <linux/sched.h>
#include <string.h>
#include <sys/sysmacros.h>

bool same_path(const char *path, const char *want)
{
	while (*want) {
		size_t slashes = strspn(path, "/");

		/* A relative destination counts from the root. */
		want += *want == '/';
		path += slashes;
		size_t n = strcspn(path, "/");
		if (n != strcspn(want, "/") || memcmp(path, want, n) != 0)
			return false;
		path += n;
		want += n;
	}
	return !path[strspn(path, "/")];
}

/* The last mount on the path, or NULL. */
static const struct oci_mount *mount_on(const struct oci_config *c, const char *path)
{
	for (size_t i = c->mounts.n; i-- > 0;)
		if (c->mounts.v[i].destination && same_path(c->mounts.v[i].destination, path))
			return &c->mounts.v[i];
	return NULL;
}

static bool is_bind(const struct oci_mount *m)
{
	for (size_t i = 0; i < m->options.n; i++)
		if (STR_EQ(m->options.v[i], "bind") || STR_EQ(m->options.v[i], "rbind"))
			return true;
	return m->type && STR_EQ(m->type, "bind");
}

static bool in_config(const struct oci_linux *l, const char *path)
{
	for (size_t i = 0; l && i < l->devices.n; i++)
		if (l->devices.v[i].path && same_path(l->devices.v[i].path, path))
			return true;
	return false;
}

/* Nodes made with mknod(2) are of no use, or not allowed, to those who are not root on the host. */
static bool must_bind(const struct plan *p, const struct plan_in *in)
{
	return in->host->in_userns || (p->new_ns | p->join_ns) & CLONE_NEWUSER;
}

static void emit_device(struct plan *p, const struct plan_in *in, const struct oci_device *d)
{
	struct step *s = plan_step(p, STEP_NODE, FROM(*d));

	s->node.path = d->path;
	s->node.type = *d->type == 'b' ? NODE_BLOCK : *d->type == 'p' ? NODE_FIFO : NODE_CHAR;
	s->node.mode = d->file_mode.set ? (mode_t)d->file_mode.v & 07777 : 0666;
	s->node.uid = (uid_t)d->uid.v;
	s->node.gid = (gid_t)d->gid.v;
	s->node.must_match = true;
	if (s->node.type == NODE_FIFO)
		return;
	s->node.dev = makedev((unsigned)d->major.v, (unsigned)d->minor.v);
	s->node.bind = must_bind(p, in);
}

static void emit_defaults(struct plan *p, const struct plan_in *in)
{
	static const struct {
		const char *path;
		unsigned major, minor;
	} t[] = {
		{ "/dev/null", 1, 3 },   { "/dev/zero", 1, 5 },    { "/dev/full", 1, 7 },
		{ "/dev/random", 1, 8 }, { "/dev/urandom", 1, 9 }, { "/dev/tty", 5, 0 },
	};

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		if (in_config(in->c->linux_, t[i].path))
			continue;
		struct step *s = plan_step(p, STEP_NODE, SPEC("default devices"));
		s->node.path = t[i].path;
		s->node.type = NODE_CHAR;
		s->node.mode = 0666;
		s->node.dev = makedev(t[i].major, t[i].minor);
		s->node.bind = must_bind(p, in);
	}
}

static void emit_link(struct plan *p, const char *path, const char *link, const char *why)
{
	struct step *s = plan_step(p, STEP_NODE, SPEC(why));

	s->node.path = path;
	s->node.link = link;
	s->node.type = NODE_LINK;
}

/* /proc/kcore is there and not hidden again later. */
static bool kcore_visible(const struct oci_config *c)
{
	const struct oci_linux *l = c->linux_;

	if (!mount_on(c, "/proc"))
		return false;
	for (size_t i = 0; l && i < l->masked_paths.n; i++)
		if (same_path(l->masked_paths.v[i], "/proc/kcore"))
			return false;
	return true;
}

void plan_devices(struct plan *p, const struct plan_in *in)
{
	const struct oci_linux *l = in->c->linux_;
	const struct oci_mount *dev = mount_on(in->c, "/dev");

	if (dev && is_bind(dev))
		return;
	for (size_t i = 0; l && i < l->devices.n; i++)
		emit_device(p, in, &l->devices.v[i]);
	emit_defaults(p, in);
	if (!in_config(l, "/dev/ptmx"))
		emit_link(p, "/dev/ptmx", "pts/ptmx", "default devices");
	emit_link(p, "/dev/fd", "/proc/self/fd", "dev symbolic links");
	emit_link(p, "/dev/stdin", "/proc/self/fd/0", "dev symbolic links");
	emit_link(p, "/dev/stdout", "/proc/self/fd/1", "dev symbolic links");
	emit_link(p, "/dev/stderr", "/proc/self/fd/2", "dev symbolic links");
	if (kcore_visible(in->c))
		emit_link(p, "/dev/core", "/proc/kcore", "dev symbolic links");
}
