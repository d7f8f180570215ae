/* test_cgroup_plan: where cgroups go and what is written to them, on hosts of every kind, as text. */
#include "libocispec-lite/ocispec.h"
#include "plan/emit.h"
#include "plan/resources.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define V1(c, path)                                                                                \
	{                                                                                          \
		.controllers = c, .mount = "/cg/" c, .own = path, .writable = true                 \
	}

/* Root, host namespace: what may be done is all there. */
#define ROOT .cap_sys_admin = true, .cap_setid = true

static const struct facts v1_host = {
	ROOT,
	.cgroup_host = CGROUP_HOST_V1,
	.hierarchy = { V1("name=systemd", "/"), V1("cpu,cpuacct", "/a"), V1("memory", "/m"),
	               V1("pids", "/"), V1("devices", "/"), V1("cpuset", "/"), V1("blkio", "/"),
	               V1("hugetlb", "/"), V1("net_cls,net_prio", "/"), V1("rdma", "/") },
	.n_hierarchies = 10,
};
static const struct facts hybrid_host = {
	ROOT,
	.cgroup_host = CGROUP_HOST_HYBRID,
	.hierarchy = { V1("memory", "/m"),
	               V1("cpu", "/"),
	               V1("pids", "/"),
	               V1("devices", "/"),
	               { .controllers = "hugetlb",
	                 .mount = "/cg/unified",
	                 .own = "/u/own",
	                 .v2 = true,
	                 .writable = true } },
	.n_hierarchies = 5,
};
static const struct facts v2_host = {
	ROOT,
	.cgroup_host = CGROUP_HOST_V2,
	.hierarchy = { { .controllers = "cpuset cpu io memory hugetlb pids rdma misc",
	                 .mount = "/cg",
	                 .own = "/s/own",
	                 .v2 = true,
	                 .writable = true } },
	.n_hierarchies = 1,
};
static const struct facts no_host = { ROOT, .cgroup_host = CGROUP_HOST_NONE };
static const struct facts user_host = {
	.euid = 1000,
	.cgroup_host = CGROUP_HOST_V2,
	.hierarchy = { { .controllers = "memory pids",
	                 .mount = "/cg",
	                 .own = "/s/own",
	                 .v2 = true } },
	.n_hierarchies = 1,
};

static char text[8192];
static struct err e;
static struct arena arena;

static void show(const struct plan *p)
{
	const struct step *s;

	*text = '\0';
	for (uint32_t n = 0; (s = plan_at(p, n, NULL)); n++) {
		char line[512];

		if (s->kind == STEP_CGROUP)
			snprintf(line, sizeof line, "cgroup %s%s",
			         p->cgroups[s->cgroup.index].mount,
			         p->cgroups[s->cgroup.index].path);
		else if (s->kind == STEP_DEVICES)
			snprintf(line, sizeof line, "devices %u", s->devices.n);
		else
			snprintf(line, sizeof line, "%s/%s=%s%s%s%s%s",
			         p->cgroups[s->write.index].mount + 3, s->write.path,
			         s->write.bytes, s->write.or_path ? "|" : "",
			         s->write.or_path ? s->write.or_path : "",
			         s->write.or_path ? "=" : "",
			         s->write.or_path ? s->write.or_bytes : "");
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s\n", line,
		         s->lenient == MUST          ? ""
		         : s->lenient == SKIP_ENOENT ? " ?"
		                                     : " (may)");
	}
}

static struct plan plan;

static int lower(const struct facts *host, const char *path, struct oci_resources *r,
                 enum cgroup_manager manager)
{
	static struct oci_linux l;
	static struct oci_config c;
	static const struct plan_opts o_fs = { .id = "c1" };
	static const struct plan_opts o_off = { .id = "c1", .manager = CGROUP_MANAGER_DISABLED };
	const struct plan_in in = { &c, host, manager ? &o_off : &o_fs, &e };

	l = (struct oci_linux){ .cgroups_path = (char *)path, .resources = r };
	c = (struct oci_config){ .linux_ = &l };
	e = (struct err){ 0 };
	arena_done(&arena);
	plan = (struct plan){ .config = &c, .arena = &arena };
	plan_phase(&plan, LANE_HOST, "test");
	if (plan_cgroup(&plan, &in) < 0 || plan_resources(&plan, &in) < 0)
		return -1;
	show(&plan);
	return 0;
}

