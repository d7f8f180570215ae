/* pids: tasks in the container's cgroup and those below it (cgroup-v1/pids.rst, cgroup-v2.rst). */
#include "stats/reader.h"

void stats_pids(struct stats *s, struct oci_stats_pids *out)
{
	int dir = stats_holder(s, STATS_ANY, "pids.current");
	uint64_t limit;

	if (!stats_number(dir, "pids.current", &out->current.v)) {
		/* Without the controller processes are counted, not their threads. */
		ssize_t n = cgroup_procs(s->refs, s->n, NULL, 0);

		out->current.v = n < 0 ? 0 : (uint64_t)n;
	}
	if (stats_number(dir, "pids.max", &limit) && limit != UINT64_MAX)
		out->limit.v = limit;
}
