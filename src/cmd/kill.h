/* kill: signals to a container's init, never to a process that has its pid by now. */
#pragma once
#include "base/err.h"
#include "store/record.h"

/* 0, or -1 with e ("container not running" when init is gone). */
int kill_init(const struct record *r, int proc, int sig, struct err *e);
/* SIGKILL and wait until it is gone, at most some seconds. 0 also when there was none; -1 with e. */
int kill_init_and_wait(const struct record *r, int proc, struct err *e);
