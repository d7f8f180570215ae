/* hooks: those that are not steps of a plan: poststart and poststop, run from the config that was saved at create. */
#pragma once
#include "base/err.h"
#include "plan/step.h"
#include "store/record.h"

/* What follows the pid in the state that hooks get on stdin: ',"bundle":"/b",...}'. In a. */
const char *hooks_state_tail(const struct record *r, struct arena *a);

/* Runs the poststart or poststop hooks of the container in dir, in order. The first that fails ends it, unless
 * keep_going: then it becomes a warning (runtime.md#lifecycle 9, 13). proc: procfs_open(). 0, or -1 with e. */
int hooks_run(const struct record *r, int dir, int proc, enum hook_type type, enum status status,
              bool keep_going, struct err *e);