/* Only the writes. */
static const char *writes(const struct facts *host, struct oci_resources *r)
{
	if (lower(host, NULL, r, CGROUP_MANAGER_FS) < 0)
		fail_msg("%s (%s)", e.what, e.where);
	char *s = text;
	while (strncmp(s, "cgroup ", 7) == 0)
		s = strchr(s, '\n') + 1;
	return s;
}

static void refused(const struct facts *host, struct oci_resources *r, const char *what,
                    const char *where)
{
	assert_int_equal(lower(host, NULL, r, CGROUP_MANAGER_FS), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	if (!strstr(e.what, what))
		fail_msg("\"%s\" is not in \"%s\"", what, e.what);
	assert_string_equal(e.where, where);
	assert_true(*e.hint);
}

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

static void test_paths(void **state)
{
	static const struct {
		const struct facts *host;
		const char *path, *first;
	} cases[] = {
		{ &v2_host, NULL, "cgroup /cg/s/nsrun-c1\n" },
		{ &v2_host, "", "cgroup /cg/s/nsrun-c1\n" },
		{ &v2_host, "x/y", "cgroup /cg/s/x/y\n" },
		{ &v2_host, "/x//y/", "cgroup /cg/x/y\n" },
		{ &v2_host, "/./x", "cgroup /cg/x\n" },
		{ &v1_host, "/x", "cgroup /cg/name=systemd/x\ncgroup /cg/cpu,cpuacct/x\n" },
		{ &v1_host, "x", "cgroup /cg/name=systemd/x\ncgroup /cg/cpu,cpuacct/a/x\n" },
		{ &hybrid_host, NULL, "cgroup /cg/memory/m/nsrun-c1\ncgroup /cg/cpu/nsrun-c1\n" },
		{ &no_host, NULL, "" },
		{ &user_host, NULL, "" },
		{ &user_host, "/x", "cgroup /cg/x (may)\n" },
	};
	static const char *const bad[] = { "/", "..", "/a/../b", "a/..", "//" };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(lower(cases[i].host, cases[i].path, NULL, CGROUP_MANAGER_FS), 0);
		if (strncmp(text, cases[i].first, strlen(cases[i].first)) != 0)
			fail_msg("%s: %s", cases[i].path, text);
	}
	assert_string_equal(plan.cgroups[0].need, "");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(lower(&v2_host, bad[i], NULL, CGROUP_MANAGER_FS), -1);
		assert_string_equal(e.where, "/linux/cgroupsPath");
	}
	assert_int_equal(lower(&v2_host, "/x", NULL, CGROUP_MANAGER_DISABLED), 0);
	assert_string_equal(text, "");
}

