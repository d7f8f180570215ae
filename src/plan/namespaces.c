/* namespaces: which are made, which are joined, in which process, and who maps ids (config-linux.md#namespaces). */
#include "base/sys.h"
#include "plan/emit.h"
#include "plan/kinds.h"
#include <string.h>

void plan_namespaces(struct plan *p, const struct plan_in *in)
{
	const struct oci_linux *l = in->c->linux_;

	for (size_t i = 0; l && i < l->namespaces.n; i++) {
		const struct oci_namespace *ns = &l->namespaces.v[i];
		const struct namespace_def *def = namespace_by_type(ns->type);

		if (!def)
			continue;
		if (ns->path && *ns->path)
			p->join_ns |= def->flag;
		else
			p->new_ns |= def->flag;
	}
	p->host_mounts = !((p->new_ns | p->join_ns) & CLONE_NEWNS);
	if (p->host_mounts)
		p->new_ns |= CLONE_NEWNS;
}

static struct origin why_ns(const struct oci_linux *l, uint32_t flag)
{
	for (size_t i = 0; i < l->namespaces.n; i++) {
		const struct namespace_def *def = namespace_by_type(l->namespaces.v[i].type);

		if (def && def->flag == flag)
			return FROM(l->namespaces.v[i]);
	}
	return SPEC("linux.namespaces");
}

static bool has_offsets(const struct plan *p)
{
	const struct oci_linux *l = p->config->linux_;
	const struct oci_time_offsets *t = l ? l->time_offsets : NULL;

	return t && (t->boottime || t->monotonic) && (p->new_ns & CLONE_NEWTIME);
}

/* A pid namespace takes in only children, a joined user namespace must be entered before what it owns is made, and a
 * new one may not own what is joined; a time namespace has its offsets before anybody is in it: then a short-lived
 * process goes ahead and gives birth to init. */
static bool needs_join_lane(const struct plan *p)
{
	return (p->join_ns & (CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWTIME)) ||
	       (p->join_ns && (p->new_ns & CLONE_NEWUSER)) || has_offsets(p);
}

/* What the join lane makes. Its new time namespace belongs to the container's new user namespace. */
static uint32_t unshared(const struct plan *p)
{
	return has_offsets(p) ? p->new_ns & (CLONE_NEWTIME | CLONE_NEWUSER) : 0;
}

/* The cgroup namespace is made by init itself once it is in its cgroup: its root is the cgroup one is in. */
static uint32_t clone_flags(const struct plan *p)
{
	return p->new_ns & ~(CLONE_NEWCGROUP | unshared(p));
}

/* Where clone3(2) can put init. A scope does not exist yet. */
static int v2_cgroup(const struct plan *p)
{
	for (uint32_t i = 0; i < p->n_cgroups; i++)
		if (p->cgroups[i].v2 && !p->cgroups[i].scope)
			return (int)i;
	return -1;
}

/* The kernel ends all who share a memory when it ends one for want of it: the command is to tell of an init that a limit of
 * its own is too small for. */
static bool limits_memory(const struct oci_linux *l)
{
	const struct oci_resources *res = l ? l->resources : NULL;

	return res && (res->memory || res->unified.n);
}

bool plan_shares(const struct plan *p, const struct plan_in *in)
{
	const struct oci_process *proc = in->c->process;

	/* An id map is written through files in /proc that a process has which may be looked into. One is born into a
	 * time namespace only with memory of its own (timens_on_fork() in the kernel). */
	if (p->new_ns & CLONE_NEWUSER || (p->new_ns | p->join_ns) & CLONE_NEWTIME)
		return false;
	if (!p->enters && limits_memory(in->c->linux_))
		return false;
	/* The kernel sets it for all who share the memory, and hooks inherit it: only where nobody stays or comes. */
	const struct oci_hooks *h = p->enters ? NULL : in->c->hooks;
	return !proc || !proc->oom_score_adj.set ||
	       (in->o->detach && !(h && (h->poststart.n || h->poststop.n)));
}

static void clone_init(struct plan *p, const struct plan_in *in, int into_cgroup)
{
	const struct oci_linux *l = in->c->linux_;

	struct origin why = SPEC("lifecycle 2: a process that has not run the program");

	if (l && l->namespaces.n)
		why = FROM(l->namespaces);
	struct step *s = plan_step(p, STEP_CLONE, why);

	s->clone.flags = clone_flags(p);
	s->clone.lane = LANE_INIT;
	s->clone.into_cgroup = into_cgroup;
	s->clone.shares = plan_shares(p, in);
}

void plan_become(struct plan *p, const struct plan_in *in, const char *why)
{
	plan_step(p, STEP_BECOME, NEED(why))->become.keep_groups = keep_groups(in);
}

static void emit_offset(struct plan *p, const char *clock, const struct oci_time_offset *x)
{
	if (!x)
		return;
	struct step *s = plan_step(p, STEP_WRITE, FROM(*x));
	s->write.to = WRITE_SELF;
	s->write.path = "timens_offsets";
	s->write.bytes = arena_fmt(p->arena, "%s %lld %llu", clock, (long long)x->secs.v,
	                           (unsigned long long)x->nanosecs.v);
}

/* With the rights that making it gave: behind BECOME the file would be another's. */
static void emit_time(struct plan *p, const struct oci_linux *l)
{
	if (!has_offsets(p))
		return;
	plan_step(p, STEP_UNSHARE, why_ns(l, CLONE_NEWTIME))->join.flags = unshared(p);
	emit_offset(p, "monotonic", l->time_offsets->monotonic);
	emit_offset(p, "boottime", l->time_offsets->boottime);
}

