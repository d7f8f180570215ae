/* update: see update.h. The lowering is that of create, resources.c. */
#include "plan/update.h"
#include "plan/resources.h"

static void keep_zero(struct oci_i64 *x)
{
	x->set = x->set && x->v;
}

static void keep_zero_u(struct oci_u64 *x)
{
	x->set = x->set && x->v;
}

/* What is in force where nothing is named: of the kernel, else of what was asked for. */
static void fill(struct oci_i64 *x, int64_t now, const struct oci_i64 *stored)
{
	if (!x->set)
		x->v = now || !stored ? now : stored->v;
}

static void fill_u(struct oci_u64 *x, uint64_t now, const struct oci_u64 *stored)
{
	if (!x->set)
		x->v = now || !stored ? now : stored->v;
}

static void complete_memory(struct oci_memory *m, const struct oci_memory *stored,
                            const struct limits_now *now)
{
	keep_zero(&m->limit);
	keep_zero(&m->reservation);
	keep_zero(&m->swap);
	keep_zero(&m->kernel);
	keep_zero(&m->kernel_tcp);
	/* Of unlimited memory there is no part left for swap. */
	if (m->limit.set && m->limit.v < 0 && !m->swap.set)
		m->swap = (struct oci_i64){ -1, true };
	if (m->limit.set || m->swap.set) {
		fill(&m->limit, now->memory, stored ? &stored->limit : NULL);
		fill(&m->swap, now->swap, stored ? &stored->swap : NULL);
	}
}

static void complete_cpu(struct oci_cpu *c, const struct oci_cpu *stored,
                         const struct limits_now *now)
{
	keep_zero_u(&c->shares);
	keep_zero(&c->quota);
	keep_zero_u(&c->burst);
	keep_zero_u(&c->period);
	keep_zero(&c->realtime_runtime);
	keep_zero_u(&c->realtime_period);
	/* A cgroup that is idle no longer has the kernel's weight, not its old one. */
	if (c->idle.set && !c->idle.v && now->idle && !c->shares.set && stored)
		c->shares = stored->shares;
	if (!c->idle.set)
		c->idle.v = now->idle;
	if (c->quota.set || c->period.set || c->burst.set) {
		fill(&c->quota, now->quota, stored ? &stored->quota : NULL);
		fill_u(&c->period, now->period, stored ? &stored->period : NULL);
		fill_u(&c->burst, now->burst, stored ? &stored->burst : NULL);
	}
	if (c->realtime_runtime.set || c->realtime_period.set) {
		fill(&c->realtime_runtime, now->rt_runtime,
		     stored ? &stored->realtime_runtime : NULL);
		fill_u(&c->realtime_period, now->rt_period,
		       stored ? &stored->realtime_period : NULL);
	}
}

void update_complete(struct oci_resources *r, const struct oci_resources *stored,
                     const struct limits_now *now)
{
	r->devices.v = NULL;
	r->devices.n = 0;
	if (r->memory)
		complete_memory(r->memory, stored ? stored->memory : NULL, now);
	if (r->cpu)
		complete_cpu(r->cpu, stored ? stored->cpu : NULL, now);
	if (r->block_io) {
		keep_zero_u(&r->block_io->weight);
		keep_zero_u(&r->block_io->leaf_weight);
	}
	if (r->network)
		keep_zero_u(&r->network->class_id);
}

/* checkBeforeUpdate: a limit that is used up would make the kernel kill. */
static int refuse_used(const struct plan_in *in, const struct oci_memory *m,
                       const struct limits_now *now)
{
	const char *hint = "give a higher limit, or leave checkBeforeUpdate out";

	if (m->swap.set && m->swap.v > 0 && now->swap_usage && m->swap.v <= now->swap_usage)
		return lower_refuse(in, AT(m->swap), hint,
		                    "rejecting memory+swap limit %lld <= usage %lld",
		                    (long long)m->swap.v, (long long)now->swap_usage);
	if (m->limit.set && m->limit.v > 0 && now->usage && m->limit.v <= now->usage)
		return lower_refuse(in, AT(m->limit), hint,
		                    "rejecting memory limit %lld <= usage %lld",
		                    (long long)m->limit.v, (long long)now->usage);
	return 0;
}

static void list_cgroups(struct plan *p, const struct facts *host)
{
	p->n_cgroups = host->n_hierarchies;
	for (uint32_t i = 0; i < host->n_hierarchies; i++) {
		const struct hierarchy *h = &host->hierarchy[i];

		p->cgroups[i] = (struct cgroup_dir){ .controllers = h->controllers,
			                             .mount = h->mount,
			                             .path = h->own,
			                             .enable = "",
			                             .need = "",
			                             .v2 = h->v2 };
	}
}

int plan_update(struct plan *p, const struct oci_config *c, const struct oci_resources *merged,
                const struct limits_now *now, const struct facts *host, const struct plan_opts *o,
                struct arena *a, struct err *e)
{
	const struct plan_in in = { .c = c, .host = host, .o = o, .e = e };
	struct lowering l = { .p = p, .in = &in, .r = c->linux_->resources, .now = now };

	*p = (struct plan){ .config = c, .host = host, .arena = a };
	list_cgroups(p, host);
	if (l.r->memory && merged->memory && merged->memory->check_before_update.v &&
	    refuse_used(&in, l.r->memory, now) < 0)
		return -1;
	plan_phase(p, LANE_HOST, "update");
	return lower_resources(&l);
}
