/* check/cgroup, check/resources and what it calls: cgroupsPath and linux.resources. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "check_case.h"

#define R(v)    .linux_ = "\"resources\": {" v "}"
#define MEM(v)  R("\"memory\": {" v "}")
#define CPU(v)  R("\"cpu\": {" v "}")
#define BLK(v)  R("\"blockIO\": {" v "}")
#define V1      .facts = "preset=root-v1"
#define HYBRID  .facts = "preset=root-hybrid"
#define P       "/linux/resources/"
#define V1_ONLY ": cgroup v2 has no such setting -- remove it: only cgroup v1 has it"

static void test_path(void **state)
{
	static const struct check_case t[] = {
		{ .linux_ = "\"cgroupsPath\": \"\"" },
		{ .linux_ = "\"cgroupsPath\": \"/a/b..c\"" },
		{ .linux_ = "\"cgroupsPath\": \"a.slice:b:c\"", .opts = { .systemd = true } },
		{ .linux_ = "\"cgroupsPath\": \"-:b:c\"", .opts = { .systemd = true } },
		{ .linux_ = "\"cgroupsPath\": \"-.slice::c\"", .opts = { .systemd = true } },
		{ .linux_ = "\"cgroupsPath\": \"a-b-c.slice:b@x:c\"", .opts = { .systemd = true } },
		{ .linux_ = "\"cgroupsPath\": \":b:c\"", .opts = { .systemd = true } },
		{ .linux_ = "\"cgroupsPath\": \"../x\"",
		  .want = "fatal /linux/cgroupsPath: cgroupsPath \"../x\" contains \"..\"" },
		{ .linux_ = "\"cgroupsPath\": \"/a/../b\"",
		  .want = "fatal /linux/cgroupsPath: cgroupsPath \"/a/../b\" contains" },
		{ .linux_ = "\"cgroupsPath\": \"/a/..\"",
		  .want = "fatal /linux/cgroupsPath: cgroupsPath \"/a/..\" contains" },
		{ .linux_ = "\"cgroupsPath\": \"..\"",
		  .want = "fatal /linux/cgroupsPath: cgroupsPath \"..\" contains" },
		{ .linux_ = "\"cgroupsPath\": \"/./\"",
		  .want = "fatal /linux/cgroupsPath: cgroupsPath \"/./\" is the root cgroup" },
		{ .linux_ = "\"cgroupsPath\": \"/a\\nb\"",
		  .want = "fatal /linux/cgroupsPath: cgroupsPath contains a line break" },
		{ .linux_ = "\"cgroupsPath\": \"a:b:c\"",
		  .want = "warn /linux/cgroupsPath: cgroupsPath \"a:b:c\" has the form of a systemd unit, but is taken as a "
		          "directory -- give --systemd-cgroup" },
		{ .linux_ = "\"cgroupsPath\": \"/a/b\"",
		  .opts = { .systemd = true },
		  .want = "fatal /linux/cgroupsPath: cgroupsPath \"/a/b\" does not have the three parts that systemd needs" },
		{ .linux_ = "\"cgroupsPath\": \"a:b:\"",
		  .opts = { .systemd = true },
		  .want = "fatal /linux/cgroupsPath: cgroupsPath \"a:b:\" names no systemd unit" },
		{ .linux_ = "\"cgroupsPath\": \"a/b:c:d\"",
		  .opts = { .systemd = true },
		  .want = "fatal /linux/cgroupsPath: systemd takes no \"/\" in the name of a unit" },
	};

	(void)state;
	CHECK_CASES(t);
}

static void test_memory(void **state)
{
	static const struct check_case t[] = {
		{ MEM("") },
		{ MEM("\"limit\": -1, \"swap\": -1, \"reservation\": 0, \"disableOOMKiller\": false") },
		{ MEM("\"limit\": 1048576, \"swap\": 1048576, \"useHierarchy\": true") },
		{ V1,
		  MEM("\"limit\": 1048576, \"swappiness\": 100, \"disableOOMKiller\": true, \"kernelTCP\": 5") },
		{ MEM("\"limit\": -2"),
		  .want = "fatal " P "memory/limit: limit is -2, expected -1 or more" },
		{ MEM("\"reservation\": -2"),
		  .want = "fatal " P "memory/reservation: reservation is -2" },
		{ MEM("\"swap\": -2"), .want = "fatal " P "memory/swap: swap is -2" },
		{ MEM("\"swap\": 5"),
		  .want = "fatal " P "memory/swap: unable to set swap limit without memory limit" },
		{ MEM("\"limit\": -1, \"swap\": 5"),
		  .want = "fatal " P "memory/swap: unable to set swap limit" },
		{ MEM("\"limit\": 6, \"swap\": 5"),
		  .want = "fatal " P
		          "memory/swap: swap is 5, below the memory limit 6 -- write the sum" },
		{ V1, MEM("\"swappiness\": 101"),
		  .want = "fatal " P "memory/swappiness: swappiness is 101, expected 0 to 100" },
		{ MEM("\"swappiness\": 1, \"disableOOMKiller\": true, \"kernelTCP\": 5, \"kernel\": -2"),
		  .want = "fatal " P "memory/kernel: kernel is -2\n"
		          "fatal " P "memory/swappiness" V1_ONLY "\n"
		          "fatal " P "memory/disableOOMKiller" V1_ONLY "\n"
		          "fatal " P "memory/kernelTCP" V1_ONLY },
		{ MEM("\"kernel\": 5, \"useHierarchy\": false"),
		  .want = "warn " P
		          "memory/kernel: kernels since 5.4 have no limit of kernel memory: it is\n"
		          "warn " P
		          "memory/useHierarchy: memory is always accounted by hierarchy" },
		{ V1, MEM("\"kernelTCP\": -2"),
		  .want = "fatal " P "memory/kernelTCP: kernelTCP is -2" },
	};

	(void)state;
	CHECK_CASES(t);
}

static void test_cpu(void **state)
{
	static const struct check_case t[] = {
		{ CPU("\"shares\": 0, \"quota\": -1, \"period\": 1000, \"burst\": 0, \"idle\": 1, \"cpus\": \"0-3,7\","
		      "\"mems\": \"0\"") },
		{ HYBRID, CPU("\"realtimeRuntime\": 950000, \"realtimePeriod\": 1000000") },
		{ CPU("\"period\": 999"),
		  .want = "fatal " P "cpu/period: period is 999 us, expected 1000 to 1000000" },
		{ CPU("\"period\": 1000001"),
		  .want = "fatal " P "cpu/period: period is 1000001 us" },
		{ CPU("\"quota\": 999"),
		  .want = "fatal " P "cpu/quota: quota is 999 us, expected 1000 or more" },
		{ CPU("\"quota\": 1000, \"burst\": 1001"),
		  .want = "fatal " P "cpu/burst: burst is 1001 us, above the quota 1000" },
		{ CPU("\"idle\": 2"), .want = "fatal " P "cpu/idle: idle is 2, expected 0 or 1" },
		{ CPU("\"idle\": -1"), .want = "fatal " P "cpu/idle: idle is -1" },
		{ CPU("\"cpus\": \"0-\", \"mems\": \"a\""),
		  .want = "fatal " P
		          "cpu/cpus: \"0-\" is not a list of numbers -- write numbers and ranges, as in 0-3,7\n"
		          "fatal " P "cpu/mems: \"a\" is not a list of numbers" },
		{ CPU("\"cpus\": \"0-7,2\", \"mems\": \"0,2\""),
		  .facts = "cpus=0-3,4-7\nmems=0,2" },
		{ CPU("\"cpus\": \"1,3-6\", \"mems\": \"0-1\""), .facts = "cpus=0-4,6\nmems=0",
		  .want = "fatal " P "cpu/cpus: this host has no cpu 5 -- use those of 0-4,6\n"
		          "fatal " P "cpu/mems: this host has no memory node 1 -- use those of 0" },
		{ CPU("\"cpus\": \"0,\""), .want = "fatal " P "cpu/cpus: \"0,\" is not" },
		{ CPU("\"cpus\": \"1 ,2\""), .want = "fatal " P "cpu/cpus: \"1 ,2\" is not" },
		{ V1, CPU("\"realtimeRuntime\": -2"),
		  .want = "fatal " P
		          "cpu/realtimeRuntime: realtimeRuntime is -2, expected -1 or more" },
		{ V1, CPU("\"realtimeRuntime\": 2, \"realtimePeriod\": 1"),
		  .want = "fatal " P
		          "cpu/realtimeRuntime: realtimeRuntime is 2 us, above the period 1" },
		{ CPU("\"realtimeRuntime\": 1, \"realtimePeriod\": 2"),
		  .want = "fatal " P "cpu/realtimeRuntime" V1_ONLY "\nfatal " P
		          "cpu/realtimePeriod" V1_ONLY },
	};

	(void)state;
	CHECK_CASES(t);
}

#define THROTTLE(key)                                                                              \
	BLK("\"" key                                                                               \
	    "\": [{\"major\": 8, \"minor\": -1, \"rate\": 1}, {\"major\": 8, \"minor\": 0}]")
#define THROTTLED(key)                                                                             \
	"fatal " P "blockIO/" key "/0/minor: minor is -1, expected 0 or more\n"                    \
	"fatal " P "blockIO/" key "/1: the device has no rate"

static void test_block_io(void **state)
{
	static const struct check_case t[] = {
		{ BLK("\"weight\": 0") },
		{ BLK("\"weight\": 10, \"weightDevice\": [{\"major\": 8, \"minor\": 0, \"weight\": 1000}]") },
		{ V1,
		  BLK("\"leafWeight\": 10, \"weightDevice\": [{\"major\": 8, \"minor\": 0, \"leafWeight\": 1000}]") },
		{ BLK("\"weight\": 9"),
		  .want = "fatal " P "blockIO/weight: weight is 9, expected 10 to 1000" },
		{ V1, BLK("\"leafWeight\": 1001"),
		  .want = "fatal " P "blockIO/leafWeight: leafWeight is 1001" },
		{ BLK("\"leafWeight\": 10, \"weightDevice\": [{\"major\": -1, \"minor\": 0, \"leafWeight\": 10}]"),
		  .want = "fatal " P
		          "blockIO/weightDevice/0/major: major is -1, expected 0 or more\n"
		          "fatal " P "blockIO/weightDevice/0/leafWeight" V1_ONLY "\n"
		          "fatal " P "blockIO/leafWeight" V1_ONLY },
		{ BLK("\"weightDevice\": [{\"major\": 1, \"minor\": 0}]"),
		  .want = "fatal " P "blockIO/weightDevice/0: the device has no weight" },
		{ BLK("\"weightDevice\": [{\"major\": 1, \"minor\": 0, \"weight\": 1}]"),
		  .want = "fatal " P "blockIO/weightDevice/0/weight: weight is 1, expected" },
		{ THROTTLE("throttleReadBpsDevice"), .want = THROTTLED("throttleReadBpsDevice") },
		{ THROTTLE("throttleWriteBpsDevice"), .want = THROTTLED("throttleWriteBpsDevice") },
		{ THROTTLE("throttleReadIOPSDevice"), .want = THROTTLED("throttleReadIOPSDevice") },
		{ THROTTLE("throttleWriteIOPSDevice"),
		  .want = THROTTLED("throttleWriteIOPSDevice") },
	};

	(void)state;
	CHECK_CASES(t);
}

static void test_others(void **state)
{
	static const struct check_case t[] = {
		{ R("\"pids\": {\"limit\": 0}, \"hugepageLimits\": [{\"pageSize\": \"2MB\", \"limit\": 0}]") },
		{ R("\"pids\": {\"limit\": -1}") },
		{ V1,
		  R("\"network\": {\"classID\": 1, \"priorities\": [{\"name\": \"eth0\", \"priority\": 1}]}") },
		{ R("\"pids\": {\"limit\": -2}"),
		  .want = "fatal " P "pids: limit is -2, expected -1 to 4194304" },
		{ R("\"pids\": {\"limit\": 4194305}"),
		  .want = "fatal " P "pids: limit is 4194305" },
		{ R("\"hugepageLimits\": [{\"pageSize\": \"2M\", \"limit\": 0}, {\"pageSize\": \"02MB\", \"limit\": 0}]"),
		  .want = "fatal " P
		          "hugepageLimits/0/pageSize: \"2M\" is not the size of a huge page\n"
		          "fatal " P "hugepageLimits/1/pageSize: \"02MB\" is not" },
		{ R("\"hugepageLimits\": [{\"pageSize\": \"2MB\", \"limit\": 0}, {\"pageSize\": \"2MB\", \"limit\": 0}]"),
		  .want = "fatal " P "hugepageLimits/1/pageSize: 2MB is listed twice" },
		{ R("\"hugepageLimits\": [{\"pageSize\": \"2MB\", \"limit\": 0}]"),
		  .facts = "hugepage_sizes=64KB 32MB 1GB",
		  .want = "fatal " P
		          "hugepageLimits/0/pageSize: this host has no huge pages of 2MB -- use one of: 64KB 32MB "
		          "1GB" },
		{ R("\"hugepageLimits\": [{\"pageSize\": \"1GB\", \"limit\": 0}]"),
		  .facts = "hugepage_sizes=2MB 1GB" },
		{ R("\"network\": {\"classID\": 1, \"priorities\": [{\"name\": \"eth0\", \"priority\": 1}]}"),
		  .want = "fatal " P "network/classID" V1_ONLY "\nfatal " P
		          "network/priorities" V1_ONLY },
		{ V1,
		  R("\"network\": {\"priorities\": [{\"name\": \"\", \"priority\": 1}, {\"name\": \"a\", \"priority\": 1},"
		    "{\"name\": \"a\", \"priority\": 2}]}"),
		  .want = "fatal " P
		          "network/priorities/0/name: \"\" is not the name of a network interface\n"
		          "fatal " P "network/priorities/2/name: a is listed twice" },
		{ R("\"rdma\": {\"mlx5\": {}}"),
		  .want = "fatal " P "rdma/mlx5: the RDMA device \"mlx5\" has no limit" },
		{ R("\"rdma\": {\"mlx5\": {\"hcaHandles\": 1}}") },
		{ R("\"rdma\": {\"\": {\"hcaHandles\": 1}, \"a b\": {\"hcaObjects\": 1}}"),
		  .want = "fatal " P "rdma/: \"\" is not the name of an RDMA device\n"
		          "fatal " P "rdma/a b: \"a b\" is not" },
		{ HYBRID, R("\"rdma\": {\"mlx5\": {\"hcaHandles\": 1}}"),
		  .want = "fatal " P
		          "rdma: the cgroup controller \"rdma\" is not available on this host" },
	};

	(void)state;
	CHECK_CASES(t);
}

static void test_unified(void **state)
{
	static const struct check_case t[] = {
		{ R("\"unified\": {\"memory.high\": \"1\", \"cgroup.max.depth\": \"1\", \"hugetlb.2MB.max\": \"0\"}") },
		{ HYBRID, R("\"unified\": {\"hugetlb.2MB.max\": \"0\"}") },
		{ R("\"unified\": {\"a/b.c\": \"1\", \"memory\": \"1\", \".x\": \"1\", \"x.\": \"1\", \"\": \"1\"}"),
		  .want = "fatal " P
		          "unified/a~1b.c: \"a/b.c\" is not the name of a cgroup file -- write it as "
		          "CONTROLLER.PARAM\n"
		          "fatal " P "unified/memory: \"memory\" is not\n"
		          "fatal " P "unified/.x: \".x\" is not\n"
		          "fatal " P "unified/x.: \"x.\" is not\n"
		          "fatal " P "unified/: \"\" is not" },
		{ R("\"unified\": {\"cgroup.freeze\": \"1\", \"cgroup.pressure\": \"0\", \"memory.high\": \"\\n\"}"),
		  .want = "fatal " P
		          "unified/cgroup.freeze: \"cgroup.freeze\" is not a limit -- remove it: of these only\n"
		          "fatal " P "unified/memory.high: \"memory.high\" has no value" },
		{ R("\"unified\": {\"misc.max\": \"1\"}"),
		  .want = "fatal " P
		          "unified/misc.max: the cgroup controller \"misc\" is not available in the cgroup2 tree" },
		{ HYBRID, R("\"unified\": {\"memory.high\": \"1\"}"),
		  .want = "fatal " P
		          "unified/memory.high: the cgroup controller \"memory\" is not available in the cgroup2 tree" },
		{ V1, R("\"unified\": {\"memory.high\": \"1\"}"),
		  .want = "fatal " P "unified/memory.high: this host has no cgroup v2" },
	};

	(void)state;
	CHECK_CASES(t);
}

static void test_controllers(void **state)
{
	static const struct check_case t[] = {
		{ HYBRID,
		  R("\"memory\": {\"limit\": 1}, \"cpu\": {\"shares\": 5, \"cpus\": \"0\"}, \"pids\": {\"limit\": 5},"
		    "\"blockIO\": {\"weight\": 10}, \"hugepageLimits\": [{\"pageSize\": \"2MB\", \"limit\": 0}]") },
		{ MEM("\"limit\": 1"), .facts = "hierarchies=none\ncgroup_host=none",
		  .want = "fatal " P
		          "memory/limit: the cgroup controller \"memory\" is not available on this host" },
		{ MEM("\"limit\": -1, \"swap\": -1"),
		  .facts = "hierarchies=none\ncgroup_host=none" },
		{ CPU("\"quota\": -1, \"period\": 1000"),
		  .facts = "hierarchies=none\ncgroup_host=none" },
		{ CPU("\"shares\": 2, \"cpus\": \"0\", \"mems\": \"0\""),
		  .facts = "hierarchies=none\ncgroup_host=none",
		  .want = "fatal " P "cpu/shares: the cgroup controller \"cpu\" is not available\n"
		          "fatal " P "cpu/cpus: the cgroup controller \"cpuset\" is not\n"
		          "fatal " P "cpu/mems: the cgroup controller \"cpuset\" is not" },
		{ R("\"pids\": {\"limit\": 1}, \"blockIO\": {\"weight\": 10},"
		    "\"hugepageLimits\": [{\"pageSize\": \"2MB\", \"limit\": 0}]"),
		  .facts = "hierarchies=none",
		  .want = "fatal " P "pids: the cgroup controller \"pids\" is not\n"
		          "fatal " P "blockIO/weight: the cgroup controller \"io\" is not\n"
		          "fatal " P "hugepageLimits: the cgroup controller \"hugetlb\" is not" },
		{ MEM("\"limit\": 1"),
		  .facts = "hierarchies=none\nhierarchy=cpu memory|/sys/fs/cgroup|/|v2|",
		  .want = "fatal " P
		          "memory/limit: the cgroup controller \"memory\" is not yours to use" },
		{ R("\"memory\": {\"limit\": 1}}, \"cgroupsPath\": \"/mine/x\", \"sysctl\": {"),
		  .facts = "hierarchies=none\nhierarchy=cpu memory|/sys/fs/cgroup|/|v2|" },
		{ MEM("\"limit\": 1"),
		  .facts = "hierarchies=none\nhierarchy=cpu memory|/sys/fs/cgroup|/|v2|",
		  .opts = { .systemd = true } },
		{ R("\"memory\": {\"limit\": 1, \"swap\": -1}, \"cpu\": {\"cpus\": \"0\"}, \"unified\": {\"io.max\": \"\"},"
		    "\"devices\": [{\"allow\": false}]"),
		  .opts = { .cgroup_disabled = true },
		  .want = "warn " P "devices: device rules are not applied: cgroups are disabled\n"
		          "fatal " P
		          "memory/limit: the cgroup controller \"memory\" is not used: cgroups are disabled -- "
		          "remove it, or use another --cgroup-manager\n"
		          "fatal " P "cpu/cpus: the cgroup controller \"cpuset\" is not used\n"
		          "fatal " P "unified/io.max: \"io.max\" has no value\n"
		          "fatal " P "unified/io.max: the cgroup controller \"io\" is not used" },
	};

	(void)state;
	CHECK_CASES(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_path),        cmocka_unit_test(test_memory),
		cmocka_unit_test(test_cpu),         cmocka_unit_test(test_block_io),
		cmocka_unit_test(test_others),      cmocka_unit_test(test_unified),
		cmocka_unit_test(test_controllers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
