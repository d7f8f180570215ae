/* base/path: no link, no ".." and no race leads out of the root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/fd.h"
#include "base/path.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

/* top/root is the container's, top/out is the host's and must stay as it is: one file "secret". */
static int top = -1, root = -1, out = -1;

static void make_file(int dir, const char *name)
{
	autofd fd = openat(dir, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
}

static int setup(void **state)
{
	static char path[] = "/tmp/nsrun-path-XXXXXX";

	*state = mkdtemp(path);
	top = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	mkdirat(top, "root", 0755);
	mkdirat(top, "out", 0755);
	root = openat(top, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	out = openat(top, "out", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	make_file(out, "secret");
	make_file(root, "file");
	mkdirat(root, "dir", 0755);
	make_file(root, "dir/f");
	const struct {
		const char *target, *name;
	} links[] = {
		{ "../../out", "rel" },
		{ path, "abs" },
		{ "dir", "indir" },
		{ "/dir/f", "tofile" },
		{ "../run/x/y.conf", "dir/dangling" },
		{ "/run2", "run-link" },
		{ "loop", "loop" },
	};

	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		if (symlinkat(links[i].target, root, links[i].name) < 0)
			return -1;
	return out < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	char cmd[64];

	snprintf(cmd, sizeof cmd, "%s", (char *)*state);
	fd_close(&top);
	fd_close(&root);
	fd_close(&out);
	if (fork() == 0)
		execlp("rm", "rm", "-rf", cmd, NULL);
	return 0;
}

static ino_t inode(int dir, const char *path)
{
	struct stat st;

	return fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) == 0 ? st.st_ino : 0;
}

/* What is in the host's directory: only the secret. */
static void assert_untouched(void)
{
	assert_true(inode(out, "secret"));
	assert_int_equal(unlinkat(out, "secret", 0), 0);
	assert_int_equal(unlinkat(top, "out", AT_REMOVEDIR), 0);
	mkdirat(top, "out", 0755);
	fd_close(&out);
	out = openat(top, "out", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	make_file(out, "secret");
}

static void test_open(void **state)
{
	static const struct {
		const char *path;
		enum path_how how;
		int rc;
		const char *is; /* in root */
	} t[] = {
		{ "", 0, 0, "" },
		{ "/", 0, 0, "" },
		{ "..", 0, 0, "" },
		{ "/../..", 0, 0, "" },
		{ "dir/../../../dir/f", 0, 0, "dir/f" },
		{ "/tofile", 0, 0, "dir/f" },
		{ "tofile", PATH_NO_FOLLOW, 0, "tofile" },
		{ "tofile", PATH_NO_LINKS, -ELOOP, NULL },
		{ "indir/f", PATH_NO_FOLLOW, 0, "dir/f" },
		{ "indir/f", PATH_NO_LINKS, -ELOOP, NULL },
		{ "rel", 0, -ENOENT, NULL },
		{ "rel/secret", 0, -ENOENT, NULL },
		{ "abs/out/secret", 0, -ENOENT, NULL },
		{ "loop", 0, -ELOOP, NULL },
		{ "file/x", 0, -ENOTDIR, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		autofd fd = path_open(root, t[i].path, t[i].how);

		if (t[i].rc)
			assert_int_equal(fd, t[i].rc);
		else
			assert_true(inode(fd, "") == inode(root, t[i].is));
	}
	autofd host = open("/", O_PATH | O_CLOEXEC);
	autofd magic = path_open_file(host, "/proc/self/exe", O_RDONLY, 0);
	assert_int_equal(magic, -ELOOP);
}

static void test_make(void **state)
{
	static const struct {
		const char *path;
		bool file;
		enum path_how how;
		int rc;
		const char *is;
	} t[] = {
		{ "new/a/b/", false, 0, 0, "new/a/b" },
		{ "new/f/x", true, 0, 0, "new/f/x" },
		{ "new/f/x", true, 0, 0, "new/f/x" },
		{ "new/miss/../up", false, 0, 0, "new/up" },
		{ "run-link/sub", false, 0, 0, "run2/sub" },
		{ "dir/dangling", true, 0, 0, "run/x/y.conf" },
		{ "rel/evil", true, 0, 0, "out/evil" }, /* in the root, not beside it */
		{ "rel", false, 0, 0, "out" },
		{ "file/x", false, 0, -ENOTDIR, NULL },
		{ "loop/x", false, 0, -ELOOP, NULL },
		{ "indir/none", false, PATH_NO_LINKS, -ELOOP, NULL },
		{ "none/", true, 0, -EISDIR, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		autofd fd = t[i].file ? path_make_file(root, t[i].path, t[i].how)
		                      : path_make_dir(root, t[i].path, t[i].how);
		struct stat st;

		if (t[i].rc) {
			assert_int_equal(fd, t[i].rc);
			continue;
		}
		assert_true(fd >= 0);
		assert_true(inode(fd, "") == inode(root, t[i].is));
		assert_int_equal(fstat(fd, &st), 0);
		assert_int_equal(st.st_mode, t[i].file ? S_IFREG | 0644 : S_IFDIR | 0755);
	}
	assert_untouched();
}

static void test_parent(void **state)
{
	static const struct {
		const char *path;
		int rc;
		const char *dir, *name;
	} t[] = {
		{ "/dev/pts/0", 0, "dev/pts", "0" },
		{ "top", 0, "", "top" },
		{ "/x", 0, "", "x" },
		{ "/", -EINVAL, NULL, NULL },
		{ "", -EINVAL, NULL, NULL },
		{ "a/..", -EINVAL, NULL, NULL },
		{ "a/.", -EINVAL, NULL, NULL },
		{ "a/b/", -EINVAL, NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		const char *name = NULL;
		autofd fd = path_parent(root, t[i].path, &name);

		if (t[i].rc) {
			assert_int_equal(fd, t[i].rc);
			continue;
		}
		assert_string_equal(name, t[i].name);
		assert_true(inode(fd, "") == inode(root, t[i].dir));
	}
	assert_untouched();
}

static atomic_bool stop;

/* Swaps a directory of the container with a link that leads out, as a process in another container on the same volume
 * would. */
static void *swapper(void *arg)
{
	(void)arg;
	while (!atomic_load(&stop)) {
		syscall(SYS_renameat2, root, "swap", root, "swap-link", 2 /* RENAME_EXCHANGE */);
		unlinkat(root, "swap/d", AT_REMOVEDIR);
		unlinkat(root, "swap-link/d", AT_REMOVEDIR);
	}
	return NULL;
}

static void test_race(void **state)
{
	pthread_t thread;
	char target[128];
	struct timespec begin, now;

	snprintf(target, sizeof target, "%s/out", (char *)*state);
	assert_int_equal(mkdirat(root, "swap", 0755), 0);
	assert_int_equal(symlinkat(target, root, "swap-link"), 0);
	assert_int_equal(pthread_create(&thread, NULL, swapper, NULL), 0);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	do {
		for (unsigned i = 0; i < 50; i++) {
			const char *name;
			autofd a = path_make_dir(root, "swap/d/e", 0);
			autofd b = path_make_file(root, "swap/f", 0);
			autofd c = path_parent(root, "swap/p/q", &name);
			autofd d = path_open(root, "swap/secret", 0);

			(void)a, (void)b, (void)c;
			assert_true(inode(d, "") != inode(out, "secret") || d < 0);
		}
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec - begin.tv_sec < 1 || now.tv_nsec < begin.tv_nsec);
	atomic_store(&stop, true);
	pthread_join(thread, NULL);
	assert_untouched();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_make),
		cmocka_unit_test(test_parent),
		cmocka_unit_test(test_race),
	};

	return cmocka_run_group_tests_name("base/path", tests, setup, teardown);
}
