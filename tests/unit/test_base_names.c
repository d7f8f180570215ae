/* base/caps, base/rlimits, base/signals: names to numbers and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/caps.h"
#include "base/rlimits.h"
#include "base/signals.h"
#include <linux/capability.h>
#include <signal.h>
#include <sys/resource.h>

static void test_caps(void **state)
{
	(void)state;
	assert_non_null(cap_words()[0]);
	for (int i = 0; i <= CAP_CHECKPOINT_RESTORE; i++)
		assert_int_equal(cap_by_name(cap_name(i)), i);
	assert_string_equal(cap_name(CAP_NET_ADMIN), "CAP_NET_ADMIN");
	assert_null(cap_words()[CAP_CHECKPOINT_RESTORE + 1]);
	assert_null(cap_name(-1));
	assert_null(cap_name(CAP_CHECKPOINT_RESTORE + 1));
	assert_int_equal(cap_by_name("cap_kill"), -1);
	assert_int_equal(cap_by_name("KILL"), -1);
	assert_int_equal(cap_by_name(""), -1);
}

static void test_rlimits(void **state)
{
	(void)state;
	for (int i = 0; i < 16; i++)
		assert_int_equal(rlimit_by_name(rlimit_name(i)), i);
	assert_int_equal(rlimit_by_name("RLIMIT_NOFILE"), RLIMIT_NOFILE);
	assert_null(rlimit_name(16));
	assert_null(rlimit_words[16]);
	assert_int_equal(rlimit_by_name("NOFILE"), -1);
}

static void test_signals(void **state)
{
	static const struct {
		const char *text;
		int number;
	} t[] = {
		{ "TERM", SIGTERM },
		{ "SIGTERM", SIGTERM },
		{ "sigterm", SIGTERM },
		{ "15", 15 },
		{ "0", 0 },
		{ "64", 64 },
		{ "KILL", SIGKILL },
		{ "SIGCLD", SIGCHLD },
		{ "IOT", SIGABRT },
		{ "SIGRTMIN", 34 },
		{ "SIGRTMIN+3", 37 },
		{ "rtmin+30", 64 },
		{ "SIGRTMAX", 64 },
		{ "RTMAX-30", 34 },
		{ "SIGRTMAX-1", 63 },
		{ "", -1 },
		{ "65", -1 },
		{ "-1", -1 },
		{ "015", -1 },
		{ "SIG", -1 },
		{ "SIGSIGTERM", -1 },
		{ "TERMX", -1 },
		{ "SIGRTMIN-1", -1 },
		{ "SIGRTMIN+31", -1 },
		{ "SIGRTMAX+1", -1 },
		{ "SIGRTMIN+", -1 },
		{ "RTMAX-31", -1 },
		{ " TERM", -1 },
		{ "SIG15", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		assert_int_equal(signal_by_name(t[i].text), t[i].number);
	for (size_t i = 0; signal_words[i]; i++)
		assert_true(signal_by_name(signal_words[i]) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_caps),
		cmocka_unit_test(test_rlimits),
		cmocka_unit_test(test_signals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
