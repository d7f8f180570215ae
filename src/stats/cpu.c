/* cpu: time used, and time held back by a quota. v1 cpuacct and cpu (cgroup-v1/cpuacct.rst, scheduler/sched-bwc.rst),
 * v2 cpu.stat (cgroup-v2.rst). */
#include "base/str.h"
#include "stats/reader.h"
#include <string.h>
#include <unistd.h>

#define NS_PER_S  1000000000u
#define NS_PER_US 1000u

static void add(struct arena *a, uint64_t **v, size_t *n, uint64_t ns)
{
	*v = stats_room(a, *v, *n, sizeof **v);
	(*v)[(*n)++] = ns;
}

/* One line, a number for each processor. */
static void read_percpu(struct stats *s, int dir, struct oci_stats_cpu_usage *out)
{
	char *text = stats_text(dir, "cpuacct.usage_percpu"), *word;
	char *line = text_line(&text);
	uint64_t ns;

	while ((word = text_word(&line)) && text_number(word, &ns))
		add(s->a, &out->percpu.v, &out->percpu.n, ns);
}

/* "cpu user system", then a line for each processor. */
static void read_all(struct stats *s, int dir, struct oci_stats_cpu_usage *out)
{
	char *text = stats_text(dir, "cpuacct.usage_all"), *line;

	while ((line = text_line(&text))) {
		const char *cpu = text_word(&line), *user = text_word(&line);
		const char *kernel = text_word(&line);
		uint64_t i, u, k;

		if (!kernel || !text_number(cpu, &i) || !text_number(user, &u) ||
		    !text_number(kernel, &k))
			continue;
		add(s->a, &out->percpu_user.v, &out->percpu_user.n, u);
		add(s->a, &out->percpu_kernel.v, &out->percpu_kernel.n, k);
	}
}

static void read_v1(struct stats *s, int acct, struct oci_stats_cpu_usage *out)
{
	uint64_t tick = NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK);
	const struct stats_key times[] = { { "user", &out->user.v, tick },
		                           { "system", &out->kernel.v, tick } };

	stats_number(acct, "cpuacct.usage", &out->total.v);
	stats_keys(acct, "cpuacct.stat", times, 2);
	read_percpu(s, acct, out);
	read_all(s, acct, out);
}

static void read_v1_throttling(int dir, struct oci_stats_throttling *out)
{
	const struct stats_key keys[] = { { "nr_periods", &out->periods.v, 1 },
		                          { "nr_throttled", &out->throttled_periods.v, 1 },
		                          { "throttled_time", &out->throttled_time.v, 1 } };

	stats_keys(dir, "cpu.stat", keys, sizeof keys / sizeof *keys);
}

static void read_v2(int dir, struct oci_stats_cpu *out)
{
	const struct stats_key keys[] = {
		{ "usage_usec", &out->usage->total.v, NS_PER_US },
		{ "user_usec", &out->usage->user.v, NS_PER_US },
		{ "system_usec", &out->usage->kernel.v, NS_PER_US },
		{ "nr_periods", &out->throttling->periods.v, 1 },
		{ "nr_throttled", &out->throttling->throttled_periods.v, 1 },
		{ "throttled_usec", &out->throttling->throttled_time.v, NS_PER_US },
	};

	stats_keys(dir, "cpu.stat", keys, sizeof keys / sizeof *keys);
}

void stats_cpu(struct stats *s, struct oci_stats_cpu *out)
{
	int acct = stats_holder(s, STATS_V1, "cpuacct.usage");
	int cpu = stats_holder(s, STATS_V1, "cpu.stat");

	/* The v2 cgroup of a hybrid host has a cpu.stat too, without the controller and so without the throttling. */
	if (acct >= 0)
		read_v1(s, acct, out->usage);
	else
		read_v2(stats_holder(s, STATS_V2, "cpu.stat"), out);
	if (cpu >= 0)
		read_v1_throttling(cpu, out->throttling);
	out->psi = stats_psi(s, "cpu.pressure");
}

bool stats_quota(struct stats *s, uint64_t *quota, uint64_t *period)
{
	int v1 = stats_holder(s, STATS_V1, "cpu.cfs_quota_us");
	char *text = v1 >= 0 ? NULL : stats_text(stats_holder(s, STATS_V2, "cpu.max"), "cpu.max");

	/* v1 has -1 for none, which is no such number. */
	if (v1 >= 0)
		return stats_number(v1, "cpu.cfs_quota_us", quota) &&
		       stats_number(v1, "cpu.cfs_period_us", period);
	const char *max = text_word(&text), *of = text_word(&text);
	return of && text_number(max, quota) && *quota != UINT64_MAX && text_number(of, period);
}
