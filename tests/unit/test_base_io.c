/* base/io: small files, kernel files, replacing at once, loading input that may be anything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/fd.h"
#include "base/io.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int dir = -1;

static int setup(void **state)
{
	static char path[] = "/tmp/nsrun-io-XXXXXX";

	*state = mkdtemp(path);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	static const char *const names[] = { "f", "link", "fifo", "empty", ".f.tmp", "dir" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (unlinkat(dir, names[i], 0) < 0)
			unlinkat(dir, names[i], AT_REMOVEDIR);
	fd_close(&dir);
	return rmdir(*state);
}

static void test_replace(void **state)
{
	char buf[16];
	struct stat st;

	(void)state;
	mode_t mask = umask(077);
	assert_int_equal(io_replace(dir, "f", "hello", 5, 0644), 0);
	umask(mask);
	assert_int_equal(io_read_small(dir, "f", buf, sizeof buf), 5);
	assert_string_equal(buf, "hello");
	assert_int_equal(fstatat(dir, "f", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	/* A longer temporary file of a killed process does not show through. */
	assert_int_equal(io_replace(dir, ".f.tmp", "longer than it", 14, 0600), 0);
	assert_int_equal(io_replace(dir, "f", "bye", 3, 0600), 0);
	assert_int_equal(io_read_small(dir, "f", buf, sizeof buf), 3);
	assert_string_equal(buf, "bye");
	assert_int_equal(faccessat(dir, ".f.tmp", F_OK, 0), -1);
	assert_int_equal(io_replace(dir, "../x", "", 0, 0600), -EINVAL);
	assert_int_equal(mkdirat(dir, "dir", 0700), 0);
	assert_int_equal(io_replace(dir, "dir", "x", 1, 0600), -EISDIR);
	assert_int_equal(faccessat(dir, ".dir.tmp", F_OK, 0), -1);
}

static void test_read_small(void **state)
{
	char buf[5];

	(void)state;
	assert_int_equal(io_replace(dir, "f", "1234", 4, 0600), 0);
	assert_int_equal(io_read_small(dir, "f", buf, sizeof buf), 4);
	assert_int_equal(io_replace(dir, "f", "12345", 5, 0600), 0);
	assert_int_equal(io_read_small(dir, "f", buf, sizeof buf), -EFBIG);
	assert_int_equal(io_read_small(dir, "none", buf, sizeof buf), -ENOENT);
	assert_int_equal(symlinkat("f", dir, "link"), 0);
	assert_int_equal(io_read_small(dir, "link", buf, sizeof buf), -ELOOP);
	assert_int_equal(mkfifoat(dir, "fifo", 0600), 0);
	assert_int_equal(io_read_small(dir, "fifo", buf, sizeof buf), 0); /* does not hang */
	assert_int_equal(io_write_kernel(dir, "none", "x", 1), -ENOENT);
	assert_int_equal(io_write_kernel(dir, "link", "x", 1), -ELOOP);
	assert_int_equal(io_write_kernel(dir, "f", "abc", 3), 0);
	autofd f = openat(dir, "f", O_RDONLY | O_CLOEXEC);
	char six[6];
	assert_int_equal(io_read_small(f, "", six, sizeof six), 5);
	assert_string_equal(six, "abc45");
}

static void test_load(void **state)
{
	const char *text = NULL;
	size_t len = 7;

	(void)state;
	assert_int_equal(io_replace(dir, "f", "{\"a\":1}", 7, 0600), 0);
	assert_int_equal(io_load(dir, "f", 7, &text, &len), 0);
	assert_int_equal(len, 7);
	assert_memory_equal(text, "{\"a\":1}", 7);
	assert_int_equal(io_load(dir, "f", 6, &text, &len), -EFBIG);
	assert_int_equal(io_load(dir, "link", 7, &text, &len), 0);
	assert_int_equal(io_load(dir, "fifo", 7, &text, &len), -ENOTSUP);
	assert_int_equal(io_load(dir, "dir", 7, &text, &len), -ENOTSUP);
	assert_int_equal(io_load(dir, "none", 7, &text, &len), -ENOENT);
	assert_int_equal(io_load(AT_FDCWD, "/dev/zero", 7, &text, &len), -ENOTSUP);
	assert_int_equal(io_replace(dir, "empty", "", 0, 0600), 0);
	assert_int_equal(io_load(dir, "empty", 7, &text, &len), 0);
	assert_int_equal(len, 0);
	assert_string_equal(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replace),
		cmocka_unit_test(test_read_small),
		cmocka_unit_test(test_load),
	};

	return cmocka_run_group_tests_name("base/io", tests, setup, teardown);
}
