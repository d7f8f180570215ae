/* base/engine_texts: the kernel's texts are those that engines look for, in whatever language the caller speaks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/engine_texts.h"
#include "base/err.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static void test_errnos(void **state)
{
	static const struct {
		int num;
		const char *text;
	} t[] = {
		{ ESRCH, TEXT_ESRCH },   { EACCES, TEXT_EACCES }, { EPERM, TEXT_EPERM },
		{ EISDIR, TEXT_EISDIR }, { ENOENT, TEXT_ENOENT }, { ENOTDIR, TEXT_ENOTDIR },
	};
	char buf[64];

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		assert_string_equal(err_text(t[i].num, buf, sizeof buf), t[i].text);
}

/* A long path gives way, not what the engine looks for. */
static void test_not_cut(void **state)
{
	struct err e = { 0 };
	char path[500];

	(void)state;
	memset(path, 'a', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	err_sys(&e, ERR_HOST, EACCES, "open %s", path);
	assert_non_null(strstr(e.what, TEXT_EACCES));
}

/* Those with a hole in them, as engines see them. */
static void test_filled(void **state)
{
	char buf[200];

	(void)state;
	snprintf(buf, sizeof buf, TEXT_EXEC TEXT_NOT_IN_PATH, "foo");
	assert_string_equal(buf, "exec: \"foo\": executable file not found in $PATH");
	snprintf(buf, sizeof buf, TEXT_EXEC TEXT_STAT TEXT_ENOENT, "/foo", "/foo");
	assert_string_equal(buf, "exec: \"/foo\": stat /foo: no such file or directory");
	snprintf(buf, sizeof buf, TEXT_NOT_STOPPED, "c1", "running");
	assert_string_equal(buf, "cannot delete container c1 that is not stopped: running");
	snprintf(buf, sizeof buf, TEXT_LABEL, "attr/exec");
	assert_string_equal(buf, "write to `/proc/self/attr/exec`");
}

/* What no command of this build provokes in a test: exec's. */
static void test_exec(void **state)
{
	(void)state;
	assert_string_equal(TEXT_EXEC_STOPPED, "cannot exec in a stopped container");
	assert_string_equal(TEXT_EXEC_PAUSED, "cannot exec in a paused container (use "
	                                      "--ignore-paused to override)");
	assert_string_equal(TEXT_EXEC_FAILED, "exec failed: ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errnos),
		cmocka_unit_test(test_not_cut),
		cmocka_unit_test(test_filled),
		cmocka_unit_test(test_exec),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
