/* check/later: what this version does not do is refused; what is empty is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "check_case.h"

#define NOT(what) what " is not supported by this version of nsrun -- remove it"

static void test_empty(void **state)
{
	static const struct check_case t[] = {
		{ .add = "\"apparmorProfile\": \"\", \"selinuxLabel\": \"\"" },
		{ .linux_ =
		          "\"mountLabel\": \"\", \"timeOffsets\": {}, \"intelRdt\": {}, \"netDevices\": {},"
		          "\"resources\": {\"rdma\": {}, \"memory\": {}, \"cpu\": {}, \"blockIO\": {}, \"unified\": {}},"
		          "\"maskedPaths\": [], \"devices\": [], \"sysctl\": {}, \"uidMappings\": []" },
		{ .top = "\"hooks\": {}, \"annotations\": {}, \"windows\": {\"x\": 1}" },
	};

	(void)state;
	CHECK_CASES(t);
}

static void test_refused(void **state)
{
	static const struct check_case t[] = {
		{ .add = "\"scheduler\": {\"policy\": \"SCHED_OTHER\"}, \"ioPriority\": {\"class\": \"IOPRIO_CLASS_BE\"},"
		         "\"apparmorProfile\": \"x\", \"selinuxLabel\": \"x\"",
		  .want = "fatal /process/scheduler: " NOT(
			  "scheduler") "\n"
		                       "fatal /process/ioPriority: " NOT(
					       "ioPriority") "\n"
		                                             "fatal /process/apparmorProfile: " NOT(
								     "apparmorProfile") "\n"
		                                                                        "fatal /process/selinuxLabel: " NOT(
												"selinuxLabel") },
		{ .linux_ =
		          "\"memoryPolicy\": {\"mode\": \"MPOL_LOCAL\"}, \"personality\": {\"domain\": \"LINUX\"},"
		          "\"mountLabel\": \"x\", \"intelRdt\": {\"closID\": \"x\"}, \"netDevices\": {\"eth0\": {}}",
		  .want = "fatal /linux/memoryPolicy: " NOT(
			  "memoryPolicy") "\n"
		                          "fatal /linux/personality: " NOT(
						  "personality") "\n"
		                                                 "fatal /linux/mountLabel: " NOT(
									 "mountLabel") "\n"
		                                                                       "fatal /linux/intelRdt: " NOT(
											       "intelRdt") "\n"
		                                                                                           "fatal /linux/netDevices: " NOT(
														   "netDevices") },
		{ .ns = "{\"type\": \"mount\"}, {\"type\": \"time\"}",
		  .linux_ = "\"timeOffsets\": {\"monotonic\": {\"secs\": 5}}",
		  .want = "fatal /linux/timeOffsets: " NOT("timeOffsets") },
		{ .linux_ =
		          "\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\", \"listenerPath\": \"/s\"}",
		  .want = "fatal /linux/seccomp: " NOT("a seccomp listener") },
		{ .mounts = "{\"destination\": \"/t\", \"type\": \"bind\", \"source\": \"/s\","
		            "\"uidMappings\": [{\"containerID\": 0, \"hostID\": 0, \"size\": 1}],"
		            "\"gidMappings\": [{\"containerID\": 0, \"hostID\": 0, \"size\": 1}]}",
		  .want = "fatal /mounts/0: " NOT("an id-mapped mount") },
	};

	(void)state;
	CHECK_CASES(t);
}

static void test_rdt(void **state)
{
	static const struct check_case t[] = {
		{ .linux_ = "\"intelRdt\": {\"enableMonitoring\": false}" },
		{ .linux_ = "\"intelRdt\": {\"schemata\": [\"x\"]}",
		  .want = "fatal /linux/intelRdt: " },
		{ .linux_ = "\"intelRdt\": {\"l3CacheSchema\": \"x\"}",
		  .want = "fatal /linux/intelRdt: " },
		{ .linux_ = "\"intelRdt\": {\"memBwSchema\": \"x\"}",
		  .want = "fatal /linux/intelRdt: " },
		{ .linux_ = "\"intelRdt\": {\"enableMonitoring\": true}",
		  .want = "fatal /linux/intelRdt: " },
	};

	(void)state;
	CHECK_CASES(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_rdt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
