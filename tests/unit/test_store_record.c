/* store/record: the state file there and back, tampered ones, and the status that follows from the processes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/fd.h"
#include "base/procfs.h"
#include "store/record.h"
#include "store/store.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char top[64];
static int dir, proc;

static int setup(void **state)
{
	(void)state;
	snprintf(top, sizeof top, "/tmp/test_record.XXXXXX");
	if (!mkdtemp(top))
		return -1;
	dir = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	proc = procfs_open();
	return dir < 0 || proc < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	unlinkat(dir, STORE_STATE, 0);
	unlinkat(dir, STORE_INTENT, 0);
	unlinkat(dir, STORE_GO, 0);
	fd_close(&dir);
	fd_close(&proc);
	return rmdir(top);
}

static uint64_t start_of(pid_t pid)
{
	uint64_t start = 0;
	char letter;

	procfs_stat(proc, pid, &start, &letter);
	return start;
}

static struct record sample(void)
{
	static struct record_cgroup cgroups[] = {
		{ .mount = "/sys/fs/cgroup/memory",
		  .path = "/nsrun-c1",
		  .v2 = { false, true },
		  .made = { 1, true } },
		{ .mount = "/sys/fs/cgroup/unified",
		  .path = "/a/nsrun-c1",
		  .v2 = { true, true },
		  .made = { 2, true } },
	};
	static struct oci_entry notes[] = { { "a/b", "\"x\"" } };
	struct record r = {
		.format = { RECORD_FORMAT, true },
		.version = "1.3.0",
		.id = "c1",
		.bundle = "/b",
		.rootfs = "/b/rootfs",
		.created = "2026-08-19T10:11:12.000000000Z",
		.owner = { 0, true },
		.creator = { (uint64_t)getpid(), true },
		.creator_start = { start_of(getpid()), true },
		.pid = { 0, true },
		.start = { 0, true },
		.manager = "cgroupfs",
		.poststart = { true, true },
		.poststop = { false, true },
	};

	r.cgroups.v = cgroups;
	r.cgroups.n = 2;
	r.annotations.v = notes;
	r.annotations.n = 1;
	return r;
}

static void test_there_and_back(void **state)
{
	struct arena a = { 0 };
	struct record r = sample(), x;
	struct err e = { 0 };

	(void)state;
	r.pid.v = 42;
	r.start.v = UINT64_MAX;
	assert_int_equal(record_save(&r, dir), 0);
	assert_int_equal(record_load(&x, dir, "c1", &a, &e), 0);
	assert_string_equal(x.bundle, "/b");
	assert_int_equal(x.pid.v, 42);
	assert_true(x.start.v == UINT64_MAX);
	assert_int_equal(x.cgroups.n, 2);
	assert_string_equal(x.cgroups.v[1].path, "/a/nsrun-c1");
	assert_true(x.cgroups.v[1].v2.v && !x.cgroups.v[0].v2.v);
	assert_string_equal(x.annotations.v[0].value, "\"x\"");
	assert_true(x.poststart.v && !x.poststop.v);
	arena_done(&a);
}

/* The intent counts until the commit takes its place. */
static void test_intent(void **state)
{
	struct arena a = { 0 };
	struct record r = sample(), x;
	struct err e = { 0 };

	(void)state;
	unlinkat(dir, STORE_STATE, 0);
	assert_int_equal(record_save(&r, dir), 0);
	assert_int_equal(faccessat(dir, STORE_STATE, F_OK, 0), -1);
	assert_int_equal(record_load(&x, dir, "c1", &a, &e), 0);
	assert_int_equal(x.pid.v, 0);
	assert_int_equal(x.cgroups.v[1].made.v, 2);
	r.pid.v = 42;
	r.start.v = 7;
	assert_int_equal(record_save(&r, dir), 0);
	assert_int_equal(faccessat(dir, STORE_INTENT, F_OK, 0), -1);
	assert_int_equal(record_load(&x, dir, "c1", &a, &e), 0);
	assert_int_equal(x.pid.v, 42);
	/* Killed between the rename and the removal of the intent: the commit counts. */
	r.pid.v = r.start.v = 0;
	assert_int_equal(record_save(&r, dir), 0);
	assert_int_equal(record_load(&x, dir, "c1", &a, &e), 0);
	assert_int_equal(x.pid.v, 42);
	unlinkat(dir, STORE_INTENT, 0);
	arena_done(&a);
}

