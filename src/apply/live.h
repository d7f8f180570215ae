/* live: mounts made or taken away in the mount namespace of a container that runs. A process of its own enters it
 * (setns(2) with a pidfd, Linux 5.8); it has its sources with it as detached mounts, and looks at no path but below the
 * root of that namespace (security.md R1, R2). */
#pragma once
#include "apply/run.h"

struct live {
	struct run *run; /* SLOT_PROC is there; add: its plan is plan_live()'s */
	int pidfd;       /* of init */
	/* remove: what is to go; NULL: add */
	const char *const *gone;
	size_t n_gone;
};

/* All of it, or nothing: a mount that fails takes back those before it. Waits for the process; who kills us leaves it
 * working. 0, or -1 with e; its place is a pointer of the plan's config ("/mounts/1"), or "/1" of gone. */
int live_apply(struct live *l, struct err *e);
