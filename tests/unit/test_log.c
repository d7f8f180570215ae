/* cmd/log: one line for one error, valid whatever the texts hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cmd/log.h"
#include <stdio.h>
#include <string.h>

#define NOW "2026-08-19T10:11:12.000000001Z"

static void test_time(void **state)
{
	char buf[LOG_TIME];

	(void)state;
	assert_string_equal(log_time(buf, &(struct timespec){ 0, 7 }),
	                    "1970-01-01T00:00:00.000000007Z");
	assert_string_equal(log_time(buf, &(struct timespec){ 951782400, 999999999 }),
	                    "2000-02-29T00:00:00.999999999Z");
}

static void test_json(void **state)
{
	const struct err e = { ERR_STEP, 2, "mount: no such file", "config.json:4:2 /mounts/3",
		               "look" };
	char buf[4096];

	(void)state;
	log_line_json(buf, sizeof buf, &e, "create", NOW);
	assert_string_equal(buf, "{\"level\":\"error\",\"msg\":\"mount: no such file; at "
	                         "config.json:4:2 /mounts/3; hint: look\",\"time\":\"" NOW
	                         "\",\"code\":\"step\",\"stage\":\"create\",\"pointer\":"
	                         "\"/mounts/3\",\"errno\":2,\"hint\":\"look\"}");
}

static void test_json_without_place(void **state)
{
	const struct err e = { ERR_STATE, 0, "container not running", "", "" };
	char buf[4096];

	(void)state;
	log_line_json(buf, sizeof buf, &e, "kill", NOW);
	assert_string_equal(buf, "{\"level\":\"error\",\"msg\":\"container not running\",\"time\":"
	                         "\"" NOW "\",\"code\":\"state\",\"stage\":\"kill\"}");
}

/* Paths come from argv: quotes, control characters and what is no UTF-8 must not break the line. */
static void test_escapes(void **state)
{
	static const struct {
		const char *text, *json;
	} t[] = {
		{ "a\"b\\c", "a\\\"b\\\\c" },
		{ "a\nb\tc\x7f", "a\\nb\\tc\x7f" },
		{ "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
		{ "\xf0\x9f\x90\x8b", "\xf0\x9f\x90\x8b" },
		{ "\xff\xc3", "??" },
		{ "\xc0\xaf", "??" },      /* overlong */
		{ "\xed\xa0\x80", "???" }, /* surrogate */
		{ "\xf5\x80\x80\x80", "????" },
		{ "cut \xe2\x82", "cut ??" },
	};
	char buf[4096], want[256];

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct err e = { .kind = ERR_USAGE };

		snprintf(e.what, sizeof e.what, "%s", t[i].text);
		log_line_json(buf, sizeof buf, &e, "", NOW);
		snprintf(want, sizeof want,
		         "{\"level\":\"error\",\"msg\":\"%s\",\"time\":\"" NOW
		         "\",\"code\":\"usage\"}",
		         t[i].json);
		assert_string_equal(buf, want);
	}
}

static void test_text(void **state)
{
	const struct err e = { ERR_USAGE, 0, "unknown flag \"-x\"", "", "run help" };
	char buf[4096];

	(void)state;
	log_line_text(buf, sizeof buf, &e, NOW);
	assert_string_equal(buf,
	                    "time=\"" NOW "\" level=error msg=\"unknown flag \\\"-x\\\"; hint: "
	                    "run help\"");
}

/* The longest texts, all to be escaped: the line is still closed. */
static void test_longest(void **state)
{
	struct err e = { .kind = ERR_CONFIG, .num = 1 };
	char buf[8192];

	(void)state;
	memset(e.what, '\x01', sizeof e.what - 1);
	memset(e.where, '\x01', sizeof e.where - 1);
	memset(e.hint, '\x01', sizeof e.hint - 1);
	log_line_json(buf, sizeof buf, &e, "create", NOW);
	assert_string_equal(buf + strlen(buf) - 2, "\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_json_without_place),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_longest),
	};

	return cmocka_run_group_tests_name("cmd/log", tests, NULL, NULL);
}
