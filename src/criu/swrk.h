/* swrk: a `criu swrk`, which serves one request over a socket. */
#pragma once
#include "base/err.h"
#include "criu/rpc.h"
#include <sys/types.h>

struct swrk {
	const struct criu_request *rq;
	int sock;
	/* Asks nsrun about an event: does it go on? fd: what came with it, or -1. */
	bool (*ask)(const struct rpc_answer *event, int fd);
	struct err *e;
};

/* Starts it, and asks its version. 0, or -1 with s->e. */
int swrk_start(struct swrk *s);
/* The request, to its end. *pid: what was restored. 0, or -1 with s->e. */
int swrk_serve(struct swrk *s, int *pid);
