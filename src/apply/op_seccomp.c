/* op_seccomp: init loads the filter that the host's side has compiled. From there on init runs under it. */
#include "apply/ops.h"
#include "base/fd.h"
#include "base/sys.h"
#include <errno.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

int op_seccomp(struct run *r, const struct step *s)
{
	unsigned flags = s->seccomp.flags;

	if (s->seccomp.dumpable)
		prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	int rc = sys_seccomp(SECCOMP_SET_MODE_FILTER, flags, &r->bpf);
	/* Some architectures and old kernels do not know SPEC_ALLOW; it only makes things faster. */
	if (rc == -EINVAL && (flags & SECCOMP_FILTER_FLAG_SPEC_ALLOW))
		rc = sys_seccomp(SECCOMP_SET_MODE_FILTER,
		                 flags & ~(unsigned)SECCOMP_FILTER_FLAG_SPEC_ALLOW, &r->bpf);
	if (rc < 0)
		return rc;
	r->filtered = true;
	if (flags & SECCOMP_FILTER_FLAG_NEW_LISTENER)
		r->board->listener = rc;
	return 0;
}

/* As long as we hold the listener, a call that asks an agent who has died would wait for an answer from us. Where the
 * filter refuses close(2), exec closes it. */
int op_unlisten(struct run *r, const struct step *s)
{
	(void)s;
	fd_close(&r->board->listener);
	return 0;
}
