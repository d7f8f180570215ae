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

#define UNUSED  "fatal " P "listenerPath: listenerPath is given, but no rule has SCMP_ACT_NOTIFY"
#define NOTIFY  "\"action\": \"SCMP_ACT_NOTIFY\""
#define SIXTEEN "0123456789abcdef"

static void test_listener(void **state)
{
	static const struct check_case t[] = {
		{ S("\"defaultAction\": \"SCMP_ACT_NOTIFY\", \"listenerPath\": \"/s\""),
		  .want = "fatal " P
		          "defaultAction: SCMP_ACT_NOTIFY cannot be the default action" },
		{ RULE("\"names\": [\"mount\", \"write\"], " NOTIFY),
		  .want = "fatal " P
		          "syscalls/0/names/1: SCMP_ACT_NOTIFY cannot be used for the write syscall\n"
		          "fatal " P
		          "listenerPath: SCMP_ACT_NOTIFY is used, but there is no listenerPath" },
		{ S("\"defaultAction\": \"SCMP_ACT_ALLOW\", \"listenerMetadata\": \"x\""),
		  .want = "fatal " P
		          "listenerMetadata: listenerMetadata is given, but there is no listenerPath" },
		{ S("\"defaultAction\": \"SCMP_ACT_ALLOW\", \"listenerPath\": \"s\""),
		  .want = "fatal " P "listenerPath: \"s\" is not an absolute path\n" UNUSED },
		{ S("\"defaultAction\": \"SCMP_ACT_ALLOW\", \"listenerPath\": \"/" SIXTEEN SIXTEEN
		            SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN "\""),
		  .want = "fatal " P
		          "listenerPath: the path of the socket is longer than 107 bytes\n" UNUSED },
		{ S("\"defaultAction\": \"SCMP_ACT_ALLOW\", \"flags\": [\"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV\"]"),
		  .want = "fatal " P
		          "flags/0: SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV needs a rule with SCMP_ACT_NOTIFY" },
	};

	(void)state;
	CHECK_CASES(t);
}

#define ALLOW   S("\"defaultAction\": \"SCMP_ACT_ALLOW\"")
#define NOTE(v) .top = "\"annotations\": {\"run.oci.seccomp" v "}"
#define A       "/annotations/run.oci.seccomp"

static void test_annotations(void **state)
{
	static const struct check_case t[] = {
		{ RULE(NAMES ", " NOTIFY), NOTE(".receiver\": \"/s\"") },
		{ ALLOW, NOTE(".receiver\": \"/s\""),
		  .want = "fatal " A ".receiver: the annotation run.oci.seccomp.receiver is given, "
		          "but no rule has SCMP_ACT_NOTIFY" },
		{ RULE(NAMES ", " NOTIFY), NOTE(".receiver\": \"s\""),
		  .want = "fatal " A ".receiver: \"s\" is not an absolute path" },
		{ NOTE(".receiver\": \"/s\""),
		  .want = "warn " A
		          ".receiver: the annotation run.oci.seccomp.receiver has no meaning without a filter" },
		{ NOTE(".plugins\": \"a.so\""),
		  .want = "fatal " A
		          ".plugins: the annotation run.oci.seccomp.plugins is not supported" },
		{ NOTE("_fail_unknown_syscall\": \"1\"") },
		{ NOTE("_bpf_data\": \"BgAAAAAA/38=\"") },
		{ ALLOW, NOTE("_bpf_data\": \"BgAAAAAA/38=\""), .facts = "seccomp=0" },
		{ RULE(NAMES ", " ERRNO), NOTE("_bpf_data\": \"BgAAAAAA/38=\""),
		  .want = "warn " P
		          "syscalls: the rules are not used: the annotation run.oci.seccomp_bpf_data takes "
		          "their place" },
		{ NOTE("_bpf_data\": \"BgAAAAAA_38=\""),
		  .want = "fatal " A
		          "_bpf_data: the annotation run.oci.seccomp_bpf_data is not base64" },
		{ NOTE("_bpf_data\": \"\""),
		  .want = "fatal " A
		          "_bpf_data: the program in run.oci.seccomp_bpf_data is empty" },
		{ NOTE("_bpf_data\": \"BgAAAAAA\""),
		  .want = "fatal " A
		          "_bpf_data: the program in run.oci.seccomp_bpf_data has 6 bytes, expected a "
		          "multiple of 8" },
	};

	(void)state;
	CHECK_CASES(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_listener),
		cmocka_unit_test(test_annotations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