static void emit_join(struct plan *p, const struct plan_in *in)
{
	if (p->join_ns) {
		struct step *s = plan_step(p, STEP_JOIN, SPEC("linux.namespaces with a path"));

		s->join.flags = p->join_ns;
		s->join.keep_groups = keep_groups(in);
	}
	emit_time(p, in->c->linux_);
	if (p->join_ns & CLONE_NEWUSER)
		plan_become(p, in, "root of the joined user namespace makes the rest");
}

int plan_birth(struct plan *p, const struct plan_in *in)
{
	const struct oci_linux *l = in->c->linux_;

	for (size_t i = 0; l && i < l->namespaces.n; i++) {
		const struct oci_namespace *ns = &l->namespaces.v[i];

		if (!ns->path || !*ns->path)
			continue;
		struct step *s = plan_step(p, STEP_OPEN_NS, FROM(ns->path));
		s->open_ns.flag = namespace_by_type(ns->type)->flag;
		s->open_ns.path = ns->path;
	}
	if (p->host_mounts) {
		struct step *s = plan_step(p, STEP_OPEN_NS, NEED("init comes back to it"));

		s->open_ns.flag = CLONE_NEWNS;
		s->open_ns.path = "/proc/self/ns/mnt";
	}
	if (plan_trees(p, in) < 0)
		return -1;
	if (!needs_join_lane(p)) {
		clone_init(p, in, v2_cgroup(p));
		return 0;
	}
	struct step *s =
		plan_step(p, STEP_CLONE, NEED("namespaces are entered before init is born"));
	s->clone.lane = LANE_JOIN;
	s->clone.into_cgroup = -1;
	plan_phase(p, LANE_JOIN, "join");
	emit_join(p, in);
	clone_init(p, in, v2_cgroup(p));
	return 0;
}

/* In a scope systemd has put init already. */
static bool has_own_cgroup(const struct plan *p)
{
	for (uint32_t i = 0; i < p->n_cgroups; i++)
		if (!p->cgroups[i].scope)
			return true;
	return false;
}

static void emit_idmap(struct plan *p, const struct plan_in *in)
{
	const struct oci_linux *l = in->c->linux_;
	const struct facts *h = in->host;
	struct step *s = plan_step(p, STEP_IDMAP, FROM(l->uid_mappings));

	s->idmap.uid = l->uid_mappings.v;
	s->idmap.n_uid = l->uid_mappings.n;
	s->idmap.gid = l->gid_mappings.v;
	s->idmap.n_gid = l->gid_mappings.n;
	if (h->cap_setid)
		return;
	/* user_namespaces(7): without the capabilities only one's own id may be mapped, and a group only after
	 * setgroups(2) was given up. */
	bool own = l->uid_mappings.n == 1 && l->uid_mappings.v[0].size.v == 1 &&
	           l->uid_mappings.v[0].host_id.v == h->euid && l->gid_mappings.n == 1 &&
	           l->gid_mappings.v[0].size.v == 1 && l->gid_mappings.v[0].host_id.v == h->egid;
	s->idmap.deny_setgroups = own;
	if (!own) {
		s->idmap.newuidmap = h->newuidmap;
		s->idmap.newgidmap = h->newgidmap;
	}
}

void plan_oom_score_adj(struct plan *p, const struct plan_in *in)
{
	const struct oci_process *proc = in->c->process;

	if (!proc || !proc->oom_score_adj.set)
		return;
	struct step *s = plan_step(p, STEP_WRITE, FROM(proc->oom_score_adj));
	s->write.to = WRITE_INIT;
	s->write.path = "oom_score_adj";
	s->write.bytes = arena_fmt(p->arena, "%lld", (long long)proc->oom_score_adj.v);
	/* Lowering it takes CAP_SYS_RESOURCE, which an ordinary user's engine asks for in vain. */
	if (in->host->euid != 0 || in->host->in_userns)
		s->lenient = SKIP_EPERM;
}

int plan_settle(struct plan *p, const struct plan_in *in)
{
	plan_phase(p, LANE_HOST, "map");
	if (needs_join_lane(p))
		plan_step(p, STEP_ADOPT,
		          NEED("the command waits for init, not for its forerunner"));
	if (in->o->manager == CGROUP_MANAGER_SYSTEMD) {
		if (plan_scope(p, in) < 0)
			return -1;
		plan_delegate(p, in);
	}
	if (p->new_ns & CLONE_NEWUSER) {
		emit_idmap(p, in);
		/* While init's files in /proc are its user's. */
		plan_oom_score_adj(p, in);
	}
	plan_rdt(p, in);

	plan_phase(p, LANE_INIT, "settle");
	/* As itself and not by the host: a thread that moves itself takes no lock of the whole machine (v1, 5.4). */
	if (has_own_cgroup(p))
		plan_step(p, STEP_ATTACH, SPEC("linux.cgroupsPath"));
	if (p->new_ns & CLONE_NEWUSER)
		plan_become(p, in, "uid 0 must exist before mount");
	if (p->join_ns && !needs_join_lane(p))
		emit_join(p, in);
	if (p->new_ns & CLONE_NEWCGROUP)
		plan_step(p, STEP_UNSHARE, why_ns(in->c->linux_, CLONE_NEWCGROUP))->join.flags =
			CLONE_NEWCGROUP;
	if (p->new_ns & CLONE_NEWNET)
		plan_step(p, STEP_LINK_UP, NEED("127.0.0.1 works in a new network namespace"));
	return 0;
}
