/* attend: `run` in the foreground. Signals, the terminal and the wait for init; a loop, not a plan. */
#pragma once
#include "base/err.h"
#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct attend {
	int signals;     /* signalfd(2) */
	sigset_t before; /* our mask before attend_begin() */
	int also;        /* one more descriptor to wait for, or -1; borrowed */
	/* Called when something has come there. True: it was the last thing that is waited for. */
	bool (*on_also)(int fd);
};

/* Before init is made: signals wait in a descriptor from here on, so that none is lost or ends us. With subreaper
 * orphans of the container come to us. 0, or -1 with e. */
int attend_begin(struct attend *at, bool subreaper, struct err *e);

/* Passes signals on to init (pidfd, pid), copies between our stdin, stdout and its terminal when there is one
 * (master, else -1), and returns when init has ended: its exit status, or 128 + the signal that ended it. -1 with e.
 * The terminal is raw meanwhile, and as before when it returns. */
int attend_wait(struct attend *at, int pidfd, pid_t pid, int master, struct err *e);

void attend_end(struct attend *at);
