/* memory: linux.resources.memory. config-linux.md#memory; runc's meaning of swap, which is memory plus swap. */
#include "check/check.h"
#include <inttypes.h>

#define SWAPPINESS_MAX 100u

static void check_amount(struct check *k, const struct oci_i64 *v, const char *what)
{
	if (v->set && v->v < -1)
		bad(k, AT(*v), "write -1 for no limit", "%s is %" PRId64 ", expected -1 or more",
		    what, v->v);
}

static void check_swap(struct check *k, const struct oci_memory *m)
{
	if (m->swap.v <= 0)
		return;
	if (m->limit.v <= 0)
		bad(k, AT(m->swap), "set memory.limit too: swap is the sum of both",
		    "unable to set swap limit without memory limit");
	else if (m->swap.v < m->limit.v)
		bad(k, AT(m->swap), "write the sum of memory and swap",
		    "swap is %" PRId64 ", below the memory limit %" PRId64, m->swap.v, m->limit.v);
}

/* What cgroup v2 does not have, or no kernel any more. */
static void check_old(struct check *k, const struct oci_memory *m)
{
	if (m->swappiness.set)
		check_controller(k, AT(m->swappiness), "memory", NULL);
	if (m->disable_oom_killer.v)
		check_controller(k, AT(m->disable_oom_killer), "memory", NULL);
	if (m->kernel_tcp.v > 0)
		check_controller(k, AT(m->kernel_tcp), "memory", NULL);
	if (m->kernel.v > 0)
		warn(k, AT(m->kernel), "use memory.limit, which counts kernel memory too",
		     "kernels since 5.4 have no limit of kernel memory: it is ignored");
	if (m->use_hierarchy.set && !m->use_hierarchy.v)
		warn(k, AT(m->use_hierarchy), "remove it",
		     "memory is always accounted by hierarchy: useHierarchy is ignored");
}

void check_memory(struct check *k, const struct oci_memory *m)
{
	const struct oci_i64 *const limits[] = { &m->limit, &m->reservation, &m->swap };

	check_amount(k, &m->limit, "limit");
	check_amount(k, &m->reservation, "reservation");
	check_amount(k, &m->swap, "swap");
	check_amount(k, &m->kernel, "kernel");
	check_amount(k, &m->kernel_tcp, "kernelTCP");
	check_swap(k, m);
	if (m->swappiness.set && m->swappiness.v > SWAPPINESS_MAX)
		bad(k, AT(m->swappiness), "use a value in this range",
		    "swappiness is %" PRIu64 ", expected 0 to %u", m->swappiness.v, SWAPPINESS_MAX);
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
		if (limits[i]->v > 0)
			check_controller(k, AT(*limits[i]), "memory", "memory");
	check_old(k, m);
}
