/* check/namespaces, check/idmap, check/user: namespaces, id maps and the ids of the process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "check_case.h"
#include <stdio.h>

#define MOUNT          "{\"type\": \"mount\"}"
#define USER           MOUNT ", {\"type\": \"user\"}"
#define MAP(c, h, n)   "{\"containerID\": " #c ", \"hostID\": " #h ", \"size\": " #n "}"
#define BOTH(uid, gid) "\"uidMappings\": [" uid "], \"gidMappings\": [" gid "]"
#define PLAIN          BOTH(MAP(0, 100000, 65536), MAP(0, 100000, 65536))
#define ORDINARY       "preset=user-v2\n"

static void test_right(void **state)
{
	static const struct check_case t[] = {
		{ .ns = USER, .linux_ = PLAIN },
		{ .ns = USER,
		  .linux_ = BOTH(MAP(0, 1, 1) "," MAP(1, 2, 4294967293), MAP(0, 0, 4294967295)) },
		{ .ns = MOUNT ", {\"type\": \"user\", \"path\": \"/proc/1/ns/user\"}" },
		{ .ns = MOUNT
		  ", {\"type\": \"time\"}, {\"type\": \"cgroup\"}, {\"type\": \"ipc\"}, {\"type\": \"pid\"},"
		  "{\"type\": \"network\", \"path\": \"\"}" },
		{ .facts = ORDINARY, .ns = USER, .linux_ = BOTH(MAP(0, 1000, 1), MAP(0, 1000, 1)) },
		{ .facts = ORDINARY "newuidmap=/usr/bin/newuidmap\nnewgidmap=/usr/bin/newgidmap\n",
		  .ns = USER,
		  .linux_ = PLAIN },
	};

	(void)state;
	CHECK_CASES(t);
}

static void test_namespaces(void **state)
{
	static const struct check_case t[] = {
		{ .ns = MOUNT
		  ", {\"type\": \"pid\"}, {\"type\": \"pid\", \"path\": \"/proc/1/ns/pid\"}",
		  .want = "fatal /linux/namespaces/2/type: the pid namespace is listed twice" },
		{ .ns = MOUNT ", {\"type\": \"ipc\", \"path\": \"proc/1/ns/ipc\"}",
		  .want = "fatal /linux/namespaces/1/path: \"proc/1/ns/ipc\" is not an absolute path" },
		{ .ns = "",
		  .want = "warn /linux/namespaces: without a mount namespace the container can see the host's "
		          "mounts, and with CAP_SYS_ADMIN change them -- add {\"type\": \"mount\"} to "
		          "linux.namespaces" },
		{ .no_linux = "", .want = "warn /linux: without a mount namespace" },
		{ .ns = "{\"type\": \"user\"}",
		  .linux_ = PLAIN,
		  .want = "fatal /linux/namespaces: a container with a user namespace cannot be in the host's "
		          "mount namespace" },
		{ .facts = ORDINARY,
		  .opts = { .lifecycle = true },
		  .want = "fatal /linux/namespaces: an ordinary user cannot make a container "
		          "without a user namespace -- add a user namespace and id mappings, as "
		          "\"nsrun spec --rootless\" writes them" },
		{ .ns = USER,
		  .linux_ = PLAIN,
		  .facts = "namespaces=mount pid",
		  .want = "fatal /linux/namespaces/1/type: user namespaces aren't enabled in the kernel" },
		{ .ns = MOUNT ", {\"type\": \"cgroup\"}, {\"type\": \"time\"}",
		  .facts = "namespaces=mount pid",
		  .want = "fatal /linux/namespaces/1/type: cgroup namespaces aren't enabled in the kernel\n"
		          "fatal /linux/namespaces/2/type: time namespaces aren't enabled in the kernel" },
	};

	(void)state;
	CHECK_CASES(t);
}

static void test_maps(void **state)
{
	static const struct check_case t[] = {
		{ .ns = USER,
		  .want = "fatal /linux/uidMappings: user namespaces enabled, but no namespace path to join "
		          "nor mappings to apply specified" },
		{ .linux_ = PLAIN,
		  .want = "fatal /linux/uidMappings: user namespace mappings specified, but user "
		          "namespace isn't enabled in the config" },
		{ .ns = MOUNT ", {\"type\": \"user\", \"path\": \"/proc/1/ns/user\"}",
		  .linux_ = PLAIN,
		  .want = "warn /linux/uidMappings: the mappings are ignored" },
		{ .ns = USER,
		  .linux_ = "\"uidMappings\": [" MAP(0, 1, 1) "]",
		  .want = "fatal /linux/gidMappings: the user namespace has no gid mapping" },
		{ .ns = USER,
		  .linux_ = "\"gidMappings\": [" MAP(0, 1, 1) "]",
		  .want = "fatal /linux/uidMappings: the user namespace has no uid mapping" },
		{ .ns = USER,
		  .linux_ = BOTH(MAP(0, 0, 1) "," MAP(5, 5, 0), MAP(0, 0, 1)),
		  .want = "fatal /linux/uidMappings/1/size: the size of the mapping is 0" },
		{ .ns = USER,
		  .linux_ = BOTH(MAP(0, 2, 4294967295), MAP(0, 0, 1)),
		  .want = "fatal /linux/uidMappings/0: the host's ids end beyond 4294967294" },
		{ .ns = USER,
		  .linux_ = BOTH(MAP(0, 0, 1) "," MAP(4294967295, 5, 1), MAP(0, 0, 1)),
		  .want = "fatal /linux/uidMappings/1: the container's ids end beyond 4294967294" },
		{ .ns = USER,
		  .linux_ = BOTH(MAP(0, 0, 1), MAP(0, 0, 10) "," MAP(9, 100, 10)),
		  .want = "fatal /linux/gidMappings/1/containerID: the container's ids overlap those of mapping 0" },
		{ .ns = USER,
		  .linux_ = BOTH(MAP(0, 0, 10) "," MAP(10, 9, 10), MAP(0, 0, 1)),
		  .want = "fatal /linux/uidMappings/1/hostID: the host's ids overlap those of mapping 0" },
		{ .ns = USER,
		  .linux_ = BOTH(MAP(1, 0, 1), MAP(0, 0, 1)),
		  .process = "",
		  .want = "fatal /linux/uidMappings: uid 0 of the container is not mapped -- map containerID 0" },
		{ .ns = USER,
		  .linux_ = BOTH("{\"containerID\": 0}", MAP(0, 0, 1)),
		  .want = "fatal /linux/uidMappings/0: \"hostID\" is missing\n"
		          "fatal /linux/uidMappings/0: \"size\" is missing" },
		{ .facts = ORDINARY,
		  .ns = USER,
		  .linux_ = PLAIN,
		  .want = "fatal /linux/uidMappings: an ordinary user needs newuidmap to map more than the own uid -- "
		          "install the package uidmap, or map only hostID 1000 with size 1\n"
		          "fatal /linux/gidMappings: an ordinary user needs newgidmap to map more than the own gid" },
		{ .facts = ORDINARY,
		  .ns = USER,
		  .linux_ = BOTH(MAP(0, 1000, 1), MAP(0, 0, 1)),
		  .want = "fatal /linux/gidMappings: an ordinary user needs newgidmap" },
	};

	(void)state;
	CHECK_CASES(t);
}

/* 341 mappings of one id each. */
static void test_many_maps(void **state)
{
	static char text[64 * 1024];
	size_t n = 0;

	(void)state;
	for (unsigned i = 0; i <= 340; i++)
		n += (size_t)snprintf(
			text + n, sizeof text - n,
			"%s{\"containerID\": %u, \"hostID\": %u, \"size\": 1}",
			i ? ", " : "\"gidMappings\": [" MAP(0, 0, 1) "], \"uidMappings\": [", i, i);
	snprintf(text + n, sizeof text - n, "]");
	const struct check_case t[] = {
		{ .ns = USER,
		  .linux_ = text,
		  .want = "fatal /linux/uidMappings: there are 341 uid mappings, the kernel takes 340" },
	};
	CHECK_CASES(t);
}

