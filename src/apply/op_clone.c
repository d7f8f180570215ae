/* op_clone: births, and the namespaces that a process is born into, joins or makes (clone(2), setns(2), namespaces(7)). */
#include "apply/ops.h"
#include "base/engine_texts.h"
#include "base/fd.h"
#include "base/procfs.h"
#include "base/sys.h"
#include "base/unsafe.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static size_t ns_index(uint32_t flag)
{
	return (size_t)(namespace_by_flag(flag) - namespace_defs);
}

/* A namespace of the container that exec enters, by its init. It may be another process's by then: only the pidfd,
 * asked afterwards, knows that it is not. */
static int open_target_ns(struct run *r, const struct namespace_def *def)
{
	int fd = procfs_open_ns(r->fd[SLOT_PROC], r->target, def->file);

	if (fd == -ENOENT || (fd >= 0 && sys_pidfd_send_signal(r->fd[SLOT_TARGET], 0) == -ESRCH)) {
		fd_close(&fd);
		return run_fail(r, ESRCH, TEXT_EXEC_STOPPED ": its init has ended");
	}
	if (fd < 0)
		return run_sys(r, -fd, "open the %s namespace of the container", def->type);
	r->ns[ns_index(def->flag)] = fd;
	return 0;
}

int op_open_ns(struct run *r, const struct step *s)
{
	const struct namespace_def *def = namespace_by_flag(s->open_ns.flag);

	if (!s->open_ns.path)
		return open_target_ns(r, def);
	autofd fd = open(s->open_ns.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return run_sys(r, errno, "open %s", s->open_ns.path);
	int type = ioctl(fd, NS_GET_NSTYPE);
	if (type < 0)
		return run_fail(r, EINVAL, "%s is not a namespace", s->open_ns.path);
	if ((uint32_t)type != def->flag) {
		const struct namespace_def *is = namespace_by_flag((uint32_t)type);

		return run_fail(r, EINVAL, "%s is a namespace of type %s, not %s", s->open_ns.path,
		                is ? is->type : "another", def->type);
	}
	r->ns[ns_index(def->flag)] = fd_take(&fd);
	return 0;
}

/* setns(2) into one namespace of the set. The kernel refuses with EINVAL to enter one's own user namespace again: being
 * in it already is success. */
static int join_one(struct run *r, size_t i)
{
	uint32_t flag = namespace_defs[i].flag;

	if (setns(r->ns[i], (int)flag) < 0 && !(errno == EINVAL && flag == CLONE_NEWUSER))
		return -errno;
	fd_close(&r->ns[i]);
	return 0;
}

/* What the kernel's EINVAL means, and who may join: setns(2). */
static int explain_join(struct run *r, int num, size_t i)
{
	const struct namespace_def *def = &namespace_defs[i];

	if (num == EINVAL && def->flag == CLONE_NEWPID)
		return run_fail(r, num, "join the pid namespace: it is not below the one of nsrun");
	return run_sys(r, num, "join the %s namespace", def->type);
}

/* Behind a user namespace setgroups(2) may be denied, and our groups mean something on the host. */
static void drop_groups(const struct step *s)
{
	if (!s->join.keep_groups)
		(void)!setgroups(0, NULL);
}

/* All at once, setns(2) with a pidfd, Linux 5.8: the kernel checks each with the rights that it gives. Where that does
 * not go (an older kernel, a namespace of another owner), the files are opened for the long way. */
static int join_target(struct run *r, const struct step *s)
{
	int rc = 0;

	if (s->join.flags & CLONE_NEWUSER)
		drop_groups(s);
	if (setns(r->fd[SLOT_TARGET], (int)s->join.flags) == 0)
		return 1;
	if (errno == ESRCH)
		return run_fail(r, ESRCH, TEXT_EXEC_STOPPED ": its init has ended");
	for (size_t i = 0; i < NAMESPACES && rc == 0; i++)
		if (s->join.flags & namespace_defs[i].flag)
			rc = open_target_ns(r, &namespace_defs[i]);
	return rc;
}

/* The order cannot be known beforehand: a namespace may belong to our user namespace or to the one that is joined.
 * First all that can be joined as we are, then the user namespace, then the rest (user_namespaces(7)). */
static int join_each(struct run *r, const struct step *s)
{
	int rc = 0;

	for (int round = 0; round < 2; round++) {
		rc = 0;
		for (size_t i = 1; i < NAMESPACES; i++) {
			if (r->ns[i] < 0 || !(s->join.flags & namespace_defs[i].flag))
				continue;
			int one = join_one(r, i);
			if (one < 0)
				rc = round || r->ns[0] < 0 ? explain_join(r, -one, i) : one;
		}
		if (r->ns[0] < 0 || round)
			break;
		drop_groups(s);
		int user = join_one(r, 0);
		if (user < 0)
			return run_sys(r, -user, "join the user namespace");
	}
	return rc;
}

int not_dumpable(void)
{
	return unsafe("dumpable") ? 0 : prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int op_join(struct run *r, const struct step *s)
{
	int rc = 0;

	not_dumpable();
	for (uint32_t i = 0; i < r->plan->n_cgroups && rc == 0; i++)
		rc = cgroup_entry(r, i);
	if (rc == 0 && s->join.target && (rc = join_target(r, s)) > 0)
		return 0;
	return rc < 0 ? rc : join_each(r, s);
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
		pid_t pid = sys_clone3(&in);
		if (pid >= 0) {
			r->cloned_into = into;
			return pid;
		}
		/* A threaded or busy cgroup, a kernel before 5.7: op_attach says it better. */
	}
	pid_t pid = sys_clone3(&args);
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
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid_t pid = clone_new(r, s, &pidfd);
	if (pid == 0) {
		be_born(r, s);
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
	let_go(r);
	if (s->clone.lane == LANE_JOIN) {
		r->join_pid = pid;
		r->join_pidfd = pidfd;
		return 0;
	}
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
