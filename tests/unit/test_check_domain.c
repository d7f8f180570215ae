/* check/scheduler, check/domain, check/labels: how the kernel is to run the program, and its labels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "check_case.h"

#define SCHED(members) .add = "\"scheduler\": {" members "}"

static void test_scheduler(void **state)
{
	static const struct check_case t[] = {
		{ SCHED("\"policy\": \"SCHED_OTHER\", \"nice\": -20, \"priority\": 0") },
		{ SCHED("\"policy\": \"SCHED_BATCH\", \"nice\": 19") },
		{ SCHED("\"policy\": \"SCHED_IDLE\"") },
		{ SCHED("\"policy\": \"SCHED_FIFO\", \"priority\": 1, \"nice\": 100") },
		{ SCHED("\"policy\": \"SCHED_RR\", \"priority\": 99, \"flags\": [\"SCHED_FLAG_RESET_ON_FORK\"]") },
		{ SCHED("\"policy\": \"SCHED_DEADLINE\", \"runtime\": 1024, \"deadline\": 1024") },
		{ SCHED("\"policy\": \"SCHED_DEADLINE\", \"runtime\": 1024, \"deadline\": 2048, \"period\": 2048") },
		{ SCHED("\"policy\": \"SCHED_FIF\""), .want = "fatal /process/scheduler/policy: " },
		{ SCHED("\"policy\": \"SCHED_ISO\""),
		  .want = "fatal /process/scheduler/policy: Linux has no scheduling policy SCHED_ISO" },
		{ SCHED("\"policy\": \"SCHED_BATCH\", \"nice\": 20"),
		  .want = "fatal /process/scheduler/nice: invalid scheduler.nice: 20, expected -20 to 19" },
		{ SCHED("\"policy\": \"SCHED_OTHER\", \"priority\": 1"),
		  .want = "fatal /process/scheduler/priority: scheduler.priority can only be specified for SchedFIFO "
		          "or SchedRR policy" },
		{ SCHED("\"policy\": \"SCHED_FIFO\""),
		  .want = "fatal /process/scheduler: SCHED_FIFO needs a priority -- add \"priority\", 1 to 99" },
		{ SCHED("\"policy\": \"SCHED_RR\", \"priority\": 100"),
		  .want = "fatal /process/scheduler/priority: invalid scheduler.priority: 100, expected 1 to 99" },
		{ SCHED("\"policy\": \"SCHED_RR\", \"priority\": 9, \"period\": 5"),
		  .want = "fatal /process/scheduler/period: scheduler runtime/deadline/period can only be specified "
		          "for SchedDeadline policy" },
		{ SCHED("\"policy\": \"SCHED_DEADLINE\""),
		  .want = "fatal /process/scheduler: SCHED_DEADLINE needs a runtime of 1024 ns or more" },
		{ SCHED("\"policy\": \"SCHED_DEADLINE\", \"runtime\": 5000, \"deadline\": 2000, \"period\": 1000"),
		  .want = "fatal /process/scheduler/deadline: the runtime, 5000 ns, does not fit into the deadline, "
		          "2000 ns\n"
		          "fatal /process/scheduler/period: the deadline, 2000 ns, does not fit into the period, 1000 "
		          "ns" },
		{ SCHED("\"policy\": \"SCHED_OTHER\", \"flags\": [\"SCHED_FLAG_X\"]"),
		  .want = "fatal /process/scheduler/flags/0: " },
	};

	(void)state;
	CHECK_CASES(t);
}

static void test_io_priority(void **state)
{
	static const struct check_case t[] = {
		{ .add = "\"ioPriority\": {\"class\": \"IOPRIO_CLASS_BE\", \"priority\": 7}" },
		{ .add = "\"ioPriority\": {\"class\": \"IOPRIO_CLASS_IDLE\", \"priority\": 0}" },
		{ .add = "\"ioPriority\": {\"class\": \"IOPRIO_CLASS_RT\"}",
		  .want = "fatal /process/ioPriority: \"priority\" is missing" },
		{ .add = "\"ioPriority\": {\"class\": \"IOPRIO_CLASS_RT\", \"priority\": 8}",
		  .want = "fatal /process/ioPriority/priority: invalid ioPriority.Priority: 8" },
		{ .add = "\"ioPriority\": {\"class\": \"IOPRIO_CLASS_RT\", \"priority\": -1}",
		  .want = "fatal /process/ioPriority/priority: invalid ioPriority.Priority: -1" },
		{ .add = "\"ioPriority\": {\"class\": \"IOPRIO_CLASS_NONE\", \"priority\": 1}",
		  .want = "fatal /process/ioPriority/class: " },
	};

	(void)state;
	CHECK_CASES(t);
}

#define POLICY(members) .linux_ = "\"memoryPolicy\": {" members "}"

static void test_memory_policy(void **state)
{
	static const struct check_case t[] = {
		{ POLICY("\"mode\": \"MPOL_DEFAULT\"") },
		{ POLICY("\"mode\": \"MPOL_LOCAL\", \"nodes\": \"\"") },
		{ POLICY("\"mode\": \"MPOL_PREFERRED\"") },
		{ POLICY(
			"\"mode\": \"MPOL_BIND\", \"nodes\": \"0-3,7\", \"flags\": [\"MPOL_F_STATIC_NODES\", "
			"\"MPOL_F_NUMA_BALANCING\"]") },
		{ POLICY("\"mode\": \"MPOL_WEIGHTED_INTERLEAVE\", \"nodes\": \"1023\"") },
		{ POLICY("\"mode\": \"MPOL_X\""), .want = "fatal /linux/memoryPolicy/mode: " },
		{ POLICY("\"mode\": \"MPOL_LOCAL\", \"nodes\": \"1\""),
		  .want = "fatal /linux/memoryPolicy/nodes: memory policy mode MPOL_LOCAL requires 0 nodes but got "
		          "\"1\"" },
		{ POLICY("\"mode\": \"MPOL_BIND\""),
		  .want = "fatal /linux/memoryPolicy: memory policy mode requires at least one node but got 0" },
		{ POLICY("\"mode\": \"MPOL_INTERLEAVE\", \"nodes\": \"\""),
		  .want = "fatal /linux/memoryPolicy: memory policy mode requires at least one node but got 0" },
		{ POLICY("\"mode\": \"MPOL_BIND\", \"nodes\": \"a\""),
		  .want = "fatal /linux/memoryPolicy/nodes: \"a\" is not a list of numbers" },
		{ POLICY("\"mode\": \"MPOL_BIND\", \"nodes\": \"0-1024\""),
		  .want = "fatal /linux/memoryPolicy/nodes: \"0-1024\" is beyond the last memory node of any kernel, "
		          "1023" },
		{ POLICY("\"mode\": \"MPOL_BIND\", \"nodes\": \"0\", \"flags\": [\"MPOL_F_X\"]"),
		  .want = "fatal /linux/memoryPolicy/flags/0: " },
		{ POLICY("\"mode\": \"MPOL_BIND\", \"nodes\": \"0\", \"flags\": [\"MPOL_F_STATIC_NODES\", "
		         "\"MPOL_F_RELATIVE_NODES\"]"),
		  .want = "fatal /linux/memoryPolicy/flags: MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES exclude "
		          "each other" },
		{ POLICY("\"mode\": \"MPOL_PREFERRED\", \"flags\": [\"MPOL_F_STATIC_NODES\"]"),
		  .want = "fatal /linux/memoryPolicy/flags: MPOL_F_STATIC_NODES says how to read nodes, and there are "
		          "none" },
		{ POLICY("\"mode\": \"MPOL_INTERLEAVE\", \"nodes\": \"0\", \"flags\": [\"MPOL_F_NUMA_BALANCING\"]"),
		  .want = "fatal /linux/memoryPolicy/flags: MPOL_F_NUMA_BALANCING is for MPOL_BIND and" },
	};

	(void)state;
	CHECK_CASES(t);
}

static void test_personality(void **state)
{
	static const struct check_case t[] = {
		{ .linux_ = "\"personality\": {\"domain\": \"LINUX32\", \"flags\": []}" },
		{ .linux_ = "\"personality\": {\"domain\": \"BSD\"}",
		  .want = "fatal /linux/personality/domain: " },
		{ .linux_ =
		          "\"personality\": {\"domain\": \"LINUX\", \"flags\": [\"ADDR_NO_RANDOMIZE\"]}",
		  .want = "fatal /linux/personality/flags: the specification has no flags of a personality yet: "
		          "\"ADDR_NO_RANDOMIZE\"" },
	};

	(void)state;
	CHECK_CASES(t);
}

static void test_labels(void **state)
{
	static const struct check_case t[] = {
		{ .add = "\"apparmorProfile\": \"\", \"selinuxLabel\": \"\"" },
		{ .add = "\"apparmorProfile\": \"unconfined\"" },
		{ .add = "\"apparmorProfile\": \"a\"", .facts = "apparmor=1" },
		{ .add = "\"selinuxLabel\": \"u:r:t:s0\"", .facts = "selinux=1" },
		{ .add = "\"apparmorProfile\": \"a\"",
		  .facts = "selinux=1",
		  .want = "fatal /process/apparmorProfile: apparmor: config provided but apparmor not supported: "
		          "there is no `/proc/self/attr/apparmor/exec`" },
		{ .add = "\"selinuxLabel\": \"u:r:t:s0\"",
		  .facts = "apparmor=1",
		  .want = "fatal /process/selinuxLabel: selinux label is specified in config, but selinux is disabled "
		          "or not supported" },
		{ .add = "\"apparmorProfile\": \"a\\nb\"",
		  .facts = "apparmor=1",
		  .want = "fatal /process/apparmorProfile: \"a?b\" is not a profile" },
		{ .add = "\"selinuxLabel\": \"a\\nb\"",
		  .facts = "selinux=1",
		  .want = "fatal /process/selinuxLabel: \"a?b\" is not a label" },
	};

	(void)state;
	CHECK_CASES(t);
}

#define KEEP .top = "\"annotations\": {\"run.oci.keep_original_groups\": \"1\"}"
#define GROUPS                                                                                     \
	"{\"user\": {\"uid\": 0, \"gid\": 0, \"additionalGids\": [7]}, \"cwd\": \"/\", \"args\": [\"sh\"]}"
#define USERNS "{\"type\": \"mount\"}, {\"type\": \"user\", \"path\": \"/x\"}"

static void test_kept_groups(void **state)
{
	static const struct check_case t[] = {
		{ KEEP, .facts = "euid=1000\ncap_sys_admin=0\ncap_setid=0", .ns = USERNS },
		{ KEEP, .facts = "in_userns=1" },
		{ .top = "\"annotations\": {\"run.oci.keep_original_groups\": \"0\"}" },
		{ KEEP,
		  .want = "warn /annotations/run.oci.keep_original_groups: root's groups are not kept" },
		{ KEEP, .process = GROUPS, .facts = "in_userns=1",
		  .want = "warn /process/user/additionalGids: additionalGids are not set: the groups of the caller are "
		          "kept" },
	};

	(void)state;
	CHECK_CASES(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scheduler),     cmocka_unit_test(test_io_priority),
		cmocka_unit_test(test_memory_policy), cmocka_unit_test(test_personality),
		cmocka_unit_test(test_labels),        cmocka_unit_test(test_kept_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
