/* cpu: linux.resources.cpu. config-linux.md#cpu; ranges of the kernel's sched/core.c. */
#include "base/str.h"
#include "check/check.h"
#include <inttypes.h>
#include <stdio.h>

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

/* The range that *s begins with, and *s moved behind it; false when there is none. */
static bool next_range(const char **s, unsigned *first, unsigned *last)
{
	int n = 0;

	if (sscanf(*s, "%u%n", first, &n) != 1)
		return false;
	*s += n;
	*last = *first;
	if (sscanf(*s, "-%u%n", last, &n) == 1)
		*s += n;
	*s += **s == ',';
	return true;
}

/* Is every number of list in online, whose ranges ascend? Both may be NULL; what is wrong with the form of list has
 * been said. */
static void check_online(struct check *k, struct oci_at at, const char *list, const char *online,
                         const char *what)
{
	unsigned first, last, from, to;

	while (list && online && next_range(&list, &first, &last)) {
		for (const char *o = online; next_range(&o, &from, &to);)
			if (first >= from && first <= to)
				first = to + 1;
		if (first <= last) {
			bad(k, at, arena_fmt(k->a, "use those of %s", online),
			    "this host has no %s %u", what, first);
			return;
		}
	}
}

static void check_cpu_controller(struct check *k, const struct oci_cpu *c)
{
	if (c->shares.v)
		check_controller(k, AT(c->shares), "cpu", "cpu");
	if (c->quota.v > 0)
		check_controller(k, AT(c->quota), "cpu", "cpu");
	if (c->burst.v)
		check_controller(k, AT(c->burst), "cpu", "cpu");
	if (c->idle.v)
		check_controller(k, AT(c->idle), "cpu", "cpu");
}

void check_cpu(struct check *k, const struct oci_cpu *c)
{
	check_bandwidth(k, c);
	check_realtime(k, c);
	if (c->idle.set && c->idle.v != 0 && c->idle.v != 1)
		bad(k, AT(c->idle), "use 0 or 1", "idle is %" PRId64 ", expected 0 or 1",
		    c->idle.v);
	check_list(k, AT(c->cpus), c->cpus);
	check_list(k, AT(c->mems), c->mems);
	check_online(k, AT(c->cpus), c->cpus, k->host->cpus, "cpu");
	check_online(k, AT(c->mems), c->mems, k->host->mems, "memory node");
	check_cpu_controller(k, c);
	if (!str_empty(c->cpus))
		check_controller(k, AT(c->cpus), "cpuset", "cpuset");
	if (!str_empty(c->mems))
		check_controller(k, AT(c->mems), "cpuset", "cpuset");
}
