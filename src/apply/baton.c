/* baton: see baton.h. */
#include "apply/baton.h"
#include "apply/oom.h"
#include "apply/run.h"
#include "base/interrupt.h"
#include "base/procfs.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define DIE_WAIT 10000 /* ms for a process that has closed its socket to be gone */

/* What crosses the sync socket: whose turn it is, or why there is none. */
struct baton {
	uint32_t next; /* index of the phase that begins; BATON_FAILED: err says why it ended */
	struct err err;
};
#define BATON_FAILED UINT32_MAX

static int put(const struct run *r, const struct baton *b)
{
	ssize_t n;

	do
		n = write(r->sync, b, sizeof *b);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

int baton_pass(struct run *r, uint32_t next)
{
	return put(r, &(struct baton){ .next = next });
}

void baton_fail(struct run *r)
{
	put(r, &(struct baton){ .next = BATON_FAILED, .err = r->err });
}

/* When the kernel has killed in the container's cgroup, that is the error. */
static void out_of_memory(struct run *r)
{
	struct cgroup_ref refs[FACTS_HIERARCHIES];
	struct oom oom;

	for (uint32_t i = 0; i < r->plan->n_cgroups; i++) {
		const struct cgroup_dir *d = &r->plan->cgroups[i];

		refs[i] = (struct cgroup_ref){ d->mount, d->path, d->v2, 0 };
	}
	if (oom_read(refs, r->plan->n_cgroups, &oom) == 0 && oom.kills)
		oom_error(&oom, &r->err);
}

/* Who the host talks to. */
static enum lane peer(const struct run *r)
{
	return r->pid > 0 ? LANE_INIT : LANE_JOIN;
}

/* A peer has left the socket without a word: the board knows the step that it was in, wait(2) how it ended. It ends at
 * about the same time; where it does not, nobody waits for it. */
static int peer_died(struct run *r)
{
	enum lane lane = peer(r);
	pid_t pid = lane == LANE_INIT ? r->pid : r->join_pid;
	struct pollfd p = { .fd = lane == LANE_INIT ? r->pidfd : r->join_pidfd, .events = POLLIN };
	uint32_t at = r->board->current[lane];
	char how[64] = "ended without a word";
	siginfo_t si = { 0 };

	while (poll(&p, 1, DIE_WAIT) < 0 && errno == EINTR)
		;
	if (pid > 0 && waitid(P_PID, (id_t)pid, &si, WEXITED | WNOWAIT | WNOHANG) == 0 &&
	    si.si_pid) {
		if (si.si_code == CLD_EXITED)
			snprintf(how, sizeof how, "exited with status %d", si.si_status);
		else
			snprintf(how, sizeof how, "was killed by signal %d", si.si_status);
	}
	bool killed = si.si_code == CLD_KILLED && si.si_status == SIGKILL;
	if (killed && lane == LANE_INIT)
		out_of_memory(r);
	if (!at) {
		err_set(&r->err, ERR_STEP, "%s %s before its first step", lane_names[lane], how);
		r->err.num = ESRCH;
	} else {
		run_fail(r, ESRCH, "%s %s", lane_names[lane], how);
		run_step_failed(r, at - 1, ESRCH);
	}
	return killed ? err_hint(&r->err, "look at dmesg for who killed it") : -1;
}

int baton_lost(struct run *r, int num)
{
	if (num == EPIPE || num == ECONNRESET)
		return peer_died(r);
	return err_sys(&r->err, ERR_STEP, num, "talk to %s", lane_names[peer(r)]);
}

int baton_interrupted(struct run *r)
{
	uint32_t at = r->board->current[peer(r)];

	run_fail(r, EINTR, "interrupted by %s", interrupt_name());
	if (at)
		run_step_failed(r, at - 1, EINTR);
	return -1;
}

/* The host waits until the other side speaks or is gone. The join lane may die when init has a copy of its socket's end
 * already: no end of file tells then. */
static int wait_for_peer(struct run *r)
{
	struct pollfd p[2] = { { .fd = r->sync, .events = POLLIN },
		               { .fd = r->join_pidfd, .events = POLLIN } };
	unsigned before = interrupt_count();

	while (interrupt_poll(p, 2, -1) < 0) {
		if (errno != EINTR)
			return baton_lost(r, errno);
		if (interrupt_count() != before)
			return baton_interrupted(r);
	}
	/* It may have spoken and ended between the two looks. */
	return !p[0].revents && poll(p, 1, 0) == 0 ? peer_died(r) : 0;
}

/* Init's end of the socket was closed in the phase before, which is that of exec: by exec itself, or by its death. */
static bool has_executed(const struct run *r, uint32_t expected)
{
	const struct phase *ph = &r->plan->phases[expected - 1];

	return r->lane == LANE_HOST && ph->n && ph->steps[ph->n - 1].kind == STEP_EXEC &&
	       procfs_executed(r->fd[SLOT_PROC], r->pid) == 1;
}

int baton_wait(struct run *r, uint32_t expected)
{
	struct baton b;
	ssize_t n;

	if (r->lane == LANE_HOST && wait_for_peer(r) < 0)
		return -1;
	do
		n = read(r->sync, &b, sizeof b);
	while (n < 0 && errno == EINTR);
	int num = n < 0 ? errno : n == 0 ? ECONNRESET : 0;
	if (num == ECONNRESET && has_executed(r, expected))
		return 0;
	if (num)
		return r->lane == LANE_HOST ? baton_lost(r, num) : -1;
	if (n == (ssize_t)sizeof b && b.next == BATON_FAILED) {
		b.err.what[sizeof b.err.what - 1] = b.err.where[sizeof b.err.where - 1] =
			b.err.hint[sizeof b.err.hint - 1] = 0;
		r->err = b.err;
		if (r->err.kind == ERR_NONE)
			err_set(&r->err, ERR_BUG,
			        "the container's side failed and did not say why");
		return -1;
	}
	if (n != (ssize_t)sizeof b || b.next != expected)
		return err_set(&r->err, ERR_BUG, "baton out of order: %u, expected %u",
		               n == (ssize_t)sizeof b ? b.next : 0, expected);
	return 0;
}
