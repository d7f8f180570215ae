/* create: the plan of `create` and `run`, phase by phase. Read top to bottom: the order is the point. */
#include "base/sys.h"
#include "plan/emit.h"

/* systemd makes a scope around a process, so its limits wait until init is born: plan_settle(). */
static int plan_limits(struct plan *p, const struct plan_in *in)
{
	if (in->o->manager == CGROUP_MANAGER_SYSTEMD)
		return 0;
	if (plan_resources(p, in) < 0)
		return -1;
	plan_delegate(p, in);
	return 0;
}

int plan_create(struct plan *p, const struct oci_config *c, const struct facts *host,
                const struct plan_opts *o, struct arena *a, struct err *e)
{
	const struct plan_in in = { .c = c, .host = host, .o = o, .e = e };

	*p = (struct plan){ .config = c, .host = host, .arena = a };
	plan_namespaces(p, &in);

	/* What can fail cheaply comes first; the cgroup has its limits before anybody is in it. */
	plan_phase(p, LANE_HOST, "prepare");
	plan_filter(p, &in);
	plan_step(p, STEP_FIFOS, NEED("start speaks to init, init answers"));
	if (plan_cgroup(p, &in) < 0 || plan_limits(p, &in) < 0 || plan_birth(p, &in) < 0 ||
	    plan_settle(p, &in) < 0)
		return -1;

	plan_phase(p, LANE_INIT, "rootfs");
	if (plan_rootfs(p, &in) < 0)
		return -1;

	plan_phase(p, LANE_HOST, "hooks");
	/* Init is in its namespaces by now, those it joined too; hooks configure what it has. */
	plan_net_devices(p, &in);
	plan_hooks(p, &in, HOOK_PRESTART);
	plan_hooks(p, &in, HOOK_CREATE_RUNTIME);
	plan_phase(p, LANE_INIT, "enter");
	plan_hooks(p, &in, HOOK_CREATE_CONTAINER);
	plan_pivot(p, &in);
	plan_terminal(p, &in);
	if (plan_names(p, &in) < 0)
		return -1;
	plan_cwd(p, &in);
	plan_restrict(p, &in);
	if (p->host_mounts)
		plan_step(p, STEP_RETURN, SPEC("linux.namespaces without mount: the runtime's"));

	plan_phase(p, LANE_INIT, "process");
	if (plan_process(p, &in) < 0)
		return -1;

	plan_phase(p, LANE_HOST, "publish");
	/* Behind the hooks, which may share it: plan_shares(). */
	if (!(p->new_ns & CLONE_NEWUSER))
		plan_oom_score_adj(p, &in);
	if (host_ranks(p, &in))
		plan_ranks(p, &in);
	/* Raising a hard limit takes a capability of the initial user namespace, which init then lacks. */
	if ((p->new_ns | p->join_ns) & CLONE_NEWUSER)
		plan_rlimits(p, &in);
	plan_step(p, STEP_PUBLISH, SPEC("lifecycle 2: created"))->publish.pid_file = o->pid_file;

	plan_phase(p, LANE_INIT, "start");
	plan_start(p, &in);
	return 0;
}
