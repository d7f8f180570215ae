/* apply/hint: errors that people meet have a hint, and what is asked about a step decides which. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "apply/hint.h"
#include "base/sys.h"
#include <ctype.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

static const struct {
	struct step step;
	int num;
	const char *part; /* of the hint; NULL: there is none */
} rows[] = {
	{ { .kind = STEP_CHDIR }, ENOENT, "create /process/cwd" },
	{ { .kind = STEP_CHDIR }, EACCES, "let the container's user enter" },
	{ { .kind = STEP_MOUNT }, ENOTBLK, "block device" },
	{ { .kind = STEP_MOUNT, .mount.fstype = "proc" }, EPERM, "pid namespace" },
	{ { .kind = STEP_MOUNT, .mount.fstype = "sysfs" }, EPERM, "network namespace" },
	{ { .kind = STEP_MOUNT, .mount.how = MOUNT_BIND }, EPERM, "keep the flags" },
	{ { .kind = STEP_MOUNT, .mount.fstype = "cgroup2" }, EPERM, "cgroup namespace" },
	{ { .kind = STEP_MOUNT, .mount.fstype = "overlay" }, EPERM, "5.11" },
	{ { .kind = STEP_MOUNT, .mount.fstype = "mqueue" }, EPERM, "ipc namespace" },
	{ { .kind = STEP_MOUNT, .mount.fstype = "ext4" }, EPERM, "run as root" },
	{ { .kind = STEP_LOOKUP }, ENOENT, "interpreter" },
	{ { .kind = STEP_WRITE, .write.to = WRITE_SYSCTL }, ENOENT, "no such sysctl" },
	{ { .kind = STEP_WRITE, .write.to = WRITE_CGROUP }, EBUSY, "raise the limit" },
	{ { .kind = STEP_WRITE, .write.to = WRITE_INIT }, EACCES, "oomScoreAdj" },
	{ { .kind = STEP_WRITE, .write.to = WRITE_SYSCTL }, EMFILE, "RLIMIT_NOFILE" },
	{ { .kind = STEP_DEVICES }, EBUSY, "bpftool cgroup detach" },
	{ { .kind = STEP_DELEGATE }, EPERM, "run as root" },
	{ { .kind = STEP_CLONE }, ENOSPC, "raise that limit" },
	{ { .kind = STEP_CLONE }, EPERM, "spec --rootless" },
	{ { .kind = STEP_UMASK }, EPERM, NULL },
};

static void test_rows(void **state)
{
	const struct plan plan = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *hint = hint_for(&rows[i].step, rows[i].num, &plan);

		if (!rows[i].part != !hint || (hint && !strstr(hint, rows[i].part)))
			fail_msg("row %zu: %s", i, hint ? hint : "no hint");
	}
}

/* One sentence each, that begins with a verb, fits into a struct err and has no full stop. */
static void test_form(void **state)
{
	const struct plan plan = { 0 };

	(void)state;
	for (int kind = 0; kind < STEP__N; kind++)
		for (int num = 1; num < 134; num++) {
			const struct step s = { .kind = (enum step_kind)kind };
			const char *hint = hint_for(&s, num, &plan);

			if (!hint)
				continue;
			assert_true(islower((unsigned char)hint[0]));
			assert_true(strlen(hint) < sizeof((struct err *)0)->hint);
			assert_true(hint[strlen(hint) - 1] != '.');
		}
}

/* Each row is what hint_for() says in its case: none stands behind another that takes its place, and none behind a
 * rule in code. */
static void test_each_row(void **state)
{
	const struct plan plan = { 0 };

	(void)state;
	assert_true(hint_rows_n >= 120);
	for (size_t i = 0; i < hint_rows_n; i++) {
		const struct hint_row *row = &hint_rows[i];
		/* UMASK has no rows of its own. */
		struct step s = { .kind = row->kind == HINT_ANY ? STEP_UMASK : row->kind };

		if (s.kind == STEP_TREE)
			s.tree.how = MOUNT_IDMAP;
		const char *hint = hint_for(&s, row->num, &plan);

		if (hint != row->text)
			fail_msg("row %zu, errno %d: \"%s\" is never said, but \"%s\"", i, row->num,
			         row->text, hint ? hint : "nothing");
	}
}

/* The facts decide: a new user namespace that is denied is another matter than another namespace. */
static void test_facts(void **state)
{
	const struct step clone = { .kind = STEP_CLONE };
	const struct step sysfs = { .kind = STEP_MOUNT, .mount.fstype = "sysfs" };
	struct plan plan = { .new_ns = CLONE_NEWUSER };

	(void)state;
	assert_non_null(strstr(hint_for(&clone, EPERM, &plan), "apparmor_restrict_unprivileged"));
	assert_non_null(strstr(hint_for(&sysfs, EPERM, &plan), "network namespace"));
	plan.new_ns = CLONE_NEWNET;
	assert_non_null(strstr(hint_for(&clone, EPERM, &plan), "spec --rootless"));
	assert_null(strstr(hint_for(&sysfs, EPERM, &plan), "network namespace"));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows),
		                            cmocka_unit_test(test_each_row),
		                            cmocka_unit_test(test_facts),
		                            cmocka_unit_test(test_form) };

	return cmocka_run_group_tests_name("apply/hint", tests, NULL, NULL);
}
