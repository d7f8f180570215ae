/* op_case: what tests of ops share: a run without a plan to run, and processes of their own to spoil. */
#pragma once
#include "apply/ops.h"
#include "libocispec-lite/ocispec.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* The config and plan that a run needs to exist. */
struct op_case {
	struct oci_config config;
	struct plan plan;
	struct run r;
};

static inline void op_begin(struct op_case *c)
{
	memset(c, 0, sizeof *c);
	c->plan.config = &c->config;
	assert_int_equal(run_init(&c->r, &c->plan, "c1"), 0);
	c->r.state_tail = ",\"bundle\":\"/b\"}";
}

/* Runs body in a process of its own; it returns 0, or the line that was wrong. */
static inline void op_in_child(int (*body)(struct op_case *c))
{
	int status = -1;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct op_case c;

		op_begin(&c);
		_exit(body(&c));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status))
		fail_msg("killed by signal %d", WTERMSIG(status));
	if (WEXITSTATUS(status))
		fail_msg("wrong in line %d (modulo 256)", WEXITSTATUS(status));
}

/* In such a body. */
#define OK(x)                                                                                      \
	do {                                                                                       \
		if (!(x))                                                                          \
			return __LINE__ & 255 ? __LINE__ & 255 : 1;                                \
	} while (0)

/* A directory of its own for a test program, entered; gone with op_leave(). */
static char op_dir[64];
static inline int op_enter(void **state)
{
	(void)state;
	snprintf(op_dir, sizeof op_dir, "/tmp/nsrun-unit-XXXXXX");
	return !mkdtemp(op_dir) || chdir(op_dir) < 0 || chmod(op_dir, 0755) < 0 ? -1 : 0;
}

static inline int op_leave(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", op_dir);
	return chdir("/") < 0 || system(command) != 0 ? -1 : 0;
}

/* Writes a file with a mode. */
static inline void op_file(const char *name, mode_t mode, const void *text, size_t len)
{
	FILE *f = fopen(name, "we");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(name, mode), 0);
}

#define op_script(name, text) op_file(name, 0755, text, strlen(text))
