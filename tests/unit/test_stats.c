/* stats: each controller from v1 files, v2 files, and files that are odd, empty, cut off or missing. */
#include "stats_case.h"

#define CPUS(l) numbers((l).v, (l).n)
#define IO(l)   entries((l).v, (l).n)

static struct tree t;

static void cpu_v1(void **state)
{
	(void)state;
	tree_make(&t, "11");
	tree_put(&t, 0, "cpuacct.usage", "7000000001\n");
	tree_put(&t, 0, "cpuacct.stat", "user 410\nsystem 312\n");
	tree_put(&t, 0, "cpuacct.usage_percpu", "3000000000 4000000001 \n");
	tree_put(&t, 0, "cpuacct.usage_all", "cpu user system\n0 10 20\n1 30 40\n");
	tree_put(&t, 1, "cpu.stat",
	         "nr_periods 5\nnr_throttled 3\nthrottled_time 99\nnr_bursts 0\n");
	stats_cpu(&t.s, t.out->cpu);
	assert_int_equal(t.out->cpu->usage->total.v, 7000000001);
	assert_int_equal(t.out->cpu->usage->user.v, 410 * (1000000000 / sysconf(_SC_CLK_TCK)));
	assert_int_equal(t.out->cpu->usage->kernel.v, 312 * (1000000000 / sysconf(_SC_CLK_TCK)));
	assert_string_equal(CPUS(t.out->cpu->usage->percpu), "3000000000,4000000001");
	assert_string_equal(CPUS(t.out->cpu->usage->percpu_user), "10,30");
	assert_string_equal(CPUS(t.out->cpu->usage->percpu_kernel), "20,40");
	assert_int_equal(t.out->cpu->throttling->periods.v, 5);
	assert_int_equal(t.out->cpu->throttling->throttled_periods.v, 3);
	assert_int_equal(t.out->cpu->throttling->throttled_time.v, 99);
	assert_null(t.out->cpu->psi);
	tree_remove(&t);
}

static void cpu_v2(void **state)
{
	(void)state;
	tree_make(&t, "2");
	tree_put(&t, 0, "cpu.stat",
	         "usage_usec 12\nuser_usec 7\nsystem_usec 5\nnice_usec 0\nnr_periods 4\n"
	         "nr_throttled 2\nthrottled_usec 8\n");
	stats_cpu(&t.s, t.out->cpu);
	assert_int_equal(t.out->cpu->usage->total.v, 12000);
	assert_int_equal(t.out->cpu->usage->user.v, 7000);
	assert_int_equal(t.out->cpu->usage->kernel.v, 5000);
	assert_int_equal(t.out->cpu->usage->percpu.n, 0);
	assert_int_equal(t.out->cpu->throttling->periods.v, 4);
	assert_int_equal(t.out->cpu->throttling->throttled_periods.v, 2);
	assert_int_equal(t.out->cpu->throttling->throttled_time.v, 8000);
	tree_remove(&t);
}

/* v1 has the controllers; the v2 cgroup beside it counts time all the same, and has the pressure. */
static void cpu_hybrid(void **state)
{
	(void)state;
	tree_make(&t, "211");
	tree_put(&t, 0, "cpu.stat", "usage_usec 1\nnr_periods 1\n");
	tree_put(&t, 0, "cpu.pressure", "some avg10=1.50 avg60=0.00 avg300=12.34 total=77\n");
	tree_put(&t, 1, "cpuacct.usage", "5000\n");
	tree_put(&t, 2, "cpu.stat", "nr_periods 9\n");
	stats_cpu(&t.s, t.out->cpu);
	assert_int_equal(t.out->cpu->usage->total.v, 5000);
	assert_int_equal(t.out->cpu->throttling->periods.v, 9);
	assert_non_null(t.out->cpu->psi);
	assert_string_equal(t.out->cpu->psi->some->avg10, "1.50");
	assert_string_equal(t.out->cpu->psi->some->avg300, "12.34");
	assert_int_equal(t.out->cpu->psi->some->total.v, 77);
	/* Before 5.13 there was no "full" for processors. */
	assert_string_equal(t.out->cpu->psi->full->avg10, "0");
	tree_remove(&t);
}

static void psi_odd(void **state)
{
	static const char *const odd[] = { "", "\n\n", "none avg10=1.00\n", "avg10=1.00" };

	(void)state;
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		tree_make(&t, "2");
		tree_put(&t, 0, "io.pressure", odd[i]);
		stats_io(&t.s, t.out->blkio);
		assert_null(t.out->blkio->psi);
		tree_remove(&t);
	}
	/* Nothing that is no number gets into the JSON. */
	tree_make(&t, "2");
	tree_put(
		&t, 0, "memory.pressure",
		"some avg10=nan avg60=00.1 avg300=1. total=-1 x\nfull avg10=.5 avg60=1.2.3 avg300= tot");
	stats_memory(&t.s, t.out->memory);
	assert_non_null(t.out->memory->psi);
	assert_string_equal(t.out->memory->psi->some->avg10, "0");
	assert_string_equal(t.out->memory->psi->some->avg60, "0");
	assert_string_equal(t.out->memory->psi->some->avg300, "0");
	assert_int_equal(t.out->memory->psi->some->total.v, 0);
	assert_string_equal(t.out->memory->psi->full->avg60, "0");
	tree_remove(&t);
}

