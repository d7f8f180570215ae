/* base/human: durations there, sizes back. */
#include "base/human.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define S UINT64_C(1000000000)

static void durations(void **state)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} good[] = {
		{ "5", 5 * S },
		{ "0", 0 },
		{ "5s", 5 * S },
		{ "0s", 0 },
		{ "100ms", S / 10 },
		{ "1m30s", 90 * S },
		{ "2h45m", 9900 * S },
		{ "1.5h", 5400 * S },
		{ ".5s", S / 2 },
		{ "1.s", S },
		{ "3us", 3000 },
		{ "3\xc2\xb5s", 3000 },
		{ "3\xce\xbcs", 3000 },
		{ "7ns", 7 },
		{ "1.0000000019s", S + 1 },
		{ "9223372036854775807ns", INT64_MAX },
		{ "9223372036", 9223372036 * S },
	};
	static const struct {
		const char *text;
		int rc;
	} bad[] = {
		{ "", -EINVAL },
		{ "s", -EINVAL },
		{ ".s", -EINVAL },
		{ "-5s", -EINVAL },
		{ "-5", -EINVAL },
		{ "+5s", -EINVAL },
		{ "5 s", -EINVAL },
		{ "5s ", -EINVAL },
		{ "5d", -EINVAL },
		{ "1.5", -EINVAL },
		{ "5s3", -EINVAL },
		{ "1.5.5s", -EINVAL },
		{ "1e3s", -EINVAL },
		{ "99999999999", -ERANGE },
		{ "9223372036854775808ns", -ERANGE },
		{ "99999999999999999999s", -ERANGE },
		{ "2562048h", -ERANGE },
		{ "2562047h2562047h2562047h", -ERANGE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		uint64_t ns = 42;

		if (human_duration(good[i].text, &ns) != 0 || ns != good[i].ns)
			fail_msg("%s is %llu", good[i].text, (unsigned long long)ns);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		uint64_t ns = 42;
		int rc = human_duration(bad[i].text, &ns);

		if (rc != bad[i].rc || ns != 42)
			fail_msg("%s: %d", bad[i].text, rc);
	}
}

static void sizes(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{ 0, "0 B" },
		{ 1023, "1023 B" },
		{ 1024, "1 KiB" },
		{ 1024 * 1024 - 1, "1023.9 KiB" },
		{ 12897484, "12.2 MiB" },
		{ UINT64_C(3) << 39, "1.5 TiB" },
		{ UINT64_C(1) << 50, "1 PiB" },
		{ UINT64_MAX, "15.9 EiB" },
	};
	char buf[HUMAN_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(human_size(buf, cases[i].bytes), cases[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations),
		cmocka_unit_test(sizes),
	};

	return cmocka_run_group_tests_name("base_human", tests, NULL, NULL);
}
