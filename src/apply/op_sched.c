/* op_sched: how the kernel runs the program: scheduler, I/O priority, memory policy, execution domain; and why it
 * refuses to. */
#include "apply/ops.h"
#include "base/sys.h"
#include <errno.h>
#include <linux/capability.h>
#include <linux/ioprio.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's struct sched_attr: glibc has it since 2.41, which clashes with linux/sched/types.h. */
struct attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
};

/* Init by its pid from the host's side, or the caller. */
static pid_t whom(const struct run *r)
{
	return r->lane == LANE_HOST ? r->pid : 0;
}

/* The kernel asks for these in the initial user namespace only. */
static bool has(const struct run *r, int cap)
{
	const struct plan *p = r->plan;
	uint32_t e[2], permitted[2], inheritable[2];

	if (p->host->in_userns ||
	    (r->lane == LANE_INIT && ((p->new_ns | p->join_ns) & CLONE_NEWUSER)))
		return false;
	return sys_capget(e, permitted, inheritable) == 0 && e[cap / 32] >> cap % 32 & 1;
}

/* sched_setattr(2) says EPERM for all of this, kernel/sched/syscalls.c. */
static const char *why_denied(const struct run *r, uint32_t policy)
{
	if (!has(r, CAP_SYS_NICE))
		return policy == SCHED_FIFO || policy == SCHED_RR
		               ? "it takes CAP_SYS_NICE, or an RLIMIT_RTPRIO that allows it"
		       : policy == SCHED_DEADLINE
		               ? "it takes CAP_SYS_NICE"
		               : "it takes CAP_SYS_NICE, or an RLIMIT_NICE that allows it";
	if (policy == SCHED_DEADLINE)
		return "the cpuset keeps the container from some cpus, and SCHED_DEADLINE wants all "
		       "of them";
	if (policy == SCHED_FIFO || policy == SCHED_RR)
		return "the container's cgroup has no realtime bandwidth (cpu.rt_runtime_us is 0)";
	return "a security module has refused it";
}

int op_sched(struct run *r, const struct step *s)
{
	const struct attr a = {
		.size = sizeof a,
		.policy = s->sched.policy,
		.flags = s->sched.flags,
		.nice = s->sched.nice,
		.priority = s->sched.priority,
		.runtime = s->sched.runtime,
		.deadline = s->sched.deadline,
		.period = s->sched.period,
	};

	if (syscall(SYS_sched_setattr, whom(r), &a, 0) == 0)
		return 0;
	int num = errno;
	if (num == EPERM)
		return run_fail(r, num, "operation not permitted: %s",
		                why_denied(r, s->sched.policy));
	if (num == EBUSY)
		return run_fail(r, num, "the cpus have not enough time left for this deadline");
	if (num == EOPNOTSUPP)
		return run_fail(r, num, "this kernel has no CONFIG_UCLAMP_TASK");
	return -num;
}

int op_ioprio(struct run *r, const struct step *s)
{
	int value = IOPRIO_PRIO_VALUE(s->ioprio.class_, s->ioprio.level);

	if (syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, whom(r), value) == 0)
		return 0;
	int num = errno;
	if (num == EPERM && s->ioprio.class_ == IOPRIO_CLASS_RT && !has(r, CAP_SYS_NICE))
		return run_fail(r, num,
		                "operation not permitted: IOPRIO_CLASS_RT takes CAP_SYS_NICE");
	return -num;
}

int op_mempolicy(struct run *r, const struct step *s)
{
	/* The kernel counts one bit less than it is told. */
	unsigned long bits = s->mempolicy.bits ? s->mempolicy.bits + 1 : 0;
	int rc = sys_set_mempolicy(s->mempolicy.mode, s->mempolicy.mask, bits);

	if (rc == -EINVAL && s->mempolicy.bits)
		return run_fail(r, EINVAL,
		                "invalid argument: none of the memory nodes %s is there for the "
		                "container, or this kernel does not know the mode or a flag",
		                s->mempolicy.nodes);
	return rc;
}

int op_personality(struct run *r, const struct step *s)
{
	if (personality(s->personality.domain) < 0)
		return -errno;
	if ((unsigned long)personality(0xffffffff) != s->personality.domain)
		return run_fail(r, EPERM, "the execution domain is not the one that was set");
	return 0;
}
