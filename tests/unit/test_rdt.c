/* apply/rdt: what counts as the same schemata. The text is the kernel's: padded with blanks and zeros. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "apply/rdt.h"

static const char text[] = "    MB:0=100;1=  90\n"
			   "L3CODE:0=fffff;1=003ff\n"
			   "    L3:0=00ff0;1=fffff;10=1\n";

static void test_match(void **state)
{
	static const struct {
		const char *wanted;
		bool same;
	} t[] = {
		{ "L3:0=ff0;1=fffff;10=1\n", true },
		{ "L3:10=1;0=00000FF0\n", true },
		{ "L3:1=fffff", true },
		{ "MB:1=90\nL3:0=ff0\n", true },
		{ "MB:0=100;1=90;\n", true },
		{ "L3CODE:1=3ff\n", true },
		{ "", true },
		{ "\n", true },
		{ "L3:0=ff\n", false },
		{ "L3:0=ff00\n", false },
		{ "L3:2=ff0\n", false },
		{ "L3:0=ff0;1=ffff\n", false },
		{ "MB:0=10\n", false },
		{ "MB:1=90\nL3:0=1\n", false },
		{ "L2:0=1\n", false },
		{ "L3DATA:0=1\n", false },
		{ "L:0=1\n", false },
		{ "L3:0\n", false },
		{ "L3:=1\n", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		if (rdt_schemata_match(text, t[i].wanted) != t[i].same)
			fail_msg("case %zu: \"%s\"", i, t[i].wanted);
	assert_false(rdt_schemata_match("", "L3:0=1\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
