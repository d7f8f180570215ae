/* exec: the plan of `exec`, phase by phase: one more process for a container that is there. The process is lowered by
 * what create uses; what surrounds it is entered instead of made. */
#include "base/str.h"
#include "plan/emit.h"
#include <sched.h>
#include <string.h>

static void emit_cgroups(struct plan *p, const struct plan_target *t)
{
	memcpy(p->cgroups, t->cgroups, t->n_cgroups * sizeof *t->cgroups);
	p->n_cgroups = t->n_cgroups;
	for (uint32_t i = 0; i < t->n_cgroups; i++) {
		struct step *s = plan_step(p, STEP_CGROUP,
		                           NEED("the container's limits hold for all of it"));

		s->cgroup.index = (uint8_t)i;
		s->cgroup.existing = true;
		/* An ordinary user's container may have been made without some. */
		if (p->cgroups[i].optional)
			s->lenient = SKIP_ENOENT;
	}
}

/* Where clone3(2) can put the process: v2's cgroup, unless it has to run on other cpus before. */
static int born_in(const struct plan *p, const struct oci_exec_cpu_affinity *a)
{
	if (a && !str_empty(a->initial))
		return -1;
	for (uint32_t i = 0; i < p->n_cgroups; i++)
		if (p->cgroups[i].v2)
			return (int)i;
	return -1;
}

static struct step *emit_clone(struct plan *p, enum lane lane, int into_cgroup, const char *why)
{
	struct step *s = plan_step(p, STEP_CLONE, NEED(why));

	s->clone.lane = lane;
	s->clone.into_cgroup = into_cgroup;
	return s;
}

static void emit_join(struct plan *p, const struct plan_in *in, uint32_t flags, bool target)
{
	struct step *s = plan_step(p, STEP_JOIN, FROM(in->c->linux_->namespaces));

	s->join.flags = flags;
	s->join.target = target;
	s->join.keep_groups = keep_groups(in);
}

/* A pid and a time namespace take in only children: a process goes ahead, and gives birth in them. The cgroup namespace
 * is left to the child: from within the kernel does not let it into its cgroup (cgroup_namespaces(7), nsdelegate). */
static void emit_birth(struct plan *p, const struct plan_in *in)
{
	const struct oci_exec_cpu_affinity *affinity = in->c->process->exec_cpu_affinity;
	uint32_t ns = p->join_ns & ~(uint32_t)CLONE_NEWCGROUP;

	if (p->join_ns & CLONE_NEWCGROUP)
		plan_step(p, STEP_OPEN_NS, FROM(in->c->linux_->namespaces))->open_ns.flag =
			CLONE_NEWCGROUP;
	emit_clone(p, LANE_JOIN, -1, "namespaces are entered before the process is born");
	plan_phase(p, LANE_JOIN, "join");
	emit_join(p, in, ns, true);
	if (ns & CLONE_NEWUSER)
		plan_become(p, in, "root of the user namespace enters the rest");
	emit_clone(p, LANE_INIT, born_in(p, affinity), "the program's process")->clone.shares =
		plan_shares(p, in);
}

static void emit_affinity(struct plan *p, struct origin why, const char *cpus)
{
	struct step *s = plan_step(p, STEP_AFFINITY, why);

	if (str_empty(cpus))
		return;
	s->affinity.cpus = cpus;
	s->affinity.mask = plan_bits(p, cpus, AFFINITY_CPUS);
	s->affinity.bits = AFFINITY_CPUS;
}

/* config.md, execCPUAffinity: the one list while the process is not in the cgroup yet, the other when it is. */
static void emit_settle(struct plan *p, const struct plan_in *in)
{
	const struct oci_exec_cpu_affinity *a = in->c->process->exec_cpu_affinity;

	if (a && !str_empty(a->initial))
		emit_affinity(p, FROM(a->initial), a->initial);
	if (p->n_cgroups)
		plan_step(p, STEP_ATTACH, SPEC("linux.cgroupsPath"));
	if (a && !str_empty(a->final))
		emit_affinity(p, FROM(a->final), a->final);
	else
		emit_affinity(p, NEED("where our caller may run is nothing to the container"), "");
	if (p->join_ns & CLONE_NEWCGROUP)
		emit_join(p, in, CLONE_NEWCGROUP, false);
	plan_step(p, STEP_ROOT, NEED("paths are those of the container"))->root.target =
		p->host_mounts;
}

int plan_exec(struct plan *p, const struct oci_config *c, const struct facts *host,
              const struct plan_opts *o, const struct plan_target *t, struct arena *a,
              struct err *e)
{
	const struct plan_in in = { .c = c, .host = host, .o = o, .e = e };

	*p = (struct plan){ .config = c, .host = host, .arena = a, .enters = true };
	p->join_ns = t->ns;
	p->host_mounts = !(t->ns & CLONE_NEWNS);

	plan_phase(p, LANE_HOST, "prepare");
	plan_filter(p, &in);
	emit_cgroups(p, t);
	emit_birth(p, &in);

	plan_phase(p, LANE_HOST, "adopt");
	plan_step(p, STEP_ADOPT, NEED("the command waits for the process, not for its forerunner"));
	plan_oom_score_adj(p, &in);

	plan_phase(p, LANE_INIT, "enter");
	emit_settle(p, &in);
	plan_terminal(p, &in);

	plan_phase(p, LANE_INIT, "process");
	if (plan_process(p, &in) < 0)
		return -1;

	/* As in create: these take capabilities of the initial user namespace. */
	plan_phase(p, LANE_HOST, "limits");
	if (host_ranks(p, &in))
		plan_ranks(p, &in);
	if (p->join_ns & CLONE_NEWUSER)
		plan_rlimits(p, &in);

	plan_phase(p, LANE_INIT, "start");
	plan_start(p, &in);

	plan_phase(p, LANE_HOST, "publish");
	plan_step(p, STEP_PUBLISH, NEED("a pid file says that the program runs"))
		->publish.pid_file = o->pid_file;
	return 0;
}
