/* base/idrange: every range of the text form, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/idrange.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The ranges as "u0>1000+1", with '@' before those that are relative. */
static int read_all(const char *text, char *out, size_t n)
{
	struct idrange r = { 0 };
	int rc;

	*out = '\0';
	while ((rc = idrange_next(&text, &r)) > 0)
		snprintf(out + strlen(out), n - strlen(out), "%s%c%u>%u+%u ", r.relative ? "@" : "",
		         r.gid ? 'g' : 'u', r.first, r.second, r.size);
	return rc;
}

static void test_right(void **state)
{
	static const struct {
		const char *text, *want;
	} t[] = {
		{ "uids=0-1000-1;gids=0-2000-10", "u0>1000+1 g0>2000+10 " },
		{ "gids=0-2000-10;uids=0-1000-1", "g0>2000+10 u0>1000+1 " },
		{ "uids=0-1-1#10-11-10#30-5-1;gids=0-0-1", "u0>1+1 u10>11+10 u30>5+1 g0>0+1 " },
		{ "uids=@1-3-10#0-0-1;gids=@0-1-1", "@u1>3+10 u0>0+1 @g0>1+1 " },
		{ "uids=0-0-1;", "u0>0+1 " },
		{ "uids=0-0-4294967294;gids=4294967294-0-1", "u0>0+4294967294 g4294967294>0+1 " },
	};
	char got[200];

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		assert_int_equal(read_all(t[i].text, got, sizeof got), 0);
		assert_string_equal(got, t[i].want);
	}
}

static void test_wrong(void **state)
{
	static const char *const t[] = { "",
		                         ";",
		                         "uids=",
		                         "uids",
		                         "0-1-1",
		                         "uids=0-1",
		                         "uids=0-1-1-1",
		                         "uids=0--1",
		                         "uids=0-1-1#",
		                         "uids=0-1-1,gids=0-1-1",
		                         "uids=0-1-1;;gids=0-1-1",
		                         "uids=0-1-0",
		                         "uids=+0-1-1",
		                         "uids=0-1- 1",
		                         "uids=@@0-1-1",
		                         "uids=0-4294967295-1",
		                         "uids=0-4294967290-10",
		                         "uids=99999999999-0-1",
		                         "names=0-1-1" };
	char got[200];

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		assert_int_equal(read_all(t[i], got, sizeof got), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_right),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests_name("base/idrange", tests, NULL, NULL);
}
