/* check/seccomp: linux.seccomp. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "check_case.h"

#define S(v)    .linux_ = "\"seccomp\": {" v "}"
#define RULE(v) S("\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{" v "}]")
#define NAMES   "\"names\": [\"mount\"]"
#define ERRNO   "\"action\": \"SCMP_ACT_ERRNO\""
#define P       "/linux/seccomp/"
#define LATER   "fatal /linux/seccomp: a seccomp listener is not supported by this version of nsrun"

static void test_rules(void **state)
{
	static const struct check_case t[] = {
		{ S("\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 38, \"flags\": []") },
		{ RULE(NAMES
		       ", " ERRNO
		       ", \"errnoRet\": 4095, \"args\": [{\"index\": 5, \"value\": 1, \"valueTwo\": 2,"
		       "\"op\": \"SCMP_CMP_MASKED_EQ\"}]") },
		{ RULE(NAMES ", \"action\": \"SCMP_ACT_TRACE\", \"errnoRet\": 65535") },
		{ S("\"defaultAction\": \"SCMP_ACT_ALLOW\", \"flags\": [\"SECCOMP_FILTER_FLAG_LOG\","
		    "\"SECCOMP_FILTER_FLAG_LOG\"], \"listenerPath\": \"\"") },
		{ S("\"defaultAction\": \"SCMP_ACT_ALLOW\""), .facts = "seccomp=0",
		  .want = "fatal /linux/seccomp: this nsrun was built without seccomp" },
		{ S("\"defaultAction\": \"SCMP_ACT_ALLOW\", \"defaultErrnoRet\": 1"),
		  .want = "fatal " P
		          "defaultErrnoRet: defaultErrnoRet has no meaning for SCMP_ACT_ALLOW" },
		{ S("\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 4096"),
		  .want = "fatal " P
		          "defaultErrnoRet: defaultErrnoRet is 4096, expected 0 to 4095" },
		{ RULE(NAMES ", \"action\": \"SCMP_ACT_KILL\", \"errnoRet\": 0"),
		  .want = "fatal " P
		          "syscalls/0/errnoRet: errnoRet has no meaning for SCMP_ACT_KILL" },
		{ RULE(NAMES ", \"action\": \"SCMP_ACT_TRACE\", \"errnoRet\": 65536"),
		  .want = "fatal " P
		          "syscalls/0/errnoRet: errnoRet is 65536, expected 0 to 65535" },
		{ RULE("\"names\": [], " ERRNO),
		  .want = "fatal " P "syscalls/0/names: the rule names no system call" },
		{ RULE("\"names\": [\"\"], " ERRNO),
		  .want = "fatal " P "syscalls/0/names/0: the name of a system call is empty" },
		{ RULE(NAMES ", " ERRNO ", \"args\": [{\"index\": 6, \"value\": 1, \"valueTwo\": 2,"
		             "\"op\": \"SCMP_CMP_EQ\"}]"),
		  .want = "fatal " P "syscalls/0/args/0/index: index is 6, expected 0 to 5\n"
		          "warn " P
		          "syscalls/0/args/0/valueTwo: valueTwo has no meaning for SCMP_CMP_EQ" },
		{ S("\"syscalls\": []"),
		  .want = "fatal /linux/seccomp: \"defaultAction\" is missing" },
	};

	(void)state;
	CHECK_CASES(t);
}

#define NOTIFY  "\"action\": \"SCMP_ACT_NOTIFY\""
#define SIXTEEN "0123456789abcdef"

static void test_listener(void **state)
{
	static const struct check_case t[] = {
		{ S("\"defaultAction\": \"SCMP_ACT_NOTIFY\", \"listenerPath\": \"/s\""),
		  .want = "fatal " P
		          "defaultAction: SCMP_ACT_NOTIFY cannot be the default action\n" LATER },
		{ RULE("\"names\": [\"mount\", \"write\"], " NOTIFY),
		  .want = "fatal " P
		          "syscalls/0/names/1: SCMP_ACT_NOTIFY cannot be used for the write syscall\n"
		          "fatal " P
		          "listenerPath: SCMP_ACT_NOTIFY is used, but there is no listenerPath\n" LATER },
		{ S("\"defaultAction\": \"SCMP_ACT_ALLOW\", \"listenerMetadata\": \"x\""),
		  .want = "fatal " P
		          "listenerMetadata: listenerMetadata is given, but there is no listenerPath" },
		{ S("\"defaultAction\": \"SCMP_ACT_ALLOW\", \"listenerPath\": \"s\""),
		  .want = "fatal " P "listenerPath: \"s\" is not an absolute path\n" LATER },
		{ S("\"defaultAction\": \"SCMP_ACT_ALLOW\", \"listenerPath\": \"/" SIXTEEN SIXTEEN
		            SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN "\""),
		  .want = "fatal " P
		          "listenerPath: the path of the socket is longer than 107 bytes\n" LATER },
		{ S("\"defaultAction\": \"SCMP_ACT_ALLOW\", \"flags\": [\"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV\"]"),
		  .want = "fatal " P
		          "flags/0: SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV needs a rule with SCMP_ACT_NOTIFY" },
	};

	(void)state;
	CHECK_CASES(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_listener),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
