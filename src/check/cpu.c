/* cpu: linux.resources.cpu. config-linux.md#cpu; ranges of the kernel's sched/core.c. */
#include "base/str.h"
#include "check/check.h"
#include <inttypes.h>

#define PERIOD_MIN 1000u /* microseconds */
#define PERIOD_MAX 1000000u
#define QUOTA_MIN  1000

static void check_bandwidth(struct check *k, const struct oci_cpu *c)
{
	if (c->period.v && (c->period.v < PERIOD_MIN || c->period.v > PERIOD_MAX))
		bad(k, AT(c->period), "use a value in this range",
		    "period is %" PRIu64 " us, expected %u to %u", c->period.v, PERIOD_MIN,
		    PERIOD_MAX);
	if (c->quota.v > 0 && c->quota.v < QUOTA_MIN)
		bad(k, AT(c->quota), "use a larger one, or -1 for no limit",
		    "quota is %" PRId64 " us, expected %d or more", c->quota.v, QUOTA_MIN);
	if (c->quota.v > 0 && c->burst.v > (uint64_t)c->quota.v)
		bad(k, AT(c->burst), "lower it, or raise quota",
		    "burst is %" PRIu64 " us, above the quota %" PRId64, c->burst.v, c->quota.v);
}

static void check_realtime(struct check *k, const struct oci_cpu *c)
{
	const struct oci_i64 *runtime = &c->realtime_runtime;
	const struct oci_u64 *period = &c->realtime_period;

	if (runtime->set && runtime->v < -1)
		bad(k, AT(*runtime), "write -1 for no limit",
		    "realtimeRuntime is %" PRId64 ", expected -1 or more", runtime->v);
	if (runtime->v > 0 && period->v && (uint64_t)runtime->v > period->v)
		bad(k, AT(*runtime), "lower it, or raise realtimePeriod",
		    "realtimeRuntime is %" PRId64 " us, above the period %" PRIu64, runtime->v,
		    period->v);
	if (runtime->v)
		check_controller(k, AT(*runtime), "cpu", NULL);
	if (period->v)
		check_controller(k, AT(*period), "cpu", NULL);
}

void check_cpu(struct check *k, const struct oci_cpu *c)
{
	const struct oci_resources *r = k->c->linux_->resources;

	check_bandwidth(k, c);
	check_realtime(k, c);
	if (c->idle.set && c->idle.v != 0 && c->idle.v != 1)
		bad(k, AT(c->idle), "use 0 or 1", "idle is %" PRId64 ", expected 0 or 1",
		    c->idle.v);
	check_list(k, AT(c->cpus), c->cpus);
	check_list(k, AT(c->mems), c->mems);
	if (c->shares.v || c->quota.v || c->burst.v || c->period.v || c->idle.v)
		check_controller(k, AT(r->cpu), "cpu", "cpu");
	if (!str_empty(c->cpus))
		check_controller(k, AT(c->cpus), "cpuset", "cpuset");
	if (!str_empty(c->mems))
		check_controller(k, AT(c->mems), "cpuset", "cpuset");
}
