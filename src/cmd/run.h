/* run: a container in the foreground, from its start to its removal; for run and restore. */
#pragma once
#include "apply/attend.h"
#include "cmd/create.h"

/* The container runs: stays with it until it ends, then removes it unless it stays. console: where its terminal comes from,
 * or -1. Its exit status, or -1 with e. */
int run_attend(struct container *c, struct attend *at, int console, bool stays, struct err *e);
