/* faults: what the tests of a build with --enable-faults have go wrong. */
#pragma once
#include "apply/run.h"

/* Reads NSRUN_FAIL_AT, NSRUN_KILL_AT, NSRUN_KILL_INIT_AT (1 + step) from the environment. Nothing in other builds. */
void faults_read(struct run *r);
