/* priority: how the kernel runs the program: scheduler, I/O priority, memory policy, execution domain (config.md,
 * config-linux.md; sched(7), ioprio_set(2), set_mempolicy(2), personality(2)). */
#include "base/str.h"
#include "plan/emit.h"
#include <limits.h>
#include <linux/ioprio.h>
#include <linux/mempolicy.h>
#include <linux/sched.h>
#include <sched.h>
#include <string.h>
#include <sys/personality.h>

#ifndef SCHED_FLAG_UTIL_CLAMP_MIN
#define SCHED_FLAG_UTIL_CLAMP_MIN 0x20
#define SCHED_FLAG_UTIL_CLAMP_MAX 0x40
#endif

/* Younger than the headers of the oldest distribution that we build on. */
#define BALANCING           (1 << 13) /* MPOL_F_NUMA_BALANCING, 5.12 */
#define PREFERRED_MANY      5         /* 5.15 */
#define WEIGHTED_INTERLEAVE 6         /* 6.9 */

struct word {
	const char *name;
	uint32_t value;
};

static const struct word policies[] = {
	{ "SCHED_OTHER", SCHED_NORMAL },
	{ "SCHED_FIFO", SCHED_FIFO },
	{ "SCHED_RR", SCHED_RR },
	{ "SCHED_BATCH", SCHED_BATCH },
	{ "SCHED_IDLE", SCHED_IDLE },
	{ "SCHED_DEADLINE", SCHED_DEADLINE },
	{ NULL, 0 },
};

static const struct word policy_flags[] = {
	{ "SCHED_FLAG_RESET_ON_FORK", SCHED_FLAG_RESET_ON_FORK },
	{ "SCHED_FLAG_RECLAIM", SCHED_FLAG_RECLAIM },
	{ "SCHED_FLAG_DL_OVERRUN", SCHED_FLAG_DL_OVERRUN },
	{ "SCHED_FLAG_KEEP_POLICY", SCHED_FLAG_KEEP_POLICY },
	{ "SCHED_FLAG_KEEP_PARAMS", SCHED_FLAG_KEEP_PARAMS },
	{ "SCHED_FLAG_UTIL_CLAMP_MIN", SCHED_FLAG_UTIL_CLAMP_MIN },
	{ "SCHED_FLAG_UTIL_CLAMP_MAX", SCHED_FLAG_UTIL_CLAMP_MAX },
	{ NULL, 0 },
};

static const struct word io_classes[] = {
	{ "IOPRIO_CLASS_RT", IOPRIO_CLASS_RT },
	{ "IOPRIO_CLASS_BE", IOPRIO_CLASS_BE },
	{ "IOPRIO_CLASS_IDLE", IOPRIO_CLASS_IDLE },
	{ NULL, 0 },
};

static const struct word modes[] = {
	{ "MPOL_DEFAULT", MPOL_DEFAULT },       { "MPOL_BIND", MPOL_BIND },
	{ "MPOL_INTERLEAVE", MPOL_INTERLEAVE }, { "MPOL_WEIGHTED_INTERLEAVE", WEIGHTED_INTERLEAVE },
	{ "MPOL_PREFERRED", MPOL_PREFERRED },   { "MPOL_PREFERRED_MANY", PREFERRED_MANY },
	{ "MPOL_LOCAL", MPOL_LOCAL },           { NULL, 0 },
};

static const struct word mode_flags[] = {
	{ "MPOL_F_NUMA_BALANCING", BALANCING },
	{ "MPOL_F_RELATIVE_NODES", MPOL_F_RELATIVE_NODES },
	{ "MPOL_F_STATIC_NODES", MPOL_F_STATIC_NODES },
	{ NULL, 0 },
};

static const struct word domains[] = {
	{ "LINUX", PER_LINUX },
	{ "LINUX32", PER_LINUX32 },
	{ NULL, 0 },
};

/* check and decode have refused other words. */
static uint32_t value_of(const struct word *table, const char *name)
{
	while (table->name && !STR_EQ(table->name, name))
		table++;
	return table->value;
}

static uint32_t flags_of(const struct word *table, char *const *v, size_t n)
{
	uint32_t flags = 0;

	for (size_t i = 0; i < n; i++)
		flags |= value_of(table, v[i]);
	return flags;
}

bool host_ranks(const struct plan *p, const struct plan_in *in)
{
	return ((p->new_ns | p->join_ns) & CLONE_NEWUSER) && in->host->cap_sys_admin &&
	       !in->host->in_userns;
}

static void emit_scheduler(struct plan *p, const struct oci_scheduler *x)
{
	struct step *s = plan_step(p, STEP_SCHED, FROM(*x));

	s->sched.name = x->policy;
	s->sched.policy = value_of(policies, x->policy);
	s->sched.nice = (int32_t)x->nice.v;
	s->sched.priority = (uint32_t)x->priority.v;
	s->sched.flags = flags_of(policy_flags, x->flags.v, x->flags.n);
	s->sched.runtime = x->runtime.v;
	s->sched.deadline = x->deadline.v;
	/* As the kernel reads 0. */
	s->sched.period = x->period.v ? x->period.v : x->deadline.v;
}

void plan_ranks(struct plan *p, const struct plan_in *in)
{
	const struct oci_process *proc = in->c->process;

	if (!proc)
		return;
	if (proc->scheduler)
		emit_scheduler(p, proc->scheduler);
	if (proc->io_priority) {
		struct step *s = plan_step(p, STEP_IOPRIO, FROM(*proc->io_priority));

		s->ioprio.name = proc->io_priority->class_;
		s->ioprio.class_ = (int)value_of(io_classes, proc->io_priority->class_);
		s->ioprio.level = (int)proc->io_priority->priority.v;
	}
}

static uint32_t number(const char **s, uint32_t max)
{
	uint32_t n = 0;

	for (; **s >= '0' && **s <= '9' && n < max; ++*s)
		n = n * 10 + (uint32_t)(**s - '0');
	return n;
}

const unsigned long *plan_bits(struct plan *p, const char *list, uint32_t bits)
{
	const uint32_t word = CHAR_BIT * sizeof(unsigned long);
	unsigned long *mask = NEW_N(p->arena, unsigned long, bits / word);

	while (*list) {
		uint32_t first = number(&list, bits), last = first;

		if (*list == '-') {
			list++;
			last = number(&list, bits);
		}
		for (uint32_t i = first; i <= last && i < bits; i++)
			mask[i / word] |= 1ul << i % word;
		/* A number beyond the mask is left where it became too large. */
		list += strcspn(list, ",");
		list += *list == ',';
	}
	return mask;
}

void plan_domain(struct plan *p, const struct plan_in *in)
{
	const struct oci_linux *l = in->c->linux_;
	struct step *s;

	if (l && l->personality) {
		s = plan_step(p, STEP_PERSONALITY, FROM(*l->personality));
		s->personality.name = l->personality->domain;
		s->personality.domain = value_of(domains, l->personality->domain);
	}
	if (l && l->memory_policy) {
		const struct oci_memory_policy *x = l->memory_policy;

		s = plan_step(p, STEP_MEMPOLICY, FROM(*x));
		s->mempolicy.name = x->mode;
		s->mempolicy.mode = (int)(value_of(modes, x->mode) |
		                          flags_of(mode_flags, x->flags.v, x->flags.n));
		s->mempolicy.nodes = x->nodes;
		if (str_empty(x->nodes))
			return;
		s->mempolicy.mask = plan_bits(p, x->nodes, MEMPOLICY_NODES);
		s->mempolicy.bits = MEMPOLICY_NODES;
	}
}
