/* resources_memory: the limits of the memory controller. */
#include "plan/resources.h"

/* The spec's swap is memory plus swap, as in v1; v2 counts swap alone, so that a new memory limit changes it too.
 * Without swap accounting there is no file: "unlimited" and "none" hold then, what is between does not. */
static int lower_swap(struct lowering *l, const struct oci_memory *m)
{
	int64_t limit = m->limit.v, swap = m->swap.v;
	bool v2 = lower_on_v2(l, "memory");

	if (l->now && !m->swap.set && !(v2 && m->limit.set && swap > 0))
		return 0;
	if (limit < 0 && swap == 0)
		swap = -1;
	if (swap == 0)
		return 0;
	if (swap > 0 && limit <= 0)
		return lower_refuse(l->in, AT(m->swap), "set linux.resources.memory.limit too",
		                    "memory.swap is the sum of memory and swap, and there is no "
		                    "memory.limit");
	if (swap > 0 && swap < limit)
		return lower_refuse(l->in, AT(m->swap),
		                    "make it at least as large as memory.limit: it is the sum of "
		                    "memory and swap",
		                    "memory.swap %lld is less than memory.limit %lld",
		                    (long long)swap, (long long)limit);
	int64_t alone = swap < 0 ? -1 : swap - limit;
	struct limit x = {
		.at = m->swap.set ? AT(m->swap) : AT(m->limit),
		.v1 = { .controller = "memory",
		        .file = "memory.memsw.limit_in_bytes",
		        .text = arena_fmt(l->p->arena, "%lld", swap < 0 ? -1LL : (long long)swap) },
		.v2 = { .controller = "memory",
		        .file = "memory.swap.max",
		        .text = alone < 0 ? "max"
		                          : arena_fmt(l->p->arena, "%lld", (long long)alone) },
		.none = swap < 0,
		.lenient = alone <= 0 ? SKIP_ENOENT : MUST,
	};
	return lower_limit(l, &x);
}

/* v1 wants memory plus swap never to be below memory: it goes first when memory grows beyond it. On v2 both are free,
 * but memory that shrinks may need the new swap. A new cgroup is unlimited. */
static bool swap_first(const struct lowering *l, const struct oci_memory *m)
{
	const struct limits_now *now = l->now;

	if (!now || !m->limit.set)
		return false;
	if (lower_on_v2(l, "memory"))
		return m->limit.v > 0 && (now->memory < 0 || m->limit.v < now->memory);
	return now->swap > 0 && (m->limit.v < 0 || m->limit.v > now->swap);
}

static int lower_amount(struct lowering *l, const struct oci_memory *m)
{
	if (!m->limit.set || !m->limit.v)
		return 0;
	return lower_number(l, "memory", AT(m->limit), "memory.limit_in_bytes", "memory.max",
	                    m->limit.v, MUST);
}

/* Only v1 can be told not to kill; a new cgroup kills, so that only an update ever writes 0. */
static int lower_oom(struct lowering *l, const struct oci_memory *m)
{
	bool on = m->disable_oom_killer.v;
	struct limit x = {
		.at = AT(m->disable_oom_killer),
		.v1 = { .controller = "memory",
		        .file = "memory.oom_control",
		        .text = on ? "1" : "0" },
		.v2 = { .controller = "memory" },
		.none = !on,
	};

	return on || (l->now && m->disable_oom_killer.set) ? lower_limit(l, &x) : 0;
}

/* The kernel is always hierarchical (5.11). checkBeforeUpdate is looked at by plan_update(). */
int lower_memory(struct lowering *l)
{
	const struct oci_memory *m = l->r->memory;
	int rc;

	if (!m)
		return 0;
	if (swap_first(l, m))
		rc = lower_swap(l, m) < 0 ? -1 : lower_amount(l, m);
	else
		rc = lower_amount(l, m) < 0 ? -1 : lower_swap(l, m);
	if (rc == 0 && m->reservation.v)
		rc = lower_number(l, "memory", AT(m->reservation), "memory.soft_limit_in_bytes",
		                  "memory.low", m->reservation.v, MUST);
	if (rc == 0 && m->kernel_tcp.v)
		rc = lower_number(l, "memory", AT(m->kernel_tcp), "memory.kmem.tcp.limit_in_bytes",
		                  NULL, m->kernel_tcp.v, MUST);
	if (rc == 0 && m->swappiness.set)
		rc = lower_number(l, "memory", AT(m->swappiness), "memory.swappiness", NULL,
		                  (int64_t)m->swappiness.v, MUST);
	return rc < 0 ? rc : lower_oom(l, m);
}
