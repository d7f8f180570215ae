/* transaction: values written to the files of a container's cgroups, all of them or none. Host lane only. */
#pragma once
#include "base/err.h"
#include "libocispec-lite/arena.h"
#include "plan/plan.h"

/* One file. */
struct change {
	const struct step *step; /* why; NULL when only undoing */
	uint8_t index;           /* of its cgroup */
	const char *file, *text;
	const char *old; /* what makes it as it was, old_value.h; NULL: another change does */
};

struct transaction {
	const struct plan *plan; /* for errors; NULL when only undoing */
	const int *cgroup;       /* descriptors of the cgroups' directories, -1 when not there */
	struct change *change;
	size_t n;
	/* What has to agree with the files, as a systemd unit has: called before the first of them is written, with
	 * back before the first is undone. NULL: nothing. 0, or -1 with e. */
	int (*also)(void *ctx, const struct transaction *t, bool back, struct err *e);
	void *ctx;
};

/* Fills t->change, in a, from the WRITE steps of t->plan, with what every file holds now. 0, or -1 with e, nothing
 * having been written. */
int transaction_read(struct transaction *t, struct arena *a, struct err *e);
/* Writes all in their order, up to the first failure: 0, or -1 with e. */
int transaction_write(const struct transaction *t, struct err *e);
/* The old values again, from the last to the first, wherever a file differs. All are tried: 0, or -1 with the first
 * failure as e. A cgroup that is gone is none. */
int transaction_undo(const struct transaction *t, struct err *e);

/* Runs work in a process of its own session that no signal but SIGKILL reaches, and waits: whoever kills us, and with
 * us our process group, leaves it working. Descriptors, and with them locks, are shared. What work returns, its error
 * in e; -ESRCH, with e, when the process died. */
int transaction_detach(int (*work)(void *ctx, struct err *e), void *ctx, struct err *e);
