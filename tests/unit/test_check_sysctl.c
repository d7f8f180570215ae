/* check/sysctl: which sysctls belong to the container. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "check_case.h"

#define SET(key)    .linux_ = "\"sysctl\": {\"" key "\": \"1\"}"
#define WITH(which) .ns = "{\"type\": \"mount\"}, {\"type\": \"" which "\"}"
#define P           "fatal /linux/sysctl/"

static void test_sysctl(void **state)
{
	static const struct check_case t[] = {
		{ SET("net.ipv4.ip_forward"), WITH("network") },
		{ SET("net/ipv4/conf/eth0.100/forwarding"), WITH("network") },
		{ SET("net.ipv4.conf.eth0/100.forwarding"), WITH("network") },
		{ SET("kernel.sem"), WITH("ipc") },
		{ SET("kernel/shm_rmid_forced"), WITH("ipc") },
		{ SET("fs.mqueue.msg_max"), WITH("ipc") },
		{ SET("kernel.domainname"), WITH("uts") },
		{ SET("user.max_pid_namespaces"),
		  .ns = "{\"type\": \"mount\"}, {\"type\": \"user\", \"path\": \"/x\"}" },
		{ SET("net.ipv4.ip_forward"),
		  .want = P
		  "net.ipv4.ip_forward: sysctl \"net.ipv4.ip_forward\" not allowed in host network namespace" },
		{ SET("net/ipv4/ip_forward"),
		  .want = P
		  "net~1ipv4~1ip_forward: sysctl \"net/ipv4/ip_forward\" not allowed in host network namespace" },
		{ SET("kernel.msgmax"),
		  .want = P
		  "kernel.msgmax: sysctl \"kernel.msgmax\" is not allowed in the hosts ipc namespace" },
		{ SET("fs.mqueue.msg_max"),
		  .want = P
		  "fs.mqueue.msg_max: sysctl \"fs.mqueue.msg_max\" is not allowed in the hosts ipc namespace" },
		{ SET("kernel.domainname"),
		  .want = P
		  "kernel.domainname: sysctl \"kernel.domainname\" is not allowed in the hosts UTS namespace" },
		{ SET("kernel.hostname"), WITH("uts"),
		  .want = P
		  "kernel.hostname: sysctl \"kernel.hostname\" is not allowed as it conflicts with the OCI "
		  "\"hostname\" field -- use \"hostname\"" },
		{ SET("user.max_pid_namespaces"),
		  .want = P
		  "user.max_pid_namespaces: setting ucounts without a user namespace not allowed: "
		  "user.max_pid_namespaces" },
		{ SET("vm.swappiness"),
		  .want = P
		  "vm.swappiness: sysctl \"vm.swappiness\" is not in a separate kernel namespace" },
		{ SET("kernel.core_pattern"), WITH("ipc"),
		  .want = P "kernel.core_pattern: sysctl \"kernel.core_pattern\" is not in" },
	};

	(void)state;
	CHECK_CASES(t);
}

static void test_names(void **state)
{
	static const struct check_case t[] = {
		{ SET(""), WITH("network"), .want = P ": \"\" is not the name of a sysctl" },
		{ SET("net..x"), WITH("network"), .want = P "net..x: \"net..x\" is not the name" },
		{ SET("net/../kernel/panic"), WITH("network"),
		  .want = P "net~1..~1kernel~1panic: \"net/../kernel/panic\" is not" },
		{ SET("net.x./../y"), WITH("network"),
		  .want = P "net.x.~1..~1y: \"net.x./../y\" is not" },
		{ SET("/net/x"), WITH("network"), .want = P "~1net~1x: \"/net/x\" is not" },
		{ SET("net.x."), WITH("network"), .want = P "net.x.: \"net.x.\" is not" },
		{ SET("net.a b"), WITH("network"), .want = P "net.a b: \"net.a b\" is not" },
		{ .linux_ = "\"sysctl\": {\"net.x\": \"1\\n2\"}",
		  WITH("network"),
		  .want = P "net.x: the value of \"net.x\" contains a line break" },
	};

	(void)state;
	CHECK_CASES(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sysctl),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
