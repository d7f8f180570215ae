/* criu: has criu dump or restore a container, by way of the helper program nsrun-criu. Host lane only. */
#pragma once
#include "apply/criu_wire.h"
#include "base/err.h"
#include "libocispec-lite/arena.h"
#include <sys/types.h>

#define CRIU_FDS 16 /* at most */

struct criu_call {
	/* timeout and start_timeout are filled in; for_ever: timeout is none. */
	struct criu_request *request;
	bool for_ever;
	/* The helper has them as CRIU_FD, CRIU_FD + 1, ...; borrowed. The request's "images" and "work" are of these. */
	int fds[CRIU_FDS];
	size_t n_fds;
	const char *log; /* the path of criu's log, for hints */
	/* criu has got to an event and waits. fd: what came with it, or -1; borrowed. 0, or -1 with e to make criu fail. */
	int (*event)(void *ctx, const char *name, pid_t pid, int fd, struct err *e);
	void *ctx;
};

/* The absolute path of criu, found on the host's PATH before anything else is done. In a; NULL with e. */
const char *criu_find(struct arena *a, struct err *e);
/* 0 and *pid (may be NULL) what was restored, or -1 with e: also when criu or the helper does not answer in time; both
 * are then killed. */
int criu_call(const struct criu_call *q, pid_t *pid, struct err *e);
