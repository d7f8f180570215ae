/* start: the release of a created container, shared by start and run. */
#pragma once
#include "cmd/found.h"

/* Starts the container in dir, which is locked and has this status, and runs its poststart hooks. 0 when the program
 * runs, or -1 with e; the container is then stopped. */
int start_container(const struct record *r, int dir, int proc, enum status status, struct err *e);
