/* op_clone: births, and the namespaces that a process is born into or makes (clone(2), unshare(2), namespaces(7)). */
#include "apply/ops.h"
#include "base/birth.h"
#include "base/fd.h"
#include "base/sys.h"
#include "base/unsafe.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

int not_dumpable(void)
{
	return unsafe("dumpable") ? 0 : prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static int limit_reached(struct run *r, uint32_t flag)
{
	return run_fail(r, ENOSPC, "the limit /proc/sys/user/max_%s_namespaces is reached",
	                namespace_by_flag(flag)->file);
}

int op_become(struct run *r, const struct step *s)
{
	/* Groups of the caller mean nothing here. Where setgroups is denied they stay, as the kernel wants it. */
	if (!s->become.keep_groups && setgroups(0, NULL) < 0) {
		if (errno != EPERM)
			return -errno;
		r->groups_denied = true;
	}
	if (setresgid(0, 0, 0) < 0)
		return run_sys(r, errno, "become gid 0 of the user namespace");
	if (setresuid(0, 0, 0) < 0)
		return run_sys(r, errno, "become uid 0 of the user namespace");
	not_dumpable();
	if (r->deathsig)
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	return 0;
}

/* Will this process get its ids from the host? */
static bool awaits_map(const struct run *r)
{
	return r->lane == LANE_INIT && (r->plan->new_ns & CLONE_NEWUSER);
}

/* The first moments of a child: it can be neither traced nor outlive us, and nothing interrupts it until the program
 * runs. Unprivileged callers write our id map through /proc, which a process that is not dumpable keeps from them:
 * op_become does it then. */
static void be_born(struct run *r, const struct step *s)
{
	r->lane = s->clone.lane;
	fd_close(&r->sync);
	r->sync = fd_take(&r->peer);
	fd_close(&r->pidfd);
	fd_close(&r->join_pidfd);
	r->join_pid = 0;
	if (!awaits_map(r))
		not_dumpable();
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	r->deathsig = true;
}

/* Kernels and filters without clone3(2): the same flags but those that only clone3 has. */
static pid_t clone_old(uint32_t flags)
{
	if (flags & CLONE_NEWTIME) /* shares its bit with the exit signal */
		return -ENOSYS;
	if (!(flags & CLONE_PARENT))
		flags |= SIGCHLD;
	long pid = syscall(SYS_clone, (unsigned long)flags, 0, 0, 0, 0);
	return pid < 0 ? -errno : (pid_t)pid;
}

/* Init, on its own copy of r, in the memory of the lane that bore it. */
static void as_init(void *copy)
{
	struct run *r = copy;

	be_born(r, plan_at(r->plan, r->step, NULL));
	run_plan(r);
	_exit(1);
}

static pid_t clone_by(struct run *r, const struct step *s, struct clone_args *args)
{
	pid_t pid = s->clone.shares ? birth_sharing(args, as_init, r, sizeof *r) : -ENOSYS;

	if (pid == -ENOSYS)
		return sys_clone3(args);
	r->shares = pid > 0;
	return pid;
}

static pid_t clone_new(struct run *r, const struct step *s, int *pidfd)
{
	struct clone_args args = {
		.flags = s->clone.flags | CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)pidfd,
		.exit_signal = r->lane == LANE_HOST ? SIGCHLD : 0,
	};

	/* The join lane's child is the host's: the host waits for it and outlives the join lane. */
	if (r->lane == LANE_JOIN)
		args.flags |= CLONE_PARENT;
	int into = s->clone.into_cgroup;
	if (into >= 0 && r->cgroup[into] >= 0) {
		struct clone_args in = args;

		in.flags |= CLONE_INTO_CGROUP;
		in.cgroup = (uint64_t)r->cgroup[into];
		pid_t pid = clone_by(r, s, &in);
		if (pid >= 0) {
			r->cloned_into = into;
			return pid;
		}
		/* A threaded or busy cgroup, a kernel before 5.7: op_attach says it better. */
	}
	pid_t pid = clone_by(r, s, &args);
	if (pid == -ENOSYS)
		pid = clone_old((uint32_t)(args.flags & ~(uint64_t)CLONE_PIDFD));
	return pid;
}

/* The kernel does not say which namespace there were too many of: a child that ends at once tries each alone. What
 * takes a user namespace's rights is tried within one. */
