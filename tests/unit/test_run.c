/* run: how the host's side of a plan ends when its socket to init fails, or init does. */
#include "base/sys.h"
#include "op_case.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>

/* A plan whose second phase is init's: the host has nothing to do but to pass the baton, to a child that waits for its
 * socket to close. run_plan() must say `text` long before the test ends the child. */
static void expect(struct op_case *c, int sync, int peer, int exit_status, const char *text)
{
	struct phase phases[] = { { .name = "host", .lane = LANE_HOST },
		                  { .name = "init", .lane = LANE_INIT },
		                  { .name = "end", .lane = LANE_HOST } };
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (exit_status >= 0)
			_exit(exit_status);
		pause();
		_exit(0);
	}
	if (peer >= 0)
		close(peer);
	c->plan.phases = phases;
	c->plan.n = 3;
	c->r.lane = LANE_HOST;
	c->r.sync = sync;
	c->r.pid = pid;
	c->r.pidfd = sys_pidfd_open(pid, 0);
	assert_true(c->r.pidfd >= 0);
	alarm(60);
	assert_int_equal(run_plan(&c->r), -1);
	alarm(0);
	assert_string_equal(c->r.err.what, text);
	run_end(&c->r);
	assert_int_equal(kill(pid, 0), -1);
	run_done(&c->r);
}

/* A write(2) that fails is not the end of init: nobody may wait for that. */
static void the_socket_fails(void **state)
{
	struct op_case c;

	(void)state;
	op_begin(&c);
	int sync = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_true(sync >= 0);
	expect(&c, sync, -1, -1, "talk to init: bad file descriptor");
}

static void init_ends(void **state)
{
	struct op_case c;
	int pair[2];

	(void)state;
	op_begin(&c);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	expect(&c, pair[0], pair[1], 3, "init exited with status 3 before its first step");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_socket_fails),
		cmocka_unit_test(init_ends),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