static void memory_v1(void **state)
{
	const struct oci_stats_memory *m;

	(void)state;
	tree_make(&t, "1");
	tree_put(&t, 0, "memory.usage_in_bytes", "4096\n");
	tree_put(&t, 0, "memory.limit_in_bytes", "9223372036854771712\n");
	tree_put(&t, 0, "memory.max_usage_in_bytes", "8192\n");
	tree_put(&t, 0, "memory.failcnt", "3\n");
	tree_put(&t, 0, "memory.memsw.usage_in_bytes", "5000\n");
	tree_put(&t, 0, "memory.kmem.usage_in_bytes", "100\n");
	tree_put(&t, 0, "memory.kmem.tcp.failcnt", "1\n");
	tree_put(&t, 0, "memory.stat", "cache 12\nrss 34\nbad\nworse -1\n");
	stats_memory(&t.s, t.out->memory);
	m = t.out->memory;
	assert_int_equal(m->usage->usage.v, 4096);
	assert_int_equal(m->usage->limit.v, 9223372036854771712u);
	assert_int_equal(m->usage->max.v, 8192);
	assert_int_equal(m->usage->failcnt.v, 3);
	assert_int_equal(m->swap->usage.v, 5000);
	assert_int_equal(m->kernel->usage.v, 100);
	assert_int_equal(m->kernel_tcp->failcnt.v, 1);
	assert_int_equal(m->cache.v, 12);
	assert_int_equal(m->raw.n, 2);
	assert_string_equal(m->raw.v[1].key, "rss");
	assert_string_equal(m->raw.v[1].value, "34");
	assert_null(m->psi);
	tree_remove(&t);
}