static int find_limit(struct run *r, uint32_t flags)
{
	uint32_t user = flags & CLONE_NEWUSER;

	for (size_t i = 0; i < NAMESPACES; i++) {
		uint32_t one = flags & namespace_defs[i].flag;

		if (!one || one == CLONE_NEWTIME)
			continue;
		pid_t pid = clone_old(one | user);
		if (pid == 0)
			_exit(0);
		if (pid == -ENOSPC)
			return limit_reached(r, one);
		while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	return flags & CLONE_NEWTIME ? limit_reached(r, CLONE_NEWTIME) : -ENOSPC;
}

int op_unshare(struct run *r, const struct step *s)
{
	if (unshare((int)s->join.flags) < 0)
		return errno == ENOSPC ? find_limit(r, s->join.flags) : -errno;
	/* So that an unprivileged host may write the map. */
	if (s->join.flags & CLONE_NEWUSER)
		prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	return 0;
}

static int make_sync(struct run *r)
{
	int pair[2];

	if (r->sync >= 0)
		return 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	r->sync = pair[0];
	r->peer = pair[1];
	return 0;
}

/* The host's side after a birth: only the child may hold its end of the socket and of the fifos, so that their
 * closing means that it is gone, or that it runs its program. */
static void let_go(struct run *r)
{
	fd_close(&r->peer);
	fd_close(&r->fd[SLOT_GO]);
	fd_close(&r->fd[SLOT_ERR]);
	for (int i = 0; i < NAMESPACES; i++)
		fd_close(&r->ns[i]);
	run_drop_cgroups(r);
	run_drop_trees(r);
}

static int join_born(struct run *r, pid_t pid, int pidfd)
{
	let_go(r);
	r->join_pid = pid;
	r->join_pidfd = pidfd;
	return 0;
}

/* The join lane in our memory, while we stand still: vfork(2). Here a fork costs more than all that the lane does. Init has a
 * stack of its own, or, where the plan does not let it share, memory of its own, and returns. What the lane changes of r is put
 * back. */
static int go_ahead(struct run *r, const struct step *s)
{
	char ours[offsetof(struct run, bpf)];
	sigset_t all, before;

	memcpy(ours, r, sizeof ours);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid_t pid = vfork();
	if (pid == 0) {
		be_born(r, s);
		run_join_lane(r);
		return 0;
	}
	int num = errno;
	memcpy(r, ours, sizeof ours);
	r->deathsig = false;
	r->err = (struct err){ 0 };
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (pid < 0)
		return -num;
	/* It has ended, and nobody has reaped it. */
	int pidfd = sys_pidfd_open(pid, 0);
	return pidfd < 0 ? pidfd : join_born(r, pid, pidfd);
}

/* setns(2) takes a process that shares its memory neither into a user namespace nor into one of time. */
static bool can_go_ahead(const struct plan *p)
{
	const uint32_t alone = CLONE_NEWUSER | CLONE_NEWTIME;

	return !((p->join_ns | p->new_ns) & alone);
}

int op_clone(struct run *r, const struct step *s)
{
	enum lane parent = r->lane;
	sigset_t all, before;
	int pidfd = -1;
	int rc = parent == LANE_HOST ? make_sync(r) : 0;

	if (rc < 0)
		return rc;
	if (parent == LANE_JOIN) {
		/* The join lane holds its socket end as sync; the child gets a copy of it. */
		r->peer = fcntl(r->sync, F_DUPFD_CLOEXEC, 3);
		if (r->peer < 0)
			return -errno;
		if (r->plan->new_ns & CLONE_NEWUSER)
			prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	}
	if (s->clone.lane == LANE_JOIN && can_go_ahead(r->plan))
		return go_ahead(r, s);
	/* Who may look into the child's memory would look into ours: not for a moment. */
	if (s->clone.shares)
		not_dumpable();
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid_t pid = clone_new(r, s, &pidfd);
	if (pid == 0) {
		be_born(r, s);
		if (r->lane == LANE_JOIN)
			run_join_lane(r);
		return 0;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (pid == -ENOMEM && (r->plan->join_ns & CLONE_NEWPID))
		return run_fail(r, ESRCH,
		                "the first process of the joined pid namespace has ended");
	if (pid == -ENOSYS)
		return run_fail(r, ENOSYS, "a new time namespace needs clone3(2), Linux 5.6");
	if (pid < 0)
		return pid == -ENOSPC ? find_limit(r, s->clone.flags) : (int)pid;
	if (parent == LANE_JOIN) {
		r->board->init = pid;
		return 0;
	}
	if (s->clone.lane == LANE_JOIN)
		return join_born(r, pid, pidfd);
	let_go(r);
	r->pid = pid;
	r->pidfd = pidfd >= 0 ? pidfd : sys_pidfd_open(pid, 0);
	return r->pidfd < 0 ? r->pidfd : 0;
}

/* The join lane wrote init's pid on the board; it counts only if that process is our own child. */
int op_adopt(struct run *r, const struct step *s)
{
	pid_t pid = r->board->init;
	siginfo_t si;

	(void)s;
	autofd pidfd = sys_pidfd_open(pid, 0);

	if (pidfd < 0 || waitid(P_PID, (id_t)pid, &si, WEXITED | WNOHANG | WNOWAIT | __WALL) < 0)
		return run_fail(r, ESRCH, "init was gone as soon as it was born");
	r->pid = pid;
	r->pidfd = fd_take(&pidfd);
	while (waitpid(r->join_pid, NULL, 0) < 0 && errno == EINTR)
		;
	r->join_pid = 0;
	fd_close(&r->join_pidfd);
	return 0;
}
