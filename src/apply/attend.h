/* attend: `run` and `exec` in the foreground. Signals, the terminal and the wait for the process; a loop, not a plan. */
#pragma once
#include "base/err.h"
#include <signal.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/types.h>

struct attend {
	int signals;     /* signalfd(2) */
	sigset_t before; /* our mask before attend_begin() */
	/* then: by nohup(1), or by a shell without job control for its background jobs */
	sigset_t ignored;
	int also; /* one more descriptor to wait for where there is on_also; borrowed */
	/* Called when something has come there. True: it was the last thing that is waited for. NULL: nothing is. */
	bool (*on_also)(int fd);
};

/* Before the process is made: signals wait in a descriptor from here on, so that none is lost or ends us. With
 * subreaper orphans of the container come to us. 0, or -1 with e. */
int attend_begin(struct attend *at, bool subreaper, struct err *e);

/* The size of the first terminal among our stdin, stdout and stderr that has one, for the plan that makes the child's:
 * its program must find it from the first moment on. False when there is none. */
bool attend_size(struct winsize *size);

/* Passes signals on to our child (pidfd, pid), copies between our stdin, stdout and its terminal when there is one
 * (master, else -1; taken), and returns when the child has ended and everything it wrote has arrived: its exit status,
 * or 128 + the signal that ended it. -1 with e, also when stdout could not be written to (EPIPE and EIO are no error).
 *
 * A stdin that is a terminal is raw while we are in its foreground, and as before when this returns; when it hangs up,
 * or nobody takes our output any more, the child's terminal hangs up. Any other stdin that ends types the terminal's
 * end-of-file character. */
int attend_wait(struct attend *at, int pidfd, pid_t pid, int master, struct err *e);

/* Signals that came too late for the child are dropped: our exit status is the child's. Nothing without a begin. */
void attend_end(struct attend *at);
