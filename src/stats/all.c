/* all: a container's statistics as one document. */
#include "stats/stats.h"

struct oci_stats *stats_all(struct stats *s, int proc, pid_t pid)
{
	struct oci_stats *out = oci_blank(&oci_stats_schema, s->a);

	stats_cpu(s, out->cpu);
	stats_cpuset(s, out->cpuset);
	stats_memory(s, out->memory);
	stats_pids(s, out->pids);
	stats_io(s, out->blkio);
	stats_hugetlb(s, out);
	stats_network(proc, pid, out, s->a);
	return out;
}
