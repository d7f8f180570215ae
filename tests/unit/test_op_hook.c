/* op_hook and spawn: what a hook gets, and what is said when it fails. */
#include "op_case.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>

/* Runs a hook of a type; the error text, or "" when all is well. */
static int run(struct op_case *c, const char *script, enum hook_type type, const char *status)
{
	static char path[128];
	struct oci_hook hook = { .path = path };

	snprintf(path, sizeof path, "%s/hook", op_dir);
	op_script("hook", script);
	return hook_run(&c->r, &hook, type, 0, status, 42);
}

static char *slurp(const char *name)
{
	static char buf[70000];
	FILE *f = fopen(name, "re");

	assert_non_null(f);
	buf[fread(buf, 1, sizeof buf - 1, f)] = '\0';
	fclose(f);
	return buf;
}

static void test_state(void **state)
{
	struct op_case c;

	(void)state;
	op_begin(&c);
	c.r.bundle = op_dir;
	assert_int_equal(
		run(&c, "#!/bin/sh\ncat >state\npwd >dir\n", HOOK_CREATE_RUNTIME, "creating"), 0);
	assert_string_equal(slurp("state"), "{\"ociVersion\":\"1.3.0\",\"id\":\"c1\",\"status\":"
	                                    "\"creating\",\"pid\":42,\"bundle\":\"/b\"}");
	assert_int_equal(strncmp(slurp("dir"), op_dir, strlen(op_dir)), 0);
	run_done(&c.r);
}

static void test_stopped_has_no_pid(void **state)
{
	struct oci_hook hook = { .path = "/bin/sh" };
	char *args[] = { "sh", "-c", "cat >state" };
	struct op_case c;

	(void)state;
	op_begin(&c);
	hook.args.v = args;
	hook.args.n = 3;
	char *env[] = { "PATH=/usr/bin:/bin" };
	hook.env.v = env;
	hook.env.n = 1;
	assert_int_equal(hook_run(&c.r, &hook, HOOK_POSTSTOP, 0, "stopped", 0), 0);
	assert_string_equal(slurp("state"), "{\"ociVersion\":\"1.3.0\",\"id\":\"c1\",\"status\":"
	                                    "\"stopped\",\"bundle\":\"/b\"}");
	run_done(&c.r);
}

static void test_failures(void **state)
{
	static const struct {
		const char *script, *text;
		int num;
	} t[] = {
		{ "#!/bin/sh\necho one; echo two >&2; exit 3\n", "exited with status 3: one two",
		  ECANCELED },
		{ "#!/bin/sh\nexit 1\n", "exited with status 1", ECANCELED },
		{ "#!/bin/sh\nkill -9 $$\n", "was killed by signal 9", ECANCELED },
		{ "#!/none/such\n", "exec: no such file or directory", ENOENT },
	};
	char want[400];

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct op_case c;

		op_begin(&c);
		assert_int_equal(run(&c, t[i].script, HOOK_CREATE_RUNTIME, "creating"), -t[i].num);
		snprintf(want, sizeof want, "hook createRuntime 0 %s/hook: %s", op_dir, t[i].text);
		assert_string_equal(c.r.err.what, want);
		run_done(&c.r);
	}
}

static void test_missing(void **state)
{
	struct oci_hook hook = { .path = "/none/such" };
	struct op_case c;

	(void)state;
	op_begin(&c);
	assert_int_equal(hook_run(&c.r, &hook, HOOK_PRESTART, 2, "creating", 1), -ENOENT);
	assert_string_equal(c.r.err.what,
	                    "hook prestart 2 /none/such: exec: no such file or directory");
	run_done(&c.r);
}

static void test_timeout(void **state)
{
	struct oci_hook hook = { .path = "/bin/sh", .timeout = { 1, true } };
	char *args[] = { "sh", "-c", "/bin/sleep 60 & echo $! >pid; wait" };
	struct op_case c;

	(void)state;
	op_begin(&c);
	hook.args.v = args;
	hook.args.n = 3;
	time_t begun = time(NULL);
	assert_int_equal(hook_run(&c.r, &hook, HOOK_POSTSTART, 0, "running", 1), -ETIMEDOUT);
	assert_in_range(time(NULL) - begun, 0, 10);
	assert_string_equal(c.r.err.what,
	                    "hook poststart 0 /bin/sh: hook ran past specified timeout of 1.0s");
	/* Whom it started went with it. */
	pid_t pid = (pid_t)strtol(slurp("pid"), NULL, 10);
	for (int i = 0; i < 100 && kill(pid, 0) == 0; i++)
		usleep(10000);
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	FILE *f = fopen(path, "re");
	if (f) {
		static char text[4096];
		text[fread(text, 1, sizeof text - 1, f)] = '\0';
		fclose(f);
		assert_non_null(strstr(text, "State:\tZ"));
	}
	run_done(&c.r);
}

