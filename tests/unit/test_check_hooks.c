/* check/hooks: the six lists of hooks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "check_case.h"

#define HOOK(list, v) .top = "\"hooks\": {\"" list "\": [{" v "}]}"

static void test_hooks(void **state)
{
	static const struct check_case t[] = {
		{ HOOK("createRuntime",
		       "\"path\": \"/bin/true\", \"args\": [\"true\"], \"env\": [\"A=1\"], \"timeout\": 1") },
		{ HOOK("prestart", "\"path\": \"bin/true\""),
		  .want = "fatal /hooks/prestart/0/path: \"bin/true\" is not an absolute path" },
		{ HOOK("createRuntime", "\"path\": \"\""),
		  .want = "fatal /hooks/createRuntime/0/path: the path is empty" },
		{ HOOK("createContainer", "\"path\": \"/x\", \"args\": [\"\"]"),
		  .want = "fatal /hooks/createContainer/0/args/0: args[0] of the hook is empty" },
		{ HOOK("startContainer", "\"path\": \"/x\", \"env\": [\"A\"]"),
		  .want = "fatal /hooks/startContainer/0/env/0: \"A\" is not an environment variable" },
		{ HOOK("poststart", "\"path\": \"x\""),
		  .want = "fatal /hooks/poststart/0/path: \"x\" is not" },
		{ HOOK("poststop", "\"path\": \"x\""),
		  .want = "fatal /hooks/poststop/0/path: \"x\" is not" },
		{ HOOK("poststop", "\"path\": \"/x\", \"timeout\": 0"),
		  .want = "fatal /hooks/poststop/0/timeout: \"timeout\" is 0, expected 1 to" },
		{ HOOK("poststop", "\"args\": []"),
		  .want = "fatal /hooks/poststop/0: \"path\" is missing" },
	};

	(void)state;
	CHECK_CASES(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hooks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
