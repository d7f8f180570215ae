/* test_cgroup_limits: what is written for memory, cpu, pids, I/O, network and rdma, on hosts of every kind. */
#include "cgroup_case.h"
#include <math.h>

static void test_weight(void **state)
{
	(void)state;
	assert_int_equal(cpu_weight(1), 1);
	assert_int_equal(cpu_weight(2), 1);
	assert_int_equal(cpu_weight(1024), 100);
	assert_int_equal(cpu_weight(262144), 10000);
	assert_int_equal(cpu_weight(UINT64_MAX), 10000);
	for (unsigned shares = 3; shares < 262144; shares++) {
		long double l = log2l(shares);
		long double w = powl(10, (l * l + 125 * l - 126) / 612);
		/* 1024 must not become 101 in the reference either. */
		unsigned want = (unsigned)ceill(w - 1e-12L);

		if (cpu_weight(shares) != want)
			fail_msg("shares %u: %u, expected %u", shares, cpu_weight(shares), want);
	}
}

static void test_memory(void **state)
{
	static const struct {
		int64_t limit, swap, reservation;
		const char *v1, *v2;
	} cases[] = {
		{ 0, 0, 0, "", "" },
		{ 100, 0, 0, "limit_in_bytes=100\n", "max=100\n" },
		{ 100, 300, 0, "limit_in_bytes=100\nmemsw.limit_in_bytes=300\n",
		  "max=100\nswap.max=200\n" },
		{ 100, 100, 0, "limit_in_bytes=100\nmemsw.limit_in_bytes=100 ?\n",
		  "max=100\nswap.max=0 ?\n" },
		{ 100, -1, 0, "limit_in_bytes=100\nmemsw.limit_in_bytes=-1 ?\n",
		  "max=100\nswap.max=max ?\n" },
		{ -1, 0, 0, "limit_in_bytes=-1\nmemsw.limit_in_bytes=-1 ?\n",
		  "max=max\nswap.max=max ?\n" },
		{ 0, -1, 50, "memsw.limit_in_bytes=-1 ?\nsoft_limit_in_bytes=50\n",
		  "swap.max=max ?\nlow=50\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct oci_memory m = { .limit = { cases[i].limit, true },
			                .swap = { cases[i].swap, true },
			                .reservation = { cases[i].reservation, true } };
		struct oci_resources r = { .memory = &m };

		for (int v2 = 0; v2 < 2; v2++) {
			const char *s = writes(v2 ? &v2_host : &v1_host, &r);
			const char *want = v2 ? cases[i].v2 : cases[i].v1;
			const char *prefix = v2 ? "/memory." : "/memory/memory.";

			for (; *want; want = strchr(want, '\n') + 1) {
				size_t n = strcspn(want, "\n") + 1;

				assert_memory_equal(s, prefix, strlen(prefix));
				s += strlen(prefix);
				if (strncmp(s, want, n) != 0)
					fail_msg("case %zu v%d: %s", i, v2 + 1, text);
				s += n;
			}
			assert_string_equal(s, "");
		}
	}
}

static void test_memory_bad(void **state)
{
	struct oci_memory m = { .limit = { 100, true }, .swap = { 99, true } };
	struct oci_resources r = { .memory = &m };

	(void)state;
	refused(&v1_host, &r, "less than memory.limit", "/linux/resources/memory/swap");
	m.limit = (struct oci_i64){ 0 };
	refused(&v2_host, &r, "no memory.limit", "/linux/resources/memory/swap");
	m = (struct oci_memory){ .swappiness = { 0, true } };
	assert_string_equal(writes(&v1_host, &r), "/memory/memory.swappiness=0\n");
	refused(&v2_host, &r, "nothing like this", "/linux/resources/memory/swappiness");
	m = (struct oci_memory){ .disable_oom_killer = { false, true },
		                 .use_hierarchy = { true, true },
		                 .kernel = { -1, true },
		                 .kernel_tcp = { -1, true },
		                 .limit = { -1, true } };
	assert_string_equal(writes(&no_host, &r), "");
	assert_string_equal(writes(&v2_host, &r), "/memory.max=max\n/memory.swap.max=max ?\n");
	m.disable_oom_killer.v = true;
	refused(&v2_host, &r, "nothing like this", "/linux/resources/memory/disableOOMKiller");
}

