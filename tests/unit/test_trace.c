/* cmd/trace: the two documents. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cmd/trace.h"
#include <string.h>

static struct arena arena;

#define MS UINT64_C(1000000)

static const struct trace_event events[] = {
	{ "read", "", "", "host", 10, 0, 5 * MS, 6 * MS },
	{ "clone", "prepare", "/linux", "host", 10, 1, 6 * MS, 8 * MS },
	{ "mount \"x\"", "rootfs", "/mounts/0", "init", 11, 2, 8 * MS, 8 * MS + 500 },
	/* It never told that it ended. */
	{ "exec", "start", "/process", "init", 11, 3, 9 * MS, 0 },
	/* A minute later, of which nobody wants to see the bar. */
	{ "removed", "", "", "host", 10, 0, 60009 * MS, 60010 * MS },
};
#define N (sizeof events / sizeof *events)

static void test_json(void **state)
{
	static const char want[] =
		"{\"displayTimeUnit\":\"ms\",\"traceEvents\":["
		"{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":10,\"tid\":10,\"args\":{\"name\":"
		"\"host: nsrun run\"}},"
		"{\"name\":\"read\",\"cat\":\"command\",\"ph\":\"X\",\"ts\":0.000,\"dur\":1000.000,"
		"\"pid\":10,\"tid\":10},"
		"{\"name\":\"clone\",\"cat\":\"prepare\",\"ph\":\"X\",\"ts\":1000.000,\"dur\":2000.000,"
		"\"pid\":10,\"tid\":10,\"args\":{\"step\":1,\"why\":\"/linux\"}},"
		"{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":11,\"tid\":11,\"args\":{\"name\":"
		"\"init\"}},"
		"{\"name\":\"mount \\\"x\\\"\",\"cat\":\"rootfs\",\"ph\":\"X\",\"ts\":3000.000,\"dur\":"
		"0.500,\"pid\":11,\"tid\":11,\"args\":{\"step\":2,\"why\":\"/mounts/0\"}},"
		"{\"name\":\"exec\",\"cat\":\"start\",\"ph\":\"X\",\"ts\":4000.000,\"dur\":0.000,"
		"\"pid\":11,\"tid\":11,\"args\":{\"step\":3,\"why\":\"/process\"}},"
		"{\"name\":\"removed\",\"cat\":\"command\",\"ph\":\"X\",\"ts\":60004000.000,\"dur\":"
		"1000.000,\"pid\":10,\"tid\":10}]}\n";
	const char *out;

	(void)state;
	trace_json(events, N, "run", &arena, &out);
	assert_string_equal(out, want);
	trace_json(events, 0, "run", &arena, &out);
	assert_string_equal(out, "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[]}\n");
}

static void test_text(void **state)
{
	const char *out, *line;

	(void)state;
	trace_text(events, N, &arena, &out);
	/* 4 ms, the pause as 1 ms, 1 ms: the bars are of 6 ms. */
	line = strstr(out, "2 mount");
	assert_non_null(line);
	assert_non_null(strstr(out, "|#######                                 | read\n"));
	assert_non_null(strstr(out, "|      ##############                    | 1 clone\n"));
	assert_non_null(
		strstr(out, "  init start    |                          .             | 3 exec"));
	assert_non_null(strstr(out, "     5.000      1.000  host -        |"));
	/* Nothing happened at all, or at one moment. */
	trace_text(events, 0, &arena, &out);
	assert_null(strchr(out, '|'));
	trace_text(events + 3, 1, &arena, &out);
	assert_non_null(strstr(out, "|.  "));
}

static int teardown(void **state)
{
	(void)state;
	arena_done(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_json),
		                            cmocka_unit_test(test_text) };

	return cmocka_run_group_tests_name("cmd/trace", tests, NULL, teardown);
}
