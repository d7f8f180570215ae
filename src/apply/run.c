/* run: the driver. Lanes, board; what a failure looks like from outside. */
#include "apply/run.h"
#include "apply/baton.h"
#include "apply/hint.h"
#include "apply/ops.h"
#include "base/fd.h"
#include "base/interrupt.h"
#include "base/sys.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#define DIE_WAIT 10000 /* ms for a killed process to be gone */

int run_init(struct run *r, const struct plan *plan, const char *id)
{
	*r = (struct run){ .plan = plan, .id = id, .lane = LANE_HOST, .sync = -1, .peer = -1 };
	r->pidfd = r->join_pidfd = r->cloned_into = -1;
	for (int i = 0; i < SLOT__N; i++)
		r->fd[i] = -1;
	for (int i = 0; i < FACTS_HIERARCHIES; i++)
		r->cgroup[i] = r->entry[i] = -1;
	for (int i = 0; i < NAMESPACES; i++)
		r->ns[i] = -1;
	for (int i = 0; i < TREES; i++)
		r->tree[i] = r->tree_ns[i] = -1;
	r->board = mmap(NULL, sizeof *r->board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	                -1, 0);
	if (r->board == MAP_FAILED) {
		r->board = NULL;
		return err_sys(&r->err, ERR_HOST, errno, "map the board that the processes share");
	}
	return 0;
}

void run_drop_cgroups(struct run *r)
{
	for (int i = 0; i < FACTS_HIERARCHIES; i++) {
		fd_close(&r->cgroup[i]);
		fd_close(&r->entry[i]);
	}
}

void run_drop_trees(struct run *r)
{
	for (int i = 0; i < TREES; i++) {
		fd_close(&r->tree[i]);
		fd_close(&r->tree_ns[i]);
	}
}

bool run_hooked(const struct run *r)
{
	const struct step *s;

	for (uint32_t n = 0; (s = plan_at(r->plan, n, NULL)); n++)
		if (s->kind == STEP_HOOK && r->board->at[n].begun)
			return true;
	return false;
}

void run_release(struct run *r)
{
	fd_close(&r->sync);
	fd_close(&r->peer);
	fd_close(&r->pidfd);
	fd_close(&r->join_pidfd);
	for (int i = 0; i < SLOT__N; i++)
		if (i != SLOT_PROC)
			fd_close(&r->fd[i]);
	for (int i = 0; i < NAMESPACES; i++)
		fd_close(&r->ns[i]);
	run_drop_cgroups(r);
	run_drop_trees(r);
}

