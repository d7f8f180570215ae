/* cred: who the program is and what it may: user, capabilities, resource limits. */
#include "base/caps.h"
#include "base/rlimits.h"
#include "base/str.h"
#include "plan/emit.h"
#include <string.h>

/* The kernel keeps groups sorted, so that the op can compare. Shell sort: nothing of libc, no bad worst case. */
static void sort_groups(gid_t *v, size_t n)
{
	for (size_t gap = n / 2; gap; gap /= 2)
		for (size_t i = gap; i < n; i++) {
			gid_t x = v[i];
			size_t j = i;

			for (; j >= gap && v[j - gap] > x; j -= gap)
				v[j] = v[j - gap];
			v[j] = x;
		}
}

/* Whoever maps only his own id has to give up setgroups(2) first: then the groups stay as they are. */
static bool setgroups_denied(const struct plan *p, const struct plan_in *in)
{
	const struct step *s;

	if (in->host->setgroups_denied)
		return true;
	for (uint32_t n = 0; (s = plan_at(p, n, NULL)); n++)
		if (s->kind == STEP_IDMAP && s->idmap.deny_setgroups)
			return true;
	return false;
}

/* An ordinary user may have groups that no map gives him: to use their files he can only keep them. Root's groups are
 * nobody else's. */
bool keep_groups(const struct plan_in *in)
{
	const struct oci_config *c = in->c;

	if (in->host->euid == 0 && !in->host->in_userns)
		return false;
	for (size_t i = 0; i < c->annotations.n; i++)
		if (STR_EQ(c->annotations.v[i].key, "run.oci.keep_original_groups"))
			return STR_EQ(c->annotations.v[i].value, "1");
	return false;
}

void plan_user(struct plan *p, const struct plan_in *in)
{
	const struct oci_user *u = in->c->process ? in->c->process->user : NULL;
	struct step *s = plan_step(p, STEP_USER, u ? FROM(*u) : NEED("no group of ours"));

	if (u) {
		gid_t *groups = NEW_N(p->arena, gid_t, u->additional_gids.n + 1);

		for (size_t i = 0; i < u->additional_gids.n; i++)
			groups[i] = (gid_t)u->additional_gids.v[i];
		sort_groups(groups, u->additional_gids.n);
		s->user.uid = (uid_t)u->uid.v;
		s->user.gid = (gid_t)u->gid.v;
		s->user.groups = groups;
		s->user.n = (uint32_t)u->additional_gids.n;
	}
	if (keep_groups(in))
		s->user.n = 0;
	s->user.keep_groups = keep_groups(in) || (s->user.n == 0 && setgroups_denied(p, in));
}

/* Unknown names, and names that this kernel does not know, are no capabilities that anyone could grant: check has
 * warned about them. */
static uint64_t cap_mask(char *const *v, size_t n, int last_cap)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < n; i++) {
		int cap = cap_by_name(v[i]);

		if (cap >= 0 && cap <= last_cap)
			mask |= (uint64_t)1 << cap;
	}
	return mask;
}

void plan_caps(struct plan *p, const struct plan_in *in)
{
	const struct oci_capabilities *c = in->c->process ? in->c->process->capabilities : NULL;
	int last = in->host->last_cap;
	struct step *s =
		plan_step(p, STEP_CAPS, c ? FROM(*c) : SPEC("process.capabilities: none are set"));

	if (!c)
		return;
	s->caps.bounding = cap_mask(c->bounding.v, c->bounding.n, last);
	s->caps.effective = cap_mask(c->effective.v, c->effective.n, last);
	s->caps.permitted = cap_mask(c->permitted.v, c->permitted.n, last);
	s->caps.inheritable = cap_mask(c->inheritable.v, c->inheritable.n, last);
	/* The kernel raises nothing else, capabilities(7). */
	s->caps.ambient = cap_mask(c->ambient.v, c->ambient.n, last) & s->caps.permitted &
	                  s->caps.inheritable;
}

void plan_label(struct plan *p, struct origin why, const char *file, const char *text)
{
	struct step *s = plan_step(p, STEP_WRITE, why);

	s->write.to = WRITE_SELF;
	s->write.path = file;
	s->write.bytes = text;
}

void plan_labels(struct plan *p, const struct plan_in *in)
{
	const struct oci_process *proc = in->c->process;

	if (!proc)
		return;
	/* check lets "unconfined" pass where there is no AppArmor. */
	if (!str_empty(proc->apparmor_profile) && in->host->apparmor)
		plan_label(p, FROM(proc->apparmor_profile), "attr/apparmor/exec",
		           arena_fmt(p->arena, "exec %s", proc->apparmor_profile));
	if (!str_empty(proc->selinux_label))
		plan_label(p, FROM(proc->selinux_label), "attr/exec", proc->selinux_label);
}

void plan_rlimits(struct plan *p, const struct plan_in *in)
{
	const struct oci_process *proc = in->c->process;

	for (size_t i = 0; proc && i < proc->rlimits.n; i++) {
		const struct oci_rlimit *x = &proc->rlimits.v[i];
		int resource = rlimit_by_name(x->type);

		/* check has refused unknown names. */
		if (resource < 0)
			continue;
		struct step *s = plan_step(p, STEP_RLIMIT, FROM(*x));
		s->rlimit.resource = resource;
		s->rlimit.name = x->type;
		s->rlimit.limit.rlim_cur = x->soft.v;
		s->rlimit.limit.rlim_max = x->hard.v;
	}
}
