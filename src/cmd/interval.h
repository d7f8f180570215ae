/* interval: what the commands that print again and again share: --interval, the clock, the wait. */
#pragma once
#include "base/err.h"
#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S  (1000 * NS_PER_MS)

/* Reads the value of --interval (human_duration()), which is above 0. 0, or -1 with an ERR_USAGE. */
int interval_flag(const char *text, uint64_t *ns, struct err *e);
/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t interval_now(void);
/* poll(2) until that time; a signal may end it sooner. p[0] is the program's stdout: when nobody reads that any more it
 * is an error. 0, or -1 with e. */
int interval_wait(struct pollfd *p, size_t n, uint64_t until, struct err *e);