#define PROCESS(user) "{\"args\": [\"sh\"], \"cwd\": \"/\"" user "}"

static void test_user(void **state)
{
	static const struct check_case t[] = {
		{ .process = PROCESS(
			  ", \"user\": {\"uid\": 4294967294, \"gid\": 4294967294, \"umask\": 511,"
			  "\"additionalGids\": [1, 4294967294]}") },
		{ .process = PROCESS(""), .want = "warn /process/user: \"user\" is missing" },
		{ .process = PROCESS(", \"user\": {\"uid\": 4294967295, \"gid\": 0}"),
		  .want = "fatal /process/user/uid: uid 4294967295 is no id, the last one is 4294967294" },
		{ .process = PROCESS(", \"user\": {\"uid\": 0, \"gid\": 4294967295}"),
		  .want = "fatal /process/user/gid: gid 4294967295 is no id" },
		{ .process = PROCESS(
			  ", \"user\": {\"uid\": 0, \"gid\": 0, \"additionalGids\": [5, 4294967295]}"),
		  .want = "fatal /process/user/additionalGids/1: gid 4294967295 is no id" },
		{ .process = PROCESS(", \"user\": {\"uid\": 0, \"gid\": 0, \"umask\": 512}"),
		  .want = "fatal /process/user/umask: umask is 512, expected 0 to 511" },
		{ .process = PROCESS(
			  ", \"user\": {\"uid\": 65536, \"gid\": 70000, \"additionalGids\": [65535, 65536]}"),
		  .ns = USER,
		  .linux_ = PLAIN,
		  .want = "fatal /process/user/uid: uid 65536 is not mapped into the user namespace -- add it to "
		          "linux.uidMappings\n"
		          "fatal /process/user/gid: gid 70000 is not mapped into the user namespace -- add it to "
		          "linux.gidMappings\n"
		          "fatal /process/user/additionalGids/1: gid 65536 is not mapped" },
		{ .process =
		          PROCESS(", \"user\": {\"uid\": 0, \"gid\": 0, \"additionalGids\": [0]}"),
		  .facts = ORDINARY,
		  .ns = USER,
		  .linux_ = BOTH(MAP(0, 1000, 1), MAP(0, 1000, 1)),
		  .want = "fatal /process/user/additionalGids: additional groups cannot be set: setgroups is denied" },
		{ .process =
		          PROCESS(", \"user\": {\"uid\": 0, \"gid\": 0, \"additionalGids\": [0]}"),
		  .facts = "setgroups_denied=1",
		  .want = "fatal /process/user/additionalGids: additional groups cannot be set" },
	};

	(void)state;
	CHECK_CASES(t);
}

