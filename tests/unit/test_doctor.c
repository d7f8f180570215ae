/* cmd/doctor: what follows from the facts of hosts that this one is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cmd/doctor.h"
#include <sched.h>
#include <string.h>

static struct arena arena;

static const struct finding *find(const struct diagnosis *d, const char *name)
{
	for (size_t i = 0; i < d->findings.n; i++)
		if (strcmp(d->findings.v[i].name, name) == 0)
			return &d->findings.v[i];
	fail_msg("no finding %s", name);
	return NULL;
}

static struct diagnosis cgroups(const struct facts *f)
{
	struct diagnosis d = { .can_run = { true, true }, .a = &arena };

	doctor_cgroups(&d, f);
	return d;
}

static void test_cgroups(void **state)
{
	struct facts f = { .euid = 1000, .cgroup_host = CGROUP_HOST_NONE };
	struct diagnosis d = cgroups(&f);

	(void)state;
	assert_string_equal(find(&d, "hierarchies")->status, "no");
	assert_int_equal(d.findings.n, 1);

	/* A user to whom memory and pids are delegated, and nothing else. */
	f.cgroup_host = CGROUP_HOST_V2;
	f.hierarchy[0] = (struct hierarchy){ "memory pids", "/sys/fs/cgroup", "/user", true, true };
	f.n_hierarchies = 1;
	d = cgroups(&f);
	assert_string_equal(find(&d, "memory")->status, "yes");
	assert_null(find(&d, "memory")->advice);
	assert_string_equal(find(&d, "cpu")->status, "no");
	assert_non_null(strstr(find(&d, "cpu")->advice, "delegation"));

	/* Delegated, but not ours to write. */
	f.hierarchy[0].writable = false;
	d = cgroups(&f);
	assert_string_equal(find(&d, "memory")->status, "no");
	assert_non_null(strstr(find(&d, "memory")->advice, "systemd-run --user"));
	f.euid = 0;
	d = cgroups(&f);
	assert_non_null(strstr(find(&d, "memory")->advice, "mount /sys/fs/cgroup writable"));

	/* v1 has its own word for io. */
	f = (struct facts){ .cgroup_host = CGROUP_HOST_V1, .n_hierarchies = 2 };
	f.hierarchy[0] = (struct hierarchy){ "blkio", "/sys/fs/cgroup/blkio", "/", false, true };
	f.hierarchy[1] =
		(struct hierarchy){ "cpu,cpuacct", "/sys/fs/cgroup/cpu", "/", false, true };
	d = cgroups(&f);
	assert_string_equal(find(&d, "io")->status, "yes");
	assert_string_equal(find(&d, "cpu")->status, "yes");
	assert_string_equal(find(&d, "memory")->status, "no");
	assert_true(d.can_run.v);
}

static void test_namespaces(void **state)
{
	struct diagnosis d = { .can_run = { true, true }, .a = &arena };
	struct facts f = { .namespaces = CLONE_NEWNS | CLONE_NEWPID };

	(void)state;
	doctor_namespaces(&d, &f);
	assert_string_equal(find(&d, "pid")->status, "yes");
	assert_string_equal(find(&d, "time")->status, "no");
	assert_true(d.can_run.v);
	f.namespaces = CLONE_NEWPID;
	doctor_namespaces(&d, &f);
	assert_false(d.can_run.v);
}

static int teardown(void **state)
{
	(void)state;
	arena_done(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cgroups),
		                            cmocka_unit_test(test_namespaces) };

	return cmocka_run_group_tests_name("cmd/doctor", tests, NULL, teardown);
}
