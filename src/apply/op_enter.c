/* op_enter: what only exec does: where the process runs, and the root of the container that it is in by now. */
#include "apply/ops.h"
#include "base/fd.h"
#include "base/procfs.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

int op_affinity(struct run *r, const struct step *s)
{
	unsigned long all[AFFINITY_CPUS / 8 / sizeof(unsigned long)];
	const unsigned long *mask = s->affinity.mask;
	size_t size = s->affinity.bits / 8;

	if (!mask) {
		memset(all, -1, sizeof all);
		mask = all;
		size = sizeof all;
	}
	if (sched_setaffinity(0, size, (const cpu_set_t *)mask) == 0)
		return 0;
	if (errno == EINVAL && s->affinity.mask)
		return run_fail(r, EINVAL, "none of the cpus %s may be used here",
		                s->affinity.cpus);
	return -errno;
}

/* The root of a container in the host's mount namespace. */
static int enter_root(struct run *r)
{
	autofd fd = procfs_open_root(r->fd[SLOT_PROC], r->target);
	int rc = of_target(r, &fd);

	if (rc < 0)
		return rc;
	if (fd < 0)
		return run_sys(r, -fd, "open the root of the container's init");
	return fchdir(fd) < 0 || chroot(".") < 0 ? -errno : 0;
}

int op_root(struct run *r, const struct step *s)
{
	int rc = s->root.target ? enter_root(r) : 0;

	if (rc < 0)
		return rc;
	/* setns(2) has put us there, and there is no name of more than one component to be led astray by. */
	int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	r->fd[SLOT_ROOTFS] = fd;
	return 0;
}
