/* run: the driver. Lanes, baton, board; what a failure looks like from outside. */
#include "apply/run.h"
#include "apply/hint.h"
#include "apply/oom.h"
#include "apply/ops.h"
#include "base/fd.h"
#include "base/interrupt.h"
#include "base/procfs.h"
#include "base/str.h"
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

/* What crosses the sync socket: whose turn it is, or why there is none. */
struct baton {
	uint32_t next; /* index of the phase that begins; BATON_FAILED: err says why it ended */
	struct err err;
};
#define BATON_FAILED UINT32_MAX

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

/* Completes r->err for step n: which one, where it comes from in config.json, what to do. */
static void step_failed(struct run *r, uint32_t n, int num)
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

static int baton_pass(struct run *r, uint32_t next)
{
	struct baton b = { .next = next };

	if (next == BATON_FAILED)
		b.err = r->err;
	ssize_t n;
	do
		n = write(r->sync, &b, sizeof b);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof b ? 0 : -1;
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

/* A peer is gone without a word: the board knows the step that it was in, wait(2) how it ended. */
static int peer_died(struct run *r)
{
	enum lane lane = r->pid > 0 ? LANE_INIT : LANE_JOIN;
	pid_t pid = r->pid > 0 ? r->pid : r->join_pid;
	uint32_t at = r->board->current[lane];
	char how[64] = "ended without a word";
	siginfo_t si = { 0 };

	if (pid > 0 && waitid(P_PID, (id_t)pid, &si, WEXITED | WNOWAIT) == 0) {
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
	} else {
		run_fail(r, ESRCH, "%s %s", lane_names[lane], how);
		step_failed(r, at - 1, ESRCH);
	}
	return killed ? err_hint(&r->err, "look at dmesg for who killed it") : -1;
}

/* Somebody asks us to end while the other side is in a step. */
static int interrupted(struct run *r)
{
	uint32_t at = r->board->current[r->pid > 0 ? LANE_INIT : LANE_JOIN];

	run_fail(r, EINTR, "interrupted by %s", interrupt_name());
	if (at)
		step_failed(r, at - 1, EINTR);
	return -1;
}

/* The host waits until the other side speaks or is gone. The join lane may die when init has a copy of its socket's end
 * already: no end of file tells then. */
static int wait_for_peer(struct run *r)
{
	struct pollfd p[2] = { { .fd = r->sync, .events = POLLIN },
		               { .fd = r->join_pidfd, .events = POLLIN } };
	unsigned before = interrupt_count();

	while (interrupt_poll(p, 2, -1) < 0 && errno == EINTR)
		if (interrupt_count() != before)
			return interrupted(r);
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

/* Waits for our turn. Any index but the expected one is a bug of ours or a forged message: refused. */
static int baton_wait(struct run *r, uint32_t expected)
{
	struct baton b;
	ssize_t n;

	if (r->lane == LANE_HOST && wait_for_peer(r) < 0)
		return -1;
	do
		n = read(r->sync, &b, sizeof b);
	while (n < 0 && errno == EINTR);
	if (n == 0 || (n < 0 && errno == ECONNRESET)) {
		if (has_executed(r, expected))
			return 0;
		return r->lane == LANE_HOST ? peer_died(r) : -1;
	}
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

/* The end of a container-side process that cannot go on. Before "created" the host is waiting for the baton; after
 * it, start is waiting at the err fifo. */
static void die(struct run *r)
{
	if (r->published)
		(void)!write(r->fd[SLOT_ERR], &r->err, sizeof r->err);
	else if (r->err.kind != ERR_NONE)
		baton_pass(r, BATON_FAILED);
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
		step_failed(r, n, -rc);
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
			interrupted(r);
			break;
		}
		if (run_phase(r, ph, first) < 0)
			break;
		/* Still the lane that ran the phase, and the next one is somebody else's. */
		if (ph->lane == r->lane && i + 1 < p->n && waits(p, i + 1) &&
		    baton_pass(r, i + 1) < 0) {
			if (r->lane == LANE_HOST)
				peer_died(r);
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
