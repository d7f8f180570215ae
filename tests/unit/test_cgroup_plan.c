/* test_cgroup_plan: which cgroups are made, with which controllers and device rules, on hosts of every kind. */
#include "cgroup_case.h"

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
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_controllers),
		cmocka_unit_test(test_unified),
		cmocka_unit_test(test_devices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