static void test_time_offsets(void **state)
{
	static const struct check_case t[] = {
		{ .linux_ = "\"timeOffsets\": {}" },
		{ .linux_ = "\"timeOffsets\": {\"boottime\": {\"secs\": 1}}",
		  .want = "fatal /linux/timeOffsets: time namespace offsets specified, but time namespace isn't "
		          "enabled in the config" },
		{ .linux_ = "\"timeOffsets\": {\"boottime\": {\"secs\": 1}}",
		  .ns = MOUNT ", {\"type\": \"time\", \"path\": \"/proc/1/ns/time\"}",
		  .want = "fatal /linux/timeOffsets: time namespace enabled, but both namespace path and time offsets "
		          "specified -- you may only provide one" },
		{ .linux_ = "\"timeOffsets\": {\"monotonic\": {\"nanosecs\": 1000000000}}",
		  .ns = MOUNT ", {\"type\": \"time\"}",
		  .want = "fatal /linux/timeOffsets/monotonic/nanosecs: nanosecs is 1000000000, expected 0 to "
		          "999999999" },
		{ .linux_ =
		          "\"timeOffsets\": {\"monotonic\": {\"secs\": -5, \"nanosecs\": 999999999}}",
		  .ns = MOUNT ", {\"type\": \"time\"}" },
		{ .linux_ = "\"timeOffsets\": {\"boottime\": {\"secs\": 4611686019}}",
		  .ns = MOUNT ", {\"type\": \"time\"}",
		  .want = "fatal /linux/timeOffsets/boottime/secs: secs is 4611686019, expected -4611686018 to "
		          "4611686018 -- use fewer seconds" },
		{ .linux_ = "\"timeOffsets\": {\"boottime\": {\"secs\": -9223372036854775808}}",
		  .ns = MOUNT ", {\"type\": \"time\"}",
		  .want = "fatal /linux/timeOffsets/boottime/secs: secs is -9223372036854775808" },
	};

	(void)state;
	CHECK_CASES(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_right), cmocka_unit_test(test_namespaces),
		cmocka_unit_test(test_maps),  cmocka_unit_test(test_many_maps),
		cmocka_unit_test(test_user),  cmocka_unit_test(test_time_offsets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
