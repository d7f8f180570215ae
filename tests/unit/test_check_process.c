/* check/process, check/capabilities: the program, its terminal and its limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "check_case.h"

#define PROCESS(members) "{\"user\": {\"uid\": 0, \"gid\": 0}, " members "}"

static void test_right(void **state)
{
	static const struct check_case t[] = {
		{ .add = "\"env\": [\"A=\", \"B=b=c\"]" },
		{ .add = "\"terminal\": false, \"consoleSize\": {\"height\": 99999, \"width\": 1}" },
		{ .add = "\"terminal\": true, \"consoleSize\": {\"height\": 65535, \"width\": 1}" },
		{ .add = "\"oomScoreAdj\": -1000" },
		{ .add = "\"oomScoreAdj\": 1000", .facts = "cap_sys_admin=1" },
		{ .add = "\"execCPUAffinity\": {\"initial\": \"0-3,7\", \"final\": \"0\"}" },
		{ .add = "\"rlimits\": [{\"type\": \"RLIMIT_NOFILE\", \"soft\": 1, \"hard\": 1},"
		         "{\"type\": \"RLIMIT_RTTIME\", \"soft\": 0, \"hard\": 18446744073709551615}]" },
	};

	(void)state;
	CHECK_CASES(t);
}

static void test_program(void **state)
{
	static const struct check_case t[] = {
		{ .process = PROCESS("\"cwd\": \"/\""),
		  .want = "fatal /process/args: process.args is empty" },
		{ .process = PROCESS("\"cwd\": \"/\", \"args\": []"),
		  .want = "fatal /process/args: process.args is empty" },
		{ .process = PROCESS("\"cwd\": \"/\", \"args\": [\"\", \"x\"]"),
		  .want = "fatal /process/args/0: executable path is empty" },
		{ .process = PROCESS("\"cwd\": \"/\", \"args\": [1]"),
		  .want = "fatal /process/args/0: item 0 of \"args\" is a number, expected a string" },
		{ .process = PROCESS("\"cwd\": \"\", \"args\": [\"sh\"]"),
		  .want = "fatal /process/cwd: the path is empty -- write it from /" },
		{ .process = PROCESS("\"cwd\": \"home\", \"args\": [\"sh\"]"),
		  .want = "fatal /process/cwd: \"home\" is not an absolute path -- write it from /" },
		{ .process = PROCESS("\"args\": [\"sh\"]"),
		  .want = "fatal /process: \"cwd\" is missing" },
		{ .add = "\"env\": [\"A=1\", \"PATH\", \"=x\", \"\"]",
		  .want = "fatal /process/env/1: \"PATH\" is not an environment variable -- write it as NAME=value\n"
		          "fatal /process/env/2: \"=x\" is not an environment variable\n"
		          "fatal /process/env/3: \"\" is not an environment variable" },
		{ .add = "\"execCPUAffinity\": {\"initial\": \"3-1\"}",
		  .want = "fatal /process/execCPUAffinity/initial: \"3-1\" is not a list of numbers" },
	};

	(void)state;
	CHECK_CASES(t);
}

#define TTY "\"terminal\": true"
#define NO_ALLOCATE                                                                                \
	"fatal /process/terminal: cannot allocate tty if nsrun will detach without setting console socket"
#define NO_SOCKET                                                                                  \
	"fatal /process/terminal: cannot use console socket if nsrun will not detach or allocate tty"

static void test_terminal(void **state)
{
	static const struct check_case t[] = {
		{ .add = TTY, .opts = { .lifecycle = true } },
		{ .add = TTY,
		  .opts = { .lifecycle = true, .detach = true, .console_socket = true } },
		{ .opts = { .lifecycle = true, .detach = true } },
		{ .add = TTY, .opts = { .detach = true } },
		{ .add = TTY, .opts = { .lifecycle = true, .detach = true }, .want = NO_ALLOCATE },
		{ .add = TTY,
		  .opts = { .lifecycle = true, .console_socket = true },
		  .want = NO_SOCKET },
		{ .opts = { .lifecycle = true, .detach = true, .console_socket = true },
		  .want = NO_SOCKET },
		{ .add = TTY ", \"consoleSize\": {\"height\": 1, \"width\": 65536}",
		  .want = "fatal /process/consoleSize: a terminal has at most 65535 rows and columns" },
	};

	(void)state;
	CHECK_CASES(t);
}

static void test_limits(void **state)
{
	static const struct check_case t[] = {
		{ .add = "\"rlimits\": [{\"type\": \"RLIMIT_NOFILES\", \"soft\": 1, \"hard\": 1}]",
		  .want = "fatal /process/rlimits/0/type: \"RLIMIT_NOFILES\" is not a resource limit -- did you mean "
		          "\"RLIMIT_NOFILE\"?" },
		{ .add = "\"rlimits\": [{\"type\": \"files\", \"soft\": 1, \"hard\": 1}]",
		  .want = "fatal /process/rlimits/0/type: \"files\" is not a resource limit -- see getrlimit(2)" },
		{ .add = "\"rlimits\": [{\"type\": \"RLIMIT_CPU\", \"soft\": 1, \"hard\": 1},"
		         "{\"type\": \"RLIMIT_CPU\", \"soft\": 1, \"hard\": 1}]",
		  .want = "fatal /process/rlimits/1/type: RLIMIT_CPU is listed twice" },
		{ .add = "\"rlimits\": [{\"type\": \"RLIMIT_CPU\", \"soft\": 2, \"hard\": 1}]",
		  .want = "fatal /process/rlimits/0/soft: the soft limit 2 is above the hard limit 1" },
		{ .add = "\"rlimits\": [{\"type\": \"RLIMIT_CPU\", \"soft\": 2}]",
		  .want = "fatal /process/rlimits/0: \"hard\" is missing" },
		{ .add = "\"oomScoreAdj\": 1001",
		  .want = "fatal /process/oomScoreAdj: oomScoreAdj is 1001, expected -1000 to 1000" },
		{ .add = "\"oomScoreAdj\": -1001",
		  .want = "fatal /process/oomScoreAdj: oomScoreAdj is -1001, expected -1000 to 1000" },
		{ .add = "\"oomScoreAdj\": -1",
		  .facts = "cap_sys_admin=0",
		  .ns = "{\"type\": \"mount\"}, {\"type\": \"user\", \"path\": \"/x\"}",
		  .want = "warn /process/oomScoreAdj: an ordinary user may not lower oom_score_adj" },
	};

	(void)state;
	CHECK_CASES(t);
}

#define CAPS(sets) .add = "\"capabilities\": {" sets "}"

static void test_capabilities(void **state)
{
	static const struct check_case t[] = {
		{ CAPS("") },
		{ CAPS("\"bounding\": [\"CAP_KILL\"], \"permitted\": [\"CAP_KILL\"], \"effective\": [\"CAP_KILL\"],"
		       "\"inheritable\": [\"CAP_KILL\"], \"ambient\": [\"CAP_KILL\", \"CAP_KILL\"]") },
		{ CAPS("\"bounding\": [\"CAP_KIL\", \"NET_RAW\", \"cap_chown\", \"x\", \"CAP_KILL\"]"),
		  .want = "warn /process/capabilities/bounding/0: \"CAP_KIL\" is not a capability: it is not granted -- did you mean "
		          "\"CAP_KILL\"?\n"
		          "warn /process/capabilities/bounding/1: \"NET_RAW\" is not a capability\n"
		          "warn /process/capabilities/bounding/2: \"cap_chown\" is not a capability: it is not granted -- did you mean "
		          "\"CAP_CHOWN\"?\n"
		          "warn /process/capabilities/bounding/3: \"x\" is not a capability: it is not granted -- see capabilities(7)" },
		{ CAPS("\"permitted\": [\"CAP_BPF\"], \"effective\": [\"CAP_BPF\"]"),
		  .facts = "last_cap=38",
		  .want = "warn /process/capabilities/permitted/0: this kernel does not have CAP_BPF: it is not "
		          "granted\n"
		          "warn /process/capabilities/effective/0: this kernel does not have CAP_BPF" },
		{ CAPS("\"permitted\": [\"CAP_KILL\"], \"effective\": [\"CAP_KILL\", \"CAP_CHOWN\"]"),
		  .want = "fatal /process/capabilities/effective/1: CAP_CHOWN is effective, but not permitted" },
		{ CAPS("\"permitted\": [\"CAP_KILL\"], \"ambient\": [\"CAP_KILL\"]"),
		  .want = "warn /process/capabilities/ambient/0: CAP_KILL is ambient, but not permitted and "
		          "inheritable: it is not granted" },
		{ CAPS("\"inheritable\": [\"CAP_KILL\"], \"ambient\": [\"CAP_KILL\"]"),
		  .want = "warn /process/capabilities/ambient/0: CAP_KILL is ambient" },
	};

	(void)state;
	CHECK_CASES(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_right),        cmocka_unit_test(test_program),
		cmocka_unit_test(test_terminal),     cmocka_unit_test(test_limits),
		cmocka_unit_test(test_capabilities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
