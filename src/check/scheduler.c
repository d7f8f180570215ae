/* scheduler: process.scheduler and process.ioPriority. config.md#linux-process, sched(7), ioprio_set(2). */
#include "base/str.h"
#include "check/check.h"
#include <inttypes.h>
#include <string.h>

#define NICE_MIN     (-20)
#define NICE_MAX     19
#define RT_MIN       1
#define RT_MAX       99
#define IO_LEVEL_MAX 7
#define RUNTIME_MIN  1024u /* ns: the kernel counts no finer, DL_SCALE */

static void check_nice(struct check *k, const struct oci_scheduler *s)
{
	bool fair = STR_EQ(s->policy, "SCHED_OTHER") || STR_EQ(s->policy, "SCHED_BATCH");

	if (fair && (s->nice.v < NICE_MIN || s->nice.v > NICE_MAX))
		bad(k, AT(s->nice), "use a value in this range",
		    "invalid scheduler.nice: %" PRId64 ", expected %d to %d", s->nice.v, NICE_MIN,
		    NICE_MAX);
}

static void check_priority(struct check *k, const struct oci_scheduler *s)
{
	bool realtime = STR_EQ(s->policy, "SCHED_FIFO") || STR_EQ(s->policy, "SCHED_RR");

	if (!realtime && s->priority.v)
		bad(k, AT(s->priority), "remove it, or choose one of these policies",
		    "scheduler.priority can only be specified for SchedFIFO or SchedRR policy");
	else if (realtime && !s->priority.set)
		bad(k, AT(*s), arena_fmt(k->a, "add \"priority\", %d to %d", RT_MIN, RT_MAX),
		    "%s needs a priority", s->policy);
	else if (realtime && (s->priority.v < RT_MIN || s->priority.v > RT_MAX))
		bad(k, AT(s->priority), "use a value in this range",
		    "invalid scheduler.priority: %" PRId64 ", expected %d to %d", s->priority.v,
		    RT_MIN, RT_MAX);
}

/* The kernel's rule for a deadline: runtime <= deadline <= period, sched-deadline.rst. */
static void check_deadline(struct check *k, const struct oci_scheduler *s)
{
	uint64_t period = s->period.v ? s->period.v : s->deadline.v;

	if (!STR_EQ(s->policy, "SCHED_DEADLINE")) {
		const struct oci_u64 *x = s->runtime.v    ? &s->runtime
		                          : s->deadline.v ? &s->deadline
		                                          : &s->period;

		if (x->v)
			bad(k, AT(*x), "remove it, or choose this policy",
			    "scheduler runtime/deadline/period can only be specified for "
			    "SchedDeadline policy");
		return;
	}
	if (s->runtime.v < RUNTIME_MIN)
		bad(k, s->runtime.set ? AT(s->runtime) : AT(*s), "give nanoseconds, at least these",
		    "SCHED_DEADLINE needs a runtime of %u ns or more", RUNTIME_MIN);
	if (s->runtime.v > s->deadline.v)
		bad(k, s->deadline.set ? AT(s->deadline) : AT(*s), "raise deadline",
		    "the runtime, %" PRIu64 " ns, does not fit into the deadline, %" PRIu64 " ns",
		    s->runtime.v, s->deadline.v);
	if (s->deadline.v > period)
		bad(k, AT(s->period), "raise period",
		    "the deadline, %" PRIu64 " ns, does not fit into the period, %" PRIu64 " ns",
		    s->deadline.v, period);
}

static void check_io_priority(struct check *k, const struct oci_io_priority *x)
{
	if (x->priority.v < 0 || x->priority.v > IO_LEVEL_MAX)
		bad(k, AT(x->priority), "use 0 (first) to 7 (last)",
		    "invalid ioPriority.Priority: %" PRId64, x->priority.v);
}

void check_scheduler(struct check *k)
{
	const struct oci_process *p = k->c->process;
	const struct oci_scheduler *s = p ? p->scheduler : NULL;

	if (p && p->io_priority)
		check_io_priority(k, p->io_priority);
	if (!s || str_empty(s->policy))
		return;
	/* The spec lists it, and no kernel has it. */
	if (STR_EQ(s->policy, "SCHED_ISO"))
		bad(k, AT(s->policy), "use SCHED_RR or SCHED_OTHER",
		    "Linux has no scheduling policy SCHED_ISO");
	check_nice(k, s);
	check_priority(k, s);
	check_deadline(k, s);
}