static void test_output(void **state)
{
	struct op_case c;

	(void)state;
	/* Much more than a pipe holds; the end of it is kept. */
	op_begin(&c);
	assert_int_equal(run(&c,
	                     "#!/bin/sh\nfor i in 1 2 3 4 5 6 7 8 9; do "
	                     "/usr/bin/head -c 100000 /dev/zero; done; echo the end; exit 1\n",
	                     HOOK_CREATE_RUNTIME, "creating"),
	                 -ECANCELED);
	run_done(&c.r);
	op_begin(&c);
	assert_int_equal(run(&c, "#!/bin/sh\necho fine\n", HOOK_CREATE_RUNTIME, "creating"), 0);
	assert_string_equal(c.r.err.what, "");
	run_done(&c.r);
	/* One that is left behind with our pipe does not hold us. */
	op_begin(&c);
	time_t begun = time(NULL);
	assert_int_equal(run(&c, "#!/bin/sh\n/bin/sleep 5 &\n", HOOK_CREATE_RUNTIME, "creating"),
	                 0);
	assert_in_range(time(NULL) - begun, 0, 3);
	run_done(&c.r);
}

static void test_unread_stdin(void **state)
{
	static char tail[300000];
	struct op_case c;

	(void)state;
	op_begin(&c);
	memset(tail, 'x', sizeof tail - 1);
	c.r.state_tail = tail;
	assert_int_equal(run(&c, "#!/bin/sh\nexit 0\n", HOOK_CREATE_RUNTIME, "creating"), 0);
	run_done(&c.r);
}

/* Nothing of ours leaks: no environment, no descriptor, no blocked or ignored signal. */
static int clean_slate(struct op_case *c)
{
	/* 33 is libc's own, so the raw call: make(1) and posix_spawn(3) leave it ignored too. */
	static const unsigned long ignore[8] = { (unsigned long)SIG_IGN };
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	signal(SIGPIPE, SIG_IGN);
	OK(syscall(SYS_rt_sigaction, 33, ignore, NULL, _NSIG / 8) == 0);
	OK(fcntl(0, F_DUPFD, 17) >= 17);
	OK(run(c,
	       "#!/bin/sh\n/bin/ls /proc/self/fd >fds\n/usr/bin/env >env\n"
	       "/bin/grep -E 'Sig(Blk|Ign)' /proc/self/status >signals\n",
	       HOOK_CREATE_RUNTIME, "creating") == 0);
	/* 3 is ls's own. */
	OK(strcmp(slurp("fds"), "0\n1\n2\n3\n") == 0);
	OK(!strstr(slurp("env"), "HOME="));
	OK(strcmp(slurp("signals"), "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n") == 0);
	return 0;
}

static void test_clean_slate(void **state)
{
	(void)state;
	op_in_child(clean_slate);
}

static void test_start_container_env(void **state)
{
	char *env[] = { "FROM=process" };
	struct oci_process proc = { 0 };
	struct op_case c;

	(void)state;
	op_begin(&c);
	c.config.process = &proc;
	proc.env.v = env;
	proc.env.n = 1;
	assert_int_equal(run(&c, "#!/bin/sh\necho $FROM >env\n", HOOK_START_CONTAINER, "created"),
	                 0);
	assert_string_equal(slurp("env"), "process\n");
	assert_int_equal(run(&c, "#!/bin/sh\necho -$FROM >env\n", HOOK_CREATE_RUNTIME, "creating"),
	                 0);
	assert_string_equal(slurp("env"), "-\n");
	run_done(&c.r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_state),
		cmocka_unit_test(test_stopped_has_no_pid),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_timeout),
		cmocka_unit_test(test_output),
		cmocka_unit_test(test_unread_stdin),
		cmocka_unit_test(test_clean_slate),
		cmocka_unit_test(test_start_container_env),
	};

	return cmocka_run_group_tests(tests, op_enter, op_leave);
}
