/* test_ocispec_nearest: which misspellings find which word. */
#include "libocispec-lite/schema.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
/* cmocka wants the above it. */
#include <cmocka.h>

static const char *const words[] = { "mount", "pid",      "network",       "uts",      "ipc",
	                             "user",  "hostname", "CAP_NET_ADMIN", "CAP_KILL", NULL };

static const struct {
	const char *word, *want;
} cases[] = {
	{ "netwrk", "network" },
	{ "Network", "network" },
	{ "newtork", "network" },
	{ "networks", "network" },
	{ "hostnme", "hostname" },
	{ "hsotname", "hostname" },
	{ "utc", "uts" },
	{ "ip", "ipc" },
	{ "PID", "pid" },
	{ "NET_ADMIN", "CAP_NET_ADMIN" },
	{ "cap_kill", "CAP_KILL" },
	{ "mount", "mount" },
	{ "", NULL },
	{ "x", NULL },
	{ "zzz", NULL },
	{ "net", NULL },
	{ "something else", NULL },
	{ "m\xc3\xb6unt", "mount" },
};

static void table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *got = oci_nearest(cases[i].word, words);

		if (cases[i].want ? !got || strcmp(got, cases[i].want) != 0 : got != NULL)
			fail_msg("\"%s\" finds \"%s\"", cases[i].word, got ? got : "nothing");
	}
}

static void long_words(void **state)
{
	char word[70];
	const char *const list[] = { word, "b", NULL };

	(void)state;
	memset(word, 'a', sizeof(word));
	word[64] = '\0';
	assert_ptr_equal(oci_nearest(word, list), word);
	word[64] = 'a';
	word[65] = '\0';
	assert_null(oci_nearest(word, list));
}

static void empty_list(void **state)
{
	const char *const none[] = { NULL };

	(void)state;
	assert_null(oci_nearest("pid", none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table),
		cmocka_unit_test(long_words),
		cmocka_unit_test(empty_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
