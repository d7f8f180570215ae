/* systemd: asks systemd for a unit, by way of the helper program nsrun-systemd. Host lane only.
 * nsrun is a static program and cannot load libsystemd; the helper (src/systemd/) does, and ends with the answer. */
#pragma once
#include "base/err.h"
#include "plan/step.h"

#define SYSTEMD_TIMEOUT 30000 /* ms: what a manager that is busy may take */

struct systemd_call {
	/* "start": makes the unit and waits until it is active; "stop": until it is gone, which it may be already;
	 * "set": properties of one that is active, until the next boot; "ping": is it there? */
	const char *verb;
	const struct scope *scope; /* stop: unit and user; set: those and properties */
	pid_t pid;                 /* start: the scope's first process */
	unsigned timeout_ms;       /* 0: SYSTEMD_TIMEOUT */
};

/* 0, or -1 with e: also when systemd, its bus or the helper itself does not answer in time. */
int systemd_call(const struct systemd_call *q, struct err *e);
