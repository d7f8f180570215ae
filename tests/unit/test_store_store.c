/* store/store: ids, the state root, claims and locks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/fd.h"
#include "store/store.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char top[64];

static int setup(void **state)
{
	(void)state;
	snprintf(top, sizeof top, "/tmp/test_store.XXXXXX");
	return mkdtemp(top) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	return rmdir(top);
}

static void test_ids(void **state)
{
	static const char *const good[] = { "a", "A-b_c+d.e", "..a", ".a", "0", "a-" };
	static const char *const bad[] = { "",    ".",   "..",       "-a",  "a/b", "/",
		                           "a b", "a\n", "\xc3\xa4", "a:b", "a\\", "*" };
	char longest[257];
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_int_equal(store_check_id(good[i], NULL), 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		e = (struct err){ 0 };
		assert_int_equal(store_check_id(bad[i], &e), -1);
		assert_non_null(strstr(e.what, "invalid container ID format"));
	}
	memset(longest, 'x', sizeof longest);
	longest[255] = '\0';
	assert_int_equal(store_check_id(longest, NULL), 0);
	longest[255] = 'x';
	longest[256] = '\0';
	assert_int_equal(store_check_id(longest, NULL), -1);
}

static void test_root(void **state)
{
	struct err e = { 0 };
	char path[128];
	struct stat st;

	(void)state;
	snprintf(path, sizeof path, "%s/a/b", top);
	assert_int_equal(store_open(path, false, &e), -1);
	assert_int_equal(e.num, ENOENT);
	int fd = store_open(path, true, &(struct err){ 0 });
	assert_true(fd >= 0);
	fstat(fd, &st);
	assert_int_equal(st.st_mode & 0777, 0700);
	fd_close(&fd);
	chmod(path, 0770);
	assert_int_equal(store_open(path, true, &(struct err){ 0 }), -1);
	chmod(path, 0755);
	fd = store_open(path, true, &(struct err){ 0 });
	assert_true(fd >= 0);
	fd_close(&fd);
	assert_int_equal(store_open("/", true, &(struct err){ 0 }), -1);
	assert_int_equal(store_open("/tmp/../", true, &(struct err){ 0 }), -1);
	rmdir(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
}

static void test_claim(void **state)
{
	struct err e = { 0 };
	autofd root = open(top, O_RDONLY | O_DIRECTORY);
	autofd dir = store_claim(root, "c1", NULL);

	(void)state;
	assert_true(dir >= 0);
	assert_true(store_is_empty(dir));
	assert_int_equal(store_claim(root, "c1", &e), -1);
	assert_non_null(strstr(e.what, "container with given ID already exists"));
	e = (struct err){ 0 };
	assert_int_equal(store_lock(root, "c1", 10, &e), -1);
	assert_int_equal(e.num, EWOULDBLOCK);
	autofd peek = store_peek(root, "c1", NULL);
	assert_true(peek >= 0);
	store_unlock(dir);
	autofd again = store_lock(root, "c1", 10, NULL);
	assert_true(again >= 0);
	close(openat(dir, "go", O_CREAT | O_WRONLY, 0600));
	assert_false(store_is_empty(dir));
	assert_int_equal(store_remove(root, dir, "c1", NULL), 0);
	e = (struct err){ 0 };
	assert_int_equal(store_lock(root, "c1", 10, &e), -1);
	assert_int_equal(e.num, ENOENT);
	assert_non_null(strstr(e.what, "container does not exist"));
}

/* What is not ours stays, and is told; a link is not followed. */
static void test_strangers(void **state)
{
	struct err e = { 0 };
	autofd root = open(top, O_RDONLY | O_DIRECTORY);
	autofd dir = store_claim(root, "c2", NULL);

	(void)state;
	mkdirat(dir, STORE_STATE, 0700);
	close(openat(dir, "foreign", O_CREAT | O_WRONLY, 0600));
	assert_int_equal(store_remove(root, dir, "c2", &e), -1);
	assert_int_equal(e.num, ENOTEMPTY);
	unlinkat(dir, "foreign", 0);
	assert_int_equal(store_remove(root, dir, "c2", NULL), 0);
	assert_int_equal(symlinkat("/tmp", root, "link"), 0);
	assert_int_equal(store_peek(root, "link", &(struct err){ 0 }), -1);
	unlinkat(root, "link", 0);
}

static void count(void *ctx, const char *id)
{
	assert_string_equal(id, "c3");
	++*(int *)ctx;
}

static void test_each(void **state)
{
	autofd root = open(top, O_RDONLY | O_DIRECTORY);
	int n = 0;

	(void)state;
	mkdirat(root, "c3", 0700);
	mkdirat(root, "not an id", 0700);
	close(openat(root, "file", O_CREAT | O_WRONLY, 0600));
	assert_int_equal(store_each(root, count, &n, NULL), 0);
	assert_int_equal(n, 1);
	unlinkat(root, "c3", AT_REMOVEDIR);
	unlinkat(root, "not an id", AT_REMOVEDIR);
	unlinkat(root, "file", 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ids),   cmocka_unit_test(test_root),
		cmocka_unit_test(test_claim), cmocka_unit_test(test_strangers),
		cmocka_unit_test(test_each),
	};

	return cmocka_run_group_tests_name("store/store", tests, setup, teardown);
}