/* Fields that a tamperer changes: each is refused. */
static void test_tampered(void **state)
{
	static char climbing[] = "/a/../../b", top_path[] = "/", relative[] = "x";
	char *const paths[] = { climbing, top_path, relative };
	struct arena a = { 0 };
	struct record x;
	size_t len;

	(void)state;
	for (int i = 0; i < 6; i++) {
		struct record_cgroup c = { .mount = "/sys/fs/cgroup/pids",
			                   .path = "/ok",
			                   .v2 = { false, true } };
		struct record r = sample();
		struct err e = { 0 };

		r.cgroups.v = &c;
		r.cgroups.n = 1;
		if (i < 3)
			c.path = paths[i];
		else if (i == 3)
			r.id = "other";
		else if (i == 4)
			r.pid.v = 1; /* without a start time */
		else
			r.format.v++;
		const char *text = record_encode(&r, &a, &len);
		assert_int_equal(record_decode(&x, text, len, "c1", &a, &e), -1);
		assert_non_null(strstr(e.what, "unusable"));
	}
	arena_done(&a);
}

static void spoil_empty(void)
{
	close(openat(dir, STORE_STATE, O_CREAT | O_WRONLY, 0600));
}
static void spoil_garbage(void)
{
	autofd fd = openat(dir, STORE_STATE, O_CREAT | O_WRONLY, 0600);

	assert_int_equal(write(fd, "{\"id\":", 6), 6);
}
static void spoil_fifo(void)
{
	mkfifoat(dir, STORE_STATE, 0600);
}
static void spoil_link(void)
{
	assert_int_equal(symlinkat("/etc/passwd", dir, STORE_STATE), 0);
}
static void spoil_huge(void)
{
	autofd fd = openat(dir, STORE_STATE, O_CREAT | O_WRONLY, 0600);

	assert_int_equal(ftruncate(fd, (off_t)1 << 40), 0);
}
static void spoil_missing(void)
{
}

static void test_spoilt(void **state)
{
	static void (*const spoil[])(void) = { spoil_empty, spoil_garbage, spoil_fifo,
		                               spoil_link,  spoil_huge,    spoil_missing };
	struct arena a = { 0 };
	struct record x;

	(void)state;
	for (size_t i = 0; i < sizeof spoil / sizeof *spoil; i++) {
		struct err e = { 0 };

		unlinkat(dir, STORE_STATE, 0);
		spoil[i]();
		assert_int_equal(record_load(&x, dir, "c1", &a, &e), -1);
		assert_int_equal(e.kind, ERR_STATE);
		assert_string_equal(e.hint, "run \"nsrun delete --force c1\" to clean up");
	}
	arena_done(&a);
}

static void test_status(void **state)
{
	struct record r = sample();

	(void)state;
	assert_int_equal(record_status(&r, dir, proc), STATUS_CREATING);
	r.creator_start.v++;
	assert_int_equal(record_status(&r, dir, proc), STATUS_STOPPED);
	assert_int_equal(record_pidfd(&r, proc), -ESRCH);

	r.pid.v = (uint64_t)getpid();
	r.start.v = start_of(getpid());
	mkfifoat(dir, STORE_GO, 0600);
	assert_int_equal(record_status(&r, dir, proc), STATUS_RUNNING);
	autofd reader = openat(dir, STORE_GO, O_RDWR | O_CLOEXEC);
	assert_true(reader >= 0);
	assert_int_equal(record_status(&r, dir, proc), STATUS_CREATED);
	autofd pidfd = record_pidfd(&r, proc);
	assert_true(pidfd >= 0);

	r.start.v++; /* the pid is another process's by now */
	assert_int_equal(record_status(&r, dir, proc), STATUS_STOPPED);
	assert_int_equal(record_pidfd(&r, proc), -ESRCH);
}

static void test_zombie(void **state)
{
	struct record r = sample();
	pid_t pid = fork();
	siginfo_t si;

	(void)state;
	if (pid == 0)
		_exit(0);
	waitid(P_PID, (id_t)pid, &si, WEXITED | WNOWAIT);
	r.pid.v = (uint64_t)pid;
	r.start.v = start_of(pid);
	assert_int_equal(record_status(&r, dir, proc), STATUS_STOPPED);
	waitpid(pid, NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back), cmocka_unit_test(test_intent),
		cmocka_unit_test(test_tampered),       cmocka_unit_test(test_spoilt),
		cmocka_unit_test(test_status),         cmocka_unit_test(test_zombie),
	};

	return cmocka_run_group_tests_name("store/record", tests, setup, teardown);
}
