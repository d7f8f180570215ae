/* delegate: whether the container's cgroup becomes its user's (config-linux.md#cgroup-ownership). */
#include "base/str.h"
#include "base/sys.h"
#include "plan/emit.h"
#include "plan/mount_cgroup.h"
#include <string.h>

#define PLACE "/sys/fs/cgroup"

/* The mount that shows the container its cgroup, writable; NULL: there is none. */
static const struct oci_mount *writable_mount(const struct plan *p, const struct plan_in *in)
{
	for (size_t i = in->c->mounts.n; i-- > 0;) {
		const struct oci_mount *m = &in->c->mounts.v[i];

		if (m->type && (STR_EQ(m->type, "cgroup") || STR_EQ(m->type, "cgroup2")) &&
		    str_starts(m->destination, PLACE) &&
		    strspn(m->destination + strlen(PLACE), "/") ==
		            strlen(m->destination + strlen(PLACE)))
			return mount_cgroup_writable(p, in, m) ? m : NULL;
	}
	return NULL;
}

/* The host's uid of the one that runs the program. False: nobody knows it before the user namespace is joined. */
static bool host_uid(const struct plan *p, const struct plan_in *in, uid_t *uid)
{
	const struct oci_process *proc = in->c->process;
	const struct oci_linux *l = in->c->linux_;
	uint64_t id = proc && proc->user ? proc->user->uid.v : 0;

	*uid = (uid_t)id;
	if (!((p->new_ns | p->join_ns) & CLONE_NEWUSER))
		return true;
	for (size_t i = 0; p->new_ns & CLONE_NEWUSER && i < l->uid_mappings.n; i++) {
		const struct oci_id_mapping *m = &l->uid_mappings.v[i];

		if (id < m->container_id.v || id - m->container_id.v >= m->size.v)
			continue;
		*uid = (uid_t)(m->host_id.v + (id - m->container_id.v));
		return true;
	}
	return false;
}

void plan_delegate(struct plan *p, const struct plan_in *in)
{
	const struct oci_mount *m = writable_mount(p, in);
	uid_t uid;

	/* v1 cannot be delegated safely. Without a cgroup namespace of its own the container has no root to own. */
	if (!m || in->host->cgroup_host != CGROUP_HOST_V2 || !p->n_cgroups ||
	    !(p->new_ns & CLONE_NEWCGROUP) || !host_uid(p, in, &uid) || uid == in->host->euid)
		return;
	struct step *s = plan_step(p, STEP_DELEGATE, FROM(*m));
	s->delegate.uid = uid;
	if (in->host->euid != 0 || in->host->in_userns)
		s->lenient = SKIP_EPERM;
}
