/* check/top: ociVersion, root, names, annotations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "check_case.h"

static void test_right(void **state)
{
	static const struct check_case t[] = {
		{ .want = NULL },
		{ .process = "" },
		{ .version = "\"1.0.2-dev\"" },
		{ .version = "\"1.2.0-rc.1+build.5\"" },
		{ .root = "{\"path\": \"rootfs\", \"readonly\": true}" },
		{ .top = "\"hostname\": \"\", \"domainname\": \"\"" },
		{ .top = "\"hostname\": \"h\", \"domainname\": \"d.example\"",
		  .ns = "{\"type\": \"mount\"}, {\"type\": \"uts\"}" },
		{ .top = "\"annotations\": {\"com.example\": \"\"}" },
	};

	(void)state;
	CHECK_CASES(t);
}

static void test_version(void **state)
{
	static const struct check_case t[] = {
		{ .version = "\"1\"",
		  .want = "fatal /ociVersion: ociVersion \"1\" is not a semantic version" },
		{ .version = "\"\"", .want = "fatal /ociVersion: ociVersion \"\" is not" },
		{ .version = "\"1.0\"", .want = "fatal /ociVersion: ociVersion \"1.0\" is not" },
		{ .version = "\"1.02.0\"",
		  .want = "fatal /ociVersion: ociVersion \"1.02.0\" is not" },
		{ .version = "\"1.0.0-\"",
		  .want = "fatal /ociVersion: ociVersion \"1.0.0-\" is not" },
		{ .version = "\"1.0.0.0\"",
		  .want = "fatal /ociVersion: ociVersion \"1.0.0.0\" is not" },
		{ .version = "\"v1.0.0\"",
		  .want = "fatal /ociVersion: ociVersion \"v1.0.0\" is not" },
		{ .version = "\"2.0.0\"",
		  .want = "fatal /ociVersion: ociVersion 2.0.0 is not supported, only version 1 is" },
		{ .version = "\"10.0.0\"",
		  .want = "fatal /ociVersion: ociVersion 10.0.0 is not supported" },
		/* decode has said it: no second finding */
		{ .version = "1",
		  .want = "fatal /ociVersion: \"ociVersion\" is a number, expected a string" },
	};

	(void)state;
	CHECK_CASES(t);
}

static void test_root(void **state)
{
	static const struct check_case t[] = {
		{ .root = "", .want = "fatal /root: \"root\" is missing -- add" },
		{ .root = "{\"path\": \"\"}", .want = "fatal /root/path: root.path is empty" },
		{ .root = "{}", .want = "fatal /root: \"path\" is missing" },
		{ .root = "\"rootfs\"",
		  .want = "fatal /root: \"root\" is a string, expected an object" },
	};

	(void)state;
	CHECK_CASES(t);
}

#define UTS "{\"type\": \"mount\"}, {\"type\": \"uts\"}"
#define TEN "1234567890"

static void test_names(void **state)
{
	static const struct check_case t[] = {
		{ .top = "\"hostname\": \"h\"",
		  .want = "fatal /hostname: unable to set hostname without a private UTS namespace -- add "
		          "{\"type\": \"uts\"} to linux.namespaces" },
		{ .top = "\"domainname\": \"d\"",
		  .want = "fatal /domainname: unable to set domainname without a private UTS namespace" },
		{ .top = "\"hostname\": \"" TEN TEN TEN TEN TEN TEN "12345\"",
		  .ns = UTS,
		  .want = "fatal /hostname: the hostname has 65 bytes, the kernel takes 64" },
		{ .top = "\"hostname\": \"a\\nb\"",
		  .ns = UTS,
		  .want = "fatal /hostname: the hostname contains a line break" },
		/* a namespace that decode refused may be the one */
		{ .top = "\"hostname\": \"h\"",
		  .ns = "{\"type\": \"mount\"}, {\"type\": \"utz\"}",
		  .want = "fatal /linux/namespaces/1/type: \"type\" is \"utz\", which is not a known value -- did "
		          "you mean \"uts\"?" },
		{ .top = "\"annotations\": {\"\": \"x\"}",
		  .want = "fatal /annotations/: the key of an annotation is empty" },
	};

	(void)state;
	CHECK_CASES(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_right),
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_root),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
