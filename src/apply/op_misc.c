/* op_misc: the steps that are little more than one call each. */
#include "apply/ops.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/sys.h"
#include "base/unsafe.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

int op_publish(struct run *r, const struct step *s)
{
	return r->publish(r, s->publish.pid_file);
}

int op_session(struct run *r, const struct step *s)
{
	(void)r;
	(void)s;
	/* EPERM: we lead one already. */
	return !unsafe("session") && setsid() < 0 && errno != EPERM ? -errno : 0;
}

int op_keyring(struct run *r, const struct step *s)
{
	(void)r;
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, s->hostname.name, 0, 0, 0) >= 0)
		return 0;
	/* A kernel without keys, one that keeps them from containers, an ordinary user's quota (keyrings(7)). */
	return errno == ENOSYS || errno == EPERM || errno == EDQUOT ? 0 : -errno;
}

int op_hostname(struct run *r, const struct step *s)
{
	(void)r;
	return sethostname(s->hostname.name, strlen(s->hostname.name)) < 0 ? -errno : 0;
}

int op_domainname(struct run *r, const struct step *s)
{
	(void)r;
	return setdomainname(s->hostname.name, strlen(s->hostname.name)) < 0 ? -errno : 0;
}

int op_umask(struct run *r, const struct step *s)
{
	(void)r;
	umask(s->umask.mask);
	return 0;
}

/* By descriptor while there is one of the root; behind FDS by name, when "/" is the container's. */
static int enter(struct run *r, const char *path)
{
	if (r->fd[SLOT_ROOTFS] < 0)
		return chdir(path) < 0 ? -errno : 0;
	autofd fd = path_open(r->fd[SLOT_ROOTFS], path, PATH_DEFAULT);
	if (fd < 0)
		return fd;
	return fchdir(fd) < 0 ? -errno : 0;
}

static int make(struct run *r, const char *path)
{
	autofd fd = path_make_dir(r->fd[SLOT_ROOTFS], path, PATH_DEFAULT);

	return fd < 0 ? fd : 0;
}

int op_chdir(struct run *r, const struct step *s)
{
	char cwd[PATH_MAX];

	if (r->in_cwd)
		return 0;
	int rc = s->chdir.create ? make(r, s->chdir.path) : enter(r, s->chdir.path);
	if (s->lenient == SKIP_EPERM && (rc == -EACCES || rc == -EPERM || rc == -EROFS))
		return 0;
	if (rc < 0)
		return run_sys(r, -rc, "cwd \"%s\"", s->chdir.path);
	if (s->chdir.create)
		return 0;
	/* A directory that getcwd(2) cannot reach from the root is one of the host (CVE-2024-21626). */
	if (syscall(SYS_getcwd, cwd, sizeof cwd) < 0)
		return run_sys(r, errno, "getcwd in \"%s\"", s->chdir.path);
	if (cwd[0] != '/' && !unsafe("cwd"))
		return run_fail(r, EXDEV, "cwd \"%s\" is outside of the container's root",
		                s->chdir.path);
	r->in_cwd = true;
	return 0;
}

/* Moves *fd, or nothing, to the given number. */
static int move_to(int *fd, int number)
{
	if (*fd < 0)
		return sys_close_range((unsigned)number, (unsigned)number, 0);
	if (dup3(*fd, number, O_CLOEXEC) < 0)
		return -errno;
	fd_close(fd);
	*fd = number;
	return 0;
}

/* Out of the way of the numbers that ours will have in the end. */
static int move_up(int *fd, int above)
{
	if (*fd < 0)
		return 0;
	int up = fcntl(*fd, F_DUPFD_CLOEXEC, above);
	if (up < 0)
		return -errno;
	fd_close(fd);
	*fd = up;
	return 0;
}

static int keep_preserved(struct run *r, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		int fd = 3 + (int)i, flags = fcntl(fd, F_GETFD);

		if (flags < 0 || fcntl(fd, F_SETFD, flags & ~FD_CLOEXEC) < 0)
			return run_fail(r, EBADF, "descriptor %d of --preserve-fds is not open",
			                fd);
	}
	return 0;
}

/* What stays: stdio, the preserved descriptors, and right above them the three that init needs until exec. They are
 * close-on-exec; everything else is closed now, before a filter can keep us from it. */
int op_fds(struct run *r, const struct step *s)
{
	int first = 3 + (int)s->fds.preserve, rc = keep_preserved(r, s->fds.preserve);
	/* The kernel lets go of them in the opposite order: go before err, so that who sees err closed sees the program. */
	int *ours[] = { &r->sync, &r->fd[SLOT_ERR], &r->fd[SLOT_GO] };
	const int n = sizeof ours / sizeof *ours;

	for (int i = 0; rc == 0 && i < n; i++)
		rc = move_up(ours[i], first + n);
	for (int i = 0; rc == 0 && i < n; i++)
		rc = move_to(ours[i], first + i);
	if (rc < 0)
		return rc;
	for (int i = 0; i < SLOT__N; i++)
		if (i != SLOT_GO && i != SLOT_ERR)
			r->fd[i] = -1;
	memset(r->cgroup, -1, sizeof r->cgroup);
	memset(r->ns, -1, sizeof r->ns);
	r->peer = r->pidfd = -1;
	return unsafe("fds") ? 0 : sys_close_range((unsigned)(first + n), ~0u, 0);
}
