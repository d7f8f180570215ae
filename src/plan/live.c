/* live: see live.h. */
#include "plan/live.h"
#include "base/str.h"
#include "base/sys.h"
#include "plan/emit.h"
#include "plan/mountopt.h"
#include <linux/sched.h>
#include <string.h>

static int refuse(const struct plan_in *in, const struct oci_mount *m, const char *what,
                  const char *hint)
{
	char pointer[160];

	err_set(in->e, ERR_CONFIG, "%s", what);
	if (oci_pointer(&oci_config_schema, in->c, AT(*m), pointer, sizeof pointer))
		err_where(in->e, "%s", pointer);
	return err_hint(in->e, "%s", hint);
}

static int verify(const struct plan_in *in, const struct oci_mount *m, uint32_t how)
{
	if (how & MOUNT_REMOUNT)
		return refuse(in, m, "a mount of a running container cannot be changed",
		              "remove it, and add it with other options");
	if (how & MOUNT_COPY_SYMLINK)
		return refuse(in, m, "copy-symlink makes no mount in a running container",
		              "leave it out");
	if (!(how & MOUNT_BIND) && m->type &&
	    (STR_EQ(m->type, "cgroup") || STR_EQ(m->type, "cgroup2")))
		return refuse(in, m, "cgroups cannot be mounted in a running container",
		              "put the mount into the config, and create the container again");
	return 0;
}

/* The id-mapped ones first, as plan_trees() counts; then the others that have a source. */
static int emit_trees(struct plan *p, const struct plan_in *in)
{
	if (plan_trees(p, in) < 0)
		return -1;
	for (size_t i = 0; i < in->c->mounts.n; i++) {
		const struct oci_mount *m = &in->c->mounts.v[i];
		struct step options = { 0 };

		mountopt_lower(m, &options, p->arena);
		if (verify(in, m, options.mount.how) < 0)
			return -1;
		if (!(options.mount.how & MOUNT_BIND) || options.mount.how & MOUNT_IDMAP)
			continue;
		if (p->n_steps == TREES)
			return err_set(in->e, ERR_CONFIG, "more than %d sources at once", TREES);
		uint8_t index = (uint8_t)p->n_steps;
		struct step *s = plan_step(p, STEP_TREE, FROM(*m));
		s->tree.source = plan_source(p, in, m->source);
		s->tree.how = options.mount.how;
		s->tree.propagation = plan_events(p, in);
		s->tree.index = index;
	}
	return 0;
}

int plan_live(struct plan *p, const struct oci_config *c, const struct facts *host,
              const struct plan_opts *o, struct arena *a, struct err *e)
{
	const struct plan_in in = { .c = c, .host = host, .o = o, .e = e };
	uint8_t mapped = 0, plain = 0;

	/* The namespaces are the container's, whatever they are: nothing of the host stands in for what they refuse. */
	*p = (struct plan){ .config = c,
		            .host = host,
		            .arena = a,
		            .new_ns = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC };
	plan_phase(p, LANE_HOST, "prepare");
	if (emit_trees(p, &in) < 0)
		return -1;
	for (size_t i = 0; i < c->mounts.n; i++) {
		struct step options = { 0 };

		mountopt_lower(&c->mounts.v[i], &options, a);
		plain += options.mount.how & MOUNT_IDMAP ? 1 : 0;
	}
	plan_phase(p, LANE_INIT, "mounts");
	for (size_t i = 0; i < c->mounts.n; i++) {
		struct step *s = plan_mount(p, &in, &c->mounts.v[i], &mapped);

		if (s->mount.how & MOUNT_BIND && !(s->mount.how & MOUNT_IDMAP))
			s->mount.tree = ++plain;
	}
	return 0;
}

int plan_live_remove(const char *destination, const char *where, struct err *e)
{
	const char *d = destination + strspn(destination, "/");

	if (*d && !(str_starts(d, "proc") && (!d[4] || d[4] == '/')))
		return 0;
	err_set(e, ERR_CONFIG, "\"%s\" cannot be taken away from a container", destination);
	err_where(e, "%s", where);
	return err_hint(e, "name a mount outside of /proc");
}
