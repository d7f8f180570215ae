/* apply/cgroup, cgroup_freeze, cgroup_remove: processes in cgroups of this machine are listed, held, let go on and
 * killed, by either freezer; as root, skipped where there are none. */
#include "op_case.h"

#include "apply/cgroup.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>

#define V1 "/sys/fs/cgroup/freezer"

static char path[64];
static volatile unsigned long *counter; /* of the process that counts */
static struct cgroup_ref ref;

static void nap(int ms)
{
	poll(NULL, 0, ms);
}

static bool counts(void)
{
	unsigned long before = *counter;

	nap(60);
	return *counter != before;
}

/* Makes the cgroup, or one below it ("/a"), and says whether that works. */
static bool make_dir(const char *below)
{
	char dir[128];

	snprintf(dir, sizeof dir, "%s%s%s", ref.mount, path, below);
	return mkdir(dir, 0755) == 0;
}

/* A child that counts in that cgroup. */
static pid_t counting(const char *below)
{
	char file[160];
	pid_t pid = fork();

	assert_true(pid >= 0);
	while (pid == 0) {
		++*counter;
		nap(5);
	}
	snprintf(file, sizeof file, "%s%s%s/cgroup.procs", ref.mount, path, below);
	FILE *f = fopen(file, "we");
	assert_non_null(f);
	fprintf(f, "%d", (int)pid);
	assert_int_equal(fclose(f), 0);
	nap(20);
	assert_true(counts());
	return pid;
}

/* It has ended by that signal, within a second. */
static void assert_killed(pid_t pid, int sig)
{
	int status = 0;

	for (int i = 0; i < 100 && waitpid(pid, &status, WNOHANG) == 0; i++)
		nap(10);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), sig);
}

static void begin(bool v2)
{
	static const char *const trees[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };

	snprintf(path, sizeof path, "/nsrun-unit-%d", (int)getpid());
	ref = (struct cgroup_ref){ V1, path, v2, 1 };
	if (!v2 && make_dir(""))
		return;
	for (size_t i = 0; v2 && i < 2; i++) {
		char file[128];

		ref.mount = trees[i];
		snprintf(file, sizeof file, "%s/cgroup.controllers", ref.mount);
		if (access(file, F_OK) == 0 && make_dir(""))
			return;
	}
	print_message("         no freezer of this version\n");
	skip();
}

static void freeze_and_thaw(bool v2)
{
	begin(v2);
	pid_t pid = counting("");
	assert_int_equal(cgroup_frozen(&ref, 1), 0);
	assert_int_equal(cgroup_freeze(&ref, 1, 2000), 0);
	assert_int_equal(cgroup_frozen(&ref, 1), 1);
	assert_false(counts());
	/* Once more does no harm. */
	assert_int_equal(cgroup_freeze(&ref, 1, 2000), 0);
	assert_int_equal(cgroup_thaw(&ref, 1), 0);
	assert_int_equal(cgroup_frozen(&ref, 1), 0);
	assert_true(counts());
	assert_int_equal(cgroup_kill_all(&ref, 1, SIGTERM), 0);
	assert_killed(pid, SIGTERM);
	assert_int_equal(cgroup_remove(&ref, 1), 0);
}

static void test_v1(void **state)
{
	(void)state;
	freeze_and_thaw(false);
}

static void test_v2(void **state)
{
	(void)state;
	freeze_and_thaw(true);
}

/* What is frozen stays frozen when it is signalled, and dies all the same by SIGKILL; so do those below it. */
static void kill_frozen(bool v2)
{
	pid_t pids[2], seen[4];

	begin(v2);
	assert_true(make_dir("/a") && make_dir("/a/b"));
	pids[0] = counting("");
	pids[1] = counting("/a/b");
	assert_int_equal(cgroup_procs(&ref, 1, NULL, 0), 2);
	assert_int_equal(cgroup_procs(&ref, 1, seen, 4), 2);
	assert_true(seen[0] + seen[1] == pids[0] + pids[1]);
	assert_int_equal(cgroup_freeze(&ref, 1, 2000), 0);
	assert_int_equal(cgroup_kill_all(&ref, 1, SIGURG), 0);
	assert_int_equal(cgroup_frozen(&ref, 1), 1);
	assert_int_equal(cgroup_kill_all(&ref, 1, SIGKILL), 0);
	assert_int_equal(cgroup_frozen(&ref, 1), 0);
	assert_killed(pids[0], SIGKILL);
	assert_killed(pids[1], SIGKILL);
	assert_int_equal(cgroup_remove(&ref, 1), 0);
	assert_int_equal(cgroup_frozen(&ref, 1), 0);
}

static void test_kill_frozen_v1(void **state)
{
	(void)state;
	kill_frozen(false);
}

static void test_kill_frozen_v2(void **state)
{
	(void)state;
	kill_frozen(true);
}

/* Where there are both, v2's freezer holds and v1's is left alone; without any, that is said. */
static void test_choice(void **state)
{
	struct cgroup_ref refs[3] = { { V1, path, false, 1 }, { "/tmp", path, false, 1 } };

	(void)state;
	begin(true);
	refs[2] = ref;
	ref = refs[0];
	if (!make_dir("")) {
		cgroup_remove(&refs[2], 1);
		skip();
	}
	assert_int_equal(cgroup_freeze(refs, 3, 1000), 0);
	assert_int_equal(cgroup_frozen(&refs[2], 1), 1);
	assert_int_equal(cgroup_frozen(&refs[0], 1), 0);
	assert_int_equal(cgroup_thaw(refs, 3), 0);
	assert_int_equal(cgroup_remove(refs, 3), 0);
	assert_int_equal(cgroup_freeze(&refs[1], 1, 1000), -ENOTSUP);
	assert_int_equal(cgroup_freeze(NULL, 0, 1000), -ENOTSUP);
}

/* A process that the other freezer holds does not stop for v2's. */
static void test_timeout(void **state)
{
	struct cgroup_ref v1 = { V1, path, false, 1 }, v2;

	(void)state;
	begin(true);
	v2 = ref;
	ref = v1;
	if (!make_dir("")) {
		cgroup_remove(&v2, 1);
		skip();
	}
	pid_t pid = counting("");
	ref = v2;
	assert_int_equal(cgroup_freeze(&v1, 1, 2000), 0);
	char file[160];
	snprintf(file, sizeof file, "%s%s/cgroup.procs", v2.mount, path);
	FILE *f = fopen(file, "we");
	assert_non_null(f);
	fprintf(f, "%d", (int)pid);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(cgroup_freeze(&v2, 1, 100), -ETIMEDOUT);
	assert_int_equal(cgroup_thaw(&v2, 1), 0);
	assert_int_equal(cgroup_thaw(&v1, 1), 0);
	assert_true(counts());
	assert_int_equal(cgroup_kill_all(&v2, 1, SIGKILL), 0);
	assert_killed(pid, SIGKILL);
	assert_int_equal(cgroup_remove(&v1, 1), 0);
	assert_int_equal(cgroup_remove(&v2, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_v1),
		cmocka_unit_test(test_v2),
		cmocka_unit_test(test_kill_frozen_v1),
		cmocka_unit_test(test_kill_frozen_v2),
		cmocka_unit_test(test_choice),
		cmocka_unit_test(test_timeout),
	};

	counter = mmap(NULL, sizeof *counter, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	               -1, 0);
	if (counter == MAP_FAILED)
		return 1;
	return cmocka_run_group_tests_name("apply/cgroup_freeze", tests, NULL, NULL);
}
