/* op_delegate: a v2 cgroup becomes its container's user's (config-linux.md#cgroup-ownership). */
#include "apply/ops.h"
#include "base/fd.h"
#include "base/io.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Kernels before 4.16 do not say which files may be given away. */
#define DELEGATED "cgroup.procs\ncgroup.subtree_control\ncgroup.threads\n"

/* The group stays. A file that the list has may belong to a controller that this cgroup has not. */
static int give(int cgroup, const char *name, uid_t uid, int flags)
{
	return fchownat(cgroup, name, uid, (gid_t)-1, flags) < 0 && errno != ENOENT ? -errno : 0;
}

static int give_files(struct run *r, int cgroup, uid_t uid)
{
	char list[1024];
	int rc = 0;

	if (io_read_small(AT_FDCWD, "/sys/kernel/cgroup/delegate", list, sizeof list) < 0)
		snprintf(list, sizeof list, DELEGATED);
	for (char *name = list, *next; rc == 0 && *name; name = next) {
		next = name + strcspn(name, "\n");
		if (*next)
			*next++ = '\0';
		rc = give(cgroup, name, uid, AT_SYMLINK_NOFOLLOW);
		if (rc < 0)
			run_sys(r, -rc, "give %s to uid %u", name, (unsigned)uid);
	}
	return rc;
}

int op_delegate(struct run *r, const struct step *s)
{
	int cgroup = r->cgroup[s->delegate.index];
	int rc;

	if (cgroup < 0)
		return 0;
	rc = give_files(r, cgroup, s->delegate.uid);
	if (rc == 0)
		rc = give(cgroup, "", s->delegate.uid, AT_EMPTY_PATH);
	return rc == -EPERM && s->lenient == SKIP_EPERM ? 0 : rc;
}
