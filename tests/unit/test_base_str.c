/* base/str: numbers are parsed strictly, text is never written beyond its buffer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/str.h"
#include <errno.h>
#include <string.h>

static void test_u64(void **state)
{
	static const struct {
		const char *text;
		uint64_t max;
		int rc;
		uint64_t v;
	} t[] = {
		{ "0", 10, 0, 0 },
		{ "10", 10, 0, 10 },
		{ "11", 10, -ERANGE, 0 },
		{ "18446744073709551615", UINT64_MAX, 0, UINT64_MAX },
		{ "18446744073709551616", UINT64_MAX, -ERANGE, 0 },
		{ "99999999999999999999999", UINT64_MAX, -ERANGE, 0 },
		{ "99999999999999999999999x", UINT64_MAX, -EINVAL, 0 },
		{ "", 10, -EINVAL, 0 },
		{ NULL, 10, -EINVAL, 0 },
		{ "00", 10, -EINVAL, 0 },
		{ "01", 10, -EINVAL, 0 },
		{ "-1", 10, -EINVAL, 0 },
		{ "+1", 10, -EINVAL, 0 },
		{ " 1", 10, -EINVAL, 0 },
		{ "1 ", 10, -EINVAL, 0 },
		{ "1\n", 10, -EINVAL, 0 },
		{ "0x1", 10, -EINVAL, 0 },
		{ "1e1", 10, -EINVAL, 0 },
		{ "\xd9\xa1", 10, -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		uint64_t v = 77;

		assert_int_equal(str_u64(t[i].text, t[i].max, &v), t[i].rc);
		assert_true(v == (t[i].rc ? 77 : t[i].v));
	}
}

static void test_i64(void **state)
{
	static const struct {
		const char *text;
		int64_t min, max;
		int rc;
		int64_t v;
	} t[] = {
		{ "-1", -1, 1, 0, -1 },
		{ "-2", -1, 1, -ERANGE, 0 },
		{ "2", -1, 1, -ERANGE, 0 },
		{ "-9223372036854775808", INT64_MIN, INT64_MAX, 0, INT64_MIN },
		{ "-9223372036854775809", INT64_MIN, INT64_MAX, -ERANGE, 0 },
		{ "9223372036854775807", INT64_MIN, INT64_MAX, 0, INT64_MAX },
		{ "9223372036854775808", INT64_MIN, INT64_MAX, -ERANGE, 0 },
		{ "-0", -1, 1, -EINVAL, 0 },
		{ "-", -1, 1, -EINVAL, 0 },
		{ "--1", -1, 1, -EINVAL, 0 },
		{ NULL, -1, 1, -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		int64_t v = 77;

		assert_int_equal(str_i64(t[i].text, t[i].min, t[i].max, &v), t[i].rc);
		assert_true(v == (t[i].rc ? 77 : t[i].v));
	}
}

static void test_id(void **state)
{
	uint32_t v = 0;

	(void)state;
	assert_int_equal(str_id("4294967294", &v), 0);
	assert_int_equal(v, 4294967294u);
	assert_int_equal(str_id("4294967295", &v), -ERANGE);
	assert_int_equal(str_id("4294967296", &v), -ERANGE);
	assert_int_equal(str_id("-1", &v), -EINVAL);
	assert_int_equal(str_id("", &v), -EINVAL);
}

static void test_octal(void **state)
{
	uint32_t v = 0;

	(void)state;
	assert_int_equal(str_octal("0750", 07777, &v), 0);
	assert_int_equal(v, 0750);
	assert_int_equal(str_octal("22", 0777, &v), 0);
	assert_int_equal(v, 022);
	assert_int_equal(str_octal("1000", 0777, &v), -ERANGE);
	assert_int_equal(str_octal("08", 0777, &v), -EINVAL);
	assert_int_equal(str_octal("", 0777, &v), -EINVAL);
}

static void test_ends(void **state)
{
	(void)state;
	assert_true(str_starts("abc", "ab"));
	assert_false(str_starts("a", "ab"));
	assert_true(str_starts("a", ""));
	assert_true(str_ends("a.scope", ".scope"));
	assert_false(str_ends("scope", ".scope"));
	assert_true(str_empty(NULL));
}

static void test_add(void **state)
{
	char buf[8] = "";

	(void)state;
	assert_true(str_add(buf, sizeof buf, "%d", 1234));
	assert_true(str_add(buf, sizeof buf, "%s", "567"));
	assert_string_equal(buf, "1234567");
	assert_false(str_add(buf, sizeof buf, "8"));
	assert_string_equal(buf, "1234567");
}

static void test_list(void **state)
{
	(void)state;
	assert_true(str_listed("cpu io memory", ' ', "cpu"));
	assert_true(str_listed("cpu io memory", ' ', "io"));
	assert_true(str_listed("cpu io memory", ' ', "memory"));
	assert_true(str_listed("cpu,cpuacct", ',', "cpuacct"));
	assert_false(str_listed("cpuset cpuacct", ' ', "cpu"));
	assert_false(str_listed("cpu io", ' ', "cpu io m"));
	assert_false(str_listed("cpu,cpuacct", ' ', "cpu"));
	assert_false(str_listed("", ' ', "cpu"));
	assert_false(str_listed(NULL, ' ', "cpu"));
}

static void test_base64(void **state)
{
	static const struct {
		const char *text;
		ssize_t n;
		const char *bytes;
	} t[] = {
		{ "", 0, "" },
		{ "Zg==", 1, "f" },
		{ "Zm8=", 2, "fo" },
		{ "Zm9v", 3, "foo" },
		{ "Zm9vYmFy", 6, "foobar" },
		{ "//79/A==", 4, "\xff\xfe\xfd\xfc" },
		{ "+/+/", 3, "\xfb\xff\xbf" },
		{ "Zm9vYmFyYQ==", -E2BIG, "" },
		{ "Z", -EINVAL, "" },
		{ "Zg", -EINVAL, "" },
		{ "Zg=", -EINVAL, "" },
		{ "Z===", -EINVAL, "" },
		{ "====", -EINVAL, "" },
		{ "=", -EINVAL, "" },
		{ "Zh==", -EINVAL, "" },
		{ "Zm9=", -EINVAL, "" },
		{ "Zg==Zg==", -EINVAL, "" },
		{ "Zm 9", -EINVAL, "" },
		{ "Zm9v\n", -EINVAL, "" },
		{ "Zm9_", -EINVAL, "" },
		{ "Zm\xc3\xa4", -EINVAL, "" },
	};
	uint8_t out[6];

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		assert_int_equal(str_base64(t[i].text, NULL, sizeof out), t[i].n);
		assert_int_equal(str_base64(t[i].text, out, sizeof out), t[i].n);
		if (t[i].n > 0)
			assert_memory_equal(out, t[i].bytes, (size_t)t[i].n);
	}
}

/* Only a whole component climbs. */
static void climbs(void **state)
{
	(void)state;
	static const char *const up[] = {
		"..", "../a", "/..", "/a/../b", "a/..", "/../", "a/..b/.."
	};
	static const char *const stays[] = { "",    "/",       "a",    "/a/b", "..a",
		                             "a..", "/a..b/c", "/...", "." };

	for (size_t i = 0; i < sizeof up / sizeof *up; i++)
		assert_true(str_climbs(up[i]));
	for (size_t i = 0; i < sizeof stays / sizeof *stays; i++)
		assert_false(str_climbs(stays[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(climbs),      cmocka_unit_test(test_u64),
		cmocka_unit_test(test_i64),    cmocka_unit_test(test_id),
		cmocka_unit_test(test_octal),  cmocka_unit_test(test_ends),
		cmocka_unit_test(test_add),    cmocka_unit_test(test_list),
		cmocka_unit_test(test_base64),
	};

	return cmocka_run_group_tests_name("base/str", tests, NULL, NULL);
}
