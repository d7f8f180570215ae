/* criu_mounts: see criu_mounts.h. The work is done by a child in the container's mount namespace, where the kernel wants
 * who changes its mounts to be. */
#include "apply/criu_mounts.h"
#include "apply/mnt.h"
#include "base/fd.h"
#include "base/path.h"
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define DENIALS (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOSYMFOLLOW)

bool criu_foreign(const struct plan *p, const struct step *s)
{
	if (s->kind != STEP_MOUNT || s->mount.how & MOUNT_REMOUNT)
		return false;
	if (s->mount.how & MOUNT_BIND)
		return true;
	/* criu mounts cgroup2 itself on a host that has nothing else. */
	return strcmp(s->mount.fstype, "cgroup") == 0 ||
	       (strcmp(s->mount.fstype, "cgroup2") == 0 && p->host->cgroup_host != CGROUP_HOST_V2);
}

/* What a step denies, and where; NULL: nothing. */
static const char *denial(const struct plan *p, const struct step *s, struct mnt_want *w)
{
	*w = (struct mnt_want){ 0 };
	if (s->kind == STEP_COVER) {
		w->set = MOUNT_ATTR_RDONLY;
		if (s->cover.how == COVER_MASK)
			w->set |= MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
		return s->cover.path;
	}
	if (s->kind == STEP_ATTR) {
		w->set = s->attr.set;
		return s->attr.target;
	}
	if (!criu_foreign(p, s))
		return NULL;
	w->set = mnt_attrs(s->mount.flags & DENIALS);
	w->rec_set = s->mount.rec_set;
	return w->set || w->rec_set ? s->mount.target : NULL;
}

/* In the container's mount namespace: what is no mount any more has nothing to deny. */
static int deny_all(const struct run *r)
{
	const struct step *s;
	autofd root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return -errno;
	for (uint32_t n = 0; (s = plan_at(r->plan, n, NULL)); n++) {
		struct mnt_want w;
		const char *path = denial(r->plan, s, &w);
		autofd fd = path ? path_open(root, path, PATH_DEFAULT) : -1;
		int rc = fd >= 0 ? mnt_change(r->fd[SLOT_PROC], fd, &w) : 0;

		if (rc < 0 && rc != -EINVAL)
			return rc;
	}
	return 0;
}

/* The host's own mounts are not to be touched, whatever criu has restored. */
static int enter(const struct run *r)
{
	struct stat ours, theirs;

	if (fstatat(r->fd[SLOT_PROC], "self/ns/mnt", &ours, 0) < 0 ||
	    setns(r->pidfd, CLONE_NEWNS) < 0 ||
	    fstatat(r->fd[SLOT_PROC], "self/ns/mnt", &theirs, 0) < 0)
		return -errno;
	return ours.st_ino == theirs.st_ino ? -EXDEV : 0;
}

int criu_deny(struct run *r)
{
	int status = 0;

	pid_t pid = fork();
	if (pid == 0) {
		int rc = enter(r);

		_exit(-(rc < 0 ? rc : deny_all(r)) & 0xff);
	}
	if (pid < 0)
		return run_sys(r, errno, "fork");
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return run_sys(r, WIFEXITED(status) ? WEXITSTATUS(status) : EIO,
	               "make the restored mounts read-only again");
}
