/* base/procfs: an own procfs that cannot be redirected. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/fd.h"
#include "base/io.h"
#include "base/procfs.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

static void test_open(void **state)
{
	char buf[32];
	autofd proc = procfs_open();

	(void)state;
	assert_true(proc >= 0);
	assert_int_equal(fcntl(proc, F_GETFD), FD_CLOEXEC);
	prctl(PR_SET_NAME, "a) R 1 (b");
	autofd comm = procfs_openat(proc, "self/comm", O_RDONLY);
	assert_true(comm >= 0);
	assert_int_equal(fcntl(comm, F_GETFD), FD_CLOEXEC);
	assert_true(io_read_small(comm, "", buf, sizeof buf) > 0);
	assert_string_equal(buf, "a) R 1 (b\n");
}

static void test_refused(void **state)
{
	static const struct {
		const char *path;
		int rc;
	} t[] = {
		{ "self/root/etc", -ELOOP }, { "self/exe", -ELOOP },      { "../etc", -EXDEV },
		{ "/etc", -EXDEV },          { "self/cwd/../x", -ELOOP }, { "nothing", -ENOENT },
	};
	autofd proc = procfs_open();

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		assert_int_equal(procfs_openat(proc, t[i].path, O_PATH), t[i].rc);
}

static void test_stat(void **state)
{
	autofd proc = procfs_open();
	uint64_t start = 0, again = 0;
	char letter = 0;

	(void)state;
	/* The name set above looks like fields. */
	assert_int_equal(procfs_stat(proc, getpid(), &start, &letter), 0);
	assert_int_equal(letter, 'R');
	assert_true(start > 0);
	assert_int_equal(procfs_stat(proc, getpid(), &again, &letter), 0);
	assert_true(start == again);
	assert_int_equal(procfs_stat(proc, 0x3fffffff, &start, &letter), -ESRCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_stat),
	};

	return cmocka_run_group_tests_name("base/procfs", tests, NULL, NULL);
}
