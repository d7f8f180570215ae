/* op_join: the namespaces that a process joins (setns(2), namespaces(7)). */
#include "apply/ops.h"
#include "base/engine_texts.h"
#include "base/fd.h"
#include "base/procfs.h"
#include "base/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

static size_t ns_index(uint32_t flag)
{
	return (size_t)(namespace_by_flag(flag) - namespace_defs);
}

int of_target(struct run *r, int *fd)
{
	if (*fd != -ENOENT && (*fd < 0 || sys_pidfd_send_signal(r->fd[SLOT_TARGET], 0) != -ESRCH))
		return 0;
	fd_close(fd);
	return run_fail(r, ESRCH, TEXT_EXEC_STOPPED ": its init has ended");
}

/* A namespace of the container that exec enters, by its init. */
static int open_target_ns(struct run *r, const struct namespace_def *def)
{
	int fd = procfs_open_ns(r->fd[SLOT_PROC], r->target, def->file);

	int rc = of_target(r, &fd);

	if (rc < 0)
		return rc;
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
