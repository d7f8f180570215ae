/* live: see live.h. */
#include "apply/live.h"
#include "apply/hint.h"
#include "apply/mnt.h"
#include "apply/ops.h"
#include "apply/transaction.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "base/sys.h"
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* How a step looks for its target. */
static enum path_how how_of(const struct step *s)
{
	return s->mount.how & MOUNT_DEST_NOFOLLOW ? PATH_NO_FOLLOW : PATH_DEFAULT;
}

/* The id of the mount that fd is the root of, 0 when it is none. */
static uint64_t mount_at(int fd)
{
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st) < 0 ||
	    !(st.stx_attributes & STATX_ATTR_MOUNT_ROOT))
		return 0;
	return st.stx_mnt_id;
}

/* Opens the directory that the mount at path hangs in, and writes its name there. A descriptor of the mount itself would
 * keep it busy. */
static int find_parent(struct run *r, const char *path, enum path_how how, char *name, size_t n)
{
	char link[32], real[PATH_MAX];
	const char *last;

	autofd fd = path_open(r->fd[SLOT_ROOTFS], path, how);
	if (fd < 0)
		return fd;
	uint64_t id = mount_at(fd);
	if (!id)
		return -EINVAL;
	/* Symbolic links have been followed; this is what the kernel calls it. */
	snprintf(link, sizeof link, "self/fd/%d", fd);
	ssize_t len = readlinkat(r->fd[SLOT_PROC], link, real, sizeof real - 1);
	if (len < 0)
		return -errno;
	real[len] = '\0';
	autofd parent = path_parent(r->fd[SLOT_ROOTFS], real, &last);
	if (parent < 0)
		return parent;
	autofd again = openat(parent, last, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (again < 0 || mount_at(again) != id)
		return -EAGAIN;
	if ((size_t)snprintf(name, n, "%s", last) >= n)
		return -ENAMETOOLONG;
	return fd_take(&parent);
}

static int take_off(struct run *r, const char *path, enum path_how how, int flags)
{
	char name[256];
	autofd parent = find_parent(r, path, how, name, sizeof name);

	if (parent < 0)
		return parent;
	if (fchdir(parent) < 0)
		return -errno;
	int rc = umount2(name, flags | UMOUNT_NOFOLLOW) < 0 ? -errno : 0;
	return chdir("/") < 0 ? -errno : rc;
}

/* Completes e for a step of the plan. */
static int step_failed(const struct run *r, const struct step *s, int num, struct err *e)
{
	const char *hint = hint_for(s, num, r->plan);
	char label[160], why[sizeof e->where];

	step_label(s, r->plan->cgroups, label, sizeof label);
	if (r->err.kind == ERR_NONE)
		err_sys(e, ERR_STEP, num, "%s", label);
	else
		err_set(e, ERR_STEP, "%.70s: %.240s", label, r->err.what);
	e->num = num;
	plan_why(r->plan, s, why, sizeof why);
	err_where(e, "%s", why);
	return hint ? err_hint(e, "%s", hint) : -1;
}

/* A mount in the place of another is one more there; where it is none, another has moved what it was put on. */
static int add_one(struct run *r, const struct step *s, uint64_t *id)
{
	/* What has no source of the host's with it must not be looked for in the container. */
	if (s->mount.how & MOUNT_BIND && (!s->mount.tree || r->tree[s->mount.tree - 1] < 0))
		return -EINVAL;
	int rc = op_mount(r, s);
	if (rc < 0)
		return rc;
	autofd fd = path_open(r->fd[SLOT_ROOTFS], s->mount.target, how_of(s));
	*id = fd < 0 ? 0 : mount_at(fd);
	return 0;
}

static void take_back(struct run *r, const struct step *s, uint64_t id)
{
	autofd fd = path_open(r->fd[SLOT_ROOTFS], s->mount.target, how_of(s));

	if (fd < 0 || !id || mount_at(fd) != id)
		return;
	fd_close(&fd);
	take_off(r, s->mount.target, how_of(s), MNT_DETACH);
}

static int add_all(struct run *r, struct err *e)
{
	static uint64_t ids[PLAN_STEPS];
	const struct step *s;
	uint32_t n = 0;

	for (; (s = plan_at(r->plan, n, NULL)); n++) {
		int rc = s->kind == STEP_MOUNT ? add_one(r, s, &ids[n]) : 0;

		if (rc == 0)
			continue;
		step_failed(r, s, -rc, e);
		while (n-- > 0)
			if ((s = plan_at(r->plan, n, NULL))->kind == STEP_MOUNT)
				take_back(r, s, ids[n]);
		return -1;
	}
	return 0;
}

static int remove_failed(const char *path, size_t i, int num, struct err *e)
{
	err_where(e, "/%zu/destination", i);
	if (num == EINVAL) {
		err_set(e, ERR_STATE, "nothing is mounted on %s", path);
		return err_hint(e, "name the destination of a mount of the container");
	}
	err_sys(e, ERR_STATE, num, "unmount %s", path);
	return num == EBUSY ? err_hint(e, "end what uses it, or what is mounted below it, first")
	                    : -1;
}

/* The last one first: it may lie in one before it. A copy of each is kept, to be put back. */
static int remove_all(const struct live *l, struct err *e)
{
	static int copies[PLAN_STEPS];
	struct run *r = l->run;
	const struct mnt_want as_it_was = { 0 };
	size_t i = l->n_gone;
	int rc = 0;

	while (rc == 0 && i-- > 0) {
		autofd fd = path_open(r->fd[SLOT_ROOTFS], l->gone[i], PATH_DEFAULT);

		copies[i] = fd < 0 ? fd : mount_at(fd) ? mnt_copy(fd, true) : -EINVAL;
		fd_close(&fd);
		rc = copies[i] < 0 ? copies[i] : take_off(r, l->gone[i], PATH_DEFAULT, 0);
	}
	if (rc == 0)
		return 0;
	remove_failed(l->gone[i], i, -rc, e);
	while (++i < l->n_gone) {
		autofd fd = path_open(r->fd[SLOT_ROOTFS], l->gone[i], PATH_DEFAULT);

		if (fd >= 0)
			mnt_put(r->fd[SLOT_PROC], copies[i], fd, &as_it_was);
	}
	return -1;
}

static int work(struct live *l, struct err *e)
{
	struct run *r = l->run;

	r->fd[SLOT_ROOTFS] = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (r->fd[SLOT_ROOTFS] < 0)
		return err_sys(e, ERR_HOST, errno, "open the root of the container");
	umask(0022);
	return l->gone ? remove_all(l, e) : add_all(r, e);
}

/* The lowest of the descriptors that the work needs, from next on; -1 when there is none. */
static int lowest_needed(const struct run *r, int next)
{
	int low = r->fd[SLOT_PROC] >= next ? r->fd[SLOT_PROC] : -1;

	for (int i = 0; i < TREES; i++)
		if (r->tree[i] >= next && (low < 0 || r->tree[i] < low))
			low = r->tree[i];
	return low;
}

/* Who has CAP_SYS_PTRACE in the container could take ours from there: no directory of the host is among them (security.md
 * R6). The process that waits for us holds the lock. */
static int drop_others(const struct run *r)
{
	int next = STDERR_FILENO + 1, low, rc = 0;

	while (rc == 0 && (low = lowest_needed(r, next)) >= 0) {
		if (low > next)
			rc = sys_close_range((unsigned)next, (unsigned)low - 1, 0);
		next = low + 1;
	}
	return rc < 0 ? rc : sys_close_range((unsigned)next, ~0u, 0);
}

/* A procfs shows the pid namespace of who mounts it, and only children are in the one that was joined. Who is in the
 * container's can be seen there: not dumpable, and of an executable that nobody can write to. */
static int work_as_child(struct live *l, struct err *e)
{
	struct err *told =
		mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = 0;

	if (told == MAP_FAILED)
		return err_sys(e, ERR_HOST, errno, "map memory to share");
	pid_t pid = fork();
	if (pid == 0) {
		int rc = drop_others(l->run);

		if (rc < 0)
			err_sys(told, ERR_HOST, -rc, "close what the container must not see");
		else
			work(l, told);
		_exit(0);
	}
	if (pid < 0)
		return err_sys(e, ERR_HOST, errno, "make a process in the pid namespace");
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (told->kind == ERR_NONE && status != 0)
		return err_set(e, ERR_HOST, "the process that mounts was killed in the container");
	*e = *told;
	return e->kind == ERR_NONE ? 0 : -1;
}

static bool needs_pids(const struct plan *p)
{
	const struct step *s;

	for (uint32_t n = 0; p && (s = plan_at(p, n, NULL)); n++)
		if (s->kind == STEP_MOUNT && !(s->mount.how & MOUNT_BIND) && s->mount.fstype &&
		    STR_EQ(s->mount.fstype, "proc"))
			return true;
	return false;
}

static int enter(void *ctx, struct err *e)
{
	struct live *l = ctx;
	bool pids = needs_pids(l->run->plan);
	/* A sysfs belongs to a network namespace, a mqueue to an ipc namespace. */
	int flags = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | (pids ? CLONE_NEWPID : 0);

	not_dumpable();
	if (setns(l->pidfd, flags) < 0)
		return err_sys(e, ERR_HOST, errno, "enter the namespaces of the container");
	return pids ? work_as_child(l, e) : work(l, e);
}

int live_apply(struct live *l, struct err *e)
{
	struct run *r = l->run;
	const struct step *s;

	/* The host's paths mean the host's files only on this side. */
	for (uint32_t n = 0; !l->gone && (s = plan_at(r->plan, n, NULL)); n++) {
		int rc = s->kind == STEP_TREE ? op_tree(r, s) : 0;

		if (rc < 0)
			return step_failed(r, s, -rc, e);
	}
	return transaction_detach(enter, l, e) < 0 ? -1 : 0;
}