void run_end(struct run *r)
{
	struct pollfd p = { .fd = r->pidfd, .events = POLLIN };

	if (r->join_pid > 0)
		kill(r->join_pid, SIGKILL);
	if (r->pidfd >= 0) {
		sys_pidfd_send_signal(r->pidfd, SIGKILL);
		while (poll(&p, 1, DIE_WAIT) < 0 && errno == EINTR)
			;
	}
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

void run_done(struct run *r)
{
	run_release(r);
	fd_close(&r->fd[SLOT_PROC]);
	if (r->board && !r->shares)
		munmap(r->board, sizeof *r->board);
	r->board = NULL;
}

/* Where there is no clock without a system call, a filter may keep it from us, or ask about it. */
static uint64_t now(const struct run *r)
{
	struct timespec t;

	if (r->filtered)
		return 1;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void run_step_failed(struct run *r, uint32_t n, int num)
{
	const struct step *s = plan_at(r->plan, n, NULL);
	char label[160], text[64], detail[sizeof r->err.what];
	bool told = r->err.kind != ERR_NONE;

	snprintf(detail, sizeof detail, "%s", r->err.what);
	step_label(s, r->plan->cgroups, label, sizeof label);
	r->err.kind = ERR_STEP;
	r->err.num = num;
	/* What an op or the kernel says is what engines match on: it may not be cut, so the label gives way. */
	if (told)
		snprintf(r->err.what, sizeof r->err.what, "step %u %.60s: %.240s", n + 1, label,
		         detail);
	else
		snprintf(r->err.what, sizeof r->err.what, "step %u %s: %s", n + 1, label,
		         err_text(num, text, sizeof text));
	char why[sizeof r->err.where];
	plan_why(r->plan, s, why, sizeof why);
	if (*why == '/')
		err_where(&r->err, "%s", why);
	const char *hint = hint_for(s, num, r->plan);
	if (hint)
		err_hint(&r->err, "%s", hint);
}

/* The end of a container-side process that cannot go on. Before "created" the host is waiting for the baton; after
 * it, start is waiting at the err fifo. */
static void die(struct run *r)
{
	if (r->published)
		(void)!write(r->fd[SLOT_ERR], &r->err, sizeof r->err);
	else if (r->err.kind != ERR_NONE)
		baton_fail(r);
	_exit(1);
}

static int run_step(struct run *r, const struct step *s, uint32_t n)
{
	enum lane lane = r->lane;
	int rc;

	r->step = n;
	r->board->current[lane] = n + 1;
	r->board->at[n].begun = now(r);
	/* The filter may refuse prctl(2), and the command may end before init has read that it is "created". What is
	 * left to do here is short and ends in a read of the sync socket: init dies by its end of file then. */
	if (r->deathsig && s->kind == STEP_FDS) {
		prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
		r->deathsig = false;
	}
	if (s->kind == STEP_WAIT)
		r->published = true;
#ifdef ENABLE_FAULTS
	if (n + 1 == r->stop_at)
		kill(getpid(), SIGSTOP);
	if (n + 1 == r->kill_at) {
		kill(getpid(), SIGKILL);
		/* The first process of a pid namespace cannot be killed from inside. */
		_exit(128 + SIGKILL);
	}
	if (n + 1 == r->kill_init_at && r->pidfd >= 0)
		sys_pidfd_send_signal(r->pidfd, SIGKILL);
	rc = n + 1 == r->fail_at ? -EIO : run_op(r, s);
#else
	rc = run_op(r, s);
#endif
	if (rc < 0) {
		run_step_failed(r, n, -rc);
		return -1;
	}
	r->board->at[n].done = now(r);
	/* A lenient failure leaves its text behind; it is not an error. */
	if (r->err.kind != ERR_NONE)
		r->err = (struct err){ 0 };
	return 0;
}

int run_at(struct run *r, uint32_t n)
{
	return run_step(r, plan_at(r->plan, n, NULL), n);
}

/* The steps of one phase that are ours. A clone makes its child return here in another lane: what is left of the
 * phase is then the parent's. */
static int run_phase(struct run *r, const struct phase *ph, uint32_t first)
{
	for (uint32_t j = 0; j < ph->n; j++) {
		if (run_step(r, &ph->steps[j], first + j) < 0)
			return -1;
		if (r->lane != ph->lane)
			return 0;
	}
	return 0;
}

/* Does the i-th phase begin when the baton comes? The join lane's begins with its birth. */
static bool waits(const struct plan *p, uint32_t i)
{
	enum lane lane = p->phases[i].lane;

	return lane != LANE_JOIN && lane != (i ? p->phases[i - 1].lane : LANE_HOST);
}

void run_join_lane(struct run *r)
{
	const struct plan *p = r->plan;
	uint32_t first = 0, i = 0;

	while (p->phases[i].lane != LANE_JOIN)
		first += p->phases[i++].n;
	int rc = run_phase(r, &p->phases[i], first);
	if (r->lane == LANE_INIT)
		return;
	if (rc < 0 || baton_pass(r, i + 1) < 0)
		die(r);
	_exit(0);
}

int run_plan(struct run *r)
{
	const struct plan *p = r->plan;
	uint32_t first = 0;

	for (uint32_t i = 0; i < p->n; first += p->phases[i++].n) {
		const struct phase *ph = &p->phases[i];

		if (ph->lane != r->lane)
			continue;
		if (waits(p, i) && baton_wait(r, i) < 0)
			break;
		/* The last moment is that before the commit. */
		if (r->lane == LANE_HOST && i && interrupt_pending()) {
			baton_interrupted(r);
			break;
		}
		if (run_phase(r, ph, first) < 0)
			break;
		/* Still the lane that ran the phase, and the next one is somebody else's. */
		if (ph->lane != r->lane || i + 1 == p->n || !waits(p, i + 1))
			continue;
		int rc = baton_pass(r, i + 1);
		if (rc < 0) {
			if (r->lane == LANE_HOST)
				baton_lost(r, -rc);
			break;
		}
	}
	if (r->lane != LANE_HOST)
		die(r);
	if (r->err.kind != ERR_NONE)
		return -1;
	/* Nothing is taken back any more: from here on the namespace ends with the container. */
	fd_close(&r->fd[SLOT_NET]);
	return 0;
}
