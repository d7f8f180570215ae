/* cpuset: the processors and memory nodes that the container may use (cgroup-v1/cpusets.rst, cgroup-v2.rst). */
#include "base/str.h"
#include "stats/reader.h"
#include <string.h>

#define LIST_MAX 8192 /* NR_CPUS of the largest kernel; no node has a higher number either */

/* "0-3,8". What is not such a range is left out. */
static void read_list(struct stats *s, int dir, const char *file, uint64_t **v, size_t *n)
{
	char *text = stats_text(dir, file);
	char *line = text_line(&text), *range;

	while ((range = strsep(&line, ","))) {
		const char *first = strsep(&range, "-");
		uint64_t from, to;

		if (str_u64(first, LIST_MAX - 1, &from) < 0 ||
		    str_u64(range ? range : first, LIST_MAX - 1, &to) < 0)
			continue;
		for (; from <= to && *n < LIST_MAX; from++) {
			*v = stats_room(s->a, *v, *n, sizeof **v);
			(*v)[(*n)++] = from;
		}
	}
}

static void read_flags(int dir, struct oci_stats_cpuset *out)
{
	const struct {
		const char *file;
		uint64_t *out;
	} flags[] = {
		{ "cpuset.cpu_exclusive", &out->cpu_exclusive.v },
		{ "cpuset.mem_hardwall", &out->mem_hardwall.v },
		{ "cpuset.mem_exclusive", &out->mem_exclusive.v },
		{ "cpuset.memory_migrate", &out->memory_migrate.v },
		{ "cpuset.memory_spread_page", &out->memory_spread_page.v },
		{ "cpuset.memory_spread_slab", &out->memory_spread_slab.v },
		{ "cpuset.memory_pressure", &out->memory_pressure.v },
		{ "cpuset.sched_load_balance", &out->sched_load_balance.v },
	};

	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		stats_number(dir, flags[i].file, flags[i].out);
	/* -1: the system's default */
	char *text = stats_text(dir, "cpuset.sched_relax_domain_level");
	const char *level = text_line(&text);
	if (level)
		str_i64(level, INT64_MIN, INT64_MAX, &out->sched_relax_domain_level.v);
}

void stats_cpuset(struct stats *s, struct oci_stats_cpuset *out)
{
	/* On v2 an empty cpuset.cpus means "as the parent"; what counts is the effective list. */
	int v2 = stats_holder(s, STATS_V2, "cpuset.cpus.effective");
	int v1 = v2 < 0 ? stats_holder(s, STATS_V1, "cpuset.cpus") : -1;
	int dir = v2 < 0 ? v1 : v2;

	read_list(s, dir, v2 < 0 ? "cpuset.cpus" : "cpuset.cpus.effective", &out->cpus.v,
	          &out->cpus.n);
	read_list(s, dir, v2 < 0 ? "cpuset.mems" : "cpuset.mems.effective", &out->mems.v,
	          &out->mems.n);
	read_flags(v1, out);
}