static void test_controllers(void **state)
{
	struct oci_memory m = { .limit = { 1, true } };
	struct oci_hugepage_limit huge = { (char[]){ "2MB" }, { 4096, true } };
	struct oci_resources r = { .memory = &m };

	(void)state;
	writes(&v2_host, &r);
	assert_string_equal(plan.cgroups[0].enable,
	                    "+cpu +cpuset +io +memory +pids +hugetlb +rdma");
	assert_string_equal(plan.cgroups[0].need, "+memory");
	r.hugepage_limits.v = &huge;
	r.hugepage_limits.n = 1;
	assert_string_equal(writes(&hybrid_host, &r), "/memory/memory.limit_in_bytes=1\n"
	                                              "/unified/hugetlb.2MB.max=4096\n"
	                                              "/unified/hugetlb.2MB.rsvd.max=4096 ?\n");
	assert_string_equal(plan.cgroups[4].enable, "");
	assert_string_equal(plan.cgroups[4].need, "+hugetlb");
	assert_string_equal(writes(&v1_host, &r),
	                    "/memory/memory.limit_in_bytes=1\n"
	                    "/hugetlb/hugetlb.2MB.limit_in_bytes=4096\n"
	                    "/hugetlb/hugetlb.2MB.rsvd.limit_in_bytes=4096 ?\n");
	refused(&no_host, &r, "\"memory\" is not available", "/linux/resources/memory/limit");
	refused(&user_host, &(struct oci_resources){ .memory = &m }, "delegation missing",
	        "/linux/resources");
	assert_int_equal(lower(&v2_host, NULL, &r, CGROUP_MANAGER_DISABLED), -1);
	assert_non_null(strstr(e.what, "cgroups are disabled"));
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

static void test_unified(void **state)
{
	struct oci_entry u[] = { { (char[]){ "memory.high" }, (char[]){ "1G" } },
		                 { (char[]){ "io.max" },
		                   (char[]){ "8:0 rbps=1\n8:16 rbps=2\n" } } };
	struct oci_memory m = { .limit = { 5, true } };
	struct oci_resources r = { .memory = &m, .unified = { u, 2 } };
	static const struct {
		const char *key, *what;
	} bad[] = {
		{ "memory/high", "not the name of a cgroup file" },
		{ "memory", "not the name of a cgroup file" },
		{ "foo.max", "controller \"foo\" is not available under /cg" },
		{ "cgroup.procs", "controller \"cgroup\" is not available" },
		{ ".x", "controller \"\" is not available" },
	};

	(void)state;
	assert_string_equal(writes(&v2_host, &r), "/memory.max=5\n/memory.high=1G\n"
	                                          "/io.max=8:0 rbps=1\n/io.max=8:16 rbps=2\n");
	assert_string_equal(plan.cgroups[0].need, "+memory +io");
	refused(&v1_host, &r, "needs cgroup v2", "/linux/resources/unified/memory.high");
	refused(&hybrid_host, &r, "controller \"memory\" is not available under /cg/unified",
	        "/linux/resources/unified/memory.high");
	r.unified.n = 1;
	u[0].key = (char[]){ "cgroup.max.depth" };
	assert_string_equal(writes(&v2_host, &r), "/memory.max=5\n/cgroup.max.depth=1G\n");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char where[100];

		u[0].key = (char *)bad[i].key;
		snprintf(where, sizeof where, "/linux/resources/unified/%s%s",
		         strchr(u[0].key, '/') ? "memory~1high" : u[0].key, "");
		refused(&v2_host, &r, bad[i].what, where);
	}
}

static void test_devices(void **state)
{
	struct oci_device_cgroup d[] = {
		{ .allow = { false, true }, .access = (char[]){ "rwm" } },
		{ .allow = { true, true },
		  .type = (char[]){ "c" },
		  .major = { 1, true },
		  .access = (char[]){ "rw" } },
		{ .allow = { false, true },
		  .type = (char[]){ "c" },
		  .major = { 1, true },
		  .minor = { 9, true } },
	};
	struct oci_resources r = { .devices = { d, 2 } };
	const char *s = writes(&hybrid_host, &r);
	const char *first = "/devices/devices.deny=a *:* rwm\n/devices/devices.allow=c 1:* rw\n"
			    "/devices/devices.allow=c *:* m\n";

	(void)state;
	assert_memory_equal(s, first, strlen(first));
	s = writes(&v2_host, &r);
	assert_memory_equal(s, "devices ", 8);
	assert_string_equal(plan.cgroups[0].need, "");
	refused(&no_host, &r, "no cgroup that could hold device rules", "/linux/resources/devices");
	assert_string_equal(writes(&user_host, &r), "");
	assert_int_equal(lower(&user_host, "/x", &r, CGROUP_MANAGER_FS), 0);
	assert_non_null(strstr(text, "(may)\n"));
	assert_int_equal(lower(&v2_host, "/x", &r, CGROUP_MANAGER_DISABLED), 0);
	r.devices.n = 3;
	refused(&v1_host, &r, "take back a part", "/linux/resources/devices/2");
	r.devices.n = 0;
	assert_string_equal(writes(&v2_host, &r), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_weight),       cmocka_unit_test(test_paths),
		cmocka_unit_test(test_controllers),  cmocka_unit_test(test_memory),
		cmocka_unit_test(test_memory_bad),   cmocka_unit_test(test_cpu),
		cmocka_unit_test(test_pids),         cmocka_unit_test(test_block_io),
		cmocka_unit_test(test_network_rdma), cmocka_unit_test(test_unified),
		cmocka_unit_test(test_devices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
