/* apply/hint: errors that people meet have a hint, and what is asked about a step decides which. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "apply/hint.h"
#include "base/sys.h"
#include <ctype.h>
#include <errno.h>
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

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows),
		                            cmocka_unit_test(test_form) };

	return cmocka_run_group_tests_name("apply/hint", tests, NULL, NULL);
}