static void test_cpu(void **state)
{
	static const struct {
		uint64_t shares;
		int64_t quota;
		uint64_t period, burst;
		int idle; /* -1: absent */
		const char *v1, *v2;
	} cases[] = {
		{ 1024, 0, 0, 0, -1, "/cpu,cpuacct/cpu.shares=1024\n", "/cpu.weight=100\n" },
		{ 1024, 0, 0, 0, 1, "/cpu,cpuacct/cpu.idle=1\n", "/cpu.idle=1\n" },
		{ 2, 0, 0, 0, 0, "/cpu,cpuacct/cpu.idle=0 ?\n/cpu,cpuacct/cpu.shares=2\n",
		  "/cpu.idle=0 ?\n/cpu.weight=1\n" },
		{ 0, 5000, 10000, 1000, -1,
		  "/cpu,cpuacct/cpu.cfs_period_us=10000\n/cpu,cpuacct/cpu.cfs_quota_us=5000\n"
		  "/cpu,cpuacct/cpu.cfs_burst_us=1000\n",
		  "/cpu.max=5000 10000\n/cpu.max.burst=1000\n" },
		{ 0, 5000, 0, 0, -1, "/cpu,cpuacct/cpu.cfs_quota_us=5000\n", "/cpu.max=5000\n" },
		{ 0, -1, 0, 0, -1, "/cpu,cpuacct/cpu.cfs_quota_us=-1\n", "/cpu.max=max\n" },
		{ 0, 0, 20000, 0, -1, "/cpu,cpuacct/cpu.cfs_period_us=20000\n",
		  "/cpu.max=max 20000\n" },
	};
	struct oci_cpu c;
	struct oci_resources r = { .cpu = &c };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		c = (struct oci_cpu){ .shares = { cases[i].shares, true },
			              .quota = { cases[i].quota, true },
			              .period = { cases[i].period, true },
			              .burst = { cases[i].burst, true },
			              .idle = { cases[i].idle > 0, cases[i].idle >= 0 } };
		assert_string_equal(writes(&v1_host, &r), cases[i].v1);
		assert_string_equal(writes(&v2_host, &r), cases[i].v2);
	}
	c = (struct oci_cpu){ .cpus = (char[]){ "0-1" }, .mems = (char[]){ "0" } };
	assert_string_equal(writes(&v1_host, &r),
	                    "/cpuset/cpuset.cpus=0-1\n/cpuset/cpuset.mems=0\n");
	refused(&hybrid_host, &r, "\"cpuset\" is not available", "/linux/resources/cpu/cpus");
	c = (struct oci_cpu){ .realtime_runtime = { 9, true }, .realtime_period = { 10, true } };
	assert_string_equal(writes(&hybrid_host, &r), "/cpu/cpu.rt_period_us=10\n"
	                                              "/cpu/cpu.rt_runtime_us=9\n");
	refused(&v2_host, &r, "nothing like this", "/linux/resources/cpu/realtimePeriod");
}

static void test_pids(void **state)
{
	struct oci_pids pids = { { 0, true } };
	struct oci_resources r = { .pids = &pids };

	(void)state;
	assert_string_equal(writes(&v2_host, &r), "/pids.max=0\n");
	pids.limit.v = 20;
	assert_string_equal(writes(&v1_host, &r), "/pids/pids.max=20\n");
	pids.limit.v = -1;
	assert_string_equal(writes(&v1_host, &r), "/pids/pids.max=max\n");
	assert_string_equal(writes(&no_host, &r), "");
	pids.limit.set = false;
	assert_string_equal(writes(&v2_host, &r), "");
}

static void test_block_io(void **state)
{
	struct oci_weight_device w = { { 8, true }, { 0, true }, { 1000, true }, { 0, false } };
	struct oci_throttle_device t[] = { { { 8, true }, { 0, true }, { 4096, true } },
		                           { { 8, true }, { 16, true }, { 0, true } } };
	struct oci_block_io b = { .weight = { 10, true },
		                  .weight_device = { &w, 1 },
		                  .throttle_read_bps = { t, 2 },
		                  .throttle_write_iops = { t, 1 } };
	struct oci_resources r = { .block_io = &b };

	(void)state;
	assert_string_equal(writes(&v1_host, &r),
	                    "/blkio/blkio.bfq.weight=10|blkio.weight=10\n"
	                    "/blkio/blkio.bfq.weight_device=8:0 1000|blkio.weight_device=8:0 1000\n"
	                    "/blkio/blkio.throttle.read_bps_device=8:0 4096\n"
	                    "/blkio/blkio.throttle.read_bps_device=8:16 0\n"
	                    "/blkio/blkio.throttle.write_iops_device=8:0 4096\n");
	assert_string_equal(writes(&v2_host, &r), "/io.bfq.weight=10|io.weight=1\n"
	                                          "/io.bfq.weight=8:0 1000|io.weight=8:0 10000\n"
	                                          "/io.max=8:0 rbps=4096\n"
	                                          "/io.max=8:16 rbps=max\n"
	                                          "/io.max=8:0 wiops=4096\n");
	refused(&hybrid_host, &r, "\"blkio\" is not available", "/linux/resources/blockIO/weight");
	b = (struct oci_block_io){ .leaf_weight = { 10, true } };
	refused(&v2_host, &r, "nothing like this", "/linux/resources/blockIO/leafWeight");
}

static void test_network_rdma(void **state)
{
	struct oci_interface_priority f = { (char[]){ "eth0" }, { 5, true } };
	struct oci_network n = { .class_id = { 1048577, true }, .priorities = { &f, 1 } };
	struct oci_rdma d = { (char[]){ "mlx5_0" }, { 3, true }, { 0, false } };
	struct oci_resources r = { .network = &n, .rdma = { &d, 1 } };

	(void)state;
	assert_string_equal(writes(&v1_host, &r), "/rdma/rdma.max=mlx5_0 hca_handle=3\n"
	                                          "/net_cls,net_prio/net_cls.classid=1048577\n"
	                                          "/net_cls,net_prio/net_prio.ifpriomap=eth0 5\n");
	refused(&v2_host, &r, "\"net_cls\" is not available", "/linux/resources/network/classID");
	r.network = NULL;
	assert_string_equal(writes(&v2_host, &r), "/rdma.max=mlx5_0 hca_handle=3\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_weight),       cmocka_unit_test(test_memory),
		cmocka_unit_test(test_memory_bad),   cmocka_unit_test(test_cpu),
		cmocka_unit_test(test_pids),         cmocka_unit_test(test_block_io),
		cmocka_unit_test(test_network_rdma),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