static void memory_v2(void **state)
{
	static const struct {
		const char *max, *swap_max;
		uint64_t limit, swap_limit;
	} cases[] = {
		{ "1000\n", "500\n", 1000, 1500 },
		{ "1000\n", "0\n", 1000, 1000 },
		{ "1000\n", "max\n", 1000, UINT64_MAX },
		{ "max\n", "max\n", UINT64_MAX, UINT64_MAX },
		{ "max\n", "500\n", UINT64_MAX, UINT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct oci_stats_memory *m;

		tree_make(&t, "2");
		tree_put(&t, 0, "memory.current", "300\n");
		tree_put(&t, 0, "memory.max", cases[i].max);
		tree_put(&t, 0, "memory.peak", "400\n");
		tree_put(&t, 0, "memory.events", "low 0\nhigh 1\nmax 2\noom 3\noom_kill 4\n");
		tree_put(&t, 0, "memory.swap.current", "30\n");
		tree_put(&t, 0, "memory.swap.max", cases[i].swap_max);
		tree_put(&t, 0, "memory.stat", "anon 1\nfile 2\n");
		stats_memory(&t.s, t.out->memory);
		m = t.out->memory;
		assert_int_equal(m->usage->usage.v, 300);
		assert_int_equal(m->usage->limit.v, cases[i].limit);
		assert_int_equal(m->usage->max.v, 400);
		assert_int_equal(m->usage->failcnt.v, 2);
		assert_int_equal(m->swap->usage.v, 330);
		assert_int_equal(m->swap->limit.v, cases[i].swap_limit);
		assert_int_equal(m->swap->max.v, 0);
		assert_int_equal(m->cache.v, 2);
		tree_remove(&t);
	}
}

static void pids(void **state)
{
	(void)state;
	for (int v2 = 0; v2 < 2; v2++) {
		tree_make(&t, v2 ? "2" : "1");
		tree_put(&t, 0, "pids.current", "3\n");
		tree_put(&t, 0, "pids.max", "20\n");
		stats_pids(&t.s, t.out->pids);
		assert_int_equal(t.out->pids->current.v, 3);
		assert_int_equal(t.out->pids->limit.v, 20);
		tree_put(&t, 0, "pids.max", "max\n");
		t.out->pids->limit.v = 0;
		stats_pids(&t.s, t.out->pids);
		assert_int_equal(t.out->pids->limit.v, 0);
		tree_remove(&t);
	}
	/* Without the controller. */
	tree_make(&t, "2");
	tree_put(&t, 0, "cgroup.procs", "12\n13\n");
	stats_pids(&t.s, t.out->pids);
	assert_int_equal(t.out->pids->current.v, 2);
	tree_remove(&t);
}

static void cpusets(void **state)
{
	static const struct {
		const char *text, *want;
	} lists[] = {
		{ "0-3,8\n", "0,1,2,3,8" },
		{ "0\n", "0" },
		{ "\n", "" },
		{ "", "" },
		{ "5-3\n", "" },
		{ "1-,2,x,-4\n", "2" },
		{ "7", "7" },
		{ "8192\n", "" },
		{ "0-4294967295\n", "" },
		{ "1,,2 \n", "1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		for (int v2 = 0; v2 < 2; v2++) {
			tree_make(&t, v2 ? "2" : "1");
			tree_put(&t, 0, v2 ? "cpuset.cpus.effective" : "cpuset.cpus",
			         lists[i].text);
			tree_put(&t, 0, v2 ? "cpuset.mems.effective" : "cpuset.mems",
			         lists[i].text);
			stats_cpuset(&t.s, t.out->cpuset);
			assert_string_equal(CPUS(t.out->cpuset->cpus), lists[i].want);
			assert_string_equal(CPUS(t.out->cpuset->mems), lists[i].want);
			tree_remove(&t);
		}
	tree_make(&t, "1");
	tree_put(&t, 0, "cpuset.cpus", "0\n");
	tree_put(&t, 0, "cpuset.sched_load_balance", "1\n");
	tree_put(&t, 0, "cpuset.sched_relax_domain_level", "-1\n");
	stats_cpuset(&t.s, t.out->cpuset);
	assert_int_equal(t.out->cpuset->sched_load_balance.v, 1);
	assert_int_equal(t.out->cpuset->sched_relax_domain_level.v, -1);
	tree_remove(&t);
}

static void io_v1(void **state)
{
	(void)state;
	tree_make(&t, "1");
	tree_put(&t, 0, "blkio.throttle.io_serviced", "8:0 Read 1\nTotal 1\n");
	tree_put(&t, 0, "blkio.throttle.io_service_bytes_recursive",
	         "8:0 Read 4096\n8:0 Write 0\n8:0 Total 4096\nTotal 4096\n");
	tree_put(&t, 0, "blkio.bfq.io_service_bytes_recursive", "Total 0\n");
	tree_put(&t, 0, "blkio.sectors_recursive", "8:16 8\n8:x 1\n:\n8 8\n8:1\n8:1 Read\n");
	stats_io(&t.s, t.out->blkio);
	assert_string_equal(IO(t.out->blkio->service_bytes),
	                    "8:0 Read 4096, 8:0 Write 0, 8:0 Total 4096");
	assert_string_equal(IO(t.out->blkio->serviced), "8:0 Read 1");
	assert_string_equal(IO(t.out->blkio->sectors), "8:16 8");
	assert_int_equal(t.out->blkio->merged.n, 0);
	tree_remove(&t);
}

static void io_v2(void **state)
{
	(void)state;
	tree_make(&t, "2");
	tree_put(&t, 0, "io.stat",
	         "8:16 rbytes=4096 wbytes=1 rios=2 wios=3 dbytes=4 dios=5 cost.usage=7\n"
	         "253:0 \n8:32 rbytes= wbytes rios=x =3\n259:1 rbytes=9 wby");
	stats_io(&t.s, t.out->blkio);
	assert_string_equal(IO(t.out->blkio->service_bytes),
	                    "8:16 Read 4096, 8:16 Write 1, 8:16 Discard 4, 259:1 Read 9");
	assert_string_equal(IO(t.out->blkio->serviced),
	                    "8:16 Read 2, 8:16 Write 3, 8:16 Discard 5");
	tree_remove(&t);
}

static void hugetlb(void **state)
{
	(void)state;
	tree_make(&t, "21");
	tree_put(&t, 0, "hugetlb.2MB.current", "1\n");
	tree_put(&t, 0, "hugetlb.2MB.rsvd.current", "2\n");
	tree_put(&t, 0, "hugetlb.2MB.events", "max 3\n");
	tree_put(&t, 0, "hugetlb..current", "9\n");
	tree_put(&t, 0, "hugetlb.", "9\n");
	tree_put(&t, 1, "hugetlb.1GB.usage_in_bytes", "4\n");
	tree_put(&t, 1, "hugetlb.1GB.max_usage_in_bytes", "5\n");
	tree_put(&t, 1, "hugetlb.1GB.failcnt", "6\n");
	stats_hugetlb(&t.s, t.out);
	assert_int_equal(t.out->hugetlb.n, 2);
	assert_string_equal(t.out->hugetlb.v[0].key, "2MB");
	assert_int_equal(t.out->hugetlb.v[0].usage.v, 2);
	assert_int_equal(t.out->hugetlb.v[0].failcnt.v, 3);
	assert_string_equal(t.out->hugetlb.v[1].key, "1GB");
	assert_int_equal(t.out->hugetlb.v[1].usage.v, 4);
	assert_int_equal(t.out->hugetlb.v[1].max.v, 5);
	assert_int_equal(t.out->hugetlb.v[1].failcnt.v, 6);
	tree_remove(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cpu_v1),     cmocka_unit_test(cpu_v2),
		cmocka_unit_test(cpu_hybrid), cmocka_unit_test(psi_odd),
		cmocka_unit_test(memory_v1),  cmocka_unit_test(memory_v2),
		cmocka_unit_test(pids),       cmocka_unit_test(cpusets),
		cmocka_unit_test(io_v1),      cmocka_unit_test(io_v2),
		cmocka_unit_test(hugetlb),
	};

	return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
