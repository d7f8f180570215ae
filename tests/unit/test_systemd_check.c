/* test_systemd_check: cgroupsPath as a unit, and the annotations that systemd gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "check_case.h"

#define UNIT(path) .linux_ = "\"cgroupsPath\": \"" path "\"", .opts = { .systemd = true }
#define X50        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define AT_PATH    "fatal /linux/cgroupsPath: "

static void test_unit(void **state)
{
	static const struct check_case t[] = {
		{ UNIT(":p:" X50 X50 X50 X50 X50 ""),
		  .want = AT_PATH "the unit name of 258 bytes is longer than 255" },
		{ UNIT(":" X50 X50 X50 X50 ":" X50 "xxx"),
		  .want = AT_PATH "the unit name of 260 bytes" },
		{ UNIT("::" X50 X50 X50 X50 X50), .want = AT_PATH "the unit name of 256 bytes" },
		{ UNIT("::x") },
		{ UNIT(":p:a b"), .want = AT_PATH "systemd takes no \" \" in the name of a unit" },
		{ UNIT(":p:a\u00e9"), .want = AT_PATH "systemd takes no \"\xc3\xa9\" in the name" },
		{ UNIT(":p:a+b"), .want = AT_PATH "systemd takes no \"+\" in the name of a unit" },
		{ UNIT(":p:a.slice"),
		  .want = AT_PATH "\"a.slice\" is a slice, and only a scope can" },
		{ UNIT(":p:a@"), .want = AT_PATH "\"p-a@.scope\" is the name of a template" },
		{ UNIT("::@a"), .want = AT_PATH "\"@a.scope\" is the name of a template" },
		{ UNIT("a:p:c"), .want = AT_PATH "\"a\" is not the name of a slice" },
		{ UNIT(".slice:p:c"), .want = AT_PATH "\".slice\" is not the name of a slice" },
		{ UNIT("-a.slice:p:c"), .want = AT_PATH "\"-a.slice\" is not the name of a slice" },
		{ UNIT("a-.slice:p:c"), .want = AT_PATH "\"a-.slice\" is not the name of a slice" },
		{ UNIT("a--b.slice:p:c"),
		  .want = AT_PATH "\"a--b.slice\" is not the name of a slice" },
		{ UNIT("a@b.slice:p:c"),
		  .want = AT_PATH "\"a@b.slice\" is not the name of a slice" },
	};

	(void)state;
	CHECK_CASES(t);
}

#define ANN(key, value)                                                                            \
	.top = "\"annotations\": {\"" key "\": \"" value "\"}", .opts = { .systemd = true }
#define PROP    "org.systemd.property."
#define AT_PROP "fatal /annotations/" PROP

static void test_annotations(void **state)
{
	static const struct check_case t[] = {
		{ ANN(PROP "KillSignal", "15") },
		{ ANN("com.example", "") },
		{ ANN("run.oci.systemd.subgroup", "") },
		{ ANN("run.oci.systemd.subgroup", "payload") },
		{ .top = "\"annotations\": {\"" PROP "x\": \"\"}" },
		{ ANN(PROP "ab", "1"),
		  .want = AT_PROP "ab: annotation \"" PROP "ab\" names no property" },
		{ ANN(PROP "a_b_c", "1"), .want = AT_PROP "a_b_c: annotation" },
		{ ANN(PROP "KillSignal", ""),
		  .want = AT_PROP "KillSignal: annotation \"" PROP "KillSignal\" has no value" },
		{ ANN(PROP "Slice", "'a.slice'"),
		  .want = AT_PROP "Slice: the property Slice of a container" },
		{ ANN("run.oci.systemd.subgroup", "a/b"),
		  .want = "fatal /annotations/run.oci.systemd.subgroup: annotation run.oci.systemd.subgroup: \"a/b\" is not" },
		{ ANN("run.oci.systemd.subgroup", ".."),
		  .want = "fatal /annotations/run.oci.systemd.subgroup: annotation" },
		{ ANN("run.oci.systemd.subgroup", "cgroup.procs"),
		  .want = "fatal /annotations/run.oci.systemd.subgroup: annotation" },
	};

	(void)state;
	CHECK_CASES(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unit),
		cmocka_unit_test(test_annotations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
