/* check/devices: linux.devices and the device rules of the cgroup. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "check_case.h"

#define DEVICES(v) .linux_ = "\"devices\": [" v "]"
#define RULES(v)   .linux_ = "\"resources\": {\"devices\": [" v "]}"

static void test_devices(void **state)
{
	static const struct check_case t[] = {
		{ DEVICES(
			"{\"type\": \"c\", \"path\": \"/dev/fuse\", \"major\": 10, \"minor\": 229, \"fileMode\": 438,"
			"\"uid\": 0, \"gid\": 4294967294}, {\"type\": \"p\", \"path\": \"/fifo\"}") },
		{ DEVICES("{\"type\": \"c\", \"path\": \"dev/x\", \"major\": 1, \"minor\": 3}"),
		  .want = "fatal /linux/devices/0/path: \"dev/x\" is not an absolute path" },
		{ DEVICES("{\"type\": \"b\", \"path\": \"/dev/x\"}"),
		  .want = "fatal /linux/devices/0: the device has no major number -- add \"major\"\n"
		          "fatal /linux/devices/0: the device has no minor number" },
		{ DEVICES("{\"type\": \"u\", \"path\": \"/dev/x\", \"major\": 4096, \"minor\": -1}"),
		  .want = "fatal /linux/devices/0/major: \"major\" is 4096, expected 0 to 4095\n"
		          "fatal /linux/devices/0/minor: \"minor\" is -1, expected 0 to 1048575" },
		{ DEVICES("{\"type\": \"p\", \"path\": \"/f\", \"fileMode\": 1023}"),
		  .want = "warn /linux/devices/0/fileMode: fileMode is 1023: what is beyond the permissions 0777 is ignored" },
		/* 020644: podman. */
		{ DEVICES("{\"type\": \"c\", \"path\": \"/f\", \"major\": 1, \"minor\": 3, \"fileMode\": 8612}"),
		  .want = "" },
		{ DEVICES("{\"type\": \"p\", \"path\": \"/f\"}, {\"type\": \"p\", \"path\": \"/a/../f\"}"),
		  .want = "warn /linux/devices/1/path: /f is listed twice" },
		{ DEVICES("{\"type\": \"c\", \"path\": \"/f\", \"major\": 1, \"minor\": 3},"
		          "{\"type\": \"c\", \"path\": \"/f\", \"major\": 1, \"minor\": 5}"),
		  .want = "fatal /linux/devices/1/path: /f is listed twice, as different devices" },
		{ DEVICES("{\"type\": \"p\", \"path\": \"/f\", \"uid\": 4294967295, \"gid\": 4294967295}"),
		  .want = "fatal /linux/devices/0/uid: uid 4294967295 is no id, the last one is 4294967294\n"
		          "fatal /linux/devices/0/gid: gid 4294967295 is no id" },
	};

	(void)state;
	CHECK_CASES(t);
}

static void test_rules(void **state)
{
	static const struct check_case t[] = {
		{ RULES("{\"allow\": false, \"access\": \"rwm\"},"
		        "{\"allow\": true, \"type\": \"c\", \"major\": -1, \"minor\": 3, \"access\": \"m\"},"
		        "{\"allow\": true, \"type\": \"a\", \"major\": -1, \"minor\": -1}") },
		{ RULES("{\"allow\": true, \"type\": \"c\", \"major\": -2, \"minor\": -3}"),
		  .want = "fatal /linux/resources/devices/0/major: major is -2, expected -1 or more\n"
		          "fatal /linux/resources/devices/0/minor: minor is -3, expected -1 or more" },
		{ RULES("{\"allow\": true, \"type\": \"c\", \"access\": \"rx\"}"),
		  .want = "fatal /linux/resources/devices/0/access: \"rx\" is not an access -- write some of the "
		          "letters r, w and m" },
		{ RULES("{\"allow\": true, \"type\": \"c\", \"access\": \"\"}"),
		  .want = "fatal /linux/resources/devices/0/access: \"\" is not an access" },
		{ RULES("{\"allow\": true, \"major\": 1, \"minor\": 3}"),
		  .want = "warn /linux/resources/devices/0: a rule for all types ignores the numbers of a device" },
		{ RULES("{\"allow\": false}"), .facts = "in_userns=1",
		  .want = "warn /linux/resources/devices: device rules need root on the host: they may not be applied" },
	};

	(void)state;
	CHECK_CASES(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_devices),
		cmocka_unit_test(test_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
